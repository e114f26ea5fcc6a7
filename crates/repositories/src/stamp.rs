//! A moment as a column: UTC without a zone, cut to microseconds, so that both engines sort, compare and return it alike.

use domain::Timestamp;
use sea_orm::{DeriveValueType, prelude::TimeDateTime};

/// `timestamp` on PostgreSQL, sortable text on SQLite. (A zoned time would be stored on SQLite with its own offset and a
/// fraction of varying length, and sort wrongly.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, DeriveValueType)]
pub struct Stamp(TimeDateTime);

impl Stamp {
    /// The bare value, for statements that are not built by SeaORM.
    pub(crate) const fn naive(self) -> TimeDateTime {
        self.0
    }
}

impl From<Timestamp> for Stamp {
    fn from(moment: Timestamp) -> Self {
        let utc = moment.as_offset_date_time();
        Self(TimeDateTime::new(utc.date(), utc.time()))
    }
}

impl From<Stamp> for Timestamp {
    fn from(stamp: Stamp) -> Self {
        Self::new(stamp.0.assume_utc())
    }
}

/// The column of an optional moment.
pub(crate) fn stamp(moment: Option<Timestamp>) -> Option<Stamp> {
    moment.map(Stamp::from)
}

/// The moment of an optional column.
pub(crate) fn moment(stamp: Option<Stamp>) -> Option<Timestamp> {
    stamp.map(Timestamp::from)
}
