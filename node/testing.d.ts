// Hand-written.
import type { ConnectOptions, Event } from './index.js';

export type End = 'notice' | 'close' | 'half-close' | 'reset' | 'lost-events';

/** What a handler is told. */
export interface Asked {
  /** The command's or application's name, or the dial string without variables. */
  name: string;
  argument: string;
  /** The channel; none for an api command. */
  uuid?: string;
  /** The channel's. */
  variables: Record<string, string>;
}

/** What an application has done. Times are milliseconds. */
export interface Done {
  variables?: Record<string, string>;
  /** Its `Application-Response`. */
  response?: string;
  lasts?: number;
  /** Hang the call up, with that cause. */
  hangup?: string;
}

/** What a called party does. Times are milliseconds; those of `dtmf` and `hangup` count from the answer. */
export interface Endpoint {
  /** Before it answers or refuses. */
  ring?: number;
  earlyMedia?: number;
  /** It rings until the caller gives up. */
  noAnswer?: boolean;
  /** It refuses with that hangup cause. */
  cause?: string;
  dtmf?: { after: number; digits: string }[];
  hangup?: { after: number; cause?: string };
}

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
  /** Further faults by name, as `switchwire sim --faults` takes them: 'throttle=1000,stall-in-frame=3'. */
  more?: string;
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
  /** A scenario, TOML. */
  scenario?: string;
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
  /** Waits until everything that the scenario expects has happened (5,000 ms at most); rejects with an AssertionError that says what came instead. */
  verify(timeout?: number): Promise<void>;
  /** An api command; what `run` throws is an uncaught exception of the test. */
  api(name: string, run: (asked: Asked) => string | Promise<string>): this;
  application(name: string, run: (asked: Asked) => Done | void | Promise<Done | void>): this;
  /** What a called party does; `*` in `dial` is any text. Without a behaviour it answers. */
  endpoint(dial: string, behaviour?: Endpoint | ((asked: Asked) => Endpoint | Promise<Endpoint>)): this;
  /** Dies and starts again: connections end without a notice, calls are gone, the Core-UUID is another. */
  restart(): this;
  /** Refuses connections, or accepts them again. */
  refuse(refuse?: boolean): this;
  disconnectAll(how?: End): this;
  /** Sends this text, whatever it is, to every connection that is logged in: what a server should never send. */
  sendRaw(text: string): this;
  /** Stops with a shutdown's notices. */
  shutdown(): void;
  /** Stops without a word. */
  close(): void;
  [Symbol.dispose](): void;
}
