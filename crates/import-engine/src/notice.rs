//! What a person should know about a file that is not about one row's data. Words in English here, in both languages in the catalogue.

use std::fmt;

/// Something about the file as a whole, or about a row that was not taken for data.
///
/// ```
/// use import_engine::Notice;
///
/// let notice = Notice::FooterSkipped { row: 12, line: 12, text: "JUMLAH".into() };
/// assert_eq!(notice.code(), "footer_skipped");
/// assert_eq!(notice.to_string(), "row 12 sums up the table and is skipped: JUMLAH");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "snake_case", tag = "notice")
)]
#[non_exhaustive]
pub enum Notice {
    /// A row that sums up the table was skipped.
    FooterSkipped {
        /// Its row number.
        row: u64,
        /// Its physical line.
        line: u64,
        /// Its first word.
        text: String,
    },
    /// The header stands in the file again, as on every printed page, and was skipped.
    HeaderRepeated {
        /// Its row number.
        row: u64,
        /// Its physical line.
        line: u64,
    },
    /// The whole file shows another encoding than its beginning, and is read in it.
    EncodingChanged {
        /// The label recognised at the beginning.
        from: &'static str,
        /// The label it is read in.
        to: &'static str,
    },
    /// Dates of a column contradict each other in the order of day and month: ambiguous ones are errors.
    DateOrderMixed {
        /// The field.
        field: String,
        /// Cells that can only be day first.
        day_first: u64,
        /// Cells that can only be month first.
        month_first: u64,
        /// Cells that can be both.
        ambiguous: u64,
    },
    /// Numbers of a column contradict each other in what separates a fraction: ambiguous ones are errors.
    NumberFormatMixed {
        /// The field.
        field: String,
    },
    /// Long numbers of a column end in 0 far too often: a spreadsheet rounded them.
    DigitsRounded {
        /// The field.
        field: String,
        /// Cells looked at.
        cells: u64,
        /// Cells that end in 0.
        rounded: u64,
    },
    /// More issues than [`Limits::issues`](crate::Limits::issues): the rest are counted, not listed.
    IssuesCut {
        /// The limit.
        limit: u64,
    },
}

impl Notice {
    /// A stable `snake_case` word.
    ///
    /// ```
    /// assert_eq!(import_engine::Notice::HeaderRepeated { row: 9, line: 9 }.code(), "header_repeated");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FooterSkipped { .. } => "footer_skipped",
            Self::HeaderRepeated { .. } => "header_repeated",
            Self::EncodingChanged { .. } => "encoding_changed",
            Self::DateOrderMixed { .. } => "date_order_mixed",
            Self::NumberFormatMixed { .. } => "number_format_mixed",
            Self::DigitsRounded { .. } => "digits_rounded",
            Self::IssuesCut { .. } => "issues_cut",
        }
    }

    /// In a language.
    ///
    /// ```
    /// use import_engine::{Language, Notice};
    ///
    /// let notice = Notice::FooterSkipped { row: 12, line: 12, text: "JUMLAH".into() };
    /// assert_eq!(notice.text(Language::Indonesian), "Baris total dilewati: baris 12 (JUMLAH)");
    /// ```
    #[must_use]
    pub fn text(&self, language: crate::Language) -> String {
        match language {
            crate::Language::English => self.to_string(),
            crate::Language::Indonesian => self.indonesian(),
        }
    }

    fn indonesian(&self) -> String {
        match self {
            Self::FooterSkipped { row, text, .. } => {
                format!("Baris total dilewati: baris {row} ({text})")
            }
            Self::HeaderRepeated { row, .. } => {
                format!("Judul kolom yang berulang dilewati: baris {row}")
            }
            Self::EncodingChanged { from, to } => {
                format!("Isi file bukan {from}; file dibaca sebagai {to}")
            }
            Self::DateOrderMixed { field, .. } => format!(
                "Urutan tanggal pada kolom '{field}' tidak konsisten; tanggal yang bisa dibaca dua cara ditolak"
            ),
            Self::NumberFormatMixed { field } => format!(
                "Penulisan angka pada kolom '{field}' tidak konsisten; angka yang bisa dibaca dua cara ditolak"
            ),
            Self::DigitsRounded {
                field,
                cells,
                rounded,
            } => format!(
                "Kolom '{field}' tampaknya sudah dibulatkan oleh Excel: {rounded} dari {cells} nilai berakhiran 0"
            ),
            Self::IssuesCut { limit } => {
                format!("Lebih dari {limit} temuan; selebihnya dihitung tetapi tidak dirinci")
            }
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FooterSkipped { row, text, .. } => {
                write!(f, "row {row} sums up the table and is skipped: {text}")
            }
            Self::HeaderRepeated { row, .. } => {
                write!(f, "row {row} repeats the header and is skipped")
            }
            Self::EncodingChanged { from, to } => {
                write!(f, "the file is not {from} throughout; it is read as {to}")
            }
            Self::DateOrderMixed { field, .. } => {
                write!(
                    f,
                    "dates of '{field}' contradict each other in the order of day and month"
                )
            }
            Self::NumberFormatMixed { field } => {
                write!(
                    f,
                    "numbers of '{field}' contradict each other in what separates a fraction"
                )
            }
            Self::DigitsRounded {
                field,
                cells,
                rounded,
            } => {
                write!(
                    f,
                    "'{field}' was rounded by a spreadsheet: {rounded} of {cells} values end in 0"
                )
            }
            Self::IssuesCut { limit } => write!(
                f,
                "more than {limit} issues: the rest are counted, not listed"
            ),
        }
    }
}
