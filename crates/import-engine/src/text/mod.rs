//! Character encodings: their names, how bytes become text ([`Decoder`]), and which one a file is in (the module `detect`).
//! Knows no records and no columns.

mod decoder;
pub(crate) mod detect;
pub(crate) mod legacy;
pub(crate) mod letters;
pub(crate) mod weight;

use std::{fmt, str::FromStr};

use decoder::CodePage;

pub use decoder::{Decoder, InvalidBytes};

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
    /// UTF-16, little end first: Excel's "Unicode Text".
    pub const UTF_16LE: Self = Self(Kind::Whatwg(encoding_rs::UTF_16LE));
    /// UTF-16, big end first.
    pub const UTF_16BE: Self = Self(Kind::Whatwg(encoding_rs::UTF_16BE));
    /// Western European of Windows; "Latin-1" and "ASCII" in practice.
    pub const WINDOWS_1252: Self = Self(Kind::Whatwg(encoding_rs::WINDOWS_1252));
    /// UTF-32, little end first. Not of the WHATWG standard.
    pub const UTF_32LE: Self = Self(Kind::Utf32 { big_endian: false });
    /// UTF-32, big end first. Not of the WHATWG standard.
    pub const UTF_32BE: Self = Self(Kind::Utf32 { big_endian: true });

    /// The encoding of a label in any of its usual spellings, case-insensitively; `None` when unknown.
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

/// `encoding_rs` names encodings in mixed case; the contract asks for lower case.
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
