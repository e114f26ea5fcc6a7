//! The programs as an operator starts them: first start in an empty folder, migrations, seeds, checks, and what production requires.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};

use crate::harness::{
    ADMIN, App, Backend, Client, JOBS, PostgresDatabase, Server, any_package, binary,
    jamaah_file_from, on_both_engines, run, run_directory, sample_path,
};

on_both_engines! {
    the_schema_goes_down_and_up_again,
    seeding_twice_changes_nothing,
    validate_distinguishes_a_good_database_from_a_damaged_one,
    the_health_check_asks_its_own_server,
    production_does_not_start_with_a_well_known_password,
}

/// Runs a program to its end in `directory`, with this environment and no other.
pub(crate) fn start(
    program: &str,
    arguments: &[&str],
    environment: &[(&str, &str)],
    directory: &std::path::Path,
) -> Result<Output> {
    let mut command = Command::new(binary(program));
    command.args(arguments).current_dir(directory).env_clear();
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    Ok(command
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()?)
}

/// Its exit status and everything that it printed.
pub(crate) fn printed(output: &Output) -> String {
    format!(
        "{}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[tokio::test]
async fn one_command_on_an_empty_folder_serves_the_whole_product() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let settings = BTreeMap::from([("PORT".to_owned(), "0".to_owned())]);
    let mut server = Server::start(folder.path(), &settings)?;
    ensure!(folder.path().join("data/hijrah.db").exists());

    let admin = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
    ensure!(admin.items("packages").await?.len() >= 3);
    let file = std::fs::read(sample_path("paket-google-sheets.csv"))?;
    let job = admin.job("package", "paket.csv", &file).await?;
    ensure!(admin.import(&job).await?["imported_rows"] == 5);

    let said = server.output();
    ensure!(
        said.contains("admin123"),
        "how to log in is not said:\n{said}"
    );

    // The secret is kept, so a restart ends no session.
    server.kill()?;
    let server = Server::start(folder.path(), &settings)?;
    ensure!(admin.at(&server.base).status(&job).await?["status"] == "completed");
    Ok(())
}

#[test]
fn a_reader_that_leaves_early_ends_no_program() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("x.db").display());
    let programs: [(&str, &[&str]); 12] = [
        ("migration", &["up"]),
        ("seed", &[]),
        ("seed", &["--demo"]),
        ("validate", &[]),
        ("validate", &["--json"]),
        ("migration", &["history"]),
        ("migration", &["check"]),
        ("migration", &["sql", "--to", "base"]),
        ("migration", &["status", "--exit-code"]),
        ("migration", &["to", "base"]),
        ("server", &["config", "check"]),
        ("server", &["--version"]),
    ];
    for (program, arguments) in programs {
        let (reader, writer) = std::io::pipe()?;
        // As after `… | head -1`: each line is written to a pipe that no process reads.
        drop(reader);
        let output = Command::new(binary(program))
            .args(arguments)
            .current_dir(folder.path())
            .env_clear()
            .env("DATABASE_URL", &url)
            .stdin(Stdio::null())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()?;
        ensure!(
            output.status.success(),
            "{program} {arguments:?}: {}",
            printed(&output)
        );
    }
    Ok(())
}

#[tokio::test]
async fn the_defaults_are_the_published_limits() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let settings = BTreeMap::from([("PORT".to_owned(), "0".to_owned())]);
    let server = Server::start(folder.path(), &settings)?;
    let admin = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
    let reply = admin.get(JOBS).await?.expect_status(200)?;
    ensure!(
        reply.header("x-ratelimit-limit") == "100" && reply.header("x-ratelimit-remaining") == "99",
        "{:?}",
        reply.headers
    );
    let file = vec![b'x'; 10 * 1024 * 1024 + 1];
    admin
        .upload("jamaah", "besar.csv", &file)
        .await?
        .expect_error(
            400,
            "Ukuran file terlalu besar (maksimal 10MB)",
            "file_too_large",
        )?;
    // Ten imports of a tenant at once: this server has no worker, so nothing ends.
    let settings = BTreeMap::from([
        ("PORT".to_owned(), "0".to_owned()),
        ("WORKER_CONCURRENCY".to_owned(), "0".to_owned()),
    ]);
    drop(server);
    let server = Server::start(folder.path(), &settings)?;
    let admin = admin.at(&server.base);
    let package = any_package(&admin).await?;
    for number in 0..11 {
        let file = jamaah_file_from(number, 1, &[], &package);
        let job = admin.job("jamaah", "a.csv", &file).await?;
        let reply = admin.act(&job, "start").await?;
        let expected = if number < 10 { 200 } else { 429 };
        ensure!(reply.status == expected, "{number}: {}", reply.text()?);
    }
    Ok(())
}

