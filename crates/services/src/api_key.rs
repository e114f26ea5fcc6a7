//! API keys: created, listed and deleted by users who manage the agency, and accepted in place of an access token.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use auth::{Actor, ApiKeyToken, Identity, ManageTenant, Scopes, VerifiedToken, permissions_of};
use domain::{Action, ApiKey, ApiKeyId, Change, SessionId};
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::Instant;

use crate::{
    Context, ServiceError, Sessions,
    activity::note_with,
    resource::user_check::{Check, text},
};

/// What users call a key.
const LABEL: &str = "API key";
/// The most keys of a tenant: more than it has systems, and few enough for a list without pages.
const MOST: u64 = 50;
/// Days that a key is valid if its creator does not specify them.
const DEFAULT_DAYS: u32 = 90;
/// A key that is valid for longer than a year would be forgotten by its owner.
const MOST_DAYS: u32 = 365;
/// How long an answer of the database is reused, as for sessions.
const BELIEVED: Duration = Duration::from_secs(2);
/// A map with fewer entries is not cleaned.
const WORTH_CLEANING: usize = 1024;
/// A use is recorded again after this time.
const NOTED: time::Duration = time::Duration::minutes(1);

/// What a client sends of a new key.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApiKeyDraft {
    /// What it is for.
    pub name: Change<String>,
    /// Words of [`Scopes::WORDS`] that the creator has as well.
    pub scopes: Change<Vec<String>>,
    /// Days that it lives, 1 to 365.
    pub expires_in_days: Change<u32>,
}

/// The use cases of keys. Cheap to clone.
#[derive(Clone)]
pub struct ApiKeys {
    context: Arc<Context>,
    sessions: Sessions,
    rows: repositories::ApiKeys,
    known: Arc<Mutex<HashMap<String, Known>>>,
}

/// A key that the database knew a moment ago.
#[derive(Debug, Clone, Copy)]
struct Known {
    token: VerifiedToken,
    asked: Instant,
    must_change_password: bool,
}

