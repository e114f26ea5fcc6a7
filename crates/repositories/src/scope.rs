//! The tenant that a query runs for. A query on tenant data cannot be built without one.

use domain::TenantId;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityName, EntityTrait, PaginatorTrait,
    QueryFilter,
};
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
    /// Stores a row of the tenant, unless the tenant has `most` rows of its table already; whether there was room. Transactions
    /// that ask this at once wait for each other.
    pub(crate) async fn insert_up_to<A>(
        self,
        db: &Database,
        tenant: <A::Entity as EntityTrait>::Column,
        row: &A,
        most: u64,
    ) -> Result<bool, RepositoryError>
    where
        A: ActiveModelTrait + Clone + Sync,
        <A::Entity as EntityTrait>::Model: Send + Sync,
    {
        db.transact(move || async move {
            let tx = db.begin_write(self).await?;
            self.lock(db, &tx, A::Entity::default().table_name())
                .await?;
            let rows = A::Entity::find().filter(tenant.eq(self.uuid()));
            if rows.count(&tx).await? >= most {
                return Ok(false);
            }
            A::Entity::insert(row.clone())
                .exec_without_returning(&tx)
                .await?;
            db.commit(tx).await?;
            Ok(true)
        })
        .await
    }
}

impl From<TenantId> for TenantScope {
    fn from(tenant: TenantId) -> Self {
        Self(tenant)
    }
}
