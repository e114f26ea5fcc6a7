//! The stored findings of a job, which a run that continues an earlier one must know.

use domain::{ErrorSummary, ErrorType, Severity};
use sea_orm::ConnectionTrait;

use super::{lease::Lease, queue::ImportQueue, row};
use crate::{RepositoryError, table::stored};

/// The stored findings in the first rows of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeptFindings {
    /// Errors by code.
    pub by_code: Vec<(String, u64)>,
    /// Errors by type.
    pub errors: ErrorSummary,
    /// Warnings.
    pub warnings: u64,
    /// Failed rows.
    pub rows: u64,
    /// The approximate size of the texts of errors and rows, in bytes.
    pub bytes: u64,
}

impl ImportQueue {
    /// The stored findings of a job up to a row, inclusive.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn kept_findings(
        &self,
        lease: &Lease,
        up_to: u64,
    ) -> Result<KeptFindings, RepositoryError> {
        let owner = self.db.owner();
        let values = [
            lease.scope.uuid().into(),
            lease.job_id.as_uuid().into(),
            row::rows(up_to).into(),
        ];
        let which = "WHERE tenant_id = $1 AND migration_job_id = $2 AND row_number <= $3";
        let sql = format!(
            "SELECT code, error_type, severity, count(*) AS findings, \
             CAST(sum(length(error_message) + coalesce(length(received_value), 0)) AS bigint) AS bytes \
             FROM migration_errors {which} GROUP BY code, error_type, severity"
        );
        let mut kept = KeptFindings::default();
        let found = self.db.statement(sql, values.clone());
        for row in owner.query_all_raw(found).await? {
            let findings = row::count(row.try_get("", "findings")?);
            kept.bytes += row::count(row.try_get("", "bytes")?);
            let severity: String = row.try_get("", "severity")?;
            if severity == Severity::Warning.as_str() {
                kept.warnings += findings;
                continue;
            }
            let kind: String = row.try_get("", "error_type")?;
            let kind: ErrorType = stored("error_type", kind.parse())?;
            kept.errors.add(ErrorSummary::of(kind, findings));
            kept.by_code.push((row.try_get("", "code")?, findings));
        }
        let sql = format!(
            "SELECT count(*) AS failed, CAST(coalesce(sum(bytes), 0) AS bigint) AS bytes \
             FROM migration_rows {which}"
        );
        if let Some(row) = owner.query_one_raw(self.db.statement(sql, values)).await? {
            kept.rows = row::count(row.try_get("", "failed")?);
            kept.bytes += row::count(row.try_get("", "bytes")?);
        }
        Ok(kept)
    }
}
