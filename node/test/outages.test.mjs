// Outages of a server in a process of its own, under load: killed, frozen, cut in the middle of a message, refused.
//
// SWITCHWIRE_OUTAGES=200 sets how many (8 otherwise), SWITCHWIRE_REFUSED=30 for how many seconds the server stays away when it
// is refused.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ManagedConnection } from 'switchwire';
import { mayTake } from './support/index.mjs';

const OUTAGES = Number(process.env.SWITCHWIRE_OUTAGES ?? 8);
const REFUSED_MS = Number(process.env.SWITCHWIRE_REFUSED ?? 0.1) * 1000;
/** How long an item may take to come. */
const PATIENCE = 60_000 + REFUSED_MS;
mayTake(OUTAGES * (PATIENCE / 8));
const PROGRAM = fileURLToPath(new URL('support/server-process.mjs', import.meta.url));

async function serverAt(port) {
  const process_ = fork(PROGRAM, [`127.0.0.1:${port}`]);
  const [message] = await once(process_, 'message');
  return { port: message.port, process: process_ };
}

async function kill({ process: one }) {
  const gone = once(one, 'exit');
  one.kill('SIGKILL');
  await gone;
}

/** What is received, and whether it may be so. */
class Receiver {
  events = 0;
  #items;
  /** The last number of each run of the server. */
  #last = new Map();
  /** Numbers follow each other without a gap since this connection's first. */
  #unbroken = false;

  constructor(connection) {
    this.#items = connection.items();
  }

  async next() {
    let timer;
    const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error('no item came in time')), PATIENCE)));
    const { value, done } = await Promise.race([this.#items.next(), late]).finally(() => clearTimeout(timer));
    assert.equal(done, false);
    if (value.kind === 'event') {
      const number = Number(value.event.get('N'));
      const last = this.#last.get(value.event.get('Run'));
      this.#last.set(value.event.get('Run'), number);
      if (last !== undefined) {
        assert.ok(number > last, `${number} after ${last}: doubled or out of order`);
        assert.ok(!this.#unbroken || number === last + 1, `lost while up: ${last}, ${number}`);
      }
      this.#unbroken = true;
      this.events += 1;
    }
    return value;
  }

  async take(count) {
    for (const until = this.events + count; this.events < until;) {
      const item = await this.next();
      assert.equal(item.kind, 'event', 'no outage was made');
    }
  }

  async lost() {
    for (;;) {
      const item = await this.next();
      if (item.kind === 'lost') return item.lost;
      assert.equal(item.kind, 'event');
    }
  }

  async restored() {
    this.#unbroken = false;
    const item = await this.next();
    assert.equal(item.kind, 'restored');
    return item.restored;
  }
}

/** Threads, descriptors and resident memory in kB; on Linux. */
function held() {
  if (!existsSync('/proc/self/task')) return null;
  globalThis.gc?.();
  const [, resident] = /VmRSS:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'));
  return { threads: readdirSync('/proc/self/task').length, descriptors: readdirSync('/proc/self/fd').length, resident: Number(resident) };
}

/** Makes an outage of that kind, and gives what comes of it. */
const KINDS = [
  async function killed(server, receiver) {
    await kill(server);
    await receiver.lost();
    const next = await serverAt(server.port);
    assert.equal((await receiver.restored()).run, 'restarted');
    return next;
  },
  async function frozen(server, receiver) {
    server.process.kill('SIGSTOP');
    await receiver.lost();
    server.process.kill('SIGCONT');
    assert.equal((await receiver.restored()).run, 'same');
    return server;
  },
  async function cut(server, receiver) {
    server.process.send('cut');
    const { reason } = await receiver.lost();
    assert.match(reason.message, /inside a message/);
    assert.equal((await receiver.restored()).run, 'same');
    return server;
  },
  async function refused(server, receiver) {
    await kill(server);
    await receiver.lost();
    await new Promise((resolve) => setTimeout(resolve, REFUSED_MS));
    const next = await serverAt(server.port);
    const { run, outage } = await receiver.restored();
    assert.equal(run, 'restarted');
    assert.ok(outage >= REFUSED_MS);
    return next;
  },
];

test(`${OUTAGES} outages: each is told, nothing is doubled, and nothing lost while up`, async () => {
  let server = await serverAt(0);
  const connection = ManagedConnection.start({
    port: server.port, subscription: 'DTMF', timeouts: { login: 1000 }, backoff: { first: 10, most: 200 },
    liveness: { pingAfter: 100, pingDeadline: 300 },
  });
  try {
    const receiver = new Receiver(connection);
    assert.equal((await receiver.next()).kind, 'connected');
    let before = null;
    for (let round = 0; round < OUTAGES; round += 1) {
      await receiver.take(50);
      if (round === 4) before = held();
      server = await KINDS[round % KINDS.length](server, receiver);
    }
    await receiver.take(50);
    assert.equal(connection.status.outages, OUTAGES);
    assert.equal(connection.stats().droppedEvents, 0);
    console.log(`${OUTAGES} outages, ${receiver.events} events; before ${JSON.stringify(before)}, after ${JSON.stringify(held())}`);
    if (before === null) return;
    // What an attempt needed may be given back a moment after it.
    for (let more = 0; more < 1000 && (held().threads > before.threads || held().descriptors > before.descriptors); more += 1) await receiver.take(10);
    const after = held();
    assert.ok(after.threads <= before.threads && after.descriptors <= before.descriptors, JSON.stringify({ before, after }));
    assert.ok(after.resident < before.resident + 16_384, JSON.stringify({ before, after }));
  } finally {
    await connection.close();
    server.process.kill('SIGKILL');
  }
});
