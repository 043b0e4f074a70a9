// Hand-written. modesl's own interface: callbacks, names, and what it leaves open.
/// <reference types="node" />
import type { Server as NetServer, Socket } from 'node:net';
import { EventEmitter2 } from 'eventemitter2';
import type { EslError } from './index.js';

export type Callback = (event: Event, headers?: Record<string, unknown>, body?: string) => void;

export class Event {
  constructor(type: string, subclass?: string);
  constructor(headers: Record<string, unknown>, body?: string);
  constructor();
  static PRIORITY: { LOW: 'LOW'; NORMAL: 'NORMAL'; HIGH: 'HIGH' };
  headers: { name: string; value: any }[];
  type: string;
  subclass?: string | null;
  body: string;
  hPtr: number | null;
  /** Set where modesl would never call back: the connection ended, or the command could not be sent. */
  error?: EslError;
  serialize(format?: 'plain' | 'json' | 'xml'): string;
  setPriority(priority: string): void;
  getHeader(name: string): any;
  getBody(): string;
  getType(): string;
  addBody(value: string): string;
  addHeader(name: string, value: any): any;
  delHeader(name: string): { name: string; value: any }[] | null;
  firstHeader(): string | null;
  nextHeader(): string | null;
}

export class Parser extends EventEmitter2 {
  constructor(socket: NodeJS.EventEmitter);
  socket: NodeJS.EventEmitter;
}

export class Connection extends EventEmitter2 {
  constructor(host: string, port: number, password: string, ready?: () => void);
  constructor(host: string, port: number, password: string, localAddress: unknown, ready?: () => void);
  constructor(socket: Socket, ready?: () => void);
  execAsync: boolean;
  execLock: boolean;
  connecting: boolean;
  authed: boolean;
  channelData: Event | null;
  cmdCallbackQueue: (Callback | undefined)[];
  apiCallbackQueue: (Callback | undefined)[];
  reqEvents: string[];
  listeningEvents: string[];
  usingFilters?: boolean;
  password?: string;
  socket: Socket | null;
  parser?: Parser;
  socketDescriptor(): Socket | null;
  connected(): boolean;
  getInfo(): Event | null;
  send(command: string, args?: Record<string, unknown>): void;
  sendRecv(command: string, cb?: Callback): void;
  sendRecv(command: string, args?: Record<string, unknown> | null, cb?: Callback): void;
  api(command: string, cb?: Callback): void;
  api(command: string, args?: string | string[], cb?: Callback): void;
  bgapi(command: string, cb?: Callback): void;
  bgapi(command: string, args?: string | string[], cb?: Callback): void;
  bgapi(command: string, args: string | string[] | undefined, jobid?: string | null, cb?: Callback): void;
  sendEvent(event: Event, cb?: Callback): void;
  recvEvent(cb?: Callback): void;
  recvEventTimed(ms: number, cb?: (event?: Event) => void): void;
  filter(header: string, value: string, cb?: Callback): void;
  filterDelete(header: string, cb?: Callback): void;
  filterDelete(header: string, value?: string | null, cb?: Callback): void;
  events(type: string, cb?: Callback): void;
  events(type: string, events?: string | string[], cb?: Callback): void;
  subscribe(events?: string | string[], cb?: Callback): void;
  /** Gives the Event-UUID of the run. */
  execute(app: string, cb?: Callback): string;
  execute(app: string, arg?: string, cb?: Callback): string;
  execute(app: string, arg?: string, uuid?: string | null, cb?: Callback): string;
  executeAsync(app: string, cb?: Callback): string;
  executeAsync(app: string, arg?: string, cb?: Callback): string;
  executeAsync(app: string, arg?: string, uuid?: string | null, cb?: Callback): string;
  setAsyncExecute(value: boolean): void;
  setEventLock(value: boolean): void;
  disconnect(): void;
  auth(cb?: (error: Error | null, event: Event) => void): void;
  show(item: string, cb?: (error: Error | null, parsed?: any, data?: string) => void): void;
  show(item: string, format?: string | null, cb?: (error: Error | null, parsed?: any, data?: string) => void): void;
  originate(options: { profile?: string; gateway?: string; number?: string; app?: string; sync?: boolean }, cb?: Callback): void;
  message(options: { to?: string; from?: string; profile?: string; body?: string; subject?: string; deliveryConfirmation?: unknown }, cb?: Callback): void;
}

export class Server extends EventEmitter2 {
  constructor(ready?: () => void);
  constructor(options?: { port?: number; host?: string; server?: NetServer; myevents?: boolean } | null, ready?: () => void);
  connections: Record<string, Connection>;
  readonly count: number;
  bindEvents: boolean;
  port: number;
  host: string;
  server: NetServer;
  close(callback?: (error?: Error) => void): void;
}

export function setLogLevel(level: number): void;
export function eslSetLogLevel(level: number): void;
export let _log: boolean;
export let _level: number;
export let _logger: (message: string) => void;
export function _doLog(event: Event): void;
