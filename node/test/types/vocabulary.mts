// Right names compile, wrong ones do not.
import { type AnswerState, type Connection, type Event, type EventName, type HangupCause } from 'switchwire';
import vocabulary, { HANGUP_CAUSES, VARIABLES, type ChannelState, type VariableKind } from 'switchwire/vocabulary';

export function listen(conn: Connection, event: Event) {
  conn.on('CHANNEL_ANSWER', (answered) => answered.timeAnswered?.getTime());
  conn.on('CUSTOM my::event', (custom) => custom.subclass);
  conn.once('event', (any) => any.type);
  // @ts-expect-error there is no such event
  conn.on('CHANNEL_ANSWERED', () => {});
  // @ts-expect-error nor such a one
  conn.once('channel_answer', () => {});
  // @ts-expect-error nor here
  conn.prependListener('DTFM', () => {});
  // @ts-expect-error a subclass belongs to CUSTOM
  conn.addListener('my::event', () => {});
  conn.on('ONE_OF_THE_FUTURE' as EventName, () => {});
  conn.subscribe('CHANNEL_ANSWER', 'CHANNEL_HANGUP DTMF', ['CUSTOM my::event', 'ALL']);
  // @ts-expect-error there is no such event
  conn.subscribe('CHANNEL_ANSWERED');
  // @ts-expect-error nor such a one
  conn.subscribe(['CHANEL_HANGUP DTMF']);
  // @ts-expect-error nor here
  conn.unsubscribe('channel_answer');

  const cause: HangupCause = 'USER_BUSY';
  const number: number = HANGUP_CAUSES[cause];
  // @ts-expect-error there is no such cause
  const wrong: HangupCause = 'USER_BUZY';
  // @ts-expect-error nor such a state
  const state: ChannelState = 'CS_EXECUTED';
  // @ts-expect-error nor such an answer state
  const answer: AnswerState = 'picked-up';
  // @ts-expect-error the table has no such cause
  vocabulary.HANGUP_CAUSES.USER_BUZY;
  // @ts-expect-error nor does it change
  HANGUP_CAUSES.USER_BUSY = 1;
  const kind: VariableKind = VARIABLES.hangup_after_bridge.kind;
  // @ts-expect-error there is no such variable
  VARIABLES.hangup_after_brigde;

  // What the server sends may be newer: any text is taken, the known ones are completed.
  event.get('X-Of-Mine');
  event.variable('campaign');
  const received: string | null = event.hangupCause;
  if (event.hangupCause === 'NO_ANSWER') return received;
  const caller: string | null = event.caller.callerIdNumber;
  const held: number | null = event.otherLeg?.held ?? null;
  // @ts-expect-error an event may have no other leg
  event.otherLeg.created;
  return [number, wrong, state, answer, kind, caller, held];
}
