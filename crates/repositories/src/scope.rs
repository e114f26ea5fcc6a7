//! The tenant in whose name a query runs. There is no way to build a query on tenant data without one.

use domain::TenantId;
use uuid::Uuid;

/// Names the tenant whose rows a repository may touch. Taken from the caller's identity, or from the claimed job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TenantScope(TenantId);

impl TenantScope {
    /// The scope of one tenant.
    #[must_use]
    pub const fn new(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// The tenant.
    #[must_use]
    pub const fn tenant_id(self) -> TenantId {
        self.0
    }

    /// The tenant's id as the database has it.
    pub(crate) const fn uuid(self) -> Uuid {
        self.0.as_uuid()
    }
}

impl From<TenantId> for TenantScope {
    fn from(tenant: TenantId) -> Self {
        Self(tenant)
    }
}
