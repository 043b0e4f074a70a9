// Against a server: the simulator, or a real FreeSWITCH when SWITCHWIRE_TEST_SERVER is set. (So are commands.test.mjs and
// classic.test.mjs.)
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ESLconnection, Event, connect, connectSync, createServer } from 'switchwire';
import modesl from 'switchwire/modesl';
import { until } from './support/index.mjs';
import { SUBCLASS, callMe, needsLocal, park, startServer } from './support/server.mjs';

let server;
let control;

before(async () => {
  server = startServer();
  control = await connect(server.target);
  await control.subscribe('BACKGROUND_JOB');
});
after(async () => {
  await control.close();
  server.close();
});

const custom = (n) => new Event('CUSTOM', SUBCLASS).add('n', n);
const called = (start) => new Promise((resolve) => start((...args) => resolve(args)));

test('connecting, a wrong password, and goodbye', async () => {
  const conn = await connect(server.target);
  assert.match(await conn.api('version'), /FreeSWITCH/);
  assert.equal((await conn.send('nonsense')).text, '-ERR command not found');
  await conn.exit();
  assert.equal(conn.disconnectReason.code, 'ESL_DISCONNECTED');
  await assert.rejects(connect({ ...server.target, password: `not ${server.password}` }), { code: 'ESL_AUTHENTICATION' });
  const blocking = connectSync(server.target);
  assert.match(await blocking.api('status'), /^UP /);
  await blocking.close();
});

test('events come in each format, to listeners and to iterators', async () => {
  for (const format of ['plain', 'json', 'xml']) {
    const conn = await connect(server.target);
    await conn.subscribe(`CUSTOM ${SUBCLASS}`, { format });
    const heard = new Promise((resolve) => conn.once(`CUSTOM ${SUBCLASS}`, resolve));
    assert.ok((await control.sendEvent(custom(1).add('Umlaut', 'äöü €').setBody('line 1\nline 2'))).ok);
    const event = await heard;
    assert.deepEqual([event.type, event.subclass, event.get('umlaut'), event.body], ['CUSTOM', SUBCLASS, 'äöü €', 'line 1\nline 2'], format);
    for (let n = 0; n < 20; n += 1) await control.sendEvent(custom(n));
    const seen = [];
    for await (const next of conn) if (seen.push(next.get('n')) === 20) break;
    assert.deepEqual(seen, Array.from({ length: 20 }, (_, n) => String(n)));
    await conn.unsubscribe();
    await conn.close();
  }
});

test('filters let through what they name', async () => {
  const conn = await connect(server.target);
  await conn.subscribe(`CUSTOM ${SUBCLASS}`, { filters: { n: '7' } });
  for (const n of [6, 7, 8]) await control.sendEvent(custom(n));
  for await (const event of conn) {
    assert.equal(event.get('n'), '7');
    break;
  }
  assert.ok((await conn.filterDelete('n')).ok);
  await conn.close();
});

test('a channel\'s life is heard', async (t) => {
  const conn = await connect(server.target);
  await conn.subscribe('CHANNEL_HANGUP_COMPLETE');
  const uuid = await park(t, control);
  const gone = (async () => {
    for await (const event of conn) if (event.uuid === uuid) return event.get('Hangup-Cause');
  })();
  assert.ok((await control.hangup('USER_BUSY', { uuid })).ok);
  assert.equal(await gone, 'USER_BUSY');
  await conn.close();
});

test('variables of a channel', async (t) => {
  const uuid = await park(t, control);
  assert.ok((await control.execute('set', 'switchwire_test=a b', { uuid })).ok);
  await until(async () => (await control.variable('switchwire_test', { uuid })) !== null);
  assert.equal(await control.variable('switchwire_test', { uuid }), 'a b');
  assert.equal(await control.variable('switchwire_unset', { uuid }), null);
  await assert.rejects(control.variable('x'), { code: 'ESL_INVALID_ARGUMENT' });
});

