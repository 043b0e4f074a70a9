'use strict';
// The native part (bindings/node). The protocol is there; this folder is the API that programs see.

const { version } = require('../package.json');

try {
  module.exports = require('../native/index.js');
} catch (cause) {
  throw missing(cause);
}
if (module.exports.version() !== version) {
  throw failure(`switchwire ${version} found a native part of version ${module.exports.version()}: install it anew.`);
}

/** It is in a package per platform, an optional dependency that npm installs along with this one. */
function missing(cause) {
  const [packages, reasons] = [new Set(), []];
  for (const error of [cause, ...(Array.isArray(cause.cause) ? cause.cause : [])]) {
    const sought = /Cannot find module '(switchwire-[\w-]+)'/.exec(error.message)?.[1];
    if (sought && !sought.startsWith('switchwire-wasm')) packages.add(sought);
    else if (error.code === 'ERR_DLOPEN_FAILED') reasons.push(error.message);
  }
  const what = reasons.length > 0 ? `does not load: ${reasons.join('; ')}`
    : packages.size > 0 ? `is not installed: the package ${[...packages].join(' or ')}` : `is not there: ${cause.message}`;
  return failure(`switchwire's native part for ${process.platform}-${process.arch} ${what}. npm installs it as an `
    + 'optional dependency: install without --omit=optional, and on the platform that the program runs on.', cause);
}

function failure(message, cause) {
  const error = new Error(message, { cause });
  error.code = 'ERR_SWITCHWIRE_NATIVE';
  return error;
}
