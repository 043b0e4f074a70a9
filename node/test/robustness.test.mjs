// What goes wrong on the wire, or is done at the worst moment: typed errors, every promise settled, the process alive.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { ERROR_CODES, Event, connect } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { api, command, loggedIn, peer, plain, until } from './support/index.mjs';

const INDEX = JSON.stringify(new URL('../index.mjs', import.meta.url).href);
const CODES = new Set(Object.values(ERROR_CODES));

/** Runs a program on a simulator of its own; gives its exit code and what it printed. */
function program(sim, body) {
  const text = `import { connect, createServer, Event } from ${INDEX}; const target = ${JSON.stringify(sim.target)};
    process.on('unhandledRejection', (error) => { console.log('UNHANDLED', error); process.exit(99); });\n${body}`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--expose-gc', '--input-type=module', '-e', text], { timeout: 30_000 }, (error, out, err) => {
      resolve({ code: error ? error.code ?? error.signal : 0, out: out + err });
    });
  });
}

/** A small generator of numbers, the same in every run. */
function random(seed) {
  return () => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) / 0x7fffffff;
}

test('a server that dies in the middle of a stream loses nothing that came', async () => {
  const TOTAL = 1000;
  const dying = await loggedIn(async (socket, commands) => {
    await commands.next();
    const events = Array.from({ length: TOTAL }, (_, n) => plain(`Event-Name: HEARTBEAT\nn: ${n}\n`)).join('');
    socket.end(`${command('+OK')}${events}Content-Length: 5000\nContent-Type: text/event-plain\n\nEvent-Na`);
  });
  for (const way of ['listener', 'iterator']) {
    const conn = await connect(dying);
    const seen = [];
    const pending = [conn.api('never'), conn.bgapi('never'), conn.execute('x', '', { uuid: 'u' })];
    const settled = Promise.allSettled(pending);
    if (way === 'listener') conn.on('event', (event) => seen.push(event.get('n')));
    else for await (const event of conn) seen.push(event.get('n'));
    const reason = await conn.closed;
    assert.ok(['ESL_DISCONNECTED', 'ESL_PROTOCOL'].includes(reason.code), reason.code);
    assert.deepEqual(seen, Array.from({ length: TOTAL }, (_, n) => String(n)));
    const results = await settled;
    for (const { status, reason: why } of results.slice(1)) assert.ok(status === 'rejected' && CODES.has(why.code));
  }
  await dying.close();
});

test('garbage is a typed error or nothing', async () => {
  const next = random(42);
  const pieces = ['\n\n', 'Content-Length: ', 'Content-Type: text/event-plain\n', 'Content-Type: text/event-json\n', '{"a":', '\0', '\xff\xfe', '99999999999999999999', '-1', 'Event-Name: X\n', '%zz', '<event>', ': ', '\r\n'];
  let text = '';
  const broken = await loggedIn((socket) => socket.end(Buffer.from(text, 'latin1')));
  for (let round = 0; round < 200; round += 1) {
    text = Array.from({ length: 40 }, () => (next() < 0.3 ? String.fromCharCode(next() * 256) : pieces[Math.floor(next() * pieces.length)])).join('');
    const conn = await connect(broken);
    conn.on('event', (event) => [event.type, event.headers, event.body, [...event], event.toJSON(), event.serialize('xml')]);
    conn.on('message', (event) => event.toString());
    conn.on('log', (line) => line.text);
    const reason = await conn.closed;
    assert.ok(CODES.has(reason.code), JSON.stringify(text));
  }
  await broken.close();
});

test('text that is not UTF-8 is shown with U+FFFD, and there are its bytes', async () => {
  const body = Buffer.from([0x62, 0xff, 0x00, 0xe4]);
  const odd = await loggedIn(async (socket, commands) => {
    await commands.next();
    const inner = Buffer.concat([Buffer.from('Event-Name: CUSTOM\nraw: a'), Buffer.from([0xe4]), Buffer.from('\nencoded: %E4%00\nContent-Length: 4\n\n'), body]);
    const json = Buffer.concat([Buffer.from('{"Event-Name":"CUSTOM","raw":"a'), Buffer.from([0xe4]), Buffer.from('"}')]);
    socket.write(Buffer.concat([Buffer.from(`${command('+OK')}Content-Type: text/event-plain\nContent-Length: ${inner.length}\n\n`), inner,
      Buffer.from(`Content-Type: text/event-json\nContent-Length: ${json.length}\n\n`), json]));
    await commands.next();
    socket.write(Buffer.concat([Buffer.from('Content-Type: api/response\nContent-Length: 4\n\n'), body]));
  });
  const conn = await connect(odd);
  await conn.send('event plain all');
  const iterator = conn.events();
  const { value: event } = await iterator.next();
  assert.equal(event.get('raw'), 'a\ufffd');
  assert.deepEqual(event.getBytes('raw'), Buffer.from([0x61, 0xe4]));
  assert.equal(event.get('encoded'), '\ufffd\0');
  assert.deepEqual(event.getBytes('encoded'), Buffer.from([0xe4, 0]));
  assert.equal(event.body, 'b\ufffd\0\ufffd');
  assert.deepEqual(event.bodyBytes, body);
  assert.equal(event.headers.raw, 'a\ufffd');
  assert.equal(event.toJSON().raw, 'a\ufffd');
  const { value: json } = await iterator.next();
  assert.equal(json.get('raw'), 'a\ufffd');
  const reply = await conn.apiReply('x');
  assert.equal(reply.text, 'b\ufffd\0\ufffd');
  assert.deepEqual(reply.event.bodyBytes, body);
  await conn.close();
  await odd.close();
});

