// Hand-written; what the native part offers is in native/index.d.ts (generated). A test compares the names exported here
// with those at run time.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import { Server as NetServer } from 'node:net';
import type {
  AnswerState, CallDirection, CallState, ChannelState, EventName, HangupCause, HeaderName, VariableName,
} from './vocabulary.js';
import type { CallerProfile } from './lib/readers.js';
export type {
  AnswerState, CallDirection, CallState, ChannelState, ConferenceAction, EventName, HangupCause, HeaderName, SayGender, SayMethod, SayType, VariableKind,
  VariableName,
} from './vocabulary.js';
import type { Call } from './lib/call.js';
import type { OriginateOptions, Originate, Originating } from './lib/dial.js';
export type { CallerProfile } from './lib/readers.js';
export * from './lib/call.js';
export * from './lib/dial.js';
import type { Calls } from './lib/calls.js';
import type { Conference } from './lib/conference.js';
export * from './lib/calls.js';
export * from './lib/conference.js';
export * from './lib/managed.js';
export * from './lib/fleet.js';

/** A word of a table, or one that is newer than this package: names are completed, and any text is taken. */
export type Word<Known extends string> = Known | (string & {});
/** A header, or `variable_` and a channel variable. */
export type AnyHeader = Word<HeaderName | `variable_${VariableName}`>;
/** What `subscribe` takes; a text may hold several names, of which the first is checked here, the others when the program runs. */
export type Wanted = EventName | `${EventName} ${string}`;
/** What a listener for events listens to. An event newer than this package: `'ITS_NAME' as EventName`, or 'event' for all. */
export type EventListenerName = EventName | `CUSTOM ${string}` | 'event' | 'message';

/** Times are milliseconds; 0 waits indefinitely where a wait may have no end. */
export interface Timeouts {
  /** Resolving and connecting, over all addresses. Default 10,000. */
  connect?: number;
  /** The login. Default 10,000. */
  login?: number;
  /** Outbound: the reply to `connect`. Default 5,000. */
  handshake?: number;
  /** Each reply to a command. Default 60,000; outbound 0, where the reply may come at an application's end. */
  command?: number;
}

/** How many events may wait for the program, and what happens to those for which there is no room. */
export interface QueueOptions {
  /** Default 100,000. */
  events?: number;
  /** Default 256 MiB. */
  bytes?: number;
  /** Default 'drop-newest'. What was dropped is counted in `stats().droppedEvents`; 'fail' ends the connection. */
  overflow?: 'drop-newest' | 'drop-oldest' | 'fail';
}

/** The same for supervised connections, whose own thread reads. */
export interface SupervisedQueueOptions extends Omit<QueueOptions, 'overflow'> {
  /**
   * With 'block' nothing is read while the queue is full, so that nothing is dropped on this side. BEWARE: a server whose client
   * does not read drops events itself, then ends the connection, and meanwhile holds back the events and replies of ALL its
   * clients (docs/delivery.md). Choose 'fail' with a snapshot where a lost event matters.
   */
  overflow?: QueueOptions['overflow'] | 'block';
}

export interface CommonOptions {
  /** What connecting, the login and a handshake may each take, where `timeouts` does not say so. */
  timeout?: number;
  timeouts?: Timeouts;
  /** How long the line may be silent before the kernel asks whether the peer is alive; false never asks. Default 60,000 ms. */
  keepalive?: number | false;
  queue?: QueueOptions;
  /** The largest body of a message in bytes. Default 64 MiB. */
  maxBody?: number;
  /** The largest header block of a message in bytes. Default 1 MiB. */
  maxHeaderBlock?: number;
}

export interface ConnectOptions extends CommonOptions {
  /** Default '127.0.0.1'. */
  host?: string;
  /** Default 8021. */
  port?: number | string;
  /** Logs in as that directory user (`user@domain`). */
  user?: string;
  /** Default 'ClueCon', the server's own default. */
  password?: string;
  signal?: AbortSignal;
}

export interface CallOptions {
  /** Milliseconds to wait; 0 indefinitely. The late reply is dropped, counted (`stats().lateReplies`), and mixes nothing up. */
  timeout?: number;
  signal?: AbortSignal;
}

