import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import esl, { Connection, Event, Parser, Server } from 'switchwire/modesl';
import { Simulator } from 'switchwire/testing';
import { api, command, loggedIn, plain, until } from './support/index.mjs';

let sim;
before(() => (sim = new Simulator()));
after(() => sim.close());

const connected = (target = sim) => new Promise((resolve) => {
  const conn = new Connection(target.host, target.port, 'ClueCon', () => resolve(conn));
});
const called = (start) => new Promise((resolve) => start((...args) => resolve(args)));

test('callbacks, properties and replies', async () => {
  const conn = await connected();
  assert.equal(conn.connected(), true);
  assert.equal(conn.authed, true);
  assert.equal(conn.socketDescriptor(), null);
  assert.equal(conn.getInfo(), null);
  const [status, headers, body] = await called((cb) => conn.api('status', cb));
  assert.match(status.getBody(), /^UP /);
  assert.equal(headers['Content-Type'], 'api/response');
  assert.equal(headers['Content-Length'], body.length);
  const [reply] = await called((cb) => conn.sendRecv('log 7', cb));
  assert.ok(reply.getHeader('Modesl-Reply-OK'));
  const [bad] = await called((cb) => conn.sendRecv('nosuch', cb));
  assert.match(bad.getHeader('Modesl-Reply-ERR'), /^command not found/);
  assert.deepEqual([conn.cmdCallbackQueue, conn.apiCallbackQueue], [[], []]);
  conn.disconnect();
});

test('bgapi calls back with the job, with filters as well', async () => {
  const conn = await connected();
  assert.match((await called((cb) => conn.bgapi('status', cb)))[0].getBody(), /^UP /);
  assert.equal((await called((cb) => conn.bgapi('echo', ['a', 'b'], 'own-id', cb)))[0].getHeader('Job-UUID'), 'own-id');
  await called((cb) => conn.filter('Event-Name', 'BACKGROUND_JOB', cb));
  assert.equal((await called((cb) => conn.bgapi('echo', 'x', cb)))[0].getBody(), 'x');
  const [error, parsed, data] = await called((cb) => conn.show('channels', cb));
  assert.equal(error, null);
  assert.deepEqual(parsed.rows, []);
  assert.equal(typeof data, 'string');
  conn.disconnect();
});

test('events under their names, with wildcards', async () => {
  const conn = await connected();
  const seen = [];
  conn.on('esl::event::HEARTBEAT::*', (event) => seen.push(`one ${event.getHeader('n')}`));
  conn.on('esl::event::CUSTOM::**', (event) => seen.push(`custom ${event.subclass}`));
  conn.on('esl::event::**', function (event) { if (event.type === 'HEARTBEAT') seen.push(this.event.length > 0 && 'any'); });
  await called((cb) => conn.events('plain', ['HEARTBEAT', 'CUSTOM', 'a::b'], cb));
  assert.deepEqual(conn.listeningEvents, ['HEARTBEAT', 'BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CUSTOM', 'a::b']);
  sim.fire('HEARTBEAT', { n: 1 }).fire('CUSTOM a::b');
  await until(() => seen.length === 3);
  assert.deepEqual(seen.sort(), ['any', 'custom a::b', 'one 1']);
  const event = new Promise((resolve) => conn.recvEvent(resolve));
  sim.fire('HEARTBEAT', { n: 2 });
  const heartbeat = await event;
  assert.ok(Array.isArray(heartbeat.headers));
  assert.equal(heartbeat.getHeader('event-name'), null);
  assert.equal(heartbeat.getHeader('Event-Name'), 'HEARTBEAT');
  assert.equal(await new Promise((resolve) => conn.recvEventTimed(5, resolve)), undefined);
  conn.disconnect();
});

test('execute gives the Event-UUID and calls back at the end', async () => {
  const conn = await connected();
  const [answer] = await called((cb) => conn.api('originate', 'null/x &park()', cb));
  const uuid = /^\+OK (\S+)/.exec(answer.getBody())[1];
  let id;
  const [done] = await called((cb) => (id = conn.execute('playback', 'x.wav', uuid, cb)));
  assert.equal(done.getHeader('Application-UUID'), id);
  assert.equal(typeof conn.executeAsync('playback', 'x.wav', uuid), 'string');
  conn.disconnect();
});

test('what is pending at the end is called with an error', async () => {
  const mute = await loggedIn(async (socket, commands) => {
    for await (const text of commands) if (text.startsWith('event')) socket.write(command('+OK'));
      else if (text === 'api last') socket.end();
  });
  const conn = await connected(mute);
  const ended = new Promise((resolve) => conn.on('esl::end', resolve));
  const all = Promise.all([
    called((cb) => conn.api('one', cb)), called((cb) => conn.bgapi('two', cb)), called((cb) => conn.sendRecv('three', cb)),
    called((cb) => conn.execute('app', '', 'uuid', cb)), called((cb) => conn.show('calls', cb)), called((cb) => conn.api('last', cb)),
  ]);
  await ended;
  for (const [told] of await all) assert.equal((told.error ?? told).code, 'ESL_DISCONNECTED');
  assert.equal((await called((cb) => conn.api('late', cb)))[0].error.code, 'ESL_DISCONNECTED');
  assert.equal(conn.connected(), false);
  conn.disconnect();
  await mute.close();
});

