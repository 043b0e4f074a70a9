'use strict';
// The classic object model under its classic names: methods return promises; those with Sync in their name BLOCK the event
// loop until the reply.

const { connect, connectSync } = require('./connect');
const { joined } = require('./checks');
const { Connection, executeOptions, view } = require('./connection');
const { EslError, guarded } = require('./errors');
const { Event } = require('./event');
const { inspectable, notCloneable } = require('./manners');
const { Reply } = require('./reply');

const NOT_CLONEABLE = notCloneable('an ESLevent: send its serialize(\'json\'), which new ESLevent(\'json\', text) reads');

class ESLevent {
  notCloneable = NOT_CLONEABLE;
  #event;
  #names = null;
  #next = 0;

  /** `(type, subclass)`, or `("json", text)`. */
  constructor(type, subclass) {
    if (type instanceof Event) this.#event = type;
    else if (String(type).toLowerCase() === 'json') this.#event = Event.parse(String(subclass), 'json');
    else this.#event = new Event(type, subclass);
  }

  /** The modern event that it wraps. */
  get event() {
    return this.#event;
  }

  serialize(format = 'plain') {
    return this.#event.serialize(['json', 'xml'].includes(format) ? format : 'plain');
  }

  setPriority(priority) {
    this.#event.setPriority(priority);
    return true;
  }

  getHeader(name, index = -1) {
    return index < 0 ? this.#event.get(name) : this.#event.get(name, index);
  }

  getBody() {
    return this.#event.body;
  }

  getType() {
    const [batch, at] = Event._place(this.#event);
    return batch.typeName(at);
  }

  addBody(text) {
    this.#event.setBody(text);
    return true;
  }

  addHeader(name, value) {
    this.#event.add(name, value);
    return true;
  }

  pushHeader(name, value) {
    this.#event.push(name, value);
    return true;
  }

  unshiftHeader(name, value) {
    this.#event.unshift(name, value);
    return true;
  }

  delHeader(name) {
    return this.#event.delete(name);
  }

  firstHeader() {
    this.#names = [...this.#event].map(([name]) => name);
    this.#next = 0;
    return this.nextHeader();
  }

  nextHeader() {
    return this.#names?.[this.#next++] ?? null;
  }
}

class ESLconnection {
  #connection = null;
  #ready;
  /** Calls that wait for a message, in order. */
  #waiting = [];
  #receiving = false;
  #modes = {};

  /** `(host, port, password)` or `(host, port, user, password)`; or a modern `Connection` (an outbound call). */
  constructor(host, port, user, password) {
    if (host instanceof Connection) {
      this.#connection = host;
      this.#ready = Promise.resolve(true);
      return;
    }
    const target = classicTarget(host, port, user, password);
    this.#ready = connect(target).then((connection) => this.#adopt(connection), () => false);
  }

  /** Connects and BLOCKS the event loop until that is done or has failed. */
  static connectSync(host, port, user, password) {
    return new ESLconnection(connectSync(classicTarget(host, port, user, password)));
  }

  /** Resolves to whether connecting succeeded: a failure does not throw in the classic model. */
  get ready() {
    return this.#ready;
  }

  connected() {
    return this.#connection?.connected ? 1 : 0;
  }

  socketDescriptor() {
    return this.#connection === null ? -1 : Connection._native(this.#connection).descriptor;
  }

  getInfo() {
    const info = this.#connection?.info ?? null;
    return info === null ? null : new ESLevent(info);
  }

