//! Splits a header into words and decides whether all of them are names of a field or may accompany one; and the words of
//! headers besides names: other spellings, words that change nothing, and words that make a column something else.

use std::collections::{HashMap, HashSet};

use unicode_normalization::UnicodeNormalization;

use super::field::Field;
use crate::value::{date::Pattern, text::is_invisible};

/// A part of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A word, in the form in which it is compared.
    Word(String),
    Number(String),
    /// What joins two names: `/`, `&`, `dan`.
    Join,
}

/// A header split into its words: without case, apostrophes, layout, numbering and stars.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    tokens: Vec<Token>,
    /// The words of the file, for users.
    originals: Vec<String>,
    /// Whether the last word ended at a capital letter inside it.
    humped: bool,
}

/// Longer headers are sentences: comparing them is expensive and useless.
const MOST_WORDS: usize = 24;

impl Header {
    pub(crate) fn new(text: &str, words: &HeaderWords) -> Self {
        let mut header = Self {
            tokens: Vec::new(),
            originals: Vec::new(),
            humped: false,
        };
        let mut word = String::new();
        let mut before = ' ';
        for c in text.nfkc() {
            let letter = c.is_alphabetic();
            let same = letter == before.is_alphabetic() && c.is_numeric() == before.is_numeric();
            // `NamaLengkap`, `HP2`
            let hump = c.is_uppercase() && before.is_lowercase();
            if matches!(
                c,
                '\'' | '\u{2018}' | '\u{2019}' | '\u{2BC}' | '`' | '\u{B4}'
            ) || is_invisible(c)
            {
                continue;
            }
            if !word.is_empty() && (!same || hump) {
                header.push(&mut word, words);
                header.humped = hump;
            }
            before = c;
            if letter || c.is_numeric() {
                word.extend(c.to_lowercase());
            } else if matches!(c, '/' | '&' | '+' | ',' | ';' | '|' | '\\') {
                header.join();
            } else if matches!(c, '%' | '$' | '€' | '£' | '#') {
                word.push(c);
                header.push(&mut word, words);
            }
        }
        header.push(&mut word, words);
        header.drop_numbering();
        header
    }

    fn push(&mut self, word: &mut String, words: &HeaderWords) {
        if word.is_empty() {
            return;
        }
        let mut word = std::mem::take(word);
        // `WhatsApp` is a known word, although its capitals suggest two.
        if std::mem::take(&mut self.humped)
            && let Some(before) = self.originals.last()
            && let both = format!("{before}{word}")
            && words.canonical(&both) != both
        {
            self.tokens.pop();
            self.originals.pop();
            word = both;
        }
        // `08xxxxxxxx`: for any number of omitted digits.
        if word.len() > 2 && word.bytes().all(|byte| byte == b'x') {
            "xx".clone_into(&mut word);
        }
        if matches!(word.as_str(), "dan" | "atau" | "and" | "or") {
            return self.join();
        }
        let token = if word.chars().all(char::is_numeric) {
            Token::Number(word.clone())
        } else {
            Token::Word(words.canonical(&word).to_owned())
        };
        self.tokens.push(token);
        self.originals.push(word);
    }

    fn join(&mut self) {
        if !matches!(self.tokens.last(), None | Some(Token::Join)) {
            self.tokens.push(Token::Join);
            self.originals.push(String::new());
        }
    }

    /// Drops the number of a question: `3. Nomor HP`.
    fn drop_numbering(&mut self) {
        let numbered = matches!(self.tokens.as_slice(), [Token::Number(n), Token::Word(_), ..] if n.len() <= 2);
        if numbered {
            self.tokens.remove(0);
            self.originals.remove(0);
        }
        if self.tokens.last() == Some(&Token::Join) {
            self.tokens.pop();
            self.originals.pop();
        }
    }

    /// Turns `Date of Departure` into `departure date`. `None` if there is no `of` between two parts.
    pub(crate) fn turned(&self) -> Option<Self> {
        let is_of = |token: &Token| matches!(token, Token::Word(word) if word == "of");
        let at = self.tokens.iter().position(is_of)?;
        let turn = |tokens: &[Token]| [&tokens[at + 1..], &tokens[..at]].concat();
        (at > 0 && at + 1 < self.tokens.len()).then(|| Self {
            tokens: turn(&self.tokens),
            originals: [&self.originals[at + 1..], &self.originals[..at]].concat(),
            humped: false,
        })
    }

