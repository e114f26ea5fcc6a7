//! The only source of the current time and of new ids.

use domain::{Clock, Timestamp};
use time::OffsetDateTime;
use uuid::Uuid;

/// The system's clock; ids are UUID v7.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::new(OffsetDateTime::now_utc())
    }

    fn mint_uuid(&self) -> Uuid {
        Uuid::now_v7()
    }
}
