//! Files whose columns or cells mean something else than they seem to: each is read rightly, refused with a reason, or taken with
//! a word. Never silently.

use domain::Gender;
use import_types::{
    ImportType,
    engine::recognise::{Look, Sample, Sniffer},
    schema,
};
use time::macros::date;

use crate::{
    import::{Imported, import_bytes, row},
    memory::Anybody,
};

fn file(name: &str) -> Vec<u8> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/meaning")
        .join(name);
    std::fs::read(path).unwrap()
}

/// The import of a file into a system where every reference exists.
fn import(import_type: ImportType, name: &str) -> Imported {
    import_text(import_type, &file(name))
}

fn import_text(import_type: ImportType, bytes: &[u8]) -> Imported {
    import_bytes(import_type, bytes, &mut Anybody)
}

/// The fields that are missing, and the headers suggested for a field.
fn refused(import_type: ImportType, bytes: &[u8]) -> (Vec<String>, Vec<(String, String)>) {
    let schema = schema(import_type);
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(bytes)
        .unwrap();
    let sample = Sample::read(bytes, &dialect).unwrap();
    let mapping = schema.map_headers(&dialect.headers).unwrap();
    let mapping = mapping.weighed(schema, &sample, Some(date!(2026 - 11 - 20)));
    let suggestions = mapping.suggestions().iter();
    (
        mapping.missing().to_vec(),
        suggestions
            .map(|suggestion| (suggestion.field.clone(), suggestion.header.clone()))
            .collect(),
    )
}

#[test]
fn the_format_in_a_header_is_obeyed() {
    let imported = import(ImportType::Jamaah, "m01-header-mdy.csv");
    let rows = imported.jamaah();
    assert_eq!(row(&rows, 2).tanggal_lahir, Some(date!(1990 - 03 - 04)));
    assert_eq!(row(&rows, 3).tanggal_lahir, Some(date!(1985 - 05 - 12)));
    assert!(imported.noticed("date_order_taken", "Tanggal Lahir (MM/DD/YYYY)"));
}

#[test]
fn cells_that_conflict_with_the_format_of_their_header_are_refused() {
    let imported = import_text(
        ImportType::Jamaah,
        b"Nama,Tanggal Lahir (MM/DD/YYYY),Paket\nA,03/04/1990,P\nB,25/12/1985,P\nC,12/25/1985,P\n",
    );
    assert_eq!(
        imported.found(),
        [
            (2, "tanggal_lahir", "invalid_format"),
            (3, "tanggal_lahir", "invalid_format")
        ]
    );
}

#[test]
fn prices_in_another_currency_are_never_rupiah() {
    for name in ["m02-header-usd.csv", "m02b-header-usd-bare.csv"] {
        let (missing, suggestions) = refused(ImportType::Package, &file(name));
        assert_eq!(missing, ["harga_retail"], "{name}");
        assert!(suggestions.is_empty(), "{suggestions:?}");
    }
    let beside = "Nama Paket,Durasi,Harga,Mata Uang,Tanggal Berangkat,Kuota\n\
                  A,9,2150,USD,15/03/2027,45\nB,9,25000000,IDR,15/03/2027,45\n";
    let imported = import_text(ImportType::Package, beside.as_bytes());
    assert_eq!(imported.found(), [(2, "harga_retail", "invalid_format")]);
}

#[test]
fn a_price_that_is_not_likely_is_taken_with_a_warning_and_a_column_of_them_with_a_notice() {
    let text = "Nama Paket,Durasi,Harga,Tanggal Berangkat,Kuota\nA,9,2150,15/03/2027,45\nB,9,2950,15/03/2027,45\n";
    let imported = import_text(ImportType::Package, text.as_bytes());
    assert_eq!(imported.counts(), (2, 2, 0));
    assert!(imported.warned(2, "harga_retail", "implausible"));
    assert!(imported.noticed("implausible_column", "Harga"));
    let text = "Nama Paket,Durasi,Harga,Tanggal Berangkat,Kuota\nA,9,259,15/03/2027,45\nB,9,25000000,15/03/2027,45\nC,9,25000000,15/03/2027,45\n";
    let imported = import_text(ImportType::Package, text.as_bytes());
    assert!(imported.warned(2, "harga_retail", "implausible"));
    assert!(!imported.noticed("implausible_column", "Harga"));
}

