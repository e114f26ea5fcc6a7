// How the pages look and read: axe on every screen in both languages, both schemes and two widths; narrow screens, zoom, forced
// colours, paper. Small pictures of the main screens are kept where PICTURES says.
import assert from 'node:assert/strict';
import { axe, logIn } from '../browser.mjs';
import { ask, atStep, check, csv, importAll, sample, title, upload } from './wizard.mjs';

/** Screens by the address below `/console/`; `:draft`, `:checked` and `:done` are imports of this scenario. */
const SCREENS = ['', 'impor/baru', 'impor/:draft/cocokkan', 'impor/:checked/periksa', 'impor/:done/hasil', 'data/paket', 'data/jamaah', 'templat', 'bantuan', 'akun', 'pengguna', 'pengguna/baru', 'agensi', 'aktivitas', 'mesin', 'tidak/ada'];

/** Words that only Indonesian has; data may hold them. */
const INDONESIAN = /\b(dan|yang|tidak|Unggah|Cocokkan|Periksa|Impor|Batalkan|Kembali|Pengguna|Pilih|baris|Sandi|kolom)\b/;

async function settled(page) {
  await title(page).waitFor();
  await page.waitForFunction(() => document.querySelector('main [aria-busy=true]') === null);
}

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

async function prepare(page, base) {
  const { body } = await ask(page, base, '/packages?search=Umroh%20Ramadhan%202027');
  if (body.total === 0) await importAll(page, base, 'Paket', sample('paket-google-sheets.csv'));
  const done = await importAll(page, base, 'Jamaah', sample('jamaah-excel-indonesia.csv'));
  await upload(page, base, 'Jamaah', sample('jamaah-excel-indonesia.csv'));
  const draft = await atStep(page, 'cocokkan');
  await upload(page, base, 'Jamaah', csv('jamaah-april.csv', 'Nama Lengkap,NIK,Nama Paket,No. HP,Email\nAhmad Fauzi,3175010505909551,Umroh Ramadhan 2027,081234560001,fauzi@example.com\nSiti Rahma,"3,17501E+15",Umroh Ramadhan 2027,081234560002,rahma@example.com\nHendra,3175010505909553,Umroh Ramadan 27,0812 (istri),hendra@\nDewi Lestari,3175010505909554,Umroh Ramadan 27,081234560004,\nAgus Salim,3175010505909555,Umroh Ramadhan 2027,081234560005,agus@example.com\nRina,3175010505909556,Umroh Plus Turki 12 Hari,081234560006,\n'));
  const checked = await atStep(page, 'cocokkan');
  await check(page);
  return { draft, checked, done };
}

/** Languages in which the screens are looked at, each with its schemes, widths and forced colours. */
const LOOKS = {
  Indonesian: [['id', 'light', 1280], ['id', 'dark', 360], ['id', 'light', 1280, 'active']],
  English: [['en', 'light', 360], ['en', 'dark', 1280]],
};

/** A language is a scenario of its own: all screens of one take their time. @param {'Indonesian' | 'English'} name */
const looked = (name) => ({
  name: `29 axe finds nothing on any screen in ${name}, in two schemes and two widths`,
  async run({ base, open, figures }) {
    const first = await open();
    await logIn(first, base);
    const jobs = await prepare(first, base);
    figures.pages = 0;
    for (const [language, colorScheme, width, forcedColors] of LOOKS[name]) {
      const page = await open({ colorScheme, forcedColors: forcedColors ?? 'none', reducedMotion: 'reduce', viewport: { width, height: width === 360 ? 740 : 900 } });
      await logIn(page, base);
      await title(page).waitFor();
      await page.evaluate((code) => localStorage.setItem('hijrah-language', code), language);
      for (const screen of SCREENS) {
        const address = screen.replace(/:(\w+)/, (_, name) => jobs[name]);
        await page.goto(`${base}/console/${address}`);
        await settled(page);
        const where = `${screen} ${language} ${colorScheme} ${width}`;
        assert.deepEqual(await axe(page), [], where);
        assert.ok((await sideways(page)) <= 0, `${where}: the page scrolls sideways`);
        if (language === 'en' && !/periksa|hasil|cocokkan|bantuan/.test(screen)) {
          const words = await page.evaluate(() => document.querySelector('main h1')?.textContent + [...document.querySelectorAll('main button, main label, main th')].map((it) => it.textContent).join(' | '));
          assert.doesNotMatch(words, INDONESIAN, where);
        }
        figures.pages += 1;
        const kept = { '': 'imports', 'impor/:draft/cocokkan': 'match', 'impor/:checked/periksa': 'check', 'impor/:done/hasil': 'result' }[screen];
        if (process.env.PICTURES && language === 'id' && !forcedColors && kept) {
          await page.screenshot({ path: `${process.env.PICTURES}/console-${kept}-${width}.png`, fullPage: width === 360 });
        }
      }
      await page.context().close();
    }
  },
});