for (const options of ['async full', 'async', 'full', '']) {
  test(`a call on a socket with "${options}"`, needsLocal, async (t) => {
    let finished;
    const result = new Promise((resolve) => (finished = resolve));
    const outbound = createServer(async (call) => {
      await call.myevents();
      // Without full the server refuses it.
      if (options.includes('full')) await call.linger(5);
      else await assert.rejects(call.linger(5), { code: 'ESL_REFUSED' });
      const answered = await call.execute('answer', '', { wait: true, timeout: 10_000 });
      const set = await call.execute('set', 'switchwire_test=yes', { wait: true, timeout: 10_000 });
      finished([call.uuid, answered.reply.ok, set.reply.ok, await call.variable('switchwire_test')]);
      await call.hangup();
    }).listen(0);
    t.after(() => outbound.close({ timeout: 5000 }));
    const uuid = await callMe(t, control, outbound.port, options);
    assert.deepEqual(await result, [uuid, true, true, 'yes']);
    await until(() => outbound.calls.size === 0);
  });
}

test('a hangup from elsewhere ends the wait', needsLocal, async (t) => {
  let told;
  const result = new Promise((resolve) => (told = resolve));
  const outbound = createServer(async (call) => {
    await call.myevents();
    await call.execute('answer', '', { wait: true, timeout: 10_000 });
    const endless = call.execute('playback', 'silence_stream://60000', { wait: true, timeout: 10_000 })
      .then(() => 'ended', (error) => error.code);
    await control.api('uuid_kill', call.uuid);
    told(await endless);
  }).listen(0);
  t.after(() => outbound.close({ timeout: 5000 }));
  await callMe(t, control, outbound.port);
  assert.equal(await result, 'ESL_HANGUP');
});

test('modesl\'s way, inbound', async (t) => {
  const conn = await new Promise((resolve) => {
    const made = new modesl.Connection(server.host, server.port, server.password, () => resolve(made));
  });
  t.after(() => conn.disconnect());
  const uuid = await park(t, control);
  assert.match((await called((cb) => conn.api('status', cb)))[0].getBody(), /^UP /);
  assert.match((await called((cb) => conn.bgapi('status', cb)))[0].getBody(), /^UP /);
  assert.equal((await called((cb) => conn.show('channels', cb)))[0], null);
  let id;
  const [done] = await called((cb) => (id = conn.execute('set', 'a=b', uuid, cb)));
  assert.equal(done.getHeader('Application-UUID'), id);
  await called((cb) => conn.events('plain', ['CUSTOM', SUBCLASS], cb));
  const came = called((cb) => conn.on('esl::event::CUSTOM::**', cb));
  const event = new modesl.Event('CUSTOM', SUBCLASS);
  event.addHeader('n', 5);
  conn.sendEvent(event);
  assert.equal((await came)[0].getHeader('n'), '5');
});

test('modesl\'s way, outbound', needsLocal, async (t) => {
  const outbound = await new Promise((resolve) => {
    const made = new modesl.Server({ port: 0, myevents: true }, () => resolve(made));
  });
  const ready = called((cb) => outbound.on('connection::ready', cb));
  const closed = called((cb) => outbound.on('connection::close', cb));
  const uuid = await callMe(t, control, outbound.port);
  const [call, id] = await ready;
  assert.equal(call.getInfo().getHeader('Unique-ID'), uuid);
  assert.equal((await called((cb) => call.execute('answer', cb)))[0].getHeader('Application'), 'answer');
  call.execute('hangup');
  assert.equal((await closed)[1], id);
  await new Promise((resolve) => outbound.close(resolve));
});

test('the classic way, a call', needsLocal, async (t) => {
  let told;
  const result = new Promise((resolve) => (told = resolve));
  const outbound = createServer(async (connection) => {
    const con = new ESLconnection(connection);
    const uuid = con.getInfo().getHeader('unique-id');
    await con.sendRecv('myevents');
    const answer = await con.execute('answer', '', uuid);
    const types = [];
    while (!types.includes('CHANNEL_EXECUTE_COMPLETE')) types.push((await con.recvEvent()).getType());
    told([uuid, answer.getHeader('Reply-Text')]);
    await con.execute('hangup');
  }).listen(0);
  t.after(() => outbound.close({ timeout: 5000 }));
  const uuid = await callMe(t, control, outbound.port);
  assert.deepEqual(await result, [uuid, '+OK']);
});
