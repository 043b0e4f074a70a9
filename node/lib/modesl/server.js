'use strict';
// modesl's Server: a listener for FreeSWITCH's outbound connections.

const net = require('node:net');
const { Connection } = require('./connection');
const { Emitter } = require('./emitter');
const { newUuid } = require('./uuid');

/** A function, as in modesl. */
function Server(options, ready) {
  Emitter.call(this);
  if (typeof options === 'function') [options, ready] = [null, options];
  const { server, port, host, myevents } = options ?? {};
  this.connections = {};
  this.bindEvents = myevents || false;
  this.once('ready', ready ?? (() => {}));
  if (server) {
    const address = server.address();
    this.server = server;
    this.port = address?.port;
    this.host = address?.address;
    process.nextTick(() => this.emit('ready'));
    server.on('connection', (socket) => this._onConnection(socket));
    return;
  }
  this.port = port ?? 8022;
  this.host = host || '127.0.0.1';
  this.server = net.createServer((socket) => this._onConnection(socket));
  this.server.on('error', (error) => {
    // A program may listen on the inner server, as it must with modesl.
    if (this.listeners('error').length > 0 || this.server.listenerCount('error') === 1) this.emit('error', error);
  });
  this.server.listen(this.port, this.host, () => this._onListening());
}

Object.setPrototypeOf(Server, Emitter);
Server.prototype = Object.create(Emitter.prototype, {
  constructor: { value: Server, writable: true, configurable: true },
  /** How many connections are open. */
  count: {
    configurable: true,
    get() {
      return Object.keys(this.connections).length;
    },
  },
});

Object.assign(Server.prototype, {
  close(callback) {
    this.server.close(callback);
  },

  _onConnection(socket) {
    const connection = new Connection(socket);
    const id = this._generateId();
    connection._id = id;
    this.connections[id] = connection;
    // Without a listener of the program's, a broken call must not end the process.
    connection.on('error', () => {});
    this.emit('connection::open', connection, id);
    const ready = (reply) => {
      if (!reply?.error) this.emit('connection::ready', connection, id);
    };
    connection.on('esl::ready', () => (this.bindEvents ? connection.sendRecv('myevents', ready) : ready()));
    const close = () => {
      if (!(id in this.connections)) return;
      this.emit('connection::close', connection, id);
      delete this.connections[id];
    };
    connection.on('esl::end', close);
    socket.on('close', close);
  },

  _onListening() {
    this.port = this.server.address().port;
    this.emit('ready');
  },

  _generateId() {
    return newUuid();
  },
});

module.exports = { Server };
