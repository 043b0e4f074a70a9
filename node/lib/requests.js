'use strict';
// Requests in flight: the promise of each, by the number that its reply comes under.

const { Deadlines } = require('./deadlines');
const { fromNative, timeout } = require('./errors');

/** In flight, by number. */
const requests = new Map();
const deadlines = new Deadlines(requests, expired);

let last = 0;

/** How to wait for what has no timeout and needs no conversion. */
const UNTIMED = { convert: undefined, ms: 0, signal: undefined };

class Request {
  constructor(resolve, reject, wait, deadline) {
    this.resolve = resolve;
    this.reject = reject;
    this.wait = wait;
    this.deadline = deadline;
    this.onAbort = undefined;
  }

  /** It has succeeded. */
  done(value) {
    const { convert } = this.wait;
    this.resolve(convert === undefined ? value : convert(value));
  }
}

/** A number for a request. */
function number() {
  last = (last % 0xffffffff) + 1;
  return last;
}

/**
 * Starts a request: `start` gets its number and may throw. `wait` says how to wait: `convert` makes the result of what comes;
 * with `ms` > 0 the promise rejects after that time, with the timeout of `phase` (default 'reply'); what comes later is
 * dropped (`late` gets it).
 */
function request(start, wait) {
  if (wait.signal?.aborted) return Promise.reject(wait.signal.reason);
  const id = number();
  const promise = register(id, wait);
  try {
    start(id);
  } catch (error) {
    failed(id, error);
  }
  return promise;
}

/** The promise of a request that is about to be sent. */
function register(id, wait) {
  return new Promise((resolve, reject) => {
    const entry = new Request(resolve, reject, wait, deadlines.add(wait.ms));
    requests.set(id, entry);
    if (wait.signal) abortable(id, entry);
  });
}

/** As `register`, for what has no timeout. */
function expect(id) {
  return new Promise((resolve, reject) => requests.set(id, new Request(resolve, reject, UNTIMED, Infinity)));
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

/** Removes a request and returns it; undefined if it has been settled or given up. */
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
  const { phase = 'reply', ms } = requests.get(id).wait;
  giveUp(id, timeout(phase, ms));
}

/** Waits for a promise that is settled elsewhere, for at most `ms`, or until `signal` is aborted. */
function waitFor(promise, { ms, phase, signal }) {
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
    if (ms > 0 && ms !== Infinity) timer = setTimeout(() => end(reject, timeout(phase, ms)), ms);
    signal?.addEventListener('abort', onAbort, { once: true });
    promise.then((value) => end(resolve, value), (error) => end(reject, error));
  });
}

module.exports = { expect, failed, number, register, request, settle, waitFor };
