'use strict';
// A FreeSWITCH event socket for tests: the Rust simulator on a thread of its own, in this process.

const { guarded } = require('./errors');
const { Event } = require('./event');
const native = require('./native');

class Simulator {
  #native;

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

  setFaults(faults) {
    guarded(() => this.#native.setFaults(faults));
    return this;
  }

  /** Ends every connection: 'notice', 'close' (without a word), 'half-close' or 'reset'. */
  disconnectAll(how = 'close') {
    guarded(() => this.#native.disconnectAll(how));
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
