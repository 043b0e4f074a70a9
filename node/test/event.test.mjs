import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EVENT_TYPES, Event } from 'switchwire';

test('an event is built, read and written', () => {
  const event = new Event('CUSTOM', 'a::b').add('X-Name', 'Jürgen').push('list', '1').push('list', '2').setBody('body');
  assert.equal(event.type, 'CUSTOM');
  assert.equal(event.subclass, 'a::b');
  assert.equal(event.get('x-NAME'), 'Jürgen');
  assert.equal(event.get('nothing'), null);
  assert.deepEqual(event.array('list'), ['1', '2']);
  assert.equal(event.get('list', 1), '2');
  assert.equal(event.get('list'), 'ARRAY::1|:2');
  assert.equal(event.body, 'body');
  assert.deepEqual([...event].map(([name]) => name), ['Event-Name', 'Event-Subclass', 'X-Name', 'list']);
  assert.deepEqual(event.toJSON(), {
    'Event-Name': 'CUSTOM', 'Event-Subclass': 'a::b', 'X-Name': 'Jürgen', list: ['1', '2'], 'Content-Length': '4', _body: 'body',
  });
  assert.match(event.serialize(), /^X-Name: J%C3%BCrgen$/m);
  assert.match(event.serialize('xml'), /<event>/);
  for (const format of ['json', 'plain', 'xml']) assert.equal(Event.parse(event.serialize(format), format).get('X-Name'), 'Jürgen');
  assert.throws(() => event.serialize('yaml'), { code: 'ESL_INVALID_ARGUMENT' });
  assert.throws(() => Event.parse('{'), { code: 'ESL_INVALID_ARGUMENT' });
});

test('changes do not reach a clone', () => {
  const event = new Event('MESSAGE').add('A', '1');
  const copy = event.clone();
  assert.ok(event.equals(copy));
  copy.set('A', '2').setPriority('HIGH');
  assert.equal(event.get('A'), '1');
  assert.ok(!event.equals(copy));
  assert.ok(copy.delete('a'));
  assert.ok(!copy.has('A'));
  assert.deepEqual(copy.headers, Object.assign(Object.create(null), { priority: 'HIGH', 'Event-Name': 'MESSAGE' }));
});

test('names of any length and kind are looked up', () => {
  for (const length of [0, 1, 250, 251, 252, 253, 255, 256, 257, 5000]) {
    const name = 'ü'.repeat(length) + 'n';
    assert.equal(new Event('MESSAGE').add(name, 'v').get(name), 'v', `${length}`);
  }
  assert.ok(EVENT_TYPES.includes('CHANNEL_ANSWER'));
});
