import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { Connection } from 'switchwire/modesl';
import { plain, until } from './support/index.mjs';

const LINES = 'variable_x: some value\n'.repeat(400);

/** A connection whose socket is the test's: what is emitted there as 'data' has come from the server. */
function connected() {
  const socket = Object.assign(new EventEmitter(), { write() {}, end() {}, destroy() {} });
  return { socket, connection: new Connection(socket, () => {}) };
}

test('a channel that has ended keeps nothing of what came with its end', { skip: !globalThis.gc }, () => {
  const ENDED = 900;
  const { socket, connection } = connected();
  const uuid = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const ends = (n) => socket.emit('data', Buffer.from(plain(`Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: ${uuid(n)}\n${LINES}`)));
  let seen = 0;
  connection.on('esl::event::CHANNEL_HANGUP_COMPLETE::*', (event) => (seen += event.getHeader('Unique-ID').length));
  for (let n = 0; n < 100; n += 1) ends(n);
  globalThis.gc();
  const before = process.memoryUsage().heapUsed;
  for (let n = 100; n < ENDED; n += 1) ends(n);
  globalThis.gc();
  const grown = (process.memoryUsage().heapUsed - before) / 2 ** 20;
  assert.equal(seen, ENDED * 36);
  // Their texts are 7 MB.
  assert.ok(grown < 2, `grew by ${grown} MB`);
  socket.emit('close');
});

test('what a flood took is given back when it is quiet, without a collection that the program requests', async () => {
  const { socket, connection } = connected();
  let freed = 0;
  const registry = new FinalizationRegistry(() => (freed += 1));
  connection.on('esl::event::HEARTBEAT::*', (event) => registry.register(event));
  const flood = Buffer.from(plain(`Event-Name: HEARTBEAT\nCore-UUID: 00000000-0000-4000-8000-000000000000\n${LINES}`).repeat(20));
  for (let at = 0; at < 60; at += 1) socket.emit('data', flood);
  await until(() => freed > 600);
  socket.emit('close');
});
