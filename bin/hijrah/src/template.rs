//! `hijrah template`: prints the file to fill in, with an example row.

use std::io::Write;

use anyhow::Result;
use import_types::{
    ImportType,
    engine::report::{CsvWriter, write_template},
    schema,
};

use crate::{Outcome, output};

/// Prints the template: UTF-8 with a byte order mark, by which Excel recognises it.
pub(crate) fn template(import_type: ImportType, delimiter: u8) -> Result<Outcome> {
    let writer = CsvWriter::new(output::stdout())
        .delimiter(delimiter)
        .byte_order_mark();
    write_template(schema(import_type), writer, |_| None)?.flush()?;
    Ok(Outcome::Fine)
}

/// Reads a delimiter from the command line: one ASCII character, or `tab`.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        _ if text == "tab" || text == "\\t" => Ok(b'\t'),
        [byte]
            if byte.is_ascii()
                && !byte.is_ascii_alphanumeric()
                && !matches!(byte, b'"' | b'\'' | b'\n' | b'\r') =>
        {
            Ok(*byte)
        }
        _ => Err("one character such as ';' or ',', or the word 'tab'".to_owned()),
    }
}
