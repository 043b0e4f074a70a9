'use strict';
// modesl's module-wide log of log/data lines.

const { EslError } = require('../errors');

const log = {
  _log: false,
  _level: 0,
  _logger: console.log,
  setLogLevel(level) {
    log._log = true;
    if (typeof level === 'number') log._level = level;
  },
  _doLog(event) {
    if (!log._log || event.getHeader('Log-Level') > log._level) return;
    const whole = log._level === 7 ? `${event.serialize()}\n\n` : '';
    log._logger(whole + event.getBody());
  },
};
log.eslSetLogLevel = log.setLogLevel;

/** Checks what goes on one line: a program's text must not start a second command. */
function oneLine(text) {
  if (/[\r\n\0]/.test(text)) throw new EslError('invalid-argument', `must be one line: ${JSON.stringify(text)}`);
  return text;
}

module.exports = { log, oneLine };
