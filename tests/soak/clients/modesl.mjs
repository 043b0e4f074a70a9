// The worker on `switchwire/modesl`: callbacks and events by name. The rules are in ../src/main.rs. Argument: the
// package's folder.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const { Connection, Server } = (await import(pathToFileURL(`${process.argv[2]}/modesl.mjs`))).default;
const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });
const called = (start) => new Promise((resolve, reject) => {
  start((event) => (event.error ? reject(event.error) : resolve(event)));
});

let [served, asked] = [0, 0];
const server = new Server({ port: 0, host: '127.0.0.1', myevents: true });
await new Promise((resolve) => { server.on('ready', resolve); });
// A call: answer, play, hang up.
server.on('connection::ready', (call) => {
  call.execute('answer', () => {
    call.execute('playback', 'greeting.wav', (event) => {
      if (event.error) return;
      served += 1;
      call.execute('hangup', () => call.disconnect());
    });
  });
});

/** A connection's life. */
class Life {
  constructor(conn) {
    Object.assign(this, { conn, events: 0, wrong: 0, apis: 0, jobs: 0, jobsAsked: 0, lates: 0 });
    // modesl calls back as events come; what they ask for is done one after the other.
    this.work = Promise.resolve();
  }

  take(event) {
    this.events += 1;
    const number = this.events;
    const good = event.getHeader('Soak-Number') === String(number)
      && event.getHeader('Soak-Text') === `${number}: 50% \u00fcber & more`
      && (event.getBody() ?? '').length === Number(event.getHeader('Soak-Length') ?? 0);
    if (!good) this.wrong += 1;
    const task = event.getHeader('Soak-Do');
    if (task) this.work = this.work.then(() => this.obey(task, number)).catch(() => {});
  }

  async obey(task, number) {
    const { conn } = this;
    if (task === 'api') {
      for (let at = 0; at < 3; at += 1) {
        const reply = await called((cb) => conn.api('echo', `${number}-${at}`, cb));
        if (reply.getBody() !== `${number}-${at}`) this.wrong += 1;
        this.apis += 1;
      }
    } else if (task === 'job') {
      this.jobsAsked += 1;
      conn.bgapi('echo', `soak-${number}`, (event) => {
        if (event.error) return;
        if (event.getBody() !== `soak-${number}`) this.wrong += 1;
        this.jobs += 1;
      });
    } else if (task === 'late') {
      // modesl takes no timeout: wait for the reply.
      await called((cb) => conn.api('msleep', '500', cb));
      this.lates += 1;
    } else if (task === 'call') {
      asked += 1;
      conn.bgapi('originate', `null/soak '&socket(127.0.0.1:${server.port} async full)'`);
    } else if (task === 'mark') {
      for (let patience = 30_000; this.open() && patience > 0; patience -= 1) await sleep(1);
      globalThis.gc?.();
      console.log('mark', this.events, this.wrong, this.apis, this.jobs, this.lates, served);
    }
  }

  open() {
    return this.jobs < this.jobsAsked || served < asked || server.count > 0;
  }
}

function live(port) {
  return new Promise((resolve) => {
    let life;
    const conn = new Connection('127.0.0.1', port, 'ClueCon', () => {
      conn.events('plain', ['BACKGROUND_JOB', 'CUSTOM', 'soak::event'], (reply) => {
        if (reply.error) return;
        life = new Life(conn);
        conn.on('esl::event::CUSTOM::**', (event) => life.take(event));
        console.log('ready');
      });
    });
    // A reset is an error and no end.
    const over = once(async () => {
      await life?.work;
      conn.disconnect();
      console.log(...(life ? ['end', life.events, life.wrong] : ['refused', 'the end']));
      resolve();
    });
    conn.on('error', over);
    conn.on('esl::end', over);
  });
}

function once(what) {
  let done = false;
  return () => {
    if (!done) what();
    done = true;
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const [order, port] = line.split(' ');
  if (order !== 'connect') break;
  await live(Number(port));
}
server.close();
