//! Cells that users edited: they are read instead of those of the file, which is never changed.

use std::collections::BTreeMap;

use domain::{ImportJob, JobId};
use sea_orm::{ConnectionTrait, Value};

use super::{ImportJobs, actions::save, lease::Lease, queue::ImportQueue, row};
use crate::{Database, RepositoryError, TenantScope, pool::Transaction, table::stored};

/// From the row and the column, from 0, to the cell.
pub type Edits = BTreeMap<u64, BTreeMap<u32, String>>;

impl ImportJobs {
    /// The edited cells of a job.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn edits(&self, scope: TenantScope, id: JobId) -> Result<Edits, RepositoryError> {
        read(&self.db, &self.db.read(scope).await?, scope, id).await
    }
}

impl ImportQueue {
    /// The edited cells of a claimed job.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn edits(&self, lease: &Lease) -> Result<Edits, RepositoryError> {
        read(&self.db, self.db.owner(), lease.scope, lease.job_id).await
    }
}

/// Why edits are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AmendError {
    /// No failed row has this number.
    UnknownRow(u64),
    /// More rows would be edited than the limit allows.
    TooMany,
}

impl ImportJobs {
    /// Edits cells of failed rows: the given cells of a row are added to those edited before and replace them where both
    /// exist; `None` removes the edits of a row. At most `most` rows of the job can have edits. Returns the job as it is
    /// now, with all its edits. `None` if there is no such job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job is not a validated draft.
    pub async fn amend(
        &self,
        scope: TenantScope,
        id: JobId,
        wishes: &BTreeMap<u64, Option<BTreeMap<u32, String>>>,
        most: u64,
    ) -> Result<Option<Result<(ImportJob, Edits), AmendError>>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(job) = row::lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let job = job.amended(row::now(&self.db, &tx).await?)?;
                let mut edits = read(&self.db, &tx, scope, id).await?;
                for (number, cells) in wishes {
                    if !edits.contains_key(number)
                        && !has_failed(&self.db, &tx, scope, id, *number).await?
                    {
                        return Ok(Some(Err(AmendError::UnknownRow(*number))));
                    }
                    match cells {
                        None => {
                            edits.remove(number);
                        }
                        Some(cells) => edits.entry(*number).or_default().extend(cells.clone()),
                    }
                    let sql = "DELETE FROM migration_amendments \
                        WHERE tenant_id = $1 AND migration_job_id = $2 AND row_number = $3";
                    let key = || -> Vec<Value> {
                        vec![
                            scope.uuid().into(),
                            id.as_uuid().into(),
                            i32::try_from(*number).unwrap_or(i32::MAX).into(),
                        ]
                    };
                    tx.execute_raw(self.db.statement(sql, key())).await?;
                    let Some(cells) = edits.get(number).filter(|cells| !cells.is_empty()) else {
                        edits.remove(number);
                        continue;
                    };
                    let sql = "INSERT INTO migration_amendments \
                        (tenant_id, migration_job_id, row_number, cells) VALUES ($1, $2, $3, $4)";
                    let mut values = key();
                    let cells: String = stored("cells", serde_json::to_string(cells))?;
                    values.push(cells.into());
                    tx.execute_raw(self.db.statement(sql, values)).await?;
                }
                if edits.len() as u64 > most {
                    return Ok(Some(Err(AmendError::TooMany)));
                }
                save(&tx, &job).await?;
                self.db.commit(tx).await?;
                Ok(Some(Ok((job, edits))))
            })
            .await
    }
}

/// Whether a failed row with this number is kept.
async fn has_failed(
    db: &Database,
    tx: &Transaction,
    scope: TenantScope,
    id: JobId,
    number: u64,
) -> Result<bool, RepositoryError> {
    let Ok(number) = i32::try_from(number) else {
        return Ok(false);
    };
    let sql = "SELECT 1 AS found FROM migration_rows \
        WHERE tenant_id = $1 AND migration_job_id = $2 AND row_number = $3";
    let values = [scope.uuid().into(), id.as_uuid().into(), number.into()];
    Ok(tx.query_one_raw(db.statement(sql, values)).await?.is_some())
}

pub(super) async fn read(
    db: &Database,
    conn: &impl ConnectionTrait,
    scope: TenantScope,
    id: JobId,
) -> Result<Edits, RepositoryError> {
    let sql = "SELECT row_number, cells FROM migration_amendments \
        WHERE tenant_id = $1 AND migration_job_id = $2";
    let values = [scope.uuid().into(), id.as_uuid().into()];
    let rows = conn.query_all_raw(db.statement(sql, values)).await?;
    rows.into_iter()
        .map(|row| {
            let number: i32 = row.try_get("", "row_number")?;
            let cells: String = row.try_get("", "cells")?;
            let cells = stored("cells", serde_json::from_str(&cells))?;
            Ok((row::count(number.into()), cells))
        })
        .collect()
}

pub(super) async fn delete_all(
    db: &Database,
    tx: &Transaction,
    scope: TenantScope,
    id: JobId,
) -> Result<(), RepositoryError> {
    let sql = "DELETE FROM migration_amendments WHERE tenant_id = $1 AND migration_job_id = $2";
    let values = [scope.uuid().into(), id.as_uuid().into()];
    tx.execute_raw(db.statement(sql, values)).await?;
    Ok(())
}
