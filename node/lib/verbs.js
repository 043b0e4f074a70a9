'use strict';
// The arguments of each verb of a call, as the native part takes them (bindings/node/src/verb.rs).

const { built } = require('./dial');

const text = (value) => (value === undefined || value === null ? undefined : String(value));

/** Options in the core's units, under its names. */
function asked({ timeoutMs, ...options }) {
  return { ...options, milliseconds: timeoutMs };
}

/** What plays, asks or joins: resolves with the outcome when it has ended. `positional` arguments come before the options. */
const APPLICATIONS = {
  answer: { positional: 0, arguments: () => ({}) },
  preAnswer: { positional: 0, arguments: () => ({}) },
  ringReady: { positional: 0, arguments: () => ({}) },
  playback: { positional: 1, arguments: (file) => (Array.isArray(file) ? { files: file.map(String) } : { file: text(file) }) },
  playAndGetDigits: {
    positional: 0,
    options: ['file', 'min', 'max', 'tries', 'inputTimeout', 'digitTimeout', 'terminators', 'invalidFile', 'variable', 'pattern'],
    arguments: ({ inputTimeout, variable, ...rest }) => ({ ...asked({ ...rest, timeoutMs: inputTimeout }), name: variable }),
  },
  read: {
    positional: 0,
    options: ['file', 'min', 'max', 'inputTimeout', 'digitTimeout', 'terminators', 'variable'],
    arguments: ({ inputTimeout, variable, ...rest }) => ({ ...asked({ ...rest, timeoutMs: inputTimeout }), name: variable }),
  },
  say: {
    positional: 1,
    options: ['type', 'method', 'gender', 'language'],
    arguments: (what, { type, ...rest }) => ({ ...rest, kind: type, text: text(what) }),
  },
  speak: { positional: 1, options: ['engine', 'voice'], arguments: (what, options) => ({ ...options, text: text(what) }) },
  record: {
    positional: 1,
    options: ['limitSeconds', 'silence'],
    arguments: (file, { limitSeconds, silence }) => ({
      file: text(file), seconds: limitSeconds, silenceThreshold: silence?.threshold, silenceHits: silence?.hits,
    }),
  },
  bridge: { positional: 1, arguments: (dial) => ({ dial: built(dial, 'application') }) },
  attendedTransfer: { positional: 1, arguments: (dial) => ({ dial: built(dial, 'application') }) },
  conference: { positional: 1, options: ['profile', 'pin', 'flags'], arguments: (name, options) => ({ ...options, name: text(name) }) },
  fifo: {
    positional: 1,
    options: ['as', 'announce', 'music'],
    arguments: (queue, { as, ...rest }) => ({ ...rest, kind: as, name: text(queue) }),
  },
  valetPark: {
    positional: 1,
    options: ['stall', 'first', 'last'],
    arguments: (lot, { stall, ...rest }) => ({ ...rest, lot: text(lot), name: text(stall) }),
  },
  eavesdrop: { positional: 1, arguments: (uuid) => ({ uuid: text(uuid) }) },
  sleep: { positional: 1, arguments: (milliseconds) => ({ milliseconds }) },
  set: {
    positional: 2,
    arguments: (name, value) => ({ name: text(name), ...(Array.isArray(value) ? { elements: value.map(String) } : { value: text(value) }) }),
  },
  unset: { positional: 1, arguments: (name) => ({ name: text(name) }) },
  export: { positional: 2, options: ['notHere'], arguments: (name, value, options) => ({ ...options, name: text(name), value: text(value) }) },
};

/** What is done at once: resolves when the server has done it. */
const ACTIONS = {
  hangup: { positional: 1, arguments: (cause) => ({ cause: text(cause) }) },
  transfer: {
    positional: 1,
    options: ['dialplan', 'context', 'leg'],
    arguments: (extension, options) => ({ ...options, extension: text(extension) }),
  },
  park: { positional: 0, arguments: () => ({}) },
  hold: { positional: 0, arguments: () => ({}) },
  unhold: { positional: 0, arguments: () => ({}) },
  mute: { positional: 0, arguments: () => ({}) },
  deafen: { positional: 0, arguments: () => ({}) },
  unmute: { positional: 0, arguments: () => ({}) },
  startRecording: {
    positional: 1,
    options: ['limitSeconds'],
    arguments: (file, { limitSeconds }) => ({ file: text(file), seconds: limitSeconds }),
  },
  stopRecording: { positional: 1, arguments: (file) => ({ file: text(file) }) },
  broadcast: { positional: 1, options: ['leg'], arguments: (file, options) => ({ ...options, file: text(file) }) },
  displace: {
    positional: 1,
    options: ['limitSeconds', 'mix'],
    arguments: (file, { limitSeconds, mix }) => ({ file: text(file), seconds: limitSeconds, mix }),
  },
  stopDisplacing: { positional: 1, arguments: (file) => ({ file: text(file) }) },
  stopPlayback: { positional: 0, options: ['all'], arguments: (options) => options },
  sendDtmf: { positional: 1, options: ['duration'], arguments: (digits, { duration }) => ({ digits: text(digits), milliseconds: duration }) },
  scheduleHangup: { positional: 1, options: ['cause'], arguments: (seconds, { cause }) => ({ seconds, cause: text(cause) }) },
  scheduleTransfer: {
    positional: 2,
    options: ['dialplan', 'context'],
    arguments: (seconds, extension, options) => ({ ...options, seconds, extension: text(extension) }),
  },
};

module.exports = { ACTIONS, APPLICATIONS };
