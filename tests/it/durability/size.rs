//! The size of these tests: small in every run, and as large as `docs/reliability.md` says if requested.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A number from the environment.
pub(super) fn number(variable: &str, default: u64) -> u64 {
    let given = std::env::var(variable).ok();
    given.map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is not a number: {text}"))
    })
}

/// `DURABILITY_KILLS`: how often each phase is interrupted. 30 in full size.
pub(super) fn kills() -> usize {
    usize::try_from(number("DURABILITY_KILLS", 2)).expect("is small")
}

/// `DURABILITY_ROWS`: rows of an interrupted file. A batch is 5 000.
pub(super) fn rows() -> usize {
    usize::try_from(number("DURABILITY_ROWS", 9_000)).expect("is small")
}

/// `OUTAGE_SECONDS`: how long sessions of the database are ended at random. 60 in full size.
pub(super) fn storm() -> Duration {
    Duration::from_secs(number("OUTAGE_SECONDS", 5))
}

/// Chance that can be repeated: `SplitMix64` from `DURABILITY_SEED`, or from the clock.
pub(super) struct Chance {
    state: u64,
}

impl Chance {
    /// Prints its seed, which the test runner shows if the test fails.
    pub(super) fn new() -> Self {
        let clock = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| u64::from(since.subsec_nanos()));
        let seed = number("DURABILITY_SEED", clock);
        println!("DURABILITY_SEED={seed}");
        Self { state: seed }
    }

    /// A number below `limit`.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit.max(1)
    }

    /// A moment within a span.
    pub(super) fn within(&mut self, span: Duration) -> Duration {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(self.below(micros))
    }
}
