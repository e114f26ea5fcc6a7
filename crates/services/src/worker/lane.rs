//! One place in which jobs run, one after the other: claims, runs, settles.

use std::{sync::Arc, time::Duration};

use domain::{ImportJob, MAX_ATTEMPTS};
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

/// Said of jobs that a claim ends.
const LAST_WORDS: LastWords<'static> = LastWords {
    gave_up: "Import dihentikan setelah 5 kali percobaan gagal. Silakan mulai lagi untuk melanjutkan, unggah ulang file, \
        atau hubungi dukungan.",
    disturbed: "Import dihentikan karena database atau penyimpanan terganggu terlalu lama. Silakan mulai lagi untuk \
        melanjutkan, atau hubungi dukungan.",
    unreadable: ImportJob::UNREADABLE,
};

/// Said of a job whose file the storage keeps denying. Who runs the bucket needs the permissions' names.
const FILE_IS_DENIED: &str = "Penyimpanan menolak akses ke file yang diunggah, atau file itu sudah tidak ada. \
    Administrator perlu memeriksa izin bucket (s3:GetObject dan s3:ListBucket).";

/// Said of a job whose file was encrypted with a key that is not configured any more.
const FILE_IS_LOCKED: &str = "File yang diunggah terenkripsi dengan kunci yang tidak dimiliki server. \
    Administrator perlu menambahkan kunci lama ke STORAGE_KEYS.";

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
            Ok(Ok(Ended::Done)) => {}
            Ok(Ok(Ended::Stopped)) => {
                tracing::info!("gave a job back, this process stops");
                self.settle(&lease, Settlement::Release).await?;
            }
            // Another worker has the job. Or the database could not be asked for as long as the lease lasts, which is not the
            // job's fault.
            Ok(Err(RunError::LeaseLost)) => self.settle(&lease, Settlement::Defer).await?,
            Ok(Err(RunError::Repository(error @ RepositoryError::Unavailable(_)))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "put a job off because of a fault of the database"
                );
                self.settle(&lease, Settlement::Defer).await?;
            }
            Ok(Err(RunError::Storage(error))) if self.context.storage.is_reachable().await => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a job's file cannot be read"
                );
                let reason = match &error {
                    StorageError::Denied(_) => Some(FILE_IS_DENIED),
                    locked if locked.is_locked() => Some(FILE_IS_LOCKED),
                    _ => None,
                };
                if let Some(reason) = reason
                    && lease.tries >= MAX_ATTEMPTS
                {
                    return self.fail(&lease, reason).await;
                }
                self.settle(&lease, Settlement::Abandon).await?;
            }
            Ok(Err(RunError::Storage(error))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "put a job off because the storage is out of reach"
                );
                self.settle(&lease, Settlement::Defer).await?;
            }
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a job's run failed"
                );
                self.settle(&lease, Settlement::Abandon).await?;
            }
            Err(panic) => {
                tracing::error!(
                    error = &panic as &dyn std::error::Error,
                    "a job's run panicked"
                );
                self.settle(&lease, Settlement::Abandon).await?;
            }
        }
        Ok(true)
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

    /// Gives a job back. While the database has a fault it is asked again and again: a lease that runs out instead would count
    /// as a claim that got nowhere. When this process stops meanwhile, it has to.
    async fn settle(&self, lease: &Lease, settlement: Settlement) -> Result<(), RepositoryError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let answer = match settlement {
                Settlement::Release => self.queue.release(lease).await,
                Settlement::Defer => self.queue.defer(lease).await,
                Settlement::Abandon => self.queue.abandon(lease).await,
            };
            match answer {
                Ok(()) => return Ok(()),
                // Another worker has the job: there is nothing to give back.
                Err(RepositoryError::LeaseLost) => {
                    tracing::info!("lost the lease before the job was given back");
                    return Ok(());
                }
                Err(error @ RepositoryError::Unavailable(_)) if !self.stop.is_cancelled() => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        pause_ms = pause.as_millis(),
                        "could not give a job back yet"
                    );
                }
                Err(error) => return Err(error),
            }
            self.stop
                .run_until_cancelled(tokio::time::sleep(pause))
                .await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// How a job is given back before its end.
#[derive(Debug, Clone, Copy)]
enum Settlement {
    /// In order.
    Release,
    /// Because of a fault of the system.
    Defer,
    /// Because its processing failed.
    Abandon,
}
