//! What a file that cannot be imported is instead, and what its owner may do. Recognises by content, never by name.

use crate::issue::Language;

/// What a file is instead of a table with the expected columns.
///
/// ```
/// use import_engine::{Language, recognise::Look};
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
    /// A workbook of `LibreOffice`.
    Ods,
    /// A document of a word processor.
    Docx,
    /// Rich text of a word processor.
    Rtf,
    /// An archive.
    Zip,
    /// A picture.
    Image,
    /// Statements of a database.
    Sql,
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
    /// A table whose columns are lined up with blanks.
    FixedWidth,
    /// A table of one column.
    OneColumn,
}

impl Look {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::Xlsx,
        Self::Xls,
        Self::Ods,
        Self::Docx,
        Self::Rtf,
        Self::Zip,
        Self::Image,
        Self::Sql,
        Self::Pdf,
        Self::Html,
        Self::Xml,
        Self::Json,
        Self::Vcard,
        Self::NoHeader,
        Self::Transposed,
        Self::WrappedLines,
        Self::FixedWidth,
        Self::OneColumn,
    ];

    /// What a file is by its first bytes, if it is not a table. Containers (workbooks, documents, archives) are told apart by the
    /// names in them: of these all bytes say more than the first.
    ///
    /// See [`Look`] for an example.
    #[must_use]
    pub fn of_bytes(head: &[u8]) -> Option<Self> {
        const OLE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
        if head.starts_with(b"PK\x03\x04") {
            return Some(in_archive(head));
        }
        if head.starts_with(OLE) {
            return Some(in_compound_file(head));
        }
        if head.starts_with(b"%PDF") {
            return Some(Self::Pdf);
        }
        if PICTURES.iter().any(|picture| head.starts_with(picture)) {
            return Some(Self::Image);
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
        } else if begins(&["mime-version:"]) && text.contains("text/html") {
            // A page with its pictures in one file.
            Some(Self::Html)
        } else if begins(&["{\\rtf"]) {
            Some(Self::Rtf)
        } else if begins(SQL) {
            Some(Self::Sql)
        } else if begins(&["<?xml"]) || is_element(&text) {
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

    /// A stable word.
    ///
    /// ```
    /// assert_eq!(import_engine::recognise::Look::NoHeader.as_str(), "no_header");
    /// ```
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xls => "xls",
            Self::Ods => "ods",
            Self::Docx => "docx",
            Self::Rtf => "rtf",
            Self::Zip => "zip",
            Self::Image => "image",
            Self::Sql => "sql",
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Vcard => "vcard",
            Self::NoHeader => "no_header",
            Self::Transposed => "transposed",
            Self::WrappedLines => "wrapped_lines",
            Self::FixedWidth => "fixed_width",
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
            Self::Ods => (
                "File ini buku kerja LibreOffice, bukan CSV. Buka, lalu Simpan Sebagai > CSV (UTF-8)",
                "This is a LibreOffice workbook, not CSV. Open it and save it as CSV (UTF-8)",
            ),
            Self::Docx | Self::Rtf => (
                "File ini dokumen Word, bukan tabel. Salin tabelnya ke Excel, lalu Simpan Sebagai > CSV UTF-8",
                "This is a document, not a table. Copy its table into a spreadsheet and save it as CSV UTF-8",
            ),
            Self::Zip => (
                "File ini arsip ZIP. Ekstrak dahulu, lalu unggah file CSV di dalamnya",
                "This is a ZIP archive. Extract it and upload the CSV file inside",
            ),
            Self::Image => (
                "File ini gambar. Ekspor datanya sebagai CSV dari aplikasi asalnya",
                "This is a picture. Export the data as CSV from where it comes from",
            ),
            Self::Sql => (
                "File ini perintah SQL. Ekspor tabelnya sebagai CSV dari basis data",
                "These are statements of SQL. Export the table as CSV from the database",
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
            Self::FixedWidth => (
                "Kolom file ini dipisah dengan spasi. Ekspor ulang dengan pemisah kolom (, atau ;)",
                "The columns are lined up with blanks. Export again with a delimiter (, or ;)",
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

const PICTURES: &[&[u8]] = &[
    b"\x89PNG",
    b"\xFF\xD8\xFF",
    b"GIF8",
    b"BM\x36",
    b"II*\0",
    b"MM\0*",
];

/// How dumps of databases begin, in lower case.
const SQL: &[&str] = &[
    "insert into",
    "create table",
    "-- mysql dump",
    "--\n-- postgresql database dump",
    "drop table",
];

/// What an archive holds, by the names of its files.
fn in_archive(head: &[u8]) -> Look {
    let names = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if names(b"application/vnd.oasis.opendocument.spreadsheet") {
        Look::Ods
    } else if names(b"word/") {
        Look::Docx
    } else if names(b"[Content_Types].xml") || names(b"xl/") || head.len() < LEAST_ARCHIVE {
        Look::Xlsx
    } else {
        Look::Zip
    }
}

/// What a compound file of the old office programs holds, by the names of its streams: today's workbooks and documents are put into
/// one when a password protects them.
fn in_compound_file(bytes: &[u8]) -> Look {
    let names = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        memchr::memmem::find(bytes, &name).is_some()
    };
    if names("EncryptedPackage") {
        Look::Xlsx
    } else if names("WordDocument") {
        Look::Docx
    } else {
        Look::Xls
    }
}

/// Bytes: a head that is shorter names no files.
const LEAST_ARCHIVE: usize = 64;

/// `<rows>`: an element in front, and nothing that could be a cell.
fn is_element(text: &str) -> bool {
    let Some((name, rest)) = text.strip_prefix('<').and_then(|rest| rest.split_once('>')) else {
        return false;
    };
    // What is said of a text's look is not a document: warnings of programs begin so.
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && !name.starts_with("br")
        && !matches!(name, "b" | "i" | "p");
    is_name && rest.trim_start().starts_with('<')
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_files_by_their_content() {
        for (head, expected) in [
            (&b"PK\x03\x04\x14\0\x06\0"[..], Some(Look::Xlsx)),
            (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0", Some(Look::Xls)),
            (
                b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0W\0o\0r\0d\0D\0o\0c\0u\0m\0e\0n\0t\0",
                Some(Look::Docx),
            ),
            (b"%PDF-1.7", Some(Look::Pdf)),
            (b"\x89PNG\r\n\x1a\n", Some(Look::Image)),
            (b"{\\rtf1\\ansi Nama;Paket", Some(Look::Rtf)),
            (b"INSERT INTO jamaah VALUES (1);", Some(Look::Sql)),
            (b"<rows><row><nama>Siti</nama>", Some(Look::Xml)),
            (b"<b>;nama", None),
            (
                b"MIME-Version: 1.0\nContent-Type: text/html",
                Some(Look::Html),
            ),
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
