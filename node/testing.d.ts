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
  /** Never reads. */
  deaf?: boolean;
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
