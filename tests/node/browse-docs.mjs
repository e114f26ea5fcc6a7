// Opens the documentation pages of a running server in a real browser, logs in there, and tries a route out. Prints what
// happened as one line of JSON; fails when the page's policy was violated, a script failed, or the route did not answer 200.
//
//   node browse-docs.mjs BASE_URL [CHROMIUM]
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';

const [base = 'http://127.0.0.1:5000', chromium = 'chromium'] = process.argv.slice(2);
const profile = await mkdtemp(join(tmpdir(), 'hijrah-docs-'));
const browser = spawn(
  chromium,
  [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--remote-debugging-port=0',
    `--user-data-dir=${profile}`,
    'about:blank',
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
);

// The browser's address, as it prints it.
const address = await new Promise((resolve, reject) => {
  let said = '';
  browser.stderr.on('data', (data) => {
    said += data;
    const found = said.match(/DevTools listening on (ws:\S+)/);
    if (found) resolve(found[1]);
  });
  browser.once('exit', () => reject(new Error(said)));
});
const socket = new WebSocket(address);
await new Promise((resolve) => socket.once('open', resolve));

let number = 0;
const waiting = new Map();
const problems = [];
socket.on('message', (text) => {
  const message = JSON.parse(text);
  if (message.id) {
    const { resolve, reject } = waiting.get(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
    return;
  }
  const { method, params } = message;
  if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
    problems.push(`${params.entry.source}: ${params.entry.text} ${params.entry.url ?? ''}`);
  }
  if (method === 'Runtime.exceptionThrown') {
    problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  }
  // Of the browser's other advice, form fields without a name for instance, nothing is wrong here.
  if (method === 'Audits.issueAdded' && params.issue.code === 'ContentSecurityPolicyIssue') {
    problems.push(`${params.issue.code}: ${JSON.stringify(params.issue.details)}`);
  }
});

function send(method, params = {}, sessionId = undefined) {
  number += 1;
  const id = number;
  socket.send(JSON.stringify({ id, method, params, sessionId }));
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

try {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const page = (method, params) => send(method, params, sessionId);
  for (const domain of ['Page', 'Runtime', 'Log', 'Audits']) await page(`${domain}.enable`);

  async function evaluate(expression) {
    const { result, exceptionDetails } = await page('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }

  // Waits until an expression is true in the page, and returns it.
  async function until(expression) {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      const value = await evaluate(expression);
      if (value) return value;
      await sleep(100);
    }
    throw new Error(`never true: ${expression}\n${problems.join('\n')}`);
  }

  // React notices a value only through the setter of the element's class.
  const type = (selector, text) =>
    evaluate(`(() => {
      const field = document.querySelector(${JSON.stringify(selector)});
      const kind = field.tagName === 'TEXTAREA' ? HTMLTextAreaElement : HTMLInputElement;
      Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(field, ${JSON.stringify(text)});
      field.dispatchEvent(new Event('input', { bubbles: true }));
    })()`);
  const click = (selector) => evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);

  // Opens an operation, tries it out, and returns what the page shows of the answer.
  async function tryOut(operation, fill = async () => {}) {
    const block = `[id$="-${operation}"]`;
    await until(`document.querySelector('${block} .opblock-summary-control') !== null`);
    await click(`${block} .opblock-summary-control`);
    await until(`document.querySelector('${block} .try-out__btn') !== null`);
    await click(`${block} .try-out__btn`);
    await until(`document.querySelector('${block} .execute') !== null`);
    await fill(block);
    await click(`${block} .execute`);
    const status = await until(
      `document.querySelector('${block} .live-responses-table tr.response .response-col_status')?.textContent`,
    );
    return {
      status: status.trim().slice(0, 3),
      body: await evaluate(
        `document.querySelector('${block} .live-responses-table .highlight-code, ${block} .live-responses-table pre')?.textContent ?? ''`,
      ),
    };
  }

  await page('Page.navigate', { url: `${base}/api/docs/` });
  const title = await until(`document.querySelector('.info .title')?.textContent`);
  const operations = await evaluate(`document.querySelectorAll('.opblock').length`);
  const login = await tryOut('login', async (block) => {
    await type(
      `${block} textarea`,
      JSON.stringify({ username: 'admin', password: process.env.ADMIN_PASSWORD ?? 'admin123' }),
    );
  });
  const token = login.body.match(/"access_token":\s*"([^"]+)"/)?.[1];
  if (!token) throw new Error(`no token in the page: ${login.status} ${login.body}`);

  await click('.scheme-container .authorize, .auth-wrapper .authorize');
  await until(`document.querySelector('.modal-ux input') !== null`);
  await type('.modal-ux input', token);
  await click('.modal-ux .auth-btn-wrapper .authorize');
  await until(`document.querySelector('.modal-ux .btn-done') !== null`);
  await click('.modal-ux .btn-done');
  const packages = await tryOut('list_packages');

  // The watch itself is watched: a script that the page's policy forbids has to be noticed.
  const seen = problems.length;
  await evaluate(`{
    const script = document.createElement('script');
    script.textContent = 'window.forbidden = true';
    document.body.append(script);
  }`);
  for (let attempt = 0; problems.length === seen && attempt < 100; attempt += 1) await sleep(50);
  const control = problems.splice(seen);
  if (control.length === 0 || (await evaluate('window.forbidden === true'))) {
    throw new Error('an inline script ran, or the violation was not reported');
  }

  const policy = await evaluate(`fetch('/api/docs/').then((r) => r.headers.get('content-security-policy'))`);
  console.log(
    JSON.stringify({
      browser: (await send('Browser.getVersion')).product,
      title: title.trim(),
      operations,
      login: login.status,
      packages: packages.status,
      items: (packages.body.match(/"tenant_id"/g) ?? []).length,
      policy,
      problems,
    }),
  );
  if (problems.length > 0 || login.status !== '200' || packages.status !== '200') process.exitCode = 1;
} finally {
  socket.close();
  browser.kill();
  await new Promise((resolve) => browser.once('exit', resolve));
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}
