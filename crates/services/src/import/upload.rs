//! A received file becomes a job: mapped, counted, previewed. The row appears only when all of that is right.

use std::{collections::BTreeMap, io::Read};

use auth::{Actor, ManageImports};
use domain::{ImportJob, ImportType, JobCounts, JobId, JobMetadata, JobStatus, RunProgress};
use import_types::engine::{
    Dialect, DialectWarning, ImportError, Importer, Language, Limits, Mapping, MappingProblem,
    RecordReader, Survey, is_footer,
};

use super::{ColumnMapping, Imports, ReceivedFile, UploadedImport, deadline::Deadline};
use crate::{ServiceError, storage::ObjectReader};

/// Records of the preview, as published.
const PREVIEW_ROWS: usize = 10;
/// What is read at once for the preview.
const CHUNK: usize = 64 * 1024;
/// Suggestions for one missing field, the likeliest first.
const SUGGESTIONS: usize = 3;

type Preview = Vec<Vec<(String, String)>>;

impl Imports {
    /// Makes a job of a received file: counts its records, previews it, resolves the mapping, and stores the row only when
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
    ) -> Result<UploadedImport, ServiceError> {
        let schema = import_types::schema(import_type);
        let mapping = Mapping::new(schema, &file.dialect.headers, mapping)
            .and_then(|mapping| mapping.require_complete().map(|()| mapping))
            .map_err(refusal)?;
        let (survey, preview_rows) = self.survey(&file, import_type, &mapping).await?;
        if survey.records() == 0 {
            return Err(ServiceError::InvalidFile {
                reason: "no_records",
            });
        }
        let job = self.new_job(actor, &file, import_type, &mapping, &survey);
        let columns = file.dialect.headers.clone();
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
        })
    }

    /// Reads the whole file once for the survey, and its beginning for the preview.
    async fn survey(
        &self,
        file: &ReceivedFile,
        import_type: ImportType,
        mapping: &Mapping,
    ) -> Result<(Survey, Preview), ServiceError> {
        let whole = self.context.storage.read(file.key()).await?;
        let head = self.context.storage.read(file.key()).await?;
        let schema = import_types::schema(import_type).clone();
        let today = self.context.clock.now().jakarta_date();
        let (dialect, mapping) = (file.dialect.clone(), mapping.clone());
        self.recognise(move || {
            let mut importer = Importer::new(schema, dialect.clone(), mapping).today(today);
            let survey = importer.survey(whole, &mut Deadline::starting_now())?;
            let dialect = Dialect {
                encoding: survey.encoding(),
                quote: survey.quote(),
                ..dialect
            };
            Ok((survey, preview(head, &dialect)?))
        })
        .await?
        .map_err(refusal)
    }

    fn new_job(
        &self,
        actor: &Actor<ManageImports>,
        file: &ReceivedFile,
        import_type: ImportType,
        mapping: &Mapping,
        survey: &Survey,
    ) -> ImportJob {
        let dialect = &file.dialect;
        let character = |byte: u8| char::from(byte).to_string();
        let now = self.context.clock.now();
        let warnings = dialect
            .warnings
            .iter()
            .map(warning)
            .chain(
                survey
                    .notices()
                    .iter()
                    .map(|notice| notice.text(Language::Indonesian)),
            )
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
                total_rows: survey.records(),
                ..JobCounts::default()
            },
            error_message: None,
            metadata: JobMetadata {
                file_name: file.name.clone(),
                file_size: file.size,
                encoding: survey.encoding().label().to_lowercase(),
                bom: dialect.bom,
                delimiter: character(dialect.delimiter),
                quote: survey.quote().map(character),
                escape: dialect.escape.map(character),
                has_header: dialect.header_row.is_some(),
                header_row: dialect.header_row.unwrap_or(0),
                columns: dialect.headers.clone(),
                column_mapping: Some(pairs.collect::<BTreeMap<_, _>>()),
                unmapped_columns: mapping.unmapped().map(str::to_owned).collect(),
                warnings,
                import_type,
                error_summary: None,
            },
            started_at: None,
            completed_at: None,
            validated_at: None,
            start_requested_at: None,
            rollback_at: None,
            checkpoint: None,
            attempt: 0,
            progress: RunProgress::default(),
            lease_owner: None,
            lease_expires_at: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// The first records below the header, keyed by header. Blocking.
