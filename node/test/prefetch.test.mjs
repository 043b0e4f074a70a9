// Headers that are read of many events come another way than the first ones do: they must be the same.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { until } from './support/index.mjs';

let sim;

before(() => (sim = new Simulator()));
after(() => sim.close());

const VALUES = [
  'short', 'x'.repeat(999), 'x'.repeat(1000), 'x'.repeat(1001), 'y'.repeat(70_000), 'grüße', '日本', 'a b%41', '|:', ' ', 'line\nbreak',
  'ARRAY::a|:b', '\u0000', '0',
];
const NAMES = ['Event-Name', 'n', 'value', 'VALUE', 'Unique-ID', 'none', 'variable_sometimes', '_body', 'Content-Length'];

/** The events of one batch and more, each of which reads as `check` says. */
async function each(format, count, check) {
  const conn = await connect(sim.target);
  await conn.subscribe('HEARTBEAT', { format });
  for (let n = 0; n < count; n += 1) {
    const headers = { n, value: VALUES[n % VALUES.length], 'Unique-ID': `uuid-${n}` };
    if (n % 3 === 0) headers.variable_sometimes = String(n);
    if (n % 5 === 0) headers._body = `body ${n}`;
    sim.fire('HEARTBEAT', headers);
  }
  await until(() => conn.stats().queued === count);
  let seen = 0;
  await new Promise((resolve, reject) => conn.on('event', (event) => {
    try {
      check(event, seen);
    } catch (error) {
      reject(error);
    }
    if (++seen === count) resolve();
  }));
  await conn.close();
}

for (const format of ['plain', 'json', 'xml']) {
  test(`prefetched headers are the same as headers read one by one (${format})`, () => each(format, 1500, (event, n) => {
    assert.equal(event.get('n'), String(n));
    // A copy is read header by header.
    const copy = event.clone();
    for (const name of NAMES) assert.equal(event.get(name), copy.get(name), `${name} of event ${n}`);
    assert.equal(event.get('variable_sometimes'), n % 3 === 0 ? String(n) : null);
  }));
}

const BODIES = [undefined, 'short', '', 'x'.repeat(1000), 'y'.repeat(70_000), 'grüße', 'two\nlines\n'];

for (const format of ['plain', 'json']) {
  test(`prefetched bodies are the same as bodies read one by one (${format})`, async () => {
    const conn = await connect(sim.target);
    await conn.subscribe('HEARTBEAT', { format });
    const count = 1500;
    for (let n = 0; n < count; n += 1) sim.fire('HEARTBEAT', { n, _body: BODIES[n % BODIES.length] });
    await until(() => conn.stats().queued === count);
    let n = 0;
    for await (const event of conn) {
      // A copy has its own body, read alone.
      const expected = event.clone().body;
      assert.equal(event.body, expected, `the body of event ${n}`);
      if (BODIES[n % BODIES.length]) assert.equal(expected, BODIES[n % BODIES.length]);
      assert.equal(event.get('n'), String(n));
      assert.equal(event.get('\n'), null);
      event.setBody('edited');
      assert.equal(event.body, 'edited');
      n += 1;
      if (n === count) break;
    }
    await conn.close();
  });
}

test('an edited event has its edited headers', () => each('plain', 600, (event, n) => {
  assert.equal(event.get('n'), String(n));
  event.set('n', 'edited');
  assert.equal(event.get('n'), 'edited');
  event.delete('n');
  assert.equal(event.get('n'), null);
  assert.equal(event.get('Unique-ID'), `uuid-${n}`);
}));

test('names may change, and there may be many of them', () => each('plain', 2500, (event, n) => {
  for (let more = 0; more < 30; more += 1) assert.equal(event.get(`none-${(n >> 7) * 5 + more}`), null);
  assert.equal(event.get('n'), String(n));
  assert.throws(() => event.get(7));
}));

test('an event that is kept is read long after its batch', async () => {
  const kept = [];
  await each('plain', 900, (event) => { event.get('n'); kept.push(event); });
  kept.forEach((event, n) => assert.equal(event.get('n'), String(n)));
  assert.equal(kept[14].get('Unique-ID'), 'uuid-14');
});
