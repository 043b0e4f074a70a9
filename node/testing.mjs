import testing from './testing.js';

export const { Simulator } = testing;
export default testing;
