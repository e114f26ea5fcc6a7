//! Creates a job from a received file: maps its columns, counts and previews its records. The row is stored only if all steps succeed.

use std::{borrow::Cow, collections::BTreeMap};

use auth::{Actor, ManageImports};
use domain::{
    Action, Choices, ImportJob, ImportType, JobId, JobMetadata, JobStatus, OnDuplicate, Role,
    Upload, UserId, value::shortened,
};
use import_types::engine::recognise::{Notice, NoticeCode};
use repositories::Replaced;

use super::{
    ColumnMapping, Imports, ReceivedFile, SameFile, UploadedImport,
    draft::{ColumnWishes, Wanted},
    reading::{looks_like, missing_columns},
};
use crate::{Event, FieldError, ServiceError, activity::note_job};

/// Cells and names of the preview together, as JSON: half of what an answer may be.
const PREVIEW_BYTES: usize = 32 << 10;
/// Characters of a cell in the preview: more than a person reads there. The import takes all of it, or says why not.
const PREVIEW_CELL: usize = 500;

/// What the client specifies about an uploaded file.
#[derive(Debug, Clone)]
pub struct UploadRequest {
    /// What the file holds.
    pub import_type: ImportType,
    /// Header → field; the empty field leaves the column out.
    pub mapping: ColumnMapping,
    /// Required fields may lack a column, and the file its header: the rest is decided later.
    pub draft: bool,
    /// The draft that this one replaces.
    pub replaces: Option<JobId>,
    /// The job whose corrected failed rows this file contains.
    pub corrects: Option<JobId>,
    /// The agent whose job it is.
    pub on_behalf_of: Option<UserId>,
    /// The sheet of a workbook; default the first that is shown and holds something.
    pub sheet: Option<String>,
    /// What happens to rows whose record is there already; by default what was decided for the draft that it replaces,
    /// or else that they are errors.
    pub on_duplicate: Option<OnDuplicate>,
}

impl UploadRequest {
    /// A file of a type, without any other choice.
    #[must_use]
    pub fn new(import_type: ImportType) -> Self {
        Self {
            import_type,
            mapping: ColumnMapping::new(),
            draft: false,
            replaces: None,
            corrects: None,
            on_behalf_of: None,
            sheet: None,
            on_duplicate: None,
        }
    }
}

impl Imports {
    /// Makes a job of a received file, of a workbook by the sheet that is named or else by the first with data: counts its
    /// records, previews it, resolves the mapping, and stores the row only when all of that is right.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFile`], [`ServiceError::MissingColumns`], [`ServiceError::InvalidMapping`],
    /// [`ServiceError::InvalidState`], [`ServiceError::NotFound`], [`ServiceError::InvalidFields`] or a failure; the file is
    /// deleted then.
    pub async fn upload(
        &self,
        actor: &Actor<ManageImports>,
        file: ReceivedFile,
        request: &UploadRequest,
    ) -> Result<UploadedImport, ServiceError> {
        let file = self.read_sheet(file, request.sheet.as_deref()).await?;
        let replaced = self.replaced(actor, request.replaces).await?;
        self.ensure_correctable(actor, request).await?;
        let owner = self.owner(actor, request.on_behalf_of).await?;
        let doer = self.doer(actor).await?;
        let choices = match &replaced {
            Some(job) => carried_over(job, request.import_type),
            None => self.recalled(actor, request, &file.dialect).await?,
        };
        let wishes = request.mapping.iter();
        let wanted = Wanted {
            import_type: request.import_type,
            dialect: file.dialect.clone(),
            columns: ColumnWishes {
                headers: wishes
                    .map(|(header, field)| (header.clone(), Some(field.clone())))
                    .collect(),
                places: BTreeMap::new(),
            },
            choices,
            is_draft: request.draft,
            look: file.look,
        };
        let mut draft = self.draft(file.key(), wanted).await?;
        if let Some(sheet) = &file.sheet {
            draft.notices.splice(0..0, sheet.notices.iter().cloned());
        }
        let same_file = self.same_file(actor, &file, request.replaces).await?;
        draft
            .notices
            .extend(same_file.as_ref().and_then(SameFile::notice));
        let upload = Upload {
            file_url: file.key().to_owned(),
            file_sha256: file.sha256.clone(),
            total_rows: draft.plan.records().unwrap_or_default(),
            metadata: JobMetadata {
                workbook: file.sheet.as_ref().map(|sheet| sheet.workbook.clone()),
                ..draft.metadata(request.import_type, &file.name, file.size)
            },
            on_duplicate: request
                .on_duplicate
                .or(replaced.as_ref().map(|job| job.on_duplicate))
                .unwrap_or_default(),
            created_by: Some(doer.clone()),
            corrects: request.corrects,
        };
        let clock = &*self.context.clock;
        let id = (actor.tenant_id(), JobId::mint(clock));
        let job = ImportJob::uploaded(id, owner, upload, clock.now());
        let (rows, preview_is_cut) = within_bounds(draft.plan.mapping().names(), draft.rows);
        let columns: Vec<String> = draft.plan.mapping().names().map(str::to_owned).collect();
        let missing = missing_columns(&job);
        let jobs = self.jobs.clone();
        let taken_place_of = request.replaces;
        // A separate task: if the client disconnects now, the row must not be separated from its file.
        let (job, discarded) = tokio::spawn(async move {
            let message = format!("Diganti oleh {}", doer.nama_lengkap);
            let replaced = taken_place_of.map(|id| Replaced {
                id,
                doer: &doer,
                message: &message,
            });
            let discarded = jobs.insert(&job, replaced).await?;
            file.keep();
            Ok::<_, ServiceError>((job, discarded))
        })
        .await??;
        if let Some(discarded) = discarded {
            self.context.events.publish(Event::status(&discarded));
        }
        tracing::info!(
            job.id = %job.id, user.id = %actor.user_id(), import_type = %job.import_type,
            file_size = job.file_size, rows = job.counts.total_rows, "took an upload"
        );
        let counts = [("total_rows", job.counts.total_rows)];
        note_job(&self.context, actor, Action::Uploaded, &job, &counts).await;
        Ok(UploadedImport {
            looks_like: if missing.is_empty() {
                None
            } else {
                looks_like(job.import_type, &draft.plan.dialect().headers)
            },
            job,
            columns,
            rows,
            preview_is_cut,
            missing,
            same_file,
        })
    }

