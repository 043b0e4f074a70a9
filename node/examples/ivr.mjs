// An IVR: greets, collects four digits in three tries, says them back, connects, or else records a message.
// In the dialplan: <action application="socket" data="127.0.0.1:8084 async full"/>
import { pathToFileURL } from 'node:url';
import { createServer } from 'switchwire';

async function ivr(call, messages) {
  await call.answer();
  await call.playback('ivr/ivr-welcome.wav');
  const { digits: number } = await call.playAndGetDigits({
    file: 'ivr/ivr-enter_ext.wav', invalidFile: 'ivr/ivr-invalid_entry.wav', min: 4, max: 4, tries: 3, pattern: '^[2-9]',
  });
  if (number !== null) {
    await call.say(number, { type: 'NAME_SPELLED', method: 'ITERATED' });
    await call.setAll({ continue_on_fail: true, hangup_after_bridge: true });
    const bridge = await call.bridge({ legs: [{ loopback: number, context: 'default' }], timeoutSeconds: 20 });
    if (bridge.answered) return `talked to ${number}`;
    console.log(`${number}: ${bridge.cause}`);
  }
  await call.playback('voicemail/vm-record_message.wav');
  await call.set('playback_terminators', '#');
  const message = await call.record(`${messages}/${call.uuid}.wav`, { limitSeconds: 60 });
  return `left a message, which ended by ${message.end}`;
}

export async function handle(connection, messages) {
  await connection.linger(5);
  await connection.myevents();
  return ivr(connection.call(), messages);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  createServer(async (connection) => console.log(await handle(connection, '/tmp'))).listen(8084);
}
