//! What the user should know about a file apart from the data of its rows: a code with its parameters, and for each code
//! its text in Indonesian and English, and what the user may do about it. English texts give both the singular and the
//! plural of words that depend on a number.

use std::{borrow::Cow, fmt};

use super::catalogue::{Language, fill, shortened};

/// Something about the file as a whole, about a column, or about a row that was not regarded as data.
///
/// ```
/// use import_engine::{Language, recognise::{Notice, NoticeCode}};
///
/// let notice = Notice::new(NoticeCode::FOOTER_SKIPPED).with("row", 12).with("text", "JUMLAH");
/// assert_eq!(notice.code().as_str(), "footer_skipped");
/// assert_eq!((notice.param("row"), notice.param("column")), (Some("12"), None));
/// assert_eq!(notice.params().count(), 2);
/// assert_eq!(notice.text(Language::INDONESIAN), "Baris total dilewati: baris 12 (JUMLAH)");
/// assert_eq!(notice.to_string(), "row 12 sums up the table and is skipped: JUMLAH");
/// assert_eq!(notice.hint(Language::ENGLISH), None);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Notice {
    code: NoticeCode,
    params: Vec<(Cow<'static, str>, String)>,
}

/// Parameters are quoted in messages: longer ones are cut.
const LONGEST_PARAM: usize = 200;

impl Notice {
    /// A notice without parameters.
    #[must_use]
    pub fn new(code: NoticeCode) -> Self {
        Self {
            code,
            params: Vec::new(),
        }
    }

    /// Adds a value for a placeholder of its text; a long one is cut.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        let value = shortened(&value.to_string(), LONGEST_PARAM);
        self.params.push((Cow::Borrowed(name), value));
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> NoticeCode {
        self.code
    }

    /// A parameter by its name.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, value)| value.as_str())
    }

    /// Its parameters, by name.
    pub fn params(&self) -> impl Iterator<Item = (&str, &str)> {
        self.params
            .iter()
            .map(|(name, value)| (&**name, value.as_str()))
    }

    /// Its text, in a language.
    #[must_use]
    pub fn text(&self, language: Language) -> String {
        self.filled(self.code.words().text(language))
    }

    /// What the user may do about it, in a language, if anything.
    #[must_use]
    pub fn hint(&self, language: Language) -> Option<String> {
        let hint = self.code.words().hint(language);
        (!hint.is_empty()).then(|| self.filled(hint))
    }

    pub(crate) fn filled(&self, template: &str) -> String {
        fill(template, |name| self.param(name))
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(Language::ENGLISH))
    }
}

// Every notice of the engine in Indonesian and English, in one table: its text, and what the user may do about it.
// English texts give both the singular and the plural of words that depend on a number.

/// The stable word of a notice.
///
/// ```
/// assert_eq!(import_engine::recognise::NoticeCode::SAME_FILE.as_str(), "same_file");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct NoticeCode(&'static str);

impl NoticeCode {
    /// The word.
    ///
    /// ```
    /// assert_eq!(import_engine::recognise::NoticeCode::NO_HEADER.as_str(), "no_header");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    fn words(self) -> &'static Words {
        NOTICES
            .iter()
            .find(|words| words.code == self)
            .unwrap_or(&NOTICES[0])
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for NoticeCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let known = Self::ALL.iter().find(|code| code.0 == word);
        known
            .copied()
            .ok_or_else(|| serde::de::Error::custom(format!("no notice is called '{word}'")))
    }
}

/// The texts of a notice, Indonesian first. An empty hint means that there is none.
struct Words {
    code: NoticeCode,
    text: [&'static str; 2],
    hint: [&'static str; 2],
}

impl Words {
    fn text(&self, language: Language) -> &'static str {
        language.pick(self.text)
    }

    fn hint(&self, language: Language) -> &'static str {
        language.pick(self.hint)
    }
}

