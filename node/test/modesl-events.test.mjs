// modesl's layer keeps what it has found out about listeners, and reads headers for many events at once: neither is seen.
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Connection, Parser } from 'switchwire/modesl';
import { plain } from './support/index.mjs';

const require = createRequire(import.meta.url);
const { EventEmitter2 } = require('eventemitter2');
const { Emitter, emitEvent, emitOften } = require('../lib/modesl/emitter.js');
const { TYPES } = require('../lib/modesl/received.js');

const UUIDS = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const NUMBERS = ['HEARTBEAT', 'CUSTOM', 'CHANNEL_CREATE'].map((type) => TYPES.indexOf(type));
const PATTERNS = [
  '**', 'esl::**', 'esl::*::**', 'esl::event', 'esl::event::*', 'esl::event::**', 'esl::event::*::*', 'esl::event::CUSTOM::*',
  'esl::event::CUSTOM::**', 'esl::**::CUSTOM::*', ['esl', 'event', 'HEARTBEAT', '*'], ['esl', 'event', '*', UUIDS[2]],
  ...UUIDS.flatMap((uuid) => [`esl::event::CUSTOM::${uuid}`, `esl::event::*::${uuid}`, `**::${uuid}`, `esl::**::${uuid}`]),
];

/** The same numbers each time. */
function random(seed) {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

test('events reach the listeners that EventEmitter2 finds, in its order, whatever comes and goes', () => {
  let calls = 0;
  for (let seed = 1; seed <= 300; seed += 1) {
    const next = random(seed);
    const pick = (list) => list[next(list.length)];
    const ours = new Emitter();
    const theirs = new EventEmitter2({ wildcard: true, delimiter: '::', maxListeners: 25 });
    const seen = { ours: [], theirs: [] };
    const listeners = Array.from({ length: 6 }, (_, n) => {
      const listener = (which) => function (...args) {
        seen[which].push([n, this.event, ...args]);
      };
      return { ours: listener('ours'), theirs: listener('theirs') };
    });
    const change = (method, pattern, listener) => {
      ours[method](...pattern, ...(listener ? [listener.ours] : []));
      theirs[method](...pattern, ...(listener ? [listener.theirs] : []));
    };
    for (let step = 0; step < 60; step += 1) {
      const pattern = [pick(PATTERNS)];
      const what = next(20);
      if (what < 4) change(pick(['on', 'addListener', 'prependListener', 'once', 'prependOnceListener']), pattern, pick(listeners));
      else if (what < 5) change('many', [...pattern, 2], pick(listeners));
      else if (what < 7) change(pick(['off', 'removeListener']), pattern, pick(listeners));
      else if (what < 8 && next(4) === 0) change('removeAllListeners', next(3) === 0 ? [] : pattern);
      else if (what < 9 && next(4) === 0) change('onAny', [], pick(listeners));
      else if (what < 10 && ours.listenersAny().length > 0) change('offAny', []);
      else {
        const [number, uuid] = [pick(NUMBERS), pick(UUIDS)];
        emitEvent(ours, number, uuid, 'event', 'headers', 'body');
        theirs.emit(`esl::event::${TYPES[number]}::${uuid}`, 'event', 'headers', 'body');
        emitOften(ours, 'esl::event', step, 'headers', 'body');
        theirs.emit('esl::event', step, 'headers', 'body');
      }
    }
    assert.deepEqual(seen.ours, seen.theirs, `seed ${seed}`);
    calls += seen.ours.length;
  }
  assert.ok(calls > 5000, `${calls} calls`);
});

test('listeners may come and go while they are called, and wait for one event', async () => {
  const emitter = new Emitter();
  const seen = [];
  const emit = () => emitEvent(emitter, NUMBERS[1], UUIDS[0], 'event', {}, '');
  const second = () => seen.push('second');
  emitter.on('esl::event::**', () => {
    seen.push('first');
    emitter.on('esl::event::CUSTOM::*', second);
  });
  emit();
  emit();
  assert.deepEqual(seen.sort(), ['first', 'first', 'second']);
  emitter.removeAllListeners('esl::event::CUSTOM::*');
  const waited = emitter.waitFor(`esl::event::CUSTOM::${UUIDS[0]}`);
  emit();
  assert.deepEqual(await waited, ['event', {}, '']);
});

test('an emit of the program\'s own is called, and so is a listener of each of many ids', () => {
  const seen = [];
  class Own extends Emitter {
    emit(name, ...args) {
      seen.push(name);
      return super.emit(name, ...args);
    }
  }
  emitEvent(new Own(), NUMBERS[1], UUIDS[0], 'event');
  emitOften(new Own(), 'esl::event', 'event');
  assert.deepEqual(seen, [`esl::event::CUSTOM::${UUIDS[0]}`, 'esl::event']);
  const emitter = new Emitter();
  let calls = 0;
  for (let n = 0; n < 5000; n += 1) {
    const uuid = `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    emitter.once(`esl::event::CUSTOM::${uuid}`, () => (calls += 1));
    emitEvent(emitter, NUMBERS[1], uuid, 'event');
    emitEvent(emitter, NUMBERS[1], uuid, 'event');
  }
  assert.equal(calls, 5000);
});

const VALUES = [
  'short', 'x'.repeat(999), 'x'.repeat(1001), 'y'.repeat(70_000), 'grüße', '日本', 'a b%41', '|:', ' ', 'ARRAY::a|:b', '0', 'tab\t"quote"\\',
];
const NAMES = ['Event-Name', 'n', 'value', 'VALUE', 'Unique-ID', 'none', 'sometimes', 'list', '_body', 'Content-Length', 'Event-Subclass', '__proto__'];

/** Events of all sizes, as a server sends them in that format. */
function* stream(format) {
  for (let n = 0; n < 400; n += 1) {
    const headers = { 'Event-Name': n % 7 === 0 ? 'OWN_NAME' : 'CUSTOM', 'Event-Subclass': 'a::b', n: String(n), value: VALUES[n % VALUES.length], 'Unique-ID': UUIDS[n % 3] };
    if (n % 3 === 0) headers.sometimes = '1';
    if (n % 4 === 0) headers.n = `again ${n}`;
    if (n % 9 === 0) headers.list = 'of one';
    const body = n % 5 === 0 ? `body ${n}\n${n % 10 === 0 ? 'ü' : ''}` : undefined;
    if (body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(body));
    if (format === 'json') {
      if (n % 11 === 0) headers.list = ['1,', 'n', 'ü'];
      if (n % 22 === 0) headers['Event-Subclass'] = ['a', 'b'];
      if (n % 13 === 0) headers.number = 7;
      if (body !== undefined) headers._body = body;
      const text = JSON.stringify(headers);
      yield `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-json\n\n${text}`;
    } else {
      const lines = Object.entries(headers).map(([name, value]) => `${name}: ${encodeURIComponent(value)}\n`).join('');
      yield plain(`${lines}\n${body ?? ''}`);
    }
  }
}

for (const format of ['plain', 'json']) {
  test(`headers come the same, whether they are read one by one, many at once, or all of them (${format})`, () => {
    const text = Buffer.from([...stream(format)].join(''));
    const read = (step, reader) => {
      const socket = new EventEmitter();
      const parser = new Parser(socket);
      const all = [];
      parser.on('esl::event', (event, headers, body) => all.push(reader(event, headers, body)));
      for (let at = 0; at < text.length; at += step) socket.emit('data', text.subarray(at, at + step));
      return all;
    };
    const quick = (event, headers, body) => [
      event.type, event.subclass, event.body, headers, body, ...NAMES.map((name) => event.getHeader(name)), event.headers];
    const settled = (event, headers, body) => {
      const all = event.headers;
      const own = (name) => all.find((header) => header.name === name)?.value ?? null;
      return [own('Event-Name') ?? undefined, own('Event-Subclass') ?? undefined, event.body, headers, body, ...NAMES.map(own), all];
    };
    const wanted = read(text.length, settled);
    assert.equal(wanted.length, 400);
    assert.equal(wanted[5].at(-1).some(({ name }) => name === 'Content-Length'), true);
    assert.deepEqual(read(text.length, quick), wanted);
    assert.deepEqual(read(977, quick), wanted);
  });
}

test('an event that is kept is read long after its batch', () => {
  const socket = new EventEmitter();
  const conn = new Connection(Object.assign(socket, { write() {}, end() {} }));
  const kept = [];
  conn.on('esl::event::CUSTOM::*', (event) => {
    event.getHeader('n');
    kept.push(event);
  });
  socket.emit('data', Buffer.from([...stream('plain')].join('')));
  assert.ok(kept.length > 300);
  for (const event of kept) assert.match(event.getHeader('n'), /\d$/);
  kept[1].addHeader('n', 'changed');
  assert.equal(kept[1].getHeader('n'), 'changed');
  assert.equal(kept[2].getHeader('n'), '3');
});
