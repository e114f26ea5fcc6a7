//! Which keys of a file are taken, and by which row. Keeps a 128-bit keyed hash and a row number of each, never the text.

use std::hash::{BuildHasher, Hasher, RandomState};

use siphasher::sip128::{Hasher128, SipHasher13};

use crate::value::{Value, fold::fold_into};

/// The taken keys of one unique key of a schema.
///
/// Twenty bytes a slot, open addressing with linear probing, in shards that grow by themselves, so that growing never needs
/// twice the memory. With 128 bits and a key that the writer of the file does not know, two texts of a file of ten million
/// rows fall together with a chance below 10^-24.
#[derive(Clone, Debug, Default)]
pub(crate) struct UniqueIndex {
    shards: Vec<Shard>,
}

const SHARDS: usize = 64;

#[derive(Clone, Debug, Default)]
struct Shard {
    /// High halves, low halves: of free slots both are 0.
    hashes: Vec<[u64; 2]>,
    rows: Vec<u32>,
    taken: usize,
}

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
    slot: usize,
    hash: [u64; 2],
}

impl UniqueIndex {
    /// Looks a key up.
    pub(crate) fn find(&mut self, hash: u128) -> Entry {
        if self.shards.is_empty() {
            self.shards = vec![Shard::default(); SHARDS];
        }
        let hash = split(hash);
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the lowest bits are wanted"
        )]
        let shard = hash[1] as usize % SHARDS;
        match self.shards[shard].find(hash) {
            Ok(row) => Entry::Taken(u64::from(row)),
            Err(slot) => Entry::Free(Place { shard, slot, hash }),
        }
    }

    /// Takes a key that was found free.
    pub(crate) fn take(&mut self, place: Place, row: u64) {
        let shard = &mut self.shards[place.shard];
        shard.hashes[place.slot] = place.hash;
        // Row numbers are bounded by the row limit; one beyond 32 bits is told as the greatest.
        shard.rows[place.slot] = u32::try_from(row).unwrap_or(u32::MAX);
        shard.taken += 1;
    }
}

/// Halves of a hash; never both 0, which marks a free slot.
fn split(hash: u128) -> [u64; 2] {
    #[allow(clippy::cast_possible_truncation, reason = "halves of the hash")]
    let halves = [(hash >> 64) as u64, hash as u64];
    if halves == [0, 0] { [0, 1] } else { halves }
}

impl Shard {
    /// The row of a key, or the slot where it belongs.
    fn find(&mut self, hash: [u64; 2]) -> Result<u32, usize> {
        if self.taken * 5 >= self.hashes.len() * 4 {
            self.grow();
        }
        let mut slot = start(hash, self.hashes.len());
        loop {
            match self.hashes[slot] {
                [0, 0] => return Err(slot),
                taken if taken == hash => return Ok(self.rows[slot]),
                _ => {
                    slot = if slot + 1 == self.hashes.len() {
                        0
                    } else {
                        slot + 1
                    }
                }
            }
        }
    }

    /// Half as large again: large steps would leave much empty.
    #[cold]
    fn grow(&mut self) {
        let length = (self.hashes.len() + self.hashes.len() / 3).max(64);
        let hashes = std::mem::replace(&mut self.hashes, vec![[0, 0]; length]);
        let rows = std::mem::replace(&mut self.rows, vec![0; length]);
        for (hash, row) in hashes
            .into_iter()
            .zip(rows)
            .filter(|(hash, _)| *hash != [0, 0])
        {
            let mut slot = start(hash, length);
            while self.hashes[slot] != [0, 0] {
                slot = if slot + 1 == length { 0 } else { slot + 1 };
            }
            self.hashes[slot] = hash;
            self.rows[slot] = row;
        }
    }
}

/// The first slot to look at: the high half scaled to the number of slots.
fn start(hash: [u64; 2], length: usize) -> usize {
    let scaled = (u128::from(hash[0]) * length as u128) >> 64;
    usize::try_from(scaled).unwrap_or(0)
}

/// Hashes keys with a secret of this run.
#[derive(Clone, Debug)]
pub(crate) struct KeyHasher {
    secret: (u64, u64),
    folded: String,
}

impl KeyHasher {
    pub(crate) fn new() -> Self {
        // The standard library's own random keys, without another dependency.
        let random = || RandomState::new().build_hasher().finish();
        Self {
            secret: (random(), random()),
            folded: String::new(),
        }
    }

    /// The hash of values together. Each is written with its kind and length, so that `ab`+`c` is not `a`+`bc`.
    pub(crate) fn hash<'v>(
        &mut self,
        values: impl Iterator<Item = Value<'v>>,
        fold_case: bool,
    ) -> u128 {
        let mut hasher = SipHasher13::new_with_keys(self.secret.0, self.secret.1);
        for value in values {
            match value {
                Value::Absent => hasher.write_u8(0),
                Value::Text(text) | Value::Choice(text) => {
                    let text = if fold_case { self.fold(text) } else { text };
                    hasher.write(text.as_bytes());
                    hasher.write_u32(u32::try_from(text.len()).unwrap_or(u32::MAX));
                }
                Value::Integer(number) => hasher.write_i64(number),
                Value::Decimal(number) => {
                    // 1.50 and 1.5 are one number.
                    let mut number = number;
                    while number.scale > 0 && number.mantissa % 10 == 0 {
                        number.mantissa /= 10;
                        number.scale -= 1;
                    }
                    hasher.write_i64(number.mantissa);
                    hasher.write_u8(number.scale);
                }
                Value::Date(date) => hasher.write_i32(date.to_julian_day()),
                Value::Bool(yes) => hasher.write_u8(1 + u8::from(yes)),
                Value::Uuid(uuid) => hasher.write(uuid.as_bytes()),
            }
        }
        hasher.finish128().as_u128()
    }

    fn fold<'t>(&'t mut self, text: &'t str) -> &'t str {
        if is_folded(text) {
            return text;
        }
        self.folded.clear();
        fold_into(text, &mut self.folded);
        &self.folded
    }
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
        let slots: usize = index.shards.iter().map(|shard| shard.hashes.len()).sum();
        assert!(slots < keys.len() * 2, "{slots}");
    }

    #[test]
    fn parts_of_a_key_do_not_run_together() {
        let mut hasher = KeyHasher::new();
        let mut hash = |a, b| hasher.hash([Value::Text(a), Value::Text(b)].into_iter(), false);
        assert_ne!(hash("ab", "c"), hash("a", "bc"));
        assert_eq!(hash("ab", "c"), hash("ab", "c"));
    }
}