macro_rules! notices {
    ($($(#[$doc:meta])+ $name:ident = $word:literal, $text:expr, $hint:expr;)*) => {
        impl NoticeCode {
            $($(#[$doc])+ pub const $name: Self = Self($word);)*

            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];
        }

        const NOTICES: &[Words] = &[$(Words {
            code: NoticeCode::$name,
            text: $text,
            hint: $hint,
        }),*];
    };
}

notices! {
    /// A row of sums of the table was skipped.
    FOOTER_SKIPPED = "footer_skipped",
        [
            "Baris total dilewati: baris {row} ({text})",
            "row {row} sums up the table and is skipped: {text}",
        ],
        ["", ""];
    /// The header is repeated in the file, as on every printed page, and was skipped.
    HEADER_REPEATED = "header_repeated",
        [
            "Judul kolom yang berulang dilewati: baris {row}",
            "row {row} repeats the header and is skipped",
        ],
        ["", ""];
    /// A header with the columns of the file's own in another order: rows below are read by it.
    HEADER_MOVED = "header_moved",
        [
            "Baris {row} adalah judul kolom dengan urutan lain; baris di bawahnya dibaca menurut judul itu",
            "row {row} is the header in another order; rows below it are read by it",
        ],
        ["", ""];
    /// A header with other columns, of which some have other positions: rows below it are refused.
    HEADER_CHANGED = "header_changed",
        [
            "Baris {row} adalah judul kolom dengan susunan lain; baris di bawahnya ditolak",
            "row {row} is a header with other columns; rows below it are refused",
        ],
        [
            "Pindahkan tabel kedua ke file sendiri",
            "Move the second table to a file of its own",
        ];
    /// A row with the numbers of the columns was skipped.
    COLUMNS_NUMBERED = "columns_numbered",
        [
            "Nomor kolom dilewati: baris {row}",
            "row {row} numbers the columns and is skipped",
        ],
        ["", ""];
    /// A row that does not seem to be a record (a title, a note, a page footer) is refused.
    NO_RECORD = "no_record",
        [
            "Baris {row} tampaknya bukan data dan ditolak: {text}",
            "row {row} seems to be no record and is refused: {text}",
        ],
        ["", ""];
    /// A row directly below the header that continues it, or shows how to fill in the columns, is refused.
    SECOND_HEADER = "second_header",
        [
            "Baris {row} tampaknya lanjutan judul kolom atau contoh pengisian dan ditolak: {text}",
            "row {row} seems to go on with the header, or to be an example, and is refused: {text}",
        ],
        ["", ""];
    /// A required column is blank below filled cells, as merged cells leave it. Nothing is filled in.
    MERGED_CELLS = "merged_cells",
        [
            "Kolom '{column}' kosong di bawah sel yang terisi pada {rows} baris, mulai baris {row}; mungkin sel gabungan (merge)",
            "'{column}' is blank below filled cells in {rows} {rows|row|rows}, from row {row}: perhaps merged cells",
        ],
        [
            "Batalkan penggabungan sel di file asalnya dan isi setiap barisnya",
            "Split the merged cells in the original file and fill every row",
        ];
    /// The whole file shows another encoding than its beginning, and is read in it.
    ENCODING_CHANGED = "encoding_changed",
        [
            "Isi file bukan {from}; file dibaca sebagai {to}",
            "the file is not {from} throughout; it is read as {to}",
        ],
        ["", ""];
    /// The beginning of the file has only damaged quotes, but all of it has more sound ones: cells are read without their
    /// quotes.
    QUOTES_FOUND = "quotes_found",
        [
            "Sel pada file ini ditulis dalam tanda kutip; baris yang tanda kutipnya rusak ditolak",
            "cells of the file stand in quotes; rows whose quotes are damaged are refused",
        ],
        ["", ""];
    /// Dates of a column contradict its header, its field or each other in the order of day and month.
    DATE_ORDER_MIXED = "date_order_mixed",
        [
            "Urutan tanggal pada kolom '{column}' tidak konsisten; tanggal yang bisa dibaca dua cara ditolak",
            "dates of '{column}' contradict each other in the order of day and month; those that can be read in two ways are refused",
        ],
        [
            "Tulis tanggal di kolom '{column}' sebagai YYYY-MM-DD",
            "Write the dates of '{column}' as YYYY-MM-DD",
        ];
    /// Nothing in a column of dates shows the order of day and month, and another column shows the other order.
    DATE_ORDER_ELSEWHERE = "date_order_elsewhere",
        [
            "Kolom '{other}' menulis bulan dan hari dengan urutan lain daripada yang biasa; tanggal di kolom '{column}' yang bisa dibaca dua cara ditolak",
            "'{other}' writes day and month in another order than is usual; dates of '{column}' that can be read in two ways are refused",
        ],
        [
            "Tulis tanggal di kolom '{column}' sebagai YYYY-MM-DD",
            "Write the dates of '{column}' as YYYY-MM-DD",
        ];
    /// The header or the cells of a column show an unusual order of its dates, in which they are read.
    DATE_ORDER_TAKEN = "date_order_taken",
        [
            "Tanggal pada kolom '{column}' dibaca dengan urutan {order}",
            "dates of '{column}' are read as {order}",
        ],
        ["", ""];
    /// Nothing in a column of dates such as `24-01-05` shows whether the year is first or last.
    DATE_YEAR_UNDECIDED = "date_year_undecided",
        [
            "Kolom '{column}' tidak menunjukkan apakah tahun dua digit ada di depan atau di belakang; tanggal yang bisa dibaca dua cara ditolak",
            "'{column}' does not show whether the year of two digits stands first or last; dates that can be read in two ways are refused",
        ],
        [
            "Tulis tahun lengkap, misalnya 2024-01-05",
            "Write all four digits of the year, as in 2024-01-05",
        ];
    /// Numbers of a column contradict each other in the decimal mark: ambiguous ones are errors.
    NUMBER_FORMAT_MIXED = "number_format_mixed",
        [
            "Penulisan angka pada kolom '{column}' tidak konsisten; angka yang bisa dibaca dua cara ditolak",
            "numbers of '{column}' contradict each other in what separates a fraction",
        ],
        ["", ""];
    /// Long numbers of a column end in 0 far too often: a spreadsheet rounded them.
    DIGITS_ROUNDED = "digits_rounded",
        [
            "Kolom '{column}' tampaknya sudah dibulatkan oleh Excel: {rounded} dari {cells} nilai berakhiran 0",
            "'{column}' was rounded by a spreadsheet: {rounded} of {cells} {cells|value|values} {rounded|ends|end} in 0",
        ],
        [
            "Ubah kolom menjadi Teks di file asalnya lalu ekspor ulang",
            "Make the column Text in the original file and export again",
        ];
    /// More issues than [`Limits::issues`](crate::Limits::issues): the rest are only counted.
    ISSUES_CUT = "issues_cut",
        [
            "Lebih dari {limit} temuan; selebihnya dihitung tetapi tidak dirinci",
            "more than {limit} {limit|issue|issues}: the rest are counted, not listed",
        ],
        ["", ""];
    /// Most numbers of a column are unlikely for their field.
    IMPLAUSIBLE_COLUMN = "implausible_column",
        [
            "{doubtful} dari {cells} nilai pada kolom '{column}' tidak wajar untuk {label} (misalnya {example})",
            "{doubtful} of {cells} {cells|value|values} of '{column}' {doubtful|is|are} not likely for {label} (for example {example})",
        ],
        [
            "Mungkin nilainya dalam mata uang atau satuan lain (USD, juta, orang). Periksa kolom itu sebelum mengimpor",
            "The values may be in another currency or unit (USD, millions, persons). Check the column before importing",
        ];
    /// Rows that equal earlier ones in all imported cells.
    REPEATED_ROWS = "repeated_rows",
        [
            "{rows} baris sama persis dengan baris sebelumnya, misalnya baris {row} dengan baris {earlier}",
            "{rows} {rows|row is equal to an earlier one|rows are equal to earlier ones}, for example row {row} to row {earlier}",
        ],
        [
            "Hapus baris yang tercatat dua kali, atau biarkan bila memang dua transaksi",
            "Remove the rows that were entered twice, or leave them if they are two transactions",
        ];
    /// Rows that change what the system has.
    EXISTING_UPDATED = "existing_updated",
        [
            "{rows} baris mengubah data yang sudah ada di sistem",
            "{rows} {rows|row changes|rows change} what the system has already",
        ],
        ["", ""];
    /// Rows that are skipped because the system has them.
    EXISTING_SKIPPED = "existing_skipped",
        [
            "{rows} baris dilewati karena datanya sudah ada di sistem",
            "{rows} {rows|row is passed over because the system has it|rows are passed over because the system has them} already",
        ],
        ["", ""];
    /// The same file was imported before.
    SAME_FILE = "same_file",
        [
            "File yang sama sudah pernah diimpor sebagai '{file_name}' pada {date} ({imported_rows} baris)",
            "the same file was imported as '{file_name}' on {date} ({imported_rows} {imported_rows|row|rows})",
        ],
        [
            "Batalkan impor ini bila datanya sudah masuk",
            "Discard this import if its data are in already",
        ];
    /// A column that is not a field, although it may have been meant for one.
    COLUMN_UNUSED = "column_unused",
        [
            "Kolom '{column}' tidak diimpor; mungkin maksudnya {label}{reason}",
            "'{column}' is not imported; perhaps it means {label}{reason}",
        ],
        [
            "Petakan kolom '{column}' ke '{field}' lewat column_mapping bila memang itu maksudnya",
            "Map '{column}' to '{field}' by column_mapping if that is what it means",
        ];
    /// Two columns could be one field: states which one is used, and which is not.
    COLUMN_BEATEN = "column_beaten",
        [
            "Kolom '{column}' tidak diimpor: {label} diambil dari kolom '{by}'",
            "'{column}' is not imported: {label} is taken from '{by}'",
        ],
        [
            "Petakan kolom lewat column_mapping bila seharusnya sebaliknya",
            "Map the columns by column_mapping if it should be the other way round",
        ];
    /// A column that is not a field, although its cells are values of one.
    COLUMN_FITS = "column_fits",
        [
            "Kolom '{column}' tidak diimpor, padahal isinya cocok untuk {label}",
            "'{column}' is not imported, though its cells would do for {label}",
        ],
        [
            "Petakan kolom '{column}' ke '{field}' lewat column_mapping bila memang itu maksudnya",
            "Map '{column}' to '{field}' by column_mapping if that is what it means",
        ];
    /// The header of a column names a field, and a unit that the field does not have.
    COLUMN_UNIT = "column_unit",
        [
            "Kolom '{column}' tidak dipakai sebagai {label}: satuannya '{unit}'",
            "'{column}' is not used as {label}: it is in '{unit}'",
        ],
        [
            "Ubah isinya ke satuan {label}, lalu hapus '{unit}' dari judul kolom",
            "Convert its values into the unit of {label}, and remove '{unit}' from the header",
        ];
    /// The header of a column states that it counts in thousands or millions, and its numbers are read accordingly.
    COLUMN_SCALED = "column_scaled",
        [
            "Kolom '{column}' dibaca sebagai {label} dalam satuan yang disebut judulnya: {example} menjadi {read}",
            "'{column}' is read as {label} in the unit that its header says: {example} becomes {read}",
        ],
        [
            "Jika isinya sudah jumlah penuh, hapus satuan itu dari judul kolom",
            "If its cells are whole amounts, remove the unit from the header",
        ];
    /// The header of a column states that it counts in thousands or millions, but most of its cells contradict it.
    COLUMN_SCALE_DOUBTED = "column_scale_doubted",
        [
            "Kolom '{column}' tidak dipakai sebagai {label}: judulnya menyebut satuan, tetapi isinya seperti jumlah penuh ({example})",
            "'{column}' is not used as {label}: its header says a unit, but its cells look like whole amounts ({example})",
        ],
        [
            "Hapus satuan dari judul kolom, atau tulis isinya dalam satuan itu",
            "Remove the unit from the header, or write the cells in that unit",
        ];
    /// A second row of names below a header makes the column something other than its header says.
    COLUMN_QUALIFIED = "column_qualified",
        [
            "Kolom '{column}' tidak dipakai sebagai {label}: di bawah judulnya tertulis '{below}'",
            "'{column}' is not used as {label}: below its header stands '{below}'",
        ],
        [
            "Petakan kolom yang benar ke {label} lewat column_mapping",
            "Map the right column to {label} by column_mapping",
        ];
    /// The title of a group of columns above a header means that its column is about another person or thing.
    COLUMN_GROUPED = "column_grouped",
        [
            "Kolom '{column}' tidak dipakai sebagai {label}: di atas judulnya tertulis '{group}'",
            "'{column}' is not used as {label}: above its header stands '{group}'",
        ],
        [
            "Petakan kolom yang benar ke {label} lewat column_mapping",
            "Map the right column to {label} by column_mapping",
        ];
    /// Either of two columns could be the field.
    COLUMNS_RIVAL = "columns_rival",
        [
            "Kolom '{columns}': tidak jelas yang mana {label}",
            "'{columns}': it is not clear which one is {label}",
        ],
        [
            "Petakan kolom yang berisi {label} lewat column_mapping",
            "Map the column with {label} by column_mapping",
        ];
    /// A choice is read from ticks in columns, one for each of its values.
    TICKS_READ = "ticks_read",
        [
            "{label} dibaca dari tanda centang pada kolom '{columns}'",
            "{label} is read from the ticks in '{columns}'",
        ],
        ["", ""];
    /// The header of a column fits a field, but its cells do not.
    COLUMN_CONTRADICTED = "column_contradicted",
        [
            "Kolom '{column}' dipakai sebagai {label}, tetapi isinya tidak cocok (misalnya {example})",
            "'{column}' is taken for {label}, but its cells do not fit (for example {example})",
        ],
        [
            "Periksa apakah kolom itu memang {label}, atau petakan kolom lain lewat column_mapping",
            "Check whether the column is {label}, or map another one by column_mapping",
        ];
    /// A column that holds something and is not a field.
    COLUMN_NOT_IMPORTED = "column_not_imported",
        [
            "Kolom '{column}' tidak diimpor",
            "'{column}' is not imported",
        ],
        ["", ""];
    /// There are more notices about columns than a person would read.
    COLUMN_NOTICES_CUT = "column_notices_cut",
        [
            "{count} catatan lain tentang kolom tidak ditampilkan, misalnya kolom yang tidak diimpor",
            "{count} more {count|notice about columns is|notices about columns are} left out, such as columns that are not imported",
        ],
        ["", ""];
    /// There is a sum next to the columns of its parts.
    SUM_BESIDE_PARTS = "sum_beside_parts",
        [
            "Kolom '{column}' tampaknya jumlah dari kolom lain ({parts}); kolom itu tidak dipakai sebagai {label}",
            "'{column}' seems to be the sum of other columns ({parts}); it is not used as {label}",
        ],
        [
            "Buat satu baris untuk setiap pembayaran",
            "Write one row for each payment",
        ];
    /// Bytes that are not text in the encoding.
    INVALID_BYTES = "invalid_bytes",
        [
            "{count} bagian file tidak sesuai dengan encoding-nya",
            "{count} byte {count|sequence is|sequences are} not valid in the encoding",
        ],
        [
            "Simpan file sebagai UTF-8",
            "Save the file as UTF-8",
        ];
    /// The encoding is a guess from little evidence.
    UNCERTAIN_ENCODING = "uncertain_encoding",
        [
            "Encoding file tidak pasti; periksa huruf beraksen pada pratinjau",
            "the encoding is a guess from little evidence",
        ],
        ["", ""];
    /// There is more than one kind of line ending.
    MIXED_LINE_ENDINGS = "mixed_line_endings",
        [
            "File memakai beberapa jenis akhir baris",
            "lines end in more than one way",
        ],
        ["", ""];
    /// Rows above the header are skipped.
    ROWS_ABOVE_HEADER = "rows_above_header",
        [
            "{rows} baris di atas judul kolom dilewati",
            "{rows} {rows|row above the header is|rows above the header are} skipped",
        ],
        ["", ""];
    /// No row looks like a header.
    NO_HEADER = "no_header",
        [
            "File tampaknya tidak memiliki judul kolom",
            "no row looks like a header",
        ],
        [
            "Tambahkan baris judul kolom di atas data",
            "Add a row of column names above the data",
        ];
    /// A header occurs more than once.
    REPEATED_HEADER = "repeated_header",
        [
            "Judul kolom '{column}' muncul lebih dari satu kali",
            "the header '{column}' occurs more than once",
        ],
        [
            "Kolom yang berikutnya disebut '{column} (2)' dan seterusnya; pilih lewat column_mapping",
            "The later ones are called '{column} (2)' and so on; choose by column_mapping",
        ];
    /// A column has no header.
    EMPTY_HEADER = "empty_header",
        [
            "Kolom {number} tidak memiliki judul",
            "column {number} has no header",
        ],
        ["", ""];
    /// Records have more cells than the header.
    SHORT_HEADER = "short_header",
        [
            "Baris judul memiliki {headers} kolom, sedangkan baris data {cells}",
            "the header has {headers} {headers|cell|cells}, the records have {cells}",
        ],
        ["", ""];
    /// Rows differ in their number of cells.
    RAGGED_ROWS = "ragged_rows",
        [
            "{rows} baris memiliki jumlah kolom yang berbeda",
            "{rows} {rows|row differs in its|rows differ in their} number of cells",
        ],
        ["", ""];
    /// Other sheets of the workbook also have content, which is not read.
    OTHER_SHEETS = "other_sheets",
        [
            "Hanya sheet '{sheet}' yang dibaca; sheet lain yang berisi data: {others}",
            "only the sheet '{sheet}' is read; there is data in other sheets, too: {others}",
        ],
        [
            "Pilih sheet lain bila datanya ada di sana",
            "Choose another sheet if the data is there",
        ];
    /// Rows of the sheet are hidden or filtered out, and are read nevertheless.
    HIDDEN_ROWS = "hidden_rows",
        [
            "{rows} baris tersembunyi ikut dibaca, yang pertama baris {first}",
            "{rows} hidden {rows|row is|rows are} read as well, the first is row {first}",
        ],
        [
            "Hapus baris tersembunyi yang tidak boleh diimpor",
            "Delete the hidden rows that should not be imported",
        ];
    /// The file has one column.
    SINGLE_COLUMN = "single_column",
        [
            "File hanya memiliki satu kolom",
            "the file has one column",
        ],
        ["", ""];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issue::catalogue::testing::{assert_agrees, holes};

    #[test]
    fn every_notice_says_the_same_in_both_languages() {
        for code in NoticeCode::ALL {
            let words = code.words();
            assert_eq!(
                words.code, *code,
                "the words of one are taken for another's"
            );
            let [indonesian, english] = words.text.map(holes);
            assert_eq!(indonesian, english, "{code:?}");
            let [indonesian, english] = words.hint;
            assert_eq!(indonesian.is_empty(), english.is_empty(), "{code:?}");
        }
    }

    #[test]
    fn every_notice_has_the_right_number_for_one_and_for_two() {
        for code in NoticeCode::ALL {
            let words = code.words();
            assert_agrees(words.text[1]);
            assert_agrees(words.hint[1]);
        }
    }
}
