'use strict';
// modesl's Connection, with an engine of its own. In modesl the socket is public API: programs pass in their own
// (`new Connection(socket, ready)`), listen to its events, write to it, and subclass Connection in the style of functions; the
// queues of callbacks are public, too. The modern connection reads its descriptor on the I/O thread and can allow none of
// that, so this layer keeps Node's socket, shares the decoder and the events with the rest (NativeDecoder), and matches
// replies to commands in pending.js.
//
// Differences, all where modesl loses or mixes up callbacks: a reply goes to the command that it belongs to, whatever its kind;
// a callback that can get no reply any more is called with an event that has `error`; a command is one write, without delay.

const net = require('node:net');
const { EslError } = require('../errors');
const { encode, encodeEvent, list, oneLine } = require('./commands');
const { Emitter, emitEvent } = require('./emitter');
const { AT, Event, SOURCE } = require('./event');
const { log } = require('./log');
const { Parser } = require('./parser');
const { Pending, disconnected, failed } = require('./pending');
const { parseShow } = require('./show');
const { newUuid } = require('./uuid');

/** What a connection has for itself. */
const PENDING = Symbol('what is under way');

/**
 * `(host, port, password, ready)`, or `(socket, ready)` for a call. A function, as in modesl: programs may inherit from it
 * in either style.
 */
function Connection(...args) {
  Emitter.call(this);
  const ready = typeof args.at(-1) === 'function' ? args.pop() : this._noop;
  this.once('esl::ready', ready);
  this.execAsync = false;
  this.execLock = false;
  this.connecting = true;
  this.authed = false;
  this.channelData = null;
  this.cmdCallbackQueue = [];
  this.apiCallbackQueue = [];
  this.reqEvents = ['BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE'];
  this.listeningEvents = [];
  Object.defineProperty(this, PENDING, { value: new Pending(this, (channel, done) => exists(this, channel, done)) });
  this.on('esl::event::logdata', (event) => log._doLog(event));
  this.on('esl::event::command::reply', (...args) => this[PENDING].replied(false, args));
  this.on('esl::event::api::response', (...args) => this[PENDING].replied(true, args));
  if (args.length >= 3) dial(this, ...args);
  else if (args.length >= 1) adopt(this, args[0]);
  else this.emit('error', new EslError('invalid-argument', 'Bad arguments passed to esl.Connection'));
}

Object.setPrototypeOf(Connection, Emitter);
Connection.prototype = Object.create(Emitter.prototype, {
  constructor: { value: Connection, writable: true, configurable: true },
});

