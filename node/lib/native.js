'use strict';
// The native part. Everything that knows the protocol is there; this folder makes it look like Node.

module.exports = require('../native/index.js');
