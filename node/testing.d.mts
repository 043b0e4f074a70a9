export * from './testing.js';
import testing = require('./testing.js');
export default testing;
