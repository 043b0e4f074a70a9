'use strict';
// What a flood of events has left is freed once it is over, as the I/O thread does for the other connections (poller.rs,
// housekeeping.rs): neither the garbage collector nor the allocator looks for it in a process that is quiet.

const { freeAfterFlood } = require('../native');

/** More bytes than this within so many milliseconds are a flood. */
const FLOOD = 256 * 1024;
const WINDOW = 100;
/** Milliseconds after a flood until memory is freed, and until it is again: the collector frees its part a little later. */
const PAUSES = [1000, 3000];

/** Decoders that may have a buffer worth freeing. */
const fed = new Set();
let since = 0;
let bytes = 0;
let timer = null;
let step = 0;

/** A decoder was given that many bytes. */
function received(decoder, count) {
  const now = performance.now();
  if (now - since > WINDOW) {
    since = now;
    bytes = 0;
    if (timer === null) fed.clear();
  }
  bytes += count;
  fed.add(decoder);
  if (bytes <= FLOOD) return;
  bytes = 0;
  // It goes on: the time begins anew.
  if (timer !== null && step === 0) timer.refresh();
  else wait(0);
}

function wait(at) {
  clearTimeout(timer);
  step = at;
  timer = setTimeout(free, PAUSES[at]);
  timer.unref();
}

function free() {
  timer = null;
  for (const decoder of fed) decoder.release();
  fed.clear();
  freeAfterFlood();
  if (step + 1 < PAUSES.length) wait(step + 1);
}

module.exports = { received };
