//! Turns a file into a draft: recognises it, maps its columns as requested, surveys and previews it; and reads the file of an existing
//! draft in another way. Nothing is stored unless all steps succeed.

use std::collections::BTreeMap;

use auth::{Actor, ManageImports};
use domain::{
    Action, Choices, ImportJob, ImportType, JobId, JobMetadata, JobNotice, NewReading, OnDuplicate,
    Recognised, compared_cell,
};
use import_types::engine::{
    Language, Plan, Schema,
    plans::Once,
    recognise::{
        Column, ColumnUse, Dialect, Encoding, Look, Mapping, MatchReason, Notice, NoticeCode,
        Sample,
    },
};
use repositories::{Hits, Lookups, Redraft, Redrafted};

use super::{
    Imports, ReceivedFile,
    notices::stored,
    preview::DraftPreview,
    reading::{ascii, headers, looks_like, recognised, sheet_sniffer, sniffed, sniffer},
    refusal::{refusal, unread, unreadable},
};
use crate::{Event, FieldError, ServiceError, StorageError, activity::note_job};

/// Records of an upload's preview, as published.
const PREVIEW_ROWS: usize = 10;
/// Values of cells that a user may decide about for one job.
const MOST_VALUES: usize = 500;
/// How often a change is repeated because another one was faster.
const RETRIES: u32 = 3;

/// A wish: absent keeps what was decided before, `Some(None)` is "as recognised".
pub type Wish<T> = Option<Option<T>>;

/// Cell → the value that it is read as; `None` forgets what was decided.
pub type CellWishes = BTreeMap<String, Option<String>>;

/// What a user wants of a draft. Of entries that are `None` what was decided before is forgotten.
#[derive(Debug, Clone, Default)]
pub struct DraftChange {
    /// What the file holds.
    pub import_type: Option<ImportType>,
    /// Header of a column → field; the empty field leaves the column out.
    pub column_mapping: Wish<BTreeMap<String, Option<String>>>,
    /// The same by the place of the column, from 0.
    pub columns: Wish<BTreeMap<u32, Option<String>>>,
    /// A label of the encoding.
    pub encoding: Wish<String>,
    /// One ASCII character.
    pub delimiter: Wish<String>,
    /// One ASCII character; empty for none.
    pub quote: Wish<String>,
    /// The row that names the columns; 0 for none.
    pub header_row: Wish<u64>,
    /// The sheet of a workbook.
    pub sheet: Wish<String>,
    /// Field → cell → the value that the cell is read as.
    pub value_mapping: Wish<BTreeMap<String, Option<CellWishes>>>,
    /// What happens to rows whose record is there already.
    pub on_duplicate: Wish<OnDuplicate>,
}

/// The mapping that a user requests.
#[derive(Debug, Default)]
pub(super) struct ColumnWishes {
    pub(super) headers: BTreeMap<String, Option<String>>,
    pub(super) places: BTreeMap<u32, Option<String>>,
}

/// What was recognised of a file.
pub(super) struct Draft {
    /// How the file is read; the survey is in it.
    pub(super) plan: Plan,
    pub(super) choices: Choices,
    /// The cells of the first records.
    pub(super) rows: Vec<Vec<String>>,
    /// Of the whole file as far as the survey sees it, else of its beginning.
    pub(super) notices: Vec<Notice>,
}

/// What is needed to read a file before its rows are read.
pub(super) struct Wanted {
    pub(super) import_type: ImportType,
    pub(super) dialect: Dialect,
    pub(super) columns: ColumnWishes,
    /// What was decided before, as far as it still holds.
    pub(super) choices: Choices,
    /// Required fields may lack a column.
    pub(super) is_draft: bool,
    /// What the file is according to its first bytes, if it is not a table.
    pub(super) look: Option<Look>,
}

