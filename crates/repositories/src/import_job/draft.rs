//! Stores drafts, replaces them, and changes how their files are read. Each is one transaction.

use domain::{Doer, ImportJob, JobId, NewReading, Timestamp};
use sea_orm::EntityTrait;

use super::{
    ImportJobs,
    actions::{delete_report, save},
    row,
};
use crate::{
    Database, RepositoryError, TenantScope, entity::migration_job::Entity, pool::Transaction,
};

/// The draft that a new one replaces.
#[derive(Debug, Clone, Copy)]
pub struct Replaced<'a> {
    /// The draft, which is discarded.
    pub id: JobId,
    /// Who replaces it.
    pub doer: &'a Doer,
    /// Its message.
    pub message: &'a str,
}

/// How a draft's file is read now.
#[derive(Debug, Clone)]
pub struct Redraft {
    /// When the job was last changed, to the caller's knowledge.
    pub seen: Timestamp,
    /// The new reading.
    pub reading: NewReading,
    /// Whether the edited cells would now be others.
    pub forget_edits: bool,
}

/// The result of changing how a draft's file is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redrafted {
    /// The job as it is now.
    Done(Box<ImportJob>),
    /// The job was changed after the caller read it, who must read it again.
    Overtaken,
}

impl ImportJobs {
    /// Stores a new job, and discards the draft that it replaces, which is returned. It follows a whole upload, which
    /// must not be lost because the machine is busy.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job to be replaced is no longer a draft.
    pub async fn insert(
        &self,
        job: &ImportJob,
        replaced: Option<Replaced<'_>>,
    ) -> Result<Option<ImportJob>, RepositoryError> {
        let db = &self.db.patient();
        db.transact(move || async move {
            let scope = job.tenant_id.into();
            let tx = db.begin_write(scope).await?;
            let discarded = match replaced {
                None => None,
                Some(replaced) => discard(db, &tx, scope, replaced).await?,
            };
            Entity::insert(row::active(job)?)
                .exec_without_returning(&tx)
                .await?;
            db.commit(tx).await?;
            Ok(discarded)
        })
        .await
    }

    /// Stores how a draft's file is read now, and what happens to rows whose record exists, if the job is still as it was
    /// seen. Its errors are deleted, and so are its edited cells if they would now be others. `None` if there is no such
    /// job.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidTransition`] if the job's state does not allow it.
    pub async fn redraft(
        &self,
        scope: TenantScope,
        id: JobId,
        redraft: &Redraft,
    ) -> Result<Option<Redrafted>, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let Some(job) = row::lock(&tx, scope, id).await? else {
                    return Ok(None);
                };
                let now = row::now(&self.db, &tx).await?;
                if job.updated_at != redraft.seen {
                    return Ok(Some(Redrafted::Overtaken));
                }
                let job = job.redrafted(redraft.reading.clone(), now)?;
                delete_report(&self.db, &tx, scope, id).await?;
                if redraft.forget_edits {
                    super::amendments::delete_all(&self.db, &tx, scope, id).await?;
                }
                save(&tx, &job).await?;
                self.db.commit(tx).await?;
                Ok(Some(Redrafted::Done(Box::new(job))))
            })
            .await
    }
}

async fn discard(
    db: &Database,
    tx: &Transaction,
    scope: TenantScope,
    Replaced { id, doer, message }: Replaced<'_>,
) -> Result<Option<ImportJob>, RepositoryError> {
    let Some(job) = row::lock(tx, scope, id).await? else {
        return Ok(None);
    };
    let job = job.replaced(doer.clone(), message, row::now(db, tx).await?)?;
    save(tx, &job).await?;
    Ok(Some(job))
}
