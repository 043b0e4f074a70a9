// What the recipe's test does with the page, in a real browser: URL. (npm install playwright-core)
import { chromium } from 'playwright-core';

const browser = await chromium.launch({ executablePath: process.env.SWITCHWIRE_CHROMIUM, args: ['--no-sandbox'] });
const page = await browser.newPage();
const url = process.argv[2];
await page.goto(url);

async function ask(number, status) {
  await page.getByLabel('Your number').fill(number);
  await page.getByRole('button').click();
  await page.getByRole('status').filter({ hasText: status }).waitFor();
  console.log(`${number}: ${status}`);
}

await ask('1000', 'We talked.');
await ask('1001', 'You did not answer.');
// What is not a number does not get past the page; nor past the server, if the page is gone round.
await page.getByLabel('Your number').fill('1000&park()');
if (await page.getByLabel('Your number').evaluate((input) => input.checkValidity())) throw new Error('the page takes it');
const reply = await page.request.post(`${url}call`, { data: { number: '1000 &park()' } });
console.log(`no number: ${reply.status()}`);
const form = await page.request.post(`${url}call`, { form: { number: '1000' } });
console.log(`a form: ${form.status()}`);
await browser.close();
