//! A tick in a column of its own: `v`, `x`, `√`, `1`. Decides nothing about columns.

/// What people put into a box, and what fonts for signs leave of it (`ü` is the tick of Wingdings).
const TICKS: &[&str] = &[
    "v", "x", "\u{221a}", "\u{2713}", "\u{2714}", "\u{2611}", "\u{2705}", "\u{fc}", "1", "*", "+",
    "\u{2022}", "\u{25cf}", "\u{25a0}", "ya", "y", "iya", "yes", "true", "ok",
];

/// What says that a box is left empty.
const BLANKS: &[&str] = &[
    "-", "\u{2013}", "\u{2014}", "0", "tidak", "tdk", "no", "n", "false", "\u{2610}", ".",
];

/// Whether a cell ticks its column, which stands for `value`. `None` if it says something else.
pub(crate) fn tick(cell: &str, value: &str) -> Option<bool> {
    let folded = cell.trim().to_lowercase();
    if folded.is_empty() || BLANKS.contains(&folded.as_str()) {
        Some(false)
    } else if TICKS.contains(&folded.as_str()) || folded == value.to_lowercase() {
        Some(true)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_a_tick_from_an_empty_box_and_from_anything_else() {
        for (cell, expected) in [
            ("v", Some(true)),
            ("V ", Some(true)),
            ("\u{221a}", Some(true)),
            ("1", Some(true)),
            ("P", Some(true)),
            ("", Some(false)),
            ("-", Some(false)),
            ("0", Some(false)),
            ("2", None),
            ("L", None),
            ("Siti", None),
        ] {
            assert_eq!(tick(cell, "P"), expected, "{cell}");
        }
    }
}
