// Makes a phone fetch its configuration: HOST PORT PASSWORD USER DOMAIN.
import { Event, connect } from 'switchwire';

const [host, port, password, user, domain] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.sendEvent(new Event('NOTIFY', {
  profile: 'internal',
  'content-type': 'application/simple-message-summary',
  'event-string': 'check-sync;reboot=false',
  user,
  host: domain,
}));
console.log(`asked ${user}@${domain} to fetch its configuration`);
await fs.close();
