// Lights the message lamp of a phone, and puts it out: HOST PORT PASSWORD ACCOUNT.
import { Event, connect } from 'switchwire';

const waiting = (account, fresh, old) => new Event('MESSAGE_WAITING', {
  'MWI-Messages-Waiting': fresh > 0 ? 'yes' : 'no',
  'MWI-Message-Account': account,
  'MWI-Voice-Message': `${fresh}/${old} (0/0)`,
});

const [host, port, password, account] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.sendEvent(waiting(account, 2, 5));
console.log('on');
await fs.sendEvent(waiting(account, 0, 7));
console.log('off');
await fs.close();
