// Hand-written.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { CallOptions, Connection, EslError, Word } from '../index.js';
import type { AnswerState, CallDirection, CallState, ChannelState, HangupCause } from '../vocabulary.js';

/** A leg (a channel) as it was when it was looked at. What is not known is null. */
export interface CallLeg {
  readonly uuid: string;
  /** The channel's name, e.g. 'sofia/internal/1000@example.com'. */
  readonly name: string | null;
  readonly direction: Word<CallDirection> | null;
  readonly state: Word<ChannelState> | null;
  readonly callState: Word<CallState> | null;
  readonly answerState: Word<AnswerState> | null;
  readonly callerIdName: string | null;
  readonly callerIdNumber: string | null;
  readonly calleeIdName: string | null;
  readonly calleeIdNumber: string | null;
  /** What was dialled. */
  readonly destination: string | null;
  readonly context: string | null;
  /** What the legs of one call have in common (`Channel-Call-UUID`). */
  readonly callUuid: string | null;
  /** From a snapshot to the second. */
  readonly created: Date | null;
  /** Not known of a leg that a snapshot reports, until its next event. */
  readonly answered: Date | null;
  readonly isAnswered: boolean;
  /** It goes as soon as the server has cleared up. */
  readonly isHungUp: boolean;
  readonly hangupCause: Word<HangupCause> | null;
  /** The leg that it talks to: of its bridges, the last one. */
  readonly bridgedTo: string | null;
  readonly bridgedSince: Date | null;
  /** More than one during an attended transfer: the others wait. */
  readonly bridges: readonly { readonly with: string; readonly since: Date | null }[];
}

/** A change of the calls of a server. `hung-up` comes before `gone`; `restarted` after every leg was reported gone. */
export type Change =
  | { readonly kind: 'added' | 'answered' | 'updated' | 'hung-up'; readonly uuid: string; readonly leg: CallLeg; readonly other: null; readonly missed: false }
  /** `other` is the uuid that it had. */
  | { readonly kind: 'renamed'; readonly uuid: string; readonly leg: CallLeg; readonly other: string; readonly missed: false }
  /** `other` is the other leg's uuid. */
  | { readonly kind: 'bridged'; readonly uuid: string; readonly leg: CallLeg; readonly other: string; readonly missed: false }
  | { readonly kind: 'unbridged'; readonly uuid: string; readonly leg: null; readonly other: string; readonly missed: false }
  /** `missed`: its end was not heard (events were missed, or the server was restarted). */
  | { readonly kind: 'gone'; readonly uuid: string; readonly leg: CallLeg; readonly other: null; readonly missed: boolean }
  /** `uuid` is the new Core-UUID. */
  | { readonly kind: 'restarted'; readonly uuid: string; readonly leg: null; readonly other: null; readonly missed: false };

export type ChangeKind = Change['kind'];

/**
 * The legs that are up on a server: which are bridged to which, since when, in what state; and what changes. From
 * `connection.calls()`. It uses CHANNEL_* events and `show channels`; looking never asks the server.
 *
 * Listeners: 'change', and every kind of change ('added', 'bridged', 'gone' …), also after `moveTo`; 'disconnect' (the
 * connection is over: what is known stays). The first listener begins the reports, with the legs that are up as 'added',
 * so that nothing falls between a look at `legs()` and the first change.
 */
export class Calls extends EventEmitter {
  private constructor();
  readonly connection: Connection;
  /** How many legs there are. */
  readonly size: number;
  /** The server's Core-UUID: another one after a restart. */
  readonly coreUuid: string | null;
  /** Why nothing is heard any more; null while something is. */
  readonly ended: EslError | null;
  readonly notCloneable: symbol;
  /** The legs that are up, the oldest first. */
  legs(): CallLeg[];
  leg(uuid: string): CallLeg | null;
  /** The legs that talk to each other, each pair once. */
  bridged(): [CallLeg, CallLeg][];
  /**
   * Changes for `for await`: the legs that are up as 'added' first, so that nothing falls between. Ends with the
   * connection; rejects with ESL_LIMIT_EXCEEDED when more than 10,000 waited to be taken: look anew then.
   */
  changes(options?: { signal?: AbortSignal }): AsyncIterableIterator<Change>;
  /** Takes a new snapshot; resolves when it is merged. What was missed is reported as changes. */
  resync(options?: CallOptions): Promise<void>;
  /** Follows another connection to the server, after a reconnect. What has changed meanwhile is reported as changes. */
  moveTo(connection: Connection, options?: CallOptions): Promise<void>;
  on<Kind extends ChangeKind>(event: Kind, listener: (change: Extract<Change, { kind: Kind }>) => void): this;
  on(event: 'change', listener: (change: Change) => void): this;
  on(event: 'disconnect', listener: (reason: EslError) => void): this;
  once<Kind extends ChangeKind>(event: Kind, listener: (change: Extract<Change, { kind: Kind }>) => void): this;
  once(event: 'change', listener: (change: Change) => void): this;
  once(event: 'disconnect', listener: (reason: EslError) => void): this;
}
