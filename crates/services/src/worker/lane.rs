//! One place in which jobs run, one after the other: claims, runs, settles.

use std::{sync::Arc, time::Duration};

use domain::ImportJob;
use repositories::{Claim, ImportQueue, LastWords, Lease, RepositoryError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    end::{Ended, RunError},
    held::{Hold, Moment},
    lease,
    run::Run,
};
use crate::{Context, Event, storage::StorageError};

/// The bell rings at once for what this process queued; this is for what others queued, and for expired leases.
const POLL: Duration = Duration::from_secs(1);
/// After a failure that passes by itself: first wait, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Said of a job that five claims did not get anywhere with, and of one that cannot be read.
const LAST_WORDS: LastWords<'static> = LastWords {
    gave_up: "Import dihentikan setelah 5 kali percobaan gagal. Silakan unggah ulang file atau hubungi dukungan.",
    unreadable: "Data import ini rusak dan tidak dapat dibaca lagi. Silakan unggah ulang file atau hubungi dukungan.",
};

/// Said of a job whose file the storage keeps denying. Who runs the bucket needs the permissions' names.
const FILE_IS_DENIED: &str = "Penyimpanan menolak akses ke file yang diunggah, atau file itu sudah tidak ada. \
    Administrator perlu memeriksa izin bucket (s3:GetObject dan s3:ListBucket).";

#[derive(Clone)]
pub(super) struct Lane {
    context: Arc<Context>,
    queue: ImportQueue,
    lease: Duration,
    largest_file: Option<u64>,
    stop: CancellationToken,
}

impl Lane {
    pub(super) fn new(
        context: Arc<Context>,
        lease: Duration,
        largest_file: Option<u64>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            queue: ImportQueue::new(&context.database),
            context,
            lease,
            largest_file,
            stop,
        }
    }

    /// Works until stopped.
    pub(super) async fn run(self) {
        let mut pause = FIRST_PAUSE;
        while !self.stop.is_cancelled() {
            // Listening begins before asking: a bell between the two is heard.
            let bell = self.context.queue_bell.notified();
            tokio::pin!(bell);
            bell.as_mut().enable();
            match self.work_on_next().await {
                Ok(true) => pause = FIRST_PAUSE,
                Ok(false) => {
                    pause = FIRST_PAUSE;
                    tokio::select! {
                        () = self.stop.cancelled() => {}
                        () = bell => {}
                        () = tokio::time::sleep(POLL) => {}
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        pause_ms = pause.as_millis(),
                        "the queue is out of reach"
                    );
                    tokio::select! {
                        () = self.stop.cancelled() => {}
                        () = tokio::time::sleep(pause) => {}
                    }
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }

    /// Whether there was anything to do.
    async fn work_on_next(&self) -> Result<bool, RepositoryError> {
        let owner = self.context.clock.mint_uuid().to_string();
        let asked_at = Moment::now();
        let claim = self
            .queue
            .claim(&owner, self.lease, LAST_WORDS, self.largest_file)
            .await?;
        match claim {
            None => Ok(false),
            Some(Claim::GaveUp(job)) => {
                tracing::error!(job.id = %job.id, job.attempt = job.attempt, "gave a job up");
                self.tell_failed(&job);
                Ok(true)
            }
            Some(Claim::Job(job, lease)) => {
                let span =
                    tracing::info_span!("job", job.id = %job.id, job.attempt = lease.attempt);
                let hold = self.context.held.hold(&lease, asked_at, self.lease);
                self.work_on(*job, lease, hold).instrument(span).await
            }
        }
    }

    async fn work_on(
        &self,
        job: ImportJob,
        lease: Lease,
        hold: Hold,
    ) -> Result<bool, RepositoryError> {
        tracing::info!(job.status = %job.status, job.file_size = job.file_size, "claimed a job");
        let lost = CancellationToken::new();
        let hold = Arc::new(hold);
        let keeper = tokio::spawn(lease::keep(
            self.queue.clone(),
            lease.clone(),
            self.lease,
            lost.clone(),
            Arc::clone(&hold),
        ));
        let run = Run::new(
            Arc::clone(&self.context),
            lease.clone(),
            hold,
            lost,
            self.stop.clone(),
        );
        // A task of its own: a panic in it ends the job's run and nothing else.
        let ended = tokio::spawn(run.work_on(job).in_current_span()).await;
        keeper.abort();
        match ended {
            Ok(Ok(Ended::Done) | Err(RunError::LeaseLost)) => Ok(true),
            Ok(Ok(Ended::Stopped)) => {
                tracing::info!("gave a job back, this process stops");
                self.give_back(&lease).await?;
                Ok(true)
            }
            Ok(Err(RunError::Repository(error @ RepositoryError::Unavailable(_)))) => {
                // Not the job's fault: no attempt of it. Where the database cannot even be told so, the lease runs out.
                self.give_back(&lease).await?;
                Err(error)
            }
            Ok(Err(RunError::Storage(error))) if self.context.storage.is_reachable().await => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a job's file cannot be read"
                );
                if matches!(error, StorageError::Denied(_))
                    && lease.tries >= ImportQueue::MAX_ATTEMPTS
                {
                    return self.fail(&lease, FILE_IS_DENIED).await;
                }
                // Five attempts must outlast a short disturbance.
                let pause = FIRST_PAUSE * 2_u32.saturating_pow(lease.tries.min(8));
                self.stop
                    .run_until_cancelled(tokio::time::sleep(pause.min(LONGEST_PAUSE)))
                    .await;
                self.settle(self.queue.abandon(&lease).await)?;
                Ok(true)
            }
            Ok(Err(RunError::Storage(error))) => {
                // The storage as a whole is away: no attempt of the job either.
                self.give_back(&lease).await?;
                Err(RepositoryError::Unavailable(error.into()))
            }
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a job's run failed"
                );
                self.settle(self.queue.abandon(&lease).await)?;
                Ok(true)
            }
            Err(panic) => {
                tracing::error!(
                    error = &panic as &dyn std::error::Error,
                    "a job's run panicked"
                );
                self.settle(self.queue.abandon(&lease).await)?;
                Ok(true)
            }
        }
    }

    /// Ends a job for a reason that its user must know.
    async fn fail(&self, lease: &Lease, message: &str) -> Result<bool, RepositoryError> {
        match self.queue.fail(lease, message).await {
            Ok(job) => {
                self.tell_failed(&job);
                Ok(true)
            }
            Err(RepositoryError::LeaseLost) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn tell_failed(&self, job: &ImportJob) {
        metrics::counter!("hijrah_failed_jobs_total").increment(1);
        self.context.events.publish(Event::status(job));
        self.context.events.publish(Event::completed(job));
    }

    async fn give_back(&self, lease: &Lease) -> Result<(), RepositoryError> {
        self.settle(self.queue.release(lease).await)
    }

    /// A lease that is lost needs no giving back.
    #[expect(
        clippy::unused_self,
        reason = "reads as what the lane does with the answer"
    )]
    fn settle(&self, answer: Result<(), RepositoryError>) -> Result<(), RepositoryError> {
        match answer {
            Err(RepositoryError::LeaseLost) => Ok(()),
            answer => answer,
        }
    }
}
