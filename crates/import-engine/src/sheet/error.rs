//! Why a workbook cannot be read, in words for programs and for people.

use std::io;

use crate::issue::Language;

/// Why a workbook cannot be read.
///
/// ```
/// use import_engine::{Language, sheet::WorkbookError};
///
/// let error = WorkbookError::Encrypted;
/// assert_eq!(error.code(), "encrypted_workbook");
/// assert_eq!(error.hint(Language::ENGLISH), Some("Open it with its password and save it without one"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WorkbookError {
    /// The bytes could not be read.
    #[error("could not read the workbook")]
    Read(#[source] io::Error),
    /// The table could not be written.
    #[error("could not write the table of the sheet")]
    Write(#[source] io::Error),
    /// It needs a password.
    #[error("the workbook is encrypted")]
    Encrypted,
    /// It is a container of the same kind, but no workbook: a text document, a zip of other files.
    #[error("the file is not a workbook")]
    NotAWorkbook,
    /// It is a workbook of a kind that is not read, such as `.xlsb`.
    #[error("workbooks of this kind are not read")]
    Unsupported,
    /// Something in it is missing or contradicts itself.
    #[error("the workbook is damaged: {0}")]
    Damaged(&'static str),
    /// It unpacks to more than [`SheetLimits::bytes`](super::SheetLimits::bytes).
    #[error("the workbook unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The sheet reaches below [`SheetLimits::rows`](super::SheetLimits::rows).
    #[error("the sheet has more than {limit} rows")]
    TooManyRows {
        /// The limit.
        limit: u32,
    },
    /// The sheet reaches beyond [`SheetLimits::columns`](super::SheetLimits::columns).
    #[error("the sheet has more than {limit} columns")]
    TooManyColumns {
        /// The limit.
        limit: u32,
    },
    /// There is no sheet of this name.
    #[error("the workbook has no sheet '{sheet}'")]
    NoSuchSheet {
        /// The name as given.
        sheet: String,
        /// The names that there are.
        sheets: Vec<String>,
    },
    /// No sheet holds anything.
    #[error("no sheet of the workbook holds anything")]
    Empty,
    /// The caller asked to stop.
    #[error("reading the workbook was cancelled")]
    Cancelled,
}

impl WorkbookError {
    /// A stable word for programs.
    ///
    /// ```
    /// assert_eq!(import_engine::sheet::WorkbookError::Empty.code(), "empty");
    /// ```
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Read(_) => "read",
            Self::Write(_) => "write",
            Self::Encrypted => "encrypted_workbook",
            Self::NotAWorkbook => "binary",
            Self::Unsupported => "unsupported_workbook",
            Self::Damaged(_) => "damaged_workbook",
            Self::TooLarge { .. } => "workbook_too_large",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::TooManyColumns { .. } => "too_many_columns",
            Self::NoSuchSheet { .. } => "no_such_sheet",
            Self::Empty => "empty",
            Self::Cancelled => "cancelled",
        }
    }

    /// What its owner may do about it, where there is something.
    ///
    /// ```
    /// use import_engine::{Language, sheet::WorkbookError};
    ///
    /// assert_eq!(WorkbookError::Cancelled.hint(Language::ENGLISH), None);
    /// ```
    #[must_use]
    pub fn hint(&self, language: Language) -> Option<&'static str> {
        let words = match self {
            Self::Encrypted => [
                "Buka dengan kata sandinya, lalu simpan tanpa kata sandi",
                "Open it with its password and save it without one",
            ],
            Self::NotAWorkbook => [
                "File ini bukan buku kerja. Unggah .xlsx, .xls, .ods, atau CSV",
                "This is not a workbook. Send .xlsx, .xls, .ods or CSV",
            ],
            Self::Unsupported => [
                "Buka di Excel, lalu Simpan Sebagai > Buku Kerja Excel (.xlsx)",
                "Open it in a spreadsheet and save it as .xlsx",
            ],
            Self::Damaged(_) => [
                "File rusak. Buka di Excel, perbaiki bila diminta, lalu simpan ulang",
                "Open it in a spreadsheet, let it repair the file, and save it again",
            ],
            Self::TooLarge { .. } | Self::TooManyRows { .. } | Self::TooManyColumns { .. } => [
                "Salin hanya tabel datanya ke buku kerja baru, atau bagi menjadi beberapa file",
                "Copy the table alone into a new workbook, or split it into several files",
            ],
            Self::NoSuchSheet { .. } => [
                "Periksa nama sheet; huruf dan spasi harus sama persis",
                "Check the name of the sheet; letters and blanks count",
            ],
            Self::Empty => ["Semua sheet kosong", "All sheets are empty"],
            Self::Read(_) | Self::Write(_) | Self::Cancelled => return None,
        };
        Some(language.pick(words))
    }
}
