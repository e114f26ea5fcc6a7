//! Every message of the engine in Indonesian and English, in one table, and how a schema overrides them.

use super::{Issue, IssueCode};
use crate::schema::{Schema, kind::Kind};

/// A language of messages.
///
/// ```
/// assert_eq!(import_engine::Language::default(), import_engine::Language::Indonesian);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub enum Language {
    /// Bahasa Indonesia.
    #[default]
    Indonesian,
    /// English.
    English,
}

/// A message text that a schema or a field puts in the place of the catalogue's.
#[derive(Clone, Debug)]
pub(crate) struct Override {
    pub(crate) code: IssueCode,
    pub(crate) language: Language,
    pub(crate) text: Box<str>,
}

/// The words for the issues of one schema in one language.
///
/// A text comes from the field, else from the schema, else from the engine's own catalogue.
///
/// ```
/// use import_engine::{Field, Importer, IssueCode, Language, NoLookup, Schema, Sniffer};
///
/// let file = b"name,email\nAhmad,ahmad@email\n,siti@example.com\n";
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").required())
///     .field(Field::email("email").label("Email"))
///     .build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let mut batches = Vec::new();
/// Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
///
/// let messages = schema.messages(Language::Indonesian);
/// let said: Vec<_> = batches[0].issues().iter().map(|issue| messages.message(issue)).collect();
/// assert_eq!(said, ["Email tidak valid: ahmad@email", "Field 'name' wajib diisi"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Messages {
    schema: Schema,
    language: Language,
}

impl Messages {
    pub(crate) fn new(schema: Schema, language: Language) -> Self {
        Self { schema, language }
    }

    /// What to tell a person about an issue.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let messages = schema.messages(Language::English);
    /// assert_eq!(messages.message(&batch.issues()[0]), "seats is not a number: many");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn message(&self, issue: &Issue) -> String {
        self.render(issue, issue.value.as_deref().unwrap_or_default())
    }

    /// The same with the value of a sensitive field covered, for places where others may read it.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let messages = schema.messages(Language::Indonesian);
    /// assert_eq!(messages.masked_message(&batch.issues()[0]), "seats bukan angka: many"); // the field is not sensitive
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn masked_message(&self, issue: &Issue) -> String {
        self.render(issue, issue.masked_value().as_deref().unwrap_or_default())
    }

    /// The format a cell should have had.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let messages = schema.messages(Language::English);
    /// assert_eq!(messages.expected(&batch.issues()[0]).as_deref(), Some("a whole number"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expected(&self, issue: &Issue) -> Option<String> {
        let index = self.schema.index_of(issue.field()?)?;
        let field = &self.schema.fields()[index];
        if let Some(expected) = &field.expected {
            return Some(expected.to_string());
        }
        builtin_expected(&field.kind, self.language)
    }

    fn render(&self, issue: &Issue, value: &str) -> String {
        let field = issue
            .field()
            .and_then(|name| self.schema.index_of(name))
            .map(|i| &self.schema.fields()[i]);
        let overridden = field
            .into_iter()
            .flat_map(|field| &field.messages)
            .chain(&self.schema.inner.messages)
            .find(|text| text.code == issue.code && text.language == self.language)
            .map(|text| &*text.text);
        let template = overridden.unwrap_or_else(|| builtin(issue.code, self.language));
        let name = issue.field().unwrap_or_default();
        let label = field
            .and_then(|field| field.label.as_deref())
            .unwrap_or(name);
        let row = issue.row.to_string();
        let line = issue.line.to_string();
        fill(template, |key| {
            issue.param(key).or(match key {
                "field" => Some(name),
                "label" => Some(label),
                "value" => Some(value),
                "row" => Some(&row),
                "line" => Some(&line),
                _ => None,
            })
        })
    }
}

/// Puts values in the place of `{name}`; what has no value stays as it stands.
fn fill<'v>(template: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let close = rest.find('}');
        let filled = close.and_then(|close| value(&rest[1..close]).map(|value| (close, value)));
        if let Some((close, value)) = filled {
            out.push_str(value);
            rest = &rest[close + 1..];
        } else {
            out.push('{');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// The engine's own text of a code; a caller's own code without a text gets the general one.
fn builtin(code: IssueCode, language: Language) -> &'static str {
    CATALOGUE
        .iter()
        .find(|(known, _, _)| *known == code)
        .map_or(GENERAL, |(_, indonesian, english)| (indonesian, english))
        .pick(language)
}

