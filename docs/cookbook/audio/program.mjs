// Hears a call and speaks in it, by UDP: HOST PORT PASSWORD DIAL.
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'switchwire';

const [host, port, password, dial] = process.argv.slice(2);
// A frame: 20 ms of 16-bit samples, 8000 a second, in the machine's byte order. Here 400 Hz.
const tone = new Uint8Array(Int16Array.from({ length: 160 }, (_, n) => 8000 * Math.sin((2 * Math.PI * 400 * n) / 8000)).buffer);

const audio = createSocket('udp4').bind(0, '127.0.0.1');
await once(audio, 'listening');
const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_HANGUP_COMPLETE');
const call = await fs.originate({ dial: { endpoint: dial, timeoutSeconds: 20 } });

// The call is parked; from now on its audio comes here.
let count = 0;
let sound = 0;
const heard = new Promise((resolve) => {
  audio.on('message', (frame, server) => {
    if (count >= 40) return;
    sound += frame.some((byte) => byte !== 0);
    // What is heard is the clock: a frame for a frame, ten of them.
    if (count < 10) audio.send(tone, server.port, server.address);
    count += 1;
    if (count === 40) resolve();
  });
});
const message = [`sendmsg ${call.uuid}`, 'call-command: unicast', 'local-port: 0', `remote-port: ${audio.address().port}`, 'transport: udp'];
await fs.send(message.join('\n'));
await heard;
console.log(`40 frames heard, ${sound} with sound`);
await call.hangup();
audio.close();
await fs.close();
