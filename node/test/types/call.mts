// Calls, dial strings and outcomes: what compiles, and what does not.
import { Call, DialString, Originate, type BridgeOutcome, type Connection, type Dtmf } from 'switchwire';

export async function control(conn: Connection, signal: AbortSignal): Promise<string> {
  const call: Call = conn.call();
  await call.answer({ timeout: 1000, signal });
  const { digits, end } = await call.playAndGetDigits({ file: 'a.wav', min: 1, max: 4, tries: 3 });
  // @ts-expect-error there may be no digits
  digits.length;
  // @ts-expect-error digits do not end so
  if (end === 'limit') return end;
  // @ts-expect-error a prompt is needed
  await call.read({ min: 1, max: 4 });
  await call.say(105, { type: 'NUMBER', method: 'PRONOUNCED' });
  // @ts-expect-error the method is needed
  await call.say(105, { type: 'NUMBER' });
  // @ts-expect-error there is no such type
  await call.say(105, { type: 'NUMBR', method: 'PRONOUNCED' });
  // @ts-expect-error nor such a method
  await call.say(105, { type: 'NUMBER', method: 'SPELLED' });
  // @ts-expect-error nor such a gender
  await call.say(105, { type: 'NUMBER', method: 'PRONOUNCED', gender: 'FEMALE' });
  // @ts-expect-error there is no such cause
  await call.hangup('USER_BUZY');
  await call.hangup('USER_BUSY');
  // @ts-expect-error nor here
  await conn.hangup('USER_BUZY');
  // @ts-expect-error nor here
  await call.scheduleHangup(60, { cause: 'USER_BUZY' });
  // @ts-expect-error nor here
  await call.bridge({ error: 'USER_BUZY' });
  // @ts-expect-error there is no such leg
  await call.transfer('1000', { leg: 'other' });
  // @ts-expect-error a queue is waited in or taken from
  await call.fifo('sales', { as: 'tries' });
  // @ts-expect-error there is no such option
  await call.valetPark('lot', { place: '6001' });
  // @ts-expect-error there is no such option
  await call.displace('a.wav', { mixed: true });
  // @ts-expect-error there is no such option
  await call.conference('lab', { moderator: true });
  // @ts-expect-error there is no such option
  conn.originate({ dial: 'user/1000', aplication: 'park' });
  // @ts-expect-error a step is an application and its argument
  conn.originate({ dial: 'user/1000', inline: ['answer'] });
  // @ts-expect-error there is no such state
  await call.waitFor('answred');
  await call.waitFor('answered', { timeout: 10 });
  const bridge: BridgeOutcome = await call.bridge({ legs: [['user/1', { user: '2', timeoutSeconds: 5 }]], callerId: { name: 'a', number: '1' } });
  // @ts-expect-error a leg has one endpoint, and this one lacks its number
  await call.bridge({ gateway: 'carrier' });
  // @ts-expect-error there is no such option
  await call.record('a.wav', { limit: 60 });
  await call.setAll({ hangup_after_bridge: true, mine: ['a', 'b'] });
  call.on('dtmf', ({ digit, duration }: Dtmf) => digit.repeat(duration ?? 1));
  call.on('hangup', (cause) => cause?.length);
  // @ts-expect-error it is 'answered'
  call.on('dtfm', (x: Dtmf) => x);
  for await (const { digit } of call.dtmf({ signal })) if (digit === '#') break;
  const making = conn.originate({ dial: new DialString('user/1000'), inline: [['playback', 'a.wav'], ['hangup']] }, { signal });
  const made: Call = await making;
  // @ts-expect-error calls are made by connections
  new Call();
  return made.uuid + making.uuid + String(new Originate({ dial: 'user/1' })) + (bridge.cause ?? '');
}
