//! Workbooks as a source of records: a sheet of an `.xlsx`, `.xls` or `.ods` becomes the canonical CSV that everything
//! else in this crate reads, with the cells as the sheet shows them and the row numbers of the sheet.
//!
//! A workbook is an old format in a compressed container, and its sender is not trusted. So only what its values need is
//! read, as a stream: the directory of the zip is read before anything is unpacked, bytes are counted as they are
//! unpacked, no size that a header states is allocated unchecked, and a caller can stop at any time. Formulas are not
//! computed (their last result is in the file), links are not followed, macros and pictures are not read.
//!
//! ```
//! use std::io::Cursor;
//! use import_engine::{Field, Schema, sheet::{self, Workbook, WorkbookError, WorkbookKind}};
//!
//! # let bytes = include_bytes!("../../tests/sheets/contacts.xlsx").to_vec();
//! assert_eq!(WorkbookKind::of_bytes(&bytes), Some(WorkbookKind::Zip));
//! let mut book = Workbook::open(Cursor::new(bytes))?;
//! let mut csv = Vec::new();
//! let table = book.to_csv(None, &mut csv, || std::ops::ControlFlow::Continue(()))?;
//! assert_eq!(table.sheet, "Jamaah");
//! // From here on it is a file like any other, of which all is known but the header.
//! let dialect = sheet::sniffer().sniff(&csv)?;
//! assert_eq!(dialect.headers, ["nama", "nik", "lahir"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod format;
mod ods;
mod rows;
mod xls;
mod xlsx;

use std::{
    io::{Read, Seek, SeekFrom, Write},
    ops::ControlFlow,
    sync::Arc,
};

use crate::{issue::Notice, sniff::Sniffer, text::Encoding};
use ods::Ods;
use rows::{Collected, Collector, Meter, Oddities, Wanted};
use xls::Xls;
use xlsx::{Package, Xlsx};

pub use rows::{SheetInfo, SheetLimits, TableWriter, WorkbookError};

/// The container that the first bytes of a file belong to. Whether it holds a workbook is determined when it is opened.
///
/// ```
/// use import_engine::sheet::WorkbookKind;
///
/// assert_eq!(WorkbookKind::of_bytes(b"nama;email\n"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WorkbookKind {
    /// A zip: `.xlsx` and `.ods`.
    Zip,
    /// A compound file: `.xls`, and the envelope of an encrypted `.xlsx`.
    Compound,
}

impl WorkbookKind {
    /// Recognises a file's first eight bytes. The name of a file proves nothing: web pages and CSV files are often called
    /// `.xls`.
    ///
    /// ```
    /// use import_engine::sheet::WorkbookKind;
    ///
    /// assert_eq!(WorkbookKind::of_bytes(b"PK\x03\x04\x14\0\0\0"), Some(WorkbookKind::Zip));
    /// ```
    #[must_use]
    pub fn of_bytes(head: &[u8]) -> Option<Self> {
        const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
        if head.starts_with(b"PK\x03\x04") {
            Some(Self::Zip)
        } else if head.starts_with(COMPOUND) {
            Some(Self::Compound)
        } else {
            None
        }
    }
}

/// The format of an opened workbook.
///
/// ```
/// assert_eq!(import_engine::sheet::WorkbookFormat::Ods.as_str(), "ods");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WorkbookFormat {
    /// Excel since 2007, with or without macros.
    Xlsx,
    /// Excel before 2007.
    Xls,
    /// `OpenDocument`.
    Ods,
}

impl WorkbookFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Xlsx, Self::Xls, Self::Ods];

    /// Its usual file name extension.
    ///
    /// ```
    /// assert_eq!(import_engine::sheet::WorkbookFormat::Xlsx.as_str(), "xlsx");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
        }
    }
}

/// What was written from a workbook.
///
/// See [`Workbook::to_csv`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SheetTable {
    /// The sheet that was read.
    pub sheet: String,
    /// All sheets with their rows.
    pub sheets: Vec<SheetInfo>,
    oddities: Oddities,
}

impl SheetTable {
    /// What the user should know: hidden rows, merged cells below the header, sheets that are not read.
    ///
    /// See [`Workbook::to_csv`] for an example.
    #[must_use]
    pub fn notices(&self, header_row: Option<u64>) -> Vec<Notice> {
        self.oddities.notices(&self.sheet, &self.sheets, header_row)
    }
}

