// The programs in the simulator's README run, and what fails there is told.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SIMULATOR = new URL('../../crates/switchwire-sim/', import.meta.url);
const read = (name) => readFileSync(new URL(name, SIMULATOR), 'utf8');
const [ivr, handlers] = [...read('README.md').matchAll(/```js\n([\s\S]*?)```/g)].map(([, program]) => program);

/** Runs a program beside `ivr.toml` with that key: its exit code and what it printed. */
function run(t, program, key = '1') {
  const folder = mkdtempSync(join(tmpdir(), 'switchwire-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'ivr.toml');
  writeFileSync(file, read('examples/ivr.toml').replace('${Unique-ID} 1', () => `\${Unique-ID} ${key}`));
  const text = program.replace("'ivr.toml'", () => JSON.stringify(file));
  // Not a part of this run of tests.
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  const options = { cwd: fileURLToPath(new URL('..', import.meta.url)), env, timeout: 30_000 };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', text], options, (error, stdout, stderr) => {
      resolve({ code: error?.code ?? 0, output: stdout + stderr });
    });
  });
}

test('the IVR is tested', async (t) => {
  const { code, output } = await run(t, ivr);
  assert.equal(code, 0, output);
});

test('a wrong IVR is told what came instead', async (t) => {
  const { code, output } = await run(t, ivr, '2');
  assert.equal(code, 1, output);
  assert.match(output, /hours\.wav\) did not come[^]*~ .*address\.wav/);
});

test('handlers are added', async (t) => {
  const { code, output } = await run(t, handlers);
  assert.equal(code, 0, output);
});