impl Imports {
    /// Maps, surveys and previews a stored file.
    pub(super) async fn draft(&self, key: &str, wanted: Wanted) -> Result<Draft, ServiceError> {
        let storage = &self.context.storage;
        let (head, again) = (storage.read(key).await?, storage.read(key).await?);
        let whole = storage.read(key).await?;
        let today = self.context.clock.now().jakarta_date();
        self.recognise(move |deadline| {
            let Wanted {
                import_type,
                dialect,
                columns,
                mut choices,
                is_draft,
                look,
            } = wanted;
            let schema = import_types::schema(import_type);
            let headers = if is_draft {
                headers(&dialect)
            } else {
                dialect.headers.clone()
            };
            let mapping = settle(schema, &headers, &columns, &mut choices)?;
            let sample = Sample::read(deadline.limit(head), &dialect).map_err(refusal)?;
            let table = Look::of_table(schema, &dialect, &sample);
            let mapping = mapping.weighed(schema, &sample, Some(today));
            let mut notices: Vec<Notice> = dialect.warnings.iter().map(Notice::from).collect();
            notices.extend(mapping.notices().iter().cloned());
            if !is_draft {
                mapping.require_complete().map_err(|error| {
                    let looks_like = looks_like(import_type, &headers);
                    refusal(error).with_looks(look.or(table), looks_like, stored(&notices))
                })?;
            }
            let plan = Plan::new(schema.clone(), dialect, mapping)
                .today(today)
                .even_incomplete()
                .surveyed_while(Once::new(whole), deadline.observer())
                .map_err(refusal)?;
            if plan.records() == Some(0) {
                return Err(unreadable("no_records", None));
            }
            let preview = plan
                .preview(Once::new(deadline.limit(again)), PREVIEW_ROWS)
                .map_err(refusal)?;
            notices.extend(preview.notices);
            Ok(Draft {
                plan,
                choices,
                rows: preview.rows,
                notices,
            })
        })
        .await?
    }

    /// Reads the file of a draft in another way, and previews it with its first `rows` records. What was found in it before is
    /// forgotten.
    ///
    /// # Errors
    /// [`ServiceError::NotFound`], [`ServiceError::InvalidState`], [`ServiceError::FileExpired`],
    /// [`ServiceError::InvalidMapping`], [`ServiceError::InvalidFile`], [`ServiceError::InvalidFields`] or a failure; nothing
    /// is changed then.
    pub async fn change(
        &self,
        actor: &Actor<ManageImports>,
        id: JobId,
        change: &DraftChange,
        rows: usize,
    ) -> Result<DraftPreview, ServiceError> {
        self.sessions.ensure_alive(&actor.identity()).await?;
        for _ in 0..RETRIES {
            let job = self.job(actor, id).await?;
            if let Redrafted::Done(job) = self.try_change(actor, &job, change).await? {
                tracing::info!(job.id = %id, user.id = %actor.user_id(), "changed a draft");
                self.context.events.publish(Event::status(&job));
                note_job(&self.context, actor, Action::Changed, &job, &[]).await;
                return self.preview_of(*job, rows).await;
            }
        }
        Err(ServiceError::Busy)
    }