    /// The draft that an upload replaces.
    async fn replaced(
        &self,
        actor: &Actor<ManageImports>,
        id: Option<JobId>,
    ) -> Result<Option<ImportJob>, ServiceError> {
        let Some(id) = id else { return Ok(None) };
        let job = self.job(actor, id).await?;
        if job.status() != JobStatus::Pending {
            return Err(ServiceError::InvalidState {
                status: job.status(),
            });
        }
        Ok(Some(job))
    }

    /// Refuses corrections of a job that has not ended or has another import type.
    async fn ensure_correctable(
        &self,
        actor: &Actor<ManageImports>,
        request: &UploadRequest,
    ) -> Result<(), ServiceError> {
        let Some(id) = request.corrects else {
            return Ok(());
        };
        let job = self.job(actor, id).await?;
        if !matches!(job.status(), JobStatus::Completed | JobStatus::Failed) {
            return Err(ServiceError::InvalidState {
                status: job.status(),
            });
        }
        if job.import_type != request.import_type {
            return Err(refused(
                "corrects",
                format!("Job yang dikoreksi berisi data {}", job.import_type),
            ));
        }
        Ok(())
    }

    /// The owner of the job of an upload.
    async fn owner(
        &self,
        actor: &Actor<ManageImports>,
        agent: Option<UserId>,
    ) -> Result<UserId, ServiceError> {
        let Some(agent) = agent else {
            return Ok(actor.user_id());
        };
        let user = self.users.find(actor.tenant_id().into(), agent).await?;
        let is_agent = user.is_some_and(|user| user.is_active && user.profile.role == Role::Agent);
        if !is_agent {
            return Err(refused(
                "on_behalf_of",
                "Pengguna bukan agen aktif dari tenant ini".to_owned(),
            ));
        }
        Ok(agent)
    }

    /// The job of this tenant that has the same bytes, and was neither rolled back nor discarded.
    async fn same_file(
        &self,
        actor: &Actor<ManageImports>,
        file: &ReceivedFile,
        replaced: Option<JobId>,
    ) -> Result<Option<SameFile>, ServiceError> {
        let earlier = self
            .jobs
            .find_same_file(actor.tenant_id().into(), &file.sha256)
            .await?;
        Ok(earlier
            .filter(|job| Some(job.id) != replaced)
            .map(|job| SameFile { job }))
    }
}

impl SameFile {
    /// The notice about it. Only a file that was imported concerns all users.
    fn notice(&self) -> Option<Notice> {
        let job = &self.job;
        (job.counts.imported_rows > 0).then(|| {
            Notice::new(NoticeCode::SAME_FILE)
                .with("job_id", job.id)
                .with("file_name", &job.file_name)
                .with("date", job.created_at.jakarta_date())
                .with("imported_rows", job.counts.imported_rows)
        })
    }
}

/// What was decided about a draft and still means something for the file that takes its place: columns go by their names.
fn carried_over(job: &ImportJob, import_type: ImportType) -> Choices {
    let decided = &job.metadata.choices;
    if job.import_type != import_type {
        return Choices::default();
    }
    Choices {
        columns: decided.columns.clone(),
        values: decided.values.clone(),
        remembered: decided.remembered.clone(),
        ..Choices::default()
    }
}

fn refused(field: &str, message: String) -> ServiceError {
    ServiceError::InvalidFields(vec![FieldError {
        field: field.to_owned(),
        code: "constraint_violation",
        message,
        expected: None,
    }])
}

/// The records that the preview has room for, and whether anything of the first ones had to be left out. The answer has each
/// record twice: with the names of its columns, and without.
fn within_bounds<'n>(
    names: impl Iterator<Item = &'n str>,
    rows: Vec<Vec<String>>,
) -> (Vec<Vec<String>>, bool) {
    let names: usize = names.map(in_json).sum();
    let mut bytes = 0;
    let mut is_cut = false;
    let mut shown = Vec::with_capacity(rows.len());
    for mut row in rows {
        for cell in &mut row {
            if let Cow::Owned(front) = shortened(cell, PREVIEW_CELL) {
                *cell = front;
                is_cut = true;
            }
        }
        bytes += names + 2 * row.iter().map(|cell| in_json(cell)).sum::<usize>();
        if bytes > PREVIEW_BYTES {
            is_cut = true;
            break;
        }
        shown.push(row);
    }
    (shown, is_cut)
}

/// About how many bytes a text takes in JSON, its quotes and what separates it from the next included.
fn in_json(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
    text.len() + 5 * escaped.count() + 4
}
