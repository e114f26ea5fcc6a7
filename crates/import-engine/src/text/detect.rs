//! Finds the encoding of a file from its bytes: what is kept of them in constant memory, byte order marks, UTF-16 and
//! UTF-32 by their zero bytes, UTF-8 by validation of every byte, and the legacy encodings by weighing. All that it
//! assumes of CSV is that tables are full of ASCII.

use super::{Encoding, Kind, legacy};

/// The verdict on a file's encoding.
#[derive(Debug)]
pub(crate) struct Detected {
    pub(crate) encoding: Encoding,
    pub(crate) bom: bool,
    pub(crate) confidence: f32,
    pub(crate) runner_up: Option<Encoding>,
    pub(crate) ambiguous: bool,
    /// The number of invalid sequences and the offset of the first, if the file is UTF-8 except for these.
    pub(crate) invalid: Option<(u64, u64)>,
}

impl Detected {
    fn sure(encoding: Encoding, bom: bool, confidence: f32) -> Self {
        Self {
            encoding,
            bom,
            confidence,
            runner_up: None,
            ambiguous: false,
            invalid: None,
        }
    }
}

/// Byte order marks, longest first: UTF-32's begins like UTF-16's.
const MARKS: [(&[u8], Encoding); 5] = [
    (b"\xFF\xFE\0\0", Encoding::UTF_32LE),
    (b"\0\0\xFE\xFF", Encoding::UTF_32BE),
    (b"\xEF\xBB\xBF", Encoding::UTF_8),
    (b"\xFF\xFE", Encoding::UTF_16LE),
    (b"\xFE\xFF", Encoding::UTF_16BE),
];

/// The byte order mark at the start of a file, and its length.
pub(crate) fn byte_order_mark(head: &[u8]) -> Option<(Encoding, usize)> {
    MARKS
        .iter()
        .find(|(mark, _)| head.starts_with(mark))
        .map(|(mark, encoding)| (*encoding, mark.len()))
}

pub(crate) fn detect(evidence: &Evidence) -> Detected {
    if let Some((encoding, _)) = byte_order_mark(&evidence.head) {
        let mut detected = Detected::sure(encoding, true, 1.0);
        if encoding == Encoding::UTF_8 {
            detected.invalid = damage(evidence);
        }
        return detected;
    }
    if let Some(encoding) = wide(&evidence.head) {
        return Detected::sure(encoding, false, 0.97);
    }
    let utf8 = &evidence.utf8;
    if utf8.invalid == 0 && (utf8.multibyte > 0 || !utf8.cut()) {
        if utf8.multibyte == 0 {
            return seven_bit(&evidence.head);
        }
        let confidence = if utf8.multibyte > 3 { 0.99 } else { 0.95 };
        return Detected::sure(Encoding::UTF_8, false, confidence);
    }
    // Valid sequences do not occur by chance: at most one in some thirty pairs of legacy bytes is valid UTF-8.
    if utf8.multibyte > 2 * utf8.invalid {
        let mut detected = Detected::sure(Encoding::UTF_8, false, 0.85);
        detected.invalid = damage(evidence);
        detected.runner_up = Some(legacy::weigh(&evidence.sample).encoding);
        return detected;
    }
    let weighed = legacy::weigh(&evidence.sample);
    // The logistic function of the margin: 0 nats are a coin toss.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number between 0.5 and 1"
    )]
    let confidence = (1.0 / (1.0 + (-weighed.margin / 2.0).exp())) as f32;
    Detected {
        encoding: weighed.encoding,
        bom: false,
        confidence: confidence.min(0.98),
        runner_up: weighed.runner_up,
        ambiguous: weighed.margin < 1.5,
        invalid: None,
    }
}

fn damage(evidence: &Evidence) -> Option<(u64, u64)> {
    evidence
        .utf8
        .first_invalid
        .map(|first| (evidence.utf8.invalid, first))
}

/// The encoding of bytes that are all ASCII: UTF-8, unless they contain the escapes of ISO-2022-JP.
fn seven_bit(head: &[u8]) -> Detected {
    let japanese = [&b"\x1B$B"[..], b"\x1B$@", b"\x1B(J"]
        .iter()
        .any(|escape| memchr::memmem::find(head, escape).is_some());
    if japanese && !encoding_rs::ISO_2022_JP.decode_without_bom_handling(head).1 {
        return Detected::sure(
            Encoding(Kind::Whatwg(encoding_rs::ISO_2022_JP)),
            false,
            0.95,
        );
    }
    Detected::sure(Encoding::UTF_8, false, 0.99)
}

