//! Previews a rollback: evaluates the same conditions as the rollback itself, without its locks.

use domain::{ImportType, InvalidTransition, JobAction, JobId, Timestamp, decide};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::{
    ImportJobs,
    rollback::{CHANGED, referenced},
    row,
};
use crate::{ImportedRow, RepositoryError, TenantScope, before_image::BeforeImages, table};

/// What a rollback would do now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackPreview {
    /// Why the job's state or the time does not allow it, if so.
    pub refusal: Option<InvalidTransition>,
    /// The time until which it is possible.
    pub deadline: Option<Timestamp>,
    /// Rows that the import stored.
    pub imported: u64,
    /// Rows that would be deleted.
    pub removable: u64,
    /// Records that the import changed, and that would be restored.
    pub restorable: u64,
    /// Rows that were changed since.
    pub changed: u64,
    /// Rows that other rows refer to.
    pub referenced: u64,
    /// Rows that were deleted since.
    pub already_gone: u64,
    /// The origins of the rows that refer to the job's rows.
    pub blocked_by: Vec<Blocker>,
    /// The first rows that would be in the way.
    pub examples: Vec<RollbackRow>,
}

/// Rows of one origin that refer to rows of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blocker {
    /// The job that imported them; `None` if they were entered by hand.
    pub job_id: Option<JobId>,
    /// Its file.
    pub file_name: Option<String>,
    /// Their type.
    pub import_type: ImportType,
    /// How many.
    pub rows: u64,
    /// Whether that job could be rolled back first, according to its own state and time.
    pub can_rollback: bool,
}

/// A row that would be in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackRow {
    /// The row.
    pub row: ImportedRow,
    /// The text by which people know it.
    pub label: String,
}

/// Enough to recognise what the rows are.
const EXAMPLES: u64 = 10;

impl ImportJobs {
    /// What a rollback would do now. `None` if there is no such job.
    ///
    /// # Errors
    /// If the database does not answer.
    pub async fn rollback_preview(
        &self,
        scope: TenantScope,
        id: JobId,
    ) -> Result<Option<RollbackPreview>, RepositoryError> {
        let Some(job) = self.find(scope, id, None).await? else {
            return Ok(None);
        };
        let db = &self.db;
        let reader = db.read(scope).await?;
        let now = row::now(db, &reader).await?;
        let kind = job.import_type;
        let table = table::imported(kind).name;
        let referenced = referenced(kind);
        let key = || [scope.uuid().into(), id.as_uuid().into()];
        let sql = format!(
            "SELECT count(*) AS present, count(*) FILTER (WHERE {CHANGED}) AS changed, \
             count(*) FILTER (WHERE {referenced}) AS referenced, \
             count(*) FILTER (WHERE NOT {CHANGED} AND NOT {referenced}) AS removable \
             FROM {table} AS r WHERE r.tenant_id = $1 AND r.migration_job_id = $2"
        );
        let counts = reader.query_one_raw(db.statement(sql, key())).await?;
        let count = |name: &str| -> Result<u64, RepositoryError> {
            let count: i64 = match &counts {
                Some(row) => row.try_get("", name)?,
                None => 0,
            };
            Ok(row::count(count))
        };
        let images = BeforeImages {
            db,
            scope,
            job: id,
            kind,
        };
        let changed = images.changed(&reader).await?;
        let is_over = job.status() == domain::JobStatus::RolledBack;
        let imported = job.counts.imported_rows;
        let label = match kind {
            ImportType::Payment => "coalesce(r.nomor_referensi, '')",
            ImportType::Jamaah | ImportType::Package => "r.nama",
        };
        let sql = format!(
            "SELECT r.id AS id, r.import_row_number AS row_number, {CHANGED} AS changed, {label} AS label \
             FROM {table} AS r WHERE r.tenant_id = $1 AND r.migration_job_id = $2 \
             AND ({CHANGED} OR {referenced}) ORDER BY r.import_row_number LIMIT {EXAMPLES}"
        );
        let rows = reader.query_all_raw(db.statement(sql, key())).await?;
        let examples = rows.into_iter().map(|found| {
            let row_number: Option<i32> = found.try_get("", "row_number")?;
            Ok(RollbackRow {
                row: ImportedRow {
                    id: found.try_get("", "id")?,
                    row_number: row::count(row_number.unwrap_or(0).into()),
                    changed: found.try_get("", "changed")?,
                },
                label: found.try_get("", "label")?,
            })
        });
        let mut examples = examples.collect::<Result<Vec<_>, RepositoryError>>()?;
        let kept = images.kept(&reader, label, EXAMPLES).await?;
        examples.extend(
            kept.into_iter()
                .map(|(row, label)| RollbackRow { row, label }),
        );
        examples.sort_by_key(|example| example.row.row_number);
        examples.truncate(usize::try_from(EXAMPLES).unwrap_or(usize::MAX));
        let blocked_by = self.referring(&reader, scope, id, kind).await?;
        drop(reader);
        let blockers = self.blockers(scope, blocked_by, now).await?;
        Ok(Some(RollbackPreview {
            refusal: decide(&job, JobAction::Rollback, now).err(),
            deadline: job.rollback_deadline(),
            imported,
            removable: count("removable")?,
            restorable: changed.restorable,
            changed: count("changed")? + changed.kept,
            referenced: count("referenced")?,
            already_gone: if is_over {
                0
            } else {
                let created = job.counts.created_rows();
                created.saturating_sub(count("present")?) + changed.gone
            },
            blocked_by: blockers,
            examples,
        }))
    }

