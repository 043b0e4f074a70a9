'use strict';
// A call that is being made: its uuids are known at once, its end is a promise, and it can be cancelled.

const { checkOptions, checkTime } = require('./checks');
const { Originate } = require('./dial');
const { guarded } = require('./errors');
const requests = require('./requests');
const seen = require('./seen');

const OPTIONS = new Set(['timeout', 'signal', 'jobUuid']);

class Originating {
  #native;
  #answered;

  /** Made by `connection.originate`. */
  constructor(connection, native, wanted, options) {
    const { timeout, signal, jobUuid } = checkOptions('originate', options, OPTIONS);
    const ms = checkTime('timeout', timeout) ?? 0;
    signal?.throwIfAborted();
    if (seen.command.hasSubscribers) seen.sends(connection, 'bgapi originate');
    const id = requests.number();
    const ended = requests.expect(id);
    try {
      this.#native = guarded(() => native.originate(id, Originate._native(wanted), jobUuid ?? null));
    } catch (error) {
      requests.settle(id);
      throw error;
    }
    connection._sent();
    ended.catch(() => {});
    this.#answered = this.#wait(connection, ended, { ms, signal, phase: 'job' });
    this.#answered.catch(() => {});
  }

  /** The uuid of the (first) leg, before anything rings. */
  get uuid() {
    return this.uuids[0];
  }

  get uuids() {
    return this.#native.uuids;
  }

  get jobUuid() {
    return this.#native.jobUuid;
  }

  /** Resolves to the `Call` of the leg that was answered. */
  get answered() {
    return this.#answered;
  }

  /** Hangs up whatever there is of it; false when it has ended already. `answered` rejects when nothing is left. */
  cancel() {
    return this.#native.cancel();
  }

  then(...handlers) {
    return this.#answered.then(...handlers);
  }

  catch(handler) {
    return this.#answered.catch(handler);
  }

  finally(handler) {
    return this.#answered.finally(handler);
  }

  async #wait(connection, ended, wait) {
    let uuid;
    try {
      uuid = await requests.waitFor(ended, wait);
    } catch (error) {
      // Not by itself: no leg is left ringing.
      this.#native.cancel();
      throw error;
    }
    return connection.call(uuid);
  }
}

module.exports = { Originating };