export interface ExecuteOptions extends CallOptions {
  /** The channel; needed inbound. */
  uuid?: string;
  /**
   * Wait for the application's end. Needs CHANNEL_EXECUTE_COMPLETE events, except on a sync socket; and for a channel that is
   * not the connection's own CHANNEL_HANGUP_COMPLETE (or CHANNEL_HANGUP, CHANNEL_DESTROY) events, as it may end first.
   */
  wait?: boolean;
  eventUuid?: string;
  loops?: number;
  eventLock?: boolean;
  async?: boolean;
  holdBleg?: boolean;
}

/** An application has ended, and its call goes on. */
export interface Executed {
  reply: Reply;
  /** Null on a sync socket that is not subscribed to CHANNEL_EXECUTE_COMPLETE: there the reply reports the end. */
  complete: Event | null;
  /** `Application-Response`, e.g. 'FILE PLAYED'. */
  response: string | null;
}

export interface SubscriptionOptions {
  /** Default 'plain', the cheapest. */
  format?: 'plain' | 'json' | 'xml' | undefined;
  /** Only events with one of these headers and values come. */
  filters?: Readonly<Record<string, string | readonly string[]>> | undefined;
  /** Log lines of that level (0 to 7, or a name) and more severe ones, too. Default null: none. */
  log?: number | string | null | undefined;
  /** A `Subscription` is not options. */
  names?: never;
}

export interface SubscribeOptions extends CallOptions, SubscriptionOptions {}

/**
 * Events, filters and log lines to receive: build it once, apply it to any connection. It never changes. A name that is none
 * is refused here (ESL_INVALID_ARGUMENT) with the nearest one.
 */
export class Subscription {
  constructor(...wanted: (Wanted | readonly Wanted[] | SubscriptionOptions)[]);
  /** As they were given, lists opened. */
  readonly names: readonly Wanted[];
  readonly format: 'plain' | 'json' | 'xml';
  readonly filters: Readonly<Record<string, readonly string[]>>;
  /** Null: no log lines. */
  readonly log: number | string | null;
}

export interface Stats {
  received: number;
  /** Dropped because the queue was full. */
  droppedEvents: number;
  /** Replies that came after their timeout. */
  lateReplies: number;
  unaskedReplies: number;
  queued: number;
  queuedBytes: number;
  unanswered: number;
}

export interface LogLine {
  level: number;
  levelName: string;
  file: string;
  function: string;
  line: number;
  textChannel: number;
  channelUuid?: string;
  text: string;
}

/** The call has ended and the connection lingers on. */
export interface LingerNotice {
  seconds?: number;
  sessionUuid?: string;
  channelName?: string;
  text: string;
}

export interface Permissions {
  events?: string;
  api?: string;
  log?: boolean;
}

export type ErrorCode =
  | 'ESL_RESOLVE' | 'ESL_CONNECT' | 'ESL_REJECTED_BY_ACL' | 'ESL_AUTHENTICATION' | 'ESL_NOT_FREESWITCH' | 'ESL_TIMEOUT'
  | 'ESL_DISCONNECTED' | 'ESL_PROTOCOL' | 'ESL_INVALID_ARGUMENT' | 'ESL_LIMIT_EXCEEDED' | 'ESL_REFUSED' | 'ESL_HANGUP'
  | 'ESL_NOT_SUBSCRIBED' | 'ESL_FORKED' | 'ESL_OUTCOME_UNKNOWN' | 'ESL_IO';

/** Every code, by the core's name of the kind. */
export const ERROR_CODES: Readonly<Record<string, ErrorCode>>;

export class EslError extends Error {
  /** Stable: match it, not the message. */
  readonly code: ErrorCode;
  /** ESL_TIMEOUT: what was waited for. */
  readonly phase?: 'resolve' | 'connect' | 'login' | 'reply' | 'job' | 'execute' | 'send' | 'state' | 'digits';
  /** ESL_DISCONNECTED: the server's words. */
  readonly notice?: string;
  /** ESL_HANGUP: why the call ended, where an event has said so. */
  readonly hangupCause?: Word<HangupCause> | null;
  /**
   * ESL_HANGUP: the application's CHANNEL_EXECUTE_COMPLETE, when it came. After a `bridge` the call may well have ended: the
   * event then has `variable_originate_disposition`.
   */
  readonly event?: Event | null;
}

