// What tools see by node:diagnostics_channel; and that no secret is in it.
import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { ManagedConnection, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { until } from './support/index.mjs';

const NAMES = ['connect', 'disconnect', 'lost', 'restored', 'gave-up', 'command', 'drop'].map((name) => `switchwire:${name}`);

/** Everything that is published while `run` runs. */
async function seen(run) {
  const all = [];
  const note = (message, name) => all.push({ name: name.replace('switchwire:', ''), ...message });
  for (const name of NAMES) subscribe(name, note);
  try {
    await run(all);
  } finally {
    for (const name of NAMES) unsubscribe(name, note);
  }
  return all;
}

const names = (all) => all.filter(({ name }) => name === 'command').map(({ command, application }) => (application ? `${command} ${application}` : command));

test('commands are seen by name, without arguments; connects and disconnects, too', async () => {
  const sim = new Simulator({ password: 'hidden-password' });
  const all = await seen(async () => {
    const conn = await connect(sim.target);
    await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
    await conn.api('echo', 'hidden-argument');
    await conn.api('echo hidden-argument', '', { timeout: 60_000 });
    await conn.bgapi('status', 'hidden-argument');
    await conn.send('api echo hidden-argument');
    const call = await conn.originate({ dial: { null: 'hidden-argument' }, application: 'park' });
    await call.set('name', 'hidden-argument');
    await call.hangup();
    await conn.filter('hidden-argument', 'hidden-argument');
    await conn.conference('lab').info();
    await conn.close();
  });
  const commands = names(all);
  assert.deepEqual(commands, [
    'event', 'api echo', 'api echo', 'bgapi status', 'api echo', 'bgapi originate', 'call set', 'call', 'filter', 'api conference',
  ]);
  assert.deepEqual(all.map(({ name }) => name).filter((name) => name !== 'command'), ['connect', 'disconnect']);
  assert.equal(all[0].address, `127.0.0.1:${sim.port}`);
  assert.equal(all.at(-1).reason.code, 'ESL_DISCONNECTED');
  assert.ok(!inspect(all, { depth: 12, showHidden: true }).includes('hidden-'), inspect(all, { depth: 12, showHidden: true }));
  sim.close();
});

test('an outage is seen as lost and restored, also where nothing takes the stream; no password', async () => {
  const sim = new Simulator({ password: 'hidden-password' });
  const all = await seen(async (told) => {
    const conn = ManagedConnection.start({ ...sim.target, subscription: 'DTMF', backoff: { first: 5, most: 20 } });
    await conn.waitUp();
    await until(() => told.some(({ name }) => name === 'connect'));
    sim.disconnectAll('reset');
    await until(() => told.some(({ name }) => name === 'restored'));
    await conn.close();
    const wrong = ManagedConnection.start({ ...sim.target, password: 'hidden-other', user: 'absent@nowhere' });
    await once(wrong, 'gave-up');
    await until(() => told.some(({ name }) => name === 'gave-up'));
  });
  assert.deepEqual(all.map(({ name }) => name), ['connect', 'lost', 'restored', 'disconnect', 'gave-up']);
  assert.equal(all[1].reason.code, 'ESL_DISCONNECTED');
  assert.equal(all[4].reason.code, 'ESL_AUTHENTICATION');
  assert.ok(!inspect(all, { depth: 12, showHidden: true }).includes('hidden-'));
  sim.close();
});

test('dropped events are seen', async () => {
  const sim = new Simulator();
  const all = await seen(async (told) => {
    const conn = ManagedConnection.start({ ...sim.target, subscription: 'DTMF', queue: { events: 10 } });
    await conn.waitUp();
    for (let n = 0; n < 100; n += 1) sim.fire('DTMF');
    await until(() => conn.stats().droppedEvents > 0);
    conn.on('DTMF', () => {});
    await until(() => told.some(({ name }) => name === 'drop'));
    await conn.close();
  });
  const drop = all.find(({ name }) => name === 'drop');
  assert.ok(drop.dropped > 0 && drop.total >= drop.dropped && drop.connection instanceof ManagedConnection);
  sim.close();
});
