//! A file of the corpus with its truth, and how programs write tables.

use import_engine::recognise::{Decoder, Encoding};

/// What is true of a file.
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
    /// `None`: one column, any delimiter that leaves its cells whole is right.
    pub(crate) delimiter: Option<u8>,
    /// `None`: no cell is quoted, so `"` and none are both right.
    pub(crate) quote: Option<u8>,
    pub(crate) escape: Option<u8>,
    pub(crate) header_row: Option<u64>,
}

/// How a program writes a table.
#[derive(Clone, Copy)]
pub(crate) struct Writer {
    pub(crate) delimiter: char,
    pub(crate) quote: char,
    pub(crate) quoting: Quoting,
    /// A quote in a cell becomes `\"` instead of `""`.
    pub(crate) backslash: bool,
    pub(crate) end: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Quoting {
    Needed,
    All,
    /// Text but not numbers, as statistical programs do.
    Texts,
    Never,
}

pub(crate) const EXCEL: Writer = Writer {
    delimiter: ',',
    quote: '"',
    quoting: Quoting::Needed,
    backslash: false,
    end: "\r\n",
};
pub(crate) const UNIX: Writer = Writer { end: "\n", ..EXCEL };

impl Writer {
    pub(crate) fn line(&self, cells: &[String]) -> String {
        let cells: Vec<String> = cells.iter().map(|c| self.cell(c)).collect();
        cells.join(&self.delimiter.to_string()) + self.end
    }

    fn cell(&self, cell: &str) -> String {
        let needed = cell.contains([self.delimiter, self.quote, '\r', '\n']);
        let number = !cell.is_empty()
            && cell
                .chars()
                .all(|c| c.is_ascii_digit() || matches!(c, '.' | '-'));
        let quoted = match self.quoting {
            Quoting::Needed => needed,
            Quoting::All => true,
            Quoting::Texts => needed || !number && cell != "NA",
            Quoting::Never => false,
        };
        if self.quoting == Quoting::Never {
            return cell.replace([self.delimiter, '\r', '\n'], " ");
        }
        if !quoted {
            return cell.to_owned();
        }
        let quote = self.quote.to_string();
        let inner = if self.backslash {
            cell.replace(&quote, &format!("\\{quote}"))
        } else {
            cell.replace(&quote, &quote.repeat(2))
        };
        format!("{quote}{inner}{quote}")
    }

    /// The file of a table; `above` are lines before it, verbatim.
    pub(crate) fn file(
        &self,
        name: &str,
        above: &[&str],
        header: Option<&[String]>,
        rows: &[Vec<String>],
    ) -> File {
        let mut text: String = above
            .iter()
            .map(|line| format!("{line}{}", self.end))
            .collect();
        let start = text.len();
        text.extend(header.map(|h| self.line(h)));
        text.extend(rows.iter().map(|r| self.line(r)));
        let columns = header
            .or(rows.first().map(Vec::as_slice))
            .map_or(0, <[String]>::len);
        let quoted = text[start..].split(self.end).any(|line| {
            let mut cells = line.split(self.delimiter);
            cells.any(|c| c.starts_with(self.quote))
        });
        let escaped = self.backslash && text.contains(&format!("\\{}", self.quote));
        let skipped = above
            .iter()
            .filter(|line| !line.starts_with("sep="))
            .count() as u64;
        File {
            name: name.to_owned(),
            bytes: text.clone().into_bytes(),
            text,
            encoding: Encoding::UTF_8,
            delimiter: (columns > 1).then(|| u8::try_from(self.delimiter).unwrap()),
            quote: (quoted && self.quoting != Quoting::Never)
                .then(|| u8::try_from(self.quote).unwrap()),
            escape: escaped.then_some(b'\\'),
            header_row: header.map(|_| skipped + 1),
        }
    }
}

impl File {
    /// The same file in another encoding, or `None` when it has characters that the encoding lacks, or none beyond ASCII.
    pub(crate) fn encoded(mut self, label: &str, bom: bool) -> Option<Self> {
        let encoding = Encoding::for_label(label).unwrap();
        let ascii = self.text.is_ascii();
        self.bytes = match label {
            "utf-16le" => self
                .text
                .encode_utf16()
                .flat_map(u16::to_le_bytes)
                .collect(),
            "utf-16be" => self
                .text
                .encode_utf16()
                .flat_map(u16::to_be_bytes)
                .collect(),
            "utf-8" => self.text.clone().into_bytes(),
            "iso-2022-jp" => iso_2022_jp(&self.text)?,
            _ if ascii => return None,
            _ => legacy(&self.text, encoding)?,
        };
        if bom {
            let mark: &[u8] = match label {
                "utf-16le" => b"\xFF\xFE",
                "utf-16be" => b"\xFE\xFF",
                _ => b"\xEF\xBB\xBF",
            };
            self.bytes.splice(0..0, mark.iter().copied());
        }
        self.encoding = encoding;
        self.name = format!("{} {label}{}", self.name, if bom { " bom" } else { "" });
        Some(self)
    }
}

fn iso_2022_jp(text: &str) -> Option<Vec<u8>> {
    let (bytes, _, lost) = encoding_rs::ISO_2022_JP.encode(text);
    (!lost && !text.is_ascii()).then(|| bytes.into_owned())
}

fn legacy(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    if let Some(whatwg) = encoding_rs::Encoding::for_label(encoding.label().as_bytes()) {
        let (bytes, _, lost) = whatwg.encode(text);
        return (!lost).then(|| bytes.into_owned());
    }
    // A code page of DOS: turn its decoder round.
    let upper: Vec<(u8, String)> = (0x80..=0xFF)
        .map(|byte| {
            let mut one = String::new();
            Decoder::new(encoding).feed(&[byte], &mut one);
            (byte, one)
        })
        .collect();
    text.chars()
        .map(|c| {
            if c.is_ascii() {
                u8::try_from(c).ok()
            } else {
                upper
                    .iter()
                    .find(|(_, s)| s.chars().eq([c]))
                    .map(|(b, _)| *b)
            }
        })
        .collect()
}
