// A program of a user's: compiled with every strictness, and run by package.test.mjs.
import { connect, createServer, ERROR_CODES, EslError, type Connection, type ErrorCode, type Event } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import esl from 'switchwire/modesl';

class Dialer implements AsyncDisposable {
  #conn: Connection;

  private constructor(conn: Connection) {
    this.#conn = conn;
  }

  static async open(options: Parameters<typeof connect>[0]): Promise<Dialer> {
    const conn = await connect(options);
    await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_HANGUP_COMPLETE', { filters: { 'Event-Name': ['BACKGROUND_JOB', 'CHANNEL_HANGUP_COMPLETE'] } });
    conn.on('CHANNEL_HANGUP_COMPLETE', (event) => this.log(event));
    conn.on('disconnect', (reason) => console.log(reason.code, reason.notice ?? ''));
    return new Dialer(conn);
  }

  static log(event: Event): void {
    console.log(event.type, event.get('Hangup-Cause') ?? 'no cause');
  }

  async dial(number: string, signal?: AbortSignal): Promise<string> {
    const job = await this.#conn.bgapi('originate', [`loopback/${number}/default`, '&park()'], signal ? { signal } : {});
    return job.result({ timeout: 5000, ...(signal && { signal }) });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#conn.close();
  }
}

const sim = new Simulator({ password: 'x', heartbeat: 1000 });
{
  await using dialer = await Dialer.open(sim.target);
  console.log((await dialer.dial('9664')).slice(0, 3));
  await using conn = await connect(sim.target);
  try {
    await conn.api('x\n\ny');
  } catch (error) {
    if (error instanceof EslError && error.code === 'ESL_INVALID_ARGUMENT') console.log('refused');
  }
  const stats: number = conn.stats().droppedEvents;
  for (const [name, value] of (await conn.apiReply('status')).event) console.log(name, value.length, stats);
  const value: string | null = await conn.variable('x', { uuid: 'none' }).catch(() => null);
  console.log(value);
}
const server = createServer({ maxSessions: 2 });
server.on('call', (call) => call.hangup());
server.on('callError', (error, call) => console.log(error.message, call?.uuid));
server.listen(0);
console.log(server.address()?.port !== 0, server.port !== null);
await server.close({ timeout: 1, signal: AbortSignal.timeout(10) });
const list: ErrorCode[] = Object.values(ERROR_CODES);
console.log(list.length > 0);
const old: esl.Connection = new esl.Connection(sim.host, sim.port, sim.password, () => {
  old.api('status', (event) => {
    console.log(event.getBody().length > 0, event.headers.map(({ name }) => name));
    old.disconnect();
    sim.close();
  });
});
