//! The preview of a draft: how its file is read, which column is which field and why, and its first rows as they would be
//! stored. Reads the file as a run does, so that it shows the result of a run; writes nothing.

use auth::{Actor, ManageImports};
use domain::{ColumnReason, ImportJob, ImportType, JobId, JobNotice, JobStatus, Recognised};
use import_types::engine::{
    Issue, Language,
    issues::Messages,
    plans::{Once, PreviewRow},
    recognise::{Column, ColumnProfile, ColumnUse, Mapping, MatchReason, Sample},
};

use super::{
    Imports,
    reading::{Reading, headers, looks_like, missing_columns, recognised},
    refusal::refusal,
};
use crate::ServiceError;

/// Notices about a column that should be checked before anything else.
const ALARMS: [&str; 8] = [
    "digits_rounded",
    "column_contradicted",
    "implausible_column",
    "date_order_mixed",
    "date_order_elsewhere",
    "date_year_undecided",
    "number_format_mixed",
    "merged_cells",
];

/// A draft as its user sees it.
#[derive(Debug, Clone)]
pub struct DraftPreview {
    /// The job.
    pub job: ImportJob,
    /// Required fields without a column.
    pub missing: Vec<String>,
    /// Another type whose required columns are all there.
    pub looks_like: Option<ImportType>,
    /// What was recognised of the file, whatever was decided since.
    pub recognised: Recognised,
    /// The first row below the header.
    pub first_data_row: u64,
    /// The columns in the order of the file.
    pub columns: Vec<PreviewColumn>,
    /// The first records.
    pub rows: Vec<PreviewedRow>,
}

/// A column of a draft.
#[derive(Debug, Clone)]
pub struct PreviewColumn {
    /// Its header as it stands in the file.
    pub header: String,
    /// Its name among the columns of the file.
    pub name: String,
    /// What it holds.
    pub profile: ColumnProfile,
    /// The field that it is.
    pub field: Option<String>,
    /// Why.
    pub reason: ColumnReason,
    /// The name of the field that its header is.
    pub matched: Option<String>,
    /// What should be checked first.
    pub alarm: Option<JobNotice>,
    /// Fields that it may be meant for, the likeliest first: field and likeness from 0 to 1.
    pub suggestions: Vec<(String, f32)>,
}

/// One of the first records, with words for what was found.
#[derive(Debug, Clone)]
pub struct PreviewedRow {
    /// Its cells and values.
    pub row: PreviewRow,
    /// The message for users of each of its issues.
    pub messages: Vec<String>,
}

impl Imports {
    /// What a draft would become, with its first `rows` records.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`], [`ServiceError::FileExpired`] or a failure.
    pub async fn preview(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        rows: usize,
    ) -> Result<DraftPreview, ServiceError> {
        let job = self.job(actor, id).await?;
        if job.status() != JobStatus::Pending {
            return Err(ServiceError::InvalidState {
                status: job.status(),
            });
        }
        self.preview_of(job, rows).await
    }

