'use strict';
// modesl's Parser: a stream's bytes in, 'esl::event' (event, headers, body) out. The decoding is native.

const { EventEmitter2 } = require('eventemitter2');
const { fromNative } = require('../errors');
const native = require('../native');
const { Event, Received, massage, typed } = require('./event');

const EMITTER = { wildcard: true, delimiter: '::', maxListeners: 25 };

/** What a parser has for itself. */
const DECODER = Symbol('decoder');

/** A function, as in modesl. */
function Parser(socket) {
  EventEmitter2.call(this, EMITTER);
  Object.defineProperty(this, DECODER, { value: new native.NativeDecoder(), writable: true });
  this.socket = socket;
  this.encoding = 'utf8';
  socket.on('data', (data) => this._onData(data));
  socket.on('end', () => this._onEnd());
}

Object.setPrototypeOf(Parser, EventEmitter2);
Parser.prototype = Object.create(EventEmitter2.prototype, {
  constructor: { value: Parser, writable: true, configurable: true },
});

Object.assign(Parser.prototype, {
  _onData(data) {
    decode(this, (decoder) => {
      decoder.feed(typeof data === 'string' ? Buffer.from(data) : data);
      for (let batch = decoder.take(); batch !== null; batch = decoder.take()) emitAll(this, batch);
    });
  },

  _onEnd() {
    decode(this, (decoder) => decoder.finish());
  },
});

/** Bytes that are not the protocol are an error once; what comes after them is dropped. */
function decode(parser, work) {
  const decoder = parser[DECODER];
  if (decoder === null) return;
  try {
    work(decoder);
  } catch (error) {
    const known = fromNative(error);
    if (known === error) throw error;
    parser[DECODER] = null;
    parser.emit('error', known);
  }
}

function emitAll(parser, batch) {
  for (let at = 0; at < batch.length; at += 1) {
    const headers = outer(batch, at);
    const body = batch.outerBody(at) ?? undefined;
    try {
      parser.emit('esl::event', received(parser, batch, at, headers, body), headers, body);
    } catch (error) {
      // A listener's exception is the program's: the messages after it are emitted all the same.
      process.nextTick(() => {
        throw error;
      });
    }
  }
}

function received(parser, batch, at, headers, body) {
  switch (headers['Content-Type']) {
    case 'text/event-json':
      return json(parser, body) ?? new Received(batch, at);
    case 'text/event-plain':
    case 'text/event-xml':
      return new Received(batch, at);
    default: {
      const event = new Event(headers, body);
      massage(event);
      return event;
    }
  }
}

function outer(batch, at) {
  const headers = {};
  const flat = batch.outerHeaders(at);
  for (let place = 0; place < flat.length; place += 2) headers[flat[place]] = typed(flat[place], flat[place + 1]);
  return headers;
}

/** JSON's own types are kept, as modesl does; null when it is not an object (then the native event is given). */
function json(parser, body) {
  try {
    const data = JSON.parse(body);
    if (data === null || typeof data !== 'object' || Array.isArray(data)) return null;
    if (data['Content-Length']) data['Content-Length'] = Number.parseInt(data['Content-Length'], 10);
    const event = new Event(data);
    massage(event);
    return event;
  } catch (error) {
    // modesl's programs hear of it; it ends none that does not listen.
    if (parser.listeners('error').length > 0) parser.emit('error', error);
    return null;
  }
}

module.exports = { EMITTER, Parser };
