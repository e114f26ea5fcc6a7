//! Finds the few bytes that matter to a record reader among the many that do not. Knows no grammar.
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
pub(super) const WINDOW: usize = 16 << 10;

const BLOCK: usize = 64;

/// Where the special bytes of a text stand, in order.
///
/// A vector that is longer than what it holds, so that a block's places are written without a question for each: how many
/// they are is what a processor cannot foresee.
#[derive(Clone, Debug, Default)]
pub(super) struct Places {
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
    pub(super) fn forget(&mut self, count: usize) {
        let count = count.min(self.len);
        self.all.copy_within(count..self.len, 0);
        self.len -= count;
    }

    /// The text begins so much later.
    pub(super) fn shift(&mut self, by: usize) {
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
    pub(super) fn scan(self, bytes: &[u8], from: usize, to: usize, places: &mut Places) {
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
