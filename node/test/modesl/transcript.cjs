'use strict';
// What the programs in this folder share: each runs on modesl and on switchwire/modesl alike, and prints what it sees with
// what differs from run to run taken out.

const { once } = require('node:events');
const net = require('node:net');

const esl = require(process.env.ESL_MODULE);
const port = Number(process.env.ESL_PORT);
const host = '127.0.0.1';
const password = 'ClueCon';

/** Uuids by order of appearance, times and the like by name. */
const uuids = new Map();
function steady(text) {
  return String(text)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uuid) => {
      if (!uuids.has(uuid)) uuids.set(uuid, `<uuid ${uuids.size + 1}>`);
      return uuids.get(uuid);
    });
}

function say(...words) {
  console.log(steady(words.map((word) => (typeof word === 'string' ? word : JSON.stringify(word))).join(' ')));
}

/** Headers whose values are of that run. */
const VOLATILE = /Date|Timestamp|Sequence|Time|Line-Number|IPv|Hostname|Switchname|Core-UUID|Calling|created|epoch|Up-Time|Idle/i;

function show(event) {
  if (event === null || event === undefined) return String(event);
  const headers = event.headers.filter(({ name }) => !VOLATILE.test(name)).map(({ name, value }) => [name, value]);
  const names = event.headers.map(({ name }) => name).sort();
  return { type: event.type, subclass: event.subclass, keys: Object.keys(event), headers, names, body: event.body };
}

const connected = (to = port) => new Promise((resolve) => {
  const conn = new esl.Connection(host, to, password, () => resolve(conn));
});

/** Calls a method with a callback; gives the callback's arguments. */
const call = (object, method, ...args) => new Promise((resolve) => object[method](...args, (...told) => resolve(told)));
const heard = (object, name) => new Promise((resolve) => object.once(name, (...told) => resolve(told)));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A server that plays by the program's script: `play(block, socket)` for each command; records what came. */
async function script(play, hello = 'Content-Type: auth/request\n\n') {
  const server = net.createServer((socket) => {
    let text = '';
    socket.on('error', () => {});
    socket.write(hello);
    socket.on('data', (data) => {
      text += data;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const block = text.slice(0, end).replace(/^\n+/, '');
        text = text.slice(end + 2);
        if (block) play(block, socket);
      }
    });
  }).listen(0, host);
  await once(server, 'listening');
  return server;
}

const answer = (text) => `Content-Type: command/reply\nReply-Text: ${text}\n\n`;
const api = (text) => `Content-Type: api/response\nContent-Length: ${Buffer.byteLength(text)}\n\n${text}`;

/** Runs the program and ends the process, when all is printed: a library may have left things open. */
function main(program) {
  const end = (code) => process.stdout.write('', () => process.exit(code));
  setTimeout(() => {
    say('hangs');
    end(1);
  }, 20_000);
  program().then(() => end(0), (error) => {
    say('failed', error.stack);
    end(1);
  });
}

module.exports = { answer, api, call, connected, esl, heard, host, main, net, password, pause, port, say, script, show };
