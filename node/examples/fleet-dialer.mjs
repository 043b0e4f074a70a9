// Dials a list of numbers over several servers, each on the one with the fewest calls; a server that goes away is left out
// until it is back.
//
//   node fleet-dialer.mjs PASSWORD HOST:PORT,... NUMBER ...
import { once } from 'node:events';
import { Fleet } from 'switchwire';

const [password, list, ...numbers] = process.argv.slice(2);
const servers = list.split(',').map((name) => {
  const [host, port] = name.split(':');
  const subscription = ['CHANNEL_HANGUP_COMPLETE', 'CHANNEL_EXECUTE_COMPLETE', 'BACKGROUND_JOB'];
  return { name, connection: { host, port: Number(port), password, subscription } };
});
const fleet = Fleet.start({ servers });
fleet.on('lost', ({ reason }, server) => console.log(`${server}: lost: ${reason.message}`));
fleet.on('restored', ({ outage }, server) => console.log(`${server}: back after ${Math.round(outage)} ms`));

/** A server to dial on; waits for one to come up where none is. */
async function place() {
  for (;;) {
    const server = fleet.pick({ by: 'least-sessions' });
    if (server !== null) return server;
    await once(fleet, 'health');
  }
}

for (const number of numbers) {
  const server = await place();
  try {
    const call = await fleet.connection(server).connection.originate({ dial: { legs: [number], timeoutSeconds: 20 } });
    console.log(`${number}: answered on ${server}`);
    await call.hangup();
  } catch (error) {
    // Never dialled twice by itself: a lost connection leaves open what became of the call.
    console.log(`${number}: ${error.hangupCause ?? error.message}`);
  }
}
await fleet.close();
