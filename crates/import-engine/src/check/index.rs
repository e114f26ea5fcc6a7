//! Which keys of a file are taken, and by which row. Stores a 128-bit keyed hash and a row number of each key, never the
//! text; collisions of the hashes cannot be constructed.
//!
//! Why it exists: it takes 28 bytes per key, while a `HashSet<String>` takes the text, 24 more bytes and a tag; and a new
//! key, as nearly all are, costs one cache line. It is the only structure in memory that grows with the file, and waiting
//! for it is the largest part of a check.
//!
//! What breaks it:
//! - A bucket that is no longer one cache line (64 bytes, aligned): every lookup then waits twice.
//! - A loop over tags with an early exit: it is no longer a few vector instructions.
//! - Looking up key after key instead of [`GROUP`] of them together: the fetches no longer overlap.
//! - Growing in small steps if many keys are expected: each step inserts all keys again, fourteen times for a million of
//!   them, which took 0.4 of the time that the `csv` crate needs for the file.
//! - A hash without a secret, or with fewer bits: different keys of a file could then have the same hash, on purpose or
//!   by chance.
//!
//! How to measure: `cargo bench -p import-types` in turns with the previous commit, on an idle machine, because the table
//! is in the cache that all cores share; together with `perf stat -e cache-misses`; `cargo run --release -p import-engine
//! --example peak_memory` and `tests/memory.rs` for the bytes per key. `docs/adr/0004-own-key-index.md` has the figures,
//! and says when to reconsider.

use std::hash::{BuildHasher, Hasher, RandomState};

use crate::value::{
    Value,
    text::{fold_into, is_folded},
};

/// The taken keys of one unique key of a schema.
///
/// About 28 bytes per key. Hashes and rows are stored in the order of their insertion, and a table of small buckets
/// refers to them: a bucket is one line of the processor's cache and holds a tag of two bytes for each of its keys, so
/// that a new key, as nearly all are, is recognised without reading any hash. The table is a quarter of the whole and
/// fits into the cache when the whole would not. With 128 bits and a secret that the writer of the file does not know,
/// the probability that two texts of a file of ten million rows collide is below 10^-24.
#[derive(Clone, Debug, Default)]
pub(crate) struct UniqueIndex {
    buckets: Vec<Bucket>,
    taken: Vec<Block>,
    count: usize,
    /// The number of keys that may follow, as the survey counted them.
    expected: usize,
}

/// Keys looked up together: more fetches than a processor runs at once, and few enough to stay in its fastest cache.
pub(super) const GROUP: usize = 64;

/// For fewer keys, reserving takes longer than inserting them.
const WORTH_RESERVING: u64 = 10_000;

/// Room for more keys is made when they follow: the survey counts rows before they are checked, and a file of three
/// million wrong rows claims no key. Rebuilding a table of this size is cheap compared with checking the rows that fill
/// it.
const MOST_RESERVED: u64 = 1 << 14;

/// Keys in one bucket: as many as fit into one cache line.
const WIDTH: usize = 10;

/// The position of the key with each tag among the taken ones.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
struct Bucket {
    entries: [u32; WIDTH],
    /// Tags are not 0; free slots have the tag 0.
    tags: [u16; WIDTH],
    /// The number of taken slots, which come first.
    taken: u8,
}

const EMPTY: Bucket = Bucket {
    entries: [0; WIDTH],
    tags: [0; WIDTH],
    taken: 0,
};

const _: () = assert!(size_of::<Bucket>() == 64);

impl Bucket {
    #[inline]
    fn put(&mut self, slot: usize, entry: u32, hash: u128) {
        self.entries[slot] = entry;
        self.tags[slot] = tag(hash);
        self.taken += 1;
    }
}

/// Taken keys in the order of insertion, in blocks, so that growing copies nothing and never needs twice the memory.
#[derive(Clone, Debug)]
struct Block {
    hashes: Vec<u128>,
    rows: Vec<u32>,
}

/// Keys in a block: 80 KiB.
const BLOCK: usize = 4 << 10;

/// The result of a search.
pub(crate) enum Entry {
    /// The key is taken by this row.
    Taken(u64),
    /// The key is free; the place is where it belongs.
    Free(Place),
}

/// Where a key belongs, as long as nothing else is put into the index. One number, so that it is returned in a register:
/// structures that are stored in parts and loaded as a whole cost more than the search.
#[derive(Clone, Copy)]
pub(crate) struct Place(u64);

impl Place {
    /// Bits of the slot: more than a bucket has.
    const SLOT: u32 = 4;

    #[inline]
    fn new(bucket: usize, slot: usize) -> Self {
        Self((bucket as u64) << Self::SLOT | slot as u64)
    }

    #[inline]
    fn bucket(self) -> usize {
        (self.0 >> Self::SLOT) as usize
    }