#[test]
fn money_that_went_out_is_no_payment() {
    let flagged = import(ImportType::Payment, "m04-debit-credit-flag.csv");
    assert_eq!(flagged.found(), [(3, "jumlah", "constraint_violation")]);
    let kinds = import(ImportType::Payment, "m04b-refund-kind.csv");
    assert_eq!(kinds.found(), [(3, "jumlah", "constraint_violation")]);
    assert_eq!(
        kinds.message(3, "jumlah"),
        "Kolom 'Jenis' berisi 'Refund': baris ini tidak diimpor"
    );
    let negative = import(ImportType::Payment, "x22-negative-refund.csv");
    assert!(negative.message(3, "jumlah").contains("negatif"));
    assert_eq!(negative.counts(), (3, 1, 2));
    for (header, out, back) in [
        ("DB/CR", "DB", "CR"),
        ("Masuk/Keluar", "Keluar", "Masuk"),
        ("Mutasi", "Debet", "Kredit"),
    ] {
        let text = format!(
            "NIK,Jumlah,Tanggal,Metode,{header}\n1,5000000,05/01/2027,TF,{back}\n1,3000000,06/01/2027,TF,{out}\n"
        );
        let imported = import_text(ImportType::Payment, text.as_bytes());
        assert_eq!(
            imported.found(),
            [(3, "jumlah", "constraint_violation")],
            "{header}"
        );
    }
}

#[test]
fn what_belongs_to_somebody_else_is_not_the_pilgrims() {
    let imported = import(ImportType::Jamaah, "m06-qualified-headers.csv");
    let rows = imported.jamaah();
    let siti = row(&rows, 2);
    assert_eq!(siti.nama.as_str(), "Siti Aminah");
    assert!(siti.ktp.is_none() && siti.telepon.is_none() && siti.alamat.is_none());
}

#[test]
fn the_second_column_of_a_name_can_be_chosen_and_is_told() {
    let bytes = file("m09-two-phones.csv");
    let schema = schema(ImportType::Jamaah);
    let headers = ["Nama", "No HP", "No HP", "Paket"];
    let mapping =
        import_types::engine::recognise::Mapping::new(schema, &headers, [("No HP (2)", "telepon")]);
    let telepon = schema.index_of("telepon").unwrap();
    assert_eq!(mapping.unwrap().column_of(telepon), Some(2));
    let imported = import_text(ImportType::Jamaah, &bytes);
    assert!(imported.unmapped.contains(&"No HP (2)".to_owned()));
}

#[test]
fn lines_and_signs_in_headers_change_nothing() {
    let imported = import(ImportType::Jamaah, "m16-header-line-break.csv");
    assert_eq!(imported.counts(), (3, 3, 0));
    assert_eq!(imported.unmapped, ["No"]);
    let imported = import(ImportType::Jamaah, "x18-jama-ah-apostrophe.csv");
    assert_eq!(imported.counts(), (2, 2, 0));
    let siti = row(&imported.jamaah(), 2);
    assert!(siti.ktp.is_some() && siti.telepon.is_some());
    let imported = import(ImportType::Jamaah, "c03-google-forms.csv");
    assert_eq!(imported.counts(), (2, 2, 0));
    assert_eq!(imported.unmapped, ["Timestamp"]);
}

#[test]
fn no_amount_is_guessed_of_a_percentage_or_a_word() {
    let imported = import(ImportType::Payment, "m17-percent.csv");
    assert_eq!(imported.counts(), (5, 0, 5));
}

#[test]
fn the_year_of_two_digits_stands_where_the_column_shows_it() {
    let imported = import(ImportType::Payment, "x06-two-digit-year-first.csv");
    assert_eq!(imported.counts(), (5, 5, 0));
    let rows = imported.payments();
    let dates: Vec<_> = rows
        .iter()
        .map(|(_, payment)| payment.tanggal_bayar)
        .collect();
    assert_eq!(dates[0], date!(2024 - 01 - 05));
    assert_eq!(dates[4], date!(2024 - 12 - 25));
    assert!(imported.noticed("date_order_taken", "Tanggal"));
    let header = "NIK,Jumlah,Tanggal,Metode\n";
    let one = |day: &str| {
        let text = format!("{header}1,5000000,{day},TF\n");
        let imported = import_text(ImportType::Payment, text.as_bytes());
        imported
            .payments()
            .first()
            .map(|(_, payment)| payment.tanggal_bayar)
    };
    assert_eq!(one("24-01-31"), Some(date!(2024 - 01 - 31)));
    assert_eq!(one("05-01-26"), Some(date!(2026 - 01 - 05)));
    assert_eq!(one("28-02-26"), None, "a day of 2026 or of 2028");
    assert_eq!(one("28/02/26"), Some(date!(2026 - 02 - 28)));
}