    pub(crate) fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// All its words without blanks.
    pub(crate) fn squeezed(&self) -> String {
        squeezed(&self.tokens)
    }

    /// Its words with one blank between them.
    pub(crate) fn spaced(&self) -> String {
        let words = self.tokens.iter().filter_map(|token| match token {
            Token::Word(word) | Token::Number(word) => Some(word.as_str()),
            Token::Join => None,
        });
        words.collect::<Vec<_>>().join(" ")
    }

    /// The texts between joining signs and words: `Tunai/Transfer` has two.
    pub(crate) fn alternatives(&self) -> Vec<String> {
        let split = self.tokens.iter().zip(&self.originals);
        let mut texts = vec![String::new()];
        for (token, original) in split {
            if *token == Token::Join {
                texts.push(String::new());
            } else if let Some(text) = texts.last_mut() {
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(original);
            }
        }
        texts
    }
}

/// A name of a field.
pub(crate) struct Name {
    squeezed: String,
    words: Vec<Token>,
    /// Its index among the names, the likeliest first.
    place: usize,
}

impl Name {
    pub(crate) fn new(place: usize, name: &str, words: &HeaderWords) -> Self {
        let mut tokens = Header::new(name, words).tokens;
        tokens.retain(|token| *token != Token::Join);
        Self {
            squeezed: squeezed(&tokens),
            words: tokens,
            place,
        }
    }
}

/// The names of a field, and what may accompany them.
pub(crate) struct Names<'f> {
    /// The likeliest first.
    pub(crate) list: &'f [Name],
    pub(crate) tails: &'f Phrases,
    /// Phrases that state the power of ten of the column.
    pub(crate) scales: &'f Scales,
    /// Whether the field holds dates: a header may give their format.
    pub(crate) dated: bool,
    /// Whether the field has a unit; otherwise words of units have no meaning: the group in `No WA grup` is not that of a
    /// number.
    pub(crate) has_unit: bool,
    /// Whether a 1 next to a name means that it is the first of several.
    pub(crate) numbered: bool,
    /// Whether a text is a value of a field that is a choice: `L/P` may accompany its name.
    pub(crate) is_value: &'f dyn Fn(&str) -> bool,
}

/// How a header consists of a field's names.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cover {
    /// The best of the names found, by its index in the list.
    pub(crate) name: usize,
    /// The number of words of names.
    pub(crate) named: usize,
    /// The number of words next to them that change nothing.
    pub(crate) beside: usize,
    /// Whether some of them are values of the field.
    pub(crate) valued: bool,
    /// An unknown word.
    pub(crate) unknown: Option<String>,
    /// The number of unknown words.
    pub(crate) unknowns: usize,
    /// The number of those that are numbers: the column is one of several.
    pub(crate) numbers: usize,
    /// A unit that the field does not have.
    pub(crate) unit: Option<String>,
    pub(crate) pattern: Option<Pattern>,
    /// The power of ten of the column, and the words that state it.
    pub(crate) scale: Option<(u8, String)>,
}

impl Cover {
    const EMPTY: Self = Self {
        name: usize::MAX,
        named: 0,
        beside: 0,
        valued: false,
        unknown: None,
        unknowns: 0,
        numbers: 0,
        unit: None,
        pattern: None,
        scale: None,
    };

    /// The order of covers: the better one has no foreign unit, fewer unknown words, and more words of names.
    pub(crate) fn rank(&self) -> (bool, usize, std::cmp::Reverse<usize>, usize) {
        (
            self.unit.is_some(),
            self.unknowns,
            std::cmp::Reverse(self.named),
            self.name,
        )
    }

    /// Whether only a number is against the field: it is a further one of several.
    pub(crate) fn is_further(&self) -> bool {
        self.unit.is_none() && self.unknowns > 0 && self.numbers == self.unknowns
    }