/** Every event name that this version knows. */
export const EVENT_TYPES: readonly string[];

/** Headers of an event to be built: values, lists for arrays, and the body as `_body`. */
export type EventHeaders =
  | Record<string, string | number | boolean | readonly (string | number)[] | null | undefined>
  | Iterable<readonly [string, string | number]>;

/**
 * An event. A received one reads its headers from the bytes that came, one by one, when it is asked; it keeps the memory
 * of the (at most 256) events that came with it: `clone` does not help, `toJSON` does. `structuredClone` and `postMessage`
 * refuse it: send `event.toJSON()`, and `Event.from()` it at the other end.
 */
export class Event implements Iterable<[string, string]> {
  /** As libesl has it: a subclass makes it CUSTOM, and a type that is none MESSAGE. */
  constructor(type?: string, subclass?: string | null, headers?: EventHeaders);
  constructor(type: string, headers: EventHeaders);
  /** An event from what `toJSON` gives. */
  static from(object: Event | Record<string, unknown>): Event;
  static parse(text: string, format?: 'json' | 'plain' | 'xml'): Event;
  /** `Event-Name`, also one that is newer than this package. */
  readonly type: string;
  readonly subclass: string | null;
  /** `Unique-ID`. */
  readonly uuid: string | null;
  readonly body: string | null;
  readonly bodyBytes: Buffer | null;
  /** A new object each time; of duplicates the first counts. */
  readonly headers: Record<string, string>;
  /** In any letter case. Bytes that are not UTF-8 come as U+FFFD; see `getBytes`. With `index`: one element of an array. */
  get(name: AnyHeader, index?: number): string | null;
  getBytes(name: AnyHeader): Buffer | null;
  has(name: AnyHeader): boolean;
  /** `Hangup-Cause`; null before the hang-up. */
  readonly hangupCause: Word<HangupCause> | null;
  /** `Channel-State`. */
  readonly channelState: Word<ChannelState> | null;
  /** `Channel-Call-State`; in CHANNEL_ANSWER still the state before. */
  readonly callState: Word<CallState> | null;
  /** `Answer-State`. */
  readonly answerState: Word<AnswerState> | null;
  /** `Call-Direction`. */
  readonly callDirection: Word<CallDirection> | null;
  /** The profile of the leg that the event is about (`Caller-*`). */
  readonly caller: CallerProfile;
  /** That of the leg on the other side (`Other-Leg-*`); null when the event has none. */
  readonly otherLeg: CallerProfile | null;
  /** When the event was made (`Event-Date-Timestamp`). */
  readonly time: Date | null;
  /** When the leg was created, answered, hung up; null before that. */
  readonly timeCreated: Date | null;
  readonly timeAnswered: Date | null;
  readonly timeHungUp: Date | null;
  /** A channel variable, by its name without `variable_`. */
  variable(name: Word<VariableName>): string | null;
  /** All of them: a new object each time, names without `variable_`. */
  readonly variables: Record<string, string>;
  /** The digit of a DTMF event. */
  readonly dtmfDigit: string | null;
  /** How long it lasted, in milliseconds. */
  readonly dtmfDuration: number | null;
  /** What an application left as its result (CHANNEL_EXECUTE_COMPLETE), e.g. 'FILE PLAYED'; null for `_none_`. */
  readonly applicationResponse: string | null;
  /** The elements of an array header; one element for a plain one. */
  array(name: string): string[] | null;
  entries(): IterableIterator<[string, string]>;
  [Symbol.iterator](): IterableIterator<[string, string]>;
  /** Appends; an empty value removes, `name[3]` sets an array's element. */
  add(name: string, value: string | number): this;
  set(name: string, value: string | number): this;
  push(name: string, value: string | number): this;
  unshift(name: string, value: string | number): this;
  delete(name: string): boolean;
  setBody(body: string): this;
  setPriority(priority: 'NORMAL' | 'LOW' | 'HIGH'): this;
  clone(): Event;
  equals(other: unknown): boolean;
  serialize(format?: 'plain' | 'json' | 'xml'): string;
  toString(): string;
  /** Headers (arrays as lists), `Content-Length` and `_body`. */
  toJSON(): Record<string, string | string[]>;
  /** Makes `structuredClone` throw instead of giving an empty object. */
  readonly notCloneable: symbol;
}

