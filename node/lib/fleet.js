'use strict';
// Many servers as one. Which is healthy, which is chosen, what is sent where: the core's (crates/switchwire/src/fleet).

const { EventEmitter } = require('node:events');
const { argument, checkNumber, checkOptions, checkText, checkTime, joined } = require('./checks');
const { takes } = require('./delivery');
const { hub, open } = require('./dispatch');
const { fromNative, guarded } = require('./errors');
const keepalive = require('./keepalive');
const { ManagedConnection, managedOptions, never } = require('./managed');
const { inspectable, notCloneable } = require('./manners');
const native = require('./native');
const { Reply, reply } = require('./reply');
const requests = require('./requests');
const { StreamDelivery, readHealth } = require('./stream');

const NOT_CLONEABLE = notCloneable('a Fleet');
const OPTIONS = new Set(['servers', 'attemptsAtOnce', 'limits', 'dropDuplicates']);
const SERVER = new Set(['name', 'connection', 'weight', 'tags']);
const LIMITS = new Set(['heartbeatAge', 'roundTrip', 'idleCpu', 'sessions']);
const PICK = new Set(['by', 'key', 'tags']);
const WAIT = new Set(['timeout', 'signal']);
/** Of commands to several servers, in milliseconds. */
const TIMEOUT = 10_000;

class Fleet extends EventEmitter {
  notCloneable = NOT_CLONEABLE;
  #native;
  #delivery;
  /** The connections that the program has asked for, by name. */
  #connections = new Map();
  /** Timeouts of commands, by the server's name. */
  #timeouts = new Map();
  #held = true;
  #closing = null;
  #closed;
  #resolveClosed;

  /** Starts to connect to all servers, and returns at once. */
  static start(options = {}) {
    const { servers = [], attemptsAtOnce, limits = {}, dropDuplicates } = checkOptions('Fleet', options, OPTIONS);
    const named = [...servers].map(serverOptions);
    const bounds = checkOptions('limits', limits, LIMITS);
    const wanted = {
      ...bounds, heartbeatAge: never('limits.heartbeatAge', bounds.heartbeatAge), roundTrip: never('limits.roundTrip', bounds.roundTrip),
      idleCpu: share('limits.idleCpu', bounds.idleCpu), sessions: share('limits.sessions', bounds.sessions),
    };
    const handle = guarded(() => native.NativeFleet.start(
      hub, named.map((one) => one.native), checkNumber('attemptsAtOnce', attemptsAtOnce), wanted, checkNumber('dropDuplicates', dropDuplicates)));
    return new Fleet(handle, named);
  }

  /** Made by `start`. */
  constructor(handle, named) {
    super();
    this.#native = handle;
    for (const { native: { name }, timeout } of named) this.#timeouts.set(name, timeout);
    this.#delivery = new StreamDelivery(this, handle, true);
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    open.set(handle.id, this);
    keepalive.hold();
  }

  /** The names of the servers, sorted. */
  get servers() {
    return this.#native.servers();
  }

  get closed() {
    return this.#closed;
  }

  /** Events that were dropped since they had come from another entry. */
  get droppedDuplicates() {
    return this.#native.droppedDuplicates;
  }