    #[inline]
    fn slot(self) -> usize {
        (self.0 & ((1 << Self::SLOT) - 1)) as usize
    }
}

const _: () = assert!(WIDTH < 1 << Place::SLOT);

impl UniqueIndex {
    /// Reads the places of many keys together, so that the processor fetches them in parallel; [`find`](Self::find) then
    /// has them in the cache instead of waiting for each. At most [`GROUP`] are fetched.
    pub(super) fn fetch<'h>(&self, hashes: impl Iterator<Item = &'h u128>) {
        if self.count == 0 {
            return;
        }
        let mut places = [0; GROUP];
        for (place, hash) in places.iter_mut().zip(hashes) {
            *place = start(*hash, self.buckets.len());
        }
        // As little as possible besides the reads: the fewer instructions, the more reads run at once.
        let read = places.iter().fold(0, |read, place| {
            self.buckets
                .get(*place)
                .map_or(read, |bucket| read ^ bucket.taken)
        });
        std::hint::black_box(read);
    }

    /// Makes room for this many keys.
    pub(crate) fn reserve(&mut self, keys: u64) {
        if keys < WORTH_RESERVING {
            return;
        }
        self.expected = usize::try_from(keys).unwrap_or(usize::MAX);
        let keys = usize::try_from(keys.min(MOST_RESERVED)).unwrap_or(0);
        self.rebuild(room_for(keys));
    }

    /// Makes room for more keys, in large steps if many more are expected, because each step inserts all keys again.
    #[cold]
    fn grow(&mut self) {
        let expected = self.expected.min(self.count.saturating_mul(LARGE_STEP));
        // A third larger if nothing is expected: large steps would leave much of the table empty.
        let usual = (self.buckets.len() + self.buckets.len() / 3).max(16);
        self.rebuild(usual.max(room_for(expected)));
    }

    /// Looks up a key. The hash must not be 0.
    #[expect(
        clippy::needless_bitwise_bool,
        reason = "without branches the loop becomes vector instructions"
    )]
    #[inline]
    pub(crate) fn find(&mut self, hash: u128) -> Entry {
        if self.count * FULL_OF >= self.buckets.len() * WIDTH * FULL {
            self.grow();
        }
        let tag = tag(hash);
        let mut at = start(hash, self.buckets.len());
        loop {
            let bucket = &self.buckets[at];
            // Without an early exit, so that it compiles to a few vector instructions.
            let known = bucket
                .tags
                .iter()
                .fold(false, |known, taken| known | (*taken == tag));
            if known && let Some(row) = self.row_of(bucket, hash) {
                return Entry::Taken(u64::from(row));
            }
            let slot = usize::from(bucket.taken);
            if slot < WIDTH {
                return Entry::Free(Place::new(at, slot));
            }
            at = if at + 1 == self.buckets.len() {
                0
            } else {
                at + 1
            };
        }
    }

    /// The row of a key whose tag is in the bucket, unless the tag is another key's.
    fn row_of(&self, bucket: &Bucket, hash: u128) -> Option<u32> {
        let same = |(taken, _): &(&u16, &u32)| **taken == tag(hash);
        let mut rows = bucket.tags.iter().zip(&bucket.entries).filter(same);
        rows.find_map(|(_, entry)| {
            let (known, row) = self.entry(*entry);
            (known == hash).then_some(row)
        })
    }

    fn entry(&self, entry: u32) -> (u128, u32) {
        let entry = entry as usize;
        let block = &self.taken[entry / BLOCK];
        (block.hashes[entry % BLOCK], block.rows[entry % BLOCK])
    }

    /// Inserts a key that was found free.
    #[inline]
    pub(crate) fn take(&mut self, place: Place, hash: u128, row: u64) {
        let Ok(entry) = u32::try_from(self.count) else {
            // Row numbers are far smaller, because of the row limit.
            return;
        };
        self.buckets[place.bucket()].put(place.slot(), entry, hash);
        if self.count.is_multiple_of(BLOCK) {
            self.taken.push(Block {
                hashes: Vec::with_capacity(BLOCK),
                rows: Vec::with_capacity(BLOCK),
            });
        }
        if let Some(block) = self.taken.last_mut() {
            block.hashes.push(hash);
            block.rows.push(u32::try_from(row).unwrap_or(u32::MAX));
        }
        self.count += 1;
    }

    /// Builds a table of this many buckets from the taken keys.
    #[cold]
    fn rebuild(&mut self, buckets: usize) {
        // The old table is freed first.
        self.buckets = Vec::new();
        self.buckets = vec![EMPTY; buckets];
        let hashes = self.taken.iter().flat_map(|block| &block.hashes);
        for (entry, &hash) in (0..).zip(hashes) {
            let mut at = start(hash, buckets);
            loop {
                let bucket = &mut self.buckets[at];
                let slot = usize::from(bucket.taken);
                if slot < WIDTH {
                    bucket.put(slot, entry, hash);
                    break;
                }
                at = if at + 1 == buckets { 0 } else { at + 1 };
            }
        }
    }
}

