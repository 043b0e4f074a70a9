// Sends calls on through a trunk by the dialled number: PORT.
import { once } from 'node:events';
import { createServer } from 'switchwire';

createServer(async (connection) => {
  await connection.linger(10);
  await connection.myevents();
  const call = connection.call();
  const number = connection.info.get('Caller-Destination-Number').replace(/^0/, '');
  // What is billed comes with the last event.
  const ended = once(connection, 'CHANNEL_HANGUP_COMPLETE');

  await call.setAll({ continue_on_fail: true, hangup_after_bridge: true });
  const bridge = await call.bridge({ legs: [{ gateway: 'trunk', number }], timeoutSeconds: 30 });
  if (!bridge.answered) await call.hangup(bridge.cause ?? 'NORMAL_TEMPORARY_FAILURE');
  const [event] = await ended;
  console.log(`${number}: ${event.get('Hangup-Cause')} ${event.get('variable_billsec')} seconds`);
}).listen(Number(process.argv[2]));
