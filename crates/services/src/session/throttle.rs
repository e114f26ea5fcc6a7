//! Slows down whoever guesses passwords: a growing delay per username and per address, never a lock for good.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use domain::Timestamp;
use time::Duration;

/// Five mistakes are a person's; the sixth try waits.
const FREE_PER_USERNAME: u32 = 5;
/// An office shares one address.
const FREE_PER_ADDRESS: u32 = 30;
/// The first wait; each further failure doubles it.
const FIRST_DELAY: Duration = Duration::seconds(1);
/// A victim of someone else's guessing waits at most this long.
const LONGEST_DELAY: Duration = Duration::minutes(1);
/// Failures older than this are forgotten.
const MEMORY: Duration = Duration::minutes(15);
/// Beyond this many keys the forgotten ones are swept out.
const SWEEP_AT: usize = 10_000;
/// Beyond this many keys nothing new is remembered: the map stays at a few megabytes under any attack.
const MOST_KEYS: usize = 100_000;

/// Failures by key. Keys are hashed: neither usernames nor addresses are held.
#[derive(Debug, Default)]
pub(super) struct Throttle {
    keys: RandomState,
    failures: Mutex<HashMap<u64, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    last: Timestamp,
    blocked_until: Timestamp,
}

/// One who tries to log in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attempt {
    username: u64,
    address: u64,
}

impl Throttle {
    /// Names the two counters of an attempt.
    pub(super) fn attempt(&self, username: &str, address: IpAddr) -> Attempt {
        Attempt {
            username: self.keys.hash_one(("username", username.to_lowercase())),
            address: self.keys.hash_one(("address", network(address))),
        }
    }

    /// How long the attempt has to wait; `None` to go on.
    pub(super) fn wait(&self, attempt: Attempt, now: Timestamp) -> Option<std::time::Duration> {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        [attempt.username, attempt.address]
            .iter()
            .filter_map(|key| failures.get(key))
            .map(|failed| failed.blocked_until - now)
            .max()
            .and_then(|wait| std::time::Duration::try_from(wait).ok())
            .filter(|wait| !wait.is_zero())
    }

    /// Counts a failure.
    pub(super) fn fail(&self, attempt: Attempt, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= SWEEP_AT {
            failures.retain(|_, failed| now - failed.last < MEMORY);
        }
        for (key, free) in [
            (attempt.username, FREE_PER_USERNAME),
            (attempt.address, FREE_PER_ADDRESS),
        ] {
            if failures.len() >= MOST_KEYS && !failures.contains_key(&key) {
                continue;
            }
            let failed = failures.entry(key).or_insert(Failures {
                count: 0,
                last: now,
                blocked_until: now,
            });
            if now - failed.last >= MEMORY {
                failed.count = 0;
            }
            failed.count = failed.count.saturating_add(1);
            failed.last = now;
            failed.blocked_until = now + delay(failed.count, free);
        }
    }

    /// Forgets the failures of a username that has logged in. Those of its address stay: a guesser may own one account.
    pub(super) fn succeed(&self, attempt: Attempt) {
        self.failures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&attempt.username);
    }
}

fn delay(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(beyond) => (FIRST_DELAY * 2_i32.pow(beyond.min(6))).min(LONGEST_DELAY),
    }
}

/// One customer has a whole IPv6 /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    fn start() -> Timestamp {
        Timestamp::new(time::macros::datetime!(2025-01-15 10:00 UTC))
    }

    #[test]
    fn waits_longer_with_every_failure_and_never_longer_than_a_minute() {
        let throttle = Throttle::default();
        let attempt = throttle.attempt("admin", HERE);
        let mut now = start();
        let mut waits = Vec::new();
        for _ in 0..14 {
            throttle.fail(attempt, now);
            let wait = throttle.wait(attempt, now).unwrap_or_default();
            waits.push(wait.as_secs());
            now = now + Duration::try_from(wait).unwrap();
            assert_eq!(throttle.wait(attempt, now), None);
        }
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
    }

    #[test]
    fn counts_usernames_apart_and_addresses_together() {
        let throttle = Throttle::default();
        for guess in 0..FREE_PER_ADDRESS {
            let attempt = throttle.attempt(&format!("user{guess}"), HERE);
            assert_eq!(throttle.wait(attempt, start()), None);
            throttle.fail(attempt, start());
        }
        assert!(
            throttle
                .wait(throttle.attempt("another", HERE), start())
                .is_some()
        );
        let elsewhere = "2001:db8::1".parse().unwrap();
        assert!(
            throttle
                .wait(throttle.attempt("another", elsewhere), start())
                .is_none()
        );
    }

    #[test]
    fn forgets_after_success_and_with_time() {
        let throttle = Throttle::default();
        let attempt = throttle.attempt("Admin", HERE);
        for _ in 0..6 {
            throttle.fail(attempt, start());
        }
        assert!(
            throttle
                .wait(throttle.attempt("admin", HERE), start())
                .is_some()
        );
        throttle.succeed(attempt);
        assert_eq!(throttle.wait(attempt, start()), None);
        for _ in 0..4 {
            throttle.fail(attempt, start());
        }
        throttle.fail(attempt, start() + MEMORY);
        assert_eq!(throttle.wait(attempt, start() + MEMORY), None);
    }
}
