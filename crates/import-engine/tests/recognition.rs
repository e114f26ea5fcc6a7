//! Laws of recognition: nothing panics, chunks do not matter, the caller's knowledge binds, and the samples of real exports
//! are recognised.

use std::fmt::Write;

use import_engine::recognise::{
    Decoder, DialectWarning, Encoding, LineEnding, SniffError, Sniffer, is_footer,
};
use proptest::prelude::*;

/// Bytes as they come in tables, and as they do not.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        8 => "[a-z0-9]{0,8}".prop_map(String::into_bytes),
        8 => prop::sample::select(vec![",", ";", "\t", "\n", "\r\n", "\r", "\"", "'", "\\", " ", "|", "\"\"", "sep=;\n"]).prop_map(|s| s.as_bytes().to_vec()),
        2 => prop::sample::select(vec!["é", "漢字", "\u{FEFF}", "😀", "Ж"]).prop_map(|s| s.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..120).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_bytes_get_an_answer_that_does_not_depend_on_the_chunks(bytes in bytes(), size in 1usize..40) {
        let mut whole = Sniffer::new();
        whole.feed(&bytes);
        let mut parts = Sniffer::new();
        bytes.chunks(size).for_each(|chunk| parts.feed(chunk));
        prop_assert_eq!(whole.finish(), parts.finish());
        let _ = Sniffer::new().sniff(&bytes);
    }

    #[test]
    fn noise_gets_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = Sniffer::new().sniff(&bytes);
    }

    #[test]
    fn decoding_does_not_depend_on_the_chunks(bytes in bytes(), size in 1usize..40, label in prop::sample::select(vec![
        "utf-8", "utf-16le", "utf-16be", "windows-1252", "shift_jis", "gb18030", "euc-jp", "iso-2022-jp", "big5", "euc-kr", "ibm850", "utf-32le",
    ])) {
        let encoding = Encoding::for_label(label).unwrap();
        let decode = |size: usize| {
            let (mut decoder, mut text, mut invalid) = (Decoder::new(encoding), String::new(), Vec::new());
            for chunk in bytes.chunks(size) {
                decoder.feed(chunk, &mut text);
                invalid.extend_from_slice(decoder.invalid());
            }
            decoder.finish(&mut text);
            invalid.extend_from_slice(decoder.invalid());
            (text, invalid)
        };
        prop_assert_eq!(decode(size), decode(bytes.len().max(1)));
    }

    #[test]
    fn what_the_caller_knows_is_not_questioned(bytes in bytes(), delimiter in prop::sample::select(b",;\t|:".to_vec()), row in prop::option::of(1u64..5)) {
        let sniffer = Sniffer::new()
            .with_delimiter(delimiter)
            .with_quote(Some(b'\''))
            .with_escape(Some(b'\\'))
            .with_header_row(row)
            .with_encoding(Encoding::WINDOWS_1252);
        if let Ok(dialect) = sniffer.sniff(&bytes) {
            prop_assert_eq!(dialect.delimiter, delimiter);
            prop_assert_eq!((dialect.quote, dialect.escape), (Some(b'\''), Some(b'\\')));
            prop_assert_eq!(dialect.header_row, row);
            prop_assert_eq!(dialect.encoding, Encoding::WINDOWS_1252);
        }
    }
}

#[test]
fn a_late_byte_that_is_not_utf8_is_seen_when_the_whole_file_is_fed() {
    let mut bytes = b"nama;kota\n".to_vec();
    bytes.extend("Budi;Bandung\n".repeat(30_000).into_bytes());
    bytes.extend(b"Ren\xE9e;Jakarta\n");
    let mut sniffer = Sniffer::new();
    bytes.chunks(8192).for_each(|chunk| sniffer.feed(chunk));
    assert_eq!(sniffer.finish().unwrap().encoding, Encoding::WINDOWS_1252);
}

#[test]
fn damage_in_a_utf8_file_is_told_and_does_not_make_it_windows_1252() {
    let mut bytes = "nama,kota\nNurhayé,Málaga\nZoë,León\n"
        .repeat(20)
        .into_bytes();
    bytes.extend(b"Ren\xE9e,Jakarta\n");
    let dialect = Sniffer::new().sniff(&bytes).unwrap();
    assert_eq!(dialect.encoding, Encoding::UTF_8);
    assert!(
        dialect
            .warnings
            .iter()
            .any(|w| matches!(w, DialectWarning::InvalidBytes { count: 1, .. }))
    );
}

#[test]
fn a_head_cut_inside_a_character_is_still_utf8() {
    let bytes = "nama,kota\nNurhayé,Málaga\n".repeat(50).into_bytes();
    let cut = bytes.len() - 6;
    assert_eq!(bytes[cut - 1], 0xC3);
    assert_eq!(
        Sniffer::new().sniff(&bytes[..cut]).unwrap().encoding,
        Encoding::UTF_8
    );
}