/// UTF-16 or UTF-32 without a byte order mark: every delimiter, digit and line end of a table has zero bytes.
fn wide(head: &[u8]) -> Option<Encoding> {
    let head = &head[..head.len().min(16 * 1024)];
    if head.len() < 4 || memchr::memchr(0, head).is_none() {
        return None;
    }
    let zeros = |offset: usize, step: usize| {
        head.iter()
            .skip(offset)
            .step_by(step)
            .filter(|&&b| b == 0)
            .count()
    };
    let quarter = head.len() / 4;
    let by_four: Vec<usize> = (0..4).map(|i| zeros(i, 4)).collect();
    if quarter >= 2 && by_four[1] == quarter + usize::from(head.len() % 4 > 1)
        || by_four[2] == quarter && by_four[1] * 10 > quarter * 9
    {
        let top = |i: usize| by_four[i] * 10 >= quarter * 9;
        if top(2) && top(3) && !top(0) && plausible(Encoding::UTF_32LE, head) {
            return Some(Encoding::UTF_32LE);
        }
        if top(0) && top(1) && !top(3) && plausible(Encoding::UTF_32BE, head) {
            return Some(Encoding::UTF_32BE);
        }
    }
    let (even, odd) = (zeros(0, 2), zeros(1, 2));
    let first = if odd >= even {
        [Encoding::UTF_16LE, Encoding::UTF_16BE]
    } else {
        [Encoding::UTF_16BE, Encoding::UTF_16LE]
    };
    first.into_iter().find(|&e| plausible(e, head))
}

/// Whether `head` makes sense as text of this encoding: valid, no control characters, and some of the ASCII that tables have.
fn plausible(encoding: Encoding, head: &[u8]) -> bool {
    let mut decoder = super::Decoder::new(encoding);
    let mut text = String::new();
    decoder.feed(head, &mut text);
    if decoder.invalid().len() * 50 > text.len() {
        return false;
    }
    let (mut ascii, mut odd, mut swapped, mut all) = (0usize, 0usize, 0usize, 0usize);
    for c in text.chars() {
        all += 1;
        match c {
            '\t' | '\n' | '\r' | ' '..='~' => ascii += 1,
            '\0'..='\u{1F}'
            | '\u{7F}'..='\u{9F}'
            | '\u{E000}'..='\u{F8FF}'
            | '\u{FFF0}'..='\u{FFFF}' => odd += 1,
            // Pairs of ASCII bytes read as one unit, or ASCII with its bytes swapped.
            _ if u32::from(c).trailing_zeros() >= 8 => swapped += 1,
            _ => {}
        }
    }
    all > 0 && odd * 20 <= all && swapped * 4 <= all && ascii * 20 >= all
}

// What is kept of a file's bytes to recognise it, in constant memory and independent of how the bytes were chunked: the
// head, a running UTF-8 validation of everything, samples around non-ASCII bytes, a count of escaped quotes.

/// Raw bytes kept of the start of the file.
pub(crate) const HEAD: usize = 128 * 1024;
/// Bytes kept from around the first non-ASCII bytes, and again, thinned out, from the rest of the file. chardetng reads
/// about 10 MB/s, so this limits the time for a legacy file.
const SAMPLE: usize = 6 * 1024;
/// ASCII bytes kept on each side of a run of non-ASCII bytes: enough for the word.
const CONTEXT: usize = 12;

/// What is kept of a file's bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) head: Vec<u8>,
    pub(crate) utf8: Utf8Check,
    pub(crate) total: u64,
    pub(crate) sample: Vec<u8>,
    /// The last ASCII bytes that are not in the sample, as context of the next non-ASCII byte.
    before: Vec<u8>,
    /// ASCII bytes still to be kept after the last non-ASCII byte.
    after: usize,
    /// No sampling before this offset, once the first part of the sample is full.
    resume_at: u64,
    /// Quotes after a backslash and before a letter or digit, in the whole file: a writer that doubles quotes never
    /// writes `\"so`.
    pub(crate) escaped_quotes: u64,
    /// The last two bytes, for sequences that are cut by chunks.
    seam: Vec<u8>,
}

