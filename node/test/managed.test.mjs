// Connections that come back, on the simulator.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Event, ManagedConnection, Subscription, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { api, command, loggedIn, until } from './support/index.mjs';

const QUICK = { first: 5, most: 50 };

function managed(sim, options = {}) {
  return ManagedConnection.start({ ...sim.target, subscription: 'DTMF', backoff: QUICK, ...options });
}

/** The next item of that kind; what else comes is passed over. */
async function until_(items, kind) {
  for (;;) {
    const { value, done } = await items.next();
    assert.ok(!done, `the stream ended before ${kind}`);
    if (value.kind === kind) return value;
  }
}

test('the stream tells every outage in order, and is subscribed again before it says so', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { snapshot: true });
  const items = conn.items();
  const first = (await items.next()).value;
  assert.equal(first.kind, 'connected');
  assert.equal(first.connected.address, `127.0.0.1:${sim.port}`);
  assert.equal(JSON.parse(first.connected.snapshot).row_count, 0);
  sim.fire('DTMF', { N: 1 });
  assert.equal((await items.next()).value.event.get('N'), '1');
  sim.fire('DTMF', { N: 2 }).disconnectAll('reset');
  const kinds = [];
  let restored;
  for await (const item of items) {
    kinds.push(item.kind);
    if (item.kind === 'lost') {
      const { reason, when, address } = item.lost;
      assert.deepEqual([reason.code, when instanceof Date, address], ['ESL_DISCONNECTED', true, `127.0.0.1:${sim.port}`]);
    }
    if (item.kind === 'restored') {
      restored = item.restored;
      break;
    }
  }
  assert.deepEqual(kinds.filter((kind) => kind !== 'event'), ['lost', 'restored']);
  assert.deepEqual([restored.run, restored.server.coreUuid], ['same', first.connected.coreUuid]);
  assert.ok(restored.outage > 0 && restored.attempts >= 1);
  sim.fire('DTMF', { N: 3 });
  const [event] = await once(conn, 'DTMF');
  assert.equal(event.get('N'), '3');
  sim.restart();
  const [back] = await once(conn, 'restored');
  assert.equal(back.run, 'restarted');
  const { state, outages, lastError } = conn.status;
  assert.deepEqual([state, outages, lastError.code], ['up', 2, 'ESL_DISCONNECTED']);
  const closed = once(conn, 'close');
  await conn.close();
  await closed;
  assert.equal((await conn.closed).code, 'ESL_DISCONNECTED');
  assert.equal(conn.status.state, 'closed');
  await conn.close();
  sim.close();
});

test('listeners hear of everything in the order of the stream', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { subscription: new Subscription('DTMF', 'CUSTOM a::b', { log: 'INFO' }) });
  const heard = [];
  for (const name of ['connected', 'DTMF', 'CUSTOM a::b', 'log', 'lost', 'restored']) conn.on(name, () => heard.push(name));
  await conn.waitUp();
  sim.fire('DTMF').fire(new Event('CUSTOM', 'a::b')).log('INFO', 'hello');
  await until(() => heard.length === 4);
  conn.reconnect();
  await until(() => heard.length === 6);
  // A server keeps no order between its events and its log lines.
  assert.ok(heard.indexOf('log') > 0 && heard.indexOf('log') < heard.indexOf('lost'), heard.join());
  assert.deepEqual(heard.filter((name) => name !== 'log'), ['connected', 'DTMF', 'CUSTOM a::b', 'lost', 'restored']);
  await conn.close();
  sim.close();
});

test('a wrong password stops with its own error, and no secret shows', async () => {
  const sim = new Simulator({ password: 'right' });
  const conn = managed(sim, { password: 'hidden-secret' });
  const [reason] = await once(conn, 'gave-up');
  assert.equal(reason.code, 'ESL_AUTHENTICATION');
  assert.equal((await conn.closed).code, 'ESL_AUTHENTICATION');
  await assert.rejects(conn.api('status'), { code: 'ESL_AUTHENTICATION' });
  await assert.rejects(conn.waitUp(), { code: 'ESL_AUTHENTICATION' });
  const { inspect } = await import('node:util');
  assert.ok(!inspect(conn, { depth: 9 }).includes('hidden-secret') && !inspect(conn.status, { depth: 9 }).includes('hidden-secret'));
  sim.close();
});

test('an iterator ends after gave-up; without takers the end is told too', async () => {
  const sim = new Simulator({ password: 'right' });
  const kinds = [];
  for await (const item of managed(sim, { password: 'wrong' })) kinds.push(item.kind);
  assert.deepEqual(kinds, ['gave-up']);
  const silent = managed(sim, { password: 'wrong' });
  assert.equal((await silent.closed).code, 'ESL_AUTHENTICATION');
  sim.close();
});