#[test]
fn the_line_that_names_the_separator_is_not_a_record() {
    let dialect = Sniffer::new()
        .sniff(b"sep=;\r\na;b,c\r\n1;2,5\r\n2;3,5\r\n")
        .unwrap();
    assert!(dialect.sep_line);
    assert_eq!(
        (dialect.delimiter, dialect.header_row, dialect.line_ending),
        (b';', Some(1), LineEnding::CrLf)
    );
    assert_eq!(dialect.headers, ["a", "b,c"]);
}

#[test]
fn known_headers_decide_which_row_is_the_header() {
    let text = b"Nama,Alamat,Telepon\nKolom A,Kolom B,Kolom C\nNama Lengkap,Alamat Rumah,No. HP\nBudi,Bandung,0812\n";
    let sniffer = Sniffer::new().with_known_headers(["nama lengkap", "alamat rumah", "no hp"]);
    assert_eq!(sniffer.sniff(text).unwrap().header_row, Some(3));
}

#[test]
fn rows_above_the_header_are_counted_blank_ones_included() {
    let dialect = Sniffer::new()
        .sniff(b"DAFTAR;;\n;;\n\nNo;Nama;Usia\n1;Budi;30\n2;Siti;31\n3;Agus;32\n")
        .unwrap();
    assert_eq!(
        (
            dialect.header_row,
            dialect.rows_above,
            dialect.first_data_row()
        ),
        (Some(4), 3, 5)
    );
}

#[test]
fn refuses_what_is_no_text() {
    assert_eq!(Sniffer::new().sniff(b""), Err(SniffError::Empty));
    assert_eq!(
        Sniffer::new().sniff(b"\xEF\xBB\xBF\r\n"),
        Err(SniffError::Empty)
    );
    for bytes in [
        &b"PK\x03\x04rest"[..],
        b"%PDF-1.7",
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        b"\x00\x01\x02\x03\x04\x05\x06\x07\x08",
    ] {
        assert!(
            matches!(Sniffer::new().sniff(bytes), Err(SniffError::Binary { .. })),
            "{bytes:?}"
        );
    }
}

#[test]
fn tells_footers_from_records() {
    for (footer, cells) in [
        (true, &["JUMLAH", "8", "", ""][..]),
        (true, &["", "TOTAL :", "Rp25.000.000"]),
        (true, &["Total", "45 pax", "1.000"]),
        (false, &["Jumlah Harta", "8"]),
        (false, &["Total", "Bandung"]),
        (false, &["TOTAL"]),
        (false, &["", ""]),
    ] {
        assert_eq!(is_footer(cells), footer, "{cells:?}");
    }
}

/// What a head says: the delimiter, the number of columns, and the header's row.
fn sniffed(file: &str) -> (char, usize, Option<u64>) {
    let Ok(dialect) = Sniffer::new().sniff(file.as_bytes()) else {
        return ('?', 0, None);
    };
    (
        char::from(dialect.delimiter),
        dialect.columns,
        dialect.header_row,
    )
}

#[test]
fn a_short_file_is_not_taken_for_a_head_cut_off() {
    let ragged = "nama,email,telepon\nAhmad,ahmad@x.com,0812345\nSiti,siti@x.com\n\
                  Budi,budi@x.com,081345,lunas\nDewi,dewi@x.com,081456\nEko,eko@x.com,081567";
    assert_eq!(sniffed(ragged), (',', 3, Some(1)));
    assert_eq!(sniffed(&format!("{ragged}\n")), (',', 3, Some(1)));
    let words = "name,city,note\nAnna,Berlin,fine\nBjorn,Paris\nCarlos,Madrid,ok,more\nElena,Rome,late\nGrace,Oslo,early\n";
    assert_eq!(sniffed(words), (',', 3, Some(1)));
}

#[test]
fn a_first_line_that_names_a_column_heads_one_column() {
    let addresses = "address\nJl. Merdeka No. 1, Bandung\nJl. Sudirman 5, Jakarta\nJl. Thamrin No. 7, RT 02, Jakarta\nPasar Baru, Bogor\nJl. Mawar 3, Depok\n";
    assert_eq!((sniffed(addresses).1, sniffed(addresses).2), (1, Some(1)));
    let phones = "Phone\n+38 138 3827\n+98 447 9186\n+68 957 1900\n+44 207 9460\n";
    assert_eq!((sniffed(phones).1, sniffed(phones).2), (1, Some(1)));
}

#[test]
fn years_that_count_up_over_numbers_head_their_columns() {
    let file = "Country,2000,2001,2002\nLisbon,744617,897804,878987\nBerlin,711841,750039,424541\n";
    assert_eq!(sniffed(file), (',', 4, Some(1)));
    let squares = "1,2,3\n2,3,4\n3,4,5\n4,5,6\n";
    assert_eq!(sniffed(squares), (',', 3, None));
}

#[test]
fn no_cell_of_a_group_of_telephones_is_split() {
    let file = "city,phone,other\nSeoul,+27 568 4089,+46 184 5606\nLagos,+3 753 6173,+31 988 8099\nQuito,+47 239 3784,+70 125 9239\n";
    assert_eq!(sniffed(file), (',', 3, Some(1)));
}

