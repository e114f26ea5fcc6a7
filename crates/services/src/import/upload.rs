//! A received file becomes a job: mapped, counted, previewed. The row appears only when all of that is right.

use std::collections::BTreeMap;

use auth::{Actor, ManageImports};
use domain::{
    ImportJob, ImportType, JobCounts, JobId, JobLease, JobMetadata, JobStatus, RunProgress,
};
use import_types::engine::{
    FileError, Language, Look, Mapping, MappingProblem, Notice, NoticeCode, Once, Plan, RunError,
    Sample,
};

use super::{
    ColumnMapping, Imports, ReceivedFile, UploadedImport, deadline::Deadline, notices::stored,
};
use crate::ServiceError;

/// Records of the preview, as published.
const PREVIEW_ROWS: usize = 10;
/// Cells and names of the preview together, as JSON: half of what an answer may be.
const PREVIEW_BYTES: usize = 32 << 10;
/// Characters of a cell in the preview: more than a person reads there. The import takes all of it, or says why not.
const PREVIEW_CELL: usize = 500;
/// Suggestions for one missing field, the likeliest first.
const SUGGESTIONS: usize = 3;

/// What the file of an upload was found to hold.
struct Received {
    plan: Plan,
    /// The first records, keyed by the names of the columns.
    preview_rows: Vec<Vec<(String, String)>>,
    preview_is_cut: bool,
    /// Of the whole file as far as the survey sees it, else of its beginning.
    notices: Vec<Notice>,
}

impl Imports {
    /// Makes a job of a received file, of a workbook by the sheet that is named or else by the first with data: counts its records, previews it, resolves the mapping, and stores the row only when
    /// all of that is right.
    ///
    /// # Errors
    /// [`ServiceError::InvalidFile`], [`ServiceError::MissingColumns`], [`ServiceError::InvalidMapping`] or a failure; the
    /// file is erased then.
    pub async fn upload(
        &self,
        actor: &Actor<ManageImports>,
        file: ReceivedFile,
        import_type: ImportType,
        mapping: &ColumnMapping,
        sheet: Option<&str>,
    ) -> Result<UploadedImport, ServiceError> {
        let file = self.read_sheet(file, sheet).await?;
        let schema = import_types::schema(import_type);
        let mapping = Mapping::new(schema, &file.dialect.headers, mapping).map_err(refusal)?;
        let (mapping, table) = self.weighed(&file, import_type, mapping).await?;
        let told = || {
            let of_dialect = file.dialect.warnings.iter().map(Notice::from);
            let all: Vec<Notice> = of_dialect
                .chain(mapping.notices().iter().cloned())
                .collect();
            stored(&all)
        };
        mapping
            .require_complete()
            .map_err(|error| match refusal(error) {
                ServiceError::MissingColumns {
                    columns,
                    missing,
                    suggestions,
                    ..
                } => ServiceError::MissingColumns {
                    columns,
                    missing,
                    suggestions,
                    look: file.look.or(table),
                    notices: told(),
                },
                other => other,
            })?;
        let Received {
            plan,
            preview_rows,
            preview_is_cut,
            mut notices,
        } = self.survey(&file, import_type, &mapping).await?;
        if plan.records() == Some(0) {
            return Err(ServiceError::InvalidFile {
                reason: "no_records",
                look: None,
            });
        }
        if let Some(sheet) = &file.sheet {
            notices.splice(0..0, sheet.notices.iter().cloned());
        }
        notices.extend(self.same_file(actor, &file).await?);
        let job = self.new_job(actor, &file, import_type, &plan, &notices);
        let columns = mapping.names().map(str::to_owned).collect();
        let jobs = self.jobs.clone();
        // A task of its own: a client that leaves now must not separate the row from its file.
        let job = tokio::spawn(async move {
            jobs.insert(&job).await?;
            file.keep();
            Ok::<_, ServiceError>(job)
        })
        .await??;
        tracing::info!(
            job.id = %job.id, user.id = %actor.user_id(), import_type = %import_type,
            file_size = job.file_size, rows = job.counts.total_rows, "took an upload"
        );
        Ok(UploadedImport {
            job,
            columns,
            preview_rows,
            preview_is_cut,
        })
    }