fn preview(mut file: ObjectReader, dialect: &Dialect) -> Result<Preview, ImportError> {
    let mut reader = RecordReader::new(dialect, Limits::default());
    reader.expect_columns(dialect.headers.len());
    let mut rows = Vec::with_capacity(PREVIEW_ROWS);
    let mut chunk = vec![0; CHUNK];
    let mut is_finished = false;
    loop {
        while let Some(record) = reader.next_record() {
            let is_blank = record.iter().all(|cell| cell.trim().is_empty());
            let is_footer = is_footer(&record.iter().collect::<Vec<_>>());
            if record.row() < dialect.first_data_row() || is_blank || is_footer {
                continue;
            }
            let cells = dialect.headers.iter().enumerate().map(|(column, header)| {
                let cell = record.get(column).unwrap_or_default();
                (header.clone(), cell.to_owned())
            });
            rows.push(cells.collect());
            if rows.len() == PREVIEW_ROWS {
                return Ok(rows);
            }
        }
        if is_finished {
            return Ok(rows);
        }
        match file.read(&mut chunk).map_err(ImportError::Read)? {
            0 => {
                reader.finish();
                is_finished = true;
            }
            read => reader.feed(&chunk[..read]),
        }
    }
}

/// What the engine refuses of an upload, in the terms of its user.
fn refusal(error: ImportError) -> ServiceError {
    match error {
        ImportError::MissingColumns {
            columns,
            missing,
            suggestions,
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
            }
        }
        ImportError::Mapping(problem) => ServiceError::InvalidMapping {
            message: mapping_message(&problem),
        },
        ImportError::Cancelled => ServiceError::FileTooSlow,
        ImportError::TooManyRows { .. } => ServiceError::InvalidFile {
            reason: "too_many_rows",
        },
        ImportError::HeaderMissing
        | ImportError::HeaderDamaged { .. }
        | ImportError::HeaderChanged { .. } => ServiceError::InvalidFile { reason: "header" },
        other => ServiceError::Engine(other),
    }
}

fn mapping_message(problem: &MappingProblem) -> String {
    match problem {
        MappingProblem::UnknownHeader { header } => {
            format!("column_mapping: kolom '{header}' tidak ada di file")
        }
        MappingProblem::UnknownField { field } => {
            format!("column_mapping: field '{field}' tidak dikenal")
        }
        MappingProblem::FieldTwice { field } => {
            format!("column_mapping: field '{field}' dipetakan dari dua kolom")
        }
        MappingProblem::HeaderTwice { header } => {
            format!("column_mapping: kolom '{header}' dipetakan dua kali")
        }
        MappingProblem::AmbiguousHeader { header } => {
            format!("column_mapping: kolom '{header}' ada lebih dari satu di file")
        }
        _ => "column_mapping tidak valid".to_owned(),
    }
}

fn warning(warning: &DialectWarning) -> String {
    match warning {
        DialectWarning::InvalidBytes { count, .. } => {
            format!("{count} bagian file tidak sesuai dengan encoding-nya")
        }
        DialectWarning::UncertainEncoding => {
            "Encoding file tidak pasti; periksa huruf beraksen pada pratinjau".to_owned()
        }
        DialectWarning::MixedLineEndings => "File memakai beberapa jenis akhir baris".to_owned(),
        DialectWarning::RowsAboveHeader { rows } => {
            format!("{rows} baris di atas judul kolom dilewati")
        }
        DialectWarning::NoHeader => "File tampaknya tidak memiliki judul kolom".to_owned(),
        DialectWarning::RepeatedHeader { header } => {
            format!("Judul kolom '{header}' muncul lebih dari satu kali")
        }
        DialectWarning::EmptyHeader { column } => format!("Kolom {column} tidak memiliki judul"),
        DialectWarning::RaggedRows { rows } => {
            format!("{rows} baris memiliki jumlah kolom yang berbeda")
        }
        DialectWarning::SingleColumn => "File hanya memiliki satu kolom".to_owned(),
        // A warning of a newer engine: its own words are better than none.
        other => other.to_string(),
    }
}
