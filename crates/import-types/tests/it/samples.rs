//! The samples of agencies, imported one after the other into one tenant, give exactly what was agreed.

use domain::{Gender, PaymentMethod};
use import_types::ImportType;
use time::macros::date;

use crate::{
    import::{import, import_bytes, row, with_jamaah, with_packages},
    memory::Memory,
};

#[test]
fn packages_from_google_sheets_are_all_valid() {
    let imported = import(
        ImportType::Package,
        "paket-google-sheets.csv",
        &mut Memory::default(),
    );
    let dialect = &imported.dialect;
    assert_eq!(
        (
            dialect.encoding.label(),
            dialect.bom,
            dialect.delimiter,
            dialect.header_row
        ),
        ("utf-8", true, b',', Some(1))
    );
    assert_eq!(imported.errors, []);
    assert_eq!(imported.counts(), (5, 5, 0));
    let rows = imported.packages();
    assert_eq!(row(&rows, 2).harga_retail.get(), 25_000_000);
    let plus = row(&rows, 3);
    assert_eq!(
        (
            plus.durasi_hari.get(),
            plus.kapasitas.get(),
            plus.tanggal_keberangkatan
        ),
        (12, 40, date!(2027 - 06 - 01))
    );
    let ramadhan = row(&rows, 4);
    assert_eq!(
        (
            ramadhan.harga_retail.get(),
            ramadhan.harga_wholesale.unwrap().get()
        ),
        (42_000_000, 39_500_000)
    );
    assert_eq!(
        ramadhan.deskripsi.unwrap().as_str(),
        "Sepuluh malam terakhir\ntermasuk itikaf"
    );
    assert_eq!(row(&rows, 5).tanggal_keberangkatan, date!(2026 - 08 - 03));
    let late = row(&rows, 6);
    assert_eq!(
        (late.harga_retail.get(), late.tanggal_keberangkatan),
        (26_000_000, date!(2027 - 11 - 20))
    );
}

#[test]
fn importing_the_same_packages_again_finds_only_duplicates() {
    let mut memory = with_packages();
    let again = import(ImportType::Package, "paket-google-sheets.csv", &mut memory);
    assert_eq!(again.counts(), (5, 0, 5));
    assert_eq!(again.found()[0], (2, "nama", "duplicate"));
    assert_eq!(again.message(2, "nama"), "Nama sudah ada di sistem");
}

#[test]
fn pilgrims_from_excel_indonesia_give_the_agreed_errors() {
    let imported = import(
        ImportType::Jamaah,
        "jamaah-excel-indonesia.csv",
        &mut with_packages(),
    );
    let dialect = &imported.dialect;
    assert_eq!(
        (
            dialect.encoding.label(),
            dialect.delimiter,
            dialect.header_row
        ),
        ("windows-1252", b';', Some(2))
    );
    assert_eq!(imported.counts(), (8, 4, 4));
    assert_eq!(
        imported.found(),
        [
            (6, "email", "invalid_format"),
            (6, "ktp", "invalid_format"),
            (6, "tanggal_lahir", "invalid_format"),
            (8, "paket_id", "constraint_violation"),
            (8, "telepon", "invalid_format"),
            (9, "ktp", "duplicate"),
            (10, "nama", "missing_required"),
        ]
    );
    for (row, field, message) in [
        (6, "email", "Email tidak valid: nurhayati@example"),
        (
            6,
            "ktp",
            "NIK rusak oleh format Excel (3,17501E+15). Ubah kolom menjadi Teks lalu ekspor ulang",
        ),
        (
            8,
            "paket_id",
            "Paket dengan ID 'Paket Tidak Ada' tidak ditemukan",
        ),
        (
            8,
            "telepon",
            "Nomor telepon tidak boleh mengandung huruf: 0812 3456 7894 (istri)",
        ),
        (9, "ktp", "Nilai 'ktp' sudah ada di baris 3"),
        (10, "nama", "Field 'nama' wajib diisi"),
    ] {
        assert_eq!(imported.message(row, field), message);
    }
    assert_eq!(
        (imported.summary.blank_rows, imported.summary.footers),
        (1, 1)
    );
    assert!(imported.unmapped.contains(&"No".to_owned()));
}

#[test]
fn pilgrims_from_excel_indonesia_are_normalised() {
    let imported = import(
        ImportType::Jamaah,
        "jamaah-excel-indonesia.csv",
        &mut with_packages(),
    );
    let rows = imported.jamaah();
    let ahmad = row(&rows, 3);
    assert_eq!(ahmad.nama.as_str(), "H. Ahmad Rizki, S.Pd.");
    assert_eq!(
        (ahmad.ktp.unwrap().as_str(), ahmad.telepon.unwrap().as_str()),
        ("3175010505909001", "+6281234567890")
    );
    assert_eq!(
        (ahmad.catatan, ahmad.tanggal_lahir),
        (None, Some(date!(1990 - 05 - 05)))
    );
    let siti = row(&rows, 4);
    assert_eq!(
        (siti.nama.as_str(), siti.telepon.unwrap().as_str()),
        ("Siti Nu’man", "+6281234567891")
    );
    assert_eq!(siti.alamat.unwrap().as_str(), "Perum Griya; Blok C2");
    assert!(imported.warned(4, "telepon", "excel_lost_zero"));
    let maruf = row(&rows, 5);
    assert_eq!(
        (maruf.jenis_kelamin, maruf.ktp.unwrap().as_str()),
        (Some(Gender::Male), "3578011212789003")
    );
    let kartini = row(&rows, 11);
    assert_eq!(kartini.tanggal_lahir, Some(date!(1979 - 04 - 21)));
    assert_eq!(
        (kartini.email.unwrap().as_str(), kartini.catatan),
        ("kartini@example.com", None)
    );
}