trait Pick {
    fn pick(self, language: Language) -> &'static str;
}

impl Pick for (&&'static str, &&'static str) {
    fn pick(self, language: Language) -> &'static str {
        match language {
            Language::Indonesian => self.0,
            Language::English => self.1,
        }
    }
}

const GENERAL: (&&str, &&str) = (
    &"{label} tidak valid: {value}",
    &"{label} is not valid: {value}",
);

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
        "{label} needs at least {limit} characters (has {found})",
    ),
    (
        IssueCode::TOO_LONG,
        "{label} maksimal {limit} karakter (sekarang {found})",
        "{label} takes at most {limit} characters (has {found})",
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
        "{label} must have {expected} digits (has {found}): {value}",
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
        "{label} tampaknya dibulatkan oleh Excel: {value}. Periksa digit terakhir",
        "{label} seems rounded by a spreadsheet: {value}. Check the last digits",
    ),
    (
        IssueCode::EXCEL_LOST_ZERO,
        "Angka nol di depan {label} hilang: {value}. Ubah kolom menjadi Teks lalu ekspor ulang",
        "{label} lost the zero in front: {value}. Make the column Text and export again",
    ),
    (
        IssueCode::MOJIBAKE,
        "{label} berisi karakter yang rusak: {value}",
        "{label} holds garbled characters: {value}",
    ),
    (
        IssueCode::DUPLICATE_IN_FILE,
        "Nilai '{field}' sudah ada di baris {row}",
        "The value of '{field}' is in row {row} already",
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
        "{label} '{value}' matches {count} records; give the id",
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
        IssueCode::UNCORRECTED,
        "Susunan sel baris ini rusak dan masih bertanda [!] di kolom _errors. Perbaiki barisnya, lalu hapus tanda itu",
        "The cells of this row were out of place, and it still has its mark [!] in the column _errors. Correct it, then remove the mark",
    ),
    (
        IssueCode::CELL_TOO_LARGE,
        "Isi sel melebihi {limit} byte pada baris teks ke-{line}",
        "A cell is larger than {limit} bytes in line {line}",
    ),
    (
        IssueCode::RECORD_TOO_LARGE,
        "Baris melebihi {limit} byte pada baris teks ke-{line}",
        "The record is larger than {limit} bytes in line {line}",
    ),
    (
        IssueCode::TOO_MANY_COLUMNS,
        "Baris memiliki lebih dari {limit} kolom pada baris teks ke-{line}",
        "The record has more than {limit} cells in line {line}",
    ),
];

/// The format of a kind where the field does not say its own.
fn builtin_expected(kind: &Kind, language: Language) -> Option<String> {
    let indonesian = language == Language::Indonesian;
    let words = |id: &str, en: &str| Some(if indonesian { id } else { en }.to_owned());
    match kind {
        Kind::Text(options) => options.digits.map(|(least, most)| {
            let word = if indonesian { "digit" } else { "digits" };
            if least == most {
                format!("{least} {word}")
            } else {
                format!("{least}-{most} {word}")
            }
        }),
        Kind::Integer(_) => words("bilangan bulat", "a whole number"),
        Kind::Decimal(_) => words("angka", "a number"),
        Kind::Money(_) => words("jumlah, contoh 25000000", "an amount such as 25000000"),
        Kind::Date(_) => words("YYYY-MM-DD atau DD/MM/YYYY", "YYYY-MM-DD or DD/MM/YYYY"),
        Kind::Email => words("nama@domain.com", "name@domain.com"),
        Kind::Uuid => Some("UUID".to_owned()),
        Kind::Bool => words("ya / tidak", "yes / no"),
        Kind::Choice(choices) => Some(choices.words.join(", ")),
        Kind::Reference(_) => words("ID atau nama yang terdaftar", "an id or a registered name"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn fills_only_what_it_knows() {
        let filled = fill("{a} {b} {", |key| (key == "a").then_some("1"));
        assert_eq!(filled, "1 {b} {");
    }
}
