'use strict';
// A connection to FreeSWITCH: inbound from `connect`, outbound from a server.

const { EventEmitter } = require('node:events');
const { EslError, guarded } = require('./errors');
const { Event } = require('./event');
const { Flow, takes } = require('./flow');
const { Glance } = require('./glance');
const { Job } = require('./job');
const mailbox = require('./mailbox');
const native = require('./native');
const { Reply, reply } = require('./reply');

const WAITING = { phase: 'execute', what: 'the end of an application' };

class Connection extends EventEmitter {
  #native;
  #flow;
  #glance;
  #timeout;
  /** How answers are waited for without options. */
  #textWait;
  #replyWait;
  #held = true;
  #closed;
  #tellClosed;
  #reason = null;
  #reader = null;
  /** Nobody has had the time to listen. */
  #fresh;

  /** Made by `connect` and by servers. */
  constructor(handle, { timeout = 0, fresh = false } = {}) {
    super();
    this.#native = handle;
    this.#timeout = timeout;
    this.#textWait = { convert: undefined, ms: timeout, signal: undefined };
    this.#replyWait = { convert: reply, ms: timeout, signal: undefined };
    this.#flow = new Flow(this, handle);
    this.#glance = new Glance(handle);
    this.#closed = new Promise((resolve) => (this.#tellClosed = resolve));
    mailbox.open.set(handle.id, this);
    mailbox.hold();
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
    return this.#closed;
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

  /** Inbound, logged in as a user: what the server lets us do. */
  get permissions() {
    return this.#native.permissions();
  }

  stats() {
    return this.#native.stats();
  }

  /** `api`: the command's output. A refusal (`-ERR …`) is an output, too. */
  api(command, args = '', options) {
    if (options !== undefined) {
      return this.#send((id) => this.#native.api(id, String(command), joined(args)), this.#wait(undefined, options));
    }
    // The same, without what costs most when many are sent: functions to be made and compiled.
    const id = mailbox.number();
    const answer = mailbox.answer(id, this.#textWait);
    try {
      this.#native.api(id, String(command), joined(args));
    } catch (error) {
      mailbox.failed(id, error);
    }
    this.#glance.sent();
    return answer;
  }

  /** `api`, with the whole answer. */
  apiReply(command, args = '', options) {
    return this.#ask((id) => this.#native.apiReply(id, String(command), joined(args)), options);
  }

  /** `bgapi`: resolves to a `Job` when the server has taken it. */
  async bgapi(command, args = '', options = {}) {
    const job = mailbox.number();
    const done = mailbox.expect(job);
    const ended = done.then((batch) => this.#jobEnded(new Event(batch, undefined, 0)));
    ended.catch(() => {});
    let uuid;
    try {
      const start = (id) => (uuid = this.#native.bgapi(id, job, String(command), joined(args), options.jobUuid ?? null));
      const answer = await this.#ask(start, options);
      return new Job(this.#native, uuid, answer, ended);
    } catch (error) {
      mailbox.forget(job);
      throw error;
    }
  }

  /**
   * Runs a dialplan application. With `wait` resolves when it has ended, to `{reply, complete, response}`; without, to
   * the server's answer.
   */
  execute(app, arg = '', options = {}) {
    if (options.wait) {
      const start = (id) => this.#native.executeAndWait(id, executeOptions(app, arg, options));
      const { timeout: ms = 0, signal } = options;
      return mailbox.request(start, { convert: executed, ms, signal, ...WAITING });
    }
    return this.#ask((id) => this.#native.execute(id, executeOptions(app, arg, options)), options);
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
   * Asks for events: names such as 'CHANNEL_ANSWER', 'ALL', 'CUSTOM conference::maintenance', and perhaps an object
   * `{format, filters, log}` last. Rejects with ESL_REFUSED when the server refuses a part of it.
   */
  async subscribe(...wanted) {
    const options = takeOptions(wanted) ?? {};
    const names = wanted.flat().map(String);
    const plain = names.filter((name) => !/^custom\s/i.test(name));
    const custom = names.filter((name) => /^custom\s/i.test(name)).map((name) => name.replace(/^custom\s+/i, ''));
    const list = custom.length > 0 ? [...plain, 'CUSTOM', ...custom] : plain;
    const filters = Object.entries(options.filters ?? {}).flatMap(([header, values]) =>
      [values].flat().flatMap((value) => [header, String(value)]));
    const log = options.log === undefined ? null : String(options.log);
    const commands = guarded(() => native.subscriptionCommands(options.format ?? null, list.join(' '), filters, log));
    const answers = await Promise.all(commands.map((command) => this.send(command, options)));
    const refused = answers.findIndex((answer) => !answer.ok);
    if (refused >= 0) {
      const text = answers[refused].text.trim();
      throw new EslError('refused', `the server refused ${commands[refused].trim()}: ${text}`);
    }
  }

  /** `nixevent`: these events come no more; without names none does (`noevents`). Options may be last. */
  unsubscribe(...names) {
    const options = takeOptions(names);
    const list = names.flat().join(' ');
    return list === '' ? this.#command('noevents', [], options) : this.#command('nixevent', [list], options);
  }

  /** Sends a command as it is written; resolves to the `Reply`. */
  send(command, options) {
    return this.#command('raw', [String(command)], options);
  }

  filter(header, value, options) {
    return this.#command('filter', [String(header), String(value)], options);
  }

  filterDelete(header, value, options) {
    return this.#command('filter delete', [String(header), value === undefined ? null : String(value)], options);
  }

  /** The events of one channel: of the call itself outbound, of `uuid` inbound. */
  myevents({ uuid, format, ...options } = {}) {
    return this.#command('myevents', [uuid ?? null, format ?? (uuid ? 'plain' : null)], options);
  }

  /** The connection outlives its call by `seconds`, or until `exit`. */
  linger(seconds, options) {
    return this.#command('linger', [seconds === undefined ? null : String(seconds)], options);
  }

  nolinger(options) {
    return this.#command('nolinger', [], options);
  }

  resume(options) {
    return this.#command('resume', [], options);
  }

  divertEvents(on, options) {
    return this.#command('divert_events', [on ? 'on' : 'off'], options);
  }

  /** Log lines of that level (0 to 7, or a name) and graver come as 'log'. */
  log(level, options) {
    return this.#command('log', [String(level)], options);
  }

  nolog(options) {
    return this.#command('nolog', [], options);
  }

  hangup(cause, { uuid, ...options } = {}) {
    return this.#command('hangup', [uuid ?? null, cause ?? null], options);
  }

  /**
   * A variable of the call, or of channel `uuid`; null when it is not set. On a call without `full` only the raw `getvar` is
   * allowed, which cuts the value at 511 bytes and cannot carry line breaks.
   */
  async variable(name, { uuid, ...options } = {}) {
    const channel = uuid ?? this.uuid;
    if (channel === null) throw new EslError('invalid-argument', 'an inbound connection has no variables: give a uuid');
    const reply = await this.apiReply('uuid_getvar', [channel, name], options);
    if (reply.event.body !== null) return reply.ok && reply.text !== '_undef_' ? reply.text : null;
    const raw = await this.#command('getvar', [String(name)], options);
    return raw.text === '-ERR command not found' ? null : raw.text;
  }

  /** Fires an event in the server. */
  sendEvent(event, options) {
    const [batch, at] = Event._place(event);
    return this.#ask((id) => this.#native.sendEvent(id, 'sendevent', batch, at, null), options);
  }

  /** `sendmsg` with the event's headers and body. */
  sendMessage(event, { uuid, ...options } = {}) {
    const [batch, at] = Event._place(event);
    return this.#ask((id) => this.#native.sendEvent(id, 'sendmsg', batch, at, uuid ?? null), options);
  }

  /** The events as they come, for `for await`; ends with the connection. */
  events({ signal } = {}) {
    return this.#flow.iterate(signal);
  }

  [Symbol.asyncIterator]() {
    return this.#flow.iterate();
  }

  /** Says goodbye and closes. */
  async exit(options) {
    try {
      await this.#command('exit', [], options);
    } catch (error) {
      if (error.code !== 'ESL_DISCONNECTED') throw error;
    } finally {
      this.#native.disconnect();
    }
    await this.#closed;
  }

  /** Closes at once; resolves when it is closed. A second call does nothing. */
  async close() {
    this.#native.disconnect();
    await this.#closed;
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

  /** For the classic layer: its messages are not listeners', `look` is called when there may be some. */
  _readBy(look) {
    this.#reader = look;
  }

  /** For the classic layer: the native connection. */
  static _native(connection) {
    return connection.#native;
  }

  _ready() {
    if (this.#reader) this.#reader();
    else this.#flow.ready();
  }

  _closed(reason) {
    if (this.#fresh) {
      // It has ended as soon as it began; whoever waits for it is about to get it, and to listen.
      setImmediate(() => this._closed(reason));
      return;
    }
    this.#reason = reason;
    mailbox.open.delete(this.#native.id);
    this.#reader?.();
    this.#flow.end(() => {
      this.#hold(false);
      this.#tellClosed(reason);
      if (reason.code !== 'ESL_DISCONNECTED' && this.listenerCount('error') > 0) this.emit('error', reason);
      this.emit('disconnect', reason);
    });
  }

  _listening(name) {
    if (takes(name)) queueMicrotask(() => this.#flow.ready());
  }

  #hold(on) {
    if (this.#held === on) return;
    this.#held = on;
    if (on) mailbox.hold();
    else mailbox.release();
  }

  /** Listeners see a job's end, too: they cannot know who waits for it. */
  #jobEnded(event) {
    if (this.listenerCount('BACKGROUND_JOB') > 0) this.emit('BACKGROUND_JOB', event);
    if (this.listenerCount('event') > 0) this.emit('event', event);
    return event;
  }

  #command(name, args, options) {
    return this.#ask((id) => this.#native.command(id, name, args), options);
  }

  #ask(start, options) {
    return this.#send(start, options === undefined ? this.#replyWait : this.#wait(reply, options));
  }

  #send(start, wait) {
    const answer = mailbox.request(start, wait);
    this.#glance.sent();
    return answer;
  }

  #wait(convert, options) {
    return { convert, ms: options.timeout ?? this.#timeout, signal: options.signal };
  }
}

for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const add = EventEmitter.prototype[name];
  Object.defineProperty(Connection.prototype, name, {
    configurable: true,
    writable: true,
    value(event, listener) {
      const result = add.call(this, event, listener);
      this._listening(event);
      return result;
    },
  });
}

/** Takes options off the end of a list of names. */
function takeOptions(names) {
  const last = names.at(-1);
  return last !== null && typeof last === 'object' && !Array.isArray(last) ? names.pop() : undefined;
}

function executed({ reply: told, complete }) {
  const event = complete ? new Event(complete, undefined, 0) : null;
  return { reply: new Reply(told), complete: event, response: event?.get('Application-Response') ?? null };
}

function executeOptions(app, arg, { uuid, eventUuid, loops, eventLock, async: asynchronous, holdBleg }) {
  return { app: String(app), arg: String(arg ?? ''), uuid, eventUuid, loops, eventLock, asynchronous, holdBleg };
}

function joined(args) {
  return Array.isArray(args) ? args.join(' ') : String(args ?? '');
}

module.exports = { Connection, executeOptions, joined };
