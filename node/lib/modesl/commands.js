'use strict';
// The text of modesl's commands, checked: what a program puts into one must not start a second.

const { EslError } = require('../errors');

/** Checks what goes on one line. */
function oneLine(text) {
  if (/[\r\n\0]/.test(text)) throw new EslError('invalid-argument', `must be one line: ${JSON.stringify(text)}`);
  return text;
}

/**
 * A command as the program has written it: it may have lines of its own (`bgapi …\nJob-UUID: …`), but a blank one, which
 * ends it, only where a body follows (`sendevent`, `sendmsg`). In one piece: two writes would wait for each other.
 */
function encode(command, args) {
  const bare = command.replace(/[\r\n]+$/, '');
  if (!/^(sendevent|sendmsg)\b/i.test(bare) && /\n\r?\n|\r\r|\0/.test(bare)) {
    throw new EslError('invalid-argument', `must be one command: ${JSON.stringify(command)}`);
  }
  const lines = Object.entries(args ?? {}).map(([name, value]) => `${oneLine(`${name}: ${value}`)}\n`);
  return `${command}\n${lines.join('')}\n`;
}

/** The text of `sendevent`: its headers are a line each. */
function encodeEvent(event) {
  for (const { name, value } of event.headers) oneLine(`${name}: ${value}`);
  return `sendevent ${event.getHeader('Event-Name')}\n${event.serialize()}`;
}

/** Arguments as modesl takes them: a list, a text, or something false for none. */
function list(args) {
  return Array.isArray(args) ? args.join(' ') : String(args || '');
}

module.exports = { encode, encodeEvent, list, oneLine };