/// An opened workbook: its sheets are known, but no cell has been read.
///
/// See [the module](self).
#[derive(Debug)]
pub struct Workbook<R> {
    book: Book<R>,
    limits: SheetLimits,
    meter: Arc<Meter>,
}

#[derive(Debug)]
enum Book<R> {
    Xlsx(Box<Xlsx<R>>),
    Ods(Box<Ods<R>>),
    Xls(Box<Xls>),
}

impl<R: Read + Seek> Workbook<R> {
    /// Opens a workbook of any format, by its content.
    ///
    /// # Errors
    ///
    /// See [`WorkbookError`].
    ///
    /// ```
    /// use import_engine::sheet::{Workbook, WorkbookError};
    ///
    /// let text = std::io::Cursor::new(b"nama;email\n");
    /// assert!(matches!(Workbook::open(text), Err(WorkbookError::NotAWorkbook)));
    /// ```
    pub fn open(file: R) -> Result<Self, WorkbookError> {
        Self::open_within(file, SheetLimits::default())
    }

    /// The same with the caller's limits.
    ///
    /// # Errors
    ///
    /// See [`WorkbookError`].
    ///
    /// ```
    /// # let bytes = include_bytes!("../../tests/sheets/contacts.xlsx").to_vec();
    /// use import_engine::sheet::{SheetLimits, Workbook, WorkbookError};
    ///
    /// let limits = SheetLimits { bytes: 100, ..SheetLimits::default() };
    /// let refused = Workbook::open_within(std::io::Cursor::new(bytes), limits);
    /// assert!(matches!(refused, Err(WorkbookError::TooLarge { limit: 100 })));
    /// ```
    pub fn open_within(mut file: R, limits: SheetLimits) -> Result<Self, WorkbookError> {
        let meter = Meter::new(limits.bytes);
        let size = file.seek(SeekFrom::End(0)).map_err(WorkbookError::Read)?;
        file.rewind().map_err(WorkbookError::Read)?;
        let mut head = Vec::new();
        file.by_ref()
            .take(8)
            .read_to_end(&mut head)
            .map_err(WorkbookError::Read)?;
        file.rewind().map_err(WorkbookError::Read)?;
        let book = match WorkbookKind::of_bytes(&head) {
            None => return Err(WorkbookError::NotAWorkbook),
            Some(WorkbookKind::Compound) => {
                Book::Xls(Box::new(Xls::open(file, size, Arc::clone(&meter))?))
            }
            Some(WorkbookKind::Zip) => {
                let package = Package::open(file, Arc::clone(&meter))?;
                if package.has("[Content_Types].xml") {
                    Book::Xlsx(Box::new(Xlsx::open(package)?))
                } else if package.has("content.xml") {
                    Book::Ods(Box::new(Ods::open(package)?))
                } else {
                    return Err(WorkbookError::NotAWorkbook);
                }
            }
        };
        Ok(Self {
            book,
            limits,
            meter,
        })
    }

    /// Its format.
    ///
    /// ```
    /// # let bytes = include_bytes!("../../tests/sheets/contacts.xlsx").to_vec();
    /// use import_engine::sheet::{Workbook, WorkbookFormat};
    ///
    /// let book = Workbook::open(std::io::Cursor::new(bytes))?;
    /// assert_eq!(book.format(), WorkbookFormat::Xlsx);
    /// # Ok::<(), import_engine::sheet::WorkbookError>(())
    /// ```
    #[must_use]
    pub fn format(&self) -> WorkbookFormat {
        match &self.book {
            Book::Xlsx(_) => WorkbookFormat::Xlsx,
            Book::Ods(_) => WorkbookFormat::Ods,
            Book::Xls(_) => WorkbookFormat::Xls,
        }
    }

    /// Its sheets in the order of their tabs, without those that have no cells, such as charts.
    ///
    /// See [`SheetInfo`] for an example.
    #[must_use]
    pub fn sheets(&self) -> &[SheetInfo] {
        match &self.book {
            Book::Xlsx(book) => book.sheets(),
            Book::Ods(book) => book.sheets(),
            Book::Xls(book) => book.sheets(),
        }
    }

