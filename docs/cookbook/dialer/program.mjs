// Dials a list of numbers, so many at once: HOST PORT PASSWORD AT_ONCE NUMBER ...
import { connect } from 'switchwire';

const [host, port, password, atOnce, ...numbers] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');

const waiting = [...numbers];
let answered = 0;

async function work() {
  for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
    try {
      const call = await fs.originate({ dial: { legs: [number], timeoutSeconds: 20 } });
      console.log(`${number}: answered`);
      answered += 1;
      await call.playback('silence_stream://50');
      await call.hangup();
    } catch (error) {
      console.log(`${number}: ${error.hangupCause ?? error.message}`);
    }
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, work));
console.log(`${numbers.length} numbers, ${answered} answered`);
await fs.close();
