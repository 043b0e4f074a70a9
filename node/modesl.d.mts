export * from './modesl.js';
import modesl = require('./modesl.js');
export default modesl;
