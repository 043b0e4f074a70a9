'use strict';
// Keeps the process alive while a connection or a server is open.

let held = 0;
let timer;

function hold() {
  held += 1;
  if (held === 1) timer = setInterval(() => {}, 0x7fffffff);
}

function release() {
  held -= 1;
  if (held === 0) clearInterval(timer);
}

/** Keeps it alive until the promise is settled. */
async function during(promise) {
  hold();
  try {
    return await promise;
  } finally {
    release();
  }
}

module.exports = { during, hold, release };
