'use strict';
// The drop-in for modesl: `require('switchwire/modesl')` instead of `require('modesl')`.

const { Connection } = require('./lib/modesl/connection');
const { Event } = require('./lib/modesl/event');
const { log } = require('./lib/modesl/log');
const { Parser } = require('./lib/modesl/parser');
const { Server } = require('./lib/modesl/server');

module.exports = Object.assign(log, { Connection, Event, Parser, Server });
