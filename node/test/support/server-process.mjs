// A simulator in a process of its own, which tests kill and freeze: fires about 1,000 numbered events a second. A message
// makes it cut its connections in the middle of a message.
import { Simulator } from 'switchwire/testing';

// Process ids are used again, on a busy machine within the hour.
const RUN = `${process.pid}-${Date.now()}`;
const sim = new Simulator({ bind: process.argv[2] });
let cutting = false;
process.send({ port: sim.port });
process.on('disconnect', () => process.exit(0));
process.on('message', () => {
  // Half a message, and nothing may follow it.
  cutting = true;
  sim.sendRaw('Content-Length: 500\nContent-Type: text/event-plain\n\nEvent-Name: DTM');
  setTimeout(() => {
    sim.disconnectAll('close');
    cutting = false;
  }, 20);
});

const begun = performance.now();
let number = 0;
setInterval(() => {
  for (; !cutting && number < performance.now() - begun; number += 1) sim.fire('DTMF', { Run: RUN, N: number });
}, 2);
