//! Any bytes as a workbook, as they are or as the parts of one: no panic, nothing beyond the limits, and a table that reads back.
#![no_main]

use std::{
    io::{Cursor, Write},
    ops::ControlFlow,
};

use import_engine::{Limits, raw::RecordReader, recognise::Dialect, sheet::{SheetLimits, Workbook}};
use libfuzzer_sys::fuzz_target;
use zip::{ZipWriter, write::SimpleFileOptions};

/// A zip around the fuzzer's own XML, so that it need not find out how to pack one.
fn packed(parts: &[(&str, &[u8])]) -> Option<Vec<u8>> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).ok()?;
        zip.write_all(content).ok()?;
    }
    Some(zip.finish().ok()?.into_inner())
}

fn read(file: Vec<u8>) {
    let limits = SheetLimits {
        bytes: 1 << 20,
        rows: 2_000,
        columns: 50,
    };
    let mut csv = Vec::new();
    let Ok(mut book) = Workbook::open_within(Cursor::new(file), limits) else { return };
    let outcome = book.to_csv(None, &mut csv, || ControlFlow::Continue(()));
    assert!(csv.len() as u64 <= limits.bytes);
    if outcome.is_err() {
        return;
    }
    let mut reader = RecordReader::new(&Dialect::default(), Limits::default());
    reader.feed(&csv);
    reader.finish();
    while let Some(record) = reader.next_record() {
        assert!(record.len() <= 50 && record.row() <= 2_000);
    }
}

fuzz_target!(|data: &[u8]| {
    let [kind, data @ ..] = data else { return };
    let file = match kind % 4 {
        0 => Some(data.to_vec()),
        1 => packed(&[
            ("[Content_Types].xml", b"<Types/>"),
            ("xl/_rels/workbook.xml.rels", b"<r><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"s\"/><Relationship Id=\"b\" Type=\"/styles\" Target=\"f\"/></r>"),
            ("xl/workbook.xml", b"<workbook><sheet name=\"S\" id=\"a\"/></workbook>"),
            ("xl/f", b"<s><numFmt numFmtId=\"200\" formatCode=\"0000;@\"/><cellXfs><xf numFmtId=\"200\"/><xf numFmtId=\"14\"/></cellXfs></s>"),
            ("xl/s", data),
        ]),
        2 => packed(&[("content.xml", data)]),
        _ => {
            let code: Vec<u8> = data.iter().copied().filter(|c| !matches!(c, b'"' | b'<' | b'&')).collect();
            let styles = [b"<s><numFmt numFmtId=\"200\" formatCode=\"".as_slice(), &code, b"\"/><cellXfs><xf numFmtId=\"200\"/></cellXfs></s>"].concat();
            packed(&[
                ("[Content_Types].xml", b"<Types/>"),
                ("xl/_rels/workbook.xml.rels", b"<r><Relationship Id=\"a\" Type=\"/worksheet\" Target=\"s\"/><Relationship Id=\"b\" Type=\"/styles\" Target=\"f\"/></r>"),
                ("xl/workbook.xml", b"<workbook><sheet name=\"S\" id=\"a\"/></workbook>"),
                ("xl/f", &styles),
                ("xl/s", b"<w><row><c><v>-1234567.891</v></c><c><v>3175010505909001</v></c><c><v>0</v></c></row></w>"),
            ])
        }
    };
    if let Some(file) = file {
        read(file);
    }
});
