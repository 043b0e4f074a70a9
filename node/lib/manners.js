'use strict';
// What objects do where JavaScript asks more of them than methods: consoles, copies.

/**
 * The value of an own property that makes `structuredClone` and `postMessage` refuse an object, with these words. They copy
 * own properties only: of an object whose state is elsewhere nothing would be left, and no error.
 */
function notCloneable(what) {
  return Symbol(`cannot copy ${what}; the object`);
}

/** Shows on a console what `view` gives of an object. */
function inspectable(kind, view) {
  Object.defineProperty(kind.prototype, Symbol.for('nodejs.util.inspect.custom'), {
    configurable: true,
    value(depth, options, inspect) {
      const name = this.constructor?.name ?? kind.name;
      return depth < 0 ? `[${name}]` : `${name} ${inspect(view(this), options)}`;
    },
  });
}

module.exports = { inspectable, notCloneable };
