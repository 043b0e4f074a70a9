// Each code of an error can be met, and is what it says: the list here is compared with the list there is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERROR_CODES, EslError, connect, createServer } from 'switchwire';
import { Simulator } from 'switchwire/testing';
import { command, loggedIn, peer, plain } from './support/index.mjs';

/** What a promise is rejected with. */
const error = (promise) => promise.then(() => assert.fail('no error'), (reason) => reason);

/** Connects to a server that plays so after the login; gives what `use` gives, and tidies up. */
async function against(play, use, options) {
  const server = await loggedIn(play);
  const conn = await connect({ ...server, ...options });
  try {
    return await use(conn);
  } finally {
    await conn.close();
    await server.close();
  }
}

async function ending(bytes, options) {
  return against((socket) => socket.write(bytes), (conn) => conn.closed, options);
}

const agreeing = async (socket, commands) => {
  for await (const _ of commands) socket.write(command('+OK'));
};

const WAYS = {
  ESL_RESOLVE: () => error(connect({ host: 'no-such-host.invalid' })),
  async ESL_CONNECT() {
    const gone = await peer(() => {});
    await gone.close();
    return error(connect(gone));
  },
  async ESL_REJECTED_BY_ACL() {
    const sim = new Simulator({ aclReject: true });
    const told = await error(connect(sim.target));
    sim.close();
    return told;
  },
  async ESL_AUTHENTICATION() {
    const sim = new Simulator();
    const told = await error(connect({ ...sim.target, password: 'wrong' }));
    sim.close();
    return told;
  },
  async ESL_NOT_FREESWITCH() {
    const http = await peer((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const told = await error(connect(http));
    await http.close();
    return told;
  },
  ESL_TIMEOUT: () => against(() => {}, (conn) => error(conn.api('x', '', { timeout: 5 }))),
  ESL_DISCONNECTED: () => against((socket, commands) => commands.next().then(() => socket.end()), (conn) => error(conn.api('x'))),
  ESL_PROTOCOL: () => ending('Content-Length: -5\n\n'),
  ESL_INVALID_ARGUMENT: () => against(() => {}, (conn) => error(conn.api('a\n\nb'))),
  ESL_LIMIT_EXCEEDED: () => ending('Content-Type: api/response\nContent-Length: 2000\n\n', { maxBody: 1000 }),
  ESL_REFUSED: () => against(async (socket, commands) => {
    for await (const _ of commands) socket.write(command('-ERR no'));
  }, (conn) => error(conn.bgapi('x'))),
  ESL_HANGUP: () => against(async (socket, commands) => {
    for await (const text of commands) {
      const gone = plain('Event-Name: CHANNEL_HANGUP_COMPLETE\nUnique-ID: u\nHangup-Cause: NORMAL_CLEARING\n');
      socket.write(command('+OK') + (text.startsWith('sendmsg') ? gone : ''));
    }
  }, async (conn) => {
    await conn.subscribe('ALL');
    return error(conn.execute('playback', 'x', { uuid: 'u', wait: true }));
  }),
  ESL_NOT_SUBSCRIBED: () => against(agreeing, (conn) => error(conn.execute('x', '', { uuid: 'u', wait: true }))),
  async ESL_IO() {
    const server = createServer().listen(0);
    const other = createServer().listen(server.port);
    const told = await new Promise((resolve) => other.on('error', resolve));
    await server.close();
    return told;
  },
};

for (const [code, way] of Object.entries(WAYS)) {
  test(code, async () => {
    const told = await way();
    assert.ok(told instanceof EslError, String(told));
    assert.equal(told.code, code, told.message);
    assert.ok(told.message.length > 0);
    assert.equal(told.name, 'EslError');
  });
}

test('every code is met here', () => {
  // Node never forks its own process (cluster and child_process start new ones), so ESL_FORKED cannot be met;
  // ESL_OUTCOME_UNKNOWN is met on supervised connections only.
  const unmet = ['ESL_FORKED', 'ESL_OUTCOME_UNKNOWN'];
  const met = Object.values(ERROR_CODES).filter((code) => !unmet.includes(code));
  assert.deepEqual(Object.keys(WAYS).sort(), met.sort());
});
