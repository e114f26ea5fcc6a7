//! What a cell of each kind is: the expected format in words, the words of a choice, and how a batch stores a value; and the
//! [`Rule`]s with which a caller refines a kind.

use std::sync::Arc;

use crate::{
    issue::{Language, Problem},
    value::{
        Decimal, Key, Value,
        locale::{DateOptions, NumberOptions},
        text::folded,
    },
};

/// The kind of a field's cells, with the options that only fields of this kind have.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Text(TextOptions),
    Integer(NumberOptions),
    Decimal(NumberOptions),
    Money(NumberOptions),
    Date(DateOptions),
    /// A date with its time of day.
    DateTime(DateOptions),
    Email,
    Uuid,
    Bool,
    Choice(Choices),
    /// A reference with its target: text until the lookup turns it into an id.
    Reference(Arc<str>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct TextOptions {
    pub(crate) multiline: bool,
    /// Least and greatest number of digits; anything other than digits is refused.
    pub(crate) digits: Option<(usize, usize)>,
}

impl Kind {
    /// The format that cells of the kind should have.
    pub(super) fn expected_format(&self, language: Language) -> Option<String> {
        let indonesian = language == Language::INDONESIAN;
        let words = |id: &str, en: &str| Some(if indonesian { id } else { en }.to_owned());
        match self {
            Self::Text(options) => options.digits.map(|(least, most)| {
                let word = if indonesian || most == 1 {
                    "digit"
                } else {
                    "digits"
                };
                if least == most {
                    format!("{least} {word}")
                } else {
                    format!("{least}-{most} {word}")
                }
            }),
            Self::Integer(_) => words("bilangan bulat", "a whole number"),
            Self::Decimal(_) => words("angka", "a number"),
            Self::Money(_) => words("jumlah, contoh 25000000", "an amount such as 25000000"),
            Self::Date(_) => words("YYYY-MM-DD atau DD/MM/YYYY", "YYYY-MM-DD or DD/MM/YYYY"),
            Self::DateTime(_) => words(
                "YYYY-MM-DD HH:MM dengan zona waktu",
                "YYYY-MM-DD HH:MM with its time zone",
            ),
            Self::Email => words("nama@domain.com", "name@domain.com"),
            Self::Uuid => Some("UUID".to_owned()),
            Self::Bool => words("ya / tidak", "yes / no"),
            Self::Choice(choices) => Some(choices.words.join(", ")),
            Self::Reference(_) => {
                words("ID atau nama yang terdaftar", "an id or a registered name")
            }
        }
    }
}

/// The words that a choice field accepts, and their aliases.
#[derive(Clone, Debug)]
pub(crate) struct Choices {
    pub(crate) words: Vec<Arc<str>>,
    /// Words and aliases, folded for comparison, with the index of their word.
    keys: Vec<(Box<str>, u16)>,
    /// The index of the first key with each [hint](hint): the right one for nearly every text.
    hints: Box<[u8; HINTS]>,
}

/// The number of values of [`hint`].
const HINTS: usize = 64;

/// No key with this hint, or none among the first.
const NO_KEY: u8 = u8::MAX;

impl Choices {
    pub(crate) fn new(words: Vec<Arc<str>>) -> Self {
        let mut choices = Self {
            words: Vec::new(),
            keys: Vec::new(),
            hints: Box::new([NO_KEY; HINTS]),
        };
        for (word, index) in words.iter().zip(0..) {
            choices.add(word, index);
        }
        choices.words = words;
        choices
    }

    /// Adds another spelling of the word with this index. Of two equal ones the first applies.
    pub(crate) fn add(&mut self, spelling: &str, index: u16) {
        let key = folded(spelling);
        let hinted = &mut self.hints[hint(&key)];
        if *hinted == NO_KEY {
            *hinted = u8::try_from(self.keys.len()).unwrap_or(NO_KEY);
        }
        self.keys.push((key.into(), index));
    }

    /// The index of the word that a text is or stands for. Does not allocate for most texts.
    #[inline]
    pub(crate) fn find(&self, text: &str) -> Option<u16> {
        match self.keys.get(usize::from(self.hints[hint(text)])) {
            Some((key, index)) if is_same(key, text) => Some(*index),
            _ => self.search(text),
        }
    }

    fn search(&self, text: &str) -> Option<u16> {
        let first = |same: &dyn Fn(&str) -> bool| {
            let mut keys = self.keys.iter();
            keys.find(|(key, _)| same(key)).map(|(_, index)| *index)
        };
        let simple = text.is_ascii() && !text.contains("  ") && text.trim().len() == text.len();
        first(&|key| is_same(key, text)).or_else(|| {
            let folded = (!simple).then(|| folded(text))?;
            first(&|key| *key == folded)
        })
    }
}

#[inline]
fn is_same(key: &str, text: &str) -> bool {
    key.len() == text.len() && (key == text || key.eq_ignore_ascii_case(text))
}

/// A hash that distinguishes most words of a schema regardless of case: by their length, both ends and the middle.
#[inline]
fn hint(text: &str) -> usize {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).map_or(0, |byte| usize::from(byte & 31));
    let sum = bytes.len()
        + 5 * letter(0)
        + 11 * letter(bytes.len() / 2)
        + 17 * letter(bytes.len().wrapping_sub(1));
    sum % HINTS
}

