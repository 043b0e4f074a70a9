'use strict';
// Connecting, being refused, losing the server.
const { answer, api, call, connected, esl, heard, host, main, net, pause, port, say, script } = require('./transcript.cjs');

const LIFE = ['esl::connect', 'esl::ready', 'esl::end', 'esl::event::auth::request', 'esl::event::auth::success', 'esl::event::auth::fail', 'esl::event::disconnect::notice', 'esl::event::raw::**', 'error'];

function watched(to, password = 'ClueCon') {
  const told = [];
  const conn = new esl.Connection(host, to, password, () => told.push('callback'));
  for (const name of LIFE) conn.on(name, (event) => told.push([name, event?.code ?? event?.body ?? event?.constructor?.name, conn.connected(), conn.authed]));
  return { conn, told };
}

main(async () => {
  const good = watched(port);
  await heard(good.conn, 'esl::ready');
  await call(good.conn, 'api', 'echo', 'x');
  good.conn.disconnect();
  await heard(good.conn, 'esl::end');
  await pause(10);
  say('good', good.told);

  const wrong = watched(port, 'wrong');
  await heard(wrong.conn, 'esl::event::auth::fail');
  await pause(50);
  say('wrong password', wrong.told, wrong.conn.authed);

  const gone = await script(() => {});
  const free = gone.address().port;
  await new Promise((resolve) => gone.close(resolve));
  const refused = watched(free);
  await heard(refused.conn, 'error');
  say('refused', refused.told, refused.conn.connected());

  const rude = await script(() => {}, 'Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n');
  const rejected = watched(rude.address().port);
  await heard(rejected.conn, 'esl::event::raw::**');
  say('rude', rejected.told);

  const lost = await script((block, socket) => {
    socket.write(block.startsWith('api') ? api('x') : answer('+OK accepted'));
    if (block === 'api end') socket.end('Content-Type: text/disconnect-notice\nContent-Length: 67\n\nDisconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n');
  });
  const losing = watched(lost.address().port);
  await heard(losing.conn, 'esl::ready');
  losing.conn.api('end');
  await heard(losing.conn, 'esl::end');
  await pause(10);
  say('lost', losing.told, losing.conn.connected(), losing.conn.socket);

  // A program that connects anew whenever it loses the server.
  let rounds = 0;
  await new Promise((resolve) => {
    const again = () => {
      const conn = new esl.Connection(host, lost.address().port, 'ClueCon', () => {
        rounds += 1;
        if (rounds === 3) return resolve();
        conn.api('end');
      });
      conn.on('esl::end', () => setTimeout(again, 1));
      conn.on('error', () => setTimeout(again, 1));
    };
    again();
  });
  say('rounds', rounds);

  // Messages of kinds of their own, and no kind at all.
  const odd = await script((block, socket) => {
    if (block.startsWith('auth')) socket.write(answer('+OK accepted'));
    else socket.write('Content-Type: text/strange\nX: a%20b\nContent-Length: 3\n\nabc' + 'Y: 1\nZ: a: b\n\n');
  });
  const strange = await connected(odd.address().port).catch(() => {});
  if (strange) {
    const names = [];
    strange.on('esl::event::raw::**', function (event, headers, body) {
      names.push([[].concat(this.event).join('::'), event.headers, headers, body, event.getBody()]);
    });
    // The answer to modesl's own subscription comes first.
    await heard(strange, 'esl::event::raw::undefined');
    strange.send('go');
    await heard(strange, 'esl::event::raw::undefined');
    say('odd', names);
  }
  // A connection on a socket of the program's own.
  const socket = net.connect(port, host);
  await heard(socket, 'connect');
  const outbound = new esl.Connection(socket);
  say('own socket', outbound.connected(), outbound.socketDescriptor() === socket, outbound._inbound, outbound.getInfo());
  outbound.on('error', () => {});
});
