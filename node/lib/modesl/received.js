'use strict';
// The events of one batch as modesl's layer reads them: what every event is asked for, and the headers that the program reads
// often, come in one native call (received.rs). A native call per value costs more than everything else about an event.

const {
  PREFETCH_ASK, PREFETCH_NONE, RECEIVED_JSON, RECEIVED_JSON_LISTS, RECEIVED_PIECE, RECEIVED_PLAIN, RECEIVED_USUAL_HEAD, RECEIVED_UUID, RECEIVED_WIDTH,
  RECEIVED_XML, eventTypes,
} = require('../native');

const USUAL = RECEIVED_UUID | RECEIVED_USUAL_HEAD;
const TYPES = Object.freeze(eventTypes());
const CONTENT_TYPES = [];
CONTENT_TYPES[RECEIVED_PLAIN] = 'text/event-plain';
CONTENT_TYPES[RECEIVED_JSON] = 'text/event-json';
CONTENT_TYPES[RECEIVED_JSON_LISTS] = 'text/event-json';
CONTENT_TYPES[RECEIVED_XML] = 'text/event-xml';

const PIECE_SHIFT = Math.log2(RECEIVED_PIECE);
const PIECE_MASK = RECEIVED_PIECE - 1;
/** Where in a message's characters each thing is. */
const [KIND, FLAGS, NUMBER, BYTES, PAYLOAD, ID, NAME, SUBCLASS, BODY] = [0, 1, 2, 3, 5, 7, 9, 11, 13];

/** Reads of a name before its values come along with the batch. */
const OFTEN = 8;
const MAX_NAMES = 16;
/** Batches after which all names are forgotten, so that what is no longer read no longer comes along. */
const FORGET_AFTER = 1024;
/** What a name must be to be found along with others (`ExactNames`). */
const WORD = /^[\w-]+$/;
const NO_COLUMNS = new Map();

/** The names that one parser's program reads often. */
class Names {
  #reads = new Map();
  names = [];
  /** By name: where its place is in a message's characters. */
  columns = NO_COLUMNS;
  #batches = 0;

  /** A header of that name was read by itself. */
  read(name) {
    if (!WORD.test(name)) return;
    const reads = (this.#reads.get(name) ?? 0) + 1;
    if (reads > OFTEN) return;
    this.#reads.set(name, reads);
    if (reads < OFTEN || this.names.length >= MAX_NAMES) return;
    this.columns = new Map(this.columns).set(name, RECEIVED_WIDTH + this.names.length * 2);
    this.names = [...this.names, name];
  }

  batch() {
    this.#batches += 1;
    if (this.#batches % FORGET_AFTER !== 0) return;
    this.#reads.clear();
    this.names = [];
    this.columns = NO_COLUMNS;
  }
}

class Source {
  #names;
  #columns;
  #width;
  #pieces;

  constructor(batch, names) {
    names.batch();
    this.batch = batch;
    this.#names = names;
    this.#columns = names.columns;
    this.#width = RECEIVED_WIDTH + names.names.length * 2;
    this.#pieces = batch.prefetchReceived(names.names);
  }

  /** `RECEIVED_PLAIN` …; 0 when the object of its headers has to be made. */
  kind(at) {
    return this.#number(at, KIND);
  }

  /**
   * The Job-UUID, Unique-ID or Core-UUID, the first that it has, of an event as FreeSWITCH sends them: with a type of the
   * table and the usual head. Undefined of others.
   */
  usualUuid(at) {
    if (this.#number(at, FLAGS) !== USUAL || this.#number(at, NUMBER) >= TYPES.length) return undefined;
    return this.#value(at, ID);
  }

  /** The number of its type; none that `TYPES` has when its name is not in the table. */
  typeNumber(at) {
    return this.#number(at, NUMBER);
  }

  type(at) {
    const known = TYPES[this.#number(at, NUMBER)];
    if (known !== undefined) return known;
    return this.#value(at, NAME) ?? (this.#isNone(at, NAME) ? undefined : this.batch.getExact(at, 'Event-Name'));
  }

  subclass(at) {
    return this.#value(at, SUBCLASS) ?? (this.#isNone(at, SUBCLASS) ? undefined : this.batch.getExact(at, 'Event-Subclass'));
  }

  body(at) {
    return this.#value(at, BODY) ?? (this.#isNone(at, BODY) ? '' : this.batch.body(at) ?? '');
  }

  /** The text that came. */
  payload(at) {
    return this.#value(at, PAYLOAD) ?? this.batch.outerBody(at) ?? undefined;
  }

  /** The headers of the message itself, if they are the usual ones. */
  head(at) {
    if ((this.#number(at, FLAGS) & RECEIVED_USUAL_HEAD) === 0) return undefined;
    const length = this.#number(at, BYTES) + this.#number(at, BYTES + 1) * 0x10000;
    return { 'Content-Length': length, 'Content-Type': CONTENT_TYPES[this.kind(at)] };
  }

  /** Whether it is a JSON object whose headers JavaScript's parser makes when they are needed. */
  isJson(at) {
    const kind = this.kind(at);
    return kind === RECEIVED_JSON || kind === RECEIVED_JSON_LISTS;
  }

  /** The value of the last header of just that name; null without; undefined if it may be a list. */
  get(at, name) {
    const column = this.#columns.get(name);
    if (column === undefined) this.#names.read(name);
    else {
      const value = this.#value(at, column);
      if (value !== undefined) return value;
      if (this.#isNone(at, column)) return null;
    }
    return this.kind(at) === RECEIVED_JSON_LISTS ? undefined : this.batch.getExact(at, name);
  }

  #number(at, place) {
    return this.#pieces[(at >> PIECE_SHIFT) << 1].charCodeAt((at & PIECE_MASK) * this.#width + place);
  }

  #isNone(at, place) {
    return this.#number(at, place + 1) === PREFETCH_NONE;
  }

  /** What is at that place; undefined when there is nothing, or it has to be read by itself. */
  #value(at, place) {
    const piece = (at >> PIECE_SHIFT) << 1;
    const spans = this.#pieces[piece];
    const index = (at & PIECE_MASK) * this.#width + place;
    const length = spans.charCodeAt(index + 1);
    if (length >= PREFETCH_ASK) return undefined;
    const start = spans.charCodeAt(index);
    return this.#pieces[piece + 1].slice(start, start + length);
  }
}

module.exports = { Names, Source, TYPES };
