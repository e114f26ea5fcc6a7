//! Users with their profiles, as one record. Deleting is soft: a user's jobs keep their author.

pub(crate) mod row;

use domain::{NewUser, Role, SessionId, Timestamp, User, UserId, UserPatch};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope,
    entity::{user, user_profile},
    list::{self, Field},
    pool::Transaction,
    session,
    stamp::Stamp,
};
use row::{WithProfile, both, one, record, with_profile};

/// The users of tenants.
#[derive(Debug, Clone)]
pub struct Users {
    db: Database,
}

const LIST: &[Field] = &[
    Field::uuid("user", "id"),
    Field::searched("user", "username"),
    Field::flag("user", "is_active"),
    Field::searched("user_profile", "nama_lengkap"),
    Field::searched("user_profile", "email"),
    Field::text("user_profile", "tipe_akun"),
    Field::text("user_profile", "role"),
    Field::moment("user", "created_date"),
    Field::moment("user", "updated_date"),
];

impl Users {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Stores a new user with their profile. `profile_id` names the profile's row; `by` who made it.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] when the name is taken in the installation.
    pub async fn insert(
        &self,
        scope: TenantScope,
        id: UserId,
        profile_id: Uuid,
        user: &NewUser,
        by: &str,
        now: Timestamp,
    ) -> Result<User, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let stamp = Stamp::from(now);
                let account = user::ActiveModel {
                    id: Set(id.as_uuid()),
                    tenant_id: Set(scope.uuid()),
                    username: Set(user.username.clone()),
                    password: Set(user.password_hash.clone()),
                    is_active: Set(user.is_active),
                    must_change_password: Set(user.must_change_password),
                    deleted: Set(false),
                    created_by: Set(Some(by.to_owned())),
                    updated_by: Set(Some(by.to_owned())),
                    created_date: Set(stamp),
                    updated_date: Set(stamp),
                };
                let account = account.insert(&tx).await?;
                let profile = user_profile::ActiveModel {
                    id: Set(profile_id),
                    id_user: Set(id.as_uuid()),
                    nama_lengkap: Set(user.profile.nama_lengkap.clone()),
                    email: Set(user.profile.email.clone()),
                    tipe_akun: Set(user.profile.tipe_akun.clone()),
                    role: Set(user.profile.role.to_string()),
                    deleted: Set(false),
                    created_by: Set(Some(by.to_owned())),
                    updated_by: Set(Some(by.to_owned())),
                    created_date: Set(stamp),
                    updated_date: Set(stamp),
                };
                let profile = profile.insert(&tx).await?;
                self.db.commit(tx).await?;
                record(account, profile)
            })
            .await
    }

    /// One user who is not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: UserId,
    ) -> Result<Option<User>, RepositoryError> {
        one(&self.db.read(scope).await?, of(scope, id)).await
    }

    /// A page of the users who are not deleted.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that users do not have.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<User>, RepositoryError> {
        let wanted = with_profile()
            .filter(user::Column::TenantId.eq(scope.uuid()))
            .filter(user::Column::Deleted.eq(false))
            .filter(list::condition(LIST, query)?);
        let mut page = wanted.clone().limit(query.limit).offset(query.offset);
        let id = Expr::col(("user", "id"));
        list::order(LIST, id, query, QueryTrait::query(&mut page))?;
        let reader = self.db.read(scope).await?;
        let rows = page.all(&reader).await?;
        let total = wanted.count(&reader).await?;
        let items = rows.into_iter().map(both).collect::<Result<_, _>>()?;
        Ok(Page { items, total })
    }

    /// Changes a user; a new role, a new password or disabling ends their sessions in the same transaction. `None`: no such
    /// user.
    ///
    /// # Errors
    /// [`RepositoryError::LastAdministrator`] when the tenant would have none left.
    pub async fn update(
        &self,
        scope: TenantScope,
        id: UserId,
        patch: &UserPatch,
        by: &str,
        now: Timestamp,
    ) -> Result<Option<User>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                scope.lock(&self.db, &tx, ADMINISTRATORS).await?;
                let Some((account, Some(profile))) = of(scope, id).one(&tx).await? else {
                    return Ok(None);
                };
                let was_admin = is_admin(&account, &profile);
                let ends = patch.password_hash.is_some()
                    || patch.is_active == Some(false)
                    || patch.role.is_some_and(|role| role.as_str() != profile.role);
                let stamp = Stamp::from(now);
                let mut account = account.into_active_model();
                let mut profile = profile.into_active_model();
                if let Some(hash) = &patch.password_hash {
                    account.password = Set(hash.clone());
                }
                if let Some(is_active) = patch.is_active {
                    account.is_active = Set(is_active);
                }
                if let Some(must_change_password) = patch.must_change_password {
                    account.must_change_password = Set(must_change_password);
                }
                if let Some(nama_lengkap) = &patch.nama_lengkap {
                    profile.nama_lengkap = Set(nama_lengkap.clone());
                }
                if let Some(email) = patch.email.clone().into_column() {
                    profile.email = Set(email);
                }
                if let Some(tipe_akun) = &patch.tipe_akun {
                    profile.tipe_akun = Set(tipe_akun.clone());
                }
                if let Some(role) = patch.role {
                    profile.role = Set(role.to_string());
                }
                account.updated_by = Set(Some(by.to_owned()));
                account.updated_date = Set(stamp);
                profile.updated_by = Set(Some(by.to_owned()));
                profile.updated_date = Set(stamp);
                let account = account.update(&tx).await?;
                let profile = profile.update(&tx).await?;
                if was_admin && !is_admin(&account, &profile) {
                    ensure_admin(&tx, scope).await?;
                }
                if ends {
                    session::revoke_of_user(&tx, id, stamp).await?;
                }
                self.db.commit(tx).await?;
                record(account, profile).map(Some)
            })
            .await
    }

    /// Replaces the password whose hash is `old` by one of the user's own choice, and ends all their sessions but
    /// one. Whether that was still the password.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn change_password(
        &self,
        scope: TenantScope,
        user: &User,
        new: &str,
        kept: SessionId,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let stamp = Stamp::from(now);
                let changed = user::Entity::update_many()
                    .set(user::ActiveModel {
                        password: Set(new.to_owned()),
                        must_change_password: Set(false),
                        updated_by: Set(Some(user.username.clone())),
                        updated_date: Set(stamp),
                        ..Default::default()
                    })
                    .filter(user::Column::TenantId.eq(scope.uuid()))
                    .filter(user::Column::Id.eq(user.id.as_uuid()))
                    .filter(user::Column::Password.eq(user.password_hash.as_str()))
                    .exec(&tx)
                    .await?;
                if changed.rows_affected == 0 {
                    return Ok(false);
                }
                session::revoke_others(&tx, user.id, kept, stamp).await?;
                self.db.commit(tx).await?;
                Ok(true)
            })
            .await
    }

    /// Deletes a user softly and ends their sessions; whether there was one.
    ///
    /// # Errors
    /// [`RepositoryError::LastAdministrator`] when the tenant would have none left.
    pub async fn delete(
        &self,
        scope: TenantScope,
        id: UserId,
        by: &str,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                scope.lock(&self.db, &tx, ADMINISTRATORS).await?;
                let Some((account, Some(profile))) = of(scope, id).one(&tx).await? else {
                    return Ok(false);
                };
                let was_admin = is_admin(&account, &profile);
                let stamp = Stamp::from(now);
                mark_deleted(&tx, account, profile, by, stamp).await?;
                if was_admin {
                    ensure_admin(&tx, scope).await?;
                }
                session::revoke_of_user(&tx, id, stamp).await?;
                self.db.commit(tx).await?;
                Ok(true)
            })
            .await
    }
}

