// A conference as an object: its commands on a peer that shows them, members and events on the simulator.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Conference, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { ROOT, api, loggedIn, until } from './support/index.mjs';

test('every command is sent as the server takes it', async () => {
  const sent = [];
  const peer = await loggedIn(async (socket, commands) => {
    for await (const block of commands) {
      sent.push(block.replace('api conference ', ''));
      socket.write(api(block.includes('bgdial') ? '+OK Job-UUID: job-1\n' : block.includes('absent') ? '-ERR Conference absent not found\n' : '+OK\n'));
    }
  });
  const conn = await connect(peer);
  const lab = conn.conference('lab');
  assert.ok(lab instanceof Conference && lab.name === 'lab' && lab.connection === conn);
  await lab.mute(4);
  await lab.kick('all', { sound: 'bye.wav' });
  await lab.pin('123');
  await lab.pin(null);
  await lab.volumeIn('last', -2);
  await lab.energy('non_moderator', 100);
  await lab.play('a.wav', { member: 3 });
  await lab.play('a.wav', { beside: true });
  await lab.stop();
  await lab.stop({ all: false });
  await lab.say('hello all');
  await lab.say('hello', { member: 4 });
  await lab.record('r.wav');
  await lab.pauseRecording('r.wav');
  await lab.stopRecording();
  await lab.lock();
  await lab.unlock();
  await lab.transfer('other', [3, 4]);
  await lab.relate(3, 4, 'nohear');
  await lab.sendDtmf(4, '12#');
  assert.equal(await lab.dial({ user: '1000' }), 'job-1');
  assert.deepEqual(sent, [
    'lab mute 4', 'lab kick all bye.wav', 'lab pin 123', 'lab nopin', 'lab volume_in last -2', 'lab energy non_moderator 100',
    'lab play a.wav 3', 'lab play a.wav async', 'lab stop all', 'lab stop current', 'lab say hello all', 'lab saymember 4 hello',
    'lab record r.wav', 'lab recording pause r.wav', 'lab norecord all', 'lab lock', 'lab unlock', 'lab transfer other 3 4',
    'lab relate 3 4 nohear', 'lab dtmf 4 12#', 'lab bgdial user/1000',
  ]);
  await assert.rejects(conn.conference('absent').mute('all'), { code: 'ESL_REFUSED', message: /absent not found/ });
  const before = sent.length;
  await assert.rejects(lab.play('a!b'), { code: 'ESL_INVALID_ARGUMENT' });
  await assert.rejects(lab.mute('everyone'), { code: 'ESL_INVALID_ARGUMENT' });
  await assert.rejects(lab.mute(4, { tiemout: 1 }), { code: 'ESL_INVALID_ARGUMENT' });
  await assert.rejects(lab.relate(1, 2, 'hates'), { code: 'ESL_INVALID_ARGUMENT' });
  assert.throws(() => conn.conference('two words'), { code: 'ESL_INVALID_ARGUMENT' });
  assert.equal(sent.length, before);
  await conn.close();
  await peer.close();
});

test('a conference and its members are listed', async () => {
  const recorded = readFileSync(join(ROOT, 'tests/captures/conference.json'), 'utf8');
  const replies = [recorded, recorded, '-ERR Conference lab not found\n', '-ERR permission denied\n'];
  const peer = await loggedIn(async (socket, commands) => {
    for await (const block of commands) {
      assert.equal(block, 'api conference lab json_list');
      socket.write(api(replies.shift()));
    }
  });
  const conn = await connect(peer);
  const lab = conn.conference('lab');
  const info = await lab.info();
  assert.deepEqual([info.name, info.locked, typeof info.runTime], [JSON.parse(recorded)[0].conference_name, false, 'number']);
  const [member] = await lab.members();
  assert.deepEqual(member, info.members[0]);
  assert.ok(Number.isInteger(member.id) && member.uuid.length === 36 && typeof member.speaks === 'boolean' && member.joined >= 0);
  assert.equal(await lab.info(), null);
  await assert.rejects(lab.members(), { code: 'ESL_REFUSED' });
  await conn.close();
  await peer.close();
});

test('what happens comes to listeners and iterators', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  await conn.subscribe('CUSTOM conference::maintenance');
  const lab = conn.conference('lab');
  assert.equal(await lab.info(), null);
  assert.deepEqual(await lab.members(), []);
  const events = lab.events();
  const joined = once(lab, 'add-member');
  const heard = [];
  lab.on('event', ({ action }) => heard.push(action));
  await conn.api('originate', "{origination_uuid=leg-a,origination_caller_id_number=1000}null/a '&conference(lab)'");
  const [{ member, uuid, size, event, conference }] = await joined;
  assert.deepEqual([conference, uuid, size, event.subclass], ['lab', 'leg-a', 1, 'conference::maintenance']);
  await lab.mute(member);
  for await (const { action, speaks } of events) {
    if (action !== 'mute-member') continue;
    assert.equal(speaks, false);
    break;
  }
  await until(() => heard.includes('mute-member'));
  await assert.rejects(lab.mute(9999), { code: 'ESL_REFUSED' });
  const last = lab.events();
  const over = once(lab, 'disconnect');
  await conn.close();
  assert.equal((await last.next()).done, true);
  await over;
  sim.close();
});
