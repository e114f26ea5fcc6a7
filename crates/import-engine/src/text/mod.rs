//! Character encodings: their names, how bytes in chunks of any size become UTF-8 text ([`Decoder`]), and which encoding
//! a file is in (the module `detect`). The decoder reports where bytes were invalid, and also decodes what the WHATWG
//! standard omits: DOS code pages and UTF-32. It also has what a [`Weight`] of recognition is.

pub(crate) mod detect;
pub(crate) mod legacy;

use std::{fmt, str::FromStr};

use encoding_rs::DecoderResult;

/// A character encoding, named by its lower-case label of the WHATWG Encoding Standard (<https://encoding.spec.whatwg.org>).
/// Beyond the standard: UTF-32 (`utf-32le`, `utf-32be`) and the DOS code pages that spreadsheets still write (`ibm437`,
/// `ibm850`, `ibm852`, …).
///
/// ```
/// use import_engine::recognise::Encoding;
///
/// assert_eq!(Encoding::WINDOWS_1252.label(), "windows-1252");
/// assert_eq!(Encoding::for_label("Latin1"), Some(Encoding::WINDOWS_1252)); // what "Latin-1" really is
/// assert_eq!("shift_jis".parse::<Encoding>()?.to_string(), "shift_jis");
/// # Ok::<(), import_engine::recognise::UnknownEncoding>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Encoding(Kind);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Whatwg(&'static encoding_rs::Encoding),
    Oem(&'static CodePage),
    Utf32 { big_endian: bool },
}

impl Encoding {
    /// UTF-8, and ASCII as its subset.
    pub const UTF_8: Self = Self(Kind::Whatwg(encoding_rs::UTF_8));
    /// UTF-16, little-endian: Excel's "Unicode Text".
    pub const UTF_16LE: Self = Self(Kind::Whatwg(encoding_rs::UTF_16LE));
    /// UTF-16, big-endian.
    pub const UTF_16BE: Self = Self(Kind::Whatwg(encoding_rs::UTF_16BE));
    /// Western European of Windows; "Latin-1" and "ASCII" in practice.
    pub const WINDOWS_1252: Self = Self(Kind::Whatwg(encoding_rs::WINDOWS_1252));
    /// UTF-32, little-endian. Not in the WHATWG standard.
    pub const UTF_32LE: Self = Self(Kind::Utf32 { big_endian: false });
    /// UTF-32, big-endian. Not in the WHATWG standard.
    pub const UTF_32BE: Self = Self(Kind::Utf32 { big_endian: true });

    /// The encoding of a label in any of its usual spellings, case-insensitively; `None` if it is unknown.
    ///
    /// ```
    /// use import_engine::recognise::Encoding;
    ///
    /// assert_eq!(Encoding::for_label(" UTF8 "), Some(Encoding::UTF_8));
    /// assert_eq!(Encoding::for_label("klingon"), None);
    /// ```
    #[must_use]
    pub fn for_label(label: &str) -> Option<Self> {
        let label = label.trim();
        let whatwg =
            encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()).map(Kind::Whatwg);
        let kind = whatwg
            .or_else(|| CodePage::for_label(label).map(Kind::Oem))
            .or_else(|| match label.to_ascii_lowercase().as_str() {
                "utf-32" | "utf32" | "utf-32le" | "utf32le" => {
                    Some(Kind::Utf32 { big_endian: false })
                }
                "utf-32be" | "utf32be" => Some(Kind::Utf32 { big_endian: true }),
                _ => None,
            });
        kind.map(Self)
    }

    /// The lower-case label, such as `utf-8`, `windows-1252`, `utf-16le`.
    ///
    /// ```
    /// assert_eq!(import_engine::recognise::Encoding::UTF_16LE.label(), "utf-16le");
    /// ```
    #[must_use]
    pub fn label(self) -> &'static str {
        match self.0 {
            Kind::Whatwg(e) => LABELS
                .iter()
                .find(|(known, _)| *known == e)
                .map_or("utf-8", |(_, label)| label),
            Kind::Oem(page) => page.label,
            Kind::Utf32 { big_endian: false } => "utf-32le",
            Kind::Utf32 { big_endian: true } => "utf-32be",
        }
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Encoding {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.label())
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Encoding {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        label.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoding({})", self.label())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(label: &str) -> Result<Self, Self::Err> {
        Self::for_label(label).ok_or_else(|| UnknownEncoding(label.to_owned()))
    }
}

