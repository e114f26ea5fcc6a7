//! Keeps storage and rows in agreement, and neither longer than allowed.

use std::{sync::Arc, time::Duration};

use futures_util::TryStreamExt;
use repositories::{ImportQueue, Sessions};

use crate::{Context, ServiceError};

/// At the start, and then so often.
const PERIOD: Duration = Duration::from_secs(3600);
/// An upload that takes longer than this is dead: its client has long been given up.
const GRACE: Duration = Duration::from_secs(3600);
/// Files that are asked about at once.
const PAGE: usize = 1_000;

/// Sweeps until it is no longer polled.
pub(crate) async fn run(context: Arc<Context>) {
    let mut period = tokio::time::interval(PERIOD);
    loop {
        period.tick().await;
        if let Err(error) = sweep(&context).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not finish housekeeping"
            );
        }
    }
}

async fn sweep(context: &Context) -> Result<(), ServiceError> {
    let unfinished = context.storage.remove_unfinished(GRACE).await?;
    let orphans = remove_orphans(context).await?;
    let tokens = Sessions::new(&context.database)
        .sweep(context.clock.now())
        .await?;
    if unfinished + orphans > 0 || tokens > 0 {
        tracing::info!(unfinished, orphans, tokens, "removed what nobody needs");
    }
    Ok(())
}

/// Erases files that no job refers to: of an upload that was killed half-way, or of a job whose file could not be erased.
async fn remove_orphans(context: &Context) -> Result<usize, ServiceError> {
    let queue = ImportQueue::new(&context.database);
    let young = context.clock.now() - time::Duration::try_from(GRACE).unwrap_or_default();
    let mut pages = context
        .storage
        .list()
        .try_filter(|object| std::future::ready(object.modified_at < young.as_offset_date_time()))
        .try_chunks(PAGE);
    let mut removed = 0;
    while let Some(page) = pages.try_next().await.map_err(|error| error.1)? {
        let keys: Vec<String> = page.into_iter().map(|object| object.key).collect();
        let known = queue.known_files(&keys).await?;
        for (key, _) in keys.iter().zip(known).filter(|(_, is_known)| !is_known) {
            context.storage.delete(key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
