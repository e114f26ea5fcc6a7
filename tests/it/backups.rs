//! A backup of a running installation is restored completely in another one: `server backup`, `server restore`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use crate::harness::{
    ADMIN, App, Backend, Client, PostgresDatabase, Server, binary, files_below, jamaah_file,
    on_both_engines,
};
use crate::workbooks::{book, row};

on_both_engines! {
    ["LEASE_SECONDS" = "2", "STORAGE_KEYS" = "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a"]
    a_backup_taken_during_an_import_is_finished_elsewhere,
    a_backup_is_refused_where_it_does_not_belong,
    a_workbook_comes_back_with_its_table_and_under_another_key,
}

/// A key of 32 bytes that differs from the one with which the tests' files are written.
const OTHER_KEY: &str = "6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b6b";

/// A batch has 5 000 rows: the second one is under way when the first is seen.
const ROWS: usize = 15_000;

/// Settings of an empty installation of the same engine, and its database.
async fn elsewhere(
    app: &App,
    folder: &Path,
) -> Result<(BTreeMap<String, String>, Option<PostgresDatabase>)> {
    let mut settings = app.settings().clone();
    let database = match app.backend {
        Backend::Postgres => Some(PostgresDatabase::create_empty().await?),
        Backend::Sqlite => None,
    };
    let url = match &database {
        Some(database) => database.url.clone(),
        None => format!(
            "sqlite://{}?mode=rwc",
            folder.join("elsewhere.db").display()
        ),
    };
    let uploads = folder.join("elsewhere");
    settings.insert("DATABASE_URL".to_owned(), url);
    settings.insert(
        "STORAGE_URL".to_owned(),
        format!("file://{}", uploads.display()),
    );
    Ok((settings, database))
}

/// Runs a program to its end. Returns what it printed, as an error if it failed.
fn run(
    program: &str,
    arguments: &[&str],
    settings: &BTreeMap<String, String>,
    folder: &Path,
) -> Result<String> {
    let output = Command::new(binary(program))
        .args(arguments)
        .current_dir(folder)
        .envs(settings)
        .stdin(Stdio::null())
        .output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{program} {arguments:?}: {printed}"
    );
    Ok(printed)
}

/// Stops the server in the middle of an import, so that it is there when the backup is taken.
async fn importing(app: &App, admin: &Client, job: &str) -> Result<()> {
    admin.act(job, "start").await?.expect_status(200)?;
    let under_way = |status: &Value| {
        let rows = status["imported_rows"].as_u64().unwrap_or(0);
        (rows > 0 && status["status"] == "importing") || status["status"] == "completed"
    };
    admin.wait(job, under_way).await?;
    app.server.signal("STOP")?;
    Ok(())
}

async fn a_backup_taken_during_an_import_is_finished_elsewhere(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut file = jamaah_file(ROWS, &[3], &package);
    let folder = tempfile::tempdir()?;
    let backup = folder.path().join("backup");
    let backup = backup.to_str().unwrap_or_default();
    let mut job = String::new();
    let mut rows = ROWS;
    // A machine that is fast imports all of it before it can be stopped; then the file was too small.
    for try_of in 1.. {
        job = admin.job("jamaah", "besar.csv", &file).await?;
        importing(app, &admin, &job).await?;
        let query = "SELECT count(*) FROM migration_jobs WHERE status = 'importing'";
        if app.number(query).await? == 1 {
            break;
        }
        app.server.signal("CONT")?;
        ensure!(try_of < 5, "no import lasts long enough");
        admin.roll_back(&job).await?;
        rows *= 2;
        file = jamaah_file(rows, &[3], &package);
    }
    let settings = app.settings().clone();
    let taken = run("server", &["backup", backup], &settings, app.directory());
    app.server.signal("CONT")?;
    let said = taken?;
    ensure!(
        said.contains(" file to ") || said.contains(" files to "),
        "{said}"
    );
    let manifest: Value =
        serde_json::from_slice(&fs::read(folder.path().join("backup/manifest.json"))?)?;
    ensure!(
        manifest["files"]
            .as_array()
            .is_some_and(|files| !files.is_empty()),
        "{manifest:#}"
    );

    let (settings, database) = elsewhere(app, folder.path()).await?;
    let said = run("server", &["restore", backup], &settings, folder.path())?;
    ensure!(said.contains("restored the database"), "{said}");
    run("migration", &["up"], &settings, folder.path())?;
    run("validate", &[], &settings, folder.path())?;
    let server = Server::start(folder.path(), &settings)?;
    let there = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
    let done = there.finished(&job).await?;
    let valid = rows - 1;
    ensure!(
        done["status"] == "completed" && done["imported_rows"] == valid,
        "{done:#}"
    );
    there.roll_back(&job).await?;

    // The two installations are independent: the same import ends here as well.
    let done = admin.finished(&job).await?;
    ensure!(done["imported_rows"] == valid, "{done:#}");
    drop(server);
    if let Some(database) = database {
        database.remove().await?;
    }
    Ok(())
}