/** The server's reply to a command. */
export class Reply {
  private constructor();
  /** False for a refusal. Only `send`, `api` and `apiReply` give one as a reply; other calls reject with ESL_REFUSED. */
  readonly ok: boolean;
  readonly text: string;
  readonly event: Event;
  readonly jobUuid: string | null;
  get(name: string): string | null;
  toString(): string;
}

/** A command in the server's background. */
export class Job {
  private constructor();
  readonly uuid: string;
  readonly reply: Reply;
  /** The job's BACKGROUND_JOB event. Rejects with ESL_NOT_SUBSCRIBED when none can come. Without `timeout` waits until the connection ends. */
  wait(options?: CallOptions): Promise<Event>;
  /** The command's output. */
  result(options?: CallOptions): Promise<string>;
}

/**
 * A connection: an EventEmitter, and async-iterable over its events. Listeners: 'event', every event name
 * ('CHANNEL_ANSWER'), 'CUSTOM subclass', 'log', 'notice', 'message' (anything else), 'disconnect', and 'error' (the
 * connection broke for another reason than being closed). Events wait in a bounded queue until there is a taker; while
 * an iterator is open, listeners see what it takes.
 */
export class Connection extends EventEmitter implements AsyncIterable<Event> {
  private constructor();
  readonly connected: boolean;
  readonly disconnectReason: EslError | null;
  readonly closed: Promise<EslError>;
  /** Outbound: the channel's data. */
  readonly info: Event | null;
  /** Outbound: the call's uuid. */
  readonly uuid: string | null;
  /** The far end's `host:port`. */
  readonly peer: string | null;
  /** Whether the connection's own call has ended. */
  readonly hungUp: boolean;
  /** Why it has, e.g. 'NORMAL_CLEARING'; null while it is up, or when no event has said so. */
  readonly hangupCause: Word<HangupCause> | null;
  readonly notCloneable: symbol;
  readonly permissions: Permissions;
  stats(): Stats;
  /** The command's output; a refusal (`-ERR …`) is an output, too. */
  api(command: string, args?: string | string[], options?: CallOptions): Promise<string>;
  apiReply(command: string, args?: string | string[], options?: CallOptions): Promise<Reply>;
  bgapi(command: string, args?: string | string[], options?: CallOptions & { jobUuid?: string }): Promise<Job>;
  /**
   * Runs a dialplan application. With `wait` resolves when it has ended and the call goes on; when the call has ended, or ends
   * first, rejects with ESL_HANGUP (`hangupCause`, `event`), always. Inbound without a uuid: ESL_INVALID_ARGUMENT.
   */
  execute(app: string, arg: string | undefined, options: ExecuteOptions & { wait: true }): Promise<Executed>;
  execute(app: string, arg?: string, options?: ExecuteOptions): Promise<Reply>;
  /** The call of channel `uuid`; without one the connection's own (ESL_INVALID_ARGUMENT when it has none). Sends nothing. */
  call(uuid?: string): Call;
  /**
   * Follows the calls of the server: resolves once those that are up are known. Subscribes to their events, and asks for
   * `show channels`. With `keepEvents` these events come to listeners of this connection as well. `format` is the
   * subscription's: a connection has one.
   */
  calls(options?: CallOptions & { keepEvents?: boolean; format?: 'plain' | 'json' | 'xml' }): Promise<Calls>;
  /** The conference of that name (one word, else ESL_INVALID_ARGUMENT). Sends nothing: it need not be there yet. */
  conference(name: string): Conference;
  /**
   * Makes a call by `bgapi originate` (subscribe to BACKGROUND_JOB first). Its `uuid` is known at once; it resolves to the `Call`
   * that was answered, or rejects with ESL_HANGUP and the `hangupCause` (`USER_BUSY`, `NO_ANSWER`). After `timeout` ms, or when
   * `signal` is aborted, what there is of it is hung up. Throws ESL_INVALID_ARGUMENT for what cannot be said.
   */
  originate(call: OriginateOptions | Originate, options?: CallOptions & { jobUuid?: string }): Originating;
  setAsyncExecute(on: boolean): boolean;
  setEventLock(on: boolean): boolean;
  /** Applies it; names, `format`, `filters` and `log` are part of it. */
  subscribe(subscription: Subscription, options?: CallOptions): Promise<void>;
  /**
   * Subscribes to events: 'CHANNEL_ANSWER', 'ALL', 'CUSTOM conference::maintenance'. A name that is none is refused with the
   * nearest one, as the server would take it and never send anything; one newer than this package: `send('event plain NAME')`.
   */
  subscribe(...wanted: (Wanted | readonly Wanted[] | SubscribeOptions)[]): Promise<void>;
  /** Takes its events back; filters and log lines stay. Null when it has no events. */
  unsubscribe(subscription: Subscription, options?: CallOptions): Promise<Reply | null>;
  /** Without names: ends all subscriptions. */
  unsubscribe(...names: (Wanted | readonly Wanted[] | CallOptions)[]): Promise<Reply>;
  /** Any command as it is written. A refusal is a reply. */
  send(command: string, options?: CallOptions): Promise<Reply>;
  filter(header: string, value: string, options?: CallOptions): Promise<Reply>;
  filterDelete(header: string, value?: string, options?: CallOptions): Promise<Reply>;
  myevents(options?: CallOptions & { uuid?: string; format?: 'plain' | 'json' | 'xml' }): Promise<Reply>;
  /** The connection outlives its call by `seconds`, or until `exit`. */
  linger(seconds?: number, options?: CallOptions): Promise<Reply>;
  nolinger(options?: CallOptions): Promise<Reply>;
  resume(options?: CallOptions): Promise<Reply>;
  divertEvents(on: boolean, options?: CallOptions): Promise<Reply>;
  /** 0 to 7, the server's names, 'warn' or 'error'; null is `nolog`. */
  log(level: number | string | null, options?: CallOptions): Promise<Reply>;
  nolog(options?: CallOptions): Promise<Reply>;
  /** Ends the call, or channel `uuid` (needed inbound). */
  hangup(cause?: HangupCause | null, options?: CallOptions & { uuid?: string }): Promise<Reply>;
  /** A variable of the call, or of channel `uuid` (needed inbound); null when it is not set. */
  variable(name: Word<VariableName>, options?: CallOptions & { uuid?: string }): Promise<string | null>;
  /** Fires an event in the server. */
  sendEvent(event: Event, options?: CallOptions): Promise<Reply>;
  sendMessage(event: Event, options?: CallOptions & { uuid?: string }): Promise<Reply>;
  /** For `for await`; ends with the connection, rejects when `signal` says stop. */
  events(options?: { signal?: AbortSignal }): AsyncIterableIterator<Event>;
  [Symbol.asyncIterator](): AsyncIterableIterator<Event>;
  /** Sends `exit`, waits for the reply, and closes. */
  exit(options?: CallOptions): Promise<void>;
  /** Closes at once. A second call does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** The process may end although this connection is open. */
  unref(): this;
  ref(): this;
  on(event: 'log', listener: (line: LogLine) => void): this;
  on(event: 'notice', listener: (notice: LingerNotice) => void): this;
  on(event: 'disconnect' | 'error', listener: (reason: EslError) => void): this;
  on(event: 'newListener' | 'removeListener', listener: (name: string, listener: (...args: never[]) => void) => void): this;
  on(event: EventListenerName, listener: (event: Event) => void): this;
  once(event: 'log', listener: (line: LogLine) => void): this;
  once(event: 'notice', listener: (notice: LingerNotice) => void): this;
  once(event: 'disconnect' | 'error', listener: (reason: EslError) => void): this;
  once(event: 'newListener' | 'removeListener', listener: (name: string, listener: (...args: never[]) => void) => void): this;
  once(event: EventListenerName, listener: (event: Event) => void): this;
  addListener(event: 'log', listener: (line: LogLine) => void): this;
  addListener(event: 'notice', listener: (notice: LingerNotice) => void): this;
  addListener(event: 'disconnect' | 'error', listener: (reason: EslError) => void): this;
  addListener(event: 'newListener' | 'removeListener', listener: (name: string, listener: (...args: never[]) => void) => void): this;
  addListener(event: EventListenerName, listener: (event: Event) => void): this;
  prependListener(event: 'log', listener: (line: LogLine) => void): this;
  prependListener(event: 'notice', listener: (notice: LingerNotice) => void): this;
  prependListener(event: 'disconnect' | 'error', listener: (reason: EslError) => void): this;
  prependListener(event: 'newListener' | 'removeListener', listener: (name: string, listener: (...args: never[]) => void) => void): this;
  prependListener(event: EventListenerName, listener: (event: Event) => void): this;
  prependOnceListener(event: 'log', listener: (line: LogLine) => void): this;
  prependOnceListener(event: 'notice', listener: (notice: LingerNotice) => void): this;
  prependOnceListener(event: 'disconnect' | 'error', listener: (reason: EslError) => void): this;
  prependOnceListener(event: 'newListener' | 'removeListener', listener: (name: string, listener: (...args: never[]) => void) => void): this;
  prependOnceListener(event: EventListenerName, listener: (event: Event) => void): this;
}

