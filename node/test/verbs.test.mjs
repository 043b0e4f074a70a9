// Every verb of a call on the simulator, on the call's own connection and by its uuid: what it comes to.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Call, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { withCall } from './support/calls.mjs';

const LONG = 'tone_stream://%(60000,0,350)';
const SHORT = 'silence_stream://30';

/** The methods that were called. */
const used = new Set();

/** The call, of which every method that is called is noted. */
function noted(call) {
  return new Proxy(call, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      used.add(name);
      return value.bind(target);
    },
  });
}

/** The two ways in which a program has a call; `script(call, far)`, and beside it `farEnd(far)`. */
const WAYS = {
  outbound: (script, farEnd) => withCall(async (connection) => {
    await connection.linger(5);
    await connection.myevents();
    const call = noted(connection.call());
    await call.answer();
    return script(call);
  }, farEnd),
  inbound(script, farEnd) {
    let target;
    return withCall(async (connection) => {
      const conn = await connect(target);
      try {
        await conn.subscribe('ALL');
        const call = noted(conn.call(connection.uuid));
        await call.answer();
        return await script(call);
      } finally {
        await conn.close();
      }
    }, farEnd, { prepare: (sim) => (target = sim.target) });
  },
};

function each(title, script, farEnd) {
  for (const [way, run] of Object.entries(WAYS)) test(`${title} (${way})`, () => run(script, farEnd));
}