    async fn try_change(
        &self,
        actor: &Actor<ManageImports>,
        job: &ImportJob,
        change: &DraftChange,
    ) -> Result<Redrafted, ServiceError> {
        self.ensure_changeable(job)?;
        let before = &job.metadata;
        let import_type = change.import_type.unwrap_or(job.import_type);
        let mut choices = before.choices.clone();
        if import_type != job.import_type {
            choices.values.clear();
        }
        apply_reading(change, &mut choices)?;
        self.apply_values(actor, import_type, change, &mut choices)
            .await?;
        if change.column_mapping == Some(None) || change.columns == Some(None) {
            choices.columns.clear();
        }
        let on_duplicate = match change.on_duplicate {
            None => job.on_duplicate,
            Some(wish) => wish.unwrap_or_default(),
        };
        let other = match &change.sheet {
            None => None,
            Some(sheet) => self.other_sheet(job, sheet.as_deref()).await?,
        };
        if other.is_some() && change.header_row.is_none() {
            // These decisions were about the other sheet.
            choices.header_row = None;
        }
        let is_read_anew = other.is_some() || reading_of(&choices) != reading_of(&before.choices);
        let key = other
            .as_ref()
            .map_or(job.file_url.as_str(), ReceivedFile::key);
        let file = self.stored_file(key).await?;
        let known = known(&choices, before.workbook.is_some());
        let dialect = self
            .recognise(move |deadline| sniffed(known, deadline.limit(file)))
            .await?
            .map_err(unread)?
            .map_err(|error| super::refusal::no_text(error, None))?;
        let forced = choices.header_row.filter(|row| *row > 0);
        if forced.is_some() && dialect.header_row != forced {
            return Err(unreadable("header", None));
        }
        let wanted = Wanted {
            import_type,
            dialect,
            columns: ColumnWishes {
                headers: change.column_mapping.clone().flatten().unwrap_or_default(),
                places: change.columns.clone().flatten().unwrap_or_default(),
            },
            choices,
            is_draft: true,
            look: None,
        };
        let draft = self.draft(key, wanted).await?;
        let reading = NewReading {
            metadata: redrafted(job, import_type, &draft, other.as_ref()),
            on_duplicate,
            total_rows: draft.plan.records().unwrap_or_default(),
            file: other
                .as_ref()
                .map(|file| (file.key().to_owned(), file.sha256.clone())),
        };
        let forget_edits = is_read_anew || import_type != job.import_type;
        let (jobs, storage, job) = (self.jobs.clone(), self.context.storage.clone(), job.clone());
        // A separate task: if the client disconnects now, the row must not be separated from its file.
        let changed = tokio::spawn(async move {
            let redraft = Redraft {
                seen: job.updated_at,
                reading,
                forget_edits,
            };
            let changed = jobs.redraft(job.tenant_id.into(), job.id, &redraft).await?;
            if let (Some(file), Some(Redrafted::Done(_))) = (other, &changed) {
                file.keep();
                // Housekeeping deletes the file if it cannot be deleted now.
                if let Err(error) = storage.delete(&job.file_url).await {
                    tracing::warn!(
                        job.id = %job.id, error = &error as &dyn std::error::Error,
                        "could not delete the table of the sheet before"
                    );
                }
            }
            Ok::<_, ServiceError>(changed)
        })
        .await??;
        changed.ok_or(ServiceError::NO_JOB)
    }

    /// Refuses a job that is not a draft, or whose file has been deleted.
    pub(super) fn ensure_changeable(&self, job: &ImportJob) -> Result<(), ServiceError> {
        let now = self.context.clock.now();
        domain::decide(job, domain::JobAction::Change, now).map_err(|_| {
            ServiceError::InvalidState {
                status: job.status(),
            }
        })?;
        if job.file_url.is_empty() {
            return Err(ServiceError::FileExpired);
        }
        Ok(())
    }

    /// The file of a job from its first byte on.
    pub(super) async fn stored_file(
        &self,
        key: &str,
    ) -> Result<crate::storage::ObjectReader, ServiceError> {
        match self.context.storage.read(key).await {
            Err(StorageError::Missing) => Err(ServiceError::FileExpired),
            file => Ok(file?),
        }
    }

