'use strict';
// Loaded before one of modesl's examples: their fixed ports become those of the test, `modesl` what is to be tried.
const Module = require('node:module');
const net = require('node:net');

const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  return resolve.call(this, name === 'modesl' ? process.env.ESL_MODULE : name, ...rest);
};

const { connect } = net;
net.connect = (options, ...rest) => connect({ ...options, port: Number(process.env.ESL_PORT) }, ...rest);

const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (port, host, ready) {
  return listen.call(this, 0, host, () => {
    process.send(this.address().port);
    ready?.();
  });
};
