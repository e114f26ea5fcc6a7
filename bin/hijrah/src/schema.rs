//! `hijrah schema`: a proposal of a schema from a file, as JSON to look at and to correct.

use std::{io::Write, path::Path};

use anyhow::{Context, Result};
use import_types::engine::{Locale, recognise::infer_schema};

use crate::{Outcome, file, output};

/// Prints the proposal.
pub(crate) fn schema(path: &Path, sheet: Option<&str>) -> Result<Outcome> {
    let file::Opened {
        file: mut input,
        sniffer,
        ..
    } = file::open(path, sheet)?;
    let dialect = file::sniff(path, &mut input, sniffer)?;
    let name = path.file_stem().unwrap_or_default().to_string_lossy();
    let spec = infer_schema(&name, &Locale::INDONESIAN, &dialect, input)
        .with_context(|| format!("cannot use {}", path.display()))?;
    let mut out = output::stdout();
    serde_json::to_writer_pretty(&mut out, &spec)?;
    out.write_all(b"\n")?;
    out.flush()?;
    Ok(Outcome::Fine)
}
