//! Checks the file of a SQLite database before anything opens it, because opening would create it or switch it to WAL mode.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::report::Report;

/// <https://www.sqlite.org/fileformat.html>, section 1.3.
const HEADER: usize = 100;
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const RESTORE: &str = "restore a backup, or save what can be read with `sqlite3 FILE .recover`";

/// Whether it can be opened as a database. A missing file is an error, because there is nothing to check.
pub(crate) fn check(path: &Path, report: &mut Report) -> Result<bool> {
    let shown = path.display();
    ensure!(
        path.exists(),
        "there is no file {shown}; `migration up` creates it"
    );
    let mut header = [0; HEADER];
    let mut file = File::open(path).with_context(|| format!("cannot read {shown}"))?;
    let size = file.metadata()?.len();
    if size == 0 {
        return Ok(true);
    }
    if file.read_exact(&mut header).is_err() || &header[..16] != MAGIC {
        report.bad(
            "integrity",
            &format!("{shown} is not a SQLite database"),
            RESTORE,
        );
        return Ok(false);
    }
    let page = match u64::from(u16::from_be_bytes([header[16], header[17]])) {
        1 => 65_536,
        size => size,
    };
    let pages = u64::from(u32::from_be_bytes([
        header[28], header[29], header[30], header[31],
    ]));
    // If there is a journal, the file alone does not show the state of the database.
    let has_journal = ["-wal", "-journal"].iter().any(|suffix| {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        Path::new(&name).metadata().is_ok_and(|file| file.len() > 0)
    });
    if !has_journal && pages * page > size {
        let text = format!(
            "{shown} has {size} bytes instead of {}: it was cut off",
            pages * page
        );
        report.bad("integrity", &text, RESTORE);
    }
    // Write and read version: 2 is WAL.
    if header[18..20] == [2, 2] {
        report.good("journal mode", "WAL");
    } else {
        report.bad(
            "journal mode",
            "the file is not in WAL mode, so that readers and the writer wait for each other",
            "PRAGMA journal_mode = WAL",
        );
    }
    Ok(true)
}
