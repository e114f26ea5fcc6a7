// A real browser for the scenarios. Whatever a page should never do fails the scenario in which it does: a violation of the
// policy, an error of a script, an error in the console, a native dialog, a request to another host.
import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What the browser may be called. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** The browser of this machine. */
function executable() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here.
      }
    }
  }
  throw new Error(`none of ${NAMES.join(', ')} is installed; ./scripts/test installs one`);
}

/** Starts the browser. As root it has no sandbox of its own. */
export const launch = () =>
  chromium.launch({
    executablePath: executable(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run'],
  });

/** Waits that a busy machine may need; what is right is right a moment later, too. */
const PATIENCE_MS = 20_000;

/** A window of its own, with its own cookies. `problems` fills with what must not happen. */
export async function openWindow(browser, base, { problems, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'id-ID', ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  await context.exposeBinding('reportViolation', (_, text) => problems.push(`policy: ${text}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      window.reportViolation(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`),
    );
  });
  context.on('page', (page) => watch(page, base, problems));
  return context;
}

/** Network errors that a scenario brings about itself are named by it. */
function watch(page, base, problems) {
  page.tolerated = [];
  page.on('pageerror', (error) => problems.push(`script: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.type() !== 'error') return;
    const text = `${message.text()} ${message.location().url}`;
    // The browser itself reports every answer of 400 and above; the API's refusals are part of its work.
    if (/Failed to load resource: the server responded with a status of 4\d\d/.test(text)) return;
    if (!page.tolerated.some((pattern) => pattern.test(text))) problems.push(`console: ${text}`);
  });
  page.on('dialog', (dialog) => {
    if (dialog.type() !== 'beforeunload') problems.push(`dialog: ${dialog.message()}`);
    dialog.accept().catch(() => {});
  });
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (['http:', 'https:', 'ws:', 'wss:'].includes(url.protocol) && url.host !== new URL(base).host) {
      problems.push(`request to another host: ${request.url()}`);
    }
  });
}

/** What axe finds wrong with the page, as lines. */
export async function axe(page) {
  // Evaluated by the debugger, past the page's policy.
  await page.evaluate(axeSource);
  return page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => `${node.target} ${node.failureSummary}`).slice(0, 4).join(' | ')}`);
  });
}

/** Logs in by the form. */
export async function logIn(page, base, username = 'admin', password = 'admin123') {
  await page.goto(`${base}/console/masuk`);
  await page.getByLabel('Nama pengguna').fill(username);
  await page.getByLabel('Kata sandi', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Masuk', exact: true }).click();
  await page.waitForFunction(() => location.pathname !== '/console/masuk');
}
