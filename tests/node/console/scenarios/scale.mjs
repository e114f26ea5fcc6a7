// Large files. What must hold on any machine is asserted always: how often the page asks, that it is never turned away, that what it
// draws does not grow with the file, that numbers rise. Times are measured and printed; they are asserted where CONSOLE_BUDGETS is
// set, which a release server on a quiet machine deserves:
//
//   CONSOLE_BUDGETS=1 cargo test --release --workspace --test it -- large_files --nocapture
import assert from 'node:assert/strict';
import { logIn } from '../browser.mjs';
import { ask, atStep, check, csv, title, upload } from './wizard.mjs';
import { begin, many, packageFor } from './recovery.mjs';

/** Whether times are asserted. */
const hasBudgets = Boolean(process.env.CONSOLE_BUDGETS);

/** Half of the rows are good, the others have one of five faults. */
const FAULTS = [
  (row) => ({ ...row, nik: row.nik.slice(1) }),
  (row) => ({ ...row, package: 'Umroh Yang Tidak Ada' }),
  (row) => ({ ...row, name: '' }),
  (row) => ({ ...row, email: 'tanpa-domain@' }),
  (row) => ({ ...row, born: '31/02/1980' }),
];
function halfBad(name, rows) {
  const lines = Array.from({ length: rows }, (_, index) => {
    // A region, the date of birth, and a number: nothing to warn of.
    const nik = `32750${1 + Math.floor(index / 9000)}210479${String(1 + (index % 9000)).padStart(4, '0')}`;
    const good = { name: `Orang ${index}`, nik, package: 'Umroh Reguler 9 Hari Uji', email: `orang${index}@contoh.id`, born: '21/04/1979' };
    const row = index % 2 === 0 ? good : FAULTS[((index - 1) / 2) % FAULTS.length](good);
    return [row.name, row.nik, row.package, row.email, row.born].join(';');
  });
  return csv(name, `Nama Lengkap;NIK;Nama Paket;Email;Tanggal Lahir\n${lines.join('\n')}\n`);
}

/** Counts what the page asks of the API, and whether it is ever told to wait. */
function counted(page) {
  const calls = [];
  const refused = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.pathname.startsWith('/api/')) calls.push(`${request.method()} ${url.pathname.replace(/[0-9a-f-]{36}/, ':id').replace('/api/v1', '')}`);
  });
  page.on('response', (answer) => answer.status() === 429 && refused.push(answer.url()));
  return { calls, refused };
}

/** Slows the processor four times, and takes down the tasks that keep the page from answering. */
async function slowed(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map((it) => Math.round(it.duration)))).observe({ type: 'longtask' });
  });
}

const nodes = (page) => page.evaluate(() => document.querySelectorAll('*').length);

/** A page of fifty rows with their reasons, twenty columns wide, is below this; ten thousand rows would not be. */
const MOST_NODES = 4000;

/** What is left, as the page says it: in seconds; `null` where it says nothing. */
const secondsLeft = (words) => {
  const [, hours, minutes, seconds] = words?.match(/(?:(\d+) jam )?(?:(\d+) menit)?(?:(\d+) detik)? lagi/) ?? [];
  return hours || minutes || seconds ? Number(hours ?? 0) * 3600 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0) : null;
};

/** Processors so many times as slow, and the network of a small office; `null` is the own machine's. The milliseconds are the budget. */
const MACHINES = /** @type {const} */ ([
  ['six times as slow, 1.6 Mbit/s, 150 ms', 6, { offline: false, latency: 150, downloadThroughput: 200_000, uploadThroughput: 93_750 }, 1_500],
  ['four times as slow', 4, null, 800],
]);

