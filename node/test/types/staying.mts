// Connections that come back, fleets, trackers, conferences: what compiles, and what does not.
import {
  Calls, Conference, Fleet, Lease, ManagedConnection, Subscription, connect, type Change, type Connection, type FleetItem, type Health, type StreamItem,
} from 'switchwire';

export async function staying(signal: AbortSignal): Promise<string> {
  const conn = ManagedConnection.start({
    addresses: [{ host: 'a' }, { host: 'b', port: 8022 }], password: 'x', subscription: ['CHANNEL_ANSWER', 'CUSTOM a::b'],
    backoff: { first: 100, giveUpAfter: false }, liveness: { pingAfter: false, silence: 60_000 }, whileDown: 5000,
    stopOn: ['ESL_AUTHENTICATION'], snapshot: true, queue: { overflow: 'drop-oldest' },
  });
  ManagedConnection.start({ queue: { events: 10, overflow: 'block' } });
  // @ts-expect-error that is for supervised connections
  await connect({ queue: { overflow: 'block' } });
  // @ts-expect-error there is no such option
  ManagedConnection.start({ hots: 'x' });
  // @ts-expect-error nor such a policy
  ManagedConnection.start({ whileDown: 'wait' });
  // @ts-expect-error nor such a code
  ManagedConnection.start({ stopOn: ['ESL_WRONG'] });
  // @ts-expect-error it is made by start
  new ManagedConnection();
  conn.on('CHANNEL_ANSWER', (event) => event.uuid?.length);
  conn.on('restored', ({ run, outage, server }) => run === 'restarted' && outage > 0 && server.coreUuid);
  conn.on('lost', ({ reason, when, address }) => reason.code === 'ESL_OUTCOME_UNKNOWN' && when.getTime() && address.length);
  // @ts-expect-error it is 'restored'
  conn.on('reconnected', () => {});
  // @ts-expect-error it is CHANNEL_ANSWER
  conn.on('CHANNEL_ANSWERED', () => {});
  const lease: Lease = await conn.subscribe(new Subscription('DTMF'), { timeout: 10 });
  lease.release();
  const present: Connection = await conn.waitUp({ timeout: 10, signal });
  // @ts-expect-error it is 'gave-up'
  if (conn.status.state === 'gaveUp') return conn.status.server?.version ?? '';
  for await (const item of conn) told(item);
  const text: string = await conn.api('status', '', { signal });
  return text + String(present.connected);
}

function told(item: StreamItem): string | null {
  switch (item.kind) {
    case 'connected': return item.connected.switchname;
    case 'event': return item.event.uuid;
    case 'log': return item.log.text;
    case 'notice': return item.notice.text;
    case 'other': return item.other.body;
    case 'lost': return item.lost.reason.message;
    case 'restored': return item.restored.run;
    case 'gave-up': return item.reason.code;
    // @ts-expect-error there is no such item
    case 'removed': return null;
    default: return null;
  }
}

export async function fleet(): Promise<string | null> {
  const all = Fleet.start({ servers: [{ name: 'a', connection: { host: 'a' }, weight: 2, tags: ['x'] }], limits: { idleCpu: false }, dropDuplicates: 9 });
  // @ts-expect-error a name is needed
  all.add({ connection: {} });
  // @ts-expect-error a sticky choice needs a key
  all.pick({ by: 'sticky' });
  // @ts-expect-error there is no such choice
  all.pick({ by: 'random' });
  all.on('health', (health: Health, server: string) => health.sessions?.toFixed() ?? server);
  all.on('CHANNEL_CREATE', (event, server) => server + event.type);
  for (const one of await all.apiAll('status')) if (one.outcome === 'reply') one.reply.ok; else one.error.code;
  for await (const item of all) if (seen(item)) break;
  const { server, reply } = await all.apiAny({ by: 'weighted', tags: 'x' }, 'status');
  return all.serverOf('u') ?? server + reply.text;
}

function seen(item: FleetItem): boolean {
  return item.kind === 'health' ? item.health.draining : item.server === 'a' && item.kind === 'removed';
}

export async function followed(conn: Connection): Promise<void> {
  const calls: Calls = await conn.calls({ keepEvents: true });
  calls.on('bridged', ({ leg, other }) => leg.bridgedTo === other);
  calls.on('restarted', ({ uuid }) => uuid.length);
  // @ts-expect-error it is 'hung-up'
  calls.on('hungup', () => {});
  for await (const change of calls.changes()) {
    // @ts-expect-error not every change has a leg
    change.leg.uuid;
    const of: Change = change;
    if (of.kind === 'gone' && of.missed) of.leg.created?.getTime();
  }
  const lab: Conference = conn.conference('lab');
  await lab.mute('all', { timeout: 5 });
  // @ts-expect-error members are ids or one of these words
  await lab.mute('everyone');
  // @ts-expect-error there is no such relation
  await lab.relate(1, 2, 'hates');
  lab.on('add-member', ({ member }) => member?.toFixed());
  // @ts-expect-error it is add-member
  lab.on('added-member', () => {});
  for await (const { action, event } of lab.events()) if (action === 'floor-change') event.get('New-ID');
  const job: string = await lab.dial({ user: '1000' }, { callerId: { name: 'a', number: '1' } });
  job.length;
}
