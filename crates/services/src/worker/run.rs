//! One run of one job under one lease: validation, import, or both. The engine checks on a blocking thread while this loads
//! what it has checked; the two meet in a short channel.

use std::{ops::ControlFlow, sync::Arc};

use domain::{Checkpoint, Doer, ErrorSummary, Findings, ImportJob, JobCounts, JobStatus};
use import_types::engine::{
    Batch, BoxError, ImportError, IssueCounts, Language, Observer, Progress, Sink, Summary,
};
use repositories::{
    ImportBatch, ImportQueue, KeptFindings, Lease, LoadedBatch, Lookups, ValidationBatch,
    ValidationResult,
};
use tokio::{
    runtime::Handle,
    sync::mpsc,
    task::{JoinHandle, spawn_blocking},
};
use tokio_util::sync::CancellationToken;

use super::{
    end::{Ended, RunError, unpanic},
    fault,
    held::{Hold, View},
    keep::Keeper,
    load::Line,
    lookup::TenantLookup,
    piece::{Piece, PieceMaker, Refused},
    plan::Plan,
};
use crate::{Context, Event, import::notices::stored};

/// 5 000 rows: a crash costs at most one batch, and a small file of another tenant waits for no more than one.
const BATCH_ROWS: usize = 5_000;
/// One piece waits while one is loaded and one is made: enough to overlap, little to hold.
const PIECES_WAITING: usize = 1;
/// Said of a job whose import was asked for and that has no valid row.
const NOTHING_TO_IMPORT: &str = "Tidak ada baris valid yang dapat diimpor";

/// A run under a lease.
pub(super) struct Run {
    pub(super) context: Arc<Context>,
    queue: ImportQueue,
    lease: Lease,
    hold: Arc<Hold>,
    lost: CancellationToken,
    stop: CancellationToken,
}

impl Run {
    pub(super) fn new(
        context: Arc<Context>,
        lease: Lease,
        hold: Arc<Hold>,
        lost: CancellationToken,
        stop: CancellationToken,
    ) -> Self {
        Self {
            queue: ImportQueue::new(&context.database),
            context,
            lease,
            hold,
            lost,
            stop,
        }
    }

    /// Works on the job until it needs no worker any more.
    pub(super) async fn work_on(self, job: ImportJob) -> Result<Ended, RunError> {
        match self.phases(job).await {
            Ok(()) => Ok(Ended::Done),
            Err(_) if self.lost.is_cancelled() => Err(RunError::LeaseLost),
            Err(RunError::Stopped) => Ok(Ended::Stopped),
            Err(RunError::File(message)) => {
                let job = self.queue.fail(&self.lease, &message).await?;
                tracing::info!(message, "a job's file is at fault");
                self.tell_failed(&job).await;
                Ok(Ended::Done)
            }
            Err(error) => Err(error),
        }
    }

    async fn phases(&self, mut job: ImportJob) -> Result<(), RunError> {
        if !job.status.is_running() {
            return Ok(());
        }
        fault::inject(&job);
        let plan = self.plan(&job).await?;
        if job.status == JobStatus::Validating {
            job = self.validate(&job, &plan).await?;
        }
        if job.status == JobStatus::Importing {
            self.import(job, &plan).await?;
        }
        Ok(())
    }

    async fn plan(&self, job: &ImportJob) -> Result<Arc<Plan>, RunError> {
        let head = self.context.storage.read(&job.file_url).await?;
        let file = self.context.storage.read(&job.file_url).await?;
        let (job, mut watch) = (job.clone(), self.watch());
        let today = self.context.clock.now().jakarta_date();
        let plan = spawn_blocking(move || Plan::make(&job, head, file, today, &mut watch)).await;
        Ok(Arc::new(unpanic(plan)?))
    }