    async fn apply_values(
        &self,
        actor: &Actor<ManageImports>,
        import_type: ImportType,
        change: &DraftChange,
        choices: &mut Choices,
    ) -> Result<(), ServiceError> {
        let wishes = match &change.value_mapping {
            None => return Ok(()),
            Some(None) => {
                choices.values.clear();
                return Ok(());
            }
            Some(Some(wishes)) => wishes,
        };
        let schema = import_types::schema(import_type);
        for (name, cells) in wishes {
            let field = schema.index_of(name).map(|index| &schema.fields()[index]);
            let Some(field) =
                field.filter(|field| field.choices().is_some() || field.refers_to().is_some())
            else {
                return Err(invalid_values(&format!(
                    "field '{name}' bukan field pilihan atau rujukan"
                )));
            };
            let Some(cells) = cells else {
                choices.values.remove(name);
                continue;
            };
            let kept = choices.values.entry(name.clone()).or_default();
            for (cell, value) in cells {
                let compared = compared_cell(cell);
                kept.retain(|other, _| compared_cell(other) != compared);
                let Some(value) = value else { continue };
                let is_value = value.is_empty()
                    || match (field.choices(), field.refers_to()) {
                        (Some(words), _) => words.iter().any(|word| **word == **value),
                        (None, Some(target)) => self.exists(actor, target, value).await?,
                        (None, None) => false,
                    };
                if !is_value {
                    return Err(invalid_values(&format!(
                        "'{}' bukan nilai dari field '{name}'",
                        domain::value::shortened(value, 50)
                    )));
                }
                kept.insert(cell.trim().to_owned(), value.clone());
            }
            if kept.is_empty() {
                choices.values.remove(name);
            }
        }
        if choices.values.values().map(BTreeMap::len).sum::<usize>() > MOST_VALUES {
            return Err(invalid_values(&format!(
                "paling banyak {MOST_VALUES} nilai dapat dipetakan"
            )));
        }
        Ok(())
    }

    /// Whether the tenant has the record with this id.
    pub(super) async fn exists(
        &self,
        actor: &Actor<ManageImports>,
        target: &str,
        id: &str,
    ) -> Result<bool, ServiceError> {
        let Ok(id) = uuid::Uuid::try_parse(id) else {
            return Ok(false);
        };
        let no_job = JobId::from_uuid(uuid::Uuid::nil());
        let rows = Lookups::new(&self.context.database, actor.tenant_id().into(), no_job);
        let found = match target {
            import_types::PACKAGE => rows.packages(&[domain::PackageRef::Id(id.into())]).await?,
            import_types::JAMAAH => rows.jamaah(&[domain::JamaahRef::Id(id.into())]).await?,
            _ => Vec::new(),
        };
        Ok(matches!(found.first(), Some(Hits::One(_))))
    }
}

impl Draft {
    /// What the job keeps of it, but for its workbook. The notices are the draft's own.
    pub(super) fn metadata(
        &self,
        import_type: ImportType,
        file_name: &str,
        file_size: u64,
    ) -> JobMetadata {
        let (dialect, mapping) = (self.plan.dialect(), self.plan.mapping());
        let character = |byte: u8| char::from(byte).to_string();
        let pairs = mapping
            .pairs()
            .map(|(header, field)| (header.to_owned(), field.to_owned()));
        JobMetadata {
            file_name: file_name.to_owned(),
            file_size,
            encoding: dialect.encoding.label().to_lowercase(),
            bom: dialect.bom,
            delimiter: character(dialect.delimiter),
            quote: dialect.quote.map(character),
            escape: dialect.escape.map(character),
            has_header: dialect.header_row.is_some(),
            header_row: dialect.header_row.unwrap_or(0),
            columns: mapping.names().map(str::to_owned).collect(),
            column_mapping: Some(pairs.collect()),
            unmapped_columns: mapping.unmapped().map(str::to_owned).collect(),
            warnings: self
                .notices
                .iter()
                .map(|notice| notice.text(Language::INDONESIAN))
                .collect(),
            notices: stored(&self.notices),
            import_type,
            error_summary: None,
            left_out: None,
            workbook: None,
            choices: self.choices.clone(),
            recognised: Some(Recognised {
                encoding: dialect.encoding.label().to_lowercase(),
                encoding_certain: !dialect.ambiguous.encoding,
                encoding_rival: dialect
                    .runner_up
                    .encoding
                    .map(|rival| rival.label().to_lowercase()),
                delimiter: character(dialect.delimiter),
            }),
            edited: false,
        }
    }
}

