//! The lease of a job: the right of one worker to write for it.

use domain::JobId;
use sea_orm::Value;

use crate::TenantScope;

/// The right to write for a job. It fences every write: a worker that has lost the lease cannot write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The job's tenant.
    pub scope: TenantScope,
    /// The job.
    pub job_id: JobId,
    /// The owner: a text that is new for every claim.
    pub owner: String,
    /// The fencing number.
    pub attempt: u32,
    /// How often in a row the run was deferred because of a fault of the system.
    pub deferrals: u32,
    /// Whether another worker held the job and let its lease expire.
    pub is_takeover: bool,
    /// How many claims in a row have made no progress, if this one makes none either: at most [`domain::MAX_ATTEMPTS`].
    pub tries: u32,
}

impl Lease {
    /// The name of a session on PostgreSQL during a batch, followed by the owner of its lease.
    pub(crate) const AT_WORK: &'static str = "hijrah ";

    /// [`domain::ImportJob::is_held_by`] as a condition on the job's row; its values are `$1` to `$4`.
    pub(crate) const FENCE: &'static str = "tenant_id = $1 AND id = $2 AND lease_owner = $3 \
        AND attempt = $4 AND status IN ('validating', 'importing')";

    pub(crate) fn values(&self) -> Vec<Value> {
        vec![
            self.scope.uuid().into(),
            self.job_id.as_uuid().into(),
            self.owner.clone().into(),
            i64::from(self.attempt).into(),
        ]
    }
}
