'use strict';
// Dial strings and calls to be made, as values. The core prints, reads and refuses them (bindings/node/src/dial.rs).

const { checkOptions, invalid } = require('./checks');
const { guarded } = require('./errors');
const { inspectable } = require('./manners');
const native = require('./native');

const LEG = new Set([
  'endpoint', 'user', 'group', 'domain', 'gateway', 'number', 'profile', 'address', 'loopback', 'context', 'dialplan', 'pickup',
  'error', 'null', 'variables', 'timeoutSeconds', 'delaySeconds',
]);
const DIAL = new Set(['legs', 'variables', 'shared', 'callerId', 'uuid', 'timeoutSeconds', 'beside']);
const ORIGINATE = new Set([
  'dial', 'application', 'argument', 'bridge', 'extension', 'inline', 'dialplan', 'context', 'callerId', 'timeoutSeconds',
]);

class DialString {
  #native;

  /** Of a leg, of `{legs, variables, …}`, or of a text as the server takes it. */
  constructor(dial) {
    const given = built(dial, 'application');
    this.#native = guarded(() => native.dialWithOptions(given));
    guarded(() => native.dialText(this.#native, 'api'));
  }

  /** Reads a text as an application (`bridge`) takes it, or as an api command (`originate`) does: `'api'`. */
  static parse(text, carrier = 'application') {
    return new DialString(guarded(() => read(native.parseDial(String(text), carrier))));
  }

  /** The text for an application, or for an api command: `'api'`. */
  toText(carrier = 'application') {
    return guarded(() => native.dialText(this.#native, carrier));
  }

  toString() {
    return this.toText();
  }

  /** As options that give the same dial string. */
  toJSON() {
    return read(this.#native);
  }

  static _native(dial) {
    return dial.#native;
  }
}

class Originate {
  #native;

  constructor(options) {
    this.#native = wanted(options);
    guarded(() => native.originateText(this.#native));
  }

  /** Reads what comes after the word `originate`. */
  static parse(text) {
    const { dial, callerIdName, callerIdNumber, timeout, ...target } = guarded(() => native.parseOriginate(String(text)));
    const callerId = callerIdName === undefined && callerIdNumber === undefined ? undefined : { name: callerIdName, number: callerIdNumber };
    const inline = target.inline?.map(({ application, argument }) => [application, argument]);
    return new Originate({ ...target, inline, dial: read(dial), callerId, timeoutSeconds: timeout });
  }

  /** What comes after the word `originate`. */
  toString() {
    return guarded(() => native.originateText(this.#native));
  }

  static _native(originate) {
    return originate instanceof Originate ? originate.#native : wanted(originate);
  }
}

/** The native form of a dial string; a text is read as `carrier` takes it. */
function built(dial, carrier) {
  if (dial instanceof DialString) return DialString._native(dial);
  if (typeof dial === 'string') return guarded(() => native.parseDial(dial, carrier));
  if (dial === null || typeof dial !== 'object') throw invalid('the dial string', 'a text, a leg or {legs}', dial);
  if (!('legs' in dial)) return { shared: [], threads: [{ variables: [], groups: [[leg(dial)]] }] };
  const { legs, variables, shared, callerId, uuid, timeoutSeconds, beside = [] } = checkOptions('the dial string', dial, DIAL);
  if (!Array.isArray(legs)) throw invalid('legs', 'a list', legs);
  const groups = legs.map((group) => (Array.isArray(group) ? group : [group]).map(leg));
  const others = beside.flatMap((other) => built(other, carrier).threads);
  const own = guarded(() => native.dialWithOptions({
    shared: pairs(shared),
    threads: [{ variables: pairs(variables), groups }],
    callerIdName: callerId?.name, callerIdNumber: callerId?.number, uuid, timeout: timeoutSeconds,
  }));
  return { ...own, threads: [...own.threads, ...others] };
}

function leg(given) {
  if (typeof given === 'string') return { endpoint: given, variables: [] };
  if (given === null || typeof given !== 'object') throw invalid('a leg', 'an endpoint', given);
  const { variables, timeoutSeconds, delaySeconds, ...endpoint } = checkOptions('a leg', given, LEG);
  return { ...endpoint, variables: pairs(variables), timeout: timeoutSeconds, delay: delaySeconds };
}

function pairs(variables = {}) {
  const pair = ([name, value]) => (Array.isArray(value) ? { name, elements: value.map(String) } : { name, value: String(value) });
  return Object.entries(variables).map(pair);
}

/** Options that give that native form. */
function read({ shared, threads }) {
  const [first, ...others] = threads.map(({ variables, groups }) => ({
    legs: groups.map((group) => group.map((one) => ({ ...one, variables: object(one.variables) }))),
    variables: object(variables),
  }));
  return { ...first, shared: object(shared), ...(others.length > 0 && { beside: others }) };
}

function object(variables) {
  return Object.fromEntries(variables.map(({ name, value }) => [name, value]));
}

function wanted(options) {
  const { dial, callerId, timeoutSeconds, inline, bridge, ...target } = checkOptions('originate', options, ORIGINATE);
  const steps = inline?.map(([application, argument]) => ({ application, argument: argument ?? undefined }));
  return {
    ...target,
    dial: built(dial, 'api'),
    inline: steps,
    bridge: bridge === undefined ? undefined : built(bridge, 'application'),
    callerIdName: callerId?.name, callerIdNumber: callerId?.number, timeout: timeoutSeconds,
  };
}

inspectable(DialString, (dial) => dial.toText('api'));
inspectable(Originate, (originate) => originate.toString());

module.exports = { DialString, Originate, built };
