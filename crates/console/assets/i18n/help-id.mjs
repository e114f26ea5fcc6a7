// @ts-check
// What goes wrong most often, and why. These texts are long and seldom read, so they are separate from the other words.

/** @type {[string, string, string[]][]} */
export default [
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
];
