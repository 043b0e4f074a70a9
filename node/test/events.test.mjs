import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { command, loggedIn, node, plain, until } from './support/index.mjs';

let sim;

before(() => (sim = new Simulator()));
after(() => sim.close());

async function subscribed(...names) {
  const conn = await connect(sim.target);
  await conn.subscribe(...names);
  return conn;
}

test('listeners get the events they listen to, in order', async () => {
  const conn = await subscribed('HEARTBEAT', 'RE_SCHEDULE', 'CUSTOM a::b');
  const seen = [];
  conn.on('event', (event) => seen.push(`event ${event.type}`));
  conn.on('HEARTBEAT', (event) => seen.push(`named ${event.get('n')}`));
  conn.on('CUSTOM a::b', (event) => seen.push(`custom ${event.subclass}`));
  conn.on('CUSTOM', () => seen.push('any custom'));
  sim.fire('HEARTBEAT', { n: 1 }).fire('CUSTOM a::b').fire('RE_SCHEDULE');
  await until(() => seen.includes('event RE_SCHEDULE'));
  assert.deepEqual(seen, [
    'named 1', 'event HEARTBEAT', 'any custom', 'custom a::b', 'event CUSTOM', 'event RE_SCHEDULE',
  ]);
  await conn.close();
});

test('events wait for their first listener', async () => {
  const conn = await subscribed('HEARTBEAT');
  for (let n = 0; n < 300; n += 1) sim.fire('HEARTBEAT', { n });
  await until(() => conn.stats().queued === 300);
  const seen = [];
  await new Promise((resolve) => conn.on('HEARTBEAT', (event) => seen.push(event.get('n')) === 300 && resolve()));
  assert.deepEqual(seen, Array.from({ length: 300 }, (_, n) => String(n)));
  await conn.close();
});

test('for await takes events in order, and stops at break', async () => {
  const conn = await subscribed('HEARTBEAT');
  const seen = [];
  for (let n = 0; n < 100; n += 1) sim.fire('HEARTBEAT', { n });
  for await (const event of conn) if (seen.push(event.get('n')) === 40) break;
  for await (const event of conn.events()) if (seen.push(event.get('n')) === 100) break;
  assert.deepEqual(seen, Array.from({ length: 100 }, (_, n) => String(n)));
  const abort = new AbortController();
  const waiting = assert.rejects(async () => { for await (const _ of conn.events({ signal: abort.signal })); }, { name: 'AbortError' });
  abort.abort();
  await waiting;
  sim.fire('HEARTBEAT', { n: 'last' });
  const rest = [];
  // The end comes when the event has: however long that takes.
  for await (const event of conn) {
    rest.push(event.get('n'));
    conn.close();
  }
  assert.deepEqual(rest, ['last']);
});

test('what was queued before the end is delivered before the end is reported', async () => {
  const peer = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.end(command('+OK') + plain('Event-Name: HEARTBEAT\nn: 1\n').repeat(500));
  });
  const conn = await connect(peer);
  const seen = [];
  conn.on('event', () => seen.push('event'));
  conn.on('disconnect', () => seen.push('end'));
  await conn.send('event plain all');
  await conn.closed;
  assert.equal(seen.length, 501);
  assert.equal(seen.at(-1), 'end');
  await peer.close();
});

test('a full queue drops by its rule and counts', async () => {
  for (const [overflow, kept] of [['drop-newest', ['0', '1', '2', '3']], ['drop-oldest', ['6', '7', '8', '9']]]) {
    const events = Array.from({ length: 10 }, (_, n) => plain(`Event-Name: HEARTBEAT\nn: ${n}\n`)).join('');
    const peer = await loggedIn(async (socket, commands) => {
      await commands.next();
      socket.write(`${events}${command('+OK')}`);
    });
    const conn = await connect({ ...peer, queue: { events: 4, overflow } });
    await conn.send('event plain all');
    const { droppedEvents, queued, received } = conn.stats();
    assert.deepEqual([droppedEvents, queued, received], [6, 4, 10]);
    const seen = [];
    conn.on('event', (event) => seen.push(event.get('n')));
    await until(() => seen.length === 4);
    assert.deepEqual(seen, kept);
    await conn.close();
    await peer.close();
  }
});

