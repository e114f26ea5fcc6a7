//! What people and their programs do to a file: blanks around quotes, typographic quotes, lines wrapped whole, cells left out.

#![expect(
    clippy::expect_used,
    reason = "the files of these tests are readable, and a test says where not"
)]

use import_engine::{
    Batch, Field, Language, Plan, Schema,
    recognise::{Dialect, Sniffer},
    report::FailedRows,
};

/// Names of valid rows with address and package, and issues by row.
#[derive(Debug, Default, PartialEq)]
struct Outcome {
    valid: Vec<String>,
    issues: Vec<(u64, &'static str)>,
    notices: Vec<&'static str>,
    failed: String,
}

fn schema() -> Schema {
    Schema::builder("jamaah")
        .locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("nama").required())
        .field(Field::multiline("alamat"))
        .field(Field::text("paket").required())
        .field(Field::text("catatan"))
        .build()
        .expect("a sound schema")
}

fn import(file: &[u8]) -> Outcome {
    let schema = schema();
    let mut sniffer = Sniffer::new().with_known_headers(schema.known_headers());
    sniffer.feed(file);
    let dialect = sniffer.finish().expect("text");
    import_as(file, dialect)
}

fn import_as(file: &[u8], dialect: Dialect) -> Outcome {
    let messages = schema().messages(Language::INDONESIAN);
    let schema = schema();
    let headers = dialect.headers.clone();
    let mapping = schema.map_headers(&headers).expect("a mapping");
    let importer = Plan::new(schema, dialect, mapping)
        .surveyed(file)
        .expect("a survey");
    let survey = importer.survey().expect("was surveyed");
    let mut outcome = Outcome {
        notices: survey.notices().iter().map(|n| n.code().as_str()).collect(),
        ..Outcome::default()
    };
    let mut failed = FailedRows::new(Vec::new(), &headers).expect("written");
    let sink = |batch: Batch| {
        for row in batch.rows() {
            let cells: Vec<&str> = (0..4)
                .map(|field| row.text(field).unwrap_or_default())
                .collect();
            outcome
                .valid
                .push(cells.join("|").trim_end_matches('|').to_owned());
        }
        for issue in batch.issues() {
            outcome.issues.push((issue.row, issue.code.as_str()));
        }
        failed.write_batch(&batch, &messages)?;
        Ok::<_, std::io::Error>(())
    };
    importer.import(file).each(sink).expect("a run");
    outcome.failed = String::from_utf8(failed.finish().expect("written")).expect("text");
    outcome
}

#[track_caller]
fn check(file: &str, valid: &[&str], issues: &[(u64, &str)]) {
    let outcome = import(file.as_bytes());
    assert_eq!(
        (outcome.valid, outcome.issues.as_slice()),
        (valid.iter().map(|row| (*row).to_owned()).collect(), issues),
        "{file}"
    );
}

#[test]
fn blanks_around_quoted_cells_are_no_part_of_them() {
    check(
        "Nama, Alamat, Paket\nSiti, \"Jl. Melati 1, Bandung\", Umroh\nBudi,  \"Jl. \"\"Mawar\"\", No 2\"  , \"Umroh\" \nRina,\"Depok\" ,Umroh\n",
        &[
            "Siti|Jl. Melati 1, Bandung|Umroh",
            "Budi|Jl. \"Mawar\", No 2|Umroh",
            "Rina|Depok|Umroh",
        ],
        &[],
    );
    // A word in quotes is a word in quotes.
    check(
        "nama;alamat;paket\nSiti; \"Hj.\" Aminah;Umroh\nBudi; jalan \"Mawar\";Umroh\n",
        &["Siti|\"Hj.\" Aminah|Umroh", "Budi|jalan \"Mawar\"|Umroh"],
        &[],
    );
}