test('what is large is taken whole up to the limit', async () => {
  const large = 'x'.repeat(20 << 20);
  const name = 'N'.repeat(200_000);
  const big = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(api(large));
    await commands.next();
    socket.write(command('+OK') + plain(`Event-Name: ${name}\n${name}: v\nContent-Length: ${large.length}\n\n${large}`));
  });
  const conn = await connect(big);
  assert.equal((await conn.api('large')).length, large.length);
  const named = new Promise((resolve) => conn.once(name, resolve));
  await conn.send('event plain all');
  const event = await named;
  assert.equal(event.type, name);
  assert.equal(event.get(name), 'v');
  assert.equal(event.body.length, large.length);
  await conn.close();
  const small = await connect({ ...big, maxBody: 1 << 20 });
  const [answer, reason] = await Promise.all([small.api('large').catch((error) => error.code), small.closed]);
  assert.deepEqual([answer, reason.code], ['ESL_LIMIT_EXCEEDED', 'ESL_LIMIT_EXCEEDED']);
  await big.close();
});

test('names of events that mean something to JavaScript are only names', async () => {
  const names = ['error', 'disconnect', 'event', 'log', 'notice', 'message', '__proto__', 'constructor', 'toString', 'hasOwnProperty'];
  const odd = await loggedIn(async (socket, commands) => {
    await commands.next();
    socket.write(command('+OK') + [...names, 'HEARTBEAT'].map((name) => plain(`Event-Name: ${name}\n__proto__: evil\nconstructor: x\n`)).join(''));
  });
  const conn = await connect(odd);
  const seen = [];
  const wrong = [];
  conn.on('error', (told) => wrong.push(told));
  for (const name of ['disconnect', 'log', 'notice', 'message']) conn.on(name, (told) => told instanceof Event && wrong.push(told));
  conn.on('__proto__', (event) => seen.push(`named ${event.type}`));
  conn.on('event', (event) => seen.push(event.type));
  await conn.send('event plain all');
  await until(() => seen.includes('HEARTBEAT'));
  assert.deepEqual(seen, [...names.slice(0, 6), 'named __proto__', ...names.slice(6), 'HEARTBEAT']);
  assert.deepEqual(wrong, []);
  const event = new Event('CUSTOM').add('__proto__', 'evil');
  assert.equal(event.headers.__proto__, 'evil');
  assert.equal(event.get('__proto__'), 'evil');
  assert.equal({}.evil, undefined);
  await conn.close();
  await odd.close();
});

test('thousands of commands are pipelined, and a close settles them all', async () => {
  const sim = new Simulator();
  const conn = await connect(sim.target);
  const answers = await Promise.all(Array.from({ length: 5000 }, (_, n) => conn.api('echo', String(n))));
  answers.forEach((answer, n) => assert.equal(answer, String(n)));
  const pending = Array.from({ length: 1000 }, () => conn.api('msleep', '10000'));
  const closing = conn.close();
  for (const { status, reason } of await Promise.allSettled(pending)) {
    assert.deepEqual([status, reason.code], ['rejected', 'ESL_DISCONNECTED']);
  }
  await closing;
  for (const late of [() => conn.api('x'), () => conn.bgapi('x'), () => conn.subscribe('ALL'), () => conn.execute('x'), () => conn.hangup(), () => conn.sendEvent(new Event('MESSAGE'))]) {
    await assert.rejects(late, { code: 'ESL_DISCONNECTED' });
  }
  await conn.exit();
  assert.deepEqual(await conn.events().next(), { value: undefined, done: true });
  sim.close();
});

test('nothing that a program leaves alone becomes an unhandled rejection', async () => {
  const sim = new Simulator();
  sim.extension('1', [['answer'], ['park']]);
  const { code, out } = await program(sim, `
    const conn = await connect(target);
    await conn.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE');
    await conn.bgapi('msleep', '10000');
    const deaf = await connect(target);
    await deaf.bgapi('status');
    conn.events().next();
    const iterator = conn.events();
    iterator.next();
    const server = createServer(async () => { throw new Error('in a handler'); }).listen(0);
    process.on('warning', () => {});
    await conn.api('originate', "null/x '&socket(127.0.0.1:" + server.port + " async full)'");
    const abort = new AbortController();
    const given = connect({ ...target, signal: abort.signal }).catch((error) => error.name);
    abort.abort();
    console.log(await given);
    conn.close();
    deaf.close();
    server.close({ timeout: 0 });
  `);
  assert.equal(code, 0, out);
  assert.match(out, /AbortError/);
  sim.close();
});

