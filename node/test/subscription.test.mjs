// A subscription as a value.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { EslError, Subscription, connect } from 'switchwire';
import { command, loggedIn } from './support/index.mjs';

const INVALID = { code: 'ESL_INVALID_ARGUMENT' };

/** Runs `play` on a connection; gives the commands that it sent. */
async function sentBy(play) {
  const sent = [];
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      sent.push(text);
      socket.write(command('+OK'));
    }
  });
  const conn = await connect(server);
  try {
    await play(conn);
  } finally {
    await conn.close();
    await server.close();
  }
  return sent;
}

test('one value is applied to any connection, and sends what names and options send', async () => {
  const names = ['CHANNEL_ANSWER', ['CUSTOM a::b', 'HEARTBEAT']];
  const options = { format: 'json', filters: { X: ['1', '2'], Y: 3 }, log: 'INFO' };
  const wanted = new Subscription(...names, options);
  const expected = ['filter X 1', 'filter X 2', 'filter Y 3', 'event json CHANNEL_ANSWER HEARTBEAT CUSTOM a::b', 'log 6'];
  assert.deepEqual(await sentBy((conn) => conn.subscribe(...names, options)), expected);
  for (let n = 0; n < 2; n += 1) assert.deepEqual(await sentBy((conn) => conn.subscribe(wanted, { timeout: 0 })), expected);
  assert.deepEqual(await sentBy((conn) => conn.subscribe([wanted])), expected);
});

test('its events are taken back, and nothing else', async () => {
  const wanted = new Subscription('DTMF', 'CUSTOM a::b', { filters: { X: '1' }, log: 7 });
  const sent = await sentBy(async (conn) => {
    assert.equal((await conn.unsubscribe(wanted)).ok, true);
    assert.equal((await conn.unsubscribe(wanted, { timeout: 0 })).ok, true);
    // One without events does not end all subscriptions.
    assert.equal(await conn.unsubscribe(new Subscription({ log: 7 })), null);
    assert.equal(await conn.unsubscribe(new Subscription()), null);
    await conn.subscribe(new Subscription());
  });
  assert.deepEqual(sent, ['nixevent DTMF CUSTOM a::b', 'nixevent DTMF CUSTOM a::b']);
});

test('the call\'s own options count', async () => {
  const silent = await loggedIn(async (_, commands) => {
    for await (const _ of commands);
  });
  const conn = await connect(silent);
  const wanted = new Subscription('DTMF');
  const options = { signal: AbortSignal.abort() };
  await assert.rejects(conn.subscribe(wanted, options), { name: 'AbortError' });
  await assert.rejects(conn.unsubscribe(wanted, options), { name: 'AbortError' });
  await conn.close();
  await silent.close();
});

test('what the core would refuse is refused when it is built', () => {
  assert.throws(() => new Subscription('CHANNEL_HANGP'), { ...INVALID, message: /CHANNEL_HANGUP/ });
  for (const [wanted, message] of [
    [['a::b'], /CUSTOM|custom/], [[''], /empty/], [[undefined], /empty/], [['DTMF\nexit'], /exit/],
    [[{ format: 'yaml' }], /plain, json, xml/], [[{ format: 7 }], /format/],
    [[{ log: 'loud' }], /loud/], [[{ log: {} }], /log/], [[{ log: 8 }], /8/],
    [[{ filters: { A: 'b\nc' } }], /line/], [[{ filters: { A: undefined } }], /filters: A/], [[{ filters: 'A' }], /filters/],
    [[{ filters: [['A', 'b']] }], /filters/], [[{ timeout: 5 }], /no option timeout/], [[{ Filters: {} }], /no option Filters/],
    [['DTMF', null], /empty/], [[new Subscription('DTMF')], /an event name/],
  ]) {
    assert.throws(() => new Subscription(...wanted), (error) => {
      assert.ok(error instanceof EslError, String(error));
      assert.equal(error.code, INVALID.code);
      assert.match(error.message, message);
      return true;
    });
  }
});

test('it is given alone', async () => {
  const wanted = new Subscription('DTMF');
  const sent = await sentBy(async (conn) => {
    for (const given of [
      ['HEARTBEAT', wanted], [wanted, 'HEARTBEAT'], [wanted, wanted], [wanted, { format: 'plain' }], [wanted, { log: 3 }], [[wanted, 'HEARTBEAT']],
    ]) await assert.rejects(conn.subscribe(...given), { ...INVALID, message: /alone/ });
    await assert.rejects(conn.unsubscribe('HEARTBEAT', wanted), { ...INVALID, message: /alone/ });
    await assert.rejects(conn.unsubscribe(wanted, 'HEARTBEAT'), { ...INVALID, message: /alone/ });
  });
  assert.deepEqual(sent, []);
});

test('it never changes, nor with what it was made from', async () => {
  const names = ['DTMF'];
  const filters = { X: ['1'] };
  const wanted = new Subscription(names, { filters });
  names.push('HEARTBEAT');
  filters.X.push('2');
  filters.Y = '3';
  for (const change of [
    () => (wanted.format = 'xml'), () => wanted.names.push('ALL'), () => (wanted.filters.Y = ['3']), () => wanted.filters.X.push('2'),
    () => delete wanted.names, () => (wanted.extra = 1),
  ]) assert.throws(change, TypeError);
  assert.deepEqual(await sentBy((conn) => conn.subscribe(wanted)), ['filter X 1', 'event plain DTMF']);
});

test('it shows its parts, and another is made from them', () => {
  const plain = new Subscription('DTMF', ['CUSTOM a::b']);
  assert.deepEqual({ ...plain }, { names: ['DTMF', 'CUSTOM a::b'], format: 'plain', filters: {}, log: null });
  assert.deepEqual({ ...new Subscription() }, { names: [], format: 'plain', filters: {}, log: null });
  const { names, ...options } = new Subscription('DTMF', { format: 'JSON', filters: { X: 1, Y: ['a', 'b'] }, log: 3 });
  assert.deepEqual({ names, ...options }, { names: ['DTMF'], format: 'json', filters: { X: ['1'], Y: ['a', 'b'] }, log: 3 });
  assert.deepEqual(new Subscription(names, options), new Subscription('DTMF', options));
  assert.notDeepEqual(new Subscription(names, options), new Subscription(names));
});

test('a console shows what it was given', () => {
  assert.equal(inspect(new Subscription()), 'Subscription { names: [] }');
  assert.equal(inspect(new Subscription('DTMF', { log: 0 })), "Subscription { names: [ 'DTMF' ], log: 0 }");
  assert.equal(
    inspect(new Subscription('ALL', { format: 'json', filters: { X: '1' } }), { breakLength: Infinity }),
    "Subscription { names: [ 'ALL' ], format: 'json', filters: { X: [ '1' ] } }",
  );
});
