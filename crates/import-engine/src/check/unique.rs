//! Which keys of a file are taken, and by which row. Keeps a 128-bit keyed hash and a row number of each, never the text.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::value::{Value, fold::fold_into};

/// The taken keys of one unique key of a schema.
///
/// About 27 bytes a key: buckets of three in one line of the processor's cache, open addressing, in shards that grow by
/// themselves, so that growing never needs twice the memory. With 128 bits and a secret that the writer of the file does not
/// know, two texts of a file of ten million rows fall together with a chance below 10^-24.
#[derive(Clone, Debug, Default)]
pub(crate) struct UniqueIndex {
    shards: Vec<Shard>,
}

const SHARDS: usize = 64;

/// Fewer keys are put faster than room is made for them.
const WORTH_RESERVING: u64 = 10_000;

#[derive(Clone, Debug, Default)]
struct Shard {
    buckets: Vec<Bucket>,
    taken: usize,
}

/// Keys in one bucket: as many as one line of the cache has room for.
const WIDTH: usize = 3;

#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Bucket {
    /// A free place has the hash 0; taken places come first.
    hashes: [u128; WIDTH],
    rows: [u32; WIDTH],
}

const EMPTY: Bucket = Bucket {
    hashes: [0; WIDTH],
    rows: [0; WIDTH],
};

const _: () = assert!(size_of::<Bucket>() == 64);

/// What a search found.
pub(crate) enum Entry {
    /// The key is taken by this row.
    Taken(u64),
    /// The key is free; where it belongs.
    Free(Place),
}

/// Where a key belongs, as long as nothing else is put into the index.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    shard: usize,
    bucket: usize,
    slot: usize,
    hash: u128,
}

impl UniqueIndex {
    /// Reads where a key would be. Asked of many keys in a row, the processor fetches them together; [`find`](Self::find)
    /// then meets them in its cache instead of waiting for each.
    #[inline]
    pub(crate) fn touch(&self, hash: u128) -> u32 {
        let shard = self.shards.get(shard_of(hash));
        let bucket = shard.and_then(|shard| shard.buckets.get(start(hash, shard.buckets.len())));
        bucket.map_or(0, |bucket| bucket.rows[0])
    }

    /// Makes room for so many keys.
    pub(crate) fn reserve(&mut self, keys: u64) {
        if keys < WORTH_RESERVING {
            return;
        }
        // A little more, as the shards do not fill evenly.
        let keys = usize::try_from(keys).unwrap_or(0) / SHARDS;
        let places = keys + keys / 32 + 4;
        let buckets = (places * 5 / 4).div_ceil(WIDTH) + 1;
        self.shards = vec![Shard::default(); SHARDS];
        for shard in &mut self.shards {
            shard.buckets = vec![EMPTY; buckets];
        }
    }

    /// Looks a key up. The hash is not 0.
    pub(crate) fn find(&mut self, hash: u128) -> Entry {
        if self.shards.is_empty() {
            self.shards = vec![Shard::default(); SHARDS];
        }
        let shard = shard_of(hash);
        match self.shards[shard].find(hash) {
            Ok(row) => Entry::Taken(u64::from(row)),
            Err((bucket, slot)) => Entry::Free(Place {
                shard,
                bucket,
                slot,
                hash,
            }),
        }
    }

    /// Takes a key that was found free.
    pub(crate) fn take(&mut self, place: Place, row: u64) {
        let shard = &mut self.shards[place.shard];
        let bucket = &mut shard.buckets[place.bucket];
        bucket.hashes[place.slot] = place.hash;
        // Row numbers are bounded by the row limit; one beyond 32 bits is told as the greatest.
        bucket.rows[place.slot] = u32::try_from(row).unwrap_or(u32::MAX);
        shard.taken += 1;
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "the lowest bits are wanted"
)]
fn shard_of(hash: u128) -> usize {
    hash as usize % SHARDS
}

/// The first bucket to look at: the high half scaled to their number, so that growing moves keys in order.
#[allow(
    clippy::cast_possible_truncation,
    reason = "less than the number of buckets"
)]
fn start(hash: u128, buckets: usize) -> usize {
    (((hash >> 64) * buckets as u128) >> 64) as usize
}

impl Shard {
    /// The row of a key, or the place where it belongs.
    fn find(&mut self, hash: u128) -> Result<u32, (usize, usize)> {
        if self.taken * 5 >= self.buckets.len() * WIDTH * 4 {
            self.grow();
        }
        let mut at = start(hash, self.buckets.len());
        loop {
            let bucket = &self.buckets[at];
            for slot in 0..WIDTH {
                match bucket.hashes[slot] {
                    0 => return Err((at, slot)),
                    taken if taken == hash => return Ok(bucket.rows[slot]),
                    _ => {}
                }
            }
            at = if at + 1 == self.buckets.len() {
                0
            } else {
                at + 1
            };
        }
    }

    /// A third larger: large steps would leave much empty.
    #[cold]
    fn grow(&mut self) {
        let length = (self.buckets.len() + self.buckets.len() / 3).max(16);
        let old = std::mem::replace(&mut self.buckets, vec![EMPTY; length]);
        for bucket in old {
            for (hash, row) in bucket
                .hashes
                .into_iter()
                .zip(bucket.rows)
                .filter(|(hash, _)| *hash != 0)
            {
                self.put(hash, row);
            }
        }
    }

    fn put(&mut self, hash: u128, row: u32) {
        let mut at = start(hash, self.buckets.len());
        loop {
            let bucket = &mut self.buckets[at];
            if let Some(slot) = bucket.hashes.iter().position(|taken| *taken == 0) {
                bucket.hashes[slot] = hash;
                bucket.rows[slot] = row;
                return;
            }
            at = if at + 1 == self.buckets.len() {
                0
            } else {
                at + 1
            };
        }
    }
}

