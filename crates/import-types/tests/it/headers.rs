//! Headers of real spreadsheets find their fields, and only theirs.

use import_engine::recognise::ColumnUse;
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

/// A header as agencies write it, and the field that it means, or that it must never be taken for; `*` is any field.
#[derive(serde::Deserialize)]
struct Known {
    #[serde(rename = "type")]
    import_type: String,
    header: String,
    field: Option<String>,
    never: Option<String>,
    /// It means the field as often as something else: a suggestion is as right as a match.
    #[serde(default)]
    suggested: bool,
}

/// Headers of public sheets, with which the words were made.
const SEEN: &str = include_str!("../fixtures/headers.jsonl");

/// Headers written down before the words were asked about them.
const MORE: &str = include_str!("../fixtures/headers-more.jsonl");

/// Headers in two languages, half of them of columns about another person or thing, written down before the words were asked.
const HOSTILE: &str = include_str!("../fixtures/headers-hostile.jsonl");

/// Headers as a reviewer varies them: units, formats, other persons, two names in one.
const REVIEWED: &str = include_str!("../fixtures/headers-reviewed.jsonl");

/// Headers of a third hand, written down before the words were asked about them.
const WRITTEN: &str = include_str!("../fixtures/headers-written.jsonl");

/// Headers of forms, accounting programs and lists in chats, written down before the code was looked at.
const OFFICES: &str = include_str!("../fixtures/headers-offices.jsonl");

/// More of those, with which what was made of the others was measured.
const LISTS: &str = include_str!("../fixtures/headers-lists.jsonl");

/// A third set of them, written down when the others were mapped.
const SHEETS: &str = include_str!("../fixtures/headers-sheets.jsonl");

/// Headers of agencies, of forms and of the ministry's lists, written down when those were mapped, with siblings of what they showed.
const AGENCIES: &str = include_str!("../fixtures/headers-agencies.jsonl");

#[test]
fn plausible_headers_are_mapped_rightly_or_suggested_and_never_mapped_wrongly() {
    for headers in [
        SEEN, MORE, HOSTILE, REVIEWED, WRITTEN, OFFICES, LISTS, SHEETS, AGENCIES,
    ] {
        println!("{}", score(headers));
    }
}

/// What became of them.
#[track_caller]
fn score(headers: &str) -> String {
    let known: Vec<Known> = headers
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (mut right, mut wrong, mut suggested, mut lost) = (0, Vec::new(), 0, Vec::new());
    for one in &known {
        let schema = schema(one.import_type.parse().unwrap());
        let mapping = schema.map_headers(&[&one.header]).unwrap();
        let got = mapping.pairs().next().map(|(_, field)| field.to_owned());
        match (&one.field, &one.never, got) {
            (Some(field), _, Some(got)) if got == *field && one.suggested => {}
            (Some(field), _, Some(got)) if got == *field => right += 1,
            (Some(_), _, Some(got)) => wrong.push(format!("{}: {got}", one.header)),
            (Some(field), _, None) => {
                let all = mapping.suggestions();
                if all.iter().any(|suggestion| suggestion.field == *field) {
                    suggested += usize::from(!one.suggested);
                } else {
                    lost.push(format!("{} ({field})", one.header));
                }
            }
            (None, Some(never), Some(got)) if got == *never || never == "*" => {
                wrong.push(format!("{}: {got}", one.header));
            }
            (None, ..) => {}
        }
    }
    let is_sure = |one: &&Known| one.field.is_some() && !one.suggested;
    let meant = known.iter().filter(is_sure).count();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(right * 100 >= meant * 85);
    assert!(suggested * 100 >= (meant - right) * 95, "{lost:?}");
    assert!(lost.len() + suggested <= meant - right, "{lost:?}");
    format!(
        "{right} of {meant} mapped rightly, {} wrongly, {suggested} of the other {} suggested; lost: {lost:?}",
        wrong.len(),
        meant - right
    )
}

