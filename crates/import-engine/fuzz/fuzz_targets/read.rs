//! Any bytes in any dialect and any chunks: no panic, the same records, rows and lines that grow.
#![no_main]

use import_engine::{Limits, raw::{Damage, RecordReader}, recognise::{Dialect, Encoding}};
use libfuzzer_sys::fuzz_target;

type Seen = (u64, u64, Vec<String>, Option<Damage>);

fn read(dialect: &Dialect, limits: Limits, width: usize, file: &[u8], chunk: usize) -> Vec<Seen> {
    let mut reader = RecordReader::new(dialect, limits);
    if width > 0 {
        reader.expect_columns(width);
    }
    let mut seen = Vec::new();
    let mut take = |reader: &mut RecordReader| {
        while let Some(record) = reader.next_record() {
            let cells = record.iter().map(str::to_owned).collect();
            seen.push((record.row(), record.line(), cells, record.damage()));
        }
    };
    for bytes in file.chunks(chunk) {
        reader.feed(bytes);
        take(&mut reader);
    }
    reader.finish();
    take(&mut reader);
    seen
}

fuzz_target!(|data: &[u8]| {
    let [options, chunk, width, file @ ..] = data else { return };
    let dialect = Dialect {
        encoding: [Encoding::UTF_8, Encoding::WINDOWS_1252, Encoding::UTF_16LE, Encoding::UTF_8][usize::from(options & 3)],
        delimiter: [b',', b';', b'\t', b'|'][usize::from(options >> 2 & 3)],
        quote: [Some(b'"'), Some(b'"'), Some(b'\''), None][usize::from(options >> 4 & 3)],
        escape: (options & 64 != 0).then_some(b'\\'),
        sep_line: options & 128 != 0,
        ..Dialect::default()
    };
    let limits = Limits {
        columns: 6,
        cell_bytes: 24,
        record_bytes: if width & 1 == 0 { 48 } else { 1 << 20 },
        ..Limits::default()
    };
    let width = usize::from(width >> 1 & 3);
    let whole = read(&dialect, limits, width, file, usize::MAX);
    let parts = read(&dialect, limits, width, file, usize::from(*chunk).max(1));
    assert_eq!(whole, parts);
    assert!(whole.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
});
