// Hand-written.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { CallOptions, Connection, Event, Word } from '../index.js';
import type {
  AnswerState, CallState, ChannelState, HangupCause, SayGender, SayMethod, SayType, VariableName,
} from '../vocabulary.js';
import type { Dial, VariableValue, Variables } from './dial.js';

/** How `playback`, `say` or `speak` ended. Times are milliseconds. */
export interface PlaybackOutcome {
  readonly kind: 'playback';
  readonly end: 'completed' | 'terminator' | 'not-found' | 'failed' | 'hangup';
  /** The key that ended it. */
  readonly terminator: string | null;
  /** How long it played; not for `say` and `speak`. */
  readonly duration: number | null;
  readonly samples: number | null;
  /** The server's word for it, e.g. 'FILE PLAYED'. */
  readonly response: string | null;
}

/** What `playAndGetDigits` or `read` collected. */
export interface DigitsOutcome {
  readonly kind: 'digits';
  /** The good digits. */
  readonly digits: string | null;
  readonly end: 'complete' | 'terminator' | 'timeout' | 'invalid' | 'failed' | 'hangup';
  readonly terminator: string | null;
  /** After 'invalid': the digits of the last try. */
  readonly invalid: string | null;
}

/** What `record` recorded. */
export interface RecordOutcome {
  readonly kind: 'record';
  readonly end: 'terminator' | 'silence' | 'limit' | 'stopped' | 'hangup';
  readonly terminator: string | null;
  readonly duration: number | null;
  readonly samples: number | null;
}

/** What came of a `bridge`. */
export interface BridgeOutcome {
  readonly kind: 'bridge';
  readonly answered: boolean;
  /** Answered: why the other leg was hung up. Else why there was no answer, e.g. 'NO_ANSWER'. */
  readonly cause: Word<HangupCause> | null;
  /** `originate_disposition`: 'SUCCESS', or the cause. */
  readonly disposition: string | null;
  /** `DIALSTATUS`. */
  readonly dialStatus: string | null;
  /** Who hung up, after an answer. */
  readonly hungUpBy: 'this-leg' | 'peer' | null;
  /** The leg that answered. */
  readonly peerUuid: string | null;
  readonly peerChannel: string | null;
  /** This call has been hung up, too. */
  readonly hangup: boolean;
}

/** The end of any other application. */
export interface DoneOutcome {
  readonly kind: 'done';
  /** `Application-Response`. */
  readonly response: string | null;
  readonly hangup: boolean;
}

/** What `waitForDtmf` got. */
export interface DigitsReceived {
  readonly digits: string;
  readonly end: 'complete' | 'terminator' | 'timeout';
  readonly terminator: string | null;
}

/** A digit that the far end pressed. */
export interface Dtmf {
  /** 0 to 9, `*`, `#`, A to D, `F` for a flash. */
  readonly digit: string;
  /** Milliseconds. */
  readonly duration: number | null;
  /** How it came, e.g. 'RTP'. */
  readonly source: string | null;
}

export interface ReadOptions extends CallOptions {
  /** The prompt. */
  file: string;
  min: number;
  max: number;
  /** Milliseconds to wait for digits after the prompt. Default 5000. */
  inputTimeout?: number;
  /** Milliseconds to wait between two digits. */
  digitTimeout?: number;
  /** The keys that end the input. Default '#'. */
  terminators?: string;
  /** The variable that gets the digits. Default 'digits'. */
  variable?: Word<VariableName>;
}

export interface PlayAndGetDigitsOptions extends ReadOptions {
  /** How many times the prompt is played at most. Default 1. */
  tries?: number;
  /** Played after wrong digits. */
  invalidFile?: string;
  /** The regular expression that good digits match. */
  pattern?: string;
}

export interface TransferOptions extends CallOptions {
  dialplan?: string;
  context?: string;
  /** Of a bridge. Default 'this'. */
  leg?: 'this' | 'peer' | 'both';
}

