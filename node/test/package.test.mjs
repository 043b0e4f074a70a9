import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { promisify } from 'node:util';
import * as esm from 'switchwire';
import * as modeslEsm from 'switchwire/modesl';
import * as testingEsm from 'switchwire/testing';

const require = createRequire(import.meta.url);
const run = promisify(execFile);
const FOLDER = new URL('..', import.meta.url);
const read = (name) => readFileSync(new URL(name, FOLDER), 'utf8');

test('both module systems give the same things', () => {
  for (const [name, module] of [['switchwire', esm], ['switchwire/modesl', modeslEsm], ['switchwire/testing', testingEsm]]) {
    const cjs = require(name);
    assert.equal(module.default, cjs);
    for (const [key, value] of Object.entries(module)) if (key !== 'default') assert.equal(value, cjs[key], `${name} ${key}`);
  }
  assert.deepEqual(Object.keys(esm).filter((key) => key !== 'default').sort(), Object.keys(require('switchwire')).sort());
});

test('the types name just what there is', () => {
  const declared = [...read('index.d.ts').matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(declared)].sort(), Object.keys(require('switchwire')).sort());
  for (const [file, module] of [['index.d.ts', esm], ['testing.d.ts', testingEsm]]) {
    for (const [, name, body] of read(file).matchAll(/^export class (\w+)[^{]*\{([\s\S]*?)^\}/gm)) {
      const members = new Set([...body.matchAll(/^ {2}(?:readonly )?(\w+)(?:\?|\(|:)/gm)].map(([, member]) => member));
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

test('the versions agree', () => {
  assert.equal(require('../native/index.js').version(), JSON.parse(read('package.json')).version);
});

test('the programs of the README run', async () => {
  const programs = [...read('README.md').matchAll(/```js\n([\s\S]*?)```/g)].map(([, program]) => program);
  assert.ok(programs.length >= 4);
  for (const program of programs) {
    const sim = new testingEsm.Simulator();
    sim.extension('1000', [['answer'], ['park']]);
    const text = program.replaceAll('8021', String(sim.port)).replaceAll('8084', '0');
    try {
      await run(process.execPath, ['--input-type=module', '-e', text], { cwd: FOLDER, timeout: 20_000 });
    } catch (error) {
      throw new Error(`${error.message}\n${text}`);
    } finally {
      sim.close();
    }
  }
});
