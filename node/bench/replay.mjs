// A server for the benches, in a process of its own: logs in whoever comes, answers `api`, and on `event FORMAT …` sends
// a recorded stream of events, again and again, up to a count. Prints its port.
//   node replay.mjs STREAM_FOLDER COUNT
import { createServer } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder, count] = [process.argv[2], Number(process.argv[3])];
const streams = {};
for (const format of ['plain', 'json']) streams[format] = load(format);

createServer((socket) => {
  socket.setNoDelay(true);
  let text = '';
  socket.on('error', () => {});
  socket.write('Content-Type: auth/request\n\n');
  socket.on('data', (data) => {
    text += data.toString('latin1');
    let answers = '';
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const command = text.slice(0, end).trim();
      text = text.slice(end + 2);
      if (command.startsWith('api ')) {
        answers += 'Content-Type: api/response\nContent-Length: 3\n\n+OK';
      } else if (/^event (plain|json) .*HEARTBEAT/.test(command) || /^event (plain|json) all/i.test(command)) {
        socket.write(`${answers}Content-Type: command/reply\nReply-Text: +OK event listener enabled\n\n`);
        answers = '';
        send(socket, streams[command.split(' ')[1]]);
      } else if (command !== '') {
        const reply = /^auth/.test(command) ? '+OK accepted' : '+OK';
        answers += `Content-Type: command/reply\nReply-Text: ${reply}\n\n`;
      }
    }
    if (answers) socket.write(answers);
  });
}).listen(0, '127.0.0.1', function () {
  console.log(this.address().port);
});

function send(socket, { bytes, events }) {
  let left = Math.ceil(count / events);
  const more = () => {
    while (left > 0) {
      left -= 1;
      if (!socket.write(bytes)) return socket.once('drain', more);
    }
    socket.write('Content-Type: api/response\nContent-Length: 0\n\n');
  };
  more();
}

/** The event messages of a recording, as one buffer of about a megabyte. */
function load(format) {
  const all = readFileSync(join(folder, `events_${format}`, 'server.bin'));
  const found = [];
  for (let at = 0; at < all.length; ) {
    const end = all.indexOf('\n\n', at);
    if (end < 0) break;
    const head = all.subarray(at, end).toString('latin1');
    const length = Number(/^Content-Length: (\d+)/m.exec(head)?.[1] ?? 0);
    const next = end + 2 + length;
    // Custom events go another way in some clients.
    const custom = /Event-Name"?: ?"?CUSTOM/.test(all.subarray(end + 2, next).toString('latin1'));
    if (head.includes(`text/event-${format}`) && !custom) found.push(all.subarray(at, next));
    at = next;
  }
  const once = Buffer.concat(found);
  const times = Math.max(1, Math.round((1 << 20) / once.length));
  return { bytes: Buffer.concat(Array(times).fill(once)), events: found.length * times };
}
