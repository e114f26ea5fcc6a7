//! `hijrah check`: every row by the rules of an import type, without a database.

use std::{io::Write, path::PathBuf, time::SystemTime};

use anyhow::{Context, Result, ensure};
use clap::Args;
use import_types::{
    ImportType,
    engine::{
        Batch, FileError, Issue, Language, Planner, RunError, Schema,
        issues::Messages,
        recognise::{Encoding, Mapping, Notice},
        report::{CsvWriter, ErrorReport},
    },
    schema,
};
use serde_json::Value;
use time::{Date, OffsetDateTime, UtcOffset};

use crate::{
    Interrupted, Outcome, file,
    output::{self, WholeFile},
    refused::Refused,
    summary::{Checked, Found, LISTED, WARNINGS, Warned, write_text},
    watch::Watch,
};

/// What to check, and where the findings go.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What the file holds.
    #[arg(long = "type", value_name = "TYPE", value_parser = crate::import_type())]
    import_type: ImportType,
    /// The file: a text, or a workbook (.xlsx, .xls, .ods).
    file: PathBuf,
    /// The sheet of a workbook; default the first with data.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Which column is which field, as a JSON object: '{"Nama Lengkap": "nama", "Usia": ""}'. "" leaves a column out.
    #[arg(long, value_name = "JSON", value_parser = mapping_pairs)]
    mapping: Option<MappingPairs>,
    /// Write the error report here.
    #[arg(long, value_name = "OUT.csv")]
    errors: Option<PathBuf>,
    /// Write the valid rows here, normalised, under their field names, with `_row_number`.
    #[arg(long, value_name = "OUT.csv")]
    clean: Option<PathBuf>,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
}

/// A header and the field that the user maps it to.
type MappingPairs = Vec<(String, String)>;

/// Checks the file.
pub(crate) fn check(options: &Options) -> Result<Outcome> {
    let schema = schema(options.import_type);
    let file::Opened {
        file: input,
        workbook,
        ..
    } = file::open(&options.file, options.sheet.as_deref())?;
    let watch = Watch::new(&input)?;
    watch.phase("reading");
    let mut planner = Planner::new(schema).today(today());
    if workbook.is_some() {
        planner = planner
            .encoding(Encoding::UTF_8)
            .delimiter(b',')
            .quote(Some(b'"'));
    }
    let pairs = options.mapping.iter().flatten();
    let plan = pairs
        .fold(planner, |planner, pair| match pair {
            (header, field) if field.is_empty() => planner.leave_out(header),
            (header, field) => planner.header(header, field),
        })
        .observe(watch.observer())
        .plan(&input);
    let plan = match plan {
        Ok(plan) => plan,
        Err(RunError::Cancelled) => return Err(Interrupted.into()),
        Err(RunError::File(error)) => return refuse(options, &error),
        Err(other) => {
            return Err(anyhow::Error::from(other)
                .context(format!("cannot check {}", options.file.display())));
        }
    };
    let mapping = plan.mapping();
    let mut outputs = Outputs::open(options, schema, mapping)?;
    watch.phase("checking");
    let summary = plan
        .import(&input)
        .observe(watch.observer())
        .each(|batch| outputs.take(&batch))
        .map_err(|error| match error {
            RunError::Sink(error) => error,
            other => other.into(),
        })?;
    if !summary.is_complete() {
        return Err(Interrupted.into());
    }
    watch.done();
    let found = outputs.finish()?;
    let notices: Vec<Notice> = plan
        .dialect()
        .warnings
        .iter()
        .map(Notice::from)
        .chain(
            workbook
                .iter()
                .flat_map(|(_, table)| table.notices(plan.dialect().header_row)),
        )
        .chain(mapping.notices().iter().chain(&summary.notices).cloned())
        .collect();
    let mut out = output::stdout();
    if options.json {
        serde_json::to_writer(
            &mut out,
            &Checked::new(
                &options.file,
                options.import_type,
                mapping,
                &summary,
                &notices,
                &found.warnings,
            ),
        )?;
        writeln!(out)?;
    } else {
        write_text(&mut out, &options.file, mapping, &summary, &notices, &found)?;
    }
    out.flush()?;
    Ok(if summary.invalid == 0 {
        Outcome::Fine
    } else {
        Outcome::RowsInvalid
    })
}

