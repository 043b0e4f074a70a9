import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { EVENT_TYPES, Event } from 'switchwire';
import * as vocabulary from 'switchwire/vocabulary';

const { CHANNEL_STATES, HANGUP_CAUSES, HEADERS, MEANINGS, VARIABLES } = vocabulary;

test('the tables hold the words of calls', () => {
  assert.deepEqual([HANGUP_CAUSES.USER_BUSY, HANGUP_CAUSES.NO_ANSWER, HANGUP_CAUSES.ORIGINATOR_CANCEL], [17, 19, 16]);
  assert.equal(CHANNEL_STATES.CS_EXECUTE, 4);
  assert.match(MEANINGS.HANGUP_CAUSES.USER_BUSY, /busy/i);
  assert.ok(HEADERS['Unique-ID'].length > 0);
  assert.equal(VARIABLES.hangup_after_bridge.kind, 'boolean');
  assert.ok(EVENT_TYPES.includes('CHANNEL_ANSWER'));
  assert.throws(() => (HANGUP_CAUSES.USER_BUSY = 1), TypeError);
});

test('the tables and the classes of calls are loaded when they are asked for', () => {
  const loaded = execFileSync(process.execPath, ['-e', `
    require('switchwire');
    console.log(Object.keys(require.cache).filter((path) => /vocabulary|readers|call\\.js|dial\\.js|originat/.test(path)).join());
  `], { encoding: 'utf8', timeout: 60_000, cwd: new URL('..', import.meta.url) });
  assert.equal(loaded.trim(), '');
});

test('an event gives words, times and variables', () => {
  const event = new Event('CHANNEL_HANGUP_COMPLETE', {
    'Hangup-Cause': 'USER_BUSY', 'Channel-State': 'CS_REPORTING', 'Channel-Call-State': 'HANGUP', 'Answer-State': 'hangup',
    'Call-Direction': 'inbound', 'Event-Date-Timestamp': '1700000000123456', 'Caller-Caller-ID-Number': '1000',
    'Caller-Channel-Created-Time': '1700000000000000', 'Caller-Channel-Answered-Time': '0', 'Caller-Direction': 'outbound',
    'Caller-Channel-Hangup-Time': '1700000001500000', 'Caller-Channel-Hold-Accum': '2500000', variable_campaign: 'spring',
    VARIABLE_b: '2', 'Application-Response': '_none_',
  });
  assert.deepEqual([event.hangupCause, event.channelState, event.callState], ['USER_BUSY', 'CS_REPORTING', 'HANGUP']);
  assert.deepEqual([event.answerState, event.callDirection], ['hangup', 'inbound']);
  assert.equal(event.time.toISOString(), '2023-11-14T22:13:20.123Z');
  assert.deepEqual([event.timeCreated.getTime(), event.timeAnswered, event.timeHungUp.getTime()], [1.7e12, null, 1.7e12 + 1500]);
  const { caller } = event;
  assert.deepEqual([caller.callerIdNumber, caller.rdnis, caller.direction, caller.held], ['1000', null, 'outbound', 2500]);
  assert.equal(caller.toJSON().callerIdNumber, '1000');
  assert.equal(event.otherLeg, null);
  assert.equal(event.variable('campaign'), 'spring');
  assert.deepEqual({ ...event.variables }, { campaign: 'spring', b: '2' });
  assert.equal(event.applicationResponse, null);
  assert.equal(event.set('Hangup-Cause', 'ONE_OF_THE_FUTURE').hangupCause, 'ONE_OF_THE_FUTURE');
});

test('a leg on the other side, a digit, and a response', () => {
  const bridged = new Event('CHANNEL_BRIDGE', { 'Other-Type': 'originatee', 'Other-Leg-Unique-ID': 'b', 'Other-Leg-Callee-ID-Name': '' });
  assert.deepEqual([bridged.otherLeg.uniqueId, bridged.otherLeg.calleeIdName], ['b', null]);
  const pressed = new Event('DTMF', { 'DTMF-Digit': '#', 'DTMF-Duration': '2000' });
  assert.deepEqual([pressed.dtmfDigit, pressed.dtmfDuration], ['#', 250]);
  const played = new Event('CHANNEL_EXECUTE_COMPLETE', { 'Application-Response': 'FILE PLAYED' });
  assert.deepEqual([played.applicationResponse, played.dtmfDigit, played.time], ['FILE PLAYED', null, null]);
});
