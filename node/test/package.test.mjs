import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as esm from 'switchwire';
import * as modeslEsm from 'switchwire/modesl';
import * as testingEsm from 'switchwire/testing';
import * as vocabularyEsm from 'switchwire/vocabulary';
import { until } from './support/index.mjs';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const FOLDER = new URL('..', import.meta.url);
const read = (name) => readFileSync(new URL(name, FOLDER), 'utf8');

test('both module systems give the same things', () => {
  for (const [name, module] of [
    ['switchwire', esm], ['switchwire/modesl', modeslEsm], ['switchwire/testing', testingEsm], ['switchwire/vocabulary', vocabularyEsm],
  ]) {
    const cjs = require(name);
    assert.equal(module.default, cjs);
    for (const [key, value] of Object.entries(module)) if (key !== 'default') assert.equal(value, cjs[key], `${name} ${key}`);
  }
  assert.deepEqual(Object.keys(esm).filter((key) => key !== 'default').sort(), Object.keys(require('switchwire')).sort());
});

test('the types name just what there is', () => {
  const types = ['index', 'lib/call', 'lib/calls', 'lib/conference', 'lib/dial', 'lib/fleet', 'lib/managed'].map((name) => `${name}.d.ts`);
  const declared = [...types.map(read).join('').matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(declared)].sort(), Object.keys(require('switchwire')).sort());
  for (const [file, module] of [...types.map((file) => [file, esm]), ['testing.d.ts', testingEsm]]) {
    for (const [, name, body] of read(file).matchAll(/^export class (\w+)[^{]*\{([\s\S]*?)^\}/gm)) {
      const members = new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)(?:\?|\(|:|<)/gm)].map(([, member]) => member));
      for (const member of Object.getOwnPropertyNames(module[name].prototype)) {
        if (member.startsWith('_') || INHERITED.has(member)) continue;
        assert.ok(members.has(member), `${name}.${member} is not declared in ${file}`);
      }
    }
  }
});

const INHERITED = new Set(['constructor', 'addListener', 'prependListener', 'prependOnceListener']);

test('every kind of error has a code, and the types know it', () => {
  const { errorKinds } = require('../native/index.js');
  assert.deepEqual(Object.keys(esm.ERROR_CODES).sort(), errorKinds().sort());
  for (const code of Object.values(esm.ERROR_CODES)) assert.ok(read('index.d.ts').includes(`'${code}'`), code);
});

test('the types name every phase of a timeout', () => {
  const { phases } = require('../native/index.js');
  const [, union] = /^ {2}readonly phase\?: ([^;]+);/m.exec(read('index.d.ts'));
  const declared = union.split('|').map((name) => name.trim().replace(/^'(.*)'$/, '$1'));
  assert.deepEqual(declared.sort(), phases().sort());
});

test('the versions agree', () => {
  assert.equal(require('../native/index.js').version(), JSON.parse(read('package.json')).version);
});

test('the programs of the README run', async () => {
  const programs = [...read('README.md').matchAll(/```js\n([\s\S]*?)```/g)].map(([, program]) => program);
  assert.ok(programs.length >= 4);
  for (const program of programs) {
    const sim = new testingEsm.Simulator();
    sim.extension('1000', [['answer'], ['park']]);
    const text = program.replaceAll('8021', String(sim.port)).replaceAll('8084', '0')
      + (program.includes('createServer') ? "\nconsole.log('listens on', server.address().port);\n" : '');
    const running = run(process.execPath, ['--input-type=module', '-e', text], { cwd: FOLDER, timeout: 20_000 });
    try {
      if (program.includes('createServer')) {
        const conn = await esm.connect(sim.target);
        let out = '';
        running.child.stdout.on('data', (data) => (out += data));
        await until(() => out.includes('listens on'));
        const [, port] = /listens on (\d+)/.exec(out);
        // The first call is handled to its end.
        await until(async () => {
          await conn.api('originate', `null/x '&socket(127.0.0.1:${port} async full)'`);
          for (let n = 0; n < 20 && sim.channels > 0; n += 1) await new Promise((resolve) => setTimeout(resolve, 20));
          return /^\S+ null$/m.test(out);
        }, () => out);
        await conn.close();
        running.child.kill('SIGTERM');
      }
      await running;
    } catch (error) {
      throw new Error(`${error.message}\n${text}`);
    } finally {
      running.child.kill();
      sim.close();
    }
  }
});

test('a TypeScript program compiles, with every strictness, and runs', async () => {
  const tsc = require.resolve('typescript/bin/tsc');
  const folder = new URL('test/types/program/', FOLDER);
  try {
    await run(process.execPath, [tsc, '-p', '.'], { cwd: folder, timeout: 60_000 });
  } catch (error) {
    throw new Error(error.stdout);
  }
  const { stdout } = await run(process.execPath, ['out/test/types/program/dialer.mjs'], { cwd: folder, timeout: 20_000 });
  assert.match(stdout, /^\+OK\nrefused\n/);
  assert.match(stdout, /true \[ 'Content-Type', 'Content-Length' \]/);
});

const native = Number(process.versions.node.split('.')[0]) >= 24;

test('await using closes what it names', { skip: native ? false : 'SKIPPED: the syntax came with Node 24' }, async () => {
  const sim = new testingEsm.Simulator();
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', `
    import { connect, createServer } from 'switchwire';
    let seen;
    {
      await using conn = await connect(${JSON.stringify(sim.target)});
      await using server = createServer(() => {}).listen(0);
      seen = [conn, server];
      console.log(conn.connected, server.listening);
    }
    console.log(seen[0].connected, seen[1].listening);
  `], { cwd: FOLDER, timeout: 60_000 });
  assert.equal(stdout, 'true true\nfalse false\n');
  sim.close();
});

test('disposing by hand works everywhere', async () => {
  const sim = new testingEsm.Simulator();
  const conn = await esm.connect(sim.target);
  const server = esm.createServer(() => {}).listen(0);
  await conn[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  assert.deepEqual([conn.connected, server.listening], [false, false]);
  sim[Symbol.dispose]();
});
