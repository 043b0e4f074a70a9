// Many servers as one, on simulators.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Fleet } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { until } from './support/index.mjs';

const QUICK = { first: 5, most: 50 };

function server(name, sim, more = {}) {
  const subscription = ['DTMF', 'CHANNEL_CREATE', 'CHANNEL_DESTROY'];
  return { name, connection: { ...sim.target, subscription, backoff: QUICK, liveness: { pingAfter: 20, pingDeadline: 60_000 } }, ...more };
}

/** A fleet of as many simulators, all up; `run` gets both. */
async function withFleet(count, run, options = {}) {
  const sims = Array.from({ length: count }, () => new Simulator({ heartbeat: 20 }));
  const fleet = Fleet.start({ servers: sims.map((sim, at) => server(`fs${at}`, sim, { tags: [`tag${at}`] })), ...options });
  try {
    await Promise.all(fleet.servers.map((name) => fleet.connection(name).waitUp()));
    await run(fleet, sims);
  } finally {
    await fleet.close();
    for (const sim of sims) sim.close();
  }
}

test('every event comes once, tagged and in order, while servers go and come', () => withFleet(2, async (fleet, sims) => {
  const heard = { fs0: [], fs1: [], added: [] };
  fleet.on('DTMF', (event, name) => heard[name].push(Number(event.get('N'))));
  const states = [];
  fleet.on('health', ({ state }, name) => states.push(`${name} ${state}`));
  const added = new Simulator();
  fleet.add(server('added', added));
  assert.throws(() => fleet.add(server('added', added)), { code: 'ESL_INVALID_ARGUMENT' });
  await fleet.connection('added').waitUp();
  assert.deepEqual(fleet.servers, ['added', 'fs0', 'fs1']);
  for (let n = 0; n < 300; n += 1) {
    for (const sim of [sims[1], added]) sim.fire('DTMF', { N: n });
    if (n === 100) sims[0].disconnectAll('reset');
  }
  await until(() => heard.fs1.length === 300 && heard.added.length === 300 && states.includes('fs0 down'));
  const all = Array.from({ length: 300 }, (_, n) => n);
  assert.deepEqual([heard.fs1, heard.added], [all, all]);
  const removed = once(fleet, 'removed');
  await fleet.remove('added');
  assert.deepEqual(await removed, ['added']);
  await assert.rejects(fleet.remove('added'), { code: 'ESL_INVALID_ARGUMENT' });
  await until(() => fleet.health('fs0').state === 'up');
  added.close();
}));

test('health has its values, and draining is told', () => withFleet(2, async (fleet) => {
  await until(() => fleet.health('fs0').sessions !== null && fleet.health('fs0').roundTrip !== null);
  const health = fleet.health('fs0');
  assert.equal(health.state, 'up');
  assert.ok(health.since instanceof Date && health.maxSessions > 0 && health.heartbeatAge >= 0 && health.draining === false);
  assert.equal(fleet.health('none'), null);
  assert.deepEqual([...fleet.healthOfAll().keys()], ['fs0', 'fs1']);
  const items = fleet.items();
  fleet.drain('fs1');
  for await (const item of items) {
    if (item.kind !== 'health' || !item.health.draining) continue;
    assert.equal(item.server, 'fs1');
    break;
  }
  assert.equal(fleet.pick(), 'fs0');
  assert.equal(fleet.pick({ tags: 'tag1' }), null);
  fleet.drain('fs1', false);
  assert.equal(fleet.pick({ by: 'weighted', tags: ['tag1'] }), 'fs1');
  const sticky = fleet.pick({ by: 'sticky', key: '1000' });
  assert.equal(fleet.pick({ by: 'sticky', key: '1000' }), sticky);
  assert.throws(() => fleet.pick({ by: 'sticky' }), { code: 'ESL_INVALID_ARGUMENT' });
  assert.throws(() => fleet.drain('none'), { code: 'ESL_INVALID_ARGUMENT' });
}));

test('commands to one, to any and to all tell what is unknown from what failed', () => withFleet(3, async (fleet, sims) => {
  assert.ok((await fleet.apiOn('fs1', 'status')).length > 0);
  await assert.rejects(fleet.apiOn('none', 'status'), { code: 'ESL_INVALID_ARGUMENT' });
  const { server: chosen, reply } = await fleet.apiAny({ tags: ['tag2'] }, 'status');
  assert.deepEqual([chosen, reply.ok], ['fs2', true]);
  await assert.rejects(fleet.apiAny({ tags: ['none'] }, 'status'), { code: 'ESL_DISCONNECTED' });
  sims[1].setFaults({ stalled: true });
  sims[2].close();
  await until(() => fleet.health('fs2').state === 'down');
  const results = await fleet.apiAll('status', '', { timeout: 200 });
  assert.deepEqual(results.map(({ server: name, outcome }) => [name, outcome]), [['fs0', 'reply'], ['fs1', 'unknown'], ['fs2', 'failed']]);
  assert.equal(results[1].error.code, 'ESL_TIMEOUT');
  sims[1].setFaults({});
}));

test('a channel is killed on the server that it is on', () => withFleet(2, async (fleet) => {
  fleet.on('CHANNEL_CREATE', () => {});
  await fleet.apiOn('fs1', 'originate', '{origination_uuid=on-1}null/a &park()');
  assert.equal(await fleet.find('on-1'), 'fs1');
  await until(() => fleet.serverOf('on-1') === 'fs1');
  const reply = await fleet.uuidKill('on-1');
  assert.equal(reply.ok, true);
  await assert.rejects(fleet.uuidKill('on-2'), { code: 'ESL_REFUSED' });
  assert.equal(await fleet.find('on-2'), null);
}));

test('the items of a server come in the stream of the fleet only', () => withFleet(1, async (fleet) => {
  const connection = fleet.connection('fs0');
  assert.equal(connection, fleet.connection('fs0'));
  assert.throws(() => connection.on('event', () => {}), { code: 'ESL_INVALID_ARGUMENT', message: /stream of its fleet/ });
  assert.throws(() => connection.items(), { code: 'ESL_INVALID_ARGUMENT' });
  const present = connection.connection;
  connection.reconnect();
  await present.closed;
  await connection.waitUp();
}));

test('two entries of one server give each event once', async () => {
  const sim = new Simulator();
  const fleet = Fleet.start({ servers: [server('a', sim), server('b', sim)], dropDuplicates: 1000 });
  const heard = [];
  fleet.on('DTMF', (event) => heard.push(event.get('N')));
  await Promise.all(fleet.servers.map((name) => fleet.connection(name).waitUp()));
  for (let n = 0; n < 10; n += 1) sim.fire('DTMF', { N: n });
  await until(() => heard.length + fleet.droppedDuplicates >= 20);
  assert.deepEqual([heard.length, fleet.droppedDuplicates], [10, 10]);
  await fleet.close();
  sim.close();
});

test('a closed fleet ends its iterators', async () => {
  const sim = new Simulator();
  const fleet = Fleet.start({ servers: [server('a', sim)] });
  const kinds = [];
  const ended = (async () => {
    for await (const { kind } of fleet) kinds.push(kind);
  })();
  await until(() => kinds.includes('connected'));
  const closed = once(fleet, 'close');
  await fleet.close();
  await Promise.all([ended, closed, fleet.closed]);
  sim.close();
  assert.throws(() => Fleet.start({ severs: [] }), { code: 'ESL_INVALID_ARGUMENT', message: /no option severs/ });
  assert.throws(() => Fleet.start({ servers: [{ name: 'a', connection: { port: 1 }, wieght: 2 }] }), { message: /no option wieght/ });
});
