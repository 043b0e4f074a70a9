'use strict';
// modesl's Event: an array of {name, value}, names compared with their letter case, body as text.

/** Where a received event is, until its headers have been made: its batch (received.js), and its place there. */
const SOURCE = Symbol('what was received');
const AT = Symbol('place');

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
    // An object has no name twice: there is nothing to look for, unless it is a program's own `addHeader` that adds.
    const add = this.addHeader === Event.prototype.addHeader ? push : this.addHeader;
    for (const [name, value] of Object.entries(type)) if (name !== '_body') add.call(this, name, value);
  } else {
    this.type = '';
    this.subclass = null;
    this.body = '';
  }
}

function push(name, value) {
  this.headers.push({ name, value });
}

/** An event as received: its headers become strings when they are read. */
function Received(source, at) {
  Object.defineProperty(this, 'headers', LAZY);
  this.hPtr = null;
  this.type = source.type(at);
  this.subclass = source.subclass(at);
  this.body = source.body(at);
  this[SOURCE] = source;
  this[AT] = at;
}

const LAZY = {
  configurable: true,
  enumerable: true,
  get() {
    const source = this[SOURCE];
    settle(this, source.isJson(this[AT]) ? members(source, this[AT]) : lines(source, this[AT]));
    massage(this);
    return this.headers;
  },
  set(headers) {
    settle(this, headers);
  },
};

/** The headers of a JSON event, in the order that an object has them. */
function members(source, at) {
  const { _body, ...headers } = objectOf(source.payload(at));
  return Object.entries(headers).map(([name, value]) => ({ name, value }));
}

/** As an object's: of duplicates the last counts, at the place of the first. */
function lines(source, at) {
  const flat = source.batch.headers(at);
  const values = new Map();
  for (let place = 0; place < flat.length; place += 2) values.set(flat[place], typed(flat[place], flat[place + 1]));
  return [...values].map(([name, value]) => ({ name, value }));
}

/** The object of a JSON event's text, with its length as a number; null when it is none. */
function objectOf(text) {
  const data = JSON.parse(text);
  if (data === null || typeof data !== 'object' || Array.isArray(data)) return null;
  if (data['Content-Length']) data['Content-Length'] = Number.parseInt(data['Content-Length'], 10);
  return data;
}

function settle(event, headers) {
  event[SOURCE] = undefined;
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
    const source = this[SOURCE];
    if (source !== undefined && isAsSent(name)) {
      const value = source.get(this[AT], name);
      if (value !== undefined) return value;
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
    delete more[SOURCE];
    delete more[AT];
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

/** Whether the value of a header of that name is what was sent, and no other is added. */
function isAsSent(name) {
  return typeof name === 'string' && name !== 'Content-Length' && !name.startsWith('Modesl-');
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

module.exports = { AT, Event, Received, SOURCE, encodeXml, massage, objectOf, typed };
