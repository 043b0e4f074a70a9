'use strict';
// modesl's Parser: a stream's bytes in, 'esl::event' (event, headers, body) out. The decoding is native.

const { fromNative } = require('../errors');
const native = require('../native');
const { Emitter, emitOften } = require('./emitter');
const { Event, Received, massage, objectOf, typed } = require('./event');
const { received } = require('./quiet');
const { Names, Source } = require('./received');

/** What a parser has for itself. */
const DECODER = Symbol('decoder');
const NAMES = Symbol('headers that are read often');

/** A function, as in modesl. */
function Parser(socket) {
  Emitter.call(this);
  Object.defineProperty(this, DECODER, { value: new native.NativeDecoder(), writable: true });
  Object.defineProperty(this, NAMES, { value: new Names() });
  this.socket = socket;
  this.encoding = 'utf8';
  socket.on('data', (data) => this._onData(data));
  socket.on('end', () => this._onEnd());
}

Object.setPrototypeOf(Parser, Emitter);
Parser.prototype = Object.create(Emitter.prototype, {
  constructor: { value: Parser, writable: true, configurable: true },
});

Object.assign(Parser.prototype, {
  _onData(data) {
    decode(this, (decoder) => {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      decoder.feed(bytes);
      received(decoder, bytes.length);
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
  const count = batch.length;
  const source = new Source(batch, parser[NAMES]);
  for (let at = 0; at < count; at += 1) {
    try {
      emitMessage(parser, source, at);
    } catch (error) {
      // A listener's exception is the program's: the messages after it are emitted all the same.
      process.nextTick(rethrow, error);
    }
  }
}

function emitMessage(parser, source, at) {
  const headers = source.head(at) ?? outer(source.batch, at);
  const body = source.payload(at);
  const event = source.kind(at) === 0 ? made(parser, source, at, headers, body) : new Received(source, at);
  emitOften(parser, 'esl::event', event, headers, body);
}

/** An event whose headers are made at once. */
function made(parser, source, at, headers, body) {
  if (headers['Content-Type'] === 'text/event-json') return json(parser, body) ?? new Received(source, at);
  const event = new Event(headers, body);
  massage(event);
  return event;
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
    const data = objectOf(body);
    if (data === null) return null;
    const event = new Event(data);
    massage(event);
    return event;
  } catch (error) {
    // modesl's programs hear of it; it ends none that does not listen.
    if (parser.listeners('error').length > 0) parser.emit('error', error);
    return null;
  }
}

function rethrow(error) {
  throw error;
}

module.exports = { Parser };
