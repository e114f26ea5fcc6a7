//! `hijrah inspect`: what each file is, as one JSON object per line.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::Result;
use import_types::engine::{
    raw::Record,
    recognise::{Dialect, is_footer},
};
use serde::Serialize;

use crate::{Outcome, file, output};

/// Prints one line per file. A file that cannot be used is reported on standard error, and the others are still inspected.
pub(crate) fn inspect(files: &[PathBuf], sheet: Option<&str>) -> Result<Outcome> {
    let mut out = output::stdout();
    let mut outcome = Outcome::Fine;
    for path in files {
        match inspect_file(path, sheet) {
            Ok(line) => {
                serde_json::to_writer(&mut out, &line)?;
                out.write_all(b"\n")?;
            }
            Err(error) => {
                // What was found so far comes first.
                out.flush()?;
                eprintln!("hijrah: {error:#}");
                outcome = Outcome::Unusable;
            }
        }
    }
    out.flush()?;
    Ok(outcome)
}

fn inspect_file(path: &Path, sheet: Option<&str>) -> Result<Inspected> {
    let file::Opened {
        file: mut input,
        sniffer,
        workbook,
    } = file::open(path, sheet)?;
    let dialect = file::sniff(path, &mut input, sniffer)?;
    let mut records = 0_u64;
    file::records(path, &mut input, &dialect, |record| {
        records += u64::from(is_data(&record, &dialect));
        Ok(())
    })?;
    let sign = |byte: u8| char::from(byte).to_string();
    let mut warnings: Vec<String> = dialect.warnings.iter().map(ToString::to_string).collect();
    let workbook = workbook.map(|(format, table)| {
        let notices = table.notices(dialect.header_row);
        warnings.extend(notices.iter().map(ToString::to_string));
        let sheets = table.sheets.into_iter().map(|sheet| Sheet {
            name: sheet.name,
            rows: sheet.rows,
            hidden: sheet.hidden,
        });
        Book {
            format: format.as_str(),
            sheet: table.sheet,
            sheets: sheets.collect(),
        }
    });
    Ok(Inspected {
        file: path.to_string_lossy().into_owned(),
        workbook,
        encoding: dialect.encoding.label(),
        bom: dialect.bom,
        delimiter: sign(dialect.delimiter),
        quote: dialect.quote.map(sign),
        escape: dialect.escape.map(sign),
        has_header: dialect.header_row.is_some(),
        header_row: dialect.header_row,
        confidence: Confidences {
            encoding: rounded(dialect.confidence.encoding),
            delimiter: rounded(dialect.confidence.delimiter),
            quote: rounded(dialect.confidence.quote),
            header: rounded(dialect.confidence.header),
        },
        warnings,
        columns: dialect.headers,
        records,
    })
}

/// The printed description of a file; an absent quote, escape or header row is null.
#[derive(Serialize)]
struct Inspected {
    file: String,
    /// Of a workbook; what follows is then of its sheet's table.
    #[serde(flatten)]
    workbook: Option<Book>,
    encoding: &'static str,
    bom: bool,
    delimiter: String,
    quote: Option<String>,
    escape: Option<String>,
    has_header: bool,
    header_row: Option<u64>,
    columns: Vec<String>,
    records: u64,
    confidence: Confidences,
    warnings: Vec<String>,
}

#[derive(Serialize)]
struct Book {
    format: &'static str,
    sheet: String,
    sheets: Vec<Sheet>,
}

#[derive(Serialize)]
struct Sheet {
    name: String,
    rows: u64,
    hidden: bool,
}

/// From 0, a guess, to 1, certain.
#[derive(Serialize)]
struct Confidences {
    encoding: f64,
    delimiter: f64,
    quote: f64,
    header: f64,
}

/// Whether it is neither the header nor above it, neither blank nor a total below the table.
fn is_data(record: &Record<'_>, dialect: &Dialect) -> bool {
    record.row() >= dialect.first_data_row()
        && record.iter().any(|cell| !cell.trim().is_empty())
        && !is_footer(&record.iter().collect::<Vec<_>>())
}

/// Two decimals: more would suggest a precision that does not exist.
fn rounded(confidence: f32) -> f64 {
    (f64::from(confidence) * 100.0).round() / 100.0
}
