// Hand-written.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { CallOptions, EslError, Event, EventListenerName, LingerNotice, LogLine, Reply } from '../index.js';
import type { Lost, ManagedConnection, ManagedOptions, Restored, ServerInfo, StreamItem } from './managed.js';
import type { HangupCause } from '../vocabulary.js';

export interface FleetServer {
  /** Its name in the fleet. */
  name: string;
  connection: ManagedOptions;
  /** How many calls it takes in proportion to others. Default 1; 0 is never chosen. */
  weight?: number;
  /** What calls may ask for: a region, a tenant, 'video'. */
  tags?: readonly string[];
}

/** Beyond these a server that is connected counts as degraded; false sets no limit. */
export interface HealthLimits {
  /** The last HEARTBEAT may be that old, in milliseconds. Default 60,000. */
  heartbeatAge?: number | false;
  /** A ping may take that long, in milliseconds. Default 1,000. */
  roundTrip?: number | false;
  /** The least idle CPU, in per cent. Default 5. */
  idleCpu?: number | false;
  /** The share of the server's greatest number of sessions that may be in use. Default 0.95. */
  sessions?: number | false;
}

export interface FleetOptions {
  servers?: Iterable<FleetServer>;
  /** How many attempts to connect may be under way at once, over all servers. Default 8. */
  attemptsAtOnce?: number;
  limits?: HealthLimits;
  /**
   * Where two entries lead to one FreeSWITCH: drops what has come from another entry already (`droppedDuplicates`), by
   * Core-UUID and Event-Sequence, and remembers that many events. Default: every event of every entry is delivered.
   */
  dropDuplicates?: number;
}

/** How a server is doing, as far as is known. Times are milliseconds. */
export interface Health {
  /** 'degraded': connected, but beyond one of the limits. */
  readonly state: 'up' | 'degraded' | 'down';
  /** Since when its connection is up, or is not. */
  readonly since: Date;
  readonly draining: boolean;
  readonly heartbeatAge: number | null;
  readonly roundTrip: number | null;
  readonly sessions: number | null;
  readonly maxSessions: number | null;
  /** In per cent; null where the server does not measure it. */
  readonly idleCpu: number | null;
  /** Events that wait to be taken. */
  readonly queued: number;
  /** Events that the queue's policy has dropped. */
  readonly dropped: number;
  readonly outages: number;
}

/** Which server a call is to go to. Those that are down or draining are never chosen, degraded ones only when there is no other. */
export type Pick =
  /** 'least-sessions' (default): the fewest in proportion to the weight. 'weighted': in turn. */
  | { by?: 'least-sessions' | 'weighted'; tags?: string | readonly string[] }
  /** The same key goes to the same server, for as long as that will do. */
  | { by: 'sticky'; key: string; tags?: string | readonly string[] };

/** What came of a command on one of several servers. */
export type ServerResult =
  /** The reply, which may be a `-ERR`. */
  | { readonly server: string; readonly outcome: 'reply'; readonly reply: Reply }
  /** 'failed': not sent. 'unknown': sent, and the reply did not come. */
  | { readonly server: string; readonly outcome: 'failed' | 'unknown'; readonly error: EslError };

/** An item of a fleet's stream: one of a server's own stream, in its order; its health has changed; it was removed. */
export type FleetItem = { readonly server: string } & (
  StreamItem | { readonly kind: 'health'; readonly health: Health } | { readonly kind: 'removed' });

/**
 * Many servers as one: a stream tagged with the server, their health, commands to one, any or all. An EventEmitter, and
 * async-iterable over its items.
 *
 * Listeners are those of a `ManagedConnection`, with the server's name as a second argument; and 'health' (it went up, became
 * degraded, went down, began or ended to drain), 'removed', and 'close'.
 */
