// Shows who waits in the queues and who can help: HOST PORT PASSWORD [HOW MANY CHANGES].
import { connect } from 'switchwire';

const [host, port, password, most = Infinity] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('CUSTOM callcenter::info', { format: 'plain' });
const agents = new Map();
let shown = 0;
for await (const event of fs) {
  const action = event.get('CC-Action');
  if (action === 'agent-status-change') {
    agents.set(event.get('CC-Agent'), event.get('CC-Agent-Status'));
  } else if (action === 'members-count') {
    const available = [...agents.values()].filter((status) => status === 'Available').length;
    console.log(`${event.get('CC-Queue')}: ${event.get('CC-Count')} waiting, ${available} available`);
    shown += 1;
    if (shown >= most) break;
  }
}
await fs.close();
