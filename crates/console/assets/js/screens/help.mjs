// @ts-check
// Bantuan: what goes wrong most often, and why. Its texts are long and read seldom, so they are here and not with the words.
import { html, useEffect } from '../../vendor/preact.mjs';
import { language, t } from '../words.mjs';
import { Heading } from '../ui/page.mjs';

/** @type {Record<string, [string, string, string[]][]>} */
const ARTICLES = {
  id: [
    ['excel', 'Menyiapkan file Excel', [
      'Satu baris untuk satu data, satu baris judul di atasnya. Judul kolom boleh memakai nama Anda sendiri; di langkah Cocokkan Anda memilih artinya.',
      'Baris judul laporan di atas, baris kosong, dan baris JUMLAH di bawah tidak mengganggu: baris itu dikenali dan dilewati.',
      'Jangan gabungkan sel. Sel gabungan hanya terisi di baris pertamanya.',
      'Paling aman mulai dari templat: semua kolomnya berformat Teks.',
    ]],
    ['nik-excel', 'NIK berubah menjadi 3,27E+15', [
      'Excel menganggap NIK sebagai angka dan hanya menyimpan 15 angka di depan; angka terakhir diganti nol. Angka yang hilang tidak ada lagi di file.',
      'Pilih kolom NIK, ubah formatnya menjadi Teks, lalu ketik ulang dari KTP atau sumber aslinya.',
      'Jangan membuka file CSV berisi NIK langsung di Excel. Pakai templat Excel atau file .xlsx.',
    ]],
    ['nol-hp', 'Nol di depan nomor HP hilang', [
      'Excel membuang nol di depan angka: 0812… menjadi 812…. Nomor seperti itu dipulihkan saat diimpor dan ditandai “periksa lagi”.',
      'Supaya tidak terulang, ubah format kolom menjadi Teks sebelum mengetik.',
    ]],
    ['paket-tidak-ditemukan', 'Paket tidak ditemukan', [
      'Nama paket di file harus sama dengan nama paket di Hijrah; huruf besar dan kecil tidak dibedakan.',
      'Di langkah Periksa, pilih paket yang dimaksud sekali saja; pilihan itu berlaku untuk semua baris dengan nama yang sama dan diingat untuk impor berikutnya.',
      'Kalau paketnya belum ada, impor paket dulu, lalu periksa ulang.',
    ]],
    ['batalkan', 'Membatalkan impor', [
      'Sampai 24 jam setelah selesai, sebuah impor dapat dibatalkan dari halaman hasilnya. Data yang dibuat impor itu dihapus, data yang diperbaruinya dikembalikan ke isi semula.',
      'Data yang sudah diubah atau dipakai data lain dipertahankan, dan Anda diberi tahu sebelumnya.',
      'Setelah 24 jam, hapus satu per satu di Data.',
    ]],
  ],
  en: [
    ['excel', 'Preparing an Excel file', [
      'One row for one record, one row of titles above them. The titles may be your own; at the step Match you choose what they mean.',
      'A report title above, blank rows and a row of totals below do no harm: they are recognised and skipped.',
      'Do not merge cells. A merged cell is filled in its first row only.',
      'It is safest to begin with a template: all of its columns are text.',
    ]],
    ['nik-excel', 'A NIK has become 3.27E+15', [
      'Excel takes a NIK for a number and keeps only its first 15 digits; the last one becomes zero. The lost digits are no longer in the file.',
      'Choose the NIK column, change its format to Text, and type the numbers again from the identity cards.',
      'Do not open a CSV file with NIKs in Excel. Use the Excel template or an .xlsx file.',
    ]],
    ['nol-hp', 'The leading zero of a phone number is lost', [
      'Excel drops zeros in front of numbers: 0812… becomes 812…. Such numbers are restored by the import and marked “look again”.',
      'To avoid it, change the format of the column to Text before typing.',
    ]],
    ['paket-tidak-ditemukan', 'Package not found', [
      'The name of a package in the file has to be the same as in Hijrah, apart from upper and lower case.',
      'At the step Check, choose the package that is meant once; it applies to all rows with the same name and is remembered for the next import.',
      'If the package does not exist yet, import packages first, then check again.',
    ]],
    ['batalkan', 'Rolling back an import', [
      'Until 24 hours after its end an import can be rolled back on its result page. Records that it created are deleted, and records that it updated get back what was there before.',
      'Records that were changed or are used by others are kept, and you are told before.',
      'After 24 hours, delete records one by one under Data.',
    ]],
  ],
};

export function Help() {
  const articles = ARTICLES[language.value] ?? [];
  useEffect(() => {
    const wanted = location.hash && document.getElementById(location.hash.slice(1));
    if (wanted) wanted.scrollIntoView();
  }, []);
  return html`<${Heading} title=${t('help.title')} />
    <nav aria-label=${t('help.title')} class="space"><ul class="plain-list">${articles.map(([id, title]) => html`<li key=${id}><a href=${`#${id}`}>${title}</a></li>`)}</ul></nav>
    <div class="prose">
      ${articles.map(([id, title, paragraphs]) => html`<h2 key=${id} id=${id} tabindex="-1">${title}</h2>${paragraphs.map((text, index) => html`<p key=${index}>${text}</p>`)}`)}
    </div>`;
}