impl Evidence {
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        let room = HEAD.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.utf8.feed(bytes, self.total);
        self.gather(bytes);
        self.count_escapes(bytes);
        self.total += bytes.len() as u64;
    }

    fn count_escapes(&mut self, bytes: &[u8]) {
        let escaped = |three: &[u8]| matches!(three, [b'\\', b'"', behind, ..] if behind.is_ascii_alphanumeric() || *behind >= 0x80);
        let cut = self.seam.len();
        self.seam.extend_from_slice(&bytes[..bytes.len().min(2)]);
        let across = (0..cut).filter(|&i| escaped(&self.seam[i..])).count();
        let within = memchr::memchr_iter(b'\\', bytes)
            .filter(|&i| escaped(&bytes[i..]))
            .count();
        self.escaped_quotes += (across + within) as u64;
        if bytes.len() > 2 {
            self.seam.clear();
            self.seam.extend_from_slice(&bytes[bytes.len() - 2..]);
        }
        let excess = self.seam.len().saturating_sub(2);
        self.seam.drain(..excess);
    }

    fn gather(&mut self, bytes: &[u8]) {
        let mut i = 0;
        while i < bytes.len() {
            if self.sample.len() >= 2 * SAMPLE {
                return;
            }
            let byte = bytes[i];
            if byte >= 0x80 {
                if self.after == 0 {
                    if self.total + (i as u64) < self.resume_at {
                        self.before.clear();
                        i += 1;
                        continue;
                    }
                    self.sample.push(b'\n');
                    self.sample.append(&mut self.before);
                }
                self.sample.push(byte);
                self.after = CONTEXT;
                i += 1;
            } else if self.after > 0 {
                self.sample.push(byte);
                self.after -= 1;
                if self.after == 0 && self.sample.len() >= SAMPLE {
                    // The first part is full: from here on, one window per ever longer range, to cover all of a long
                    // file.
                    let here = self.total + i as u64;
                    self.resume_at = here + here / 16;
                }
                i += 1;
            } else {
                let run = encoding_rs::Encoding::ascii_valid_up_to(&bytes[i..]);
                let run = &bytes[i..i + run];
                let keep = &run[run.len().saturating_sub(CONTEXT)..];
                self.before.extend_from_slice(keep);
                let excess = self.before.len().saturating_sub(CONTEXT);
                self.before.drain(..excess);
                i += run.len();
            }
        }
    }
}

/// A running validation of UTF-8 over everything fed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Utf8Check {
    /// Complete characters of more than one byte.
    pub(crate) multibyte: u64,
    /// Sequences that are not valid.
    pub(crate) invalid: u64,
    /// File offset of the first of them.
    pub(crate) first_invalid: Option<u64>,
    /// The start of a character whose rest has not been fed yet.
    pending: Vec<u8>,
}

impl Utf8Check {
    fn feed(&mut self, bytes: &[u8], offset: u64) {
        let mut rest = bytes;
        let mut offset = offset;
        while !self.pending.is_empty() && !rest.is_empty() {
            // At most three rounds: a character is complete or broken after four bytes.
            let start = offset - self.pending.len() as u64;
            self.pending.push(rest[0]);
            let joined = std::mem::take(&mut self.pending);
            match std::str::from_utf8(&joined) {
                Ok(_) => {
                    self.multibyte += 1;
                    (rest, offset) = (&rest[1..], offset + 1);
                }
                Err(e) if e.error_len().is_none() => {
                    self.pending = joined;
                    (rest, offset) = (&rest[1..], offset + 1);
                }
                // The new byte broke the character and is examined again by itself.
                Err(_) => self.mark(start),
            }
        }
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => return self.multibyte += lead_bytes(text.as_bytes()),
                Err(e) => {
                    let (valid, bad) = rest.split_at(e.valid_up_to());
                    self.multibyte += lead_bytes(valid);
                    let Some(length) = e.error_len() else {
                        self.pending = bad.to_vec();
                        return;
                    };
                    self.mark(offset + valid.len() as u64);
                    offset += (valid.len() + length) as u64;
                    rest = &bad[length..];
                }
            }
        }
    }

    fn mark(&mut self, offset: u64) {
        self.invalid += 1;
        self.first_invalid.get_or_insert(offset);
    }

    /// Whether the bytes end inside a character.
    pub(crate) fn cut(&self) -> bool {
        !self.pending.is_empty()
    }
}

fn lead_bytes(valid: &[u8]) -> u64 {
    if valid.is_ascii() {
        0
    } else {
        valid.iter().filter(|&&b| b >= 0xC0).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_same_evidence_for_chunks_of_any_size() {
        let mut bytes = "nama,kota\nSiti,Yogyakarta\n".repeat(400).into_bytes();
        for i in 0..900usize {
            bytes.extend_from_slice(b"plain text,");
            bytes.extend_from_slice(["Nurhayé", "文字", "😀", "a\u{301}"][i % 4].as_bytes());
            if i % 2 == 0 {
                bytes.extend_from_slice(b"\"\\\"so\\\"\",");
            }
            if i % 7 == 0 {
                bytes.extend_from_slice(b"\xE9\xC3(");
            }
        }
        let mut whole = Evidence::default();
        whole.feed(&bytes);
        for size in [1, 2, 5, 64, 4096] {
            let mut parts = Evidence::default();
            bytes.chunks(size).for_each(|c| parts.feed(c));
            assert_eq!(parts.sample, whole.sample);
            assert_eq!(parts.head, whole.head);
            assert_eq!(parts.escaped_quotes, 450);
            assert_eq!(parts.utf8.multibyte, whole.utf8.multibyte);
            assert_eq!(
                (parts.utf8.invalid, parts.utf8.first_invalid),
                (whole.utf8.invalid, whole.utf8.first_invalid)
            );
        }
        assert!(whole.sample.len() < 3 * SAMPLE);
    }
}
