'use strict';
// What is under way on one modesl connection: replies by order of sending, events by id. modesl mixes these up or forgets
// them; here each callback is called once, with an event that has `error` when nothing better can come.

const { EslError } = require('../errors');
const { Event } = require('./event');
const { Presence } = require('./presence');
const { Waits } = require('./waits');

/** Milliseconds for a channel's last events after the notice of its end, which may overtake them. */
const GRACE = 1000;

class Pending {
  #connection;
  /** Commands without a reply so far, in order. */
  #sent = [];
  /** How many of them have their callback in each of modesl's public queues. */
  #own = { cmdCallbackQueue: 0, apiCallbackQueue: 0 };
  #waits = new Waits();
  #presence;
  over = false;

  /** `exists(channel, done)` asks the server whether a channel is there. */
  constructor(connection, exists) {
    this.#connection = connection;
    this.#presence = new Presence(
      (channel, done) => (this.#waits.concerns(channel) ? exists(channel, done) : this.#presence.forget(channel)),
      (channel) => this.hungUp(channel),
    );
  }

  /**
   * A command goes out. `queue` names modesl's public queue that its callback is in; `onReply` gets the reply itself;
   * a `hidden` command is not the program's.
   */
  sent(command, { queue, cb, onReply, hidden } = {}) {
    // FreeSWITCH does not reply to a blank line.
    if (command.trim() === '') return;
    this.#sent.push({ api: /^\s*api\b/i.test(command), queue, cb, onReply, hidden });
    if (queue !== undefined) this.#own[queue] += 1;
  }

  /** A program's own entry in the queue, pushed before a plain `send`: modesl calls it with the next reply. */
  foreign(queue) {
    return this.#connection[queue].length > this.#own[queue] ? this.#connection[queue].at(-1) : undefined;
  }

  /** Takes a reply to a command of ours, which the program does not see. */
  hidden(api, event) {
    const at = this.#asked(api, event);
    if (!this.#sent[at]?.hidden) return false;
    this.#take(at).onReply(event);
    return true;
  }

  /** A reply has come. FreeSWITCH replies in order; a test's own server may reply by kind. */
  replied(api, args) {
    const record = this.#take(this.#asked(api, args[0]));
    if (record !== undefined) this.call(record, args);
  }

  #asked(api, event) {
    const refusal = String(event.getHeader('Reply-Text') ?? '').startsWith('-ERR');
    // An `api` that is refused altogether gets a command/reply.
    const asked = (record) => record.api === api || (record.api && refusal);
    return Math.max(0, this.#sent.findIndex(asked));
  }

  #take(at) {
    const record = at === 0 ? this.#sent.shift() : this.#sent.splice(at, 1)[0];
    if (record?.queue !== undefined) this.#own[record.queue] -= 1;
    return record;
  }

  /** Calls back, unless the program has taken the callback out of its queue. */
  call({ queue, cb, onReply }, args) {
    onReply?.(args[0]);
    if (queue === undefined) return;
    const entries = this.#connection[queue];
    const at = entries.indexOf(cb);
    if (at < 0) return;
    if (at === 0) entries.shift();
    else entries.splice(at, 1);
    if (typeof cb === 'function') cb.apply(this.#connection, args);
  }

  /** Calls `then` with the end of the job of that id, or when none can come. */
  job(id, then) {
    return this.#wait(id, then);
  }

  /** Calls `then` with the end of the application of that Event-UUID, or when none can come. */
  run(id, channel, then) {
    return this.#wait(id, then, channel);
  }

  #wait(id, then, channel) {
    const wait = this.#waits.add(id, then, channel);
    if (this.over) setImmediate(() => this.#waits.settle(wait, disconnected()));
    return wait;
  }

  /** The reply to the command that a wait began with. `watched`: the program gets no hang-up events. */
  accepted(wait, reply, watched) {
    const refusal = reply.getHeader('Modesl-Reply-ERR');
    if (refusal !== null) {
      reply.error ??= new EslError('refused', `the server refused: ${refusal}`);
      this.#waits.settle(wait, reply);
      return;
    }
    if (this.#waits.hasEnded(wait.channel)) {
      this.#waits.settle(wait, hungUp(wait.channel, this.#waits.causeOf(wait.channel)));
    } else if (wait.channel && watched && !this.over) this.#presence.watch(wait.channel);
  }

  arrived(event) {
    this.#waits.arrived(event);
    if (event.type === 'CHANNEL_HANGUP_COMPLETE' || event.type === 'CHANNEL_DESTROY') this.hungUp(event.getHeader('Unique-ID'), event);
  }

  /** A channel has ended; `event` has reported it, if one did. */
  hungUp(channel, event) {
    if (channel === null) return;
    this.#presence.forget(channel);
    const cause = event?.getHeader('Hangup-Cause') ?? null;
    this.#waits.channelEnded(channel, cause, () => hungUp(channel, cause, event));
  }

  /** As `hungUp`, but the channel's last events may follow. */
  lingers(channel, event) {
    setTimeout(() => this.over || this.hungUp(channel, event), GRACE).unref();
  }

  /** Nothing will come any more. */
  end() {
    if (this.over) return;
    this.over = true;
    this.#presence.end();
    const event = disconnected();
    for (const record of this.#sent.splice(0)) this.call(record, [event]);
    this.#waits.end(event);
  }
}

/** The event that a callback gets where modesl would not call it. */
function failed(error, name, more = {}) {
  const text = `-ERR ${error.message}`;
  const headers = { ...(name && { 'Event-Name': name }), 'Reply-Text': text, 'Modesl-Reply-ERR': error.message, ...more };
  const event = new Event(headers, text);
  event.error = error;
  return event;
}

function disconnected() {
  return failed(new EslError('disconnected', 'the connection is over'), 'SERVER_DISCONNECTED');
}

/** What an application's callback gets when its channel ended first: the event that said so, if one did. */
function hungUp(channel, cause, event) {
  const error = new EslError('hangup', `the channel has hung up${cause ? ` (${cause})` : ''}`);
  if (!event) return failed(error, undefined, { 'Unique-ID': channel, ...(cause && { 'Hangup-Cause': cause }) });
  const copy = new Event(Object.fromEntries(event.headers.map(({ name, value }) => [name, value])), event.body);
  copy.error = error;
  return copy;
}

module.exports = { Pending, disconnected, failed };