const folder = mkdtempSync(join(tmpdir(), 'switchwire-verbs-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

each('sounds, variables and waits', async (call) => {
  await call.preAnswer();
  await call.ringReady();
  await call.sleep(10);
  assert.equal((await call.playback([SHORT, SHORT])).end, 'completed');
  assert.equal((await call.say('125', { type: 'NUMBER', method: 'PRONOUNCED' })).end, 'completed');
  assert.equal((await call.speak('hello', { engine: 'flite', voice: 'kal' })).end, 'completed');
  assert.equal((await call.playAndGetDigits({ file: SHORT, min: 1, max: 4, inputTimeout: 20 })).end, 'timeout');
  assert.equal((await call.read({ file: SHORT, min: 1, max: 4, inputTimeout: 20 })).digits, null);
  await call.set('a', "it's, yes");
  await call.set('b', ['x', 'y z']);
  await call.setAll({ e: '1, 2', f: 3 });
  const values = [];
  for (const name of 'abef') values.push(await call.variable(name));
  assert.deepEqual(values, ["it's, yes", 'ARRAY::x|:y z', '1, 2', '3']);
  await call.unset('a');
  assert.equal(await call.variable('a'), null);
  await call.export('c', 'd');
  assert.equal((await call.refresh()).variable('c'), 'd');
  await call.executeOnAnswer('set', 'answered_by_hook=yes');
  assert.equal(await call.variable('execute_on_answer'), 'set answered_by_hook=yes');
  assert.equal((await call.execute('log', 'INFO verbs')).hangup, false);
  await call.set('continue_on_fail', 'true');
  const bridged = await call.bridge({ error: 'USER_BUSY' });
  assert.deepEqual([bridged.answered, bridged.cause], [false, 'USER_BUSY']);
  const recorded = await call.record(join(folder, `${call.uuid}.wav`), { limitSeconds: 1 });
  assert.ok(['limit', 'stopped', 'silence'].includes(recorded.end), recorded.end);
  assert.deepEqual(await call.waitForDtmf(1, { timeout: 1 }), { digits: '', end: 'timeout', terminator: null });
  await call.waitFor('answered');
  await call.hangup('USER_BUSY');
  await call.waitFor('hangup');
  assert.deepEqual([call.hungUp, call.hangupCause], [true, 'USER_BUSY']);
});

each('what is done to a call while it plays', async (call) => {
  const playing = call.playback(LONG);
  const state = async () => (await call.refresh()).callState;
  await call.hold();
  assert.equal(await state(), 'HELD');
  // Only a SIP leg can be taken off hold; the server says so of others, and does it all the same.
  await assert.rejects(call.unhold(), { code: 'ESL_REFUSED' });
  assert.equal(await state(), 'ACTIVE');
  await call.mute();
  await call.deafen();
  await call.unmute();
  const file = join(folder, `${call.uuid}-session.wav`);
  await call.startRecording(file, { limitSeconds: 60 });
  await call.stopRecording(file);
  await call.displace(LONG, { mix: true });
  await call.stopDisplacing(LONG);
  await assert.rejects(call.stopDisplacing(LONG), { code: 'ESL_REFUSED' });
  await call.sendDtmf('12', { duration: 100 });
  await call.broadcast(SHORT);
  await call.scheduleHangup(600, { cause: 'ALLOTTED_TIMEOUT' });
  await call.stopPlayback({ all: true });
  assert.equal((await playing).end, 'completed');
  await call.hangup();
}, async (far) => {
  for (const what of ['CHANNEL_HOLD', 'CHANNEL_UNHOLD']) await far.wait(what);
  for (const bug of ['audio', 'session_record', 'displace']) {
    for (const what of ['MEDIA_BUG_START', 'MEDIA_BUG_STOP']) assert.equal((await far.wait(what)).get('Media-Bug-Function'), bug);
  }
});

each('digits come as they are pressed', async (call) => {
  const digits = call.dtmf();
  const first = digits.next();
  call.playback(LONG).catch(() => {});
  assert.equal((await first).value.digit, '7');
  await digits.return();
}, (far) => far.press('playback', '7'));

each('a transfer leaves the application, and a scheduled one comes', async (call) => {
  await call.park();
  await call.transfer('9196');
  await call.scheduleTransfer(1, '9664');
  await call.waitFor('hangup');
  assert.equal(call.hangupCause, 'CALL_REJECTED');
}, async (far) => {
  await far.wait('CHANNEL_EXECUTE', 'echo');
  await far.wait('CHANNEL_EXECUTE', 'playback');
  await far.kill('CALL_REJECTED');
});

each('a member of a conference is sent out', async (call) => {
  const left = await call.conference(`room-${call.uuid}`).catch((error) => error);
  assert.ok(left.kind === 'done' || left.code === 'ESL_HANGUP', String(left));
}, async (far) => {
  const room = far.control.conference(`room-${far.uuid}`);
  await far.wait('CHANNEL_EXECUTE', 'conference');
  let members = [];
  while (members.length === 0) members = await room.members();
  await room.mute(members[0].id);
  assert.equal((await room.members())[0].speaks, false);
  await room.kick(members[0].id);
});

/** A second call that runs that, and is answered. */
async function second(control, uuid, application) {
  await control.api('bgapi', `originate {origination_uuid=${uuid}}null/second '&${application}'`);
}

/** Waits until the two are bridged. */
async function bridged(events, ...legs) {
  for (;;) {
    const { value: event, done } = await events.next();
    assert.ok(!done, 'they are not bridged');
    const found = event.type === 'CHANNEL_BRIDGE' ? ['A', 'B'].map((leg) => event.get(`Bridge-${leg}-Unique-ID`)) : [];
    if (legs.every((leg) => found.includes(leg))) return;
  }
}

/** Ended by itself, or with the call. */
async function over(ended) {
  const left = await ended.catch((error) => error);
  assert.ok(left.kind === 'done' || left.code === 'ESL_HANGUP', String(left));
}

each('a call waits in a queue until it is taken', async (call) => {
  // No caller waits there.
  await call.fifo(`queue-${call.uuid}`, { as: 'try-take' });
  await over(call.fifo(`queue-${call.uuid}`));
}, async (far) => {
  await far.wait('CHANNEL_EXECUTE', 'fifo');
  await far.wait('CHANNEL_EXECUTE', 'fifo');
  const agent = await far.control.api('create_uuid');
  await second(far.control, agent, `fifo(queue-${far.uuid} out nowait)`);
  await bridged(far.events, far.uuid, agent);
  await far.kill('NORMAL_CLEARING', agent);
  await far.kill();
});

each('a call is parked until it is fetched', (call) => over(call.valetPark(`lot-${call.uuid}`, { stall: '6001' })), async (far) => {
  await far.wait('CHANNEL_EXECUTE', 'valet_park');
  const other = await far.control.api('create_uuid');
  await second(far.control, other, `valet_park(lot-${far.uuid} 6001)`);
  await bridged(far.events, far.uuid, other);
  await far.kill('NORMAL_CLEARING', other);
  await far.kill();
});

each('a call listens to another until that ends', async (call) => {
  const target = await call.connection.api('create_uuid');
  await call.connection.api('originate', `{origination_uuid=${target}}null/second &park()`);
  await call.set('listened_to', target);
  await over(call.eavesdrop(target));
}, async (far) => {
  let event;
  do event = (await far.events.next()).value; while (event.get('Media-Bug-Function') !== 'eavesdrop');
  assert.equal(await far.control.api('uuid_getvar', `${far.uuid} listened_to`), event.uuid);
  await far.kill('NORMAL_CLEARING', event.uuid);
});

test('a partner is handed to a third party', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  const control = await connect(sim.target);
  try {
    await conn.subscribe('ALL');
    await control.subscribe('CHANNEL_BRIDGE');
    const events = control.events();
    // What waits goes on to something after its bridge: without it, the third party is parked.
    const applications = "'bridge:{origination_uuid=leg-b}null/b,park' inline";
    await control.api('bgapi', `originate {origination_uuid=leg-a}null/a ${applications}`);
    await bridged(events, 'leg-a', 'leg-b');
    const call = noted(conn.call('leg-b'));
    const consulting = over(call.attendedTransfer({ legs: [{ null: 'c' }], uuid: 'leg-c' }));
    // The transferor talks to the third party, then leaves them to each other.
    await bridged(events, 'leg-b', 'leg-c');
    await call.hangup();
    await consulting;
    await bridged(events, 'leg-a', 'leg-c');
  } finally {
    await control.close();
    await conn.close();
    sim.close();
  }
});

test('every verb was run', () => {
  const methods = Object.getOwnPropertyNames(Call.prototype)
    .filter((name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(Call.prototype, name).value === 'function');
  assert.deepEqual(methods.filter((name) => !used.has(name)), []);
});
