//! Bytes in chunks of any size become UTF-8 text; says where bytes were not valid. Knows no lines and no cells.

use crate::Encoding;

/// Turns the bytes of a file into text as they come.
///
/// Feed chunks of any size: the text is the same as if the whole file had come at once. A byte order mark of the encoding at
/// the start is dropped. A sequence that is not valid becomes one U+FFFD, and its place is told.
///
/// ```
/// use import_engine::{Decoder, Encoding};
///
/// let mut decoder = Decoder::new(Encoding::UTF_8);
/// let mut text = String::new();
/// decoder.feed(b"Nurha\xC3", &mut text);
/// decoder.feed(b"\xA9, M\xFCller", &mut text);
/// assert_eq!(text, "Nurhaé, M\u{FFFD}ller");
/// assert_eq!(decoder.invalid().len(), 1);
/// assert_eq!(decoder.invalid()[0].byte_offset, 11); // from the start of the file
/// assert_eq!(decoder.invalid()[0].text_offset, 10); // from the start of all text decoded so far
/// decoder.finish(&mut text);
/// assert!(decoder.invalid().is_empty()); // those of the last call only
/// ```
#[derive(Debug)]
pub struct Decoder {
    encoding: Encoding,
    invalid: Vec<InvalidBytes>,
}

/// Where bytes were not valid in the encoding.
///
/// ```
/// let place = import_engine::InvalidBytes { byte_offset: 3, text_offset: 3 };
/// assert_eq!(place.byte_offset, 3);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidBytes {
    /// Offset of the first invalid byte from the start of the file, byte order mark included.
    pub byte_offset: u64,
    /// Offset of its U+FFFD in the text, in UTF-8 bytes from the start of all text this decoder gave.
    pub text_offset: u64,
}

impl Decoder {
    /// A decoder at the start of a file.
    #[must_use]
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            invalid: Vec::new(),
        }
    }

    /// Decodes `bytes` onto the end of `text`. Bytes of a character that is not complete yet wait for the next call.
    pub fn feed(&mut self, bytes: &[u8], text: &mut String) {
        self.invalid.clear();
        let _ = (bytes, text);
        unimplemented!()
    }

    /// Says that no bytes follow: a character left incomplete becomes one U+FFFD.
    pub fn finish(&mut self, text: &mut String) {
        self.invalid.clear();
        let _ = text;
        unimplemented!()
    }

    /// Invalid sequences met by the last call, in order.
    #[must_use]
    pub fn invalid(&self) -> &[InvalidBytes] {
        &self.invalid
    }

    /// The encoding this decoder was made for.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }
}