Object.assign(Connection.prototype, {
  socketDescriptor() {
    return this._inbound ? null : this.socket;
  },

  connected() {
    return !this.connecting && Boolean(this.socket);
  },

  getInfo() {
    return this.channelData;
  },

  send(command, args) {
    const cb = this[PENDING].foreign('cmdCallbackQueue');
    transmit(this, () => encode(String(command), args), cb ? { queue: 'cmdCallbackQueue', cb } : {});
  },

  sendRecv(command, args, cb) {
    if (typeof args === 'function') [args, cb] = [null, args];
    this.cmdCallbackQueue.push(cb);
    transmit(this, () => encode(String(command), args), { queue: 'cmdCallbackQueue', cb });
  },

  api(command, args, cb) {
    if (typeof args === 'function') [args, cb] = ['', args];
    const text = list(args);
    this.apiCallbackQueue.push(cb);
    const line = `api ${command}${text ? ` ${text}` : ''}`;
    transmit(this, () => encode(oneLine(line)), { queue: 'apiCallbackQueue', cb });
  },

  bgapi(command, args, jobid, cb) {
    if (typeof args === 'function') [args, jobid, cb] = ['', null, args];
    if (typeof jobid === 'function') [jobid, cb] = [null, jobid];
    const id = jobid || newUuid();
    const filtering = this.usingFilters && cb;
    const begin = () => {
      const job = cb && this[PENDING].job(id, (event) => {
        if (!filtering || event.error) return cb(event);
        this.filterDelete('Job-UUID', id, () => cb(event));
      });
      const onReply = (reply) => job && this[PENDING].accepted(job, reply);
      this.cmdCallbackQueue.push(undefined);
      const line = () => encode(oneLine(`bgapi ${command} ${list(args)}`), { 'Job-UUID': id });
      transmit(this, line, { queue: 'cmdCallbackQueue', onReply });
    };
    // The job's event must come through the filter.
    if (filtering) this.filter('Job-UUID', id, begin);
    else begin();
  },

  sendEvent(event, cb) {
    this.cmdCallbackQueue.push(cb);
    transmit(this, () => encode(encodeEvent(event)), { queue: 'cmdCallbackQueue', cb });
  },

  recvEvent(cb = this._noop) {
    this.once('esl::event::**', cb);
  },

  recvEventTimed(ms, cb) {
    const name = 'esl::event::**';
    const take = (event) => {
      clearTimeout(timer);
      if (cb) cb(event);
    };
    const timer = setTimeout(() => {
      this.removeListener(name, take);
      if (cb) cb();
    }, ms);
    this.once(name, take);
  },

  filter(header, value, cb) {
    this.usingFilters = true;
    this.cmdCallbackQueue.push(cb);
    transmit(this, () => encode(oneLine(`filter ${header} ${value}`)), { queue: 'cmdCallbackQueue', cb });
  },

  filterDelete(header, value, cb) {
    if (typeof value === 'function') [value, cb] = [null, value];
    this.cmdCallbackQueue.push(cb);
    const line = `filter delete ${header}${value ? ` ${value}` : ''}`;
    transmit(this, () => encode(oneLine(line)), { queue: 'cmdCallbackQueue', cb });
  },

  events(type, events, cb) {
    if (typeof events === 'function') [events, cb] = ['all', events];
    const format = ['plain', 'xml', 'json'].includes(type) ? type : 'plain';
    const wanted = Array.isArray(events) ? [...events] : String(events || 'all').split(' ');
    if (wanted.length === 1 && wanted[0].toLowerCase() === 'all') this.listeningEvents = ['all'];
    else this.listeningEvents = withRequired(wanted, this.reqEvents);
    this.cmdCallbackQueue.push(cb);
    const line = `event ${format} ${this.listeningEvents.join(' ')}`;
    transmit(this, () => encode(oneLine(line)), { queue: 'cmdCallbackQueue', cb });
  },

  subscribe(events, cb) {
    if (typeof events === 'function') [events, cb] = ['all', events];
    this.events('json', events || 'all', cb);
  },

  /** Gives the Event-UUID of this run; the callback gets its CHANNEL_EXECUTE_COMPLETE. */
  execute(app, arg, uuid, cb) {
    if (typeof arg === 'function') [arg, cb] = ['', arg];
    if (typeof uuid === 'function') [uuid, cb] = [null, uuid];
    const options = { 'execute-app-name': app, 'execute-app-arg': arg ?? '' };
    const channel = this._inbound ? uuid || newUuid() : this.getInfo()?.getHeader('Unique-ID') ?? uuid ?? '';
    return this._doExec(channel, 'execute', options, cb);
  },

  executeAsync(app, arg, uuid, cb) {
    const before = this.execAsync;
    this.execAsync = true;
    try {
      return this.execute(app, arg, uuid, cb);
    } finally {
      this.execAsync = before;
    }
  },

  setAsyncExecute(value) {
    this.execAsync = value;
  },

  setEventLock(value) {
    this.execLock = value;
  },

  disconnect() {
    if (!this.socket) return;
    this.send('exit');
    const { socket } = this;
    this.socket = null;
    socket.end();
  },

  auth(cb) {
    this.sendRecv(`auth ${this.password}`, (event) => {
      this.authed = event.getHeader('Modesl-Reply-OK') === 'accepted';
      if (this.authed) {
        this.subscribe(this.reqEvents);
        this.emit('esl::event::auth::success', event);
        this.emit('esl::ready');
        if (typeof cb === 'function') cb(null, event);
        return;
      }
      this.emit('esl::event::auth::fail', event);
      if (typeof cb === 'function') cb(event.error ?? new EslError('authentication', 'Authentication Failed'), event);
    });
  },

  show(item, format, cb) {
    if (typeof format === 'function') [format, cb] = [null, format];
    const wanted = format || 'json';
    this.bgapi(`show ${item} as ${wanted}`, (event) => {
      if (!cb) return;
      const data = event.getBody();
      if (event.error) return cb(event.error);
      if (data.includes('-ERR')) return cb(new EslError('refused', data));
      let parsed;
      try {
        parsed = parseShow(wanted, data);
      } catch (error) {
        return cb(error);
      }
      cb(null, parsed, data);
    });
  },

  originate(options, cb) {
    if (typeof options === 'function') [options, cb] = [null, options];
    const { profile, number, gateway, app, sync } = options ?? {};
    const target = `sofia/${profile || ''}/${number || ''}@${gateway || ''}${app ? ` &${app}` : ''}`;
    if (sync) this.api('originate', target, cb);
    else this.bgapi('originate', target, cb);
  },

  message(options, cb) {
    if (typeof options === 'function') [options, cb] = [null, options];
    const { to, from, profile, body, subject, deliveryConfirmation } = options ?? {};
    const event = new Event('custom', 'SMS::SEND_MESSAGE');
    const headers = {
      proto: 'sip', dest_proto: 'sip', from: `sip:${from || ''}`, from_full: `sip:${from || ''}`, to: to || '',
      sip_profile: profile || '', subject: subject || '', ...(deliveryConfirmation ? { blocking: 'true' } : {}),
      type: 'text/plain', 'Content-Type': 'text/plain',
    };
    for (const [name, value] of Object.entries(headers)) event.addHeader(name, value);
    event.addBody(body || '');
    this.sendEvent(event, cb);
  },

  _noop() {},

  _doExec(uuid, command, args, cb) {
    const id = newUuid();
    const lines = { ...args, 'call-command': command };
    if (this.execAsync) lines.async = true;
    if (this.execLock) lines['event-lock'] = true;
    lines['Event-UUID'] = id;
    const run = cb && this[PENDING].run(id, uuid, (event) => cb(event));
    const onReply = (reply) => run && this[PENDING].accepted(run, reply, this._inbound && !hangupsCome(this));
    transmit(this, () => encode(oneLine(`sendmsg ${uuid}`), lines), { onReply });
    return id;
  },

  _onError(error) {
    this.emit('error', error);
  },

  _onConnect() {
    this.parser = new Parser(this.socket);
    this.parser.on('esl::event', (event, headers, body) => this._onEvent(event, headers, body));
    this.parser.on('error', (error) => {
      // Out of step for good, unless it is about one event only, such as its JSON.
      if (error instanceof EslError) this.parser.socket.destroy();
      else if (this.listeners('error').length === 0) return;
      this._onError(error);
    });
    this.socket.setNoDelay?.(true);
    this.emit('esl::connect');
    this.connecting = false;
    this.on('esl::event::auth::request', () => this.auth());
  },

  _onEvent(event, headers, body) {
    const pending = this[PENDING];
    const kind = headers['Content-Type'];
    const [source, at] = [event[SOURCE], event[AT]];
    const uuid = source?.usualUuid(at);
    if (uuid !== undefined) {
      try {
        pending.arrived(event);
      } finally {
        emitEvent(this, source.typeNumber(at), uuid, event, headers, body);
      }
      return;
    }
    if ((kind === 'command/reply' || kind === 'api/response') && pending.hidden(kind === 'api/response', event)) return;
    const name = `esl::event::${nameOf(this, event, headers)}`;
    if (headers['Content-Disposition'] === 'linger') pending.lingers(headers['Controlled-Session-UUID'] ?? null, event);
    try {
      if (kind?.startsWith('text/event-')) pending.arrived(event);
    } finally {
      this.emit(name, event, headers, body);
    }
  },
});

