// Hand-written.
import type { ConnectOptions, Event } from './index.js';

export type End = 'notice' | 'close' | 'half-close' | 'reset';

/** What goes wrong on every connection. Times are milliseconds. */
export interface Faults {
  /** Bytes written at a time. */
  split?: number;
  /** Before each frame. */
  delay?: number;
  endAfterBytes?: number;
  endAfterFrames?: number;
  end?: End;
  /** Never writes a byte. */
  silent?: boolean;
  /** Writes nothing until the faults are changed; then everything that waited. */
  stalled?: boolean;
  /** Never reads. */
  deaf?: boolean;
  /** Which events a session without linger still gets when its call hangs up (default 'some'): a real server's session races with it. */
  lastEvents?: 'all' | 'some' | 'none';
  /** Where the linger notice stands: after CHANNEL_HANGUP, or after CHANNEL_HANGUP_COMPLETE (default 'last'). */
  lingerNotice?: 'first' | 'last';
  /** Where a synchronous execute has its CHANNEL_EXECUTE_COMPLETE (default 'after-reply'). */
  completion?: 'before-reply' | 'after-reply';
}

export interface SimulatorOptions {
  password?: string;
  /** Default '127.0.0.1:0': a free port. */
  bind?: string;
  users?: { name: string; domain: string; password?: string; events?: string; api?: string; log?: boolean }[];
  aclReject?: boolean;
  hostname?: string;
  version?: string;
  heartbeat?: number;
  authTimeout?: number;
  playbackDuration?: number;
  queueBound?: number;
  faults?: Faults;
}

/** A FreeSWITCH event socket in this process, on a thread of its own. */
export class Simulator {
  constructor(options?: SimulatorOptions);
  readonly host: string;
  readonly port: number;
  readonly password: string;
  /** What `connect` takes. */
  readonly target: Required<Pick<ConnectOptions, 'host' | 'port' | 'password'>>;
  readonly connections: number;
  readonly channels: number;
  fire(event: Event): this;
  fire(type: string, headers?: Record<string, string | number | string[]>): this;
  log(level: number | string, text: string): this;
  extension(number: string, applications: [app: string, arg?: string][]): this;
  setFaults(faults: Faults): this;
  disconnectAll(how?: End): this;
  /** Stops with a shutdown's notices. */
  shutdown(): void;
  /** Stops without a word. */
  close(): void;
  [Symbol.dispose](): void;
}
