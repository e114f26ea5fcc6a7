// Who sees what: owners, agents, and people whose account is closed while they work.
import assert from 'node:assert/strict';
import { logIn } from '../browser.mjs';
import { ask, atStep, check, csv, importAll, title, upload } from './wizard.mjs';

const PASSWORD = 'rahasia-sekali';

/** Makes a user over the API, unless there is one of that name, and answers the id. */
async function user(base, username, role) {
  const login = await fetch(`${base}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'admin123' }),
  });
  const { access_token: token } = await login.json();
  const made = await fetch(`${base}/api/v1/users`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ username, password: PASSWORD, role, nama_lengkap: `Pengguna ${username}`, email: `${username}@contoh.id` }),
  });
  assert.equal(made.status, 201);
  return { id: (await made.json()).id, token };
}

const MENU = '#menu nav a';

export const scenarios = [
  {
    name: '22 an owner sees everything but users, and may roll back what an admin imported',
    async run({ base, open }) {
      await user(base, 'pemilik', 'owner');
      const admin = await open();
      await logIn(admin, base);
      const id = await importAll(admin, base, 'Paket', csv('paket-pemilik.csv', 'nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Pemilik,9,25000000,2029-10-15,45\n'));
      const page = await open();
      await logIn(page, base, 'pemilik', PASSWORD);
      await title(page).waitFor();
      assert.deepEqual(await page.locator(MENU).allTextContents(), ['Impor', 'Data', 'Templat', 'Agensi', 'Bantuan']);
      await page.getByRole('cell', { name: 'Administrator' }).first().waitFor();
      await page.goto(`${base}/console/pengguna`);
      await title(page).filter({ hasText: 'Halaman ini untuk admin dan pemilik agensi' }).waitFor();
      await page.goto(`${base}/console/impor/${id}/hasil`);
      await page.getByText('Administrator').first().waitFor();
      await page.getByRole('button', { name: 'Batalkan impor ini' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Hapus 1 paket' }).click();
      await title(page).filter({ hasText: 'Impor dibatalkan' }).waitFor();
    },
  },
  {
    name: '23 an agent has templates and own imports; other addresses are forbidden or not there',
    async run({ base, open }) {
      await user(base, 'agen', 'agent');
      const page = await open();
      await logIn(page, base, 'agen', PASSWORD);
      await page.getByText('Belum ada impor atas nama Anda.').waitFor();
      assert.deepEqual(await page.locator(MENU).allTextContents(), ['Impor', 'Templat', 'Bantuan']);
      await page.goto(`${base}/console/impor/baru`);
      await title(page).filter({ hasText: 'Halaman ini untuk admin dan pemilik agensi' }).waitFor();
      const { body } = await ask(page, base, '/onboarding/migration?limit=1');
      await page.goto(`${base}/console/impor/${body.data[0].id}/hasil`);
      await title(page).filter({ hasText: 'Impor tidak ditemukan' }).waitFor();
      await page.goto(`${base}/console/templat`);
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: /^CSV/ }).first().click();
      assert.match((await download).suggestedFilename(), /^templat-.*\.csv$/);
    },
  },
  {
    name: 'a file that an admin imports on behalf of an agent is that agent’s to look at',
    async run({ base, open }) {
      const { id } = await user(base, 'agen-titip', 'agent');
      const admin = await open();
      await logIn(admin, base);
      await admin.goto(`${base}/console/impor/baru`);
      await admin.getByRole('radio', { name: /^Paket/ }).check();
      await admin.getByLabel('Atas nama').selectOption({ label: 'Pengguna agen-titip' });
      await admin.locator('#file').setInputFiles(csv('titipan.csv', 'nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Titipan,9,25000000,2029-12-25,45\n'));
      await admin.getByRole('button', { name: 'Unggah dan lanjutkan' }).click();
      const job = await atStep(admin, 'cocokkan');
      await check(admin);
      await admin.getByRole('button', { name: 'Impor 1 baris' }).click();
      await atStep(admin, 'hasil');
      assert.equal((await ask(admin, base, `/onboarding/migration/${job}/status`)).body.user_id, id);

      const page = await open();
      await logIn(page, base, 'agen-titip', PASSWORD);
      await page.getByRole('link', { name: 'titipan.csv' }).click();
      await title(page).filter({ hasText: '1 baris berhasil diimpor' }).waitFor();
      // Looking is all.
      for (const name of ['Batalkan impor ini', 'Unduh file asli', 'Hapus dari riwayat']) {
        assert.equal(await page.getByRole('button', { name }).count(), 0, name);
      }
    },
  },
  {
    name: '24 a user who is closed out while working is asked to log in, and nothing is half done',
    async run({ base, open }) {
      const { id, token } = await user(base, 'tertutup', 'owner');
      const page = await open();
      await logIn(page, base, 'tertutup', PASSWORD);
      await upload(page, base, 'Paket', csv('tertutup.csv', 'nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Tertutup,9,25000000,2029-11-15,45\n'));
      const job = await atStep(page, 'cocokkan');
      await page.getByRole('button', { name: 'Periksa data' }).waitFor();
      const set = (isActive) =>
        fetch(`${base}/api/v1/users/${id}`, {
          method: 'PATCH',
          headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
          body: JSON.stringify({ is_active: isActive }),
        });
      assert.equal((await set(false)).status, 200);
      await page.getByRole('button', { name: 'Periksa data' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Sesi Anda berakhir. Masuk lagi untuk melanjutkan.').waitFor();
      assert.equal(await dialog.getByLabel('Nama pengguna').inputValue(), 'tertutup');
      assert.equal((await ask(page, base, `/onboarding/migration/${job}/status`)).body.validated_at, null);
      assert.equal((await set(true)).status, 200);
      // After the login, what was asked goes on.
      await dialog.getByLabel('Kata sandi', { exact: true }).fill(PASSWORD);
      await dialog.getByRole('button', { name: 'Masuk', exact: true }).click();
      await atStep(page, 'periksa');
      await title(page).filter({ hasText: '1 baris siap diimpor' }).waitFor();
    },
  },
  {
    name: 'a new user is given a password once, and has to change it before anything else',
    async run({ base, open }) {
      const admin = await open();
      await logIn(admin, base);
      await admin.goto(`${base}/console/pengguna/baru`);
      await admin.getByLabel('Nama', { exact: true }).fill('Orang Baru');
      await admin.getByLabel('Nama pengguna').fill('orang-baru');
      await admin.getByLabel('Email').fill('orang-baru@contoh.id');
      await admin.getByRole('button', { name: 'Buat pengguna' }).click();
      const password = await admin.locator('.secret').innerText();
      await admin.getByRole('button', { name: 'Selesai' }).click();
      await admin.getByRole('link', { name: 'Orang Baru' }).waitFor();

      const page = await open();
      await page.goto(`${base}/console/masuk`);
      await page.getByLabel('Nama pengguna').fill('orang-baru');
      await page.getByLabel('Kata sandi', { exact: true }).fill(password);
      await page.keyboard.press('Enter');
      await title(page).filter({ hasText: 'Buat kata sandi baru' }).waitFor();
      await page.getByLabel('Kata sandi saat ini').fill(password);
      await page.getByLabel('Kata sandi baru').fill('rahasia-yang-baru');
      await page.getByRole('button', { name: 'Ubah kata sandi' }).click();
      await page.getByText('Belum ada impor atas nama Anda.').waitFor();
      await page.reload();
      await page.getByText('Belum ada impor atas nama Anda.').waitFor();
    },
  },
  {
    name: '25 a token that ends while a file is chosen is renewed in silence, in two tabs alike',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      const other = await page.context().newPage();
      await other.goto(`${base}/console/templat`);
      await title(other).waitFor();
      await page.goto(`${base}/console/impor/baru`);
      await page.getByRole('radio', { name: /^Paket/ }).check();
      await page.locator('#file').setInputFiles(csv('sabar.csv', 'nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh Sabar,9,25000000,2029-12-15,45\n'));
      // Both tabs believe that sixteen minutes have passed.
      for (const tab of [page, other]) {
        await tab.evaluate(() => {
          const now = Date.now.bind(Date);
          Date.now = () => now() + 16 * 60_000;
        });
      }
      const renewed = page.waitForResponse((answer) => answer.url().endsWith('/auth/refresh'));
      await page.getByRole('button', { name: 'Unggah dan lanjutkan' }).click();
      assert.equal((await renewed).status(), 200);
      await atStep(page, 'cocokkan');
      await other.getByRole('link', { name: 'Impor', exact: true }).click();
      await title(other).filter({ hasText: 'Impor' }).waitFor();
      await check(page);
      assert.equal(await page.getByRole('dialog').count() + (await other.getByRole('dialog').count()), 0);
    },
  },
];
