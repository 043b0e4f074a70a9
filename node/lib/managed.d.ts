// Hand-written.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type {
  CallOptions, CommonOptions, Connection, ErrorCode, EslError, Event, EventListenerName, ExecuteOptions, Executed, Job, LingerNotice,
  LogLine, Reply, Stats, Subscription, SubscribeOptions, SupervisedQueueOptions, Wanted,
} from '../index.js';

/** When to try again, and when to give up. Times are milliseconds. */
export interface Backoff {
  /** The wait after the first failure. Default 250. */
  first?: number;
  /** No wait is longer. Default 30,000. */
  most?: number;
  /** Each wait is so many times the one before. Default 2. */
  factor?: number;
  /** Which part of a wait is left to chance, 0 to 1. Default 0.5. */
  jitter?: number;
  /** A connection that has lasted that long counts as good: after it the waits begin anew. Default 10,000. */
  goodAfter?: number;
  /** How many attempts in a row may fail. Default any number. */
  attempts?: number;
  /** For how long attempts may fail. Default (and false) no limit. */
  giveUpAfter?: number | false;
}

/** How a peer is noticed that is dead, frozen or cut off. Times are milliseconds; false never. */
export interface Liveness {
  /**
   * Asks the server when nothing has come for that long and no command's reply is awaited (over a long `api` the server sends
   * nothing on that connection; a command that has timed out holds no ping up). Default 10,000.
   */
  pingAfter?: number | false;
  /** How long the reply may take. Default 10,000. */
  pingDeadline?: number;
  /**
   * The connection is lost when nothing has come for that long, also while replies are awaited: more than the longest `api`
   * takes. Subscribes to HEARTBEAT. Default false.
   */
  silence?: number | false;
  /** How long sent bytes may stay unacknowledged (Linux). Default 30,000. */
  userTimeout?: number | false;
}

export interface ManagedOptions extends Omit<CommonOptions, 'queue'> {
  /** Default '127.0.0.1'. */
  host?: string;
  /** Default 8021. */
  port?: number | string;
  /** In place of host and port: addresses of one server, tried in turn. */
  addresses?: readonly { host?: string; port?: number | string }[];
  user?: string;
  /** Default 'ClueCon'. */
  password?: string;
  /** What each connection is subscribed to. */
  subscription?: Subscription | Wanted | readonly Wanted[];
  backoff?: Backoff;
  liveness?: Liveness;
  /** What becomes of commands while there is no connection: they fail at once (default), or wait for at most that long. */
  whileDown?: 'fail' | number;
  /** After these errors there is no further attempt. Default ESL_AUTHENTICATION, ESL_REJECTED_BY_ACL, ESL_REFUSED. */
  stopOn?: Iterable<ErrorCode>;
  /** Whether 'connected' and 'restored' have the list of channels. Default false. */
  snapshot?: boolean;
  /** Keeps the server's HEARTBEATs at hand: `heartbeat`. Default false. */
  heartbeats?: boolean;
  /** Bounds of the events that wait to be taken, over all connections. */
  queue?: SupervisedQueueOptions;
}

/** What a server says of itself; null where the user may not ask. */
export interface ServerInfo {
  readonly coreUuid: string | null;
  readonly switchname: string | null;
  readonly version: string | null;
  /** Of the addresses given, the one that was connected to. */
  readonly address: string;
  /** The output of `show channels as json`, where it is wanted; taken once the subscription was live. */
  readonly snapshot: string | null;
}

/** A connection that ended. */
export interface Lost {
  readonly reason: EslError;
  readonly when: Date;
  /** Of the addresses given, the one that it was connected to. */
  readonly address: string;
}

/** A connection that is back. */
export interface Restored {
  readonly server: ServerInfo;
  /** How long there was no connection, in milliseconds. */
  readonly outage: number;
  /** Whether it is still the same run of the server, by its Core-UUID: after 'restarted' no call of before is left. */
  readonly run: 'same' | 'restarted' | 'unknown';
  readonly attempts: number;
}

/** An item of the stream, in order: 'connected', events, 'lost' once all that came before is taken, 'restored' … */
export type StreamItem =
  | { readonly kind: 'connected'; readonly connected: ServerInfo }
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'log'; readonly log: LogLine }
  | { readonly kind: 'notice'; readonly notice: LingerNotice }
  | { readonly kind: 'other'; readonly other: Event }
  | { readonly kind: 'lost'; readonly lost: Lost }
  | { readonly kind: 'restored'; readonly restored: Restored }
  /** There will be no further attempt. The last item. */
  | { readonly kind: 'gave-up'; readonly reason: EslError };

export interface ManagedStatus {
  readonly state: 'connecting' | 'up' | 'down' | 'gave-up' | 'closed';
  readonly since: Date;
  /** Why the last connection or attempt failed; kept while it is up again. */
  readonly lastError: EslError | null;
  /** Attempts that have failed in a row. */
  readonly failures: number;
  readonly server: ServerInfo | null;
  /** How long the last ping took, in milliseconds. */
  readonly roundTrip: number | null;
  /** Connections that have been lost. */
  readonly outages: number;
  readonly attempts: number;
}

