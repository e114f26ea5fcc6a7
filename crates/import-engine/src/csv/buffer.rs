//! The decoded text that has not been read yet, with the offsets of its special bytes: the few that matter to a record
//! reader among the many that do not.
//!
//! Why it exists: the reader goes from one special byte to the next and never reads those between, so that it takes about
//! half of the time of the `csv` crate, whose state machine sees every byte.
//!
//! What breaks it: a comparison in [`hits`] that depends on another byte, or an early exit. The vectors are those of the
//! crate `wide`, which provides the instruction that gathers one bit of each byte without unsafe code here; as a loop,
//! the same took twice the instructions. [`Places::add`] writes eight offsets without checking how many there are,
//! because a mispredicted branch costs more than eight stores; a loop over the bits that are set is slower on ordinary
//! rows.
//!
//! How to measure: `cargo bench -p import-engine -- read` next to the `csv` crate's read of the same bytes, in turns with
//! the previous commit.

use wide::u8x16;

use super::{Damage, Dialect};
use crate::text::{Decoder, Encoding};

#[derive(Debug)]
pub(super) struct Buffer {
    decoder: Decoder,
    pub(super) text: String,
    /// Bytes of text dropped so far.
    dropped: u64,
    specials: Specials,
    scanned: usize,
    index: Places,
    /// NUL characters and undecodable bytes, in order.
    bad: Vec<(usize, Damage)>,
    pub(super) finished: bool,
    /// Letters beyond ASCII that were decoded, and sequences that could not be.
    pub(super) letters: u64,
    pub(super) invalid: u64,
    /// Whether a typographic quote that may open a cell has occurred.
    pub(super) is_typographic: bool,
    /// How often an offset was requested.
    #[cfg(test)]
    pub(super) asked: u64,
}

impl Buffer {
    pub(super) fn new(dialect: &Dialect, specials: Specials) -> Self {
        Self {
            decoder: Decoder::new(dialect.encoding),
            text: String::new(),
            dropped: 0,
            specials,
            scanned: 0,
            index: Places::default(),
            bad: Vec::new(),
            finished: false,
            letters: 0,
            invalid: 0,
            is_typographic: false,
            #[cfg(test)]
            asked: 0,
        }
    }

    /// A copy that decodes the rest with another encoding. What was decoded so far must be ASCII.
    pub(super) fn redecoded(&self, encoding: Encoding) -> Self {
        Self {
            decoder: Decoder::new(encoding),
            text: self.text.clone(),
            index: self.index.clone(),
            bad: self.bad.clone(),
            ..*self
        }
    }

    pub(super) fn feed(&mut self, bytes: &[u8]) {
        let from = self.text.len();
        self.decoder.feed(bytes, &mut self.text);
        self.note_bad(from);
    }

    pub(super) fn finish(&mut self) {
        if !self.finished {
            let from = self.text.len();
            self.decoder.finish(&mut self.text);
            self.note_bad(from);
            self.finished = true;
        }
    }

    fn note_bad(&mut self, from: usize) {
        let invalid = self.decoder.invalid();
        // Every character beyond ASCII begins with such a byte; bytes that could not be decoded became one of them.
        let begins = beginnings(&self.text.as_bytes()[from..]);
        self.invalid += invalid.len() as u64;
        if begins > 0 && !self.is_typographic {
            self.is_typographic = has_typographic_quote(&self.text.as_bytes()[from..]);
        }
        self.letters += (begins - invalid.len().min(begins)) as u64;
        let first_new = self.bad.len();
        self.bad.extend(invalid.iter().map(|place| {
            let offset = usize::try_from(place.text_offset - self.dropped).unwrap_or(usize::MAX);
            (offset, Damage::InvalidBytes)
        }));
        let nuls = memchr::memchr_iter(0, &self.text.as_bytes()[from..]);
        self.bad.extend(nuls.map(|at| (from + at, Damage::Nul)));
        self.bad[first_new..].sort_unstable_by_key(|(at, _)| *at);
    }

    /// Bytes of text before an offset, including those that were dropped.
    pub(super) fn passed(&self, place: usize) -> u64 {
        self.dropped + place as u64
    }