    /// Writes a sheet as canonical CSV: UTF-8, `,` and `"`, each row on the line of its number. Without a name, it is the
    /// first visible sheet with content, else the first hidden one with content. `watch` is called regularly and decides
    /// whether to continue.
    ///
    /// Cells are written as the sheet shows their value: texts as they are, numbers without thousands separators and
    /// exponents, with the zeros, currencies and percent signs of their format, dates as `2024-01-05`, times as
    /// `14:30:00`, errors as `#REF!`. Numbers of 16 digits and more end in a point: the last digits may be those of the
    /// spreadsheet, which the checks report ([`IssueCode::EXCEL_ROUNDED`](crate::IssueCode::EXCEL_ROUNDED)).
    ///
    /// # Errors
    ///
    /// See [`WorkbookError`]. What was written until then is a part of the table.
    ///
    /// ```
    /// # let bytes = include_bytes!("../../tests/sheets/contacts.xlsx").to_vec();
    /// use import_engine::sheet::Workbook;
    ///
    /// let mut csv = Vec::new();
    /// let mut book = Workbook::open(std::io::Cursor::new(bytes))?;
    /// book.to_csv(Some("Jamaah"), &mut csv, || std::ops::ControlFlow::Continue(()))?;
    /// assert_eq!(String::from_utf8_lossy(&csv).lines().nth(1), Some("Siti Aminah,0375010505909001,1990-05-05"));
    /// # Ok::<(), import_engine::sheet::WorkbookError>(())
    /// ```
    pub fn to_csv(
        &mut self,
        sheet: Option<&str>,
        out: &mut dyn Write,
        mut watch: impl FnMut() -> ControlFlow<()>,
    ) -> Result<SheetTable, WorkbookError> {
        let wanted = match sheet {
            None => Wanted::FirstShown,
            Some(name) => Wanted::Sheet(self.find(name)?),
        };
        let mut read = self.read(wanted, out, &mut watch)?;
        if wanted == Wanted::FirstShown && read.chosen.is_none() {
            let filled = read.sheets.iter().position(|sheet| sheet.rows > 0);
            let hidden = filled.ok_or(WorkbookError::Empty)?;
            // Nothing has been written yet.
            self.meter.reset();
            read = self.read(Wanted::Sheet(hidden), out, &mut watch)?;
        }
        let chosen = read.chosen.ok_or(WorkbookError::Empty)?;
        let table = read.sheets.get(chosen);
        let table = table.filter(|sheet| sheet.rows > 0);
        let sheet = table.ok_or(WorkbookError::Empty)?.name.clone();
        Ok(SheetTable {
            sheet,
            sheets: read.sheets,
            oddities: read.oddities,
        })
    }

    fn find(&self, name: &str) -> Result<usize, WorkbookError> {
        let sheets = self.sheets();
        let found = sheets.iter().position(|sheet| sheet.name == name);
        // Excel does not allow two names that differ only in case.
        let found = found.or_else(|| {
            let alike = |sheet: &SheetInfo| sheet.name.to_lowercase() == name.to_lowercase();
            sheets.iter().position(alike)
        });
        found.ok_or_else(|| WorkbookError::NoSuchSheet {
            sheet: name.to_owned(),
            sheets: sheets.iter().map(|sheet| sheet.name.clone()).collect(),
        })
    }

    fn read(
        &mut self,
        wanted: Wanted,
        out: &mut dyn Write,
        watch: &mut dyn FnMut() -> ControlFlow<()>,
    ) -> Result<Collected, WorkbookError> {
        let sheets = self.sheets().to_vec();
        let mut rows = Collector::new(wanted, sheets, self.limits, out, watch);
        match &mut self.book {
            Book::Xlsx(book) => book.walk(&mut rows)?,
            Book::Ods(book) => book.walk(&mut rows)?,
            Book::Xls(book) => book.walk(&mut rows)?,
        }
        rows.finish()
    }
}

/// A sniffer for the canonical CSV of a sheet, which only has to find the header.
///
/// See [the module](self) for an example.
#[must_use]
pub fn sniffer() -> Sniffer {
    Sniffer::new()
        .with_encoding(Encoding::UTF_8)
        .with_delimiter(b',')
        .with_quote(Some(b'"'))
        .with_escape(None)
}
