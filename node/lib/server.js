'use strict';
// Outbound mode: FreeSWITCH connects to us, once per call.

const { EventEmitter } = require('node:events');
const { checkNumber, checkText, checkTime } = require('./checks');
const { commandTimeout, nativeOptions } = require('./connect');
const { Connection } = require('./connection');
const { hub, open } = require('./dispatch');
const { guarded } = require('./errors');
const { acceptsItself, listenArguments, share } = require('./listening');
const keepalive = require('./keepalive');
const { inspectable, notCloneable } = require('./manners');
const native = require('./native');

/** The hang-up cause of a call whose handler has failed. */
const FAILURE = 'NORMAL_TEMPORARY_FAILURE';
/** Milliseconds to wait until such a call is hung up. */
const HANGUP_MS = 5000;
const NOT_CLONEABLE = notCloneable('a Server');

class Server extends EventEmitter {
  notCloneable = NOT_CLONEABLE;
  #handler;
  #options;
  #failureCause;
  #native = null;
  /** Node's server, where that accepts. */
  #shared = null;
  #calls = new Set();
  #drained = [];

  constructor(handler, options = {}) {
    super({ captureRejections: true });
    this.#handler = handler;
    this.#options = options;
    this.#failureCause = checkText('failureCause', options.failureCause ?? FAILURE);
    checkNumber('maxSessions', options.maxSessions);
  }

  get listening() {
    return this.#native !== null;
  }

  /** The port it listens on; null while it does not. */
  get port() {
    return this.address()?.port ?? null;
  }

  /** As `net.Server.address()`. */
  address() {
    if (this.#shared !== null) return this.#shared.address();
    const text = this.#native?.address ?? null;
    if (text === null) return null;
    const at = text.lastIndexOf(':');
    const address = text.slice(0, at).replace(/^\[|\]$/g, '');
    return { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port: Number(text.slice(at + 1)) };
  }

  /** The calls in progress. */
  get calls() {
    return new Set(this.#calls);
  }

  /**
   * Listens as `net.Server.listen` does: on `(port, host, backlog)`, `({port, host, backlog, reusePort, fd})`, or
   * on a `net.Server`. A worker of `node:cluster` shares its port with the others. 'listening' follows, or 'error' when the
   * address cannot be had.
   */
  listen(...given) {
    const { server, onListening, exclusive, ...at } = listenArguments(given);
    if (this.#native !== null) throw new Error('the server listens already');
    if (onListening) this.once('listening', onListening);
    const options = { ...at, max: this.#options.maxSessions ?? 1000, handshake: this.#handshake() };
    const own = server === undefined && acceptsItself(at, exclusive);
    try {
      const place = own ? options : { max: options.max, handshake: options.handshake };
      this.#native = guarded(() => native.listen(hub, place, nativeOptions(this.#options)));
    } catch (error) {
      if (error.code === 'ESL_INVALID_ARGUMENT') throw error;
      process.nextTick(() => this.emit('error', error));
      return this;
    }
    open.set(this.#native.id, this);
    keepalive.hold();
    if (own) process.nextTick(() => this.emit('listening'));
    else this.#share(server, at);
    return this;
  }

  /**
   * Accepts no more calls, waits for those in progress for at most `timeout` ms (without one: no limit), then hangs up
   * the rest, as it does when `signal` is aborted. Resolves to whether all had ended by themselves.
   */
  async close({ timeout, signal } = {}) {
    checkTime('timeout', timeout);
    this.#stop();
    const drained = await this.#drain(timeout, signal);
    await Promise.all([...this.#calls].map((call) => call._abandon(this.#failureCause, HANGUP_MS)));
    this.emit('close');
    return drained;
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close({ timeout: 0 });
  }

  _call(handle) {
    const call = new Connection(handle, { timeout: commandTimeout(this.#options, 0) });
    this.#calls.add(call);
    const ended = () => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) for (const done of this.#drained.splice(0)) done(true);
    };
    // At once, before the next call is emitted; and even if a listener throws.
    call.prependOnceListener('disconnect', ended);
    call.closed.then(ended);
    try {
      this.emit('call', call);
    } catch (error) {
      call._abandon(this.#failureCause, HANGUP_MS);
      throw error;
    }
    if (this.#handler) this.#run(call);
    return true;
  }

  /** A listener's promise was rejected. */
  [Symbol.for('nodejs.rejection')](error, event, call) {
    if (event === 'call') this.#failed(call, error);
    else this.emit('error', error);
  }

  _callFailed(error) {
    this.emit('callError', error, null);
  }

  /**
   * A handler that gives a promise has its call closed when that is settled; otherwise the call stays. One that fails has its
   * call hung up.
   */
  async #run(call) {
    try {
      const result = this.#handler(call);
      if (typeof result?.then !== 'function') return;
      await result;
    } catch (error) {
      await this.#failed(call, error);
      return;
    }
    await call.close();
  }

  async #failed(call, error) {
    // A handler that lets the error of a call's end through has ended with its call.
    const ended = (call.hungUp || !call.connected) && ['ESL_HANGUP', 'ESL_DISCONNECTED'].includes(error?.code);
    try {
      if (!ended && !this.emit('callError', error, call)) process.emitWarning(error instanceof Error ? error : String(error));
    } finally {
      await call._abandon(this.#failureCause, HANGUP_MS);
    }
  }

  #handshake() {
    const { handshake, login } = this.#options.timeouts ?? {};
    return checkTime('timeouts.handshake', handshake) ?? login ?? this.#options.timeout;
  }

  /** Node's server accepts and passes its sockets on. */
  #share(server, at) {
    this.#shared = share(server, at, {
      listening: () => this.emit('listening'),
      call: (descriptor) => guarded(() => this.#native?.receive(descriptor)),
      failed: (error) => this.emit('callError', error, null),
      error: (error) => {
        this.#stop();
        this.emit('error', error);
      },
    });
  }

  #stop() {
    this.#shared?.close();
    this.#shared = null;
    if (this.#native === null) return;
    this.#native.close();
    open.delete(this.#native.id);
    keepalive.release();
    this.#native = null;
  }

  #drain(timeout, signal) {
    if (this.#calls.size === 0) return Promise.resolve(true);
    if (timeout === 0 || signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const done = (all) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        resolve(all);
      };
      const stop = () => done(false);
      const timer = timeout === undefined ? undefined : setTimeout(stop, timeout);
      signal?.addEventListener('abort', stop, { once: true });
      this.#drained.push(done);
    });
  }
}

/** A server that runs `handler` for each call. */
function createServer(handler, options) {
  if (typeof handler === 'object' && handler !== null) [handler, options] = [undefined, handler];
  return new Server(handler, options);
}

inspectable(Server, (server) => ({ address: server.address(), calls: server.calls.size }));

module.exports = { Server, createServer };
