'use strict';
// Outbound mode: FreeSWITCH connects to us, once for each call.

const { EventEmitter } = require('node:events');
const { checkPort, nativeOptions } = require('./connect');
const { Connection } = require('./connection');
const { fromNative } = require('./errors');
const mailbox = require('./mailbox');
const native = require('./native');

class Server extends EventEmitter {
  #handler;
  #options;
  #native = null;
  #calls = new Set();
  #drained = [];

  constructor(handler, options = {}) {
    super();
    this.#handler = handler;
    this.#options = options;
  }

  get listening() {
    return this.#native !== null;
  }

  /** The port it listens on; null while it does not. */
  get port() {
    return this.#native?.port ?? null;
  }

  /** As `net.Server.address()`. */
  address() {
    if (this.#native === null) return null;
    const text = this.#native.address;
    const at = text.lastIndexOf(':');
    const address = text.slice(0, at).replace(/^\[|\]$/g, '');
    return { address, family: address.includes(':') ? 'IPv6' : 'IPv4', port: Number(text.slice(at + 1)) };
  }

  /** The calls that are on. */
  get calls() {
    return new Set(this.#calls);
  }

  /** Listens from now on; 'listening' follows, or 'error' when the address cannot be had. */
  listen(port = 0, host = '127.0.0.1', onListening) {
    if (typeof host === 'function') [host, onListening] = ['127.0.0.1', host];
    if (onListening) this.once('listening', onListening);
    try {
      const most = this.#options.maxSessions ?? 1000;
      this.#native = native.listen(mailbox.hub, String(host), checkPort(port), most, nativeOptions(this.#options));
    } catch (error) {
      process.nextTick(() => this.emit('error', fromNative(error)));
      return this;
    }
    mailbox.open.set(this.#native.id, this);
    mailbox.hold();
    process.nextTick(() => this.emit('listening'));
    return this;
  }

  /**
   * Takes no more calls, waits for those that are on for at most `timeout` ms (for ever without one), then disconnects
   * the rest, as it does when `signal` says stop. Says whether all had ended by themselves.
   */
  async close({ timeout, signal } = {}) {
    if (this.#native !== null) {
      this.#native.close();
      mailbox.open.delete(this.#native.id);
      mailbox.release();
      this.#native = null;
    }
    const drained = await this.#drain(timeout, signal);
    await Promise.all([...this.#calls].map((call) => call.close()));
    this.emit('close');
    return drained;
  }

  async [Symbol.asyncDispose ?? Symbol.for('nodejs.asyncDispose')]() {
    await this.close({ timeout: 0 });
  }

  _call(handle) {
    const call = new Connection(handle, { timeout: this.#options.timeouts?.command ?? 0 });
    this.#calls.add(call);
    const ended = () => {
      this.#calls.delete(call);
      if (this.#calls.size === 0) for (const tell of this.#drained.splice(0)) tell(true);
    };
    // At once, before the next call is told; and whatever becomes of the listeners.
    call.prependOnceListener('disconnect', ended);
    call.closed.then(ended);
    this.emit('call', call);
    if (this.#handler) this.#run(call);
    return true;
  }

  _callFailed(error) {
    this.emit('callError', error, null);
  }

  /** A handler that gives a promise has its call closed when that is settled; otherwise the call stays. */
  async #run(call) {
    let result;
    try {
      result = this.#handler(call);
      if (typeof result?.then !== 'function') return;
      await result;
    } catch (error) {
      if (!this.emit('callError', error, call)) process.emitWarning(error);
    }
    await call.close();
  }

  #drain(timeout, signal) {
    if (this.#calls.size === 0) return Promise.resolve(true);
    if (timeout === 0 || signal?.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const tell = (all) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', stop);
        resolve(all);
      };
      const stop = () => tell(false);
      const timer = timeout === undefined ? undefined : setTimeout(stop, timeout);
      signal?.addEventListener('abort', stop, { once: true });
      this.#drained.push(tell);
    });
  }
}

/** A server that runs `handler` for each call. */
function createServer(handler, options) {
  if (typeof handler === 'object' && handler !== null) [handler, options] = [undefined, handler];
  return new Server(handler, options);
}

module.exports = { Server, createServer };