/// A label that names no encoding.
///
/// ```
/// let error = "klingon".parse::<import_engine::recognise::Encoding>().unwrap_err();
/// assert_eq!(error.to_string(), "unknown encoding 'klingon'");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding '{0}'")]
pub struct UnknownEncoding(String);

/// `encoding_rs` names encodings in mixed case; the contract requires lower case.
const LABELS: &[(&encoding_rs::Encoding, &str)] = &[
    (encoding_rs::UTF_8, "utf-8"),
    (encoding_rs::UTF_16LE, "utf-16le"),
    (encoding_rs::UTF_16BE, "utf-16be"),
    (encoding_rs::WINDOWS_1252, "windows-1252"),
    (encoding_rs::WINDOWS_1250, "windows-1250"),
    (encoding_rs::WINDOWS_1251, "windows-1251"),
    (encoding_rs::WINDOWS_1253, "windows-1253"),
    (encoding_rs::WINDOWS_1254, "windows-1254"),
    (encoding_rs::WINDOWS_1255, "windows-1255"),
    (encoding_rs::WINDOWS_1256, "windows-1256"),
    (encoding_rs::WINDOWS_1257, "windows-1257"),
    (encoding_rs::WINDOWS_1258, "windows-1258"),
    (encoding_rs::WINDOWS_874, "windows-874"),
    (encoding_rs::ISO_8859_2, "iso-8859-2"),
    (encoding_rs::ISO_8859_3, "iso-8859-3"),
    (encoding_rs::ISO_8859_4, "iso-8859-4"),
    (encoding_rs::ISO_8859_5, "iso-8859-5"),
    (encoding_rs::ISO_8859_6, "iso-8859-6"),
    (encoding_rs::ISO_8859_7, "iso-8859-7"),
    (encoding_rs::ISO_8859_8, "iso-8859-8"),
    (encoding_rs::ISO_8859_8_I, "iso-8859-8-i"),
    (encoding_rs::ISO_8859_10, "iso-8859-10"),
    (encoding_rs::ISO_8859_13, "iso-8859-13"),
    (encoding_rs::ISO_8859_14, "iso-8859-14"),
    (encoding_rs::ISO_8859_15, "iso-8859-15"),
    (encoding_rs::ISO_8859_16, "iso-8859-16"),
    (encoding_rs::KOI8_R, "koi8-r"),
    (encoding_rs::KOI8_U, "koi8-u"),
    (encoding_rs::MACINTOSH, "macintosh"),
    (encoding_rs::X_MAC_CYRILLIC, "x-mac-cyrillic"),
    (encoding_rs::IBM866, "ibm866"),
    (encoding_rs::SHIFT_JIS, "shift_jis"),
    (encoding_rs::EUC_JP, "euc-jp"),
    (encoding_rs::ISO_2022_JP, "iso-2022-jp"),
    (encoding_rs::GBK, "gbk"),
    (encoding_rs::GB18030, "gb18030"),
    (encoding_rs::BIG5, "big5"),
    (encoding_rs::EUC_KR, "euc-kr"),
    (encoding_rs::X_USER_DEFINED, "x-user-defined"),
];

// Converts bytes in chunks of any size into UTF-8 text.

/// Converts the bytes of a file into text as they are fed.
///
/// Feed chunks of any size: the text is the same as if the whole file had been fed at once. A byte order mark of the
/// encoding at the start is dropped. An invalid sequence becomes one U+FFFD, and its offset is reported.
///
/// ```
/// use import_engine::recognise::{Decoder, Encoding};
///
/// let mut decoder = Decoder::new(Encoding::UTF_8);
/// let mut text = String::new();
/// decoder.feed(b"Nurha\xC3", &mut text);
/// decoder.feed(b"\xA9, M\xFCller", &mut text);
/// assert_eq!(text, "Nurhaé, M\u{FFFD}ller");
/// assert_eq!(decoder.invalid().len(), 1); // of the last call
/// assert_eq!(decoder.invalid()[0].byte_offset, 10); // from the start of the file
/// assert_eq!(decoder.invalid()[0].text_offset, 10); // from the start of all text decoded so far
/// decoder.feed(b", caf\xC3", &mut text);
/// assert!(decoder.invalid().is_empty());
/// decoder.finish(&mut text); // no more bytes: the last letter stays incomplete
/// assert!(text.ends_with(", caf\u{FFFD}"));
/// ```
pub struct Decoder {
    encoding: Encoding,
    machine: Machine,
    /// Bytes read so far, from the start of the file.
    read: u64,
    /// UTF-8 bytes returned so far.
    written: u64,
    invalid: Vec<InvalidBytes>,
    /// A small buffer for text after invalid bytes.
    piece: Vec<u8>,
}

