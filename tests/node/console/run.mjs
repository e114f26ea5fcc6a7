// Walks through the console of a running server in a real browser, scenario by scenario, and prints what each took. Fails when
// one fails, or when a page did what no page should (see browser.mjs).
//
//   node console/run.mjs BASE_URL [GROUP or SCENARIO...]      a scenario by how its name begins; all if none are given
//
// What only the owner of the server can do is asked for by a line `>> stop` or `>> start`; a line on the input says that it is done.
import { createInterface } from 'node:readline';
import { launch, openWindow } from './browser.mjs';
const [base, ...wanted] = process.argv.slice(2);

/** The order is that of a first day: an agency without data, then its first imports. */
const GROUPS = ['serving', 'entry', 'wizard', 'repair', 'people', 'machines', 'recovery', 'scale', 'looks'];
const chosen = [];
for (const group of GROUPS) {
  const { scenarios } = await import(`./scenarios/${group}.mjs`);
  chosen.push(...scenarios.filter(({ name }) => wanted.length === 0 || wanted.includes(group) || wanted.some((part) => !GROUPS.includes(part) && name.startsWith(part))));
}

const answers = createInterface({ input: process.stdin });
let isHeard = true;
answers.once('close', () => {
  isHeard = false;
});

/** Asks the owner of the server for something, and waits until it is done. @param {'stop' | 'start'} wish */
function control(wish) {
  return new Promise((resolve, reject) => {
    if (!isHeard) reject(new Error(`there is nobody to ask for ${wish}: the input is closed`));
    answers.once('line', resolve);
    answers.once('close', () => reject(new Error(`${wish} was not done: the input was closed`)));
    console.log(`>> ${wish}`);
  });
}

const browser = await launch();
let failed = 0;
for (const { name, run } of chosen) {
  const problems = [];
  const windows = [];
  const begun = Date.now();
  const figures = {};
  const world = {
    base,
    figures,
    control,
    /** A window with its own cookies, and a page in it. */
    async open(options = {}) {
      const context = await openWindow(browser, base, { problems, ...options });
      windows.push(context);
      return context.newPage();
    },
  };
  try {
    await run(world);
  } catch (error) {
    problems.push(error.stack ?? String(error));
    const page = windows.at(-1)?.pages().at(-1);
    if (page && process.env.SCREENSHOTS) {
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name.replace(/\W+/g, '-').slice(0, 60)}.png`, fullPage: true }).catch(() => {});
    }
    problems.push(`the page shows: ${await page?.evaluate(() => document.body.querySelector('main')?.innerText.slice(0, 800)).catch(() => '–')}`);
  }
  await Promise.all(windows.map((context) => context.close().catch(() => {})));
  const verdict = problems.length === 0 ? 'ok' : 'FAILED';
  const measured = Object.keys(figures).length > 0 ? ` ${JSON.stringify(figures)}` : '';
  console.log(`${verdict.padEnd(6)} ${String(Date.now() - begun).padStart(6)} ms  ${name}${measured}`);
  for (const problem of problems) console.log(`         ${problem.replaceAll('\n', '\n         ')}`);
  if (problems.length > 0) failed += 1;
}
await browser.close();
answers.close();
console.log(`${chosen.length - failed} of ${chosen.length} scenarios hold`);
process.exitCode = failed > 0 || chosen.length === 0 ? 1 : 0;