    /// The jobs whose rows refer to those of a job, with their types and the number of such rows; `None` stands for rows
    /// without a job.
    async fn referring(
        &self,
        conn: &impl ConnectionTrait,
        scope: TenantScope,
        id: JobId,
        kind: ImportType,
    ) -> Result<Vec<(Option<JobId>, ImportType, u64)>, RepositoryError> {
        let table = table::imported(kind);
        let mut jobs = Vec::new();
        for (referring, reference) in table.referring() {
            let sql = format!(
                "SELECT o.migration_job_id AS job_id, count(*) AS found FROM {referring} AS o \
                 JOIN {} AS r ON r.tenant_id = o.tenant_id AND r.id = o.{} \
                 WHERE r.tenant_id = $1 AND r.migration_job_id = $2 \
                 GROUP BY o.migration_job_id ORDER BY found DESC LIMIT {EXAMPLES}",
                table.name, reference.field
            );
            let key = [scope.uuid().into(), id.as_uuid().into()];
            for found in conn.query_all_raw(self.db.statement(sql, key)).await? {
                let job_id: Option<Uuid> = found.try_get("", "job_id")?;
                let rows = row::count(found.try_get("", "found")?);
                let import_type = ImportType::ALL
                    .iter()
                    .copied()
                    .find(|kind| table::imported(*kind).name == referring)
                    .unwrap_or(kind);
                jobs.push((job_id.map(JobId::from_uuid), import_type, rows));
            }
        }
        Ok(jobs)
    }

    /// The jobs whose rows refer to those of another job, with the number of such rows.
    async fn blockers(
        &self,
        scope: TenantScope,
        blocked_by: Vec<(Option<JobId>, ImportType, u64)>,
        now: Timestamp,
    ) -> Result<Vec<Blocker>, RepositoryError> {
        let mut blockers = Vec::with_capacity(blocked_by.len());
        for (job_id, import_type, rows) in blocked_by {
            let other = match job_id {
                Some(job_id) => self.find(scope, job_id, None).await?,
                None => None,
            };
            blockers.push(Blocker {
                job_id: other.as_ref().map(|job| job.id),
                can_rollback: other
                    .as_ref()
                    .is_some_and(|job| decide(job, JobAction::Rollback, now).is_ok()),
                file_name: other.map(|job| job.file_name.clone()),
                import_type,
                rows,
            });
        }
        Ok(blockers)
    }
}
