//! Slows down guessing of passwords without locking out users who know theirs: a growing delay for each user at each address,
//! one for an address that tries many users, and a brake for a user whose password is guessed from many addresses.
//!
//! The brake leaves an address without failures one try, and an address from which the user has logged in before all of its
//! tries; so the right password passes, whatever others do. The counters are in the database: they hold for all processes and
//! survive restarts.

use std::{
    net::IpAddr,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use auth::pseudonym;
use repositories::{LoginAttempts, Seen};
use secrecy::SecretString;

use crate::{ServiceError, household};

/// A person may make five mistakes; the sixth attempt has to wait.
const FREE_PER_USER_AND_ADDRESS: u32 = 5;
/// An office shares one address.
const FREE_PER_ADDRESS: u32 = 30;
/// No person mistypes this often: the password is being guessed from many addresses, and attempts are slowed down.
const FREE_PER_USER: u32 = 20;
/// The first wait; each further failure doubles it.
const FIRST_DELAY: Duration = Duration::from_secs(1);
/// The longest wait, so that no user is locked out.
const LONGEST_DELAY: Duration = Duration::from_mins(1);
/// Failures whose last is older than this are forgotten.
const MEMORY: Duration = Duration::from_mins(15);
/// An address from which a user has logged in is a known device of theirs for so long.
const KNOWN: Duration = Duration::from_hours(90 * 24);
/// Rows that are kept, about 30 MB with their indexes: a flood of made-up names and addresses does not fill the database.
const MOST_ROWS: u64 = 100_000;
/// Failures after which a process sweeps the table itself instead of waiting for housekeeping.
const SWEEP_EVERY: u32 = 1_000;

/// The throttle of all processes.
#[derive(Debug)]
pub(crate) struct Throttle {
    attempts: LoginAttempts,
    secret: SecretString,
    failures: AtomicU32,
}

/// A login attempt, by the pseudonyms of its counters.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    user: String,
    address: String,
    both: String,
}

/// What the counters say about an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Check the password.
    Try,
    /// Check the password; the user is being guessed at from elsewhere, so a wrong one is answered like one too many.
    TryOnce,
    /// Do not check it before this time has passed.
    Wait(Duration),
}

impl Throttle {
    pub(crate) fn new(attempts: LoginAttempts, secret: SecretString) -> Self {
        Self {
            attempts,
            secret,
            failures: AtomicU32::new(0),
        }
    }

    /// Names the counters of an attempt.
    pub(super) fn attempt(&self, username: &str, address: IpAddr) -> Result<Attempt, ServiceError> {
        let username = username.to_lowercase();
        let address = household(address).to_string();
        let named = |parts: &[&str]| pseudonym(&self.secret, parts).map_err(ServiceError::Crypto);
        Ok(Attempt {
            user: named(&["user", &username])?,
            address: named(&["address", &address])?,
            both: named(&["user and address", &username, &address])?,
        })
    }

    /// Whether the attempt may continue. It is checked when its turn comes, so that attempts which arrive together do not all count as
    /// the first one.
    pub(super) async fn pass(&self, attempt: &Attempt) -> Result<Passed, ServiceError> {
        let keys = [&*attempt.user, &*attempt.address, &*attempt.both];
        let seen = self.attempts.seen(&keys, MEMORY).await?;
        let of = |key: &str| seen.get(key).copied().unwrap_or_default();
        match judge(of(keys[0]), of(keys[1]), of(keys[2])) {
            Verdict::Try => Ok(Passed { braked: false }),
            Verdict::TryOnce => Ok(Passed { braked: true }),
            Verdict::Wait(retry_after) => Err(ServiceError::TooManyAttempts { retry_after }),
        }
    }

