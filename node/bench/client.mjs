// One client, one measurement, printed as a line of JSON.
//   node client.mjs CLIENT (events|serial|pipelined) PORT COUNT [FOLDER_WITH_PEERS]
import { createRequire } from 'node:module';
import { EVENT_TYPES } from '../index.mjs';

const [client, what, port, count, peers] = [...process.argv.slice(2, 4), Number(process.argv[4]), Number(process.argv[5]), process.argv[6]];
const require = createRequire(peers ? `${peers}/package.json` : import.meta.url);
const READ = ['Event-Name', 'Unique-ID', 'Channel-State'];

const clients = {
  async switchwire() {
    const { connect } = await import('../index.mjs');
    const conn = await connect({ host: '127.0.0.1', port });
    const ask = () => conn.api('x');
    const events = (take, format = 'plain') => {
      conn.on('event', (event) => take(event.get(READ[0]), event.get(READ[1]), event.get(READ[2])));
      return conn.subscribe('HEARTBEAT', { format });
    };
    return { ask, events, end: () => conn.close() };
  },
  async 'switchwire-json'() {
    const { ask, events, end } = await clients.switchwire();
    return { ask, end, events: (take) => events(take, 'json') };
  },
  async 'switchwire-modesl'() {
    return modesl((await import('../modesl.mjs')).default, 'plain');
  },
  modesl: () => modesl(require('modesl'), 'plain'),
  'modesl-json': () => modesl(require('modesl'), 'json'),
  async 'esl-lite'() {
    const { FreeSwitchClient } = require('esl-lite');
    const logger = { debug() {}, info() {}, warn() {}, error() {}, trace() {}, child: () => logger };
    const esl = new FreeSwitchClient({ host: '127.0.0.1', port, password: 'ClueCon', logger });
    return { ask: () => esl.api('x', 10_000), end: () => process.exit(), events: (take) => liteEvents(esl, take) };
  },
  async esl() {
    const { FreeSwitchClient } = await import(require.resolve('esl'));
    const logger = { debug() {}, info() {}, error() {} };
    const esl = new FreeSwitchClient({ host: '127.0.0.1', port, password: 'ClueCon', logger });
    const call = await new Promise((resolve) => {
      esl.once('connect', resolve);
      esl.connect();
    });
    return { ask: () => call.api('x'), events() {}, end: () => process.exit() };
  },
};

const NAMES = EVENT_TYPES.filter((name) => !['CUSTOM', 'CLONE', 'ALL', 'HEARTBEAT'].includes(name));

function liteEvents(esl, take) {
  const on = (data) => take(data.body.data['Event-Name'], data.body.data['Unique-ID'], data.body.data['Channel-State']);
  for (const name of NAMES) esl.on(name, on);
  // The last one begins the stream.
  setTimeout(() => esl.on('HEARTBEAT', on), 200);
}

async function modesl(esl, format) {
  const conn = await new Promise((resolve) => {
    const made = new esl.Connection('127.0.0.1', port, 'ClueCon', () => resolve(made));
  });
  const ask = () => new Promise((resolve) => conn.api('x', resolve));
  const events = (take) => {
    conn.on('esl::event::**', (event) => {
      if (event.type) take(event.getHeader(READ[0]), event.getHeader(READ[1]), event.getHeader(READ[2]));
    });
    conn.events(format, 'HEARTBEAT');
  };
  return { ask, events, end: () => process.exit() };
}

const { ask, events, end } = await clients[client]();
let begun = process.hrtime.bigint();
let cpu = process.cpuUsage();
if (what === 'events') {
  let seen = 0;
  await new Promise((resolve) => events((...values) => {
    // From the first event on, so that nobody's connecting counts.
    if (seen === 0) [begun, cpu] = [process.hrtime.bigint(), process.cpuUsage()];
    if (values[0] && ++seen === count) resolve();
  }));
} else if (what === 'serial') {
  for (let at = 0; at < count; at += 1) await ask();
} else {
  for (let at = 0; at < count; at += 100) await Promise.all(Array.from({ length: 100 }, ask));
}
const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
const used = process.cpuUsage(cpu);
const micros = (used.user + used.system) / count;
console.log(JSON.stringify({
  client, what, perSecond: Math.round(count / seconds), cpuMicros: Number(micros.toFixed(2)),
  rssMB: Math.round(process.resourceUsage().maxRSS / 1024),
}));
end();
