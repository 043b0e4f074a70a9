// The table of what calls, originates and conferences send and give, tests/faces/calls.json: see the README there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Call, Calls, Conference, ERROR_CODES } from 'switchwire';
import { opened } from './support/faces.mjs';
import { ROOT, api, command, plain } from './support/index.mjs';

const table = JSON.parse(readFileSync(join(ROOT, 'tests/faces/calls.json'), 'utf8'));
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const SECONDS = new Set(['input_timeout', 'digit_timeout', 'time', 'duration']);

const camel = (name) => name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());

/** The commands that the row has: their kind, and their text. */
function commands(row) {
  const single = ['execute', 'api', 'bgapi'].filter((kind) => kind in row).map((kind) => [kind, row[kind]]);
  return [...single, ...(row.executes ?? []).map((text) => ['execute', text])];
}

/** The server's part: what it expects of a command, and what it sends then. */
function played(row, [kind, wanted], sent, own) {
  if (kind === 'execute') {
    const [id] = sent.match(UUID) ?? ['no uuid'];
    const [name, ...rest] = wanted.split(' ');
    const argument = rest.length > 0 ? `execute-app-arg: ${rest.join(' ')}\n` : '';
    const expected = `sendmsg${own ? '' : ' call-1'}\ncall-command: execute\nexecute-app-name: ${name}\n${argument}event-uuid: ${id}`;
    const end = row.end ?? [];
    const state = end.some((line) => line.startsWith('Answer-State')) ? [] : ['Answer-State: answered'];
    const lines = ['Event-Name: CHANNEL_EXECUTE_COMPLETE', 'Unique-ID: call-1', `Application-UUID: ${id}`, ...end, ...state];
    return { expected, reply: command('+OK') + plain(`${lines.join('\n')}\n`) };
  }
  if (kind === 'api') return { expected: `api ${wanted}`, reply: api(row.reply) };
  const [text, job] = sent.split('\nJob-UUID: ');
  let expected = wanted;
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
  else if ('headers' in row.ok) for (const [name, wanted] of Object.entries(row.ok.headers)) assert.equal(outcome.get(name), wanted);
  else if ('list' in row.ok) assert.deepEqual(outcome.map(({ id, uuid, speaks }) => [id, uuid, speaks]), row.ok.list);
  else for (const [name, wanted] of Object.entries(row.ok)) assert.equal(outcome[camel(name)], wanted, name);
}

async function walk(row, own, act) {
  const { conn, line, close } = await opened[own ? 'outbound' : 'inbound']();
  let hearing;
  const settled = (promise) => promise.then((outcome) => ({ outcome }), (error) => ({ error }));
  const acknowledged = async (done) => {
    await line.next();
    line.write(command('+OK'));
    await done;
  };
  try {
    await acknowledged(own ? conn.myevents() : conn.subscribe('ALL'));
    const ended = settled((async () => act(conn))());
    if (row.hears) {
      // Over and over: when the method listens, only it knows.
      hearing = setInterval(() => line.write(row.hears.map(plain).join('')), 2);
    }
    for (const wanted of commands(row)) {
      const sent = await Promise.race([line.next(), ended.then(({ error }) => assert.fail(`nothing sent: ${error}`))]);
      const text = Buffer.from(sent, 'latin1').toString();
      const { expected, reply } = played(row, wanted, text, own);
      line.write(reply);
      assert.equal(text, expected);
    }
    const end = await ended;
    clearInterval(hearing);
    // Whatever else was sent stands before this.
    const last = conn.send('noop');
    last.catch(() => {});
    assert.equal(await line.next(), 'noop', String(end.error));
    line.write(command('+OK'));
    await last;
    check(row, end);
  } finally {
    clearInterval(hearing);
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
    const act = async (conn, row, call) => {
      const called = call[name](...given(verb, row.arguments));
      return name === 'dtmf' ? (await called.next()).value : called;
    };
    await walkAll(verb.cases, true, (conn, row) => act(conn, row, conn.call()));
    await walkAll(verb.cases, false, (conn, row) => act(conn, row, conn.call('call-1')));
  });
}

