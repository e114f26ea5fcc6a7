//! Login, refresh, logout, me. One code path for users that exist and users that do not.

mod living;
mod password;
mod throttle;

use std::{net::IpAddr, sync::Arc};

use auth::{AccessTokens, Actor, Authenticated, Identity, RefreshToken, VerifiedToken};
use domain::{
    RefreshTokenId, RefreshTokenRecord, Role, SessionId, TenantId, Timestamp, User, UserId,
};
use repositories::Rotation;
use secrecy::SecretString;
use time::Duration;

use crate::{Context, ServiceError};
use living::LivingSessions;

pub(crate) use password::PasswordWork;
pub(crate) use throttle::Throttle;

/// An unused refresh token ends after a week; each refresh starts another one.
pub const REFRESH_TTL: Duration = Duration::days(7);
/// Whatever is refreshed, after this one logs in again.
const SESSION_TTL: Duration = Duration::days(30);
/// A lost answer or two tabs: a token that was spent so recently is answered with the same successor.
const GRACE: Duration = Duration::seconds(10);

/// Bytes of a name that is looked up.
const LONGEST_USERNAME: usize = 255;

/// A session's tokens, fresh.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// JWT for the `Authorization` header.
    pub access_token: SecretString,
    /// Opaque; good for one refresh.
    pub refresh_token: SecretString,
    /// Seconds until the access token ends.
    pub expires_in: u64,
    /// The user who has logged in.
    pub user: Me,
}

/// A user as they see themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// The account.
    pub id: UserId,
    /// The tenant it belongs to.
    pub tenant_id: TenantId,
    /// The name it logs in with.
    pub username: String,
    /// What it may do.
    pub role: Role,
    /// Full name.
    pub nama_lengkap: String,
    /// E-mail address, where known.
    pub email: Option<String>,
    /// Kind of account.
    pub tipe_akun: String,
    /// Whether it may log in.
    pub is_active: bool,
}

impl From<User> for Me {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            tenant_id: user.tenant_id,
            username: user.username,
            role: user.profile.role,
            nama_lengkap: user.profile.nama_lengkap,
            email: user.profile.email,
            tipe_akun: user.profile.tipe_akun,
            is_active: user.is_active,
        }
    }
}

/// The use cases of sessions. Cheap to clone.
#[derive(Clone)]
pub struct Sessions {
    inner: Arc<Inner>,
}

struct Inner {
    context: Arc<Context>,
    rows: repositories::Sessions,
    access_tokens: AccessTokens,
    passwords: PasswordWork,
    living: LivingSessions,
}

impl Sessions {
    pub(crate) fn new(context: &Arc<Context>) -> Result<Self, ServiceError> {
        let access_tokens =
            AccessTokens::new(&context.config.jwt_secret).map_err(ServiceError::Crypto)?;
        Ok(Self {
            inner: Arc::new(Inner {
                context: Arc::clone(context),
                living: LivingSessions::new(repositories::Sessions::new(&context.database)),
                rows: repositories::Sessions::new(&context.database),
                access_tokens,
                passwords: PasswordWork::new(),
            }),
        })
    }

    /// Opens a session.
    ///
    /// `address` is the client's, with trusted proxies already resolved.
    ///
    /// # Errors
    /// [`ServiceError::InvalidCredentials`], [`ServiceError::TooManyAttempts`] or a failure.
    pub async fn log_in(
        &self,
        username: &str,
        password: &str,
        address: IpAddr,
    ) -> Result<LoggedIn, ServiceError> {
        let Inner {
            context,
            rows,
            passwords,
            ..
        } = &*self.inner;
        let throttle = &context.throttle;
        let attempt = throttle.attempt(username, address)?;
        throttle.pass(&attempt).await?;
        // A name that no account can have need not be asked for; everything else is the same.
        let user = match username.len() {
            1..=LONGEST_USERNAME if !username.contains('\0') => rows.user_by_name(username).await?,
            _ => None,
        };
        let stored = user.as_ref().map(|user| user.password_hash.clone());
        let (passed, is_right) = passwords
            .verify(password.to_owned(), stored, throttle.pass(&attempt))
            .await?;
        let Some(user) = user.filter(|user| is_right && user.may_log_in()) else {
            let refusal = throttle.fail(&attempt, passed).await?;
            metrics::counter!("hijrah_logins_refused_total").increment(1);
            tracing::info!("refused a login");
            return Err(refusal);
        };
        throttle.succeed(&attempt).await?;
        self.open(user, context.clock.now()).await
    }

    async fn open(&self, user: User, now: Timestamp) -> Result<LoggedIn, ServiceError> {
        let clock = &*self.inner.context.clock;
        let token = RefreshToken::generate(&mut rand::rng());
        let session_id = SessionId::mint(clock);
        self.inner
            .rows
            .open(&RefreshTokenRecord {
                id: RefreshTokenId::mint(clock),
                session_id,
                user_id: user.id,
                parent_id: None,
                token_hash: token.digest().to_string(),
                used_at: None,
                expires_at: now + REFRESH_TTL,
                absolute_expires_at: now + SESSION_TTL,
                is_revoked: false,
                created_date: now,
            })
            .await?;
        tracing::info!(user.id = %user.id, session.id = %session_id, "opened a session");
        self.hand_out(user, session_id, &token, now)
    }