    /// Whether nothing in the header is against the field.
    pub(crate) fn is_clear(&self) -> bool {
        self.unknowns == 0 && self.unit.is_none()
    }
}

/// The possible meanings of a few consecutive words.
enum Segment {
    /// A name, or something that changes nothing.
    Fits(Cover),
    /// A unit that the field does not have.
    Unit(Cover),
    /// Another person or thing.
    Other,
}

impl Header {
    /// The best way to read the header as names of a field. `None` if it contains none of them, or something that makes
    /// the column another person's or thing's.
    pub(crate) fn cover(&self, field: &Names<'_>, words: &HeaderWords) -> Option<Cover> {
        if self.tokens.len() > MOST_WORDS {
            return None;
        }
        let in_order = self.cover_from(Cover::EMPTY, field, words);
        if in_order.as_ref().is_some_and(Cover::is_clear) {
            return in_order;
        }
        // `Lahir (Tanggal)`, `Harga Khusus Agen`: the words of a name separated, or in another order.
        let scattered = field.list.iter().filter_map(|name| {
            let named = Cover {
                name: name.place,
                named: name.words.len(),
                ..Cover::EMPTY
            };
            self.without(&name.words)?.cover_from(named, field, words)
        });
        in_order
            .into_iter()
            .chain(scattered)
            .min_by_key(Cover::rank)
    }

    /// The header without some of its words. `None` if it does not have all of them, or they are a single one.
    fn without(&self, words: &[Token]) -> Option<Self> {
        if words.len() < 2 {
            return None;
        }
        let mut rest = self.clone();
        for word in words {
            let place = rest.tokens.iter().position(|token| token == word)?;
            rest.tokens.remove(place);
            rest.originals.remove(place);
        }
        Some(rest)
    }

    fn cover_from(&self, start: Cover, field: &Names<'_>, words: &HeaderWords) -> Option<Cover> {
        let tokens = &self.tokens;
        let mut best: Vec<Option<Cover>> = vec![None; tokens.len() + 1];
        best[0] = Some(start);
        for start in 0..tokens.len() {
            let Some(so_far) = best[start].take() else {
                continue;
            };
            if tokens[start] == Token::Join {
                offer(&mut best[start + 1], so_far);
                continue;
            }
            if let Some(pattern) = example(&tokens[start..], field.dated) {
                let mut shown = so_far.clone();
                shown.beside += tokens.len() - start;
                shown.pattern = pattern.or(shown.pattern);
                offer(&mut best[tokens.len()], shown);
            }
            let mut known = false;
            for (end, place) in best.iter_mut().enumerate().skip(start + 1) {
                for segment in self.segment(&so_far, start..end, field, words) {
                    known |= !matches!(segment, Segment::Fits(_));
                    match segment {
                        Segment::Fits(cover) | Segment::Unit(cover) => offer(place, cover),
                        Segment::Other => {}
                    }
                }
            }
            // A unit stays a unit. A reading cannot skip another person or thing, unless it is part of a name.
            if !known {
                let mut unknown = so_far;
                unknown.unknowns += 1;
                unknown.numbers += usize::from(matches!(tokens[start], Token::Number(_)));
                unknown
                    .unknown
                    .get_or_insert_with(|| self.originals[start].clone());
                offer(&mut best[start + 1], unknown);
            }
        }
        best.pop().flatten().filter(|cover| cover.named > 0)
    }

