//! Login sessions: families of refresh tokens that rotate. Which user logs in is not known before, so these run as the owner.

use std::collections::HashMap;

use domain::{
    OpenSession, RefreshTokenId, RefreshTokenRecord, Role, SessionId, Timestamp, User, UserId,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, Func, LockType},
};
use uuid::Uuid;

use crate::{
    Database, RepositoryError,
    entity::{
        refresh_token::{ActiveModel, Column, Entity, Model},
        user,
    },
    pool::Transaction,
    stamp::{Stamp, moment, stamp},
    user::row::{all, one, with_profile},
};

/// Refresh tokens and their users.
#[derive(Debug, Clone)]
pub struct Sessions {
    db: Database,
}

/// What presenting a refresh token did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rotation {
    /// The token was valid. It is spent now, and this successor is stored.
    Rotated(Box<User>, RefreshTokenRecord),
    /// It was spent within the grace, and this successor of it is unused: the same answer is due again.
    Repeated(Box<User>, RefreshTokenRecord),
    /// It was spent before: someone replays it. The whole session is revoked now.
    Reused(SessionId),
    /// Unknown, expired or revoked, or its user may not log in.
    Refused,
}

/// What a session that is not over says of its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose it is.
    pub user_id: UserId,
    /// The role that the user has now.
    pub role: Role,
    /// Whether the user has to change the password first.
    pub must_change_password: bool,
}

