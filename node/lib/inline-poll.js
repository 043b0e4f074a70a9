'use strict';
// After a command, polls the socket from this thread for 0.1 ms: saves two thread switches on fast replies. It polls once per
// turn of the event loop and never blocks; then the I/O thread takes over again (inline_read.rs). Commands after the
// first of a turn are gathered and go out together with the next poll.

const { readInline } = require('./dispatch');

/** How long to poll after a command, in milliseconds. */
const POLL_MS = 0.1;
/** Turns to poll on after the last reply: the program is likely to send again. */
const TURNS = 2;

class ReplyPoller {
  #native;
  #until = 0;
  #turns = 0;
  #polling = false;
  #gathering = false;
  #turn = () => this.#poll();

  constructor(native) {
    this.#native = native;
  }

  /** A command has been sent. */
  sent() {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#native.gather();
    if (this.#polling) return;
    this.#polling = true;
    setImmediate(this.#turn);
  }

  #poll() {
    const sent = this.#gathering;
    this.#gathering = false;
    const awaited = readInline(this.#native);
    const now = performance.now();
    if (sent || this.#gathering) {
      // The time begins here, however long the program took to send all its commands.
      this.#until = now + POLL_MS;
      this.#turns = TURNS;
    } else if (!awaited) {
      this.#turns -= 1;
    }
    if (this.#turns > 0 && now < this.#until) {
      setImmediate(this.#turn);
      return;
    }
    this.#polling = false;
    this.#native.endInlineRead();
  }
}

module.exports = { ReplyPoller };
