//! Which failed rows of a job other jobs have corrected (`migration_corrected_rows`, which `bulk` writes).

use domain::JobId;
use sea_orm::ConnectionTrait;

use super::{ImportJobs, row};
use crate::{RepositoryError, TenantScope, before_image::BeforeImages, pool::Transaction};

impl ImportJobs {
    /// How many failed rows of a job other jobs have imported since; a row that was imported twice counts once.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn corrected_rows(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<u64, RepositoryError> {
        let sql = "SELECT count(DISTINCT row_number) AS corrected FROM migration_corrected_rows \
            WHERE tenant_id = $1 AND migration_job_id = $2";
        let values = [scope.uuid().into(), id.as_uuid().into()];
        let reader = self.db.read(scope).await?;
        let found = reader.query_one_raw(self.db.statement(sql, values)).await?;
        Ok(match found {
            Some(found) => row::count(found.try_get("", "corrected")?),
            None => 0,
        })
    }
}

/// Deletes the records of a job's corrections whose rows its rollback has undone. Rows that it keeps still count as
/// corrections. Called before the changed records are restored: afterwards nothing shows which of them were not.
pub(super) async fn forget_removed(
    images: &BeforeImages<'_>,
    tx: &Transaction,
) -> Result<(), RepositoryError> {
    let sql = format!(
        "DELETE FROM migration_corrected_rows WHERE tenant_id = $1 AND corrected_by = $2 \
         AND NOT EXISTS (SELECT 1 FROM {} r WHERE r.tenant_id = $1 AND r.migration_job_id = $2 \
         AND r.import_row_number = corrected_row) AND corrected_row NOT IN ({})",
        images.table().name,
        images.kept_rows(),
    );
    tx.execute_raw(images.db.statement(sql, images.key()))
        .await?;
    Ok(())
}