#[test]
fn typographic_quotes_are_quotes() {
    for (open, close) in [('“', '”'), ('„', '“'), ('„', '”')] {
        let quoted = |cell: &str| format!("{open}{cell}{close}");
        for header in [
            "Nama,Alamat,Paket".to_owned(),
            ["Nama", "Alamat", "Paket"].map(quoted).join(","),
        ] {
            let file = format!(
                "{header}\n{},{},{}\n{},{},{}\nRina,Depok,Umroh\n",
                quoted("Siti"),
                quoted("Jl. Melati 1, Bandung, Jabar"),
                quoted("Umroh"),
                quoted("Budi"),
                quoted("Bogor"),
                quoted("Umroh, Plus"),
            );
            check(
                &file,
                &[
                    "Siti|Jl. Melati 1, Bandung, Jabar|Umroh",
                    "Budi|Bogor|Umroh, Plus",
                    "Rina|Depok|Umroh",
                ],
                &[],
            );
        }
    }
    // One that does not close holds nothing together.
    check(
        "nama,alamat,paket\nSiti,Bogor,Umroh\nBudi,“Jl. Mawar, Depok,Umroh\nRina,“Al-Ikhlas” Blok A,Umroh\n",
        &["Siti|Bogor|Umroh", "Rina|“Al-Ikhlas” Blok A|Umroh"],
        &[(3, "too_many_cells")],
    );
}

#[test]
fn typographic_quotes_around_one_cell_of_a_record_are_what_somebody_wrote() {
    check(
        "nama,alamat,paket\nSiti,“kursi roda”,Umroh\nBudi,Depok,Umroh\n",
        &["Siti|“kursi roda”|Umroh", "Budi|Depok|Umroh"],
        &[],
    );
}

#[test]
fn lines_that_a_spreadsheet_wrapped_whole_are_read() {
    let rows = [
        "nama,alamat,paket",
        "Siti,Bogor,Umroh",
        "Budi,\"Jl. Melati 5, Bandung\",Umroh",
        "Rina,\"Gang \"\"Buntu\"\"\",Umroh",
        "Joko,Depok,Umroh",
    ];
    let wrap = |line: &str| format!("\"{}\"", line.replace('"', "\"\""));
    let expected = [
        "Siti|Bogor|Umroh",
        "Budi|Jl. Melati 5, Bandung|Umroh",
        "Rina|Gang \"Buntu\"|Umroh",
        "Joko|Depok|Umroh",
    ];
    let all: Vec<String> = rows.iter().map(|line| wrap(line)).collect();
    check(&all.join("\r\n"), &expected, &[]);
    // As Excel does it: those that hold a quote.
    let some: Vec<String> = rows
        .iter()
        .map(|line| {
            if line.contains('"') {
                wrap(line)
            } else {
                (*line).to_owned()
            }
        })
        .collect();
    check(&some.join("\n"), &expected, &[]);
    // One that has another number of cells inside is reported.
    check(
        "nama,alamat,paket\nSiti,Bogor,Umroh\n\"Budi,Umroh\"\nRina,Depok,Umroh\n",
        &["Siti|Bogor|Umroh", "Rina|Depok|Umroh"],
        &[(3, "too_few_cells")],
    );
}

#[test]
fn a_column_of_places_is_not_taken_for_wrapped_lines() {
    let mut sniffer = Sniffer::new();
    sniffer
        .feed(b"\"tempat\"\n\"Bogor, Jawa Barat\"\n\"Depok, Jawa Barat\"\n\"Solo, Jawa Tengah\"\n");
    assert_eq!(sniffer.finish().expect("text").headers, ["tempat"]);
}

#[test]
fn blank_surplus_cells_and_missing_optional_ones_cost_nothing() {
    check(
        "nama,alamat,paket,catatan\nSiti,Bogor,Umroh,baik,\nBudi,Depok,Umroh\nRina,Garut,Umroh,,, ,\nJoko,,Umroh\nAyu,Solo,Umroh,baik\n",
        &[
            "Siti|Bogor|Umroh|baik",
            "Budi|Depok|Umroh",
            "Rina|Garut|Umroh",
            "Joko||Umroh",
            "Ayu|Solo|Umroh|baik",
        ],
        &[],
    );
    check(
        "nama,alamat,paket,catatan\nSiti,Bogor,Umroh,baik,sekali\nBudi,Depok\nRina\nAyu,Solo,Umroh,baik\n",
        &["Ayu|Solo|Umroh|baik"],
        &[
            (2, "too_many_cells"),
            (3, "too_few_cells"),
            (4, "too_few_cells"),
        ],
    );
}

