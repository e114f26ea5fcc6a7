//! Finds the few bytes that matter to a record reader among the many that do not. Knows no grammar.

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

impl Specials {
    /// Appends to `index` where in `bytes[from..to]` a special byte stands.
    #[allow(
        clippy::needless_bitwise_bool,
        reason = "without branches the loop becomes vector instructions"
    )]
    pub(super) fn scan(self, bytes: &[u8], from: usize, to: usize, index: &mut Vec<usize>) {
        let Some(window) = bytes.get(from..to) else {
            return;
        };
        // Few dialects have an escape; without it there is a comparison less for every byte.
        if self.escape == b'\n' {
            scan_window(window, from, index, |byte| self.is_common(byte));
        } else {
            scan_window(window, from, index, |byte| {
                self.is_common(byte) | (byte == self.escape)
            });
        }
    }

    #[allow(
        clippy::needless_bitwise_bool,
        reason = "without branches the loop becomes vector instructions"
    )]
    #[inline]
    fn is_common(self, byte: u8) -> bool {
        (byte == self.delimiter) | (byte == self.quote) | (byte == b'\n') | (byte == b'\r')
    }
}

#[inline]
fn scan_window(
    window: &[u8],
    from: usize,
    index: &mut Vec<usize>,
    is_special: impl Fn(u8) -> bool + Copy,
) {
    let (blocks, rest) = window.as_chunks::<BLOCK>();
    for (number, block) in blocks.iter().enumerate() {
        let base = from + number * BLOCK;
        let mut hits = hits(block, is_special);
        index.reserve(BLOCK);
        while hits != 0 {
            index.push(base + hits.trailing_zeros() as usize);
            hits &= hits - 1;
        }
    }
    let base = from + window.len() - rest.len();
    let found = rest
        .iter()
        .enumerate()
        .filter(|(_, byte)| is_special(**byte));
    index.extend(found.map(|(i, _)| base + i));
}

/// One bit per byte of the block. The first loop becomes vector comparisons; the product gathers the lowest bits of eight
/// bytes into one.
#[inline]
fn hits(block: &[u8; BLOCK], is_special: impl Fn(u8) -> bool) -> u64 {
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut marks = [0_u8; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        *mark = u8::from(is_special(*byte));
    }
    let (words, _) = marks.as_chunks::<8>();
    words.iter().enumerate().fold(0, |hits, (i, word)| {
        hits | (u64::from_le_bytes(*word).wrapping_mul(GATHER) >> 56) << (8 * i)
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
            let mut found = Vec::new();
            specials.scan(&bytes, 0, length, &mut found);
            assert_eq!(found, expected);
        }
    }
}
