//! Rows that are not records: each is skipped or refused once, reported, and never loaded or shifted.

#![expect(
    clippy::expect_used,
    reason = "the files of these tests are readable, and a test says where not"
)]

use import_engine::{Batch, Field, Language, Plan, Schema, recognise::Sniffer};

fn schema() -> Schema {
    Schema::builder("jamaah")
        .locale(import_engine::Locale::INDONESIAN)
        .field(
            Field::text("nama")
                .required()
                .alias("nama lengkap")
                .alias("name")
                .alias("full name"),
        )
        .field(
            Field::digits("nik", 16, 16)
                .alias("no ktp")
                .alias("id number"),
        )
        .field(Field::text("alamat").alias("address"))
        .field(Field::text("catatan").alias("notes"))
        .field(Field::text("paket").required().alias("package"))
        .build()
        .expect("a sound schema")
}

/// Names of the valid rows with address and note, issues by row, notices of the check with their row.
type Found = (Vec<String>, Vec<(u64, String)>, Vec<(&'static str, u64)>);

fn import(file: &str) -> Found {
    let schema = schema();
    let mut sniffer = Sniffer::new().with_known_headers(schema.known_headers());
    sniffer.feed(file.as_bytes());
    let dialect = sniffer.finish().expect("text");
    let mapping = schema.map_headers(&dialect.headers).expect("a mapping");
    let importer = Plan::new(schema, dialect, mapping)
        .surveyed(file.as_bytes())
        .expect("a survey");
    let survey = importer.survey().expect("was surveyed");
    let (mut valid, mut issues) = (Vec::new(), Vec::new());
    let sink = |batch: Batch| {
        for row in batch.rows() {
            let cells: Vec<&str> = [0, 2, 3]
                .map(|field| row.text(field).unwrap_or_default())
                .to_vec();
            valid.push(cells.join("|").trim_end_matches('|').to_owned());
        }
        issues.extend(
            batch
                .issues()
                .iter()
                .map(|issue| (issue.row, issue.code.as_str().to_owned())),
        );
        Ok::<_, std::io::Error>(())
    };
    let summary = importer.import(file.as_bytes()).each(sink).expect("a run");
    assert_eq!(
        summary.records,
        survey.records(),
        "both passes count the same records"
    );
    let notices = summary.notices.iter().map(|notice| {
        let row = notice
            .param("row")
            .and_then(|row| row.parse().ok())
            .unwrap_or(0);
        for language in [Language::INDONESIAN, Language::ENGLISH] {
            assert!(!notice.text(language).is_empty());
        }
        (notice.code().as_str(), row)
    });
    (valid, issues, notices.collect())
}

#[track_caller]
fn check(file: &str, valid: &[&str], issues: &[(u64, &str)], notices: &[(&str, u64)]) {
    let found = import(file);
    let issues: Vec<(u64, String)> = issues
        .iter()
        .map(|(row, code)| (*row, (*code).to_owned()))
        .collect();
    assert_eq!(
        (found.0, found.1, found.2),
        (
            valid.iter().map(|row| (*row).to_owned()).collect(),
            issues,
            notices.to_vec()
        ),
        "{file}"
    );
}

#[test]
fn the_header_again_in_any_spelling_is_skipped() {
    for again in [
        "No;Nama Lengkap;NIK;Alamat;Paket",
        "NO;NAMA LENGKAP;NIK;ALAMAT;PAKET",
        " No. ; Nama  Lengkap ;nik; Alamat ;paket ",
        ";Nama Lengkap;NIK;Alamat;Paket",
        "no;nama_lengkap;NIK;alamat;",
        "No;Full Name;ID Number;Address;Package",
    ] {
        let file = format!(
            "No;Nama Lengkap;NIK;Alamat;Paket\n1;Siti;;Bogor;Umroh\n{again}\n2;Budi;;Depok;Umroh\n"
        );
        check(
            &file,
            &["Siti|Bogor", "Budi|Depok"],
            &[],
            &[("header_repeated", 3)],
        );
    }
}

#[test]
fn rows_below_a_header_in_another_order_are_read_by_it() {
    check(
        "Nama;Alamat;Catatan;Paket\nSiti;Bogor;kursi;Umroh\n;;;\nNama;Catatan;Alamat;Paket\nDewi;diabetes;Jl. Anggrek;Umroh\nAgus;x;Solo;Umroh\nNAMA;ALAMAT;CATATAN;PAKET\nRina;Garut;y;Umroh\n",
        &[
            "Siti|Bogor|kursi",
            "Dewi|Jl. Anggrek|diabetes",
            "Agus|Solo|x",
            "Rina|Garut|y",
        ],
        &[],
        &[("header_moved", 4), ("header_repeated", 7)],
    );
}

#[test]
fn rows_below_a_header_in_another_order_are_read_by_it_page_after_page() {
    check(
        "Nama;Alamat;Catatan;Paket\nSiti;Bogor;kursi;Umroh\nPaket;Catatan;Alamat;Nama\nUmroh;x;Solo;Agus\nPAKET;CATATAN;ALAMAT;NAMA\n(1);(2);(3);(4)\nUmroh;y;Garut;Rina\nUmroh;;;Budi\n",
        &["Siti|Bogor|kursi", "Agus|Solo|x", "Rina|Garut|y", "Budi"],
        &[],
        &[
            ("header_moved", 3),
            ("header_moved", 5),
            ("columns_numbered", 6),
        ],
    );
}

#[test]
fn rows_below_a_header_with_other_columns_are_refused_until_the_own_one_comes_again() {
    check(
        "Nama;Alamat;Catatan;Paket\nSiti;Bogor;kursi;Umroh\n;;;\nNama;Catatan;Email;Paket\nDewi;diabetes;dewi@example.com;Umroh\nAgus;x;agus@example.com;Umroh\nNAMA;ALAMAT;CATATAN;PAKET\nRina;Garut;y;Umroh\n",
        &["Siti|Bogor|kursi", "Rina|Garut|y"],
        &[(5, "below_other_header"), (6, "below_other_header")],
        &[("header_changed", 4), ("header_repeated", 7)],
    );
}

#[test]
fn a_second_row_of_names_or_numbers_is_no_record() {
    let rows = "1;Siti;3175014505900001;Bogor;Umroh\n2;Budi;3175010505850002;Depok;Umroh\n";
    for (second, notice) in [
        ("(1);(2);(3);(4);(5)", "columns_numbered"),
        ("1;2;3;4;5", "columns_numbered"),
        ("[1];[2];[3];[4];[5]", "columns_numbered"),
        ("No;Name;ID Number;Address;Package", "header_repeated"),
    ] {
        let file = format!("No;Nama;NIK;Alamat;Paket\n{second}\n{rows}");
        check(&file, &["Siti|Bogor", "Budi|Depok"], &[], &[(notice, 2)]);
    }
    // Names of single columns below the names of groups.
    check(
        "No;Nama;NIK;Alamat;Paket;Paspor;\n;;;;;Nomor;Habis\n1;Siti;;Bogor;Umroh;C1;2030\n",
        &["Siti|Bogor"],
        &[(2, "no_record")],
        &[("no_record", 2)],
    );
}

#[test]
fn titles_page_heads_and_feet_notes_and_signatures_get_one_finding_each() {
    check(
        "LAPORAN;;;;\nNo;Nama;NIK;Alamat;Paket\nKELUARGA BPK. HASAN;;;;\n1;Siti;;Bogor;Umroh\nHalaman 1 dari 2;;;;\nLAPORAN;;;;\n;;;;\nNo;Nama;NIK;Alamat;Paket\n2;Budi;;Depok;Umroh\nSubtotal;2;;;\nCatatan: paspor menyusul;;;;\n;;;Jakarta, 5 Januari 2027;\n;;;Direktur;\n",
        &["Siti|Bogor", "Budi|Depok"],
        &[
            (3, "no_record"),
            (5, "no_record"),
            (6, "no_record"),
            (11, "no_record"),
            (12, "no_record"),
            (13, "no_record"),
        ],
        &[
            ("no_record", 3),
            ("no_record", 5),
            ("no_record", 6),
            ("header_repeated", 8),
            ("footer_skipped", 10),
            ("no_record", 11),
            ("no_record", 12),
            ("no_record", 13),
        ],
    );
}

#[test]
fn a_record_that_lacks_what_is_required_is_still_told_of_cell_by_cell() {
    check(
        "No;Nama;NIK;Alamat;Paket\n1;Siti;;Bogor;Umroh\n2;;3175014505900001;Depok;\n3;Rina;;Garut;\n",
        &["Siti|Bogor"],
        &[(3, "required"), (3, "required"), (4, "required")],
        &[("merged_cells", 3), ("merged_cells", 3)],
    );
}

#[test]
fn blank_required_cells_below_a_filled_one_hint_at_merged_cells() {
    check(
        "No;Nama;NIK;Alamat;Paket\n1;Siti;;Bogor;Umroh\n2;Budi;;Depok;\n3;Rina;;Garut;\n",
        &["Siti|Bogor"],
        &[(3, "required"), (4, "required")],
        &[("merged_cells", 3)],
    );
}

#[test]
fn people_and_things_that_are_called_like_columns_are_records() {
    check(
        "Nama;Alamat;Catatan;Paket\nPaket;Bogor;;Umroh\nNama Saya;Alamat Palsu;Catatan;Umroh\nTotal Saputra;Depok;x;Umroh\n",
        &[
            "Paket|Bogor",
            "Nama Saya|Alamat Palsu|Catatan",
            "Total Saputra|Depok|x",
        ],
        &[],
        &[],
    );
}
