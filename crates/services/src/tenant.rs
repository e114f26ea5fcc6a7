//! The agency as its users see it: its name, its time zone, and the limits of the installation.

use std::{sync::Arc, time::Duration};

use auth::{Actor, ManageTenant};
use domain::{Action, Change, ROLLBACK_WINDOW, Tenant, TenantPatch, TimeZone};
use repositories::Tenants;
use serde::Deserialize;

use crate::{
    Context, ServiceError, Sessions,
    activity::note_with,
    resource::user_check::{Check, text},
};

/// A tenant with its limits.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// The tenant.
    pub tenant: Tenant,
    /// Bytes of a file.
    pub max_upload_bytes: u64,
    /// Imports at once.
    pub concurrent_imports: u32,
    /// How long an import can be rolled back.
    pub rollback: Duration,
    /// How long a file is kept after the end of its job.
    pub file_retention: Duration,
    /// How long row errors are kept after the end of their job.
    pub error_retention: Duration,
}

/// What a client sends of a tenant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TenantDraft {
    /// The name, as people write it.
    pub name: Change<String>,
    /// One of the three time zones of Indonesia.
    pub time_zone: Change<String>,
}

/// The use cases of the tenant. Cheap to clone.
#[derive(Clone)]
pub struct OwnTenant {
    context: Arc<Context>,
    sessions: Sessions,
}

impl OwnTenant {
    pub(crate) fn new(context: &Arc<Context>, sessions: &Sessions) -> Self {
        Self {
            context: Arc::clone(context),
            sessions: sessions.clone(),
        }
    }

    /// The caller's tenant.
    ///
    /// # Errors
    /// Only failures.
    pub async fn find(&self, actor: &Actor<ManageTenant>) -> Result<TenantSettings, ServiceError> {
        let tenants = Tenants::new(&self.context.database);
        let tenant = tenants.find(actor.tenant_id()).await?;
        Ok(self.with_limits(tenant.ok_or(ServiceError::SessionEnded)?))
    }

    /// Changes the fields that the draft has.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFields`] or a failure.
    pub async fn change(
        &self,
        actor: &Actor<ManageTenant>,
        draft: TenantDraft,
    ) -> Result<TenantSettings, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let mut check = Check::default();
        let patch = TenantPatch {
            name: check.change("name", draft.name, |raw| text(&raw)),
            time_zone: check.change("time_zone", draft.time_zone, |raw| {
                TimeZone::from_word(&raw).ok_or("Asia/Jakarta, Asia/Makassar, atau Asia/Jayapura")
            }),
        };
        if !check.is_fine() {
            return Err(check.into_error());
        }
        let tenants = Tenants::new(&self.context.database);
        let now = self.context.clock.now();
        let tenant = tenants
            .update(actor.tenant_id().into(), &patch, now)
            .await?
            .ok_or(ServiceError::SessionEnded)?;
        let changed = [
            ("name", patch.name),
            ("time_zone", patch.time_zone.map(|zone| zone.to_string())),
        ];
        let changed = changed.map(|(name, value)| value.map(|value| (name, value)));
        let changed = changed.into_iter().flatten();
        note_with(&self.context, actor, Action::TenantChanged, changed).await;
        tracing::info!(tenant.id = %tenant.id, user.id = %actor.user_id(), "changed the tenant");
        Ok(self.with_limits(tenant))
    }

    fn with_limits(&self, tenant: Tenant) -> TenantSettings {
        let config = &self.context.config;
        TenantSettings {
            tenant,
            max_upload_bytes: config.max_upload_bytes,
            concurrent_imports: config.max_concurrent_imports,
            rollback: ROLLBACK_WINDOW.try_into().unwrap_or_default(),
            file_retention: config.file_retention,
            error_retention: config.error_retention,
        }
    }
}
