'use strict';
// From the streams of supervised connections and fleets to listeners and iterators: events, and what happens to the
// connections, in one order. The native half (bindings/node/src/stream.rs) gives parts: batches of events, and marks.

const { BATCH, Delivery } = require('./delivery');
const { fromNative } = require('./errors');
const { Event } = require('./event');
const { Batch } = require('./native');
const seen = require('./seen');

/** What a mark's value becomes. */
const VALUES = {
  connected: (server) => server,
  log: (line) => line,
  notice: (notice) => notice,
  other: (batch) => new Event(batch, undefined, 0),
  lost: ({ reason, when, address }) => ({ reason: fromNative(reason), when: new Date(when), address }),
  restored: (restored) => restored,
  'gave-up': (reason) => fromNative(reason),
  health: (health) => read(health),
  removed: () => undefined,
};

function read(health) {
  return { ...health, since: new Date(health.since) };
}

class StreamDelivery extends Delivery {
  #parts = [];
  #place = 0;
  #mark = null;
  #owner;
  #tagged;

  /** `owner` emits; with `tagged`, listeners get the server's name after the value, and items have it. */
  constructor(owner, native, tagged) {
    super(owner, native);
    this.#owner = owner;
    this.#tagged = tagged;
    /** The server that the current part is of. */
    this.server = null;
    // Base code emits by this.
    this.connection = {
      emit: (name, value) => {
        if (!tagged) return owner.emit(name, value);
        return value === undefined ? owner.emit(name, this.server) : owner.emit(name, value, this.server);
      },
      eventNames: () => owner.eventNames(),
      listenerCount: (name) => owner.listenerCount(name),
    };
  }

  more() {
    if (this.#hasLocal()) return true;
    if (this.#place === this.#parts.length) {
      this.#parts = this.native.take(BATCH);
      this.#place = 0;
    }
    if (this.#parts.length === 0) {
      [this.batch, this.source, this.emitted] = [null, null, undefined];
      return false;
    }
    this.server = this.#parts[this.#place];
    const part = this.#parts[this.#place + 1];
    this.#place += 2;
    if (!(part instanceof Batch)) {
      this.batch = null;
      this.#mark = part;
      return true;
    }
    this.batch = part;
    if (!this.#tagged && seen.dropped.hasSubscribers) this.lookForDrops(this.#owner);
    this.look();
    this.kinds = part.kinds(this.named);
    this.source = this.sourceOf(part);
    this.at = 0;
    return true;
  }

  deliverBatch() {
    if (this.#mark === null) return super.deliverBatch();
    this.deliver();
    return 1;
  }

  deliver() {
    if (this.#mark === null) {
      super.deliver();
      if (this.iterators > 0) this.emitted = this.#item('event', this.emitted);
      return;
    }
    const { kind, value: native } = this.#mark;
    this.#mark = null;
    const value = VALUES[kind](native);
    this.emitted = this.iterators > 0 ? this.#item(kind, value) : undefined;
    this.connection.emit(kind === 'other' ? 'message' : kind, value);
  }

  #hasLocal() {
    return this.#mark !== null || (this.batch !== null && this.at < this.kinds.length);
  }

  #item(kind, value) {
    const item = value === undefined ? { kind } : { kind, [kind === 'gave-up' ? 'reason' : kind]: value };
    if (this.#tagged) item.server = this.server;
    return item;
  }
}

module.exports = { StreamDelivery, readHealth: read };
