//! The tenant that a query runs for. A query on tenant data cannot be built without one.

use domain::TenantId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use crate::{Backend, Database, RepositoryError, pool::Transaction};

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

    /// Lets one transaction of the tenant at a time count and change what `subject` names, until it ends. SQLite has one
    /// writer anyway.
    pub(crate) async fn lock(
        self,
        db: &Database,
        tx: &Transaction,
        subject: &str,
    ) -> Result<(), RepositoryError> {
        if db.backend() == Backend::Postgres {
            let name = format!("hijrah.{subject}.{}", self.0);
            let sql = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";
            tx.execute_raw(db.statement(sql, [name.into()])).await?;
        }
        Ok(())
    }
}

impl TenantScope {
    /// Whether the tenant has fewer than `most` rows of a table. No other transaction adds one, if it asks too, until this one ends.
    pub(crate) async fn has_room<E: EntityTrait>(
        self,
        db: &Database,
        tx: &Transaction,
        tenant: E::Column,
        most: u64,
    ) -> Result<bool, RepositoryError>
    where
        E::Model: Send + Sync,
    {
        self.lock(db, tx, E::default().table_name()).await?;
        let rows = E::find().filter(tenant.eq(self.uuid()));
        Ok(rows.count(tx).await? < most)
    }
}

impl From<TenantId> for TenantScope {
    fn from(tenant: TenantId) -> Self {
        Self(tenant)
    }
}
