// What the walkers of tests/faces share: the server's side of a connection.
import { readFileSync } from 'node:fs';
import { once } from 'node:events';
import { connect as tcp, createServer as listener } from 'node:net';
import { join } from 'node:path';
import { Fleet, ManagedConnection, connect, createServer } from 'switchwire';
import { ROOT, api, command } from './index.mjs';

export const table = JSON.parse(readFileSync(join(ROOT, 'tests/faces/methods.json'), 'utf8'));

/** The server's part: the commands that come, whole. */
class Line {
  #text = '';
  #sent = [];
  #wake = () => {};

  constructor(socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('data', (data) => {
      this.#text += data.toString('latin1');
      for (let end = this.#end(); end !== null; end = this.#end()) {
        this.#sent.push(this.#text.slice(0, end.text));
        this.#text = this.#text.slice(end.all);
      }
      this.#wake();
    });
  }

  /** Where the first command ends. */
  #end() {
    // A command's last blank line may follow its body.
    this.#text = this.#text.replace(/^\n+/, '');
    const head = this.#text.indexOf('\n\n');
    if (head < 0) return null;
    const length = Number(/^Content-Length: (\d+)$/im.exec(this.#text.slice(0, head))?.[1] ?? 0);
    const all = head + 2 + length;
    return this.#text.length < all ? null : { text: length > 0 ? all : head, all };
  }

  async next() {
    while (this.#sent.length === 0) {
      let timer;
      await new Promise((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(() => reject(new Error(`no command came; of the next there is ${JSON.stringify(this.#text)}`)), 60_000);
      }).finally(() => clearTimeout(timer));
    }
    return this.#sent.shift();
  }

  get rest() {
    return [...this.#sent];
  }

  write(text) {
    this.socket.write(text);
  }
}

/** A connection of each kind, and the server's line to it. */
export const opened = {
  async inbound() {
    const server = listener().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const connecting = connect({ port: server.address().port });
    const [socket] = await once(server, 'connection');
    const line = new Line(socket);
    line.write('Content-Type: auth/request\n\n');
    await line.next();
    line.write(command('+OK accepted'));
    const conn = await connecting;
    return { conn, line, close: async () => { await conn.close(); socket.destroy(); server.close(); } };
  },
  /** A supervised connection, up. */
  managed: () => supervised((target) => {
    const conn = ManagedConnection.start(target);
    return { conn, close: () => conn.close() };
  }),
  /** The connection to a server of a fleet, up. */
  member: () => supervised((target) => {
    const fleet = Fleet.start({ servers: [{ name: 'fs', connection: target }] });
    return { conn: fleet.connection('fs'), close: () => fleet.close() };
  }),
  outbound: () => outbound(table.outbound),
  sync: () => outbound(table.sync),
};

/** A fleet of servers with those tags, by their names, all up; and the servers' lines. */
export async function openedFleet(tags) {
  const accepted = await Promise.all(Object.keys(tags).map(async (name) => [name, await accepting()]));
  const fleet = Fleet.start({
    servers: accepted.map(([name, { target }]) => ({ name, connection: target, tags: tags[name] })),
  });
  const lines = {};
  await Promise.all(accepted.map(async ([name, { line }]) => (lines[name] = await line())));
  await Promise.all(Object.keys(tags).map((name) => fleet.connection(name).waitUp()));
  const close = async () => {
    await fleet.close();
    for (const [, one] of accepted) one.close();
  };
  return { fleet, lines, close };
}

async function supervised(start) {
  const one = await accepting();
  const { conn, close } = start(one.target);
  const line = await one.line();
  await conn.waitUp();
  return { conn, line, close: async () => { await close(); one.close(); } };
}

/** The server's part in what a supervised connection does by itself: login, subscription, who the server is. */
async function accepting() {
  const server = listener().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection');
  let socket;
  const line = async () => {
    [socket] = await accepted;
    const made = new Line(socket);
    made.write('Content-Type: auth/request\n\n');
    await made.next();
    made.write(command('+OK accepted'));
    // The version is what is asked last.
    for (let said = ''; said.trim() !== 'api version';) {
      said = await made.next();
      made.write(said.startsWith('api') ? api('x') : command('+OK'));
    }
    return made;
  };
  const close = () => {
    socket?.destroy();
    server.close();
  };
  return { target: { port: server.address().port, liveness: { pingAfter: false } }, line, close };
}

async function outbound(headers) {
  const server = createServer().listen(0);
  const called = once(server, 'call');
  const socket = tcp(server.port, '127.0.0.1');
  const line = new Line(socket);
  await line.next();
  line.write(`Content-Type: command/reply\nReply-Text: +OK\n${headers}\n\n`);
  const [conn] = await called;
  return { conn, line, close: async () => { await conn.close(); socket.destroy(); await server.close(); } };
}
