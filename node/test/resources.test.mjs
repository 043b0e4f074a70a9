// What waiting costs: no thread of Node's pool, little memory, no process that stays.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Simulator } from 'switchwire/testing';
import { node, peer, until } from './support/index.mjs';

const INDEX = JSON.stringify(new URL('../index.mjs', import.meta.url).href);

function program(body, environment) {
  return new Promise((resolve, reject) => {
    const args = ['--expose-gc', '--input-type=module', '-e', `import { connect, createServer } from ${INDEX};\n${body}`];
    execFile(process.execPath, args, { timeout: 60_000, env: { ...process.env, ...environment } }, (error, out, err) => {
      if (error) reject(new Error(`${error.message}\n${out}${err}`));
      else resolve(out.trim());
    });
  });
}

test('waits take no thread of the pool: one thread is enough for files and names', async () => {
  const sim = new Simulator();
  const silent = await peer(() => {});
  const out = await program(`
    import { readFile } from 'node:fs/promises';
    import { lookup } from 'node:dns/promises';
    const target = ${JSON.stringify(sim.target)};
    const conns = await Promise.all(Array.from({ length: 50 }, () => connect(target)));
    for (const conn of conns) {
      conn.events().next();
      conn.subscribe('ALL');
    }
    let settled = 0;
    for (let n = 0; n < 50; n += 1) connect({ ...${JSON.stringify({ host: silent.host, port: silent.port })}, timeouts: { login: 50_000 } }).catch(() => {}).finally(() => (settled += 1));
    for (let n = 0; n < 20; n += 1) await Promise.all([readFile(${JSON.stringify(new URL(import.meta.url).pathname)}), lookup('localhost')]);
    console.log('read with', settled, 'settled');
    process.exit(0);
  `, { UV_THREADPOOL_SIZE: '1' });
  assert.equal(out, 'read with 0 settled');
  await silent.close();
  sim.close();
});

test('a thousand idle connections take less than 64 MB', async () => {
  const sim = new Simulator();
  const grown = Number(await program(`
    const target = ${JSON.stringify(sim.target)};
    await (await connect(target)).close();
    gc();
    const before = process.memoryUsage.rss();
    const conns = await Promise.all(Array.from({ length: 1000 }, () => connect(target)));
    await Promise.all(conns.map((conn) => conn.api('status')));
    await new Promise((resolve) => setTimeout(resolve, 500));
    gc();
    console.log((process.memoryUsage.rss() - before) / 2 ** 20);
    await Promise.all(conns.map((conn) => conn.close()));
  `));
  assert.ok(grown < 64, `${grown} MB`);
  sim.close();
});

test('whatever was open and is closed, the process ends by itself', async () => {
  const sim = new Simulator();
  sim.extension('1', [['answer'], ['park']]);
  const target = JSON.stringify(sim.target);
  for (const body of [
    'const c = await connect(T); c.api("msleep", "50").catch(() => {}); await c.close();',
    'const c = await connect(T); await c.subscribe("ALL"); c.on("event", () => {}); const i = c.events(); i.next(); await c.close();',
    'const a = new AbortController(); const p = connect({ ...T, signal: a.signal }); a.abort(); await p.catch(() => {});',
    'await connect({ ...T, password: "wrong" }).catch(() => {});',
    'const c = await connect(T); const r = c.api("status", "", { timeout: 60_000, signal: new AbortController().signal }); await r; await c.exit();',
    'const c = await connect(T); c.unref(); c.ref(); c.unref();',
    `const s = createServer((call) => call.execute('answer')).listen(0);
     const c = await connect(T); const called = new Promise((resolve) => s.once('call', resolve));
     await c.api('originate', "null/x '&socket(127.0.0.1:" + s.port + " async full)'");
     await called; await s.close({ timeout: 5000 }); await c.close();`,
    'const c = await connect(T); await c.api("originate", "null/x &park()"); await c.closed;',
  ]) {
    await until(() => sim.connections === 0 && sim.channels === 0);
    const running = program(`const T = ${target};\n${body}`);
    // The last one waits for the server, which waits for its channel.
    if (body.includes('c.closed')) await until(() => sim.channels > 0).then(() => sim.disconnectAll('close'));
    await running;
  }
  sim.close();
});

test('what is closed is no open handle to tools that look for them', async () => {
  const sim = new Simulator();
  // As jest --detectOpenHandles does it: the package is loaded under the hook.
  const { stdout } = await node(['-e', `
    const { createHook } = require('node:async_hooks');
    const quiet = ['PROMISE', 'TIMERWRAP', 'RANDOMBYTESREQUEST', 'Immediate', 'TickObject', 'Microtask'];
    const open = new Map();
    const hook = createHook({
      init(id, type, _, resource) { if (!quiet.includes(type)) open.set(id, [type, resource]); },
      destroy(id) { open.delete(id); },
    }).enable();
    const { connect } = require(${JSON.stringify(fileURLToPath(new URL('../index.js', import.meta.url)))});
    connect(${JSON.stringify(sim.target)}).then((conn) => conn.close()).then(() => setImmediate(() => {
      hook.disable();
      for (const [type, resource] of open.values()) if (!('hasRef' in resource) || resource.hasRef()) console.log(type);
    }));
  `]);
  assert.equal(stdout, '');
  sim.close();
});
