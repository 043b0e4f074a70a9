// A page with a button that has the visitor called: HOST PORT PASSWORD WEB_PORT AGENT.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { connect } from 'switchwire';

const [host, port, password, webPort, agent] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
const page = readFileSync(new URL('page.html', import.meta.url));

async function callVisitor(number) {
  try {
    const call = await fs.originate({ dial: { endpoint: `user/${number}`, timeoutSeconds: 20 } });
    const bridge = await call.bridge({ legs: [agent], timeoutSeconds: 20 });
    return bridge.answered ? 'We talked.' : 'All of us are busy.';
  } catch (error) {
    if (error.code === 'ESL_HANGUP') return 'You did not answer.';
    throw error;
  }
}

async function answer(request) {
  if (request.method === 'GET' && request.url === '/') return [200, page, 'text/html'];
  // Only a page of this origin may send JSON here.
  if (request.url !== '/call' || request.headers['content-type'] !== 'application/json') return [415, 'JSON, please'];
  if (!(request.headers['content-length'] < 1000)) return [413, 'too long'];
  const { number } = await json(request);
  if (!/^[0-9]{2,15}$/.test(number)) return [400, 'This is no number.'];
  return [200, await callVisitor(number)];
}

createServer(async (request, response) => {
  const [status, body, kind = 'text/plain'] = await answer(request).catch((error) => [500, error.message]);
  response.writeHead(status, { 'Content-Type': kind }).end(body);
}).listen(Number(webPort), '127.0.0.1');
