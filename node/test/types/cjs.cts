import switchwire = require('switchwire');
import esl = require('switchwire/modesl');
import testing = require('switchwire/testing');

const sim = new testing.Simulator();
export const conn = new switchwire.ESLconnection('127.0.0.1', sim.port, sim.password);
export const text: Promise<string | null | undefined> = conn.api('status').then((event) => event?.getBody());
export const server = new esl.Server({ port: 0, myevents: true }, () => server.close());
server.on('connection::ready', (call: esl.Connection, id: string) => call.execute('answer', id));
