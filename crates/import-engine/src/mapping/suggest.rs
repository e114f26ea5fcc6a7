//! Suggestions for a file that lacks a column: which column looks like the missing field, and what the table may be
//! instead, by its headers and cells. Nothing is decided here.

use super::Sample;
use crate::{csv::Dialect, error::Look, schema::Schema};

/// A smaller likeness is coincidence.
pub(super) const LEAST_LIKENESS: f32 = 0.6;

/// How similar two texts are, from 0.6 to 1, by edits relative to length and by common words; `None` below that. Case
/// matters.
///
/// ```
/// assert!(import_engine::recognise::likeness("umroh ramadan", "umroh ramadhan").unwrap() > 0.9);
/// assert_eq!(import_engine::recognise::likeness("umroh", "haji"), None);
/// ```
#[must_use]
pub fn likeness(a: &str, b: &str) -> Option<f32> {
    let edits = edit_likeness(&a.replace(' ', ""), &b.replace(' ', ""));
    let best = edits.max(word_likeness(a, b));
    (best >= LEAST_LIKENESS).then_some(best)
}

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn edit_likeness(a: &str, b: &str) -> f32 {
    // A header is short; a longer text is prose, and comparing it takes quadratic time.
    const LONGEST: usize = 64;
    let a: Vec<char> = a.chars().take(LONGEST + 1).collect();
    let b: Vec<char> = b.chars().take(LONGEST + 1).collect();
    let (shorter, longer) = (a.len().min(b.len()), a.len().max(b.len()));
    // What the shorter one lacks counts as edits: the lengths alone rule out most pairs.
    let is_too_short = (shorter as f32) < LEAST_LIKENESS * longer as f32;
    if longer > LONGEST || shorter < 3 || is_too_short {
        return 0.0;
    }
    1.0 - distance(&a, &b) as f32 / longer as f32
}

/// The number of insertions, deletions, replacements and swaps of neighbours.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut two_back = vec![0; b.len() + 1];
    let mut back: Vec<usize> = (0..=b.len()).collect();
    let mut row = vec![0; b.len() + 1];
    for i in 1..=a.len() {
        row[0] = i;
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (back[j] + 1).min(row[j - 1] + 1).min(back[j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(two_back[j - 2] + 1);
            }
        }
        std::mem::swap(&mut two_back, &mut back);
        std::mem::swap(&mut back, &mut row);
    }
    back[b.len()]
}

#[expect(clippy::cast_precision_loss, reason = "headers are short")]
fn word_likeness(a: &str, b: &str) -> f32 {
    const MOST_WORDS: usize = 16;
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    if a.len().max(b.len()) > MOST_WORDS {
        return 0.0;
    }
    let common = a
        .iter()
        .filter(|word| word.len() > 2 && b.contains(word))
        .count();
    2.0 * common as f32 / (a.len() + b.len()) as f32
}

/// The words of a header, to be compared with the names of a field.
pub(super) struct Words<'t> {
    words: Vec<&'t str>,
    starts: Starts,
}

/// The letters that words begin with: similar words begin with the same letter.
#[derive(Clone, Copy)]
struct Starts(u64);

impl Starts {
    fn of<'t>(words: impl Iterator<Item = &'t str>) -> Self {
        let starts = words.filter_map(|word| word.bytes().next());
        Self(starts.fold(0, |all, byte| all | 1 << (byte % 64)))
    }

    fn hold(self, others: Self) -> bool {
        others.0 & !self.0 == 0
    }
}

impl<'t> Words<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        const MOST_WORDS: usize = 16;
        let words: Vec<&str> = text.split(' ').take(MOST_WORDS + 1).collect();
        let words = if words.len() > MOST_WORDS {
            Vec::new()
        } else {
            words
        };
        Self {
            starts: Starts::of(words.iter().copied()),
            words,
        }
    }

    /// How similar a header is to a name whose words it all contains, perhaps shortened, with an ending, or with one
    /// letter wrong. `None` if it lacks a word of the name.
    #[expect(clippy::cast_precision_loss, reason = "headers are short")]
    pub(super) fn resemble(&self, name: &str) -> Option<f32> {
        let words = &self.words;
        // A table may have thousands of columns, hardly any of them similar to a name.
        if !self.starts.hold(Starts::of(name.split(' '))) {
            return None;
        }
        let (mut exact, mut alike) = (0_usize, 0_usize);
        let mut says_enough = false;
        for wanted in name.split(' ') {
            if words.contains(&wanted) {
                exact += 1;
                continue;
            }
            let place = words.iter().position(|word| is_word_alike(word, wanted))?;
            alike += 1;
            // Two letters, or a word that is not the first, mean something only together with a word that is written in
            // full.
            says_enough |= place == 0 && words[place].len() > 2;
        }
        let says_enough = says_enough || exact > 0;
        let share = (2 * exact + alike) as f32 / (exact + alike + words.len()) as f32;
        (says_enough && alike > 0).then_some(share.clamp(LEAST_LIKENESS, 1.0))
    }
}

