// Calls, and lets a dialogue program hear and speak: HOST PORT PASSWORD DIAL DIALOGUE_PORT.
import { createConnection } from 'node:net';
import { createInterface } from 'node:readline';
import { connect } from 'switchwire';

const [host, port, password, dial, dialogue] = process.argv.slice(2);
const bot = createConnection(Number(dialogue), '127.0.0.1');
const lines = createInterface({ input: bot })[Symbol.asyncIterator]();
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('DETECTED_SPEECH', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE', 'BACKGROUND_JOB');
const call = await fs.originate({ dial: { endpoint: dial, timeoutSeconds: 20 } });
await call.execute('detect_speech', 'pocketsphinx yesno yesno');

// The bot's turn: speaks, without waiting for the end; whether it will listen then.
async function turn() {
  const [, verb, text] = /(\w+) (.*)/.exec((await lines.next()).value);
  console.log('bot:', text);
  await fs.execute('speak', `flite|slt|${text}`, { uuid: call.uuid });
  return verb === 'ask';
}

let listens = await turn();
for await (const event of fs) {
  if (event.get('Unique-ID') !== call.uuid) continue;
  const speech = event.get('Speech-Type');
  if (event.type === 'CHANNEL_HANGUP_COMPLETE') {
    console.log('ended:', event.get('Hangup-Cause'));
    break;
  }
  if (event.type === 'CHANNEL_EXECUTE_COMPLETE' && event.get('Application') === 'speak' && !listens) {
    await call.hangup();
  } else if (speech === 'begin-speaking') {
    // Who is interrupted stops to speak.
    await call.stopPlayback({ all: true });
  } else if (speech === 'detected-speech' && listens) {
    const heard = /<input[^>]*>([^<]*)/.exec(event.body ?? '')?.[1].trim() ?? '';
    console.log('caller:', heard);
    bot.write(`${heard}\n`);
    await call.execute('detect_speech', 'resume');
    listens = await turn();
  }
}
bot.destroy();
await fs.close();
