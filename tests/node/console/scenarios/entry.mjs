// The way in: the first page, login and its refusals, sessions over time and between tabs.
import assert from 'node:assert/strict';
import { axe, logIn } from '../browser.mjs';

const title = (page) => page.getByRole('heading', { level: 1 });

export const scenarios = [
  {
    name: '1 an agency without imports is led through packages, jamaah and payments',
    async run({ base, open }) {
      const page = await open();
      await page.goto(`${base}/`);
      await page.waitForURL(`${base}/console/masuk`);
      await page.getByLabel('Nama pengguna').fill('admin');
      await page.getByLabel('Kata sandi', { exact: true }).fill('admin123');
      await page.keyboard.press('Enter');
      await page.waitForURL(`${base}/console/`);
      await page.getByRole('heading', { name: 'Pindahkan data Anda ke Hijrah' }).waitFor();
      assert.deepEqual(await page.locator('.welcome h2').allTextContents(), ['Paket', 'Jamaah', 'Pembayaran']);
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'H1');
      assert.deepEqual(await axe(page), []);
    },
  },
  {
    name: 'a first visit asks for no session, and a reload takes it up, also in a browser that refuses storage',
    async run({ base, open }) {
      for (const refuses of [false, true]) {
        const page = await open();
        const renewals = [];
        page.on('request', (request) => request.url().endsWith('/auth/refresh') && renewals.push(request.url()));
        if (refuses) {
          await page.addInitScript(() => Object.defineProperty(globalThis, 'localStorage', {
            get() {
              throw new DOMException('refused', 'SecurityError');
            },
          }));
        }
        await page.goto(`${base}/console/masuk`);
        await page.getByLabel('Nama pengguna').waitFor();
        // Where nothing is kept, only the server knows.
        assert.equal(renewals.length, refuses ? 1 : 0);
        await logIn(page, base);
        await page.goto(`${base}/console/templat`);
        await page.getByRole('heading', { name: 'Templat', level: 1 }).waitFor();
        await page.reload();
        await page.getByRole('heading', { name: 'Templat', level: 1 }).waitFor();
        await page.context().close();
      }
    },
  },
  {
    name: '2 wrong passwords are refused, then counted down, and the right one works after it',
    async run({ base, open }) {
      const page = await open();
      await page.goto(`${base}/console/masuk`);
      await page.getByLabel('Nama pengguna').fill('nobody-of-that-name');
      const submit = page.locator('button[type=submit]');
      for (let attempt = 0; attempt < 12; attempt += 1) {
        await page.getByLabel('Kata sandi', { exact: true }).fill(`wrong-${attempt}`);
        await submit.click();
        await page.locator('.bad-text').waitFor();
        await page.waitForFunction(() => /salah|detik/.test(document.querySelector('.bad-text')?.textContent ?? ''));
        if (/detik/.test(await page.locator('.bad-text').textContent())) break;
        assert.equal(await page.locator('.bad-text').textContent(), 'Nama pengguna atau kata sandi salah.');
      }
      const told = await page.locator('.bad-text').textContent();
      const seconds = Number(told.match(/Coba lagi dalam ([\d.]+) detik/)[1]);
      assert.ok(await submit.isDisabled());
      // It counts down, whatever the clock does.
      await page.waitForFunction((before) => Number(document.querySelector('.bad-text')?.textContent.match(/([\d.]+) detik/)?.[1] ?? 0) < before, seconds);
      await logIn(page, base);
      await title(page).waitFor();
    },
  },
  {
    name: '26 a logout ends the other tab, and the back button shows nothing',
    async run({ base, open }) {
      const first = await open();
      await logIn(first, base);
      const second = await first.context().newPage();
      await second.goto(`${base}/console/templat`);
      await second.getByRole('heading', { name: 'Templat' }).waitFor();
      await title(first).waitFor();
      await first.getByRole('link', { name: 'Bantuan' }).click();
      await first.getByRole('heading', { name: 'Bantuan', level: 1 }).waitFor();
      await first.getByRole('button', { name: 'Keluar' }).click();
      await first.waitForURL(`${base}/console/masuk`);
      await second.waitForURL(`${base}/console/masuk**`);
      await first.goBack();
      await first.getByLabel('Nama pengguna').waitFor();
      assert.equal(await title(first).textContent(), 'Masuk');
      await first.reload();
      await first.getByLabel('Nama pengguna').waitFor();
    },
  },
];
