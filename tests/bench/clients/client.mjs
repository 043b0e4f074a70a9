// One turn of a Node client: node client.mjs CLIENT PACKAGES WORK PORT COUNT SENDS
// PACKAGES is the folder whose node_modules (or, for ours, whose own entry points) are used. Prints what src/turn.rs specifies.
import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [client, packages, work, port, count, sends] = process.argv
  .slice(2)
  .map((word, at) => (at === 3 || at === 4 ? Number(word) : word));
const require = createRequire(join(packages, 'package.json'));
const STREAM = `stream ${count} ${sends}`;
const [NAME, UUID, STATE] = ['Event-Name', 'Unique-ID', 'Channel-State'];
const CONNECTIONS = { idle: count, flood: 20 }[work] ?? 1;
const DEPTH = 100;
/** Milliseconds of rest after a flood, before memory is looked at. */
const QUIET = 6000;
const RECEIVES = ['events', 'verify', 'latency', 'flood'].includes(work);
/** The header that says when an event was sent. */
const STAMP = 'variable_bench_sent';
const IS_STAMPED = work === 'latency';

// --- what is added up, see Sum in src/turn.rs
const deep = work === 'verify';
const total = count * CONNECTIONS;
const sum = { events: 0, values: deep ? 0x811c9dc5 : 0, bodies: deep ? 0x811c9dc5 : 0 };
let done;
const all = new Promise((resolve) => (done = resolve));

function hash(start, value) {
  for (const byte of Buffer.from(`${value}\0`)) start = Math.imul(start ^ byte, 0x01000193);
  return start;
}

function add(name, uuid, state, body) {
  name ??= '';
  uuid ??= '';
  state ??= '';
  body ??= '';
  if (deep) {
    for (const value of [name, uuid, state]) sum.values = hash(sum.values, value);
    sum.bodies = hash(sum.bodies, body);
  } else {
    sum.values = (Math.imul(sum.values, 31) + name.length + uuid.length + state.length) | 0;
    sum.bodies += body.length;
  }
  sum.events += 1;
  if (sum.events === total) done();
}

const stamps = [];

/** An event came, whose stamp this is. */
function stamp(sent) {
  stamps.push([process.hrtime.bigint(), sent]);
  sum.events += 1;
  if (sum.events === total) done();
}

// --- the clients: `ask` gives a command's output, `listen` is called before the stream begins
const silent = () => {};
const logger = { debug: silent, info: silent, warn: silent, error: silent, trace: silent, child: () => logger };

async function switchwire(format) {
  const { connect } = await import(pathToFileURL(join(packages, 'index.mjs')));
  const conn = await connect({ host: '127.0.0.1', port });
  return {
    ask: (command) => conn.api(command),
    async listen() {
      const take = (event) => add(event.get(NAME), event.get(UUID), event.get(STATE), event.body);
      conn.on('event', IS_STAMPED ? (event) => stamp(event.get(STAMP)) : take);
      await conn.subscribe('ALL', { format });
    },
  };
}

async function modesl(library, format) {
  const conn = await new Promise((resolve) => {
    const made = new library.Connection('127.0.0.1', port, 'ClueCon', () => resolve(made));
  });
  return {
    ask: (command) => new Promise((resolve) => conn.api(command, (answer) => resolve(answer.getBody()))),
    listen() {
      conn.on('esl::event::**', (event) => {
        // Replies come the same way, without a type.
        if (event.type && IS_STAMPED) stamp(event.getHeader(STAMP));
        else if (event.type) add(event.getHeader(NAME), event.getHeader(UUID), event.getHeader(STATE), event.getBody());
      });
      return new Promise((resolve) => conn.events(format, 'ALL', resolve));
    },
  };
}

