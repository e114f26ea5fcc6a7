//! The words that headers consist of besides the names of fields: other spellings, what changes nothing, and what makes a column
//! something else. Data of a schema; decides nothing by itself.

use std::collections::{HashMap, HashSet};

use super::header::{Header, Token};
use crate::schema::Field;

/// What a schema knows of the words in headers.
///
/// People rarely write a bare name: `Nama Jama'ah (sesuai KTP) *`, `Harga (USD)`, `No HP Darurat`. A column is matched when its
/// whole header is names of one field and words that are known to change nothing.
///
/// ```
/// use import_engine::{Field, Schema, fields::HeaderWords};
///
/// let words = HeaderWords::new()
///     .spellings("no", ["nomor", "number"])
///     .harmless(["sesuai ktp", "wajib"])
///     .units(["usd"])
///     .others(["ayah", "darurat"]);
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").alias("nama"))
///     .field(Field::text("phone").alias("no hp"))
///     .header_words(words)
///     .build()?;
/// let mapping = schema.map_headers(&["Nama (sesuai KTP)", "Nomor HP Darurat", "Nomor HP"])?;
/// assert_eq!((mapping.column_of(0), mapping.column_of(1)), (Some(0), Some(2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct HeaderWords {
    spellings: HashMap<String, String>,
    harmless: Phrases,
    units: Phrases,
    others: Phrases,
    groups: Phrases,
}

impl HeaderWords {
    /// None at all.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Other spellings of a word, wherever it stands: `nomor` for `no`. To be given before any phrase.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new().spellings("tanggal", ["tgl", "date"]);
    /// ```
    #[must_use]
    pub fn spellings<I>(mut self, word: &str, others: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        for other in others {
            self.spellings
                .insert(other.as_ref().to_owned(), word.to_owned());
        }
        self
    }

    /// Words and phrases that change nothing in any header. `#` is any number.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new().harmless(["wajib diisi", "# digit"]);
    /// ```
    #[must_use]
    pub fn harmless<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases = Phrases::new(phrases, &self);
        self.harmless.extend(phrases);
        self
    }

    /// Units and currencies that a field does not have unless it [says so](crate::Field::header_tails): the numbers of such a
    /// column are others.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new().units(["usd", "juta"]);
    /// ```
    #[must_use]
    pub fn units<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases = Phrases::new(phrases, &self);
        self.units.extend(phrases);
        self
    }

    /// Other persons and things, unless a field is named so: the column is theirs, and not even suggested.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new().others(["ayah", "ahli waris"]);
    /// ```
    #[must_use]
    pub fn others<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases = Phrases::new(phrases, &self);
        self.others.extend(phrases);
        self
    }

    /// Titles above several columns that say nothing of any of them: `Data Diri` above `Nama` and `NIK`.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new().groups(["data diri", "kontak"]);
    /// ```
    #[must_use]
    pub fn groups<I>(mut self, phrases: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let phrases = Phrases::new(phrases, &self);
        self.groups.extend(phrases);
        self
    }

    /// A word as it is compared.
    pub(crate) fn canonical<'w>(&'w self, word: &'w str) -> &'w str {
        self.spellings.get(word).map_or(word, String::as_str)
    }

    pub(crate) fn is_harmless(&self, words: &str) -> bool {
        self.harmless.contain(words)
    }

    pub(crate) fn is_group(&self, words: &str) -> bool {
        self.groups.contain(words)
    }

    pub(crate) fn is_unit(&self, words: &str) -> bool {
        self.units.contain(words)
    }

    pub(crate) fn is_other(&self, words: &str) -> bool {
        self.others.contain(words)
    }
}

/// Phrases, compared without blanks and in canonical words.
#[derive(Clone, Debug, Default)]
pub(crate) struct Phrases(HashSet<String>);

impl Phrases {
    pub(crate) fn new<I>(phrases: I, words: &HeaderWords) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        Self(
            phrases
                .into_iter()
                .map(|phrase| squeezed(Header::new(phrase.as_ref(), words).tokens()))
                .collect(),
        )
    }

    fn extend(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    pub(crate) fn contain(&self, squeezed: &str) -> bool {
        self.0.contains(squeezed)
    }
}

/// Phrases that say in which power of ten a column counts. Their numbers count: `Rp 000`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scales(Vec<(String, u8)>);

impl Scales {
    pub(crate) fn of(field: &Field, words: &HeaderWords) -> Self {
        let scales = field.scales.iter();
        Self(
            scales
                .map(|(phrase, power)| (literal(Header::new(phrase, words).tokens()), *power))
                .collect(),
        )
    }

    /// The power of ten, if the words are such a phrase.
    pub(crate) fn power(&self, tokens: &[Token]) -> Option<u8> {
        if self.0.is_empty() {
            return None;
        }
        let phrase = literal(tokens);
        let mut known = self.0.iter();
        known
            .find(|(known, _)| *known == phrase)
            .map(|(_, power)| *power)
    }
}

/// Words and numbers without what stands between them.
fn literal(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(text) | Token::Number(text) => Some(text.as_str()),
            Token::Join => None,
        })
        .collect()
}

/// Words without what stands between them; a number is `#`.
pub(crate) fn squeezed(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word.as_str()),
            Token::Number(_) => Some("#"),
            Token::Join => None,
        })
        .collect()
}