async fn a_backup_is_refused_where_it_does_not_belong(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "kecil.csv", &jamaah_file(5, &[], &package))
        .await?;
    admin.import(&job).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("backup");
    let backup = path.to_str().unwrap_or_default();
    let here = app.settings().clone();
    run("server", &["backup", backup], &here, app.directory())?;
    let refused =
        |arguments: &[&str], settings: &BTreeMap<String, String>, expected: &str| match run(
            "server",
            arguments,
            settings,
            folder.path(),
        ) {
            Ok(said) => bail!("not refused: {said}"),
            Err(error) => {
                let said = format!("{error:#}");
                ensure!(said.contains(expected), "{said}");
                Ok(())
            }
        };
    refused(&["backup", backup], &here, "is not empty")?;
    refused(&["restore", backup], &here, "empty installation only")?;
    let (there, database) = elsewhere(app, folder.path()).await?;
    refused(&["restore", "nowhere"], &there, "there is no folder")?;

    // One changed byte of a file, then a cut database, then no manifest: nothing is restored.
    let stored = files_below(&path.join("files"))?;
    ensure!(stored.len() == 1, "{stored:?}");
    let Some(stored) = stored.first() else {
        bail!("no file")
    };
    let sound = fs::read(stored)?;
    let mut damaged = sound.clone();
    damaged[40] ^= 1;
    fs::write(stored, &damaged)?;
    refused(&["restore", backup], &there, "changed or cut off")?;
    fs::write(stored, &sound)?;
    let manifest = fs::read(path.join("manifest.json"))?;
    fs::remove_file(path.join("manifest.json"))?;
    refused(&["restore", backup], &there, "not a finished backup")?;
    fs::write(path.join("manifest.json"), manifest)?;
    ensure!(files_below(&folder.path().join("elsewhere"))?.is_empty());
    run("server", &["restore", backup], &there, folder.path())?;
    if let Some(database) = database {
        database.remove().await?;
    }
    Ok(())
}

async fn a_workbook_comes_back_with_its_table_and_under_another_key(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let rows = [row(&["nama", "paket_id"]), row(&["Siti", &package])];
    let file = book(&[("Jamaah", &rows)])?;
    let job = admin.job("jamaah", "buku.xlsx", &file).await?;
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("backup");
    let backup = path.to_str().unwrap_or_default();
    run(
        "server",
        &["backup", backup],
        app.settings(),
        app.directory(),
    )?;
    let stored = files_below(&path.join("files"))?;
    ensure!(stored.len() == 2, "the workbook and its table: {stored:?}");

    let (mut settings, database) = elsewhere(app, folder.path()).await?;
    run("server", &["restore", backup], &settings, folder.path())?;
    run("validate", &["--deep"], &settings, folder.path())?;
    let keys = settings.get("STORAGE_KEYS").cloned().unwrap_or_default();
    settings.insert("STORAGE_KEYS".to_owned(), format!("{OTHER_KEY},{keys}"));
    let said = run("server", &["storage", "rekey"], &settings, folder.path())?;
    ensure!(said.contains('2'), "{said}");
    settings.insert("STORAGE_KEYS".to_owned(), OTHER_KEY.to_owned());
    run("validate", &["--deep"], &settings, folder.path())?;
    let server = Server::start(folder.path(), &settings)?;
    let there = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
    let done = there.import(&job).await?;
    ensure!(
        done["status"] == "completed" && done["imported_rows"] == 1,
        "{done:#}"
    );
    drop(server);

    // Without the workbook the job's files are not whole.
    let workbook = files_below(&folder.path().join("elsewhere"))?
        .into_iter()
        .find(|path| path.extension().is_some_and(|ending| ending == "workbook"));
    let Some(workbook) = workbook else {
        bail!("no workbook")
    };
    fs::remove_file(workbook)?;
    ensure!(run("validate", &[], &settings, folder.path()).is_err());
    if let Some(database) = database {
        database.remove().await?;
    }
    Ok(())
}