/// Whether a word is another one that is shortened (`kel`, `kd`), has an ending, or has one letter wrong.
fn is_word_alike(word: &str, wanted: &str) -> bool {
    // Shorter words are similar by chance.
    const LEAST_SHORTENED: usize = 3;
    const LEAST_ENDED: usize = 4;
    const LEAST_MISSPELT: usize = 5;
    const LONGEST_ENDING: usize = 3;
    let (length, full) = (word.len(), wanted.len());
    let is_start = length >= LEAST_SHORTENED && length + 1 < full && wanted.starts_with(word);
    let has_ending =
        full >= LEAST_ENDED && length <= full + LONGEST_ENDING && word.starts_with(wanted);
    if word.bytes().next() != wanted.bytes().next() {
        return false;
    }
    is_start || has_ending || is_skeleton(word, wanted) || {
        let (a, b): (Vec<char>, Vec<char>) = (word.chars().collect(), wanted.chars().collect());
        a.len().min(b.len()) >= LEAST_MISSPELT
            && a.len().abs_diff(b.len()) <= 1
            && distance(&a, &b) <= 1
    }
}

/// Whether a word consists of consonants of another, perhaps not all: `jmh` of `jamaah`.
fn is_skeleton(word: &str, wanted: &str) -> bool {
    let mut letters = wanted.chars();
    word.len() >= 2
        && word.len() + 1 < wanted.len()
        && word.chars().next() == wanted.chars().next()
        && !word.contains(['a', 'e', 'i', 'o', 'u'])
        && word.chars().all(|c| letters.any(|letter| letter == c))
}

// What a table that lacks required columns may be instead.

/// More names than any table has.
const MOST_NAMES: usize = 50;

impl Look {
    /// What a table that lacks required columns may be instead.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Look, Sample, Sniffer}};
    ///
    /// let file = b"nama,Siti,Budi\nemail,siti@example.com,budi@example.com\n";
    /// let schema = Schema::builder("contacts")
    ///     .field(Field::text("nama").required())
    ///     .field(Field::email("email").required())
    ///     .build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// assert_eq!(Look::of_table(&schema, &dialect, &sample), Some(Look::Transposed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_table(schema: &Schema, dialect: &Dialect, sample: &Sample) -> Option<Self> {
        if sample.is_lined_up() {
            return Some(Self::FixedWidth);
        }
        let headers = &dialect.headers;
        let mapped = |texts: &[&str]| {
            let mapping = schema.map_headers(texts);
            mapping.map_or(0, |mapping| mapping.pairs().count())
        };
        let first_row: Vec<&str> = headers.iter().map(String::as_str).collect();
        let first_column: Vec<&str> = first_row
            .first()
            .copied()
            .into_iter()
            .chain(sample.cells(0).take(MOST_NAMES))
            .collect();
        let names_beside = mapped(&first_column);
        if names_beside >= 2 && names_beside > mapped(&first_row) {
            return Some(Self::Transposed);
        }
        // `Nama,NIK;;`: lines that a spreadsheet took for cells, next to columns without names.
        let is_alone = |(column, header): (usize, &&str)| column == 0 || header.trim().is_empty();
        let wraps = |header: &str| mapped(&header.split([',', ';', '\t']).collect::<Vec<_>>()) > 1;
        if dialect.columns > 1
            && first_row.iter().enumerate().all(is_alone)
            && first_row.first().is_some_and(|header| wraps(header))
        {
            return Some(Self::WrappedLines);
        }
        if dialect.columns <= 1 {
            let whole_line = |text: &str| text.contains([',', ';', '\t']);
            let wrapped = first_row.iter().any(|header| whole_line(header))
                || sample.cells(0).next().is_some_and(whole_line);
            let lined_up = |text: &str| text.trim().contains("   ");
            return Some(if wrapped {
                Self::WrappedLines
            } else if first_row.iter().any(|header| lined_up(header))
                && sample.cells(0).all(lined_up)
            {
                Self::FixedWidth
            } else {
                Self::OneColumn
            });
        }
        // A text that occurs again in its column is not the column's name.
        let recurs = |(column, header): (usize, &&str)| {
            !header.trim().is_empty()
                && sample.rows().iter().any(|row| {
                    let same = |(cell, header): (&String, &&str)| cell.trim() == header.trim();
                    // The header itself may be repeated.
                    let is_header = row.iter().zip(&first_row).all(same);
                    !is_header && row.get(column).is_some_and(|cell| same((cell, header)))
                })
        };
        let is_data = looks_like_data(&first_row) || first_row.iter().enumerate().any(recurs);
        (dialect.header_row.is_none() || mapped(&first_row) == 0 && is_data)
            .then_some(Self::NoHeader)
    }
}

/// Whether any cell of a header is a value that a header never is: a number, a date, an address.
fn looks_like_data(headers: &[&str]) -> bool {
    headers.iter().any(|header| {
        let digits = header.bytes().filter(u8::is_ascii_digit).count();
        digits >= 6 || header.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_resembles_a_name_whose_words_it_shortens_or_misspells() {
        for (name, text, expected) in [
            ("kode paket", "kd paket", true),
            ("jenis kelamin", "jns kelamn", true),
            ("alamat", "alamatnya sekarang", true),
            ("nama lengkap", "nama lengakp orangnya", true),
            ("kode paket", "kd", false),
            ("kuota", "kota", false),
            ("berangkat", "biaya sekamar ber", false),
            ("nama", "lama", false),
            ("tanggal lahir", "tanggal", false),
        ] {
            assert_eq!(
                Words::new(text).resemble(name).is_some(),
                expected,
                "{name}, {text}"
            );
        }
    }
}
