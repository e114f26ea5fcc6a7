//! What a file that cannot be imported is instead, and what its owner may do. Recognises by content, never by name.

use crate::{Dialect, issue::Language, mapping::Sample, schema::Schema};

/// What a file is instead of a table with the expected columns.
///
/// ```
/// use import_engine::{Language, Look};
///
/// let look = Look::of_bytes(b"<!DOCTYPE html><html><table>").unwrap();
/// assert_eq!(look.as_str(), "html");
/// assert!(look.hint(Language::INDONESIAN).contains("CSV"));
/// assert_eq!(Look::of_bytes(b"nama,email\n"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Look {
    /// A workbook of today's spreadsheets.
    Xlsx,
    /// A workbook of older spreadsheets.
    Xls,
    /// A PDF.
    Pdf,
    /// A web page.
    Html,
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// Contacts.
    Vcard,
    /// A table without a row of column names.
    NoHeader,
    /// A table whose names stand in its first column.
    Transposed,
    /// A table each of whose lines is one cell, quoted as a whole.
    WrappedLines,
    /// A table of one column.
    OneColumn,
}

impl Look {
    /// What the first bytes of a file are, if they are no table.
    ///
    /// See [`Look`] for an example.
    #[must_use]
    pub fn of_bytes(head: &[u8]) -> Option<Self> {
        const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
        if head.starts_with(b"PK\x03\x04") {
            return Some(Self::Xlsx);
        }
        if head.starts_with(OLE) {
            return Some(Self::Xls);
        }
        if head.starts_with(b"%PDF") {
            return Some(Self::Pdf);
        }
        let head = &head[..head.len().min(LOOKED_AT)];
        let text = String::from_utf8_lossy(head);
        let text = text
            .trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace())
            .to_ascii_lowercase();
        let begins = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
        if begins(&[
            "<!doctype html",
            "<html",
            "<table",
            "<head",
            "<body",
            "<meta",
        ]) {
            Some(Self::Html)
        } else if begins(&["<?xml"]) {
            // Spreadsheets of old wrote web pages and XML under the name of a workbook.
            Some(if text.contains("<html") {
                Self::Html
            } else {
                Self::Xml
            })
        } else if begins(&["begin:vcard"]) {
            Some(Self::Vcard)
        } else if is_json(&text) {
            Some(Self::Json)
        } else {
            None
        }
    }

    /// What a table is that lacks required columns.
    ///
    /// ```
    /// use import_engine::{Field, Look, Sample, Schema, Sniffer};
    ///
    /// let file = b"nama,Siti,Budi\nemail,siti@example.com,budi@example.com\n";
    /// let schema = Schema::builder("contacts")
    ///     .field(Field::text("nama").required())
    ///     .field(Field::email("email").required())
    ///     .build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// assert_eq!(Look::of_table(&schema, &dialect, &sample), Some(Look::Transposed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_table(schema: &Schema, dialect: &Dialect, sample: &Sample) -> Option<Self> {
        let headers = &dialect.headers;
        let mapped = |texts: &[&str]| {
            let mapping = schema.map_headers(texts);
            mapping.map_or(0, |mapping| mapping.pairs().count())
        };
        let first_row: Vec<&str> = headers.iter().map(String::as_str).collect();
        let first_column: Vec<&str> = first_row
            .first()
            .copied()
            .into_iter()
            .chain(sample.cells(0).take(MOST_NAMES))
            .collect();
        let names_beside = mapped(&first_column);
        if names_beside >= 2 && names_beside > mapped(&first_row) {
            return Some(Self::Transposed);
        }
        if dialect.columns <= 1 {
            let whole_line = |text: &str| text.contains([',', ';', '\t']);
            let wrapped = first_row.iter().any(|header| whole_line(header))
                || sample.cells(0).next().is_some_and(whole_line);
            return Some(if wrapped {
                Self::WrappedLines
            } else {
                Self::OneColumn
            });
        }
        (dialect.header_row.is_none() || mapped(&first_row) == 0 && looks_like_data(&first_row))
            .then_some(Self::NoHeader)
    }

    /// A stable word.
    ///
    /// ```
    /// assert_eq!(import_engine::Look::NoHeader.as_str(), "no_header");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Vcard => "vcard",
            Self::NoHeader => "no_header",
            Self::Transposed => "transposed",
            Self::WrappedLines => "wrapped_lines",
            Self::OneColumn => "one_column",
        }
    }

    /// What the file is and what to do, in a language.
    ///
    /// See [`Look`] for an example.
    #[must_use]
    pub fn hint(self, language: Language) -> &'static str {
        let (indonesian, english) = match self {
            Self::Xlsx | Self::Xls => (
                "File ini buku kerja Excel, bukan CSV. Buka di Excel, lalu Simpan Sebagai > CSV UTF-8",
                "This is an Excel workbook, not CSV. Open it and save it as CSV UTF-8",
            ),
            Self::Pdf => (
                "File ini PDF. Ekspor datanya sebagai CSV dari aplikasi asalnya",
                "This is a PDF. Export the data as CSV from where it comes from",
            ),
            Self::Html => (
                "File ini halaman web (HTML). Buka di Excel, lalu Simpan Sebagai > CSV UTF-8",
                "This is a web page (HTML). Open it in a spreadsheet and save it as CSV UTF-8",
            ),
            Self::Xml => (
                "File ini XML. Buka di Excel, lalu Simpan Sebagai > CSV UTF-8, atau ekspor sebagai CSV",
                "This is XML. Open it in a spreadsheet and save it as CSV UTF-8, or export CSV",
            ),
            Self::Json => (
                "File ini JSON. Ekspor datanya sebagai CSV dari aplikasi asalnya",
                "This is JSON. Export the data as CSV from where it comes from",
            ),
            Self::Vcard => (
                "File ini kontak vCard. Ekspor kontak sebagai CSV",
                "These are contacts as vCard. Export them as CSV",
            ),
            Self::NoHeader => (
                "File ini tidak memiliki baris judul kolom. Tambahkan satu baris berisi nama kolom di atas data",
                "The file has no row of column names. Add one above the data",
            ),
            Self::Transposed => (
                "Nama kolom berada di kolom pertama. Tukar baris dan kolom (Paste Special > Transpose), lalu ekspor ulang",
                "The names stand in the first column. Transpose the table and export again",
            ),
            Self::WrappedLines => (
                "Setiap baris terbungkus tanda kutip menjadi satu sel. Buka file aslinya dan ekspor ulang sebagai CSV",
                "Every line is quoted as a whole and makes one cell. Export the original again as CSV",
            ),
            Self::OneColumn => (
                "File ini hanya memiliki satu kolom. Periksa pemisah kolom (, atau ;) saat mengekspor",
                "The file has one column. Check the delimiter (, or ;) of the export",
            ),
        };
        language.pick([indonesian, english])
    }
}

