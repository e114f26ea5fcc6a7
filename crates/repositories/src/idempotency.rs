//! Requests with an idempotency key: reserved before they are carried out, and answered from here when they are repeated.

use domain::{Timestamp, UserId};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QuerySelect, sea_query::OnConflict,
};

use crate::{
    Database, RepositoryError, TenantScope,
    entity::idempotency_key::{ActiveModel, Column, Entity},
    stamp::Stamp,
};

/// The named requests.
#[derive(Debug, Clone)]
pub struct NamedRequests {
    db: Database,
}

/// A request and the name that its caller gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRequest {
    /// The caller.
    pub user_id: UserId,
    /// The name.
    pub key: String,
    /// SHA-256 of what is asked for, in hexadecimal.
    pub fingerprint: String,
}

/// What is known about a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reservation {
    /// It is reserved for this request now.
    Reserved,
    /// The request was carried out, with this answer.
    Answered(String),
    /// The request is being carried out.
    UnderWay,
    /// It is the name of another request.
    Taken,
}

impl NamedRequests {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Reserves a name until `locked_until`. Names that were given before `forgotten` are free.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn reserve(
        &self,
        scope: TenantScope,
        request: &NamedRequest,
        now: Timestamp,
        forgotten: Timestamp,
        locked_until: Timestamp,
    ) -> Result<Reservation, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let row = ActiveModel {
                    tenant_id: Set(scope.uuid()),
                    user_id: Set(request.user_id.as_uuid()),
                    key: Set(request.key.clone()),
                    fingerprint: Set(request.fingerprint.clone()),
                    answer: Set(None),
                    created_at: Set(now.into()),
                    locked_until: Set(locked_until.into()),
                };
                let keys = [Column::TenantId, Column::UserId, Column::Key];
                let once = OnConflict::columns(keys).do_nothing().to_owned();
                let inserted = Entity::insert(row.clone())
                    .on_conflict(once)
                    .exec_without_returning(&tx)
                    .await?;
                if inserted > 0 {
                    self.db.commit(tx).await?;
                    return Ok(Reservation::Reserved);
                }
                let known = Entity::find_by_id((
                    scope.uuid(),
                    request.user_id.as_uuid(),
                    request.key.clone(),
                ))
                .lock_exclusive()
                .one(&tx)
                .await?;
                let Some(known) = known else {
                    // It was released at this moment; the answer is that it is under way.
                    return Ok(Reservation::UnderWay);
                };
                let is_forgotten = Timestamp::from(known.created_at) <= forgotten;
                if !is_forgotten {
                    if known.fingerprint != request.fingerprint {
                        return Ok(Reservation::Taken);
                    }
                    if let Some(answer) = known.answer {
                        return Ok(Reservation::Answered(answer));
                    }
                    if Timestamp::from(known.locked_until) > now {
                        return Ok(Reservation::UnderWay);
                    }
                }
                row.into_active_model().reset_all().update(&tx).await?;
                self.db.commit(tx).await?;
                Ok(Reservation::Reserved)
            })
            .await
    }

    /// Stores the answer of a reserved request.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn answer(
        &self,
        scope: TenantScope,
        request: &NamedRequest,
        answer: &str,
    ) -> Result<(), RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                Entity::update_many()
                    .set(ActiveModel {
                        answer: Set(Some(answer.to_owned())),
                        ..Default::default()
                    })
                    .filter(Column::TenantId.eq(scope.uuid()))
                    .filter(Column::UserId.eq(request.user_id.as_uuid()))
                    .filter(Column::Key.eq(request.key.as_str()))
                    .filter(Column::Fingerprint.eq(request.fingerprint.as_str()))
                    .exec(&tx)
                    .await?;
                self.db.commit(tx).await
            })
            .await
    }

    /// Frees the name of a refused request, which changed nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn release(
        &self,
        scope: TenantScope,
        request: &NamedRequest,
    ) -> Result<(), RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                Entity::delete_many()
                    .filter(Column::TenantId.eq(scope.uuid()))
                    .filter(Column::UserId.eq(request.user_id.as_uuid()))
                    .filter(Column::Key.eq(request.key.as_str()))
                    .filter(Column::Answer.is_null())
                    .exec(&tx)
                    .await?;
                self.db.commit(tx).await
            })
            .await
    }

    /// Deletes names that were given before `forgotten`. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, forgotten: Timestamp) -> Result<u64, RepositoryError> {
        let tx = self.db.begin_owner().await?;
        let done = Entity::delete_many()
            .filter(Column::CreatedAt.lte(Stamp::from(forgotten)))
            .exec(&tx)
            .await?;
        self.db.commit(tx).await?;
        Ok(done.rows_affected)
    }
}
