'use strict';
// What a program reads of its events is mostly the same few headers, and the body. Once that is known, their values are
// fetched for a whole batch at once, a piece of text for sixteen events: a call for each value would cost more than all the
// rest.

const { readHeader } = require('./native');

/** Reads of a name before its values are fetched ahead. */
const OFTEN = 8;
/** Names at most. */
const MOST = 16;
/** Batches after which all names are forgotten, lest some are fetched that nobody reads any more. */
const LONG = 256;
/** In smaller batches fetching ahead does not pay. */
const FEW = 4;
/** Events a piece. Not many: a value that the program keeps holds its piece's memory. */
const PIECE = 16;
// What stands in the place of a length; see Batch::columns.
const NONE = 0xffff;
const ASK = 0xfffe;
/** The body among the names. */
const BODY = Symbol('body');
/** What it is called natively: no header can be. */
const NATIVE_BODY = '\n';

const NOTHING = new Map();

/** The names of what is usually read of one connection's events. */
class Usual {
  #reads = new Map();
  #names = [];
  #columns = NOTHING;
  #batches = 0;

  /** A name was read that is not fetched ahead. */
  read(name) {
    if (name === NATIVE_BODY) return;
    const reads = (this.#reads.get(name) ?? 0) + 1;
    if (reads > OFTEN) return;
    this.#reads.set(name, reads);
    if (reads < OFTEN || this.#names.length >= MOST) return;
    this.#columns = new Map(this.#columns).set(name, this.#names.length);
    this.#names.push(name === BODY ? NATIVE_BODY : name);
  }

  /** Where the headers of a batch of so many messages are read. */
  source(batch, count) {
    this.#batches += 1;
    if (this.#batches % LONG === 0) {
      this.#reads.clear();
      this.#names = [];
      this.#columns = NOTHING;
    }
    return new Source(batch, this, count < FEW ? NOTHING : this.#columns, this.#names);
  }
}

/** The headers of a batch's events. */
class Source {
  #batch;
  #usual;
  /** The batch's number on the native shelf, where headers are read quickly. */
  #shelf;
  #columns;
  #width;
  /** For each piece: where its values stand, and its text. */
  #pieces;

  constructor(batch, usual, columns, names) {
    this.#batch = batch;
    this.#usual = usual;
    this.#shelf = batch.shelve();
    this.#columns = columns;
    this.#width = columns.size;
    this.#pieces = columns.size > 0 ? batch.columns(names, PIECE) : null;
  }

  get batch() {
    return this.#batch;
  }

  /** The value of the first header of that name of the event at that place. */
  get(at, name) {
    const column = this.#columns.get(name);
    if (column !== undefined) {
      const value = this.#fetched(at, column);
      if (value !== undefined) return value;
    } else if (typeof name === 'string') {
      this.#usual.read(name);
    }
    return readHeader(this.#shelf, at, name);
  }

  body(at) {
    const column = this.#columns.get(BODY);
    if (column !== undefined) {
      const value = this.#fetched(at, column);
      if (value !== undefined) return value;
    } else {
      this.#usual.read(BODY);
    }
    return this.#batch.body(at);
  }

  /** The value in that column; undefined when it is to be asked for. */
  #fetched(at, column) {
    const piece = (at >> 4) << 1;
    const spans = this.#pieces[piece];
    const place = ((at & (PIECE - 1)) * this.#width + column) << 1;
    const length = spans.charCodeAt(place + 1);
    if (length < ASK) {
      const start = spans.charCodeAt(place);
      return this.#pieces[piece + 1].slice(start, start + length);
    }
    return length === NONE ? null : undefined;
  }
}

module.exports = { Usual };