impl Sessions {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// The user of this name in any tenant, without regard to case; also inactive and deleted ones.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<User>, RepositoryError> {
        // PostgreSQL accepts no NUL, and no name contains one.
        if username.contains('\0') {
            return Ok(None);
        }
        let name = Func::lower(Expr::col((user::Entity, user::Column::Username)));
        let wanted = Func::lower(Expr::val(username));
        let query = with_profile().filter(Expr::expr(name).eq(wanted));
        one(self.db.owner(), query).await
    }

    /// Opens a session by its first token.
    ///
    /// # Errors
    /// When the database refuses it.
    pub async fn open(&self, token: &RefreshTokenRecord) -> Result<(), RepositoryError> {
        insert(self.db.owner(), token).await
    }

    /// Spends the token with hash `presented` for `successor`, atomically. Session, user, parent and absolute end of
    /// `successor` are taken over from the spent token, and it never outlives the session. A token that was spent at most
    /// `grace` ago is answered with its unused successor.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotate(
        &self,
        presented: &str,
        successor: &RefreshTokenRecord,
        now: Timestamp,
        grace: time::Duration,
    ) -> Result<Rotation, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_owner().await?;
                let Some(token) = settled(&tx, presented).await?.map(record) else {
                    return Ok(Rotation::Refused);
                };
                if token.is_revoked || token.absolute_expires_at <= now {
                    return Ok(Rotation::Refused);
                }
                if let Some(used_at) = token.used_at {
                    let rotation = self.replayed(&tx, &token, used_at, now, grace).await?;
                    self.db.commit(tx).await?;
                    return Ok(rotation);
                }
                let Some(user) = active(&tx, token.user_id).await? else {
                    return Ok(Rotation::Refused);
                };
                if token.expires_at <= now {
                    return Ok(Rotation::Refused);
                }
                let successor = RefreshTokenRecord {
                    session_id: token.session_id,
                    user_id: token.user_id,
                    parent_id: Some(token.id),
                    expires_at: successor.expires_at.min(token.absolute_expires_at),
                    absolute_expires_at: token.absolute_expires_at,
                    user_agent: token.user_agent.clone(),
                    ..successor.clone()
                };
                let mut spent = row(&token).into_active_model();
                spent.used_at = Set(Some(now.into()));
                spent.updated_date = Set(now.into());
                spent.update(&tx).await?;
                insert(&tx, &successor).await?;
                self.db.commit(tx).await?;
                Ok(Rotation::Rotated(Box::new(user), successor))
            })
            .await
    }

    async fn replayed(
        &self,
        tx: &Transaction,
        token: &RefreshTokenRecord,
        used_at: Timestamp,
        now: Timestamp,
        grace: time::Duration,
    ) -> Result<Rotation, RepositoryError> {
        if now - used_at <= grace {
            let successor = Entity::find()
                .filter(Column::ParentId.eq(token.id.as_uuid()))
                .filter(Column::UsedAt.is_null())
                .filter(Column::IsRevoked.eq(false))
                .one(tx)
                .await?;
            if let Some(successor) = successor.map(record) {
                return Ok(match active(tx, token.user_id).await? {
                    Some(user) => Rotation::Repeated(Box::new(user), successor),
                    None => Rotation::Refused,
                });
            }
        }
        revoke(tx, Column::FamilyId, token.session_id.as_uuid(), now.into()).await?;
        Ok(Rotation::Reused(token.session_id))
    }

    /// Ends the session of the token with this hash; whether there was one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close(&self, presented: &str, now: Timestamp) -> Result<bool, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_owner().await?;
                let Some(token) = settled(&tx, presented).await? else {
                    return Ok(false);
                };
                revoke(&tx, Column::FamilyId, token.family_id, now.into()).await?;
                self.db.commit(tx).await?;
                Ok(true)
            })
            .await
    }

    /// The sessions of a user that can still be refreshed, the one used last first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn open_of(
        &self,
        user: UserId,
        now: Timestamp,
    ) -> Result<Vec<OpenSession>, RepositoryError> {
        let stamp = Stamp::from(now);
        let last_used = Column::CreatedDate.max();
        let sessions: Vec<(Uuid, Stamp, Stamp, Option<String>)> = Entity::find()
            .select_only()
            .column(Column::FamilyId)
            .column_as(Column::CreatedDate.min(), "opened")
            .column_as(last_used.clone(), "used")
            .column_as(Column::UserAgent.max(), "agent")
            .filter(Column::UserId.eq(user.as_uuid()))
            .filter(Column::IsRevoked.eq(false))
            .filter(Column::AbsoluteExpiresAt.gt(stamp))
            .group_by(Column::FamilyId)
            .having(Column::ExpiresAt.max().gt(stamp))
            .order_by_desc(last_used)
            .into_tuple()
            .all(self.db.owner())
            .await?;
        let sessions = sessions.into_iter();
        Ok(sessions
            .map(|(id, created_at, last_used_at, user_agent)| OpenSession {
                id: SessionId::from_uuid(id),
                created_at: created_at.into(),
                last_used_at: last_used_at.into(),
                user_agent,
            })
            .collect())
    }

    /// Ends one session of a user; whether it was theirs and open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_one(
        &self,
        user: UserId,
        session: SessionId,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let of_session = Column::FamilyId.eq(session.as_uuid());
        self.close_some(user, of_session, now).await
    }

    /// Ends all sessions of a user but one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn close_others(
        &self,
        user: UserId,
        kept: SessionId,
        now: Timestamp,
    ) -> Result<(), RepositoryError> {
        let others = Column::FamilyId.ne(kept.as_uuid());
        self.close_some(user, others, now).await.map(drop)
    }

    /// Ends those sessions of a user for which `which` holds; whether there was one.
    async fn close_some(
        &self,
        user: UserId,
        which: Expr,
        now: Timestamp,
    ) -> Result<bool, RepositoryError> {
        let which = &which;
        self.db
            .transact(move || async move {
                let tx = self.db.begin_owner().await?;
                lock_user(&tx, user.as_uuid()).await?;
                let of_user = Column::UserId.eq(user.as_uuid()).and(which.clone());
                let revoked = revoke_where(&tx, of_user, now.into()).await?;
                self.db.commit(tx).await?;
                Ok(revoked > 0)
            })
            .await
    }

    /// The user of a session that is not over: neither revoked nor past its end, the user active and not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn user_of(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<User>, RepositoryError> {
        let open = Entity::find()
            .filter(Column::FamilyId.eq(session.as_uuid()))
            .filter(Column::IsRevoked.eq(false))
            .filter(Column::AbsoluteExpiresAt.gt(Stamp::from(now)))
            .one(self.db.owner())
            .await?;
        match open {
            Some(token) => active(self.db.owner(), UserId::from_uuid(token.user_id)).await,
            None => Ok(None),
        }
    }

    /// Those of the sessions that are not over, with their user and the role that the user has now: [`Self::user_of`] for many at
    /// once.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn living(
        &self,
        sessions: &[SessionId],
        now: Timestamp,
    ) -> Result<HashMap<SessionId, LiveSession>, RepositoryError> {
        let open: Vec<(Uuid, Uuid)> = Entity::find()
            .select_only()
            .column(Column::FamilyId)
            .column(Column::UserId)
            .distinct()
            .filter(Column::FamilyId.is_in(sessions.iter().map(|session| session.as_uuid())))
            .filter(Column::IsRevoked.eq(false))
            .filter(Column::AbsoluteExpiresAt.gt(Stamp::from(now)))
            .into_tuple()
            .all(self.db.owner())
            .await?;
        let wanted = open.iter().map(|(_, user)| *user);
        let query = with_profile().filter(user::Column::Id.is_in(wanted));
        let users: HashMap<Uuid, User> = all(self.db.owner(), query)
            .await?
            .into_iter()
            .filter(User::may_log_in)
            .map(|user| (user.id.as_uuid(), user))
            .collect();
        Ok(open
            .into_iter()
            .filter_map(|(session, user)| {
                let user = users.get(&user)?;
                let live = LiveSession {
                    user_id: user.id,
                    role: user.profile.role,
                    must_change_password: user.must_change_password,
                };
                Some((SessionId::from_uuid(session), live))
            })
            .collect())
    }

    /// Deletes what is past its absolute end; how many tokens.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, RepositoryError> {
        let tx = self.db.begin_owner().await?;
        let done = Entity::delete_many()
            .filter(Column::AbsoluteExpiresAt.lte(Stamp::from(now)))
            .exec(&tx)
            .await?;
        self.db.commit(tx).await?;
        Ok(done.rows_affected)
    }
}

