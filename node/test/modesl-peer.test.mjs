// modesl itself beside ours: the same programs with the same output, its own test-suite, its own examples.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect as tcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Simulator } from 'switchwire/testing';
import { command, until } from './support/index.mjs';
import { MODESL, OURS, PEERS, needsPeers } from './support/peers.mjs';

const PROGRAMS = fileURLToPath(new URL('modesl', import.meta.url));
const programs = readdirSync(PROGRAMS).filter((name) => name.endsWith('.cjs') && name !== 'transcript.cjs');

/** What a program prints; `node` itself and its warnings are not the matter. */
function output(args, environment) {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_NO_WARNINGS: '1', NODE_TEST_CONTEXT: '', ...environment };
    execFile(process.execPath, args, { env, timeout: 60_000 }, (error, out, err) => resolve({ code: error ? error.code ?? 1 : 0, out: out + err }));
  });
}

for (const name of programs) {
  test(`${name} does on ours what it does on modesl`, needsPeers, async () => {
    const run = async (module) => {
      const sim = new Simulator();
      try {
        return await output([join(PROGRAMS, name)], { ESL_MODULE: module, ESL_PORT: String(sim.port) });
      } finally {
        sim.close();
      }
    };
    const [theirs, ours] = await Promise.all([run(MODESL), run(OURS)]);
    assert.equal(theirs.code, 0, theirs.out);
    assert.deepEqual(ours.out.split('\n'), theirs.out.split('\n'));
    assert.equal(ours.code, 0);
  });
}

test("what passes of modesl's test-suite on modesl passes on ours", needsPeers, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchwire-modesl-'));
  try {
    symlinkSync(PEERS, join(folder, 'node_modules'));
    const suite = async (name, fill) => {
      const root = join(folder, name);
      mkdirSync(join(root, 'lib', 'esl'), { recursive: true });
      cpSync(join(MODESL, 'test'), join(root, 'test'), { recursive: true });
      // A helper of the suite's own.
      cpSync(join(MODESL, 'lib', 'util'), join(root, 'lib', 'util'), { recursive: true });
      fill(join(root, 'lib'));
      const mocha = join(PEERS, 'mocha', 'bin', 'mocha.js');
      const report = join(root, 'report.json');
      const { out } = await output([mocha, '--exit', '--reporter', 'json', '--reporter-option', `output=${report}`, '-r',
        join(root, 'test/fixtures/common.js'), '--recursive', join(root, 'test/unit')]);
      try {
        return JSON.parse(readFileSync(report, 'utf8')).passes.map(({ fullTitle }) => fullTitle);
      } catch {
        throw new Error(out);
      }
    };
    // One after the other: they listen on fixed ports.
    const theirs = await suite('theirs', (lib) => cpSync(join(MODESL, 'lib'), lib, { recursive: true }));
    const ours = await suite('ours', shims);
    assert.ok(theirs.length >= 60, `${theirs.length} pass on modesl`);
    // One test asks whether a connection is up some turns of the event loop after it was begun: that is the machine's pace.
    const lacking = theirs.filter((title) => !ours.includes(title) && !title.includes('.connected()'));
    assert.deepEqual(lacking, []);
    console.log(`# modesl's suite: ${theirs.length} pass on modesl, ${ours.length} on ours`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function shims(lib) {

  const file = (path, what) => writeFileSync(join(lib, path), `module.exports = require(${JSON.stringify(OURS)})${what};\n`);
  for (const kind of ['Connection', 'Event', 'Parser', 'Server']) file(`esl/${kind}.js`, `.${kind}`);
  file('esl/esl.js', '');
  file('index.js', '');
}

/** One of modesl's examples: `require('modesl')` is `module`, its fixed ports are free ones. */
function example(path, module, port) {
  const hook = join(PROGRAMS, '..', 'support', 'example-hook.cjs');
  const env = { ...process.env, NODE_NO_WARNINGS: '1', ESL_MODULE: module, ESL_PORT: String(port ?? 0) };
  const child = spawn(process.execPath, ['-r', hook, join(MODESL, 'examples', path)], { env, stdio: ['pipe', 'pipe', 'pipe', 'ipc'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
  return { child, text: () => text, listening: new Promise((resolve) => child.once('message', resolve)) };
}

/** Plays FreeSWITCH for one call of an outbound server: answers commands, ends applications; gives the commands. */
async function call(port, digits) {
  const uuid = '0d3c1f5e-0000-4000-8000-000000000001';
  const sent = [];
  const socket = tcp(port, '127.0.0.1');
  const event = (type, headers) => {
    const text = JSON.stringify({ 'Event-Name': type, 'Unique-ID': uuid, ...headers });
    socket.write(`Content-Length: ${text.length}\nContent-Type: text/event-json\n\n${text}`);
  };
  let text = '';
  socket.on('data', (data) => {
    text += data;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      // modesl writes an argument that is not given as a word.
      sent.push(block.replace('execute-app-arg: undefined', 'execute-app-arg: ').replace(/Event-UUID: .*/, 'Event-UUID: …'));
      if (block === 'connect') socket.write(`${command('%2BOK').trimEnd()}\nEvent-Name: CHANNEL_DATA\nUnique-ID: ${uuid}\n\n`);
      else socket.write(command('+OK'));
      const [, run] = /Event-UUID: (.*)/.exec(block) ?? [];
      if (run) event('CHANNEL_EXECUTE_COMPLETE', { 'Application-UUID': run, Application: /app-name: (.*)/.exec(block)[1] });
    }
  });
  const quiet = async () => {
    for (let before = -1; before !== sent.length;) {
      before = sent.length;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  await until(() => sent.includes('myevents'));
  await quiet();
  for (const digit of digits) event('DTMF', { 'DTMF-Digit': digit });
  await quiet();
  socket.end();
  return sent;
}

test("modesl's examples run", needsPeers, async () => {
  const sim = new Simulator();
  const status = async (module) => {
    const { child, text } = example('status/status.js', module, sim.port);
    const code = await new Promise((resolve) => child.on('close', resolve));
    return [code, text().replace(/\d+/g, 'N').replace(/(N \w+?)s?\b/g, '$1')];
  };
  assert.deepEqual(await status(OURS), await status(MODESL));
  sim.close();
  for (const [path, digits] of [['server/server.js', ''], ['ivr/eslServer.js', '4102#2']]) {
    const outbound = async (module) => {
      const { child, text, listening } = example(path, module);
      const sent = await call(await listening, digits);
      await until(() => path.startsWith('ivr') || text().includes('duration'));
      child.kill();
      return [sent, text().replace(/new call .*/g, 'new call …').replace(/[\d.]+ seconds/g, 'N seconds')];
    };
    const [theirs, ours] = await Promise.all([outbound(MODESL), outbound(OURS)]);
    assert.ok(theirs[0].length >= 5, theirs.join('\n'));
    assert.deepEqual(ours, theirs, path);
  }
});
