// Rings one person, and when they answer connects them to another: HOST PORT PASSWORD CALLER CALLEE.
import { connect } from 'switchwire';

const [host, port, password, caller, callee] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');

// Rejects with ESL_HANGUP and the cause when they do not answer.
const call = await fs.originate({ dial: { endpoint: caller, timeoutSeconds: 20 } });
console.log(caller, 'answered');

await call.set('hangup_after_bridge', true);
const bridge = await call.bridge({ legs: [callee], timeoutSeconds: 20 });
console.log(bridge.answered ? 'they talked' : `${callee} did not answer: ${bridge.cause}`);
await fs.close();