    async fn validate(&self, job: &ImportJob, plan: &Arc<Plan>) -> Result<ImportJob, RunError> {
        let started = std::time::Instant::now();
        self.queue
            .begin_validation(&self.lease, plan.records)
            .await?;
        let keeper = Keeper::new(job.file_size, KeptFindings::default());
        let mut engine = self.start_engine(job, plan, 0, &keeper).await?;
        let mut found = Findings::default();
        while let Some(piece) = engine.pieces.recv().await {
            found.add(piece.found);
            let batch = ValidationBatch {
                rows: piece.rows,
                errors: &piece.errors,
                failed: &piece.failed,
                counts: JobCounts {
                    total_rows: plan.records,
                    // What an interrupted validation had shown before this one is not taken back.
                    processed_rows: piece.progress.records.max(job.counts.processed_rows),
                    valid_rows: piece.progress.valid,
                    invalid_rows: piece.progress.invalid,
                    warning_rows: found.warning_rows,
                    ..JobCounts::default()
                },
            };
            self.queue
                .store_validation_batch(&self.lease, batch)
                .await?;
            self.ensure_running()?;
        }
        let summary = engine.finish().await?;
        let result = ValidationResult {
            counts: JobCounts {
                total_rows: summary.records,
                processed_rows: summary.records,
                valid_rows: summary.valid,
                invalid_rows: summary.invalid,
                warning_rows: found.warning_rows,
                ..JobCounts::default()
            },
            error_summary: Some(error_summary(summary.errors)),
            left_out: found.left_out,
            nothing_to_import: NOTHING_TO_IMPORT.to_owned(),
            notices: stored(&summary.notices),
        };
        let job = self.queue.finish_validation(&self.lease, &result).await?;
        tracing::info!(
            rows = summary.records, valid = summary.valid, job.status = %job.status,
            duration_ms = started.elapsed().as_millis(), "finished validation"
        );
        if job.status == JobStatus::Failed {
            self.tell_failed(&job).await;
        } else {
            self.tell_validated(&job).await;
            self.context.events.publish(Event::status(&job));
        }
        Ok(job)
    }

    async fn import(&self, mut job: ImportJob, plan: &Arc<Plan>) -> Result<(), RunError> {
        let started = std::time::Instant::now();
        if job.cancelled_at.is_some() {
            return self.end_cancelled().await;
        }
        let view = self.hold.show(job.clone());
        let resumed_at = job.checkpoint.unwrap_or_default().last_row;
        let keeper = self.keeper_behind(&mut job).await?;
        let mut engine = self.start_engine(&job, plan, resumed_at, &keeper).await?;
        let mut line = Line::new(&self.queue, &self.lease);
        let mut has_more = true;
        while has_more || !line.is_empty() {
            tokio::select! {
                piece = engine.pieces.recv(), if has_more && line.has_room() => match piece {
                    Some(piece) => line.push(piece, self.context.clock.now()),
                    None => has_more = false,
                },
                foremost = line.pop(), if !line.is_empty() => {
                    let (piece, loaded) = foremost?;
                    let before = job.counts.processed_rows;
                    let is_cancelled = self
                        .commit(&mut job, &view, plan, (&piece, &keeper), loaded)
                        .await?;
                    self.tell_progress(&job, before);
                    if is_cancelled {
                        return self.end_cancelled().await;
                    }
                    fault::stall(&job).await;
                    self.ensure_running()?;
                }
            }
        }
        engine.finish().await?;
        drop(view);
        let found = job.checkpoint.and_then(|checkpoint| checkpoint.found);
        let job = self.queue.finish_import(&self.lease, found).await?;
        tracing::info!(
            imported = job.counts.imported_rows,
            failed = job.counts.failed_rows,
            resumed_at,
            duration_ms = started.elapsed().as_millis(),
            "finished import"
        );
        metrics::counter!("hijrah_imported_rows_total").increment(job.counts.imported_rows);
        metrics::histogram!("hijrah_import_seconds").record(started.elapsed().as_secs_f64());
        self.context.events.publish(Event::status(&job));
        self.context.events.publish(Event::completed(&job));
        Ok(())
    }

    /// What is kept of the rows before the job's checkpoint, which a run that goes on counts on from.
    async fn keeper_behind(&self, job: &mut ImportJob) -> Result<Keeper, RunError> {
        let Some(checkpoint) = &mut job.checkpoint else {
            return Ok(Keeper::new(job.file_size, KeptFindings::default()));
        };
        let kept = self
            .queue
            .kept_findings(&self.lease, checkpoint.last_row)
            .await?;
        // A version that kept everything counted what it had stored.
        checkpoint.found.get_or_insert(Findings {
            errors: kept.errors,
            ..Findings::default()
        });
        Ok(Keeper::new(job.file_size, kept))
    }

    /// Ends an import that its user wants stopped; what it has stored stays.
    async fn end_cancelled(&self) -> Result<(), RunError> {
        let message = |doer: Option<&Doer>| match doer {
            Some(doer) => format!("Dihentikan oleh {}", doer.nama_lengkap),
            None => "Dihentikan".to_owned(),
        };
        let job = self.queue.end_cancelled(&self.lease, message).await?;
        tracing::info!(
            imported = job.counts.imported_rows,
            "stopped an import as its user wished"
        );
        self.tell_failed(&job).await;
        Ok(())
    }