  /** Adds a server, and starts to connect. */
  add(server) {
    const { native: wanted, timeout } = serverOptions(server);
    guarded(() => this.#native.add(wanted));
    this.#connections.delete(wanted.name);
    this.#timeouts.set(wanted.name, timeout);
  }

  /** Removes a server; what it had sent still comes, then 'removed'. */
  async remove(name) {
    await keepalive.during(requests.request((id) => this.#native.remove(id, String(name)), { ms: 0 }));
    this.#connections.delete(name);
    this.#timeouts.delete(name);
  }

  /** The server is chosen no more for new calls (or again). */
  drain(name, on = true) {
    guarded(() => this.#native.drain(String(name), Boolean(on)));
  }

  /** The connection to that server, for commands; its items are in the fleet's stream. */
  connection(name) {
    let connection = this.#connections.get(name);
    if (connection === undefined) {
      const handle = guarded(() => this.#native.connection(String(name)));
      connection = new ManagedConnection(handle, { timeout: this.#timeouts.get(name), own: false });
      this.#connections.set(name, connection);
    }
    return connection;
  }

  /** How that server is doing; null for a name that the fleet does not have. */
  health(name) {
    const health = this.#native.health(String(name));
    return health === null ? null : readHealth(health);
  }

  /** How all of them are doing, by name. */
  healthOfAll() {
    return new Map(this.servers.map((name) => [name, this.health(name)]).filter(([, health]) => health !== null));
  }

  /** Chooses a server for a new call; null when none will do. */
  pick(options) {
    return guarded(() => this.#native.pick(pickOptions(options)));
  }

  /** `api` on that server, by its own policies: its output. */
  async apiOn(server, command, args = '', options = {}) {
    return this.connection(server).api(command, args, options);
  }

  /** `api` on a server that is chosen, and on another one when it could not be sent to that: `{server, reply}`. */
  async apiAny(pick, command, args = '', options = {}) {
    const wait = { ...waits('apiAny', options), convert: ({ server, reply: one }) => ({ server, reply: new Reply(one) }) };
    const wanted = pickOptions(pick);
    return requests.request((id) => this.#native.apiAny(id, wanted, argument('command', command), joined(args)), wait);
  }

  /** `api` on every server at once; each has its own outcome. */
  async apiAll(command, args = '', options = {}) {
    const start = (id) => this.#native.apiAll(id, argument('command', command), joined(args));
    return this.#expiring(start, { ...waits('apiAll', options), convert: (results) => results.map(result) });
  }

  /** The server that a channel is on, as far as the stream has told; null when it has not. */
  serverOf(uuid) {
    return this.#native.serverOf(String(uuid));
  }

  /** The server that a channel is on, by asking all of them where the stream has not told. */
  async find(uuid, options = {}) {
    return this.#expiring((id) => this.#native.find(id, argument('uuid', uuid)), waits('find', options));
  }

  /** `uuid_kill` on the server that the channel is on. */
  async uuidKill(uuid, cause = 'NORMAL_CLEARING', options = {}) {
    const start = (id) => this.#native.uuidKill(id, argument('uuid', uuid), argument('cause', cause));
    return this.#expiring(start, { ...waits('uuidKill', options), convert: reply });
  }

  /** The stream for `for await`: items of all servers, each with its `server`. */
  items({ signal } = {}) {
    return this.#delivery.iterate(signal);
  }

  [Symbol.asyncIterator]() {
    return this.items();
  }

  /** Closes all connections; resolves when they have ended. What has been received can still be taken. */
  async close() {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close();
  }

  unref() {
    this.#hold(false);
    return this;
  }

  ref() {
    if (this.#closing === null) this.#hold(true);
    return this;
  }

  _ready() {
    this.#delivery.ready();
  }

  _listening(name) {
    if (takes(name)) queueMicrotask(() => this.#delivery.ready());
  }

  async #close() {
    await keepalive.during(requests.request((id) => this.#native.close(id), { ms: 0 }));
    this.#delivery.end(() => {
      open.delete(this.#native.id);
      this.#hold(false);
      this.#resolveClosed();
      this.emit('close');
    });
  }

  /** A request whose timeout the core turns into its end. */
  async #expiring(start, { ms, signal, convert }) {
    let replies;
    const timer = ms > 0 && ms !== Infinity ? setTimeout(() => replies?.expire(), ms) : undefined;
    try {
      return await requests.request((id) => (replies = start(id)), { signal, convert });
    } finally {
      clearTimeout(timer);
    }
  }

  #hold(on) {
    if (this.#held === on) return;
    this.#held = on;
    if (on) keepalive.hold();
    else keepalive.release();
  }
}

for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const add = EventEmitter.prototype[name];
  Object.defineProperty(Fleet.prototype, name, {
    configurable: true,
    writable: true,
    value(event, listener) {
      const added = add.call(this, event, listener);
      this._listening(event);
      return added;
    },
  });
}

inspectable(Fleet, (fleet) => Object.fromEntries([...fleet.healthOfAll()].map(([name, { state }]) => [name, state])));

function serverOptions(server) {
  const { name, connection = {}, weight, tags = [] } = checkOptions('server', server, SERVER);
  const { native: wanted, timeout } = managedOptions(connection);
  const own = { name: checkText('name', name), connection: wanted, weight: checkNumber('weight', weight), tags: [...tags].map(String) };
  return { native: own, timeout };
}

function pickOptions(options = {}) {
  const { by = 'least-sessions', key, tags = [] } = checkOptions('pick', options, PICK);
  return { by: checkText('by', by), key: key === undefined ? undefined : String(key), tags: [tags].flat().map(String) };
}

function waits(call, options) {
  const { timeout, signal } = checkOptions(call, options, WAIT);
  return { ms: checkTime('timeout', timeout) ?? TIMEOUT, signal };
}

/** A part or a percentage; false sets no limit. */
function share(name, value) {
  return value === false ? 0 : checkTime(name, value);
}

function result({ server, outcome, reply: one, error }) {
  if (outcome === 'reply') return { server, outcome, reply: new Reply(one) };
  return { server, outcome, error: fromNative(error) };
}

module.exports = { Fleet };
