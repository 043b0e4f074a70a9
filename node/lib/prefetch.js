'use strict';
// Prefetches the headers (and the body) that this program reads often: once known, their values are read for a whole batch
// in one call, a piece of text per sixteen events. A native call per value costs more than everything else about an event.

const { PREFETCH_ASK, PREFETCH_BODY, PREFETCH_NONE, PREFETCH_PIECE, readHeader } = require('./native');

/** Reads of a name before its values are prefetched. */
const OFTEN = 8;
const MAX_NAMES = 16;
/** Batches after which all names are forgotten, so that what is no longer read is no longer prefetched. */
const FORGET_AFTER = 256;
/** In smaller batches prefetching does not pay. */
const MIN_BATCH = 4;
const PIECE_SHIFT = Math.log2(PREFETCH_PIECE);
const PIECE_MASK = PREFETCH_PIECE - 1;
/** The body among the names. */
const BODY = Symbol('body');

const NOTHING = new Map();

/** The names of what is often read from one connection's events. */
class HeaderPrefetcher {
  #reads = new Map();
  #names = [];
  #columns = NOTHING;
  #batches = 0;

  /** A name was read that is not prefetched. */
  read(name) {
    if (name === PREFETCH_BODY) return;
    const reads = (this.#reads.get(name) ?? 0) + 1;
    if (reads > OFTEN) return;
    this.#reads.set(name, reads);
    if (reads < OFTEN || this.#names.length >= MAX_NAMES) return;
    this.#columns = new Map(this.#columns).set(name, this.#names.length);
    this.#names.push(name === BODY ? PREFETCH_BODY : name);
  }

  /** The source of the headers of a batch of `count` messages. */
  source(batch, count) {
    this.#batches += 1;
    if (this.#batches % FORGET_AFTER === 0) {
      this.#reads.clear();
      this.#names = [];
      this.#columns = NOTHING;
    }
    return new Source(batch, this, count < MIN_BATCH ? NOTHING : this.#columns, this.#names);
  }
}

/** The headers of a batch's events. */
class Source {
  #batch;
  #prefetcher;
  /** The batch's number in the native table (batch_table.rs). */
  #number;
  #columns;
  #width;
  /** Per piece: where its values are, and its text. */
  #pieces;

  constructor(batch, prefetcher, columns, names) {
    this.#batch = batch;
    this.#prefetcher = prefetcher;
    this.#number = batch.register();
    this.#columns = columns;
    this.#width = columns.size;
    this.#pieces = columns.size > 0 ? batch.prefetch(names) : null;
  }

  get batch() {
    return this.#batch;
  }

  /** The value of the first header of that name of the event at that place. */
  get(at, name) {
    const column = this.#columns.get(name);
    if (column !== undefined) {
      const value = this.#prefetched(at, column);
      if (value !== undefined) return value;
    } else if (typeof name === 'string') {
      this.#prefetcher.read(name);
    }
    return readHeader(this.#number, at, name);
  }

  body(at) {
    const column = this.#columns.get(BODY);
    if (column !== undefined) {
      const value = this.#prefetched(at, column);
      if (value !== undefined) return value;
    } else {
      this.#prefetcher.read(BODY);
    }
    return this.#batch.body(at);
  }

  /** The prefetched value in that column; undefined when it has to be read by itself. */
  #prefetched(at, column) {
    const piece = (at >> PIECE_SHIFT) << 1;
    const spans = this.#pieces[piece];
    const place = ((at & PIECE_MASK) * this.#width + column) << 1;
    const length = spans.charCodeAt(place + 1);
    if (length < PREFETCH_ASK) {
      const start = spans.charCodeAt(place);
      return this.#pieces[piece + 1].slice(start, start + length);
    }
    return length === PREFETCH_NONE ? null : undefined;
  }
}

module.exports = { HeaderPrefetcher };