/// The table grows when `FULL` of `FULL_OF` slots are taken.
const FULL: usize = 4;
const FULL_OF: usize = 5;

/// Room for at most this many times the present keys is made at once, if that many are expected.
const LARGE_STEP: usize = 4;

/// The number of buckets for this many keys.
fn room_for(keys: usize) -> usize {
    keys.saturating_mul(FULL_OF) / (WIDTH * FULL) + 1
}

/// The first bucket to look at: the high half scaled to their number.
#[expect(
    clippy::cast_possible_truncation,
    reason = "less than the number of buckets"
)]
#[inline]
fn start(hash: u128, buckets: usize) -> usize {
    (((hash >> 64) * buckets as u128) >> 64) as usize
}

/// Two bytes of the low half, never 0.
#[expect(clippy::cast_possible_truncation, reason = "two bytes are wanted")]
#[inline]
fn tag(hash: u128) -> u16 {
    (hash as u16).max(1)
}

// Keyed 128-bit hashes of keys; collisions cannot be constructed.

/// Hashes keys with a secret of this run.
///
/// Two independent chains of folded multiplications (the construction of wyhash), each with its own secret: 128 bits that
/// cannot be targeted without the secrets, in a few nanoseconds for short texts such as keys.
#[derive(Clone, Debug)]
pub(super) struct KeyHasher {
    secret: [u64; 4],
    folded: String,
}

impl KeyHasher {
    pub(super) fn new() -> Self {
        // Uses the random keys of the standard library, without another dependency.
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

/// The two halves of a hash that is being computed.
pub(super) struct KeyHash<'h> {
    secret: [u64; 4],
    first: u64,
    second: u64,
    folded: &'h mut String,
}

impl KeyHash<'_> {
    /// Adds a value. Its length is part of the hash, so that `ab`+`c` is not `a`+`bc`.
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
                // 1.50 and 1.5 are the same number.
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

    /// Adds blocks of sixteen bytes, and a last one of the rest, which may be empty, and its length: no two texts have
    /// the same blocks, whatever follows them.
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

    /// The hash, never 0: that marks a free slot of the index.
    #[inline]
    pub(super) fn finish(self) -> u128 {
        let [s0, s1, s2, s3] = self.secret;
        let high = folded_product(self.first ^ s2, self.second ^ s1);
        let low = folded_product(self.first ^ s3, self.second ^ s0);
        (u128::from(high) << 64 | u128::from(low)).max(1)
    }
}

/// The last bytes of a text, fewer than sixteen, as a number: read without a loop; the bytes before them are shifted out.
#[inline]
fn remainder(bytes: &[u8], rest: &[u8]) -> u128 {
    let shift = |width: usize| u32::try_from(8 * (width - rest.len())).unwrap_or(0);
    if rest.is_empty() {
        0
    } else if let Some(last) = bytes.last_chunk::<16>() {
        u128::from_le_bytes(*last) >> shift(16)
    } else if let (Some(first), Some(last)) = (rest.first_chunk::<8>(), rest.last_chunk::<8>()) {
        // Both begin within the rest; bytes in both are at the same offset of the result.
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

/// Folds both halves of the product: every bit of both numbers affects every bit of the result.
#[inline]
fn folded_product(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the halves of the product")]
    let folded = product as u64 ^ (product >> 64) as u64;
    folded
}

#[cfg(test)]
impl KeyHasher {
    fn hash_all<'v>(
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
    use super::{KeyHasher, *};
    use crate::value::Value;

    #[test]
    fn keeps_what_was_taken_through_every_growth() {
        let mut index = UniqueIndex::default();
        let mut hasher = KeyHasher::new();
        let keys: Vec<String> = (0..50_000).map(|i| format!("key{i}")).collect();
        for (row, key) in keys.iter().enumerate() {
            let hash = hasher.hash_all([Value::Text(key)], true);
            match index.find(hash) {
                Entry::Free(place) => index.take(place, hash, row as u64),
                Entry::Taken(row) => panic!("{key} taken by {row}"),
            }
        }
        for (row, key) in keys.iter().enumerate() {
            let capital = key.to_uppercase();
            let hash = hasher.hash_all([Value::Text(&capital)], true);
            assert!(matches!(index.find(hash), Entry::Taken(taken) if taken == row as u64));
        }
        let bytes = index.buckets.len() * 64 + index.taken.len() * BLOCK * 20;
        assert!(bytes < keys.len() * 30, "{bytes}");
    }

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
