// An originate that is not answered, then such a bridge: HOST PORT PASSWORD ANSWERS NEVER.
import { connect } from 'switchwire';

const [host, port, password, answers, never] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
try {
  await fs.originate({ dial: { legs: [never], timeoutSeconds: 1 } });
} catch (error) {
  if (error.code !== 'ESL_HANGUP') throw error;
  console.log('originate:', error.hangupCause);
}

const call = await fs.originate({ dial: { legs: [answers], timeoutSeconds: 1 } });
await call.set('continue_on_fail', true);
const bridge = await call.bridge({ legs: [never], timeoutSeconds: 1 });
console.log('bridge:', bridge.answered ? 'answered' : bridge.cause);
if (await fs.api('uuid_exists', call.uuid) === 'true') console.log('the first leg is still up');
await call.hangup();
await fs.close();
