'use strict';
// The profile of a leg, as an event has it: a look-up per field, when it is read.

const native = require('./native');

const date = (ms) => (ms === null ? null : new Date(ms));

class CallerProfile {
  #batch;
  #at;
  #other;

  /** Made by `event.caller` and `event.otherLeg`. */
  constructor(batch, at, other) {
    this.#batch = batch;
    this.#at = at;
    this.#other = other;
  }

  get direction() {
    return this.#batch.profileDirection(this.#at, this.#other);
  }

  /** Milliseconds on hold, in all. */
  get held() {
    return this.#batch.profileHeld(this.#at, this.#other);
  }

  /** All of it, as a plain object. */
  toJSON() {
    return Object.fromEntries(FIELDS.map((name) => [name, this[name]]));
  }

  static _text(profile, field) {
    return profile.#batch.profileText(profile.#at, profile.#other, field);
  }

  static _time(profile, field) {
    return date(profile.#batch.profileTime(profile.#at, profile.#other, field));
  }
}

const [TEXTS, TIMES] = [native.profileTexts(), native.profileTimes()];
const FIELDS = [...TEXTS, 'direction', ...TIMES, 'held'];
TEXTS.forEach((name, field) => reader(name, (profile) => CallerProfile._text(profile, field)));
TIMES.forEach((name, field) => reader(name, (profile) => CallerProfile._time(profile, field)));

function reader(name, read) {
  Object.defineProperty(CallerProfile.prototype, name, { configurable: true, get() { return read(this); } });
}

module.exports = { CallerProfile, date };