impl ApiKeys {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
            rows: repositories::ApiKeys::new(&context.database),
            known: Arc::default(),
        }
    }

    /// Creates a key that acts for the caller. The key itself is returned here and never again.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`], [`ServiceError::TooManyKeys`] or a failure.
    pub async fn create(
        &self,
        actor: &Actor<ManageTenant>,
        draft: ApiKeyDraft,
    ) -> Result<(ApiKey, SecretString), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let mut check = Check::default();
        let name = check.required("name", draft.name, |raw| text(&raw));
        let own: Vec<&str> = permissions_of(actor.role()).collect();
        let scopes = check.required("scopes", draft.scopes, |words| {
            let words = words.iter().map(String::as_str);
            let is_own = words.clone().all(|word| own.contains(&word));
            Scopes::parse(words)
                .filter(|scopes| is_own && scopes.words().next().is_some())
                .ok_or("satu atau lebih dari manage_imports, view_imports, download_templates, manage_resources")
        });
        let days = match draft.expires_in_days {
            Change::Keep => Some(DEFAULT_DAYS),
            days => check.required("expires_in_days", days, |days| {
                (1..=MOST_DAYS)
                    .contains(&days)
                    .then_some(days)
                    .ok_or("1 sampai 365")
            }),
        };
        let (Some(name), Some(scopes), Some(days), true) = (name, scopes, days, check.is_fine())
        else {
            return Err(check.into_error());
        };
        let token = ApiKeyToken::generate(&mut rand::rng());
        let now = self.context.clock.now();
        let key = ApiKey {
            id: ApiKeyId::mint(&*self.context.clock),
            tenant_id: actor.tenant_id(),
            user_id: actor.user_id(),
            name,
            hint: token.hint(),
            scopes: scopes.words().map(str::to_owned).collect(),
            created_at: now,
            expires_at: now + time::Duration::days(days.into()),
            last_used_at: None,
        };
        let scope = actor.tenant_id().into();
        if !self.rows.insert(scope, &key, &token.digest(), MOST).await? {
            return Err(ServiceError::TooManyKeys { limit: MOST });
        }
        self.note(actor, Action::ApiKeyCreated, key.id, &key.name)
            .await;
        tracing::info!(api_key.id = %key.id, user.id = %actor.user_id(), "created an API key");
        Ok((key, token.expose().into()))
    }

    /// The keys of the tenant, newest first.
    ///
    /// # Errors
    /// Only failures.
    pub async fn list(&self, actor: &Actor<ManageTenant>) -> Result<Vec<ApiKey>, ServiceError> {
        Ok(self.rows.list(actor.tenant_id().into()).await?)
    }

    /// Deletes a key, which is refused from now on.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn delete(
        &self,
        actor: &Actor<ManageTenant>,
        id: ApiKeyId,
    ) -> Result<(), ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let deleted = self.rows.delete(actor.tenant_id().into(), id).await?;
        let name = deleted.ok_or(ServiceError::NotFound(LABEL))?;
        let is_another = |known: &Known| known.token.jti != id.as_uuid();
        self.known().retain(|_, known| is_another(known));
        self.note(actor, Action::ApiKeyDeleted, id, &name).await;
        tracing::info!(api_key.id = %id, user.id = %actor.user_id(), "deleted an API key");
        Ok(())
    }

    async fn note(&self, actor: &Actor<ManageTenant>, action: Action, id: ApiKeyId, name: &str) {
        let details = [("api_key_id", id.to_string()), ("name", name.to_owned())];
        note_with(&self.context, actor, action, details).await;
    }

    /// What the database knew of a key at most two seconds ago; `None` if it must be asked again.
    ///
    /// # Errors
    /// [`ServiceError::PasswordChangeRequired`].
    pub fn recall(&self, key: &ApiKeyToken) -> Result<Option<VerifiedToken>, ServiceError> {
        let known = self.known().get(&key.digest()).copied();
        match known.filter(|known| known.asked.elapsed() < BELIEVED) {
            Some(known) if known.must_change_password => Err(ServiceError::PasswordChangeRequired),
            Some(known) => Ok(Some(known.token)),
            None => Ok(None),
        }
    }

    /// Whether the key was valid when the database was last asked: then another attempt with it is not a guess.
    #[must_use]
    pub fn was_good(&self, key: &ApiKeyToken) -> bool {
        self.known().contains_key(&key.digest())
    }

    /// Asks the database for a key. `None`: it is not one, has expired, or its user may not log in.
    ///
    /// # Errors
    /// [`ServiceError::PasswordChangeRequired`] or a failure.
    pub async fn authenticate(
        &self,
        key: &ApiKeyToken,
    ) -> Result<Option<VerifiedToken>, ServiceError> {
        let digest = key.digest();
        let now = self.context.clock.now();
        let asked = Instant::now();
        let found = self.rows.living(&digest, now).await?;
        let Some((key, user)) = found else {
            self.known().remove(&digest);
            return Ok(None);
        };
        let words = key.scopes.iter().map(String::as_str);
        let scopes = Scopes::parse(words).ok_or(ServiceError::Broken("a key of unknown scopes"))?;
        if key.last_used_at.is_none_or(|last| now - last >= NOTED) {
            self.rows.used(key.id, now).await?;
        }
        let known = Known {
            token: VerifiedToken {
                identity: Identity {
                    user_id: user.id,
                    tenant_id: user.tenant_id,
                    role: user.profile.role,
                    session_id: SessionId::from_uuid(key.id.as_uuid()),
                    scopes: Some(scopes),
                },
                jti: key.id.as_uuid(),
                expires_at: key.expires_at,
            },
            asked,
            must_change_password: user.must_change_password,
        };
        let mut all = self.known();
        if all.len() > WORTH_CLEANING {
            all.retain(|_, known| known.asked.elapsed() < BELIEVED);
        }
        all.insert(digest, known);
        drop(all);
        if known.must_change_password {
            return Err(ServiceError::PasswordChangeRequired);
        }
        Ok(Some(known.token))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<String, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
