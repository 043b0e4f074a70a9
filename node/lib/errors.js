'use strict';
// One error class with a stable `code`, made from the core's kinds of errors.

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

/** What makes an event of a native one: set by the event's module, which needs this one. */
let makeEvent;
function eventsAreMadeBy(make) {
  makeEvent = make;
}

/** Makes our error of what native code throws or tells: its code is `kind` or `kind/phase`. */
function fromNative(error) {
  const [kind, phase] = String(error?.code).split('/');
  if (!(kind in ERROR_CODES)) return error;
  const { notice, hangupCause } = error;
  return new EslError(kind, error.message, { phase, notice, hangupCause, event: error.event && makeEvent(error.event) });
}

function timeout(phase, what, ms) {
  return new EslError('timeout', `time passed waiting for ${what} (${ms} ms)`, { phase });
}

/** Calls native code and throws our errors. */
function guarded(call) {
  try {
    return call();
  } catch (error) {
    throw fromNative(error);
  }
}

module.exports = { ERROR_CODES, EslError, eventsAreMadeBy, fromNative, guarded, timeout };
