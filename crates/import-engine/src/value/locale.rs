//! The conventions of a language and country: names of months and weekdays, marks of numbers, the order of a date, the
//! texts of messages, and the words and signs that are values by themselves: those for yes and no, those that mean
//! "nothing", and ticks.

use std::sync::Arc;

use time::{Date, UtcOffset};

use super::text::folded;
use crate::{
    error::FileErrorCode,
    issue::{IssueCode, Language, NoticeCode},
};

/// The conventions of a place: how dates and numbers are written there, and the texts of the engine's messages.
///
/// A schema has [`INTERNATIONAL`](Self::INTERNATIONAL) unless it is [given](crate::fields::SchemaBuilder::locale) another
/// one. Both built-in locales can be extended, and a new one can be built on them:
///
/// ```
/// use import_engine::{Field, IssueCode, Language, Locale, Plan, Schema, fields::{DateOrder, DecimalMark}, issues::Translation};
///
/// const GERMAN: Language = Language::new("de");
/// let german = Locale::INTERNATIONAL
///     .months([("Januar", 1), ("März", 3), ("Mai", 5), ("Oktober", 10), ("Dezember", 12)])
///     .weekdays(["Montag", "Dienstag"])
///     .empty_words(["keine", "entfällt"])
///     .yes_no(["ja"], ["nein"])
///     .date_order(DateOrder::DayFirst)
///     .decimal_mark(DecimalMark::Comma)
///     .currency(["€", "EUR"])
///     .translation(Translation::new(GERMAN).issue(IssueCode::EMAIL, "Keine E-Mail-Adresse: {value}"));
/// let schema = Schema::builder("contacts")
///     .locale(german)
///     .field(Field::date("born"))
///     .field(Field::boolean("member"))
///     .field(Field::email("email"))
///     .build()?;
/// let file = "born;member;email\nMontag, 3. März 2025;ja;entfällt\n04.05.2025;Nein;ada@\n";
/// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!(batches[0].value(0, 0).to_string(), "2025-03-03");
/// assert_eq!(schema.messages(GERMAN).message(&batches[0].issues()[0]), "Keine E-Mail-Adresse: ada@");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Locale {
    months: &'static [&'static [(&'static str, u8)]],
    weekdays: &'static [&'static [&'static str]],
    empty: &'static [&'static [&'static str]],
    yes: &'static [&'static [&'static str]],
    no: &'static [&'static [&'static str]],
    multipliers: &'static [(&'static str, u8)],
    currency: &'static [&'static str],
    date_order: DateOrder,
    decimal_mark: Option<DecimalMark>,
    column: &'static str,
    added: Added,
    translation: Option<Translation>,
}

/// The caller's additions.
#[derive(Clone, Debug, Default, PartialEq)]
struct Added {
    months: Vec<(Box<str>, u8)>,
    weekdays: Vec<Box<str>>,
    empty: Vec<Box<str>>,
    yes: Vec<Box<str>>,
    no: Vec<Box<str>>,
    multipliers: Vec<(Box<str>, u8)>,
    /// Replaces the built-in ones.
    currency: Option<Vec<Box<str>>>,
    column: Option<Box<str>>,
}

impl Added {
    const NOTHING: Self = Self {
        months: Vec::new(),
        weekdays: Vec::new(),
        empty: Vec::new(),
        yes: Vec::new(),
        no: Vec::new(),
        multipliers: Vec::new(),
        currency: None,
        column: None,
    };
}

fn boxed<I>(words: I) -> impl Iterator<Item = Box<str>>
where
    I: IntoIterator,
    I::Item: AsRef<str>,
{
    words.into_iter().map(|word| Box::from(word.as_ref()))
}

/// Compares words without case. Only a caller's words may be beyond ASCII.
fn is_same(known: &str, word: &str) -> bool {
    known.eq_ignore_ascii_case(word)
        || !known.is_ascii() && known.to_lowercase() == word.to_lowercase()
}

impl Locale {
    /// English words, and no conventions of a single country: the order of day and month is the one that the column
    /// shows, and if it shows none, its ambiguous dates are refused; the decimal mark is the one that the column shows;
    /// money has no currency unless the field does.
    pub const INTERNATIONAL: Self = Self {
        months: &[ENGLISH_MONTHS],
        weekdays: &[ENGLISH_WEEKDAYS],
        empty: &[GENERAL],
        yes: &[YES],
        no: &[NO],
        multipliers: &[],
        currency: &[],
        date_order: DateOrder::ByColumn,
        decimal_mark: None,
        column: "Column {number}",
        added: Added::NOTHING,
        translation: None,
    };

    /// Indonesian and English words, the day before the month, rupiah with `ribu`, `juta` and `miliar`.
    pub const INDONESIAN: Self = Self {
        months: &[ENGLISH_MONTHS, INDONESIAN_MONTHS],
        weekdays: &[ENGLISH_WEEKDAYS, INDONESIAN_WEEKDAYS],
        empty: &[GENERAL, INDONESIAN_EMPTY],
        yes: &[YES, INDONESIAN_YES],
        no: &[NO, INDONESIAN_NO],
        multipliers: &[
            ("juta", 6),
            ("jt", 6),
            ("ribu", 3),
            ("rb", 3),
            ("miliar", 9),
            ("milyar", 9),
        ],
        currency: &["rp", "rp.", "idr"],
        date_order: DateOrder::DayFirst,
        decimal_mark: None,
        column: "Kolom {number}",
        added: Added::NOTHING,
        translation: None,
    };

    /// The locale of values without one.
    pub(crate) fn usual() -> &'static Self {
        static USUAL: Locale = Locale::INDONESIAN;
        &USUAL
    }

    /// Adds names of months, from 1 for January.
    #[must_use]
    pub fn months<I, N>(mut self, names: I) -> Self
    where
        I: IntoIterator<Item = (N, u8)>,
        N: AsRef<str>,
    {
        let names = names.into_iter();
        self.added
            .months
            .extend(names.map(|(name, month)| (Box::from(name.as_ref()), month)));
        self
    }

    /// Adds names of weekdays, which may precede a date.
    #[must_use]
    pub fn weekdays<I>(mut self, names: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.added.weekdays.extend(boxed(names));
        self
    }

    /// Adds words that mean "nothing". To replace them see
    /// [`SchemaBuilder::empty_words`](crate::fields::SchemaBuilder::empty_words).
    #[must_use]
    pub fn empty_words<I>(mut self, words: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.added.empty.extend(boxed(words));
        self
    }

    /// Adds words for yes and no.
    #[must_use]
    pub fn yes_no<Y, N>(mut self, yes: Y, no: N) -> Self
    where
        Y: IntoIterator,
        Y::Item: AsRef<str>,
        N: IntoIterator,
        N::Item: AsRef<str>,
    {
        self.added.yes.extend(boxed(yes));
        self.added.no.extend(boxed(no));
        self
    }

    /// Adds words after an amount that stand for this many zeros: `("k", 3)`.
    #[must_use]
    pub fn multipliers<I, N>(mut self, words: I) -> Self
    where
        I: IntoIterator<Item = (N, u8)>,
        N: AsRef<str>,
    {
        let words = words.into_iter();
        let words = words.map(|(word, power)| (word.as_ref().to_lowercase().into(), power));
        self.added.multipliers.extend(words);
        self
    }

    /// Sets the currency signs, for fields without their own.
    #[must_use]
    pub fn currency<I>(mut self, signs: I) -> Self
    where
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        self.added.currency = Some(boxed(signs).collect());
        self
    }

    /// Sets the order of day and month, for fields without their own.
    #[must_use]
    pub fn date_order(mut self, order: DateOrder) -> Self {
        self.date_order = order;
        self
    }

    /// Sets the decimal mark, for fields without their own and columns that show none.
    #[must_use]
    pub fn decimal_mark(mut self, mark: DecimalMark) -> Self {
        self.decimal_mark = Some(mark);
        self
    }

    /// Sets the name of a column without a header; `{number}` is replaced by its number.
    #[must_use]
    pub fn column(mut self, text: impl Into<Box<str>>) -> Self {
        self.added.column = Some(text.into());
        self
    }

    /// Adds the texts of a language.
    #[must_use]
    pub fn translation(mut self, translation: Translation) -> Self {
        self.translation = Some(translation);
        self
    }

    pub(crate) fn month(&self, name: &str) -> Option<u8> {
        let own = self.months.iter().flat_map(|names| names.iter().copied());
        let added = self.added.months.iter();
        own.chain(added.map(|(name, month)| (&**name, *month)))
            .find(|(known, _)| is_same(known, name))
            .map(|(_, month)| month)
    }

    pub(super) fn is_weekday(&self, name: &str) -> bool {
        has(self.weekdays, &self.added.weekdays, name)
    }

    pub(crate) fn truth(&self, word: &str) -> Option<bool> {
        if has(self.yes, &self.added.yes, word) {
            Some(true)
        } else if has(self.no, &self.added.no, word) {
            Some(false)
        } else {
            None
        }
    }

    /// The words that mean "nothing", compared without case; useful for a field that needs all but some of them. A word
    /// that a choice allows is that word nevertheless, and `0` is a number.
    ///
    /// ```
    /// use import_engine::{Field, Locale};
    ///
    /// // Somebody may be called Nil or Na.
    /// let name = Field::text("name")
    ///     .empty_words(Locale::INTERNATIONAL.words_for_nothing().filter(|word| !matches!(*word, "nil" | "na")));
    /// ```
    pub fn words_for_nothing(&self) -> impl Iterator<Item = &str> {
        let own = self.empty.iter().flat_map(|words| words.iter().copied());
        own.chain(self.added.empty.iter().map(AsRef::as_ref))
    }

    /// Words after an amount, with the zeros that they stand for.
    pub(crate) fn powers(&self) -> impl Iterator<Item = (&str, u8)> {
        let added = self.added.multipliers.iter();
        let added = added.map(|(word, power)| (&**word, *power));
        self.multipliers.iter().copied().chain(added)
    }

    pub(crate) fn signs_of_money(&self) -> Vec<Box<str>> {
        match &self.added.currency {
            Some(signs) => signs.clone(),
            None => boxed(self.currency).collect(),
        }
    }

    pub(crate) fn order(&self) -> DateOrder {
        self.date_order
    }

    pub(crate) fn mark(&self) -> Option<DecimalMark> {
        self.decimal_mark
    }

    pub(crate) fn name_of_column(&self, number: usize) -> String {
        let text = self.added.column.as_deref().unwrap_or(self.column);
        text.replace("{number}", &number.to_string())
    }

    pub(crate) fn translated(&self) -> Option<&Translation> {
        self.translation.as_ref()
    }
}

