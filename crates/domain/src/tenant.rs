//! An agency and its name in addresses.

use time::{Date, OffsetDateTime, UtcOffset};

use crate::{TenantId, Timestamp, word::words};

words! {
    /// The three time zones of Indonesia, none of which has summer time.
    pub enum TimeZone {
        /// WIB.
        Jakarta => "Asia/Jakarta",
        /// WITA.
        Makassar => "Asia/Makassar",
        /// WIT.
        Jayapura => "Asia/Jayapura",
    }
}

impl TimeZone {
    /// The first moment of a day there.
    #[must_use]
    pub fn midnight(self, day: Date) -> Timestamp {
        let hours = match self {
            Self::Jakarta => 7,
            Self::Makassar => 8,
            Self::Jayapura => 9,
        };
        let offset = UtcOffset::from_hms(hours, 0, 0).unwrap_or(UtcOffset::UTC);
        Timestamp::new(OffsetDateTime::new_in_offset(
            day,
            time::Time::MIDNIGHT,
            offset,
        ))
    }
}

/// A travel agency: the owner of every other row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name, as people write it.
    pub name: String,
    /// Its short name: lower-case letters, digits and hyphens, unique in the installation.
    pub slug: String,
    /// Where it is: what its days are.
    pub time_zone: TimeZone,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// What may change in a tenant. `None` keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TenantPatch {
    /// A new name.
    pub name: Option<String>,
    /// A new time zone.
    pub time_zone: Option<TimeZone>,
}
