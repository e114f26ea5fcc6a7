//! Reading records without checking them, with the `csv` crate and with the engine: what the benchmarks of both crates compare.

use import_engine::{Limits, raw::RecordReader, recognise::Dialect};

/// Cells that the `csv` crate reads.
pub(crate) fn read_with_csv(file: &[u8]) -> usize {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(file);
    let mut record = csv::ByteRecord::new();
    let mut cells = 0;
    while reader.read_byte_record(&mut record).expect("a sound file") {
        cells += record.len();
    }
    cells
}

/// Cells that the engine reads of a file with ten columns.
pub(crate) fn read_with_engine(file: &[u8]) -> usize {
    let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    reader.expect_columns(10);
    let mut cells = 0;
    for chunk in file.chunks(64 << 10) {
        reader.feed(chunk);
        while let Some(record) = reader.next_record() {
            cells += record.len();
        }
    }
    reader.finish();
    while let Some(record) = reader.next_record() {
        cells += record.len();
    }
    cells
}
