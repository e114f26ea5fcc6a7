//! Time and chance as arguments: the clock that the outer layers pass in, and the one type of a moment.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{Date, Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// The source of time and of new ids. Implemented once for production; tests use a fixed one.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Timestamp;

    /// A new UUID v7.
    fn mint_uuid(&self) -> Uuid;
}

/// A moment in UTC, truncated to microseconds: the precision of both databases, so that a stored moment equals the one that is read.
///
/// In JSON it is RFC 3339 with `Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(OffsetDateTime);

impl Timestamp {
    /// Converts to UTC and truncates to microseconds.
    #[must_use]
    pub fn new(moment: OffsetDateTime) -> Self {
        let utc = moment.to_offset(UtcOffset::UTC);
        let rest = i64::from(utc.nanosecond() % 1_000);
        Self(utc - Duration::nanoseconds(rest))
    }

    /// The moment in the type of the `time` crate, always at offset zero.
    #[must_use]
    pub const fn as_offset_date_time(self) -> OffsetDateTime {
        self.0
    }

    /// Whole seconds since 1970.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.unix_timestamp()
    }

    /// The calendar day in Jakarta (WIB, UTC+7), the agencies' calendar.
    #[must_use]
    pub fn jakarta_date(self) -> Date {
        (self.0 + Duration::hours(7)).date()
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self::new(self.0.saturating_add(span))
    }
}

impl std::ops::Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self::new(self.0.saturating_sub(span))
    }
}

impl std::ops::Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        Self::new(moment)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(&Rfc3339).map_err(|_| fmt::Error)?)
    }
}

impl std::str::FromStr for Timestamp {
    type Err = time::error::Parse;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &Rfc3339).map(Self::new)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn is_utc_and_cut_to_microseconds() {
        let stamp = Timestamp::new(datetime!(2025-01-15 17:30:00.123456789 +7));
        assert_eq!(stamp.to_string(), "2025-01-15T10:30:00.123456Z");
        assert_eq!(stamp.to_string().parse::<Timestamp>().unwrap(), stamp);
        assert_eq!(
            Timestamp::new(datetime!(2025-01-15 10:30 UTC)).to_string(),
            "2025-01-15T10:30:00Z"
        );
    }

    #[test]
    fn the_day_is_that_of_jakarta() {
        assert_eq!(
            Timestamp::new(datetime!(2025-01-15 16:59 UTC)).jakarta_date(),
            date!(2025 - 01 - 15)
        );
        assert_eq!(
            Timestamp::new(datetime!(2025-01-15 17:00 UTC)).jakarta_date(),
            date!(2025 - 01 - 16)
        );
    }
}
