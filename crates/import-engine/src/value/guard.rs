//! Keeps a cell from being run as a formula by a spreadsheet, and takes the guard off again. Knows no files.

use std::borrow::Cow;

/// A cell as it is written: one `'` in front where the cell begins, after any number of `'`, with `= + - @ TAB CR LF` or with
/// a full-width `＝ ＋ － ＠`, which a spreadsheet may take for the same.
///
/// Spreadsheets run such cells as formulas. [`unguard`] takes the `'` off again, so nothing is lost either way.
///
/// ```
/// use import_engine::report::{guard, unguard};
///
/// assert_eq!(guard("+6281234567890"), "'+6281234567890");
/// assert_eq!(guard("'Aisyah"), "'Aisyah");
/// assert_eq!(guard("'=1+1"), "''=1+1");
/// assert_eq!(guard("＝1+1"), "'＝1+1");
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
/// assert_eq!(import_engine::report::unguard("'-5"), "-5");
/// assert_eq!(import_engine::report::unguard("'Aisyah"), "'Aisyah");
/// ```
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(inner) if is_formula(inner) => inner,
        _ => cell,
    }
}

/// A header without the guards that it was given, however many. A header is a name and not data, and is read again in every
/// round of correction: one guard more or less must not make it another.
pub(crate) fn unguard_header(header: &str) -> &str {
    if is_formula(header) {
        header.trim_start_matches('\'')
    } else {
        header
    }
}

/// Whether a spreadsheet could take the cell for a formula.
fn is_formula(cell: &str) -> bool {
    matches!(
        cell.trim_start_matches('\'').chars().next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    )
}