test('commands fail at once while there is no connection, or wait with a deadline', async () => {
  const sim = new Simulator();
  sim.refuse();
  const failing = managed(sim);
  assert.throws(() => failing.connection, { code: 'ESL_DISCONNECTED' });
  await assert.rejects(failing.api('status'), { code: 'ESL_DISCONNECTED' });
  await failing.close();
  const brief = managed(sim, { whileDown: 20 });
  await assert.rejects(brief.api('status'), { code: 'ESL_TIMEOUT', phase: 'connect' });
  await brief.close();
  const patient = managed(sim, { whileDown: 60_000 });
  const stop = new AbortController();
  const aborted = patient.api('status', '', { signal: stop.signal });
  stop.abort(new Error('enough'));
  await assert.rejects(aborted, { message: 'enough' });
  const text = patient.api('switchname');
  sim.refuse(false);
  assert.ok((await text).length > 0);
  sim.disconnectAll('reset');
  // Whether the loss has been noticed or not: it goes out on a connection that is up.
  const results = await Promise.allSettled([patient.api('status'), patient.bgapi('status')]);
  for (const { reason } of results) if (reason) assert.equal(reason.code, 'ESL_OUTCOME_UNKNOWN');
  await patient.close();
  await assert.rejects(patient.api('status'), { code: 'ESL_DISCONNECTED' });
  sim.close();
});

test('what is under way at the loss has an unknown outcome, and is not sent again', async () => {
  const seen = [];
  const peer = await loggedIn(async (socket, commands) => {
    for await (const block of commands) {
      if (block.startsWith('event')) socket.write(command('+OK event listener enabled plain'));
      else if (block.startsWith('api risky')) {
        seen.push(block);
        socket.destroy();
      } else socket.write(block.startsWith('api') || block.startsWith('bgapi') ? api('x') : command('+OK'));
    }
  });
  const { close: _, ...target } = peer;
  const conn = ManagedConnection.start({ ...target, subscription: 'DTMF', backoff: QUICK, whileDown: 60_000 });
  await assert.rejects(conn.api('risky', 'thing'), { code: 'ESL_OUTCOME_UNKNOWN' });
  await conn.api('safe');
  assert.deepEqual(seen, ['api risky thing']);
  await conn.close();
  await peer.close();
});

test('leases on one event survive each other and a reconnect', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { subscription: [] });
  const heard = [];
  conn.on('event', (event) => heard.push(event.type));
  await conn.waitUp();
  const one = await conn.subscribe('DTMF');
  const other = await conn.subscribe(new Subscription('DTMF', 'TALK'));
  assert.deepEqual(other.subscription.names, ['DTMF', 'TALK']);
  one.release();
  one.release();
  const restored = once(conn, 'restored');
  conn.reconnect();
  await restored;
  sim.fire('DTMF').fire('TALK');
  await until(() => heard.length === 2);
  other.release();
  await conn.api('status');
  sim.fire('DTMF').fire('TALK');
  await conn.api('status');
  assert.deepEqual(heard, ['DTMF', 'TALK']);
  await assert.rejects(conn.subscribe('CHANNEL_ANSWERED'), { code: 'ESL_INVALID_ARGUMENT' });
  await conn.close();
  sim.close();
});

test('the present connection offers calls, jobs and conferences, and says when it is over', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { subscription: ['BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE'] });
  const present = await conn.waitUp();
  assert.equal(present, conn.connection);
  const call = await present.originate({ dial: { null: 'x' }, application: 'park' });
  await call.answer();
  const calls = await present.calls();
  assert.equal(calls.leg(call.uuid).uuid, call.uuid);
  assert.equal((await (await conn.bgapi('status')).result()).length > 0, true);
  for (const take of [() => present.on('event', () => {}), () => present.once('CHANNEL_ANSWER', () => {}), () => present.events()]) {
    assert.throws(take, { code: 'ESL_INVALID_ARGUMENT', message: /stream of the ManagedConnection/ });
  }
  const gone = once(present, 'disconnect');
  conn.reconnect();
  const [reason] = await gone;
  assert.equal(reason.code, 'ESL_DISCONNECTED');
  assert.equal(present.connected, false);
  await present.closed;
  const next = await conn.waitUp();
  assert.notEqual(next, present);
  await calls.moveTo(next);
  assert.equal(calls.leg(call.uuid)?.uuid, call.uuid);
  await conn.close();
  await next.closed;
  sim.close();
});

