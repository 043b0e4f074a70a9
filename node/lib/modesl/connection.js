'use strict';
// modesl's Connection on a socket of Node's, the protocol decoded natively. Differences, all where modesl loses or mixes up
// callbacks: answers go to the command that asked, whatever its kind; what is pending when the connection ends is called
// with an event that has `error`; a command is one write, without delay.

const { randomUUID } = require('node:crypto');
const net = require('node:net');
const { EventEmitter2 } = require('eventemitter2');
const { EslError } = require('../errors');
const { Event } = require('./event');
const { log, oneLine } = require('./log');
const { EMITTER, Parser } = require('./parser');
const { parseShow } = require('./show');

class Connection extends EventEmitter2 {
  /** Commands sent and not answered, in order: which public queue the callback is in, and the callback. */
  #sent = [];
  /** Callbacks that wait for an event, to be told when the connection ends. */
  #waiting = new Set();
  #ended = false;

  constructor(...args) {
    super(EMITTER);
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
    this.on('esl::event::logdata', (event) => log._doLog(event));
    this.on('esl::event::command::reply', (...told) => this.#answered(told));
    this.on('esl::event::api::response', (...told) => this.#answered(told));
    if (args.length >= 3) this.#dial(...args);
    else if (args.length >= 1) this.#adopt(args[0]);
    else this.emit('error', new EslError('invalid-argument', 'Bad arguments passed to esl.Connection'));
  }

  socketDescriptor() {
    return this._inbound ? null : this.socket;
  }

  connected() {
    return !this.connecting && Boolean(this.socket);
  }

  getInfo() {
    return this.channelData;
  }

  send(command, args) {
    this.#send(command, args, null, undefined);
  }

  sendRecv(command, args, cb) {
    if (typeof args === 'function') [args, cb] = [null, args];
    this.cmdCallbackQueue.push(cb);
    this.#send(command, args, this.cmdCallbackQueue, cb);
  }

  api(command, args, cb) {
    if (typeof args === 'function') [args, cb] = ['', args];
    const text = list(args);
    this.apiCallbackQueue.push(cb);
    this.#send(`api ${command}${text ? ` ${text}` : ''}`, null, this.apiCallbackQueue, cb);
  }

  bgapi(command, args, jobid, cb) {
    if (typeof args === 'function') [args, jobid, cb] = ['', null, args];
    if (typeof jobid === 'function') [jobid, cb] = [null, jobid];
    const id = jobid || randomUUID();
    const filtering = this.usingFilters;
    const begin = () => {
      if (cb) this.#onceFor(`esl::event::BACKGROUND_JOB::${id}`, cb, () => true, (event) => {
        if (!filtering || event.error) return cb(event);
        this.filterDelete('Job-UUID', id, () => cb(event));
      });
      this.sendRecv(`bgapi ${command} ${list(args)}`, { 'Job-UUID': id });
    };
    if (filtering) this.filter('Job-UUID', id, begin);
    else begin();
  }

  sendEvent(event, cb) {
    this.sendRecv(`sendevent ${event.getHeader('Event-Name')}\n${event.serialize()}`, cb);
  }

