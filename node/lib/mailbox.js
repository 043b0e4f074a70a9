'use strict';
// This JavaScript thread's mailbox: requests and who waits for them, connections and servers by number.

const native = require('./native');
const { fromNative, timeout } = require('./errors');

// What a notice is; see hub.rs.
const READY = 0;
const DONE = 1;
const REPLY = 2;
const EXECUTED = 3;
const FAILED = 4;
const CLOSED = 5;
const CALL = 6;
const CALL_FAILED = 7;

/** Requests under way, by number. */
const requests = new Map();
/** What is open, by number: connections and servers. */
const open = new Map();
const hub = new native.Hub(wake);

let lastRequest = 0;
let held = 0;
let holder;

function wake() {
  const notices = hub.take();
  for (let at = 0; at < notices.length; at += 3) {
    try {
      handle(notices[at], notices[at + 1], notices[at + 2]);
    } catch (error) {
      // A listener's exception is the program's; the rest of the notices is handled all the same.
      process.nextTick(rethrow, error);
    }
  }
}

function handle(what, whose, value) {
  switch (what) {
    case READY:
      return open.get(whose)?._ready();
    case DONE:
    case REPLY:
    case EXECUTED:
      return settle(whose)?.resolve(value);
    case FAILED:
      return settle(whose)?.reject(fromNative(value));
    case CLOSED:
      return open.get(whose)?._closed(fromNative(value));
    case CALL:
      return open.get(whose)?._call(value) ?? (open.has(whose) || value.disconnect());
    case CALL_FAILED:
      return open.get(whose)?._callFailed(fromNative(value));
    default:
      throw new Error(`the native part told something unknown: ${what}`);
  }
}

/** A number for something that will be told later. */
function number() {
  lastRequest = (lastRequest % 0xffffffff) + 1;
  return lastRequest;
}

/**
 * Starts something that is answered later. `start` gets the request's number and may throw. `convert` makes the result
 * of what comes. With `ms` > 0 the promise is rejected after that time; what comes later is dropped (`late` gets it).
 */
function request(start, { convert, ms, phase = 'reply', what = 'the answer to a command', signal, late } = {}) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const id = number();
    try {
      start(id);
    } catch (error) {
      return reject(fromNative(error));
    }
    const entry = { resolve: convert ? (value) => resolve(convert(value)) : resolve, reject, timer: undefined, signal, onAbort: undefined };
    const giveUp = (error) => {
      settle(id);
      if (late) requests.set(id, { resolve: late, reject() {} });
      reject(error);
    };
    if (ms > 0 && ms !== Infinity) entry.timer = setTimeout(() => giveUp(timeout(phase, what, ms)), ms);
    if (signal) {
      entry.onAbort = () => giveUp(signal.reason);
      signal.addEventListener('abort', entry.onAbort, { once: true });
    }
    requests.set(id, entry);
  });
}

function settle(id) {
  const entry = requests.get(id);
  if (entry === undefined) return undefined;
  requests.delete(id);
  if (entry.timer !== undefined) clearTimeout(entry.timer);
  if (entry.onAbort !== undefined) entry.signal.removeEventListener('abort', entry.onAbort);
  return entry;
}

/** Waits for a promise that somebody else settles, for at most `ms`, or until `signal` says stop. */
function waitFor(promise, { ms, phase, what, signal }) {
  if (!(ms > 0 && ms !== Infinity) && !signal) return promise;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let timer;
    const onAbort = () => end(reject, signal.reason);
    const end = (how, value) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      how(value);
    };
    if (ms > 0 && ms !== Infinity) timer = setTimeout(() => end(reject, timeout(phase, what, ms)), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then((value) => end(resolve, value), (error) => end(reject, error));
  });
}

/** Reads a connection on this thread and handles what comes; says whether answers are still awaited. */
function look(native) {
  const found = native.look();
  if (found >= 2) wake();
  return (found & 1) === 1;
}

/** Keeps the process alive while something is open. */
function hold() {
  held += 1;
  if (held === 1) holder = setInterval(() => {}, 0x7fffffff);
}

function release() {
  held -= 1;
  if (held === 0) clearInterval(holder);
}

function rethrow(error) {
  throw error;
}

module.exports = { hold, hub, look, number, open, release, request, requests, rethrow, waitFor };