/** Connects and logs in. Neither the event loop nor the libuv pool is blocked. */
export function connect(options?: ConnectOptions): Promise<Connection>;
/** As `connect`, but BLOCKS the event loop until it is connected. */
export function connectSync(options?: Omit<ConnectOptions, 'signal'>): Connection;

export interface ServerOptions extends CommonOptions {
  /** Calls at once; further ones wait unaccepted. Default 1,000. */
  maxSessions?: number;
  /** What a caller gets whose handler has failed, or whose call `close` ends. Default 'NORMAL_TEMPORARY_FAILURE'. */
  failureCause?: string;
}

export interface ListenOptions {
  /** Default 0: a free one. */
  port?: number | string;
  /** Default '127.0.0.1'. */
  host?: string;
  /** Calls that the system keeps until they are accepted. Default 4,096. */
  backlog?: number;
  /** SO_REUSEPORT: other processes that ask for it may listen on the same port. */
  reusePort?: boolean;
  /** In a worker of `node:cluster`: do not share the port with the others. */
  exclusive?: boolean;
}

/** Waits for FreeSWITCH's outbound connections. Emits 'listening', 'call', 'callError' (error, call or null), 'close', 'error'. */
export class Server extends EventEmitter {
  constructor(handler?: (call: Connection) => unknown, options?: ServerOptions);
  readonly listening: boolean;
  readonly port: number | null;
  readonly calls: Set<Connection>;
  readonly notCloneable: symbol;
  address(): { address: string; family: string; port: number } | null;
  /** In a worker of `node:cluster` the port is shared with the other workers, as `net.Server` does. */
  listen(port?: number | string, host?: string, backlog?: number, onListening?: () => void): this;
  listen(port: number | string, host: string, onListening: () => void): this;
  listen(port: number | string, onListening: () => void): this;
  listen(options: ListenOptions, onListening?: () => void): this;
  /** On a listening socket that the process has, e.g. from systemd: 3. It is the server's from then on. */
  listen(options: { fd: number }, onListening?: () => void): this;
  /** On a server of Node's, listening or about to; `close` closes it. */
  listen(server: NetServer, onListening?: () => void): this;
  /** No more calls; waits for those that are on for at most `timeout` ms, then hangs them up. Whether all had ended. */
  close(options?: { timeout?: number; signal?: AbortSignal }): Promise<boolean>;
  [Symbol.asyncDispose](): Promise<void>;
  on(event: 'call', listener: (call: Connection) => void): this;
  on(event: 'callError', listener: (error: Error, call: Connection | null) => void): this;
  on(event: 'listening' | 'close', listener: () => void): this;
  on(event: 'error', listener: (error: EslError) => void): this;
  once(event: 'call', listener: (call: Connection) => void): this;
  once(event: 'callError', listener: (error: Error, call: Connection | null) => void): this;
  once(event: 'listening' | 'close', listener: () => void): this;
  once(event: 'error', listener: (error: EslError) => void): this;
}