    /// Commits one piece after the job's checkpoint; the job is then as stored, and shown as it is. Answers whether its user
    /// wants it stopped.
    async fn commit(
        &self,
        job: &mut ImportJob,
        view: &View<'_>,
        plan: &Plan,
        (piece, keeper): (&Piece, &Keeper),
        loaded: LoadedBatch,
    ) -> Result<bool, RunError> {
        let Some(valid) = &piece.valid else {
            return Ok(false);
        };
        let clock = &*self.context.clock;
        let checkpoint = job.checkpoint.unwrap_or_default();
        let mut found = checkpoint.found.unwrap_or_default();
        found.add(piece.found);
        let behind = Checkpoint {
            last_row: piece.rows.1,
            records: checkpoint.records + piece.records,
            imported_rows: checkpoint.imported_rows + piece.records - piece.invalid,
            failed_rows: checkpoint.failed_rows + piece.invalid,
            found: Some(found),
        };
        let refused = Refused {
            job_id: job.id,
            clock,
            columns: &plan.columns,
            rows: valid,
        };
        let batch = ImportBatch {
            rows: piece.rows,
            valid,
            errors: &piece.errors,
            failed: &piece.failed,
            counts: JobCounts {
                processed_rows: behind.records,
                imported_rows: behind.imported_rows,
                failed_rows: behind.failed_rows,
                ..job.counts
            },
            checkpoint: behind,
            now: clock.now(),
            refused: &|refusal| refused.error(refusal),
            refused_room: keeper.room(),
            committing: &|| view.clear(),
        };
        let stored = self.queue.commit_batch(&self.lease, batch, loaded).await?;
        keeper.note_refused(&stored.errors, &stored.failed);
        *job = job
            .clone()
            .advanced(stored.counts, stored.checkpoint, stored.updated_at);
        view.set(job.clone());
        Ok(stored.is_cancelled)
    }

    fn ensure_running(&self) -> Result<(), RunError> {
        if self.stop.is_cancelled() {
            return Err(RunError::Stopped);
        }
        Ok(())
    }

    /// Starts the engine behind row `resume_after` on a thread of its own.
    async fn start_engine(
        &self,
        job: &ImportJob,
        plan: &Arc<Plan>,
        resume_after: u64,
        keeper: &Keeper,
    ) -> Result<Engine, RunError> {
        let file = self.context.storage.read(&job.file_url).await?;
        let (sender, pieces) = mpsc::channel(PIECES_WAITING);
        let plan = Arc::clone(plan);
        let context = Arc::clone(&self.context);
        let (job_id, import_type) = (job.id, job.import_type);
        let with_rows = job.status == JobStatus::Importing;
        let keeper = keeper.clone();
        let mut watch = self.watch();
        let mut lookup = TenantLookup {
            runtime: Handle::current(),
            import_type,
            rows: Lookups::new(&context.database, self.lease.scope, job_id),
        };
        let thread = spawn_blocking(move || {
            let maker = PieceMaker {
                job_id,
                import_type,
                messages: import_types::schema(import_type).messages(Language::Indonesian),
                clock: &*context.clock,
                keeper,
                with_rows,
            };
            let mut sink = PieceSink { maker, sender };
            plan.importer
                .clone()
                .batch_rows(BATCH_ROWS)
                .resume_after(resume_after)
                .run(file, &mut sink, &mut lookup, &mut watch)
        });
        Ok(Engine { pieces, thread })
    }

    fn watch(&self) -> Watch {
        Watch {
            lost: self.lost.clone(),
            stop: self.stop.clone(),
        }
    }
}

/// A running engine. Dropping it ends it: its next piece finds nobody.
struct Engine {
    pieces: mpsc::Receiver<Piece>,
    thread: JoinHandle<Result<Summary, ImportError>>,
}

impl Engine {
    /// What the whole file came to, once there are no more pieces.
    async fn finish(self) -> Result<Summary, RunError> {
        drop(self.pieces);
        Ok(unpanic(self.thread.await)?)
    }
}

pub(super) fn error_summary(counts: IssueCounts) -> ErrorSummary {
    ErrorSummary {
        missing_required: counts.missing_required,
        invalid_format: counts.invalid_format,
        duplicate: counts.duplicate,
        constraint_violation: counts.constraint_violation,
    }
}

/// Hands pieces to the loader, and waits for it.
struct PieceSink<'a> {
    maker: PieceMaker<'a>,
    sender: mpsc::Sender<Piece>,
}

impl Sink for PieceSink<'_> {
    fn accept(&mut self, batch: Batch) -> Result<(), BoxError> {
        let piece = self.maker.make(&batch)?;
        self.sender.blocking_send(piece)?;
        Ok(())
    }
}

/// Ends the engine when its work has become useless.
struct Watch {
    lost: CancellationToken,
    stop: CancellationToken,
}

impl Observer for Watch {
    fn progress(&mut self, _progress: &Progress) -> ControlFlow<()> {
        if self.lost.is_cancelled() || self.stop.is_cancelled() {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
