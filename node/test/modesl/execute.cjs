'use strict';
// Applications on a channel: the id that is given, callbacks at the end, each to its own.
const { call, connected, main, say } = require('./transcript.cjs');

main(async () => {
  const conn = await connected();
  await call(conn, 'subscribe', 'all');
  const [answer] = await call(conn, 'api', 'originate', 'null/x &park()');
  const uuid = /^\+OK (\S+)/.exec(answer.getBody())[1];
  for (const args of [['answer', '', uuid], ['playback', 'tone.wav', uuid], ['set', 'a=b', uuid]]) {
    let id;
    const done = await new Promise((resolve) => {
      id = conn.execute(...args, resolve);
    });
    say(args[0], typeof id, id.length, done.getHeader('Application-UUID') === id, done.getHeader('Application'), done.getHeader('Application-Data'), done.type, done.getHeader('Unique-ID') === uuid);
  }
  const order = [];
  await Promise.all(['1', '2', '3', '4'].map((n) => new Promise((resolve) => {
    conn.execute('set', `n=${n}`, uuid, (event) => {
      order.push(event.getHeader('Application-Data'));
      resolve();
    });
  })));
  say('each its own', order.sort());
  say('async', typeof conn.executeAsync('playback', 'x.wav', uuid), conn.execAsync);
  conn.setAsyncExecute(true);
  conn.setEventLock(true);
  say('modes', conn.execAsync, conn.execLock);
  const [value] = await call(conn, 'api', 'uuid_getvar', `${uuid} a`);
  say('variable', value.getBody());
  conn.disconnect();
});
