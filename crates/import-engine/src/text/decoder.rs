//! Bytes in chunks of any size become UTF-8 text; says where bytes were not valid. Knows no lines and no cells.

use encoding_rs::DecoderResult;

use super::{Encoding, Kind, oem::CodePage, utf32::Utf32};

/// Turns the bytes of a file into text as they come.
///
/// Feed chunks of any size: the text is the same as if the whole file had come at once. A byte order mark of the encoding at
/// the start is dropped. An invalid sequence becomes one U+FFFD, and its offset is reported.
///
/// ```
/// use import_engine::recognise::{Decoder, Encoding};
///
/// let mut decoder = Decoder::new(Encoding::UTF_8);
/// let mut text = String::new();
/// decoder.feed(b"Nurha\xC3", &mut text);
/// decoder.feed(b"\xA9, M\xFCller", &mut text);
/// assert_eq!(text, "Nurhaé, M\u{FFFD}ller");
/// assert_eq!(decoder.invalid().len(), 1);
/// assert_eq!(decoder.invalid()[0].byte_offset, 10); // from the start of the file
/// assert_eq!(decoder.invalid()[0].text_offset, 10); // from the start of all text decoded so far
/// decoder.finish(&mut text);
/// assert!(decoder.invalid().is_empty()); // those of the last call only
/// ```
pub struct Decoder {
    encoding: Encoding,
    machine: Machine,
    /// Bytes taken so far, from the start of the file.
    read: u64,
    /// UTF-8 bytes given so far.
    written: u64,
    invalid: Vec<InvalidBytes>,
    /// A small buffer for text after invalid bytes.
    piece: Vec<u8>,
}

/// Text decoded at a time once bytes were invalid.
const PIECE: usize = 1 << 10;

enum Machine {
    Whatwg(encoding_rs::Decoder),
    Oem(&'static CodePage),
    Utf32(Utf32),
}

/// Where bytes were not valid in the encoding.
///
/// ```
/// let place = import_engine::recognise::InvalidBytes { byte_offset: 3, text_offset: 3 };
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
    ///
    /// ```
    /// use import_engine::recognise::{Decoder, Encoding};
    ///
    /// let mut text = String::new();
    /// Decoder::new(Encoding::UTF_16LE).feed(b"\xFF\xFEa\0b\0", &mut text);
    /// assert_eq!(text, "ab");
    /// ```
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

    /// Decodes `bytes` onto the end of `text`. Bytes of a character that is not complete yet wait for the next call.
    ///
    /// ```
    /// use import_engine::recognise::{Decoder, Encoding};
    ///
    /// let mut text = String::new();
    /// Decoder::new(Encoding::WINDOWS_1252).feed(b"Nu\x92man", &mut text);
    /// assert_eq!(text, "Nu’man");
    /// ```
    pub fn feed(&mut self, bytes: &[u8], text: &mut String) {
        self.step(bytes, text, false);
    }

    /// Says that no bytes follow: a character left incomplete becomes one U+FFFD.
    ///
    /// ```
    /// use import_engine::recognise::{Decoder, Encoding};
    ///
    /// let (mut decoder, mut text) = (Decoder::new(Encoding::UTF_8), String::new());
    /// decoder.feed(b"caf\xC3", &mut text);
    /// decoder.finish(&mut text);
    /// assert_eq!(text, "caf\u{FFFD}");
    /// ```
    pub fn finish(&mut self, text: &mut String) {
        self.step(&[], text, true);
        // A finished decoder of encoding_rs must not be fed again; a fresh one makes that harmless.
        self.machine = Self::new(self.encoding).machine;
    }

    /// Invalid sequences met by the last call, in order.
    ///
    /// ```
    /// use import_engine::recognise::{Decoder, Encoding};
    ///
    /// let mut decoder = Decoder::new(Encoding::UTF_8);
    /// decoder.feed(b"a\xFFb\xFF", &mut String::new());
    /// assert_eq!(decoder.invalid().iter().map(|i| i.byte_offset).collect::<Vec<_>>(), [1, 3]);
    /// ```
    #[must_use]
    pub fn invalid(&self) -> &[InvalidBytes] {
        &self.invalid
    }

    /// The encoding this decoder was made for.
    ///
    /// ```
    /// use import_engine::recognise::{Decoder, Encoding};
    ///
    /// assert_eq!(Decoder::new(Encoding::UTF_8).encoding(), Encoding::UTF_8);
    /// ```
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
                        // `None` only where a length overflows; the loop then goes on in smaller steps.
                        text.reserve(room.unwrap_or(4096).min(rest.len().saturating_mul(3) + 64));
                        decoder.decode_to_string_without_replacement(rest, text, last)
                    } else {
                        // `encoding_rs` clears all spare room of a `String` at every call: with an invalid byte at every
                        // step that would be the square of the chunk. A small buffer bounds it.
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
