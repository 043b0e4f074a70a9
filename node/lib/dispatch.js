'use strict';
// JavaScript's side of this thread's mailbox (hub.rs): each notice goes to the connection, server or request that it is about.

const native = require('./native');
const { fromNative } = require('./errors');
const { settle } = require('./requests');

const {
  INLINE_AWAITED, INLINE_NOTICES, NOTICE_CALL, NOTICE_CALL_FAILED, NOTICE_CLOSED, NOTICE_DONE, NOTICE_FAILED, NOTICE_READY,
  NOTICE_STATUS, NOTICE_TEXTS, NOTICE_WATCH_FAILED, NOTICE_WATCHED,
} = native;

/** Open connections, servers and fleets, by number. */
const open = new Map();
/** What takes digits, changes and the like, by number. */
const watches = new Map();
/** It keeps no process alive; jest's `--detectOpenHandles` looks at `hasRef`. */
const hub = new native.Hub(dispatch, { hasRef: () => false });

function dispatch() {
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
    case NOTICE_READY:
      return open.get(whose)?._ready();
    case NOTICE_DONE:
      return settle(whose)?.done(value);
    case NOTICE_TEXTS:
      return texts(whose, value);
    case NOTICE_FAILED:
      return settle(whose)?.reject(fromNative(value));
    case NOTICE_CLOSED:
      return open.get(whose)?._closed(fromNative(value));
    case NOTICE_CALL:
      return open.get(whose)?._call(value) ?? (open.has(whose) || value.disconnect());
    case NOTICE_CALL_FAILED:
      return open.get(whose)?._callFailed(fromNative(value));
    case NOTICE_WATCHED:
      return watches.get(whose)?.(value);
    case NOTICE_WATCH_FAILED:
      return watches.get(whose)?.(null, fromNative(value));
    case NOTICE_STATUS:
      return open.get(whose)?._status();
    default:
      throw new Error(`unknown notice from the native part: ${what}`);
  }
}

/** Settles requests with their parts of `text`; `spans` says which and how long (replies.rs). */
function texts(spans, text) {
  let start = 0;
  for (let at = 0; at < spans.length; at += 3) {
    const end = start + spans.charCodeAt(at + 2);
    settle(spans.charCodeAt(at) + spans.charCodeAt(at + 1) * 0x10000)?.done(text.slice(start, end));
    start = end;
  }
}

/** Sends and reads on this thread, and dispatches what came; whether replies are still pending. */
function readInline(connection) {
  const found = connection.beginInlineRead();
  if ((found & INLINE_NOTICES) !== 0) dispatch();
  return (found & INLINE_AWAITED) !== 0;
}

function rethrow(error) {
  throw error;
}

module.exports = { hub, open, readInline, watches };