/// What one change of a tenant's users at a time is locked by: two admins who remove each other must not both succeed.
const ADMINISTRATORS: &str = "administrators";

/// Whether a user who is not deleted can administer the tenant.
fn is_admin(account: &user::Model, profile: &user_profile::Model) -> bool {
    account.is_active && profile.role == Role::Admin.as_str()
}

/// Refuses what has left the tenant without an administrator; the caller's transaction must not be committed then.
async fn ensure_admin(tx: &Transaction, scope: TenantScope) -> Result<(), RepositoryError> {
    let admins = with_profile()
        .filter(user::Column::TenantId.eq(scope.uuid()))
        .filter(user::Column::Deleted.eq(false))
        .filter(user::Column::IsActive.eq(true))
        .filter(user_profile::Column::Role.eq(Role::Admin.as_str()))
        .count(tx)
        .await?;
    if admins == 0 {
        return Err(RepositoryError::LastAdministrator);
    }
    Ok(())
}

async fn mark_deleted(
    tx: &Transaction,
    account: user::Model,
    profile: user_profile::Model,
    by: &str,
    now: Stamp,
) -> Result<(), RepositoryError> {
    let mut account = account.into_active_model();
    account.deleted = Set(true);
    account.updated_by = Set(Some(by.to_owned()));
    account.updated_date = Set(now);
    account.update(tx).await?;
    let mut profile = profile.into_active_model();
    profile.deleted = Set(true);
    profile.updated_by = Set(Some(by.to_owned()));
    profile.updated_date = Set(now);
    profile.update(tx).await?;
    Ok(())
}

fn of(scope: TenantScope, id: UserId) -> WithProfile {
    with_profile()
        .filter(user::Column::TenantId.eq(scope.uuid()))
        .filter(user::Column::Id.eq(id.as_uuid()))
        .filter(user::Column::Deleted.eq(false))
}
