'use strict';
// A FreeSWITCH event socket for tests: the Rust simulator on a thread of its own, in this process.

const assert = require('node:assert');

const { guarded } = require('./errors');
const { Event } = require('./event');
const native = require('./native');

class Simulator {
  #native;
  #handlers;
  /** By the key that the native part names them with. */
  #functions = new Map();

  /** Starts it on a free port of 127.0.0.1, unless `options.bind` says otherwise. */
  constructor(options = {}) {
    this.#native = guarded(() => new native.NativeSimulator(options));
    this.password = options.password ?? 'ClueCon';
    this.host = '127.0.0.1';
    this.port = this.#native.port;
  }

  /** What `connect` takes. */
  get target() {
    return { host: this.host, port: this.port, password: this.password };
  }

  get connections() {
    return guarded(() => this.#native.connections);
  }

  get channels() {
    return guarded(() => this.#native.channels);
  }

  /** Fires an event: an `Event`, or a type and its headers (and `_body`). */
  fire(event, headers = {}) {
    const [name, subclass] = String(event).split(' ');
    const made = event instanceof Event ? event : new Event(name, subclass, headers);
    guarded(() => this.#native.fire(...Event._place(made)));
    return this;
  }

  /** Sends a log line to the connections that listen to that level (0 to 7, or a name). */
  log(level, text) {
    guarded(() => this.#native.log(String(level), String(text)));
    return this;
  }

  /** What the dialplan does with a number: `[['answer'], ['playback', 'file.wav']]`. */
  extension(number, applications) {
    const flat = applications.flatMap(([app, arg = '']) => [String(app), String(arg)]);
    guarded(() => this.#native.extension(String(number), flat));
    return this;
  }

  /** Waits until everything that the scenario expects has happened; throws an AssertionError that says what came instead. */
  async verify(timeout = 5000) {
    const end = Date.now() + timeout;
    for (;;) {
      const missing = guarded(() => this.#native.verify());
      if (missing == null) return;
      if (Date.now() >= end) throw new assert.AssertionError({ message: missing, stackStartFn: this.verify });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** An api command: `run({ name, argument })` gives its output, or a promise of it. */
  api(name, run) {
    return this.#handle('api', name, (asked) => run(asked));
  }

  /** An application: `run({ name, argument, uuid, variables })` gives what it has done, or a promise of it. */
  application(name, run) {
    return this.#handle('application', name, (asked) => run(asked));
  }

  /** What a called party does: a behaviour, or a function that decides for each call. */
  endpoint(dial, behaviour = {}) {
    if (typeof behaviour === 'function') return this.#handle('endpointWith', dial, behaviour);
    guarded(() => this.#native.endpoint(String(dial), behaviour));
    return this;
  }

  #handle(method, name, run) {
    // What it calls keeps no process alive: `hasRef` says so to tools that look for open handles.
    this.#handlers ??= new native.NativeHandlers(() => this.#serve(), { hasRef: () => false });
    this.#functions.set(`${method === 'endpointWith' ? 'endpoint' : method} ${name}`, run);
    guarded(() => this.#native[method](this.#handlers, String(name)));
    return this;
  }

  #serve() {
    for (const { id, key, ...asked } of this.#handlers.take()) this.#reply(id, key, asked);
  }

  async #reply(id, key, asked) {
    const [kind] = key.split(' ', 1);
    const place = ['api', 'application', 'endpoint'].indexOf(kind);
    const values = [undefined, undefined, undefined];
    try {
      const given = await this.#functions.get(key)(asked);
      values[place] = kind === 'api' ? String(given) : (given ?? {});
      guarded(() => this.#handlers.reply(id, ...values));
    } catch (error) {
      // The simulator does as if there were no reply; the exception is the test's.
      try {
        this.#handlers.reply(id);
      } catch {
        // It has been replied to, by a value that was refused.
      }
      process.nextTick(() => {
        throw error;
      });
    }
  }

  /** Dies and starts again: connections end without a notice, calls are gone, the Core-UUID is another. */
  restart() {
    guarded(() => this.#native.restart());
    return this;
  }

  /** Refuses connections, or accepts them again. */
  refuse(refuse = true) {
    guarded(() => this.#native.refuse(refuse));
    return this;
  }

  setFaults(faults) {
    guarded(() => this.#native.setFaults(faults));
    return this;
  }

  /** Ends every connection: 'notice', 'close' (without a word), 'half-close' or 'reset'. */
  disconnectAll(how = 'close') {
    guarded(() => this.#native.disconnectAll(how));
    return this;
  }

  /** Sends this text, whatever it is, to every connection that is logged in: what a server should never send. */
  sendRaw(text) {
    guarded(() => this.#native.sendRaw(String(text)));
    return this;
  }

  /** Stops as a server that is shut down does, with its notices; waits for its thread. */
  shutdown() {
    this.#native.stop(true);
  }

  /** Stops without a word; waits for its thread. */
  close() {
    this.#native.stop(false);
  }

  [Symbol.dispose ?? Symbol.for('nodejs.dispose')]() {
    this.close();
  }
}

module.exports = { Simulator };