#[test]
fn a_row_that_a_line_break_cut_is_refused_whole_even_if_a_piece_has_what_is_required() {
    check(
        "nama,paket,alamat,catatan\nSiti,Umroh,Bogor,baik\nBudi,Umroh,Perum Griya\nBlok C No. 5,kursi roda\nRina,Umroh,Garut,\n",
        &["Siti|Bogor|Umroh|baik", "Rina|Garut|Umroh"],
        &[(3, "too_few_cells"), (4, "too_few_cells")],
    );
    check(
        "nama,paket,alamat,catatan\nBudi,Umroh,Perum Griya\nBlok C\nKec. Cicendo,x\nRina,Umroh,Garut,\n",
        &["Rina|Garut|Umroh"],
        &[
            (2, "too_few_cells"),
            (3, "too_few_cells"),
            (4, "too_few_cells"),
        ],
    );
}

#[test]
fn a_line_break_behind_a_backslash_belongs_to_its_cell() {
    check(
        "nama\tpaket\talamat\tcatatan\nSiti\tUmroh\tBogor\tbaik\nBudi\tUmroh\tPerum Griya\\\nBlok C\\\nRT 5\tkursi\nRina\tUmroh\tGarut\t-\n",
        &[
            "Siti|Bogor|Umroh|baik",
            "Budi|Perum Griya\nBlok C\nRT 5|Umroh|kursi",
            "Rina|Garut|Umroh",
        ],
        &[],
    );
}

