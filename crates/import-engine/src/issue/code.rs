//! The stable words for findings. Their texts are in the catalogue.

use std::fmt;

/// What exactly is wrong, as a stable `snake_case` word. The engine's own are the constants; rules add theirs.
///
/// ```
/// use import_engine::IssueCode;
///
/// const NIK_LENGTH: IssueCode = IssueCode::new("nik_length");
/// assert_eq!(NIK_LENGTH.as_str(), "nik_length");
/// assert_eq!(IssueCode::REQUIRED.to_string(), "required");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssueCode(&'static str);

impl IssueCode {
    /// A code of the caller's own.
    ///
    /// ```
    /// const TOO_YOUNG: import_engine::IssueCode = import_engine::IssueCode::new("too_young");
    /// ```
    #[must_use]
    pub const fn new(code: &'static str) -> Self {
        Self(code)
    }

    /// The word.
    ///
    /// ```
    /// assert_eq!(import_engine::IssueCode::TOO_LONG.as_str(), "too_long");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl fmt::Display for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for IssueCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for IssueCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])+ $name:ident = $word:literal;)+) => {
        impl IssueCode {
            $($(#[$doc])+ pub const $name: Self = Self($word);)+

            /// Every code of the engine itself.
            pub const BUILT_IN: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

codes! {
    /// A required cell is empty.
    REQUIRED = "required";
    /// Fewer characters than the field allows (`limit`, `found`).
    TOO_SHORT = "too_short";
    /// More characters than the field allows (`limit`, `found`).
    TOO_LONG = "too_long";
    /// Does not match the field's pattern.
    PATTERN = "pattern";
    /// Not one of the allowed words (`allowed`).
    CHOICE = "choice";
    /// Not a yes or no.
    BOOL = "bool";
    /// Not an e-mail address.
    EMAIL = "email";
    /// Not a UUID.
    UUID = "uuid";
    /// Other characters than digits.
    DIGITS = "digits";
    /// Another number of digits than the field has (`expected`, `found`).
    DIGITS_COUNT = "digits_count";
    /// Not a number.
    NUMBER = "number";
    /// A number that can be read in two ways.
    NUMBER_AMBIGUOUS = "number_ambiguous";
    /// A negative number where none is allowed.
    NUMBER_NEGATIVE = "number_negative";
    /// A fraction where a whole number is required.
    NUMBER_FRACTION = "number_fraction";
    /// Groups that are not thousands.
    NUMBER_GROUPS = "number_groups";
    /// A currency that is not the field's.
    NUMBER_CURRENCY = "number_currency";
    /// More digits than fit.
    NUMBER_TOO_LARGE = "number_too_large";
    /// Below the field's least value (`limit`).
    BELOW_MIN = "below_min";
    /// Above the field's greatest value (`limit`).
    ABOVE_MAX = "above_max";
    /// A number that its field is not likely to hold: a warning.
    IMPLAUSIBLE = "implausible";
    /// Not a date.
    DATE = "date";
    /// A day that no calendar has.
    DATE_IMPOSSIBLE = "date_impossible";
    /// Day and month cannot be distinguished because the column contradicts itself.
    DATE_ORDER = "date_order";
    /// The month stands before the day, in a column of dates with the day first (or the other way round).
    DATE_MONTH_FIRST = "date_month_first";
    /// A year of two digits that may mean two centuries.
    DATE_CENTURY = "date_century";
    /// A date without a day, or a range of days.
    DATE_INCOMPLETE = "date_incomplete";
    /// A time of another zone that moves the date.
    DATE_ZONE = "date_zone";
    /// A day was read from a cell that also gives a time of day, which is not stored: a warning.
    TIME_DROPPED = "time_dropped";
    /// A moment without its time of day.
    TIME_MISSING = "time_missing";
    /// A moment that does not say in which zone its time is.
    TIME_ZONE = "time_zone";
    /// Before the field's earliest day (`limit`).
    DATE_TOO_EARLY = "date_too_early";
    /// After the field's latest day (`limit`).
    DATE_TOO_LATE = "date_too_late";
    /// A number that a spreadsheet turned into scientific notation.
    EXCEL_SCIENTIFIC = "excel_scientific";
    /// `########`: a spreadsheet exported the width of the column instead of the value.
    EXCEL_HASHES = "excel_hashes";
    /// A spreadsheet's error value such as `#REF!`.
    EXCEL_ERROR = "excel_error";
    /// The last digits of a long number were rounded to 0 by a spreadsheet.
    EXCEL_ROUNDED = "excel_rounded";
    /// A spreadsheet dropped the zero in front.
    EXCEL_LOST_ZERO = "excel_lost_zero";
    /// Entities of web pages were undone: a warning.
    HTML_ENTITIES = "html_entities";
    /// The text was decoded with the wrong encoding once before.
    MOJIBAKE = "mojibake";
    /// The text holds U+FFFD: an earlier program could not read a character and put this in its place. A warning.
    LOST_CHARACTER = "lost_character";
    /// An earlier row has the value already (`row`).
    DUPLICATE_IN_FILE = "duplicate_in_file";
    /// An earlier row changes the same record of the system, which it names by another key (`row`).
    RECORD_IN_FILE = "record_in_file";
    /// The row is equal to an earlier one in all that is imported: a warning.
    REPEATED_ROW = "repeated_row";
    /// A cell of a column beside the fields says that the row is not a record of this kind.
    CONTRADICTED = "contradicted";
    /// The system has the value already.
    DUPLICATE_IN_SYSTEM = "duplicate_in_system";
    /// What the value refers to does not exist.
    REFERENCE_NOT_FOUND = "reference_not_found";
    /// What the value refers to exists more than once (`count`).
    REFERENCE_AMBIGUOUS = "reference_ambiguous";
    /// A quote was opened and never closed (`line`).
    OPEN_QUOTE = "open_quote";
    /// Text stands after a closing quote (`line`).
    TEXT_AFTER_QUOTE = "text_after_quote";
    /// A NUL character.
    NUL = "nul";
    /// Bytes that are not valid in the file's encoding.
    INVALID_BYTES = "invalid_bytes";
    /// A number that is not in the unit which the header of its column says (`factor`).
    NUMBER_SCALE = "number_scale";
    /// Fewer cells than the header (`expected`, `found`).
    TOO_FEW_CELLS = "too_few_cells";
    /// More cells than the header (`expected`, `found`).
    TOO_MANY_CELLS = "too_many_cells";
    /// The row lacks most of what is required and holds nothing but text: a title, a note, the foot of a page (`missing`).
    NO_RECORD = "no_record";
    /// The row stands right below the header and goes on with it (units, formats, names in another language), or is an example
    /// of how to fill in the columns.
    SECOND_HEADER = "second_header";
    /// More than one column of a choice is ticked (`found`).
    SEVERAL_TICKS = "several_ticks";
    /// The row stands below a header whose columns are in another order than the file's.
    BELOW_OTHER_HEADER = "below_other_header";
    /// A row of a file to correct still has its [mark](crate::report::FailedRows): its cells were out of place, and it was not said that
    /// they are right now.
    UNCORRECTED = "uncorrected";
    /// A cell is larger than the limit (`limit`).
    CELL_TOO_LARGE = "cell_too_large";
    /// A record is larger than the limit (`limit`).
    RECORD_TOO_LARGE = "record_too_large";
    /// A record has more cells than the limit (`limit`).
    TOO_MANY_COLUMNS = "too_many_columns";
}