for (const verb of table.conference) {
  const name = verb.node?.call ?? camel(verb.verb);
  test(`conference.${name} is what the table of all faces says`, async () => {
    await walkAll(verb.cases, false, async (conn, row) => {
      const called = conn.conference('lab')[name](...given(verb, row.arguments));
      return name === 'events' ? (await called.next()).value : called;
    });
  });
}

test('originate is what the table of all faces says', async () => {
  const act = async (conn, { arguments: args, ok }) => {
    const { ring, job_uuid: jobUuid, ...rest } = args;
    const options = given({ positional: [] }, rest)[0];
    const making = conn.originate(ring === undefined ? options : { ...options, timeoutSeconds: ring }, { jobUuid });
    if (jobUuid) assert.equal(making.jobUuid, jobUuid);
    const call = await making.answered;
    if (ok) assert.equal(call.uuid, making.uuids[Number(ok.uuid.slice(1)) - 1]);
    return { uuid: ok?.uuid };
  };
  await walkAll(table.originate, false, act);
});

/** A server whose calls are those of the table; after the first look those of the row's `then`. */
async function withSnapshot(row, again, run) {
  const { conn, line, close } = await opened.inbound();
  const serving = (async () => {
    for (let looks = Number(again);;) {
      const sent = await line.next();
      const asked = sent.replace('api ', '').trim();
      if (!sent.startsWith('api ')) line.write(command('+OK'));
      else if (asked === 'hears') line.write(api('+OK') + plain(row.hears));
      else {
        line.write(api((looks > 0 ? row.then?.[asked] : undefined) ?? table.snapshot[asked] ?? `-ERR ${asked}`));
        if (asked.startsWith('show calls')) looks += 1;
      }
    }
  })();
  serving.catch(() => {});
  try {
    await run(conn);
  } finally {
    await close();
  }
}

/** What the tracker's methods give, in the table's words. */
const trackers = {
  legs: (calls) => calls.legs().map(({ uuid }) => uuid),
  leg: (calls, uuid) => calls.leg(uuid)?.name ?? null,
  count: (calls) => calls.size,
  bridged: (calls) => calls.bridged().map((pair) => pair.map(({ uuid }) => uuid).join(' ')),
  core_uuid: (calls) => calls.coreUuid,
  ended: (calls) => calls.ended,
  async resync(calls) {
    await calls.resync();
    return trackers.legs(calls);
  },
};

for (const row of table.calls) {
  test(`calls.${camel(row.method)} is what the table of all faces says (${row.arguments ?? ''})`, async () => {
    await withSnapshot(row, false, async (conn) => {
      const calls = await conn.calls();
      if (row.method === 'move_to') {
        return withSnapshot(row, true, async (other) => {
          await calls.moveTo(other);
          assert.deepEqual(trackers.legs(calls), row.ok);
        });
      }
      if (row.method !== 'changes') return assert.deepEqual(await trackers[row.method](calls, ...(row.arguments ?? [])), row.ok);
      const changes = calls.changes();
      await conn.api('hears');
      const taken = [];
      while (taken.length < row.takes) taken.push((await changes.next()).value);
      return assert.deepEqual(taken.map(({ kind, uuid }) => `${kind} ${uuid}`).sort(), row.ok);
    });
  });
}

test('every method has a row', () => {
  const methods = ({ prototype }) => Object.getOwnPropertyNames(prototype)
    .filter((name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(prototype, name).value === 'function').sort();
  const rows = (kind) => table[kind].map((row) => row.node?.call ?? camel(row.verb ?? row.method));
  assert.deepEqual(methods(Call), [...new Set(rows('call'))].sort());
  assert.deepEqual(methods(Conference), [...new Set(rows('conference'))].sort());
  const looks = new Set(['count', 'coreUuid', 'ended']);
  assert.deepEqual(methods(Calls), [...new Set(rows('calls'))].filter((name) => !looks.has(name)).sort());
});
