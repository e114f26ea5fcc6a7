//! One run of one job under one lease: validation, import, or both. The engine checks rows on a blocking thread while
//! this side loads those that are checked; a short channel connects the two.

use std::{
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    Checkpoint, Doer, Findings, ImportJob, JobCounts, JobStatus, OnDuplicate, ValidationEnd,
};
use import_types::engine::{self, Batch, Language, Summary, machine::Progress};
use repositories::{
    ImportBatch, ImportQueue, KeptFindings, Lease, LoadedBatch, Lookups, ValidationBatch,
};
use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};
use tokio_util::sync::CancellationToken;

use super::{
    fault,
    findings_budget::FindingsBudget,
    held_jobs::{HeldJob, JobSnapshot},
    load_pipeline::LoadPipeline,
    lookup::{TenantLookup, existing},
    outcome::{RunError, RunOutcome, resume_panic},
    prepared_batch::{BatchPreparer, Known, PreparedBatch, Refused, error_summary},
    read_plan::ReadPlan,
};
use crate::{Context, Event, Events, import::notices::stored, observe};

/// 5 000 rows: a crash costs at most one batch, and a small file of another tenant waits for no more than one.
const BATCH_ROWS: usize = 5_000;
/// Rows of a batch that is only validated. The errors of a row take more memory than the row, and in a hostile file every
/// row has errors.
const VALIDATED_ROWS: usize = 2_500;
/// A validation stores its findings once there are this many: a transaction for every batch took half of the time, and
/// more of them would only take memory.
const FINDINGS_AT_ONCE: usize = 1_000;
/// A validation also stores its findings after this time, so that other processes see its progress.
const STORE_INTERVAL: Duration = Duration::from_millis(500);
/// One batch waits while one is loaded and one is prepared: enough for the two to overlap, with little memory.
const BATCHES_WAITING: usize = 1;
/// The message of a job whose import was requested and that has no valid row.
const NOTHING_TO_IMPORT: &str = "Tidak ada baris valid yang dapat diimpor";

/// A run under a lease.
pub(super) struct Run {
    pub(super) context: Arc<Context>,
    queue: ImportQueue,
    lease: Lease,
    held: Arc<HeldJob>,
    lost: CancellationToken,
    stop: CancellationToken,
}

impl Run {
    pub(super) fn new(
        context: Arc<Context>,
        lease: Lease,
        held: Arc<HeldJob>,
        lost: CancellationToken,
        stop: CancellationToken,
    ) -> Self {
        Self {
            queue: ImportQueue::new(&context.database),
            context,
            lease,
            held,
            lost,
            stop,
        }
    }

    /// Runs the job until it needs no worker any more.
    pub(super) async fn work_on(self, job: ImportJob) -> Result<RunOutcome, RunError> {
        match Box::pin(self.phases(job)).await {
            Ok(()) => Ok(RunOutcome::Done),
            Err(_) if self.lost.is_cancelled() => Err(RunError::LeaseLost),
            Err(RunError::Stopped) => Ok(RunOutcome::Stopped),
            Err(RunError::File(message)) => {
                let job = self.queue.fail(&self.lease, &message).await?;
                tracing::info!(message, "a job's file is at fault");
                self.notify_failed(&job).await;
                Ok(RunOutcome::Done)
            }
            Err(error) => Err(error),
        }
    }

    async fn phases(&self, mut job: ImportJob) -> Result<(), RunError> {
        if !job.status().is_running() {
            return Ok(());
        }
        fault::inject(&job);
        let plan = self.plan(&job).await?;
        if job.status() == JobStatus::Validating {
            job = self.validate(&job, &plan).await?;
        }
        if job.status() == JobStatus::Importing {
            self.import(job, &plan).await?;
        }
        Ok(())
    }

    async fn plan(&self, job: &ImportJob) -> Result<Arc<ReadPlan>, RunError> {
        let head = self.context.storage.read(&job.file_url).await?;
        let file = self.context.storage.read(&job.file_url).await?;
        let edits = self.queue.edits(&self.lease).await?;
        let (job, watch) = (job.clone(), self.watch());
        let today = self.context.clock.now().jakarta_date();
        let plan = spawn_blocking(move || {
            ReadPlan::make(&job, edits, head, file, today, watch.observer())
        })
        .await;
        Ok(Arc::new(resume_panic(plan)?))
    }