/// The token with this hash, after all other transactions that change tokens of its user have ended.
async fn settled(tx: &Transaction, presented: &str) -> Result<Option<Model>, RepositoryError> {
    let query = Entity::find().filter(Column::Token.eq(presented));
    let Some(token) = query.clone().one(tx).await? else {
        return Ok(None);
    };
    lock_user(tx, token.user_id).await?;
    Ok(query.lock_exclusive().one(tx).await?)
}

/// Lets one transaction at a time rotate or revoke tokens of a user. Revoking touches only the tokens that it sees, and it
/// would not see the successor that a rotation has stored but not committed yet.
async fn lock_user(tx: &Transaction, id: Uuid) -> Result<(), RepositoryError> {
    user::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(tx)
        .await?;
    Ok(())
}

/// Ends all sessions of a user, in a transaction that has changed or locked the user's row.
pub(crate) async fn revoke_of_user(
    tx: &Transaction,
    user: UserId,
    now: Stamp,
) -> Result<(), RepositoryError> {
    revoke(tx, Column::UserId, user.as_uuid(), now).await
}

/// The same but for one session.
pub(crate) async fn revoke_others(
    tx: &Transaction,
    user: UserId,
    kept: SessionId,
    now: Stamp,
) -> Result<(), RepositoryError> {
    let others = Column::UserId
        .eq(user.as_uuid())
        .and(Column::FamilyId.ne(kept.as_uuid()));
    revoke_where(tx, others, now).await.map(drop)
}

async fn revoke(tx: &Transaction, of: Column, id: Uuid, now: Stamp) -> Result<(), RepositoryError> {
    revoke_where(tx, of.eq(id), now).await.map(drop)
}

/// Revokes the tokens for which `which` holds; how many.
async fn revoke_where(tx: &Transaction, which: Expr, now: Stamp) -> Result<u64, RepositoryError> {
    let done = Entity::update_many()
        .col_expr(Column::IsRevoked, Expr::value(true))
        .col_expr(Column::UpdatedDate, Expr::value(now))
        .filter(which)
        .filter(Column::IsRevoked.eq(false))
        .exec(tx)
        .await?;
    Ok(done.rows_affected)
}

/// A user who may log in.
async fn active(conn: &impl ConnectionTrait, id: UserId) -> Result<Option<User>, RepositoryError> {
    let query = with_profile().filter(user::Column::Id.eq(id.as_uuid()));
    Ok(one(conn, query).await?.filter(User::may_log_in))
}

async fn insert(
    conn: &impl ConnectionTrait,
    token: &RefreshTokenRecord,
) -> Result<(), RepositoryError> {
    let row: ActiveModel = row(token).into_active_model().reset_all();
    Entity::insert(row).exec_without_returning(conn).await?;
    Ok(())
}

fn row(token: &RefreshTokenRecord) -> Model {
    Model {
        id: token.id.as_uuid(),
        token: token.token_hash.clone(),
        user_id: token.user_id.as_uuid(),
        family_id: token.session_id.as_uuid(),
        parent_id: token.parent_id.map(RefreshTokenId::as_uuid),
        expires_at: token.expires_at.into(),
        absolute_expires_at: token.absolute_expires_at.into(),
        used_at: stamp(token.used_at),
        is_revoked: token.is_revoked,
        created_date: token.created_date.into(),
        updated_date: token.created_date.into(),
        user_agent: token.user_agent.clone(),
    }
}

fn record(row: Model) -> RefreshTokenRecord {
    RefreshTokenRecord {
        id: RefreshTokenId::from_uuid(row.id),
        session_id: SessionId::from_uuid(row.family_id),
        user_id: UserId::from_uuid(row.user_id),
        parent_id: row.parent_id.map(RefreshTokenId::from_uuid),
        token_hash: row.token,
        used_at: moment(row.used_at),
        expires_at: row.expires_at.into(),
        absolute_expires_at: row.absolute_expires_at.into(),
        is_revoked: row.is_revoked,
        created_date: row.created_date.into(),
        user_agent: row.user_agent,
    }
}
