// Records every call that is answered: HOST PORT PASSWORD FOLDER [HOW MANY].
import { connect } from 'switchwire';

const [host, port, password, folder, most = Infinity] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
let complete = 0;
fs.on('CHANNEL_ANSWER', async ({ uuid }) => {
  console.log('recording', uuid);
  await fs.call(uuid).startRecording(`${folder}/${uuid}.wav`, { limitSeconds: 3600 });
});
fs.on('RECORD_STOP', (event) => {
  console.log('complete:', event.get('Record-File-Path'));
  complete += 1;
  if (complete >= most) fs.close();
});
await fs.subscribe('CHANNEL_ANSWER', 'RECORD_STOP', { format: 'plain' });