    /// The mapping as the beginning of the file bears it out, and what the table is if it is incomplete.
    async fn weighed(
        &self,
        file: &ReceivedFile,
        import_type: ImportType,
        mapping: Mapping,
    ) -> Result<(Mapping, Option<Look>), ServiceError> {
        let head = self.context.storage.read(file.key()).await?;
        let dialect = file.dialect.clone();
        let today = self.context.clock.now().jakarta_date();
        self.recognise(move || {
            let schema = import_types::schema(import_type);
            let sample = Sample::read(head, &dialect)?;
            let look = Look::of_table(schema, &dialect, &sample);
            Ok::<_, FileError>((mapping.weighed(schema, &sample, Some(today)), look))
        })
        .await?
        .map_err(refusal)
    }

    /// Reads the whole file once for the survey, and its beginning for the preview and for what its rows say.
    async fn survey(
        &self,
        file: &ReceivedFile,
        import_type: ImportType,
        mapping: &Mapping,
    ) -> Result<Received, ServiceError> {
        let whole = self.context.storage.read(file.key()).await?;
        let head = self.context.storage.read(file.key()).await?;
        let schema = import_types::schema(import_type).clone();
        let today = self.context.clock.now().jakarta_date();
        let (dialect, mapping) = (file.dialect.clone(), mapping.clone());
        self.recognise(move || {
            let mut notices: Vec<Notice> = dialect.warnings.iter().map(Notice::from).collect();
            notices.extend(mapping.notices().iter().cloned());
            let names: Vec<String> = mapping.names().map(str::to_owned).collect();
            let plan = Plan::new(schema, dialect, mapping)
                .today(today)
                .surveyed_while(Once::new(whole), Deadline::starting_now().observer())?;
            let preview = plan.preview(Once::new(head), PREVIEW_ROWS)?;
            notices.extend(preview.notices);
            let keyed = |cells: Vec<String>| {
                let cells = cells.into_iter().chain(std::iter::repeat(String::new()));
                names.iter().cloned().zip(cells).collect()
            };
            let (preview_rows, preview_is_cut) = within_bounds(preview.rows.into_iter().map(keyed));
            Ok::<_, RunError>(Received {
                plan,
                preview_rows,
                preview_is_cut,
                notices,
            })
        })
        .await?
        .map_err(refusal)
    }

    /// A notice that this tenant imported the same bytes before, and did not roll them back.
    async fn same_file(
        &self,
        actor: &Actor<ManageImports>,
        file: &ReceivedFile,
    ) -> Result<Option<Notice>, ServiceError> {
        let earlier = self
            .jobs
            .find_same_file(actor.tenant_id().into(), &file.sha256)
            .await?;
        Ok(earlier.map(|job| {
            Notice::new(NoticeCode::SAME_FILE)
                .with("job_id", job.id)
                .with("file_name", &job.file_name)
                .with("date", job.created_at.jakarta_date())
                .with("imported_rows", job.counts.imported_rows)
        }))
    }

