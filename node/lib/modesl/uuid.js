'use strict';

/** A new UUID. (`node:crypto` takes a while to load, and many programs need none.) */
function newUuid() {
  return require('node:crypto').randomUUID();
}

module.exports = { newUuid };