/**
 * A handler that gives a promise has its call closed when that is settled; otherwise the call stays until it ends. A handler
 * that throws or rejects has its call hung up (`failureCause`), unless it said `resume`; 'callError' reports it, except for
 * the ESL_HANGUP or ESL_DISCONNECTED of a call that has ended.
 */
export function createServer(handler?: (call: Connection) => unknown, options?: ServerOptions): Server;
export function createServer(options: ServerOptions): Server;

/** The classic event. */
export class ESLevent {
  readonly notCloneable: symbol;
  constructor(type: string, subclass?: string);
  readonly event: Event;
  serialize(format?: string): string;
  setPriority(priority: string): boolean;
  getHeader(name: string, index?: number): string | null;
  getBody(): string | null;
  getType(): string;
  addBody(text: string): boolean;
  addHeader(name: string, value: string): boolean;
  pushHeader(name: string, value: string): boolean;
  unshiftHeader(name: string, value: string): boolean;
  delHeader(name: string): boolean;
  firstHeader(): string | null;
  nextHeader(): string | null;
}

/** The classic connection: promises, null where the classic library gives nothing; `…Sync` BLOCKS the event loop. */
export class ESLconnection {
  constructor(host: string, port: number | string, password: string);
  constructor(host: string, port: number | string, user: string, password: string);
  /** A call of a server's. */
  constructor(connection: Connection);
  static connectSync(host: string, port: number | string, password: string): ESLconnection;
  static connectSync(host: string, port: number | string, user: string, password: string): ESLconnection;
  readonly ready: Promise<boolean>;
  connected(): 0 | 1;
  socketDescriptor(): number;
  getInfo(): ESLevent | null;
  send(command: string): Promise<number>;
  sendRecv(command: string): Promise<ESLevent | null>;
  api(command: string, args?: string): Promise<ESLevent | null>;
  bgapi(command: string, args?: string, jobUuid?: string): Promise<ESLevent | null>;
  sendEvent(event: ESLevent): Promise<ESLevent>;
  sendMSG(event: ESLevent, uuid?: string): Promise<0 | 1>;
  recvEvent(): Promise<ESLevent>;
  recvEventTimed(ms: number): Promise<ESLevent | null>;
  filter(header: string, value: string): Promise<ESLevent | null>;
  events(format: string, list: string): Promise<0 | 1>;
  execute(app: string, arg?: string, uuid?: string): Promise<ESLevent | null>;
  executeAsync(app: string, arg?: string, uuid?: string): Promise<ESLevent | null>;
  setAsyncExecute(value: unknown): number;
  setEventLock(value: unknown): number;
  disconnect(): Promise<number>;
  /** Does not wait for the reply. */
  sendSync(command: string): number;
  sendRecvSync(command: string): ESLevent | null;
  filterSync(header: string, value: string): ESLevent | null;
  eventsSync(format: string, list: string): 0 | 1;
  apiSync(command: string, args?: string): ESLevent | null;
  bgapiSync(command: string, args?: string, jobUuid?: string): ESLevent | null;
  executeSync(app: string, arg?: string, uuid?: string): ESLevent | null;
  executeAsyncSync(app: string, arg?: string, uuid?: string): ESLevent | null;
  sendMSGSync(event: ESLevent, uuid?: string): 0 | 1;
  sendEventSync(event: ESLevent): ESLevent;
  recvEventSync(): ESLevent;
  recvEventTimedSync(ms: number): ESLevent | null;
}

declare global {
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
    readonly dispose: unique symbol;
  }
}
