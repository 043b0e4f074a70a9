'use strict';
// Whether channels still exist, asked now and then: a program that has not subscribed to hang-ups gets no event when a
// channel ends before it has run what was queued on it.

/** Milliseconds until the first question; then twice as long each time. */
const FIRST = 1000;
const LONGEST = 15_000;
/** How often the server must say no: the channel's last events may still be on their way. */
const SURE = 2;

class Presence {
  #ask;
  #gone;
  #channels = new Map();

  /** `ask(channel, done)` calls `done` with true, false, or null when the server does not say. */
  constructor(ask, gone) {
    this.#ask = ask;
    this.#gone = gone;
  }

  watch(channel) {
    const known = this.#channels.get(channel);
    if (known?.pause === FIRST) return;
    clearTimeout(known?.timer);
    const entry = { pause: FIRST, absent: 0, timer: undefined };
    this.#channels.set(channel, entry);
    this.#later(channel, entry);
  }

  forget(channel) {
    clearTimeout(this.#channels.get(channel)?.timer);
    this.#channels.delete(channel);
  }

  end() {
    for (const channel of [...this.#channels.keys()]) this.forget(channel);
  }

  #later(channel, entry) {
    entry.timer = setTimeout(() => this.#ask(channel, (exists) => this.#replied(channel, entry, exists)), entry.pause);
    entry.timer.unref();
  }

  #replied(channel, entry, exists) {
    if (this.#channels.get(channel) !== entry) return;
    if (exists === null) return this.forget(channel);
    if (exists) {
      entry.absent = 0;
      entry.pause = Math.min(entry.pause * 2, LONGEST);
    } else {
      entry.absent += 1;
      entry.pause = FIRST;
      if (entry.absent === SURE) {
        this.forget(channel);
        return this.#gone(channel);
      }
    }
    this.#later(channel, entry);
  }
}

module.exports = { Presence };