#[test]
fn days_of_banks_and_programs_are_read() {
    let imported = import(ImportType::Payment, "x08-iso-basic.csv");
    let rows = imported.payments();
    assert_eq!(row(&rows, 2).tanggal_bayar, date!(2024 - 01 - 05));
    assert_eq!(row(&rows, 3).tanggal_bayar, date!(2024 - 01 - 31));
}

#[test]
fn a_payment_that_is_entered_twice_is_told_with_the_earlier_row() {
    let imported = import(ImportType::Payment, "x09-same-payments-no-ref.csv");
    assert_eq!(imported.counts(), (2, 2, 0));
    assert!(imported.warned(3, "jumlah", "repeated_row"));
    assert!(imported.summary.notices.iter().any(|notice| {
        notice.code().as_str() == "repeated_rows" && notice.param("earlier") == Some("2")
    }));
    let pilgrims = "Nama,Paket\nSiti,P\nBudi,P\nsiti,P\n";
    let imported = import_text(ImportType::Jamaah, pilgrims.as_bytes());
    assert!(imported.warned(4, "nama", "repeated_row"));
}

#[test]
fn half_a_name_is_no_name() {
    for name in ["c02-outlook-contacts.csv", "c02c-nama-depan-belakang.csv"] {
        let (missing, suggestions) = refused(ImportType::Jamaah, &file(name));
        assert_eq!(missing, ["nama"], "{name}");
        let of_name = suggestions.iter().filter(|(field, _)| field == "nama");
        assert_eq!(of_name.count(), 2, "{suggestions:?}");
    }
}

#[test]
fn another_column_of_dates_makes_a_doubtful_order_an_error() {
    let imported = import(ImportType::Jamaah, "c03b-us-timestamp-evidence.csv");
    assert_eq!(imported.counts(), (3, 0, 3));
    assert!(imported.noticed("date_order_elsewhere", "Tanggal Lahir"));
}

#[test]
fn formula_results_and_narrow_columns_are_no_values() {
    let imported = import(ImportType::Jamaah, "c06-formula-results.csv");
    let names = imported.jamaah();
    assert!(
        names
            .iter()
            .all(|(_, pilgrim)| !pilgrim.nama.as_str().starts_with('#'))
    );
    assert!(imported.counts().2 >= 4);
    let imported = import(ImportType::Jamaah, "x13-narrow-columns.csv");
    assert_eq!(imported.counts(), (1, 0, 1));
}

#[test]
fn what_databases_and_forms_write_for_nothing_is_nothing() {
    for word in [
        "\\N",
        "(null)",
        "NaN",
        "(kosong)",
        "nihil",
        "NULL",
        "belum punya",
    ] {
        let text = format!("Nama;Email;Paket\nSiti;{word};P\nBudi;budi@example.com;P\n");
        let imported = import_text(ImportType::Jamaah, text.as_bytes());
        assert_eq!(imported.counts(), (2, 2, 0), "{word}");
        assert_eq!(row(&imported.jamaah(), 2).email, None);
    }
}

#[test]
fn codes_of_web_pages_are_undone_with_a_word() {
    let text = "Nama,Alamat,Paket\nNu&#39;man,Jl. A &amp; B,P\n";
    let imported = import_text(ImportType::Jamaah, text.as_bytes());
    let numan = row(&imported.jamaah(), 2);
    assert_eq!(numan.nama.as_str(), "Nu'man");
    assert_eq!(numan.alamat.unwrap().as_str(), "Jl. A & B");
    assert!(imported.warned(2, "nama", "html_entities"));
}

#[test]
fn rounded_niks_are_seen_with_blanks_between_their_digits_too() {
    let rows: Vec<String> = (0..30)
        .map(|i| format!("Siti {i};3175 0105 0590 {i:02}00;P\n"))
        .collect();
    let text = format!("Nama;NIK;Paket\n{}", rows.concat());
    let imported = import_text(ImportType::Jamaah, text.as_bytes());
    assert!(imported.noticed("digits_rounded", "NIK"));
}

#[test]
fn of_two_columns_with_names_of_one_field_the_cells_decide() {
    let imported = import(ImportType::Payment, "m07-jumlah-is-pax.csv");
    let rows = imported.payments();
    assert_eq!(row(&rows, 2).jumlah.get(), 10_000_000);
    assert_eq!(imported.unmapped, ["Jumlah"]);
    assert!(imported.noticed("column_beaten", "Jumlah"));
}

