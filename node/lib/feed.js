'use strict';
// An async iterator over what is reported one by one: changes, what happens in a conference.

const { EslError } = require('./errors');

/** What a program that does not keep up may have waiting, as in the core's streams. */
const MOST_WAITING = 10_000;

/**
 * Iterates over what `start(put, end)` reports; it gives what stops it. Ends with the connection; rejects with
 * ESL_LIMIT_EXCEEDED where more waited than is kept (look anew then), and with the signal's reason.
 */
class Feed {
  #waiting = [];
  #takers = [];
  /** How it ends once all has been taken: `{}`, or `{ error }`. */
  #end = null;
  #stop;
  #signal;
  #onAbort = () => this.#finish({ error: this.#signal.reason }, true);

  constructor(start, signal) {
    signal?.throwIfAborted();
    this.#signal = signal;
    this.#stop = start((value) => this.#put(value), () => this.#finish({}));
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  next() {
    if (this.#waiting.length > 0) return Promise.resolve({ value: this.#waiting.shift(), done: false });
    if (this.#end !== null) {
      const { error } = this.#end;
      this.#end = {};
      return error === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error);
    }
    return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
  }

  return(value) {
    this.#finish({}, true);
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #put(value) {
    if (this.#end !== null) return;
    const taker = this.#takers.shift();
    if (taker !== undefined) return taker.resolve({ value, done: false });
    if (this.#waiting.length < MOST_WAITING) return this.#waiting.push(value);
    // All of them: a part of the story would be taken for the whole.
    const dropped = this.#waiting.length + 1;
    this.#finish({ error: new EslError('limit-exceeded', `${dropped} were not taken in time and were dropped: look anew`) }, true);
  }

  #finish(end, drop = false) {
    if (drop) this.#waiting = [];
    if (this.#end !== null) return;
    this.#end = end;
    // (It may end while it starts.)
    queueMicrotask(() => this.#stop());
    this.#signal?.removeEventListener('abort', this.#onAbort);
    const takers = this.#takers.splice(0);
    if (takers.length > 0) this.#end = {};
    for (const { resolve, reject } of takers) {
      if (end.error === undefined) resolve({ value: undefined, done: true });
      else reject(end.error);
    }
  }
}

module.exports = { Feed };
