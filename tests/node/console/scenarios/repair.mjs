// What is wrong in a file is mended: in the table, in a file that takes the place of the first, and from the original.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { logIn } from '../browser.mjs';
import { ask, atStep, check, csv, title, upload } from './wizard.mjs';
import { packageFor } from './recovery.mjs';

const HEADER = 'Siapa,NIK,Paket,Email';
const row = (name, nik, email) => `${name},${nik},Umroh Reguler 9 Hari Uji,${email}`;

/** Uploads a file whose first column has to be matched by hand, and does so. */
async function uploadByHand(page, base, file, query = '') {
  await upload(page, base, query ? null : 'Jamaah', file, query);
  const id = await atStep(page, 'cocokkan');
  const name = page.getByLabel('Diimpor sebagai, kolom Siapa');
  await name.waitFor();
  if ((await name.inputValue()) !== 'nama') {
    const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
    await name.selectOption('nama');
    assert.equal((await saved).status(), 200);
  }
  return id;
}

export const scenarios = [
  {
    name: 'cells are mended where they stand, by keyboard, and the edits outlive the page',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const id = await uploadByHand(page, base, csv('di-tempat.csv', `${HEADER}\n${row('Sari Tempat', '317501050590911', 'sari@contoh.id')}\n${row('Budi Tempat', '3175010505909112', 'budi@')}\n${row('Tini Tempat', '3175010505909113', 'tini@contoh.id')}\n`));
      await check(page);
      await title(page).filter({ hasText: '1 baris siap, 2 baris perlu diperbaiki' }).waitFor();
      const cell = (column, number) => page.getByRole('button', { name: new RegExp(`^Perbaiki ${column}, baris ${number}:`) });
      const input = (column, number) => page.getByLabel(`Perbaiki ${column}, baris ${number}`, { exact: true });

      // Esc takes back what was typed, and the focus stays at the cell.
      await cell('NIK', 2).focus();
      await page.keyboard.press('Enter');
      await input('NIK', 2).waitFor();
      await page.keyboard.type('9');
      await page.keyboard.press('Escape');
      await page.waitForFunction(() => /^Perbaiki NIK, baris 2: 317501050590911$/.test(document.activeElement?.getAttribute('aria-label') ?? ''));

      // Going elsewhere in the middle of a word saves it.
      await page.keyboard.press('Enter');
      await input('NIK', 2).fill('3175010505909111');
      await page.getByRole('link', { name: 'Bantuan' }).click();
      await title(page).filter({ hasText: 'Bantuan' }).waitFor();
      await page.goBack();
      await page.getByText('1 baris diperbaiki, belum diperiksa ulang').waitFor();

      // It is checked at once; what is still wrong can be edited again.
      await cell('Email', 3).click();
      await input('Email', 3).fill('budi@contoh');
      await page.keyboard.press('Enter');
      await page.getByText('Baris 3: masih ada yang perlu diperbaiki').waitFor({ state: 'attached' });

      // What could not be saved is not lost without a question.
      page.tolerated.push(/ERR_FAILED/);
      await page.route('**/amendments', (route) => route.abort());
      await cell('Email', 3).click();
      await input('Email', 3).fill('budi@contoh.id');
      await page.getByRole('link', { name: 'Bantuan' }).click();
      const leaving = page.getByRole('dialog');
      await leaving.getByRole('heading', { name: 'Tinggalkan perbaikan ini?' }).waitFor();
      await leaving.getByRole('button', { name: 'Batal' }).click();
      await page.unroute('**/amendments');
      assert.equal(await input('Email', 3).inputValue(), 'budi@contoh.id');
      await input('Email', 3).press('Enter');
      await page.getByText('Baris 3: sudah benar').waitFor({ state: 'attached' });

      // The edits are on the server.
      await page.reload();
      await page.getByText('2 baris diperbaiki, belum diperiksa ulang').waitFor();
      await page.getByRole('button', { name: 'Periksa ulang' }).click();
      await title(page).filter({ hasText: '3 baris siap diimpor' }).waitFor();
      await page.getByRole('button', { name: 'Impor 3 baris' }).click();
      await atStep(page, 'hasil');
      await title(page).filter({ hasText: '3 baris berhasil diimpor' }).waitFor();
      const { body } = await ask(page, base, '/jamaah?search=Budi%20Tempat');
      assert.equal(body.items[0].email, 'budi@contoh.id');
    },
  },
  {
    name: 'a key that follows another at once finds the focus where the first one sent it',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      await uploadByHand(page, base, csv('cepat.csv', `${HEADER}\n${row('Sari Cepat', '31750105', 'cepat@contoh.id')}\n${row('Budi Cepat', '3175010505909152', 'cepat-dua@')}\n`));
      await check(page);
      const cell = (column, number) => page.getByRole('button', { name: new RegExp(`^Perbaiki ${column}, baris ${number}:`) });
      const input = (column, number) => page.getByLabel(`Perbaiki ${column}, baris ${number}`, { exact: true });
      await cell('NIK', 2).waitFor();
      // What has the focus whenever something was drawn: an observer runs right after the drawing, before a frame, a timer or a key.
      await page.evaluate(() => {
        window.focused = [];
        new MutationObserver(() => {
          const { activeElement: it } = document;
          const now = it?.id || it?.closest('[id]')?.id || it?.tagName;
          if (now !== window.focused.at(-1)) window.focused.push(now);
        }).observe(document.body, { childList: true, subtree: true, attributes: true });
      });
      const focused = () => page.evaluate(() => window.focused.splice(0));

      const nik = await cell('NIK', 2).getAttribute('id');
      const email = await cell('Email', 3).getAttribute('id');
      await cell('NIK', 2).focus();
      await page.keyboard.press('Enter');
      await input('NIK', 2).waitFor();
      assert.deepEqual(await focused(), [nik.replace('-open', '')]);
      await page.keyboard.press('Escape');
      await cell('NIK', 2).waitFor();
      assert.deepEqual(await focused(), [nik]);

      // Nothing was typed, or something that is still wrong, or something right: on to the next at once.
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await cell('NIK', 2).waitFor();
      assert.deepEqual(await focused(), [nik.replace('-open', ''), email]);
      await page.keyboard.press('Enter');
      await input('Email', 3).fill('cepat-dua@contoh');
      await page.keyboard.press('Enter');
      await page.getByText('Baris 3: masih ada yang perlu diperbaiki').waitFor({ state: 'attached' });
      assert.deepEqual(await focused(), [email.replace('-open', ''), nik]);
      await cell('Email', 3).focus();
      await page.keyboard.press('Enter');
      await input('Email', 3).fill('cepat-dua@contoh.id');
      await page.keyboard.press('Enter');
      await page.getByText('Baris 3: sudah benar').waitFor({ state: 'attached' });
      assert.deepEqual(await focused(), [email, email.replace('-open', ''), nik].slice(1));
      // The last one: back to it, and to the heading when it is right.
      await page.keyboard.press('Enter');
      await input('NIK', 2).fill('3175010505909151');
      await page.keyboard.press('Enter');
      await page.getByText('Baris 2: sudah benar').waitFor({ state: 'attached' });
      await page.waitForFunction(() => document.activeElement?.id === 'rows');
      assert.deepEqual(await focused(), [nik.replace('-open', ''), nik, 'rows']);
    },
  },
  {
    name: 'what is typed while a cell is being saved is not lost, whether that can be saved or not',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const id = await uploadByHand(page, base, csv('lambat.csv', `${HEADER}\n${row('Sari Lambat', '31750105', 'lambat@contoh.id')}\n${row('Budi Lambat', '3175010505909262', 'lambat-dua@')}\n${row('Tini Lambat', '3175010505909263', 'lambat-tiga@')}\n${row('Rudi Lambat', '3175010505909264', 'lambat-empat@contoh.id')}\n`));
      await check(page);
      const cell = (column, number) => page.getByRole('button', { name: new RegExp(`^Perbaiki ${column}, baris ${number}:`) });
      const input = (column, number) => page.getByLabel(`Perbaiki ${column}, baris ${number}`, { exact: true });
      const write = async (text) => {
        await page.keyboard.press('Enter');
        await page.keyboard.press('Control+A');
        await page.keyboard.type(text);
      };
      /** Holds what is saved until it is let through or fails. */
      const hold = async () => {
        let release = (/** @type {'continue' | 'abort'} */ _) => {};
        const released = new Promise((resolve) => {
          release = resolve;
        });
        await page.route('**/amendments', async (route) => ((await released) === 'abort' ? route.abort() : route.continue()));
        return release;
      };

      let release = await hold();
      await cell('NIK', 2).focus();
      await write('3175010505909261');
      await page.keyboard.press('Enter');
      await write('lambat-dua@contoh.id');
      await page.keyboard.press('Enter');
      await write('lambat-tiga@contoh');
      await page.keyboard.press('Enter');
      assert.equal(await page.getByText('Menyimpan…').count(), 3);
      release('continue');
      await page.getByText('3 baris diperbaiki, belum diperiksa ulang').waitFor();
      await page.unroute('**/amendments');
      const { body } = await ask(page, base, `/onboarding/migration/${id}/amendments`);
      assert.deepEqual(body.data.map((it) => [it.row_number, Object.values(it.cells ?? {})[0]]).sort(), [
        [2, '3175010505909261'],
        [3, 'lambat-dua@contoh.id'],
        [4, 'lambat-tiga@contoh'],
      ]);

      // A cell that could not be saved opens again with its text, and does not take the focus from the one that is typed in.
      await page.getByRole('button', { name: 'Periksa ulang' }).click();
      await title(page).filter({ hasText: '3 baris siap, 1 baris perlu diperbaiki' }).waitFor();
      await cell('Email', 4).click();
      page.tolerated.push(/ERR_FAILED/);
      release = await hold();
      await input('Email', 4).fill('lambat-tiga@contoh.id');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Enter');
      await input('Email', 4).waitFor();
      await page.keyboard.type('x');
      release('abort');
      await page.getByRole('alert').filter({ hasText: /./ }).first().waitFor();
      assert.equal(await input('Email', 4).inputValue(), 'lambat-tiga@contoh.idx');
      assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'INPUT');
      await page.unroute('**/amendments');

      // What is on its way when the import is asked for is imported.
      release = await hold();
      await input('Email', 4).fill('lambat-tiga@contoh.id');
      await page.getByRole('button', { name: /^Impor \d baris$/ }).click();
      const few = page.getByRole('dialog').getByRole('button', { name: /^Impor \d baris$/ });
      if (await few.isVisible()) await few.click();
      release('continue');
      await atStep(page, 'hasil');
      await title(page).filter({ hasText: '4 baris berhasil diimpor' }).waitFor();
    },
  },
  {
    name: 'what a colleague changes of a draft is seen where it is open, and own changes are not read twice',
    async run({ base, open }) {
      const own = await open();
      const other = await open();
      for (const page of [own, other]) await logIn(page, base);
      await packageFor(own, base);
      await upload(own, base, 'Jamaah', csv('berdua.csv', `${HEADER}\n${row('Sari Berdua', '31750105', 'berdua@contoh.id')}\n${row('Budi Berdua', '3175010505909352', 'berdua-dua@contoh.id')}\n`));
      const id = await atStep(own, 'cocokkan');
      await other.goto(`${base}/console/impor/${id}/cocokkan`);
      const choice = (page) => page.getByLabel('Diimpor sebagai, kolom Siapa');
      await choice(other).waitFor();
      let read = 0;
      own.on('request', (request) => {
        if (request.url().includes('/preview')) read += 1;
      });
      if ((await choice(own).inputValue()) !== 'nama') await choice(own).selectOption('nama');
      await other.waitForFunction((label) => [...document.querySelectorAll('select')].some((it) => it.labels?.[0]?.textContent === label && it.value === 'nama'), 'Diimpor sebagai, kolom Siapa');
      assert.equal(read, 0);
      await check(own);
      await other.goto(`${base}/console/impor/${id}/periksa`);
      await other.getByRole('button', { name: /^Perbaiki NIK, baris 2:/ }).click();
      await other.getByLabel('Perbaiki NIK, baris 2', { exact: true }).fill('3175010505909351');
      await other.keyboard.press('Enter');
      await own.getByText('1 baris diperbaiki, belum diperiksa ulang').waitFor();
    },
  },
  {
    name: 'edits that are thrown away leave the cells as they are in the file',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      await uploadByHand(page, base, csv('batal-ubah.csv', `${HEADER}\n${row('Rudi Batal', '31750105', 'rudi@contoh.id')}\n`));
      await check(page);
      await page.getByRole('button', { name: /^Perbaiki NIK, baris 2:/ }).click();
      await page.getByLabel('Perbaiki NIK, baris 2', { exact: true }).fill('3175010505909121');
      await page.keyboard.press('Enter');
      await page.getByText('1 baris diperbaiki, belum diperiksa ulang').waitFor();
      await page.getByRole('button', { name: 'Buang perbaikan' }).click();
      await page.getByRole('button', { name: /^Perbaiki NIK, baris 2: 31750105$/ }).waitFor();
      await page.getByText(/belum diperiksa ulang/).waitFor({ state: 'detached' });
    },
  },
  {
    name: 'a file that takes the place of another keeps what was matched by hand, and the first is gone',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const first = await uploadByHand(page, base, csv('ganti.csv', `${HEADER}\n${row('Ganti Satu', '3175', 'a@contoh.id')}\n`));
      await check(page);
      await title(page).filter({ hasText: 'Belum ada baris yang dapat diimpor' }).waitFor();
      await page.getByRole('link', { name: 'Ganti file' }).click();
      await title(page).filter({ hasText: 'Ganti file' }).waitFor();
      const mended = `${HEADER}\n${row('Ganti Satu', '3175010505909131', 'a@contoh.id')}\n`;
      await page.locator('#file').setInputFiles(csv('ganti.csv', mended));
      await page.getByRole('button', { name: 'Unggah dan lanjutkan' }).click();
      await page.waitForURL((url) => /cocokkan/.test(url.pathname) && !url.pathname.includes(first));
      await page.getByLabel('Diimpor sebagai, kolom Siapa').waitFor();
      assert.equal(await page.getByLabel('Diimpor sebagai, kolom Siapa').inputValue(), 'nama');
      const replaced = await ask(page, base, `/onboarding/migration/${first}/status`);
      assert.ok(replaced.status === 404 || replaced.body.cancelled_at, 'the first draft is discarded');
      await check(page);
      await page.getByRole('button', { name: 'Impor 1 baris' }).click();
      await atStep(page, 'hasil');

      // The original is there to look at, byte for byte.
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Unduh file asli' }).click();
      const original = await download;
      assert.equal(original.suggestedFilename(), 'ganti.csv');
      assert.equal(await readFile(await original.path(), 'utf8'), mended);
    },
  },
  {
    name: 'rows whose record is there already are skipped on request, and the numbers say so',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const file = (name, people) => csv(name, `Nama,NIK,Paket,Catatan\n${people.map(([who, nik]) => `${who},${nik},Umroh Reguler 9 Hari Uji,catatan ${who}`).join('\n')}\n`);
      await upload(page, base, 'Jamaah', file('ada-satu.csv', [['Ada Satu', '3175010505909141'], ['Ada Dua', '3175010505909142']]));
      await atStep(page, 'cocokkan');
      await check(page);
      await page.getByRole('button', { name: 'Impor 2 baris' }).click();
      await atStep(page, 'hasil');

      // The list has grown. What is there is no error, and what becomes of it is chosen where it is seen.
      await upload(page, base, 'Jamaah', file('ada-dua.csv', [['Ada Satu', '3175010505909141'], ['Ada Dua', '3175010505909142'], ['Ada Tiga', '3175010505909143']]));
      await atStep(page, 'cocokkan');
      const choice = page.getByLabel('Bila data sudah ada di sistem');
      assert.equal(await choice.inputValue(), 'reject');
      await check(page);
      await title(page).filter({ hasText: '1 baris siap, 2 baris tidak diimpor' }).waitFor();
      await choice.selectOption('skip');
      await title(page).filter({ hasText: '1 baris siap diimpor' }).waitFor();
      const tally = async () => (await page.locator('.tally div').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
      assert.deepEqual(await tally(), ['Baru 1', 'Dilewati 2', 'Perlu diperbaiki 0']);
      // It is kept with the draft.
      await page.reload();
      await choice.waitFor();
      assert.equal(await choice.inputValue(), 'skip');
      await page.getByRole('button', { name: 'Impor 1 baris' }).click();
      await atStep(page, 'hasil');
      await title(page).filter({ hasText: '1 baris berhasil diimpor' }).waitFor();
      assert.deepEqual(await tally(), ['Diimpor 1', 'Dilewati 2', 'Belum diimpor 0', 'Baris di file 3']);

      // And when nothing is new, there is nothing to import.
      await upload(page, base, 'Jamaah', file('ada-tiga.csv', [['Ada Satu', '3175010505909141']]));
      await atStep(page, 'cocokkan');
      const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
      await choice.selectOption('skip');
      assert.equal((await saved).status(), 200);
      await check(page);
      await title(page).filter({ hasText: 'Semua 1 baris sudah ada di sistem' }).waitFor();
      await page.getByText('Tidak ada yang perlu diimpor.').waitFor();
      assert.equal(await page.getByRole('button', { name: /^Impor / }).count(), 0);
    },
  },
  {
    name: 'rows change the record that is there on request, and a rollback gives it back what it had',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await packageFor(page, base);
      const file = (name, people) => csv(name, `Nama,NIK,Email,Paket,Catatan\n${people.map(([who, nik, email, note]) => `${who},${nik},${email},Umroh Reguler 9 Hari Uji,${note}`).join('\n')}\n`);
      const [one, two, three] = ['3175010505909161', '3175010505909162', '3175010505909163'];
      const note = async (who) => (await ask(page, base, `/jamaah?search=${encodeURIComponent(who)}`)).body.items.map((it) => it.catatan);
      const tally = async () => (await page.locator('.tally div').allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
      await upload(page, base, 'Jamaah', file('ubah-satu.csv', [['Ubah Satu', one, 'ubah1@contoh.id', 'lama'], ['Ubah Dua', two, 'ubah2@contoh.id', 'lama']]));
      await atStep(page, 'cocokkan');
      await check(page);
      await page.getByRole('button', { name: 'Impor 2 baris' }).click();
      await atStep(page, 'hasil');

      await upload(page, base, 'Jamaah', file('ubah-dua.csv', [['Ubah Satu', one, '', 'baru'], ['Ubah Dua', two, '', ''], ['Ubah Tiga', three, '', 'baru'], ['Ubah Siapa', one, 'ubah2@contoh.id', '']]));
      await atStep(page, 'cocokkan');
      const choice = page.getByLabel('Bila data sudah ada di sistem');
      const saved = page.waitForResponse((answer) => answer.request().method() === 'PATCH');
      await choice.selectOption('update');
      assert.equal((await saved).status(), 200);
      await page.getByText('Sel kosong dan kolom yang tidak ada di file tidak mengubah apa pun.').waitFor();
      await check(page);
      await title(page).filter({ hasText: '3 baris siap, 1 baris perlu diperbaiki' }).waitFor();
      assert.deepEqual(await tally(), ['Baru 1', 'Diperbarui 2', 'Perlu diperbaiki 1']);
      // A row that is about two records is no known one: it has to be mended.
      await page.getByRole('heading', { name: 'Penyebab' }).waitFor();
      await page.getByText(/sudah dipakai data lain/).first().waitFor();
      assert.equal(await page.getByText('Sudah ada di sistem, dilewati').count(), 0);
      await page.getByRole('button', { name: /^Perbaiki (NIK|Email), baris 5:/ }).first().waitFor();
      await page.getByRole('button', { name: 'Impor 3 baris' }).click();
      await atStep(page, 'hasil');
      await title(page).filter({ hasText: '3 baris diimpor, 1 baris belum' }).waitFor();
      assert.deepEqual(await tally(), ['Baru 1', 'Diperbarui 2', 'Belum diimpor 1', 'Baris di file 4']);
      assert.deepEqual([await note('Ubah Satu'), await note('Ubah Dua'), await note('Ubah Tiga')], [['baru'], ['lama'], ['baru']]);

      // What the row left as it was counts as updated, and has nothing to be given back.
      await page.getByRole('button', { name: 'Batalkan impor ini' }).click();
      const question = page.getByRole('dialog');
      await question.getByText('1 jamaah yang diperbarui impor ini dikembalikan ke isinya semula.').waitFor();
      await question.getByRole('button', { name: 'hapus 1, kembalikan 1' }).click();
      await title(page).filter({ hasText: 'Impor dibatalkan, 1 baris dihapus, 1 baris dikembalikan' }).waitFor();
      assert.deepEqual([await note('Ubah Satu'), await note('Ubah Dua'), await note('Ubah Tiga')], [['lama'], ['lama'], []]);
    },
  },
];