/// Reports why the file cannot be checked: as JSON on the standard output if that was requested, else as an error.
fn refuse(options: &Options, error: &FileError) -> Result<Outcome> {
    let refused = Refused::new(&options.file, options.import_type, error);
    if !options.json {
        anyhow::bail!("cannot check {}: {refused}", options.file.display());
    }
    let mut out = output::stdout();
    serde_json::to_writer(&mut out, &refused)?;
    writeln!(out)?;
    out.flush()?;
    Ok(Outcome::Unusable)
}

/// The day it is in Jakarta, by this machine's clock.
fn today() -> Date {
    let jakarta = UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::from(SystemTime::now())
        .to_offset(jakarta)
        .date()
}

fn mapping_pairs(json: &str) -> Result<MappingPairs> {
    let object: serde_json::Map<String, Value> =
        serde_json::from_str(json).context("not a JSON object of header and field")?;
    object
        .into_iter()
        .map(|(header, field)| {
            ensure!(field.is_string(), "the field of '{header}' is not a string");
            Ok((header, field.as_str().unwrap_or_default().to_owned()))
        })
        .collect()
}

/// Where findings and valid rows go while the file is read.
struct Outputs {
    messages: Messages,
    errors: Option<ErrorReport<WholeFile>>,
    clean: Option<CsvWriter<WholeFile>>,
    /// Indexes of the fields that are stored.
    fields: Vec<usize>,
    /// What the columns of the file are called.
    columns: Vec<String>,
    found: Found,
}

impl Outputs {
    fn open(options: &Options, schema: &Schema, mapping: &Mapping) -> Result<Self> {
        let fields: Vec<usize> = (0..schema.fields().len())
            .filter(|&index| !schema.fields()[index].is_auxiliary())
            .collect();
        let errors = options
            .errors
            .as_deref()
            .map(|path| anyhow::Ok(ErrorReport::new(WholeFile::create(path)?)?))
            .transpose()?;
        let mut clean = options
            .clean
            .as_deref()
            .map(|path| anyhow::Ok(CsvWriter::new(WholeFile::create(path)?)))
            .transpose()?;
        if let Some(clean) = &mut clean {
            clean.write_record(
                fields
                    .iter()
                    .map(|&index| schema.fields()[index].name())
                    .chain(["_row_number"]),
            )?;
        }
        Ok(Self {
            messages: schema.messages(Language::INDONESIAN),
            errors,
            clean,
            fields,
            columns: mapping.names().map(str::to_owned).collect(),
            found: Found::default(),
        })
    }

    fn finish(self) -> Result<Found> {
        if let Some(errors) = self.errors {
            errors.finish()?.finish()?;
        }
        if let Some(clean) = self.clean {
            clean.finish()?.finish()?;
        }
        Ok(self.found)
    }
}

impl Outputs {
    fn warn(&mut self, issue: &Issue) {
        if self.found.warnings.len() < WARNINGS {
            let column = issue.column.and_then(|column| self.columns.get(column));
            self.found.warnings.push(Warned {
                row: issue.row,
                field: issue.field().map(str::to_owned),
                column: column.cloned(),
                code: issue.code.as_str(),
                message: self.messages.message(issue),
                value: issue.value.clone(),
            });
        }
    }
}

impl Outputs {
    fn take(&mut self, batch: &Batch) -> Result<()> {
        for issue in batch.issues() {
            if !issue.is_error() {
                self.warn(issue);
                continue;
            }
            if self.found.errors.len() < LISTED {
                let field = issue.field().unwrap_or("-");
                self.found.errors.push(format!(
                    "row {}, {field}: {}",
                    issue.row,
                    self.messages.message(issue)
                ));
            }
            if let Some(errors) = &mut self.errors {
                errors.write_issue(issue, &self.messages)?;
            }
        }
        if let Some(clean) = &mut self.clean {
            for row in batch.rows() {
                let cells = self
                    .fields
                    .iter()
                    .map(|&index| row.value(index).to_string());
                clean.write_record(cells.chain([row.row().to_string()]))?;
            }
        }
        Ok(())
    }
}
