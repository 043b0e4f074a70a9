'use strict';
// What the core watches for a program: by a number, or for an emitter's listeners.

const { EventEmitter } = require('node:events');
const { watches } = require('./dispatch');
const { guarded } = require('./errors');
const requests = require('./requests');

/** Names of an emitter's own. */
const OWN = new Set(['error', 'newListener', 'removeListener']);

/** Has `start(id)` report to `told(value, error)` until what this gives is called. */
function watch(start, told) {
  const id = requests.number();
  watches.set(id, told);
  let watched;
  try {
    watched = guarded(() => start(id));
  } catch (error) {
    watches.delete(id);
    throw error;
  }
  return () => {
    watches.delete(id);
    watched.abandon();
  };
}

/**
 * An emitter of what is watched for it. Each of `sources` is `{ hears(name), start() }`: it starts with the first listener
 * to a name that it hears, and what `start` gave is called after the last of them. Nothing is watched for no one.
 */
class Reporter extends EventEmitter {
  #sources;
  #stops = new Map();

  constructor(sources) {
    super();
    this.#sources = sources;
    this.on('newListener', (name) => this.#begin(name));
    this.on('removeListener', () => this.#end());
  }

  #begin(name) {
    if (OWN.has(name)) return;
    for (const source of this.#sources) {
      if (!this.#stops.has(source) && source.hears(name)) this.#stops.set(source, source.start());
    }
  }

  #end() {
    const listened = this.eventNames().filter((name) => !OWN.has(name));
    for (const [source, stop] of this.#stops) {
      if (listened.some(source.hears)) continue;
      this.#stops.delete(source);
      stop();
    }
  }
}

/**
 * A source that hears every name: what is reported goes to the listeners of its kind (`kind` says which) and of `all`, the
 * connection's end to those of 'disconnect'. `start(told)` is a `watch`.
 */
function everything(emitter, start, kind, all) {
  const told = (value, error) => {
    if (error !== undefined) return emitter().emit('disconnect', error);
    emitter().emit(kind(value), value);
    return emitter().emit(all, value);
  };
  return { hears: () => true, start: () => start(told) };
}

module.exports = { Reporter, everything, watch };
