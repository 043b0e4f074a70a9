'use strict';
// An event: a position in a native batch. Header values become strings when they are read.

const native = require('./native');
const { guarded } = require('./errors');

const EVENT_TYPES = Object.freeze(native.eventTypes());

class Event {
  #batch;
  #at;
  /** Where headers are read quickly as long as the event is as it was received; null when they are not. */
  #source;

  /** `new Event(type, subclass)` builds one; the other form is the package's own. */
  constructor(type = 'CUSTOM', subclass, at, source = null) {
    this.#source = source;
    if (at === undefined) {
      this.#batch = native.Batch.create(String(type), subclass ?? null);
      this.#at = 0;
    } else {
      this.#batch = type;
      this.#at = at;
    }
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

  #change(how, name, value) {
    this.#source = null;
    this.#batch.change(this.#at, how, String(name), String(value));
    return this;
  }
}

module.exports = { EVENT_TYPES, Event };