/// What is known of a draft's file as it is read now: of the same table, or of that of another sheet.
fn redrafted(
    job: &ImportJob,
    import_type: ImportType,
    draft: &Draft,
    other: Option<&ReceivedFile>,
) -> JobMetadata {
    let before = &job.metadata;
    let mut metadata = draft.metadata(import_type, &before.file_name, job.file_size);
    metadata.warnings.clear();
    metadata.notices.clear();
    metadata.notice(stored(&draft.notices));
    if let Some(sheet) = other.and_then(|file| file.sheet.as_ref()) {
        metadata.workbook = Some(sheet.workbook.clone());
        metadata.notice(stored(&sheet.notices));
    } else {
        metadata.workbook.clone_from(&before.workbook);
        metadata.recognised = Some(recognised(before));
        metadata.notice(of_the_file(before));
    }
    metadata
}

/// The notices about the file itself, which still apply.
fn of_the_file(metadata: &JobMetadata) -> Vec<JobNotice> {
    let of_the_file = [
        NoticeCode::SAME_FILE,
        NoticeCode::OTHER_SHEETS,
        NoticeCode::HIDDEN_ROWS,
        NoticeCode::MERGED_CELLS,
    ]
    .map(NoticeCode::as_str);
    let notices = metadata.notices.iter();
    notices
        .filter(|notice| of_the_file.contains(&notice.code.as_str()))
        .cloned()
        .collect()
}

/// The mapping that a user wants: what is wished for now, then what was decided before as far as it still fits, then what is
/// recognised. `choices` holds all decisions afterwards.
fn settle(
    schema: &Schema,
    headers: &[String],
    wishes: &ColumnWishes,
    choices: &mut Choices,
) -> Result<Mapping, ServiceError> {
    let recognised = schema.map_headers(headers).map_err(refusal)?;
    if wishes.headers.is_empty() && wishes.places.is_empty() && choices.columns.is_empty() {
        return Ok(recognised);
    }
    let names: Vec<&str> = recognised.names().collect();
    let mut pairs_wanted: Vec<(&str, Option<&str>)> = Vec::new();
    for (header, field) in &wishes.headers {
        pairs_wanted.push((header, field.as_deref()));
    }
    for (place, field) in &wishes.places {
        let Some(name) = names.get(*place as usize) else {
            return Err(ServiceError::InvalidMapping {
                message: format!("columns: kolom {place} tidak ada di file"),
            });
        };
        pairs_wanted.push((name, field.as_deref()));
    }
    // Distinguished by the columns that the caller leaves out: together they must be columns, each named once.
    let meant = |pairs_wanted: &[(&str, Option<&str>)]| {
        let pairs = pairs_wanted
            .iter()
            .map(|(header, field)| (*header, field.unwrap_or("")));
        Mapping::new(schema, headers, pairs).map_err(refusal)
    };
    let all = meant(&pairs_wanted)?;
    let ticks: Vec<String> = pairs_wanted
        .iter()
        .filter_map(|(_, field)| field.filter(|field| field.contains('=')))
        .map(str::to_owned)
        .collect();
    pairs_wanted.retain(|(_, field)| field.is_none());
    let forgotten = meant(&pairs_wanted)?;
    let mut decided: BTreeMap<String, String> = BTreeMap::new();
    for (column, other) in all.columns().iter().zip(forgotten.columns()) {
        if other.used == ColumnUse::LeftOut {
            choices.columns.remove(&column.name);
        } else if let Some(field) = by_caller(column) {
            decided.insert(column.name.clone(), field.to_owned());
        } else if let ColumnUse::Tick { target, .. } = &column.used
            && ticks.contains(target)
        {
            decided.insert(column.name.clone(), target.clone());
        }
    }
    choices.columns.retain(|name, field| {
        let is_free = || decided.values().all(|other| other != field);
        names.contains(&name.as_str())
            && !decided.contains_key(name)
            && (field.is_empty() || schema.index_of(field_of(field)).is_some() && is_free())
    });
    choices
        .remembered
        .retain(|name| choices.columns.contains_key(name));
    choices.columns.extend(decided);
    Mapping::new(schema, headers, &choices.columns).map_err(refusal)
}

