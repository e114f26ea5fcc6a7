//! An import that can be cancelled, or cut off, and goes on where it was: what was recognised and how far it came are stored with the
//! rows, in the same transaction.

use std::ops::ControlFlow;

use import_engine::{
    Batch, Plan, RunError, Summary, issues::BatchProgress, machine::Progress, plans::SavedPlan,
};
use sqlx::SqlitePool;
use tokio::runtime::Handle;

use crate::{
    Failure,
    contacts::{Known, insert, schema},
};

/// Rows of a transaction: as many are done again at most.
const BATCH_ROWS: usize = 2;

/// The plan of a file and the last row that was stored, or a new plan.
async fn begin(pool: &SqlitePool, name: &str, file: &[u8]) -> Result<(Plan, u64), Failure> {
    let stored: Option<(String, i64)> =
        sqlx::query_as("SELECT plan, row FROM imports WHERE file = ?1")
            .bind(name)
            .fetch_optional(pool)
            .await?;
    if let Some((plan, row)) = stored {
        let saved: SavedPlan = serde_json::from_str(&plan)?;
        return Ok((saved.plan(&schema()?)?, row.try_into()?));
    }
    let plan = Plan::of(&schema()?, file)?;
    sqlx::query("INSERT INTO imports (file, plan, row) VALUES (?1, ?2, 0)")
        .bind(name)
        .bind(serde_json::to_string(&plan.save())?)
        .execute(pool)
        .await?;
    Ok((plan, 0))
}

async fn save(pool: &SqlitePool, name: &str, batch: &Batch) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    insert(&mut transaction, batch).await?;
    sqlx::query("UPDATE imports SET row = ?2 WHERE file = ?1")
        .bind(name)
        .bind(i64::try_from(batch.last_row())?)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(())
}

/// Begins the import of a file, or goes on with it, until it is done or `stops` says so. The summary tells which.
///
/// # Errors
///
/// When the file cannot be imported, or `fails` says that a batch cannot be stored.
pub async fn import(
    pool: SqlitePool,
    name: String,
    file: Vec<u8>,
    mut stops: impl FnMut(&Progress) -> bool + Send + 'static,
    mut fails: impl FnMut(BatchProgress) -> Result<(), Failure> + Send + 'static,
) -> Result<Summary, Failure> {
    let (plan, row) = begin(&pool, &name, &file).await?;
    let runtime = Handle::current();
    let imported = tokio::task::spawn_blocking(move || -> Result<_, RunError<Failure>> {
        let mut known = Known {
            pool: pool.clone(),
            runtime: runtime.clone(),
        };
        plan.import(&file)
            .lookup(&mut known)
            .batch_rows(BATCH_ROWS)
            .resume_after(row)
            .observe(|progress| match stops(progress) {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
            .each(|batch| {
                fails(batch.progress())?;
                runtime.block_on(save(&pool, &name, &batch))
            })
    });
    Ok(imported.await??)
}