    async fn validate(&self, job: &ImportJob, plan: &Arc<ReadPlan>) -> Result<ImportJob, RunError> {
        let started = std::time::Instant::now();
        self.queue
            .begin_validation(&self.lease, plan.records)
            .await?;
        let budget = FindingsBudget::new(job.file_size, KeptFindings::default());
        let mut engine = self.start_engine(job, plan, 0, &budget).await?;
        let (mut found, mut known) = (Findings::default(), Known::default());
        let mut unstored: Option<PreparedBatch> = None;
        let mut stored_at = Instant::now();
        loop {
            let prepared = engine.batches.recv().await;
            let is_last = prepared.is_none();
            if let Some(prepared) = prepared {
                found.add(prepared.found);
                known.add(prepared.known);
                match &mut unstored {
                    Some(unstored) => unstored.append(prepared),
                    None => unstored = Some(prepared),
                }
            }
            let is_due = |batch: &mut PreparedBatch| {
                is_last
                    || batch.errors.len() + batch.failed.len() >= FINDINGS_AT_ONCE
                    || stored_at.elapsed() >= STORE_INTERVAL
            };
            if let Some(batch) = unstored.take_if(is_due) {
                let batch = ValidationBatch {
                    rows: batch.rows,
                    errors: &batch.errors,
                    failed: &batch.failed,
                    counts: JobCounts {
                        total_rows: plan.records,
                        // Progress that an interrupted validation had reported does not decrease.
                        processed_rows: batch.progress.records.max(job.counts.processed_rows),
                        valid_rows: batch.progress.valid,
                        invalid_rows: batch.progress.invalid,
                        warning_rows: found.warning_rows,
                        update_rows: known.updated,
                        skip_rows: known.skipped,
                        ..JobCounts::default()
                    },
                };
                self.queue
                    .store_validation_batch(&self.lease, batch)
                    .await?;
                stored_at = Instant::now();
            }
            if is_last {
                break;
            }
            self.ensure_running()?;
        }
        let summary = engine.finish().await?;
        let end = ValidationEnd {
            counts: JobCounts {
                total_rows: summary.records,
                processed_rows: summary.records,
                valid_rows: summary.valid,
                invalid_rows: summary.invalid,
                warning_rows: found.warning_rows,
                update_rows: known.updated,
                skip_rows: known.skipped,
                ..JobCounts::default()
            },
            errors: error_summary(summary.errors),
            left_out: found.left_out,
            nothing_to_import: NOTHING_TO_IMPORT,
            notices: stored(&summary.notices),
        };
        let job = self.queue.finish_validation(&self.lease, end).await?;
        tracing::info!(
            rows = summary.records, valid = summary.valid, job.status = %job.status(),
            duration_ms = started.elapsed().as_millis(), "finished validation"
        );
        if job.status() == JobStatus::Failed {
            self.notify_failed(&job).await;
        } else {
            self.notify_validated(&job).await;
            self.context.events.publish(Event::status(&job));
        }
        Ok(job)
    }

    async fn import(&self, job: ImportJob, plan: &Arc<ReadPlan>) -> Result<(), RunError> {
        let started = std::time::Instant::now();
        if job.cancelled.is_some() {
            return self.end_cancelled().await;
        }
        let snapshot = self.held.show(job.clone());
        let resumed_at = job.checkpoint.unwrap_or_default().last_row;
        let (mut job, budget) = self.budget_after_checkpoint(job).await?;
        let mut engine = self.start_engine(&job, plan, resumed_at, &budget).await?;
        let mut pipeline = LoadPipeline::new(&self.queue, &self.lease, job.on_duplicate);
        let mut has_more = true;
        while has_more || !pipeline.is_empty() {
            tokio::select! {
                prepared = engine.batches.recv(), if has_more && pipeline.has_room() => match prepared {
                    Some(prepared) => pipeline.push(prepared, self.context.clock.now()),
                    None => has_more = false,
                },
                first = pipeline.pop(), if !pipeline.is_empty() => {
                    let (prepared, loaded) = first?;
                    let before = job.counts.processed_rows;
                    let is_cancelled = self
                        .commit(&mut job, &snapshot, plan, (&prepared, &budget), loaded)
                        .await?;
                    self.notify_progress(&job, before);
                    if is_cancelled {
                        return self.end_cancelled().await;
                    }
                    fault::stall(&job).await;
                    self.ensure_running()?;
                }
            }
        }
        engine.finish().await?;
        drop(snapshot);
        let found = job.checkpoint.and_then(|checkpoint| checkpoint.found);
        let found = found.unwrap_or_default();
        let job = self.queue.finish_import(&self.lease, found).await?;
        tracing::info!(
            imported = job.counts.imported_rows,
            failed = job.counts.failed_rows,
            resumed_at,
            duration_ms = started.elapsed().as_millis(),
            "finished import"
        );
        observe::imported(&job, started.elapsed());
        self.context.events.publish(Event::status(&job));
        self.context.events.publish(Event::completed(&job));
        Ok(())
    }