#[test]
fn payments_from_excels_unicode_text_give_the_agreed_errors() {
    let imported = import(
        ImportType::Payment,
        "pembayaran-unicode-text.txt",
        &mut with_jamaah(),
    );
    let dialect = &imported.dialect;
    assert_eq!(
        (
            dialect.encoding.label(),
            dialect.delimiter,
            dialect.header_row
        ),
        ("utf-16le", b'\t', Some(1))
    );
    assert_eq!(
        imported.found(),
        [
            (6, "jumlah", "invalid_format"),
            (7, "jamaah_id", "constraint_violation"),
            (8, "jumlah", "invalid_format"),
            (9, "metode_pembayaran", "invalid_format"),
            (10, "nomor_referensi", "duplicate"),
        ]
    );
    assert_eq!(imported.counts(), (9, 4, 5));
    let rows = imported.payments();
    let first = row(&rows, 2);
    assert_eq!(
        (first.jumlah.get(), first.tanggal_bayar),
        (5_000_000, date!(2027 - 01 - 05))
    );
    assert_eq!(first.metode_pembayaran, PaymentMethod::TransferBank);
    let paid_off = row(&rows, 4);
    assert_eq!(
        (paid_off.jumlah.get(), paid_off.metode_pembayaran),
        (42_000_000, PaymentMethod::Cash)
    );
    let family = row(&rows, 5);
    assert_eq!(
        (family.jumlah.get(), family.metode_pembayaran),
        (2_500_000, PaymentMethod::Qris)
    );
    assert_eq!(family.nomor_referensi.unwrap().as_str(), "KW-0003");
    assert_eq!(
        imported.message(8, "jumlah"),
        "Jumlah tidak boleh negatif: -500000"
    );
    assert_eq!(
        imported.message(10, "nomor_referensi"),
        "Nilai 'nomor_referensi' sudah ada di baris 2"
    );
}

#[test]
fn importing_the_same_payments_again_finds_their_receipts() {
    let mut memory = with_jamaah();
    let first = import(
        ImportType::Payment,
        "pembayaran-unicode-text.txt",
        &mut memory,
    );
    for (_, payment) in first.payments() {
        memory.add_payment(&payment);
    }
    assert_eq!(
        import(
            ImportType::Payment,
            "pembayaran-unicode-text.txt",
            &mut memory
        )
        .counts(),
        (9, 0, 9)
    );
}

#[test]
fn a_broken_quote_costs_its_own_line() {
    let imported = import(
        ImportType::Jamaah,
        "jamaah-kutip-rusak.csv",
        &mut with_packages(),
    );
    assert_eq!(imported.counts(), (5, 4, 1));
    assert_eq!(imported.errors.len(), 1);
    let (row_number, _, kind, message) = &imported.errors[0];
    assert_eq!((*row_number, *kind), (3, "invalid_format"));
    assert!(message.contains("baris teks ke-3"), "{message}");
    let rows = imported.jamaah();
    assert_eq!(row(&rows, 5).nama.as_str(), "Rina \"Nina\" Wati");
    assert_eq!(row(&rows, 6).nama.as_str(), "Agus \"Gus\" Salim");
}

#[test]
fn an_identity_that_is_no_nik_is_left_out() {
    let file = "Nama,Jenis Identitas,No Identitas,Paket\nBudi,NIK,3175010505909001,Umroh Ramadhan 2027\nJohn,PASPOR,C1234567,Umroh Ramadhan 2027\n";
    let imported = import_bytes(ImportType::Jamaah, file.as_bytes(), &mut with_packages());
    assert_eq!(imported.errors, []);
    let rows = imported.jamaah();
    assert_eq!(row(&rows, 2).ktp.unwrap().as_str(), "3175010505909001");
    assert_eq!(row(&rows, 3).ktp, None);
}

#[test]
fn an_ambiguous_package_is_refused_with_its_count() {
    let file = "nama,paket\nBudi,umroh reguler 9 hari\n";
    let imported = import_bytes(ImportType::Jamaah, file.as_bytes(), &mut with_packages());
    assert_eq!(imported.found(), [(2, "paket_id", "constraint_violation")]);
    assert_eq!(
        imported.message(2, "paket_id"),
        "Paket 'umroh reguler 9 hari' cocok dengan 2 paket; isi paket_id dengan ID paket"
    );
}

#[test]
fn what_the_nik_says_otherwise_is_a_warning() {
    let file =
        "nama,nik,tgl lahir,l/p,paket\nSiti,3175010505909001,06/05/1990,P,Umroh Ramadhan 2027\n";
    let imported = import_bytes(ImportType::Jamaah, file.as_bytes(), &mut with_packages());
    assert_eq!(imported.counts(), (1, 1, 0));
    assert!(imported.warned(2, "ktp", "nik_birth_date_differs"));
    assert!(imported.warned(2, "ktp", "nik_gender_differs"));
}
