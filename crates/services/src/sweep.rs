//! Housekeeping: keeps the storage and the rows in agreement, and deletes both when their retention is over.

use std::{sync::Arc, time::Duration};

use domain::{JobId, ROLLBACK_WINDOW};
use futures_util::TryStreamExt;
use repositories::{ImportQueue, RateBudgets, RepositoryError, Sessions};

use crate::{
    Context, Event, ServiceError,
    storage::{StorageError, is_upload_key, job_key},
};

/// The first sweep is at the start; the others follow at this interval.
const PERIOD: Duration = Duration::from_hours(1);
/// An upload that takes longer than this has failed: its request timed out long before.
const GRACE: Duration = Duration::from_hours(1);
/// Files that are looked up at once.
const PAGE: usize = 1_000;
/// Row errors deleted by one statement: well within a second.
const ERRORS_AT_ONCE: u64 = 10_000;
/// The message of a job whose stored file is missing.
pub(crate) const FILE_IS_GONE: &str =
    "File yang diunggah tidak ada lagi di penyimpanan. Silakan unggah ulang.";

/// A draft that was not changed for this long is discarded; then its file and errors are deleted like those of any ended job.
const DRAFT_AGE: Duration = Duration::from_hours(30 * 24);
/// The message of such a draft.
const DRAFT_IS_STALE: &str = "Dibuang otomatis karena tidak disentuh selama 30 hari";

/// Sweeps until it is no longer polled.
pub(crate) async fn run(context: Arc<Context>) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        sweep(&context).await;
    }
}

async fn sweep(context: &Context) {
    let queue = ImportQueue::new(&context.database);
    let unfinished = context.storage.remove_unfinished(GRACE).await;
    let unfinished = done("unfinished", unfinished);
    let orphans = done("orphans", remove_orphans(context, &queue).await);
    let lost = done("lost", fail_without_file(context, &queue).await);
    let drafts = done("drafts", discard_drafts(context, &queue).await);
    let outlived = done("outlived", erase_outlived(context, &queue).await);
    let errors = done("errors", delete_outlived_errors(context, &queue).await);
    let images = done("images", delete_outlived_images(&queue).await);
    let tokens = Sessions::new(&context.database)
        .sweep(context.clock.now())
        .await;
    let tokens = done("tokens", tokens);
    let names = done("names", crate::idempotency::sweep(context).await);
    let attempts = done("attempts", context.throttle.sweep().await);
    let deliveries = done("deliveries", crate::webhook::sweep(context).await);
    let budgets = done("budgets", RateBudgets::new(&context.database).sweep().await);
    tracing::info!(
        unfinished,
        orphans,
        lost,
        drafts,
        outlived,
        errors,
        images,
        tokens,
        names,
        attempts,
        deliveries,
        budgets,
        "finished housekeeping"
    );
}

/// Logs the result of a step. One that fails does not stop the others: a bucket that may not be listed is not a reason to keep data
/// longer than the law allows.
fn done<T: Default, E: Into<ServiceError>>(step: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| {
        let error = error.into();
        tracing::warn!(
            step,
            error = &error as &dyn std::error::Error,
            "could not finish a step of housekeeping"
        );
        T::default()
    })
}

/// Fails jobs whose file is missing before they are started, so that their users learn of it early.
async fn fail_without_file(context: &Context, queue: &ImportQueue) -> Result<usize, ServiceError> {
    let mut failed = 0;
    let mut after = None;
    loop {
        let files = queue.waiting_files(GRACE, after, PAGE as u64).await?;
        let Some(last) = files.last() else {
            return Ok(failed);
        };
        after = Some(last.job_id);
        for file in &files {
            match context.storage.exists(&file.file_url).await {
                Ok(false) => {}
                // The storage denies access, so the file may exist; a start finds out.
                Ok(true) | Err(StorageError::Denied(_)) => continue,
                Err(error) => return Err(error.into()),
            }
            match queue.fail_waiting(file, FILE_IS_GONE).await {
                Ok(Some(job)) => {
                    tracing::warn!(job.id = %job.id, "failed a job whose file is missing");
                    context.events.publish(Event::status(&job));
                    failed += 1;
                }
                Ok(None) => {}
                Err(error) => skip(file.job_id, error)?,
            }
        }
    }
}

