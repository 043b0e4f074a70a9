'use strict';
// The event by itself, call by call.
const { esl, main, say } = require('./transcript.cjs');

const { Event } = esl;
const attempt = (work) => {
  try {
    return work();
  } catch (error) {
    return error.constructor.name;
  }
};

main(async () => {
  const made = [
    new Event(), new Event('MESSAGE'), new Event('CUSTOM', 'a::b'), new Event('anything', ''), new Event({}),
    new Event({ 'Event-Name': 'X', 'Event-Subclass': 'y', 'Content-Length': '5', n: 5, _body: 'inner' }),
    new Event({ 'Event-Name': 'X', _body: 'inner' }, 'outer'), new Event({ a: 'b' }, ''),
  ];
  for (const event of made) {
    say('new', event, Object.keys(event), event.hasOwnProperty('headers'), Object.getOwnPropertyNames(event), event.getType(), event.getBody());
    say('headers', event.getHeader('Event-Name'), event.getHeader('event-name'), event.getHeader('nothing'), event.getHeader());
    for (const format of ['plain', 'json', 'xml', undefined, null, 'yaml']) say('text', format, attempt(() => event.serialize(format)) ?? 'nothing');
    say('add', event.addHeader('A', 'x y'), event.addHeader('A', '2'), event.addHeader('B', 3), event.addHeader('É', '<&>"\''));
    say('body', event.addBody('one'), event.addBody(' <two> ü'), event.getBody());
    say('priority', event.setPriority(Event.PRIORITY.HIGH), event.getHeader('priority'));
    say('delete', event.delHeader('A'), event.delHeader('A'), event.delHeader('nothing'));
    say('pointer', event.hPtr, event.nextHeader(), event.firstHeader(), event.hPtr);
    const names = [];
    for (let name = event.firstHeader(); name; name = event.nextHeader()) names.push(name);
    say('walk', names, event.hPtr, event.nextHeader());
    for (const format of ['plain', 'json', 'xml']) say('text', format, event.serialize(format));
    say('copy', { ...event }, JSON.stringify(event));
    say('private', event._findHeaderIndex('B'), event._findHeaderIndex('no'), event._findHeader('no'), event._findHeader('B'));
  }
  const event = new Event('MESSAGE');
  event.headers.push({ name: 'pushed', value: 'by hand' });
  event.body = 'set';
  event.type = 'OTHER';
  say('open', event.getHeader('pushed'), event.getBody(), event.getType(), event.serialize());
  for (const { name, value } of event.headers) say('each', name, value);
  say('statics', Event.PRIORITY, esl.setLogLevel === esl.eslSetLogLevel, esl._log, esl._level, Object.keys(esl).sort());
  // Old-style inheritance.
  function Own() { Event.call(this, 'CUSTOM', 'own'); }
  Object.setPrototypeOf(Own.prototype, Event.prototype);
  say('own', new Own().getHeader('Event-Subclass'), new Own() instanceof Event);
  class Newer extends Event {}
  say('newer', new Newer('X').getType(), new Newer('X') instanceof Event);
  say('methods', [esl.Connection, esl.Server, esl.Parser].map((kind) => attempt(() => {
    const made = Object.create(kind.prototype);
    return typeof made.on;
  })));
});
