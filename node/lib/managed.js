'use strict';
// A connection that comes back. How it does is the core's (crates/switchwire/src/managed); here are its commands on the
// present connection, and its stream.

const { EventEmitter } = require('node:events');
const { checkNumber, checkOptions, checkPort, checkText, checkTime, invalid } = require('./checks');
const { COMMAND_TIMEOUT, nativeOptions } = require('./connect');
const { Connection } = require('./connection');
const { takes } = require('./delivery');
const { hub, open } = require('./dispatch');
const { ERROR_CODES, EslError, fromNative, guarded, isUnsent } = require('./errors');
const { Event } = require('./event');
const keepalive = require('./keepalive');
const { inspectable, notCloneable } = require('./manners');
const native = require('./native');
const requests = require('./requests');
const seen = require('./seen');
const { StreamDelivery } = require('./stream');
const { Subscription, requested } = require('./subscription');

const NOT_CLONEABLE = notCloneable('a ManagedConnection');
const OPTIONS = new Set([
  'host', 'port', 'addresses', 'user', 'password', 'subscription', 'backoff', 'liveness', 'whileDown', 'stopOn', 'snapshot', 'heartbeats',
  'timeout', 'timeouts', 'keepalive', 'queue', 'maxBody', 'maxHeaderBlock',
]);
const BACKOFF = new Set(['first', 'most', 'factor', 'jitter', 'goodAfter', 'attempts', 'giveUpAfter']);
const LIVENESS = new Set(['pingAfter', 'pingDeadline', 'silence', 'userTimeout']);
const WAIT = new Set(['timeout', 'signal']);
/** States after which there is no further connection. */
const FINAL = new Set(['gave-up', 'closed']);
/** Commands that go out on the present connection, by the policy for the time without one. */
const COMMANDS = ['api', 'apiReply', 'bgapi', 'execute', 'send', 'sendEvent'];

class ManagedConnection extends EventEmitter {
  notCloneable = NOT_CLONEABLE;
  #native;
  #timeout;
  /** Null where the stream is a fleet's. */
  #delivery = null;
  #present = null;
  #state = 'connecting';
  #outages = 0;
  #held = false;
  #ending = null;
  #closed;
  #resolveClosed;

  /** Starts to connect, and returns at once. */
  static start(options = {}) {
    const { native: wanted, timeout } = managedOptions(options);
    return new ManagedConnection(guarded(() => native.NativeManaged.start(hub, wanted)), { timeout, own: true });
  }

  /** Made by `start`, and by fleets. */
  constructor(handle, { timeout, own }) {
    super();
    this.#native = handle;
    this.#timeout = timeout;
    this.#closed = new Promise((resolve) => (this.#resolveClosed = resolve));
    open.set(handle.id, this);
    if (own) {
      this.#delivery = new StreamDelivery(this, handle, false);
      this.#hold(true);
    }
    // What has happened already.
    queueMicrotask(() => this._status());
  }

  /** The present connection. It does not come back: ask again. Its events are in this stream. */
  get connection() {
    return this.#wrapped(guarded(() => this.#native.connection()));
  }

  /** Resolves to a connection: the present one, or the next; rejects when there will be none, or after `timeout` ms. */
  async waitUp(options = {}) {
    const { timeout, signal } = checkOptions('waitUp', options, WAIT);
    return this.#up(checkTime('timeout', timeout) ?? 0, signal);
  }

  get status() {
    const status = this.#native.status();
    status.since = new Date(status.since);
    if (status.lastError !== null) status.lastError = fromNative(status.lastError);
    return status;
  }

  /** The counters, over all connections so far. */
  stats() {
    return this.#native.stats();
  }

  /** The last HEARTBEAT of the present connection, where they are kept; else null. */
  get heartbeat() {
    const batch = this.#native.heartbeat();
    return batch === null ? null : new Event(batch, undefined, 0);
  }

  /** How long ago it came, in milliseconds. */
  get heartbeatAge() {
    return this.#native.heartbeatAge;
  }

  /** Resolves, with the reason, when there will be no further connection. */
  get closed() {
    return this.#closed;
  }

  /** The stream for `for await`: events, and what happens to the connection. */
  items({ signal } = {}) {
    this.#checkStream();
    return this.#delivery.iterate(signal);
  }

  [Symbol.asyncIterator]() {
    return this.items();
  }

