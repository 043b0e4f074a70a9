// Calls back who asks for it by mail: HOST PORT PASSWORD MAIL_HOST IMAP_PORT SMTP_PORT [HOW MANY]. (npm install imapflow nodemailer)
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { connect } from 'switchwire';

const [host, port, password, mailHost, imapPort, smtpPort, most = Infinity] = process.argv.slice(2);
const desk = 'desk@example.com';
// Who may have calls made, and to which numbers: From lines can be forged, so the numbers are the protection.
const customers = new Map([['anna@example.com', new Set(['1000', '1001'])]]);

const fs = await connect({ host, port: Number(port), password });
await fs.subscribe('BACKGROUND_JOB', 'CHANNEL_EXECUTE_COMPLETE', 'CHANNEL_HANGUP_COMPLETE');
const smtp = createTransport({ host: mailHost, port: Number(smtpPort), ignoreTLS: true });
const box = new ImapFlow({
  host: mailHost, port: Number(imapPort), secure: false, doSTARTTLS: false, auth: { user: desk, pass: 'secret' }, logger: false,
});

async function callBack(number) {
  try {
    const call = await fs.originate({ dial: { endpoint: `user/${number}`, timeoutSeconds: 20 } });
    const bridge = await call.bridge({ legs: ['user/desk'], timeoutSeconds: 20 });
    return bridge.answered ? 'we talked' : 'the desk did not answer';
  } catch (error) {
    if (error.code !== 'ESL_HANGUP') throw error;
    return `you did not answer: ${error.hangupCause}`;
  }
}

await box.connect();
await box.mailboxOpen('INBOX');
let done = 0;
let wake;
box.on('exists', () => wake());
while (done < most) {
  const news = new Promise((resolve) => { wake = resolve; });
  for (const uid of await box.search({ seen: false }, { uid: true })) {
    const { envelope } = await box.fetchOne(uid, { envelope: true }, { uid: true });
    await box.messageFlagsAdd(uid, ['\\Seen'], { uid: true });
    const sender = envelope.from[0].address;
    const number = /^call (\d{2,15})$/.exec(envelope.subject)?.[1];
    if (!customers.get(sender)?.has(number)) {
      console.log(sender, 'may not');
      continue;
    }
    const text = await callBack(number);
    // No program answers what is marked so.
    const headers = { 'Auto-Submitted': 'auto-replied' };
    await smtp.sendMail({ from: desk, to: sender, subject: `Re: ${envelope.subject}`, text, headers });
    console.log(`${sender}: ${text}`);
    done += 1;
  }
  if (done < most) {
    // The server says when something comes.
    box.idle().catch(() => {});
    await news;
  }
}
await box.logout();
await fs.close();
