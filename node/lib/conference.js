'use strict';
// A conference as an object. What its commands send and what refuses them is the core's (crates/switchwire/src/conference).

const { checkOptions, checkTime, invalid } = require('./checks');
const { built } = require('./dial');
const { Event } = require('./event');
const { Feed } = require('./feed');
const { inspectable, notCloneable } = require('./manners');
const { Reporter, everything, watch } = require('./reporter');
const requests = require('./requests');
const seen = require('./seen');

const NOT_CLONEABLE = notCloneable('a Conference');
const COMMON = ['timeout', 'signal'];

class Conference extends Reporter {
  notCloneable = NOT_CLONEABLE;
  #connection;
  #native;
  #timeout;

  /** Made by `connection.conference`. */
  constructor(connection, native, timeout) {
    super([everything(() => this, (told) => this.#watch(told), ({ action }) => action, 'event')]);
    this.#connection = connection;
    this.#native = native;
    this.#timeout = timeout;
  }

  get name() {
    return this.#native.name;
  }

  get connection() {
    return this.#connection;
  }

  /** The conference and its members; null when there is none of that name. */
  async info(options = {}) {
    if (seen.command.hasSubscribers) seen.sends(this.#connection, 'api conference', { action: 'json_list' });
    return this.#request((id) => this.#native.info(id), this.#wait('info', options));
  }

  /** Its members, the one that joined last first. */
  async members(options = {}) {
    return (await this.info(options))?.members ?? [];
  }

  /** What happens in it, for `for await`; ends with the connection. */
  events({ signal } = {}) {
    return new Feed((put, end) => this.#watch((event, error) => {
      if (error === undefined) put(event);
      else end();
    }), signal);
  }

  #watch(told) {
    const watched = (happened, error) => (error === undefined ? told(read(happened)) : told(null, error));
    return watch((id) => this.#native.watch(id), watched);
  }

  #wait(call, options) {
    const { timeout, signal } = checkOptions(call, options, new Set(COMMON));
    return { ms: checkTime('timeout', timeout) ?? this.#timeout, signal };
  }

  #request(start, wait) {
    const done = requests.request(start, wait);
    this.#connection._sent();
    return done;
  }

  static _command(conference, verb, { timeout, signal }) {
    const ms = checkTime('timeout', timeout) ?? conference.#timeout;
    if (seen.command.hasSubscribers) seen.sends(conference.#connection, 'api conference', { action: verb.verb });
    return conference.#request((id) => conference.#native.command(id, verb), { ms, signal });
  }
}

function read(happened) {
  happened.event = new Event(happened.event, undefined, 0);
  return happened;
}

const text = (value) => (value === undefined || value === null ? undefined : String(value));
const ofMembers = { positional: 1, arguments: (members) => ({ members: text(members) }) };
const plain = { positional: 0, arguments: () => ({}) };
const level = { positional: 2, arguments: (members, value) => ({ members: text(members), level: whole('level', value) }) };

/** The commands: their positional arguments, then their options and those of waiting in one object. */
const COMMANDS = {
  mute: ofMembers,
  unmute: ofMembers,
  toggleMute: ofMembers,
  deaf: ofMembers,
  undeaf: ofMembers,
  hold: ofMembers,
  unhold: ofMembers,
  kick: { positional: 1, options: ['sound'], arguments: (members, { sound }) => ({ members: text(members), text: text(sound) }) },
  hup: ofMembers,
  floor: ofMembers,
  lock: plain,
  unlock: plain,
  pin: { positional: 1, arguments: (pin) => ({ text: text(pin) }) },
  volumeIn: level,
  volumeOut: level,
  energy: level,
  play: {
    positional: 1,
    options: ['member', 'beside'],
    arguments: (file, { member, beside }) => ({ text: text(file), member: whole('member', member), yes: Boolean(beside) }),
  },
  stop: { positional: 0, options: ['all'], arguments: ({ all = true }) => ({ yes: Boolean(all) }) },
  say: { positional: 1, options: ['member'], arguments: (what, { member }) => ({ text: text(what), member: whole('member', member) }) },
  record: { positional: 1, arguments: (file) => ({ text: text(file) }) },
  stopRecording: { positional: 1, arguments: (file) => ({ text: text(file) }) },
  pauseRecording: { positional: 1, arguments: (file) => ({ text: text(file) }) },
  resumeRecording: { positional: 1, arguments: (file) => ({ text: text(file) }) },
  dial: {
    positional: 1,
    options: ['callerId'],
    arguments: (dial, { callerId }) => ({
      dial: built(dial, 'api'), callerIdName: text(callerId?.name), callerIdNumber: text(callerId?.number),
    }),
  },
  transfer: { positional: 2, arguments: (to, members) => ({ text: text(to), ids: [members ?? []].flat().map((id) => whole('members', id)) }) },
  relate: {
    positional: 3,
    arguments: (member, other, relation) => ({ member: whole('member', member), other: whole('other', other), text: text(relation) }),
  },
  sendDtmf: { positional: 2, arguments: (members, digits) => ({ members: text(members), text: text(digits) }) },
};

function whole(name, number) {
  if (number === undefined || Number.isInteger(number)) return number;
  throw invalid(name, 'a whole number', number);
}

for (const [verb, { arguments: given, options = [], positional }] of Object.entries(COMMANDS)) {
  const names = new Set([...COMMON, ...options]);
  Object.defineProperty(Conference.prototype, verb, {
    configurable: true,
    writable: true,
    async value(...values) {
      const { timeout, signal, ...own } = checkOptions(verb, values[positional] ?? {}, names);
      const before = Array.from({ length: positional }, (_, at) => values[at]);
      const reply = await Conference._command(this, { verb, ...given(...before, own) }, { timeout, signal });
      return verb === 'dial' ? reply : undefined;
    },
  });
}

inspectable(Conference, ({ name }) => ({ name }));

module.exports = { Conference };