#[test]
fn a_sum_beside_its_parts_is_asked_for() {
    let (missing, suggestions) = refused(ImportType::Payment, &file("m11-wide-payments.csv"));
    assert_eq!(missing, ["jumlah"]);
    assert!(suggestions.contains(&("jumlah".to_owned(), "Total Bayar".to_owned())));
}

#[test]
fn columns_that_are_not_imported_are_told() {
    let imported = import(ImportType::Jamaah, "s12-side-by-side.csv");
    assert!(
        imported.noticed("column_beaten", "Nama (2)")
            || imported.noticed("column_not_imported", "Nama (2)"),
        "{:?}",
        imported.notices
    );
    let imported = import(ImportType::Jamaah, "m09-two-phones.csv");
    assert!(imported.noticed("column_beaten", "No HP (2)"));
}

#[test]
fn what_a_database_writes_for_nothing_is_no_email() {
    let imported = import(ImportType::Jamaah, "s36-mysql-outfile.csv");
    assert!(
        !imported
            .found()
            .iter()
            .any(|(_, field, _)| *field == "email"),
        "{:?}",
        imported.errors
    );
}

#[test]
fn ticks_in_two_columns_are_a_choice() {
    let imported = import(ImportType::Jamaah, "s07-l-p-ticks.csv");
    let rows = imported.jamaah();
    let genders: Vec<_> = rows.iter().map(|(_, one)| one.jenis_kelamin).collect();
    let (man, woman) = (Some(Gender::Male), Some(Gender::Female));
    assert_eq!(genders, [woman, man, woman, man]);
    assert_eq!(imported.found(), [(2, "-", "missing_required")]);
    for (header, tick) in [
        ("L;P", "v"),
        ("Pria;Wanita", "1"),
        ("Lk;Pr", "\u{221a}"),
        ("L;P", "\u{fc}"),
    ] {
        let text = format!("Nama;{header};Paket\nSiti;;{tick};A\nBudi;{tick};;A\nAni;-;-;A\n");
        let imported = import_text(ImportType::Jamaah, text.as_bytes());
        let genders: Vec<_> = imported
            .jamaah()
            .iter()
            .map(|(_, one)| one.jenis_kelamin)
            .collect();
        assert_eq!(genders, [woman, man, None], "{header}");
        assert!(
            imported
                .notices
                .iter()
                .any(|notice| notice.code().as_str() == "ticks_read")
        );
    }
    let both = "Nama;L;P;Paket\nSiti;v;v;A\nBudi;v;;A\n";
    let imported = import_text(ImportType::Jamaah, both.as_bytes());
    assert_eq!(imported.found(), [(2, "jenis_kelamin", "invalid_format")]);
    let names = "L;P;Paket\nBudi;;A\n;Siti;A\n";
    let (missing, _) = refused(ImportType::Jamaah, names.as_bytes());
    assert_eq!(missing, ["nama"], "names below L and P are no ticks");
}

#[test]
fn ticks_for_the_means_of_a_payment_are_read_and_amounts_are_no_ticks() {
    let ticks =
        "NIK;Jumlah;Tanggal;Tunai;Transfer\n1;5000000;05/01/2027;v;\n2;3000000;06/01/2027;;v\n";
    let imported = import_text(ImportType::Payment, ticks.as_bytes());
    let rows = imported.payments();
    let words: Vec<_> = rows
        .iter()
        .map(|(_, one)| one.metode_pembayaran.as_str())
        .collect();
    assert_eq!(words, ["cash", "transfer_bank"]);
    let amounts = "NIK;Tanggal;Tunai;Transfer\n1;05/01/2027;5000000;\n2;06/01/2027;;3000000\n";
    let (missing, _) = refused(ImportType::Payment, amounts.as_bytes());
    assert_eq!(missing, ["jumlah", "metode_pembayaran"]);
}

#[test]
fn a_price_of_one_room_is_asked_for() {
    let (missing, suggestions) = refused(ImportType::Package, &file("m13-rooms-price.csv"));
    assert_eq!(missing, ["harga_retail"]);
    assert_eq!(
        suggestions,
        [("harga_retail".to_owned(), "Harga".to_owned())]
    );
    for headers in [
        "Quad;Triple;Double",
        "Harga Quad;Harga Triple;Harga Double",
        "Sekamar 4;Sekamar 3;Sekamar 2",
    ] {
        let text = format!(
            "Nama Paket;Durasi;{headers};Tanggal Berangkat;Kuota\nA;9;25000000;27000000;29000000;15/03/2027;45\n"
        );
        let (missing, suggestions) = refused(ImportType::Package, text.as_bytes());
        assert_eq!(missing, ["harga_retail"], "{headers}");
        let asked: Vec<_> = suggestions
            .iter()
            .map(|(_, header)| header.as_str())
            .collect();
        assert_eq!(asked, headers.split(';').collect::<Vec<_>>());
    }
}