// How a batch stores its cells: sixteen bytes each, with all text in one string.

#[derive(Clone, Copy, Debug)]
pub(crate) struct RowMark {
    pub(crate) row: u64,
    pub(crate) line: u64,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct ValidRow {
    pub(crate) mark: RowMark,
    /// The start of its slots among the batch's. Those of invalid rows remain between them, because closing a gap would
    /// move all that follow.
    pub(crate) slots: usize,
}

/// What the slots of a batch refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    pub(crate) text: String,
    pub(crate) uuids: Vec<uuid::Uuid>,
}

impl Arena {
    pub(crate) fn put_uuid(&mut self, uuid: uuid::Uuid) -> Slot {
        self.uuids.push(uuid);
        Slot::Uuid(u32::try_from(self.uuids.len() - 1).unwrap_or(u32::MAX))
    }

    /// Stores the target of a reference.
    pub(crate) fn put_key(&mut self, key: &Key) -> Slot {
        match key {
            Key::Integer(number) => Slot::Integer(*number),
            Key::Uuid(uuid) => self.put_uuid(*uuid),
            Key::Text(text) => self.put_text(text),
        }
    }

    /// Stores a value that cells of this kind may have; `None` for any other.
    pub(crate) fn put(&mut self, kind: &Kind, value: Value<'_>) -> Option<Slot> {
        Some(match (kind, value) {
            (_, Value::Absent) => Slot::Absent,
            (Kind::Text(_) | Kind::Email | Kind::Reference(_), Value::Text(text)) => {
                self.put_text(text)
            }
            (Kind::Integer(_) | Kind::Money(_), Value::Integer(number)) => Slot::Integer(number),
            (Kind::Decimal(_), Value::Decimal(Decimal { mantissa, scale })) if scale <= 18 => {
                Slot::Decimal { mantissa, scale }
            }
            (Kind::Date(_), Value::Date(date)) => Slot::Date(date),
            (Kind::DateTime(_), Value::DateTime(moment)) => Slot::Moment(moment.unix_timestamp()),
            (Kind::Bool, Value::Bool(yes)) => Slot::Bool(yes),
            (Kind::Uuid, Value::Uuid(uuid)) => self.put_uuid(uuid),
            (Kind::Choice(choices), Value::Choice(word) | Value::Text(word)) => {
                let place = choices.words.iter().position(|known| **known == *word)?;
                Slot::Choice(u16::try_from(place).ok()?)
            }
            _ => return None,
        })
    }

    pub(crate) fn put_text(&mut self, text: &str) -> Slot {
        let start = self.text.len();
        self.text.push_str(text);
        Slot::Text {
            start: u32::try_from(start).unwrap_or(u32::MAX),
            len: u32::try_from(text.len()).unwrap_or(u32::MAX),
        }
    }
}

/// A value that is put into many batches, with its own arena.
#[derive(Debug)]
pub(crate) struct Preset {
    pub(crate) arena: Arena,
    pub(crate) slot: Slot,
}

/// A cell of a batch: its text is in the batch's one string.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Absent,
    Text {
        start: u32,
        len: u32,
    },
    Integer(i64),
    Decimal {
        mantissa: i64,
        scale: u8,
    },
    Date(time::Date),
    /// Seconds since 1970 in UTC.
    Moment(i64),
    Bool(bool),
    /// The index of the UUID among the batch's: in the slot it would make all slots larger by half.
    Uuid(u32),
    Choice(u16),
}

impl Slot {
    #[inline]
    pub(crate) fn value<'a>(self, arena: &'a Arena, kind: &'a Kind) -> Value<'a> {
        match self {
            Self::Text { start, len } => Value::Text(
                arena
                    .text
                    .get(start as usize..start as usize + len as usize)
                    .unwrap_or_default(),
            ),
            other => other.value_beside_text(arena, kind),
        }
    }

    fn value_beside_text<'a>(self, arena: &'a Arena, kind: &'a Kind) -> Value<'a> {
        match self {
            Self::Absent | Self::Text { .. } => Value::Absent,
            Self::Integer(number) => Value::Integer(number),
            Self::Decimal { mantissa, scale } => Value::Decimal(Decimal { mantissa, scale }),
            Self::Date(date) => Value::Date(date),
            Self::Moment(seconds) => time::OffsetDateTime::from_unix_timestamp(seconds)
                .map_or(Value::Absent, Value::DateTime),
            Self::Bool(yes) => Value::Bool(yes),
            Self::Uuid(place) => arena
                .uuids
                .get(place as usize)
                .map_or(Value::Absent, |uuid| Value::Uuid(*uuid)),
            Self::Choice(index) => match kind {
                Kind::Choice(choices) => choices
                    .words
                    .get(usize::from(index))
                    .map_or(Value::Absent, |word| Value::Choice(word)),
                _ => Value::Absent,
            },
        }
    }
}