    /// The budget after the job's checkpoint: a run that resumes continues the counts of what the earlier ones stored.
    async fn budget_after_checkpoint(
        &self,
        job: ImportJob,
    ) -> Result<(ImportJob, FindingsBudget), RunError> {
        let Some(checkpoint) = job.checkpoint else {
            let budget = FindingsBudget::new(job.file_size, KeptFindings::default());
            return Ok((job, budget));
        };
        let kept = self
            .queue
            .kept_findings(&self.lease, checkpoint.last_row)
            .await?;
        // A version that stored all errors kept no counts; they follow from what it stored.
        let job = job.with_findings(Findings {
            errors: kept.errors,
            ..Findings::default()
        });
        let budget = FindingsBudget::new(job.file_size, kept);
        Ok((job, budget))
    }

    /// Ends an import that its user has cancelled; stored rows stay.
    async fn end_cancelled(&self) -> Result<(), RunError> {
        let message = |doer: Option<&Doer>| match doer {
            Some(doer) => format!("Dihentikan oleh {}", doer.nama_lengkap),
            None => "Dihentikan".to_owned(),
        };
        let job = self.queue.end_cancelled(&self.lease, message).await?;
        tracing::info!(
            imported = job.counts.imported_rows,
            "stopped a cancelled import"
        );
        self.notify_failed(&job).await;
        Ok(())
    }

    /// Commits one batch after the job's checkpoint; then `job` is as stored, and served in that state. Returns whether
    /// its user has cancelled it.
    async fn commit(
        &self,
        job: &mut ImportJob,
        snapshot: &JobSnapshot<'_>,
        plan: &ReadPlan,
        (prepared, budget): (&PreparedBatch, &FindingsBudget),
        loaded: LoadedBatch,
    ) -> Result<bool, RunError> {
        let Some(valid) = &prepared.valid else {
            return Ok(false);
        };
        let clock = &*self.context.clock;
        let checkpoint = job.checkpoint.unwrap_or_default();
        let mut found = checkpoint.found.unwrap_or_default();
        found.add(prepared.found);
        let after = Checkpoint {
            last_row: prepared.rows.1,
            records: checkpoint.records + prepared.records,
            imported_rows: checkpoint.imported_rows + prepared.stored(),
            failed_rows: checkpoint.failed_rows + prepared.invalid,
            updated_rows: checkpoint.updated_rows,
            skipped_rows: checkpoint.skipped_rows + prepared.known.skipped,
            found: Some(found),
        };
        let refused = Refused {
            job_id: job.id,
            clock,
            columns: &plan.columns,
            rows: valid,
        };
        let corrected = plan.corrected.as_ref();
        let corrected = corrected.map(|rows| rows.take_up_to(prepared.rows.1));
        let batch = ImportBatch {
            rows: prepared.rows,
            valid,
            corrected: corrected.as_deref().unwrap_or_default(),
            on_duplicate: job.on_duplicate,
            errors: &prepared.errors,
            failed: &prepared.failed,
            counts: JobCounts {
                processed_rows: after.records,
                imported_rows: after.imported_rows,
                failed_rows: after.failed_rows,
                updated_rows: after.updated_rows,
                skipped_rows: after.skipped_rows,
                ..job.counts
            },
            checkpoint: after,
            now: clock.now(),
            refused: &|refusal| refused.error(refusal),
            refused_room: budget.room(),
            committing: &|| snapshot.clear(),
        };
        let stored = self.queue.commit_batch(&self.lease, batch, loaded).await?;
        budget.note_refused(&stored.errors, &stored.failed);
        *job = job
            .clone()
            .advanced(stored.counts, Some(stored.checkpoint), stored.updated_at);
        snapshot.set(job.clone());
        Ok(stored.is_cancelled)
    }

    fn ensure_running(&self) -> Result<(), RunError> {
        if self.stop.is_cancelled() {
            return Err(RunError::Stopped);
        }
        Ok(())
    }

