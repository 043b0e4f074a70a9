// Idle connections: memory on top of Node, and whether Node's own pool keeps its latency.
//   node idle.mjs PORT [CONNECTIONS]
// PORT is what `cargo run --release -p switchwire-bench -- serve` prints.
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import { connect } from '../index.mjs';

const [port, count] = [Number(process.argv[2]), Number(process.argv[3] ?? 1000)];

async function latency() {
  const times = [];
  for (let at = 0; at < 200; at += 1) {
    const begun = process.hrtime.bigint();
    await Promise.all([readFile(new URL(import.meta.url)), lookup('localhost')]);
    times.push(Number(process.hrtime.bigint() - begun) / 1e6);
  }
  return Number(times.sort((a, b) => a - b)[100].toFixed(2));
}

const rss = () => process.memoryUsage.rss() / 2 ** 20;
const [before, memory] = [await latency(), rss()];
const connecting = Promise.all(Array.from({ length: count }, () => connect({ host: '127.0.0.1', port })));
const during = await latency();
const conns = await connecting;
const waiting = conns.map((conn) => conn.api('x'));
await Promise.all(waiting);
await new Promise((resolve) => setTimeout(resolve, 500));
const after = await latency();
console.log(JSON.stringify({ count, grownMB: Math.round(rss() - memory), poolMs: { before, during, after } }));
await Promise.all(conns.map((conn) => conn.close()));