    /// Drops the text before `start`, which then becomes 0. Does nothing while more text is ahead of `start` than before
    /// it, because that text is moved.
    pub(super) fn drop_before(&mut self, start: usize) -> bool {
        if start == 0 || start * 2 < self.text.len() {
            return false;
        }
        self.text.drain(..start);
        self.dropped += start as u64;
        self.index.forget(self.index.before(start));
        self.index.shift(start);
        let passed = self.bad.partition_point(|&(at, _)| at < start);
        self.bad.drain(..passed);
        self.bad.iter_mut().for_each(|(at, _)| *at -= start);
        // Text may be skipped without being scanned.
        self.scanned = self.scanned.saturating_sub(start);
        true
    }

    /// The offset of the `i`-th special byte of the index; `None` if the text has no more.
    #[inline]
    pub(super) fn special(&mut self, i: usize) -> Option<usize> {
        #[cfg(test)]
        {
            self.asked += 1;
        }
        match self.index.get(i) {
            Some(at) => Some(at),
            None => self.scan_until(i),
        }
    }

    /// The offsets of the next special bytes from the `from`-th one on, at most this many, and only those that are
    /// already in the index.
    #[inline]
    pub(super) fn places(&self, from: usize, most: usize) -> &[usize] {
        self.index.next(from, most)
    }

    #[cold]
    fn scan_until(&mut self, i: usize) -> Option<usize> {
        while i >= self.index.len() && self.scanned < self.text.len() {
            let to = (self.scanned + WINDOW).min(self.text.len());
            self.specials
                .scan(self.text.as_bytes(), self.scanned, to, &mut self.index);
            self.scanned = to;
        }
        self.index.get(i)
    }

    /// Drops the offsets before the `cursor`-th, which becomes the 0th; only occasionally, because the rest is moved.
    pub(super) fn trim_index(&mut self, cursor: &mut usize) {
        const OFTEN: usize = 4 << 10;
        // The window of a scan may end between the two bytes of a line break: the second one must be in the index before
        // it can be dropped, or it would be read again as the first one of the next record.
        if *cursor > self.index.len() {
            self.scan_until(*cursor - 1);
        }
        if *cursor == self.index.len() || *cursor >= OFTEN && *cursor * 2 >= self.index.len() {
            self.index.forget(*cursor);
            *cursor = 0;
        }
    }

    /// The position in the index of the first special byte at or after an offset of the text; everything before it is
    /// scanned first.
    pub(super) fn cursor_at(&mut self, position: usize) -> usize {
        while self.scanned < position {
            let next = self.index.len();
            if self.scan_until(next).is_none() {
                break;
            }
        }
        self.index.before(position)
    }

    /// The first NUL or undecodable byte in a range of the text.
    #[inline]
    pub(super) fn bad_in(&self, from: usize, to: usize) -> Option<Damage> {
        if self.bad.is_empty() {
            return None;
        }
        let first = self.bad.partition_point(|&(at, _)| at < from);
        self.bad
            .get(first)
            .filter(|(at, _)| *at < to)
            .map(|(_, damage)| *damage)
    }
}

/// Whether text has a typographic quote that may open a cell. It is searched by its bytes: a search by characters takes
/// longer than reading the records.
fn has_typographic_quote(text: &[u8]) -> bool {
    /// The first byte of general punctuation in UTF-8; the third byte tells which it is.
    const PUNCTUATION: u8 = 0xE2;
    /// The first byte of `«`.
    const GUILLEMET: u8 = 0xC2;
    memchr::memchr2_iter(PUNCTUATION, GUILLEMET, text).any(|at| {
        matches!(
            text.get(at..).unwrap_or_default(),
            [PUNCTUATION, 0x80, 0x98 | 0x9A | 0x9C | 0x9E, ..] | [GUILLEMET, 0xAB, ..]
        )
    })
}

/// The number of bytes that begin a character beyond ASCII. Counted in blocks whose counts fit into a byte, which compile
/// to vector instructions.
fn beginnings(bytes: &[u8]) -> usize {
    bytes
        .chunks(192)
        .map(|piece| usize::from(piece.iter().map(|byte| u8::from(*byte >= 0xC0)).sum::<u8>()))
        .sum()
}

/// The bytes that can end a cell or change what the next byte means.
#[derive(Clone, Copy, Debug)]
pub(super) struct Specials {
    pub(super) delimiter: u8,
    /// A line feed if the dialect has no quote.
    pub(super) quote: u8,
    /// A line feed if the dialect has no escape.
    pub(super) escape: u8,
}

/// Bytes scanned at a time: few enough that text and index stay in the fastest cache.
const WINDOW: usize = 16 << 10;

const BLOCK: usize = 64;

