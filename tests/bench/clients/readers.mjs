// What a typed reader costs beside the plain look-up of its header, on every event of a recording that has it, as a server sends it:
// node readers.mjs PACKAGE RECORDING
// A line per reader: its name, and nanoseconds of look-up and reader. The loop itself is taken off. A reader that makes a time
// is compared with the look-up and making it by hand.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder, recording] = process.argv.slice(2);
const { connect } = await import(pathToFileURL(join(folder, 'index.mjs')));
const ROUNDS = 400;
/** How often both are measured, in turn. */
const TURNS = 3;
/** The recording is sent so often: first for the names to be known as read often, then for the events that are measured. */
const PASSES = 4;

/** The expression on an event, and its header. */
const READERS = {
  hangupCause: 'Hangup-Cause',
  channelState: 'Channel-State',
  callState: 'Channel-Call-State',
  answerState: 'Answer-State',
  callDirection: 'Call-Direction',
  applicationResponse: 'Application-Response',
  'caller.callerIdNumber': 'Caller-Caller-ID-Number',
  'caller.destinationNumber': 'Caller-Destination-Number',
  "variable('channel_name')": 'variable_channel_name',
};

const TIMES = {
  time: 'Event-Date-Timestamp',
  timeCreated: 'Caller-Channel-Created-Time',
  timeHungUp: 'Caller-Channel-Hangup-Time',
};

/** The messages of the recording that are events. */
function frames(data) {
  const found = [];
  for (let at = 0, end; (end = data.indexOf('\n\n', at)) >= 0;) {
    const head = data.toString('latin1', at, end);
    const after = end + 2 + Number(/Content-Length: (\d+)/.exec(head)?.[1] ?? 0);
    if (head.includes('text/event-plain')) found.push(data.subarray(at, after));
    at = after;
  }
  return found;
}

/** The events as a connection receives them, while `look` reads them; the last pass. */
async function received(look) {
  const events = frames(readFileSync(recording));
  const pass = Buffer.concat(events);
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.write('Content-Type: auth/request\n\n');
    let rest = '';
    socket.on('data', (data) => {
      const commands = (rest + data).split('\n\n');
      rest = commands.pop();
      for (const command of commands) {
        socket.write('Content-Type: command/reply\nReply-Text: +OK\n\n');
        if (command.startsWith('event')) for (let n = 0; n < PASSES; n += 1) socket.write(pass);
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const conn = await connect({ host: '127.0.0.1', port: server.address().port });
  const kept = [];
  const all = new Promise((done) => {
    let seen = 0;
    conn.on('event', (event) => {
      look(event);
      seen += 1;
      if (seen > events.length * (PASSES - 1)) kept.push(event);
      if (seen === events.length * PASSES) done();
    });
  });
  await conn.subscribe('ALL');
  await all;
  await conn.close();
  server.close();
  return kept;
}

/** Where values go, so that nothing is left out. */
const kept = new Array(8);

/** Evaluates the expression for each event, compiled by itself. */
function loop(expression) {
  return new Function('events', 'kept', `let at = 0; for (const event of events) kept[at++ & 7] = ${expression};`);
}

function cost(run, events) {
  let best = Infinity;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = process.hrtime.bigint();
    run(events, kept);
    best = Math.min(best, Number(process.hrtime.bigint() - start));
  }
  return best / events.length;
}

const plains = [
  ...Object.entries(READERS).map(([reader, header]) => [reader, header, `event.get('${header}')`]),
  ...Object.entries(TIMES).map(([reader, header]) => [reader, header, `((text) => text !== null && text !== '0' ? new Date(Number(text) / 1000) : null)(event.get('${header}'))`]),
];
for (const [reader, header, plain] of plains) {
  // Each on events that were read so before, as its program's are.
  const least = [Infinity, Infinity];
  let empty = Infinity;
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const [at, read] of [plain, `event.${reader}`].map(loop).entries()) {
      const those = (await received((event) => read([event], kept))).filter((event) => event.has(header));
      // Enough of them for the clock.
      const events = Array.from({ length: Math.max(those.length, 4000) }, (_, n) => those[n % those.length]);
      least[at] = Math.min(least[at], cost(read, events));
      empty = Math.min(empty, cost(loop('event'), events));
    }
  }
  console.log([reader, ...least.map((nanoseconds) => (nanoseconds - empty).toFixed(1))].join('\t'));
}
process.exit();