fn has(own: &[&[&str]], added: &[Box<str>], word: &str) -> bool {
    let own = own.iter().flat_map(|words| words.iter().copied());
    own.chain(added.iter().map(AsRef::as_ref))
        .any(|known| is_same(known, word))
}

/// A locale as values store it, so that they can be copied cheaply; `None` is the usual one.
pub(crate) type SharedLocale = Option<Arc<Locale>>;

/// The shared one, or the usual one.
pub(crate) fn of(shared: &SharedLocale) -> &Locale {
    shared.as_deref().unwrap_or_else(|| Locale::usual())
}

/// Texts of the engine in a language, which replace its own or add to them. What is not translated is in English.
///
/// ```
/// use import_engine::{Field, FileError, Language, Schema, issues::{FileErrorCode, Translation}};
///
/// const FRENCH: Language = Language::new("fr");
/// let schema = Schema::builder("contacts")
///     .field(Field::text("nom"))
///     .translation(Translation::new(FRENCH).file(FileErrorCode::EMPTY, "Le fichier est vide"))
///     .build()?;
/// assert_eq!(schema.messages(FRENCH).file_error(&FileError::Empty), "Le fichier est vide");
/// assert_eq!(schema.messages(FRENCH).file_error(&FileError::HeaderMissing), "The file has no header row");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Translation {
    language: Language,
    /// The kind of each text and its code, the text, and a hint.
    texts: Vec<(Said, Box<str>, Box<str>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Said {
    Issue(IssueCode),
    Notice(NoticeCode),
    File(FileErrorCode),
}

impl Translation {
    /// A translation without texts.
    #[must_use]
    pub fn new(language: Language) -> Self {
        Self {
            language,
            texts: Vec::new(),
        }
    }

    /// Sets the text of an issue. `{label}`, `{value}` and the parameters of the code are placeholders;
    /// `{limit|one|other}` is the form of a word that agrees with a parameter, the first if it is 1.
    #[must_use]
    pub fn issue(self, code: IssueCode, text: impl Into<Box<str>>) -> Self {
        self.with(Said::Issue(code), text.into(), "".into())
    }

    /// Sets the text of a notice, and what may be done about it, if anything.
    #[must_use]
    pub fn notice(
        self,
        code: NoticeCode,
        text: impl Into<Box<str>>,
        hint: impl Into<Box<str>>,
    ) -> Self {
        self.with(Said::Notice(code), text.into(), hint.into())
    }

    /// Sets the text for a file that cannot be imported.
    #[must_use]
    pub fn file(self, code: FileErrorCode, text: impl Into<Box<str>>) -> Self {
        self.with(Said::File(code), text.into(), "".into())
    }

    fn with(mut self, said: Said, text: Box<str>, hint: Box<str>) -> Self {
        self.texts.retain(|(known, ..)| *known != said);
        self.texts.push((said, text, hint));
        self
    }

    pub(crate) fn language(&self) -> Language {
        self.language
    }

    pub(crate) fn codes(&self) -> impl Iterator<Item = IssueCode> {
        self.texts.iter().filter_map(|(said, ..)| match said {
            Said::Issue(code) => Some(*code),
            _ => None,
        })
    }

    fn find(&self, said: Said) -> Option<(&str, &str)> {
        let mut texts = self.texts.iter();
        let (_, text, hint) = texts.find(|(known, ..)| *known == said)?;
        Some((text, hint))
    }

    pub(crate) fn of_issue(&self, code: IssueCode) -> Option<&str> {
        self.find(Said::Issue(code)).map(|(text, _)| text)
    }

    pub(crate) fn of_notice(&self, code: NoticeCode) -> Option<(&str, &str)> {
        self.find(Said::Notice(code))
    }

    pub(crate) fn of_file(&self, code: FileErrorCode) -> Option<&str> {
        self.find(Said::File(code)).map(|(text, _)| text)
    }
}

// Names of months and weekdays, by language.

/// Months in English.
const ENGLISH_MONTHS: &[(&str, u8)] = &[
    ("jan", 1),
    ("january", 1),
    ("feb", 2),
    ("february", 2),
    ("mar", 3),
    ("march", 3),
    ("apr", 4),
    ("april", 4),
    ("may", 5),
    ("jun", 6),
    ("june", 6),
    ("jul", 7),
    ("july", 7),
    ("aug", 8),
    ("august", 8),
    ("sep", 9),
    ("sept", 9),
    ("september", 9),
    ("oct", 10),
    ("october", 10),
    ("nov", 11),
    ("november", 11),
    ("dec", 12),
    ("december", 12),
];

/// Months in Indonesian, if different from English.
const INDONESIAN_MONTHS: &[(&str, u8)] = &[
    ("januari", 1),
    ("februari", 2),
    ("peb", 2),
    ("pebruari", 2),
    ("maret", 3),
    ("mei", 5),
    ("juni", 6),
    ("juli", 7),
    ("agu", 8),
    ("agt", 8),
    ("ags", 8),
    ("agus", 8),
    ("agust", 8),
    ("agustus", 8),
    ("okt", 10),
    ("oktober", 10),
    ("nop", 11),
    ("nopember", 11),
    ("des", 12),
    ("desember", 12),
];

/// Weekdays in English.
const ENGLISH_WEEKDAYS: &[&str] = &[
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "mon",
    "tue",
    "wed",
    "thu",
    "fri",
    "sat",
    "sun",
];

/// Weekdays in Indonesian.
const INDONESIAN_WEEKDAYS: &[&str] = &[
    "senin",
    "selasa",
    "rabu",
    "kamis",
    "jumat",
    "jum'at",
    "jum\u{2019}at",
    "sabtu",
    "minggu",
    "ahad",
    "sen",
    "sel",
    "rab",
    "kam",
    "jum",
    "sab",
    "min",
];

// How dates and numbers of a field are to be read.

/// Order of day and month in dates such as `05/04/2027`. The `Default` is the day first; a field without its own order
/// has that of the schema's locale.
///
/// ```
/// use import_engine::{Field, fields::DateOrder};
///
/// let field = Field::date("born").order(DateOrder::MonthFirst);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DateOrder {
    /// Day, month, year: Indonesia and most of the world.
    #[default]
    DayFirst,
    /// Month, day, year: the United States.
    MonthFirst,
    /// The order that the cells of the column show. If they show none, or both, those that can be read in two ways are
    /// refused.
    ByColumn,
}

