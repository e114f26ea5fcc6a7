//! API keys. The tenant of a key is not known before the key was found, so lookups run as the tables' owner.

use domain::{ApiKey, ApiKeyId, TenantId, Timestamp, User, UserId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr,
};

use crate::{
    Database, RepositoryError, TenantScope,
    entity::{
        api_key::{ActiveModel, Column, Entity, Model},
        user,
    },
    stamp::{Stamp, moment, stamp},
    user::row::{one, with_profile},
};

/// The keys.
#[derive(Debug, Clone)]
pub struct ApiKeys {
    db: Database,
}

impl ApiKeys {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a key by its SHA-256, unless the tenant has `most` already; whether there was room.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn insert(
        &self,
        scope: TenantScope,
        key: &ApiKey,
        key_hash: &str,
        most: u64,
    ) -> Result<bool, RepositoryError> {
        let row = ActiveModel {
            tenant_id: Set(scope.uuid()),
            id: Set(key.id.as_uuid()),
            user_id: Set(key.user_id.as_uuid()),
            name: Set(key.name.clone()),
            key_hash: Set(key_hash.to_owned()),
            hint: Set(key.hint.clone()),
            scopes: Set(key.scopes.join(" ")),
            created_at: Set(key.created_at.into()),
            expires_at: Set(key.expires_at.into()),
            last_used_at: Set(stamp(key.last_used_at)),
        };
        scope
            .insert_up_to(&self.db, Column::TenantId, &row, most)
            .await
    }

    /// The keys of a tenant, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, scope: TenantScope) -> Result<Vec<ApiKey>, RepositoryError> {
        let rows = Entity::find()
            .filter(Column::TenantId.eq(scope.uuid()))
            .order_by_desc(Column::Id)
            .all(&self.db.read(scope).await?)
            .await?;
        Ok(rows.into_iter().map(record).collect())
    }

    /// Deletes a key; returns its name if there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn delete(
        &self,
        scope: TenantScope,
        id: ApiKeyId,
    ) -> Result<Option<String>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let key = (scope.uuid(), id.as_uuid());
                let Some(row) = Entity::find_by_id(key).one(&tx).await? else {
                    return Ok(None);
                };
                let done = Entity::delete_by_id(key).exec(&tx).await?;
                self.db.commit(tx).await?;
                Ok((done.rows_affected > 0).then_some(row.name))
            })
            .await
    }

    /// The key with this SHA-256 and the user for whom it acts, if it has not expired and the user may log in.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn living(
        &self,
        key_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(ApiKey, User)>, RepositoryError> {
        self.found(Column::KeyHash.eq(key_hash), now).await
    }

    /// The same for a key whose id is known.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn living_by_id(
        &self,
        id: ApiKeyId,
        now: Timestamp,
    ) -> Result<Option<(ApiKey, User)>, RepositoryError> {
        self.found(Column::Id.eq(id.as_uuid()), now).await
    }

    async fn found(
        &self,
        which: Expr,
        now: Timestamp,
    ) -> Result<Option<(ApiKey, User)>, RepositoryError> {
        let row = Entity::find()
            .filter(which)
            .filter(Column::ExpiresAt.gt(Stamp::from(now)))
            .one(self.db.owner())
            .await?;
        let Some(key) = row.map(record) else {
            return Ok(None);
        };
        let query = with_profile().filter(user::Column::Id.eq(key.user_id.as_uuid()));
        let user = one(self.db.owner(), query).await?;
        Ok(user.filter(User::may_log_in).map(|user| (key, user)))
    }

    /// Records when a key was used.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn used(&self, id: ApiKeyId, now: Timestamp) -> Result<(), RepositoryError> {
        Entity::update_many()
            .set(ActiveModel {
                last_used_at: Set(Some(now.into())),
                ..Default::default()
            })
            .filter(Column::Id.eq(id.as_uuid()))
            .exec(self.db.owner())
            .await?;
        Ok(())
    }
}

fn record(row: Model) -> ApiKey {
    ApiKey {
        id: ApiKeyId::from_uuid(row.id),
        tenant_id: TenantId::from_uuid(row.tenant_id),
        user_id: UserId::from_uuid(row.user_id),
        name: row.name,
        hint: row.hint,
        scopes: row.scopes.split_whitespace().map(str::to_owned).collect(),
        created_at: row.created_at.into(),
        expires_at: row.expires_at.into(),
        last_used_at: moment(row.last_used_at),
    }
}
