//! The stable codes of findings, and every message of the engine about them in Indonesian and English, in one table; the
//! languages of texts; how the placeholders of a text are filled: `{name}` with a value, and `{name|row|rows}` with the
//! form that agrees with it; and how a long value is shortened.

use std::fmt;

/// A language of messages.
///
/// ```
/// use import_engine::Language;
///
/// const GERMAN: Language = Language::new("de");
/// assert_eq!(GERMAN.tag(), "de");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Language(&'static str);

impl Language {
    /// English, in which the engine has all its texts.
    pub const ENGLISH: Self = Self("en");

    /// Indonesian, in which the engine has all its texts.
    pub const INDONESIAN: Self = Self("id");

    /// Another language, by its tag (`de`, `pt-BR`). Its texts are the caller's; without one, the engine's English text
    /// is used.
    #[must_use]
    pub const fn new(tag: &'static str) -> Self {
        Self(tag)
    }

    /// Its tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        self.0
    }

    /// Picks one of an Indonesian and an English text.
    pub(crate) fn pick<T>(self, [indonesian, english]: [T; 2]) -> T {
        if self == Self::INDONESIAN {
            indonesian
        } else {
            english
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Language {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

/// Replaces `{name}` by values, and `{name|one|other}` by the form that agrees with the value; placeholders without a
/// value stay as they are.
pub(crate) fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if let Some(close) = rest.find('}')
            && let Some(filled) = filling(&rest[1..close], &value)
        {
            out.push_str(filled);
            rest = &rest[close + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

fn filling<'t, 'v: 't>(hole: &'t str, value: impl Fn(&str) -> Option<&'v str>) -> Option<&'t str> {
    let Some((name, forms)) = hole.split_once('|') else {
        return value(hole);
    };
    let (one, other) = forms.split_once('|')?;
    Some(if value(name)? == "1" { one } else { other })
}

/// At most `longest` characters of a text, and a mark if it is longer.
pub(crate) fn shortened(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// What the tests of all tables of texts share.
#[cfg(test)]
pub(crate) mod testing {
    use super::fill;

    /// The names of a text's placeholders.
    pub(crate) fn holes(text: &str) -> std::collections::BTreeSet<&str> {
        let inside = text
            .split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'));
        inside
            .filter_map(|(hole, _)| hole.split('|').next())
            .collect()
    }

    /// The placeholders that count something, unlike those for a position, a size or a text.
    const COUNTS: [&str; 9] = [
        "limit",
        "expected",
        "count",
        "rows",
        "rounded",
        "doubtful",
        "cells",
        "headers",
        "imported_rows",
    ];

    /// The nouns for what is counted, in the singular.
    const ONE: [&str; 9] = [
        "row",
        "cell",
        "character",
        "digit",
        "record",
        "value",
        "issue",
        "sequence",
        "notice",
    ];

    /// Words for one thing that end like plurals.
    const OF_ONE: [&str; 7] = ["is", "its", "has", "this", "differs", "changes", "ends"];

    /// Fills an English text with counts of 1 and of 2: 1 must not come with a plural, nor 2 with a singular.
    pub(crate) fn assert_agrees(english: &str) {
        for number in ["1", "2"] {
            let said = fill(english, |name| {
                Some(if COUNTS.contains(&name) { number } else { "x" })
            });
            let signs = |c: char| !c.is_alphanumeric();
            let words: Vec<&str> = said.split(signs).filter(|word| !word.is_empty()).collect();
            for (place, _) in words
                .iter()
                .enumerate()
                .filter(|(_, word)| **word == number)
            {
                let next = words.iter().skip(place + 1).take(2);
                let is_wrong = |word: &str| match number {
                    // "is" and "row differs" are singular, and every other word with this ending is plural.
                    "1" => word == "are" || word.ends_with('s') && !OF_ONE.contains(&word),
                    _ => ONE.contains(&word),
                };
                for word in next {
                    assert!(!is_wrong(word), "'{number} … {word}' in: {said}");
                }
            }
        }
    }
}

// The stable words for findings.

/// The exact kind of a finding, as a stable `snake_case` word. The engine's own codes are the constants; rules add
/// theirs.
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
    /// A code of the caller.
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
    /// Characters other than digits.
    DIGITS = "digits";
    /// A wrong number of digits (`expected`, `found`).
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
    /// A number that is unlikely for its field: a warning.
    IMPLAUSIBLE = "implausible";
    /// Not a date.
    DATE = "date";
    /// A day that does not exist.
    DATE_IMPOSSIBLE = "date_impossible";
    /// Day and month cannot be distinguished because the column contradicts itself.
    DATE_ORDER = "date_order";
    /// The month precedes the day, in a column of dates with the day first (or vice versa).
    DATE_MONTH_FIRST = "date_month_first";
    /// A two-digit year that may be in two centuries.
    DATE_CENTURY = "date_century";
    /// A date without a day, or a range of days.
    DATE_INCOMPLETE = "date_incomplete";
    /// A time of another zone that moves the date.
    DATE_ZONE = "date_zone";
    /// A date was read from a cell that also has a time of day, which is not stored: a warning.
    TIME_DROPPED = "time_dropped";
    /// A point in time without its time of day.
    TIME_MISSING = "time_missing";
    /// A point in time without the zone of its time.
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
    /// A program took an identity number for a quantity, but kept all its digits: a warning.
    STORED_AS_NUMBER = "stored_as_number";
    /// A spreadsheet dropped the leading zero.
    EXCEL_LOST_ZERO = "excel_lost_zero";
    /// HTML entities were decoded: a warning.
    HTML_ENTITIES = "html_entities";
    /// The text was decoded with a wrong encoding before.
    MOJIBAKE = "mojibake";
    /// The text contains U+FFFD, with which an earlier program replaced a character that it could not read: a warning.
    LOST_CHARACTER = "lost_character";
    /// An earlier row already has the value (`row`).
    DUPLICATE_IN_FILE = "duplicate_in_file";
    /// An earlier row changes the same record of the system, to which it refers by another key (`row`).
    RECORD_IN_FILE = "record_in_file";
    /// The row equals an earlier one in all imported cells: a warning.
    REPEATED_ROW = "repeated_row";
    /// A cell of a column besides the fields shows that the row is not a record of this kind.
    CONTRADICTED = "contradicted";
    /// A cell of a column besides the fields shows that the row may not be a record yet (`column`, `found`): a warning.
    DOUBTED = "doubted";
    /// The system already has the value.
    DUPLICATE_IN_SYSTEM = "duplicate_in_system";
    /// What the value refers to does not exist.
    REFERENCE_NOT_FOUND = "reference_not_found";
    /// The value refers to several things (`count`).
    REFERENCE_AMBIGUOUS = "reference_ambiguous";
    /// A quote was opened and never closed (`line`).
    OPEN_QUOTE = "open_quote";
    /// There is text after a closing quote (`line`).
    TEXT_AFTER_QUOTE = "text_after_quote";
    /// A NUL character.
    NUL = "nul";
    /// Bytes that are not valid in the file's encoding.
    INVALID_BYTES = "invalid_bytes";
    /// A number that is not in the unit which the header of its column states (`factor`).
    NUMBER_SCALE = "number_scale";
    /// Fewer cells than the header (`expected`, `found`).
    TOO_FEW_CELLS = "too_few_cells";
    /// More cells than the header (`expected`, `found`).
    TOO_MANY_CELLS = "too_many_cells";
    /// The row lacks most of the required fields and holds only text: a title, a note, a page footer (`missing`).
    NO_RECORD = "no_record";
    /// The row is directly below the header and continues it (units, formats, names in another language), or is an
    /// example of how to fill in the columns.
    SECOND_HEADER = "second_header";
    /// More than one column of a choice is ticked (`found`).
    SEVERAL_TICKS = "several_ticks";
    /// The row is below a header whose columns are in an order other than the file's.
    BELOW_OTHER_HEADER = "below_other_header";
    /// A row of a file to correct still has its [mark](crate::report::FailedRows): its cells were out of place, and it
    /// was not confirmed that they have been corrected.
    UNCORRECTED = "uncorrected";
    /// A cell is larger than the limit (`limit`).
    CELL_TOO_LARGE = "cell_too_large";
    /// A record is larger than the limit (`limit`).
    RECORD_TOO_LARGE = "record_too_large";
    /// A record has more cells than the limit (`limit`).
    TOO_MANY_COLUMNS = "too_many_columns";
}

// Every message of the engine in Indonesian and English, in one table.

/// The engine's text of a code; a caller's code without a text gets the general one.
pub(crate) fn builtin(code: IssueCode, language: Language) -> &'static str {
    CATALOGUE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map_or(language.pick(GENERAL), |(_, indonesian, english)| {
            language.pick([indonesian, english])
        })
}

const GENERAL: [&str; 2] = [
    "{label} tidak valid: {value}",
    "{label} is not valid: {value}",
];

/// Code, Indonesian, English.
const CATALOGUE: &[(IssueCode, &str, &str)] = &[
    (
        IssueCode::REQUIRED,
        "Field '{field}' wajib diisi",
        "Field '{field}' is required",
    ),
    (
        IssueCode::TOO_SHORT,
        "{label} minimal {limit} karakter (sekarang {found})",
        "{label} needs at least {limit} {limit|character|characters} (has {found})",
    ),
    (
        IssueCode::TOO_LONG,
        "{label} maksimal {limit} karakter (sekarang {found})",
        "{label} takes at most {limit} {limit|character|characters} (has {found})",
    ),
    (
        IssueCode::PATTERN,
        "Format {label} tidak valid: {value}",
        "{label} is not in the right format: {value}",
    ),
    (
        IssueCode::CHOICE,
        "{label} tidak dikenal: {value}. Pilihan: {allowed}",
        "{label} is not one of the allowed words: {value}. Allowed: {allowed}",
    ),
    (
        IssueCode::BOOL,
        "{label} harus ya atau tidak: {value}",
        "{label} must be yes or no: {value}",
    ),
    (
        IssueCode::EMAIL,
        "Email tidak valid: {value}",
        "Not an e-mail address: {value}",
    ),
    (
        IssueCode::UUID,
        "{label} bukan UUID: {value}",
        "{label} is not a UUID: {value}",
    ),
    (
        IssueCode::DIGITS,
        "{label} hanya boleh berisi angka: {value}",
        "{label} may hold digits only: {value}",
    ),
    (
        IssueCode::DIGITS_COUNT,
        "{label} harus {expected} digit (sekarang {found}): {value}",
        "{label} must have {expected} {expected|digit|digits} (has {found}): {value}",
    ),
    (
        IssueCode::NUMBER,
        "{label} bukan angka: {value}",
        "{label} is not a number: {value}",
    ),
    (
        IssueCode::NUMBER_AMBIGUOUS,
        "{label} bisa dibaca dua cara: {value}. Tulis tanpa pemisah",
        "{label} can be read in two ways: {value}. Write it without separators",
    ),
    (
        IssueCode::NUMBER_NEGATIVE,
        "{label} tidak boleh negatif: {value}",
        "{label} must not be negative: {value}",
    ),
    (
        IssueCode::NUMBER_FRACTION,
        "{label} harus bilangan bulat: {value}",
        "{label} must be a whole number: {value}",
    ),
    (
        IssueCode::NUMBER_GROUPS,
        "Pemisah ribuan {label} tidak teratur: {value}",
        "{label} is not grouped in thousands: {value}",
    ),
    (
        IssueCode::NUMBER_CURRENCY,
        "Mata uang {label} tidak didukung: {value}",
        "{label} is in another currency: {value}",
    ),
    (
        IssueCode::NUMBER_SCALE,
        "{label} '{value}' bukan angka dalam satuan yang disebut judul kolomnya (x {factor}). Tulis dalam satuan itu, atau hapus satuan dari judul kolom",
        "{label} '{value}' is not in the unit that its header says (x {factor}). Write it in that unit, or remove the unit from the header",
    ),
    (
        IssueCode::NUMBER_TOO_LARGE,
        "{label} terlalu besar: {value}",
        "{label} is too large: {value}",
    ),
    (
        IssueCode::BELOW_MIN,
        "{label} minimal {limit}: {value}",
        "{label} must be at least {limit}: {value}",
    ),
    (
        IssueCode::ABOVE_MAX,
        "{label} maksimal {limit}: {value}",
        "{label} must be at most {limit}: {value}",
    ),
    (
        IssueCode::IMPLAUSIBLE,
        "{label} tidak wajar: {value} dibaca sebagai {read}. Periksa mata uang dan satuannya",
        "{label} is not likely: {value} was read as {read}. Check its currency and unit",
    ),
    (
        IssueCode::DATE,
        "Tanggal tidak valid: {value}",
        "Not a date: {value}",
    ),
    (
        IssueCode::DATE_IMPOSSIBLE,
        "Tanggal tidak ada di kalender: {value}",
        "There is no such day: {value}",
    ),
    (
        IssueCode::DATE_ORDER,
        "Urutan tanggal tidak konsisten di kolom ini, {value} bisa dibaca dua cara. Gunakan format YYYY-MM-DD",
        "The column mixes day first and month first, {value} can be read in two ways. Use YYYY-MM-DD",
    ),
    (
        IssueCode::DATE_MONTH_FIRST,
        "Urutan hari dan bulan terbalik: {value}. Gunakan DD/MM/YYYY atau YYYY-MM-DD",
        "Day and month are in the wrong order: {value}. Use YYYY-MM-DD",
    ),
    (
        IssueCode::DATE_CENTURY,
        "Tahun dua digit bisa dibaca dua cara: {value}. Tulis tahun lengkap",
        "The year can be of two centuries: {value}. Write all four digits",
    ),
    (
        IssueCode::DATE_INCOMPLETE,
        "Tanggal tidak lengkap, tulis hari, bulan, dan tahun: {value}",
        "Day, month and year are needed: {value}",
    ),
    (
        IssueCode::DATE_ZONE,
        "Tanggal memakai jam zona waktu lain: {value}. Tulis tanggal saja",
        "The time of another zone may move the date: {value}. Write the date alone",
    ),
    (
        IssueCode::TIME_DROPPED,
        "Jam pada {label} tidak disimpan: {value} dibaca sebagai {read}",
        "The time of day of {label} is not stored: {value} was read as {read}",
    ),
    (
        IssueCode::TIME_MISSING,
        "{label} harus memuat jam: {value}",
        "{label} needs a time of day: {value}",
    ),
    (
        IssueCode::TIME_ZONE,
        "{label} tidak menyebut zona waktu: {value}. Tulis misalnya +07:00 di belakang jam",
        "{label} does not give its time zone: {value}. Write for example +07:00 after the time",
    ),
    (
        IssueCode::DATE_TOO_EARLY,
        "{label} paling awal {limit}: {value}",
        "{label} must not be before {limit}: {value}",
    ),
    (
        IssueCode::DATE_TOO_LATE,
        "{label} paling akhir {limit}: {value}",
        "{label} must not be after {limit}: {value}",
    ),
    (
        IssueCode::EXCEL_SCIENTIFIC,
        "{label} rusak oleh format Excel ({value}). Ubah kolom menjadi Teks lalu ekspor ulang",
        "{label} was damaged by a spreadsheet ({value}). Make the column Text and export again",
    ),
    (
        IssueCode::EXCEL_HASHES,
        "{label} hanya berisi ####. Lebarkan kolom di Excel lalu ekspor ulang",
        "{label} holds only ####. Widen the column in the spreadsheet and export again",
    ),
    (
        IssueCode::EXCEL_ERROR,
        "{label} berisi kesalahan rumus Excel: {value}",
        "{label} holds a spreadsheet's formula error: {value}",
    ),
    (
        IssueCode::EXCEL_ROUNDED,
        "{label} tampaknya dibulatkan oleh Excel ({value}). Ubah kolom menjadi Teks, lalu ketik ulang dari sumber aslinya",
        "{label} seems rounded by a spreadsheet ({value}). Format the column as text and type it again from its source",
    ),
    (
        IssueCode::STORED_AS_NUMBER,
        "{label} tersimpan sebagai angka ({value}). Digitnya utuh, tetapi ubah kolom menjadi Teks agar tidak dibulatkan",
        "{label} is stored as a number ({value}). Its digits are whole, but format the column as text so that none is rounded",
    ),
    (
        IssueCode::EXCEL_LOST_ZERO,
        "Angka nol di depan {label} hilang: {value}. Ubah kolom menjadi Teks lalu ekspor ulang",
        "{label} lost the zero in front: {value}. Make the column Text and export again",
    ),
    (
        IssueCode::HTML_ENTITIES,
        "Kode HTML pada {label} dibaca sebagai {read}: {value}",
        "HTML codes in {label} were read as {read}: {value}",
    ),
    (
        IssueCode::MOJIBAKE,
        "{label} berisi karakter yang rusak: {value}",
        "{label} holds garbled characters: {value}",
    ),
    (
        IssueCode::LOST_CHARACTER,
        "{label} kehilangan huruf sebelum diekspor dan berisi tanda \u{FFFD}: {value}. Periksa tulisan aslinya",
        "{label} lost a character before it was exported, \u{FFFD} stands in its place: {value}. Look at how it is written",
    ),
    (
        IssueCode::DUPLICATE_IN_FILE,
        "Nilai '{field}' sudah ada di baris {row}",
        "The value of '{field}' is in row {row} already",
    ),
    (
        IssueCode::RECORD_IN_FILE,
        "Baris ini mengubah data yang sama dengan baris {row}. Hapus salah satunya",
        "This row changes the same record as row {row}. Remove one of them",
    ),
    (
        IssueCode::REPEATED_ROW,
        "Baris ini sama persis dengan baris {row}",
        "This row is equal to row {row}",
    ),
    (
        IssueCode::CONTRADICTED,
        "Kolom '{column}' berisi '{found}': baris ini tidak diimpor",
        "'{column}' says '{found}': this row is not imported",
    ),
    (
        IssueCode::DOUBTED,
        "Kolom '{column}' berisi '{found}': baris ini mungkin belum boleh diimpor",
        "'{column}' says '{found}': this row may not be due yet",
    ),
    (
        IssueCode::DUPLICATE_IN_SYSTEM,
        "{label} sudah ada di sistem",
        "{label} is in the system already",
    ),
    (
        IssueCode::REFERENCE_NOT_FOUND,
        "{label} '{value}' tidak ditemukan",
        "{label} '{value}' was not found",
    ),
    (
        IssueCode::REFERENCE_AMBIGUOUS,
        "{label} '{value}' cocok dengan {count} data; isi dengan ID",
        "{label} '{value}' matches {count} {count|record|records}; give the id",
    ),
    (
        IssueCode::OPEN_QUOTE,
        "Tanda kutip dibuka pada baris teks ke-{line} tetapi tidak ditutup",
        "A quote is opened in line {line} and never closed",
    ),
    (
        IssueCode::TEXT_AFTER_QUOTE,
        "Ada teks setelah tanda kutip penutup pada baris teks ke-{line}",
        "Text stands after a closing quote in line {line}",
    ),
    (
        IssueCode::NUL,
        "Ada karakter NUL pada baris teks ke-{line}",
        "There is a NUL character in line {line}",
    ),
    (
        IssueCode::INVALID_BYTES,
        "Ada byte yang bukan teks pada baris teks ke-{line}. Simpan file sebagai UTF-8",
        "Line {line} holds bytes that are no text. Save the file as UTF-8",
    ),
    (
        IssueCode::TOO_FEW_CELLS,
        "Jumlah kolom kurang: {found} dari {expected} pada baris teks ke-{line}",
        "Too few cells: {found} of {expected} in line {line}",
    ),
    (
        IssueCode::TOO_MANY_CELLS,
        "Jumlah kolom berlebih: {found}, seharusnya {expected}, pada baris teks ke-{line}",
        "Too many cells: {found} instead of {expected} in line {line}",
    ),
    (
        IssueCode::SECOND_HEADER,
        "Baris ini tampaknya lanjutan judul kolom atau contoh pengisian, bukan data",
        "This row seems to go on with the header, or to be an example, and is no record",
    ),
    (
        IssueCode::SEVERAL_TICKS,
        "{label} ditandai lebih dari satu: {found}",
        "{label} is ticked more than once: {found}",
    ),
    (
        IssueCode::NO_RECORD,
        "Baris ini tampaknya bukan data (judul, catatan, atau kaki halaman): {missing} kosong",
        "This row seems to be no record (a title, a note, the foot of a page): it lacks {missing}",
    ),
    (
        IssueCode::BELOW_OTHER_HEADER,
        "Baris ini berada di bawah judul kolom lain yang urutannya berbeda. Pindahkan ke file sendiri",
        "This row stands below another header with its columns in another order. Move it to a file of its own",
    ),
    (
        IssueCode::UNCORRECTED,
        "Susunan sel baris ini rusak dan masih bertanda [!] di kolom _errors. Perbaiki barisnya, lalu hapus tanda itu",
        "The cells of this row were out of place, and it still has its mark [!] in the column _errors. Correct it, then remove the mark",
    ),
    (
        IssueCode::CELL_TOO_LARGE,
        "Isi sel melebihi {limit} byte pada baris teks ke-{line}",
        "A cell is larger than {limit} {limit|byte|bytes} in line {line}",
    ),
    (
        IssueCode::RECORD_TOO_LARGE,
        "Baris melebihi {limit} byte pada baris teks ke-{line}",
        "The record is larger than {limit} {limit|byte|bytes} in line {line}",
    ),
    (
        IssueCode::TOO_MANY_COLUMNS,
        "Baris memiliki lebih dari {limit} kolom pada baris teks ke-{line}",
        "The record has more than {limit} {limit|cell|cells} in line {line}",
    ),
];

#[cfg(test)]
mod tests {
    use super::{testing::assert_agrees, *};

    #[test]
    fn fills_only_what_it_knows() {
        let filled = fill("{a} {b} {", |key| (key == "a").then_some("1"));
        assert_eq!(filled, "1 {b} {");
    }

    #[test]
    fn gives_the_form_that_goes_with_a_number() {
        let rows = |n: &'static str| {
            fill("{n} {n|row|rows} {n|a} {m|row|rows}", move |key| {
                (key == "n").then_some(n)
            })
        };
        assert_eq!(rows("1"), "1 row {n|a} {m|row|rows}");
        assert_eq!(rows("0"), "0 rows {n|a} {m|row|rows}");
        assert_eq!(rows("21"), "21 rows {n|a} {m|row|rows}");
    }

    #[test]
    #[should_panic(expected = "1 rows")]
    fn a_text_with_one_form_alone_is_found() {
        testing::assert_agrees("more than {limit} rows");
    }

    #[test]
    fn every_code_has_a_text_in_both_languages() {
        for code in IssueCode::BUILT_IN {
            assert!(
                CATALOGUE
                    .iter()
                    .any(|(known, id, en)| known == code && !id.is_empty() && !en.is_empty()),
                "{code}"
            );
        }
    }

    #[test]
    fn every_text_has_the_right_number_for_one_and_for_two() {
        for (_, _, english) in CATALOGUE {
            assert_agrees(english);
        }
    }
}
