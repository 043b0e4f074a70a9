'use strict';
// The profile of a leg: a look-up per field, when it is read. Which headers these are is the core's
// (bindings/node/src/readers.rs).

const native = require('./native');
const { count, date } = require('./values');

const PREFIXES = ['Caller-', 'Other-Leg-'];
const names = (suffix) => PREFIXES.map((prefix) => prefix + suffix);
const [DIRECTION, HELD] = ['Direction', 'Channel-Hold-Accum'].map(names);

class CallerProfile {
  #event;
  #leg;

  /** Made by `event.caller` (leg 0) and `event.otherLeg` (leg 1). */
  constructor(event, leg) {
    this.#event = event;
    this.#leg = leg;
  }

  get direction() {
    return CallerProfile._text(this, DIRECTION);
  }

  /** Milliseconds on hold, in all. */
  get held() {
    const micros = count(CallerProfile._text(this, HELD));
    return Number.isNaN(micros) ? null : micros / 1000;
  }

  /** All of it, as a plain object. */
  toJSON() {
    return Object.fromEntries(FIELDS.map((name) => [name, this[name]]));
  }

  /** Empty headers count as absent. */
  static _text(profile, headers) {
    return profile.#event.get(headers[profile.#leg]) || null;
  }
}

const [TEXTS, TIMES] = [native.profileTexts(), native.profileTimes()];
const FIELDS = [...TEXTS.map(([name]) => name), 'direction', ...TIMES.map(([name]) => name), 'held'];
for (const [name, suffix] of TEXTS) reader(name, names(suffix), (profile, headers) => CallerProfile._text(profile, headers));
for (const [name, suffix] of TIMES) reader(name, names(suffix), (profile, headers) => date(CallerProfile._text(profile, headers)));

function reader(name, headers, read) {
  Object.defineProperty(CallerProfile.prototype, name, { configurable: true, get() { return read(this, headers); } });
}

module.exports = { CallerProfile };
