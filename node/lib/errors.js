'use strict';
// One error class with a stable `code`, made from the core's kinds of errors.

const native = require('./native');

/** Every code, by the core's name of the kind. A test compares this list with the native part's. */
const ERROR_CODES = Object.freeze({
  resolve: 'ESL_RESOLVE',
  connect: 'ESL_CONNECT',
  'rejected-by-acl': 'ESL_REJECTED_BY_ACL',
  authentication: 'ESL_AUTHENTICATION',
  'not-freeswitch': 'ESL_NOT_FREESWITCH',
  timeout: 'ESL_TIMEOUT',
  disconnected: 'ESL_DISCONNECTED',
  protocol: 'ESL_PROTOCOL',
  'invalid-argument': 'ESL_INVALID_ARGUMENT',
  'limit-exceeded': 'ESL_LIMIT_EXCEEDED',
  refused: 'ESL_REFUSED',
  hangup: 'ESL_HANGUP',
  'not-subscribed': 'ESL_NOT_SUBSCRIBED',
  forked: 'ESL_FORKED',
  'outcome-unknown': 'ESL_OUTCOME_UNKNOWN',
  io: 'ESL_IO',
});

class EslError extends Error {
  constructor(kind, message, { phase, notice, hangupCause, event, cause } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'EslError';
    this.code = ERROR_CODES[kind];
    if (phase !== undefined) this.phase = phase;
    if (notice !== undefined) this.notice = notice;
    if (kind === 'hangup') {
      this.hangupCause = hangupCause ?? null;
      this.event = event ?? null;
    }
  }
}

/** Wraps a native event; set by event.js, which needs this module. */
let makeEvent;
function eventsAreMadeBy(make) {
  makeEvent = make;
}

/** Errors of commands that have not been sent, since there was no connection. */
const unsent = new WeakSet();

/** Converts an error from native code, whose code is `kind`, `kind/phase` or `kind//unsent`. */
function fromNative(error) {
  const [kind, phase, word] = String(error?.code).split('/');
  if (!(kind in ERROR_CODES)) return error;
  const { notice, hangupCause } = error;
  const made = new EslError(kind, error.message, { phase: phase || undefined, notice, hangupCause, event: error.event && makeEvent(error.event) });
  if (word === 'unsent') unsent.add(made);
  return made;
}

/** The core's words for the timeout of that phase. */
function timeout(phase, ms) {
  return new EslError('timeout', `${native.timeoutMessage(phase)} (${ms} ms)`, { phase });
}

/** Calls native code and converts what it throws. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

module.exports = { ERROR_CODES, EslError, eventsAreMadeBy, fromNative, guarded, isUnsent: (error) => unsent.has(error), timeout };
