// Scenarios, expectations and handlers of `switchwire/testing`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { connect } from '../index.mjs';
import { Simulator } from '../testing.mjs';
import './support/index.mjs';

const scenario = `
[[expect]]
command = "api status"
then = [{ event = "API" }]
`;

test('a met expectation is silent, and a failing one shows what came', async (t) => {
  for (const [command, failure] of [['status'], ['version', /`api status` did not come[^]*sent `api version`/]]) {
    const sim = new Simulator({ scenario });
    t.after(() => sim.close());
    const conn = await connect(sim.target);
    await conn.api(command);
    await (failure ? assert.rejects(sim.verify(0), failure) : sim.verify());
    await conn.close();
  }
  assert.throws(() => new Simulator({ scenario: 'nothing = 1' }), /unknown field `nothing`/);
});

test('handlers are functions, and may give promises', async (t) => {
  const sim = new Simulator();
  t.after(() => sim.close());
  sim.api('weather', async ({ argument }) => `+OK sunny in ${argument}\n`);
  sim.application('greet', ({ variables }) => ({ variables: { greeted: variables.caller_name }, response: 'GREETED' }));
  sim.endpoint('user/*', ({ variables }) => (variables.mood === 'good' ? {} : { cause: 'USER_BUSY' }));
  sim.endpoint('user/9', { ring: 1, cause: 'CALL_REJECTED' });
  sim.extension('7000', [['answer'], ['greet'], ['park']]);
  const conn = await connect(sim.target);
  assert.equal(await conn.api('weather', 'Rome'), '+OK sunny in Rome\n');
  assert.match((await conn.apiReply('originate', 'user/1 7000')).text, /USER_BUSY/);
  assert.match((await conn.apiReply('originate', 'user/9 7000')).text, /CALL_REJECTED/);
  await conn.subscribe('CHANNEL_EXECUTE_COMPLETE');
  const greeted = new Promise((resolve) => {
    conn.on('CHANNEL_EXECUTE_COMPLETE', (event) => event.get('Application') === 'greet' && resolve(event));
  });
  await conn.bgapi('originate', '{mood=good,caller_name=Ann}user/1 7000');
  const event = await greeted;
  assert.equal(event.get('Application-Response'), 'GREETED');
  assert.equal(event.get('variable_greeted'), 'Ann');
  await conn.close();
});
