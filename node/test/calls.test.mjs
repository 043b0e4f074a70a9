// What becomes of calls: handlers that fail, calls that end first, places for them, and where a server listens.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as tcp, createServer as listener } from 'node:net';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, createServer } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { command, node, until } from './support/index.mjs';

const CALL = 'Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: call-1\nChannel-Name: x\nSocket-Mode: async\nControl: full\n\n';

/** Plays FreeSWITCH for one call: replies to all it is sent, and notes it. */
async function call(server, how = CALL) {
  const socket = tcp(server.port, '127.0.0.1');
  const sent = [];
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    text += data;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (block !== 'connect') sent.push(block);
      socket.write(block === 'connect' ? how : block.startsWith('api') ? 'Content-Type: api/response\nContent-Length: 4\n\n+OK\n' : command('+OK'));
      if (/uuid_kill|call-command: hangup/.test(block)) {
        socket.end('Content-Type: text/disconnect-notice\nControlled-Session-UUID: call-1\nContent-Disposition: disconnect\nContent-Length: 4\n\nbye\n');
      }
    }
  });
  const ended = once(socket, 'close');
  return { socket, sent, ended };
}

for (const [what, handler] of [
  ['throws', () => { throw new Error('bug'); }],
  ['rejects', async () => { throw new Error('bug'); }],
]) {
  test(`a handler that ${what} has its call hung up`, async () => {
    for (const [how, sent] of [[CALL, 'api uuid_kill call-1 USER_BUSY'], [CALL.replace('full', 'single-channel'), 'sendmsg\ncall-command: hangup\nhangup-cause: USER_BUSY']]) {
      const server = createServer(handler, { failureCause: 'USER_BUSY' }).listen(0);
      const told = [];
      server.on('callError', (error) => told.push(error.message));
      const one = await call(server, how);
      await one.ended;
      assert.deepEqual(one.sent, [sent]);
      assert.deepEqual(told, ['bug']);
      await server.close();
    }
  });
}

test('a listener that rejects has its call hung up, and close hangs up the rest', async () => {
  const server = createServer().listen(0);
  const told = once(server, 'callError');
  server.once('call', async () => { throw new Error('bug'); });
  const one = await call(server);
  assert.equal((await told)[0].message, 'bug');
  await one.ended;
  assert.deepEqual(one.sent, ['api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE']);
  const other = await call(server);
  await until(() => server.calls.size === 1);
  assert.equal(await server.close({ timeout: 0 }), false);
  await other.ended;
  assert.deepEqual(other.sent, ['api uuid_kill call-1 NORMAL_TEMPORARY_FAILURE']);
});

test('resume leaves the call to the dialplan', async () => {
  const server = createServer(async (conn) => {
    await conn.resume();
    throw new Error('bug');
  }).listen(0);
  server.on('callError', () => {});
  const one = await call(server);
  await one.ended;
  assert.deepEqual(one.sent, ['resume']);
  await server.close();
});

test('what is run after the end of a lingering call is refused at once, and the connection knows', async () => {
  let told;
  const result = new Promise((resolve) => (told = resolve));
  const server = createServer(async (conn) => {
    await conn.linger();
    await conn.myevents();
    assert.equal(conn.hungUp, false);
    const notice = once(conn, 'notice');
    await conn.hangup('USER_BUSY');
    await notice;
    const error = await conn.execute('playback', 'x.wav', { wait: true }).catch((reason) => reason);
    told([error.code, conn.hungUp]);
    throw error;
  }).listen(0);
  const reported = [];
  server.on('callError', (error) => reported.push(error));
  const sim = new Simulator();
  const conn = await connect(sim.target);
  await conn.bgapi('originate', `null/x '&socket(127.0.0.1:${server.port} async full)'`);
  assert.deepEqual(await result, ['ESL_HANGUP', true]);
  await until(() => server.calls.size === 0);
  assert.deepEqual(reported, [], 'the error of its call\'s end is a normal end of a handler');
  await conn.close();
  await server.close();
  sim.close();
});

test('strays take no place from calls, and probes are no errors', async () => {
  const told = [];
  const server = createServer(async (conn) => { await conn.closed; }, { maxSessions: 1, timeouts: { handshake: 60_000 } }).listen(0);
  server.on('callError', (error) => told.push(error));
  const strays = Array.from({ length: 3 }, () => tcp(server.port, '127.0.0.1'));
  for (const stray of strays) stray.on('error', () => {});
  await Promise.all(strays.map((stray) => once(stray, 'data')));
  const one = await call(server);
  await until(() => server.calls.size === 1);
  // Further calls wait for its place.
  const two = await call(server);
  for (const stray of strays) stray.destroy();
  one.socket.destroy();
  await until(() => [...server.calls].length === 1 && two.socket.readyState === 'open');
  two.socket.destroy();
  await until(() => server.calls.size === 0);
  await server.close();
  assert.deepEqual(told, []);
});

test('a server listens on a descriptor, and on a server of Node\'s', async (t) => {
  const { stdout } = await node(['-e', `
    const { createServer } = require(${JSON.stringify(new URL('../index.js', import.meta.url).pathname)});
    const net = require('node:net');
    const shared = net.createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1', () => {
      const server = createServer((call) => {
        console.log(call.uuid);
        server.close({ timeout: 0 });
      });
      server.listen(shared, () => {
        net.connect(server.port, '127.0.0.1').on('data', function () { this.write(${JSON.stringify(CALL)}); }).on('error', () => {});
      });
    });
  `]);
  assert.equal(stdout, 'call-1\n');
  const none = createServer();
  assert.throws(() => none.listen({ fd: 99_999 }), { code: 'ESL_INVALID_ARGUMENT', message: /fd 99999/ });
  // The descriptor is given away: a child has it, and this process closes its own.
  const socket = listener().listen(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, ['-e', `
    const { createServer } = require(${JSON.stringify(new URL('../index.js', import.meta.url).pathname)});
    const server = createServer((call) => {
      console.log(call.uuid);
      server.close({ timeout: 0 });
    }).listen({ fd: 3 }, () => console.log(server.port));
  `], { stdio: ['ignore', 'pipe', 'inherit', socket._handle.fd] });
  t.after(() => child.kill());
  let out = '';
  child.stdout.on('data', (data) => (out += data));
  await until(() => out.includes('\n'));
  socket.close();
  const one = await call({ port });
  await once(child, 'close');
  assert.equal(out, `${port}\ncall-1\n`);
  one.socket.destroy();
});

test('the workers of a cluster share a port', async () => {
  const { stdout } = await node([fileURLToPath(new URL('support/cluster.cjs', import.meta.url))]);
  assert.equal(stdout, `1 ${Array(6).fill('call-1').join()}\n`);
});
