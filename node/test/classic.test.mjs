import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { ESLconnection, ESLevent } from 'switchwire';
import { command, loggedIn, plain } from './support/index.mjs';
import { SUBCLASS, startServer } from './support/server.mjs';

let server;
before(() => (server = startServer()));
after(() => server.close());

/** An event that only these tests send. */
function custom(n) {
  const event = new ESLevent('CUSTOM', SUBCLASS);
  event.addHeader('n', n);
  return event;
}

test('the idioms of the classic object model', async () => {
  const con = new ESLconnection(server.host, String(server.port), server.password);
  assert.equal(con.connected(), 0);
  assert.equal(await con.ready, true);
  assert.equal(con.connected(), 1);
  assert.ok(con.socketDescriptor() >= 0);
  assert.equal(con.getInfo(), null);
  assert.match((await con.api('status')).getBody(), /^UP /);
  assert.equal((await con.sendRecv('api version')).getType(), 'SOCKET_DATA');
  assert.equal(await con.events('plain', `BACKGROUND_JOB CUSTOM ${SUBCLASS}`), 0);
  const id = randomUUID();
  const answer = await con.bgapi('status', '', id);
  assert.equal(answer.getHeader('Job-UUID'), id);
  let job;
  do job = await con.recvEvent(); while (job.getHeader('job-uuid') !== id);
  assert.match(job.getBody(), /^UP /);
  assert.match((await con.filter('n', '1')).getHeader('Reply-Text'), /^\+OK/);
  assert.match((await con.filter('n', '2')).getHeader('Reply-Text'), /^\+OK/);
  assert.equal(await con.recvEventTimed(5), null);
  assert.match((await con.sendEvent(custom('1'))).getHeader('Reply-Text'), /^\+OK/);
  assert.equal((await con.recvEventTimed(5000)).getHeader('n'), '1');
  await con.sendEvent(custom('2'));
  assert.equal((await con.recvEvent()).getHeader('n'), '2');
  assert.equal(await con.send('noevents'), 0);
  assert.equal(con.setAsyncExecute('1'), 1);
  assert.equal(con.setEventLock('0'), 0);
  assert.match((await con.execute('answer', '', 'no-such')).getHeader('Reply-Text'), /^-ERR/);
  assert.equal(await con.sendMSG(custom('3'), 'no-such'), 1);
  await con.disconnect();
  assert.equal(con.connected(), 0);
  assert.equal(await con.api('status'), null);
  assert.equal((await con.recvEvent()).getType(), 'SERVER_DISCONNECTED');
});

test('a failed connect does not throw', async () => {
  const con = new ESLconnection(server.host, server.port, `not ${server.password}`);
  assert.equal(await con.ready, false);
  assert.equal(con.connected(), 0);
  assert.equal(await con.api('status'), null);
  assert.equal((await con.sendEvent(new ESLevent('MESSAGE'))).getType(), 'SERVER_DISCONNECTED');
});

test('the blocking variants', async () => {
  const con = ESLconnection.connectSync(server.host, server.port, server.password);
  assert.match(con.apiSync('status').getBody(), /^UP /);
  assert.match(con.sendRecvSync(`event plain CUSTOM ${SUBCLASS}`).getHeader('Reply-Text'), /^\+OK/);
  assert.match(con.sendRecvSync('filter n 7').getHeader('Reply-Text'), /^\+OK/);
  assert.equal(con.recvEventTimedSync(1), null);
  assert.match(con.sendEventSync(custom('7')).getHeader('Reply-Text'), /^\+OK/);
  assert.equal(con.recvEventSync().getHeader('n'), '7');
  assert.match(con.sendEventSync(custom('7')).getHeader('Reply-Text'), /^\+OK/);
  assert.equal(con.recvEventTimedSync(5000).getHeader('Event-Subclass'), SUBCLASS);
  assert.ok(con.bgapiSync('status').getHeader('Job-UUID'));
  for (const run of ['executeSync', 'executeAsyncSync']) {
    assert.match(con[run]('answer', '', 'no-such').getHeader('Reply-Text'), /^-ERR/);
  }
  assert.equal(con.sendMSGSync(custom('8'), 'no-such'), 1);
  assert.equal(con.eventsSync('json', 'HEARTBEAT'), 0);
  assert.match(con.filterSync('a', 'b').getHeader('Reply-Text'), /^\+OK/);
  assert.throws(() => con.apiSync('a\nb'), { code: 'ESL_INVALID_ARGUMENT' });
  await con.disconnect();
  assert.equal(con.apiSync('status'), null);
  assert.equal(con.recvEventSync().getType(), 'SERVER_DISCONNECTED');
});

test('whatever is no reply is received: log lines, too, and each by one of several waits', async () => {
  const head = 'Content-Type: log/data\nContent-Length: 5\nLog-Level: 3\n\n';
  const talking = await loggedIn(async (socket, commands) => {
    for await (const text of commands) {
      socket.write(command('+OK') + (text === 'log 7' ? `${head}line\n${plain('Event-Name: HEARTBEAT\nn: 1\n')}${plain('Event-Name: HEARTBEAT\nn: 2\n')}` : ''));
      if (text === 'over') socket.end();
    }
  });
  const con = new ESLconnection(talking.host, talking.port, talking.password);
  const first = con.recvEvent();
  const second = con.recvEventTimed(5000);
  await con.ready;
  const later = con.recvEventTimed(1);
  assert.equal(await later, null);
  assert.equal(con.sendSync('log 7'), 0);
  const line = await first;
  assert.deepEqual([line.getType(), line.getHeader('Log-Level'), line.getBody()], ['SOCKET_DATA', '3', 'line\n']);
  assert.equal((await second).getHeader('n'), '1');
  assert.equal((await con.recvEventTimed(5000)).getHeader('n'), '2');
  assert.equal(await con.recvEventTimed(0), null);
  const last = con.recvEvent();
  await con.sendRecv('over');
  assert.equal((await last).getType(), 'SERVER_DISCONNECTED');
  assert.equal((await con.recvEventTimed(5)).getType(), 'SERVER_DISCONNECTED');
  await talking.close();
});

test('the classic event', () => {
  const event = new ESLevent('CUSTOM', 'a::b');
  event.addHeader('A', '1');
  event.addHeader('A', '2');
  event.pushHeader('L', 'x');
  event.unshiftHeader('L', 'w');
  event.addBody('text');
  const names = [];
  for (let name = event.firstHeader(); name; name = event.nextHeader()) names.push(name);
  assert.deepEqual(names, ['Event-Name', 'Event-Subclass', 'A', 'A', 'L']);
  assert.equal(event.getHeader('L', 0), 'w');
  assert.equal(event.getHeader('_body'), 'text');
  assert.ok(event.setPriority('HIGH'));
  assert.ok(event.delHeader('a'));
  assert.equal(event.getHeader('A'), null);
  assert.equal(new ESLevent('json', event.serialize('json')).getBody(), 'text');
  assert.equal(new ESLevent('NO_SUCH').getType(), 'MESSAGE');
});
