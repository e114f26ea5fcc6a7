//! Words and signs that are values of their own: those for yes and no, those that mean "nothing", and ticks. Knows no fields.

use super::fold::folded;

/// Yes, in English and as a sign.
pub(crate) const YES: &[&str] = &["y", "yes", "true", "1", "✓", "✔"];

/// No, in English and as a sign.
pub(crate) const NO: &[&str] = &["no", "n", "false", "0"];

/// Yes, in Indonesian.
pub(crate) const INDONESIAN_YES: &[&str] = &["ya", "benar", "betul"];

/// No, in Indonesian.
pub(crate) const INDONESIAN_NO: &[&str] = &["tidak", "tdk", "salah", "bukan", "belum"];

// Words that mean "nothing": what people, forms and databases write into a cell instead of leaving it empty. Knows no fields.

/// Signs, and words of English, databases and programs.
pub(crate) const GENERAL: &[&str] = &[
    // Signs.
    "-",
    "--",
    "---",
    "\u{2013}",
    "\u{2014}",
    ".",
    "..",
    "...",
    // Databases and programs.
    "\\n",
    "n/a",
    "na",
    "n.a.",
    "nan",
    "nat",
    "<na>",
    "null",
    "(null)",
    "[null]",
    "<null>",
    "nil",
    "none",
    "undefined",
    "tba",
    "tbd",
    "(blank)",
    "(empty)",
    "(none)",
];

/// Words of Indonesian forms.
pub(crate) const INDONESIAN: &[&str] = &[
    "kosong",
    "(kosong)",
    "nihil",
    "(nihil)",
    "tidak ada",
    "(tidak ada)",
    "tdk ada",
    "belum ada",
    "(belum ada)",
    "blm ada",
    "tidak punya",
    "tdk punya",
    "belum punya",
    "blm punya",
    "belum diisi",
    "tidak diisi",
    "tidak tersedia",
    "belum tersedia",
    "menyusul",
    "(menyusul)",
    "akan menyusul",
];

/// A list of such words, asked of nearly every cell: the first byte and the length rule nearly all of them out.
#[derive(Clone, Debug)]
pub(crate) struct EmptyWords {
    /// Folded, the short ones first.
    words: Vec<Box<str>>,
    /// For each length where its words begin; all long ones share one.
    starts: Box<[usize; LENGTHS + 1]>,
    /// For each first byte the lengths of its words, a bit each.
    lengths: Box<[u64; 256]>,
}

impl EmptyWords {
    pub(crate) fn new<I>(words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let mut only_ascii = true;
        let mut words: Vec<Box<str>> = words
            .into_iter()
            .map(|word| {
                only_ascii &= word.as_ref().is_ascii();
                folded(word.as_ref()).into()
            })
            .collect();
        let mut lengths = Box::new([0; 256]);
        for word in &words {
            if let [first, ..] = word.as_bytes() {
                for first in [first.to_ascii_lowercase(), first.to_ascii_uppercase()] {
                    lengths[usize::from(first)] |= bit(word.len());
                }
            }
        }
        // What is beyond ASCII may be longer or shorter when folded.
        if !only_ascii {
            lengths[128..].fill(u64::MAX);
        }
        words.sort_by_key(|word| word.len());
        let mut starts = Box::new([0; LENGTHS + 1]);
        for (length, start) in starts.iter_mut().enumerate() {
            *start = words.partition_point(|word| place(word.len()) < length);
        }
        Self {
            words,
            starts,
            lengths,
        }
    }

    /// Whether a cleaned text means "nothing".
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "asked of every cell, and nearly always answered by one look"
    )]
    pub(crate) fn contain(&self, text: &str) -> bool {
        match text.as_bytes() {
            [] => true,
            [first, ..] => {
                self.lengths[usize::from(*first)] & bit(text.len()) != 0 && self.list(text)
            }
        }
    }

    #[inline(never)]
    fn list(&self, text: &str) -> bool {
        let place = place(text.len());
        let alike = self.words.get(self.starts[place]..self.starts[place + 1]);
        alike
            .unwrap_or_default()
            .iter()
            .any(|word| word.eq_ignore_ascii_case(text))
            || !text.is_ascii() && {
                let folded = folded(text);
                self.words.iter().any(|word| **word == *folded)
            }
    }
}

/// Lengths that are distinguished.
const LENGTHS: usize = 64;

/// The place of a length; all long ones share one.
#[inline]
fn place(length: usize) -> usize {
    length.min(LENGTHS - 1)
}

/// One bit for each length.
#[inline]
fn bit(length: usize) -> u64 {
    1 << place(length)
}

// A tick in a column of its own: `v`, `x`, `√`, `1`. Decides nothing about columns.

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
    fn knows_the_words_for_nothing() {
        let usual = EmptyWords::new(GENERAL.iter().chain(INDONESIAN));
        for word in [
            "",
            "-",
            "--",
            "–",
            "—",
            ".",
            "N/A",
            "Null",
            "TIDAK ADA",
            "blm ada",
            "belum ada",
            "\\N",
            "(null)",
            "NaN",
            "(Kosong)",
            "NIHIL",
            "<NA>",
        ] {
            assert!(usual.contain(word), "{word}");
        }
        for word in [
            "0", "no", "Nana", "tidak", "---x", "\\", "(", "Nihilis", "é",
        ] {
            assert!(!usual.contain(word), "{word}");
        }
    }

    #[test]
    fn knows_a_callers_words_in_any_case() {
        let words = EmptyWords::new(["keine Angabe", "ohne", "ÄHM", ""]);
        for word in ["", "Keine Angabe", "OHNE", "ähm", "Ähm"] {
            assert!(words.contain(word), "{word}");
        }
        assert!(!words.contain("-"));
        let long = "x".repeat(100);
        assert!(EmptyWords::new([&long]).contain(&long.to_uppercase()));
        assert!(!EmptyWords::new([&long]).contain(&"x".repeat(99)));
    }
}

#[cfg(test)]
mod tick_tests {
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
