'use strict';
// A quick answer is fetched by this thread itself: for a moment after a command it looks at the socket in every turn of the
// event loop (never waiting), which saves the wake-ups of two threads. Then the I/O thread takes over again.

const mailbox = require('./mailbox');

/** How long to look, in milliseconds, after the last command or answer. */
const MOMENT = 0.1;

class Glance {
  #native;
  #until = 0;
  #on = false;

  constructor(native) {
    this.#native = native;
  }

  /** A command has been sent. */
  sent() {
    this.#until = performance.now() + MOMENT;
    if (this.#on) return;
    this.#on = true;
    setImmediate(() => this.#turn());
  }

  #turn() {
    const { connected } = this.#native;
    const awaited = connected ? mailbox.look(this.#native) : 0;
    if (connected && performance.now() < this.#until && (awaited > 0 || this.#rest > 0)) {
      // One more turn after the last answer: the program is likely to ask on.
      this.#rest = awaited > 0 ? 2 : this.#rest - 1;
      setImmediate(() => this.#turn());
      return;
    }
    this.#rest = 2;
    this.#on = false;
    this.#native.lookNoMore();
  }

  #rest = 2;
}

module.exports = { Glance };
