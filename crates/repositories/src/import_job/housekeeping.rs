//! The queries of housekeeping about jobs: which stored files belong to them, which are no longer needed, which are
//! missing. They cover all tenants and use the database's clock.

use std::time::Duration;

use domain::{ImportJob, JobId, TenantId};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{actions::save, queue::ImportQueue, row};
use crate::{RepositoryError, TenantScope};

/// A stored file and the job that it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFile {
    /// The job's tenant.
    pub scope: TenantScope,
    /// The job.
    pub job_id: JobId,
    /// The key of the file.
    pub file_url: String,
}

impl ImportQueue {
    /// Files of jobs that ended at least `age` ago and are no longer read, in the order of their ids after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn outlived_files(
        &self,
        age: Duration,
        after: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<JobFile>, RepositoryError> {
        let ended =
            "status IN ('completed', 'failed', 'rolled_back') AND file_url <> '' AND completed_at";
        self.files(ended, age, after, limit).await
    }

    /// Files of jobs that wait for their user, in the order of their ids after `after`, at most `limit`; those that were
    /// uploaded less than `age` ago are omitted.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn waiting_files(
        &self,
        age: Duration,
        after: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<JobFile>, RepositoryError> {
        let uploaded = "status = 'pending' AND created_at";
        self.files(uploaded, age, after, limit).await
    }

    /// Jobs that have waited for their user without a change for `age`, in the order of their ids after `after`, at most
    /// `limit`.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn stale_drafts(
        &self,
        age: Duration,
        after: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<JobFile>, RepositoryError> {
        let untouched = "status = 'pending' AND updated_at";
        self.files(untouched, age, after, limit).await
    }

    /// Records that a job's file was deleted.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn forget_file(&self, file: &JobFile) -> Result<(), RepositoryError> {
        let sql = "UPDATE migration_jobs SET file_url = '' WHERE tenant_id = $1 AND id = $2 \
                   AND file_url = $3";
        let values = [
            file.scope.uuid().into(),
            file.job_id.as_uuid().into(),
            file.file_url.clone().into(),
        ];
        self.db
            .owner()
            .execute_raw(self.db.statement(sql, values))
            .await?;
        Ok(())
    }

    /// Ends a job that still waits for its user as `failed`, for the reason `message`. `None` if it no longer waits.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn fail_waiting(
        &self,
        file: &JobFile,
        message: &str,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        let tx = self.db.begin_owner().await?;
        let Some(job) = row::lock(&tx, file.scope, file.job_id).await? else {
            return Ok(None);
        };
        let Some(job) = job.lapsed(message, row::now(&self.db, &tx).await?) else {
            return Ok(None);
        };
        save(&tx, &job).await?;
        self.db.commit(tx).await?;
        Ok(Some(job))
    }

    /// Deletes row errors and failed rows of jobs that ended at least `age` ago, which hold personal data: at most
    /// `limit` of each, so that no statement takes long. Returns the larger of the two numbers; if it is less than
    /// `limit`, only those remain that another process is deleting.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn delete_outlived_errors(
        &self,
        age: Duration,
        limit: u64,
    ) -> Result<u64, RepositoryError> {
        let outlived = format!(
            "JOIN migration_jobs AS j ON j.tenant_id = e.tenant_id AND j.id = e.migration_job_id \
             WHERE j.status IN ('completed', 'failed', 'rolled_back') AND j.completed_at <= {} LIMIT {limit}",
            self.db.now_minus(age)
        );
        let mut most = 0;
        for sql in [
            format!(
                "DELETE FROM migration_errors WHERE id IN (SELECT e.id FROM migration_errors AS e {outlived})"
            ),
            format!(
                "DELETE FROM migration_rows WHERE (tenant_id, migration_job_id, row_number) IN \
                 (SELECT e.tenant_id, e.migration_job_id, e.row_number FROM migration_rows AS e {outlived})"
            ),
            format!(
                "DELETE FROM migration_amendments WHERE (tenant_id, migration_job_id, row_number) IN \
                 (SELECT e.tenant_id, e.migration_job_id, e.row_number FROM migration_amendments AS e {outlived})"
            ),
        ] {
            let done = self
                .db
                .owner()
                .execute_raw(self.db.statement(sql, []))
                .await?;
            most = done.rows_affected().max(most);
        }
        Ok(most)
    }

    /// Deletes the before-images of records that imports which ended at least `age` ago changed, because they are
    /// personal data: at most `limit`, so that no statement takes long. Those of a failed import stay while it can be
    /// continued, because it can be rolled back as a whole afterwards. Returns how many were deleted.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn delete_outlived_images(
        &self,
        age: Duration,
        limit: u64,
    ) -> Result<u64, RepositoryError> {
        let sql = format!(
            "DELETE FROM migration_updates WHERE (tenant_id, migration_job_id, record_id) IN \
             (SELECT u.tenant_id, u.migration_job_id, u.record_id FROM migration_updates AS u \
             JOIN migration_jobs AS j ON j.tenant_id = u.tenant_id AND j.id = u.migration_job_id \
             WHERE (j.status IN ('completed', 'rolled_back') OR j.status = 'failed' AND j.file_url = '') \
             AND j.completed_at <= {} LIMIT {limit})",
            self.db.now_minus(age)
        );
        let done = self
            .db
            .owner()
            .execute_raw(self.db.statement(sql, []))
            .await?;
        Ok(done.rows_affected())
    }

    /// Jobs that match `condition`, which ends in the column of a point in time, where that point is at least `age` ago.
    async fn files(
        &self,
        condition: &str,
        age: Duration,
        after: Option<JobId>,
        limit: u64,
    ) -> Result<Vec<JobFile>, RepositoryError> {
        let sql = format!(
            "SELECT tenant_id, id, file_url FROM migration_jobs \
             WHERE {condition} <= {} AND id > $1 ORDER BY id LIMIT {limit}",
            self.db.now_minus(age)
        );
        let after = after.map_or(Uuid::nil(), JobId::as_uuid);
        let rows = self
            .db
            .owner()
            .query_all_raw(self.db.statement(sql, [after.into()]))
            .await?;
        rows.into_iter()
            .map(|row| {
                let tenant: Uuid = row.try_get("", "tenant_id")?;
                let job: Uuid = row.try_get("", "id")?;
                Ok(JobFile {
                    scope: TenantScope::new(TenantId::from_uuid(tenant)),
                    job_id: JobId::from_uuid(job),
                    file_url: row.try_get("", "file_url")?,
                })
            })
            .collect()
    }
}
