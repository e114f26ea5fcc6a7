//! `hijrah rows`: every record of a file as decoded, one JSON array of strings per line.

use std::{io::Write, path::Path};

use anyhow::Result;
use import_types::engine::raw::Damage;

use crate::{Outcome, file, output};

/// Prints the records. Damaged ones are printed as well as their cells can be separated, and reported on standard error.
pub(crate) fn rows(path: &Path, sheet: Option<&str>) -> Result<Outcome> {
    let file::Opened {
        file: mut input,
        sniffer,
        ..
    } = file::open(path, sheet)?;
    let dialect = file::sniff(path, &mut input, sniffer)?;
    let mut out = output::stdout();
    file::records(path, &mut input, &dialect, |record| {
        // A blank row counts as a row, but it is not a record.
        if record.len() <= 1 && record.raw().trim().is_empty() {
            return Ok(());
        }
        if let Some(damage) = record.damage() {
            eprintln!(
                "hijrah: row {} (line {}): {}",
                record.row(),
                record.line(),
                words(damage)
            );
        }
        serde_json::to_writer(&mut out, &record.iter().collect::<Vec<_>>())?;
        out.write_all(b"\n")?;
        Ok(())
    })?;
    out.flush()?;
    Ok(Outcome::Fine)
}

fn words(damage: Damage) -> &'static str {
    match damage {
        Damage::OpenQuote => "a quote is opened and never closed",
        Damage::TextAfterQuote => "text stands after a closing quote",
        Damage::Nul => "a NUL character",
        Damage::InvalidBytes => "bytes that are not valid in the encoding",
        Damage::CellTooLarge => "a cell is too large",
        Damage::RecordTooLarge => "the record is too large",
        Damage::TooManyColumns => "too many cells",
        _ => "the record is damaged",
    }
}
