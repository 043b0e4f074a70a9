import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { Event, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { api, command, loggedIn, plain } from './support/index.mjs';
import { park, startServer } from './support/server.mjs';

let server;
let conn;

before(async () => {
  server = startServer();
  conn = await connect(server.target);
  await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
});

after(async () => {
  await conn.close();
  server.close();
});

test('api resolves to the output, refusals included', async () => {
  assert.match(await conn.api('version'), /FreeSWITCH/);
  assert.match(await conn.api('nosuchcommand'), /^-ERR/);
  const reply = await conn.apiReply('nosuchcommand');
  assert.equal(reply.ok, false);
  assert.equal(reply.event.get('content-type'), 'api/response');
  assert.equal(await conn.api('echo', ['a', 'b']), 'a b');
});

test('a hundred commands are pipelined and each gets its reply', async () => {
  const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => conn.api('echo', String(at))));
  assert.deepEqual(answers, Array.from({ length: 100 }, (_, at) => String(at)));
});

test('replies that come in one piece are told apart, whatever their texts are', async () => {
  const texts = Array.from({ length: 300 }, (_, at) => [`${at}`, 'ü'.repeat(at), 'x'.repeat(at), '€', '', '+OK', 'y'.repeat(64)][at % 7]);
  const peer = await loggedIn(async (socket, commands) => {
    for (let at = 0; at < texts.length; at += 1) await commands.next();
    const events = texts.map((text, at) => (at % 50 === 49 ? plain('Event-Name: HEARTBEAT\n\n') : '') + api(text));
    socket.write(events.join(''));
  });
  const conn = await connect(peer);
  assert.deepEqual(await Promise.all(texts.map((_, at) => conn.api(`echo ${at}`))), texts);
  await conn.close();
  await peer.close();
});

test('no argument starts a second command', async () => {
  for (const ask of [
    () => conn.api('status\n\nexit'), () => conn.api('status', 'a\r\nb'), () => conn.bgapi('x', '\n\n'),
    () => conn.send('api status\n\nexit'), () => conn.filter('A', 'b\n'), () => conn.hangup('X\nY'),
    () => conn.execute('answer\n', ''), () => conn.log('7\n'), () => conn.bgapi('x', '', { jobUuid: 'a\nb' }),
  ]) await assert.rejects(ask, { code: 'ESL_INVALID_ARGUMENT' });
  assert.match(await conn.api('status'), /^UP /);
});

test('commands leave although the program does not give the event loop a turn', async () => {
  const sim = new Simulator();
  const busy = await connect(sim.target);
  const answers = [busy.api('status'), busy.send('exit')];
  const until = Date.now() + 20_000;
  while (sim.connections > 0 && Date.now() < until);
  assert.equal(sim.connections, 0);
  assert.match(await answers[0], /^UP /);
  await answers[1];
  await busy.closed;
  sim.close();
});

test('each command has its own timeout', async () => {
  const silent = await loggedIn(async (socket, commands) => {
    for await (const text of commands) if (text.includes('answered')) socket.write(api('in time'));
  });
  const other = await connect({ ...silent, timeouts: { command: 30 } });
  const ended = [];
  const late = (name, ...options) => assert.rejects(other.api(name, '', ...options), { code: 'ESL_TIMEOUT' }).then(() => ended.push(name));
  const waiting = [late('long', { timeout: 90 }), late('short', { timeout: 3 }), late('default'), late('half', { timeout: 0.5 })];
  // As long as a day is, and indefinitely.
  const open = [2 ** 40, Infinity, 0].map((timeout) => other.api('open', '', { timeout }).catch((error) => error.code));
  await Promise.all(waiting);
  assert.deepEqual([...ended].sort(), ['default', 'half', 'long', 'short']);
  assert.ok(ended.indexOf('short') < ended.indexOf('long'));
  await other.close();
  assert.deepEqual(await Promise.all(open), Array(3).fill('ESL_DISCONNECTED'));
  await silent.close();
});

test('a command that is given up mixes nothing up', async () => {
  let go;
  const gate = new Promise((resolve) => (go = resolve));
  const slow = await loggedIn(async (socket, commands) => {
    const first = (await commands.next()).value;
    const second = (await commands.next()).value;
    await gate;
    socket.write(api(first));
    socket.write(api(second));
    for await (const text of commands) socket.write(api(text));
  });
  const other = await connect(slow);
  await assert.rejects(other.api('one', '', { timeout: 10 }), { code: 'ESL_TIMEOUT', phase: 'reply' });
  const abort = new AbortController();
  const two = other.api('two', '', { signal: abort.signal });
  abort.abort();
  await assert.rejects(two, { name: 'AbortError' });
  go();
  assert.equal(await other.api('three'), 'api three');
  await other.close();
  await slow.close();
});

test('a job ends with its event, whoever asks when', async () => {
  const job = await conn.bgapi('status');
  assert.equal(job.reply.jobUuid, job.uuid);
  assert.match(await job.result({ timeout: 5000 }), /^UP /);
  assert.equal((await job.wait()).get('Job-UUID'), job.uuid);
  const id = randomUUID();
  const own = await conn.bgapi('echo', 'x', { jobUuid: id });
  assert.equal(own.uuid, id);
  assert.equal(await own.result({ timeout: 5000 }), 'x');
});

test('listeners see the end of a job, too', async () => {
  const seen = [];
  const note = (event) => seen.push(event.get('Job-UUID'));
  conn.on('BACKGROUND_JOB', note);
  const job = await conn.bgapi('status');
  await job.wait();
  conn.off('BACKGROUND_JOB', note);
  assert.ok(seen.includes(job.uuid));
});

