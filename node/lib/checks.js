'use strict';
// Arguments and options as programs give them. Errors name the argument.

const { inspect } = require('node:util');
const { EslError } = require('./errors');

function invalid(name, must, value) {
  return new EslError('invalid-argument', `${name} must be ${must}, not ${inspect(value)}`);
}

function checkPort(port, name = 'port') {
  const number = typeof port === 'string' && /^\d+$/.test(port) ? Number(port) : port;
  if (Number.isInteger(number) && number >= 0 && number <= 65535) return number;
  throw invalid(name, 'a whole number from 0 to 65535', port);
}

/** Milliseconds; undefined stays. */
function checkTime(name, time) {
  if (time === undefined || (typeof time === 'number' && time >= 0)) return time;
  throw invalid(name, 'a number of milliseconds', time);
}

function checkNumber(name, number) {
  if (number === undefined || (Number.isInteger(number) && number >= 0)) return number;
  throw invalid(name, 'a whole number that is not negative', number);
}

function checkText(name, text) {
  if (typeof text === 'string') return text;
  throw invalid(name, 'a text', text);
}

/** An argument of a command: text, or what is written as one. */
function argument(name, value) {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object' && typeof value !== 'symbol' && typeof value !== 'function') return String(value);
  throw invalid(name, 'a text (options come last)', value);
}

/** Arguments of a command: text, or a list that is joined by blanks. */
function joined(args, name = 'args') {
  return Array.isArray(args) ? args.map((one) => argument(name, one)).join(' ') : argument(name, args);
}

/** Options of a call: an object with these names only, so that none is overlooked in silence. */
function checkOptions(call, options, names) {
  if (options === null || typeof options !== 'object') throw invalid(`${call}: options`, 'an object', options);
  for (const name of Object.keys(options)) {
    if (names.has(name)) continue;
    const camel = name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
    const known = names.has(camel) ? `it is ${camel}` : `there are ${[...names].join(', ')}`;
    throw new EslError('invalid-argument', `${call} has no option ${name}: ${known}`);
  }
  return options;
}

module.exports = { argument, checkNumber, checkOptions, checkPort, checkText, checkTime, invalid, joined };