  async send(command) {
    if (!(await this.#ready)) return 1;
    this.#connection.send(command, { timeout: 0 }).catch(() => {});
    return this.#connection.connected ? 0 : 1;
  }

  sendRecv(command) {
    return this.#reply((connection) => connection.send(command));
  }

  api(command, args = '') {
    return this.#reply((connection) => connection.apiReply(command, args));
  }

  bgapi(command, args = '', jobUuid) {
    return this.#reply((connection) => connection._request((native, id) => native.command(id, 'bgapi', bgapiWords(command, args, jobUuid))));
  }

  async sendEvent(event) {
    return (await this.#reply((connection) => connection._request(sending('sendevent', event)))) ?? serverDisconnected();
  }

  async sendMSG(event, uuid) {
    return accepted(await this.#reply((connection) => connection._request(sending('sendmsg', event, uuid))));
  }

  /** The next message: an event, or anything else that is no reply (a log line, a notice) in its outer form. */
  async recvEvent() {
    return (await this.#receive(undefined)) ?? serverDisconnected();
  }

  /** The next message, for at most `ms`; null on a timeout. 0 takes what has come. */
  async recvEventTimed(ms) {
    const message = await this.#receive(ms);
    return message === undefined ? null : message ?? serverDisconnected();
  }

  filter(header, value) {
    return this.#reply((connection) => connection._request((native, id) => native.command(id, 'filter', [String(header), String(value)])));
  }

  async events(format, list) {
    return accepted(await this.#reply((connection) => connection.send(eventsText(format, list))));
  }

  execute(app, arg = '', uuid) {
    return this.#execute(app, arg, { uuid, ...this.#modes });
  }

  executeAsync(app, arg = '', uuid) {
    return this.#execute(app, arg, { uuid, ...this.#modes, async: true });
  }

  setAsyncExecute(value) {
    return Number((this.#modes.async = truth(value)));
  }

  setEventLock(value) {
    return Number((this.#modes.eventLock = truth(value)));
  }

  /** What a console shows. */
  _view() {
    return this.#connection === null ? { state: 'not connected' } : view(this.#connection);
  }

  /** Closes the connection. */
  async disconnect() {
    await this.#ready;
    await this.#connection?.close();
    return 0;
  }

  /** BLOCKS the event loop for at most a minute. */
  sendRecvSync(command) {
    return this.#replySync((native) => native.commandSync('raw', [String(command)], COMMAND_TIME));
  }

  /** Sends without waiting for the reply: it blocks for no longer than `send`. */
  sendSync(command) {
    const native = this.#native();
    if (native === null) return 1;
    this.#connection.send(command, { timeout: 0 }).catch(() => {});
    return this.#connection.connected ? 0 : 1;
  }

  /** BLOCKS the event loop for at most a minute. */
  filterSync(header, value) {
    return this.#replySync((native) => native.commandSync('filter', [String(header), String(value)], COMMAND_TIME));
  }

  /** BLOCKS the event loop for at most a minute. */
  eventsSync(format, list) {
    return accepted(this.sendRecvSync(eventsText(format, list)));
  }

  /** BLOCKS the event loop for at most a minute. */
  apiSync(command, args = '') {
    return this.#replySync((native) => native.apiSync(String(command), joined(args), COMMAND_TIME));
  }

  /** BLOCKS the event loop for at most a minute. */
  bgapiSync(command, args = '', jobUuid) {
    return this.#replySync((native) => native.commandSync('bgapi', bgapiWords(command, args, jobUuid), COMMAND_TIME));
  }

  /** BLOCKS the event loop for at most a minute. */
  executeSync(app, arg = '', uuid) {
    const options = executeOptions(app, arg, { uuid, ...this.#modes });
    return this.#replySync((native) => native.executeSync(options, COMMAND_TIME));
  }

  /** BLOCKS the event loop for at most a minute. */
  executeAsyncSync(app, arg = '', uuid) {
    const options = executeOptions(app, arg, { uuid, ...this.#modes, async: true });
    return this.#replySync((native) => native.executeSync(options, COMMAND_TIME));
  }

  /** BLOCKS the event loop for at most a minute. */
  sendMSGSync(event, uuid) {
    const [batch, at] = Event._place(event.event);
    return accepted(this.#replySync((native) => native.sendEventSync('sendmsg', batch, at, uuid ?? null, COMMAND_TIME)));
  }

  /** BLOCKS the event loop for at most a minute. */
  sendEventSync(event) {
    const [batch, at] = Event._place(event.event);
    const send = (native) => native.sendEventSync('sendevent', batch, at, null, COMMAND_TIME);
    return this.#replySync(send) ?? serverDisconnected();
  }

  /** BLOCKS the event loop until an event comes. */
  recvEventSync() {
    return this.#receiveSync(null) ?? serverDisconnected();
  }

  /** BLOCKS the event loop for at most `ms`; null on a timeout. */
  recvEventTimedSync(ms) {
    return this.#receiveSync(ms);
  }

  #adopt(connection) {
    this.#connection = connection;
    return true;
  }

  /** The next message; undefined when `ms` have passed, null when none can come. */
  async #receive(ms) {
    if (!(await this.#ready)) return null;
    if (!this.#receiving) {
      this.#receiving = true;
      this.#connection._readBy(() => this.#deliver());
    }
    return new Promise((resolve) => {
      const wait = { resolve, timer: undefined };
      this.#waiting.push(wait);
      this.#deliver();
      if (ms === undefined || !this.#waiting.includes(wait)) return;
      const passed = () => {
        this.#waiting.splice(this.#waiting.indexOf(wait), 1);
        resolve(undefined);
      };
      if (ms <= 0) passed();
      else wait.timer = setTimeout(passed, ms);
    });
  }

  #deliver() {
    const native = this.#native();
    while (this.#waiting.length > 0) {
      const batch = native.take(1);
      if (batch === null && this.#connection.disconnectReason === null) return;
      const { resolve, timer } = this.#waiting.shift();
      clearTimeout(timer);
      resolve(batch === null ? null : received(batch));
    }
  }

  #execute(app, arg, options) {
    return this.#reply((connection) => connection._request((native, id) => native.execute(id, executeOptions(app, arg, options))));
  }

  async #reply(ask) {
    if (!(await this.#ready)) return null;
    try {
      return new ESLevent((await ask(this.#connection)).event);
    } catch (error) {
      if (error.code === 'ESL_INVALID_ARGUMENT') throw error;
      return null;
    }
  }

  #replySync(ask) {
    const native = this.#native();
    if (native === null) return null;
    try {
      return new ESLevent(new Reply(guarded(() => ask(native))).event);
    } catch (error) {
      if (error.code === 'ESL_INVALID_ARGUMENT') throw error;
      return null;
    }
  }

  #receiveSync(ms) {
    const native = this.#native();
    if (native === null) return serverDisconnected();
    try {
      const batch = guarded(() => native.receiveSync(ms));
      return batch === null ? null : received(batch);
    } catch (error) {
      if (error.code === 'ESL_INVALID_ARGUMENT') throw error;
      return serverDisconnected();
    }
  }

  #native() {
    return this.#connection === null ? null : Connection._native(this.#connection);
  }
}

function classicTarget(host, port, user, password) {
  if (password === undefined) [user, password] = [undefined, user];
  if (host === undefined || port === undefined) {
    throw new EslError('invalid-argument', 'a host, a port and a password are expected');
  }
  return { host, port, user, password };
}

function bgapiWords(command, args, jobUuid) {
  return [String(command), joined(args), jobUuid ? String(jobUuid) : null];
}

/** How an event is sent. */
function sending(name, event, uuid) {
  const [batch, at] = Event._place(event.event);
  return (native, id) => native.sendEvent(id, name, batch, at, uuid);
}

/** A received message, read by the classic library's rules. */
function received(batch) {
  return new ESLevent(new Event(batch.classic(0), undefined, 0));
}

function eventsText(format, list) {
  return `event ${['plain', 'json', 'xml'].includes(format) ? format : 'plain'} ${list}`;
}

/** The classic library's status: 0 when the server has agreed. */
function accepted(reply) {
  return reply?.getHeader('Reply-Text')?.startsWith('+OK') ? 0 : 1;
}

function serverDisconnected() {
  return new ESLevent('SERVER_DISCONNECTED');
}

function truth(value) {
  return value === true || ['1', 'true', 'yes', 'on'].includes(String(value).toLowerCase());
}

const COMMAND_TIME = 60_000;

inspectable(ESLevent, (event) => event.event.toJSON());
inspectable(ESLconnection, (connection) => connection._view());

module.exports = { ESLconnection, ESLevent };