/// The field of a wish: `field`, or `field=word` of a column of ticks.
pub(super) fn field_of(wish: &str) -> &str {
    wish.split_once('=').map_or(wish, |(field, _)| field)
}

/// The field that the caller chose for a column; empty if it was left out.
fn by_caller(column: &Column) -> Option<&str> {
    match &column.used {
        ColumnUse::LeftOut => Some(""),
        ColumnUse::Field {
            field,
            reason: MatchReason::Caller,
        } => Some(field),
        _ => None,
    }
}

type ReadingChoices<'c> = (
    &'c Option<String>,
    &'c Option<String>,
    &'c Option<String>,
    Option<u64>,
);

/// What of the choices decides how bytes become a table.
fn reading_of(choices: &Choices) -> ReadingChoices<'_> {
    let Choices {
        encoding,
        delimiter,
        quote,
        header_row,
        ..
    } = choices;
    (encoding, delimiter, quote, *header_row)
}

/// A sniffer that knows what its user decided. Of the table of a workbook only the header row is the user's to decide.
fn known(choices: &Choices, is_sheet: bool) -> import_types::engine::recognise::Sniffer {
    if is_sheet {
        return with_header_row(sheet_sniffer(), choices);
    }
    let mut known = sniffer();
    if let Some(encoding) = choices.encoding.as_deref().and_then(Encoding::for_label) {
        known = known.with_encoding(encoding);
    }
    if let Some(delimiter) = choices.delimiter.as_deref().and_then(ascii) {
        known = known.with_delimiter(delimiter);
    }
    if let Some(quote) = &choices.quote {
        known = known.with_quote(ascii(quote));
    }
    with_header_row(known, choices)
}

fn with_header_row(
    known: import_types::engine::recognise::Sniffer,
    choices: &Choices,
) -> import_types::engine::recognise::Sniffer {
    match choices.header_row {
        Some(row) => known.with_header_row((row > 0).then_some(row)),
        None => known,
    }
}

fn apply_reading(change: &DraftChange, choices: &mut Choices) -> Result<(), ServiceError> {
    let is_separator = |text: &String| {
        ascii(text).is_some_and(|byte| !byte.is_ascii_alphanumeric() && !b"\r\n\0".contains(&byte))
    };
    if let Some(encoding) = &change.encoding {
        choices.encoding = match encoding {
            None => None,
            Some(label) => match Encoding::for_label(label) {
                Some(encoding) => Some(encoding.label().to_lowercase()),
                None => return Err(invalid("encoding", "Encoding tidak dikenal")),
            },
        };
    }
    if let Some(delimiter) = &change.delimiter {
        if delimiter.as_ref().is_some_and(|text| !is_separator(text)) {
            return Err(invalid("delimiter", "Pemisah kolom harus satu tanda baca"));
        }
        choices.delimiter.clone_from(delimiter);
    }
    if let Some(quote) = &change.quote {
        let is_wrong = |text: &String| !text.is_empty() && !is_separator(text);
        if quote.as_ref().is_some_and(is_wrong) {
            return Err(invalid("quote", "Tanda kutip harus satu tanda baca"));
        }
        choices.quote.clone_from(quote);
    }
    if choices.quote.is_some() && choices.quote == choices.delimiter {
        return Err(invalid(
            "quote",
            "Tanda kutip dan pemisah kolom harus berbeda",
        ));
    }
    if let Some(row) = change.header_row {
        choices.header_row = row;
    }
    Ok(())
}

fn invalid(field: &str, message: &str) -> ServiceError {
    ServiceError::InvalidFields(vec![FieldError {
        field: field.to_owned(),
        code: "invalid_format",
        message: message.to_owned(),
        expected: None,
    }])
}

fn invalid_values(reason: &str) -> ServiceError {
    ServiceError::InvalidMapping {
        message: format!("value_mapping: {reason}"),
    }
}