#[test]
fn a_unit_below_a_header_counts_as_one_in_it() {
    let file = |below: &str| {
        format!(
            "Nama Paket;Durasi;Harga;Tanggal Berangkat;Kuota\n{below}\nA;9;25000000;15/03/2027;45\n"
        )
    };
    let (missing, _) = refused(
        ImportType::Package,
        file(";hari;USD;dd/mm/yyyy;pax").as_bytes(),
    );
    assert_eq!(missing, ["harga_retail"]);
    let imported = import_text(
        ImportType::Package,
        file(";hari;Rp;dd/mm/yyyy;pax").as_bytes(),
    );
    assert_eq!(imported.counts(), (2, 1, 1));
    let births =
        "Nama;Tgl Lahir;NIK;Paket\n;mm/dd/yyyy;16 digit;\nSiti;03/04/1990;3175014304909001;A\n";
    let imported = import_text(ImportType::Jamaah, births.as_bytes());
    assert_eq!(
        row(&imported.jamaah(), 3).tanggal_lahir,
        Some(date!(1990 - 03 - 04))
    );
}

#[test]
fn second_headers_in_unknown_words_are_one_finding_and_wrong_data_below_a_header_is_not_one() {
    let file = |below: &str| {
        format!("Nama;NIK;No HP;Paket\n{below}\nSiti;3175014505909001;081234567890;A\n")
    };
    for below in [
        "(lengkap);(16 digit);(aktif);(pilih)",
        "الاسم;رقم الهوية;الهاتف;الباقة",
        "text;number;text;text",
        "wajib;opsional;opsional;wajib",
        "Contoh: Ahmad;3175010505909001;081234567891;Umroh",
    ] {
        let imported = import_text(ImportType::Jamaah, file(below).as_bytes());
        assert_eq!(imported.found(), [(2, "-", "invalid_format")], "{below}");
        assert!(
            imported
                .notices
                .iter()
                .any(|notice| notice.code().as_str() == "second_header")
        );
    }
    for below in ["a;b;c;d", "I;II;III;IV", "(1);(2);(3);(4)"] {
        let imported = import_text(ImportType::Jamaah, file(below).as_bytes());
        assert_eq!(imported.counts(), (1, 1, 0), "{below}");
    }
    for below in [
        "Budi;3175014505909002;081234567891;Contoh Umroh Reguler",
        "Contoh Nama;3175014505909002;081234567891;A",
    ] {
        let imported = import_text(ImportType::Jamaah, file(below).as_bytes());
        assert_eq!(imported.counts(), (2, 2, 0), "{below}");
    }
    let wrong = import_text(
        ImportType::Jamaah,
        file("Budi;belum jadi;tidak hafal;A").as_bytes(),
    );
    let found = [
        (2, "ktp", "invalid_format"),
        (2, "telepon", "invalid_format"),
    ];
    assert_eq!(wrong.found(), found);
}

#[test]
fn cells_speak_for_a_field_that_no_header_names() {
    let text = "Siapa;Identitas Diri;Dihubungi;Ultah;Ikut\n\
                Siti;3175014505909001;081234567890;05/05/1990;Umroh Reguler\n\
                Budi;3175010505909002;081234567891;15/05/1990;Umroh Reguler\n";
    let (missing, suggestions) = refused(ImportType::Jamaah, text.as_bytes());
    assert_eq!(missing, ["nama", "paket_id"]);
    for (field, header) in [
        ("nama", "Siapa"),
        ("paket_id", "Ikut"),
        ("ktp", "Identitas Diri"),
        ("telepon", "Dihubungi"),
        ("tanggal_lahir", "Ultah"),
    ] {
        let wanted = (field.to_owned(), header.to_owned());
        assert!(suggestions.contains(&wanted), "{field}: {suggestions:?}");
    }
    let optional = "Nama;Paket;Data Lain\nSiti;A;siti@example.com\nBudi;A;budi@example.com\n";
    let imported = import_text(ImportType::Jamaah, optional.as_bytes());
    assert!(
        imported.noticed("column_fits", "Data Lain"),
        "{:?}",
        imported.notices
    );
    let another = "Nama;Paket;No HP Darurat\nSiti;A;081234567890\nBudi;A;081234567891\n";
    let imported = import_text(ImportType::Jamaah, another.as_bytes());
    assert!(imported.noticed("column_not_imported", "No HP Darurat"));
}

