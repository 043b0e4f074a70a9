'use strict';
// Three workers that share a port, and six calls; prints how many ports there were, and the calls.
const cluster = require('node:cluster');
const { createServer } = require('../../index.js');

const CALL = 'Content-Type: command/reply\nReply-Text: +OK\nUnique-ID: call-1\n\n';

if (cluster.isPrimary) {
  const ports = [];
  const calls = [];
  for (let n = 0; n < 3; n += 1) cluster.fork().on('message', (told) => {
    if (told.port) ports.push(told.port);
    else calls.push(told.uuid);
    if (told.error) console.log(told.error);
    if (told.port && ports.length === 3) {
      for (let at = 0; at < 6; at += 1) require('node:net').connect(told.port, '127.0.0.1').on('error', () => {})
        .on('data', function () { this.write(CALL); });
    }
    if (calls.length === 6) {
      console.log(new Set(ports).size, calls.join());
      process.exit(0);
    }
  });
} else {
  const server = createServer((call) => process.send({ uuid: call.uuid }));
  server.on('error', (error) => process.send({ error: error.message }));
  server.listen(0, () => process.send({ port: server.port }));
}