/**
 * A leg: from `connection.call()` of an outbound connection, from `connection.call(uuid)`, or from `connection.originate`.
 *
 * A verb resolves when its own run has ended, with its outcome. It rejects with ESL_HANGUP as soon as the call ends (`bridge`
 * and `record` have their outcome then, too), with ESL_TIMEOUT after `timeout` ms (the application goes on), or with the
 * signal's reason; ESL_INVALID_ARGUMENT says that an argument cannot be said so that it arrives whole. The connection must be
 * subscribed to CHANNEL_EXECUTE_COMPLETE, and for a channel not its own to CHANNEL_HANGUP_COMPLETE (`myevents`); else
 * ESL_NOT_SUBSCRIBED. A sync socket needs no events.
 *
 * Listeners: 'dtmf' (needs DTMF events), 'answered', 'hangup' (with the cause), 'error' (no event would report it).
 */
export class Call extends EventEmitter {
  private constructor();
  readonly uuid: string;
  readonly connection: Connection;
  /** What events have reported; null while it is not known: see `refresh`. */
  readonly state: Word<CallState> | null;
  readonly channelState: Word<ChannelState> | null;
  readonly answerState: Word<AnswerState> | null;
  readonly answered: boolean;
  readonly hungUp: boolean;
  readonly hangupCause: Word<HangupCause> | null;
  readonly notCloneable: symbol;

  answer(options?: CallOptions): Promise<DoneOutcome>;
  /** Early media. */
  preAnswer(options?: CallOptions): Promise<DoneOutcome>;
  ringReady(options?: CallOptions): Promise<DoneOutcome>;
  /** Plays a file, a tone or a stream; of a list, one after the other. */
  playback(file: string | readonly string[], options?: CallOptions): Promise<PlaybackOutcome>;
  /** Plays a prompt and collects digits, in several tries. */
  playAndGetDigits(options: PlayAndGetDigitsOptions): Promise<DigitsOutcome>;
  /** Plays a prompt and collects digits once. */
  read(options: ReadOptions): Promise<DigitsOutcome>;
  /** Says it with recorded words of a language (default 'en'). */
  say(text: string | number, options: CallOptions & { type: SayType; method: SayMethod; gender?: SayGender; language?: string }): Promise<PlaybackOutcome>;
  /** Has a speech engine say it. */
  speak(text: string, options: CallOptions & { engine: string; voice: string }): Promise<PlaybackOutcome>;
  /** Records the caller until a key, silence or the limit ends it. */
  record(file: string, options?: CallOptions & { limitSeconds?: number; silence?: { threshold: number; hits: number } }): Promise<RecordOutcome>;
  /** Dials, and connects the call with the leg that is answered, until one of them hangs up. */
  bridge(dial: Dial, options?: CallOptions): Promise<BridgeOutcome>;
  /** Dials while the partner waits, and joins the two when this leg hangs up. */
  attendedTransfer(dial: Dial, options?: CallOptions): Promise<DoneOutcome>;
  /** Joins a conference, until the call leaves it. */
  conference(name: string, options?: CallOptions & { profile?: string; pin?: string; flags?: readonly string[] }): Promise<DoneOutcome>;
  /** Waits in a queue and talks (default), or takes a call out of it. */
  fifo(queue: string, options?: CallOptions & { as?: 'wait' | 'take' | 'try-take'; announce?: string; music?: string }): Promise<DoneOutcome>;
  /** Parks in a stall, or takes the call that is parked there. */
  valetPark(lot: string, options: CallOptions & ({ stall: string } | { first: number; last: number })): Promise<DoneOutcome>;
  /** Listens to the call of that uuid; 'all' for one after the other. */
  eavesdrop(uuid: string, options?: CallOptions): Promise<DoneOutcome>;
  /** Waits on the server. Digits that come meanwhile are kept for the next application. */
  sleep(milliseconds: number, options?: CallOptions): Promise<DoneOutcome>;
  /** Sets a variable; a list makes an array, an empty text unsets it. */
  set(name: Word<VariableName>, value: VariableValue, options?: CallOptions): Promise<DoneOutcome>;
  /** Sets several; nothing is sent when one of them cannot be said. */
  setAll(variables: Variables, options?: CallOptions): Promise<void>;
  unset(name: Word<VariableName>, options?: CallOptions): Promise<DoneOutcome>;
  /** Sets it here and on every leg that the call dials from then on; `notHere`: only there. */
  export(name: Word<VariableName>, value: string | number | boolean, options?: CallOptions & { notHere?: boolean }): Promise<DoneOutcome>;
  /** Any application, by name; its argument is sent as it is. */
  execute(application: string, argument?: string, options?: CallOptions): Promise<DoneOutcome>;
  /** Has the server run an application when the call is answered. */
  executeOnAnswer(application: string, argument?: string, options?: CallOptions): Promise<void>;

