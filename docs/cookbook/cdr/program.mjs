// Writes a record of each call: HOST PORT PASSWORD FILE [HOW MANY].
import { appendFile } from 'node:fs/promises';
import { connect } from 'switchwire';

const FIELDS = [
  'Caller-Destination-Number', 'variable_start_stamp', 'variable_duration', 'variable_billsec', 'Hangup-Cause',
];

const [host, port, password, path, most = Infinity] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('CHANNEL_HANGUP_COMPLETE', { format: 'plain' });
let written = 0;
for await (const event of fs) {
  const record = FIELDS.map((name) => event.get(name) ?? '').join(',');
  await appendFile(path, `${record}\n`);
  console.log(record);
  written += 1;
  if (written >= most) break;
}
await fs.close();