async fn the_schema_goes_down_and_up_again(app: &mut App) -> Result<()> {
    app.server.kill()?;
    let url = app.settings()["DATABASE_URL"].clone();
    let history = run("migration", &["status"], &url)?;
    ensure!(!history.contains("Pending"), "{history}");
    let current = run("migration", &["current"], &url)?;
    ensure!(current.contains("m20"), "{current}");
    run("migration", &["to", "base"], &url)?;
    run("migration", &["to", "head"], &url)?;
    ensure!(run("migration", &["current"], &url)? == current);
    run("migration", &["down"], &url)?;
    run("migration", &["up"], &url)?;
    run("migration", &["history"], &url)?;
    run("seed", &[], &url)?;
    app.restart()?;
    app.admin().await?;
    Ok(())
}

async fn seeding_twice_changes_nothing(app: &mut App) -> Result<()> {
    let url = app.settings()["DATABASE_URL"].clone();
    let count = "SELECT (SELECT count(*) FROM tenants) * 10000 + (SELECT count(*) FROM \"user\") * 100 + (SELECT count(*) FROM packages)";
    let before = app.number(count).await?;
    ensure!(
        before == 10_103,
        "one tenant, one user and three packages, not {before}"
    );
    run("seed", &[], &url)?;
    ensure!(app.number(count).await? == before);
    app.admin().await?;
    Ok(())
}

async fn validate_distinguishes_a_good_database_from_a_damaged_one(app: &mut App) -> Result<()> {
    let url = app.settings()["DATABASE_URL"].clone();
    let good = run("validate", &[], &url)?;
    ensure!(good.lines().count() >= 5, "{good}");
    let drop = match app.backend {
        Backend::Postgres => "ALTER TABLE payments DROP COLUMN catatan",
        Backend::Sqlite => "DROP TABLE payments",
    };
    app.execute(drop).await?;
    let bad = start("validate", &[], &[("DATABASE_URL", &url)], app.directory())?;
    ensure!(bad.status.code() == Some(1), "{}", printed(&bad));
    ensure!(printed(&bad).contains("payments"), "{}", printed(&bad));
    Ok(())
}

async fn the_health_check_asks_its_own_server(app: &mut App) -> Result<()> {
    let port = app
        .server
        .base
        .rsplit(':')
        .next()
        .context("a port")?
        .to_owned();
    let environment = [("HOST", "127.0.0.1"), ("PORT", port.as_str())];
    let healthy = start("server", &["healthcheck"], &environment, app.directory())?;
    ensure!(healthy.status.code() == Some(0), "{}", printed(&healthy));
    app.server.kill()?;
    let gone = start("server", &["healthcheck"], &environment, app.directory())?;
    ensure!(gone.status.code() == Some(1), "{}", printed(&gone));
    Ok(())
}

async fn production_does_not_start_with_a_well_known_password(app: &mut App) -> Result<()> {
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", "8c4f0e1bb1a94d7c9a3d52f6e07b4c21d95f"),
    ];
    let Err(refused) = app.another_server(&production) else {
        anyhow::bail!("serves with admin123");
    };
    let refused = format!("{refused:?}");
    ensure!(
        refused.contains("'admin'") && !refused.contains("admin123"),
        "{refused}"
    );
    // After the password was changed, the server starts.
    let admin = app.admin().await?;
    let me = admin.get_json("/api/v1/auth/me").await?;
    let path = format!("/api/v1/users/{}", me["id"].as_str().context("id")?);
    admin
        .change(&path, &serde_json::json!({"password": "bukan-yang-itu"}))
        .await?;
    let server = app.another_server(&production)?;
    Client::new(&server.base)
        .login("admin", "bukan-yang-itu")
        .await?;
    Ok(())
}

#[test]
fn production_names_every_mistake_at_once_and_no_value() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let output = start(
        "server",
        &[],
        &[
            ("APP_ENV", "production"),
            ("DATABASE_URL", "sqlite://x.db?mode=rwc"),
            ("JWT_SECRET", "too-short-a-secret"),
            ("ADMIN_PASSWORD", "admin123"),
            ("PORT", "minus-one"),
            ("LEASE_SECONDS", "soon"),
        ],
        folder.path(),
    )?;
    let said = printed(&output);
    ensure!(!output.status.success(), "{said}");
    for name in ["JWT_SECRET", "PORT", "LEASE_SECONDS"] {
        ensure!(said.contains(name), "{name} is not named: {said}");
    }
    for value in ["too-short-a-secret", "minus-one", "admin123"] {
        ensure!(!said.contains(value), "{value} is printed: {said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_server_refuses_a_database_without_its_schema() -> Result<()> {
    let database = PostgresDatabase::create_empty().await?;
    let folder = tempfile::tempdir_in(run_directory())?;
    let output = start(
        "server",
        &[],
        &[
            ("APP_ENV", "production"),
            ("DATABASE_URL", &database.url),
            ("JWT_SECRET", "8c4f0e1bb1a94d7c9a3d52f6e07b4c21d95f"),
            ("PORT", "0"),
        ],
        folder.path(),
    )?;
    ensure!(!output.status.success(), "{}", printed(&output));
    ensure!(printed(&output).contains("migra"), "{}", printed(&output));
    database.remove().await
}
