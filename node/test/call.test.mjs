// Calls as objects, on the simulator.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { handle } from '../examples/ivr.mjs';
import { withCall } from './support/calls.mjs';

const LONG = 'tone_stream://%(60000,0,350)';
const SHORT = 'silence_stream://30';

async function prepared(connection) {
  await connection.linger(5);
  await connection.myevents();
  const call = connection.call();
  await call.answer();
  return call;
}

test('digits are collected, and the outcome says why it stopped', async () => {
  const outcome = await withCall(async (connection) => {
    const call = await prepared(connection);
    assert.deepEqual([call.answered, call.hungUp, call.hangupCause], [true, false, null]);
    return call.playAndGetDigits({ file: SHORT, min: 2, max: 4, inputTimeout: 20_000, variable: 'pin' });
  }, (far) => far.press('play_and_get_digits', '12#'));
  assert.deepEqual(outcome, { kind: 'digits', digits: '12', end: 'terminator', terminator: '#', invalid: null });
});

test('a playback ends by a key, by its end, and by the call', async () => {
  const [played, stopped, error] = await withCall(async (connection) => {
    const call = await prepared(connection);
    const first = await call.playback(SHORT);
    await call.set('playback_terminators', '5');
    const second = await call.playback(LONG);
    return [first, second, await call.playback(LONG).catch((reason) => reason)];
  }, async (far) => {
    await far.wait('CHANNEL_EXECUTE', 'playback');
    await far.press('playback', '5');
    await far.wait('CHANNEL_EXECUTE', 'playback');
    await far.kill('USER_BUSY');
  });
  assert.deepEqual([played.kind, played.end, played.response], ['playback', 'completed', 'FILE PLAYED']);
  assert.deepEqual([stopped.end, stopped.terminator], ['terminator', '5']);
  assert.deepEqual([error.code, error.hangupCause], ['ESL_HANGUP', 'USER_BUSY']);
});

test('a bridge says what came of it', async () => {
  const outcome = await withCall(async (connection) => {
    const call = await prepared(connection);
    await call.setAll({ continue_on_fail: true });
    return call.bridge({ error: 'USER_BUSY' });
  });
  assert.deepEqual([outcome.kind, outcome.answered, outcome.cause, outcome.disposition], ['bridge', false, 'USER_BUSY', 'USER_BUSY']);
});

test('a timeout and an abort give a verb up, and the call goes on', async () => {
  const [timeout, aborted, after] = await withCall(async (connection) => {
    const call = await prepared(connection);
    const first = await call.playback(LONG, { timeout: 1 }).catch((error) => error);
    await call.stopPlayback();
    const stop = new AbortController();
    const second = call.playback(LONG, { signal: stop.signal }).catch((error) => error);
    stop.abort(new Error('enough'));
    const reason = await second;
    await call.stopPlayback();
    return [first, reason, await call.playback(SHORT)];
  });
  assert.deepEqual([timeout.code, timeout.phase], ['ESL_TIMEOUT', 'execute']);
  assert.equal(aborted.message, 'enough');
  assert.equal(after.end, 'completed');
});

test('digits come to listeners, to waits, and to an iterator that ends with the call', async () => {
  const { heard, waited, iterated, cause } = await withCall(async (connection) => {
    const call = await prepared(connection);
    const heard = [];
    const waiting = call.waitForDtmf(3, { terminators: '#' });
    const hung = once(call, 'hangup');
    const iterated = (async () => {
      const all = [];
      for await (const { digit } of call.dtmf()) all.push(digit);
      return all.join('');
    })();
    call.on('dtmf', ({ digit }) => heard.push(digit));
    call.playback(LONG).catch(() => {});
    const waited = await waiting;
    const [cause] = await hung;
    return { heard: heard.join(''), waited, iterated: await iterated, cause };
  }, async (far) => {
    await far.press('playback', '12#');
    // One digit a frame: the last is heard before the call ends.
    for (const _ of '12#') await far.wait('DTMF');
    await far.kill('NO_ANSWER');
  });
  assert.deepEqual(waited, { digits: '12', end: 'terminator', terminator: '#' });
  assert.deepEqual([heard, iterated, cause], ['12#', '12#', 'NO_ANSWER']);
});

test('waiting for digits ends by its timeout with what has come, and an aborted iterator rejects', async () => {
  const [waited, error] = await withCall(async (connection) => {
    const call = await prepared(connection);
    const stop = new AbortController();
    const digits = call.dtmf({ signal: stop.signal });
    const next = digits.next().catch((reason) => reason);
    stop.abort(new Error('enough'));
    return [await call.waitForDtmf(3, { timeout: 1 }), await next];
  });
  assert.deepEqual(waited, { digits: '', end: 'timeout', terminator: null });
  assert.equal(error.message, 'enough');
});

