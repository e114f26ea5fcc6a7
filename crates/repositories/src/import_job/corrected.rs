//! Which failed rows of a job others have corrected (`migration_corrected_rows`, which `bulk` writes).

use domain::JobId;
use sea_orm::ConnectionTrait;

use super::{ImportJobs, row};
use crate::{RepositoryError, TenantScope, before_image::BeforeImages, pool::Transaction};

impl ImportJobs {
    /// How many failed rows of a job others have imported since; one that was imported twice counts once.
    ///
    /// # Errors
    /// When the database does not answer.
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

/// Deletes the notes of what a job has corrected, if its rollback has removed it. What it keeps still counts as corrected. Called before the
/// changed records are restored: afterwards nothing shows which were not restored.
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
