//! Cells that a user edits in place: kept beside the file, which is never changed, and checked at once against the schema and the
//! tenant's rows. Duplicates inside the file are found by the next validation.

use std::collections::{BTreeMap, BTreeSet};

use auth::{Actor, ManageImports};
use domain::{Action, JobId, OnDuplicate, Severity};
use import_types::engine::{Batch, Issue, Language, RunError, issues::Messages, plans::Once};
use repositories::{AmendError, Edits, Lookups, RepositoryError};
use tokio::runtime::Handle;

use super::{Imports, reading::Reading, refusal::refusal};
use crate::{
    Event, FieldError, ServiceError,
    activity::note_job,
    worker::lookup::{TenantLookup, existing},
};

/// The most rows of one call.
const MOST_ROWS: usize = 200;
/// Edited rows of a job: more are corrected in the file.
const MOST_ROWS_OF_A_JOB: u64 = 2_000;
/// A cell of Excel holds at most 32 767 characters.
const LONGEST_CELL: usize = 32_767;

/// Row → its edited cells by column index; `None` undoes the edits of a row.
pub type AmendmentWishes = BTreeMap<u64, Option<BTreeMap<u32, String>>>;

/// The result of edits.
#[derive(Debug, Clone)]
pub struct Amended {
    /// Edited rows of the job.
    pub amended_rows: u64,
    /// The rows of the call, as they are now.
    pub rows: Vec<AmendedRow>,
}

/// A row as it is with its edits.
#[derive(Debug, Clone)]
pub struct AmendedRow {
    /// The spreadsheet row.
    pub row_number: u64,
    /// Whether it has no more errors, as far as can be determined without the rest of the file.
    pub valid: bool,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What was found about a row.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The engine's finding.
    pub issue: Issue,
    /// The message for users.
    pub message: String,
    /// The expected format.
    pub expected_format: Option<String>,
    /// Whether it prevents the import of the row.
    pub severity: Severity,
}

impl Imports {
    /// Edits cells of failed rows, and says what is wrong with these rows now.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::RowNotFound`], [`ServiceError::InvalidState`],
    /// [`ServiceError::InvalidFields`], [`ServiceError::FileExpired`] or a failure; nothing is kept then.
    pub async fn amend(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        wishes: &AmendmentWishes,
    ) -> Result<Amended, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let job = self.job(actor, id).await?;
        job.ensure_amendable()?;
        self.ensure_changeable(&job)?;
        check(wishes, job.metadata.columns.len())?;
        let scope = actor.tenant_id().into();
        let (job, edits) = self
            .jobs
            .amend(scope, id, wishes, MOST_ROWS_OF_A_JOB)
            .await?
            .ok_or(ServiceError::NO_JOB)?
            .map_err(|error| match error {
                AmendError::UnknownRow(row_number) => ServiceError::RowNotFound { row_number },
                AmendError::TooMany => too_many(MOST_ROWS_OF_A_JOB),
            })?;
        tracing::info!(job.id = %id, user.id = %actor.user_id(), rows = wishes.len(), "edited rows");
        self.context.events.publish(Event::status(&job));
        let amended_rows = edits.len() as u64;
        let counts = [("amended_rows", amended_rows)];
        note_job(&self.context, actor, Action::Amended, &job, &counts).await;
        let rows: BTreeSet<u64> = wishes.keys().copied().collect();
        let files = [
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
        ];
        let today = self.context.clock.now().jakarta_date();
        let mut lookup = TenantLookup {
            runtime: Handle::current(),
            import_type: job.import_type,
            rows: Lookups::new(&self.context.database, scope, id)
                .changing(job.on_duplicate == OnDuplicate::Update),
        };
        let rows = self
            .recognise(move |deadline| {
                let [head, survey, file] = files;
                let messages = import_types::schema(job.import_type).messages(Language::INDONESIAN);
                let reading = Reading::settled(&job, head)?;
                let plan = reading
                    .plan(&job, edits, today)?
                    .only(rows)
                    .surveyed_while(Once::new(survey), deadline.observer())
                    .map_err(refusal)?;
                let mut checked = Vec::new();
                let summary = plan
                    .import(Once::new(file))
                    .lookup(&mut lookup)
                    .existing(existing(job.on_duplicate))
                    .observe(deadline.observer())
                    .each(|batch| {
                        checked.extend(rows_of(&batch, &messages));
                        Ok(())
                    })
                    .map_err(refused)?;
                if !summary.is_complete() {
                    return Err(ServiceError::FileTooSlow);
                }
                checked.sort_unstable_by_key(|row| row.row_number);
                Ok::<_, ServiceError>(checked)
            })
            .await??;
        Ok(Amended { amended_rows, rows })
    }

    /// The edited cells of a job.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`] or a failure.
    pub async fn amendments(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
    ) -> Result<Edits, ServiceError> {
        let job = self.job(actor, id).await?;
        Ok(self.jobs.edits(job.tenant_id.into(), id).await?)
    }
}

/// A database that does not answer is not a fault of the file.
fn refused(error: RunError) -> ServiceError {
    match error {
        RunError::Lookup(source) => match source.downcast::<RepositoryError>() {
            Ok(error) => (*error).into(),
            Err(source) => ServiceError::Engine(RunError::Lookup(source)),
        },
        error => refusal(error),
    }
}

fn rows_of(batch: &Batch, messages: &Messages) -> Vec<AmendedRow> {
    let valid = batch.rows().map(|row| (row.row(), true));
    let invalid = batch.rejected().map(|row| (row.row(), false));
    let of_row = |(row_number, valid)| AmendedRow {
        row_number,
        valid,
        findings: batch
            .issues_of(row_number)
            .iter()
            .map(|issue| Finding {
                message: messages.message(issue),
                expected_format: messages.expected(issue),
                severity: if issue.is_error() {
                    Severity::Error
                } else {
                    Severity::Warning
                },
                issue: issue.clone(),
            })
            .collect(),
    };
    valid.chain(invalid).map(of_row).collect()
}

fn check(wishes: &AmendmentWishes, columns: usize) -> Result<(), ServiceError> {
    if wishes.is_empty() || wishes.len() > MOST_ROWS {
        return Err(invalid(format!(
            "Kirim 1 sampai {MOST_ROWS} baris sekaligus"
        )));
    }
    for (row, cells) in wishes {
        for (column, cell) in cells.iter().flatten() {
            if *column as usize >= columns {
                return Err(invalid(format!(
                    "Baris {row}: kolom {column} tidak ada di file"
                )));
            }
            if cell.contains('\0') || cell.chars().count() > LONGEST_CELL {
                return Err(invalid(format!(
                    "Baris {row}: isi kolom {column} terlalu panjang atau tidak dapat disimpan"
                )));
            }
        }
    }
    Ok(())
}

fn too_many(most: u64) -> ServiceError {
    invalid(format!(
        "Paling banyak {most} baris dapat diubah di sini. Perbaiki sisanya di file asli"
    ))
}

fn invalid(message: String) -> ServiceError {
    ServiceError::InvalidFields(vec![FieldError {
        field: "rows".to_owned(),
        code: "constraint_violation",
        message,
        expected: None,
    }])
}
