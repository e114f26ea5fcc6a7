// What happens while an import runs: sockets that are refused, a network that is cut, a user who stops it.
import assert from 'node:assert/strict';
import { logIn } from '../browser.mjs';
import { ask, atStep, check, csv, title, upload } from './wizard.mjs';

/** A file that takes a few seconds. */
export const many = (name, rows, first = 0) =>
  csv(name, `nama,paket_id,ktp\n${Array.from({ length: rows }, (_, index) => `Orang ${first + index},Umroh Reguler 9 Hari Uji,${3_175_010_000_000_000 + first + index}`).join('\n')}\n`);

export async function packageFor(page, base) {
  const { body } = await ask(page, base, '/packages?search=Reguler%209%20Hari%20Uji');
  if (body.total > 0) return;
  await upload(page, base, 'Paket', csv('paket-uji.csv', 'nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Reguler 9 Hari Uji,9,25000000,2031-03-15,45\n'));
  await atStep(page, 'cocokkan');
  await check(page);
  await page.getByRole('button', { name: 'Impor 1 baris' }).click();
  await atStep(page, 'hasil');
}

/** Uploads a file, checks it, and starts its import. */
export async function begin(page, base, file) {
  await upload(page, base, 'Jamaah', file);
  const id = await atStep(page, 'cocokkan');
  await check(page);
  await page.getByRole('button', { name: /^Impor [\d.]+ baris$/ }).click();
  return id;
}

export const scenarios = [
  {
    name: '15 where no socket is let in, the page asks, says so, and comes to the same end',
    async run({ base, open, figures }) {
      const page = await open();
      await page.context().routeWebSocket('**/ws', (socket) => socket.close());
      await logIn(page, base);
      await packageFor(page, base);
      let asked = 0;
      page.on('request', (request) => {
        if (new URL(request.url()).pathname.startsWith('/api/')) asked += 1;
      });
      await begin(page, base, many('tanpa-soket.csv', 12_000));
      await atStep(page, '(jalankan|hasil)');
      if (/jalankan/.test(page.url())) await page.getByText(/diperbarui tiap \d+ detik/).waitFor();
      await page.waitForURL(/hasil/, { timeout: 120_000 });
      await title(page).filter({ hasText: '12.000 baris berhasil diimpor' }).waitFor();
      figures.apiCalls = asked;
    },
  },
  {
    name: '16 a network that is cut during an import: a banner, then the right result without a reload',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      page.tolerated.push(/ERR_INTERNET_DISCONNECTED|WebSocket connection/);
      await packageFor(page, base);
      await begin(page, base, many('terputus.csv', 20_000, 100_000));
      await atStep(page, '(jalankan|hasil)');
      await page.evaluate(() => {
        window.isSamePage = true;
      });
      await page.context().setOffline(true);
      await page.getByText('Sambungan terputus. Proses di server tetap berjalan.').first().waitFor({ state: 'attached' }).catch(() => {
        // An import that was over at once asks nothing any more.
      });
      await page.context().setOffline(false);
      await page.waitForURL(/hasil/, { timeout: 120_000 });
      await title(page).filter({ hasText: '20.000 baris berhasil diimpor' }).waitFor();
      assert.ok(await page.evaluate(() => window.isSamePage));
    },
  },
  {
    name: '16 a server that is restarted during an import: a banner, then the right result without a reload',
    async run({ base, open, control, figures }) {
      const page = await open();
      await logIn(page, base);
      page.tolerated.push(/ERR_(CONNECTION|EMPTY_RESPONSE|SOCKET)|WebSocket connection|status of 50[234]/);
      await packageFor(page, base);
      const id = await begin(page, base, many('dimulai-ulang.csv', 60_000, 500_000));
      await atStep(page, 'jalankan');
      await page.evaluate(() => {
        window.isSamePage = true;
      });
      await page.locator('progress[value]').waitFor();
      await control('stop');
      await page.locator('.bar').filter({ hasText: /Server sedang diperbarui|Sambungan terputus/ }).waitFor();
      figures.shownWhileAway = await page.locator('main progress').getAttribute('value');
      assert.ok(Number(figures.shownWhileAway) > 0, 'the last numbers stay');
      await control('start');
      await page.waitForURL(/hasil/, { timeout: 120_000 });
      await title(page).filter({ hasText: '60.000 baris berhasil diimpor' }).waitFor();
      await page.locator('.bar').filter({ hasText: /Server sedang diperbarui|Sambungan terputus/ }).waitFor({ state: 'detached' });
      assert.ok(await page.evaluate(() => window.isSamePage));
      assert.equal((await ask(page, base, `/jamaah?filter=migration_job_id%3D${id}&limit=1`)).body.total, 60_000);
    },
  },
  {
    name: '33 after a reconnect the page hears of a new version, and does not load it by itself',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      page.tolerated.push(/ERR_INTERNET_DISCONNECTED|WebSocket connection/);
      await page.goto(`${base}/console/data/jamaah`);
      await title(page).waitFor();
      await page.route('**/console/', (route) => (route.request().method() === 'HEAD' ? route.fulfill({ status: 200, headers: { ETag: '"0123456789ab"' } }) : route.fallback()));
      await page.context().setOffline(true);
      await page.getByRole('link', { name: 'Paket', exact: true }).click();
      await page.locator('.bar').filter({ hasText: 'Sambungan terputus.' }).waitFor();
      await page.context().setOffline(false);
      await page.getByText('Versi baru tersedia.').waitFor();
      await page.locator('.bar').filter({ hasText: 'Sambungan terputus.' }).waitFor({ state: 'detached' });
      await title(page).filter({ hasText: 'Paket' }).waitFor();
      const loaded = page.waitForEvent('load');
      await page.getByRole('button', { name: 'Muat ulang' }).click();
      await loaded;
    },
  },
  {
    name: '17 an import that is stopped keeps what came in, and can be rolled back to nothing',
    async run({ base, open, figures }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const id = await begin(page, base, many('berhenti.csv', 60_000, 200_000));
      await atStep(page, 'jalankan');
      await page.getByRole('button', { name: 'Hentikan impor' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Hentikan impor' }).click();
      await page.waitForURL(/hasil/, { timeout: 120_000 });
      await title(page).filter({ hasText: /Impor dihentikan/ }).waitFor();
      const { body } = await ask(page, base, `/onboarding/migration/${id}/status`);
      figures.cameIn = body.imported_rows;
      const shown = Number((await title(page).textContent()).match(/[\d.]+/)[0].replaceAll('.', ''));
      assert.equal(shown, body.imported_rows);
      assert.equal((await ask(page, base, `/jamaah?filter=migration_job_id%3D${id}&limit=1`)).body.total, shown);
      if (shown === 0) return;
      await page.getByRole('button', { name: 'Batalkan impor ini' }).click();
      await page.getByRole('dialog').getByRole('button', { name: /^Hapus [\d.]+ jamaah$/ }).click();
      await title(page).filter({ hasText: 'Impor dibatalkan' }).waitFor({ timeout: 60_000 });
      assert.equal((await ask(page, base, `/jamaah?filter=migration_job_id%3D${id}&limit=1`)).body.total, 0);
    },
  },
];
