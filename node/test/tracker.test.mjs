// The calls of a server, on the simulator.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Calls, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { until } from './support/index.mjs';

/** Two legs, bridged. */
async function bridged(conn, ...uuids) {
  await conn.api('originate', `{origination_uuid=${uuids[0]}}null/a '&bridge({origination_uuid=${uuids[1]}}null/b)'`);
}

async function withServer(run) {
  const sim = new Simulator();
  const control = await connect(sim.target);
  const conn = await connect(sim.target);
  try {
    await run({ sim, control, conn });
  } finally {
    await conn.close();
    await control.close();
    sim.close();
  }
}

test('the calls that are up are known at once, and then followed', () => withServer(async ({ control, conn }) => {
  await bridged(control, 'leg-a', 'leg-b');
  const calls = await conn.calls();
  assert.ok(calls instanceof Calls && calls.connection === conn);
  await until(() => calls.size === 2 && calls.bridged().length === 1);
  const [[one, other]] = calls.bridged();
  assert.deepEqual([one.uuid, other.uuid].sort(), ['leg-a', 'leg-b']);
  assert.equal(one.bridgedTo, other.uuid);
  assert.ok(one.created instanceof Date && one.bridgedSince instanceof Date && one.isAnswered && !one.isHungUp);
  assert.equal(one.bridges[0].with, other.uuid);
  assert.deepEqual(calls.legs().map(({ uuid }) => uuid).sort(), ['leg-a', 'leg-b']);
  assert.deepEqual([calls.leg('none'), typeof calls.coreUuid, calls.ended], [null, 'string', null]);

  const seen = [];
  calls.on('change', ({ kind, uuid }) => seen.push(`${kind} ${uuid}`));
  const gone = once(calls, 'gone');
  await control.api('originate', '{origination_uuid=leg-c}null/c &park()');
  await until(() => seen.includes('added leg-c') && calls.leg('leg-c')?.isAnswered);
  await control.api('uuid_kill', 'leg-c USER_BUSY');
  const [{ leg, missed, other: with_ }] = await gone;
  assert.deepEqual([leg.uuid, leg.hangupCause, missed, with_], ['leg-c', 'USER_BUSY', false, null]);
  assert.ok(seen.indexOf('hung-up leg-c') < seen.indexOf('gone leg-c'));
}));

test('changes begin with the legs that are up, and end with the connection', () => withServer(async ({ control, conn }) => {
  await bridged(control, 'leg-a', 'leg-b');
  const calls = await conn.calls();
  const changes = calls.changes();
  const first = [(await changes.next()).value, (await changes.next()).value];
  assert.deepEqual(first.map(({ kind, uuid }) => `${kind} ${uuid}`).sort(), ['added leg-a', 'added leg-b']);
  await control.api('uuid_kill', 'leg-a');
  const kinds = [];
  for await (const { kind, uuid } of changes) {
    kinds.push(kind);
    if (kind === 'gone' && uuid === 'leg-b') break;
  }
  assert.ok(kinds.includes('unbridged') && kinds.includes('hung-up'), kinds.join());
  const last = calls.changes();
  const disconnected = once(calls, 'disconnect');
  await conn.close();
  assert.equal((await last.next()).done, true);
  assert.equal((await disconnected)[0].code, 'ESL_DISCONNECTED');
  assert.equal(calls.ended.code, 'ESL_DISCONNECTED');
}));

test('what was missed is reported after a resync, and on another connection', () => withServer(async ({ sim, control, conn }) => {
  const calls = await conn.calls();
  await control.api('originate', '{origination_uuid=leg-a}null/a &park()');
  await until(() => calls.size === 1);
  await conn.unsubscribe();
  await control.api('uuid_kill', 'leg-a');
  await until(() => sim.channels === 0);
  const gone = once(calls, 'gone');
  await calls.resync();
  assert.equal((await gone)[0].missed, true);
  await conn.close();
  await control.api('originate', '{origination_uuid=leg-b}null/b &park()');
  const added = once(calls, 'added');
  await calls.moveTo(control);
  assert.deepEqual([(await added)[0].uuid, calls.connection === control], ['leg-b', true]);
  await assert.rejects(calls.moveTo({}), { code: 'ESL_INVALID_ARGUMENT' });
}));

test('an aborted iterator rejects, and options are checked', () => withServer(async ({ conn }) => {
  await assert.rejects(conn.calls({ keepevents: true }), { code: 'ESL_INVALID_ARGUMENT' });
  const calls = await conn.calls({ keepEvents: true, timeout: 60_000 });
  const stop = new AbortController();
  const changes = calls.changes({ signal: stop.signal });
  const waiting = changes.next();
  stop.abort(new Error('enough'));
  await assert.rejects(waiting, { message: 'enough' });
  assert.equal((await changes.next()).done, true);
  assert.throws(() => calls.changes({ signal: stop.signal }), { message: 'enough' });
}));

test('changes that nothing takes are dropped all together, and the iterator says so', () => withServer(async ({ sim, conn }) => {
  const calls = await conn.calls();
  const changes = calls.changes();
  let heard = 0;
  calls.on('change', () => (heard += 1));
  for (let n = 0; heard < 10_001; n += 1) {
    for (let one = 0; one < 500; one += 1) sim.fire('CHANNEL_CREATE', { 'Unique-ID': `leg-${n}-${one}`, 'Channel-Name': 'x' });
    const before = heard;
    await until(() => heard > before);
  }
  await assert.rejects(changes.next(), { code: 'ESL_LIMIT_EXCEEDED' });
  assert.equal((await changes.next()).done, true);
}));
