import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Event } from 'switchwire';
import { bytes, captures, vectors } from './support/index.mjs';

const native = createRequire(import.meta.url)('../native/index.js');

/** All events and messages of a stream fed in pieces of that size; stops at an error. */
function decode(stream, step) {
  const decoder = new native.NativeDecoder();
  const found = [];
  try {
    for (let at = 0; at < stream.length; at += step) {
      decoder.feed(stream.subarray(at, at + step));
      for (let batch = decoder.take(); batch; batch = decoder.take()) {
        for (let place = 0; place < batch.length; place += 1) found.push([batch, place]);
      }
    }
  } catch (error) {
    found.push([error.code]);
  }
  return found;
}

const text = (value) => bytes(value)?.toString('utf8') ?? null;

function check(event, wanted, context) {
  assert.deepEqual([...event], wanted.headers.map(({ name, value }) => [text(name), text(value)]), context);
  assert.equal(event.body, text(wanted.body), context);
  for (const { name } of wanted.headers) {
    const first = wanted.headers.find((other) => text(other.name).toLowerCase() === text(name).toLowerCase());
    if (text(name) !== '_body') assert.deepEqual(event.getBytes(text(name)), bytes(first.value), context);
  }
}

test('decode vectors', () => {
  for (const vector of vectors('decode')) {
    const stream = Buffer.from(vector.bytes, 'base64');
    for (const step of [stream.length || 1, 7, 1]) {
      const found = decode(stream, step).filter(([batch]) => typeof batch !== 'string');
      vector.expect.filter(({ status }) => status !== 'FAIL').forEach((expected, at) => {
        const context = `${vector.name}, ${step} at a time, message ${at}`;
        const [batch, place] = found[at];
        check(new Event(batch.classic(place), undefined, 0), expected.event ?? expected.message, context);
      });
    }
  }
});

test('event vectors', () => {
  for (const vector of vectors('event_ops')) {
    const all = JSON.stringify(vector.ops);
    // Bytes that are no text cannot be given in strings.
    if (all.includes('"b64"')) continue;
    const event = new Event(vector.new[0], vector.new[1] ?? undefined);
    for (const [operation, ...args] of vector.ops) OPERATIONS[operation](event, ...args);
    const context = `${vector.new} ${all}`.slice(0, 500);
    check(event, vector.expect, context);
    for (const [, name, index, value] of vector.expect.queries) {
      assert.equal(event.get(name, index < 0 ? undefined : index), text(value), `${context}: ${name}[${index}]`);
    }
  }
});

const OPERATIONS = {
  addHeader: (event, name, value) => event.add(name, value),
  pushHeader: (event, name, value) => event.push(name, value),
  unshiftHeader: (event, name, value) => event.unshift(name, value),
  delHeader: (event, name) => event.delete(name),
  setPriority: (event, at) => event.setPriority(['NORMAL', 'LOW', 'HIGH'][at]),
  addBody: (event, body) => event.setBody(body),
};

test('recordings read the same in any fragmentation', () => {
  for (const { name, bytes: stream } of captures()) {
    const whole = decode(stream, stream.length);
    const pieces = decode(stream, 1009);
    assert.equal(pieces.length, whole.length, name);
    assert.ok(whole.length > 0 || stream.length < 40, name);
    whole.forEach(([batch, at], place) => {
      const [other, otherAt] = pieces[place];
      if (typeof batch === 'string') return assert.equal(other, batch);
      assert.ok(batch.equals(at, other, otherAt), `${name} ${place}`);
      if (place % 50 === 0) assert.equal(new Event(batch, undefined, at).toJSON().length, undefined);
    });
  }
});
