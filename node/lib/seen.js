'use strict';
// What tools see by node:diagnostics_channel: connects, disconnects, reconnects, commands by name, drops. Never an argument
// of a command: it may be a secret. Costs nothing while no one has subscribed.

const { channel } = require('node:diagnostics_channel');
const { commandName } = require('./native');

const connected = channel('switchwire:connect');
const disconnected = channel('switchwire:disconnect');
const lost = channel('switchwire:lost');
const restored = channel('switchwire:restored');
const gaveUp = channel('switchwire:gave-up');
const command = channel('switchwire:command');
const dropped = channel('switchwire:drop');

/** A command is being sent: its text, of which the name is told; ask `command.hasSubscribers` first. */
function sends(connection, text, more) {
  command.publish({ connection, command: commandName(text), ...more });
}

function connects(connection) {
  if (connected.hasSubscribers) connected.publish({ connection, address: connection.peer });
}

function disconnects(connection, reason) {
  if (disconnected.hasSubscribers) disconnected.publish({ connection, reason });
}

/** The state of a supervised connection is another. */
function state(connection, { state: now, reason, address, back }) {
  const of = { up: back ? restored : connected, down: lost, 'gave-up': gaveUp, closed: disconnected }[now];
  if (of?.hasSubscribers) of.publish({ connection, address, ...(now !== 'up' && { reason }) });
}

/** Events were dropped since the queue was full. */
function drops(connection, count, total) {
  dropped.publish({ connection, dropped: count, total });
}

module.exports = { command, connects, disconnects, dropped, drops, sends, state };