/// What a two-digit year means.
///
/// ```
/// use import_engine::{Field, fields::TwoDigitYears};
///
/// let born = Field::date("born").two_digit_years(TwoDigitYears::Past { max_age: 100 });
/// let departs = Field::date("departs").two_digit_years(TwoDigitYears::From2000);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TwoDigitYears {
    /// Nothing: the cell is refused.
    #[default]
    Refuse,
    /// 20yy: appointments, payments.
    From2000,
    /// The one year that is not in the future and at most `max_age` years ago: births. If two years are possible, the
    /// cell is refused.
    Past {
        /// Years.
        max_age: u16,
    },
}

/// The earliest or latest day of a field.
///
/// ```
/// use import_engine::{Field, fields::DateBound};
///
/// let born = Field::date("born").not_before(DateBound::YearsAgo(120)).not_after(DateBound::Today);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateBound {
    /// A day of the calendar.
    Day(Date),
    /// The day given by [`Planner::today`](crate::Planner::today).
    Today,
    /// This many days after today.
    DaysAhead(u16),
    /// This many years before today.
    YearsAgo(u16),
}

impl From<Date> for DateBound {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

/// Which of `.` and `,` separates a fraction.
///
/// ```
/// use import_engine::{Field, fields::DecimalMark};
///
/// let weight = Field::decimal("weight").decimal_mark(DecimalMark::Comma);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum DecimalMark {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NumberOptions {
    /// The least number in its own unit, without fractions.
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) negative: bool,
    /// Words that may follow the number, folded: `hari`, `pax`.
    pub(crate) units: Vec<Box<str>>,
    /// Signs and words that may stand before or after an amount, folded: `rp`, `idr`.
    pub(crate) currency: Vec<Box<str>>,
    /// The mark if the column itself gives no evidence.
    pub(crate) mark: Option<DecimalMark>,
    /// The range of likely numbers: others get a warning.
    pub(crate) likely: Option<(i64, i64)>,
    /// The number of decimals of money: 2 for cents.
    pub(crate) minor: u8,
    /// The schema's locale.
    pub(crate) locale: SharedLocale,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct DateOptions {
    pub(crate) order: DateOrder,
    pub(crate) two_digit_years: TwoDigitYears,
    pub(crate) not_before: Option<DateBound>,
    pub(crate) not_after: Option<DateBound>,
    /// The zone in which the dates were written, to convert times of other zones.
    pub(crate) zone: Option<UtcOffset>,
    /// The schema's locale.
    pub(crate) locale: SharedLocale,
}

