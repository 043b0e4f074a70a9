'use strict';

const { ESLconnection, ESLevent } = require('./lib/classic');
const { connect, connectSync } = require('./lib/connect');
const { Connection } = require('./lib/connection');
const { ERROR_CODES, EslError } = require('./lib/errors');
const { EVENT_TYPES, Event } = require('./lib/event');
const { Job } = require('./lib/job');
const { Reply } = require('./lib/reply');
const { Server, createServer } = require('./lib/server');
const { Subscription } = require('./lib/subscription');

module.exports = {
  Connection, ERROR_CODES, ESLconnection, ESLevent, EVENT_TYPES, EslError, Event, Job, Reply, Server, Subscription,
  connect, connectSync, createServer,
  // Loaded when they are first asked for.
  get Calls() {
    return require('./lib/calls').Calls;
  },
  get Conference() {
    return require('./lib/conference').Conference;
  },
  get Fleet() {
    return require('./lib/fleet').Fleet;
  },
  get Lease() {
    return require('./lib/managed').Lease;
  },
  get ManagedConnection() {
    return require('./lib/managed').ManagedConnection;
  },
  get Call() {
    return require('./lib/call').Call;
  },
  get DialString() {
    return require('./lib/dial').DialString;
  },
  get Originate() {
    return require('./lib/dial').Originate;
  },
  get Originating() {
    return require('./lib/originating').Originating;
  },
};
