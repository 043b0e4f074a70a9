// Asks for the status, makes a call and follows it: HOST PORT PASSWORD.
import { connect } from 'switchwire';

const [host, port, password] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
console.log((await fs.api('status')).split('\n')[0]);

await fs.subscribe('CHANNEL_CREATE', 'CHANNEL_ANSWER', 'CHANNEL_HANGUP_COMPLETE', { format: 'plain' });
// The leg is answered, sleeps for 100 ms, and hangs up.
await fs.bgapi('originate', 'null/test &sleep(100)');
for await (const event of fs) {
  console.log(event.type);
  if (event.type === 'CHANNEL_HANGUP_COMPLETE') {
    console.log('ended:', event.get('Hangup-Cause'));
    break;
  }
}
await fs.close();
