import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from 'switchwire';
import { command, loggedIn, plain } from './support/index.mjs';

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
