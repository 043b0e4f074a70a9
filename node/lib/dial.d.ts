// Hand-written.
import type { HangupCause, VariableName } from '../vocabulary.js';
import type { Call } from './call.js';

/** Channel variables: a list makes an array. What cannot be said safely is refused (ESL_INVALID_ARGUMENT). */
export type Variables = { readonly [Name in VariableName]?: VariableValue } & { readonly [name: string]: VariableValue | undefined };
export type VariableValue = string | number | boolean | readonly (string | number)[];

/** Where a leg goes. */
export type Endpoint =
  /** A user of the directory, wherever registered. */
  | { readonly user: string; readonly domain?: string | undefined }
  /** All users of a group of the directory. */
  | { readonly group: string; readonly domain?: string | undefined }
  /** A number through a SIP gateway. */
  | { readonly gateway: string; readonly number: string }
  /** A SIP address from a profile of Sofia's. */
  | { readonly profile: string; readonly address: string }
  /** An extension of the dialplan. */
  | { readonly loopback: string; readonly context?: string | undefined; readonly dialplan?: string | undefined }
  /** Waits until the group's call is picked up. */
  | { readonly pickup: string }
  /** Fails with that cause. */
  | { readonly error: HangupCause }
  /** Is answered at once and has no far end. */
  | { readonly null: string }
  /** Any endpoint as the server takes it: `user/1000`, `verto.rtc/1000`. */
  | { readonly endpoint: string };

export interface LegOptions {
  /** Its own variables (`[]`). */
  readonly variables?: Variables | undefined;
  /** How many seconds it may ring. */
  readonly timeoutSeconds?: number | undefined;
  /** How many seconds to wait before it is dialled. */
  readonly delaySeconds?: number | undefined;
}

/** A leg; as a text just its endpoint. */
export type Leg = string | (Endpoint & LegOptions);

export interface DialOptions {
  /** Tried one after the other; those in a list of their own ring at once. */
  readonly legs: readonly (Leg | readonly Leg[])[];
  /** Variables of every leg (`{}`). */
  readonly variables?: Variables | undefined;
  /** Variables of every dialling (`<>`). */
  readonly shared?: Variables | undefined;
  /** What the called party sees. */
  readonly callerId?: { readonly name: string; readonly number: string } | undefined;
  /** The uuid of the new leg. With several legs, set `origination_uuid` on each. */
  readonly uuid?: string | undefined;
  /** How many seconds to wait for an answer; the cause is then NO_ANSWER. */
  readonly timeoutSeconds?: number | undefined;
  /** Dials these at the same time, each by itself (`:_:`). */
  readonly beside?: readonly Dial[] | undefined;
}

/** What is dialled. A text is read as the server reads it: put nothing in it that comes from elsewhere. */
export type Dial = string | (Endpoint & LegOptions) | DialOptions | DialString;

/** A dial string: printed so that the server takes it for just this value, or refused (ESL_INVALID_ARGUMENT). */
export class DialString {
  constructor(dial: Dial);
  /** Reads a text as an application (`bridge`) takes it, or as an api command (`originate`) does. */
  static parse(text: string, carrier?: 'application' | 'api'): DialString;
  toText(carrier?: 'application' | 'api'): string;
  /** As an application takes it. */
  toString(): string;
  /** Options that make the same dial string. */
  toJSON(): DialOptions;
}

/** A call to be made, and what its leg does once it is answered; without anything it is parked. */
export interface OriginateOptions {
  readonly dial: Dial;
  /** Runs one application; its argument cannot hold `)`: use `inline`. */
  readonly application?: string | undefined;
  readonly argument?: string | undefined;
  /** Is bridged to that. */
  readonly bridge?: Dial | undefined;
  /** Goes to an extension of the dialplan. */
  readonly extension?: string | undefined;
  /** Runs applications one after the other. */
  readonly inline?: readonly (readonly [application: string, argument?: string | null | undefined])[] | undefined;
  /** Of the extension: without one XML. */
  readonly dialplan?: string | undefined;
  /** Of the extension: without one default. */
  readonly context?: string | undefined;
  readonly callerId?: { readonly name?: string | undefined; readonly number?: string | undefined } | undefined;
  /** How many seconds to wait for an answer; without one 60. */
  readonly timeoutSeconds?: number | undefined;
}

/** A call to be made, checked. */
export class Originate {
  constructor(options: OriginateOptions);
  /** Reads what comes after the word `originate`. */
  static parse(text: string): Originate;
  /** What comes after the word `originate`. */
  toString(): string;
}

/** A call that is being made: `await` it, or look at its uuid and cancel it meanwhile. */
export class Originating implements PromiseLike<Call> {
  private constructor();
  /** Of the (first) leg; known before anything rings. */
  readonly uuid: string;
  /** Of all legs, in the order in which they are written. */
  readonly uuids: string[];
  readonly jobUuid: string;
  /** The call that was answered. Rejects with ESL_HANGUP (`hangupCause`), ESL_REFUSED, ESL_TIMEOUT, ESL_NOT_SUBSCRIBED. */
  readonly answered: Promise<Call>;
  /** Hangs up whatever there is of it; false when it has ended already. */
  cancel(): boolean;
  then<A = Call, B = never>(
    done?: ((call: Call) => A | PromiseLike<A>) | null, failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B>;
  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Call | B>;
  finally(ended?: (() => void) | null): Promise<Call>;
}
