import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { EslError, connect, connectSync } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { command, loggedIn, node, peer, until } from './support/index.mjs';

const INDEX = new URL('../index.mjs', import.meta.url).href;
const TESTING = new URL('../testing.mjs', import.meta.url).href;

test('connects, asks and closes', async () => {
  const sim = new Simulator({ password: 'geheim' });
  const conn = await connect(sim.target);
  assert.equal(conn.connected, true);
  assert.match(await conn.api('status'), /^UP /);
  assert.equal(conn.info, null);
  await conn.close();
  await conn.close();
  assert.equal(conn.connected, false);
  assert.equal(conn.disconnectReason.code, 'ESL_DISCONNECTED');
  await assert.rejects(conn.api('status'), { code: 'ESL_DISCONNECTED' });
  sim.close();
});

test('each failure of connecting has its code', async () => {
  const sim = new Simulator();
  await assert.rejects(connect({ ...sim.target, password: 'wrong' }), (error) => {
    assert.ok(error instanceof EslError);
    return error.code === 'ESL_AUTHENTICATION';
  });
  await assert.rejects(connect({ ...sim.target, user: 'nosuch@nowhere' }), { code: 'ESL_AUTHENTICATION' });
  await assert.rejects(connect({ ...sim.target, password: 'a\nb' }), { code: 'ESL_INVALID_ARGUMENT' });
  await assert.rejects(connect({ port: 'x' }), { code: 'ESL_INVALID_ARGUMENT' });
  sim.close();
  await assert.rejects(connect(sim.target), { code: 'ESL_CONNECT' });
  const refusing = new Simulator({ aclReject: true });
  await assert.rejects(connect(refusing.target), { code: 'ESL_REJECTED_BY_ACL' });
  refusing.close();
  const http = await peer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await assert.rejects(connect(http), { code: 'ESL_NOT_FREESWITCH' });
  await http.close();
  const silent = await peer(() => {});
  const slow = connect({ ...silent, timeouts: { login: 30 } });
  await assert.rejects(slow, { code: 'ESL_TIMEOUT', phase: 'login' });
  await silent.close();
});

test('a user logs in and knows what it may', async () => {
  const sim = new Simulator({ users: [{ name: '1000', domain: 'd', password: 'x', api: 'status', log: false }] });
  const conn = await connect({ ...sim.target, user: '1000@d', password: 'x' });
  assert.deepEqual(conn.permissions, { events: 'all', api: 'status', log: false });
  await conn.close();
  sim.close();
});

test('connecting can be given up', async () => {
  const silent = await peer(() => {});
  const abort = new AbortController();
  const connecting = connect({ ...silent, timeouts: { login: 200 }, signal: abort.signal });
  abort.abort(new Error('enough'));
  await assert.rejects(connecting, { message: 'enough' });
  await assert.rejects(connect({ ...silent, signal: AbortSignal.abort(new Error('before')) }), { message: 'before' });
  await silent.close();
});

test('the end is reported once, with its reason', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  const told = [];
  conn.on('disconnect', (reason) => told.push(reason));
  const pending = conn.api('msleep', '10000');
  sim.disconnectAll('notice');
  await assert.rejects(pending, { code: 'ESL_DISCONNECTED' });
  const reason = await conn.closed;
  assert.match(reason.notice, /goodbye/i);
  assert.deepEqual(told, [reason]);
  sim.close();
});

test('a broken stream is an error event', async () => {
  const broken = await loggedIn((socket) => socket.write('Content-Length: -5\nContent-Type: text/event-plain\n\n'));
  const conn = await connect(broken);
  const [error] = await new Promise((resolve) => conn.on('error', (...told) => resolve(told)));
  assert.equal(error.code, 'ESL_PROTOCOL');
  await broken.close();
});

test('a connection that ends as soon as it has begun reports that', async () => {
  for (const bytes of ['', 'Content-Length: -5\n\n', 'Content-Type: text/disconnect-notice\n\n']) {
    const short = await peer(async (socket, commands) => {
      socket.write('Content-Type: auth/request\n\n');
      await commands.next();
      socket.end(command('+OK accepted') + bytes);
    });
    for (let round = 0; round < 20; round += 1) {
      const conn = await connect(short);
      const told = new Promise((resolve) => conn.on('disconnect', resolve));
      const iterated = (async () => { for await (const event of conn) assert.equal(event.type, 'never'); })();
      assert.equal(await told, await conn.closed);
      await iterated;
      assert.equal(conn.connected, false);
    }
    await short.close();
  }
});

test('exit says goodbye', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  await conn.exit();
  await until(() => sim.connections === 0);
  sim.close();
});

test('the blocking form connects as well', () => {
  const sim = new Simulator();
  const conn = connectSync(sim.target);
  assert.equal(conn.connected, true);
  conn.close();
  assert.throws(() => connectSync({ ...sim.target, password: 'wrong' }), { code: 'ESL_AUTHENTICATION' });
  sim.close();
});

test('nothing keeps a process alive after close, or after unref', async () => {
  const run = (body) => node(['--input-type=module', '-e', `
    import { connect, createServer } from ${JSON.stringify(INDEX)};
    import { Simulator } from ${JSON.stringify(TESTING)};
    const sim = new Simulator();
    const conn = await connect(sim.target);
    ${body}`]);
  await run('await conn.close();');
  await run('conn.unref();');
  await run('const server = createServer(() => {}).listen(0); await server.close(); await conn.close();');
});

test('a worker has its own connections, and its end closes them', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  const worker = new Worker(`
    import(${JSON.stringify(INDEX)}).then(async ({ connect }) => {
      const conn = await connect(${JSON.stringify(sim.target)});
      require('node:worker_threads').parentPort.postMessage(await conn.api('version'));
    });`, { eval: true });
  const version = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  assert.equal(version, await conn.api('version'));
  assert.equal(sim.connections, 2);
  await worker.terminate();
  await until(() => sim.connections === 1);
  assert.match(await conn.api('status'), /^UP /);
  await conn.close();
  sim.close();
});