function dial(connection, host, port, password) {
  connection._inbound = true;
  connection.password = password;
  connection.socket = net.connect({ host, port }, () => connection._onConnect());
  watch(connection);
}

function adopt(connection, socket) {
  connection._inbound = false;
  connection.socket = socket;
  connection.connecting = false;
  connection._onConnect();
  watch(connection);
  connection.sendRecv('connect', (event) => {
    if (event.error) return;
    connection.subscribe(connection.reqEvents, (reply) => {
      if (!reply.error) connection.emit('esl::ready');
    });
  });
}

function watch(connection) {
  const { socket } = connection;
  const end = () => {
    connection.socket = null;
    connection[PENDING].end();
  };
  // After the end, or our own `exit`, errors mean nothing.
  socket.on('error', (error) => connection.socket && connection._onError(error));
  socket.on('end', () => {
    connection.emit('esl::end');
    end();
  });
  socket.on('close', end);
}

/** Writes the text that `make` returns. When that fails, callbacks get the error, later, as they would a reply. */
function transmit(connection, make, record) {
  const pending = connection[PENDING];
  let text;
  try {
    text = make();
    if (!connection.socket) throw new EslError('disconnected', 'the connection is over');
  } catch (error) {
    const event = error.code === 'ESL_DISCONNECTED' ? disconnected() : failed(error);
    if (record.cb || record.onReply) setImmediate(() => pending.call(record, [event]));
    else connection.emit('error', error);
    return;
  }
  pending.sent(text, record);
  connection.socket.write(text);
}

