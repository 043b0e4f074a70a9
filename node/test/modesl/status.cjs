'use strict';
// The README's first program, and the answers' form.
const { call, esl, host, main, password, port, say, show } = require('./transcript.cjs');

main(async () => {
  await new Promise((resolve) => {
    const conn = new esl.Connection(host, port, password, () => {
      conn.api('status', (res) => {
        say('status', res.getBody().split('\n').length, res.getHeader('Content-Type'), typeof res.getHeader('Content-Length'));
        resolve();
      });
    });
  });
  const conn = new esl.Connection(host, port, password);
  conn.on('esl::ready', function () { say('ready', this === conn, conn.connected(), conn.authed, conn.connecting); });
  await new Promise((resolve) => conn.on('esl::ready', resolve));
  say('properties', conn.execAsync, conn.execLock, conn.channelData, conn.reqEvents, conn.listeningEvents, conn.password);
  for (const args of [['echo', 'one'], ['echo', ['two', 'words']], ['echo', null], ['echo', ''], ['nosuchcommand', 'x'], ['global_getvar', 'nothing']]) {
    const [event, headers, body] = await call(conn, 'api', ...args);
    say('api', args, show(event), headers, body, event.getBody(), event.getType());
  }
  for (const command of ['log 7', 'nolog', 'nosuch', 'filter Unique-ID x', 'filter delete Unique-ID x', 'noevents', 'myevents nosuch']) {
    const [event, headers, body] = await call(conn, 'sendRecv', command);
    say('sendRecv', command, show(event), headers, body);
    say('reply', event.getHeader('Modesl-Reply-OK'), event.getHeader('Modesl-Reply-ERR'), event.getHeader('reply-text'));
  }
  const order = [];
  await Promise.all(Array.from({ length: 30 }, async (_, at) => {
    const [event] = await call(conn, 'api', 'echo', String(at));
    order.push(event.getBody());
  }));
  say('order', order);
  say('queues', conn.cmdCallbackQueue.length, conn.apiCallbackQueue.length, conn.socketDescriptor(), conn.getInfo());
  conn.on('esl::end', (...told) => say('end', told));
  conn.on('esl::event::disconnect::notice', (event) => say('notice', event.getBody()));
  conn.disconnect();
  say('after', conn.connected(), conn.socket);
  await new Promise((resolve) => conn.on('esl::end', resolve));
});
