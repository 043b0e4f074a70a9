import switchwire, { connect, createServer, Event, EslError, Subscription, type Connection, type Executed, type Reply } from 'switchwire';
import modesl, { Connection as Modesl } from 'switchwire/modesl';
import { Simulator } from 'switchwire/testing';

export async function inbound(signal: AbortSignal): Promise<string> {
  const sim = new Simulator({ faults: { split: 7 }, users: [{ name: '1000', domain: 'd', password: 'x' }] });
  const conn: Connection = await connect({ ...sim.target, timeouts: { connect: 1000 }, queue: { overflow: 'fail' }, signal });
  const text: string = await conn.api('status', ['a', 'b'], { signal, timeout: 10 });
  const reply: Reply = await conn.execute('answer', '', { uuid: 'x' });
  const done: Executed = await conn.execute('playback', 'x', { uuid: 'x', wait: true });
  await conn.subscribe('CHANNEL_ANSWER', ['CUSTOM a::b'], { format: 'json', filters: { 'Unique-ID': ['1', '2'] } });
  const wanted = new Subscription('CHANNEL_ANSWER', ['CUSTOM a::b'], { filters: { 'Unique-ID': ['1'] }, log: 'INFO' });
  const { format, filters, log } = wanted;
  await conn.subscribe(wanted, { signal, timeout: 10 });
  await conn.subscribe(new Subscription(...wanted.names, 'DTMF', { format, filters, log }));
  const taken: Reply | null = await conn.unsubscribe(wanted);
  // @ts-expect-error a Subscription never changes
  wanted.log = taken?.text;
  // @ts-expect-error nor do its parts
  wanted.names.push('DTMF');
  // @ts-expect-error it is given alone
  await conn.subscribe('DTMF', wanted);
  conn.on('CHANNEL_ANSWER', (event) => event.get('Unique-ID')?.length);
  conn.on('log', (line) => line.levelName.length + line.level);
  conn.on('disconnect', (reason) => reason.code === 'ESL_TIMEOUT');
  for await (const event of conn) for (const [name, value] of event) text.concat(name, value, event.body ?? '');
  const job = await conn.bgapi('originate', 'user/1000 &park()');
  const event: Event = await job.wait({ timeout: 5 });
  // @ts-expect-error a header may be missing
  event.get('X').length;
  // @ts-expect-error connections are made by connect
  new switchwire.Connection();
  await conn.close();
  return text + (reply.ok ? done.response : event.type);
}

export const server = createServer(async (call) => {
  await call.execute('answer');
  call.info?.get('Caller-Destination-Number');
}, { maxSessions: 5 }).listen(0);

export const failed = (error: unknown) => error instanceof EslError && error.code === 'ESL_REFUSED';
export const old = new Modesl('127.0.0.1', 8021, 'ClueCon', () => old.api('status', (r) => r.getBody()));
export const id: string = old.execute('answer', '', 'uuid', (event) => event.headers.map(({ name }) => name));
modesl.setLogLevel(3);
