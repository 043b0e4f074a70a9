'use strict';
// A leg as an object. What its verbs send, how they end and what they mean is the core's (crates/switchwire/src/call).

const { checkOptions, checkTime, invalid } = require('./checks');
const { guarded } = require('./errors');
const { Event } = require('./event');
const { inspectable, notCloneable } = require('./manners');
const { Reporter, watch } = require('./reporter');
const requests = require('./requests');
const seen = require('./seen');
const { ACTIONS, APPLICATIONS } = require('./verbs');

const NOT_CLONEABLE = notCloneable('a Call');
const COMMON = ['timeout', 'signal'];

class Call extends Reporter {
  notCloneable = NOT_CLONEABLE;
  #native;
  #connection;
  /** Of actions, whose replies come soon. */
  #timeout;

  /** Made by `connection.call`. */
  constructor(connection, native, timeout) {
    super([
      { hears: (name) => name === 'dtmf', start: () => this.#watchDtmf((digit) => this.emit('dtmf', digit)) },
      { hears: (name) => name === 'answered', start: () => this.#report('answered', () => undefined) },
      { hears: (name) => name === 'hangup', start: () => this.#report('hangup', () => this.hangupCause) },
    ]);
    this.#connection = connection;
    this.#native = native;
    this.#timeout = timeout;
  }

  get uuid() {
    return this.#native.uuid;
  }

  get connection() {
    return this.#connection;
  }

  get state() {
    return this.#native.status().call ?? null;
  }

  get channelState() {
    return this.#native.status().channel ?? null;
  }

  get answerState() {
    return this.#native.status().answer ?? null;
  }

  get answered() {
    return this.answerState === 'answered';
  }

  get hungUp() {
    return this.#native.status().hungUp;
  }

  get hangupCause() {
    return this.#native.status().hangupCause ?? null;
  }

  /** Any application, by name; resolves when it has ended. */
  execute(application, argument = '', options = {}) {
    return this.#run({ verb: 'execute', application: String(application), argument: String(argument) }, waits('execute', options));
  }

  /** Sets several variables; values may be lists. Nothing is sent when one of them cannot be. */
  async setAll(variables, options = {}) {
    const sets = Object.entries(variables).map(([name, value]) => APPLICATIONS.set.arguments(name, value));
    const { verbApplication } = require('./native');
    for (const set of sets) guarded(() => verbApplication({ verb: 'set', ...set }));
    const wait = waits('setAll', options);
    await Promise.all(sets.map((set) => this.#run({ verb: 'set', ...set }, wait)));
  }

  /** Runs that application when the call is answered. */
  async executeOnAnswer(application, argument = '', options = {}) {
    await this.set('execute_on_answer', argument === '' ? String(application) : `${application} ${argument}`, options);
  }

  /** The value of a channel variable; null when it is not set. */
  variable(name, options = {}) {
    const addressed = this.#connection.uuid === this.uuid ? {} : { uuid: this.uuid };
    return this.#connection.variable(name, { ...options, ...addressed });
  }

  /** Asks the server for the channel's state and variables: the event of `uuid_dump`. */
  async refresh(options = {}) {
    const { ms = this.#timeout, signal } = waits('refresh', options);
    const convert = (batch) => new Event(batch, undefined, 0);
    return this.#request((id) => this.#native.refresh(id), { convert, ms, signal });
  }

  /** Resolves when the call is in that state; rejects with ESL_HANGUP when it ends first. */
  async waitFor(state, options = {}) {
    await this.#expiring((id) => this.#native.waitFor(id, String(state)), waits('waitFor', options));
  }

  /** Digits that come from now on, until there are `count`, a terminator is pressed, or `timeout` ms have passed. */
  async waitForDtmf(count, options = {}) {
    const { terminators = '', ...rest } = checkOptions('waitForDtmf', options, new Set([...COMMON, 'terminators']));
    if (!Number.isInteger(count) || count < 1) throw invalid('count', 'a number of digits', count);
    return this.#expiring((id) => this.#native.digits(id, count, String(terminators)), waits('waitForDtmf', rest));
  }

  /** The digits as they come, for `for await`; ends with the call. */
  dtmf({ signal } = {}) {
    signal?.throwIfAborted();
    const queue = [];
    let wake = () => {};
    let over = false;
    const end = () => {
      over = true;
      wake();
    };
    const stop = this.#watchDtmf((digit) => {
      queue.push(digit);
      wake();
    });
    const done = new AbortController();
    this.waitFor('hangup', { signal: done.signal }).then(end, (error) => {
      if (error.code !== 'ESL_NOT_SUBSCRIBED') end();
    });
    this.#connection.closed.then(end);
    signal?.addEventListener('abort', end, { once: true });
    return (async function* digits() {
      try {
        for (;;) {
          while (queue.length > 0) yield queue.shift();
          signal?.throwIfAborted();
          if (over) return;
          await new Promise((resolve) => (wake = resolve));
        }
      } finally {
        stop();
        done.abort();
        signal?.removeEventListener('abort', end);
      }
    })();
  }

  async #run(verb, { ms = 0, signal }) {
    if (seen.command.hasSubscribers) this.#sends({ application: verb.verb === 'execute' ? verb.application : verb.verb });
    let waited;
    const start = (id) => (waited = this.#native.run(id, verb));
    try {
      return await this.#request(start, { ms, signal, phase: 'execute' });
    } catch (error) {
      waited?.abandon();
      throw error;
    }
  }

  async #act(verb, { ms = this.#timeout, signal }) {
    if (seen.command.hasSubscribers) this.#sends({ action: verb.verb });
    await this.#request((id) => this.#native.act(id, verb), { ms, signal });
  }

  /** A wait whose timeout the core turns into its end. */
  async #expiring(start, { ms = 0, signal }) {
    let waited;
    let timer;
    try {
      const ended = this.#request((id) => (waited = start(id)), { signal });
      if (ms > 0 && ms !== Infinity) timer = setTimeout(() => waited?.expire(), ms);
      return await ended;
    } catch (error) {
      waited?.abandon();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  #sends(what) {
    seen.sends(this.#connection, 'call', { ...what, uuid: this.uuid });
  }

  #request(start, wait) {
    const ended = requests.request(start, wait);
    this.#connection._sent();
    return ended;
  }

  #watchDtmf(take) {
    return watch((id) => this.#native.onDtmf(id), take);
  }

  /** Emits that the call is in that state, once it is. */
  #report(state, value) {
    const stop = new AbortController();
    const failed = (error) => {
      // The call ended unanswered, or the connection ended: both have reports of their own.
      if (!stop.signal.aborted && !['ESL_HANGUP', 'ESL_DISCONNECTED'].includes(error.code)) this.emit('error', error);
    };
    this.waitFor(state, { signal: stop.signal }).then(() => this.emit(state, value()), failed)
      .catch((error) => process.nextTick(rethrow, error));
    return () => stop.abort();
  }

  static _run(call, verb, wait) {
    return call.#run(verb, wait);
  }

  static _act(call, verb, wait) {
    return call.#act(verb, wait);
  }
}

/** How to wait, from a verb's options. */
function waits(verb, options) {
  const { timeout, signal } = checkOptions(verb, options, new Set(COMMON));
  return { ms: checkTime('timeout', timeout), signal };
}

function rethrow(error) {
  throw error;
}

/** A method per verb: its arguments, then its options and those of waiting in one object. */
function define(verb, { arguments: given, options = [], positional }, run) {
  const names = new Set([...COMMON, ...options]);
  Object.defineProperty(Call.prototype, verb, {
    configurable: true,
    writable: true,
    async value(...values) {
      const { timeout, signal, ...own } = checkOptions(verb, values[positional] ?? {}, names);
      const before = Array.from({ length: positional }, (_, at) => values[at]);
      return run(this, { verb, ...given(...before, own) }, { ms: checkTime('timeout', timeout), signal });
    },
  });
}

for (const [verb, shape] of Object.entries(APPLICATIONS)) define(verb, shape, Call._run);
for (const [verb, shape] of Object.entries(ACTIONS)) define(verb, shape, Call._act);

inspectable(Call, ({ uuid, state, answered, hungUp, hangupCause }) => ({ uuid, state, answered, hungUp, hangupCause }));

module.exports = { Call };