  recvEvent(cb = this._noop) {
    this.once('esl::event::**', cb);
  }

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
  }

  filter(header, value, cb) {
    this.usingFilters = true;
    this.sendRecv(`filter ${header} ${value}`, cb);
  }

  filterDelete(header, value, cb) {
    if (typeof value === 'function') [value, cb] = [null, value];
    this.sendRecv(`filter delete ${header}${value ? ` ${value}` : ''}`, cb);
  }

  events(type, events, cb) {
    if (typeof events === 'function') [events, cb] = ['all', events];
    const format = ['plain', 'xml', 'json'].includes(type) ? type : 'plain';
    const wanted = Array.isArray(events) ? [...events] : String(events || 'all').split(' ');
    if (wanted.length === 1 && wanted[0].toLowerCase() === 'all') this.listeningEvents = ['all'];
    else this.listeningEvents = this.#withRequired(wanted);
    this.sendRecv(`event ${format} ${this.listeningEvents.join(' ')}`, cb);
  }

  subscribe(events, cb) {
    this.events('json', events || 'all', cb);
  }

  /** Gives the Event-UUID of this run; the callback gets its CHANNEL_EXECUTE_COMPLETE. */
  execute(app, arg, uuid, cb) {
    if (typeof arg === 'function') [arg, cb] = ['', arg];
    if (typeof uuid === 'function') [uuid, cb] = [null, uuid];
    const options = { 'execute-app-name': app, 'execute-app-arg': arg };
    const channel = this._inbound ? uuid || randomUUID() : this.getInfo()?.getHeader('Unique-ID') ?? uuid ?? '';
    return this._doExec(channel, 'execute', options, cb);
  }

  executeAsync(app, arg, uuid, cb) {
    const before = this.execAsync;
    this.execAsync = true;
    try {
      return this.execute(app, arg, uuid, cb);
    } finally {
      this.execAsync = before;
    }
  }

  setAsyncExecute(value) {
    this.execAsync = value;
  }

  setEventLock(value) {
    this.execLock = value;
  }

  disconnect() {
    if (!this.socket) return;
    this.send('exit');
    const { socket } = this;
    this.socket = null;
    socket.end();
  }

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
  }

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
  }

  originate(options, cb) {
    if (typeof options === 'function') [options, cb] = [null, options];
    const { profile = '', number = '', gateway = '', app = '', sync = false } = options ?? {};
    const target = `sofia/${profile}/${number}@${gateway}${app ? ` &${app}` : ''}`;
    if (sync) this.api('originate', target, cb);
    else this.bgapi('originate', target, cb);
  }

  message(options, cb) {
    if (typeof options === 'function') [options, cb] = [null, options];
    const { to = '', from = '', profile = '', body = '', subject = '', deliveryConfirmation } = options ?? {};
    const event = new Event('custom', 'SMS::SEND_MESSAGE');
    const headers = {
      proto: 'sip', dest_proto: 'sip', from: `sip:${from}`, from_full: `sip:${from}`, to, sip_profile: profile, subject,
      ...(deliveryConfirmation ? { blocking: 'true' } : {}), type: 'text/plain', 'Content-Type': 'text/plain',
    };
    for (const [name, value] of Object.entries(headers)) event.addHeader(name, oneLine(String(value)));
    event.addBody(body);
    this.sendEvent(event, cb);
  }

  _noop() {}

  _doExec(uuid, command, args, cb) {
    const id = randomUUID();
    const lines = { ...args, 'call-command': command, 'Event-UUID': id };
    if (this.execAsync) lines.async = true;
    if (this.execLock) lines['event-lock'] = true;
    const own = (event) => (event.getHeader('Application-UUID') || event.getHeader('Event-UUID')) === id;
    this.#onceFor(`esl::event::CHANNEL_EXECUTE_COMPLETE::${uuid}`, cb, own, (event) => cb?.(event));
    this.send(`sendmsg ${uuid}`, lines);
    return id;
  }

  _onError(error) {
    this.emit('error', error);
  }

  _onConnect() {
    this.parser = new Parser(this.socket);
    this.parser.on('esl::event', (event, headers, body) => this._onEvent(event, headers, body));
    this.parser.on('error', (error) => this._onError(error));
    this.socket.setNoDelay?.(true);
    this.emit('esl::connect');
    this.connecting = false;
    this.on('esl::event::auth::request', () => this.auth());
  }

  _onEvent(event, headers, body) {
    this.emit(`esl::event::${this.#name(event, headers)}`, event, headers, body);
  }

  #dial(host, port, password) {
    this._inbound = true;
    this.password = password;
    this.socket = net.connect({ host, port }, () => this._onConnect());
    this.#watch();
  }

  #adopt(socket) {
    this._inbound = false;
    this.socket = socket;
    this.connecting = false;
    this._onConnect();
    this.#watch();
    this.sendRecv('connect', (event) => {
      if (event.error) return;
      this.subscribe(this.reqEvents, (answer) => {
        if (!answer.error) this.emit('esl::ready');
      });
    });
  }

  #watch() {
    const { socket } = this;
    // After the end, or our own goodbye, there is nothing left to break.
    socket.on('error', (error) => this.socket && this._onError(error));
    socket.on('end', () => {
      this.emit('esl::end');
      this.socket = null;
      this.#end();
    });
    socket.on('close', () => this.#end());
  }

  /** Nothing will be answered any more: whoever waits is told so. */
  #end() {
    if (this.#ended) return;
    this.#ended = true;
    this.socket = null;
    const error = new EslError('disconnected', 'the connection is over');
    const told = new Event({ 'Event-Name': 'SERVER_DISCONNECTED', 'Reply-Text': `-ERR ${error.message}`, 'Modesl-Reply-ERR': error.message }, `-ERR ${error.message}`);
    told.error = error;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const record of this.#sent.splice(0)) this.#call(record, [told]);
    for (const tell of waiting) tell(told);
  }

  #send(command, args, queue, cb) {
    let text;
    try {
      text = encode(String(command), args);
      if (!this.socket) throw new EslError('disconnected', 'the connection is over');
      this.#sent.push({ queue, cb });
      this.socket.write(text);
    } catch (error) {
      // Callbacks are told later, as after a real answer.
      if (typeof cb === 'function') setImmediate(() => this.#call({ queue, cb }, [failed(error)]));
      else this.emit('error', error);
    }
  }

  #answered(told) {
    const record = this.#sent.shift();
    if (record) this.#call(record, told);
  }

  /** Calls back, unless the program has taken the callback out of its queue. */
  #call({ queue, cb }, told) {
    if (queue === null) return;
    const at = queue.indexOf(cb);
    if (at < 0) return;
    queue.splice(at, 1);
    if (typeof cb === 'function') cb.apply(this, told);
  }

  /** Calls `then` with the first event of that name that is `own`, or when the connection ends. */
  #onceFor(name, cb, own, then) {
    const tell = (event) => {
      if (!event.error && !own(event)) return;
      this.removeListener(name, tell);
      this.#waiting.delete(tell);
      then(event);
    };
    if (this.#ended || !this.socket) {
      if (cb) setImmediate(then, failed(new EslError('disconnected', 'the connection is over')));
      return;
    }
    this.on(name, tell);
    this.#waiting.add(tell);
  }

  /** The required events go before CUSTOM: every word behind that is taken for a subclass. */
  #withRequired(wanted) {
    const missing = this.reqEvents.filter((name) => !wanted.includes(name));
    const custom = wanted.findIndex((name) => /^custom\b/i.test(name));
    return custom < 0 ? [...wanted, ...missing] : [...wanted.slice(0, custom), ...missing, ...wanted.slice(custom)];
  }

  #name(event, headers) {
    const uuid = event.getHeader('Job-UUID') || event.getHeader('Unique-ID') || event.getHeader('Core-UUID');
    const suffix = uuid ? `::${uuid}` : '';
    switch (headers['Content-Type']) {
      case 'auth/request': return 'auth::request';
      case 'command/reply':
        if (headers['Event-Name'] === 'CHANNEL_DATA' && !this._inbound) {
          this.channelData = event;
          this.emit(`esl::event::CHANNEL_DATA${suffix}`, event);
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
}

/** One command's text, in one piece. What a `sendevent` holds may have lines; everything else is one line each. */
function encode(command, args) {
  const isEvent = /^(sendevent|sendmsg)\b/i.test(command);
  if (!isEvent) oneLine(command.replace(/\n+$/, ''));
  const lines = Object.entries(args ?? {}).map(([name, value]) => `${oneLine(`${name}: ${value}`)}\n`);
  return `${command}\n${lines.join('')}\n`;
}

function failed(error) {
  const event = new Event({ 'Reply-Text': `-ERR ${error.message}`, 'Modesl-Reply-ERR': error.message }, `-ERR ${error.message}`);
  event.error = error;
  return event;
}

function list(args) {
  return Array.isArray(args) ? args.join(' ') : String(args || '');
}

module.exports = { Connection };
