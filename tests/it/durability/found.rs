//! Compares what the database has of one job with what its file must result in, and with what the API answers.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;

use crate::harness::{Client, Direct, Person};

use super::truth::{Fault, Truth};

/// The state that a job must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// Uploaded, and nothing else.
    Uploaded,
    /// Validated, not imported.
    Validated,
    /// Imported.
    Completed,
    /// Rolled back.
    RolledBack,
}

/// What the database holds of a job.
pub(super) struct Found {
    job: String,
    status: String,
    counts: BTreeMap<&'static str, u64>,
    people: Vec<(u64, Person)>,
    faults: Vec<Fault>,
}

const COUNTS: [&str; 6] = [
    "total_rows",
    "processed_rows",
    "valid_rows",
    "invalid_rows",
    "imported_rows",
    "failed_rows",
];

impl Found {
    /// Past the server.
    pub(super) async fn read(direct: &mut Direct, job: &str) -> Result<Self> {
        let id = direct.uuid(job)?;
        let counts = COUNTS
            .map(|name| format!("CAST({name} AS TEXT)"))
            .join(", ");
        let sql = format!("SELECT status, {counts} FROM migration_jobs WHERE id = {id}");
        let row = direct.rows(&sql).await?.into_iter().next();
        let row = row.ok_or_else(|| anyhow::anyhow!("the job {job} is missing"))?;
        let mut found = Self {
            job: job.to_owned(),
            status: row[0].clone(),
            counts: BTreeMap::new(),
            people: Vec::new(),
            faults: Vec::new(),
        };
        for (name, text) in COUNTS.into_iter().zip(&row[1..]) {
            found.counts.insert(name, text.parse()?);
        }
        let sql = format!(
            "SELECT CAST(import_row_number AS TEXT), nama, email, ktp FROM jamaah \
             WHERE migration_job_id = {id}"
        );
        for row in direct.rows(&sql).await? {
            let [number, nama, email, ktp] = row.try_into().expect("has four columns");
            found
                .people
                .push((number.parse()?, Person { nama, email, ktp }));
        }
        let sql = format!(
            "SELECT CAST(row_number AS TEXT), field_name, error_type FROM migration_errors \
             WHERE migration_job_id = {id}"
        );
        for row in direct.rows(&sql).await? {
            let [number, field, kind] = row.try_into().expect("has three columns");
            found.faults.push((number.parse()?, field, kind));
        }
        Ok(found)
    }

    /// Reports every difference from `truth`.
    pub(super) fn compare(&self, truth: &Truth, end: End, wrong: &mut Vec<String>) {
        let mut say = |what: String| wrong.push(format!("job {}: {what}", self.job));
        let status = match end {
            End::Uploaded | End::Validated => "pending",
            End::Completed => "completed",
            End::RolledBack => "rolled_back",
        };
        if self.status != status {
            say(format!("is {} instead of {status}", self.status));
        }
        let none = BTreeMap::new();
        let people = if end == End::Completed {
            &truth.people
        } else {
            &none
        };
        let mut seen = BTreeSet::new();
        for (row, person) in &self.people {
            if !seen.insert(row) {
                say(format!("row {row} is there twice"));
            }
            match people.get(row) {
                None => say(format!("row {row} must not be there: {person:?}")),
                Some(expected) if expected != person => {
                    say(format!("row {row} is {person:?} instead of {expected:?}"));
                }
                Some(_) => {}
            }
        }
        for row in people.keys().filter(|row| !seen.contains(row)) {
            say(format!("row {row} is missing"));
        }
        let mut seen = BTreeSet::new();
        for fault in &self.faults {
            if !seen.insert(fault) {
                say(format!("the error {fault:?} is there twice"));
            }
            if !truth.faults.contains(fault) {
                say(format!("the error {fault:?} must not be there"));
            }
        }
        for fault in truth.faults.iter().filter(|fault| !seen.contains(fault)) {
            say(format!("the error {fault:?} is missing"));
        }
        let (total, good) = (truth.rows as u64, truth.people.len() as u64);
        let (processed, imported, failed) = match end {
            End::Uploaded => (0, 0, 0),
            End::Validated => (total, 0, 0),
            End::Completed | End::RolledBack => (total, good, total - good),
        };
        // The counts of the validation stay; rows that only the import refused are counted in the other pair.
        let [valid, invalid] = ["valid_rows", "invalid_rows"].map(|name| self.counts[name]);
        if valid + invalid != processed {
            say(format!(
                "{valid} valid and {invalid} invalid rows of {processed}"
            ));
        }
        for (name, expected) in [
            ("total_rows", total),
            ("processed_rows", processed),
            ("imported_rows", imported),
            ("failed_rows", failed),
        ] {
            if self.counts[name] != expected {
                say(format!(
                    "{name} is {} instead of {expected}",
                    self.counts[name]
                ));
            }
        }
        if end == End::Completed {
            let stored = self.people.len() as u64;
            if self.counts["imported_rows"] != stored {
                say(format!(
                    "counts {} rows and has {stored}",
                    self.counts["imported_rows"]
                ));
            }
        }
    }
}

/// Checks that the API answers what the database holds.
pub(super) async fn compare_api(
    admin: &Client,
    found: &Found,
    wrong: &mut Vec<String>,
) -> Result<()> {
    let status = admin.status(&found.job).await?;
    if status["status"] != found.status.as_str() {
        wrong.push(format!(
            "the API says {} of job {}",
            status["status"], found.job
        ));
    }
    for (name, count) in &found.counts {
        if status[name] != *count {
            wrong.push(format!(
                "the API says {name} {} of job {}, the database {count}",
                status[name], found.job
            ));
        }
    }
    let reported = admin.errors(&found.job).await?.len();
    if reported != found.faults.len() {
        wrong.push(format!(
            "the report of job {} has {reported} errors, the database {}",
            found.job,
            found.faults.len()
        ));
    }
    Ok(())
}
