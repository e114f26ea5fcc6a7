//! Recognises the line of sums that people put under a table.

/// Whether a record is a footer: its first filled cell is a word for a sum (`TOTAL`, `JUMLAH`, `Summe`, …), and the other
/// filled cells are numbers. Readers report such a row as skipped instead of checking it.
///
/// ```
/// use import_engine::is_footer;
///
/// assert!(is_footer(&["JUMLAH", "8", "", ""]));
/// assert!(is_footer(&["", "Grand Total:", "Rp25.000.000"]));
/// assert!(!is_footer(&["Total Tours", "Jakarta", "8"]));
/// assert!(!is_footer(&["Siti", "8"]));
/// ```
#[must_use]
pub fn is_footer<S: AsRef<str>>(cells: &[S]) -> bool {
    let mut filled = cells
        .iter()
        .map(|c| c.as_ref().trim())
        .filter(|c| !c.is_empty());
    let Some(first) = filled.next() else {
        return false;
    };
    let word = first.trim_end_matches([':', '.', '=', ' ']).to_lowercase();
    if cells.len() < 2 || !SUMS.contains(&word.as_str()) {
        return false;
    }
    filled.all(|cell| {
        let kind = super::kind::kind(cell.as_bytes());
        // "8 orang", "45 pax": a number with its unit.
        let counted = cell.split_whitespace().count() == 2
            && cell
                .split_whitespace()
                .next()
                .is_some_and(|n| super::kind::kind(n.as_bytes()).is_numeric());
        kind.is_numeric() || kind == super::kind::Kind::Empty || counted
    })
}

/// Words for a sum, lower case.
const SUMS: [&str; 24] = [
    "total",
    "jumlah",
    "jml",
    "grand total",
    "subtotal",
    "sub total",
    "total keseluruhan",
    "jumlah total",
    "total jamaah",
    "sum",
    "total jemaah",
    "summe",
    "gesamt",
    "gesamtsumme",
    "somme",
    "totale",
    "totaal",
    "totals",
    "suma",
    "razem",
    "celkem",
    "итого",
    "合計",
    "合计",
];
