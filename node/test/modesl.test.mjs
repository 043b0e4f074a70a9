import assert from 'node:assert/strict';
import net from 'node:net';
import { inherits } from 'node:util';
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

test('replies go to the command they belong to, whatever their kind', async () => {
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
  conn.send('no caller waits');
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

test('what is refused is called with an error, and other calls go on', async () => {
  const strict = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      socket.write(command(/^(bgapi|sendmsg)/.test(text) ? '-ERR no such thing' : '+OK'));
    }
  });
  const conn = await connected(strict);
  for (const start of [(cb) => conn.bgapi('x', cb), (cb) => conn.execute('answer', '', 'nosuch', cb), (cb) => conn.show('calls', (error) => cb({ error }))]) {
    const [event] = await called(start);
    assert.equal(event.error.code, 'ESL_REFUSED');
  }
  assert.equal((await called((cb) => conn.sendRecv('x', cb)))[0].getHeader('Modesl-Reply-OK'), '');
  assert.equal(conn.listeners('esl::event::CHANNEL_EXECUTE_COMPLETE::nosuch').length, 0);
  conn.disconnect();
  await strict.close();
});

test('a hangup ends the wait for what was queued on the channel', async () => {
  const gone = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      socket.write(command('+OK'));
      if (text.startsWith('sendmsg')) socket.write(plain('Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: chan\n'));
    }
  });
  const conn = await connected(gone);
  const [event] = await called((cb) => conn.execute('playback', 'x.wav', 'chan', cb));
  assert.equal(event.error.code, 'ESL_HANGUP');
  conn.disconnect();
  await gone.close();
});

test('a stream that makes no sense is one error and the end', async () => {
  const broken = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      socket.write(text === 'api break' ? 'Content-Length: -5\n\nmore' : command('+OK'));
    }
  });
  const conn = await connected(broken);
  const errors = [];
  conn.on('error', (error) => errors.push(error.code));
  const [event] = await called((cb) => conn.api('break', cb));
  assert.equal(event.error.code, 'ESL_DISCONNECTED');
  assert.deepEqual(errors, ['ESL_PROTOCOL']);
  await broken.close();
});

test('JSON that is broken ends nothing', async () => {
  const bad = '{"Event-Name":';
  const odd = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      if (text === 'api go') socket.write(`Content-Type: text/event-json\nContent-Length: ${bad.length}\n\n${bad}${api('still here')}`);
      else socket.write(command('+OK'));
    }
  });
  const conn = await connected(odd);
  assert.equal((await called((cb) => conn.api('go', cb)))[0].getBody(), 'still here');
  const told = called((cb) => conn.once('error', cb));
  conn.api('go');
  assert.ok((await told)[0] instanceof SyntaxError);
  conn.disconnect();
  await odd.close();
});

test('no text starts a second command', async () => {
  const sent = [];
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      sent.push(text);
      socket.write(command('+OK'));
    }
  });
  const conn = await connected(server);
  const evil = 'x\n\napi shutdown';
  const event = new Event('CUSTOM', 'a::b');
  event.addHeader('H', evil);
  for (const start of [
    (cb) => conn.api('echo', evil, cb), (cb) => conn.bgapi('echo', evil, cb), (cb) => conn.bgapi('echo', 'x', evil, cb),
    (cb) => conn.sendRecv(evil, cb), (cb) => conn.sendRecv('x', { a: evil }, cb), (cb) => conn.filter('A', evil, cb),
    (cb) => conn.filterDelete(evil, cb), (cb) => conn.events('plain', [evil], cb), (cb) => conn.execute('playback', evil, 'u', cb),
    (cb) => conn.execute('playback', '', evil, cb), (cb) => conn.sendEvent(event, cb),
    (cb) => conn.message({ to: evil }, cb), (cb) => conn.originate({ number: evil, sync: true }, cb),
  ]) assert.equal((await called(start))[0].error?.code, 'ESL_INVALID_ARGUMENT', String(start));
  const body = new Event('CUSTOM', 'a::b');
  body.addBody('lines\n\nof its own');
  assert.equal((await called((cb) => conn.sendEvent(body, cb)))[0].error, undefined);
  // What comes of the body to this simple server are blocks; a real one goes by Content-Length.
  assert.deepEqual(sent.filter((text) => /shutdown/.test(text)), []);
  conn.disconnect();
  await server.close();
});

test('lists of rows in each format', async () => {
  const outputs = { csv: 'uuid,name\n1,a\n2,b\n\n2 total.\n', 'delim |': 'uuid|name\n1|a\n\n1 total.\n', xml: '<result row_count="1"><row row_id="1"><uuid>1</uuid><name>&lt;a&gt;</name><x/></row></result>' };
  const rows = { csv: [{ uuid: '1', name: 'a' }, { uuid: '2', name: 'b' }], 'delim |': [{ uuid: '1', name: 'a' }], xml: [{ uuid: '1', name: '<a>', x: '' }] };
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      const [, format, job] = /^bgapi show channels as (.*?) \nJob-UUID: (.*)/.exec(text) ?? [];
      socket.write(command('+OK'));
      if (format) socket.write(plain(`Event-Name: BACKGROUND_JOB\nJob-UUID: ${job}\nContent-Length: ${outputs[format].length}\n\n${outputs[format]}`));
    }
  });
  const conn = await connected(server);
  for (const format of Object.keys(outputs)) {
    const [error, parsed, text] = await called((cb) => conn.show('channels', format, cb));
    assert.equal(error, null);
    assert.deepEqual([parsed, text], [{ rowCount: rows[format].length, rows: rows[format] }, outputs[format]]);
  }
  conn.disconnect();
  await server.close();
});

test('programs may inherit in either style', async () => {
  function Old(...args) { Connection.apply(this, args); }
  inherits(Old, Connection);
  class New extends Connection {}
  for (const Kind of [Old, New]) {
    const conn = await new Promise((resolve) => {
      const made = new Kind(sim.host, sim.port, 'ClueCon', () => resolve(made));
    });
    assert.ok(conn instanceof Connection);
    assert.equal((await called((cb) => conn.api('echo', 'x', cb)))[0].getBody(), 'x');
    conn.disconnect();
  }
  assert.throws(() => new Connection(), /Bad arguments/);
});

test('a port that is taken is the error of whoever listens for it', async () => {
  const server = new Server({ port: 0 });
  await new Promise((resolve) => server.on('ready', resolve));
  const other = new Server({ port: server.port });
  assert.equal((await called((cb) => other.on('error', cb)))[0].code, 'EADDRINUSE');
  const inner = new Server({ port: server.port });
  assert.equal((await called((cb) => inner.server.on('error', cb)))[0].code, 'EADDRINUSE');
  server.close();
});
