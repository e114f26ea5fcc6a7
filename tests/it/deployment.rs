//! What operators are given works as described: the roles of the production database, the secrets, the commands of the documents.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::harness::{ADMIN, Client, Cluster, Server, binary, run_directory, workspace};

/// Runs a program that must succeed; returns what it printed.
fn succeed(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output()?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?}: {printed}");
    Ok(printed)
}

fn prepare(folder: &Path) -> Result<String> {
    succeed(Command::new(folder.join("prepare")).arg("hijrah.example.com"))
}

fn secret(folder: &Path, name: &str) -> Result<String> {
    let text =
        fs::read_to_string(folder.join("secrets").join(name)).with_context(|| name.to_owned())?;
    Ok(text.trim().to_owned())
}

/// A copy of `deploy/production`, so that the original is not changed.
fn production() -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir_in(run_directory())?;
    for entry in fs::read_dir(workspace().join("deploy/production"))? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name()))?;
        }
    }
    Ok(folder)
}

#[test]
fn the_secrets_are_made_once_and_are_for_the_containers_alone() -> Result<()> {
    let folder = production()?;
    prepare(folder.path())?;
    let secrets = folder.path().join("secrets");
    ensure!(fs::metadata(&secrets)?.permissions().mode() & 0o077 == 0);
    let environment = fs::read_to_string(folder.path().join(".env"))?;
    ensure!(
        environment.contains("HIJRAH_DOMAIN=hijrah.example.com"),
        "{environment}"
    );

    // Every secret that the file requires exists.
    let compose = fs::read_to_string(folder.path().join("compose.yml"))?;
    let named: Vec<&str> = compose
        .lines()
        .filter_map(|line| line.split_once("file: ./secrets/")?.1.split(' ').next())
        .collect();
    ensure!(named.len() >= 10, "{named:?}");
    let before: Vec<String> = named
        .iter()
        .map(|name| secret(folder.path(), name))
        .collect::<Result<_>>()?;
    ensure!(before.iter().all(|secret| secret.len() >= 24), "{before:?}");
    prepare(folder.path())?;
    let after: Vec<String> = named
        .iter()
        .map(|name| secret(folder.path(), name))
        .collect::<Result<_>>()?;
    ensure!(before == after, "a secret was made again");
    Ok(())
}

#[tokio::test]
async fn the_production_database_has_an_owner_and_a_role_under_row_level_security() -> Result<()> {
    let folder = production()?;
    prepare(folder.path())?;
    let mut cluster = Cluster::make("production", &["fsync=off"])?;
    cluster.start()?;
    let admin = cluster.url()?;
    let mut connection = PgConnection::connect(admin.as_str()).await?;
    sqlx::raw_sql(AssertSqlSafe("CREATE DATABASE hijrah"))
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    let host = admin
        .host_str()
        .context("has a socket")?
        .replace("%2F", "/");
    succeed(
        Command::new(folder.path().join("roles.sh"))
            .env("SECRETS", folder.path().join("secrets"))
            .env("PGHOST", &host),
    )?;

    let as_role = |role: &str| -> Result<String> {
        let mut url = admin.clone();
        url.set_path("hijrah");
        url.set_username(role).ok().context("takes a role")?;
        Ok(url.into())
    };
    let urls = [
        ("DATABASE_URL", as_role("hijrah_app")?),
        ("DATABASE_OWNER_URL", as_role("hijrah_owner")?),
    ];
    let environment = urls.iter().map(|(name, url)| (*name, url.as_str()));
    let run = |program: &str, argument: Option<&str>| {
        succeed(
            Command::new(binary(program))
                .args(argument)
                .envs(environment.clone())
                .current_dir(folder.path()),
        )
    };
    run("migration", Some("up"))?;
    run("seed", None)?;
    let report = run("validate", None)?;
    ensure!(report.contains("row-level security: in effect"), "{report}");

    // Without naming a tenant the application's role may read no tenant's rows, and it may change no table.
    let mut application = PgConnection::connect(&urls[0].1).await?;
    let seen: i64 = sqlx::query_scalar("SELECT count(*) FROM packages")
        .fetch_one(&mut application)
        .await?;
    ensure!(seen == 0, "sees {seen} packages of no tenant");
    let altered = sqlx::raw_sql("ALTER TABLE packages DISABLE ROW LEVEL SECURITY")
        .execute(&mut application)
        .await;
    ensure!(altered.is_err(), "may switch row-level security off");
    let made = sqlx::raw_sql("CREATE TABLE mine (id int)")
        .execute(&mut application)
        .await;
    ensure!(made.is_err(), "makes tables");
    application.close().await?;

    let mut settings: BTreeMap<String, String> = urls
        .iter()
        .map(|(name, url)| ((*name).to_owned(), url.clone()))
        .collect();
    settings.insert("PORT".to_owned(), "0".to_owned());
    settings.insert(
        "JWT_SECRET".to_owned(),
        secret(folder.path(), "jwt_secret")?,
    );
    let server = Server::start(folder.path(), &settings)?;
    let admin = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
    ensure!(admin.items("packages").await?.len() >= 3);
    Ok(())
}