/// The row that names the columns of a table without the help of known names.
fn header_row(lines: &[String]) -> Option<u64> {
    let dialect = Sniffer::new().sniff(lines.join("\n").as_bytes());
    dialect.ok()?.header_row
}

#[test]
fn a_sign_for_the_numbers_of_the_rows_begins_no_comment() {
    for header in [
        "#;Peserta (wajib: sesuai paspor);Identitas;Kontak;Asal",
        "#;Nama;Alamat lengkap sesuai KTP termasuk RT/RW, kelurahan, kecamatan dan kota;Kontak;Asal",
        "# No; Nama; Identitas; Kontak; Asal",
    ] {
        let rows = (1..=12).map(|n| format!("{n};Budi Santoso;31750{n:02};08123456{n:02};Jakarta"));
        let lines: Vec<String> = std::iter::once(header.to_owned()).chain(rows).collect();
        assert_eq!(header_row(&lines), Some(1), "{header}");
    }
}

#[test]
fn rows_numbered_with_a_sign_are_no_comments() {
    let mut lines = vec!["#;Nama;Identitas".to_owned()];
    lines.extend((1..=40).map(|n| format!("#{n};Budi Santoso;31750{n:02}")));
    lines.push("TOTAL;40;".to_owned());
    assert_eq!(header_row(&lines), Some(1));
}

#[test]
fn a_first_row_that_begins_with_the_sign_of_numbers_heads_a_numbered_table() {
    let rows = |sign: &str, end: &str| {
        let mut rows = String::new();
        for n in 1..=8 {
            let (name, city) = [("Siti Aminah", "Jakarta"), ("Budi Santoso", "Bandung")][n % 2];
            writeln!(
                rows,
                "{sign}{n};{name};32710456789012{n:02};0812345678{n:02};{city}"
            )
            .unwrap();
        }
        rows + end
    };
    for header in [
        "#;Peserta (wajib: sesuai paspor);Identitas;Kontak;Asal\n",
        "#;Nama;Identitas;Kontak;Alamat lengkap sesuai KTP termasuk RT/RW, kelurahan, kecamatan dan kode pos\n",
        "#;Nama;No. KTP;No. HP;Kota\n",
    ] {
        for (sign, end) in [
            ("", ""),
            ("#", ""),
            ("#", "TOTAL;8 orang;;;\n"),
            ("", "TOTAL;8 orang;;;\n"),
        ] {
            let file = format!("{header}{}", rows(sign, end));
            assert_eq!(sniffed(&file), (';', 5, Some(1)), "{file}");
        }
    }
    let blanks = "#, Nama, No. KTP\n1,Siti Aminah,3271045678901201\n2,Budi Santoso,3271045678901202\n3,Dewi,3271045678901203\n";
    assert_eq!(sniffed(blanks), (',', 3, Some(1)));
    let tags = "#umrah;12;5\n#haji;17;8\n#mekah;22;1\n#madinah;19;4\nTOTAL;70;18\n";
    assert_eq!(sniffed(tags).2, None);
}

#[test]
fn a_comment_with_delimiters_in_it_is_no_header() {
    let file = "# sorted by code, then by name\n0017,Aceh\n0018,Bali\n0019,Banten\n0020,Papua\n";
    assert_eq!(sniffed(file), (',', 2, None));
}

#[test]
fn a_header_one_name_short_is_no_title_above_the_first_row_of_words() {
    let file = "Nama;Kota;Catatan\nBudi;Jakarta;kursi roda;lunas\nSiti;Bandung;kamar 1;100000\nDewi;Bogor;kamar 2;250000\n\
                Agus;Depok;kamar 3;150000\n";
    assert_eq!(sniffed(file).2, Some(1));
    let title = "Daftar jemaah;Kloter Maret;Jakarta\nNo;Nama;Kota;Bayar\n1;Budi;Jakarta;100000\n2;Siti;Bandung;250000\n";
    assert_eq!(sniffed(title).2, Some(2));
}

#[test]
fn numbers_that_count_up_to_a_total_head_their_columns() {
    for rows in [8, 40] {
        let mut file = String::from("1;2;3;4;Total\n");
        for n in 0..rows {
            let [a, b, c, d] = [37, 53, 71, 29].map(|step| n * step % 97);
            writeln!(file, "{a};{b};{c};{d};{}", a + b + c + d).unwrap();
        }
        assert_eq!(sniffed(&file), (';', 5, Some(1)), "{rows}");
    }
}

#[test]
fn one_row_of_words_is_data_unless_it_names_columns() {
    assert_eq!(sniffed("Siti Aminah;Jakarta\n").2, None);
    assert_eq!(sniffed("Nama;Kota\n").2, Some(1));
    assert_eq!(sniffed("Nama;Identitas;Kontak;Kota\n").2, Some(1));
}

#[test]
fn two_rows_with_one_code_do_not_make_a_header_of_the_row_above() {
    let file =
        "Siti Aminah;Jakarta;UMR-01\nBudi Santoso;Bandung;UMR-02\nDewi Lestari;Bogor;UMR-02\n";
    assert_eq!(sniffed(file).2, None);
}
