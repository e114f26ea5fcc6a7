//! From the evidence of a file's bytes to its encoding: byte order marks, UTF-16 and UTF-32 by their zero bytes, UTF-8 by
//! validation of every byte, and the legacy encodings by weighing. Knows no CSV beyond that tables are full of ASCII.

use super::{Encoding, Kind, evidence::Evidence, legacy};

/// The verdict on a file's encoding.
#[derive(Debug)]
pub(crate) struct Detected {
    pub(crate) encoding: Encoding,
    pub(crate) bom: bool,
    pub(crate) confidence: f32,
    pub(crate) runner_up: Option<Encoding>,
    pub(crate) ambiguous: bool,
    /// Invalid sequences and the offset of the first, where the file is UTF-8 but for these.
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
    // Valid sequences do not come about by chance: one in some thirty pairs of legacy bytes is valid UTF-8 at best.
    if utf8.multibyte > 2 * utf8.invalid {
        let mut detected = Detected::sure(Encoding::UTF_8, false, 0.85);
        detected.invalid = damage(evidence);
        detected.runner_up = Some(legacy::weigh(&evidence.sample).encoding);
        return detected;
    }
    let weighed = legacy::weigh(&evidence.sample);
    // A logistic of the margin: 0 nats is a coin toss.
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

/// Bytes that are all ASCII: UTF-8, unless the escapes of ISO-2022-JP are in them.
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

/// UTF-16 or UTF-32 without a byte order mark: every delimiter, digit and line end of a table brings its zero bytes.
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