  /** Ends the call. Resolves also when it has ended already. */
  hangup(cause?: HangupCause, options?: CallOptions): Promise<void>;
  /** Goes on in the dialplan at another extension. */
  transfer(extension: string, options?: TransferOptions): Promise<void>;
  park(options?: CallOptions): Promise<void>;
  hold(options?: CallOptions): Promise<void>;
  unhold(options?: CallOptions): Promise<void>;
  /** The partners do not hear the call any more. */
  mute(options?: CallOptions): Promise<void>;
  /** The call does not hear its partners any more. */
  deafen(options?: CallOptions): Promise<void>;
  unmute(options?: CallOptions): Promise<void>;
  /** Records while other things go on. */
  startRecording(file: string, options?: CallOptions & { limitSeconds?: number }): Promise<void>;
  /** 'all' ends every one of the call. */
  stopRecording(file: string, options?: CallOptions): Promise<void>;
  /** Plays over whatever the call does; does not wait for its end. */
  broadcast(file: string, options?: CallOptions & { leg?: 'this' | 'peer' | 'both' }): Promise<void>;
  /** Plays in the place of what the far end says, or mixed with it; does not wait for its end. */
  displace(file: string, options?: CallOptions & { limitSeconds?: number; mix?: boolean }): Promise<void>;
  stopDisplacing(file: string, options?: CallOptions): Promise<void>;
  /** Ends what is played: its verb resolves. `all`: what is queued behind it, too. */
  stopPlayback(options?: CallOptions & { all?: boolean }): Promise<void>;
  /** Sends digits to the far end; each lasts `duration` ms. */
  sendDtmf(digits: string, options?: CallOptions & { duration?: number }): Promise<void>;
  scheduleHangup(seconds: number, options?: CallOptions & { cause?: HangupCause }): Promise<void>;
  scheduleTransfer(seconds: number, extension: string, options?: CallOptions & { dialplan?: string; context?: string }): Promise<void>;

  /** A channel variable; null when it is not set. */
  variable(name: Word<VariableName>, options?: CallOptions): Promise<string | null>;
  /** Asks the server for the channel's state and variables (`uuid_dump`). */
  refresh(options?: CallOptions): Promise<Event>;
  /** Resolves when the call is in that state (an answer state: at least so far); rejects with ESL_HANGUP when it ends first. */
  waitFor(state: AnswerState | CallState | ChannelState, options?: CallOptions): Promise<void>;
  /** Digits from now on, until there are `count`, a terminator is pressed, or `timeout` ms have passed (which is no error). */
  waitForDtmf(count: number, options?: CallOptions & { terminators?: string }): Promise<DigitsReceived>;
  /** The digits from now on, for `for await`; ends with the call. Needs DTMF events (ESL_NOT_SUBSCRIBED). */
  dtmf(options?: { signal?: AbortSignal }): AsyncIterableIterator<Dtmf>;

  on(event: 'dtmf', listener: (dtmf: Dtmf) => void): this;
  on(event: 'answered', listener: () => void): this;
  on(event: 'hangup', listener: (cause: Word<HangupCause> | null) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  once(event: 'dtmf', listener: (dtmf: Dtmf) => void): this;
  once(event: 'answered', listener: () => void): this;
  once(event: 'hangup', listener: (cause: Word<HangupCause> | null) => void): this;
  once(event: 'error', listener: (error: Error) => void): this;
}
