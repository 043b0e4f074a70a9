// Hand-written.
/// <reference types="node" />
import { EventEmitter } from 'node:events';
import type { CallOptions, Connection, EslError, Event, Word } from '../index.js';
import type { ConferenceAction } from '../vocabulary.js';
import type { Dial } from './dial.js';

/** A member's id, all of them, the one that joined last, or those that are no moderators. */
export type Members = number | 'all' | 'last' | 'non_moderator';

/** Times are milliseconds. */
export interface Member {
  /** Unique among all conferences of the server. */
  readonly id: number;
  /** The channel's. */
  readonly uuid: string;
  readonly callerIdName: string;
  readonly callerIdNumber: string;
  /** Not deaf. */
  readonly hears: boolean;
  /** Not muted. */
  readonly speaks: boolean;
  readonly talking: boolean;
  readonly hasFloor: boolean;
  readonly onHold: boolean;
  readonly moderator: boolean;
  /** How long ago it joined. */
  readonly joined: number;
  /** From which level on it counts as talking. */
  readonly energy: number;
  /** How loud it is heard. */
  readonly volumeIn: number;
  /** How loud it hears. */
  readonly volumeOut: number;
}

export interface ConferenceInfo {
  readonly name: string;
  /** Another one each time a conference of that name begins. */
  readonly uuid: string;
  /** How long it has been there, in milliseconds. */
  readonly runTime: number;
  readonly locked: boolean;
  readonly recording: boolean;
  /** The one that joined last first. */
  readonly members: readonly Member[];
}

/** What a `conference::maintenance` event says; the event has the rest. What it does not say is null. */
export interface ConferenceEvent {
  readonly conference: string;
  readonly conferenceUuid: string;
  /** What happened, e.g. 'add-member'. */
  readonly action: Word<ConferenceAction>;
  /** How many members there are. */
  readonly size: number;
  /** The member that it is about; at 'floor-change' the one that has the floor now. */
  readonly member: number | null;
  /** The uuid of its channel. */
  readonly uuid: string | null;
  readonly hears: boolean | null;
  readonly speaks: boolean | null;
  readonly talking: boolean | null;
  readonly hasFloor: boolean | null;
  /** At 'floor-change': the member that had it before. */
  readonly oldFloor: number | null;
  /** Digits, the file, the path or the text that it is about. */
  readonly detail: string | null;
  /** What went wrong; at 'bgdial-result' the cause, 'SUCCESS' where there is none. */
  readonly result: string | null;
  /** At 'bgdial-result': what `dial` gave. */
  readonly jobUuid: string | null;
  readonly event: Event;
}

/**
 * A conference, from `connection.conference(name)`. Its verbs send `api conference NAME …` and resolve with the reply; they
 * reject with ESL_REFUSED when the server refuses (no such conference, no such member), with ESL_INVALID_ARGUMENT for what
 * cannot be said. Not to be confused with `call.conference(name)`, by which a call joins one.
 *
 * Listeners: 'event' (a `ConferenceEvent`), every action ('add-member', 'start-talking' …), 'disconnect'. The connection must
 * be subscribed to 'CUSTOM conference::maintenance'.
 */
export class Conference extends EventEmitter {
  private constructor();
  readonly name: string;
  readonly connection: Connection;
  readonly notCloneable: symbol;
  /** The conference and its members; null when there is none of that name now. */
  info(options?: CallOptions): Promise<ConferenceInfo | null>;
  members(options?: CallOptions): Promise<readonly Member[]>;
  /** What happens in it, for `for await`; ends with the connection. Rejects as `Calls.changes` when it is not taken in time. */
  events(options?: { signal?: AbortSignal }): AsyncIterableIterator<ConferenceEvent>;
  /** They are not heard. */
  mute(members: Members, options?: CallOptions): Promise<void>;
  unmute(members: Members, options?: CallOptions): Promise<void>;
  /** Mutes those that are heard, unmutes the others. */
  toggleMute(members: Members, options?: CallOptions): Promise<void>;
  /** They hear nothing. */
  deaf(members: Members, options?: CallOptions): Promise<void>;
  undeaf(members: Members, options?: CallOptions): Promise<void>;
  hold(members: Members, options?: CallOptions): Promise<void>;
  unhold(members: Members, options?: CallOptions): Promise<void>;
  /** Sends them out (after a sound): their channels go on. */
  kick(members: Members, options?: CallOptions & { sound?: string }): Promise<void>;
  /** Hangs them up. */
  hup(members: Members, options?: CallOptions): Promise<void>;
  /** Gives one of them the floor, or takes it back. */
  floor(members: Members, options?: CallOptions): Promise<void>;
  /** No other member may join. */
  lock(options?: CallOptions): Promise<void>;
  unlock(options?: CallOptions): Promise<void>;
  /** Members are asked for that PIN; null: no more. */
  pin(pin: string | null, options?: CallOptions): Promise<void>;
  /** How loud they are heard, -4 to 4. */
  volumeIn(members: Members, level: number, options?: CallOptions): Promise<void>;
  /** How loud they hear, -4 to 4. */
  volumeOut(members: Members, level: number, options?: CallOptions): Promise<void>;
  /** From which level on they count as talking. */
  energy(members: Members, level: number, options?: CallOptions): Promise<void>;
  /** Plays a file to all, or to one member; resolves when it begins. `beside`: beside what is played already. */
  play(file: string, options?: CallOptions & { member?: number; beside?: boolean }): Promise<void>;
  /** Ends all that is played; `all: false`: only what is played now. */
  stop(options?: CallOptions & { all?: boolean }): Promise<void>;
  /** Speaks a text to all, or to one member. */
  say(text: string, options?: CallOptions & { member?: number }): Promise<void>;
  record(file: string, options?: CallOptions): Promise<void>;
  /** Ends that recording; without a file all of them. */
  stopRecording(file?: string | null, options?: CallOptions): Promise<void>;
  pauseRecording(file: string, options?: CallOptions): Promise<void>;
  resumeRecording(file: string, options?: CallOptions): Promise<void>;
  /**
   * Calls in the background and takes the party into the conference. Resolves with the Job-UUID that the event
   * 'bgdial-result' has: only that tells what came of it.
   */
  dial(dial: Dial, options?: CallOptions & { callerId?: { name: string; number: string } }): Promise<string>;
  /** These members go to another conference. */
  transfer(to: string, members: number | readonly number[], options?: CallOptions): Promise<void>;
  /** Which member hears which. */
  relate(member: number, other: number, relation: 'nohear' | 'nospeak' | 'clear', options?: CallOptions): Promise<void>;
  sendDtmf(members: Members, digits: string, options?: CallOptions): Promise<void>;
  on(event: 'disconnect', listener: (reason: EslError) => void): this;
  on(event: 'event' | ConferenceAction, listener: (happened: ConferenceEvent) => void): this;
  once(event: 'disconnect', listener: (reason: EslError) => void): this;
  once(event: 'event' | ConferenceAction, listener: (happened: ConferenceEvent) => void): this;
}