/// Hashes keys with a secret of this run.
///
/// Two independent chains of folded multiplications (the construction of wyhash), each with a secret of its own: 128 bits that
/// nobody who does not know the secrets can aim at, in a few nanoseconds for the short texts that keys are.
#[derive(Clone, Debug)]
pub(crate) struct KeyHasher {
    secret: [u64; 4],
    folded: String,
}

impl KeyHasher {
    pub(crate) fn new() -> Self {
        // The standard library's own random keys, without another dependency.
        let random = || RandomState::new().build_hasher().finish();
        Self {
            secret: [random(), random(), random(), random()],
            folded: String::new(),
        }
    }

    /// The hash of values together, never 0. Each counts with its length, so that `ab`+`c` is not `a`+`bc`.
    pub(crate) fn hash<'v>(
        &mut self,
        values: impl Iterator<Item = Value<'v>>,
        fold_case: bool,
    ) -> u128 {
        let mut chains = Chains::new(&self.secret);
        for value in values {
            match value {
                Value::Absent => chains.number(0, 0),
                Value::Text(text) | Value::Choice(text) => {
                    if !fold_case || is_folded(text) {
                        chains.bytes(text.as_bytes());
                    } else {
                        self.folded.clear();
                        fold_into(text, &mut self.folded);
                        chains.bytes(self.folded.as_bytes());
                    }
                }
                Value::Integer(number) => chains.number(number.cast_unsigned(), 1),
                Value::Decimal(number) => {
                    // 1.50 and 1.5 are one number.
                    let mut number = number;
                    while number.scale > 0 && number.mantissa % 10 == 0 {
                        number.mantissa /= 10;
                        number.scale -= 1;
                    }
                    chains.number(number.mantissa.cast_unsigned(), 2 + u64::from(number.scale));
                }
                Value::Date(date) => {
                    chains.number(u64::from(date.to_julian_day().cast_unsigned()), 1);
                }
                Value::Bool(yes) => chains.number(u64::from(yes), 1),
                Value::Uuid(uuid) => {
                    let (high, low) = uuid.as_u64_pair();
                    chains.number(high, low);
                }
            }
        }
        // 0 marks a free place of the index.
        chains.finish().max(1)
    }
}

/// The two halves of a hash on their way.
struct Chains<'s> {
    secret: &'s [u64; 4],
    first: u64,
    second: u64,
}

impl<'s> Chains<'s> {
    fn new(secret: &'s [u64; 4]) -> Self {
        Self {
            secret,
            first: secret[0],
            second: secret[3],
        }
    }

    #[inline]
    fn number(&mut self, a: u64, b: u64) {
        let [s0, s1, s2, s3] = *self.secret;
        self.first = folded_product(a ^ s0 ^ self.first, b ^ s1);
        self.second = folded_product(a ^ s2, b ^ s3 ^ self.second);
    }

    #[inline]
    fn bytes(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<16>();
        for block in blocks {
            let (a, b) = halves(block);
            self.number(a, b);
        }
        if !rest.is_empty() {
            let mut block = [0; 16];
            block[..rest.len()].copy_from_slice(rest);
            let (a, b) = halves(&block);
            self.number(a, b);
        }
        self.number(bytes.len() as u64, LENGTH);
    }

    fn finish(self) -> u128 {
        let [s0, s1, s2, s3] = *self.secret;
        let high = folded_product(self.first ^ s2, self.second ^ s1);
        let low = folded_product(self.first ^ s3, self.second ^ s0);
        u128::from(high) << 64 | u128::from(low)
    }
}

/// Tells a length from text.
const LENGTH: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline]
fn halves(block: &[u8; 16]) -> (u64, u64) {
    let whole = u128::from_le_bytes(*block);
    #[allow(clippy::cast_possible_truncation, reason = "the halves of the block")]
    let parts = (whole as u64, (whole >> 64) as u64);
    parts
}

/// Both halves of the product: every bit of both numbers bears on every bit of it.
#[inline]
fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[allow(clippy::cast_possible_truncation, reason = "the halves of the product")]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

/// Whether a cleaned text is the same when folded: ASCII without capitals.
pub(crate) fn is_folded(text: &str) -> bool {
    text.bytes().fold(true, |plain, byte| {
        plain & byte.is_ascii() & !byte.is_ascii_uppercase()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_taken_through_every_growth() {
        let mut index = UniqueIndex::default();
        let mut hasher = KeyHasher::new();
        let keys: Vec<String> = (0..50_000).map(|i| format!("key{i}")).collect();
        for (row, key) in keys.iter().enumerate() {
            match index.find(hasher.hash([Value::Text(key)].into_iter(), true)) {
                Entry::Free(place) => index.take(place, row as u64),
                Entry::Taken(row) => panic!("{key} taken by {row}"),
            }
        }
        for (row, key) in keys.iter().enumerate() {
            let capital = key.to_uppercase();
            let hash = hasher.hash([Value::Text(&capital)].into_iter(), true);
            assert!(matches!(index.find(hash), Entry::Taken(taken) if taken == row as u64));
        }
        let buckets: usize = index.shards.iter().map(|shard| shard.buckets.len()).sum();
        assert!(buckets * 64 < keys.len() * 40, "{buckets}");
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        let mut hasher = KeyHasher::new();
        let mut hash = |a, b| hasher.hash([Value::Text(a), Value::Text(b)].into_iter(), false);
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
        assert_eq!(hash("ab", "c"), hash("ab", "c"));
    }
}