#[test]
fn blank_surplus_cells_do_not_get_into_the_file_to_correct() {
    let outcome =
        import(b"nama,alamat,paket\nSiti,Bogor,Umroh\nBudi,Depok,,,\nRina,Solo,Umroh,x\n");
    let lines: Vec<&str> = outcome.failed.lines().skip(1).collect();
    assert!(
        lines[0].starts_with("Budi,Depok,,3,") && !lines[0].contains("[!]"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("Rina,Solo,Umroh|x,4,\"[!]"),
        "{lines:?}"
    );
}

#[test]
fn a_cell_of_a_column_that_is_not_imported_may_be_large() {
    let large = "x".repeat(300 << 10);
    let file = format!("nama,foto,paket\nSiti,{large},Umroh\nBudi,,Umroh\n");
    check(&file, &["Siti||Umroh", "Budi||Umroh"], &[]);
    let file = format!("nama,alamat,paket\nSiti,{large},Umroh\nBudi,,Umroh\n");
    check(&file, &["Budi||Umroh"], &[(2, "cell_too_large")]);
}

#[test]
fn a_name_in_quotes_is_never_kept_with_them_however_late_they_come() {
    // The head shows quotes that are text; the rest of the file shows ones that enclose.
    let mut file = "nama,alamat,paket\n".to_owned();
    file += &"\"Al\" Ikhlas,Bogor,Umroh\n".repeat(2_000);
    file += &"Siti,Bogor,Umroh\n".repeat(3_000);
    file += &"\"Zainab TU\",\"Jl. Mawar, 5\",Umroh\n".repeat(4_000);
    let outcome = import(file.as_bytes());
    assert_eq!(outcome.notices, ["quotes_found"]);
    assert!(outcome.valid.iter().all(|row| !row.contains('"')));
    assert_eq!((outcome.valid.len(), outcome.issues.len()), (7_000, 2_000));
}

#[test]
fn an_entity_that_the_delimiter_cuts_stays_in_its_cell() {
    check(
        "nama;alamat;paket;catatan\nNu&#39;man;Jl. A&nbsp;1;Hemat;\nAndi &amp; Anak;Jl. B;Hemat;kursi\nSiti;Jl. C;Hemat;\n",
        &[
            "Nu'man|Jl. A 1|Hemat",
            "Andi & Anak|Jl. B|Hemat|kursi",
            "Siti|Jl. C|Hemat",
        ],
        &[
            (2, "html_entities"),
            (2, "html_entities"),
            (3, "html_entities"),
        ],
    );
    // What is not an entity separates, and a row with too many cells is refused as any other.
    check(
        "nama;alamat;paket;catatan\nTono & Co;Jl. A;Hemat;x;y\nA &amp;;B;Hemat;x;y\n",
        &[],
        &[(2, "too_many_cells"), (3, "too_many_cells")],
    );
}

#[test]
fn a_lone_open_quote_is_told() {
    check(
        "nama,alamat,paket\nBudi,Bogor,Umroh\n\"Joko,Depok,Umroh\nDewi,Bandung,Umroh\nRina,Garut,Umroh\n",
        &["Budi|Bogor|Umroh", "Dewi|Bandung|Umroh", "Rina|Garut|Umroh"],
        &[(3, "open_quote")],
    );
}

/// Opens a file as Excel does under Indonesian settings, whose list separator is `;`, and saves it as CSV again.
fn through_excel(file: &[u8]) -> Vec<u8> {
    let (text, is_utf8) = match file.strip_prefix("\u{feff}".as_bytes()) {
        Some(text) => (String::from_utf8_lossy(text).into_owned(), true),
        // Without a mark it is read in the code page of the system.
        None => (file.iter().map(|byte| char::from(*byte)).collect(), false),
    };
    let mut reader = csv::ReaderBuilder::new();
    reader.delimiter(b';').has_headers(false).flexible(true);
    let rows: Vec<Vec<String>> = reader
        .from_reader(text.as_bytes())
        .records()
        .map(|record| {
            record
                .expect("a record")
                .iter()
                .map(str::to_owned)
                .collect()
        })
        .collect();
    let width = rows.iter().map(Vec::len).max().unwrap_or(0);
    let mut saved = String::new();
    for mut row in rows {
        row.resize(width, String::new());
        let cells: Vec<String> = row
            .iter()
            .map(|cell| {
                if cell.contains(['"', ';', '\n', '\r']) {
                    format!("\"{}\"", cell.replace('"', "\"\""))
                } else {
                    cell.clone()
                }
            })
            .collect();
        saved += &cells.join(";");
        saved += "\r\n";
    }
    if is_utf8 {
        [&b"\xef\xbb\xbf"[..], saved.as_bytes()].concat()
    } else {
        saved
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
            .collect()
    }
}

#[test]
fn the_file_to_correct_survives_an_indonesian_excel() {
    let source = "nama;alamat;paket\nSiti Nurhayé;\"Jl. Mawar; No 5, Bogor\";\nBudi;\"Gang \"\"Buntu\"\"\nRT 3\";\nRina;Depok;Umroh\n";
    let first = import(source.as_bytes());
    assert_eq!(first.issues.len(), 2);
    let headers = ["nama", "alamat", "paket"];
    for delimiter in [b';', b','] {
        let writer = import_engine::report::CsvWriter::new(Vec::new())
            .delimiter(delimiter)
            .byte_order_mark();
        let mut failed = FailedRows::with(writer, &headers).expect("written");
        failed
            .write(
                2,
                ["Siti Nurhayé", "Jl. Mawar; No 5, Bogor", ""],
                "paket wajib diisi",
            )
            .expect("written");
        failed
            .write(3, ["Budi", "Gang \"Buntu\"", ""], "paket wajib diisi")
            .expect("written");
        let file = failed.finish().expect("written");
        let saved = through_excel(&file);
        let again = import(&saved);
        assert_eq!(again.valid, Vec::<String>::new());
        if delimiter == b';' {
            assert_eq!(again.issues, [(2, "required"), (3, "required")]);
            // Corrected by hand in that Excel.
            let corrected = String::from_utf8(saved)
                .expect("text")
                .replace(";;2", ";Umroh;2")
                .replace(";;3", ";Umroh;3");
            let corrected = import(&through_excel(corrected.as_bytes()));
            assert_eq!(
                corrected.valid,
                [
                    "Siti Nurhayé|Jl. Mawar; No 5, Bogor|Umroh",
                    "Budi|Gang \"Buntu\"|Umroh"
                ]
            );
        } else {
            // Wrapped lines are read, except where the separator of the spreadsheet tore one apart: that one is refused.
            assert_eq!(
                again.issues.len(),
                2,
                "{:?}",
                String::from_utf8_lossy(&through_excel(&file))
            );
        }
    }
}
