// Callbacks that wait for an event: each is called once, whatever becomes of its channel, and costs the others nothing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as tcp } from 'node:net';
import { test } from 'node:test';
import { connect } from 'switchwire';
import { Connection, Server } from 'switchwire/modesl';
import { api, command, loggedIn, plain } from './support/index.mjs';
import { park, startServer } from './support/server.mjs';

const connected = (target) => new Promise((resolve) => {
  const conn = new Connection(target.host, target.port, target.password, () => resolve(conn));
});
const called = (start) => new Promise((resolve) => start((...args) => resolve(args)));

test('jobs and applications that are waited for leave nothing in the emitter', async () => {
  const ends = [];
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      socket.write(command('+OK'));
      const [, job] = /^Job-UUID: (.*)$/m.exec(text) ?? [];
      const [, run] = /^Event-UUID: (.*)$/m.exec(text) ?? [];
      if (job) ends.push(plain(`Event-Name: BACKGROUND_JOB\nJob-UUID: ${job}\n`));
      if (run) ends.push(plain(`Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: ${/^sendmsg (\S+)/.exec(text)[1]}\nApplication-UUID: ${run}\n`));
      if (text === 'api now') socket.write(ends.join('') + api('done'));
    }
  });
  const conn = await connected(server);
  const nodes = () => ['BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE'].flatMap((name) => Object.keys(conn.listenerTree.esl.event[name] ?? {}));
  const order = [];
  const waits = Array.from({ length: 200 }, (_, at) => called((cb) => (at % 2 === 0
    ? conn.bgapi('echo', String(at), cb)
    : conn.execute('playback', 'x.wav', `channel-${at % 50}`, cb))).then(() => order.push(at)));
  assert.deepEqual(nodes(), []);
  conn.api('now');
  await Promise.all(waits);
  assert.deepEqual(order, Array.from({ length: 200 }, (_, at) => at));
  assert.deepEqual(nodes(), []);
  conn.disconnect();
  await server.close();
});

test('an application whose channel is killed first is called back without a subscription to hang-ups', async (t) => {
  const server = startServer();
  const admin = await connect(server.target);
  const uuid = await park(t, admin);
  const conn = await connected(server);
  const replies = [];
  const runs = Array.from({ length: 3 }, () => called((cb) => conn.execute('playback', 'silence_stream://60000', uuid, cb)));
  await called((cb) => conn.api('uuid_kill', uuid, cb));
  conn.on('esl::event::api::response', (event) => replies.push(event.getBody()));
  // A run that had begun has its own end; the others are called all the same.
  for (const [event] of await Promise.all(runs)) {
    if (event.error) assert.equal(event.error.code, 'ESL_HANGUP');
    else assert.equal(event.type, 'CHANNEL_EXECUTE_COMPLETE');
  }
  assert.deepEqual(replies, [], 'the program sees the replies to its own commands only');
  conn.disconnect();
  await admin.close();
  server.close();
});

test('a channel that is there is waited for on; one that the server does not know any more is not', async () => {
  const asked = [];
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      if (!text.startsWith('api uuid_exists')) {
        socket.write(command('+OK'));
        continue;
      }
      asked.push(text);
      // It is gone at the second question.
      socket.write(api(asked.length < 2 ? 'true' : 'false'));
    }
  });
  const conn = await connected(server);
  const [event] = await called((cb) => conn.execute('playback', 'x.wav', 'chan', cb));
  assert.equal(event.error.code, 'ESL_HANGUP');
  assert.equal(event.getHeader('Unique-ID'), 'chan');
  assert.deepEqual([...new Set(asked)], ['api uuid_exists chan']);
  conn.disconnect();
  await server.close();
});

test("the hang-up's event is the callback's, and what is run later is called back, too", async () => {
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      const gone = plain('Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: chan\nHangup-Cause: USER_BUSY\n');
      socket.write(command('+OK') + (text.includes('playback') ? gone : ''));
    }
  });
  const conn = await connected(server);
  await called((cb) => conn.events('plain', 'CHANNEL_HANGUP_COMPLETE', cb));
  const [first] = await called((cb) => conn.execute('playback', 'x.wav', 'chan', cb));
  assert.deepEqual([first.type, first.getHeader('Hangup-Cause'), first.error.code], ['CHANNEL_HANGUP_COMPLETE', 'USER_BUSY', 'ESL_HANGUP']);
  const [later] = await called((cb) => conn.execute('answer', '', 'chan', cb));
  assert.deepEqual([later.getHeader('Hangup-Cause'), later.error.code], ['USER_BUSY', 'ESL_HANGUP']);
  conn.disconnect();
  await server.close();
});

test('a call that lingers after its end runs nothing, and says so', async () => {
  const uuid = '0d3c1f5e-0000-4000-8000-000000000002';
  const server = new Server({ port: 0 });
  await once(server, 'ready');
  const socket = tcp(server.port, '127.0.0.1');
  const notice = `Content-Type: text/disconnect-notice\nControlled-Session-UUID: ${uuid}\nContent-Disposition: linger\nLinger-Time: -1\nContent-Length: 0\n\n`;
  let text = '';
  socket.on('data', (data) => {
    text += data;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (block === 'connect') socket.write(`Content-Type: command/reply\nReply-Text: %2BOK%0A\nEvent-Name: CHANNEL_DATA\nUnique-ID: ${uuid}\n\n`);
      else socket.write(command('+OK') + (block.includes('playback') ? notice : ''));
    }
  });
  const [call] = await called((cb) => server.on('connection::ready', cb));
  for (const app of ['playback', 'answer']) {
    const [event] = await called((cb) => call.execute(app, '', cb));
    assert.equal(event.error.code, 'ESL_HANGUP');
  }
  socket.destroy();
  server.close();
});
