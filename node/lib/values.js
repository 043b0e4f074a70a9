'use strict';
// Values of headers as dates and numbers.

/** A time in microseconds since 1970; null for none: 0, and what is no number. */
function date(text) {
  const micros = count(text);
  return micros > 0 ? new Date(micros / 1000) : null;
}

/** A text of digits and nothing else, as a number; NaN otherwise. */
function count(text) {
  if (text === null || text === '') return NaN;
  let number = 0;
  for (let at = 0; at < text.length; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return NaN;
    number = number * 10 + digit;
  }
  return number;
}

module.exports = { count, date };