  /** Adds to what the connections are subscribed to, until the `Lease` is released. */
  async subscribe(...wanted) {
    const { subscription, options } = requested(wanted);
    const ms = checkTime('timeout', options.timeout) ?? this.#timeout;
    const wait = { ms, signal: options.signal, convert: (lease) => new Lease(lease, subscription), late: (lease) => lease.release() };
    return requests.request((id) => this.#native.subscribe(id, Subscription._native(subscription)), wait);
  }

  /** Ends the present connection and makes a new one. */
  reconnect() {
    this.#native.reconnect();
  }

  /** Ends it; resolves when it has ended. A second call does nothing. */
  async close() {
    await this.#shut();
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close();
  }

  unref() {
    this.#hold(false);
    return this;
  }

  ref() {
    if (this.#delivery !== null && this.#ending === null) this.#hold(true);
    return this;
  }

  _ready() {
    this.#delivery?.ready();
  }

  /** The state may have changed. */
  _status() {
    const { state, lastError, server, outages } = this.status;
    if (this.#present !== null && !this.#present.connected) {
      this.#present._closed(lastError ?? new EslError('disconnected', 'the connection has ended'));
      this.#present = null;
    }
    this.#tell(state, outages, { reason: lastError, address: server?.address });
    if (FINAL.has(state)) this.#shut();
  }

  /** Tells tools; an outage that is over already, too. */
  #tell(state, outages, more) {
    if (this.#state === 'up' && outages > this.#outages && state !== 'down') seen.state(this, { state: 'down', ...more });
    const back = state === 'up' && outages > 0;
    if (state !== this.#state || (back && outages > this.#outages)) seen.state(this, { state, back, ...more });
    [this.#state, this.#outages] = [state, outages];
  }

  _checkListener(name) {
    if (takes(name)) this.#checkStream();
  }

  _listening(name) {
    if (takes(name)) queueMicrotask(() => this.#delivery.ready());
  }

  /** Runs `command` on the present connection; where it could not be sent, on the next one, if the policy is to wait. */
  async _with(command, options) {
    const tries = this.#native.tries();
    for (;;) {
      const left = tries.patience;
      // (0 would be no timeout.)
      const connection = left === null ? this.connection : await this.#up(Math.max(left, 1), options?.signal);
      try {
        return await command(connection);
      } catch (error) {
        if (!tries.goesAgain(isUnsent(error), connection.connected)) throw error;
      }
    }
  }

  #shut() {
    this.#ending ??= keepalive.during(requests.request((id) => this.#native.close(id), { ms: 0 })).then(() => {
      this._status();
      open.delete(this.#native.id);
      const reason = this.status.lastError;
      const end = () => {
        this.#hold(false);
        this.#resolveClosed(reason);
        this.emit('close', reason);
      };
      // What has come is all there.
      if (this.#delivery === null) end();
      else this.#delivery.end(end);
    });
    return this.#ending;
  }

  #up(ms, signal) {
    const convert = (handle) => this.#wrapped(handle);
    return requests.request((id) => this.#native.up(id), { ms, signal, phase: 'connect', convert, late: () => {} });
  }

  #wrapped(handle) {
    if (this.#present !== null && Connection._native(this.#present).id === handle.id) return this.#present;
    this._status();
    this.#present = new Connection(handle, { timeout: this.#timeout, supervised: true });
    return this.#present;
  }

  #checkStream() {
    if (this.#delivery === null) throw new EslError('invalid-argument', 'the items of this connection come in the stream of its fleet');
  }

  #hold(on) {
    if (this.#held === on) return;
    this.#held = on;
    if (on) keepalive.hold();
    else keepalive.release();
  }
}

for (const name of COMMANDS) {
  Object.defineProperty(ManagedConnection.prototype, name, {
    configurable: true,
    writable: true,
    async value(...given) {
      return this._with((connection) => connection[name](...given), given.at(-1));
    },
  });
}

for (const name of ['on', 'addListener', 'once', 'prependListener', 'prependOnceListener']) {
  const add = EventEmitter.prototype[name];
  Object.defineProperty(ManagedConnection.prototype, name, {
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

/** A part of a program's share in the subscription of a `ManagedConnection`. */
class Lease {
  #native;

  constructor(handle, subscription) {
    this.#native = handle;
    this.subscription = subscription;
  }

  /** Ends what no other lease and not the connection's own subscription wants. A second call does nothing. */
  release() {
    this.#native.release();
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.release();
  }
}

inspectable(ManagedConnection, (connection) => {
  const { state, server, lastError, outages } = connection.status;
  return { state, address: server?.address, outages, lastError: lastError?.message };
});

/** Options of a supervised connection, as the native part takes them. */
function managedOptions(options) {
  checkOptions('ManagedConnection', options, OPTIONS);
  const { host, port, addresses, user, password, subscription, backoff = {}, liveness = {}, stopOn, snapshot, heartbeats } = options;
  if (addresses !== undefined && (host !== undefined || port !== undefined)) {
    throw new EslError('invalid-argument', 'addresses are given in place of host and port');
  }
  const timed = (group, given, names, rest = []) => Object.fromEntries(Object.entries(checkOptions(group, given, names)).map(
    ([name, value]) => [name, rest.includes(name) ? value : never(`${group}.${name}`, value)]));
  return {
    timeout: checkTime('timeouts.command', options.timeouts?.command) ?? COMMAND_TIMEOUT,
    native: {
      addresses: (addresses ?? [{ host, port }]).map(({ host: at = '127.0.0.1', port: on = 8021 }) => (
        { host: checkText('host', at), port: checkPort(on) })),
      user: user === undefined ? undefined : checkText('user', user),
      password: password === undefined ? undefined : checkText('password', password),
      subscription: subscription === undefined ? undefined : Subscription._native(wantedOf(subscription)),
      options: nativeOptions(options),
      backoff: {
        ...timed('backoff', backoff, BACKOFF, ['factor', 'jitter', 'attempts']), attempts: checkNumber('backoff.attempts', backoff.attempts),
      },
      liveness: timed('liveness', liveness, LIVENESS),
      whileDown: whileDown(options.whileDown),
      stopOn: stopOn === undefined ? undefined : [...stopOn].map(kindOf),
      snapshot: Boolean(snapshot),
      heartbeats: Boolean(heartbeats),
    },
  };
}

/** Milliseconds; false is never. */
function never(name, time) {
  return time === false ? 0 : checkTime(name, time);
}

function wantedOf(subscription) {
  if (subscription instanceof Subscription) return subscription;
  return new Subscription(...[subscription].flat());
}

/** 'fail', or milliseconds to wait. */
function whileDown(policy = 'fail') {
  if (policy === 'fail') return 0;
  if (typeof policy === 'number' && policy > 0) return checkTime('whileDown', policy);
  throw invalid('whileDown', "'fail' or a number of milliseconds", policy);
}

function kindOf(code) {
  const found = Object.entries(ERROR_CODES).find(([, known]) => known === code);
  if (found === undefined) throw invalid('stopOn', 'a list of error codes', code);
  return found[0];
}

module.exports = { Lease, ManagedConnection, managedOptions, never };
