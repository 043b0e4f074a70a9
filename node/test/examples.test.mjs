// The examples about staying connected, run as programs against simulators.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Simulator } from 'switchwire/testing';
import { node, until } from './support/index.mjs';

const example = (name) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));

test('the monitor reports calls, an outage and a restart', async (t) => {
  const sim = new Simulator();
  const child = spawn(process.execPath, [example('monitor.mjs'), sim.password, `127.0.0.1:${sim.port}`], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let out = '';
  child.stdout.on('data', (data) => (out += data));
  const said = (text) => until(() => out.includes(text), () => out);
  await said('0 channels');
  sim.fire('CHANNEL_ANSWER', { 'Unique-ID': 'leg-1' });
  await said('CHANNEL_ANSWER leg-1');
  sim.disconnectAll('reset');
  await said(`127.0.0.1:${sim.port}: lost: `);
  await said(' ms, same: 0 channels');
  sim.restart();
  await said(' ms, restarted: 0 channels');
  sim.fire('CHANNEL_HANGUP_COMPLETE', { 'Unique-ID': 'leg-1', 'Hangup-Cause': 'USER_BUSY' });
  await said('CHANNEL_HANGUP_COMPLETE leg-1 USER_BUSY');
  const ended = once(child, 'close');
  child.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
  sim.close();
});

test('the dialer of a fleet dials on the servers that are up', async (t) => {
  const sims = [new Simulator(), new Simulator()];
  t.after(() => sims.forEach((sim) => sim.close()));
  sims[0].refuse();
  const names = sims.map(({ port }) => `127.0.0.1:${port}`);
  const { stdout } = await node([example('fleet-dialer.mjs'), sims[0].password, names.join(), 'null/a', 'error/USER_BUSY', 'null/b']);
  assert.deepEqual(stdout.trim().split('\n'), [`null/a: answered on ${names[1]}`, 'error/USER_BUSY: USER_BUSY', `null/b: answered on ${names[1]}`]);
});
