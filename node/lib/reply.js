'use strict';
// The server's reply to a command.

const { Event } = require('./event');

class Reply {
  #event;

  constructor({ ok, text, batch }) {
    /** False for a refusal (`-ERR …`), which is a reply and not a broken connection. */
    this.ok = ok;
    /** The body of an `api/response`, else the `Reply-Text`. */
    this.text = text;
    this.#event = new Event(batch, undefined, 0);
  }

  /** The reply in the classic form: an event of type SOCKET_DATA. */
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

module.exports = { Reply, reply: (native) => new Reply(native) };