/// Headers that were chosen without looking at the words, and what must become of them. `?` is a suggestion, `-` neither
/// a match nor a suggestion, `~` no match.
#[test]
fn words_beside_a_name_decide_what_becomes_of_it() {
    for (import_type, headers) in [
        (
            ImportType::Jamaah,
            &[
                ("Nama Lengkap Sesuai KTP/Paspor", "nama"),
                ("Nama Lengkap & Gelar", "nama"),
                ("NAMA JEMAAH\n(sesuai passport)", "nama"),
                ("Name", "nama"),
                ("2) NIK (16 angka) *", "ktp"),
                ("NomorKTP", "ktp"),
                ("Nomor Identitas (KTP)", "ktp"),
                ("HP/WA Aktif", "telepon"),
                ("No. Handphone [WhatsApp]", "telepon"),
                ("No Telp Rumah / HP", "telepon"),
                ("Mobile Number", "telepon"),
                ("No. HP 2", "?telepon"),
                ("Tgl/Bln/Thn Lahir", "tanggal_lahir"),
                ("Tanggal Lahir - DD MMM YYYY", "tanggal_lahir"),
                ("Jenis Kelamin (Pria/Wanita)", "jenis_kelamin"),
                ("Laki-laki / Perempuan *", "jenis_kelamin"),
                ("Alamat Lengkap (RT/RW, Kelurahan)", "alamat"),
                ("Pilihan Paket (wajib)", "paket_id"),
                ("Nama Paket/Program", "paket_id"),
                ("Kel.", "~"),
                ("Nama Ibu Kandung", "-nama"),
                ("Nama Bapak", "-nama"),
                ("HP Kantor", "-telepon"),
                ("NIK - Istri", "-ktp"),
                ("Alamat: Orang Tua", "-alamat"),
                ("Tempat/Tgl Lahir", "~"),
                ("Nama Bank", "-nama"),
                ("Status Vaksin", "~"),
                ("Nama Kereta", "?nama"),
            ][..],
        ),
        (
            ImportType::Payment,
            &[
                ("Nominal (Rp)", "jumlah"),
                ("Jumlah Setoran [IDR]", "jumlah"),
                ("Tgl Bayar/Transfer", "tanggal_bayar"),
                ("Metode Pembayaran (Cash/TF)", "metode_pembayaran"),
                ("No. Kwitansi/Nota", "nomor_referensi"),
                ("NIK Jama`ah", "jamaah_id"),
                ("Jumlah (US$)", "-jumlah"),
                ("Nominal - juta", "-jumlah"),
                ("Nominal - miliar", "-jumlah"),
                ("Jumlah Jamaah", "~"),
                ("Sisa Bayar", "-jumlah"),
                ("Total Tagihan", "-jumlah"),
                ("Tanggal Jatuh Tempo", "-tanggal_bayar"),
                ("Tanggal Berangkat", "-tanggal_bayar"),
                ("No. Rekening", "~"),
                ("Atas Nama", "?jamaah_id"),
            ],
        ),
        (
            ImportType::Package,
            &[
                ("Harga Jual/Publish (Rp)", "harga_retail"),
                ("Harga per Jamaah", "harga_retail"),
                ("Durasi: hari", "durasi_hari"),
                ("Kapasitas / Kuota (pax)", "kapasitas"),
                ("Tgl. Keberangkatan (dd-mm-yyyy)", "tanggal_keberangkatan"),
                ("Harga [SAR]", "-harga_retail"),
                ("Harga dalam ribuan", "-harga_retail"),
                ("Harga (juta SAR)", "-harga_retail"),
                ("Harga (ribu juta)", "-harga_retail"),
                ("Durasi (minggu)", "-durasi_hari"),
                ("Seat Terjual", "-kapasitas"),
                ("Harga Promo", "-harga_retail"),
                ("Tanggal Pulang", "-tanggal_keberangkatan"),
                ("Hotel", "~"),
            ],
        ),
    ] {
        judge(import_type, headers);
    }
}