/// Yes, in English and as a sign.
const YES: &[&str] = &["y", "yes", "true", "1", "✓", "✔"];

/// No, in English and as a sign.
pub(crate) const NO: &[&str] = &["no", "n", "false", "0"];

/// Yes, in Indonesian.
const INDONESIAN_YES: &[&str] = &["ya", "benar", "betul"];

/// No, in Indonesian.
const INDONESIAN_NO: &[&str] = &["tidak", "tdk", "salah", "bukan", "belum"];

// Words that mean "nothing": what people, forms and databases write into a cell instead of leaving it empty.

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
const INDONESIAN_EMPTY: &[&str] = &[
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

/// A list of such words, which is checked for nearly every cell: the first byte and the length rule out nearly all cells.
#[derive(Clone, Debug)]
pub(crate) struct EmptyWords {
    /// Folded, the short ones first.
    words: Vec<Box<str>>,
    /// For each length, the start of its words; all long ones share one.
    starts: Box<[usize; LENGTHS + 1]>,
    /// For each first byte, the lengths of its words, one bit each.
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
        // Text beyond ASCII may be longer or shorter when folded.
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

/// The index of a length; all long ones share one.
#[inline]
fn place(length: usize) -> usize {
    length.min(LENGTHS - 1)
}

/// One bit for each length.
#[inline]
fn bit(length: usize) -> u64 {
    1 << place(length)
}

// Ticks in their own columns: `v`, `x`, `√`, `1`.

/// What people put into a box, and what remains of it without a symbol font (`ü` is the tick of Wingdings).
const TICKS: &[&str] = &[
    "v", "x", "\u{221a}", "\u{2713}", "\u{2714}", "\u{2611}", "\u{2705}", "\u{fc}", "1", "*", "+",
    "\u{2022}", "\u{25cf}", "\u{25a0}", "ya", "y", "iya", "yes", "true", "ok",
];

/// Signs and words for a box that is not ticked.
const BLANKS: &[&str] = &[
    "-", "\u{2013}", "\u{2014}", "0", "tidak", "tdk", "no", "n", "false", "\u{2610}", ".",
];

/// Whether a cell ticks its column, which stands for `value`. `None` if it holds something else.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_words_for_nothing() {
        let usual = EmptyWords::new(GENERAL.iter().chain(INDONESIAN_EMPTY));
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
