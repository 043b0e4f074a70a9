import assert from 'node:assert/strict';
import { connect as tcp } from 'node:net';
import { test } from 'node:test';
import { connect, createServer } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { until } from './support/index.mjs';

/** Calls the server from the simulator, `count` times. */
async function calls(server, count = 1, how = 'async full') {
  const sim = new Simulator();
  sim.extension('1', [['socket', `127.0.0.1:${server.port} ${how}`]]);
  const conn = await connect(sim.target);
  await conn.subscribe('BACKGROUND_JOB');
  for (let at = 0; at < count; at += 1) await conn.bgapi('originate', 'null/x 1');
  return async () => {
    await conn.close();
    sim.close();
  };
}

test('a call is handled and closed when its handler is done', async () => {
  const done = [];
  const server = createServer(async (call) => {
    assert.equal(call.info.get('Unique-ID'), call.uuid);
    assert.ok(call.info.get('Channel-State'));
    await call.myevents();
    await call.linger();
    await call.execute('answer');
    const { response } = await call.execute('playback', 'x.wav', { wait: true, timeout: 5000 });
    done.push(response);
  }).listen(0);
  const end = await calls(server, 3);
  await until(() => done.length === 3 && server.calls.size === 0);
  assert.equal(await server.close(), true);
  await end();
});

test('a sync socket replies when the application has ended', async () => {
  let response;
  const server = createServer(async (call) => {
    response = await call.execute('playback', 'x.wav', { wait: true });
  }).listen(0);
  const end = await calls(server, 1, 'full');
  await until(() => response);
  assert.equal(response.reply.ok, true);
  await server.close();
  await end();
});

test('further calls wait for a place', async () => {
  let running = 0;
  let most = 0;
  let handled = 0;
  const server = createServer(async (call) => {
    running += 1;
    most = Math.max(most, running);
    await call.execute('answer');
    running -= 1;
    handled += 1;
  }, { maxSessions: 2 }).listen(0);
  const end = await calls(server, 10);
  await until(() => handled === 10);
  assert.ok(most <= 2, `${most} at once`);
  await server.close();
  await end();
});

test('closing waits for its timeout, then disconnects', async () => {
  const server = createServer((call) => { call.execute('park').catch(() => {}); }).listen(0);
  const end = await calls(server, 2);
  await until(() => server.calls.size === 2);
  assert.equal(await server.close({ timeout: 10 }), false);
  assert.equal(server.calls.size, 0);
  assert.equal(server.listening, false);
  await end();
});

test('closing can be hurried', async () => {
  const server = createServer((call) => { call.execute('park').catch(() => {}); }).listen(0);
  const end = await calls(server, 1);
  await until(() => server.calls.size === 1);
  const hurry = new AbortController();
  const closed = server.close({ signal: hurry.signal });
  hurry.abort();
  assert.equal(await closed, false);
  await end();
});

test('a handler that throws, and a peer that is no server, are reported', async () => {
  const server = createServer(async () => { throw new Error('bug'); }, { timeouts: { login: 50 } });
  const told = [];
  server.on('callError', (error, call) => told.push([error.message, call !== null]));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const end = await calls(server);
  await until(() => told.length === 1);
  assert.deepEqual(told[0], ['bug', true]);
  const silent = tcp(server.port, '127.0.0.1');
  await until(() => told.length === 2);
  assert.equal(told[1][1], false);
  silent.destroy();
  await server.close();
  await end();
});

test('an address that is taken is an error event', async () => {
  const server = createServer().listen(0);
  const other = createServer().listen(server.port);
  const error = await new Promise((resolve) => other.on('error', resolve));
  assert.equal(error.code, 'ESL_IO');
  await server.close();
});
