// The server to test on: the simulator, or a real one when SWITCHWIRE_TEST_SERVER=host:port:password is set. Nothing is
// left behind there: channels are killed, subscriptions end with their connections, events are of a subclass of ours.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Simulator } from 'switchwire/testing';
import './index.mjs';

export const REAL = real(process.env.SWITCHWIRE_TEST_SERVER);

/** A subclass that no other client's events have. */
export const SUBCLASS = `switchwire::test-${randomUUID()}`;

/** `sim` is null on a real server: what injects things is for the simulator only. */
export function startServer() {
  if (REAL) return { ...REAL, target: REAL, sim: null, close() {} };
  const sim = new Simulator();
  const { host, port, password, target } = sim;
  return { host, port, password, target, sim, close: () => sim.close() };
}

/** Options of a test for which the server must be able to call this machine. */
export const needsLocal = REAL && !/^(localhost|127\.|\[?::1)/.test(REAL.host)
  ? { skip: 'SKIPPED: the server cannot connect to this machine\'s loopback' } : {};

/** A parked channel, killed when the test is over. */
export async function park(t, conn) {
  const uuid = (await conn.api('create_uuid')).trim();
  t.after(() => conn.connected && conn.api('uuid_kill', uuid));
  assert.equal(await conn.api('originate', `{origination_uuid=${uuid}}loopback/9664/default &park()`), `+OK ${uuid}\n`);
  return uuid;
}

/** Has the server call a listener of this machine; gives the call's uuid. */
export async function callMe(t, conn, port, options = 'async full') {
  const uuid = (await conn.api('create_uuid')).trim();
  t.after(() => conn.connected && conn.api('uuid_kill', uuid));
  const dial = `{origination_uuid=${uuid}}loopback/9664/default '&socket(127.0.0.1:${port} ${options})'`;
  assert.ok((await conn.bgapi('originate', dial)).reply.ok);
  return uuid;
}

function real(text) {
  if (!text) return null;
  const [, host, port, password] = /^(.*):(\d+):([^:]*)$/.exec(text) ?? [];
  assert.ok(host, 'SWITCHWIRE_TEST_SERVER is host:port:password');
  return { host, port: Number(port), password };
}
