//! How users are read: each from the row of the account and that of the profile.

use domain::{TenantId, User, UserId, UserProfile};
use sea_orm::{ConnectionTrait, EntityTrait, JoinType, QuerySelect, SelectTwo};

use crate::{
    RepositoryError,
    entity::{user, user_profile},
    table::stored,
};

/// A query of users with their profiles.
pub(super) type WithProfile = SelectTwo<user::Entity, user_profile::Entity>;

/// Users with their profiles.
pub(crate) fn with_profile() -> WithProfile {
    let profile = user::Entity::belongs_to(user_profile::Entity)
        .from(user::Column::Id)
        .to(user_profile::Column::IdUser)
        .into();
    user::Entity::find()
        .join(JoinType::InnerJoin, profile)
        .select_also(user_profile::Entity)
}

/// The one user that a query finds.
pub(crate) async fn one(
    conn: &impl ConnectionTrait,
    query: WithProfile,
) -> Result<Option<User>, RepositoryError> {
    query.one(conn).await?.map(both).transpose()
}

/// Every user of the query.
pub(crate) async fn all(
    conn: &impl ConnectionTrait,
    query: WithProfile,
) -> Result<Vec<User>, RepositoryError> {
    query.all(conn).await?.into_iter().map(both).collect()
}

pub(super) fn both(
    row: (user::Model, Option<user_profile::Model>),
) -> Result<User, RepositoryError> {
    let (account, profile) = row;
    let profile = profile.ok_or(RepositoryError::Corrupt {
        column: "user_profile",
    })?;
    record(account, profile)
}

pub(super) fn record(
    account: user::Model,
    profile: user_profile::Model,
) -> Result<User, RepositoryError> {
    Ok(User {
        id: UserId::from_uuid(account.id),
        tenant_id: TenantId::from_uuid(account.tenant_id),
        username: account.username,
        password_hash: account.password,
        is_active: account.is_active,
        must_change_password: account.must_change_password,
        deleted: account.deleted,
        profile: UserProfile {
            nama_lengkap: profile.nama_lengkap,
            email: profile.email,
            tipe_akun: profile.tipe_akun,
            role: stored("role", profile.role.parse())?,
        },
        created_by: account.created_by,
        updated_by: account.updated_by,
        created_date: account.created_date.into(),
        updated_date: account.updated_date.into(),
    })
}