/// Bytes of text decoded at a time after invalid bytes.
const PIECE: usize = 1 << 10;

enum Machine {
    Whatwg(encoding_rs::Decoder),
    Oem(&'static CodePage),
    Utf32(Utf32),
}

/// The position of bytes that are invalid in the encoding.
///
/// ```
/// let place = import_engine::recognise::InvalidBytes { byte_offset: 3, text_offset: 3 };
/// assert_eq!(place.byte_offset, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBytes {
    /// Offset of the first invalid byte from the start of the file, including the byte order mark.
    pub byte_offset: u64,
    /// Offset of its U+FFFD in the text, in UTF-8 bytes from the start of all text that this decoder returned.
    pub text_offset: u64,
}

impl Decoder {
    /// A decoder at the start of a file.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        let machine = match encoding.0 {
            Kind::Whatwg(e) => Machine::Whatwg(e.new_decoder_with_bom_removal()),
            Kind::Oem(page) => Machine::Oem(page),
            Kind::Utf32 { big_endian } => Machine::Utf32(Utf32::new(big_endian)),
        };
        Self {
            encoding,
            machine,
            read: 0,
            written: 0,
            invalid: Vec::new(),
            piece: Vec::new(),
        }
    }

    /// Decodes `bytes` onto the end of `text`. Bytes of an incomplete character wait for the next call.
    pub fn feed(&mut self, bytes: &[u8], text: &mut String) {
        self.step(bytes, text, false);
    }

    /// Announces that no bytes follow: an incomplete character becomes one U+FFFD.
    pub fn finish(&mut self, text: &mut String) {
        self.step(&[], text, true);
        // A finished decoder of encoding_rs must not be fed again; a new one makes that harmless.
        self.machine = Self::new(self.encoding).machine;
    }

    /// Invalid sequences found by the last call, in order.
    #[must_use]
    pub fn invalid(&self) -> &[InvalidBytes] {
        &self.invalid
    }

    /// The encoding of this decoder.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    fn step(&mut self, bytes: &[u8], text: &mut String, last: bool) {
        self.invalid.clear();
        let start = text.len();
        let base = self.written;
        match &mut self.machine {
            Machine::Whatwg(decoder) => {
                let mut rest = bytes;
                loop {
                    let (result, read) = if self.invalid.is_empty() {
                        let room = decoder.max_utf8_buffer_length_without_replacement(rest.len());
                        // `None` only if a length overflows; the loop then continues in smaller steps.
                        text.reserve(room.unwrap_or(4096).min(rest.len().saturating_mul(3) + 64));
                        decoder.decode_to_string_without_replacement(rest, text, last)
                    } else {
                        // `encoding_rs` clears all spare capacity of a `String` at every call: with an invalid byte at
                        // every step, that would be quadratic in the chunk. A small buffer bounds it.
                        self.piece.resize(PIECE, 0);
                        let (result, read, written) =
                            decoder.decode_to_utf8_without_replacement(rest, &mut self.piece, last);
                        text.push_str(str::from_utf8(&self.piece[..written]).unwrap_or_default());
                        (result, read)
                    };
                    self.read += read as u64;
                    rest = &rest[read..];
                    match result {
                        DecoderResult::InputEmpty => break,
                        DecoderResult::OutputFull => text.reserve(rest.len().min(PIECE)),
                        DecoderResult::Malformed(bad, after) => {
                            let byte_offset =
                                self.read.saturating_sub(u64::from(bad) + u64::from(after));
                            let text_offset = base + (text.len() - start) as u64;
                            self.invalid.push(InvalidBytes {
                                byte_offset,
                                text_offset,
                            });
                            text.push(char::REPLACEMENT_CHARACTER);
                        }
                    }
                }
            }
            Machine::Oem(page) => {
                text.reserve(bytes.len());
                text.extend(bytes.iter().map(|&b| page.char(b)));
                self.read += bytes.len() as u64;
            }
            Machine::Utf32(utf32) => {
                let mut bad = |byte_offset, at: usize| {
                    let text_offset = base + (at - start) as u64;
                    self.invalid.push(InvalidBytes {
                        byte_offset,
                        text_offset,
                    });
                };
                utf32.feed(bytes, self.read, text, &mut bad);
                self.read += bytes.len() as u64;
                if last {
                    utf32.finish(self.read, text, &mut bad);
                }
            }
        }
        self.written += (text.len() - start) as u64;
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("encoding", &self.encoding)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