/// Bytes that are enough to tell what a text file is.
const LOOKED_AT: usize = 1_024;

/// More names than any table has.
const MOST_NAMES: usize = 50;

/// An object or a list of objects: a table may begin with a bracket.
fn is_json(text: &str) -> bool {
    let inner = match text.as_bytes() {
        [b'[', rest @ ..] => rest,
        [b'{', ..] => text.as_bytes(),
        _ => return false,
    };
    let mut signs = inner.iter().filter(|byte| !byte.is_ascii_whitespace());
    matches!((signs.next(), signs.next()), (Some(b'{'), Some(b'"')))
}

/// Whether any cell of a header is a value that no header is: a number, a date, an address.
fn looks_like_data(headers: &[&str]) -> bool {
    headers.iter().any(|header| {
        let digits = header.bytes().filter(u8::is_ascii_digit).count();
        digits >= 6 || header.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_files_by_their_content() {
        for (head, expected) in [
            (&b"PK\x03\x04\x14\0\x06\0"[..], Some(Look::Xlsx)),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", Some(Look::Xls)),
            (b"%PDF-1.7", Some(Look::Pdf)),
            (b"\xEF\xBB\xBF\n <table border=1>", Some(Look::Html)),
            (b"<?xml version='1.0'?><rows/>", Some(Look::Xml)),
            (b"[\n {\"nama\": \"Siti\"}]", Some(Look::Json)),
            (b"{\"data\": []}", Some(Look::Json)),
            (b"BEGIN:VCARD\nVERSION:3.0", Some(Look::Vcard)),
            (b"[nama],[email]\n", None),
            (b"{},a\n", None),
            (b"nama;email\n", None),
            (b"", None),
        ] {
            assert_eq!(Look::of_bytes(head), expected, "{head:?}");
        }
    }
}
