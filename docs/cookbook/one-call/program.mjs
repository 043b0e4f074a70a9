// Prints the events of one call until it ends: HOST PORT PASSWORD UUID.
import assert from 'node:assert/strict';
import { connect } from 'switchwire';

const [host, port, password, uuid] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.myevents({ uuid });
await fs.linger(5);
for await (const event of fs) {
  assert.equal(event.uuid, uuid);
  console.log(event.type);
  if (event.type === 'CHANNEL_HANGUP_COMPLETE') break;
}
console.log('the call has ended');
await fs.close();
