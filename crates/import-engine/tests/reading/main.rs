//! What is sound reads exactly as the `csv` crate reads it; what is damaged costs the record where it stands.

mod asides;
mod damage;
mod laws;
mod people;

use import_engine::{
    Limits,
    raw::{Damage, RecordReader},
    recognise::Dialect,
};

/// Row, physical line, cells, damage.
type Seen = (u64, u64, Vec<String>, Option<Damage>);

fn read(
    dialect: &Dialect,
    limits: Limits,
    width: Option<usize>,
    file: &[u8],
    chunk: usize,
) -> Vec<Seen> {
    let mut reader = RecordReader::new(dialect, limits);
    if let Some(width) = width {
        reader.expect_columns(width);
    }
    let mut seen = Vec::new();
    let mut take = |reader: &mut RecordReader| {
        while let Some(record) = reader.next_record() {
            let cells = record.iter().map(str::to_owned).collect();
            seen.push((record.row(), record.line(), cells, record.damage()));
        }
    };
    for bytes in file.chunks(chunk.max(1)) {
        reader.feed(bytes);
        take(&mut reader);
    }
    reader.finish();
    take(&mut reader);
    seen
}
