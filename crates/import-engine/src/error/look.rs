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
    /// A presentation.
    Pptx,
    /// A document of the office programs of Apple.
    Numbers,
    /// A message with its files.
    Email,
    /// An archive.
    Zip,
    /// An archive of another kind.
    Archive,
    /// A picture.
    Image,
    /// Statements of a database.
    Sql,
    /// The file of a database.
    Database,
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
    /// Dates of a calendar.
    Calendar,
    /// Data of programs, in lines.
    Yaml,
    /// Settings of programs.
    Ini,
    /// The log of a program, or a chat.
    Log,
    /// Running text.
    Prose,
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
        Self::Pptx,
        Self::Numbers,
        Self::Email,
        Self::Zip,
        Self::Archive,
        Self::Image,
        Self::Sql,
        Self::Database,
        Self::Pdf,
        Self::Html,
        Self::Xml,
        Self::Json,
        Self::Vcard,
        Self::Calendar,
        Self::Yaml,
        Self::Ini,
        Self::Log,
        Self::Prose,
        Self::NoHeader,
        Self::Transposed,
        Self::WrappedLines,
        Self::FixedWidth,
        Self::OneColumn,
    ];

    /// What a file is by its first bytes, if it is not a table. Containers (workbooks, documents, archives) are distinguished by the
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
        let signed = SIGNATURES.iter().find(|(at, signature, _)| {
            let from = head.get(*at..);
            from.is_some_and(|from| from.starts_with(signature))
        });
        if let Some((_, _, look)) = signed {
            return Some(*look);
        }
        let text = beginning(&head[..head.len().min(LOOKED_AT)]);
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
        } else if is_message(&text) {
            Some(Self::Email)
        } else if has_mail_headers(&text) && text.contains("text/html") {
            // A page with its pictures in one file.
            Some(Self::Html)
        } else if begins(&["{\\rtf"]) {
            Some(Self::Rtf)
        } else if is_sql(&text) {
            Some(Self::Sql)
        } else if begins(&["<?xml", "<!doctype"]) || is_element(&text) {
            // Spreadsheets of old wrote web pages and XML under the name of a workbook.
            Some(if text.contains("<html") {
                Self::Html
            } else {
                Self::Xml
            })
        } else if begins(&["begin:vcard"]) {
            Some(Self::Vcard)
        } else if begins(&["begin:vcalendar"]) {
            Some(Self::Calendar)
        } else if is_json(&text) {
            Some(Self::Json)
        } else {
            look(&text)
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
            Self::Pptx => "pptx",
            Self::Numbers => "numbers",
            Self::Email => "email",
            Self::Zip => "zip",
            Self::Archive => "archive",
            Self::Image => "image",
            Self::Sql => "sql",
            Self::Database => "database",
            Self::Pdf => "pdf",
            Self::Html => "html",
            Self::Xml => "xml",
            Self::Json => "json",
            Self::Vcard => "vcard",
            Self::Calendar => "calendar",
            Self::Yaml => "yaml",
            Self::Ini => "ini",
            Self::Log => "log",
            Self::Prose => "prose",
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
    #[expect(clippy::too_many_lines, reason = "a table of sentences")]
    pub fn hint(self, language: Language) -> &'static str {
        let (indonesian, english) = match self {
            Self::Xlsx | Self::Xls => (
                "File ini buku kerja Excel yang tidak dapat dibaca. Buka di Excel, lalu Simpan Sebagai > Excel Workbook (.xlsx) atau CSV UTF-8",
                "This is an Excel workbook that cannot be read. Open it and save it as .xlsx or as CSV UTF-8",
            ),
            Self::Ods => (
                "File ini buku kerja LibreOffice yang tidak dapat dibaca. Buka, lalu Simpan Sebagai > .ods, .xlsx, atau CSV (UTF-8)",
                "This is a LibreOffice workbook that cannot be read. Open it and save it as .ods, .xlsx or CSV (UTF-8)",
            ),
            Self::Docx | Self::Rtf => (
                "File ini dokumen Word, bukan tabel. Salin tabelnya ke Excel, lalu Simpan Sebagai > CSV UTF-8",
                "This is a document, not a table. Copy its table into a spreadsheet and save it as CSV UTF-8",
            ),
            Self::Pptx => (
                "File ini presentasi, bukan tabel. Salin tabelnya ke Excel, lalu Simpan Sebagai > CSV UTF-8",
                "This is a presentation, not a table. Copy its table into a spreadsheet and save it as CSV UTF-8",
            ),
            Self::Numbers => (
                "File ini dokumen Apple (Numbers). Buka di Numbers, lalu pilih File > Ekspor Ke > CSV atau Excel",
                "This is a document of Apple Numbers. Open it and export it as CSV or as an Excel workbook",
            ),
            Self::Email => (
                "File ini pesan email. Buka emailnya, simpan lampirannya, lalu unggah file CSV atau Excel itu",
                "This is an e-mail. Open it, save its attachment and upload that CSV file or workbook",
            ),
            Self::Zip => (
                "File ini arsip ZIP. Ekstrak dahulu, lalu unggah file CSV atau Excel di dalamnya",
                "This is a ZIP archive. Extract it and upload the CSV file or workbook inside",
            ),
            Self::Archive => (
                "File ini arsip (RAR, 7z, atau GZ). Ekstrak dahulu, lalu unggah file CSV atau Excel di dalamnya",
                "This is an archive. Extract it and upload the CSV file or workbook inside",
            ),
            Self::Database => (
                "File ini basis data. Ekspor tabelnya sebagai CSV dari aplikasi asalnya",
                "This is a database. Export the table as CSV from where it comes from",
            ),
            Self::Calendar => (
                "File ini kalender (iCalendar), bukan tabel. Ekspor datanya sebagai CSV dari aplikasi asalnya",
                "This is a calendar, not a table. Export the data as CSV from where it comes from",
            ),
            Self::Yaml => (
                "File ini YAML. Ekspor datanya sebagai CSV dari aplikasi asalnya",
                "This is YAML. Export the data as CSV from where it comes from",
            ),
            Self::Ini => (
                "File ini pengaturan program (INI), bukan tabel. Unggah tabel datanya sebagai CSV atau Excel",
                "These are settings of a program, not a table. Upload the table with the data as CSV or as a workbook",
            ),
            Self::Log => (
                "File ini catatan (log) atau obrolan, bukan tabel. Susun datanya dalam tabel, lalu simpan sebagai CSV atau Excel",
                "This is a log or a chat, not a table. Arrange the data in a table and save it as CSV or as a workbook",
            ),
            Self::Prose => (
                "File ini teks biasa, bukan tabel. Susun datanya dalam tabel, lalu simpan sebagai CSV atau Excel",
                "This is running text, not a table. Arrange the data in a table and save it as CSV or as a workbook",
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

/// Bytes that are enough to recognise what a text file is.
const LOOKED_AT: usize = 1_024;

/// What files begin with that are not text: where, and by what they are known.
const SIGNATURES: &[(usize, &[u8], Look)] = &[
    (0, b"%PDF", Look::Pdf),
    (0, b"\x89PNG", Look::Image),
    (0, b"\xFF\xD8\xFF", Look::Image),
    (0, b"GIF8", Look::Image),
    (0, b"BM\x36", Look::Image),
    (0, b"II*\0", Look::Image),
    (0, b"MM\0*", Look::Image),
    (8, b"WEBP", Look::Image),
    (4, b"ftypheic", Look::Image),
    (4, b"ftypmif1", Look::Image),
    (0, b"Rar!\x1A\x07", Look::Archive),
    (0, b"7z\xBC\xAF\x27\x1C", Look::Archive),
    (0, b"\x1F\x8B", Look::Archive),
    (0, b"BZh", Look::Archive),
    (0, b"\xFD7zXZ\0", Look::Archive),
    (0, b"SQLite format 3\0", Look::Database),
    (4, b"Standard Jet DB", Look::Database),
    (4, b"Standard ACE DB", Look::Database),
];

/// The beginning of a text in lower case, without marks and blanks before it.
fn beginning(head: &[u8]) -> String {
    let (encoding, text) = match head {
        [0xFF, 0xFE, ..] => (encoding_rs::UTF_16LE, head),
        [0xFE, 0xFF, ..] => (encoding_rs::UTF_16BE, head),
        _ => (encoding_rs::UTF_8, head),
    };
    let (text, _) = encoding.decode_without_bom_handling(text);
    text.trim_start_matches(|c: char| c == '\u{FEFF}' || c.is_whitespace())
        .to_ascii_lowercase()
}

/// Whether a text begins as dumps of databases do, after the remarks that programs write about themselves.
fn is_sql(text: &str) -> bool {
    const STATEMENTS: &[&str] = &[
        "insert into ",
        "create table ",
        "create database ",
        "drop table ",
        "alter table ",
        "lock tables ",
        "replace into ",
        "start transaction;",
        "begin transaction;",
        "begin;",
        "pragma ",
        "set names ",
        "set sql_mode",
        "set statement_timeout",
        "set foreign_key_checks",
        "use `",
    ];
    let is_remark =
        |line: &&str| line.is_empty() || line.starts_with("--") || line.starts_with("/*");
    let mut lines = text.lines().map(str::trim).skip_while(is_remark);
    let is_statement = |line: &str| {
        STATEMENTS
            .iter()
            .any(|statement| line.starts_with(statement))
    };
    let named = text
        .lines()
        .take_while(|line| line.starts_with("--") || line.is_empty());
    lines.next().is_some_and(is_statement)
        || named
            .into_iter()
            .any(|line| line.contains(" dump") || line.contains("database"))
}

/// What an archive holds, by the names of its files.
fn in_archive(head: &[u8]) -> Look {
    let names = |name: &[u8]| memchr::memmem::find(head, name).is_some();
    if names(b"application/vnd.oasis.opendocument.spreadsheet") {
        Look::Ods
    } else if names(b".iwa") || names(b"index.apxl") {
        Look::Numbers
    } else if names(b"ppt/") || names(b"application/vnd.oasis.opendocument.presentation") {
        Look::Pptx
    } else if names(b"word/") || names(b"application/vnd.oasis.opendocument.text") {
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
    } else if names("PowerPoint Document") {
        Look::Pptx
    } else if names("WordDocument") {
        Look::Docx
    } else if names("__properties_version1.0") {
        Look::Email
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

// Texts whose lines are not the rows of a table: data and settings of programs, logs, chats, letters. Knows the beginning alone.

/// Lines that must show it: fewer may be anything.
const LEAST_LINES: usize = 2;

/// Signs that stand between the cells of tables.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// What a text is by its lines, in lower case; the last one may be cut.
pub(super) fn look(text: &str) -> Option<Look> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() < LEAST_LINES {
        return None;
    }
    let is_remark = |line: &&&str| line.starts_with([';', '#']);
    let mut settings = lines.iter().skip_while(is_remark);
    if settings.next().is_some_and(|line| is_section(line))
        && settings.next().is_some_and(|line| is_setting(line))
    {
        return Some(Look::Ini);
    }
    if is_yaml(&lines) {
        return Some(Look::Yaml);
    }
    let logged = lines.iter().filter(|line| is_logged(line)).count();
    if logged > LEAST_LINES && logged * 2 > lines.len() {
        return Some(Look::Log);
    }
    lines
        .iter()
        .all(|line| is_sentence(line))
        .then_some(Look::Prose)
}

/// What stands at the head of messages, and what only those have that were sent.
const MAIL_HEADERS: [&str; 13] = [
    "return-path",
    "received",
    "delivered-to",
    "message-id",
    "to",
    "from",
    "date",
    "subject",
    "mime-version",
    "content-type",
    "reply-to",
    "cc",
    "snapshot-content-location",
];
const OF_SENT: std::ops::Range<usize> = 0..5;

/// The names in front of `:`, of all lines from the first on that are headers of a message.
fn mail_headers(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().skip_while(|line| line.starts_with("from "));
    let headers = lines.take_while(|line| !line.is_empty());
    headers
        .filter(|line| !line.starts_with([' ', '\t']))
        .map_while(|line| line.split_once(':').map(|(name, _)| name))
        .filter(|name| MAIL_HEADERS.contains(name))
}

/// Whether a text begins with headers of a message, as saved web pages do too.
pub(super) fn has_mail_headers(text: &str) -> bool {
    mail_headers(text).next().is_some()
}

/// Whether a text is a message that was sent.
pub(super) fn is_message(text: &str) -> bool {
    /// Headers that a table of names and values would hardly have by chance.
    const LEAST_HEADERS: usize = 3;
    mail_headers(text).count() >= LEAST_HEADERS
        && mail_headers(text).any(|name| MAIL_HEADERS[OF_SENT].contains(&name))
}

/// `[jamaah 1]`
fn is_section(line: &str) -> bool {
    let inner = line
        .strip_prefix('[')
        .and_then(|line| line.strip_suffix(']'));
    inner.is_some_and(|inner| !inner.contains(['[', ']', ',', ';', '\t']))
}

/// `nama = siti`
fn is_setting(line: &str) -> bool {
    let name = line.split_once('=').map(|(name, _)| name.trim());
    name.is_some_and(|name| !name.is_empty() && !name.contains(DELIMITERS))
}

/// Keys with something below them, or items of a list that are keys with values. Lines of `name: value` alone may be a table.
fn is_yaml(lines: &[&str]) -> bool {
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let end = line.find(':');
        end.is_some_and(|end| {
            let (name, value) = line.split_at(end);
            let is_value = value.len() == 1 || value.starts_with(": ");
            is_value && !name.is_empty() && !name.contains(DELIMITERS)
        })
    };
    let is_marked = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("- ") && is_key(line) || line.ends_with(':') && is_key(line)
    };
    let body = match lines {
        [first, body @ ..] if *first == "---" || first.starts_with("%yaml") => body,
        all => all,
    };
    // The last line may be cut.
    let whole = &body[..body.len().saturating_sub(1).max(1).min(body.len())];
    whole.len() > 1 && whole.iter().any(is_marked) && whole.iter().all(|line| is_key(line))
}

/// `[12/01/26 10.33] Siti: …`, `2026-01-05 10:33:12 INFO …`: a day and a time, then text without cells.
fn is_logged(line: &str) -> bool {
    let line = line.trim_start_matches(['[', '\u{200e}']);
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let mut words = line.splitn(3, ' ');
    let (Some(day), Some(time), Some(rest)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let is_day = is_number(day) && day.contains(['/', '-', '.']);
    let is_time = is_number(time) && time.contains([':', '.']);
    let cut = |text: &str| text.trim_end_matches(',').contains([';', '\t', '|', ',']);
    is_day && is_time && !cut(day) && !cut(time) && rest.contains(' ')
}

/// At least five words, and an end: names of columns and cells of tables have neither.
fn is_sentence(line: &str) -> bool {
    const LEAST_WORDS: usize = 5;
    let words = line.split(' ').filter(|word| !word.is_empty()).count();
    words >= LEAST_WORDS && line.ends_with(['.', '!', '?', ':']) && !line.contains([';', '\t', '|'])
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
            (
                b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0Index/Document.iwa and what it holds, which is more than a name",
                Some(Look::Numbers),
            ),
            (
                b"Return-Path: <siti@example.com>\r\nReceived: from mail\r\n\tby other\r\nSubject: Data jamaah\r\n",
                Some(Look::Email),
            ),
            (
                b"MIME-Version: 1.0\r\nDate: Mon, 5 Jan 2026 10:00:00 +0700\r\nSubject: Data\r\nFrom: Siti <siti@example.com>\r\nTo: Budi <budi@example.com>\r\nContent-Type: text/html\r\n",
                Some(Look::Email),
            ),
            (
                b"From siti@example.com Mon Jan  5 10:00:00 2026\nFrom: Siti\nTo: Budi\nSubject: x\n",
                Some(Look::Email),
            ),
            (
                b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://example.com\r\nSubject: Data\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype=\"text/html\";\r\n",
                Some(Look::Html),
            ),
            (b"Subject: Data\nKepada: Kantor\n", None),
            (b"From;To;Subject\nSiti;Budi;x\n", None),
            (b"\x89PNG\r\n\x1a\n", Some(Look::Image)),
            (b"{\\rtf1\\ansi Nama;Paket", Some(Look::Rtf)),
            (b"INSERT INTO jamaah VALUES (1);", Some(Look::Sql)),
            (b"<rows><row><nama>Siti</nama>", Some(Look::Xml)),
            (b"<b>;nama", None),
            (
                b"-- phpMyAdmin SQL Dump\n-- version 5\n\nSET SQL_MODE = \"NO\";",
                Some(Look::Sql),
            ),
            (b"/*!40101 SET x */;\r\nLOCK TABLES `j` WRITE;", Some(Look::Sql)),
            (b"Rar!\x1A\x07\x01\0", Some(Look::Archive)),
            (b"\x1F\x8B\x08\0", Some(Look::Archive)),
            (b"SQLite format 3\0", Some(Look::Database)),
            (b"BEGIN:VCALENDAR\r\nVERSION:2.0", Some(Look::Calendar)),
            (b"---\njamaah:\n  - nama: Siti\n    paket: A\n", Some(Look::Yaml)),
            (b"jamaah:\n- nama: Siti\n  paket: A\n", Some(Look::Yaml)),
            (b"- nama: Siti\n  paket: A\n- nama: Budi\n  paket: B\n", Some(Look::Yaml)),
            (b"; jamaah\n[jamaah 1]\nnama = Siti\npaket=A\n", Some(Look::Ini)),
            (
                b"[12/01/26 10.33.12] Siti: halo\n[12/01/26 10.34.01] Budi: ya, sudah\n[12/01/26 10.35.00] Siti: ok\n",
                Some(Look::Log),
            ),
            (
                b"2026-01-05 10:33:12 INFO import started\n2026-01-05 10:33:13 WARN row 3\n2026-01-05 10:33:14 INFO done\n",
                Some(Look::Log),
            ),
            (
                b"Assalamualaikum, berikut kami kirim data jamaah.\nMohon diproses segera, terima kasih atas perhatiannya.\n",
                Some(Look::Prose),
            ),
            (b"\xFF\xFE<\0h\0t\0m\0l\0>\0", Some(Look::Html)),
            (b"2026-01-05 10:33;Siti;A\n2026-01-06 10:33;Budi;A\n2026-01-07 10:00;Ani;B\n", None),
            (b"Nama: Siti\nPaket: A\n", None),
            (b"Nama\nSiti Aminah\nBudi\n", None),
            (b"[Nama];[Paket]\nSiti;A\n", None),
            (b"Data jamaah per 5 Januari 2026, kantor pusat.\nNama,Paket\nSiti,A\n", None),
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