#[test]
fn a_column_of_directions_is_known_by_its_cells() {
    for (header, back, out) in [
        ("", "CR", "DB"),
        ("Tipe", "Kredit", "Debit"),
        ("Status Dana", "Masuk", "Keluar"),
    ] {
        let text = format!(
            "NIK;Jumlah;{header};Tanggal;Metode\n1;5000000;{back};05/01/2027;TF\n1;3000000;{out};06/01/2027;TF\n"
        );
        let imported = import_text(ImportType::Payment, text.as_bytes());
        assert_eq!(
            imported.found(),
            [(3, "jumlah", "constraint_violation")],
            "{header}"
        );
    }
    let failed = "NIK;Jumlah;Status;Tanggal;Metode\n1;5000000;Gagal;05/01/2027;TF\n1;3000000;Lunas;06/01/2027;TF\n";
    let imported = import_text(ImportType::Payment, failed.as_bytes());
    assert_eq!(imported.found(), [(2, "jumlah", "constraint_violation")]);
}

#[test]
fn of_debit_and_credit_neither_is_taken_for_the_amount() {
    let text =
        "NIK;Tanggal;Metode;Debet;Kredit\n1;05/01/2027;TF;5000000;\n1;06/01/2027;TF;;3000000\n";
    let (missing, suggestions) = refused(ImportType::Payment, text.as_bytes());
    assert_eq!(missing, ["jumlah"]);
    assert_eq!(suggestions.len(), 2, "{suggestions:?}");
}

#[test]
fn the_commonest_cash_book_is_refused_for_the_means_of_payment_that_it_lacks() {
    let (missing, _) = refused(ImportType::Payment, &file("m10-payment-by-nama.csv"));
    assert_eq!(missing, ["metode_pembayaran"]);
}

#[test]
fn the_year_in_front_of_slashes_is_seen_where_the_column_shows_it() {
    let text = "NIK;Jumlah;Tanggal;Via\n1;5000000;24/01/31;TF\n1;5000000;24/02/05;TF\n1;5000000;24/03/06;TF\n";
    let imported = import_text(ImportType::Payment, text.as_bytes());
    let days: Vec<_> = imported
        .payments()
        .iter()
        .map(|(_, one)| one.tanggal_bayar)
        .collect();
    assert_eq!(
        days,
        [
            date!(2024 - 01 - 31),
            date!(2024 - 02 - 05),
            date!(2024 - 03 - 06)
        ]
    );
}

#[test]
fn the_header_of_a_first_table_is_not_passed_over_for_a_longer_one_below() {
    let text = "Nama;NIK;Paket\nSiti;3175014505909001;A\nNama;NIK;No HP;Paket\nBudi;3175010505909002;081234567891;A\n";
    let imported = import_text(ImportType::Jamaah, text.as_bytes());
    assert_eq!(imported.dialect.header_row, Some(1));
    assert_eq!(imported.counts(), (2, 1, 1));
}

#[test]
fn quotes_and_blanks_that_people_put_around_cells_are_no_part_of_them() {
    for (file, address) in [
        (
            "Nama;Alamat;Paket\nSiti;\t\"Jl. Mawar; 5\" ;A\n",
            "Jl. Mawar; 5",
        ),
        (
            "«Nama»;«Alamat»;«Paket»\n«Siti»;«Jl. Mawar; 5»;«A»\n",
            "Jl. Mawar; 5",
        ),
        (
            "‘Nama’,‘Alamat’,‘Paket’\n‘Siti’,‘Jl. Mawar, 5’,‘A’\n",
            "Jl. Mawar, 5",
        ),
    ] {
        let imported = import_text(ImportType::Jamaah, file.as_bytes());
        let siti = row(&imported.jamaah(), 2);
        assert_eq!(
            (siti.nama.as_str(), siti.alamat.unwrap().as_str()),
            ("Siti", address),
            "{file}"
        );
    }
    let names = import_text(
        ImportType::Jamaah,
        "Nama;Paket\nJama’ah Nu’man;A\n‘Aisyah;A\n".as_bytes(),
    );
    assert_eq!(row(&names.jamaah(), 3).nama.as_str(), "‘Aisyah");
}