    fn new_job(
        &self,
        actor: &Actor<ManageImports>,
        file: &ReceivedFile,
        import_type: ImportType,
        plan: &Plan,
        notices: &[Notice],
    ) -> ImportJob {
        let (dialect, mapping) = (plan.dialect(), plan.mapping());
        let character = |byte: u8| char::from(byte).to_string();
        let now = self.context.clock.now();
        let notices = stored(notices);
        let warnings = notices
            .iter()
            .map(|notice| notice.message.clone())
            .collect();
        let pairs = mapping
            .pairs()
            .map(|(header, field)| (header.to_owned(), field.to_owned()));
        ImportJob {
            id: JobId::mint(&*self.context.clock),
            tenant_id: actor.tenant_id(),
            user_id: actor.user_id(),
            import_type,
            file_name: file.name.clone(),
            file_url: file.key().to_owned(),
            file_size: file.size,
            file_sha256: file.sha256.clone(),
            status: JobStatus::Pending,
            counts: JobCounts {
                total_rows: plan.records().unwrap_or_default(),
                ..JobCounts::default()
            },
            error_message: None,
            metadata: JobMetadata {
                file_name: file.name.clone(),
                file_size: file.size,
                encoding: dialect.encoding.label().to_lowercase(),
                bom: dialect.bom,
                delimiter: character(dialect.delimiter),
                quote: dialect.quote.map(character),
                escape: dialect.escape.map(character),
                has_header: dialect.header_row.is_some(),
                header_row: dialect.header_row.unwrap_or(0),
                columns: mapping.names().map(str::to_owned).collect(),
                column_mapping: Some(pairs.collect::<BTreeMap<_, _>>()),
                unmapped_columns: mapping.unmapped().map(str::to_owned).collect(),
                warnings,
                notices,
                import_type,
                error_summary: None,
                left_out: None,
                workbook: file.sheet.as_ref().map(|sheet| sheet.workbook.clone()),
            },
            started_at: None,
            completed_at: None,
            validated_at: None,
            start_requested_at: None,
            rollback_at: None,
            cancelled_at: None,
            cancelled_by: None,
            checkpoint: None,
            attempt: 0,
            progress: RunProgress::default(),
            lease: JobLease::FREE,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The records that the preview has room for, and whether anything of the first ones had to be left out.
fn within_bounds(
    rows: impl Iterator<Item = Vec<(String, String)>>,
) -> (Vec<Vec<(String, String)>>, bool) {
    let mut bytes = 0;
    let mut is_cut = false;
    let mut shown = Vec::with_capacity(PREVIEW_ROWS);
    for mut row in rows {
        for (name, cell) in &mut row {
            if let Some((end, _)) = cell.char_indices().nth(PREVIEW_CELL) {
                cell.truncate(end);
                cell.push('…');
                is_cut = true;
            }
            bytes += in_json(name) + in_json(cell);
        }
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

/// What the engine refuses of an upload, in the terms of its user.
fn refusal(error: impl Into<RunError>) -> ServiceError {
    let error = match error.into() {
        RunError::File(error) => error,
        RunError::Cancelled => return ServiceError::FileTooSlow,
        other => return ServiceError::Engine(other),
    };
    match error {
        FileError::MissingColumns {
            columns,
            missing,
            suggestions,
            ..
        } => {
            let suggestions = missing
                .iter()
                .map(|field| {
                    let headers = suggestions
                        .iter()
                        .filter(|suggestion| suggestion.field == *field)
                        .map(|suggestion| suggestion.header.clone())
                        .take(SUGGESTIONS)
                        .collect();
                    (field.clone(), headers)
                })
                .collect();
            ServiceError::MissingColumns {
                columns,
                missing,
                suggestions,
                look: None,
                notices: Vec::new(),
            }
        }
        FileError::Mapping(problem) => ServiceError::InvalidMapping {
            message: mapping_message(problem),
        },
        FileError::TooManyRows { .. } => ServiceError::InvalidFile {
            reason: "too_many_rows",
            look: None,
        },
        FileError::HeaderMissing
        | FileError::HeaderDamaged { .. }
        | FileError::HeaderChanged { .. } => ServiceError::InvalidFile {
            reason: "header",
            look: None,
        },
        other => ServiceError::Engine(other.into()),
    }
}

/// The engine's words begin with a capital; those of the API, after the name of the parameter, do not.
fn mapping_message(problem: MappingProblem) -> String {
    let said = FileError::Mapping(problem).message(Language::INDONESIAN);
    let mut letters = said.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    format!(
        "column_mapping: {}{}",
        first.collect::<String>(),
        letters.as_str()
    )
}
