//! What users do with their own account: change the password, and end sessions.

use std::net::IpAddr;

use auth::{Actor, OwnAccount};
use domain::{Action, OpenSession, SessionId};
use secrecy::{ExposeSecret, SecretString};

use super::Sessions;
use crate::{FieldError, ServiceError, activity, seed::parse_password_of};

/// What users call a session.
const LABEL: &str = "Sesi";

/// The field of the new password.
const NEW_PASSWORD: &str = "new_password";

impl Sessions {
    /// Changes the caller's password. All other sessions end, this one stays. A wrong current password counts
    /// as a failed login.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::WrongPassword`], [`ServiceError::TooManyAttempts`],
    /// [`ServiceError::SessionEnded`] or a failure.
    pub async fn change_password(
        &self,
        actor: &Actor<OwnAccount>,
        current: &SecretString,
        new: &SecretString,
        address: IpAddr,
    ) -> Result<(), ServiceError> {
        let context = &self.inner.context;
        let password = parse_password_of(NEW_PASSWORD, new)?;
        let user = self.user_of(&actor.identity()).await?;
        let throttle = &context.throttle;
        let attempt = throttle.attempt(&user.username, address)?;
        throttle.pass(&attempt).await?;
        let (passed, is_right) = self
            .passwords()
            .verify(
                current.expose_secret().to_owned(),
                Some(user.password_hash.clone()),
                throttle.pass(&attempt),
            )
            .await?;
        if !is_right {
            let refusal = ServiceError::WrongPassword;
            return Err(throttle.fail(&attempt, passed, refusal).await?);
        }
        throttle.succeed(&attempt).await?;
        if current.expose_secret() == new.expose_secret() {
            return Err(ServiceError::InvalidFields(vec![FieldError {
                field: NEW_PASSWORD.to_owned(),
                code: "constraint_violation",
                message: "Kata sandi baru harus berbeda dari kata sandi saat ini".to_owned(),
                expected: None,
            }]));
        }
        let hash = self.passwords().hash(password).await?;
        let changed = repositories::Users::new(&context.database)
            .change_password(
                actor.tenant_id().into(),
                &user,
                &hash,
                actor.session_id(),
                context.clock.now(),
            )
            .await?;
        if !changed {
            // Another request has changed the password in the meantime, which ended this session.
            return Err(ServiceError::SessionEnded);
        }
        tracing::info!(user.id = %user.id, "changed the own password");
        activity::note(context, user.tenant_id, user.id, Action::PasswordChanged).await;
        Ok(())
    }

    /// The caller's sessions that can still be refreshed, the one used last first.
    ///
    /// # Errors
    /// Only failures.
    pub async fn list(&self, actor: &Actor<OwnAccount>) -> Result<Vec<OpenSession>, ServiceError> {
        let now = self.inner.context.clock.now();
        Ok(self.inner.rows.open_of(actor.user_id(), now).await?)
    }

    /// Ends one of the caller's sessions.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn end(
        &self,
        actor: &Actor<OwnAccount>,
        session: SessionId,
    ) -> Result<(), ServiceError> {
        self.user_of(&actor.identity()).await?;
        let now = self.inner.context.clock.now();
        if !self
            .inner
            .rows
            .close_one(actor.user_id(), session, now)
            .await?
        {
            return Err(ServiceError::NotFound(LABEL));
        }
        tracing::info!(user.id = %actor.user_id(), session.id = %session, "ended a session");
        Ok(())
    }

    /// Ends all of the caller's sessions but this one.
    ///
    /// # Errors
    /// Only failures.
    pub async fn end_others(&self, actor: &Actor<OwnAccount>) -> Result<(), ServiceError> {
        self.user_of(&actor.identity()).await?;
        let now = self.inner.context.clock.now();
        let rows = &self.inner.rows;
        rows.close_others(actor.user_id(), actor.session_id(), now)
            .await?;
        tracing::info!(user.id = %actor.user_id(), "ended all other sessions");
        Ok(())
    }
}
