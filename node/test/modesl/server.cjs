'use strict';
// A server with several calls at once, and what it reports about them.
const { call, connected, esl, main, net, say } = require('./transcript.cjs');

// modesl takes a port of 0 for none given: the system chooses one all the same.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (_port, ...rest) { return listen.call(this, 0, ...rest); };

main(async () => {
  for (const myevents of [false, true]) {
    const server = await new Promise((resolve) => {
      const made = new esl.Server({ myevents }, () => resolve(made));
    });
    say('server', server.host, typeof server.port, server.bindEvents, Object.keys(server.connections).length);
    const told = [];
    const opened = new Set();
    server.on('connection::open', (conn, id) => {
      opened.add(id);
      told.push(`open ${conn instanceof esl.Connection} ${server.connections[id] === conn} ${conn._id === id}`);
    });
    let closed = 0;
    const allClosed = new Promise((resolve) => server.on('connection::close', (conn, id) => {
      told.push(`close ${opened.has(id)} ${server.connections[id] === conn}`);
      if (++closed === 3) setImmediate(resolve);
    }));
    server.on('connection::*', function () { told.push(`any ${[].concat(this.event).join('::')}`); });
    const calls = new Set();
    server.on('connection::ready', (conn, id) => {
      const info = conn.getInfo();
      calls.add(info.getHeader('Unique-ID'));
      told.push(`ready ${opened.has(id)} ${info.type} ${info.getHeader('Channel-Call-State') !== null} ${conn.connected()} ${conn.socketDescriptor() === conn.socket} ${conn.listeningEvents}`);
      conn.execute('answer', (event) => {
        told.push(`answered ${event.getHeader('Application')} ${event.getHeader('Unique-ID') === info.getHeader('Unique-ID')}`);
        const run = conn.execute('playback', 'welcome.wav', (played) => {
          told.push(`played ${played.getHeader('Application-UUID') === run} ${played.getHeader('Application-Data')}`);
          conn.on('esl::event::CHANNEL_HANGUP_COMPLETE::**', () => told.push('hangup complete'));
          conn.execute('hangup', 'NORMAL_CLEARING');
        });
      });
      conn.on('esl::end', () => told.push('end'));
    });
    const conn = await connected(Number(process.env.ESL_PORT));
    await call(conn, 'sendEvent', new esl.Event('MESSAGE'));
    for (let n = 0; n < 3; n += 1) conn.bgapi('originate', `null/x '&socket(127.0.0.1:${server.server.address().port} async full)'`);
    await allClosed;
    say('told', told.sort(), calls.size, Object.keys(server.connections).length);
    conn.disconnect();
    await call(server, 'close');
    say('closed');
  }
});
