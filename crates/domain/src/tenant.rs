//! An agency and its name in addresses.

use crate::{TenantId, Timestamp};

/// A travel agency: the owner of every other row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name, as people write it.
    pub name: String,
    /// Its short name: lower-case letters, digits and hyphens, unique in the installation.
    pub slug: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}
