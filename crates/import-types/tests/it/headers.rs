//! Headers of real spreadsheets find their fields, and only theirs.

use import_types::{ImportType, schema};

#[track_caller]
fn check(import_type: ImportType, headers: &[&str], expected: &[(&str, &str)]) {
    let mapping = schema(import_type).map_headers(headers).unwrap();
    assert_eq!(mapping.pairs().collect::<Vec<_>>(), expected);
}

#[test]
fn the_siskopatuh_template_gives_what_it_has() {
    check(
        ImportType::Jamaah,
        &[
            "Title",
            "Nama (Sesuai Dengan nama Pada Kartu Vaksin)",
            "Nama Ayah",
            "Jenis Identitas",
            "No Identitas",
            "Nama Paspor",
            "Tempat Lahir",
            "Tanggal Lahir(yyyy-mm-dd)",
            "Alamat",
            "No. Telepon",
            "No Hp",
            "Status Pernikahan",
        ],
        &[
            ("Title", "jenis_kelamin"),
            ("Nama (Sesuai Dengan nama Pada Kartu Vaksin)", "nama"),
            ("Jenis Identitas", "jenis_identitas"),
            ("No Identitas", "ktp"),
            ("Tanggal Lahir(yyyy-mm-dd)", "tanggal_lahir"),
            ("Alamat", "alamat"),
            ("No Hp", "telepon"),
        ],
    );
}

#[test]
fn names_of_others_never_become_the_name() {
    let mapping = schema(ImportType::Jamaah)
        .map_headers(&["Nama Ayah", "Nama Mahram", "Nama Panggilan", "Status Visa"])
        .unwrap();
    assert_eq!(mapping.pairs().count(), 0);
    assert_eq!(mapping.missing(), ["nama", "paket_id"]);
}

#[test]
fn required_columns_are_the_documented_ones() {
    for (import_type, missing) in [
        (ImportType::Jamaah, &["nama", "paket_id"][..]),
        (
            ImportType::Payment,
            &["jamaah_id", "jumlah", "tanggal_bayar", "metode_pembayaran"],
        ),
        (
            ImportType::Package,
            &[
                "nama",
                "durasi_hari",
                "harga_retail",
                "tanggal_keberangkatan",
                "kapasitas",
            ],
        ),
    ] {
        assert_eq!(
            schema(import_type)
                .map_headers(&["Kolom Lain"])
                .unwrap()
                .missing(),
            missing
        );
    }
}

#[test]
fn payments_are_keyed_by_nik() {
    check(
        ImportType::Payment,
        &[
            "NIK Jamaah *",
            "Jumlah Pembayaran *",
            "Metode Pembayaran *",
            "Nomor Referensi",
            "Tanggal Pembayaran (YYYY-MM-DD)",
            "Sisa Tagihan",
        ],
        &[
            ("NIK Jamaah *", "jamaah_id"),
            ("Jumlah Pembayaran *", "jumlah"),
            ("Metode Pembayaran *", "metode_pembayaran"),
            ("Nomor Referensi", "nomor_referensi"),
            ("Tanggal Pembayaran (YYYY-MM-DD)", "tanggal_bayar"),
        ],
    );
}

#[test]
fn cost_and_room_prices_do_not_become_the_price() {
    check(
        ImportType::Package,
        &[
            "Nama Paket",
            "Harga Quad",
            "Harga Triple",
            "Harga Jual",
            "HPP",
            "Harga Agen",
            "Sisa Seat",
            "Seat",
        ],
        &[
            ("Nama Paket", "nama"),
            ("Harga Jual", "harga_retail"),
            ("Harga Agen", "harga_wholesale"),
            ("Seat", "kapasitas"),
        ],
    );
}