/// The offsets of the special bytes of a text, in order.
///
/// A vector that is longer than its contents, so that the offsets of a block are written without a branch for each: their
/// number is what a processor cannot predict.
#[derive(Clone, Debug, Default)]
struct Places {
    all: Vec<usize>,
    len: usize,
}

impl Places {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, i: usize) -> Option<usize> {
        if i < self.len {
            self.all.get(i).copied()
        } else {
            None
        }
    }

    /// At most this many offsets from the `from`-th one on.
    #[inline]
    pub(super) fn next(&self, from: usize, most: usize) -> &[usize] {
        let to = self.len.min(from.saturating_add(most));
        self.all.get(from..to).unwrap_or_default()
    }

    /// The number of offsets before an offset of the text.
    pub(super) fn before(&self, place: usize) -> usize {
        self.all[..self.len].partition_point(|&at| at < place)
    }

    /// Drops the first offsets.
    fn forget(&mut self, count: usize) {
        let count = count.min(self.len);
        self.all.copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// Adjusts the offsets to a text that begins this much later.
    fn shift(&mut self, by: usize) {
        self.all[..self.len].iter_mut().for_each(|at| *at -= by);
    }

    /// Adds the offset of each set bit, counted from `base`. Runs for every block; as a call, it would save and restore
    /// the vectors.
    #[inline(always)]
    fn add(&mut self, base: usize, mut hits: u64) {
        /// Most blocks have no more special bytes.
        const AT_ONCE: usize = 8;
        let count = hits.count_ones() as usize;
        if self.all.len() < self.len + BLOCK {
            self.all.resize((self.len + BLOCK) * 2, 0);
        }
        let room = &mut self.all[self.len..];
        let mut next = || {
            let at = base + hits.trailing_zeros() as usize;
            hits &= hits.wrapping_sub(1);
            at
        };
        if let Some(first) = room.first_chunk_mut::<AT_ONCE>() {
            // Offsets beyond the count are overwritten by those of the next block.
            first.fill_with(&mut next);
        }
        if count > AT_ONCE {
            room[AT_ONCE..count].fill_with(&mut next);
        }
        self.len += count;
    }
}

impl Specials {
    /// Appends the offsets of the special bytes in `bytes[from..to]` to `places`.
    fn scan(self, bytes: &[u8], from: usize, to: usize, places: &mut Places) {
        let Some(window) = bytes.get(from..to) else {
            return;
        };
        // Few dialects have an escape; without one, there is one comparison less for every byte.
        if self.escape == b'\n' {
            let wanted = [self.delimiter, self.quote, b'\n', b'\r'];
            scan_window(window, from, places, wanted);
        } else {
            let wanted = [self.delimiter, self.quote, b'\n', b'\r', self.escape];
            scan_window(window, from, places, wanted);
        }
    }
}

#[inline]
fn scan_window<const N: usize>(window: &[u8], from: usize, places: &mut Places, wanted: [u8; N]) {
    let vectors = wanted.map(u8x16::splat);
    let (blocks, rest) = window.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        places.add(from + number * BLOCK, hits(block, &vectors));
    }
    let hits = rest
        .iter()
        .rev()
        .fold(0, |hits, byte| hits << 1 | u64::from(wanted.contains(byte)));
    places.add(from + window.len() - rest.len(), hits);
}

/// One bit per byte of the block.
#[inline]
fn hits<const N: usize>(block: &[u8; BLOCK], wanted: &[u8x16; N]) -> u64 {
    let (vectors, _) = block.as_chunks();
    vectors.iter().enumerate().fold(0, |hits, (i, bytes)| {
        let bytes = u8x16::new(*bytes);
        let found = wanted
            .iter()
            .fold(u8x16::ZERO, |found, wanted| found | bytes.simd_eq(*wanted));
        hits | u64::from(found.to_bitmask()) << (16 * i)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_special_byte_wherever_it_stands() {
        let specials = Specials {
            delimiter: b';',
            quote: b'"',
            escape: b'\\',
        };
        for length in 0..200 {
            let bytes: Vec<u8> = (0..length)
                .map(|i: usize| b"a;b\"c\nd\re\\fgh"[i * i % 13])
                .collect();
            let expected: Vec<usize> = (0..length)
                .filter(|&i| b";\"\n\r\\".contains(&bytes[i]))
                .collect();
            let mut found = Places::default();
            specials.scan(&bytes, 0, length, &mut found);
            assert_eq!(found.all[..found.len], expected);
        }
    }
}
