//! What holds for every table and for every sequence of bytes.

use import_engine::{Limits, recognise::Dialect};
use proptest::prelude::*;

use super::read;

/// Cells with everything that quoting is for.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z0-9 ]{0,8}",
        2 => "[a-z,;\\t|\"'\\\\\\n\\r ]{0,8}",
        1 => "[é‘—\u{fffd}😀\"\\n,]{0,5}",
    ]
}

fn table() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..6).prop_flat_map(|width| {
        prop::collection::vec(prop::collection::vec(cell(), width..=width), 1..12)
    })
}

fn dialect() -> impl Strategy<Value = (u8, u8, bool, csv::Terminator, csv::QuoteStyle)> {
    (
        prop::sample::select(vec![b',', b';', b'\t', b'|', b':', b'~', b'^', b' ']),
        prop::sample::select(vec![b'"', b'\'']),
        any::<bool>(),
        prop::sample::select(vec![
            csv::Terminator::CRLF,
            csv::Terminator::Any(b'\n'),
            csv::Terminator::Any(b'\r'),
        ]),
        prop::sample::select(vec![
            csv::QuoteStyle::Necessary,
            csv::QuoteStyle::Always,
            csv::QuoteStyle::NonNumeric,
        ]),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000.max(ProptestConfig::default().cases), ..ProptestConfig::default() })]

    #[test]
    fn sound_tables_read_as_the_csv_crate_reads_them(
        table in table(),
        (delimiter, quote, backslash, terminator, style) in dialect(),
        chunk in 1_usize..40,
        expect_width in any::<bool>(),
    ) {
        // The csv crate's writer does not escape an escape.
        let plain = |cell: &String| if backslash { cell.replace('\\', "/") } else { cell.clone() };
        let table: Vec<Vec<String>> = table.iter().map(|record| record.iter().map(plain).collect()).collect();
        let mut writer = csv::WriterBuilder::new();
        writer.delimiter(delimiter).quote(quote).terminator(terminator).quote_style(style).flexible(true);
        if backslash {
            writer.double_quote(false).escape(b'\\');
        }
        let mut writer = writer.from_writer(Vec::new());
        for record in &table {
            writer.write_record(record).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let mut reader = csv::ReaderBuilder::new();
        reader.delimiter(delimiter).quote(quote).flexible(true).has_headers(false);
        if backslash {
            reader.escape(Some(b'\\'));
        }
        let expected: Vec<Vec<String>> = reader
            .from_reader(&file[..])
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        let dialect = Dialect {
            delimiter,
            quote: Some(quote),
            escape: backslash.then_some(b'\\'),
            ..Dialect::default()
        };
        let width = expect_width.then(|| table[0].len());
        let seen = read(&dialect, Limits::default(), width, &file, chunk);
        let cells: Vec<Vec<String>> = seen.iter().map(|(_, _, cells, _)| cells.clone()).collect();
        prop_assert!(seen.iter().all(|(_, _, _, damage)| damage.is_none()), "{:?}", seen);
        prop_assert_eq!(cells, expected);
    }

    #[test]
    fn any_bytes_in_chunks_of_any_size_give_the_same_records(
        file in prop::collection::vec(prop::sample::select(b"ab,,  \"\"\"\n\n\r\\\0\xc3\xa9'".to_vec()), 0..200),
        chunk in 1_usize..20,
        width in prop::option::of(1_usize..4),
        backslash in any::<bool>(),
        quoting in any::<bool>(),
        record_bytes in prop::sample::select(vec![12_usize, 40, 1 << 20]),
    ) {
        let dialect = Dialect {
            escape: backslash.then_some(b'\\'),
            quote: quoting.then_some(b'"'),
            ..Dialect::default()
        };
        let limits = Limits { columns: 5, cell_bytes: 8, record_bytes, ..Limits::default() };
        let whole = read(&dialect, limits, width, &file, usize::MAX);
        let parts = read(&dialect, limits, width, &file, chunk);
        prop_assert_eq!(&whole, &parts);
        prop_assert!(whole.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
    }
}