    /// Starts the engine after row `resume_after` on its own thread.
    async fn start_engine(
        &self,
        job: &ImportJob,
        plan: &Arc<ReadPlan>,
        resume_after: u64,
        budget: &FindingsBudget,
    ) -> Result<Engine, RunError> {
        let file = self.context.storage.read(&job.file_url).await?;
        let (sender, batches) = mpsc::channel(BATCHES_WAITING);
        let plan = Arc::clone(plan);
        let context = Arc::clone(&self.context);
        let (job_id, import_type) = (job.id, job.import_type);
        let on_duplicate = job.on_duplicate;
        let with_rows = job.status() == JobStatus::Importing;
        let budget = budget.clone();
        let watch = Reported {
            watch: self.watch(),
            // An import reports what is committed instead.
            validating: (!with_rows).then(|| (job.clone(), self.context.events.clone())),
            records: plan.records,
        };
        let mut lookup = TenantLookup {
            runtime: Handle::current(),
            import_type,
            rows: Lookups::new(&context.database, self.lease.scope, job_id)
                .changing(on_duplicate == OnDuplicate::Update),
        };
        let thread = spawn_blocking(move || {
            let preparer = BatchPreparer {
                job_id,
                import_type,
                on_duplicate,
                messages: import_types::schema(import_type).messages(Language::INDONESIAN),
                clock: &*context.clock,
                budget,
                with_rows,
            };
            let mut sink = BatchSink { preparer, sender };
            let summary = plan
                .engine
                .import(engine::plans::Once::new(file))
                .batch_rows(if with_rows {
                    BATCH_ROWS
                } else {
                    VALIDATED_ROWS
                })
                .resume_after(resume_after)
                .lookup(&mut lookup)
                .existing(existing(on_duplicate))
                .observe(watch.observer())
                .each(|batch| sink.accept(&batch))?;
            if summary.is_complete() {
                Ok(summary)
            } else {
                Err(RunError::Stopped)
            }
        });
        Ok(Engine { batches, thread })
    }

    fn watch(&self) -> Watch {
        Watch {
            lost: self.lost.clone(),
            stop: self.stop.clone(),
        }
    }
}

/// A running engine. Dropping it ends the engine, which can no longer send its next batch.
struct Engine {
    batches: mpsc::Receiver<PreparedBatch>,
    thread: JoinHandle<Result<Summary, RunError>>,
}

impl Engine {
    /// The summary of the whole file, once there are no more batches.
    async fn finish(self) -> Result<Summary, RunError> {
        drop(self.batches);
        resume_panic(self.thread.await)
    }
}

/// Sends batches to the loader, and waits for room.
struct BatchSink<'a> {
    preparer: BatchPreparer<'a>,
    sender: mpsc::Sender<PreparedBatch>,
}

impl BatchSink<'_> {
    fn accept(&mut self, batch: &Batch) -> Result<(), RunError> {
        let prepared = self.preparer.prepare(batch)?;
        // If the loader has ended, it reports the reason itself.
        self.sender
            .blocking_send(prepared)
            .map_err(|_| RunError::Stopped)
    }
}

/// The interval of progress reports of a validation: at most four a second.
const REPORT_INTERVAL: Duration = Duration::from_millis(250);

/// Reports the progress of a validation, long before its batches are stored.
struct Reported {
    watch: Watch,
    validating: Option<(ImportJob, Events)>,
    records: u64,
}

impl Reported {
    fn observer(self) -> impl FnMut(&Progress) -> ControlFlow<()> {
        let Self {
            watch,
            validating,
            records,
        } = self;
        let mut watch = watch.observer();
        let mut reported_at: Option<Instant> = None;
        move |progress| {
            let is_due =
                reported_at.is_none_or(|reported_at| reported_at.elapsed() >= REPORT_INTERVAL);
            if let Some((job, events)) = &validating
                && is_due
                && progress.records > 0
            {
                reported_at = Some(Instant::now());
                // Progress that an earlier, interrupted validation had reported does not decrease.
                let processed = progress.records.max(job.counts.processed_rows);
                events.publish(Event::validation_progress(
                    job,
                    processed.min(records),
                    records,
                ));
            }
            watch(progress)
        }
    }
}

/// Cancels the engine when the lease is lost or this process is stopping.
struct Watch {
    lost: CancellationToken,
    stop: CancellationToken,
}

impl Watch {
    fn observer(self) -> impl FnMut(&Progress) -> ControlFlow<()> {
        move |_| {
            if self.lost.is_cancelled() || self.stop.is_cancelled() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
}
