//! Rolls back an import in one transaction: exactly the rows that it created are deleted, and the records that it changed are
//! restored. What was changed since, or is referred to, is not touched.

use domain::{Doer, ImportType, JobAction, JobId, decide};
use sea_orm::ConnectionTrait;

use super::{ImportJobs, RolledBack, actions::save, corrected, row};
use crate::{
    Database, ImportedRow, RepositoryError, RollbackConflict, TenantScope,
    before_image::BeforeImages, pool::Transaction, statistics, table,
};

/// The condition for rows that were changed since the import.
pub(super) const CHANGED: &str = "(r.version > 1 OR r.updated_at <> r.created_at)";

/// The condition for rows that a row of another table refers to; such a row is never of the same job.
pub(super) fn referenced(kind: ImportType) -> String {
    let exists = table::imported(kind).referring().map(|(table, reference)| {
        format!(
            "EXISTS (SELECT 1 FROM {table} o WHERE o.tenant_id = r.tenant_id AND o.{} = r.id)",
            reference.field
        )
    });
    let exists: Vec<String> = exists.collect();
    if exists.is_empty() {
        return "(1 = 0)".to_owned();
    }
    format!("({})", exists.join(" OR "))
}

impl ImportJobs {
    /// Rolls back the job, in one transaction. With `keep_changed`, rows that were changed or are referred to stay as
    /// they are. `doer` is the user who requested it. `None` if there is no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job's state or the limit of 24 hours does not allow it,
    /// [`RepositoryError::RollbackConflict`] if rows are in the way and `keep_changed` is false.
    pub async fn rollback(
        &self,
        scope: TenantScope,
        id: JobId,
        keep_changed: bool,
        doer: Option<&Doer>,
    ) -> Result<Option<RolledBack>, RepositoryError> {
        let Some(job) = self.find(scope, id, None).await? else {
            return Ok(None);
        };
        decide(
            &job,
            JobAction::Rollback,
            row::now(&self.db, self.db.app()).await?,
        )?;
        // Before the transaction: it takes time on another connection, and the server ends an idle transaction.
        statistics::renew_for_rollback(&self.db, job.import_type).await;
        // If a payment is stored between the check and the deletion, the foreign key refuses the deletion; the second
        // check sees the payment.
        self.db
            .transact(move || async move {
                match self.try_rollback(scope, id, keep_changed, doer).await {
                    Err(RepositoryError::InUse) => {
                        self.try_rollback(scope, id, keep_changed, doer).await
                    }
                    done => done,
                }
            })
            .await
    }

    async fn try_rollback(
        &self,
        scope: TenantScope,
        id: JobId,
        keep_changed: bool,
        doer: Option<&Doer>,
    ) -> Result<Option<RolledBack>, RepositoryError> {
        let db = &self.db;
        let tx = db.begin_write(scope).await?;
        let Some(row::Locked { job, .. }) = row::lock_damaged(&tx, scope, id).await? else {
            return Ok(None);
        };
        let job = job.rolled_back(doer, row::now(db, &tx).await?)?;
        tx.take_time().await?;
        let kind = job.import_type;
        let images = BeforeImages {
            db,
            scope,
            job: id,
            kind,
        };
        images.lock(&tx).await?;
        if !keep_changed {
            refuse_conflicts(&images, &tx).await?;
        }
        let sql = format!(
            "DELETE FROM {} AS r WHERE r.tenant_id = $1 AND r.migration_job_id = $2 AND NOT {CHANGED} AND NOT {}",
            table::imported(kind).name,
            referenced(kind),
        );
        let values = [scope.uuid().into(), id.as_uuid().into()];
        let removed = tx
            .execute_raw(db.statement(sql, values))
            .await
            .map_err(|error| RepositoryError::from(error).deleting())?
            .rows_affected();
        if !keep_changed {
            // Finds what was changed while the deletion waited for its lock.
            refuse_conflicts(&images, &tx).await?;
        }
        let (changed, referenced, both) = in_the_way(db, &tx, scope, id, kind).await?;
        let kept_total = changed + referenced - both + images.changed(&tx).await?.kept;
        let kept = remaining(&images, &tx, RolledBack::MOST_LISTED).await?;
        corrected::forget_removed(&images, &tx).await?;
        let restored = images.restore(&tx).await?;
        images.forget(&tx).await?;
        save(&tx, &job).await?;
        db.commit(tx).await?;
        Ok(Some(RolledBack {
            job,
            removed,
            restored,
            kept_total,
            kept,
        }))
    }
}

