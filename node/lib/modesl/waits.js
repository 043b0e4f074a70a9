'use strict';
// Callbacks that wait for an event, by its id: the end of a job, or of an application on a channel. What an event costs does
// not depend on how many there are.

/** Ended channels that are remembered. */
const REMEMBERED = 1000;

class Waits {
  /** By Job-UUID or Event-UUID. */
  #byId = new Map();
  /** Applications, by their channel. */
  #byChannel = new Map();
  /** The last channels that have ended, and their hang-up causes. */
  #ended = new Map();

  /** `then` is called once, with the event of that id, or with what says that none will come. */
  add(id, then, channel) {
    const wait = { id, then, channel };
    insert(this.#byId, id, wait);
    if (channel) insert(this.#byChannel, channel, wait);
    return wait;
  }

  /** An event has come: is it one that is waited for? */
  arrived(event) {
    if (event.type === 'BACKGROUND_JOB') this.#settleAll(this.#byId.get(event.getHeader('Job-UUID')), event);
    else if (event.type === 'CHANNEL_EXECUTE_COMPLETE') {
      this.#settleAll(this.#byId.get(event.getHeader('Application-UUID') || event.getHeader('Event-UUID')), event);
    }
  }

  /** Ends a wait, unless it has ended. */
  settle(wait, event) {
    if (!remove(this.#byId, wait.id, wait)) return;
    if (wait.channel) remove(this.#byChannel, wait.channel, wait);
    wait.then(event);
  }

  /** A channel is gone: what it has not run by now, it will not run. `makeEvent` makes what its callbacks get. */
  channelEnded(channel, cause, makeEvent) {
    this.#ended.delete(channel);
    this.#ended.set(copied(channel), copied(cause));
    if (this.#ended.size > REMEMBERED) this.#ended.delete(this.#ended.keys().next().value);
    const waits = this.#byChannel.get(channel);
    if (waits !== undefined) this.#settleAll(waits, makeEvent());
  }

  hasEnded(channel) {
    return this.#ended.has(channel);
  }

  causeOf(channel) {
    return this.#ended.get(channel);
  }

  /** Whether an application on that channel is waited for. */
  concerns(channel) {
    return this.#byChannel.has(channel);
  }

  /** Nothing will come any more. */
  end(event) {
    for (const waits of [...this.#byId.values()]) this.#settleAll(waits, event);
  }

  #settleAll(waits, event) {
    for (const wait of [...waits ?? []]) {
      try {
        this.settle(wait, event);
      } catch (error) {
        // A callback's exception is the program's: the others are called all the same.
        process.nextTick(() => {
          throw error;
        });
      }
    }
  }
}

/** A text by itself: one that was cut out of what was received keeps all of that, some tens of kilobytes. */
function copied(text) {
  return typeof text === 'string' ? Buffer.from(text).toString() : text;
}

function insert(map, key, wait) {
  const waits = map.get(key);
  if (waits === undefined) map.set(key, new Set([wait]));
  else waits.add(wait);
}

function remove(map, key, wait) {
  const waits = map.get(key);
  if (!waits?.delete(wait)) return false;
  if (waits.size === 0) map.delete(key);
  return true;
}

module.exports = { Waits };