test('a job that could never be heard of says so', async () => {
  const deaf = await connect(server.target);
  const job = await deaf.bgapi('status');
  await assert.rejects(job.wait(), { code: 'ESL_NOT_SUBSCRIBED' });
  await assert.rejects(deaf.execute('answer', '', { uuid: 'x', wait: true }), { code: 'ESL_NOT_SUBSCRIBED' });
  await deaf.close();
});

test('an application is waited for, and a hangup ends the wait', async (t) => {
  const uuid = await park(t, conn);
  const played = await conn.execute('playback', 'x.wav', { uuid, wait: true, timeout: 5000 });
  assert.equal(played.reply.ok, true);
  assert.equal(played.complete.get('Application'), 'playback');
  assert.equal(played.response, played.complete.get('Application-Response'));
  const endless = conn.execute('playback', 'silence_stream://60000', { uuid, wait: true });
  await assert.rejects(conn.execute('playback', 'silence_stream://60000', { uuid, wait: true, timeout: 20 }),
    { code: 'ESL_TIMEOUT', phase: 'execute' });
  await conn.api('uuid_kill', uuid);
  await assert.rejects(endless, { code: 'ESL_HANGUP', hangupCause: 'NORMAL_CLEARING' });
  await assert.rejects(conn.execute('answer', '', { uuid: 'no-such-channel' }), { code: 'ESL_REFUSED', message: /execute answer/ });
});

test('every simple command is sent as the protocol has it', async () => {
  const sent = [];
  const echo = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      sent.push(text);
      socket.write(command('+OK'));
    }
  });
  const c = await connect(echo);
  await c.subscribe('CHANNEL_ANSWER', 'CUSTOM a::b', 'HEARTBEAT', { format: 'json', filters: { X: ['1', '2'] }, log: 'INFO' });
  await c.unsubscribe('HEARTBEAT');
  await c.unsubscribe();
  await assert.rejects(c.unsubscribe('DTMF', { signal: AbortSignal.abort() }), { name: 'AbortError' });
  await c.filterDelete('X');
  await c.myevents();
  await c.myevents({ uuid: 'u' });
  await c.linger(5);
  await c.nolinger();
  await c.resume();
  await c.divertEvents(true);
  await c.nolog();
  await c.hangup('USER_BUSY', { uuid: 'u' });
  await c.sendEvent(new Event('CUSTOM', 'x::y').add('A', 'b').setBody('text'));
  await c.sendMessage(new Event('MESSAGE').add('call-command', 'hangup'), { uuid: 'u' });
  await c.execute('play', 'a\nb', { uuid: 'u', loops: 2, eventLock: true, async: true });
  assert.deepEqual(sent, [
    'filter X 1', 'filter X 2', 'event json CHANNEL_ANSWER HEARTBEAT CUSTOM a::b', 'log 6', 'nixevent HEARTBEAT', 'noevents',
    'filter delete X', 'myevents', 'myevents u plain', 'linger 5', 'nolinger', 'resume', 'divert_events on', 'nolog',
    'sendmsg u\ncall-command: hangup\nhangup-cause: USER_BUSY',
    'sendevent CUSTOM\nEvent-Name: CUSTOM\nEvent-Subclass: x::y\nA: b\nContent-Length: 4',
    ...sent.slice(16),
  ]);
  await c.close();
  await echo.close();
});

test('a refused subscription is an error', async () => {
  const refusing = await loggedIn(async (socket, commands) => {
    for await (const _ of commands) socket.write(command('-ERR no keywords supplied'));
  });
  const c = await connect(refusing);
  await assert.rejects(c.subscribe('HEARTBEAT'), { code: 'ESL_REFUSED' });
  await assert.rejects(c.subscribe('CHANNEL_HANGP'), { code: 'ESL_INVALID_ARGUMENT', message: /CHANNEL_HANGUP/ });
  await assert.rejects(c.bgapi('status'), { code: 'ESL_REFUSED' });
  await c.close();
  await refusing.close();
});

test('an application goes out with its options, waited for or not, and with the connection\'s modes', async () => {
  const sent = [];
  const server = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      const [, run] = /^event-uuid: (.*)$/m.exec(text) ?? [];
      if (text.startsWith('sendmsg')) sent.push(text.split('\n').slice(1).map((line) => line.replace(/^(event-uuid: ).{36}$/, '$1…')).sort());
      const done = run ? plain(`Event-Name: CHANNEL_EXECUTE_COMPLETE\nUnique-ID: u\nApplication-UUID: ${run}\nApplication-Response: done\n`) : '';
      socket.write(command('+OK') + done);
    }
  });
  const c = await connect(server);
  await c.subscribe('CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
  const options = { uuid: 'u', loops: 2, eventLock: true, async: true, holdBleg: true, eventUuid: 'my-run' };
  await c.execute('play', 'x', options);
  assert.equal((await c.execute('play', 'x', { ...options, wait: true, timeout: 5000 })).response, 'done');
  assert.deepEqual(sent[1], sent[0]);
  for (const line of ['loops: 2', 'event-lock: true', 'async: true', 'event-uuid: my-run']) assert.ok(sent[0].includes(line), `${line} in ${sent[0]}`);
  sent.length = 0;
  assert.equal(c.setAsyncExecute(true), true);
  assert.equal(c.setEventLock(true), true);
  await c.execute('play', 'x', { uuid: 'u' });
  await c.execute('play', 'x', { uuid: 'u', wait: true, timeout: 5000 });
  await c.execute('play', 'x', { uuid: 'u', async: false, eventLock: false });
  for (const lines of sent.slice(0, 2)) assert.ok(lines.includes('async: true') && lines.includes('event-lock: true'), String(lines));
  assert.ok(!sent[2].includes('async: true') && !sent[2].includes('event-lock: true'), String(sent[2]));
  await c.close();
  await server.close();
});
