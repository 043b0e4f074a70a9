// Answers calls and puts them into a conference: PORT.
import { createServer } from 'switchwire';

createServer(async (connection) => {
  await connection.linger(10);
  await connection.myevents();
  await connection.subscribe('CUSTOM conference::maintenance', { format: 'plain' });
  const call = connection.call();
  await call.answer();
  await connection.execute('conference', '3000@default');
  for await (const event of connection) {
    if (event.type === 'CUSTOM' && event.get('Action') === 'add-member') {
      console.log(`member ${event.get('Member-ID')} is in the room`);
    } else if (event.type === 'CHANNEL_HANGUP_COMPLETE') {
      console.log(`${call.uuid} left: ${event.get('Hangup-Cause')}`);
      break;
    }
  }
}).listen(Number(process.argv[2]));
