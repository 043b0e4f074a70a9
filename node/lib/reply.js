'use strict';
// The server's answer to a command.

const { Event } = require('./event');

class Reply {
  #event;

  constructor(told) {
    /** False for a refusal (`-ERR …`): an answer, not a broken connection. */
    this.ok = told.ok;
    /** The body of an `api` answer, else the `Reply-Text`. */
    this.text = told.text;
    this.#event = new Event(told.batch, undefined, 0);
  }

  /** The answer in the classic form: an event of type SOCKET_DATA. */
  get event() {
    return this.#event;
  }

  get jobUuid() {
    return this.#event.get('Job-UUID');
  }

  get(name) {
    return this.#event.get(name);
  }

  toString() {
    return this.text;
  }
}

module.exports = { Reply, reply: (told) => new Reply(told) };
