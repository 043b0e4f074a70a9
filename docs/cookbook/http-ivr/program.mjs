// Calls do what a web application says: PORT URL.
import { createServer } from 'switchwire';

const [port, url] = process.argv.slice(2);

async function ask(state) {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(state), signal: AbortSignal.timeout(10_000) });
  if (!reply.ok) throw new Error(`the application says ${reply.status}`);
  return reply.json();
}

createServer(async (connection) => {
  await connection.linger(5);
  await connection.myevents();
  const call = connection.call();
  await call.answer();
  const state = { uuid: call.uuid, caller: connection.info.get('Caller-Caller-ID-Number'), digits: null };
  for (let step = 0; ; step += 1) {
    const { verb, file, digits } = await ask({ ...state, step });
    console.log(verb);
    if (verb === 'play') {
      await call.playback(file);
    } else if (verb === 'ask') {
      ({ digits: state.digits } = await call.playAndGetDigits({ file, min: digits, max: digits }));
    } else {
      await call.hangup();
      break;
    }
  }
}).listen(Number(port));