/// Slots make up most of a batch: ten million of them are written for a million rows.
const _: () = assert!(size_of::<Slot>() == 16);

// What a caller adds to a kind.

/// A check or a normaliser of one cell.
///
/// Rules run in the order they were added, on the trimmed text of a cell that is not empty, before the field's kind reads it.
/// A rule may replace the text, warn, or refuse the cell. Closures are rules.
///
/// ```
/// use import_engine::{Field, IssueCode, rules::{Cell, Problem}};
///
/// const NOT_A_CODE: IssueCode = IssueCode::new("not_a_code");
///
/// /// Codes are stored in capitals and have four letters.
/// fn code(cell: &mut Cell<'_>) -> Result<(), Problem> {
///     cell.edit(|text| text.make_ascii_uppercase());
///     if cell.text().len() == 4 { Ok(()) } else { Err(Problem::new(NOT_A_CODE)) }
/// }
/// let field = Field::text("code").rule(code);
/// ```
pub trait Rule: Send + Sync {
    /// Checks the cell.
    ///
    /// # Errors
    ///
    /// The finding that makes the row invalid.
    fn apply(&self, cell: &mut Cell<'_>) -> Result<(), Problem>;
}

impl<F> Rule for F
where
    F: Fn(&mut Cell<'_>) -> Result<(), Problem> + Send + Sync,
{
    fn apply(&self, cell: &mut Cell<'_>) -> Result<(), Problem> {
        self(cell)
    }
}

/// One cell while rules are applied to it.
///
/// ```
/// use import_engine::{Field, IssueCode, Plan, Schema, rules::{Cell, Problem}};
///
/// const LOCAL: IssueCode = IssueCode::new("local_number");
/// const TOO_SHORT: IssueCode = IssueCode::new("too_short_a_number");
///
/// /// Digits alone, with the number of the country in front.
/// fn phone(cell: &mut Cell<'_>) -> Result<(), Problem> {
///     cell.edit(|text| text.retain(|c| c.is_ascii_digit() || c == '+'));
///     if cell.text().starts_with('0') {
///         cell.replace_front(1, "+62");
///         cell.warn(LOCAL); // the row stays valid
///     }
///     if cell.text().len() < 8 {
///         return Err(Problem::new(TOO_SHORT).with("written", cell.raw()));
///     }
///     Ok(())
/// }
/// let schema = Schema::builder("contacts").field(Field::text("phone").rule(phone)).build()?;
/// let file = "phone\n0812-3456-7890\n+44 20 7946 0000\n(12)\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.warnings, summary.invalid), (2, 1, 1));
/// assert_eq!(batches[0].value(0, 0).to_string(), "+6281234567890");
/// assert_eq!(batches[0].value(1, 0).to_string(), "+442079460000");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Cell<'a> {
    /// A reference to the cell as it is in the file, which is rarely needed.
    pub(super) raw: &'a &'a str,
    /// The text, unless `edited`.
    pub(super) text: &'a str,
    /// The text, if `edited`.
    pub(super) scratch: &'a mut String,
    pub(super) edited: bool,
    pub(super) warnings: &'a mut Vec<Problem>,
}

impl<'a> Cell<'a> {
    /// The current text: trimmed, normalised, and changed by earlier rules.
    #[must_use]
    #[inline]
    pub fn text(&self) -> &str {
        if self.edited { self.scratch } else { self.text }
    }

    /// The cell as it is in the file.
    #[must_use]
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Replaces the text.
    #[inline]
    pub fn set(&mut self, text: &str) {
        self.scratch.clear();
        self.scratch.push_str(text);
        self.edited = true;
    }

    /// Replaces this many bytes at the front of the text, or all of it if that is not a character boundary.
    #[inline]
    pub fn replace_front(&mut self, bytes: usize, with: &str) {
        let text = self.text();
        let end = if text.is_char_boundary(bytes) {
            bytes
        } else {
            text.len()
        };
        if self.edited {
            self.scratch.replace_range(..end, with);
        } else {
            self.set(with);
            self.scratch.push_str(&self.text[end..]);
        }
    }

    /// Changes the text in place.
    pub fn edit(&mut self, change: impl FnOnce(&mut String)) {
        if !self.edited {
            self.set(self.text);
        }
        change(self.scratch);
    }

    /// Adds a warning: the row stays valid.
    #[inline]
    pub fn warn(&mut self, problem: impl Into<Problem>) {
        self.warnings.push(problem.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_first_of_many_words_that_a_text_means() {
        let words: Vec<Arc<str>> = (0..600)
            .map(|n| format!("Word {}", n % 500).into())
            .collect();
        let mut choices = Choices::new(words);
        choices.add("Word 7", 9);
        choices.add("Laki\u{2010}laki", 8);
        for n in 0..500 {
            assert_eq!(choices.find(&format!("Word {n}")), Some(n));
            assert_eq!(choices.find(&format!("wORD  {n} ")), Some(n));
        }
        assert_eq!(choices.find("laki-LAKI"), Some(8));
        for text in ["", "Word", "Word 500", "word500"] {
            assert_eq!(choices.find(text), None, "{text}");
        }
    }
}
