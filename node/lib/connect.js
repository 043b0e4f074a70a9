'use strict';
// Connecting to a server. The blocking parts are done by threads of the native part's own.

const { Connection } = require('./connection');
const { EslError, guarded } = require('./errors');
const mailbox = require('./mailbox');
const native = require('./native');

/** Milliseconds for each answer to a command, unless told otherwise. */
const COMMAND_TIMEOUT = 60_000;

async function connect(options = {}) {
  const timeout = options.timeouts?.command ?? COMMAND_TIMEOUT;
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
  const timeout = options.timeouts?.command ?? COMMAND_TIMEOUT;
  const connection = guarded(() => native.connectSync(mailbox.hub, target(options), nativeOptions(options)));
  return new Connection(connection, { timeout });
}

function target({ host = '127.0.0.1', port = 8021, user, password }) {
  return { host: String(host), port: checkPort(port), user, password };
}

function nativeOptions({ timeouts = {}, keepalive, queue = {}, maxBody, maxHeaderBlock }) {
  return {
    connectTimeout: timeouts.connect,
    loginTimeout: timeouts.login,
    keepalive: keepalive === false ? 0 : keepalive,
    queueEvents: queue.events,
    queueBytes: queue.bytes,
    overflow: queue.overflow,
    maxBody,
    maxHeaderBlock,
  };
}

function checkPort(port) {
  const number = Number(port);
  if (Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  throw new EslError('invalid-argument', `not a port: ${String(port)}`);
}

module.exports = { COMMAND_TIMEOUT, checkPort, connect, connectSync, nativeOptions };
