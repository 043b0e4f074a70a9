export * from './vocabulary.js';
import vocabulary = require('./vocabulary.js');
export default vocabulary;
