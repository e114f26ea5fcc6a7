//! Login, refresh, logout, me, the own password and the own sessions. Users who exist and users who do not take the same code path.

mod living;
mod own;
mod password;
mod throttle;

use std::{net::IpAddr, sync::Arc};

use auth::{
    AccessTokens, Actor, Authenticated, Identity, RefreshToken, VerifiedToken, permissions_of,
};
use domain::{
    Action, ApiKeyId, RefreshTokenId, RefreshTokenRecord, SessionId, Tenant, Timestamp, User,
    UserId,
};
use repositories::{Rotation, Tenants};
use secrecy::SecretString;
use time::Duration;

use crate::{Context, ServiceError};
use living::LivingSessions;

pub(crate) use password::PasswordWork;
pub(crate) use throttle::Throttle;

/// An unused refresh token ends after a week; each refresh starts another one.
pub const REFRESH_TTL: Duration = Duration::days(7);
/// After this time users log in again, however often they refresh.
const SESSION_TTL: Duration = Duration::days(30);
/// A token that was spent within this time is answered with the same successor, because an answer may be lost and two tabs may refresh
/// at once.
const GRACE: Duration = Duration::seconds(10);

/// Bytes of a name that is looked up.
const LONGEST_USERNAME: usize = 255;

/// The new tokens of a session.
#[derive(Debug, Clone)]
pub struct LoggedIn {
    /// JWT for the `Authorization` header.
    pub access_token: SecretString,
    /// Opaque; valid for one refresh.
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
    pub user: User,
    /// The tenant it belongs to.
    pub tenant: Tenant,
    /// The words of what the caller may do.
    pub permissions: Vec<&'static str>,
}

/// The origin of a login.
#[derive(Debug, Clone)]
pub struct Device {
    /// The client's address, after trusted proxies were resolved.
    pub address: IpAddr,
    /// The program, as it calls itself.
    pub user_agent: Option<String>,
}

/// Characters of a program's name that are kept.
const LONGEST_USER_AGENT: usize = 255;

impl Device {
    /// The program's name as it is stored: its beginning, without unprintable characters.
    fn program(&self) -> Option<String> {
        let printed = self.user_agent.as_deref()?.chars();
        let kept: String = printed
            .filter(|letter| !letter.is_control())
            .take(LONGEST_USER_AGENT)
            .collect();
        (!kept.is_empty()).then_some(kept)
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
    /// # Errors
    /// [`ServiceError::InvalidCredentials`], [`ServiceError::TooManyAttempts`] or a failure.
    pub async fn log_in(
        &self,
        username: &str,
        password: &str,
        device: &Device,
    ) -> Result<LoggedIn, ServiceError> {
        let Inner {
            context,
            rows,
            passwords,
            ..
        } = &*self.inner;
        let throttle = &context.throttle;
        let attempt = throttle.attempt(username, device.address)?;
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
            let refusal = throttle
                .fail(&attempt, passed, ServiceError::InvalidCredentials)
                .await?;
            crate::observe::login_refused();
            tracing::info!("refused a login");
            return Err(refusal);
        };
        throttle.succeed(&attempt).await?;
        self.open(user, device, context.clock.now()).await
    }

    async fn open(
        &self,
        user: User,
        device: &Device,
        now: Timestamp,
    ) -> Result<LoggedIn, ServiceError> {
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
                user_agent: device.program(),
            })
            .await?;
        tracing::info!(user.id = %user.id, session.id = %session_id, "opened a session");
        let context = &self.inner.context;
        crate::activity::note(context, user.tenant_id, user.id, Action::LoggedIn).await;
        self.hand_out(user, session_id, &token, now).await
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
        let absent = uuid::Uuid::nil();
        let record = RefreshTokenRecord {
            id: RefreshTokenId::mint(&*context.clock),
            // These four and the program are the spent token's; the rotation takes them over.
            session_id: SessionId::from_uuid(absent),
            user_id: UserId::from_uuid(absent),
            parent_id: None,
            absolute_expires_at: now,
            token_hash: successor_hash.clone(),
            used_at: None,
            expires_at: now + REFRESH_TTL,
            is_revoked: false,
            created_date: now,
            user_agent: None,
        };
        let digest = presented.digest();
        match rows.rotate(digest.as_str(), &record, now, GRACE).await? {
            Rotation::Rotated(user, stored) => {
                self.hand_out(*user, stored.session_id, &successor, now)
                    .await
            }
            Rotation::Repeated(user, stored) if stored.token_hash == successor_hash => {
                self.hand_out(*user, stored.session_id, &successor, now)
                    .await
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

    /// The caller according to the database at this moment.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when the session is over or the account is gone or disabled, or a failure.
    pub async fn me(&self, actor: &Actor<Authenticated>) -> Result<Me, ServiceError> {
        let user = self.user_of(&actor.identity()).await?;
        let me = self.me_of(user).await?;
        Ok(match actor.identity().scopes {
            // A machine may what both its user and its key carry.
            Some(scopes) => Me {
                permissions: scopes
                    .words()
                    .filter(|word| me.permissions.contains(word))
                    .collect(),
                ..me
            },
            None => me,
        })
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
    /// [`ServiceError::SessionEnded`] when it does not, [`ServiceError::PasswordChangeRequired`], or a failure.
    pub async fn ensure_alive(&self, identity: &Identity) -> Result<(), ServiceError> {
        let user = self.user_of(identity).await?;
        may_go_on(user.must_change_password)
    }

    /// The same from what the database said at most two seconds ago: for what only reads, and for open sockets.
    ///
    /// # Errors
    /// [`ServiceError::SessionEnded`] when it does not, [`ServiceError::PasswordChangeRequired`], or a failure.
    pub async fn ensure_lately_alive(&self, identity: &Identity) -> Result<(), ServiceError> {
        if identity.scopes.is_some() {
            // A key is looked up whenever it is presented.
            return Ok(());
        }
        let now = self.inner.context.clock.now();
        match self.inner.living.find(identity, now).await? {
            Some(live) => may_go_on(live.must_change_password),
            None => Err(ServiceError::SessionEnded),
        }
    }

    /// The user of an open session.
    pub(crate) async fn user_of(&self, identity: &Identity) -> Result<User, ServiceError> {
        let now = self.inner.context.clock.now();
        let found = if identity.scopes.is_some() {
            let key = ApiKeyId::from_uuid(identity.session_id.as_uuid());
            let keys = repositories::ApiKeys::new(&self.inner.context.database);
            let found = keys.living_by_id(key, now).await?;
            found.map(|(_, user)| user)
        } else {
            self.inner.rows.user_of(identity.session_id, now).await?
        };
        found
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

    async fn me_of(&self, user: User) -> Result<Me, ServiceError> {
        let tenants = Tenants::new(&self.inner.context.database);
        let tenant = tenants.find(user.tenant_id).await?;
        let tenant = tenant.ok_or(ServiceError::SessionEnded)?;
        let permissions = permissions_of(user.profile.role).collect();
        Ok(Me {
            user,
            tenant,
            permissions,
        })
    }

    async fn hand_out(
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
            scopes: None,
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
            user: self.me_of(user).await?,
        })
    }
}

/// Refuses everything but a new password to a user who has to choose one.
fn may_go_on(must_change_password: bool) -> Result<(), ServiceError> {
    if must_change_password {
        return Err(ServiceError::PasswordChangeRequired);
    }
    Ok(())
}