#[test]
fn english_headers_are_told_from_those_of_other_persons_and_days() {
    judge(
        ImportType::Jamaah,
        &[
            ("Name of Pilgrim", "nama"),
            ("Full Name (as in passport)", "nama"),
            ("Name of Father", "-nama"),
            ("Father's Name", "-nama"),
            ("Date of Issue", "-tanggal_lahir"),
            ("Place of Birth", "-tanggal_lahir"),
            ("Nomor WhatsApp Aktif", "telepon"),
            ("Nama Pendamping", "-nama"),
            ("JK (L=Laki-laki, P=Perempuan)", "jenis_kelamin"),
        ],
    );
    judge(
        ImportType::Payment,
        &[
            ("Tanggal Invoice", "?tanggal_bayar"),
            ("Method of Payment", "metode_pembayaran"),
            ("Amount Due", "-jumlah"),
        ],
    );
    judge(
        ImportType::Package,
        &[
            ("Date of Departure", "tanggal_keberangkatan"),
            ("Return Date", "-tanggal_keberangkatan"),
            ("Child Price", "-harga_retail"),
        ],
    );
}

#[track_caller]
fn judge(import_type: ImportType, headers: &[(&str, &str)]) {
    for (header, expected) in headers {
        let mapping = schema(import_type).map_headers(&[header]).unwrap();
        let got = mapping.pairs().next().map(|(_, field)| field.to_owned());
        let suggested = |field: &str| {
            let mut all = mapping.suggestions().iter();
            all.any(|suggestion| suggestion.field == field)
        };
        match expected.split_at(1) {
            ("?", field) => {
                assert_eq!(got, None, "{header:?}");
                assert!(suggested(field), "{header:?}");
            }
            ("-", field) => {
                assert_eq!(got, None, "{header:?}");
                assert!(!suggested(field), "{header:?}");
            }
            ("~", _) => assert_eq!(got, None, "{header:?}"),
            _ => assert_eq!(got.as_deref(), Some(*expected), "{header:?}"),
        }
    }
}

/// Of several numbers the first is taken wherever it stands, and the notice names both.
#[test]
fn of_numbered_telephones_the_first_is_taken_and_the_others_are_named() {
    for (headers, taken) in [
        (["HP 1", "HP 2"], "HP 1"),
        (["HP 2", "HP 1"], "HP 1"),
        (["No. Telp 2", "No WA (1)"], "No WA (1)"),
        (["Telepon #1", "Telepon #2"], "Telepon #1"),
        (["HP", "HP 2"], "HP"),
        (["Phone2", "Phone1"], "Phone1"),
    ] {
        let mapping = schema(ImportType::Jamaah).map_headers(&headers).unwrap();
        assert_eq!(mapping.pairs().collect::<Vec<_>>(), [(taken, "telepon")]);
        let other = headers.iter().position(|header| *header != taken).unwrap();
        assert!(
            matches!(&mapping.columns()[other].used, ColumnUse::Beaten { by, .. } if by == taken),
            "{headers:?}"
        );
    }
    let mapping = schema(ImportType::Jamaah)
        .map_headers(&["HP 2", "HP 3"])
        .unwrap();
    assert_eq!(mapping.pairs().count(), 0);
    assert_eq!(mapping.suggestions().len(), 2);
    // Two persons in a row, and parts of a payment, are no number of telephones.
    for (import_type, header) in [
        (ImportType::Jamaah, "Nama 1"),
        (ImportType::Jamaah, "NIK 1"),
        (ImportType::Payment, "Pembayaran 1"),
    ] {
        let mapping = schema(import_type).map_headers(&[header]).unwrap();
        assert_eq!(mapping.pairs().count(), 0, "{header}");
    }
}
