export * from './index.js';
import switchwire = require('./index.js');
export default switchwire;
