//! Keyed 128-bit hashes of keys, for which collisions cannot be constructed.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::value::{
    Value,
    text::{fold_into, is_folded},
};

/// Hashes keys with a secret of this run.
///
/// Two independent chains of folded multiplications (the construction of wyhash), each with a secret of its own: 128 bits that
/// cannot be targeted without the secrets, in a few nanoseconds for the short texts that keys are.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher {
    secret: [u64; 4],
    folded: String,
}

impl KeyHasher {
    pub(super) fn new() -> Self {
        // The standard library's own random keys, without another dependency.
        let random = || RandomState::new().build_hasher().finish();
        Self {
            secret: [random(), random(), random(), random()],
            folded: String::new(),
        }
    }

    /// Begins a key.
    #[inline]
    pub(super) fn begin(&mut self) -> KeyHash<'_> {
        KeyHash {
            secret: self.secret,
            first: self.secret[0],
            second: self.secret[3],
            folded: &mut self.folded,
        }
    }
}

/// The two halves of a hash on their way.
pub(super) struct KeyHash<'h> {
    secret: [u64; 4],
    first: u64,
    second: u64,
    folded: &'h mut String,
}

impl KeyHash<'_> {
    /// Adds a value. Each counts with its length, so that `ab`+`c` is not `a`+`bc`.
    #[inline]
    pub(super) fn add(&mut self, value: Value<'_>, fold_case: bool) {
        match value {
            Value::Text(text) if !fold_case || is_folded(text) => self.bytes(text.as_bytes()),
            other => self.add_other(other, fold_case),
        }
    }

    fn add_other(&mut self, value: Value<'_>, fold_case: bool) {
        match value {
            Value::Absent => self.number(0, 0),
            Value::Text(text) | Value::Choice(text) => {
                if fold_case {
                    let mut folded = std::mem::take(self.folded);
                    folded.clear();
                    fold_into(text, &mut folded);
                    self.bytes(folded.as_bytes());
                    *self.folded = folded;
                } else {
                    self.bytes(text.as_bytes());
                }
            }
            Value::Integer(number) => self.number(number.cast_unsigned(), 1),
            Value::Decimal(number) => {
                // 1.50 and 1.5 are one number.
                let mut number = number;
                while number.scale > 0 && number.mantissa % 10 == 0 {
                    number.mantissa /= 10;
                    number.scale -= 1;
                }
                self.number(number.mantissa.cast_unsigned(), 2 + u64::from(number.scale));
            }
            Value::Date(date) => {
                self.number(u64::from(date.to_julian_day().cast_unsigned()), 1);
            }
            Value::DateTime(moment) => self.number(moment.unix_timestamp().cast_unsigned(), 3),
            Value::Bool(yes) => self.number(u64::from(yes), 1),
            Value::Uuid(uuid) => {
                let (high, low) = uuid.as_u64_pair();
                self.number(high, low);
            }
        }
    }

    #[inline]
    fn number(&mut self, a: u64, b: u64) {
        let [s0, s1, s2, s3] = self.secret;
        self.first = folded_product(a ^ s0 ^ self.first, b ^ s1);
        self.second = folded_product(a ^ s2, b ^ s3 ^ self.second);
    }

    /// Blocks of sixteen bytes, and a last one of what is left, nothing perhaps, and its length: no two texts have the same
    /// blocks, whatever follows them.
    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<16>();
        for block in blocks {
            let (a, b) = halves(u128::from_le_bytes(*block));
            self.number(a, b);
        }
        let (a, b) = halves(remainder(bytes, rest) | (rest.len() as u128) << 120);
        self.number(a, b);
    }

    /// The hash, never 0: that marks a free place of the index.
    #[inline]
    pub(super) fn finish(self) -> u128 {
        let [s0, s1, s2, s3] = self.secret;
        let high = folded_product(self.first ^ s2, self.second ^ s1);
        let low = folded_product(self.first ^ s3, self.second ^ s0);
        (u128::from(high) << 64 | u128::from(low)).max(1)
    }
}

/// The last bytes of a text, fewer than sixteen, as a number: read without a loop, those before them shifted out.
#[inline]
fn remainder(bytes: &[u8], rest: &[u8]) -> u128 {
    let shift = |width: usize| u32::try_from(8 * (width - rest.len())).unwrap_or(0);
    if rest.is_empty() {
        0
    } else if let Some(last) = bytes.last_chunk::<16>() {
        u128::from_le_bytes(*last) >> shift(16)
    } else if let (Some(first), Some(last)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        // Both begin within the rest; what they share is at the same offset in both.
        let first = u128::from(u64::from_le_bytes(*first));
        let last = u128::from(u64::from_le_bytes(*last));
        first | last << (64 - shift(16))
    } else {
        rest.iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u128::from(*byte))
    }
}

#[inline]
fn halves(whole: u128) -> (u64, u64) {
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the block")]
    let parts = (whole as u64, (whole >> 64) as u64);
    parts
}

/// Both halves of the product: every bit of both numbers bears on every bit of it.
#[inline]
fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

#[cfg(test)]
impl KeyHasher {
    pub(super) fn hash_all<'v>(
        &mut self,
        values: impl IntoIterator<Item = Value<'v>>,
        fold_case: bool,
    ) -> u128 {
        let mut hash = self.begin();
        values
            .into_iter()
            .for_each(|value| hash.add(value, fold_case));
        hash.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_every_length_have_hashes_of_their_own() {
        let mut hasher = KeyHasher::new();
        let mut seen = std::collections::HashMap::new();
        for length in 0..70 {
            for last in ["", "\0", "a", "\u{1}"] {
                let text = "\0".repeat(length) + last;
                let hash = hasher.hash_all([Value::Text(&text)], false);
                assert_eq!(seen.entry(hash).or_insert_with(|| text.clone()), &text);
            }
        }
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        let mut hasher = KeyHasher::new();
        let mut hash = |a, b| hasher.hash_all([Value::Text(a), Value::Text(b)], false);
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
        assert_eq!(hash("ab", "c"), hash("ab", "c"));
    }
}