const clients = {
  node: () => switchwire('plain'),
  'node-json': () => switchwire('json'),
  'node-modesl': async () => modesl((await import(pathToFileURL(join(packages, 'modesl.mjs')))).default, 'plain'),
  'node-modesl-json': async () => modesl((await import(pathToFileURL(join(packages, 'modesl.mjs')))).default, 'json'),
  modesl: () => modesl(require('modesl'), 'plain'),
  'modesl-json': () => modesl(require('modesl'), 'json'),

  async 'esl-lite'() {
    const { FreeSwitchClient } = require('esl-lite');
    // It ignores the replies to `api`: its commands are `bgapi`, sent with what is there for subclasses.
    class Client extends FreeSwitchClient {
      ask(command) {
        return this.send(`bgapi ${command}`, {}, undefined, 60_000);
      }
    }
    const esl = new Client({ host: '127.0.0.1', port, password: 'ClueCon', logger });
    // It connects in its own time; a command is queued until then.
    while ((await esl.ask('x')) instanceof Error) await new Promise((resolve) => setTimeout(resolve, 20));
    return {
      async ask(command) {
        await esl.ask(command);
        return '+OK';
      },
      async listen() {
        const take = ({ body: { data } }) => add(data[NAME], data[UUID], data[STATE], data._body);
        esl.on('ALL', IS_STAMPED ? ({ body: { data } }) => stamp(data[STAMP]) : take);
        await esl.ask('x');
      },
    };
  },

  async esl() {
    const { FreeSwitchClient } = require('esl');
    const esl = new FreeSwitchClient({ host: '127.0.0.1', port, password: 'ClueCon', logger });
    const call = await new Promise((resolve) => {
      esl.once('connect', resolve);
      esl.connect();
    });
    return {
      ask: async (command) => (await call.api(command, 60_000)).body.response ?? '+OK',
      async listen() {
        const read = ({ body }) => add(body[NAME], body[UUID], body[STATE], body._body);
        const take = IS_STAMPED ? ({ body }) => stamp(body[STAMP]) : read;
        // It has no way to hear every event but one listener for each name.
        for (const name of process.env.BENCH_EVENTS.split(',')) call.on(name, take);
        await call.send('event json ALL');
      },
    };
  },
};

// --- the turn
function say(line) {
  writeSync(1, `${line}\n`);
  readSync(0, Buffer.alloc(16));
}

/** Synchronously: a pipe takes some at a time. */
function writeAll(text) {
  for (let bytes = Buffer.from(text); bytes.length > 0; ) {
    try {
      bytes = bytes.subarray(writeSync(1, bytes));
    } catch (error) {
      if (error.code !== 'EAGAIN') throw error;
    }
  }
}

const connections = [];
for (let at = 0; at < CONNECTIONS; at += 1) {
  const connection = await clients[client]();
  if (RECEIVES) await connection.listen();
  connections.push(connection);
}
const [{ ask }] = connections;
if (work === 'idle') await new Promise((resolve) => setTimeout(resolve, 500));
say('ready');
const [wall, cpu] = [process.hrtime.bigint(), process.cpuUsage()];

async function checked(reply) {
  const text = await reply;
  if (text !== '+OK') throw new Error(`a wrong reply: ${text}`);
  sum.events += 1;
}

if (work === 'serial') {
  for (let at = 0; at < count; at += 1) await checked(ask('x'));
} else if (work === 'pipelined') {
  for (let at = 0; at < count; at += DEPTH) await Promise.all(Array.from({ length: DEPTH }, () => checked(ask('x'))));
} else if (RECEIVES) {
  for (const connection of connections) connection.ask(STREAM);
  if (work === 'flood') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  await all;
}
const used = process.cpuUsage(cpu);
const took = process.hrtime.bigint() - wall;
if (IS_STAMPED) writeAll(`delays ${stamps.map(([now, sent]) => now - BigInt(sent)).join(' ')}\n`);
if (work === 'flood') await new Promise((resolve) => setTimeout(resolve, QUIET));
say(`${sum.events} ${sum.values >>> 0} ${sum.bodies >>> 0} ${took} ${(used.user + used.system) * 1000}`);
process.exit();
