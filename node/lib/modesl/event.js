'use strict';
// modesl's Event: an array of {name, value}, names compared with their letter case, body as text.

/** Where a received event is, until its headers have been made. */
const TEXT = Symbol('what was received');

/** `(type, subclass)`, `(headers, body)`, or nothing. A function, as in modesl: programs may call it on their own objects. */
function Event(type, subclass) {
  this.headers = [];
  this.hPtr = null;
  if (typeof type === 'string') {
    this.type = type;
    this.subclass = subclass;
    this.body = '';
    this.addHeader('Event-Name', type);
    if (subclass) this.addHeader('Event-Subclass', subclass);
  } else if (type !== null && typeof type === 'object') {
    this.type = type['Event-Name'];
    this.subclass = type['Event-Subclass'];
    this.body = subclass || type._body || '';
    for (const [name, value] of Object.entries(type)) if (name !== '_body') this.addHeader(name, value);
  } else {
    this.type = '';
    this.subclass = null;
    this.body = '';
  }
}

/** An event as received: its headers become strings when they are read. */
function Received(batch, at) {
  Object.defineProperty(this, 'headers', LAZY);
  this.hPtr = null;
  this.type = batch.getExact(at, 'Event-Name') ?? undefined;
  this.subclass = batch.getExact(at, 'Event-Subclass') ?? undefined;
  this.body = batch.body(at) ?? '';
  this[TEXT] = { batch, at };
}

const LAZY = {
  configurable: true,
  enumerable: true,
  get() {
    const { batch, at } = this[TEXT];
    const flat = batch.headers(at);
    // As an object's: of duplicates the last counts, at the place of the first.
    const values = new Map();
    for (let place = 0; place < flat.length; place += 2) values.set(flat[place], typed(flat[place], flat[place + 1]));
    settle(this, [...values].map(([name, value]) => ({ name, value })));
    massage(this);
    return this.headers;
  },
  set(headers) {
    settle(this, headers);
  },
};

function settle(event, headers) {
  event[TEXT] = undefined;
  Object.defineProperty(event, 'headers', { value: headers, configurable: true, enumerable: true, writable: true });
}

Object.assign(Event.prototype, {
  serialize(format) {
    format ||= 'plain';
    const body = format === 'xml' ? encodeXml(this.body) : this.body;
    if (format !== 'json' && format !== 'plain' && format !== 'xml') return undefined;
    this.addHeader('Content-Length', Buffer.byteLength(String(body ?? ''), 'utf8'));
    return WRITERS[format](this.headers, body);
  },

  setPriority(priority) {
    this.addHeader('priority', priority);
  },

  getHeader(name) {
    const text = this[TEXT];
    if (text !== undefined && !(typeof name === 'string' && name.startsWith('Modesl-'))) {
      const value = text.batch.getExact(text.at, String(name));
      return value === null ? null : typed(name, value);
    }
    const header = find(this.headers, name);
    return header ? header.value : null;
  },

  getBody() {
    return this.body;
  },

  getType() {
    return this.type;
  },

  addBody(value) {
    return (this.body += value);
  },

  addHeader(name, value) {
    const header = find(this.headers, name);
    if (header) header.value = value;
    else this.headers.push({ name, value });
    return value;
  },

  delHeader(name) {
    const at = this._findHeaderIndex(name);
    return at === null ? null : this.headers.splice(at, 1);
  },

  firstHeader() {
    this.hPtr = 0;
    return this.headers.length > 0 ? this.headers[0].name : null;
  },

  nextHeader() {
    if (this.hPtr === null) return null;
    this.hPtr += 1;
    if (this.hPtr < this.headers.length) return this.headers[this.hPtr].name;
    this.hPtr = null;
    return null;
  },

  _findHeaderIndex(name) {
    const at = this.headers.findIndex((header) => header.name === name);
    return at < 0 ? null : at;
  },

  _findHeader(name) {
    return find(this.headers, name) ?? null;
  },
});

// What is shown on a console is what modesl's events show.
Object.defineProperty(Event.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(depth, options, inspect) {
    const name = this.constructor?.name || 'Event';
    const { headers, hPtr, type, subclass, body, ...more } = this;
    delete more[TEXT];
    return `${name} ${inspect({ headers, hPtr, type, subclass, body, ...more }, options)}`;
  },
});
Received.prototype = Event.prototype;

Event.PRIORITY = { LOW: 'LOW', NORMAL: 'NORMAL', HIGH: 'HIGH' };

const WRITERS = {
  json(headers, body) {
    const object = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
    if (body) object._body = body;
    return JSON.stringify(object, null, 2);
  },
  plain(headers, body) {
    const lines = headers.map(({ name, value }) => `${name}: ${value}\n`).join('');
    return body ? `${lines}\n${body}` : lines;
  },
  xml(headers, body) {
    const lines = headers.map(({ name, value }) => `    <${name}>${encodeXml(value)}</${name}>\n`).join('');
    return `<event>\n  <headers>\n${lines}  </headers>\n${body ? `  <body>${body}</body>\n` : ''}</event>`;
  },
};

/** Adds what modesl adds to a reply. */
function massage(event) {
  const reply = event.getHeader('Reply-Text');
  if (typeof reply !== 'string') return;
  if (reply.startsWith('-ERR')) event.addHeader('Modesl-Reply-ERR', reply.slice(5));
  else if (reply.startsWith('+OK')) event.addHeader('Modesl-Reply-OK', reply.slice(4));
}

function find(headers, name) {
  return headers.find((header) => header.name === name);
}

/** Lengths are numbers in modesl. */
function typed(name, value) {
  return name === 'Content-Length' ? Number.parseInt(value, 10) : value;
}

function encodeXml(value) {
  if (typeof value !== 'string') return value;
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character]);
}

const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };

module.exports = { Event, Received, encodeXml, massage, typed };
