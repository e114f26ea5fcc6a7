//! The database of one test: a copy of a migrated and seeded one, on either engine.

use std::path::{Path, PathBuf};

use anyhow::Result;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::OnceCell;

use super::app::Backend;
use super::janitor;
use super::postgres::{PostgresDatabase, run};

/// A test's own database.
pub(crate) enum TestDatabase {
    Sqlite(PathBuf),
    Postgres(PostgresDatabase),
    /// On a server that the test itself started.
    Own(String),
}

impl TestDatabase {
    /// Creates a new one; for SQLite its file is in `directory`.
    pub(crate) async fn create(backend: Backend, directory: &Path) -> Result<Self> {
        match backend {
            Backend::Sqlite => {
                static TEMPLATE: OnceCell<Result<PathBuf, String>> = OnceCell::const_new();
                let prepare = async || {
                    sqlite_template()
                        .await
                        .map_err(|error| format!("{error:?}"))
                };
                let template = TEMPLATE.get_or_init(prepare).await;
                let template = template
                    .as_ref()
                    .map_err(|error| anyhow::anyhow!(error.clone()))?;
                let path = directory.join("hijrah.db");
                tokio::fs::copy(template, &path).await?;
                Ok(Self::Sqlite(path))
            }
            Backend::Postgres => Ok(Self::Postgres(PostgresDatabase::create().await?)),
        }
    }

    /// Its address.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => sqlite_url(path),
            Self::Postgres(database) => database.url.clone(),
            Self::Own(url) => url.clone(),
        }
    }
}

fn sqlite_url(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}

/// A migrated and seeded file without a journal, ready to be copied.
async fn sqlite_template() -> Result<PathBuf> {
    let path = janitor::run_directory().join("template.db");
    let url = sqlite_url(&path);
    let prepare = {
        let url = url.clone();
        move || {
            run("migration", &["up"], &url)?;
            run("seed", &[], &url)
        }
    };
    tokio::task::spawn_blocking(prepare).await??;
    let mut connection = SqliteConnection::connect(&url).await?;
    sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        .execute(&mut connection)
        .await?;
    connection.close().await?;
    Ok(path)
}
