'use strict';
// modesl's Parser: a stream's bytes in, 'esl::event' (event, headers, body) out. The decoding is native.

const { EventEmitter2 } = require('eventemitter2');
const { fromNative } = require('../errors');
const native = require('../native');
const { Event, massage, typed } = require('./event');

const EMITTER = { wildcard: true, delimiter: '::', maxListeners: 25 };

class Parser extends EventEmitter2 {
  #decoder = new native.NativeDecoder();

  constructor(socket) {
    super(EMITTER);
    this.socket = socket;
    this.encoding = 'utf8';
    socket.on('data', (data) => this._onData(data));
    socket.on('end', () => this._onEnd());
  }

  _onData(data) {
    try {
      this.#decoder.feed(typeof data === 'string' ? Buffer.from(data) : data);
      for (let batch = this.#decoder.take(); batch !== null; batch = this.#decoder.take()) this.#tell(batch);
    } catch (error) {
      this.#fail(error);
    }
  }

  _onEnd() {
    try {
      this.#decoder.finish();
    } catch (error) {
      this.#fail(error);
    }
  }

  #tell(batch) {
    for (let at = 0; at < batch.length; at += 1) {
      const headers = outer(batch, at);
      const body = batch.outerBody(at) ?? undefined;
      try {
        this.emit('esl::event', this.#event(batch, at, headers, body), headers, body);
      } catch (error) {
        // A listener's exception is the program's: the messages behind it are told all the same.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }

  #event(batch, at, headers, body) {
    switch (headers['Content-Type']) {
      case 'text/event-json':
        return json(body) ?? Event.received(batch, at);
      case 'text/event-plain':
      case 'text/event-xml':
        return Event.received(batch, at);
      default: {
        const event = new Event(headers, body);
        massage(event);
        return event;
      }
    }
  }

  #fail(error) {
    const known = fromNative(error);
    if (known === error) throw error;
    this.emit('error', known);
  }
}

function outer(batch, at) {
  const headers = {};
  const flat = batch.outerHeaders(at);
  for (let place = 0; place < flat.length; place += 2) headers[flat[place]] = typed(flat[place], flat[place + 1]);
  return headers;
}

/** JSON's own types are kept, as modesl does; null when it is not an object (then the native event is given). */
function json(body) {
  try {
    const data = JSON.parse(body);
    if (data === null || typeof data !== 'object' || Array.isArray(data)) return null;
    if (data['Content-Length']) data['Content-Length'] = Number.parseInt(data['Content-Length'], 10);
    const event = new Event(data);
    massage(event);
    return event;
  } catch {
    return null;
  }
}

module.exports = { EMITTER, Parser };
