// A wallboard: how many calls are up on each switch, and which switch is away. Prints a line of JSON whenever that changes.
//
//     node wallboard.mjs nats://127.0.0.1:4222
//
// It begins with what is in the bridge's bucket, so that it is right at once, also for calls that began long ago.

import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';

const [url, bucket = 'calls', stream = 'FREESWITCH'] = process.argv.slice(2);
const legs = new Map();
const away = new Set();
let shown = '';

function show() {
  const switches = {};
  for (const leg of legs.values()) {
    const of = (switches[leg.node] ??= { up: 0, answered: 0, bridged: 0 });
    of.up += 1;
    if (leg.answer_state === 'answered') of.answered += 1;
    if (leg.bridged_to) of.bridged += 1;
  }
  const text = JSON.stringify({ legs: legs.size, switches, away: [...away].sort() });
  if (text !== shown) console.log((shown = text));
}

async function watchCalls(broker) {
  // The bridge makes the bucket, perhaps later.
  let kv;
  while (!kv) {
    try {
      kv = await new Kvm(broker).open(bucket);
      await kv.status();
    } catch {
      kv = undefined;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  for await (const entry of await kv.watch()) {
    if (entry.operation === 'PUT') legs.set(entry.key, entry.json());
    else legs.delete(entry.key);
    show();
  }
}

/** A break without an end: the switch is away; one with an end: it is back. */
async function watchBreaks(broker) {
  const consumer = await jetstream(broker).consumers.get(stream, {
    filter_subjects: 'fs.*.SWITCHWIRE_BREAK.*',
    deliver_policy: DeliverPolicy.LastPerSubject,
  });
  for await (const message of await consumer.consume()) {
    const { node, to } = message.json();
    if (to === null) away.add(node);
    else away.delete(node);
    show();
  }
}

const broker = await connect({ servers: url, maxReconnectAttempts: -1 });
console.log(JSON.stringify({ ready: true }));
await Promise.all([watchCalls(broker), watchBreaks(broker)]);