    /// The preview of a job that is a draft.
    pub(super) async fn preview_of(
        &self,
        job: ImportJob,
        rows: usize,
    ) -> Result<DraftPreview, ServiceError> {
        self.ensure_changeable(&job)?;
        let files = [
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
            self.stored_file(&job.file_url).await?,
        ];
        let today = self.context.clock.now().jakarta_date();
        let edits = self.jobs.edits(job.tenant_id.into(), job.id).await?;
        self.recognise(move |deadline| {
            let [head, sample, survey, profile, again] = files;
            let reading = Reading::settled(&job, deadline.limit(head))?;
            let first_data_row = reading.dialect.first_data_row();
            let schema = import_types::schema(job.import_type);
            let headers = headers(&reading.dialect);
            let looks = looks_like(job.import_type, &headers);
            let sample = Sample::read(deadline.limit(sample), &reading.dialect).map_err(refusal)?;
            // Settled are the columns; this says why.
            let reasons = Mapping::new(schema, &headers, &job.metadata.choices.columns)
                .or_else(|_| schema.map_headers(&headers))
                .map_err(refusal)?
                .weighed(schema, &sample, Some(today));
            let settled_columns = reading.mapping.columns().to_vec();
            let plan = reading
                .plan(&job, edits, today)?
                .even_incomplete()
                .surveyed_while(Once::new(survey), deadline.observer())
                .map_err(refusal)?;
            let profiles = plan
                .profile(Once::new(profile), deadline.observer())
                .map_err(refusal)?;
            let again = Once::new(deadline.limit(again));
            let first = plan.preview_rows(again, rows).map_err(refusal)?;
            let columns = settled_columns
                .iter()
                .zip(reasons.columns())
                .zip(profiles)
                .map(|((column, reason), profile)| {
                    preview_column(&job, &reasons, (column, reason), profile)
                })
                .collect();
            let messages = schema.messages(Language::INDONESIAN);
            let missing = missing_columns(&job);
            Ok(DraftPreview {
                looks_like: looks.filter(|_| !missing.is_empty()),
                missing,
                recognised: recognised(&job.metadata),
                first_data_row,
                columns,
                rows: first
                    .into_iter()
                    .map(|row| PreviewedRow {
                        messages: said(&messages, &row.issues),
                        row,
                    })
                    .collect(),
                job,
            })
        })
        .await?
    }
}

fn said(messages: &Messages, issues: &[Issue]) -> Vec<String> {
    issues.iter().map(|issue| messages.message(issue)).collect()
}

fn preview_column(
    job: &ImportJob,
    reasons: &Mapping,
    (column, recognised): (&Column, &Column),
    profile: ColumnProfile,
) -> PreviewColumn {
    let field = match &column.used {
        ColumnUse::Field { field, .. } => Some(field.clone()),
        // As a caller writes it in a mapping.
        ColumnUse::Tick { target, .. } => Some(target.clone()),
        _ => None,
    };
    let (reason, matched) = match (&recognised.used, &field) {
        (
            ColumnUse::Field {
                field: other,
                reason,
            },
            Some(field),
        ) if other == field => why(reason),
        (ColumnUse::Tick { target, .. }, Some(field)) if target == field => {
            (ColumnReason::Values, None)
        }
        (ColumnUse::Beaten { .. }, None) => (ColumnReason::Beaten, None),
        (ColumnUse::Ignored, None) => (ColumnReason::Ignored, None),
        // What is recognised now is not what was settled then.
        (ColumnUse::LeftOut, None) | (_, Some(_)) => (ColumnReason::Caller, None),
        (_, None) => (ColumnReason::Unknown, None),
    };
    let choices = &job.metadata.choices;
    let is_remembered = reason == ColumnReason::Caller && choices.remembered.contains(&column.name);
    let is_about = |notice: &&JobNotice| {
        ALARMS.contains(&notice.code.as_str()) && notice.params.get("column") == Some(&column.name)
    };
    let suggestions = reasons
        .suggestions()
        .iter()
        .filter(|suggestion| suggestion.header == column.name && field.is_none())
        .map(|suggestion| (suggestion.field.clone(), suggestion.likeness))
        .collect();
    PreviewColumn {
        header: column.header.clone(),
        name: column.name.clone(),
        profile,
        reason: if is_remembered {
            ColumnReason::Remembered
        } else {
            reason
        },
        matched,
        alarm: job.metadata.notices.iter().find(is_about).cloned(),
        suggestions,
        field,
    }
}

fn why(reason: &MatchReason) -> (ColumnReason, Option<String>) {
    match reason {
        MatchReason::Caller => (ColumnReason::Caller, None),
        MatchReason::Name => (ColumnReason::Name, None),
        MatchReason::Alias(name) => (ColumnReason::Alias, Some(name.clone())),
        MatchReason::NaturalKey(name) => (ColumnReason::NaturalKey, Some(name.clone())),
        MatchReason::Values | MatchReason::Cells => (ColumnReason::Values, None),
        MatchReason::Risky(name) => (ColumnReason::Risky, Some(name.clone())),
    }
}
