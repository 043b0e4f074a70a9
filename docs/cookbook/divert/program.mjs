// Gets a note that is meant for the program which has the call: PORT.
import { Event, createServer } from 'switchwire';

createServer(async (connection) => {
  const call = connection.call();
  await connection.divertEvents(true);

  // Any other program can send this.
  const note = { 'Unique-ID': call.uuid, Note: 'the caller is a good customer' };
  await connection.sendEvent(new Event('CUSTOM', 'desk::note', note));

  for await (const event of connection) {
    if (!event.has('Note')) continue;
    console.log('a note:', event.get('Note'));
    break;
  }
  await call.hangup();
}).listen(Number(process.argv[2]));
