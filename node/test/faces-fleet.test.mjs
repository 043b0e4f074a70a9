// The table of a fleet's own methods and of leases, tests/faces/fleet.json: see the README there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODES, Fleet } from 'switchwire';
import { opened, openedFleet } from './support/faces.mjs';
import { ROOT, api, command } from './support/index.mjs';

const table = JSON.parse(readFileSync(join(ROOT, 'tests/faces/fleet.json'), 'utf8'));

const reply = (said) => (typeof said === 'string' ? command(said) : api(said.api));
const settled = (promise) => promise.then((value) => ({ value }), (error) => ({ error }));

function given({ node }, { arguments: args, pick, timeout }) {
  const all = node.first ? [pick, ...args] : [...args];
  return timeout === undefined ? all : [...all, '', { timeout: timeout * 1000 }];
}

/** Takes what is to be sent to one server, and replies; null leaves a command without a reply. */
async function serve(line, sent, replies) {
  for (const [at, expected] of sent.entries()) {
    assert.equal(await line.next(), expected);
    if (replies[at] !== null) line.write(reply(replies[at]));
  }
}

function check({ ok }, value) {
  if (ok === 'done') return;
  if ('results' in ok) {
    const results = value.map(({ server, outcome, reply: one }) => [server, outcome, one === undefined ? null : one.text]);
    assert.deepEqual(results.sort(), ok.results);
  } else if ('server' in ok) assert.deepEqual({ server: value.server, text: value.reply.text }, ok);
  else assert.equal(value, ok.text);
}

async function walk(method, row) {
  const { fleet, lines, close } = await openedFleet({ a: ['west'], b: ['east'] });
  try {
    const outcome = settled((async () => fleet[method.node.call](...given(method, row)))());
    const served = Object.entries(row.sent ?? {}).map(([name, sent]) => serve(lines[name], sent, row.replies[name]));
    await Promise.all(served);
    const { value, error } = await outcome;
    // Whatever else was sent stands before this.
    for (const [name, line] of Object.entries(lines)) {
      if (row.replies?.[name]?.includes(null)) line.write(api('late'));
      const last = settled(fleet.connection(name).send('noop'));
      assert.equal(await line.next(), 'noop', `${name}: ${error}`);
      line.write(command('+OK'));
      await last;
    }
    if (row.error) {
      assert.equal(error?.code, ERROR_CODES[row.error], String(error ?? 'no error'));
      assert.ok(error.message.includes(row.says ?? ''), error.message);
      return;
    }
    assert.equal(error, undefined, String(error));
    check(row, value);
  } finally {
    await close();
  }
}

for (const method of table.fleet) {
  test(`fleet: ${method.node.call} is what the table of all faces says`, async () => {
    for (const row of method.cases) {
      try {
        await walk(method, row);
      } catch (error) {
        error.message = `${JSON.stringify(row)}: ${error.message}`;
        throw error;
      }
    }
  });
}

test('every method of a fleet that sends is in the table', () => {
  const methods = Object.getOwnPropertyNames(Fleet.prototype).filter((name) => /^(api|find|uuid)/.test(name));
  assert.deepEqual(table.fleet.map(({ node }) => node.call).sort(), methods.sort());
});

for (const kind of ['managed', 'member']) {
  for (const row of table.leases) {
    test(`${kind}: leases: ${row.name}`, async () => {
      const { conn, line, close } = await opened[kind]();
      const leases = {};
      try {
        for (const step of row.steps) {
          let outcome;
          if (step.subscribe) {
            const [name, events] = step.subscribe;
            outcome = settled((async () => {
              leases[name] = await conn.subscribe(events);
            })());
          } else leases[step.release].release();
          for (const expected of step.sent) {
            assert.equal(await line.next(), expected, JSON.stringify(step));
            line.write(command('+OK'));
          }
          const { error } = (await outcome) ?? {};
          assert.equal(error?.code, step.error && ERROR_CODES[step.error], String(error));
          const last = settled(conn.send('noop'));
          assert.equal(await line.next(), 'noop', JSON.stringify(step));
          line.write(command('+OK'));
          await last;
        }
      } finally {
        await close();
      }
    });
  }
}