export const scenarios = [
  looked('Indonesian'),
  looked('English'),
  {
    name: '29 what is said of a file in English is English, and names its own columns',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await upload(page, base, 'Jamaah', sample('jamaah-excel-indonesia.csv'));
      await atStep(page, 'cocokkan');
      const said = async () => {
        await page.locator('#notices').waitFor();
        return page.evaluate(() => [...document.querySelectorAll('.plain-list li, .alarm, .preview .unseen')].map((it) => (it.textContent ?? '').trim()));
      };
      const own = await said();
      assert.ok(own.includes('Nol di depan No. HP hilang') && own.includes('NIK sama dengan baris 3'), own.join(' | '));
      assert.ok(own.includes('Baris total dilewati: baris 12 (JUMLAH)'), own.join(' | '));
      await page.getByRole('button', { name: 'English' }).click();
      await page.waitForFunction(() => document.querySelector('#notices')?.textContent !== 'Catatan tentang file ini');
      const english = await said();
      assert.equal(english.length, own.length);
      for (const text of english) assert.doesNotMatch(text, /\b(baris|kolom|sel|dilewati|wajib|harus|hilang|tidak|belum)\b/i);
      assert.ok(english.some((text) => /row 12 sums up the table and is skipped: JUMLAH/.test(text)), english.join(' | '));

      // What is refused of a form speaks the language, too.
      await page.goto(`${base}/console/data/paket`);
      await page.locator('.row-link').first().click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('button', { name: 'Edit' }).click();
      await dialog.getByLabel('Name', { exact: true }).fill('');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await dialog.getByText('This is required.').waitFor();
      await page.evaluate(() => localStorage.setItem('hijrah-language', 'id'));
    },
  },
  {
    name: '28 on a telephone and at 200 % the whole way can be gone, without scrolling sideways',
    async run({ base, open }) {
      for (const viewport of [{ width: 360, height: 740 }, { width: 320, height: 640 }, { width: 640, height: 450 }]) {
        const page = await open({ viewport });
        await logIn(page, base);
        await upload(page, base, 'Paket', csv(`sempit-${viewport.width}.csv`, `nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Sempit ${viewport.width},9,25000000,2032-03-15,45\nRusak,x,y,z,0\n`));
        await atStep(page, 'cocokkan');
        await page.getByRole('button', { name: 'Periksa data' }).waitFor();
        assert.ok((await sideways(page)) <= 0);
        await check(page);
        await page.locator('.rows-table tbody tr').first().waitFor();
        assert.ok((await sideways(page)) <= 0);
        const main = page.getByRole('button', { name: 'Impor 1 baris' });
        await main.scrollIntoViewIfNeeded();
        assert.ok(await main.isVisible());
        await main.click();
        await atStep(page, 'hasil');
        assert.ok((await sideways(page)) <= 0);
        await page.context().close();
      }
    },
  },
  {
    name: '30 the record of an import on paper has its counts and masked NIKs, and no navigation',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      const find = async () => (await ask(page, base, '/onboarding/migration?limit=100')).body.data.find((it) => it.status === 'completed' && it.import_type === 'jamaah' && it.failed_rows > 0);
      if (!(await find())) await prepare(page, base);
      const job = await find();
      await page.goto(`${base}/console/impor/${job.id}/hasil`);
      await page.evaluate(() => {
        window.print = () => {
          window.wasPrinted = true;
        };
      });
      await page.getByRole('button', { name: 'Cetak berita acara' }).click();
      await page.waitForFunction(() => window.wasPrinted);
      await page.emulateMedia({ media: 'print' });
      const shown = await page.evaluate(() => {
        const isShown = (element) => element !== null && element.getClientRects().length > 0;
        return {
          text: document.querySelector('.record').innerText,
          navigation: isShown(document.querySelector('header')),
          rest: [...document.querySelectorAll('main > :not(.record)')].some(isShown),
        };
      });
      assert.ok(!shown.navigation && !shown.rest);
      assert.match(shown.text, new RegExp(`${job.imported_rows} diimpor, ${job.failed_rows} belum diimpor`));
      assert.doesNotMatch(shown.text, /\d{16}/, 'a NIK stands on the paper');
      assert.match(shown.text, /WIB/);
      const pdf = await page.pdf({ preferCSSPageSize: true });
      assert.ok(pdf.length > 5000);
    },
  },
];
