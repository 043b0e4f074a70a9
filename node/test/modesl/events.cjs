'use strict';
// Subscriptions in each format, wildcards, and what listeners are given.
const { call, connected, esl, heard, main, pause, say, show } = require('./transcript.cjs');

main(async () => {
  for (const format of ['plain', 'json', 'other']) {
    const conn = await connected();
    const seen = [];
    const note = (name) => function (event, headers, body) {
      seen.push([name, [].concat(this.event).join('::').replace(/[0-9a-f-]{36}/g, 'U'), event?.type, typeof headers, typeof body]);
    };
    for (const name of ['esl::event::**', 'esl::event::*', 'esl::event::CUSTOM::*', 'esl::event::CUSTOM::**', 'esl::event::CUSTOM', 'esl::event::MESSAGE::*', 'esl::**', 'esl::event::command::reply', 'esl::*::CUSTOM::*', 'esl::event::*::*']) conn.on(name, note(name));
    const [reply] = await call(conn, 'events', format, format === 'plain' ? ['MESSAGE', 'all'] : 'MESSAGE HEARTBEAT');
    say(format, 'listening', conn.listeningEvents, reply.getHeader('Reply-Text'));
    await call(conn, 'events', format, 'all');
    say(format, 'listening', conn.listeningEvents);
    await pause(30);
    say(format, 'names', seen.splice(0).sort());
    const event = new esl.Event('CUSTOM', 'shop::opened');
    event.addHeader('Street', 'Long Lane');
    event.addHeader('Number', 7);
    event.addBody('a body');
    event.addBody(', two parts');
    const came = heard(conn, 'esl::event::CUSTOM::*');
    const [sent] = await call(conn, 'sendEvent', event);
    say(format, 'sent', sent.getHeader('Modesl-Reply-OK') !== null);
    const [got, headers] = await came;
    const { headers: list, ...rest } = show(got);
    say(format, 'got', rest, list.filter(([name]) => !/Length/.test(name)), headers['Content-Type'], typeof headers['Content-Length']);
    say(format, 'reads', got.getHeader('Street'), got.getHeader('street'), got.getHeader('Number'), got.getBody(), got.getType());
    await pause(30);
    say(format, 'names', seen.splice(0).sort());
    const next = call(conn, 'recvEvent');
    const message = heard(conn, 'esl::event::MESSAGE::*');
    await call(conn, 'sendEvent', new esl.Event('MESSAGE'));
    await message;
    say(format, 'recvEvent', (await next)[0].type);
    say(format, 'recvEventTimed', (await new Promise((resolve) => conn.recvEventTimed(20, (...told) => resolve(told)))).length);
    const timed = new Promise((resolve) => conn.recvEventTimed(2000, resolve));
    conn.sendEvent(new esl.Event('MESSAGE'));
    say(format, 'recvEventTimed', (await timed).type);
    await call(conn, 'subscribe', ['CHANNEL_ANSWER', 'CHANNEL_HANGUP']);
    say(format, 'subscribed', conn.listeningEvents);
    conn.off('esl::event::MESSAGE::*', () => {});
    conn.removeAllListeners('esl::event::MESSAGE::*');
    say(format, 'listeners', conn.listeners('esl::event::MESSAGE::*').length, conn.listeners('esl::ready').length);
    conn.disconnect();
  }
  const conn = await connected();
  // (In XML modesl makes lists of headers that come twice, decodes no value and loses the server's bodies.)
  await call(conn, 'events', 'xml', 'all');
  const job = heard(conn, 'esl::event::BACKGROUND_JOB::*');
  conn.bgapi('echo', 'in_xml');
  say('xml', (await job)[0].type, (await job)[0].getHeader('Job-Command'), (await job)[0].getHeader('Job-Command-Arg') !== null);
  await call(conn, 'sendRecv', 'noevents');
  const all = [];
  conn.onAny(function (name, event) { all.push([[].concat(name).join('::').replace(/[0-9a-f-]{36}/g, 'U'), event?.type]); });
  await call(conn, 'api', 'echo', 'x');
  say('any', all);
  conn.once('esl::event::api::response', () => say('once'));
  conn.many('esl::event::api::response', 2, () => say('many'));
  for (let n = 0; n < 3; n += 1) await call(conn, 'api', 'echo', 'x');
  conn.disconnect();
});
