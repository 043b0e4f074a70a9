'use strict';
// modesl's module-wide log of log/data lines.

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

module.exports = { log };
