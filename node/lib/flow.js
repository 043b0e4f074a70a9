'use strict';
// From the native queue to listeners and iterators. Events stay in the core's bounded queue until somebody takes them:
// a program that does not keep up is told so by `stats().droppedEvents`, not by memory that grows.

const { EVENT_TYPES, Event } = require('./event');
const { Usual } = require('./usual');

// What a message is; see Batch::kinds.
const LOG = 250;
const NOTICE = 251;
const OTHER = 252;
const UNNAMED = 255;
/** Messages taken at once: an event that is kept holds its batch's memory. */
const BATCH = 256;
/** Messages for one turn of the event loop. */
const TURN = 2048;
/** Listeners that take no messages. */
const QUIET = new Set(['disconnect', 'error', 'newListener', 'removeListener']);
/** What listeners' names mean, whatever an event may be called. */
const OWN = new Set([...QUIET, 'event', 'log', 'notice', 'message']);

class Flow {
  constructor(connection, native) {
    this.connection = connection;
    this.native = native;
    this.batch = null;
    this.usual = new Usual();
    this.source = null;
    this.kinds = '';
    this.at = 0;
    this.named = false;
    this.iterators = 0;
    this.waiting = [];
    this.scheduled = false;
    this.ended = false;
    this.onEnd = null;
    /** The event that listeners are being told of. */
    this.told = undefined;
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
      if (this.tellTurn()) return this.schedule();
    } catch (error) {
      this.schedule();
      throw error;
    }
    if (this.ended) this.finish();
  }

  /** Tells of the messages of one turn; whether there may be more. */
  tellTurn() {
    for (let told = 0; told < TURN;) {
      if (!this.more()) return false;
      told += this.tellBatch();
    }
    return true;
  }

  /** Tells of the rest of a batch; gives how many that were. The hot loop, alone: what it calls is compiled into it. */
  tellBatch() {
    const { batch } = this;
    let told = 0;
    // A listener may have made an iterator take what is next.
    for (; this.batch === batch && this.at < this.kinds.length; told += 1) this.deliver();
    return told;
  }

  schedule() {
    this.scheduled = true;
    setImmediate(() => this.drain());
  }

  /** Whether there is a message at the present place; takes the next batch if need be. */
  more() {
    if (this.batch !== null && this.at < this.kinds.length) return true;
    this.batch = this.native.take(BATCH);
    if (this.batch === null) {
      // They would keep the last batch's memory as long as nothing comes.
      this.source = null;
      this.told = undefined;
      return false;
    }
    this.look();
    this.kinds = this.batch.kinds(this.named);
    this.source = this.usual.source(this.batch, this.kinds.length);
    this.at = 0;
    return true;
  }

  /** Tells listeners of one message; gives the event if it is one. */
  deliver() {
    const { connection, batch } = this;
    const at = this.at++;
    const kind = this.kinds.charCodeAt(at);
    this.told = undefined;
    if (kind === LOG) {
      if (connection.listenerCount('log') > 0) connection.emit('log', batch.log(at));
      return undefined;
    }
    if (kind === NOTICE) {
      if (connection.listenerCount('notice') > 0) connection.emit('notice', batch.notice(at));
      return undefined;
    }
    const event = new Event(batch, undefined, at, this.source);
    if (kind === OTHER) {
      connection.emit('message', event);
      return undefined;
    }
    this.told = event;
    if (this.named) this.emitNamed(kind, event);
    connection.emit('event', event);
    return event;
  }

  emitNamed(kind, event) {
    const known = kind === UNNAMED ? undefined : EVENT_TYPES[kind];
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
      if (this.told !== undefined) return this.told;
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
    const flow = this;
    let open = true;
    flow.iterators += 1;
    const close = () => {
      if (!open) return;
      open = false;
      flow.iterators -= 1;
      signal?.removeEventListener('abort', onAbort);
      if (flow.iterators === 0) queueMicrotask(() => flow.ready());
    };
    const pending = new Set();
    const onAbort = () => {
      close();
      for (const { wake, reject } of pending) {
        const place = flow.waiting.indexOf(wake);
        if (place >= 0) flow.waiting.splice(place, 1);
        reject(signal.reason);
      }
      pending.clear();
    };
    if (signal?.aborted) close();
    signal?.addEventListener('abort', onAbort, { once: true });
    return {
      next() {
        if (signal?.aborted) return Promise.reject(signal.reason);
        if (!open) return Promise.resolve({ value: undefined, done: true });
        if (flow.waiting.length === 0) {
          const event = flow.pull();
          if (event !== undefined) return Promise.resolve({ value: event, done: false });
          if (flow.ended) {
            close();
            return Promise.resolve({ value: undefined, done: true });
          }
        }
        return new Promise((resolve, reject) => {
          const waiter = { reject };
          waiter.wake = (result) => {
            pending.delete(waiter);
            resolve(result);
          };
          pending.add(waiter);
          flow.waiting.push(waiter.wake);
        });
      },
      return(value) {
        close();
        return Promise.resolve({ value, done: true });
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
}

function rethrow(error) {
  throw error;
}

function takes(name) {
  return typeof name === 'string' && !QUIET.has(name);
}

module.exports = { Flow, takes };