test('a server that falls silent is noticed', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { liveness: { pingAfter: 20, pingDeadline: 50 } });
  await conn.waitUp();
  await until(() => conn.status.roundTrip !== null);
  const lost = once(conn, 'lost');
  sim.setFaults({ stalled: true });
  const [{ reason }] = await lost;
  assert.match(reason.message, /not responding/);
  sim.setFaults({});
  await conn.waitUp();
  await conn.close();
  sim.close();
});

test('heartbeats are at hand without being in the stream', async () => {
  const sim = new Simulator({ heartbeat: 10 });
  const conn = managed(sim, { heartbeats: true });
  const names = [];
  conn.on('event', (event) => names.push(event.type));
  await until(() => conn.heartbeat !== null);
  assert.equal(conn.heartbeat.type, 'HEARTBEAT');
  assert.ok(conn.heartbeatAge >= 0);
  assert.deepEqual(names, []);
  await conn.close();
  sim.close();
});

test('an aborted iterator rejects, and the stream goes on for the next', async () => {
  const sim = new Simulator();
  const conn = managed(sim);
  const stop = new AbortController();
  const items = conn.items({ signal: stop.signal });
  await until_(items, 'connected');
  const waiting = items.next();
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, { message: 'enough' });
  sim.fire('DTMF');
  await until_(conn.items(), 'event');
  await conn.close();
  sim.close();
});

test('bad options are refused by name', () => {
  const refused = (options, message) => assert.throws(() => ManagedConnection.start(options), { code: 'ESL_INVALID_ARGUMENT', message });
  refused({ hots: 'x' }, /no option hots/);
  refused({ backoff: { frist: 1 } }, /no option frist/);
  refused({ liveness: { pingAfter: 'soon' } }, /liveness.pingAfter/);
  refused({ whileDown: 'wait' }, /whileDown/);
  refused({ stopOn: ['ESL_NONSENSE'] }, /stopOn/);
  refused({ addresses: [{ port: 1 }], port: 2 }, /in place of/);
  refused({ addresses: [] }, /at least one address/);
  refused({ subscription: 'CHANNEL_ANSWERED' }, /CHANNEL_ANSWER/);
  refused({ queue: { overflow: 'sometimes' } }, /overflow/);
});

for (const [overflow, kept] of [['drop-newest', '01'], ['drop-oldest', '89'], ['block', '0123456789']]) {
  test(`at the queue's bound: ${overflow}`, async () => {
    const sim = new Simulator();
    const conn = managed(sim, { queue: { events: 2, overflow } });
    await conn.waitUp();
    for (let n = 0; n < 10; n += 1) sim.fire('DTMF', { N: n });
    // (What has been read together is queued together; with 'block' nothing is read then until there is room.)
    await until(() => conn.stats().received >= (overflow === 'block' ? 2 : 10), () => conn.stats());
    const items = conn.items();
    let seen = '';
    while (seen.length < kept.length) seen += (await until_(items, 'event')).event.get('N');
    assert.equal(seen, kept);
    assert.equal(conn.stats().droppedEvents, 10 - kept.length);
    await conn.close();
    sim.close();
  });
}

test('a queue that fails ends the connection, which comes back', async () => {
  const sim = new Simulator();
  const conn = managed(sim, { queue: { events: 2, overflow: 'fail' } });
  const items = conn.items();
  await until_(items, 'connected');
  for (let n = 0; n < 10; n += 1) sim.fire('DTMF', { N: n });
  const { lost } = await until_(items, 'lost');
  assert.equal(lost.reason.code, 'ESL_LIMIT_EXCEEDED');
  await until_(items, 'restored');
  await conn.close();
  sim.close();
});

test('a bare connection does not take the policy that pauses reading', async () => {
  await assert.rejects(connect({ queue: { overflow: 'block' } }), { code: 'ESL_INVALID_ARGUMENT', message: /supervised/ });
});

test('the next address is tried when one fails', async () => {
  const sim = new Simulator();
  const gone = new Simulator();
  const { port } = gone;
  gone.close();
  const conn = ManagedConnection.start({ addresses: [{ port }, { host: sim.host, port: sim.port }], password: sim.password, backoff: QUICK });
  const [server] = await once(conn, 'connected');
  assert.equal(server.address, `127.0.0.1:${sim.port}`);
  await conn.close();
  sim.close();
});

test('commands beyond what the socket takes are written when there is room', async () => {
  const sim = new Simulator();
  const conn = managed(sim);
  await conn.waitUp();
  const long = 'x'.repeat(100_000);
  const replies = await Promise.all(Array.from({ length: 200 }, (_, n) => conn.api('echo', `${n} ${long}`)));
  assert.deepEqual(replies.map((text) => text.split(' ')[0]), Array.from({ length: 200 }, (_, n) => String(n)));
  await conn.close();
  sim.close();
});
