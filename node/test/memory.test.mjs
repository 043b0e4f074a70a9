import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'switchwire';
import { command, loggedIn, plain, until } from './support/index.mjs';

const EVENTS = Number(process.env.SWITCHWIRE_MEMORY_EVENTS ?? 1_000_000);

test(`memory does not grow over ${EVENTS} events`, async () => {
  const CHUNK = 500;
  const chunk = plain(`Event-Name: HEARTBEAT\nUnique-ID: 1\n${'variable_x: some%20value\n'.repeat(40)}`).repeat(CHUNK);
  const peer = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK'));
    for (let sent = 0; sent < EVENTS; sent += CHUNK) {
      if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
    }
  });
  const conn = await connect(peer);
  let seen = 0;
  let early = 0;
  const done = new Promise((resolve) => conn.on('event', (event) => {
    if (event.get('Unique-ID') !== '1' || event.get('variable_x') !== 'some value') throw new Error('wrong event');
    seen += 1;
    if (seen === Math.floor(EVENTS / 4)) early = process.memoryUsage.rss();
    if (seen === EVENTS) resolve();
  }));
  await conn.send('event plain all');
  await done;
  globalThis.gc?.();
  const grown = (process.memoryUsage.rss() - early) / 2 ** 20;
  assert.ok(grown < 64, `grew by ${grown} MB`);
  assert.equal(conn.stats().droppedEvents, 0);
  await conn.close();
  await peer.close();
});

test('what a flood took is given back when it is quiet, without a collection that the program requests', async () => {
  const EVENTS_EACH = 800;
  const text = plain(`Event-Name: HEARTBEAT\nUnique-ID: 1\n${'variable_x: some%20value\n'.repeat(120)}`);
  const peer = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK'));
    socket.write(text.repeat(EVENTS_EACH));
  });
  const all = await Promise.all(Array.from({ length: 8 }, () => connect(peer)));
  let freed = 0;
  const registry = new FinalizationRegistry(() => (freed += 1));
  await Promise.all(all.map((conn) => new Promise((resolve) => {
    let seen = 0;
    conn.on('event', (event) => {
      if (event.get('Unique-ID') !== '1') throw new Error('wrong event');
      if (++seen < EVENTS_EACH) return;
      registry.register(event);
      resolve();
    });
    conn.send('event plain all');
  })));
  await until(() => freed === all.length);
  await Promise.all(all.map((conn) => conn.close()));
  await peer.close();
});