/** A part of a program's share in the subscription: it lasts across reconnects, until it is released. */
export class Lease {
  private constructor();
  readonly subscription: Subscription;
  /** Ends what no other lease and not the connection's own subscription wants. Does not wait for the server. */
  release(): void;
  [Symbol.dispose](): void;
}

/**
 * A connection to a server that comes back when it is lost, and is subscribed again before it says so. An EventEmitter, and
 * async-iterable over the items of its stream.
 *
 * Listeners: 'connected', 'lost', 'restored', 'gave-up', and those of a `Connection` ('event', 'CHANNEL_ANSWER', 'CUSTOM
 * subclass', 'log', 'notice', 'message'), all in the order of the stream; 'close' when there will be no further connection.
 * Items wait in a bounded queue until there is a taker. Events that the server fires during an outage are not seen: it
 * keeps none for us.
 *
 * Commands go out on the present connection, and none is sent twice: one whose reply was lost rejects with
 * ESL_OUTCOME_UNKNOWN, and so do jobs and applications under way. While there is no connection they reject with
 * ESL_DISCONNECTED, or wait (`whileDown`; then ESL_TIMEOUT in the phase 'connect'): they have not been sent then.
 */
export class ManagedConnection extends EventEmitter implements AsyncIterable<StreamItem> {
  private constructor();
  /** Starts to connect, and returns at once: the stream begins with 'connected', or ends with 'gave-up'. */
  static start(options?: ManagedOptions): ManagedConnection;
  /**
   * The present connection, for all else that it offers (`call`, `originate`, `calls` …); throws ESL_DISCONNECTED while there is
   * none. It does not come back: ask again. Its events come in this stream; it takes no listeners for events.
   */
  readonly connection: Connection;
  readonly status: ManagedStatus;
  /** The last HEARTBEAT of the present connection, where they are kept. */
  readonly heartbeat: Event | null;
  /** How long ago it came, in milliseconds. */
  readonly heartbeatAge: number | null;
  /** Resolves, with the reason, when there will be no further connection. */
  readonly closed: Promise<EslError>;
  readonly notCloneable: symbol;
  /** Resolves to a connection: the present one, or the next. Rejects after `timeout` ms, and when there will be none. */
  waitUp(options?: CallOptions): Promise<Connection>;
  /** The counters, over all connections so far. */
  stats(): Stats;
  items(options?: { signal?: AbortSignal }): AsyncIterableIterator<StreamItem>;
  [Symbol.asyncIterator](): AsyncIterableIterator<StreamItem>;
  /**
   * Adds to what the connections are subscribed to, now and after each reconnect, until the lease is released. Other leases
   * keep what they have. Filters and the log level are the connection's: a filter concerns the events of all leases. The
   * format stays that of the first subscription.
   */
  subscribe(subscription: Subscription, options?: CallOptions): Promise<Lease>;
  subscribe(...wanted: (Wanted | readonly Wanted[] | SubscribeOptions)[]): Promise<Lease>;
  api(command: string, args?: string | string[], options?: CallOptions): Promise<string>;
  apiReply(command: string, args?: string | string[], options?: CallOptions): Promise<Reply>;
  bgapi(command: string, args?: string | string[], options?: CallOptions & { jobUuid?: string }): Promise<Job>;
  execute(app: string, arg: string | undefined, options: ExecuteOptions & { wait: true }): Promise<Executed>;
  execute(app: string, arg?: string, options?: ExecuteOptions): Promise<Reply>;
  send(command: string, options?: CallOptions): Promise<Reply>;
  sendEvent(event: Event, options?: CallOptions): Promise<Reply>;
  /** Ends the present connection and makes a new one, as after a loss. */
  reconnect(): void;
  /** Ends it. What has been received can still be taken. A second call does nothing. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** The process may end although this connection is open. */
  unref(): this;
  ref(): this;
  on(event: 'connected', listener: (server: ServerInfo) => void): this;
  on(event: 'lost', listener: (lost: Lost) => void): this;
  on(event: 'restored', listener: (restored: Restored) => void): this;
  on(event: 'gave-up' | 'close', listener: (reason: EslError) => void): this;
  on(event: 'log', listener: (line: LogLine) => void): this;
  on(event: 'notice', listener: (notice: LingerNotice) => void): this;
  on(event: EventListenerName, listener: (event: Event) => void): this;
  once(event: 'connected', listener: (server: ServerInfo) => void): this;
  once(event: 'lost', listener: (lost: Lost) => void): this;
  once(event: 'restored', listener: (restored: Restored) => void): this;
  once(event: 'gave-up' | 'close', listener: (reason: EslError) => void): this;
  once(event: 'log', listener: (line: LogLine) => void): this;
  once(event: 'notice', listener: (notice: LingerNotice) => void): this;
  once(event: EventListenerName, listener: (event: Event) => void): this;
}
