//! Tenants. They are created on the command line, before any user belongs to them, so these queries run as the owner.

use domain::{Tenant, TenantId, TenantPatch, Timestamp};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};

use crate::{
    Database, RepositoryError, TenantScope,
    entity::{
        tenant::{ActiveModel, Column, Entity, Model},
        user,
    },
    table::stored,
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
            time_zone: Set(tenant.time_zone.to_string()),
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
        row.map(record).transpose()
    }

    /// One tenant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(&self, id: TenantId) -> Result<Option<Tenant>, RepositoryError> {
        let row = Entity::find_by_id(id.as_uuid())
            .one(self.db.owner())
            .await?;
        row.map(record).transpose()
    }

    /// Changes a tenant in its own name. `None`: there is no such tenant.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn update(
        &self,
        scope: TenantScope,
        patch: &TenantPatch,
        now: Timestamp,
    ) -> Result<Option<Tenant>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(tenant) = Entity::find_by_id(scope.uuid()).one(&tx).await? else {
                    return Ok(None);
                };
                let mut tenant = tenant.into_active_model();
                if let Some(name) = &patch.name {
                    tenant.name = Set(name.clone());
                }
                if let Some(time_zone) = patch.time_zone {
                    tenant.time_zone = Set(time_zone.to_string());
                }
                tenant.updated_at = Set(now.into());
                let tenant = tenant.update(&tx).await?;
                self.db.commit(tx).await?;
                record(tenant).map(Some)
            })
            .await
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

fn record(row: Model) -> Result<Tenant, RepositoryError> {
    Ok(Tenant {
        id: TenantId::from_uuid(row.id),
        name: row.name,
        slug: row.slug,
        time_zone: stored("time_zone", row.time_zone.parse())?,
        created_at: row.created_at.into(),
        updated_at: row.updated_at.into(),
    })
}
