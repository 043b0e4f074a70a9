// The table of every face's methods, tests/faces/methods.json: see the README there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES, Event, ManagedConnection } from 'switchwire';
import { opened, table } from './support/faces.mjs';
import { api, command, plain } from './support/index.mjs';

function event({ subclass, headers, body }) {
  const made = new Event('CUSTOM', subclass, headers);
  return body === null ? made : made.setBody(body);
}

/** The arguments as Node has them. */
function given(method, args) {
  const { rename = {} } = method.node;
  const positional = [];
  const options = {};
  const custom = (args.custom ?? []).map((name) => `CUSTOM ${name}`);
  for (const { name, type, named, default: otherwise } of method.arguments) {
    if (name === 'custom') continue;
    let value = name in args ? args[name] : undefined;
    if (type === 'event' && value) value = event(value);
    if (type === 'seconds' && value !== undefined) value *= 1000;
    if (named) {
      if (value !== undefined) options[rename[name] ?? name] = value;
    } else if (type === 'texts') positional.push(...(value ?? otherwise ?? []));
    else positional.push(value);
  }
  if (['subscribe', 'no_events'].includes(method.name)) positional.push(...custom);
  while (positional.length > 0 && positional.at(-1) === undefined && Object.keys(options).length === 0) positional.pop();
  return Object.keys(options).length > 0 ? [...positional, options] : positional;
}

function reply(said) {
  return typeof said === 'string' ? command(said) : api(said.api);
}

const like = (text) => text.toLowerCase().replaceAll('_', '');

async function walk(method, row, on = row.on) {
  const { conn, line, close } = await opened[on]();
  try {
    for (const text of row.before ?? []) {
      const done = conn.send(text);
      await line.next();
      line.write(command('+OK'));
      await done;
    }
    const outcome = conn[method.node.call](...given(method, row.arguments)).then((value) => ({ value }), (error) => ({ error }));
    const sent = [];
    for (const [at, expected] of row.sent.entries()) {
      sent.push(await line.next());
      const events = at === row.sent.length - 1 ? (row.events ?? []).map(plain).join('') : '';
      line.write(reply(row.replies[at]) + events);
      assert.equal(sent[at], expected);
    }
    const { value, error } = await outcome;
    // Whatever else was sent stands before this.
    const last = conn.send('noop');
    last.catch(() => {});
    assert.equal(await line.next(), 'noop', String(error));
    line.write(command('+OK'));
    await last;
    if (row.error) {
      assert.equal(error?.code, ERROR_CODES[row.error], String(error ?? 'no error'));
      assert.ok(like(error.message).includes(like(row.says ?? '')), error.message);
      return;
    }
    assert.equal(error, undefined, String(error));
    if (row.ok === 'done') return;
    if ('text' in row.ok) assert.equal(value, row.ok.text);
    if ('job' in row.ok) assert.equal(value.uuid, row.ok.job);
    if ('response' in row.ok) assert.deepEqual([value.response, value.complete !== null], [row.ok.response, row.ok.event]);
  } finally {
    await close();
  }
}

for (const method of table.methods) {
  test(`${method.node.call} is what the table of all faces says`, async () => {
    for (const row of method.cases) {
      // 'CUSTOM a b' is a list of two in Node.
      if (row.arguments.custom?.some((name) => name.includes(' '))) continue;
      try {
        await walk(method, row);
      } catch (error) {
        error.message = `${JSON.stringify(row)}: ${error.message}`;
        throw error;
      }
    }
  });
}

// What a supervised connection, and that of a fleet's server, send is what the table says of an inbound one. (Subscriptions
// are leases there: they are in managed.test.mjs.)
const supervised = table.methods.filter(({ node }) => node.call !== 'subscribe' && node.call in ManagedConnection.prototype);
for (const kind of ['managed', 'member']) {
  for (const method of supervised) {
    test(`${kind}: ${method.node.call} is what the table of all faces says`, async () => {
      const rows = method.cases.filter(({ on }) => on === 'inbound');
      assert.ok(rows.length > 0);
      for (const row of rows) {
        try {
          await walk(method, row, kind);
        } catch (error) {
          error.message = `${JSON.stringify(row)}: ${error.message}`;
          throw error;
        }
      }
    });
  }
}
