'use strict';
// The timeouts of requests: one timer, for the earliest. A timer per request would cost more than sending it.

/** The longest a timer can run. */
const LONGEST = 0x7fffffff;

class Deadlines {
  #requests;
  #expired;
  #timer;
  /** When the timer goes off. It stays set when the request that set it is settled: the next deadline is later. */
  #at = Infinity;
  #waiting = 0;

  /** `requests` maps numbers to what has a `deadline`; `expired` is called with the number when that has passed. */
  constructor(requests, expired) {
    this.#requests = requests;
    this.#expired = expired;
  }

  /** The deadline of a request that is added now; to be followed by `remove` unless it is Infinity. */
  add(ms) {
    if (!(ms > 0 && ms !== Infinity)) return Infinity;
    const deadline = performance.now() + ms;
    this.#waiting += 1;
    if (deadline < this.#at) this.#set(deadline, ms);
    // The process stays alive for what is timed.
    else if (this.#waiting === 1) this.#timer.ref();
    return deadline;
  }

  /** A request with a deadline has ended. */
  remove() {
    this.#waiting -= 1;
    if (this.#waiting === 0) this.#timer.unref();
  }

  #set(at, ms) {
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(ms, 1), LONGEST));
    if (this.#waiting === 0) this.#timer.unref();
  }

  #look() {
    this.#at = Infinity;
    const now = performance.now();
    let next = Infinity;
    for (const [id, { deadline }] of this.#requests) {
      if (deadline <= now) this.#expired(id);
      else if (deadline < next) next = deadline;
    }
    if (next < this.#at) this.#set(next, next - now);
  }
}

module.exports = { Deadlines };
