//! The line of sums that people put under a table: the one rule by which recognition, previews and checking know it.

use crate::{
    sniff::is_quantity,
    value::{names::normalise_header, text},
};

/// Words for a sum, as [`normalise_header`] writes them. A schema may have words of its own instead.
pub(crate) const WORDS: [&str; 26] = [
    "total",
    "jumlah",
    "jml",
    "grand total",
    "subtotal",
    "sub total",
    "total keseluruhan",
    "jumlah total",
    "total jamaah",
    "total jemaah",
    "total pembayaran",
    "sum",
    "summe",
    "gesamt",
    "gesamtsumme",
    "somme",
    "totale",
    "totaal",
    "totals",
    "total general",
    "suma",
    "razem",
    "celkem",
    "итого",
    "合計",
    "合计",
];

/// Whether a record is a footer: its first filled cell is a word for a sum (`TOTAL`, `JUMLAH`, `Summe`, …), and the other
/// filled cells are numbers. Readers report such a row as skipped instead of checking it. Checking by a schema also skips a
/// row that begins with such a word and lacks what the schema requires.
///
/// ```
/// use import_engine::recognise::is_footer;
///
/// assert!(is_footer(&["JUMLAH", "8", "", ""]));
/// assert!(is_footer(&["", "Grand Total:", "Rp25.000.000"]));
/// assert!(!is_footer(&["Total Tours", "Jakarta", "8"]));
/// assert!(!is_footer(&["Siti", "8"]));
/// ```
#[must_use]
pub fn is_footer<S: AsRef<str>>(cells: &[S]) -> bool {
    let cells = cells.iter().map(AsRef::as_ref);
    sums_up(cells, |word| WORDS.contains(&word), || false)
}

/// The rule: more than one cell, the first filled one a word for a sum, and after it nothing but numbers, or something
/// missing that a record would have. Somebody whose name is Total has other cells filled.
pub(crate) fn sums_up<'c>(
    cells: impl ExactSizeIterator<Item = &'c str>,
    is_word: impl Fn(&str) -> bool,
    lacks: impl Fn() -> bool,
) -> bool {
    let several = cells.len() > 1;
    let mut filled = cells.filter(|cell| !is_blank(cell));
    let Some(first) = filled.next().filter(|_| several) else {
        return false;
    };
    let word = normalise_header(first.trim_end_matches(['=', ' ']));
    is_word(&word) && (lacks() || filled.all(is_number))
}

/// No letter, or a number with its unit or currency: `45 pax`, `Rp25.000.000`.
fn is_number(cell: &str) -> bool {
    !cell.contains(char::is_alphabetic) || is_quantity(cell)
}

/// Nothing that can be seen.
#[inline]
pub(crate) fn is_blank(cell: &str) -> bool {
    match cell.as_bytes() {
        [] => true,
        [first, ..] if first.is_ascii_graphic() => false,
        _ => cell
            .chars()
            .all(|c| c.is_whitespace() || text::is_invisible(c)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_words_as_they_are_compared() {
        for word in WORDS {
            assert_eq!(normalise_header(word), word);
        }
    }
}
