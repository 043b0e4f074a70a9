// The worker on the Node package's own interface. The rules are in ../src/main.rs. Argument: the package's folder.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { connect, createServer } = await import(pathToFileURL(`${process.argv[2]}/index.mjs`));
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

let [served, asked] = [0, 0];
// A call: answer, play, hang up.
const server = createServer(async (call) => {
  await call.myevents();
  await call.execute('answer', '', { wait: true, timeout: 30_000 });
  await call.execute('playback', 'greeting.wav', { wait: true, timeout: 30_000 });
  await call.hangup();
  served += 1;
});
await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });

const TASKS = {
  async api(conn, count) {
    // All at once on one connection: each reply goes to its caller.
    const texts = [0, 1, 2].map((at) => `${count.events}-${at}`);
    const answers = await Promise.all(texts.map((text) => conn.api('echo', text)));
    if (answers.join() !== texts.join()) count.wrong += 1;
    count.apis += 3;
  },
  async job(conn, count) {
    const text = String(count.events);
    count.open.push([await conn.bgapi('echo', text), text]);
  },
  async late(conn, count) {
    const error = await conn.api('msleep', '500', { timeout: 50 }).catch((reason) => reason);
    if (error.code === 'ESL_TIMEOUT') count.lates += 1;
  },
  async call(conn) {
    await conn.bgapi('originate', `null/soak '&socket(127.0.0.1:${server.port} async full)'`);
    asked += 1;
  },
  async mark(conn, count) {
    for (const [job, text] of count.open.splice(0)) {
      if (await job.result({ timeout: 30_000 }) !== text) count.wrong += 1;
      count.jobs += 1;
    }
    for (let patience = 30_000; (served < asked || server.calls.size > 0) && patience > 0; patience -= 1) await sleep(1);
    // What is garbage already should not count as memory in use.
    globalThis.gc?.();
    console.log('mark', count.events, count.wrong, count.apis, count.jobs, count.lates, served);
  },
};

function check(event, count) {
  count.events += 1;
  const good = event.get('Soak-Number') === String(count.events)
    && event.get('Soak-Text') === `${count.events}: 50% \u00fcber & more`
    && (event.body ?? '').length === Number(event.get('Soak-Length') ?? 0);
  if (!good) count.wrong += 1;
}

async function live(port, login) {
  let conn;
  try {
    conn = await connect({ port, timeouts: { login } });
    conn.on('error', () => {});
    await conn.subscribe('BACKGROUND_JOB', 'CUSTOM soak::event');
  } catch (error) {
    await conn?.close();
    return console.log('refused', error.code);
  }
  console.log('ready');
  const count = { events: 0, wrong: 0, apis: 0, jobs: 0, lates: 0, open: [] };
  try {
    for await (const event of conn) {
      if (event.type !== 'CUSTOM') continue;
      check(event, count);
      // An error here is the connection's end: what was received before it is still to be taken.
      await TASKS[event.get('Soak-Do')]?.(conn, count).catch(() => {});
    }
  } catch {
    // The connection broke; everything received was taken.
  }
  await conn.close();
  console.log('end', count.events, count.wrong);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [order, port, patience] = line.split(' ');
  if (order !== 'connect') break;
  await live(Number(port), Number(patience));
}
await server.close({ timeout: 30_000 });
