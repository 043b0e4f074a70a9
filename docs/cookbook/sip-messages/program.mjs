// Sends a phone a MESSAGE, an INFO and the state of a feature key: HOST PORT PASSWORD USER DOMAIN.
import { Event, connect } from 'switchwire';

const [host, port, password, user, domain] = process.argv.slice(2);
const text = { 'content-type': 'text/plain' };
const message = { profile: 'internal', user, host: domain, subject: 'Door', ...text };
const info = { profile: 'internal', 'to-uri': `sip:${user}@${domain}`, 'from-uri': 'sip:door@example.com', ...text };
const key = { user, host: domain, device: user, 'Feature-Event': 'DoNotDisturbEvent', doNotDisturbOn: 'on' };

const fs = await connect({ host, port: Number(port), password });
for (const event of [
  new Event('SEND_MESSAGE', message).setBody('The door bell rang'),
  new Event('SEND_INFO', info).setBody('open=1'),
  new Event('PHONE_FEATURE', key),
]) {
  await fs.sendEvent(event);
  console.log(event.type, 'sent');
}
await fs.close();
