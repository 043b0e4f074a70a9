// Prints answered and ended calls of one server, for as long as it takes: the server may restart. Ends with Ctrl-C.
//
//   node monitor.mjs PASSWORD HOST[:PORT]
import { ManagedConnection } from 'switchwire';

const [password, address] = process.argv.slice(2);
const [host, port = '8021'] = address.split(':');
const fs = ManagedConnection.start({
  host, port: Number(port), password, subscription: ['CHANNEL_ANSWER', 'CHANNEL_HANGUP_COMPLETE'], snapshot: true,
});
process.once('SIGINT', () => fs.close());

const channels = ({ snapshot }) => JSON.parse(snapshot ?? '{}').row_count ?? 0;

for await (const item of fs) {
  switch (item.kind) {
    case 'connected':
      console.log(`connected to ${item.connected.switchname}: ${channels(item.connected)} channels`);
      break;
    case 'event':
      console.log(item.event.type, item.event.uuid, item.event.hangupCause ?? '');
      break;
    case 'lost':
      console.log(`${item.lost.address}: lost: ${item.lost.reason.message}`);
      break;
    case 'restored':
      // What happened meanwhile was not seen: the list of channels says what is left.
      console.log(`back after ${Math.round(item.restored.outage)} ms, ${item.restored.run}: ${channels(item.restored.server)} channels`);
      break;
    case 'gave-up':
      console.log('gave up:', item.reason.message);
      break;
  }
}
