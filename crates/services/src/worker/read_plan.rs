//! What both phases of a run need to know of a stored file: the engine's plan with the settled reading, and the digest.

use std::{
    io::{self, Read},
    ops::ControlFlow,
};

use domain::ImportJob;
use import_types::engine::{
    self, FileError, Limits, machine::Progress, plans::Once, recognise::ColumnUse,
};
use repositories::Edits;
use sha2::{Digest, Sha256};
use time::Date;

use super::{correction::CorrectedRows, outcome::RunError};
use crate::{import::reading::Reading, storage::ObjectReader};

/// Everything that both phases of a run need to know of the file.
#[derive(Debug)]
pub(super) struct ReadPlan {
    /// The engine's plan, which contains the survey.
    pub(super) engine: engine::Plan,
    /// Data records of the file.
    pub(super) records: u64,
    /// Header and field of every column.
    pub(super) columns: Vec<(String, Option<String>)>,
    /// Which failed rows of another job the rows are, if the file corrects one.
    pub(super) corrected: Option<CorrectedRows>,
}

impl ReadPlan {
    /// Makes the plan: reads the head of the file for the dialect, and all of it for the survey and the digest. Blocking.
    pub(super) fn make(
        job: &ImportJob,
        edits: Edits,
        head: ObjectReader,
        file: ObjectReader,
        today: Date,
        observer: impl FnMut(&Progress) -> ControlFlow<()>,
    ) -> Result<Self, RunError> {
        let reading = Reading::settled(job, head)?;
        reading.mapping.require_complete()?;
        let columns = reading
            .mapping
            .columns()
            .iter()
            .map(|column| {
                let field = match &column.used {
                    ColumnUse::Field { field, .. } | ColumnUse::Tick { field, .. } => {
                        Some(field.clone())
                    }
                    _ => None,
                };
                (column.name.clone(), field)
            })
            .collect();
        // The budget decides which issues are kept; with a limit of the engine, the others would not even be counted.
        let limits = Limits {
            issues: u64::MAX,
            ..Limits::default()
        };
        let mut file = Hashed {
            file,
            sha256: Sha256::new(),
        };
        let corrected = match job.corrects {
            Some(_) => CorrectedRows::of(&reading.dialect.headers),
            None => None,
        };
        let mut engine = reading.plan(job, edits, today)?.limits(limits);
        if let Some(corrected) = &corrected {
            engine = engine.amend(corrected.clone());
        }
        let engine = engine
            .surveyed_while(Once::new(&mut file), observer)
            .map_err(engine::RunError::with_sink)?;
        // The digest also covers what the engine did not need to read.
        io::copy(&mut file, &mut io::sink()).map_err(FileError::Read)?;
        if hex::encode(file.sha256.finalize()) != job.file_sha256 {
            return Err(RunError::File(
                "File yang tersimpan tidak sama dengan file yang diunggah. Silakan unggah ulang."
                    .to_owned(),
            ));
        }
        Ok(Self {
            records: engine.records().unwrap_or_default(),
            engine,
            columns,
            corrected,
        })
    }
}

/// A file whose digest is taken while it is read.
struct Hashed {
    file: ObjectReader,
    sha256: Sha256,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.sha256.update(&buffer[..read]);
        Ok(read)
    }
}
