'use strict';
// An event: a position in a native batch. Header values become strings when they are read.

const native = require('./native');
const { EslError, eventsAreMadeBy, guarded } = require('./errors');
const { notCloneable } = require('./manners');
const { count, date } = require('./values');

/** Loaded when it is first asked for. */
let CallerProfile;

const EVENT_TYPES = Object.freeze(native.eventTypes());

/** A value that `structuredClone` refuses with these words: without it, it would give an empty object. */
const NOT_CLONEABLE = notCloneable('an Event: send event.toJSON(), which Event.from() reads');

class Event {
  #batch;
  #at;
  /** Where headers are read quickly as long as the event is as it was received; null when they are not. */
  #source;
  notCloneable = NOT_CLONEABLE;

  /**
   * `new Event(type, subclass, headers)` builds one; subclass and headers may be left out. The form with a number is the
   * package's own.
   */
  constructor(type = 'CUSTOM', subclass, at, source = null) {
    this.#source = source;
    if (typeof at === 'number') {
      this.#batch = type;
      this.#at = at;
      return;
    }
    if (subclass !== null && typeof subclass === 'object') [subclass, at] = [undefined, subclass];
    this.#batch = native.Batch.create(String(type), subclass ?? null);
    this.#at = 0;
    if (at !== undefined && at !== null) this.#fill(at);
  }

  /** An event from what `toJSON` gives: headers (arrays as lists), `Event-Name` among them, and `_body`. */
  static from(object) {
    if (object instanceof Event) return object.clone();
    const texts = (name, value) => (name === '' || Array.isArray(value) ? value : String(value));
    const { 'Content-Length': _, ...headers } = object;
    return Event.parse(JSON.stringify(headers, texts), 'json');
  }

  /** Reads an event from its text in `json`, `plain` or `xml`. */
  static parse(text, format = 'json') {
    return guarded(() => new Event(native.Batch.parse(format, text), undefined, 0));
  }

  /** The event's name; also one that is newer than this package. */
  get type() {
    return this.get('Event-Name') ?? this.#batch.typeName(this.#at);
  }

  get subclass() {
    return this.get('Event-Subclass');
  }

  get uuid() {
    return this.get('Unique-ID');
  }

  get body() {
    return this.#source !== null ? this.#source.body(this.#at) : this.#batch.body(this.#at);
  }

  get bodyBytes() {
    return this.#batch.bodyBytes(this.#at);
  }

  /** All headers as one object (a new one each time); of duplicates the first counts, as in `get`. */
  get headers() {
    const headers = Object.create(null);
    const flat = this.#batch.headers(this.#at);
    for (let at = 0; at < flat.length; at += 2) headers[flat[at]] ??= flat[at + 1];
    return headers;
  }

  /** The value of the first header of that name, in any letter case; null when there is none. */
  get(name, index) {
    if (index !== undefined) return this.#batch.element(this.#at, name, index);
    if (this.#source !== null) return this.#source.get(this.#at, name);
    return this.#batch.get(this.#at, name);
  }

  getBytes(name) {
    return this.#batch.getBytes(this.#at, name);
  }

  has(name) {
    return this.get(name) !== null;
  }

  array(name) {
    return this.#batch.array(this.#at, name);
  }

  /** Every header in order, duplicates included, as [name, value]. */
  *[Symbol.iterator]() {
    const flat = this.#batch.headers(this.#at);
    for (let at = 0; at < flat.length; at += 2) yield [flat[at], flat[at + 1]];
  }

  entries() {
    return this[Symbol.iterator]();
  }

  get hangupCause() {
    return this.get('Hangup-Cause');
  }

  get channelState() {
    return this.get('Channel-State');
  }

  get callState() {
    return this.get('Channel-Call-State');
  }

  get answerState() {
    return this.get('Answer-State');
  }

  get callDirection() {
    return this.get('Call-Direction');
  }

  get caller() {
    return profile(this, 0);
  }

  get otherLeg() {
    return this.get('Other-Type') === null ? null : profile(this, 1);
  }

  get time() {
    return date(this.get('Event-Date-Timestamp'));
  }

  get timeCreated() {
    return date(this.get('Caller-Channel-Created-Time'));
  }

  get timeAnswered() {
    return date(this.get('Caller-Channel-Answered-Time'));
  }

  get timeHungUp() {
    return date(this.get('Caller-Channel-Hangup-Time'));
  }

  /** A channel variable, by its name without `variable_`; null when the event has none. */
  variable(name) {
    return this.get(`variable_${name}`);
  }

  /** The channel variables as one object (a new one each time), names without `variable_`. */
  get variables() {
    const variables = Object.create(null);
    const flat = this.#batch.variables(this.#at);
    for (let at = 0; at < flat.length; at += 2) variables[flat[at]] ??= flat[at + 1];
    return variables;
  }

  get dtmfDigit() {
    const digit = this.get('DTMF-Digit');
    return digit ? String.fromCodePoint(digit.codePointAt(0)) : null;
  }

  /** Milliseconds; the header counts samples of 8000 Hz. */
  get dtmfDuration() {
    const samples = count(this.get('DTMF-Duration'));
    return Number.isNaN(samples) ? null : samples / 8;
  }

  get applicationResponse() {
    const response = this.get('Application-Response');
    return response === '_none_' ? null : response;
  }

  add(name, value) {
    return this.#change('add', name, value);
  }

  set(name, value) {
    return this.#change('set', name, value);
  }

  push(name, value) {
    return this.#change('push', name, value);
  }

  unshift(name, value) {
    return this.#change('unshift', name, value);
  }

  delete(name) {
    this.#source = null;
    return this.#batch.delete(this.#at, name);
  }

  setBody(body) {
    this.#source = null;
    this.#batch.setBody(this.#at, String(body));
    return this;
  }

  setPriority(priority) {
    this.#source = null;
    guarded(() => this.#batch.setPriority(this.#at, String(priority)));
    return this;
  }

  clone() {
    return new Event(this.#batch.copy(this.#at), undefined, 0);
  }

  equals(other) {
    return other instanceof Event && this.#batch.equals(this.#at, other.#batch, other.#at);
  }

  /** The text in `plain` (values percent-encoded), `json` or `xml`. */
  serialize(format = 'plain') {
    return guarded(() => this.#batch.serialize(this.#at, format));
  }

  toString() {
    return this.serialize('plain');
  }

  toJSON() {
    return JSON.parse(this.#batch.serialize(this.#at, 'json'));
  }

  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    return `Event ${inspect(this.toJSON(), options)}`;
  }

  /** For the package's own layers: where it is. */
  static _place(event) {
    if (!(event instanceof Event)) throw new TypeError('an Event is expected');
    return [event.#batch, event.#at];
  }

  #fill(headers) {
    if (typeof headers !== 'object') throw new EslError('invalid-argument', 'headers must be an object or a list of pairs');
    const pairs = typeof headers[Symbol.iterator] === 'function' ? headers : Object.entries(headers);
    for (const [name, value] of pairs) {
      if (name === '_body') this.setBody(value);
      else if (Array.isArray(value)) for (const one of value) this.push(name, one);
      else if (value !== undefined && value !== null) this.add(name, value);
    }
  }

  #change(how, name, value) {
    this.#source = null;
    this.#batch.change(this.#at, how, String(name), String(value));
    return this;
  }
}

function profile(event, leg) {
  CallerProfile ??= require('./readers').CallerProfile;
  return new CallerProfile(event, leg);
}

eventsAreMadeBy((batch) => new Event(batch, undefined, 0));

module.exports = { EVENT_TYPES, Event };
