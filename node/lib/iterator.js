'use strict';
// An async iterator over a connection's events.

/**
 * Iterates over what `delivery` takes from the queue. Ends with the connection; rejects when `signal` is aborted. While one
 * is open, listeners see the events that it takes.
 */
class EventIterator {
  #delivery;
  #signal;
  #open = true;
  /** Calls of `next` that wait for an event. */
  #pending = new Set();
  #onAbort = () => this.#abort();

  constructor(delivery, signal) {
    this.#delivery = delivery;
    this.#signal = signal;
    delivery.iterators += 1;
    if (signal?.aborted) this.#close();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  next() {
    if (this.#signal?.aborted) return Promise.reject(this.#signal.reason);
    if (!this.#open) return Promise.resolve({ value: undefined, done: true });
    if (this.#delivery.waiting.length === 0) {
      const event = this.#delivery.pull();
      if (event !== undefined) return Promise.resolve({ value: event, done: false });
      if (this.#delivery.ended) {
        this.#close();
        return Promise.resolve({ value: undefined, done: true });
      }
    }
    return new Promise((resolve, reject) => {
      const waiter = { reject };
      waiter.wake = (result) => {
        this.#pending.delete(waiter);
        resolve(result);
      };
      this.#pending.add(waiter);
      this.#delivery.waiting.push(waiter.wake);
    });
  }

  return(value) {
    this.#close();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  #close() {
    if (!this.#open) return;
    this.#open = false;
    this.#delivery.iterators -= 1;
    this.#signal?.removeEventListener('abort', this.#onAbort);
    if (this.#delivery.iterators === 0) queueMicrotask(() => this.#delivery.ready());
  }

  #abort() {
    this.#close();
    for (const { wake, reject } of this.#pending) {
      const place = this.#delivery.waiting.indexOf(wake);
      if (place >= 0) this.#delivery.waiting.splice(place, 1);
      reject(this.#signal.reason);
    }
    this.#pending.clear();
  }
}

module.exports = { EventIterator };