#[test]
fn files_that_are_no_table_are_told_for_what_they_are() {
    let look = |name: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures/look")
            .join(name);
        let bytes = std::fs::read(path).unwrap();
        Look::of_bytes(&bytes).or_else(|| {
            let dialect = Sniffer::new().sniff(&bytes).unwrap();
            let sample = Sample::read(&bytes[..], &dialect).unwrap();
            Look::of_table(schema(ImportType::Jamaah), &dialect, &sample)
        })
    };
    assert_eq!(look("s19-headerless.csv"), Some(Look::NoHeader));
    assert_eq!(look("s27-html.csv"), Some(Look::Html));
    assert_eq!(look("s27c-json.csv"), Some(Look::Json));
    assert_eq!(look("s28-xlsx.csv"), Some(Look::Xlsx));
}

#[test]
fn a_row_with_nothing_but_a_name_is_one_finding_and_a_forgotten_cell_is_an_error_of_its_field() {
    let file = |row: &str| {
        format!(
            "Nama;NIK;No HP;Email;Paket\nSiti;3175014505909001;081234567890;siti@example.com;A\n{row}\n"
        )
    };
    for row in [
        "Rombongan Keluarga Hasan;;;;",
        "Catatan: harga belum termasuk paspor;;;;",
        "Mengetahui,;;;Bendahara;",
        "Jakarta, 5 Mei 2026;;;;",
        ";;;Halaman 1 dari 2;",
    ] {
        let imported = import_text(ImportType::Jamaah, file(row).as_bytes());
        let found = [(3, "-", "missing_required")];
        assert_eq!(imported.found(), found, "{row}");
        assert!(imported.message(3, "-").contains("paket_id kosong"));
        let codes: Vec<_> = imported
            .notices
            .iter()
            .map(|notice| notice.code().as_str())
            .collect();
        assert_eq!(codes, ["no_record"], "{row}");
    }
    for (row, found) in [
        ("Budi;3175010505909002;081234567891;;A", &[][..]),
        (
            "Budi;3175010505909002;;;",
            &[(3, "paket_id", "missing_required")],
        ),
        (
            "Budi;;;budi@example.com;",
            &[(3, "paket_id", "missing_required")],
        ),
        (
            "Budi;belum jadi;081234567891;;",
            &[
                (3, "ktp", "invalid_format"),
                (3, "paket_id", "missing_required"),
            ],
        ),
    ] {
        let imported = import_text(ImportType::Jamaah, file(row).as_bytes());
        assert_eq!(imported.found(), found, "{row}");
    }
    // In a table of the required fields alone a name is half of a record.
    let bare = import_text(ImportType::Jamaah, b"Nama;Paket\nSiti;A\nBudi;\n");
    assert_eq!(bare.found(), [(3, "paket_id", "missing_required")]);
}

#[test]
fn lines_of_a_long_note_that_look_alike_are_not_taken_for_rows() {
    for (rows, lines) in [(100, 40), (20, 70), (3, 3_000)] {
        let note = "harga 1, sudah lunas; lihat kwitansi\n".repeat(lines);
        let row = |n: usize| format!("Siti {n},31750145059{:05},\"{note}\",A\n", n + 1);
        let text = format!(
            "Nama,NIK,Catatan,Paket\n{}",
            (0..rows).map(row).collect::<String>()
        );
        let imported = import_text(ImportType::Jamaah, text.as_bytes());
        let warnings = &imported.dialect.warnings;
        assert!(warnings.is_empty(), "{rows} of {lines}: {warnings:?}");
        assert_eq!(imported.counts().0, rows as u64);
    }
}

/// Prices of packages below a header.
fn prices(header: &str, cells: &[&str]) -> Imported {
    let row = |cell: &&str| format!("P {cell};9;{cell};15/03/2027;45\n");
    let text = format!(
        "Nama Paket;Durasi;{header};Berangkat;Kuota\n{}",
        cells.iter().map(row).collect::<String>()
    );
    import_text(ImportType::Package, text.as_bytes())
}

