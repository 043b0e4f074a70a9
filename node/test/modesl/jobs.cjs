'use strict';
// bgapi in its forms, show, originate, filters.
const { call, connected, heard, main, say, show } = require('./transcript.cjs');

main(async () => {
  const conn = await connected();
  const [job] = await call(conn, 'bgapi', 'echo', 'x');
  const { names, ...rest } = show(job);
  say('bgapi', names, rest.type, rest.body, job.getHeader('Job-Command'), job.getHeader('Job-Command-Arg'));
  say('list', (await call(conn, 'bgapi', 'echo', ['a', 'b']))[0].getBody());
  say('own id', (await call(conn, 'bgapi', 'echo', 'x', '11111111-2222-4333-8444-555555555555'))[0].getHeader('Job-UUID'));
  say('falsy', (await call(conn, 'bgapi', 'echo', null))[0].getBody());
  say('arguments', (await call(conn, 'bgapi', 'echo', 'x')).length, conn.bgapi('echo', 'no callback'));
  const order = [];
  await Promise.all([
    call(conn, 'bgapi', 'echo', '1').then(([event]) => order.push(`job ${event.getBody()}`)),
    call(conn, 'bgapi', 'echo', '2').then(([event]) => order.push(`job ${event.getBody()}`)),
  ]);
  say('order', order.sort());
  for (const format of [undefined, 'json', 'xml']) {
    const [error, parsed, data] = format ? await call(conn, 'show', 'channels', format) : await call(conn, 'show', 'channels');
    say('show', format, String(error), parsed && { rows: parsed.rows }, typeof data);
  }
  const [answer] = await call(conn, 'api', 'originate', 'null/x &park()');
  const uuid = /^\+OK (\S+)/.exec(answer.getBody())[1];
  for (const format of ['json', 'xml']) {
    const [error, parsed] = await call(conn, 'show', 'channels', format);
    const count = parsed.rowCount ?? parsed.row_count;
    say('show one', format, String(error), count, parsed.rows.length, Object.keys(parsed.rows[0]), parsed.rows[0].uuid === uuid, parsed.rows[0].state);
  }
  const [error] = await call(conn, 'show', 'nosuchitem');
  say('show nothing', error instanceof Error);
  say('originate', (await call(conn, 'originate', { profile: 'internal', number: '1000', gateway: 'nowhere', app: 'park' }))[0].getBody().slice(0, 4));
  say('originate', (await call(conn, 'originate', { profile: 'internal', number: '1000', gateway: 'nowhere', sync: true }))[0].getBody().slice(0, 4));
  const [sent] = await call(conn, 'message', { to: 'a@b', from: 'c@d', profile: 'internal', body: 'Grüße\nzwei', subject: 's', deliveryConfirmation: true });
  say('message', sent.getHeader('Reply-Text').slice(0, 3));
  await call(conn, 'filter', 'Event-Name', 'CHANNEL_HANGUP');
  say('filtering', conn.usingFilters, (await call(conn, 'bgapi', 'echo', 'through the filter'))[0].getBody());
  await call(conn, 'filterDelete', 'Event-Name', 'CHANNEL_HANGUP');
  await call(conn, 'filterDelete', 'Event-Name');
  await call(conn, 'events', 'plain', 'CHANNEL_HANGUP_COMPLETE');
  const gone = heard(conn, `esl::event::CHANNEL_HANGUP_COMPLETE::${uuid}`);
  await call(conn, 'api', 'uuid_kill', uuid);
  say('gone', (await gone)[0].getHeader('Unique-ID') === uuid, (await gone)[0].type);
  conn.disconnect();
});