test('answers go to who asked, whatever their kind', async () => {
  const mixed = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      if (text.startsWith('event')) socket.write(command('+OK'));
      else if (text === 'api denied') socket.write(command('-ERR permission denied'));
      else if (text.startsWith('api')) socket.write(api(text));
      else socket.write(command(`+OK ${text.split('\n')[0]}`));
    }
  });
  const conn = await connected(mixed);
  const answers = Promise.all([
    called((cb) => conn.api('denied', cb)), called((cb) => conn.sendRecv('x', cb)), called((cb) => conn.api('y', cb)),
  ]);
  conn.send('nobody waits');
  const after = called((cb) => conn.sendRecv('z', cb));
  const [[denied], [x], [y]] = await answers;
  assert.equal(denied.getHeader('Modesl-Reply-ERR'), 'permission denied');
  assert.equal(x.getHeader('Reply-Text'), '+OK x');
  assert.equal(y.getBody(), 'api y');
  assert.equal((await after)[0].getHeader('Reply-Text'), '+OK z');
  const refused = await called((cb) => conn.api('a\n\nexit', cb));
  assert.equal(refused[0].error.code, 'ESL_INVALID_ARGUMENT');
  conn.apiCallbackQueue.length = 0;
  conn.disconnect();
  await mixed.close();
});

test('bytes that are not UTF-8 end nothing', async () => {
  const odd = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK') + plain('Event-Name: CUSTOM\nCore-UUID: c\nX: %E4%ZZ\n'));
  });
  const conn = new Connection(odd.host, odd.port, 'ClueCon');
  const [event] = await called((cb) => conn.on('esl::event::CUSTOM::c', cb));
  assert.equal(event.getHeader('X'), '\ufffd%ZZ');
  conn.disconnect();
  await odd.close();
});

test('a server takes calls', async () => {
  const server = new Server({ port: 0, myevents: true });
  await new Promise((resolve) => server.on('ready', resolve));
  const ready = called((cb) => server.on('connection::ready', cb));
  const closed = called((cb) => server.on('connection::close', cb));
  sim.extension('modesl', [['socket', `127.0.0.1:${server.port} async full`]]);
  const conn = await connected();
  conn.bgapi('originate', 'null/x modesl');
  const [call, id] = await ready;
  assert.equal(server.connections[id], call);
  assert.equal(server.count, 1);
  assert.ok(call.getInfo().getHeader('Unique-ID'));
  const [played] = await called((cb) => call.execute('playback', 'x.wav', cb));
  assert.equal(played.getHeader('Application'), 'playback');
  call.execute('hangup');
  assert.equal((await closed)[1], id);
  conn.disconnect();
  server.close();
});

test('a parser on any socket, and the module log', async () => {
  const socket = new net.Socket();
  const parser = new Parser(socket);
  const told = called((cb) => parser.on('esl::event', cb));
  socket.emit('data', Buffer.from('Content-Type: log/data\nLog-Level: 3\nContent-Length: 5\n\nline\n'));
  const [event, headers] = await told;
  assert.equal(headers['Content-Length'], 5);
  const lines = [];
  esl._logger = (line) => lines.push(line);
  esl._doLog(event);
  esl.setLogLevel(4);
  esl._doLog(event);
  assert.deepEqual(lines, ['line\n']);
  assert.equal(esl.setLogLevel, esl.eslSetLogLevel);
});

test('the event, as modesl has it', () => {
  const event = new Event({ 'Event-Name': 'CUSTOM', 'Reply-Text': '+OK', _body: 'b' });
  assert.deepEqual(event.headers, [{ name: 'Event-Name', value: 'CUSTOM' }, { name: 'Reply-Text', value: '+OK' }]);
  assert.equal(event.addBody('c'), 'bc');
  assert.equal(event.addHeader('X', 1), 1);
  assert.equal(event.serialize(), 'Event-Name: CUSTOM\nReply-Text: +OK\nX: 1\nContent-Length: 2\n\nbc');
  assert.equal(JSON.parse(event.serialize('json'))._body, 'bc');
  assert.deepEqual(event.delHeader('X'), [{ name: 'X', value: 1 }]);
  assert.equal(event.delHeader('X'), null);
  assert.equal(event.firstHeader(), 'Event-Name');
  assert.equal(event.nextHeader(), 'Reply-Text');
  assert.equal(new Event('a', 'b').subclass, 'b');
});
