//! Tenants. They are made by the command line, before anyone belongs to them, so these run as the owner.

use domain::{Tenant, TenantId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
};

use crate::{
    Database, RepositoryError,
    entity::{
        tenant::{ActiveModel, Column, Entity},
        user,
    },
};

/// The tenants of the installation.
#[derive(Debug, Clone)]
pub struct Tenants {
    db: Database,
}

impl Tenants {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a new tenant.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when the slug is taken.
    pub async fn insert(&self, tenant: &Tenant) -> Result<(), RepositoryError> {
        let row = ActiveModel {
            id: Set(tenant.id.as_uuid()),
            name: Set(tenant.name.clone()),
            slug: Set(tenant.slug.clone()),
            created_at: Set(tenant.created_at.into()),
            updated_at: Set(tenant.updated_at.into()),
        };
        Entity::insert(row)
            .exec_without_returning(self.db.owner())
            .await?;
        Ok(())
    }

    /// The tenant with this slug.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_by_slug(&self, slug: &str) -> Result<Option<Tenant>, RepositoryError> {
        let row = Entity::find()
            .filter(Column::Slug.eq(slug))
            .one(self.db.owner())
            .await?;
        Ok(row.map(|row| Tenant {
            id: TenantId::from_uuid(row.id),
            name: row.name,
            slug: row.slug,
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
        }))
    }

    /// Whether any tenant has a user, deleted ones included.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn has_users(&self) -> Result<bool, RepositoryError> {
        Ok(user::Entity::find().count(self.db.owner()).await? > 0)
    }

    /// Deletes a tenant and every row that is its own, in one transaction.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn remove(&self, tenant: TenantId) -> Result<(), RepositoryError> {
        let tx = self.db.begin_owner().await?;
        // Rows without a tenant are deleted with their user.
        for table in migration::tables_with("tenant_id").into_iter().rev() {
            let sql = format!("DELETE FROM \"{table}\" WHERE tenant_id = $1");
            let delete = self.db.statement(sql, [tenant.as_uuid().into()]);
            tx.execute_raw(delete).await?;
        }
        Entity::delete_by_id(tenant.as_uuid()).exec(&tx).await?;
        self.db.commit(tx).await
    }
}
