//! Runs jobs one after the other: claims the next job, runs it, and hands it back when it could not be finished.

use std::{sync::Arc, time::Duration};

use domain::{ImportJob, MAX_ATTEMPTS};
use repositories::{Claim, FailureMessages, ImportQueue, Lease, RepositoryError};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::{
    held_jobs::{DualInstant, HeldJob},
    lease,
    outcome::{RunError, RunOutcome},
    run::Run,
};
use crate::{Context, Event, observe, storage::StorageError};

/// The bell announces jobs that this process queues; polling finds those of other processes and expired leases.
const POLL: Duration = Duration::from_secs(1);
/// The first pause after a temporary failure; each further pause is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Messages of jobs that a claim ends.
const FAILURE_MESSAGES: FailureMessages<'static> = FailureMessages {
    gave_up: "Import dihentikan setelah 5 kali percobaan gagal. Silakan mulai lagi untuk melanjutkan, unggah ulang file, \
        atau hubungi dukungan.",
    disturbed: "Import dihentikan karena database atau penyimpanan terganggu terlalu lama. Silakan mulai lagi untuk \
        melanjutkan, atau hubungi dukungan.",
    unreadable: ImportJob::UNREADABLE,
};

/// The message of a job to whose file the storage repeatedly denies access. It names the permissions that the bucket's
/// administrator needs.
const FILE_IS_DENIED: &str = "Penyimpanan menolak akses ke file yang diunggah, atau file itu sudah tidak ada. \
    Administrator perlu memeriksa izin bucket (s3:GetObject dan s3:ListBucket).";

/// The message of a job whose file was encrypted with a key that is no longer configured.
const FILE_IS_LOCKED: &str = "File yang diunggah terenkripsi dengan kunci yang tidak dimiliki server. \
    Administrator perlu menambahkan kunci lama ke STORAGE_KEYS.";

#[derive(Clone)]
pub(super) struct WorkerLoop {
    context: Arc<Context>,
    queue: ImportQueue,
    lease: Duration,
    largest_file: Option<u64>,
    stop: CancellationToken,
}

impl WorkerLoop {
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
            // Listening starts before the query, so that a bell between the two is not missed.
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
                        "could not reach the queue"
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

    /// Claims and runs one job; false if there was none.
    async fn work_on_next(&self) -> Result<bool, RepositoryError> {
        let owner = self.context.clock.mint_uuid().to_string();
        let asked_at = DualInstant::now();
        let claim = self
            .queue
            .claim(&owner, self.lease, FAILURE_MESSAGES, self.largest_file)
            .await?;
        match claim {
            None => Ok(false),
            Some(Claim::GaveUp(job)) => {
                tracing::error!(job.id = %job.id, job.attempt = job.attempt, "gave up a job");
                self.notify_failed(&job);
                Ok(true)
            }
            Some(Claim::Job(job, lease)) => {
                if lease.is_takeover {
                    observe::taken_over();
                }
                let span =
                    tracing::info_span!("job", job.id = %job.id, job.attempt = lease.attempt);
                let held = self.context.held.hold(&lease, asked_at, self.lease);
                self.work_on(*job, lease, held).instrument(span).await
            }
        }
    }

    async fn work_on(
        &self,
        job: ImportJob,
        lease: Lease,
        held: HeldJob,
    ) -> Result<bool, RepositoryError> {
        tracing::info!(
            job.status = %job.status(),
            job.file_size = job.file_size,
            is_takeover = lease.is_takeover,
            "claimed a job"
        );
        let lost = CancellationToken::new();
        let held = Arc::new(held);
        let heartbeat = tokio::spawn(lease::renew_until_lost(
            self.queue.clone(),
            lease.clone(),
            self.lease,
            lost.clone(),
            Arc::clone(&held),
        ));
        let run = Run::new(
            Arc::clone(&self.context),
            lease.clone(),
            held,
            lost,
            self.stop.clone(),
        );
        // A separate task, so that a panic ends this run and nothing else.
        let ended = tokio::spawn(run.work_on(job).in_current_span()).await;
        heartbeat.abort();
        match ended {
            Ok(Ok(RunOutcome::Done)) => {}
            Ok(Ok(RunOutcome::Stopped)) => {
                tracing::info!("handed a job back because this process stops");
                self.hand_back(&lease, HandBack::Release).await?;
            }
            // Another worker holds the job, or the database did not answer for as long as the lease lasts, which is not
            // the job's fault.
            Ok(Err(RunError::LeaseLost)) => self.hand_back(&lease, HandBack::Defer).await?,
            Ok(Err(RunError::Repository(error @ RepositoryError::Unavailable(_)))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "put off a job because of a database fault"
                );
                self.hand_back(&lease, HandBack::Defer).await?;
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
                self.hand_back(&lease, HandBack::Abandon).await?;
            }
            Ok(Err(RunError::Storage(error))) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "put off a job because the storage cannot be reached"
                );
                self.hand_back(&lease, HandBack::Defer).await?;
            }
            Ok(Err(error)) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a job's run failed"
                );
                self.hand_back(&lease, HandBack::Abandon).await?;
            }
            Err(panic) => {
                tracing::error!(
                    error = &panic as &dyn std::error::Error,
                    "a job's run panicked"
                );
                self.hand_back(&lease, HandBack::Abandon).await?;
            }
        }
        Ok(true)
    }

    /// Ends a job for a reason that its user must know.
    async fn fail(&self, lease: &Lease, message: &str) -> Result<bool, RepositoryError> {
        match self.queue.fail(lease, message).await {
            Ok(job) => {
                self.notify_failed(&job);
                Ok(true)
            }
            Err(RepositoryError::LeaseLost) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn notify_failed(&self, job: &ImportJob) {
        observe::ended(job);
        self.context.events.publish(Event::status(job));
        self.context.events.publish(Event::completed(job));
    }

    /// Hands a job back. Retries while the database has a fault, because a lease that expires instead would count as a
    /// claim without progress. Retrying ends when this process stops.
    async fn hand_back(&self, lease: &Lease, how: HandBack) -> Result<(), RepositoryError> {
        let mut pause = FIRST_PAUSE;
        loop {
            let answer = match how {
                HandBack::Release => self.queue.release(lease).await,
                HandBack::Defer => self.queue.defer(lease).await,
                HandBack::Abandon => self.queue.abandon(lease).await,
            };
            match answer {
                Ok(()) => return Ok(()),
                // Another worker holds the job: there is nothing to hand back.
                Err(RepositoryError::LeaseLost) => {
                    tracing::info!("lost the lease before the job was handed back");
                    return Ok(());
                }
                Err(error @ RepositoryError::Unavailable(_)) if !self.stop.is_cancelled() => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        pause_ms = pause.as_millis(),
                        "could not hand back a job yet"
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

/// How a job is handed back before its end.
#[derive(Debug, Clone, Copy)]
enum HandBack {
    /// This process is stopping; nothing went wrong.
    Release,
    /// Because of a fault of the system.
    Defer,
    /// Because its processing failed.
    Abandon,
}
