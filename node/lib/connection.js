'use strict';
// A connection to FreeSWITCH: inbound from `connect`, outbound from a server.

const { EventEmitter } = require('node:events');
const { argument, checkNumber, checkOptions, checkTime, invalid, joined } = require('./checks');
const { Delivery, takes } = require('./delivery');
const { open } = require('./dispatch');
const { EslError, guarded } = require('./errors');
const { Event } = require('./event');
const { ReplyPoller } = require('./inline-poll');
const { Job } = require('./job');
const keepalive = require('./keepalive');
const { inspectable, notCloneable } = require('./manners');
const native = require('./native');
const { Reply, reply } = require('./reply');
const requests = require('./requests');
const seen = require('./seen');
const { Subscription, removed, requested } = require('./subscription');

const { sendApi } = native;
const NOT_CLONEABLE = notCloneable('a Connection');
/** A supervised connection's own thread reads. */
const NO_POLLER = { sent() {} };
/** Options of the calls that have some of their own. */
const COMMON = ['timeout', 'signal'];
const OPTIONS = {
  bgapi: new Set([...COMMON, 'jobUuid']),
  channel: new Set([...COMMON, 'uuid']),
  execute: new Set([...COMMON, 'uuid', 'wait', 'eventUuid', 'loops', 'eventLock', 'async', 'holdBleg']),
  myevents: new Set([...COMMON, 'uuid', 'format']),
};

class Connection extends EventEmitter {
  notCloneable = NOT_CLONEABLE;
  #native;
  /** The native connection's number, for the call that is made most often. */
  #number = 0;
  #delivery;
  /** Made by the first command, as are the ways to wait: an idle connection takes little memory. */
  #poller = null;
  /** It is the present connection of a `ManagedConnection`, whose its events are. */
  #supervised;
  #timeout;
  #textWait = null;
  #replyWait = null;
  #held = true;
  /** Made when the program asks for it. */
  #closed = null;
  #resolveClosed = null;
  #reason = null;
  #reader = null;
  /** The program has not had the connection yet, or no time to add listeners. */
  #fresh;
  #lateReplies = 0;

