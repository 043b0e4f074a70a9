'use strict';
// Where a server listens: an address of its own, a descriptor, or a server of Node's. The workers of `node:cluster` share
// a port by way of Node's server; the calls that it accepts are handed over by their descriptors.

// `node:cluster` and `node:net` are loaded by the first that listens: `cluster` takes longer to load than all else together.
const { checkNumber, checkPort, checkText, invalid } = require('./checks');
const { EslError } = require('./errors');

/** What `listen` was given, in any of its forms. */
function listenArguments(given) {
  const args = [...given];
  const onListening = typeof args.at(-1) === 'function' ? args.pop() : undefined;
  const [first, ...rest] = args;
  if (first instanceof require('node:net').Server) return { server: first, onListening };
  const at = first !== null && typeof first === 'object' ? first : { port: first, host: rest[0], backlog: rest[1] };
  const { port = 0, host = '127.0.0.1', backlog, reusePort, exclusive, fd } = at;
  if (fd !== undefined) return { descriptor: checkNumber('fd', fd), onListening };
  if (backlog !== undefined && !(Number.isInteger(backlog) && backlog > 0 && backlog <= 65535)) {
    throw invalid('backlog', 'a whole number from 1 to 65535', backlog);
  }
  return { port: checkPort(port), host: checkText('host', host), backlog, reusePort, exclusive, onListening };
}

/** Whether we accept calls, and not Node's server. */
function acceptsItself({ descriptor, reusePort }, exclusive) {
  return !require('node:cluster').isWorker || descriptor !== undefined || Boolean(reusePort) || Boolean(exclusive);
}

/** Has Node's server accept: the one given, or a new one. */
function share(server, { port, host, backlog }, { listening, call, failed, error }) {
  const shared = server ?? require('node:net').createServer({ pauseOnConnect: true });
  shared.on('connection', (socket) => {
    // It has a copy of its own; ours must not read, and its end must not be the call's.
    try {
      call(socket._handle?.fd ?? -1);
    } catch (reason) {
      failed(reason);
    }
    socket.on('error', () => {});
    socket.destroy();
  });
  shared.on('error', (reason) => error(new EslError('io', reason.message, { cause: reason })));
  if (shared.listening) process.nextTick(listening);
  else shared.once('listening', listening);
  if (server === undefined) shared.listen({ port, host: host.replace(/^\[|\]$/g, ''), backlog: backlog ?? 4096 });
  return shared;
}

module.exports = { acceptsItself, listenArguments, share };
