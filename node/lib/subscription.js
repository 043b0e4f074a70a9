'use strict';
// Which events and log lines a connection is to receive, as a value.

const { argument, checkOptions, checkText, invalid } = require('./checks');
const { EslError, guarded } = require('./errors');
const { inspectable } = require('./manners');
const native = require('./native');

const PARTS = ['format', 'filters', 'log'];
const OPTIONS = new Set(PARTS);
const CALL_OPTIONS = new Set(['timeout', 'signal', ...PARTS]);

/** Never changes; its names, filters and level were checked by the core when it was built. */
class Subscription {
  #native;
  #commands;

  constructor(...wanted) {
    const options = checkOptions('Subscription', takeOptions(wanted) ?? {}, OPTIONS);
    // Own properties, so that consoles, `assert.deepEqual` and copies see them.
    this.names = Object.freeze(eventNames(wanted));
    this.format = checkText('format', options.format ?? 'plain').toLowerCase();
    this.filters = filtersOf(options.filters ?? {});
    this.log = level(options.log ?? null);
    this.#native = {
      format: this.format,
      names: this.names,
      filters: Object.entries(this.filters).flatMap(([header, values]) => values.flatMap((value) => [header, value])),
      log: this.log === null ? undefined : String(this.log),
    };
    this.#commands = guarded(() => native.subscriptionCommands(this.#native));
    Object.freeze(this);
  }

  /** The commands to send, in their order. */
  static _commands(subscription) {
    return subscription.#commands;
  }

  /** As the native part takes it. */
  static _native(subscription) {
    return subscription.#native;
  }

  /** The command that takes its events back; null when it has none. */
  static _removal(subscription) {
    return native.removalCommand(subscription.names);
  }
}

inspectable(Subscription, ({ names, format, filters, log }) => ({
  names,
  ...(format !== 'plain' && { format }),
  ...(Object.keys(filters).length > 0 && { filters }),
  ...(log !== null && { log }),
}));

function filtersOf(filters) {
  if (typeof filters !== 'object' || Symbol.iterator in filters) throw invalid('filters', 'an object of headers and values', filters);
  const text = (header, value) => {
    if (['string', 'number', 'boolean', 'bigint'].includes(typeof value)) return String(value);
    throw invalid(`filters: ${header}`, 'a text or a list of texts', value);
  };
  const entries = Object.entries(filters).map(([header, values]) => [header, Object.freeze([values].flat().map((value) => text(header, value)))]);
  return Object.freeze(Object.fromEntries(entries));
}

function level(log) {
  if (log === null || typeof log === 'number' || typeof log === 'string') return log;
  throw invalid('log', 'a level, by name or number', log);
}

function eventNames(names) {
  return names.flat().map((name) => argument('an event name', name));
}

/** Removes the options from the end of a list of names. */
function takeOptions(names) {
  const last = names.at(-1);
  const options = last !== null && typeof last === 'object' && !Array.isArray(last) && !(last instanceof Subscription);
  return options ? names.pop() : undefined;
}

/** The one that a call was given in place of names. */
function givenAlone(wanted, parts = {}) {
  const list = wanted.flat();
  const given = list.find((one) => one instanceof Subscription);
  if (given === undefined || (list.length === 1 && PARTS.every((name) => parts[name] === undefined))) return given;
  throw new EslError('invalid-argument', 'a Subscription is given alone: names, format, filters and log are part of it');
}

/** What `subscribe` was given: the `Subscription`, or one of the names and options; and the call's own options. */
function requested(wanted) {
  const { format, filters, log, ...options } = checkOptions('subscribe', takeOptions(wanted) ?? {}, CALL_OPTIONS);
  const parts = { format, filters, log };
  return { subscription: givenAlone(wanted, parts) ?? new Subscription(...wanted, parts), options };
}

/** What `unsubscribe` was given; `subscription` is null without names. */
function removed(wanted) {
  const options = takeOptions(wanted);
  const given = givenAlone(wanted);
  if (given !== undefined) return { subscription: given, options };
  const names = eventNames(wanted);
  return { subscription: names.length === 0 ? null : new Subscription(names), options };
}

module.exports = { Subscription, removed, requested };