  /** Made by `connect` and by servers. */
  constructor(handle, { timeout = 0, fresh = false, supervised = false } = {}) {
    super();
    this.#native = handle;
    this.#supervised = supervised;
    this.#timeout = timeout;
    this.#delivery = new Delivery(this, handle);
    open.set(handle.id, this);
    if (supervised) this.#held = false;
    else keepalive.hold();
    if (!supervised) seen.connects(this);
    this.#fresh = fresh;
    if (fresh) setImmediate(() => (this.#fresh = false));
  }

  get connected() {
    return this.#native.connected;
  }

  /** Why the connection is over; null while it is up. */
  get disconnectReason() {
    return this.#reason;
  }

  /** Resolves, with the reason, when the connection is over. */
  get closed() {
    return (this.#closed ??= new Promise((resolve) => (this.#resolveClosed = resolve)));
  }

  /** Outbound: the channel's data that came with the call; null inbound. */
  get info() {
    const info = this.#native.info();
    return info === null ? null : new Event(info, undefined, 0);
  }

  /** Outbound: the call's uuid. */
  get uuid() {
    return this.info?.uuid ?? null;
  }

  /** The far end's `host:port`. */
  get peer() {
    return this.#native.peer;
  }

  /** Whether the connection's own call has ended. */
  get hungUp() {
    return this.#native.hungUp;
  }

  /** Why it has, e.g. 'NORMAL_CLEARING'; null while it is up, or when no event has named it. */
  get hangupCause() {
    return this.#native.hangupCause;
  }

  /** Inbound, logged in as a user: what the server lets us do. */
  get permissions() {
    return this.#native.permissions();
  }

  stats() {
    const stats = this.#native.stats();
    stats.lateReplies += this.#lateReplies;
    return stats;
  }

  /** `api`: the command's output. A refusal (`-ERR …`) is an output, too. */
  api(command, args = '', options) {
    if (options !== undefined) return this.#api(command, args, options);
    if (seen.command.hasSubscribers) seen.sends(this, `api ${command}`);
    // The same without closures, which cost most when many commands are sent.
    const id = requests.number();
    const output = requests.register(id, (this.#textWait ??= this.#waitingFor(undefined)));
    try {
      this.#sendApi(id, command, args);
    } catch (error) {
      requests.failed(id, error);
    }
    this.#sent();
    return output;
  }

  /** `api`, with the whole reply. */
  async apiReply(command, args = '', options) {
    if (seen.command.hasSubscribers) seen.sends(this, `api ${command}`);
    return this.#request((id) => this.#native.apiReply(id, String(command), joined(args)), options);
  }

  /** `bgapi`: resolves to a `Job` when the server has accepted it. */
  async bgapi(command, args = '', options = {}) {
    checkOptions('bgapi', options, OPTIONS.bgapi);
    if (seen.command.hasSubscribers) seen.sends(this, `bgapi ${command}`);
    const job = requests.number();
    const done = requests.expect(job);
    const ended = done.then((batch) => this.#jobEnded(new Event(batch, undefined, 0)));
    ended.catch(() => {});
    let uuid;
    try {
      const start = (id) => (uuid = this.#native.bgapi(id, job, String(command), joined(args), options.jobUuid ?? null));
      const taken = await this.#request(start, options);
      return new Job(this.#native, uuid, taken, ended);
    } catch (error) {
      requests.settle(job);
      throw error;
    }
  }

  /**
   * Runs a dialplan application. With `wait` resolves when it has ended and the call goes on, to
   * `{reply, complete, response}`; when the call has ended or ends first, rejects with ESL_HANGUP. Without `wait` resolves to
   * the server's reply.
   */
  async execute(app, arg = '', options = {}) {
    const built = executeOptions(app, arg, checkOptions('execute', options, OPTIONS.execute));
    if (seen.command.hasSubscribers) seen.sends(this, 'sendmsg', { application: built.app, uuid: options.uuid ?? this.uuid });
    if (options.wait) {
      const { timeout = 0, signal } = options;
      const ms = checkTime('timeout', timeout);
      const done = requests.request((id) => this.#native.executeAndWait(id, built), { convert: executed, ms, signal, phase: 'execute' });
      this.#sent();
      return done;
    }
    return this.#request((id) => this.#native.performExecute(id, built), options);
  }

  /** The call of channel `uuid`; without one the connection's own. Sends nothing. */
  call(uuid) {
    // Loaded when it is first asked for, as originating is.
    const { Call } = require('./call');
    return new Call(this, guarded(() => this.#native.call(uuid ?? null)), this.#timeout);
  }

  /** Follows the calls of the server: resolves to `Calls` once those that are up are known. */
  async calls(options = {}) {
    const { track } = require('./calls');
    return track(this, this.#native, options, this.#timeout);
  }

  /** The conference of that name. Sends nothing. */
  conference(name) {
    const { Conference } = require('./conference');
    return new Conference(this, guarded(() => this.#native.conference(argument('name', name))), this.#timeout);
  }

  /** Makes a call, by `bgapi originate`: its uuid is known at once, and it resolves to the `Call` that was answered. */
  originate(wanted, options = {}) {
    const { Originating } = require('./originating');
    return new Originating(this, this.#native, wanted, options);
  }

  /** Makes every later execute carry `async: true`, or not. */
  setAsyncExecute(on) {
    return this.#native.setAsyncExecute(Boolean(on));
  }

  /** Makes every later execute carry `event-lock: true`, or not. */
  setEventLock(on) {
    return this.#native.setEventLock(Boolean(on));
  }

  /**
   * Subscribes to a `Subscription`, or to names such as 'CHANNEL_ANSWER', 'ALL', 'CUSTOM conference::maintenance', and
   * perhaps an object `{format, filters, log}` last. Rejects with ESL_REFUSED when the server refuses a part of it.
   */
  async subscribe(...wanted) {
    const { subscription, options } = requested(wanted);
    const commands = Subscription._commands(subscription);
    await Promise.all(commands.map((command) => this.#perform('subscribe', 'raw', [command], options)));
  }

  /**
   * Ends the subscription to these events or to a `Subscription`'s (`nixevent`; null when it has none); without names, to
   * all (`noevents`). Options may be last.
   */
  async unsubscribe(...wanted) {
    const { subscription, options } = removed(wanted);
    if (subscription === null) return this.#perform('unsubscribe', 'noevents', [], options);
    const command = Subscription._removal(subscription);
    return command === null ? null : this.#perform('unsubscribe', 'raw', [command], options);
  }

  /** Sends a command as it is written; resolves to the `Reply`. */
  async send(command, options) {
    return this.#command('raw', [argument('command', command)], options);
  }

  async filter(header, value, options) {
    return this.#perform('filter', 'filter', [argument('header', header), argument('value', value)], options);
  }

  async filterDelete(header, value, options) {
    const words = [argument('header', header), value === undefined || value === null ? null : argument('value', value)];
    return this.#perform('filterDelete', 'filter delete', words, options);
  }

  /** The events of one channel: of the call itself outbound, of `uuid` inbound. */
  async myevents(options = {}) {
    const { uuid, format, ...rest } = checkOptions('myevents', options, OPTIONS.myevents);
    // The format word is ignored inbound, but without it the server does not check the uuid.
    const words = [uuid ?? null, format ?? (uuid ? 'plain' : null)];
    return this.#perform('myevents', 'myevents', words, rest);
  }

  /** The connection outlives its call by `seconds`, or until `exit`. */
  async linger(seconds, options) {
    const words = seconds === undefined || seconds === null ? [] : [String(checkNumber('seconds', seconds))];
    return this.#perform('linger', 'linger', words, options);
  }

  async nolinger(options) {
    return this.#perform('nolinger', 'nolinger', [], options);
  }

  /** The dialplan goes on after this connection. */
  async resume(options) {
    return this.#perform('resume', 'resume', [], options);
  }

  async divertEvents(on, options) {
    return this.#perform('divertEvents', 'divert_events', [on ? 'on' : 'off'], options);
  }

  /** Log lines of that level (0 to 7, or a name) and more severe ones come as 'log'; null ends them. */
  async log(level, options) {
    if (level === null) return this.nolog(options);
    return this.#perform('log', 'log', [argument('level', level)], options);
  }

  async nolog(options) {
    return this.#perform('nolog', 'nolog', [], options);
  }

  /** Hangs up the call, or channel `uuid`. */
  async hangup(cause, options = {}) {
    const { uuid, ...rest } = checkOptions('hangup', options, OPTIONS.channel);
    const words = [cause === undefined || cause === null ? null : argument('cause', cause)];
    if (seen.command.hasSubscribers) seen.sends(this, 'sendmsg', { uuid: uuid ?? this.uuid });
    return this.#request((id) => this.#native.performOn(id, 'hangup', 'hangup', uuid, words), rest);
  }

  /**
   * A variable of the call, or of channel `uuid`; null when it is not set. On a call without `full`, and after its end, only
   * the raw `getvar` is allowed, which cuts the value at 511 bytes and cannot carry line breaks.
   */
  async variable(name, options = {}) {
    const { uuid, ...rest } = checkOptions('variable', options, OPTIONS.channel);
    if (seen.command.hasSubscribers) seen.sends(this, 'getvar', { uuid: uuid ?? this.uuid });
    return this.#send((id) => this.#native.variable(id, argument('name', name), uuid), this.#wait(undefined, rest));
  }

  /** Fires an event in the server. */
  async sendEvent(event, options) {
    const [batch, at] = Event._place(event);
    if (seen.command.hasSubscribers) seen.sends(this, 'sendevent');
    return this.#request((id) => this.#native.performEvent(id, 'sendEvent', batch, at), options);
  }

  /** `sendmsg` with the event's headers and body. */
  async sendMessage(event, options = {}) {
    const { uuid, ...rest } = checkOptions('sendMessage', options, OPTIONS.channel);
    const [batch, at] = Event._place(event);
    if (seen.command.hasSubscribers) seen.sends(this, 'sendmsg', { uuid: uuid ?? this.uuid });
    return this.#request((id) => this.#native.performMessage(id, 'sendMessage', batch, at, uuid), rest);
  }

  /** The events as they come, for `for await`; ends with the connection. */
  events({ signal } = {}) {
    this.#checkStream();
    return this.#delivery.iterate(signal);
  }

  [Symbol.asyncIterator]() {
    return this.events();
  }

  /** Sends `exit`, waits for the reply, and closes. */
  async exit(options) {
    try {
      await this.#command('exit', [], options);
    } catch (error) {
      if (error.code !== 'ESL_DISCONNECTED') throw error;
    } finally {
      this.#native.disconnect();
    }
    await this.closed;
  }

  /** Closes at once; resolves when it is closed. A second call does nothing. */
  async close() {
    this.#native.disconnect();
    await this.closed;
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close();
  }

  /** The process may end although this connection is open. */
  unref() {
    this.#hold(false);
    return this;
  }

  ref() {
    if (this.#reason === null) this.#hold(true);
    return this;
  }

  /** For calls: something was sent. */
  _sent() {
    this.#sent();
  }

  /** For the classic layer, which takes messages itself: `read` is called when there may be some, and no listener is. */
  _readBy(read) {
    this.#reader = read;
  }

  /** For the classic layer: the native connection. */
  static _native(connection) {
    return connection.#native;
  }

  _ready() {
    if (this.#reader) this.#reader();
    else this.#delivery.ready();
  }

  _closed(reason) {
    if (this.#fresh) {
      // It has ended as soon as it began: the program is about to get it, and to add listeners.
      setImmediate(() => this._closed(reason));
      return;
    }
    this.#reason = reason;
    if (!this.#supervised) seen.disconnects(this, reason);
    open.delete(this.#native.id);
    this.#reader?.();
    this.#delivery.end(() => {
      this.#hold(false);
      if (this.#closed === null) this.#closed = Promise.resolve(reason);
      else this.#resolveClosed(reason);
      if (reason.code !== 'ESL_DISCONNECTED' && this.listenerCount('error') > 0) this.emit('error', reason);
      this.emit('disconnect', reason);
    });
  }

  _checkListener(name) {
    if (takes(name)) this.#checkStream();
  }

  #checkStream() {
    if (this.#supervised) throw new EslError('invalid-argument', 'its events come in the stream of the ManagedConnection');
  }

  _listening(name) {
    if (takes(name)) queueMicrotask(() => this.#delivery.ready());
  }

  #hold(on) {
    if (this.#held === on) return;
    this.#held = on;
    if (on) keepalive.hold();
    else keepalive.release();
  }

  /** Emits a job's end, too: listeners to BACKGROUND_JOB expect the events of all jobs. */
  #jobEnded(event) {
    if (this.listenerCount('BACKGROUND_JOB') > 0) this.emit('BACKGROUND_JOB', event);
    if (this.listenerCount('event') > 0) this.emit('event', event);
    return event;
  }

  /** Hangs up and closes, as the call's program has failed; resolves when that is done, or after `timeout` ms. */
  async _abandon(cause, timeout) {
    const done = requests.request((id) => this.#native.abandon(id, cause), { ms: timeout });
    this.#sent();
    await done.catch(() => {});
    await this.close();
  }

  /** For the classic layer: a request whose refusal is a reply. `start` gets the native connection and the request's number. */
  _request(start, options) {
    return this.#request((id) => start(this.#native, id), options);
  }

  async #api(command, args, options) {
    if (seen.command.hasSubscribers) seen.sends(this, `api ${command}`);
    return this.#send((id) => this.#sendApi(id, command, args), this.#wait(undefined, options));
  }

  #sendApi(id, command, args) {
    if (this.#number === 0) this.#number = this.#native.number();
    sendApi(this.#number, id, String(command), joined(args));
  }

  /** Sends a command whose refusal is a reply. */
  #command(name, args, options) {
    if (seen.command.hasSubscribers) seen.sends(this, name === 'raw' ? args[0] : name);
    return this.#request((id) => this.#native.command(id, name, args), options);
  }

  /** Sends a command whose refusal is an error that names `call`. */
  #perform(call, name, args, options) {
    if (seen.command.hasSubscribers) seen.sends(this, name === 'raw' ? args[0] : name);
    return this.#request((id) => this.#native.perform(id, call, name, args), options);
  }

  #request(start, options) {
    return this.#send(start, options === undefined ? (this.#replyWait ??= this.#waitingFor(reply)) : this.#wait(reply, options));
  }

  #send(start, wait) {
    const promise = requests.request(start, wait);
    this.#sent();
    return promise;
  }

  #wait(convert, options) {
    if (options === null || typeof options !== 'object') throw invalid('options', 'an object', options);
    return { convert, ms: checkTime('timeout', options.timeout) ?? this.#timeout, signal: options.signal, late: () => this.#late() };
  }

  /** How to wait for replies without options. */
  #waitingFor(convert) {
    return { convert, ms: this.#timeout, signal: undefined, late: () => this.#late() };
  }

  /** A reply has come that was waited for no longer. */
  #late() {
    this.#lateReplies += 1;
  }

  #sent() {
    this.#poller ??= this.#supervised ? NO_POLLER : new ReplyPoller(this.#native);
    this.#poller.sent();
  }
}

for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const add = EventEmitter.prototype[name];
  Object.defineProperty(Connection.prototype, name, {
    configurable: true,
    writable: true,
    value(event, listener) {
      this._checkListener(event);
      const result = add.call(this, event, listener);
      this._listening(event);
      return result;
    },
  });
}

function executed({ reply: native, complete }) {
  const event = complete ? new Event(complete, undefined, 0) : null;
  return { reply: new Reply(native), complete: event, response: event?.get('Application-Response') ?? null };
}

function executeOptions(app, arg, { uuid, eventUuid, loops, eventLock, async: asynchronous, holdBleg }) {
  return {
    app: argument('app', app), arg: argument('arg', arg), uuid, eventUuid, loops: checkNumber('loops', loops), eventLock, asynchronous, holdBleg,
  };
}

/** What a console shows of a connection. */
function view(connection) {
  const { peer, uuid, disconnectReason: reason, hungUp, hangupCause } = connection;
  const state = connection.connected ? 'connected' : `closed${reason ? ` (${reason.code}: ${reason.message})` : ''}`;
  return { peer, ...(uuid && { uuid, hungUp, hangupCause }), state };
}

inspectable(Connection, view);

module.exports = { Connection, executeOptions, view };