export const scenarios = [
  {
    name: 'the first page stands soon on a slow computer in a small office',
    async run({ base, open, figures }) {
      for (const [name, rate, network, budget] of MACHINES) {
        const took = [];
        // Each time another visitor: a page that was there before would have to be taken down first.
        for (let turn = 0; turn < 3; turn += 1) {
          const page = await open();
          const devtools = await page.context().newCDPSession(page);
          await devtools.send('Network.enable');
          await devtools.send('Emulation.setCPUThrottlingRate', { rate });
          if (network) await devtools.send('Network.emulateNetworkConditions', network);
          // By the page's own clock: asking for it from here takes a slow page a fifth of a second.
          await page.addInitScript(() => {
            new MutationObserver((_, observer) => {
              if (!document.querySelector('h1')) return;
              observer.disconnect();
              requestAnimationFrame(() => requestAnimationFrame(() => (window.stoodAt = performance.now())));
            }).observe(document, { childList: true, subtree: true });
          });
          await page.goto(`${base}/console/masuk`, { waitUntil: 'commit' });
          await title(page).waitFor();
          const stoodAt = await page.waitForFunction(() => window.stoodAt);
          took.push(Math.round(await stoodAt.jsonValue()));
          await page.context().close();
        }
        figures[name] = took.sort((a, b) => a - b)[1];
        if (hasBudgets) assert.ok(figures[name] <= budget, `${name}: ready after ${took} ms, at most ${budget}`);
      }
    },
  },
  {
    name: '13 twenty thousand rows, half of them bad: causes at once, any page soon, few questions',
    async run({ base, open, figures }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const { calls, refused } = counted(page);
      let checkedAt = 0;
      page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
        if (String(payload).includes('migration:validated')) checkedAt = Date.now();
      }));
      page.on('response', async (answer) => {
        if (checkedAt > 0 || !/\/status$/.test(answer.url())) return;
        const job = await answer.json().catch(() => null);
        if (job?.validated_at && job.file_name === 'setengah.csv') checkedAt ||= Date.now();
      });
      await upload(page, base, 'Jamaah', halfBad('setengah.csv', 20_000));
      await atStep(page, 'cocokkan');
      await check(page);
      await page.locator('.cause').first().waitFor();
      figures.causesMs = Date.now() - checkedAt;
      await title(page).filter({ hasText: '10.000 baris siap, 10.000 baris perlu diperbaiki' }).waitFor();
      await page.locator('.rows-table tbody tr').nth(49).waitFor();
      figures.callsToRows = calls.length;
      assert.equal(await page.locator('section[aria-labelledby=causes] .cause').count(), FAULTS.length);
      // Beyond a number, rows are counted and not kept; the page says how many.
      const listed = (await page.locator('section[aria-labelledby=causes] .rows').allTextContents()).map((text) => Number(text.replace(/\D/g, '')));
      const leftOut = (await page.getByText(/baris bermasalah lain dihitung/).textContent()).replace(/\D/g, '');
      assert.equal(listed.reduce((sum, rows) => sum + rows, 0) + Number(leftOut), 10_000);
      assert.ok(calls.length < 20, `${calls.length} calls: ${calls.join(', ')}`);
      figures.nodes = await nodes(page);
      assert.ok(figures.nodes < MOST_NODES, `${figures.nodes} nodes`);

      // The hundredth page, by the number of one of its rows.
      await page.getByLabel('Ke baris nomor').fill('9903');
      const asked = Date.now();
      await page.getByRole('button', { name: 'Buka', exact: true }).click();
      // The row itself may be one of those that were only counted.
      const range = page.getByText(/^Baris (9\.9[0-9]{2}|10\.0[0-9]{2})–[\d.]+ di file · [\d.]+ bermasalah$/);
      await range.waitFor();
      figures.pageMs = Date.now() - asked;
      const jumped = await range.textContent();
      assert.equal(await page.locator('.rows-table tbody tr').count(), 50);
      await page.getByRole('button', { name: 'Berikutnya' }).click();
      await page.getByText(jumped).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Sebelumnya' }).click();
      await page.getByText(jumped).waitFor();
      assert.ok((await nodes(page)) < MOST_NODES);

      await page.getByRole('button', { name: 'Impor 10.000 baris' }).click();
      await page.waitForURL(/hasil/, { timeout: 120_000 });
      await title(page).filter({ hasText: '10.000 baris diimpor, 10.000 baris belum' }).waitFor();
      figures.calls = calls.length;
      assert.deepEqual(refused, []);
      if (!hasBudgets) return;
      assert.ok(figures.causesMs <= 1500, `the first causes came ${figures.causesMs} ms after the check`);
      assert.ok(figures.pageMs <= 1000, `the hundredth page took ${figures.pageMs} ms`);
    },
  },
  {
    name: '14 eighty thousand rows: numbers rise, the title has them, the page answers, and the rest is foreseen',
    async run({ base, open, figures }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const { calls, refused } = counted(page);
      await page.evaluate(() => {
        window.seen = [];
        const look = () => {
          const bar = document.querySelector('main progress');
          const rate = [...document.querySelectorAll('main .run p')].map((it) => it.textContent).find((it) => /lagi/.test(it)) ?? null;
          const last = window.seen.at(-1);
          const now = { path: location.pathname.split('/').at(-1), value: bar?.getAttribute('value') ?? null, title: document.title, rate };
          if (JSON.stringify({ ...last, at: 0 }) !== JSON.stringify({ ...now, at: 0 })) window.seen.push({ ...now, at: Date.now() });
        };
        new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });
      });
      // Within the page, so that what it has seen stays.
      await page.getByRole('link', { name: 'Impor', exact: true }).click();
      await page.getByRole('link', { name: 'Impor file' }).click();
      await page.getByRole('radio', { name: /^Jamaah/ }).check();
      await page.locator('#file').setInputFiles(many('delapan-puluh-ribu.csv', 80_000, 1_000_000));
      await page.getByRole('button', { name: 'Unggah dan lanjutkan' }).click();
      const id = await atStep(page, 'cocokkan');
      // The file is handed to the browser by a long task of the test's own.
      await slowed(page);
      await page.getByRole('button', { name: 'Periksa data' }).click();
      await page.getByRole('button', { name: 'Impor 80.000 baris' }).click({ timeout: 120_000 });
      await atStep(page, 'jalankan');
      figures.nodes = await nodes(page);
      await page.waitForURL(/hasil/, { timeout: 150_000 });
      const endedAt = Date.now();
      await title(page).filter({ hasText: '80.000 baris berhasil diimpor' }).waitFor({ timeout: 60_000 });

      const { seen, longTasks } = await page.evaluate(() => ({ seen: window.seen, longTasks: window.longTasks }));
      const running = seen.filter((it) => it.path === 'jalankan');
      const values = running.map((it) => it.value).filter((it) => it !== null).map(Number);
      assert.ok(new Set(values).size >= 3, `the bar stood at ${values.join(', ')}`);
      assert.deepEqual(values, [...values].sort((a, b) => a - b), 'the bar never falls');
      assert.ok(running.some((it) => /^\(\d+ %\) delapan-puluh-ribu\.csv · Hijrah$/.test(it.title)), 'the title has the numbers');
      assert.ok(figures.nodes < 1500, `${figures.nodes} nodes`);
      figures.calls = calls.length;
      assert.ok(calls.length < 40, `${calls.length} calls: ${calls.join(', ')}`);
      assert.deepEqual(refused, []);
      assert.equal((await ask(page, base, `/onboarding/migration/${id}/status`)).body.imported_rows, 80_000);

      figures.importMs = endedAt - running[0].at;
      figures.longestTaskMs = Math.max(0, ...longTasks);
      const half = running[0].at + figures.importMs / 2;
      const foreseen = running.filter((it) => it.at > half && endedAt - it.at > 2000 && secondsLeft(it.rate) !== null).map((it) => [secondsLeft(it.rate), (endedAt - it.at) / 1000]);
      figures.foreseen = foreseen.map(([said, was]) => `${said}/${was.toFixed(1)} s`);
      if (!hasBudgets) return;
      assert.ok(figures.longestTaskMs <= 200, `a task took ${figures.longestTaskMs} ms`);
      // What is left is rounded up to ten seconds.
      for (const [said, was] of foreseen) assert.ok(said <= 2 * was + 10 && said >= was / 2, `${said} s were foreseen, it took ${was} s`);
    },
  },
];
