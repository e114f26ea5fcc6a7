//! Identifiers: one type per kind of row, so that a job's id cannot be taken for a package's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Clock;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id: a UUID v7, so that ids sort by the time of their creation.
            pub fn mint(clock: &dyn Clock) -> Self {
                Self(clock.mint_uuid())
            }

            /// Wraps the UUID of an existing row.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The bare UUID, for storage and transport.
            #[must_use]
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )*};
}

ids! {
    /// An agency: everything else belongs to exactly one tenant.
    TenantId,
    /// A person who can log in.
    UserId,
    /// A login session: one family of rotating refresh tokens.
    SessionId,
    /// One refresh token of a session.
    RefreshTokenId,
    /// An entry of the activity log.
    ActivityId,
    /// A key of a machine.
    ApiKeyId,
    /// A receiver of events.
    WebhookId,
    /// An event on its way to a webhook.
    WebhookDeliveryId,
    /// An import job.
    JobId,
    /// One error of one row of an import job.
    RowErrorId,
    /// A travel package.
    PackageId,
    /// A pilgrim.
    JamaahId,
    /// A payment of a pilgrim.
    PaymentId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_as_the_bare_uuid() {
        let text = "01890a5d-ac96-774b-bcce-b302099a8057";
        let id: JobId = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(Uuid::from(id), id.as_uuid());
        assert!("01890a5d".parse::<JobId>().is_err());
    }
}
