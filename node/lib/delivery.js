'use strict';
// From the native queue to listeners and iterators. Events stay in the core's bounded queue until a listener or an iterator
// takes them: where a program does not keep up, `stats().droppedEvents` grows and memory does not.

const { EVENT_TYPES, Event } = require('./event');
const { EventIterator } = require('./iterator');
const { KIND_LOG, KIND_NOTICE, KIND_OTHER, KIND_UNNAMED } = require('./native');
const { HeaderPrefetcher } = require('./prefetch');
const seen = require('./seen');

/** Messages taken at once: an event that is kept holds its batch's memory. */
const BATCH = 256;
/** Messages per turn of the event loop. */
const TURN = 2048;
/** Listeners that take no messages. */
const QUIET = new Set(['close', 'disconnect', 'error', 'newListener', 'removeListener']);
/** Names of listeners that are ours, even if an event has that name. */
const OWN = new Set([...QUIET, 'event', 'log', 'notice', 'message']);

class Delivery {
  constructor(connection, native) {
    this.connection = connection;
    this.native = native;
    this.batch = null;
    /** Made with the first batch. */
    this.prefetcher = null;
    this.source = null;
    this.kinds = '';
    this.at = 0;
    this.named = false;
    this.iterators = 0;
    this.waiting = [];
    this.scheduled = false;
    this.ended = false;
    this.onEnd = null;
    this.dropped = 0;
    /** The event that was emitted last. */
    this.emitted = undefined;
  }

  /** Messages have come, or a listener has. */
  ready() {
    if (this.iterators > 0) {
      while (this.waiting.length > 0 && this.wakeOne());
      return;
    }
    if (!this.scheduled) this.drain();
  }

  /** Nothing more will come; `onEnd` is called when listeners have had what was queued. */
  end(onEnd) {
    this.ended = true;
    this.onEnd = onEnd;
    this.ready();
    if (this.iterators > 0 || !this.hasTakers()) this.finish();
  }

  finish() {
    for (const wake of this.waiting.splice(0)) wake({ value: undefined, done: true });
    const onEnd = this.onEnd;
    this.onEnd = null;
    onEnd?.();
  }

  hasTakers() {
    return this.connection.eventNames().some(takes);
  }

  /** Notes what the listeners want; whether there are any. */
  look() {
    let named = false;
    let any = false;
    for (const name of this.connection.eventNames()) {
      if (!takes(name)) continue;
      any = true;
      if (name !== 'event' && name !== 'log' && name !== 'notice' && name !== 'message') named = true;
    }
    this.named = named;
    return any;
  }

  drain() {
    this.scheduled = false;
    if (this.iterators > 0 || !this.look()) return;
    try {
      if (this.deliverTurn()) return this.schedule();
    } catch (error) {
      this.schedule();
      throw error;
    }
    if (this.ended) this.finish();
  }

  /** Delivers the messages of one turn; whether there may be more. */
  deliverTurn() {
    for (let delivered = 0; delivered < TURN;) {
      if (!this.more()) return false;
      delivered += this.deliverBatch();
    }
    return true;
  }

  /** Delivers the rest of a batch; returns how many. The hot loop, in a function of its own so that V8 inlines what it calls. */
  deliverBatch() {
    const { batch } = this;
    let delivered = 0;
    // A listener may have made an iterator take what is next.
    for (; this.batch === batch && this.at < this.kinds.length; delivered += 1) this.deliver();
    return delivered;
  }

  schedule() {
    this.scheduled = true;
    setImmediate(() => this.drain());
  }

  /** Whether there is a message at `at`; takes the next batch if need be. */
  more() {
    if (this.batch !== null && this.at < this.kinds.length) return true;
    this.batch = this.native.take(BATCH);
    if (this.batch === null) {
      // Both keep the last batch's memory.
      this.source = null;
      this.emitted = undefined;
      return false;
    }
    if (seen.dropped.hasSubscribers) this.lookForDrops(this.connection);
    this.look();
    this.kinds = this.batch.kinds(this.named);
    this.source = this.sourceOf(this.batch);
    this.at = 0;
    return true;
  }

  sourceOf(batch) {
    this.prefetcher ??= new HeaderPrefetcher();
    return this.prefetcher.source(batch, this.kinds.length);
  }

  /** Emits one message; returns the event if it is one. */
  deliver() {
    const { connection, batch } = this;
    const at = this.at++;
    const kind = this.kinds.charCodeAt(at);
    this.emitted = undefined;
    if (kind === KIND_LOG) {
      if (connection.listenerCount('log') > 0) connection.emit('log', batch.log(at));
      return undefined;
    }
    if (kind === KIND_NOTICE) {
      if (connection.listenerCount('notice') > 0) connection.emit('notice', batch.notice(at));
      return undefined;
    }
    const event = new Event(batch, undefined, at, this.source);
    if (kind === KIND_OTHER) {
      connection.emit('message', event);
      return undefined;
    }
    this.emitted = event;
    if (this.named) this.emitNamed(kind, event);
    connection.emit('event', event);
    return event;
  }

  /** Tells tools how many events were dropped since the last look. */
  lookForDrops(connection) {
    const { droppedEvents } = this.native.stats();
    if (droppedEvents > this.dropped) seen.drops(connection, droppedEvents - this.dropped, droppedEvents);
    this.dropped = droppedEvents;
  }

  emitNamed(kind, event) {
    const known = kind === KIND_UNNAMED ? undefined : EVENT_TYPES[kind];
    const name = known === undefined || known === 'CUSTOM' ? event.type : known;
    if (name === known || !OWN.has(name)) this.connection.emit(name, event);
    if (name === 'CUSTOM') {
      const subclass = event.subclass;
      if (subclass !== null) this.connection.emit(`CUSTOM ${subclass}`, event);
    }
  }

  /** For an iterator: the next event that is here, or undefined. */
  pull() {
    while (this.more()) {
      try {
        this.deliver();
      } catch (error) {
        // A listener's exception is the program's, and not the iterator's.
        process.nextTick(rethrow, error);
      }
      if (this.emitted !== undefined) return this.emitted;
    }
    return undefined;
  }

  wakeOne() {
    const event = this.pull();
    if (event === undefined) return false;
    this.waiting.shift()({ value: event, done: false });
    return true;
  }

  iterate(signal) {
    return new EventIterator(this, signal);
  }
}

function rethrow(error) {
  throw error;
}

/** Whether listeners of that name take messages. */
function takes(name) {
  return typeof name === 'string' && !QUIET.has(name);
}

module.exports = { BATCH, Delivery, takes };
