// Programs that are connected: keys of theirs, and webhooks that tell them when an import ends.
import assert from 'node:assert/strict';
import { axe, logIn } from '../browser.mjs';
import { ask } from './wizard.mjs';

/** A name that leads nowhere, whatever the network: https://www.rfc-editor.org/rfc/rfc6761. */
const NOWHERE = 'https://contoh.invalid/hijrah';

export const scenarios = [
  {
    name: 'a key for a program is shown once, and is refused when it has been revoked',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await page.goto(`${base}/console/mesin`);
      await page.getByRole('button', { name: 'Kunci baru' }).click();
      await page.getByLabel('Nama', { exact: true }).fill('Program gaji');
      await page.getByRole('dialog').getByRole('button', { name: 'Buat' }).click();
      const key = await page.locator('.secret').innerText();
      assert.match(key, /^hjr_/);
      await page.getByRole('button', { name: 'Selesai' }).click();
      const use = () => fetch(`${base}/api/v1/onboarding/migration`, { headers: { Authorization: `Bearer ${key}` } });
      assert.equal((await use()).status, 200);
      await page.reload();
      await page.getByText('Program gaji').first().waitFor();
      assert.ok(!(await page.content()).includes(key));
      await page.getByRole('button', { name: 'Cabut Program gaji' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Cabut' }).click();
      await page.getByText('Belum ada kunci.').waitFor();
      assert.equal((await use()).status, 401);
    },
  },
  {
    name: 'a webhook is added, tried, given another secret, turned off and deleted',
    async run({ base, open }) {
      const page = await open();
      await logIn(page, base);
      await page.goto(`${base}/console/mesin`);
      const dialog = page.getByRole('dialog');
      await page.getByRole('button', { name: 'Webhook baru' }).click();
      // An address inside the network is refused beside its field.
      await dialog.getByLabel('Alamat (https)').fill('https://127.0.0.1/hook');
      await dialog.getByRole('button', { name: 'Buat' }).click();
      await dialog.locator('.bad-text').first().waitFor();
      await dialog.getByLabel('Alamat (https)').fill(NOWHERE);
      await dialog.getByLabel('Keterangan (tidak wajib)').fill('Pembukuan');
      await dialog.getByLabel('impor gagal').uncheck();
      await dialog.getByRole('button', { name: 'Buat' }).click();
      const first = await page.locator('.secret').innerText();
      assert.match(first, /^whsec_/);
      assert.deepEqual(await axe(page), []);
      await page.getByRole('button', { name: 'Selesai' }).click();
      const card = page.getByRole('listitem').filter({ hasText: NOWHERE });
      await card.getByText('impor selesai, impor dibatalkan').waitFor();

      // What became of a message is shown without a reload.
      await card.getByRole('button', { name: 'Kirim percobaan' }).click();
      await card.getByText(/Nama alamatnya tidak ditemukan|Tidak dapat disambungkan/).waitFor();
      assert.deepEqual(await axe(page), []);

      await card.getByRole('button', { name: 'Ganti rahasia' }).click();
      await dialog.getByRole('button', { name: 'Ganti rahasia' }).click();
      const second = await page.locator('.secret').innerText();
      assert.match(second, /^whsec_/);
      assert.notEqual(second, first);
      await page.getByRole('button', { name: 'Selesai' }).click();
      await card.getByText('Rahasia lama masih ikut menandatangani sampai').waitFor();

      await card.getByRole('button', { name: 'Ubah' }).click();
      await dialog.getByLabel('impor gagal').check();
      await dialog.getByRole('button', { name: 'Simpan' }).click();
      await card.getByText('impor gagal').waitFor();
      await card.getByRole('button', { name: 'Matikan' }).click();
      await card.getByText('Dimatikan', { exact: true }).waitFor();
      await card.getByRole('button', { name: 'Nyalakan' }).click();
      await card.getByText('Aktif', { exact: true }).waitFor();
      await card.getByRole('button', { name: 'Hapus' }).click();
      await dialog.getByRole('button', { name: 'Hapus' }).click();
      await page.getByText('Belum ada webhook.').waitFor();
      assert.deepEqual((await ask(page, base, '/webhooks')).body.data, []);
    },
  },
];