    /// Counts a failure, and says how it is answered: with `refusal`, or as one too many.
    pub(super) async fn fail(
        &self,
        attempt: &Attempt,
        passed: Passed,
        refusal: ServiceError,
    ) -> Result<ServiceError, ServiceError> {
        let keys = [&*attempt.user, &*attempt.address, &*attempt.both];
        self.attempts.fail(&keys, MEMORY).await?;
        if self.failures.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.sweep().await?;
        }
        Ok(if passed.braked {
            ServiceError::TooManyAttempts {
                retry_after: LONGEST_DELAY,
            }
        } else {
            refusal
        })
    }

    /// Remembers the device from now on, and forgets its failures. Those of its address stay: a guesser may own one account.
    pub(super) async fn succeed(&self, attempt: &Attempt) -> Result<(), ServiceError> {
        Ok(self.attempts.succeed(&attempt.both).await?)
    }

    /// Deletes counters that no longer count; returns how many rows.
    pub(crate) async fn sweep(&self) -> Result<u64, ServiceError> {
        Ok(self.attempts.sweep(MEMORY, KNOWN, MOST_ROWS).await?)
    }
}

/// An attempt whose password is to be checked.
#[derive(Debug, Clone, Copy)]
pub(super) struct Passed {
    braked: bool,
}

fn judge(user: Seen, address: Seen, both: Seen) -> Verdict {
    let is_known = both.succeeded.is_some_and(|ago| ago < KNOWN);
    let is_braked = user.failures >= FREE_PER_USER && !is_known;
    let of_both = if is_braked && both.failures > 0 {
        LONGEST_DELAY
    } else {
        delay(both.failures, FREE_PER_USER_AND_ADDRESS)
    };
    let left = |delay: Duration, seen: Seen| delay.saturating_sub(seen.age);
    let mut wait = left(of_both, both);
    if !is_known {
        wait = wait.max(left(delay(address.failures, FREE_PER_ADDRESS), address));
    }
    match (wait.is_zero(), is_braked) {
        (false, _) => Verdict::Wait(wait),
        (true, true) => Verdict::TryOnce,
        (true, false) => Verdict::Try,
    }
}

fn delay(failures: u32, free: u32) -> Duration {
    match failures.checked_sub(free) {
        None => Duration::ZERO,
        Some(beyond) => (FIRST_DELAY * 2_u32.pow(beyond.min(6))).min(LONGEST_DELAY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(failures: u32, age: u64) -> Seen {
        Seen {
            failures,
            age: Duration::from_secs(age),
            succeeded: None,
        }
    }

    /// A device that has logged in an hour ago.
    fn known(failures: u32, age: u64) -> Seen {
        Seen {
            succeeded: Some(Duration::from_hours(1)),
            ..seen(failures, age)
        }
    }

    const CLEAN: Seen = Seen {
        failures: 0,
        age: Duration::ZERO,
        succeeded: None,
    };

    #[test]
    fn waits_longer_with_every_failure_and_never_longer_than_a_minute() {
        let waits = (1..=14).map(|failures| match judge(CLEAN, CLEAN, seen(failures, 0)) {
            Verdict::Wait(wait) => wait.as_secs(),
            _ => 0,
        });
        let waits = waits.collect::<Vec<_>>();
        assert_eq!(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        assert_eq!(judge(CLEAN, CLEAN, seen(9, 16)), Verdict::Try);
    }

    #[test]
    fn an_address_that_tries_many_users_waits_and_a_known_device_behind_it_does_not() {
        assert_eq!(judge(CLEAN, seen(29, 0), CLEAN), Verdict::Try);
        assert_eq!(
            judge(CLEAN, seen(30, 0), CLEAN),
            Verdict::Wait(Duration::from_secs(1))
        );
        assert_eq!(judge(CLEAN, seen(1_000, 0), known(0, 3_600)), Verdict::Try);
    }

    #[test]
    fn who_is_guessed_at_from_everywhere_has_one_try_at_a_clean_address_and_all_at_their_own() {
        let guessed_at = seen(1_000_000, 0);
        assert_eq!(judge(guessed_at, CLEAN, CLEAN), Verdict::TryOnce);
        assert_eq!(
            judge(guessed_at, CLEAN, seen(1, 10)),
            Verdict::Wait(Duration::from_secs(50))
        );
        assert_eq!(judge(guessed_at, CLEAN, seen(1, 60)), Verdict::TryOnce);
        assert_eq!(judge(guessed_at, CLEAN, known(4, 0)), Verdict::Try);
        assert_eq!(
            judge(guessed_at, CLEAN, known(5, 0)),
            Verdict::Wait(Duration::from_secs(1))
        );
    }
}
