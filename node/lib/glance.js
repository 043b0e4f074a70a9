'use strict';
// A quick answer is fetched by this thread itself: for a moment after a command it looks at the socket in every turn of the
// event loop (never waiting), which saves the wake-ups of two threads. Then the I/O thread takes over again. Commands behind
// the first of a turn go out together with the next look.

const mailbox = require('./mailbox');

/** How long to look after a command, in milliseconds. */
const MOMENT = 0.1;
/** Turns to look on after the last answer: the program is likely to ask again. */
const TURNS = 2;

class Glance {
  #native;
  #until = 0;
  #turns = 0;
  #on = false;
  #gathering = false;
  #turn = () => this.#look();

  constructor(native) {
    this.#native = native;
  }

  /** A command has been sent. */
  sent() {
    if (this.#gathering) return;
    this.#gathering = true;
    this.#native.gather();
    if (this.#on) return;
    this.#on = true;
    setImmediate(this.#turn);
  }

  #look() {
    const sent = this.#gathering;
    this.#gathering = false;
    const awaited = mailbox.look(this.#native);
    const now = performance.now();
    if (sent || this.#gathering) {
      // The moment begins here, however long the program took to send all its commands.
      this.#until = now + MOMENT;
      this.#turns = TURNS;
    } else if (!awaited) {
      this.#turns -= 1;
    }
    if (this.#turns > 0 && now < this.#until) {
      setImmediate(this.#turn);
      return;
    }
    this.#on = false;
    this.#native.lookNoMore();
  }
}

module.exports = { Glance };
