// What the tests share.
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// A test that hangs must not hang its caller.
setTimeout(() => {
  console.error('the tests of this file hang');
  process.exit(1);
}, 120_000).unref();

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** The lines of every vector file, the project's and those that the environment adds. */
export function vectors(kind) {
  return folders('vectors', 'SWITCHWIRE_EXTRA_VECTORS').flatMap((folder) =>
    readdirSync(folder).filter((name) => name.endsWith('.jsonl')).flatMap((name) =>
      readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line))))
    .filter((vector) => vector.kind === kind);
}

/** Every recording: its name and the server's bytes. */
export function captures() {
  return folders('captures', 'SWITCHWIRE_EXTRA_CAPTURES').flatMap((folder) =>
    readdirSync(folder).filter((name) => existsSync(join(folder, name, 'server.bin')))
      .map((name) => ({ name, bytes: readFileSync(join(folder, name, 'server.bin')) })));
}

function folders(kind, variable) {
  return [join(ROOT, 'tests', kind), process.env[variable]].filter((folder) => folder && existsSync(folder));
}

/** A string of a vector: text, or bytes in base64. */
export function bytes(value) {
  if (value === null || value === undefined) return null;
  return typeof value === 'string' ? Buffer.from(value) : Buffer.from(value.b64, 'base64');
}

/** Waits until something is so. */
export async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A server on a free port whose every connection goes to `play(socket, commands)`; `commands` yields blocks of text. */
export async function peer(play) {
  const sockets = new Set();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    play(socket, blocks(socket));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };
  return { port: server.address().port, host: '127.0.0.1', password: 'ClueCon', close };
}

/** As `peer`, after a login that succeeds. */
export function loggedIn(play) {
  return peer(async (socket, commands) => {
    socket.write('Content-Type: auth/request\n\n');
    await commands.next();
    socket.write(command('+OK accepted'));
    await play(socket, commands);
  });
}

export const command = (text) => `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
export const api = (text) => `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`;
export const plain = (text) => `Content-Length: ${Buffer.byteLength(text)}\nContent-Type: text/event-plain\n\n${text}`;

async function* blocks(socket) {
  let text = '';
  try {
    for await (const data of socket) {
      text += data.toString('latin1');
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        yield text.slice(0, end).trim();
        text = text.slice(end + 2);
      }
    }
  } catch {
    // The client is gone.
  }
}
