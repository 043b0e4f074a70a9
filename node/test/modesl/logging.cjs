'use strict';
// The module's log of the server's lines.
const { answer, api, call, connected, esl, heard, main, pause, say, script } = require('./transcript.cjs');

main(async () => {
  const lines = [];
  esl._logger = (line) => lines.push(line);
  const server = await script((block, socket) => {
    const [, number, text] = /^api log (\d) (.*)/.exec(block) ?? [];
    if (!number) return socket.write(answer('+OK accepted'));
    const head = `Content-Type: log/data\nContent-Length: ${text.length + 1}\nLog-Level: ${number}\nText-Channel: 0\nLog-File: a.c\nLog-Func: f\nLog-Line: 1\nUser-Data: x\n\n`;
    socket.write(`${head}${text}\n${api('+OK')}`);
  });
  const conn = await connected(server.address().port);
  await call(conn, 'sendRecv', 'log 7');
  for (const level of [undefined, 3, 7, 0]) {
    if (level !== undefined || esl._log) esl.setLogLevel(level);
    for (const number of [0, 3, 4, 7]) {
      const line = heard(conn, 'esl::event::logdata');
      await call(conn, 'api', 'log', `${number} line at ${number}`);
      const [event] = await line;
      if (level === undefined) say('logdata', event.getHeader('Log-Level'), event.getHeader('Content-Type'), event.getBody().includes(`line at ${number}`));
    }
    await pause(5);
    say('level', String(level), esl._log, esl._level, lines.splice(0).map((line) => (line.match(/line at \d/g) ?? []).concat(line.includes('Log-Level'))));
  }
  esl.setLogLevel();
  say('same level', esl._level);
  conn.disconnect();
});
