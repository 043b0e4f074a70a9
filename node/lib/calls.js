'use strict';
// The calls of a server. What is known of them, and how that stays right, is the core's (crates/switchwire/src/calls).

const { checkOptions, checkText, checkTime, invalid } = require('./checks');
const { fromNative } = require('./errors');
const { Feed } = require('./feed');
const { inspectable, notCloneable } = require('./manners');
const { Reporter, everything, watch } = require('./reporter');
const requests = require('./requests');
const seen = require('./seen');

const NOT_CLONEABLE = notCloneable('Calls');
const COMMON = new Set(['timeout', 'signal']);
const OPTIONS = new Set([...COMMON, 'keepEvents', 'format']);
const TIMES = ['created', 'answered', 'bridgedSince'];

class Calls extends Reporter {
  notCloneable = NOT_CLONEABLE;
  #connection;
  #native;
  #timeout;

  /** Made by `connection.calls`. */
  constructor(connection, native, timeout) {
    super([everything(() => this, (told) => this.#watch(told), ({ kind }) => kind, 'change')]);
    this.#connection = connection;
    this.#native = native;
    this.#timeout = timeout;
  }

  get connection() {
    return this.#connection;
  }

  /** How many legs there are. */
  get size() {
    return this.#native.count;
  }

  get coreUuid() {
    return this.#native.coreUuid;
  }

  /** Why nothing is heard any more; null while something is. */
  get ended() {
    const reason = this.#native.ended();
    return reason === null ? null : fromNative(reason);
  }

  /** The legs that are up, the oldest first. */
  legs() {
    return this.#native.legs().map(leg);
  }

  /** The leg with that uuid, or null. */
  leg(uuid) {
    const found = this.#native.leg(String(uuid));
    return found === null ? null : leg(found);
  }

  /** The legs that talk to each other, each pair once. */
  bridged() {
    const legs = this.#native.bridged().map(leg);
    return legs.filter((_, at) => at % 2 === 0).map((one, at) => [one, legs[at * 2 + 1]]);
  }

  /** Changes for `for await`, the legs that are up first; ends with the connection. */
  changes({ signal } = {}) {
    return new Feed((put, end) => this.#watch((change, error) => {
      if (error === undefined) put(change);
      else end();
    }), signal);
  }

  /** Takes a new snapshot: what was missed is reported as changes. */
  async resync(options = {}) {
    await this.#sync(this.#connection, 'resync', options);
  }

  /** Follows another connection to the server, after a reconnect; what has changed meanwhile is reported. */
  async moveTo(connection, options = {}) {
    const { Connection } = require('./connection');
    if (!(connection instanceof Connection)) throw invalid('connection', 'a Connection', connection);
    await this.#sync(connection, 'moveTo', options);
    this.#connection = connection;
  }

  async #sync(connection, how, options) {
    const { Connection } = require('./connection');
    const wait = waits(how, options, this.#timeout);
    if (seen.command.hasSubscribers) seen.sends(connection, 'api show');
    await requests.request((id) => this.#native[how](Connection._native(connection), id), wait);
  }

  #watch(told) {
    const watched = (change, error) => (error === undefined ? told(read(change)) : told(null, error));
    return watch((id) => this.#native.watch(id), watched);
  }
}

inspectable(Calls, ({ size, coreUuid, ended }) => ({ size, coreUuid, ended }));

async function track(connection, handle, options, timeout) {
  if (seen.command.hasSubscribers) seen.sends(connection, 'api show');
  const { keepEvents = false, format = 'plain', ...rest } = checkOptions('calls', options, OPTIONS);
  let native;
  const start = (id) => (native = handle.calls(id, Boolean(keepEvents), checkText('format', format).toLowerCase()));
  const known = requests.request(start, waits('calls', rest, timeout));
  connection._sent();
  await known;
  return new Calls(connection, native, timeout);
}

function waits(call, options, otherwise) {
  const { timeout, signal } = checkOptions(call, options, COMMON);
  return { ms: checkTime('timeout', timeout) ?? otherwise, signal };
}

function leg(native) {
  for (const name of TIMES) native[name] = date(native[name]);
  for (const bridge of native.bridges) bridge.since = date(bridge.since);
  return native;
}

function read(change) {
  if (change.leg !== null) change.leg = leg(change.leg);
  return change;
}

function date(ms) {
  return ms === null ? null : new Date(ms);
}

module.exports = { Calls, track };