    /// All possible meanings of the words of a range.
    fn segment(
        &self,
        so_far: &Cover,
        range: std::ops::Range<usize>,
        field: &Names<'_>,
        words: &HeaderWords,
    ) -> Vec<Segment> {
        let tokens = &self.tokens[range.clone()];
        // `WhatsApp` is one word, although its capitals suggest two.
        let text = squeezed(tokens);
        let text = words.canonical(&text).to_owned();
        let mut found = Vec::new();
        let with = |change: &dyn Fn(&mut Cover)| {
            let mut cover = so_far.clone();
            change(&mut cover);
            cover
        };
        // `Harga Jual/Publish`: the second of two joined names may omit its first word.
        let shared = match (range.start.checked_sub(1), self.tokens.first()) {
            (Some(before), Some(Token::Word(first))) if self.tokens[before] == Token::Join => {
                format!("{first}{text}")
            }
            _ => String::new(),
        };
        let names = field.list.iter();
        let fitting = names
            .filter(|name| name.squeezed == text || !shared.is_empty() && name.squeezed == shared);
        if let Some(place) = fitting.map(|name| name.place).min() {
            found.push(Segment::Fits(with(&|cover| {
                cover.name = cover.name.min(place);
                cover.named += tokens.len();
            })));
        }
        let beside = |cover: &mut Cover| cover.beside += tokens.len();
        if let Some(power) = field.scales.power(tokens) {
            let unit = self.originals[range.clone()].join(" ");
            // Two different ones cannot be read as a unit.
            let agrees = so_far
                .scale
                .as_ref()
                .is_none_or(|(other, _)| *other == power);
            found.push(if agrees {
                Segment::Fits(with(&|cover| {
                    beside(cover);
                    cover.scale = Some((power, unit.clone()));
                }))
            } else {
                Segment::Unit(with(&|cover| cover.unit = Some(unit.clone())))
            });
        } else if self.are_values(&range, field) {
            found.push(Segment::Fits(with(&|cover| {
                beside(cover);
                cover.valued = true;
            })));
        } else if field.tails.contain(&text)
            || words.is_harmless(&text)
            || says_number(tokens, field)
        {
            found.push(Segment::Fits(with(&beside)));
        } else if let Some(pattern) = pattern(tokens).filter(|_| field.dated) {
            found.push(Segment::Fits(with(&|cover| {
                beside(cover);
                cover.pattern = pattern.or(cover.pattern);
            })));
        } else if field.has_unit && words.is_unit(&text) {
            found.push(Segment::Unit(with(&|cover| {
                cover.unit = Some(self.originals[range.clone()].join(" "));
            })));
        } else if words.is_other(&text) {
            found.push(Segment::Other);
        }
        found
    }

    /// The format of dates anywhere in the header.
    pub(crate) fn any_pattern(&self) -> Option<Pattern> {
        let ends = 1..=self.tokens.len().min(MOST_WORDS);
        ends.flat_map(|end| (0..end).map(move |start| start..end))
            .find_map(|range| {
                let tokens = &self.tokens[range];
                pattern(tokens).flatten().or(shown_by(tokens))
            })
    }

    /// The power of ten stated anywhere in the header, 0 if there is none.
    pub(crate) fn any_power(&self, scales: &Scales) -> u8 {
        let ends = 1..=self.tokens.len().min(MOST_WORDS);
        ends.flat_map(|end| (0..end).map(move |start| start..end))
            .find_map(|range| scales.power(&self.tokens[range]))
            .unwrap_or_default()
    }

    /// Whether all of it is a format of dates or times.
    pub(crate) fn is_pattern(&self) -> bool {
        self.tokens.len() <= MOST_WORDS && pattern(&self.tokens).is_some()
    }

    /// Whether it consists of known phrases, and has any.
    pub(crate) fn is_made_of(&self, is_known: impl Fn(&[Token]) -> bool) -> bool {
        let tokens = &self.tokens;
        if tokens.is_empty() || tokens.len() > MOST_WORDS {
            return false;
        }
        let mut reached = vec![false; tokens.len() + 1];
        reached[0] = true;
        for start in 0..tokens.len() {
            if !reached[start] {
                continue;
            }
            if tokens[start] == Token::Join {
                reached[start + 1] = true;
            }
            for end in start + 1..=tokens.len() {
                reached[end] |= is_known(&tokens[start..end]);
            }
        }
        reached[tokens.len()]
    }

    /// Whether any phrase in it satisfies a condition.
    pub(crate) fn holds(&self, is_one: impl Fn(&[Token]) -> bool) -> bool {
        let ends = 1..=self.tokens.len().min(MOST_WORDS);
        ends.flat_map(|end| (0..end).map(move |start| start..end))
            .any(|range| is_one(&self.tokens[range]))
    }

