//! Keeps a cell from being run as a formula by a spreadsheet, and takes the guard off again. Knows no files.

use std::borrow::Cow;

/// A cell as it is written: one `'` in front where the cell begins, after any number of `'`, with `= + - @ TAB CR LF`.
///
/// Spreadsheets run such cells as formulas. [`unguard`] takes the `'` off again, so nothing is lost either way.
///
/// ```
/// use import_engine::{guard, unguard};
///
/// assert_eq!(guard("+6281234567890"), "'+6281234567890");
/// assert_eq!(guard("'Aisyah"), "'Aisyah");
/// assert_eq!(guard("'=1+1"), "''=1+1");
/// assert_eq!(unguard(&guard("'=1+1")), "'=1+1");
/// ```
#[must_use]
pub fn guard(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A cell as it was before [`guard`]: without exactly one `'` where a guard may have put it.
///
/// ```
/// assert_eq!(import_engine::unguard("'-5"), "-5");
/// assert_eq!(import_engine::unguard("'Aisyah"), "'Aisyah");
/// ```
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(inner) if is_formula(inner) => inner,
        _ => cell,
    }
}

/// Whether a spreadsheet could take the cell for a formula.
fn is_formula(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    let quotes = bytes.iter().take_while(|&&byte| byte == b'\'').count();
    matches!(
        bytes.get(quotes),
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r' | b'\n')
    )
}