export class Fleet extends EventEmitter implements AsyncIterable<FleetItem> {
  private constructor();
  /** Starts to connect to all servers, and returns at once. */
  static start(options?: FleetOptions): Fleet;
  /** Their names, sorted. */
  readonly servers: string[];
  /** Resolves after `close`, when all has been taken. */
  readonly closed: Promise<void>;
  readonly droppedDuplicates: number;
  readonly notCloneable: symbol;
  /** Adds a server to the running fleet; throws ESL_INVALID_ARGUMENT for a name that it has already. */
  add(server: FleetServer): void;
  /** Removes a server. What it had sent still comes, then 'removed'. */
  remove(name: string): Promise<void>;
  /** The server is chosen no more for new calls (or again). Its events go on; calls run to their ends. */
  drain(name: string, on?: boolean): void;
  /** The connection to that server, for commands and leases; its items come in the fleet's stream. */
  connection(name: string): ManagedConnection;
  /** Null for a name that the fleet does not have. */
  health(name: string): Health | null;
  healthOfAll(): Map<string, Health>;
  /** Chooses a server for a new call, and counts it as its own until its next HEARTBEAT; null when none will do. */
  pick(pick?: Pick): string | null;
  /** `api` on that server, by the policy of its connection. */
  apiOn(server: string, command: string, args?: string | string[], options?: CallOptions): Promise<string>;
  /**
   * `api` on a server that is chosen, on another one when it could not be sent to that. Never sent twice: after
   * ESL_OUTCOME_UNKNOWN or ESL_TIMEOUT no other is tried. Timeouts of this and the following: default 10,000 ms.
   */
  apiAny(pick: Pick | undefined, command: string, args?: string | string[], options?: CallOptions): Promise<{ server: string; reply: Reply }>;
  /** `api` on every server at once, draining ones included; after `timeout` ms those that have not replied are 'unknown'. */
  apiAll(command: string, args?: string | string[], options?: CallOptions): Promise<ServerResult[]>;
  /** The server that a channel is on, by the events and snapshots taken from the stream so far; null when none has named it. */
  serverOf(uuid: string): string | null;
  /** The server that a channel is on, by asking all of them (`uuid_exists`) where the stream has not told. */
  find(uuid: string, options?: CallOptions): Promise<string | null>;
  /** `uuid_kill` on the server that the channel is on; rejects with ESL_REFUSED when none has it. */
  uuidKill(uuid: string, cause?: HangupCause, options?: CallOptions): Promise<Reply>;
  items(options?: { signal?: AbortSignal }): AsyncIterableIterator<FleetItem>;
  [Symbol.asyncIterator](): AsyncIterableIterator<FleetItem>;
  /** Closes all connections. What has been received can still be taken. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** The process may end although the fleet is open. */
  unref(): this;
  ref(): this;
  on(event: 'health', listener: (health: Health, server: string) => void): this;
  on(event: 'removed', listener: (server: string) => void): this;
  on(event: 'close', listener: () => void): this;
  on(event: 'connected', listener: (info: ServerInfo, server: string) => void): this;
  on(event: 'lost', listener: (lost: Lost, server: string) => void): this;
  on(event: 'restored', listener: (restored: Restored, server: string) => void): this;
  on(event: 'gave-up', listener: (reason: EslError, server: string) => void): this;
  on(event: 'log', listener: (line: LogLine, server: string) => void): this;
  on(event: 'notice', listener: (notice: LingerNotice, server: string) => void): this;
  on(event: EventListenerName, listener: (event: Event, server: string) => void): this;
  once(event: 'health', listener: (health: Health, server: string) => void): this;
  once(event: 'removed', listener: (server: string) => void): this;
  once(event: 'close', listener: () => void): this;
  once(event: 'connected', listener: (info: ServerInfo, server: string) => void): this;
  once(event: 'lost', listener: (lost: Lost, server: string) => void): this;
  once(event: 'restored', listener: (restored: Restored, server: string) => void): this;
  once(event: 'gave-up', listener: (reason: EslError, server: string) => void): this;
  once(event: 'log', listener: (line: LogLine, server: string) => void): this;
  once(event: 'notice', listener: (notice: LingerNotice, server: string) => void): this;
  once(event: EventListenerName, listener: (event: Event, server: string) => void): this;
}
