import modesl from './modesl.js';

export const { Connection, Event, Parser, Server, eslSetLogLevel, setLogLevel } = modesl;
export default modesl;