    /// Whether a range is at least two of the words that the field accepts: `(L/P)`.
    fn are_values(&self, range: &std::ops::Range<usize>, field: &Names<'_>) -> bool {
        let part = Self {
            tokens: self.tokens[range.clone()].to_vec(),
            originals: self.originals[range.clone()].to_vec(),
            humped: false,
        };
        let values = part.alternatives();
        // `L=Laki-laki`: a short form and its meaning.
        let is_explained = |value: &String| {
            let parts = value.split_once(' ');
            parts.is_some_and(|(short, long)| (field.is_value)(short) && (field.is_value)(long))
        };
        let is_value = |value: &String| (field.is_value)(value) || is_explained(value);
        values.len() > 1 && values.iter().all(is_value)
    }
}

/// Whether words only mean "number": `Ref#`, and the 1 of `HP 1`.
fn says_number(tokens: &[Token], field: &Names<'_>) -> bool {
    match tokens {
        [Token::Word(sign)] => sign == "#",
        [Token::Number(number)] => field.numbered && number == "1",
        _ => false,
    }
}

fn offer(place: &mut Option<Cover>, cover: Cover) {
    if place
        .as_ref()
        .is_none_or(|known| cover.rank() < known.rank())
    {
        *place = Some(cover);
    }
}

/// The order that a format of dates states; `Some(None)` for a time of day, which states none.
#[expect(
    clippy::option_option,
    reason = "no format and no order are two things"
)]
fn pattern(tokens: &[Token]) -> Option<Option<Pattern>> {
    let mut letters: Vec<&str> = Vec::new();
    for token in tokens {
        match token {
            Token::Word(word) => letters.extend(runs(word)),
            Token::Number(_) => return None,
            Token::Join => {}
        }
    }
    if matches!(
        letters.as_slice(),
        ["hh" | "jj", "mm"] | ["hh" | "jj", "mm", "ss"]
    ) {
        return Some(None);
    }
    Pattern::of(letters.into_iter()).map(Some)
}

/// The order of dates that an example of a value shows, if the words begin one; `Some(None)` if it shows none, as always
/// for a field without dates: `(contoh: 0812…)`, `(31/12/1990)`.
#[expect(
    clippy::option_option,
    reason = "no example and no order are two things"
)]
fn example(tokens: &[Token], dated: bool) -> Option<Option<Pattern>> {
    let is_announced = matches!(tokens, [Token::Word(word), _, ..] if word == EXAMPLE);
    if !dated {
        return is_announced.then_some(None);
    }
    let has_letters = || {
        let mut words = tokens.iter().skip(1);
        words.any(|token| matches!(token, Token::Word(_)))
    };
    match shown_by(tokens) {
        Some(pattern) => Some(Some(pattern)),
        // `5 Januari 1990`
        None => (is_announced && has_letters()).then_some(None),
    }
}

/// The word that announces an example, in its canonical spelling.
const EXAMPLE: &str = "contoh";

/// The order of a date of three numbers, if there is only such a date and it has one.
fn shown_by(tokens: &[Token]) -> Option<Pattern> {
    let numbers: Vec<&str> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Number(number) => Some(Some(number.as_str())),
            Token::Word(word) => (word != EXAMPLE).then_some(None),
            Token::Join => None,
        })
        .collect::<Option<_>>()?;
    let [first, second, third] = numbers[..] else {
        return None;
    };
    let is_day = |number: &str| matches!(number.parse::<u8>(), Ok(13..=31));
    let is_either = |number: &str| matches!(number.parse::<u8>(), Ok(1..=12));
    match (first.len(), second.len(), third.len()) {
        (4, ..=2, ..=2) if is_either(second) && is_day(third) => Some(Pattern::YearThenMonth),
        (..=2, ..=2, 4) if is_day(first) && is_either(second) => Some(Pattern::DayThenMonth),
        (..=2, ..=2, 4) if is_either(first) && is_day(second) => Some(Pattern::MonthThenDay),
        _ => None,
    }
}

