'use strict';
// modesl's Event: an array of {name, value}, names compared with their letter case, body as text.

const TEXT = Symbol('what was received');

class Event {
  /** `(type, subclass)`, `(headers, body)`, or nothing. */
  constructor(type, subclass) {
    this.hPtr = null;
    this._headers = [];
    if (typeof type === 'string') {
      this._type = type;
      this._subclass = subclass;
      this._body = '';
      this.addHeader('Event-Name', type);
      if (subclass) this.addHeader('Event-Subclass', subclass);
    } else if (type !== null && typeof type === 'object') {
      this._type = type['Event-Name'];
      this._subclass = type['Event-Subclass'];
      this._body = subclass || type._body || '';
      for (const [name, value] of Object.entries(type)) if (name !== '_body') this.addHeader(name, value);
    } else {
      this._type = '';
      this._subclass = null;
      this._body = '';
    }
  }

  /** An event as received: its headers become strings when somebody looks at them. */
  static received(batch, at) {
    const event = Object.create(Event.prototype);
    event.hPtr = null;
    event._headers = undefined;
    event._type = undefined;
    event._subclass = undefined;
    event._body = undefined;
    Object.defineProperty(event, TEXT, { value: { batch, at } });
    return event;
  }

  get headers() {
    if (this._headers === undefined) {
      this._headers = [];
      const { batch, at } = this[TEXT];
      const flat = batch.headers(at);
      for (let place = 0; place < flat.length; place += 2) this.addHeader(flat[place], typed(flat[place], flat[place + 1]));
      massage(this);
    }
    return this._headers;
  }

  set headers(headers) {
    this._headers = headers;
  }

  get type() {
    return this._type === undefined && this[TEXT] ? (this._type = this.getHeader('Event-Name') ?? undefined) : this._type;
  }

  set type(type) {
    this._type = type;
  }

  get subclass() {
    if (this._subclass === undefined && this[TEXT]) this._subclass = this.getHeader('Event-Subclass') ?? undefined;
    return this._subclass;
  }

  set subclass(subclass) {
    this._subclass = subclass;
  }

  get body() {
    if (this._body === undefined && this[TEXT]) this._body = this[TEXT].batch.body(this[TEXT].at) ?? '';
    return this._body;
  }

  set body(body) {
    this._body = body;
  }

  serialize(format = 'plain') {
    const body = format === 'xml' ? encodeXml(this.body) : this.body;
    if (format !== 'json' && format !== 'plain' && format !== 'xml') return undefined;
    this.addHeader('Content-Length', Buffer.byteLength(String(body ?? ''), 'utf8'));
    return WRITERS[format](this.headers, body);
  }

  setPriority(priority) {
    this.addHeader('priority', priority);
  }

  getHeader(name) {
    if (this._headers === undefined) {
      if (name.startsWith?.('Modesl-')) return find(this.headers, name)?.value ?? null;
      const value = this[TEXT].batch.getExact(this[TEXT].at, String(name));
      return value === null ? null : typed(name, value);
    }
    const header = find(this._headers, name);
    return header ? header.value : null;
  }

  getBody() {
    return this.body;
  }

  getType() {
    return this.type;
  }

  addBody(value) {
    return (this.body += value);
  }

  addHeader(name, value) {
    const header = find(this.headers, name);
    if (header) header.value = value;
    else this.headers.push({ name, value });
    return value;
  }

  delHeader(name) {
    const at = this._findHeaderIndex(name);
    return at === null ? null : this.headers.splice(at, 1);
  }

  firstHeader() {
    this.hPtr = 0;
    return this.headers.length > 0 ? this.headers[0].name : null;
  }

  nextHeader() {
    if (this.hPtr === null) return null;
    this.hPtr += 1;
    if (this.hPtr < this.headers.length) return this.headers[this.hPtr].name;
    this.hPtr = null;
    return null;
  }

  _findHeaderIndex(name) {
    const at = this.headers.findIndex((header) => header.name === name);
    return at < 0 ? null : at;
  }

  _findHeader(name) {
    return find(this.headers, name) ?? null;
  }
}

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

module.exports = { Event, encodeXml, massage, typed };
