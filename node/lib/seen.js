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

/** A command is being sent; `name` is its name, or what gives it. */
function sends(connection, name, more) {
  if (!command.hasSubscribers) return;
  command.publish({ connection, command: typeof name === 'string' ? name : name(commandName), ...more });
}

function connects(connection) {
  if (connected.hasSubscribers) connected.publish({ connection, address: connection.peer });
}

function disconnects(connection, reason) {
  if (disconnected.hasSubscribers) disconnected.publish({ connection, reason });
}

/** The state of a supervised connection is another. */
function state(connection, { state: now, reason, address, before }) {
  const of = { up: before === 'connecting' ? connected : restored, down: lost, 'gave-up': gaveUp, closed: disconnected }[now];
  if (of?.hasSubscribers) of.publish({ connection, address, ...(now !== 'up' && { reason }) });
}

/** Events were dropped since the queue was full: how many in all. Looked for with each batch, where a tool wants to know. */
class Drops {
  #told = 0;

  look(connection, native) {
    if (!dropped.hasSubscribers) return;
    const { droppedEvents } = native.stats();
    if (droppedEvents > this.#told) dropped.publish({ connection, dropped: droppedEvents - this.#told, total: droppedEvents });
    this.#told = droppedEvents;
  }
}

module.exports = { Drops, connects, disconnects, sends, state };