async fn refuse_conflicts(
    images: &BeforeImages<'_>,
    tx: &Transaction,
) -> Result<(), RepositoryError> {
    let BeforeImages {
        db,
        scope,
        job,
        kind,
    } = *images;
    let (changed, referenced, _) = in_the_way(db, tx, scope, job, kind).await?;
    let changed = changed + images.changed(tx).await?.kept;
    if changed == 0 && referenced == 0 {
        return Ok(());
    }
    Err(RepositoryError::RollbackConflict(RollbackConflict {
        changed,
        referenced,
        examples: remaining(images, tx, RollbackConflict::EXAMPLES).await?,
    }))
}

/// How many rows of the job are changed, how many are referred to, and how many are both.
async fn in_the_way(
    db: &Database,
    tx: &Transaction,
    scope: TenantScope,
    id: JobId,
    kind: ImportType,
) -> Result<(u64, u64, u64), RepositoryError> {
    let sql = format!(
        "SELECT count(*) FILTER (WHERE {CHANGED}) AS changed, \
         count(*) FILTER (WHERE {referenced}) AS referenced, \
         count(*) FILTER (WHERE {CHANGED} AND {referenced}) AS both_of_them \
         FROM {} AS r WHERE r.tenant_id = $1 AND r.migration_job_id = $2",
        table::imported(kind).name,
        referenced = referenced(kind),
    );
    let values = [scope.uuid().into(), id.as_uuid().into()];
    let Some(row) = tx.query_one_raw(db.statement(sql, values)).await? else {
        return Ok((0, 0, 0));
    };
    Ok((
        row::count(row.try_get("", "changed")?),
        row::count(row.try_get("", "referenced")?),
        row::count(row.try_get("", "both_of_them")?),
    ))
}

/// The first `limit` rows of the job that are changed or referred to, or whose record cannot be restored.
async fn remaining(
    images: &BeforeImages<'_>,
    tx: &Transaction,
    limit: u64,
) -> Result<Vec<ImportedRow>, RepositoryError> {
    let BeforeImages {
        db,
        scope,
        job,
        kind,
    } = *images;
    let sql = format!(
        "SELECT r.id AS id, r.import_row_number AS row_number, {CHANGED} AS changed FROM {} AS r \
         WHERE r.tenant_id = $1 AND r.migration_job_id = $2 AND ({CHANGED} OR {}) \
         ORDER BY r.import_row_number LIMIT {limit}",
        table::imported(kind).name,
        referenced(kind),
    );
    let values = [scope.uuid().into(), job.as_uuid().into()];
    let rows = tx.query_all_raw(db.statement(sql, values)).await?;
    let created = rows.into_iter().map(|row| {
        let row_number: Option<i32> = row.try_get("", "row_number")?;
        Ok(ImportedRow {
            id: row.try_get("", "id")?,
            row_number: row::count(row_number.unwrap_or(0).into()),
            changed: row.try_get("", "changed")?,
        })
    });
    let mut rows = created.collect::<Result<Vec<_>, RepositoryError>>()?;
    let changed = images.kept(tx, "''", limit).await?;
    rows.extend(changed.into_iter().map(|(row, _)| row));
    rows.sort_by_key(|row| row.row_number);
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(rows)
}
