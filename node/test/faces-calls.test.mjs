// The table of what calls, originates and conferences send and give, tests/faces/calls.json: see the README there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ERROR_CODES } from 'switchwire';
import { opened } from './support/faces.mjs';
import { ROOT, api, command, plain } from './support/index.mjs';

const table = JSON.parse(readFileSync(join(ROOT, 'tests/faces/calls.json'), 'utf8'));
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const SECONDS = new Set(['input_timeout', 'digit_timeout', 'time', 'duration']);

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** The server's part: what it expects of a command, and what it sends then. */
function played(row, sent, own) {
  if ('execute' in row) {
    const [id] = sent.match(UUID) ?? ['no uuid'];
    const [name, ...rest] = row.execute.split(' ');
    const argument = rest.length > 0 ? `execute-app-arg: ${rest.join(' ')}\n` : '';
    const expected = `sendmsg${own ? '' : ' call-1'}\ncall-command: execute\nexecute-app-name: ${name}\n${argument}event-uuid: ${id}`;
    const state = row.end.some((line) => line.startsWith('Answer-State')) ? [] : ['Answer-State: answered'];
    const lines = ['Event-Name: CHANNEL_EXECUTE_COMPLETE', 'Unique-ID: call-1', `Application-UUID: ${id}`, ...row.end, ...state];
    return { expected, reply: command('+OK') + plain(`${lines.join('\n')}\n`) };
  }
  if ('api' in row) return { expected: `api ${row.api}`, reply: api(row.reply) };
  const [text, job] = sent.split('\nJob-UUID: ');
  let expected = row.bgapi;
  let body = row.job;
  for (const [at, uuid] of [...text.matchAll(UUID)].entries()) {
    expected = expected.replace(`U${at + 1}`, uuid[0]);
    body = body.replace(`U${at + 1}`, uuid[0]);
  }
  const event = `Event-Name: BACKGROUND_JOB\nJob-UUID: ${job}\nContent-Length: ${body.length}\n\n${body}`;
  return {
    expected: `bgapi ${expected}\nJob-UUID: ${job}`,
    reply: `${command(`+OK Job-UUID: ${job}`)}Content-Length: ${event.length}\nContent-Type: text/event-plain\n\n${event}`,
  };
}

/** The arguments as Node has them: positional ones, then the options. */
function given({ node = {}, positional }, args) {
  const before = (node.positional ?? positional).map((name) => value(name, args[name]));
  const options = {};
  for (const [name, given] of Object.entries(args)) {
    if ((node.positional ?? positional).includes(name)) continue;
    const several = node.each?.[name];
    if (several) several.forEach((each, at) => (options[each] = given[at]));
    else options[node.rename?.[name] ?? camel(name)] = node.words?.[given] ?? value(name, given);
  }
  return Object.keys(options).length > 0 ? [...before, options] : before;
}

function value(name, given) {
  if (name === 'caller_id') return { name: given[0], number: given[1] };
  return SECONDS.has(name) && given !== undefined ? given * 1000 : given;
}

function check(row, { outcome, error }) {
  if (row.error) {
    assert.equal(error?.code, ERROR_CODES[row.error], String(error ?? 'no error'));
    assert.ok(`${error.message} ${error.hangupCause ?? ''}`.includes(row.says ?? ''), error.message);
    return;
  }
  assert.equal(error, undefined, String(error));
  if (row.ok === 'done') return;
  if ('text' in row.ok) assert.equal(outcome, row.ok.text);
  else if ('list' in row.ok) assert.deepEqual(outcome.map(({ id, uuid, speaks }) => [id, uuid, speaks]), row.ok.list);
  else for (const [name, wanted] of Object.entries(row.ok)) assert.equal(outcome[camel(name)], wanted, name);
}

async function walk(row, own, act) {
  const { conn, line, close } = await opened[own ? 'outbound' : 'inbound']();
  const settled = (promise) => promise.then((outcome) => ({ outcome }), (error) => ({ error }));
  const acknowledged = async (done) => {
    await line.next();
    line.write(command('+OK'));
    await done;
  };
  try {
    await acknowledged(own ? conn.myevents() : conn.subscribe('ALL'));
    const ended = settled((async () => act(conn))());
    if ('execute' in row || 'api' in row || 'bgapi' in row) {
      const sent = await Promise.race([line.next(), ended.then(({ error }) => assert.fail(`nothing sent: ${error}`))]);
      const text = Buffer.from(sent, 'latin1').toString();
      const { expected, reply } = played(row, text, own);
      line.write(reply);
      assert.equal(text, expected);
    }
    const end = await ended;
    // Whatever else was sent stands before this.
    const last = conn.send('noop');
    last.catch(() => {});
    assert.equal(await line.next(), 'noop', String(end.error));
    line.write(command('+OK'));
    await last;
    check(row, end);
  } finally {
    await close();
  }
}

async function walkAll(rows, own, act) {
  for (const row of rows) {
    if (row.on && row.on !== (own ? 'outbound' : 'inbound')) continue;
    try {
      await walk(row, own, (conn) => act(conn, row));
    } catch (error) {
      error.message = `${JSON.stringify(row)}: ${error.message}`;
      throw error;
    }
  }
}

for (const verb of table.call) {
  const name = verb.node?.call ?? camel(verb.verb);
  test(`call.${name} is what the table of all faces says`, async () => {
    const act = (conn, row, call) => call[name](...given(verb, row.arguments));
    await walkAll(verb.cases, true, (conn, row) => act(conn, row, conn.call()));
    await walkAll(verb.cases, false, (conn, row) => act(conn, row, conn.call('call-1')));
  });
}

for (const verb of table.conference) {
  const name = verb.node?.call ?? camel(verb.verb);
  test(`conference.${name} is what the table of all faces says`, async () => {
    await walkAll(verb.cases, false, (conn, row) => conn.conference('lab')[name](...given(verb, row.arguments)));
  });
}

test('originate is what the table of all faces says', async () => {
  const act = async (conn, { arguments: args, ok }) => {
    const { ring, ...rest } = args;
    const options = given({ positional: [] }, rest)[0];
    const making = conn.originate(ring === undefined ? options : { ...options, timeoutSeconds: ring });
    const call = await making.answered;
    if (ok) assert.equal(call.uuid, making.uuids[Number(ok.uuid.slice(1)) - 1]);
    return { uuid: ok?.uuid };
  };
  await walkAll(table.originate, false, act);
});
