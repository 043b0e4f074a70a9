import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ESLconnection, ESLevent } from 'switchwire';
import { Simulator } from 'switchwire/testing';

let sim;
before(() => (sim = new Simulator()));
after(() => sim.close());

test('the idioms of the classic object model', async () => {
  const con = new ESLconnection(sim.host, String(sim.port), sim.password);
  assert.equal(con.connected(), 0);
  assert.equal(await con.ready, true);
  assert.equal(con.connected(), 1);
  assert.ok(con.socketDescriptor() >= 0);
  assert.equal(con.getInfo(), null);
  assert.match((await con.api('status')).getBody(), /^UP /);
  assert.equal((await con.sendRecv('api version')).getType(), 'SOCKET_DATA');
  assert.equal(await con.events('plain', 'HEARTBEAT BACKGROUND_JOB'), 0);
  const answer = await con.bgapi('status', '', 'my-job');
  assert.equal(answer.getHeader('Job-UUID'), 'my-job');
  const job = await con.recvEvent();
  assert.equal(job.getHeader('job-uuid'), 'my-job');
  assert.equal(await con.recvEventTimed(5), null);
  sim.fire('HEARTBEAT', { n: 1 });
  assert.equal((await con.recvEventTimed(5000)).getHeader('n'), '1');
  const fired = new ESLevent('HEARTBEAT');
  fired.addHeader('n', '2');
  assert.match((await con.sendEvent(fired)).getHeader('Reply-Text'), /^\+OK/);
  assert.equal((await con.recvEvent()).getHeader('n'), '2');
  assert.equal(await con.send('log 7'), 0);
  assert.equal(con.setAsyncExecute('1'), 1);
  assert.equal(con.setEventLock('0'), 0);
  assert.match((await con.execute('answer', '', 'no-such')).getHeader('Reply-Text'), /^-ERR/);
  await con.disconnect();
  assert.equal(con.connected(), 0);
  assert.equal(await con.api('status'), null);
  assert.equal((await con.recvEvent()).getType(), 'SERVER_DISCONNECTED');
});

test('a failed connect does not throw', async () => {
  const con = new ESLconnection(sim.host, sim.port, 'wrong');
  assert.equal(await con.ready, false);
  assert.equal(con.connected(), 0);
  assert.equal(await con.api('status'), null);
  assert.equal((await con.sendEvent(new ESLevent('MESSAGE'))).getType(), 'SERVER_DISCONNECTED');
});

test('the blocking variants', async () => {
  const con = ESLconnection.connectSync(sim.host, sim.port, sim.password);
  assert.match(con.apiSync('status').getBody(), /^UP /);
  assert.match(con.sendRecvSync('event plain HEARTBEAT BACKGROUND_JOB').getHeader('Reply-Text'), /^\+OK/);
  assert.equal(con.recvEventTimedSync(1), null);
  sim.fire('HEARTBEAT', { n: 7 });
  assert.equal(con.recvEventSync().getHeader('n'), '7');
  assert.ok(con.bgapiSync('status').getHeader('Job-UUID'));
  assert.match(con.recvEventTimedSync(5000).getBody(), /^UP /);
  assert.throws(() => con.apiSync('a\nb'), { code: 'ESL_INVALID_ARGUMENT' });
  await con.disconnect();
  assert.equal(con.apiSync('status'), null);
  assert.equal(con.recvEventSync().getType(), 'SERVER_DISCONNECTED');
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
