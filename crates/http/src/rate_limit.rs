//! Requests a minute, for each user or address, as this process counts them; what users spend elsewhere is added by
//! [`services::Budgets`]. It only counts and computes waiting times; `admission` decides on the answer.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use domain::{Timestamp, UserId};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use services::{Spent, household};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// A map with fewer keys is not cleaned.
const KEYS_WORTH_CLEANING: usize = 1024;

/// Whose budget a request takes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    User(UserId),
    Address(IpAddr),
}

impl Caller {
    /// One household of IPv6 addresses is one caller.
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Address(household(address))
    }
}

/// What is left of a caller's budget after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Budget {
    limit: u32,
    remaining: u32,
    /// Epoch second at which the budget is full again.
    reset: u64,
    /// Seconds to wait, when this request was one too many.
    pub(crate) retry_after: Option<u64>,
}

impl Budget {
    /// The same with other processes: what all of them together have left of the budget.
    pub(crate) fn shared(self, spent: Spent, now: Timestamp) -> Self {
        Self {
            limit: self.limit,
            remaining: spent.remaining,
            reset: epoch_second(now, spent.full_in),
            retry_after: spent.retry_after.map(|wait| round_up(wait).max(1)),
        }
    }

    pub(crate) fn headers(self) -> [(HeaderName, HeaderValue); 3] {
        [
            (LIMIT, self.limit.into()),
            (REMAINING, self.remaining.into()),
            (RESET, self.reset.into()),
        ]
    }
}

type Limiter =
    RateLimiter<Caller, DefaultKeyedStateStore<Caller>, DefaultClock, StateInformationMiddleware>;

/// GCRA: the budget is a bucket of one minute's requests that refills evenly.
pub(crate) struct RateLimit {
    limiter: Limiter,
    clock: DefaultClock,
    per_minute: NonZeroU32,
    /// The number of keys at which full buckets are removed.
    clean_at: AtomicUsize,
}

impl RateLimit {
    pub(crate) fn per_minute(per_minute: NonZeroU32) -> Self {
        Self {
            limiter: RateLimiter::keyed(Quota::per_minute(per_minute)).with_middleware(),
            clock: DefaultClock::default(),
            per_minute,
            clean_at: AtomicUsize::new(KEYS_WORTH_CLEANING),
        }
    }

    /// Takes one request from the caller's budget. `now` is for the reset header alone.
    pub(crate) fn take(&self, caller: Caller, now: Timestamp) -> Budget {
        self.clean();
        let limit = self.per_minute.get();
        match self.limiter.check_key(&caller) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                Budget {
                    limit,
                    remaining,
                    reset: self.full_at(now, limit.saturating_sub(remaining), Duration::ZERO),
                    retry_after: None,
                }
            }
            Err(not_until) => {
                let wait = not_until.wait_time_from(self.clock.now());
                Budget {
                    limit,
                    remaining: 0,
                    reset: self.full_at(now, limit.saturating_sub(1), wait),
                    retry_after: Some(round_up(wait).max(1)),
                }
            }
        }
    }

    /// The epoch second, rounded up, at which `missing` requests will have come back after `wait`.
    fn full_at(&self, now: Timestamp, missing: u32, wait: Duration) -> u64 {
        epoch_second(
            now,
            wait + Duration::from_mins(1) / self.per_minute.get() * missing,
        )
    }

    /// Removes the callers whose budget is full, whenever their number has doubled since the last time: the map stays
    /// within twice the callers of the last minute, and a request pays for it only rarely.
    fn clean(&self) {
        let clean_at = self.clean_at.load(Ordering::Relaxed);
        if self.limiter.len() < clean_at {
            return;
        }
        let taken = self.clean_at.compare_exchange(
            clean_at,
            usize::MAX,
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if taken.is_ok() {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
            let next = (self.limiter.len() * 2).max(KEYS_WORTH_CLEANING);
            self.clean_at.store(next, Ordering::Relaxed);
        }
    }
}

/// The epoch second in `span` from now, rounded up.
fn epoch_second(now: Timestamp, span: Duration) -> u64 {
    let moment = now.as_offset_date_time() + span;
    let seconds = u64::try_from(moment.unix_timestamp()).unwrap_or_default();
    seconds + u64::from(moment.nanosecond() > 0)
}

fn round_up(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use super::*;

    fn limit(per_minute: u32) -> RateLimit {
        RateLimit::per_minute(NonZeroU32::new(per_minute).unwrap())
    }

    fn v4(n: u32) -> Caller {
        Caller::address(Ipv4Addr::from_bits(n).into())
    }

    fn epoch() -> Timestamp {
        Timestamp::new(time::OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn counts_down_and_then_refuses_until_one_came_back() {
        let limit = limit(5);
        let budgets = (0..6)
            .map(|_| limit.take(v4(1), epoch()))
            .collect::<Vec<_>>();
        let remaining = budgets.iter().map(|b| b.remaining).collect::<Vec<_>>();
        assert_eq!(remaining, [4, 3, 2, 1, 0, 0]);
        assert_eq!(budgets[4].retry_after, None);
        assert_eq!(budgets[5].retry_after, Some(12));
        assert_eq!(budgets[5].limit, 5);
    }

    #[test]
    fn the_reset_is_when_the_budget_is_full_again() {
        let limit = limit(60);
        assert_eq!(limit.take(v4(1), epoch()).reset, 1);
        let last = (0..60).map(|_| limit.take(v4(1), epoch())).last().unwrap();
        assert_eq!((last.reset, last.retry_after), (60, Some(1)));
    }

    #[test]
    fn one_caller_does_not_use_up_the_budget_of_another() {
        let limit = limit(1);
        assert_eq!(limit.take(v4(1), epoch()).retry_after, None);
        assert!(limit.take(v4(1), epoch()).retry_after.is_some());
        assert_eq!(limit.take(v4(2), epoch()).retry_after, None);
    }

    #[test]
    fn addresses_of_one_ipv6_network_are_one_caller() {
        let of = |text: &str| Caller::address(IpAddr::V6(text.parse::<Ipv6Addr>().unwrap()));
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:2"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
    }

    #[test]
    fn forgets_callers_whose_budget_is_full() {
        // One request comes back every millisecond, so all are full again soon.
        let limit = limit(60_000);
        let mut most = 0;
        for n in 0..200_000 {
            limit.take(v4(n), epoch());
            most = most.max(limit.limiter.len());
        }
        assert!(most < 100_000, "{most} callers were kept");
    }
}