#[test]
fn a_unit_of_thousands_or_millions_in_a_header_is_multiplied_exactly_and_told() {
    for (header, cell, expected) in [
        ("Harga (juta)", "25", 25_000_000),
        ("Harga (juta)", "25,5", 25_500_000),
        ("Harga (juta)", "25.5", 25_500_000),
        ("Harga (juta)", "25,7555", 25_755_500),
        ("Harga (juta)", "Rp 25,5", 25_500_000),
        ("Harga [jt Rp]", "31", 31_000_000),
        ("Harga - dalam jutaan rupiah", "31", 31_000_000),
        ("Biaya dalam ribuan", "25000", 25_000_000),
        ("Biaya dalam ribuan", "25.000", 25_000_000),
        ("Biaya dalam ribuan", "25.000,5", 25_000_500),
        ("Harga (Rp 000)", "25.000", 25_000_000),
        ("Harga (Rp x 1.000)", "25000", 25_000_000),
        ("Price (million)", "25", 25_000_000),
    ] {
        let imported = prices(header, &[cell]);
        assert!(imported.noticed("column_scaled", header), "{header}");
        let rows = imported.packages();
        assert_eq!(
            row(&rows, 2).harga_retail.get(),
            expected,
            "{header}: {cell}"
        );
    }
}

#[test]
fn a_cell_that_contradicts_the_unit_of_its_header_is_refused_with_the_reason() {
    for cell in [
        "25 jt",
        "Rp 25.000.000",
        "25000000",
        "25 juta",
        "USD 25",
        "-25",
        "0,0000005",
        "25,755",
    ] {
        let imported = prices("Harga (juta)", &["24", cell, "26"]);
        let found = [(3, "harga_retail", "invalid_format")];
        let kinds: Vec<_> = imported.found();
        assert_eq!(
            kinds
                .iter()
                .map(|(row, field, _)| (*row, *field))
                .collect::<Vec<_>>(),
            found.map(|(row, field, _)| (row, field)),
            "{cell}"
        );
        let said = imported.message(3, "harga_retail");
        assert!(said.contains(cell), "{said}");
    }
    let imported = prices("Harga (juta)", &["24", "25.000.000", "26"]);
    assert!(
        imported
            .message(3, "harga_retail")
            .contains("satuan yang disebut judul kolomnya (x 1000000)")
    );
}

#[test]
fn a_column_of_whole_amounts_below_a_unit_is_asked_for() {
    let text = "Nama Paket;Durasi;Harga (juta);Berangkat;Kuota\nA;9;25.000.000;15/03/2027;45\nB;9;26000000;15/03/2027;45\nC;9;27;15/03/2027;45\n";
    let (missing, suggestions) = refused(ImportType::Package, text.as_bytes());
    assert_eq!(missing, ["harga_retail"]);
    assert!(suggestions.is_empty(), "{suggestions:?}");
    // In thousands a sum that would be a payment by itself is in doubt.
    let text = "NIK;Setoran (ribu);Tgl;Via\n1;5000;05/01/2027;TF\n1;500.000;06/01/2027;TF\n1;2500;06/01/2027;TF\n";
    let imported = import_text(ImportType::Payment, text.as_bytes());
    assert_eq!(imported.found(), [(3, "jumlah", "invalid_format")]);
}

#[test]
fn a_unit_in_the_row_below_a_header_is_multiplied_as_one_in_it() {
    let text =
        "Nama Paket;Durasi;Harga;Berangkat;Kuota\n;hari;juta;tgl;pax\nA;9;25,5;15/03/2027;45\n";
    let imported = import_text(ImportType::Package, text.as_bytes());
    assert_eq!(row(&imported.packages(), 3).harga_retail.get(), 25_500_000);
    assert!(imported.noticed("column_scaled", "Harga"));
}

#[test]
fn blank_columns_at_the_end_of_a_header_make_no_row_too_short() {
    let imported = import_text(
        ImportType::Jamaah,
        b"Nama;Paket;;;\nSiti;A;;;\nBudi;A\nAni;A;;;;;\n",
    );
    assert_eq!(imported.counts(), (3, 3, 0));
}

#[test]
fn a_header_that_comes_again_with_blanks_inside_its_words_is_skipped() {
    let text = "No;Nama Lengkap;NIK;Paket\n1;Siti;3175014505909001;A\nN O; NAMA  LENGKAP ;N I K;P A K E T\n2;Budi;3175010505909002;A\n";
    let imported = import_text(ImportType::Jamaah, text.as_bytes());
    assert_eq!(imported.counts(), (2, 2, 0));
}

#[test]
fn a_telephone_of_nought_is_none() {
    let imported = import_text(
        ImportType::Jamaah,
        b"Nama;HP;Paket\nSiti;0;A\nBudi;081234567890;A\n",
    );
    assert_eq!(imported.counts(), (2, 2, 0));
    assert_eq!(row(&imported.jamaah(), 2).telepon, None);
}
