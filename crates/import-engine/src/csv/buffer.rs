//! The decoded text that has not been read yet, with the places of its special bytes: the few that matter to a record reader among the many
//! that do not. Knows no records and no grammar.
//!
//! What it buys: the reader walks from one special byte to the next and never looks at those between, which is why reading takes about half
//! of the time of the `csv` crate, whose state machine sees every byte.
//!
//! What breaks it: a comparison in [`hits`] that depends on another byte, or an early end. The vectors are those of the crate `wide`, which
//! has the instruction that gathers a bit of each byte without unsafe code here; written as a loop, the same took twice the instructions.
//! [`Places::add`] writes eight places without asking how many there are, because a wrong guess of the processor costs more than eight
//! stores; a loop over the bits that are set is slower on ordinary rows.
//!
//! How to measure: `cargo bench -p import-engine -- read` beside the `csv` crate's read on the same bytes, in turns with the commit before.

use wide::u8x16;

use super::{Dialect, reader::Damage};
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
    /// A typographic quote that may open a cell has come.
    pub(super) is_typographic: bool,
    /// How often a place was asked for.
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

    /// The same text, what follows being decoded otherwise. What was decoded so far must be ASCII.
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
        // Every character beyond ASCII begins with such a byte; what could not be decoded became one of them.
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

    /// Bytes of text before a place, those forgotten included.
    pub(super) fn passed(&self, place: usize) -> u64 {
        self.dropped + place as u64
    }

    /// Forgets the text before `start`, which becomes 0 then. Not while more of it is to come than has passed: what is to
    /// come is moved.
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
        // Text may be skipped unseen.
        self.scanned = self.scanned.saturating_sub(start);
        true
    }

    /// Where the `i`-th special byte of the index stands; `None` when the text has no more.
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

    /// The places of the next special bytes from the `from`-th one on, at most this many: those that are in the index already.
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

    /// Forgets the places before the `cursor`-th, which becomes the 0th; only now and then, as the rest moves.
    pub(super) fn trim_index(&mut self, cursor: &mut usize) {
        const OFTEN: usize = 4 << 10;
        // The window of a scan may end between the two bytes of a line break: the second one has to be in the index before it
        // can be forgotten, or it is met again as the first one of the next record.
        if *cursor > self.index.len() {
            self.scan_until(*cursor - 1);
        }
        if *cursor == self.index.len() || *cursor >= OFTEN && *cursor * 2 >= self.index.len() {
            self.index.forget(*cursor);
            *cursor = 0;
        }
    }

    /// The position in the index of the first special byte at or after an offset of the text; everything before it has been scanned.
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

/// Whether text has a typographic quote that may open a cell. Searched for by its bytes: a search by characters takes longer
/// than reading the records.
fn has_typographic_quote(text: &[u8]) -> bool {
    /// How general punctuation begins in UTF-8; the third byte tells which.
    const PUNCTUATION: u8 = 0xE2;
    /// How `«` begins.
    const GUILLEMET: u8 = 0xC2;
    memchr::memchr2_iter(PUNCTUATION, GUILLEMET, text).any(|at| {
        matches!(
            text.get(at..).unwrap_or_default(),
            [PUNCTUATION, 0x80, 0x98 | 0x9A | 0x9C | 0x9E, ..] | [GUILLEMET, 0xAB, ..]
        )
    })
}

/// Bytes that begin a character beyond ASCII. In pieces that a byte can count, which become vector instructions.
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
    /// A line feed when the dialect has no quote.
    pub(super) quote: u8,
    /// A line feed when the dialect has no escape.
    pub(super) escape: u8,
}

/// Looked through at a time: small enough that text and index stay in the fastest cache.
const WINDOW: usize = 16 << 10;

const BLOCK: usize = 64;

/// Where the special bytes of a text stand, in order.
///
/// A vector that is longer than what it holds, so that a block's places are written without a question for each: how many
/// they are is what a processor cannot foresee.
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

    /// This many of those from the `from`-th one on, or all that there are.
    #[inline]
    pub(super) fn next(&self, from: usize, most: usize) -> &[usize] {
        let to = self.len.min(from.saturating_add(most));
        self.all.get(from..to).unwrap_or_default()
    }

    /// The number of those before a place of the text.
    pub(super) fn before(&self, place: usize) -> usize {
        self.all[..self.len].partition_point(|&at| at < place)
    }

    /// Forgets the first ones.
    fn forget(&mut self, count: usize) {
        let count = count.min(self.len);
        self.all.copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// The text begins so much later.
    fn shift(&mut self, by: usize) {
        self.all[..self.len].iter_mut().for_each(|at| *at -= by);
    }

    /// Adds the place of each bit, counted from `base`. Runs for every block; called, it would save and restore the vectors.
    #[inline(always)]
    fn add(&mut self, base: usize, mut hits: u64) {
        /// Most blocks have no more.
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
            // Places beyond the count are overwritten by the next block's.
            first.fill_with(&mut next);
        }
        if count > AT_ONCE {
            room[AT_ONCE..count].fill_with(&mut next);
        }
        self.len += count;
    }
}

impl Specials {
    /// Appends to `places` where in `bytes[from..to]` a special byte stands.
    fn scan(self, bytes: &[u8], from: usize, to: usize, places: &mut Places) {
        let Some(window) = bytes.get(from..to) else {
            return;
        };
        // Few dialects have an escape; without it there is a comparison less for every byte.
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