/// Discards abandoned drafts.
async fn discard_drafts(context: &Context, queue: &ImportQueue) -> Result<usize, ServiceError> {
    let mut discarded = 0;
    let mut after = None;
    loop {
        let drafts = queue.stale_drafts(DRAFT_AGE, after, PAGE as u64).await?;
        let Some(last) = drafts.last() else {
            return Ok(discarded);
        };
        after = Some(last.job_id);
        for draft in &drafts {
            match queue.fail_waiting(draft, DRAFT_IS_STALE).await {
                Ok(Some(job)) => {
                    context.events.publish(Event::status(&job));
                    discarded += 1;
                }
                Ok(None) => {}
                Err(error) => skip(draft.job_id, error)?,
            }
        }
    }
}

/// Deletes row errors of jobs that ended long ago, as the law requires.
async fn delete_outlived_errors(
    context: &Context,
    queue: &ImportQueue,
) -> Result<u64, RepositoryError> {
    let mut deleted = 0;
    loop {
        let some = queue
            .delete_outlived_errors(context.config.error_retention, ERRORS_AT_ONCE)
            .await?;
        deleted += some;
        if some < ERRORS_AT_ONCE {
            return Ok(deleted);
        }
    }
}

/// Deletes what records were before imports that cannot be rolled back any more changed them.
async fn delete_outlived_images(queue: &ImportQueue) -> Result<u64, RepositoryError> {
    let window = ROLLBACK_WINDOW.unsigned_abs();
    let mut deleted = 0;
    loop {
        let some = queue.delete_outlived_images(window, ERRORS_AT_ONCE).await?;
        deleted += some;
        if some < ERRORS_AT_ONCE {
            return Ok(deleted);
        }
    }
}

/// Deletes files of jobs that ended long ago, as the law requires; the jobs and their results stay.
async fn erase_outlived(context: &Context, queue: &ImportQueue) -> Result<usize, ServiceError> {
    let mut erased = 0;
    let mut after = None;
    loop {
        let files = queue
            .outlived_files(context.config.file_retention, after, PAGE as u64)
            .await?;
        let Some(last) = files.last() else {
            return Ok(erased);
        };
        after = Some(last.job_id);
        for file in &files {
            if let Err(error) = context.storage.delete(&file.file_url).await {
                skip(file.job_id, error)?;
                continue;
            }
            queue.forget_file(file).await?;
            erased += 1;
        }
    }
}

/// Skips a job whose own file or row is the problem: the others are still swept, and the next sweep tries it again. Returns an
/// error that would affect the others as well.
fn skip(job_id: JobId, error: impl Into<ServiceError>) -> Result<(), ServiceError> {
    let error = error.into();
    if matches!(&error, ServiceError::Database(error) if matches!(error, RepositoryError::Unavailable(_)))
    {
        return Err(error);
    }
    tracing::warn!(
        job.id = %job_id,
        error = &error as &dyn std::error::Error,
        "skipped a job in housekeeping"
    );
    Ok(())
}

/// Deletes uploads that no job refers to: interrupted ones, and files that could not be deleted with their job. Other data in the
/// same folder or bucket, perhaps a database of this server, is not touched.
async fn remove_orphans(context: &Context, queue: &ImportQueue) -> Result<usize, ServiceError> {
    let young = context.clock.now() - time::Duration::try_from(GRACE).unwrap_or_default();
    let mut pages = context
        .storage
        .list()
        .try_filter(|object| {
            let is_old = object.modified_at < young.as_offset_date_time();
            std::future::ready(is_old && is_upload_key(&object.key))
        })
        .try_chunks(PAGE);
    let mut removed = 0;
    while let Some(page) = pages.try_next().await.map_err(|error| error.1)? {
        let keys: Vec<String> = page.into_iter().map(|object| object.key).collect();
        let job_keys: Vec<String> = keys.iter().map(|key| job_key(key).into_owned()).collect();
        let known = queue.known_files(&job_keys).await?;
        for (key, _) in keys.iter().zip(known).filter(|(_, is_known)| !is_known) {
            context.storage.delete(key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
