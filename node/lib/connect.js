'use strict';
// Connecting to a server. The blocking part runs on threads of the native part (connect.rs).

const { checkNumber, checkPort, checkText, checkTime, invalid } = require('./checks');
const { Connection } = require('./connection');
const { hub } = require('./dispatch');
const { guarded } = require('./errors');
const keepalive = require('./keepalive');
const native = require('./native');
const { request } = require('./requests');

/** Default of `timeouts.command`, in milliseconds. */
const COMMAND_TIMEOUT = 60_000;

async function connect(options = {}) {
  const timeout = commandTimeout(options, COMMAND_TIMEOUT);
  const wanted = target(options);
  const common = nativeOptions(options);
  keepalive.hold();
  try {
    const start = (id) => native.connect(hub, id, wanted, common);
    const late = (connection) => connection.disconnect();
    // Made at once: the next notice may be about it already.
    const convert = (connection) => new Connection(connection, { timeout, fresh: true });
    return await request(start, { convert, signal: options.signal, late });
  } finally {
    keepalive.release();
  }
}

/** As `connect`, but BLOCKS the event loop until it is connected. */
function connectSync(options = {}) {
  const timeout = commandTimeout(options, COMMAND_TIMEOUT);
  const connection = guarded(() => native.connectSync(hub, target(options), nativeOptions(options)));
  return new Connection(connection, { timeout });
}

function target({ host = '127.0.0.1', port = 8021, user, password }) {
  return {
    host: checkText('host', host),
    port: checkPort(port),
    user: user === undefined ? undefined : checkText('user', user),
    password: password === undefined ? undefined : checkText('password', password),
  };
}

/** `timeout` is what connecting and the login may each take, unless `timeouts` says so. */
function nativeOptions({ timeout, timeouts = {}, keepalive, queue = {}, maxBody, maxHeaderBlock }) {
  if (timeouts === null || typeof timeouts !== 'object') throw invalid('timeouts', 'an object', timeouts);
  checkTime('timeout', timeout);
  return {
    connectTimeout: checkTime('timeouts.connect', timeouts.connect) ?? timeout,
    loginTimeout: checkTime('timeouts.login', timeouts.login) ?? timeout,
    keepalive: keepalive === false ? 0 : checkTime('keepalive', keepalive),
    queueEvents: checkNumber('queue.events', queue.events),
    queueBytes: checkNumber('queue.bytes', queue.bytes),
    overflow: queue.overflow === undefined ? undefined : checkText('queue.overflow', queue.overflow),
    maxBody: checkNumber('maxBody', maxBody),
    maxHeaderBlock: checkNumber('maxHeaderBlock', maxHeaderBlock),
  };
}

function commandTimeout({ timeouts }, otherwise) {
  return checkTime('timeouts.command', timeouts?.command) ?? otherwise;
}

module.exports = { COMMAND_TIMEOUT, commandTimeout, connect, connectSync, nativeOptions };
