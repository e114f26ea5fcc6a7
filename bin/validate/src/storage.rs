//! Checks the stored files: whether the storage works, and whether it holds exactly the files of the jobs.

use std::time::Duration;

use anyhow::Result;
use repositories::Database;
use services::{FileFlaw, ObjectStorage, StorageError};

use crate::Arguments;
use crate::report::Report;

/// A file is stored before its job, so a younger file may belong to an upload that is under way.
const ON_ITS_WAY: Duration = Duration::from_secs(2);

pub(crate) async fn check(
    db: &Database,
    storage: Result<ObjectStorage, StorageError>,
    arguments: &Arguments,
    report: &mut Report,
) -> Result<()> {
    let set = "give the program the right to write there, or set STORAGE_URL";
    let storage = match storage {
        Ok(storage) => storage,
        Err(error) => {
            report.bad("storage", &chain(&error), set);
            return Ok(());
        }
    };
    match storage.try_out().await {
        Ok(()) => report.good("storage", "a file was written, read and deleted"),
        Err(error) => {
            let text = format!(
                "a file could not be written, read and deleted: {}",
                chain(&error)
            );
            report.bad("storage", &text, set);
        }
    }
    match services::has_storage_of(db, &storage).await {
        Ok(true) => {}
        Ok(false) => report.bad(
            "storage",
            "the folder does not carry the mark of this database: it is another installation's, or a new one",
            "let STORAGE_URL name the folder of this database; if this is it, start a server, whose log names the missing mark",
        ),
        Err(error) => report.bad(
            "storage",
            &format!("the folder's mark cannot be compared: {}", chain(&error)),
            set,
        ),
    }
    let before = report.failures();
    let Ok(files) = db.stored_files().await else {
        // The schema lacks the table or its columns, which is reported.
        return Ok(());
    };
    for file in &files {
        let (text, remedy) = match storage.inspect(file, arguments.deep).await {
            Ok(None) => continue,
            Ok(Some(FileFlaw::Missing)) => ("is missing", "restore it, or delete the job"),
            Ok(Some(FileFlaw::Size)) => (
                "is shorter than what was uploaded",
                "restore it, or upload it again",
            ),
            Ok(Some(FileFlaw::Content)) => (
                "has other content than was uploaded",
                "restore it, or upload it again",
            ),
            Err(error) => {
                let text = format!(
                    "the file of job {} cannot be read: {}",
                    file.job,
                    chain(&error)
                );
                report.bad("files of jobs", &text, set);
                continue;
            }
        };
        report.bad(
            "files of jobs",
            &format!("the file of job {} {text}", file.job),
            remedy,
        );
    }
    if report.failures() == before {
        let how = if arguments.deep {
            "read and compared"
        } else {
            "there"
        };
        report.good(
            "files of jobs",
            &format!("{} files, all {how}", files.len()),
        );
    }
    strays(db, &storage, arguments, report).await
}

async fn strays(
    db: &Database,
    storage: &ObjectStorage,
    arguments: &Arguments,
    report: &mut Report,
) -> Result<()> {
    let found = match storage.strays(&db.stored_files().await?).await {
        Ok(found) if found.is_empty() => {
            report.good("files without jobs", "none");
            return Ok(());
        }
        Ok(found) => found,
        Err(error) => {
            let text = format!("the storage cannot be listed: {}", chain(&error));
            report.note(
                "files without jobs",
                &text,
                "allow the program to list the bucket",
            );
            return Ok(());
        }
    };
    tokio::time::sleep(ON_ITS_WAY).await;
    let still = storage.strays(&db.stored_files().await?).await?;
    let strays: Vec<String> = found
        .into_iter()
        .filter(|key| still.contains(key))
        .collect();
    for key in &strays {
        if arguments.repair {
            report.say(&format!("deleting {key}, which belongs to no job"));
            storage.remove_stray(key).await?;
        } else {
            report.bad(
                "files without jobs",
                &format!("{key} belongs to no job"),
                "`validate --repair` deletes it; so does the server within two hours",
            );
        }
    }
    if strays.is_empty() || arguments.repair {
        report.good("files without jobs", "none");
    }
    Ok(())
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
