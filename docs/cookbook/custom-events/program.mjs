// Sends an event of its own, and receives it: HOST PORT PASSWORD.
import { once } from 'node:events';
import { Event, connect } from 'switchwire';

const [host, port, password] = process.argv.slice(2);
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('CUSTOM shop::order');
const received = once(fs, 'CUSTOM shop::order');

const order = new Event('CUSTOM', 'shop::order', { Order: '4711', Customer: 'Zoë' });
await fs.sendEvent(order.setBody('{"items": 2}'));

const [event] = await received;
console.log(`order ${event.get('Order')} of ${event.get('Customer')}: ${event.body}`);
await fs.close();
