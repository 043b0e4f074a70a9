'use strict';
// EventEmitter2, quick for received events: the listeners of an event's name are kept until listeners come or go. To find them
// in the tree of wildcards each time costs as much as all else about an event.

const { EventEmitter2 } = require('eventemitter2');
const { TYPES } = require('./received');

const CONFIGURATION = { wildcard: true, delimiter: '::', maxListeners: 25 };
const ROUTES = Symbol('listeners by name');
/** What adds or removes listeners. */
const CHANGES = [
  'on', 'addListener', 'prependListener', 'once', 'prependOnceListener', 'many', 'prependMany', 'onAny', 'prependAny',
  'waitFor', 'off', 'removeListener', 'removeAllListeners', 'offAny',
];
/** By the number of its type: what an event's name begins with. */
const PREFIXES = TYPES.map((type) => `esl::event::${type}::`);
const UUID = /^[\da-fA-F-]{36}$/;
/** UUIDs that are kept before it is looked which of them have listeners still. */
const MANY = 1000;

/** A function, so that programs may inherit in either style. */
function Emitter() {
  EventEmitter2.call(this, CONFIGURATION);
}

Object.setPrototypeOf(Emitter, EventEmitter2);
Emitter.prototype = Object.create(EventEmitter2.prototype, {
  constructor: { value: Emitter, writable: true, configurable: true },
});
for (const method of CHANGES) {
  const change = EventEmitter2.prototype[method];
  const value = function (...args) {
    routesOf(this).change(args[0]);
    return change.apply(this, args);
  };
  Object.defineProperty(Emitter.prototype, method, { value, writable: true, configurable: true });
}

/** The listeners of the names that one emitter emits often. */
class Routes {
  #emitter;
  /** Whether something listens to any name; undefined until it is asked. */
  #any;
  /** By the number of its type: of an event whose id no listener names. */
  #byType = null;
  #byName = null;
  /** UUIDs that listeners name, or have named. */
  #uuids = null;
  #limit = MANY;

  constructor(emitter) {
    this.#emitter = emitter;
  }

  /** Listeners of a name come or go. */
  change(name) {
    const words = typeof name === 'string' ? name.split('::') : Array.isArray(name) ? name : [];
    const uuid = words.find(isUuid);
    if (uuid !== undefined) {
      this.#uuids ??= new Set();
      if (this.#uuids.size >= this.#limit) this.#look();
      this.#uuids.add(uuid);
      // They get the events of that one only. (With a wildcard `off` may also find others.)
      if (!words.includes('*') && !words.includes('**')) return;
    }
    this.#any = undefined;
    this.#byType = null;
    this.#byName = null;
  }

  any() {
    return (this.#any ??= this.#emitter.listenersAny().length > 0);
  }

  ofEvent(number, uuid, name) {
    if (this.#uuids !== null && this.#uuids.has(uuid)) return this.#emitter.listeners(name);
    return ((this.#byType ??= [])[number] ??= this.#emitter.listeners(name));
  }

  ofName(name) {
    this.#byName ??= new Map();
    let found = this.#byName.get(name);
    if (found === undefined) this.#byName.set(name, found = this.#emitter.listeners(name));
    return found;
  }

  /** Forgets the UUIDs that have no listeners any more. */
  #look() {
    this.#uuids.clear();
    for (const words of this.#emitter.eventNames(true)) {
      for (const word of words.filter(isUuid)) this.#uuids.add(word);
    }
    this.#limit = Math.max(MANY, this.#uuids.size * 2);
  }
}

function isUuid(word) {
  return typeof word === 'string' && UUID.test(word);
}

function routesOf(emitter) {
  if (emitter[ROUTES] === undefined) Object.defineProperty(emitter, ROUTES, { value: new Routes(emitter) });
  return emitter[ROUTES];
}

/** Whether `emit` is EventEmitter2's own, and nothing listens to any name. */
function isPlain(emitter) {
  return emitter.emit === EventEmitter2.prototype.emit && !routesOf(emitter).any();
}

/** As `emitter.emit(name, event, headers, body)`, for a name that is emitted often. */
function emitOften(emitter, name, event, headers, body) {
  if (isPlain(emitter)) call(emitter, routesOf(emitter).ofName(name), name, event, headers, body);
  else emitter.emit(name, event, headers, body);
}

/** Emits an event under the name of its type (by its number) and its id, a UUID. */
function emitEvent(emitter, number, uuid, event, headers, body) {
  const name = PREFIXES[number] + uuid;
  if (isPlain(emitter)) call(emitter, routesOf(emitter).ofEvent(number, uuid, name), name, event, headers, body);
  else emitter.emit(name, event, headers, body);
}

function call(emitter, listeners, name, event, headers, body) {
  for (let at = 0; at < listeners.length; at += 1) {
    emitter.event = name;
    listeners[at].call(emitter, event, headers, body);
  }
}

module.exports = { Emitter, emitEvent, emitOften };
