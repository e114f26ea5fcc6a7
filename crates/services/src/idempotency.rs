//! Requests with an `Idempotency-Key`: if they are sent twice, they are carried out once.
//!
//! A name is reserved before the request is carried out, and the answer is stored with it for a day. A refused request frees
//! its name, because it changed nothing. Only a process that dies in between leaves a name reserved, for as long as
//! any request may take.

use std::sync::Arc;

use auth::Identity;
use domain::TenantId;
use repositories::{NamedRequest, NamedRequests, Reservation};
use sha2::{Digest, Sha256};
use time::Duration;

use crate::{Context, ServiceError};

/// How long an answer is kept.
const KEPT: Duration = Duration::days(1);
/// No request takes longer: an upload waits at most two minutes for the database, after half a minute of processor time.
const LONGEST: Duration = Duration::minutes(5);

/// What is to be done with a named request.
#[derive(Debug)]
pub enum Named {
    /// It is to be carried out, and to be answered or released.
    New(ReservedName),
    /// It was carried out, and its answer is repeated.
    Repeated(String),
}

/// A name that is reserved for a request.
#[derive(Debug)]
pub struct ReservedName {
    rows: NamedRequests,
    tenant: TenantId,
    request: NamedRequest,
}

/// The use cases of named requests. Cheap to clone.
#[derive(Clone)]
pub struct Idempotency {
    context: Arc<Context>,
}

impl Idempotency {
    pub(crate) fn new(context: &Arc<Context>) -> Self {
        Self {
            context: Arc::clone(context),
        }
    }

    /// Reserves a name for the request that `parts` describe.
    ///
    /// # Errors
    /// [`ServiceError::NameTaken`], [`ServiceError::RequestUnderWay`] or a failure.
    pub async fn reserve(
        &self,
        caller: &Identity,
        key: &str,
        parts: &[&str],
    ) -> Result<Named, ServiceError> {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let request = NamedRequest {
            user_id: caller.user_id,
            key: key.to_owned(),
            fingerprint: hex::encode(hash.finalize()),
        };
        let rows = NamedRequests::new(&self.context.database);
        let now = self.context.clock.now();
        let tenant = caller.tenant_id;
        let reserved = rows
            .reserve(tenant.into(), &request, now, now - KEPT, now + LONGEST)
            .await?;
        match reserved {
            Reservation::Reserved => Ok(Named::New(ReservedName {
                rows,
                tenant,
                request,
            })),
            Reservation::Answered(answer) => Ok(Named::Repeated(answer)),
            Reservation::UnderWay => Err(ServiceError::RequestUnderWay),
            Reservation::Taken => Err(ServiceError::NameTaken),
        }
    }
}

impl ReservedName {
    /// Keeps the answer of the request. If it cannot be kept, the caller still receives it.
    pub async fn answer(self, answer: &str) {
        let kept = self
            .rows
            .answer(self.tenant.into(), &self.request, answer)
            .await;
        if let Err(error) = kept {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not keep the answer of a named request"
            );
        }
    }

    /// Frees the name after a refusal.
    pub async fn release(self) {
        let released = self.rows.release(self.tenant.into(), &self.request).await;
        if let Err(error) = released {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not free the name of a refused request; it is free in a few minutes"
            );
        }
    }
}

/// Deletes what is older than a day; how many.
pub(crate) async fn sweep(context: &Context) -> Result<u64, ServiceError> {
    let rows = NamedRequests::new(&context.database);
    Ok(rows.sweep(context.clock.now() - KEPT).await?)
}