test('variables, actions and states', async () => {
  const seen = await withCall(async (connection) => {
    const call = await prepared(connection);
    await call.waitFor('answered');
    await call.setAll({ campaign: "it's, a {test}", list: ['a', 'b'] });
    const values = [await call.variable('campaign'), await call.variable('list')];
    await call.unset('campaign');
    values.push(await call.variable('campaign'));
    await call.hold();
    // A leg without SIP cannot be taken off hold.
    await assert.rejects(call.unhold(), { code: 'ESL_REFUSED' });
    await call.mute();
    await call.unmute();
    const dump = await call.refresh();
    await assert.rejects(call.setAll({ good: '1', bad: '${x}' }), { code: 'ESL_INVALID_ARGUMENT' });
    assert.equal(await call.variable('good'), null);
    await call.hangup('CALL_REJECTED');
    await call.waitFor('hangup');
    await call.hangup();
    return [...values, dump.uuid === call.uuid, call.hungUp, call.hangupCause];
  });
  assert.deepEqual(seen, ["it's, a {test}", 'ARRAY::a|:b', null, true, true, 'CALL_REJECTED']);
});

test('a sync socket needs no events', async () => {
  const outcome = await withCall(async (connection) => {
    const call = connection.call();
    await call.answer();
    return call.playback(SHORT);
  }, undefined, { options: 'full' });
  assert.deepEqual([outcome.kind, outcome.end], ['playback', 'completed']);
});

test('what cannot be said, is unknown or would never be reported is refused at once', async () => {
  await using(async (conn) => {
    const call = conn.call('some-uuid');
    assert.equal(call.uuid, 'some-uuid');
    await assert.rejects(call.playback(LONG), { code: 'ESL_NOT_SUBSCRIBED' });
    assert.throws(() => call.on('dtmf', () => {}), { code: 'ESL_NOT_SUBSCRIBED' });
    assert.throws(() => call.dtmf(), { code: 'ESL_NOT_SUBSCRIBED' });
    assert.throws(() => conn.call(), { code: 'ESL_INVALID_ARGUMENT' });
    await conn.subscribe('CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE', 'DTMF');
    await assert.rejects(call.playback('wow!.wav'), { code: 'ESL_INVALID_ARGUMENT' });
    await assert.rejects(call.playback('a.wav', { loops: 2 }), /playback has no option loops/);
    await assert.rejects(call.say('1', { type: 'NUMBER' }), /say needs method/);
    await assert.rejects(call.waitFor('answred'), { code: 'ESL_INVALID_ARGUMENT' });
    await assert.rejects(call.bridge({ user: 'a/b@c', domain: 'd' }), { code: 'ESL_INVALID_ARGUMENT' });
    assert.throws(() => structuredClone(call), { name: 'DataCloneError' });
  });
});

test('originate knows its uuid at once, gives the call, and says why there was none', async () => {
  await using(async (conn) => {
    await assert.rejects(async () => conn.originate({ dial: { null: 'x' } }), { code: 'ESL_NOT_SUBSCRIBED' });
    await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
    const making = conn.originate({ dial: { null: 'x' }, callerId: { name: 'Ann', number: '1000' } });
    const { uuid } = making;
    const call = await making;
    assert.deepEqual([call.uuid, making.uuids], [uuid, [uuid]]);
    await call.hangup();
    await assert.rejects(conn.originate({ dial: { error: 'USER_BUSY' } }).answered, { code: 'ESL_HANGUP', hangupCause: 'USER_BUSY' });
    assert.throws(() => conn.originate({ dial: { user: '' } }), { code: 'ESL_INVALID_ARGUMENT' });
    assert.throws(() => conn.originate({ dial: 'user/1', aplication: 'park' }), /no option aplication/);
  });
});

test('an originate is cancelled by its handle and by a signal', async () => {
  await using(async (conn, sim) => {
    await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_HANGUP_COMPLETE');
    sim.extension('5000', [['sleep', '60000']]);
    const dial = { loopback: '5000', context: 'default' };
    const making = conn.originate({ dial });
    assert.equal(making.cancel(), true);
    await assert.rejects(making.answered, { code: 'ESL_HANGUP' });
    assert.equal(making.cancel(), false);
    const stop = new AbortController();
    const other = conn.originate({ dial }, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await assert.rejects(other.answered, /enough/);
  });
});

test('the IVR of the examples says the digits back and connects', async () => {
  const end = await withCall((connection) => handle(connection, '/tmp'), async (far) => {
    await far.press('play_and_get_digits', '2345');
    const bridged = await far.wait('CHANNEL_BRIDGE');
    await far.kill('NORMAL_CLEARING', bridged.get('Bridge-B-Unique-ID'));
  }, { prepare: (sim) => sim.extension('2345', [['answer'], ['park']]) });
  assert.equal(end, 'talked to 2345');
});

test('the IVR of the examples takes a message when there is no way to connect', async () => {
  const end = await withCall((connection) => handle(connection, '/tmp'), async (far) => {
    await far.press('play_and_get_digits', '2999');
    await far.press('record', '#');
  });
  assert.equal(end, 'left a message, which ended by terminator');
});

test('the IVR is short', () => {
  const text = readFileSync(new URL('../examples/ivr.mjs', import.meta.url), 'utf8');
  assert.ok(text.trimEnd().split('\n').length <= 40);
});

async function using(run) {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  try {
    await run(conn, sim);
  } finally {
    await conn.close();
    sim.close();
  }
}