test('a program may end at any moment', async () => {
  const sim = new Simulator();
  for (const moment of [
    'connect(target);', 'const c = await connect(target); c.api("msleep", "200");',
    'const c = await connect(target); await c.subscribe("ALL"); c.events().next();',
    'createServer(() => {}).listen(0);', 'const c = await connect(target); c.bgapi("status"); c.close();',
  ]) {
    const { code, out } = await program(sim, `${moment}\nprocess.exit(7);`);
    assert.equal(code, 7, `${moment} ${out}`);
  }
  await until(() => sim.connections === 0);
  sim.close();
});

test('the garbage collector takes no connection that is open, and nothing keeps one that is closed', async () => {
  const sim = new Simulator();
  const { code, out } = await program(sim, `
    let heard = 0;
    const left = await (async () => {
      const conn = await connect(target);
      await conn.subscribe('CUSTOM kept');
      conn.on('CUSTOM kept', () => (heard += 1));
      const closed = await connect(target);
      await closed.api('status');
      await closed.close();
      return new WeakRef(closed);
    })();
    const sender = await connect(target);
    for (let round = 0; round < 10; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gc();
      await sender.sendEvent(new Event('CUSTOM', 'kept'));
    }
    while (heard < 10) await new Promise((resolve) => setTimeout(resolve, 1));
    console.log(heard, left.deref());
    process.exit(0);
  `);
  assert.deepEqual([code, out.trim()], [0, '10 undefined']);
  sim.close();
});

test('workers end in the middle of it', async () => {
  const sim = new Simulator();
  for (let round = 0; round < 8; round += 1) {
    const worker = new Worker(`
      const { parentPort } = require('node:worker_threads');
      import(${INDEX}).then(async ({ connect, createServer }) => {
        const conn = await connect(${JSON.stringify(sim.target)});
        await conn.subscribe('HEARTBEAT');
        let seen = 0;
        conn.on('event', () => { if (++seen === 5) parentPort.postMessage('busy'); });
        for (let n = 0; n < 50; n += 1) conn.api('status').catch(() => {});
        createServer(() => {}).listen(0);
        connect({ host: '127.0.0.1', port: 1 }).catch(() => {});
        parentPort.postMessage('ready');
      });`, { eval: true });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    const busy = new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    for (let n = 0; n < 20; n += 1) sim.fire('HEARTBEAT');
    if (round % 2) await busy;
    await worker.terminate();
  }
  await until(() => sim.connections === 0);
  const conn = await connect(sim.target);
  assert.match(await conn.api('status'), /^UP /);
  await conn.close();
  sim.close();
});

test('a listener that throws at the end hides nothing', async () => {
  const sim = new Simulator();
  const { code, out } = await program(sim, `
    process.on('uncaughtException', (error) => console.log(error.message));
    const conn = await connect(target);
    conn.on('disconnect', () => { throw new Error('bug'); });
    const pending = conn.api('msleep', '10000').catch((error) => console.log(error.code));
    conn.close();
    await pending;
    console.log((await conn.closed).code);
  `);
  assert.equal(code, 0, out);
  assert.deepEqual(out.trim().split('\n').sort(), ['ESL_DISCONNECTED', 'ESL_DISCONNECTED', 'bug']);
  sim.close();
});

test('a listener that throws takes no event from an iterator', async () => {
  const sim = new Simulator();
  const { code, out } = await program(sim, `
    let thrown = 0;
    process.on('uncaughtException', () => (thrown += 1));
    const conn = await connect(target);
    const sender = await connect(target);
    await conn.subscribe('CUSTOM odd');
    conn.on('CUSTOM odd', (event) => { if (Number(event.get('n')) % 3 === 0) throw new Error('bug'); });
    const seen = [];
    const taking = (async () => { for await (const event of conn) if (seen.push(event.get('n')) === 30) break; })();
    for (let n = 0; n < 30; n += 1) await sender.sendEvent(new Event('CUSTOM', 'odd').add('n', n));
    await taking;
    while (thrown < 10) await new Promise((resolve) => setTimeout(resolve, 1));
    console.log(seen.join(' '), thrown);
    process.exit(0);
  `);
  assert.deepEqual([code, out.trim()], [0, `${Array.from({ length: 30 }, (_, n) => n).join(' ')} 10`]);
  sim.close();
});

test('a peer that never replies holds nothing up', async () => {
  const silent = await peer(() => {});
  const connecting = Array.from({ length: 20 }, () => connect({ ...silent, timeouts: { login: 300 } }).catch((error) => error.code));
  const sim = new Simulator();
  const conn = await connect(sim.target);
  assert.match(await conn.api('status'), /^UP /);
  assert.deepEqual([...new Set(await Promise.all(connecting))], ['ESL_TIMEOUT']);
  await conn.close();
  sim.close();
  await silent.close();
});
