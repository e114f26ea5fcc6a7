//! What a file looks like does not hide what it is: long notes, blank lines, letterheads and damaged quotes change no verdict.

#![expect(
    clippy::expect_used,
    clippy::format_push_string,
    reason = "the files of these tests are readable and put together line by line"
)]

use import_engine::{
    Limits,
    raw::RecordReader,
    recognise::{Dialect, Sniffer},
};

fn sniff(file: &str) -> Dialect {
    let mut sniffer = Sniffer::new();
    for chunk in file.as_bytes().chunks(8 << 10) {
        sniffer.feed(chunk);
    }
    sniffer.finish().expect("text")
}

fn known(file: &str) -> Dialect {
    Sniffer::new()
        .with_known_headers(["nama", "alamat", "paket", "no hp", "name", "email"])
        .sniff(file.as_bytes())
        .expect("text")
}

#[track_caller]
fn check(dialect: &Dialect, delimiter: char, quote: Option<char>, headers: &[&str]) {
    let found = (
        char::from(dialect.delimiter),
        dialect.quote.map(char::from),
        dialect
            .headers
            .iter()
            .map(String::as_str)
            .collect::<Vec<_>>(),
    );
    assert_eq!(found, (delimiter, quote, headers.to_vec()));
}

/// A note of this many lines, in prose.
fn note(lines: usize, row: usize) -> String {
    (0..lines)
        .map(|line| match (line + row) % 5 {
            0 => format!("Jamaah minta kamar dekat lift, lalu kursi roda di bandara {line}"),
            1 => "alergi obat".to_owned(),
            2 => format!("telepon keluarga, lihat catatan {row}, dan ulangi"),
            3 => String::new(),
            _ => format!("sudah dihubungi pada hari ke {line}"),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

fn with_notes(records: usize, lines: usize, delimiter: char) -> String {
    let mut file = ["nama", "catatan", "paket"].join(&delimiter.to_string()) + "\n";
    for row in 0..records {
        let note = note(lines, row);
        file += &format!("Siti {row}{delimiter}\"{note}\"{delimiter}Umroh {row}\n");
    }
    file
}

#[test]
fn well_formed_quoted_cells_outweigh_what_their_lines_look_like() {
    for delimiter in [',', ';', '\t'] {
        for (records, lines) in [(100, 40), (20, 200), (400, 12), (3, 900), (1_000, 2)] {
            let dialect = sniff(&with_notes(records, lines, delimiter));
            check(
                &dialect,
                delimiter,
                Some('"'),
                &["nama", "catatan", "paket"],
            );
        }
    }
}

#[test]
fn one_cell_larger_than_the_sample_hides_nothing() {
    for filler in ["kata ", "kalimat panjang, dengan koma\n", "baris\n"] {
        for before in [0, 3] {
            let mut file = "nama,catatan,paket\n".to_owned();
            file += &"Budi,baik,Umroh\n".repeat(before);
            file += &format!("Siti,\"{}\",Umroh\n", filler.repeat(70_000 / filler.len()));
            file += &"Rina,\"kursi, roda\",Umroh\n".repeat(5);
            check(&sniff(&file), ',', Some('"'), &["nama", "catatan", "paket"]);
        }
    }
}

#[test]
fn blank_lines_around_the_data_change_nothing() {
    for blank in ["\n", "\r\n", "   \n", ";;\n", "\n;;\n"] {
        for many in [1, 200, 5_000] {
            let table = "nama;alamat;paket\nSiti;Jl. Mawar 5, Bogor;Umroh\nBudi;Depok;Umroh\nRina;Garut;Umroh\n";
            let below = format!("{table}{}", blank.repeat(many));
            check(&sniff(&below), ';', Some('"'), &["nama", "alamat", "paket"]);
            if many < 30 {
                let above = format!("{}{table}", blank.repeat(many));
                check(&sniff(&above), ';', Some('"'), &["nama", "alamat", "paket"]);
            }
        }
    }
}

#[test]
fn names_that_the_caller_knows_choose_the_delimiter() {
    check(
        &known("name,email\nAda\nBob,b@x.org\n"),
        ',',
        Some('"'),
        &["name", "email"],
    );
    check(
        &known("Nama;No HP\nSiti, Hj.\nBudi, S.Pd.;0812\nAyu, dr.\n"),
        ';',
        Some('"'),
        &["Nama", "No HP"],
    );
    check(
        &known("nama|paket\nSiti\n"),
        '|',
        Some('"'),
        &["nama", "paket"],
    );
    // One known word in a line says nothing.
    let dialect = known("catatan\nnama, alamat lengkap\n");
    assert_ne!(dialect.headers, ["nama", "alamat lengkap"]);
}

#[test]
fn a_letterhead_longer_than_the_table_does_not_hide_the_names() {
    for lines in [5, 15, 40, 90] {
        let mut file = String::new();
        for line in 0..lines {
            file += &format!(
                "Syarat {line}: pelunasan paling lambat, menurut perjanjian; lihat kantor\n"
            );
        }
        file += "Nama;Alamat;Paket\nSiti;Bogor;Umroh\nBudi;Depok;Umroh\n";
        let dialect = known(&file);
        check(&dialect, ';', Some('"'), &["Nama", "Alamat", "Paket"]);
        assert_eq!(dialect.header_row, Some(lines + 1));
    }
}

#[test]
fn damaged_quotes_in_a_few_rows_do_not_turn_quoting_off() {
    for damaged in [1, 2, 5] {
        for sound in [0, 1, 3] {
            let mut file = "nama,alamat,paket\n".to_owned();
            for row in 0..30 {
                file += &match row {
                    _ if row % 6 == 1 && row / 6 < damaged => format!("\"Joko {row},Depok,Umroh\n"),
                    _ if row % 6 == 3 && row / 6 < sound => {
                        format!("\"Zainab {row}\",Bogor,Umroh\n")
                    }
                    _ => format!("Siti {row},Bogor,Umroh\n"),
                };
            }
            let dialect = sniff(&file);
            check(&dialect, ',', Some('"'), &["nama", "alamat", "paket"]);
            let mut reader = RecordReader::new(&dialect, Limits::default());
            reader.expect_columns(3);
            reader.feed(file.as_bytes());
            reader.finish();
            let mut bad = 0;
            while let Some(record) = reader.next_record() {
                match record.damage() {
                    Some(_) => bad += 1,
                    None => assert!(!record.get(0).unwrap_or_default().contains('"')),
                }
            }
            assert_eq!(bad, damaged);
        }
    }
}
