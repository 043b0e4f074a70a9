'use strict';
// This JavaScript thread's mailbox: requests and who waits for them, connections and servers by number.

const native = require('./native');
const { Deadlines } = require('./deadlines');
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
const deadlines = new Deadlines(requests, expired);
/** What is open, by number: connections and servers. */
const open = new Map();
/** It keeps no process alive; jest and its like look at `hasRef` to know. */
const hub = new native.Hub(wake, { hasRef: () => false });

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
      return settle(whose)?.done(value);
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

/** How things are waited for that come as they are, some time. */
const UNTIMED = { convert: undefined, ms: 0, signal: undefined };

/** Who waits for an answer. */
class Request {
  constructor(resolve, reject, wait, deadline) {
    this.resolve = resolve;
    this.reject = reject;
    this.wait = wait;
    this.deadline = deadline;
    this.onAbort = undefined;
  }

  /** It was answered. */
  done(value) {
    const { convert } = this.wait;
    this.resolve(convert === undefined ? value : convert(value));
  }
}

/**
 * Starts something that is answered later. `start` gets the request's number and may throw. `wait` says how it is waited
 * for: `convert` makes the result of what comes; with `ms` > 0 the promise is rejected after that time; what comes later is
 * dropped (`late` gets it); `phase` and `what` say what was waited for.
 */
function request(start, wait) {
  if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
  const id = number();
  const promise = answer(id, wait);
  try {
    start(id);
  } catch (error) {
    failed(id, error);
  }
  return promise;
}

/** The promise of the answer to that request, which is about to be sent. */
function answer(id, wait) {
  return new Promise((resolve, reject) => {
    const entry = new Request(resolve, reject, wait, deadlines.add(wait.ms));
    requests.set(id, entry);
    if (wait.signal) abortable(id, entry);
  });
}

function abortable(id, entry) {
  const { signal } = entry.wait;
  entry.onAbort = () => giveUp(id, signal.reason);
  signal.addEventListener('abort', entry.onAbort, { once: true });
}

/** A request could not be sent. */
function failed(id, error) {
  settle(id).reject(fromNative(error));
}

/** The promise of what will come under that number, and is not timed. */
function expect(id) {
  return new Promise((resolve, reject) => requests.set(id, new Request(resolve, reject, UNTIMED, Infinity)));
}

/** Takes a request off the list. */
function settle(id) {
  const entry = requests.get(id);
  if (entry === undefined) return undefined;
  requests.delete(id);
  if (entry.deadline !== Infinity) deadlines.remove();
  if (entry.onAbort !== undefined) entry.wait.signal.removeEventListener('abort', entry.onAbort);
  return entry;
}

function giveUp(id, error) {
  const { reject, wait } = settle(id);
  if (wait.late) requests.set(id, new Request(wait.late, () => {}, UNTIMED, Infinity));
  reject(error);
}

function expired(id) {
  const { phase = 'reply', what = 'the answer to a command', ms } = requests.get(id).wait;
  giveUp(id, timeout(phase, what, ms));
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

module.exports = { answer, expect, failed, forget: settle, hold, hub, look, number, open, release, request, rethrow, waitFor };