test('a program that does not keep up holds the server up, and loses nothing', async () => {
  const TOTAL = 5000;
  let waited = false;
  const peer = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK'));
    const text = plain(`Event-Name: HEARTBEAT\nx: ${'x'.repeat(20_000)}\n`);
    for (let n = 0; n < TOTAL; n += 1) {
      if (!socket.write(text)) {
        waited = true;
        await new Promise((resolve) => socket.once('drain', resolve));
      }
    }
  });
  const conn = await connect({ ...peer, queue: { bytes: 4 << 20 } });
  await conn.send('event plain all');
  await until(() => waited && conn.stats().queuedBytes > 1 << 20);
  assert.ok(conn.stats().queuedBytes < 4 << 20);
  let seen = 0;
  conn.on('event', () => (seen += 1));
  await until(() => seen === TOTAL);
  assert.equal(conn.stats().droppedEvents, 0);
  await conn.close();
  await peer.close();
});

test('replies come although reading events is paused', async () => {
  const peer = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK') + plain('Event-Name: HEARTBEAT\n').repeat(60));
    for await (const _ of commands) socket.write(command('+OK later'));
  });
  const conn = await connect({ ...peer, queue: { events: 100 } });
  await conn.send('event plain all');
  await until(() => conn.stats().queued === 60);
  for (let n = 0; n < 20; n += 1) assert.equal((await conn.send('noop')).text, '+OK later');
  await conn.close();
  await peer.close();
});

test('a list that the simulator fires is an array', async () => {
  const conn = await subscribed('CUSTOM a::list');
  const event = new Promise((resolve) => conn.once('CUSTOM a::list', resolve));
  sim.fire('CUSTOM a::list', { Members: ['1', '2'], One: ['x'] });
  assert.deepEqual([(await event).array('members'), (await event).get('members', 1)], [['1', '2'], '2']);
  await conn.close();
});

test('log lines are typed', async () => {
  const conn = await connect(sim.target);
  await conn.log('DEBUG');
  const line = new Promise((resolve) => conn.once('log', resolve));
  sim.log('WARNING', 'something odd');
  const { level, levelName, text } = await line;
  assert.deepEqual([level, levelName], [4, 'WARNING']);
  assert.match(text, /something odd\s*$/);
  await conn.close();
});

test('the three formats give equal events', async () => {
  const texts = [];
  for (const format of ['plain', 'json', 'xml']) {
    const conn = await connect(sim.target);
    await conn.subscribe('CUSTOM x::y', { format });
    const event = new Promise((resolve) => conn.once('CUSTOM x::y', resolve));
    sim.fire('CUSTOM x::y', { Umlaut: 'äöü €', Percent: '100%41', _body: 'line 1\nline 2' });
    const got = await event;
    texts.push([got.get('umlaut'), got.get('PERCENT'), got.body]);
    await conn.close();
  }
  assert.deepEqual(texts[1], ['äöü €', '100%41', 'line 1\nline 2']);
  assert.deepEqual(texts[0][0], texts[1][0]);
  assert.deepEqual(texts[2][0], texts[1][0]);
});

test('a listener that throws ends nothing but itself', async () => {
  const { stdout } = await node(['--input-type=module', '-e', `
    import { connect } from ${JSON.stringify(new URL('../index.mjs', import.meta.url).href)};
    process.on('uncaughtException', (error) => console.log(error.message));
    const conn = await connect(${JSON.stringify(sim.target)});
    await conn.subscribe('HEARTBEAT');
    conn.on('HEARTBEAT', (event) => {
      console.log(event.get('n'));
      if (event.get('n') === '2') return conn.close();
      throw new Error('bug');
    });
    await conn.sendEvent(new (await import(${JSON.stringify(new URL('../index.mjs', import.meta.url).href)})).Event('HEARTBEAT').add('n', '1'));
    await conn.sendEvent(new (await import(${JSON.stringify(new URL('../index.mjs', import.meta.url).href)})).Event('HEARTBEAT').add('n', '2'));
  `]);
  assert.deepEqual(stdout.trim().split('\n').sort(), ['1', '2', 'bug']);
});