/// Splits a word into runs of a letter: `ddmmyyyy` has three; another word is one run.
fn runs(word: &str) -> Vec<&str> {
    let is_format = word.len() > 4 && word.bytes().all(|byte| b"dmyhbt".contains(&byte));
    if !is_format {
        return vec![word];
    }
    let mut runs = Vec::new();
    let mut start = 0;
    let bytes = word.as_bytes();
    for end in 1..=bytes.len() {
        if end == bytes.len() || bytes[end] != bytes[start] {
            runs.push(&word[start..end]);
            start = end;
        }
    }
    runs
}

// The words of headers besides the names of fields: other spellings, words that change nothing, and words that make a
// column something else. They are data of a schema.

/// What a schema knows about the words in headers.
///
/// People rarely write a bare name: `Nama Jama'ah (sesuai KTP) *`, `Harga (USD)`, `No HP Darurat`. A column is matched if
/// its whole header consists of names of one field and words that are known to change nothing.
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
    /// No words.
    ///
    /// ```
    /// let words = import_engine::fields::HeaderWords::new();
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds other spellings of a word, wherever it occurs: `nomor` for `no`. They must be added before any phrase.
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

    /// Adds words and phrases that change nothing in any header. `#` is any number.
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

    /// Adds units and currencies that a field does not have unless it [says so](crate::Field::header_tails): such a
    /// column holds other numbers.
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

    /// Adds words for other persons and things: a column with one is not even suggested, unless a field has that name.
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

    /// Adds titles above several columns that mean nothing for any of them: `Data Diri` above `Nama` and `NIK`.
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

    /// A word in the form in which it is compared.
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

/// Phrases in cells below a header that describe columns, in the form in which they are compared.
pub(crate) struct Asides {
    /// What accompanies names in headers, for any field.
    pub(crate) beside: Phrases,
    /// Types of columns.
    pub(crate) types: Phrases,
}

/// What headers are compared with to see whether they mean a field, in the form in which they are compared.
pub(crate) struct FieldPhrases {
    /// Its names, the likeliest first.
    pub(crate) names: Vec<Name>,
    /// The headers that mean it as often as something else.
    pub(crate) perhaps: Vec<Name>,
    /// The headers that do not mean it, whatever they contain.
    pub(crate) never: Phrases,
    /// What may accompany its names.
    pub(crate) tails: Phrases,
    pub(crate) scales: Scales,
    /// The headers of its parts.
    pub(crate) parts: Phrases,
    /// The headers of which each could be the field if it stood alone.
    pub(crate) either: Phrases,
}

/// Phrases that state the power of ten of a column. Their numbers matter: `Rp 000`.
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

/// Words and numbers without separators.
fn literal(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(text) | Token::Number(text) => Some(text.as_str()),
            Token::Join => None,
        })
        .collect()
}

/// Words without separators; a number becomes `#`.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn spaced(text: &str) -> String {
        Header::new(text, &HeaderWords::new().spellings("no", ["nomor"])).spaced()
    }

    #[test]
    fn cuts_headers_into_words() {
        for (text, expected) in [
            ("Nama Jama\u{2019}ah *", "nama jamaah"),
            ("Nama\nLengkap", "nama lengkap"),
            ("NamaLengkap", "nama lengkap"),
            ("3. Nomor HP/WA yang aktif", "no hp wa yang aktif"),
            ("tanggal_lahir", "tanggal lahir"),
            ("D.O.B", "d o b"),
            ("Harga (US$)", "harga us $"),
            ("HP2", "hp 2"),
            ("Tang\u{AD}gal", "tanggal"),
            ("***", ""),
        ] {
            assert_eq!(spaced(text), expected, "{text}");
        }
    }

    #[test]
    fn reads_the_format_of_dates() {
        let words = HeaderWords::new();
        for (text, expected) in [
            ("MM/DD/YYYY", Some(Some(Pattern::MonthThenDay))),
            ("dd-mm-yy", Some(Some(Pattern::DayThenMonth))),
            ("yyyymmdd", Some(Some(Pattern::YearThenMonth))),
            ("tgl/bln/thn", Some(Some(Pattern::DayThenMonth))),
            ("hh:mm:ss", Some(None)),
            ("L/P", None),
            ("dd/dd/yyyy", None),
        ] {
            let header = Header::new(text, &words);
            assert_eq!(pattern(header.tokens()), expected, "{text}");
        }
    }
}