/** Asks the server, unseen by the program, whether a channel is there; null when it does not say. */
function exists(connection, channel, done) {
  const words = { true: true, false: false };
  const onReply = (reply) => done(words[String(reply.getBody()).trim()] ?? null);
  transmit(connection, () => encode(oneLine(`api uuid_exists ${channel}`)), { onReply, hidden: true });
}

/** Whether the end of any channel comes as an event. */
function hangupsCome({ listeningEvents, usingFilters }) {
  return !usingFilters && listeningEvents.some((name) => /^(all|channel_hangup_complete|channel_destroy)$/i.test(name));
}

/** The required events go before CUSTOM: every word after that is taken for a subclass. */
function withRequired(wanted, required) {
  const missing = required.filter((name) => !wanted.includes(name));
  const custom = wanted.findIndex((name) => /^custom\b/i.test(name));
  return custom < 0 ? [...wanted, ...missing] : [...wanted.slice(0, custom), ...missing, ...wanted.slice(custom)];
}

function nameOf(connection, event, headers) {
  const uuid = event.getHeader('Job-UUID') || event.getHeader('Unique-ID') || event.getHeader('Core-UUID');
  const suffix = uuid ? `::${uuid}` : '';
  switch (headers['Content-Type']) {
    case 'auth/request': return 'auth::request';
    case 'command/reply':
      if (headers['Event-Name'] === 'CHANNEL_DATA' && !connection._inbound) {
        connection.channelData = event;
        connection.emit(`esl::event::CHANNEL_DATA${suffix}`, event);
      }
      return 'command::reply';
    case 'log/data': return 'logdata';
    case 'text/disconnect-notice': return 'disconnect::notice';
    case 'api/response': return 'api::response';
    case 'text/event-json':
    case 'text/event-plain':
    case 'text/event-xml': return `${event.getHeader('Event-Name')}${suffix}`;
    default: return `raw::${headers['Content-Type']}`;
  }
}

module.exports = { Connection };
