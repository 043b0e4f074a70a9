// What the tests share.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect, promisify } from 'node:util';

/** How long one condition may take to come true. */
const PATIENCE = 60_000;
/** How long one test may take; long forms say more. */
let patience = 120_000;

// A test that hangs must not hang its caller, and says which it is.
const under = new Map();
let watchdog;
watch();
beforeEach((context) => under.set(context, context.name));
afterEach((context) => {
  under.delete(context);
  watch();
});

function watch() {
  clearTimeout(watchdog);
  watchdog = setTimeout(hang, patience).unref();
}

function hang() {
  console.error(`no end after ${patience / 1000} s of: ${[...under.values()].join(', ') || 'what is between the tests'}`);
  console.error(`still open: ${process.getActiveResourcesInfo?.().join(', ')}`);
  process.exit(1);
}

/** For long forms: a test of this file may take so many milliseconds. */
export function mayTake(ms) {
  patience = Math.max(patience, ms);
  watch();
}

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

/**
 * Waits until something is so, for a minute at most: then it fails with the condition, and with what `seen` gives (values
 * that say how far it came).
 */
export async function until(condition, seen) {
  const deadline = performance.now() + PATIENCE;
  while (!(await condition())) {
    if (performance.now() > deadline) {
      throw new Error(`not so after ${PATIENCE / 1000} s: ${condition}${seen ? `; seen: ${inspect(seen(), { depth: 4 })}` : ''}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Runs this Node with these arguments to its end, a minute at most; gives what it prints. */
export const node = (args, options = {}) => promisify(execFile)(process.execPath, args, { timeout: PATIENCE, ...options });

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