    /// Spends a refresh token for a new pair.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] or a failure.
    pub async fn refresh(&self, refresh_token: &str) -> Result<LoggedIn, ServiceError> {
        let Inner { context, rows, .. } = &*self.inner;
        let now = context.clock.now();
        let presented = RefreshToken::received(refresh_token);
        let successor = presented
            .successor(&context.config.jwt_secret)
            .map_err(ServiceError::Crypto)?;
        let successor_hash = successor.digest().to_string();
        let nobody = uuid::Uuid::nil();
        let record = RefreshTokenRecord {
            id: RefreshTokenId::mint(&*context.clock),
            // These four are the spent token's; the rotation takes them over.
            session_id: SessionId::from_uuid(nobody),
            user_id: UserId::from_uuid(nobody),
            parent_id: None,
            absolute_expires_at: now,
            token_hash: successor_hash.clone(),
            used_at: None,
            expires_at: now + REFRESH_TTL,
            is_revoked: false,
            created_date: now,
        };
        let digest = presented.digest();
        match rows.rotate(digest.as_str(), &record, now, GRACE).await? {
            Rotation::Rotated(user, stored) => {
                self.hand_out(*user, stored.session_id, &successor, now)
            }
            Rotation::Repeated(user, stored) if stored.token_hash == successor_hash => {
                self.hand_out(*user, stored.session_id, &successor, now)
            }
            // The secret was changed between the two: the successor cannot be computed again.
            Rotation::Repeated(..) | Rotation::Refused => Err(ServiceError::SessionEnded),
            Rotation::Reused(session_id) => {
                tracing::warn!(session.id = %session_id, "a spent refresh token was replayed, ended its session");
                Err(ServiceError::SessionEnded)
            }
        }
    }

    /// Ends the session of a refresh token. An unknown token is a success: it opens nothing.
    ///
    /// # Errors
    /// Only failures.
    pub async fn log_out(&self, refresh_token: &str) -> Result<(), ServiceError> {
        let digest = RefreshToken::received(refresh_token).digest();
        let now = self.inner.context.clock.now();
        self.inner.rows.close(digest.as_str(), now).await?;
        Ok(())
    }

    /// Who the caller is, as the database has it now.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when the session is over or the account is gone or disabled, or a failure.
    pub async fn me(&self, actor: &Actor<Authenticated>) -> Result<Me, ServiceError> {
        self.user_of(&actor.identity()).await.map(Me::from)
    }

    /// Checks an access token by computation alone: state-changing use cases ask the database themselves.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] for every token that is not good.
    pub fn authenticate(&self, access_token: &str) -> Result<VerifiedToken, ServiceError> {
        self.inner
            .access_tokens
            .verify(access_token, self.inner.context.clock.now())
            .map_err(|_| ServiceError::SessionEnded)
    }

    /// Whether the session of a token is still open: not logged out, its user enabled and in the same role.
    /// Every use case that changes something asks this first.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when it does not.
    pub async fn ensure_alive(&self, identity: &Identity) -> Result<(), ServiceError> {
        self.user_of(identity).await.map(drop)
    }

    /// The same from what the database said at most two seconds ago: for what only reads, and for open sockets.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when it does not, or a failure.
    pub async fn ensure_lately_alive(&self, identity: &Identity) -> Result<(), ServiceError> {
        let now = self.inner.context.clock.now();
        if self.inner.living.has(identity, now).await? {
            Ok(())
        } else {
            Err(ServiceError::SessionEnded)
        }
    }

    /// The user of an open session.
    pub(crate) async fn user_of(&self, identity: &Identity) -> Result<User, ServiceError> {
        let now = self.inner.context.clock.now();
        self.inner
            .rows
            .user_of(identity.session_id, now)
            .await?
            .filter(|user| user.id == identity.user_id && user.profile.role == identity.role)
            .ok_or(ServiceError::SessionEnded)
    }

    /// Whether an account that may log in has this password. For the server at its start, not for callers: it counts no attempt.
    ///
    /// # Errors
    /// Only failures.
    pub async fn is_open_to(&self, username: &str, password: &str) -> Result<bool, ServiceError> {
        let user = self.inner.rows.user_by_name(username).await?;
        let Some(user) = user.filter(User::may_log_in) else {
            return Ok(false);
        };
        self.inner
            .passwords
            .verify(password.to_owned(), Some(user.password_hash), async {
                Ok(())
            })
            .await
            .map(|((), is_right)| is_right)
    }

    pub(crate) fn passwords(&self) -> &PasswordWork {
        &self.inner.passwords
    }

    fn hand_out(
        &self,
        user: User,
        session_id: SessionId,
        refresh_token: &RefreshToken,
        now: Timestamp,
    ) -> Result<LoggedIn, ServiceError> {
        let identity = Identity {
            user_id: user.id,
            tenant_id: user.tenant_id,
            role: user.profile.role,
            session_id,
        };
        let jti = self.inner.context.clock.mint_uuid();
        let access_token = self
            .inner
            .access_tokens
            .issue(&identity, now, jti)
            .map_err(ServiceError::Crypto)?;
        Ok(LoggedIn {
            access_token: access_token.token,
            refresh_token: refresh_token.expose().into(),
            expires_in: AccessTokens::TTL_SECONDS.unsigned_abs(),
            user: user.into(),
        })
    }
}