// DOS code pages, which the WHATWG standard omits: "CSV (MS-DOS)" of Excel and old bookkeeping programs write them. The
// tables are those of Unicode's `MAPPINGS/VENDORS/MICSFT/PC`.

/// A single-byte encoding whose lower half is ASCII.
#[derive(PartialEq, Eq, Hash)]
struct CodePage {
    pub(crate) label: &'static str,
    /// The name of the same page in Windows and Python.
    alias: &'static str,
    /// Characters of 0x80..=0xFF; an undefined byte is U+FFFD.
    upper: [char; 128],
}

impl CodePage {
    pub(crate) fn char(&self, byte: u8) -> char {
        byte.checked_sub(128)
            .map_or(char::from(byte), |i| self.upper[usize::from(i)])
    }

    pub(crate) fn for_label(label: &str) -> Option<&'static Self> {
        PAGES.into_iter().find(|p| {
            let digits = label.trim_start_matches(|c: char| !c.is_ascii_digit());
            let prefix = &label[..label.len() - digits.len()];
            p.alias[2..] == *digits
                && ["ibm", "cp", "ibm-", "dos-", "oem", ""]
                    .iter()
                    .any(|k| prefix.eq_ignore_ascii_case(k))
        })
    }
}

#[rustfmt::skip]
static IBM437: CodePage = CodePage {
    label: "ibm437",
    alias: "cp437",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', '¢', '£', '¥', '₧', 'ƒ',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM850: CodePage = CodePage {
    label: "ibm850",
    alias: "cp850",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'ð', 'Ð', 'Ê', 'Ë', 'È', 'ı', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
        'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´', '\u{AD}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM852: CodePage = CodePage {
    label: "ibm852",
    alias: "cp852",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'ů', 'ć', 'ç', 'ł', 'ë', 'Ő', 'ő', 'î', 'Ź', 'Ä', 'Ć', 'É', 'Ĺ', 'ĺ', 'ô', 'ö', 'Ľ', 'ľ', 'Ś', 'ś', 'Ö', 'Ü', 'Ť', 'ť', 'Ł', '×', 'č',
        'á', 'í', 'ó', 'ú', 'Ą', 'ą', 'Ž', 'ž', 'Ę', 'ę', '¬', 'ź', 'Č', 'ş', '«', '»', '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'Ě', 'Ş', '╣', '║', '╗', '╝', 'Ż', 'ż', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'Ă', 'ă', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'đ', 'Đ', 'Ď', 'Ë', 'ď', 'Ň', 'Í', 'Î', 'ě', '┘', '┌', '█', '▄', 'Ţ', 'Ů', '▀',
        'Ó', 'ß', 'Ô', 'Ń', 'ń', 'ň', 'Š', 'š', 'Ŕ', 'Ú', 'ŕ', 'Ű', 'ý', 'Ý', 'ţ', '´', '\u{AD}', '˝', '˛', 'ˇ', '˘', '§', '÷', '¸', '°', '¨', '˙', 'ű', 'Ř', 'ř', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM855: CodePage = CodePage {
    label: "ibm855",
    alias: "cp855",
    upper: [
        'ђ', 'Ђ', 'ѓ', 'Ѓ', 'ё', 'Ё', 'є', 'Є', 'ѕ', 'Ѕ', 'і', 'І', 'ї', 'Ї', 'ј', 'Ј', 'љ', 'Љ', 'њ', 'Њ', 'ћ', 'Ћ', 'ќ', 'Ќ', 'ў', 'Ў', 'џ', 'Џ', 'ю', 'Ю', 'ъ', 'Ъ',
        'а', 'А', 'б', 'Б', 'ц', 'Ц', 'д', 'Д', 'е', 'Е', 'ф', 'Ф', 'г', 'Г', '«', '»', '░', '▒', '▓', '│', '┤', 'х', 'Х', 'и', 'И', '╣', '║', '╗', '╝', 'й', 'Й', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'к', 'К', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'л', 'Л', 'м', 'М', 'н', 'Н', 'о', 'О', 'п', '┘', '┌', '█', '▄', 'П', 'я', '▀',
        'Я', 'р', 'Р', 'с', 'С', 'т', 'Т', 'у', 'У', 'ж', 'Ж', 'в', 'В', 'ь', 'Ь', '№', '\u{AD}', 'ы', 'Ы', 'з', 'З', 'ш', 'Ш', 'э', 'Э', 'щ', 'Щ', 'ч', 'Ч', '§', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM857: CodePage = CodePage {
    label: "ibm857",
    alias: "cp857",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ı', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'İ', 'Ö', 'Ü', 'ø', '£', 'Ø', 'Ş', 'ş',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'Ğ', 'ğ', '¿', '®', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'º', 'ª', 'Ê', 'Ë', 'È', '�', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
        'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', '�', '×', 'Ú', 'Û', 'Ù', 'ì', 'ÿ', '¯', '´', '\u{AD}', '±', '�', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM858: CodePage = CodePage {
    label: "ibm858",
    alias: "cp858",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', 'ƒ',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '®', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', 'Á', 'Â', 'À', '©', '╣', '║', '╗', '╝', '¢', '¥', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'ã', 'Ã', '╚', '╔', '╩', '╦', '╠', '═', '╬', '¤', 'ð', 'Ð', 'Ê', 'Ë', 'È', '€', 'Í', 'Î', 'Ï', '┘', '┌', '█', '▄', '¦', 'Ì', '▀',
        'Ó', 'ß', 'Ô', 'Ò', 'õ', 'Õ', 'µ', 'þ', 'Þ', 'Ú', 'Û', 'Ù', 'ý', 'Ý', '¯', '´', '\u{AD}', '±', '‗', '¾', '¶', '§', '÷', '¸', '°', '¨', '·', '¹', '³', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM862: CodePage = CodePage {
    label: "ibm862",
    alias: "cp862",
    upper: [
        'א', 'ב', 'ג', 'ד', 'ה', 'ו', 'ז', 'ח', 'ט', 'י', 'ך', 'כ', 'ל', 'ם', 'מ', 'ן', 'נ', 'ס', 'ע', 'ף', 'פ', 'ץ', 'צ', 'ק', 'ר', 'ש', 'ת', '¢', '£', '¥', '₧', 'ƒ',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM737: CodePage = CodePage {
    label: "ibm737",
    alias: "cp737",
    upper: [
        'Α', 'Β', 'Γ', 'Δ', 'Ε', 'Ζ', 'Η', 'Θ', 'Ι', 'Κ', 'Λ', 'Μ', 'Ν', 'Ξ', 'Ο', 'Π', 'Ρ', 'Σ', 'Τ', 'Υ', 'Φ', 'Χ', 'Ψ', 'Ω', 'α', 'β', 'γ', 'δ', 'ε', 'ζ', 'η', 'θ',
        'ι', 'κ', 'λ', 'μ', 'ν', 'ξ', 'ο', 'π', 'ρ', 'σ', 'ς', 'τ', 'υ', 'φ', 'χ', 'ψ', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'ω', 'ά', 'έ', 'ή', 'ϊ', 'ί', 'ό', 'ύ', 'ϋ', 'ώ', 'Ά', 'Έ', 'Ή', 'Ί', 'Ό', 'Ύ', 'Ώ', '±', '≥', '≤', 'Ϊ', 'Ϋ', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM775: CodePage = CodePage {
    label: "ibm775",
    alias: "cp775",
    upper: [
        'Ć', 'ü', 'é', 'ā', 'ä', 'ģ', 'å', 'ć', 'ł', 'ē', 'Ŗ', 'ŗ', 'ī', 'Ź', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ō', 'ö', 'Ģ', '¢', 'Ś', 'ś', 'Ö', 'Ü', 'ø', '£', 'Ø', '×', '¤',
        'Ā', 'Ī', 'ó', 'Ż', 'ż', 'ź', '”', '¦', '©', '®', '¬', '½', '¼', 'Ł', '«', '»', '░', '▒', '▓', '│', '┤', 'Ą', 'Č', 'Ę', 'Ė', '╣', '║', '╗', '╝', 'Į', 'Š', '┐',
        '└', '┴', '┬', '├', '─', '┼', 'Ų', 'Ū', '╚', '╔', '╩', '╦', '╠', '═', '╬', 'Ž', 'ą', 'č', 'ę', 'ė', 'į', 'š', 'ų', 'ū', 'ž', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'Ó', 'ß', 'Ō', 'Ń', 'õ', 'Õ', 'µ', 'ń', 'Ķ', 'ķ', 'Ļ', 'ļ', 'ņ', 'Ē', 'Ņ', '’', '\u{AD}', '±', '“', '¾', '¶', '§', '÷', '„', '°', '∙', '·', '¹', '³', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM860: CodePage = CodePage {
    label: "ibm860",
    alias: "cp860",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ã', 'à', 'Á', 'ç', 'ê', 'Ê', 'è', 'Í', 'Ô', 'ì', 'Ã', 'Â', 'É', 'À', 'È', 'ô', 'õ', 'ò', 'Ú', 'ù', 'Ì', 'Õ', 'Ü', '¢', '£', 'Ù', '₧', 'Ó',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', 'Ò', '¬', '½', '¼', '¡', '«', '»', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
    ],
};

#[rustfmt::skip]
static IBM865: CodePage = CodePage {
    label: "ibm865",
    alias: "cp865",
    upper: [
        'Ç', 'ü', 'é', 'â', 'ä', 'à', 'å', 'ç', 'ê', 'ë', 'è', 'ï', 'î', 'ì', 'Ä', 'Å', 'É', 'æ', 'Æ', 'ô', 'ö', 'ò', 'û', 'ù', 'ÿ', 'Ö', 'Ü', 'ø', '£', 'Ø', '₧', 'ƒ',
        'á', 'í', 'ó', 'ú', 'ñ', 'Ñ', 'ª', 'º', '¿', '⌐', '¬', '½', '¼', '¡', '«', '¤', '░', '▒', '▓', '│', '┤', '╡', '╢', '╖', '╕', '╣', '║', '╗', '╝', '╜', '╛', '┐',
        '└', '┴', '┬', '├', '─', '┼', '╞', '╟', '╚', '╔', '╩', '╦', '╠', '═', '╬', '╧', '╨', '╤', '╥', '╙', '╘', '╒', '╓', '╫', '╪', '┘', '┌', '█', '▄', '▌', '▐', '▀',
        'α', 'ß', 'Γ', 'π', 'Σ', 'σ', 'µ', 'τ', 'Φ', 'Θ', 'Ω', 'δ', '∞', 'φ', 'ε', '∩', '≡', '±', '≥', '≤', '⌠', '⌡', '÷', '≈', '°', '∙', '·', '√', 'ⁿ', '²', '■', '\u{A0}',
    ],
};

/// All pages, for labels.
static PAGES: [&CodePage; 11] = [
    &IBM437, &IBM850, &IBM852, &IBM855, &IBM857, &IBM858, &IBM862, &IBM737, &IBM775, &IBM860,
    &IBM865,
];

// UTF-32, which the WHATWG standard omits and some statistical programs still export.

/// A UTF-32 decoder between two chunks.
struct Utf32 {
    big_endian: bool,
    pending: Vec<u8>,
    started: bool,
}

impl Utf32 {
    fn new(big_endian: bool) -> Self {
        Self {
            big_endian,
            pending: Vec::with_capacity(4),
            started: false,
        }
    }

    /// `read` is the file offset of `bytes[0]`; `bad` gets the file offset of an invalid unit and the text length before it.
    fn feed(
        &mut self,
        bytes: &[u8],
        read: u64,
        text: &mut String,
        bad: &mut impl FnMut(u64, usize),
    ) {
        text.reserve(bytes.len() / 4 + 4);
        for (i, &byte) in bytes.iter().enumerate() {
            self.pending.push(byte);
            if let [a, b, c, d] = self.pending[..] {
                self.pending.clear();
                let unit = [a, b, c, d];
                let code = if self.big_endian {
                    u32::from_be_bytes(unit)
                } else {
                    u32::from_le_bytes(unit)
                };
                match char::from_u32(code) {
                    Some('\u{FEFF}') if !self.started => {}
                    Some(c) => text.push(c),
                    None => {
                        bad((read + i as u64 + 1).saturating_sub(4), text.len());
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                }
                self.started = true;
            }
        }
    }

    /// `read` is the length of the file.
    fn finish(&mut self, read: u64, text: &mut String, bad: &mut impl FnMut(u64, usize)) {
        if !self.pending.is_empty() {
            bad(read.saturating_sub(self.pending.len() as u64), text.len());
            text.push(char::REPLACEMENT_CHARACTER);
            self.pending.clear();
        }
    }
}

// The numbers with which recognition weighs its evidence, of encodings here and of dialects and headers in `sniff`: each has
// a name, and a case that sets it. A weight is worth keeping as long as recognition is wrong in some case without it. The
// tests switch off each weight and check the case that is kept for it (`tests/weights.tsv`), and print what the corpus
// loses: see `sniff/weighed.rs`.

/// A number with a name, and its replacement if it is switched off: 0 for what is added, 1 for what is multiplied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Weight<T> {
    worth: T,
    #[cfg(test)]
    pub(crate) name: &'static str,
    #[cfg(test)]
    off: T,
}

impl<T: Copy> Weight<T> {
    #[cfg(not(test))]
    pub(crate) const fn new(_: &'static str, worth: T, _: T) -> Self {
        Self { worth }
    }

    #[cfg(test)]
    pub(crate) const fn new(name: &'static str, worth: T, off: T) -> Self {
        Self { worth, name, off }
    }

    /// Its value as a summand or as a factor.
    #[inline]
    pub(crate) fn worth(self) -> T {
        #[cfg(test)]
        if SWITCHED_OFF.get() == self.name {
            return self.off;
        }
        self.worth
    }
}

#[cfg(test)]
thread_local! {
    /// The weight that is switched off.
    pub(crate) static SWITCHED_OFF: std::cell::Cell<&'static str> = const { std::cell::Cell::new("") };
}

/// Defines the weights of a file, and lists them for the tests.
macro_rules! weights {
    ($type:ty; $($(#[$doc:meta])+ $name:ident = $worth:expr, off $off:expr;)+) => {
        $($(#[$doc])+ const $name: crate::text::Weight<$type> =
            crate::text::Weight::new(stringify!($name), $worth, $off);)+

        #[cfg(test)]
        pub(crate) const WEIGHTS: &[&str] = &[$(stringify!($name)),+];
    };
}

pub(crate) use weights;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: &str, bytes: &[u8], expected: &str, invalid_at: &[u64]) {
        let encoding = Encoding::for_label(encoding).unwrap();
        for size in [1, 2, 3, 7, bytes.len().max(1)] {
            let (mut decoder, mut text, mut found) =
                (Decoder::new(encoding), String::new(), Vec::new());
            for chunk in bytes.chunks(size) {
                decoder.feed(chunk, &mut text);
                found.extend_from_slice(decoder.invalid());
            }
            decoder.finish(&mut text);
            found.extend_from_slice(decoder.invalid());
            assert_eq!(text, expected, "{encoding} in chunks of {size}");
            assert_eq!(
                found.iter().map(|i| i.byte_offset).collect::<Vec<_>>(),
                invalid_at,
                "{encoding} in chunks of {size}"
            );
            for i in &found {
                assert!(text[usize::try_from(i.text_offset).unwrap()..].starts_with('\u{FFFD}'));
            }
        }
    }

    #[test]
    fn decodes_the_same_text_from_chunks_of_any_size() {
        check(
            "utf-8",
            "\u{FEFF}Nurhayé 文 😀".as_bytes(),
            "Nurhayé 文 😀",
            &[],
        );
        check(
            "utf-16le",
            b"\xFF\xFEN\0\xE9\0\x3D\xD8\x00\xDE",
            "Né😀",
            &[],
        );
        check("utf-16be", b"\0N\0\xE9", "Né", &[]);
        check("windows-1252", b"\x93caf\xE9\x94 \x80", "“café” €", &[]);
        check("shift_jis", b"\x93\xFA\x96{,1", "日本,1", &[]);
        check("ibm437", b"M\x81ller", "Müller", &[]);
        check("utf-32le", b"\xFF\xFE\0\0N\0\0\0\x00\xF6\x01\0", "N😀", &[]);
        check("utf-32be", b"\0\0\0N", "N", &[]);
    }

    #[test]
    fn tells_where_bytes_are_not_valid() {
        check(
            "utf-8",
            b"a\xFFb\xC3(c\xE6\x96",
            "a\u{FFFD}b\u{FFFD}(c\u{FFFD}",
            &[1, 3, 6],
        );
        check("utf-16le", b"a\0\x00\xD8b\0", "a\u{FFFD}b", &[2]);
        check(
            "utf-32le",
            b"a\0\0\0\0\0\x11\0b\0",
            "a\u{FFFD}\u{FFFD}",
            &[4, 8],
        );
    }
}
