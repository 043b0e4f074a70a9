// Hand-written.
import type { CallDirection } from '../vocabulary.js';

/** The profile of a leg, from an event's `Caller-*` or `Other-Leg-*` headers; each is looked up when it is read. */
export interface CallerProfile {
  readonly uniqueId: string | null;
  readonly channelName: string | null;
  readonly callerIdName: string | null;
  readonly callerIdNumber: string | null;
  /** Before anything changed it. */
  readonly originalCallerIdName: string | null;
  readonly originalCallerIdNumber: string | null;
  readonly calleeIdName: string | null;
  readonly calleeIdNumber: string | null;
  /** The number that was dialled. */
  readonly destinationNumber: string | null;
  /** The number that the call is billed to. */
  readonly ani: string | null;
  /** The number that redirected the call. */
  readonly rdnis: string | null;
  readonly networkAddr: string | null;
  /** The user that the caller authenticated as. */
  readonly username: string | null;
  readonly dialplan: string | null;
  readonly context: string | null;
  /** The module that made the leg. */
  readonly source: string | null;
  readonly transferSource: string | null;
  readonly direction: CallDirection | (string & {}) | null;
  /** Each time is null when it has not been. */
  readonly profileCreated: Date | null;
  readonly created: Date | null;
  readonly progress: Date | null;
  readonly progressMedia: Date | null;
  readonly answered: Date | null;
  readonly bridged: Date | null;
  readonly lastHold: Date | null;
  readonly transferred: Date | null;
  readonly resurrected: Date | null;
  readonly hungUp: Date | null;
  /** Milliseconds on hold, in all. */
  readonly held: number | null;
  /** All of it as a plain object. */
  toJSON(): Record<string, string | number | Date | null>;
}
