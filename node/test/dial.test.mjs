// Dial strings and calls to be made, as values: what the core prints, reads and refuses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DialString, Originate } from 'switchwire';

test('every kind of endpoint is printed and read back', () => {
  for (const [endpoint, text] of [
    [{ user: '1000' }, 'user/1000'],
    [{ user: '1000', domain: 'example.com' }, 'user/1000@example.com'],
    [{ group: 'sales', domain: 'example.com' }, 'group/sales@example.com'],
    [{ gateway: 'carrier', number: '15550100' }, 'sofia/gateway/carrier/15550100'],
    [{ profile: 'internal', address: '1000@192.0.2.1' }, 'sofia/internal/1000@192.0.2.1'],
    [{ loopback: '9664', context: 'default', dialplan: 'XML' }, 'loopback/9664/default/XML'],
    [{ pickup: 'team' }, 'pickup/team'],
    [{ error: 'USER_BUSY' }, 'error/USER_BUSY'],
    [{ null: 'x' }, 'null/x'],
    [{ endpoint: 'verto.rtc/1000' }, 'verto.rtc/1000'],
  ]) {
    assert.equal(new DialString(endpoint).toText(), text);
    assert.equal(DialString.parse(text).toText('api'), text);
    const [[leg]] = DialString.parse(text).toJSON().legs;
    assert.deepEqual(leg, { ...endpoint, variables: {} });
  }
});

test('legs, groups, variables, caller id and threads', () => {
  const dial = new DialString({
    legs: [[{ user: '1000', timeoutSeconds: 20 }, 'user/1001'], { gateway: 'carrier', number: '1', variables: { list: ['a', 'b'] } }],
    variables: { ignore_early_media: true, tag: 'Ann, desk' },
    callerId: { name: 'Bob', number: '1002' },
    beside: [{ user: '1003' }],
  });
  const text = dial.toText('api');
  assert.equal(text, '{^^:ignore_early_media=true:tag=Ann, desk:origination_caller_id_name=Bob:origination_caller_id_number=1002}'
    + '[leg_timeout=20]user/1000,user/1001|[list=ARRAY::a\\|:b]sofia/gateway/carrier/1:_:user/1003');
  assert.equal(DialString.parse(text, 'api').toText('api'), text);
  assert.equal(new DialString(dial.toJSON()).toText('api'), text);
});

test('what would be said otherwise than it is meant is refused', () => {
  const refused = { code: 'ESL_INVALID_ARGUMENT' };
  for (const dial of [
    { user: '' }, { user: '1000 &park()\nx' }, { gateway: 'a' }, {}, { legs: [] }, { legs: 'user/1000' }, 7, null, '',
    { user: '1000', variables: { empty: '' } }, { user: '1000', variables: { a: '${b}' } }, { user: '1', variables: { 'a b': '1' } },
    { legs: ['user/1'], callerId: { name: 'x' } }, { user: '1', timout: 1 }, '{a=1}{b=2}user/1',
  ]) assert.throws(() => new DialString(dial), refused, JSON.stringify(dial));
  assert.throws(() => new DialString('user/1').toText('mail'), refused);
});

test('a call to be made is printed and read back', () => {
  for (const [options, text] of [
    [{ dial: { user: '1000' } }, 'user/1000 &park()'],
    [{ dial: 'user/1000', application: 'playback', argument: 'a b.wav' }, "user/1000 '&playback(a b.wav)'"],
    [{ dial: { user: '1' }, bridge: { user: '2' } }, 'user/1 &bridge(user/2)'],
    [{ dial: { user: '1' }, extension: '9664', dialplan: 'XML', context: 'public' }, 'user/1 9664 XML public'],
    [{ dial: { user: '1' }, callerId: { name: 'Ann', number: '2' }, timeoutSeconds: 20 }, 'user/1 &park() undef undef Ann 2 20'],
  ]) {
    assert.equal(String(new Originate(options)), text);
    assert.equal(String(Originate.parse(text)), text);
  }
  const steps = new Originate({ dial: { user: '1' }, inline: [['set', 'a=b'], ['hangup']] });
  assert.equal(String(Originate.parse(String(steps))), String(steps));
  assert.throws(() => new Originate({ dial: { user: '1' }, application: 'playback', argument: 'a)' }), { code: 'ESL_INVALID_ARGUMENT' });
  assert.throws(() => Originate.parse('user/1000'), { code: 'ESL_INVALID_ARGUMENT' });
});
