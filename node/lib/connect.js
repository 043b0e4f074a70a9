'use strict';
// Connecting to a server. The blocking parts are done by threads of the native part's own.

const { checkNumber, checkPort, checkText, checkTime, invalid } = require('./checks');
const { Connection } = require('./connection');
const { guarded } = require('./errors');
const mailbox = require('./mailbox');
const native = require('./native');

/** Milliseconds for each answer to a command, unless told otherwise. */
const COMMAND_TIMEOUT = 60_000;

async function connect(options = {}) {
  const timeout = commandTimeout(options, COMMAND_TIMEOUT);
  const wanted = target(options);
  const common = nativeOptions(options);
  mailbox.hold();
  try {
    const start = (id) => native.connect(mailbox.hub, id, wanted, common);
    const late = (connection) => connection.disconnect();
    // Made at once: the next notice may be about it already.
    const convert = (connection) => new Connection(connection, { timeout, fresh: true });
    return await mailbox.request(start, { convert, signal: options.signal, late });
  } finally {
    mailbox.release();
  }
}

/** As `connect`, but BLOCKS the event loop until it is connected. */
function connectSync(options = {}) {
  const timeout = commandTimeout(options, COMMAND_TIMEOUT);
  const connection = guarded(() => native.connectSync(mailbox.hub, target(options), nativeOptions(options)));
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
