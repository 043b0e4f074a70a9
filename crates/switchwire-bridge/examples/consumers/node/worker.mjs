// A worker of a group, with those of ../python/worker.py: each call goes to one worker, which sees all its events in order.
//
//     node worker.mjs nats://127.0.0.1:4222 NAME

import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, nanos } from '@nats-io/transport-node';

const [url, name] = process.argv.slice(2);
const STREAM = 'FREESWITCH';
const BEGINS = 'fs.*.CHANNEL_CREATE.*';
const LAST = 'CHANNEL_DESTROY';
// A claim that is not renewed for so many milliseconds goes to another worker.
const CLAIM = 3000;
// How many calls one worker takes at once.
const CALLS = 50;

/** What a worker is there for. */
function work(subject, event) {
  const uuid = subject.split('.').at(-1);
  const line = { worker: name, uuid, event: event['Event-Name'], sequence: Number(event['Event-Sequence']) };
  console.log(JSON.stringify(line));
}

/** One call, from its first event to its last. */
async function follow(js, claim) {
  const [, node, , uuid] = claim.subject.split('.');
  const keep = setInterval(() => claim.working(), CLAIM / 3);
  try {
    const events = await js.consumers.get(STREAM, { filter_subjects: `fs.${node}.*.${uuid}` });
    for await (const message of await events.consume()) {
      const event = message.json();
      work(message.subject, event);
      if (event['Event-Name'] === LAST) break;
    }
  } finally {
    clearInterval(keep);
  }
  claim.ack();
}

const broker = await connect({ servers: url, maxReconnectAttempts: -1 });
const manager = await jetstreamManager(broker);
for (;;) {
  try {
    await manager.streams.info(STREAM);
    break;
  } catch {
    // The bridge makes it, perhaps later.
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
await manager.consumers.add(STREAM, {
  durable_name: 'workers',
  filter_subject: BEGINS,
  ack_policy: AckPolicy.Explicit,
  ack_wait: nanos(CLAIM),
  max_ack_pending: 1000,
});
const js = jetstream(broker);
const begins = await js.consumers.get(STREAM, 'workers');
const calls = new Set();
let stopped = false;
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true));
console.log(JSON.stringify({ worker: name, ready: true }));
while (!stopped) {
  if (calls.size >= CALLS) await Promise.race(calls);
  const claim = await begins.next({ expires: 1000 });
  if (!claim) continue;
  const call = follow(js, claim).finally(() => calls.delete(call));
  calls.add(call);
}
// (Claims that are not over go to others.)
await broker.close();
process.exit(0);
