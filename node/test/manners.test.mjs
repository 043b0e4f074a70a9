// What JavaScript expects of objects, arguments and consoles.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { after, before, test } from 'node:test';
import { ESLevent, Event, connect, createServer } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { api, command, loggedIn } from './support/index.mjs';

let sim;
let conn;

before(async () => {
  sim = new Simulator();
  conn = await connect(sim.target);
});
after(async () => {
  await conn.close();
  sim.close();
});

test('an event is built from headers, and survives a copy as JSON', () => {
  const event = new Event('CUSTOM', 'a::b', { A: 1, List: ['1', '2'], None: undefined, _body: 'text' });
  assert.deepEqual(event.toJSON(), {
    'Event-Name': 'CUSTOM', 'Event-Subclass': 'a::b', A: '1', List: ['1', '2'], 'Content-Length': '4', _body: 'text',
  });
  assert.deepEqual(Event.from(structuredClone(event.toJSON())).toJSON(), event.toJSON());
  assert.ok(Event.from(event).equals(event));
  assert.equal(new Event('MESSAGE', { A: 'b' }).get('a'), 'b');
  assert.equal(new Event('MESSAGE', null, new Map([['A', 'b']])).get('a'), 'b');
  assert.equal(Event.from({ 'Event-Name': 'NEWER_THAN_US' }).type, 'NEWER_THAN_US');
  assert.throws(() => new Event('MESSAGE', null, 'A: b'), { code: 'ESL_INVALID_ARGUMENT' });
});

test('what cannot be copied says so, and how it can', () => {
  for (const object of [new Event('MESSAGE'), new ESLevent('MESSAGE'), conn, createServer()]) {
    assert.throws(() => structuredClone(object), { name: 'DataCloneError', message: /cannot copy an? / });
  }
});

test('a console shows the peer, the uuid and the state', async () => {
  assert.equal(inspect(conn), `Connection { peer: '127.0.0.1:${sim.port}', state: 'connected' }`);
  const other = await connect(sim.target);
  await other.close();
  assert.match(inspect(other), /peer: '127\.0\.0\.1:\d+',\s+state: 'closed \(ESL_DISCONNECTED/);
  const server = createServer().listen(0);
  const called = new Promise((resolve) => server.once('call', resolve));
  await conn.bgapi('originate', `null/x '&socket(127.0.0.1:${server.port} async full)'`);
  const call = await called;
  assert.ok(inspect(call).includes(`uuid: '${call.uuid}'`));
  assert.match(inspect(server), /^Server \{\s+address: \{.*calls: 1\s+\}$/s);
  await server.close({ timeout: 0 });
});

test('errors name the argument', async () => {
  const bad = (options, message) => assert.rejects(connect({ ...sim.target, ...options }), { code: 'ESL_INVALID_ARGUMENT', message });
  await bad({ port: 70_000 }, /^port must be .*70000/);
  await bad({ port: '80x' }, /^port must be .*'80x'/);
  await bad({ host: 5 }, /^host must be/);
  await bad({ timeout: '5' }, /^timeout must be/);
  await bad({ timeouts: { connect: -1 } }, /^timeouts\.connect must be/);
  await bad({ keepalive: 'x' }, /^keepalive must be/);
  await bad({ queue: { events: 1.5 } }, /^queue\.events must be/);
  await (await connect({ ...sim.target, port: String(sim.port), timeout: 5000 })).close();
  assert.throws(() => createServer().listen({ port: 70_000 }), { message: /^port must be/ });
});

test('options in a wrong place, and options that are none, are not dropped', async () => {
  const bad = (promise, message) => assert.rejects(promise, { code: 'ESL_INVALID_ARGUMENT', message });
  await bad(conn.api('status', { timeout: 5 }), /^args must be a text/);
  await bad(conn.execute('answer', { uuid: 'u' }), /^arg must be a text/);
  await bad(conn.execute('answer', '', { uuid: 'u', event_lock: true }), /no option event_lock: it is eventLock/);
  await bad(conn.hangup({ uuid: 'u' }), /^cause must be a text/);
  await bad(conn.api('status', '', { timeout: '5' }), /^timeout must be/);
});

test('replies after their timeout are counted', async () => {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  const slow = await loggedIn(async (socket, commands) => {
    const { value } = await commands.next();
    await gate;
    socket.write(api(value));
    for await (const _ of commands) socket.write(command('+OK'));
  });
  const other = await connect(slow);
  await assert.rejects(other.api('one', '', { timeout: 5 }), { code: 'ESL_TIMEOUT' });
  go();
  await other.send('two');
  assert.equal(other.stats().lateReplies, 1);
  await other.close();
  await slow.close();
});
