'use strict';
// Who waits for what on one modesl connection: answers by order of sending, events by name. modesl mixes these up or
// forgets them; here each callback is called once, with an event that has `error` when nothing better can come.

const { EslError } = require('../errors');
const { Event } = require('./event');

class Pending {
  #connection;
  /** Commands sent and not answered, in order. */
  #sent = [];
  /** Callbacks that wait for an event. */
  #waiting = new Set();
  over = false;

  constructor(connection) {
    this.#connection = connection;
  }

  /** A command goes out. `queue` names modesl's public queue that its callback is in; `told` is for the answer itself. */
  sent(command, { queue, cb, told } = {}) {
    // FreeSWITCH does not answer a blank line.
    if (command.trim() !== '') this.#sent.push({ api: /^\s*api\b/i.test(command), queue, cb, told });
  }

  /** A program's own entry in the queue, pushed before a plain `send`: modesl calls it with the next answer. */
  foreign(queue) {
    const own = this.#sent.filter((record) => record.queue === queue).length;
    return this.#connection[queue].length > own ? this.#connection[queue].at(-1) : undefined;
  }

  /** An answer has come. FreeSWITCH answers in order; a server that is played in a test may answer by kind. */
  answered(api, args) {
    const refusal = String(args[0].getHeader('Reply-Text') ?? '').startsWith('-ERR');
    // An `api` that is refused altogether is answered by a command's reply.
    const asked = (record) => record.api === api || (record.api && refusal);
    const at = Math.max(0, this.#sent.findIndex(asked));
    const [record] = this.#sent.splice(at, 1);
    if (record !== undefined) this.call(record, args);
  }

  /** Calls back, unless the program has taken the callback out of its queue. */
  call({ queue, cb, told }, args) {
    told?.(args[0]);
    if (queue === undefined) return;
    const entries = this.#connection[queue];
    const at = entries.indexOf(cb);
    if (at < 0) return;
    entries.splice(at, 1);
    if (typeof cb === 'function') cb.apply(this.#connection, args);
  }

  /** Calls `then` with the first event of that name that is `own`, or when none can come. Gives the way to end the wait. */
  onceFor(name, own, then, channel) {
    const wait = {
      channel,
      end: (event) => {
        this.#connection.removeListener(name, take);
        if (this.#waiting.delete(wait)) then(event);
      },
    };
    const take = (event) => own(event) && wait.end(event);
    this.#waiting.add(wait);
    this.#connection.on(name, take);
    if (this.over) setImmediate(() => wait.end(disconnected()));
    return wait;
  }

  /** A channel is gone: what it has not run by now, it will not run. */
  hungUp(channel) {
    for (const wait of [...this.#waiting]) {
      if (wait.channel === channel) wait.end(failed(new EslError('hangup', 'the channel has hung up')));
    }
  }

  /** Nothing will come any more. */
  end() {
    if (this.over) return;
    this.over = true;
    const told = disconnected();
    const waiting = [...this.#waiting];
    for (const record of this.#sent.splice(0)) this.call(record, [told]);
    for (const wait of waiting) wait.end(told);
  }
}

/** The event that a callback gets where modesl would not call it. */
function failed(error, name) {
  const text = `-ERR ${error.message}`;
  const headers = { ...(name && { 'Event-Name': name }), 'Reply-Text': text, 'Modesl-Reply-ERR': error.message };
  const event = new Event(headers, text);
  event.error = error;
  return event;
}

function disconnected() {
  return failed(new EslError('disconnected', 'the connection is over'), 'SERVER_DISCONNECTED');
}

module.exports = { Pending, disconnected, failed };
