//! A server with its own database, and the function through which every test runs on both engines.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::Duration;

use anyhow::Result;

use super::client::Client;
use super::cluster::Cluster;
use super::database::TestDatabase;
use super::direct::Direct;
use super::files::{any_package, files_below};
use super::janitor;
use super::postgres::run;
use super::server::Server;

/// Signs the tokens of every test server, so that they survive a restart.
pub(crate) const JWT_SECRET: &str = "a secret that only these tests use";
/// Of the seeded administrator.
pub(crate) const ADMIN: (&str, &str) = ("admin", "admin123");

/// The two engines that every end-to-end test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    /// The embedded default.
    Sqlite,
    /// Production.
    Postgres,
}

/// A running server with its database and its folder.
pub(crate) struct App {
    /// The engine under the server.
    pub(crate) backend: Backend,
    /// The server process.
    pub(crate) server: Server,
    settings: BTreeMap<String, String>,
    database: TestDatabase,
    directory: tempfile::TempDir,
}

impl App {
    /// Starts a server on a fresh database with the seeded tenant, with environment variables on top of the harness' own.
    pub(crate) async fn start(backend: Backend, extra: &[(&str, &str)]) -> Result<Self> {
        let directory = own_directory()?;
        let database = TestDatabase::create(backend, directory.path()).await?;
        Self::start_on(backend, database, directory, extra)
    }

    /// The same on a cluster of the test's own, which it may stop and start as it likes.
    pub(crate) async fn start_on_cluster(
        cluster: &Cluster,
        extra: &[(&str, &str)],
    ) -> Result<Self> {
        let url = cluster.url()?.to_string();
        let prepare = {
            let url = url.clone();
            move || {
                run("migration", &["up"], &url)?;
                run("seed", &[], &url)
            }
        };
        tokio::task::spawn_blocking(prepare).await??;
        Self::start_on(
            Backend::Postgres,
            TestDatabase::Own(url),
            own_directory()?,
            extra,
        )
    }

    fn start_on(
        backend: Backend,
        database: TestDatabase,
        directory: tempfile::TempDir,
        extra: &[(&str, &str)],
    ) -> Result<Self> {
        let mut settings: BTreeMap<String, String> = [
            ("APP_ENV", "development"),
            ("HOST", "127.0.0.1"),
            ("PORT", "0"),
            ("JWT_SECRET", JWT_SECRET),
            ("STORAGE_URL", "file://data/uploads"),
            // Tests ask often; the limit has tests of its own.
            ("RATE_LIMIT_PER_MINUTE", "1000000"),
            // After a kill another process should not take half a minute to take over.
            ("LEASE_SECONDS", "3"),
            ("RUST_LOG", "info"),
        ]
        .into_iter()
        .chain(extra.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
        settings.insert("DATABASE_URL".to_owned(), database.url());
        let server = Server::start(directory.path(), &settings)?;
        Ok(Self {
            backend,
            server,
            settings,
            database,
            directory,
        })
    }

    /// A client without a token.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.server.base)
    }

    /// A client logged in as the seeded administrator.
    pub(crate) async fn admin(&self) -> Result<Client> {
        self.client().login(ADMIN.0, ADMIN.1).await
    }

    /// The seeded administrator, and the id of a package of their tenant.
    pub(crate) async fn admin_with_package(&self) -> Result<(Client, String)> {
        let admin = self.admin().await?;
        let package = any_package(&admin).await?;
        Ok((admin, package))
    }

    /// Another tenant, created with the `seed` program, with its administrator logged in.
    pub(crate) async fn other_tenant(&self) -> Result<Client> {
        self.tenant("lain").await
    }

    /// A tenant of this name, with `admin-<name>` logged in.
    pub(crate) async fn tenant(&self, name: &str) -> Result<Client> {
        let (username, password) = (format!("admin-{name}"), format!("rahasia-{name}"));
        let (title, slug) = (format!("Agensi {name}"), format!("agensi-{name}"));
        let url = self.database.url();
        let make = {
            let (username, password) = (username.clone(), password.clone());
            move || {
                let arguments = [
                    "tenant",
                    "--name",
                    &title,
                    "--slug",
                    &slug,
                    "--admin-username",
                    &username,
                    "--admin-password",
                    &password,
                ];
                run("seed", &arguments, &url)
            }
        };
        tokio::task::spawn_blocking(make).await??;
        self.client().login(&username, &password).await
    }

    /// A user of the seeded tenant with this role (`owner`, `agent`), logged in.
    pub(crate) async fn user(&self, username: &str, role: &str) -> Result<Client> {
        let admin = self.admin().await?;
        let body = serde_json::json!({
            "username": username,
            "password": "rahasia-sekali",
            "role": role,
            "nama_lengkap": format!("Pengguna {username}"),
            "email": format!("{username}@contoh.id"),
        });
        admin
            .post_json("/api/v1/users", &body)
            .await?
            .expect_status(201)?;
        self.client().login(username, "rahasia-sekali").await
    }

    /// A second server on the same database and folder.
    pub(crate) fn another_server(&self, extra: &[(&str, &str)]) -> Result<Server> {
        let mut settings = self.settings.clone();
        for (name, value) in extra {
            settings.insert((*name).to_owned(), (*value).to_owned());
        }
        Server::start(self.directory.path(), &settings)
    }

    /// Starts the server again with the data of the last one.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.server.kill()?;
        self.server = Server::start(self.directory.path(), &self.settings)?;
        Ok(())
    }

    /// The one integer that a query answers, on whichever engine.
    pub(crate) async fn number(&self, query: &str) -> Result<i64> {
        self.direct().await?.number(query).await
    }

    /// Runs statements directly on the database.
    pub(crate) async fn execute(&self, statements: &str) -> Result<()> {
        self.direct().await?.execute(statements).await
    }

    /// A direct connection to the database.
    pub(crate) async fn direct(&self) -> Result<Direct> {
        Direct::connect(&self.database.url()).await
    }

    /// Where [`Direct`] connects to.
    pub(crate) fn database_url(&self) -> String {
        self.database.url()
    }

    /// How many uploaded files the server keeps.
    pub(crate) fn stored_files(&self) -> Result<usize> {
        Ok(files_below(&self.uploads())?.len())
    }

    /// The folder of uploaded files.
    pub(crate) fn uploads(&self) -> PathBuf {
        self.directory.path().join("data/uploads")
    }

    /// The folder in which the server runs.
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The environment that the server was started with.
    pub(crate) fn settings(&self) -> &BTreeMap<String, String> {
        &self.settings
    }

    /// Ends the server and removes the database.
    pub(crate) async fn close(mut self) -> Result<()> {
        self.server.kill()?;
        match self.database {
            TestDatabase::Sqlite(_) | TestDatabase::Own(_) => Ok(()),
            TestDatabase::Postgres(database) => database.remove().await,
        }
    }
}

fn own_directory() -> Result<tempfile::TempDir> {
    Ok(tempfile::Builder::new()
        .prefix("server-")
        .tempdir_in(janitor::run_directory())?)
}

/// How long a test may take: `TEST_MINUTES`, else three minutes.
pub(crate) fn longest_test() -> Duration {
    let minutes = std::env::var("TEST_MINUTES").ok();
    Duration::from_mins(minutes.and_then(|text| text.parse().ok()).unwrap_or(3))
}

/// A test: a claim about a running app.
pub(crate) type Claim = for<'a> fn(&'a mut App) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// Runs a claim on a new app of one engine. Every end-to-end test goes through here.
pub(crate) fn prove(backend: Backend, extra: &[(&str, &str)], claim: Claim) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("builds a runtime");
    runtime.block_on(async {
        let mut app = App::start(backend, extra).await.expect("starts a server");
        if let Err(error) = tokio::time::timeout(longest_test(), claim(&mut app))
            .await
            .unwrap_or_else(|_| Err(anyhow::anyhow!("the test took too long")))
        {
            panic!("on {backend:?}: {error:?}");
        }
        app.close().await.expect("removes the database");
    });
}

/// Makes a test of each claim, once per engine: `on_both_engines! { claim, other_claim }`, with settings of the server
/// `on_both_engines! { ["LEASE_SECONDS" = "1"] claim }`.
macro_rules! on_both_engines {
    (@one [$($name:literal = $value:expr),*] $claim:ident) => {
        mod $claim {
            use $crate::harness::{Backend, prove};

            #[test]
            fn sqlite() {
                prove(Backend::Sqlite, &[$(($name, $value)),*], |app| Box::pin(super::$claim(app)));
            }

            #[test]
            fn postgres() {
                prove(Backend::Postgres, &[$(($name, $value)),*], |app| Box::pin(super::$claim(app)));
            }
        }
    };
    ($($claim:ident),+ $(,)?) => { $(on_both_engines! { @one [] $claim })+ };
    ([$($name:literal = $value:expr),* $(,)?] $($claim:ident),+ $(,)?) => {
        on_both_engines! { @each [$($name = $value),*] $($claim),+ }
    };
    (@each $settings:tt $($claim:ident),+) => { $(on_both_engines! { @one $settings $claim })+ };
}

pub(crate) use on_both_engines;

/// The same for what only several processes on PostgreSQL can do.
macro_rules! on_postgres {
    ([$($name:literal = $value:expr),* $(,)?] $($claim:ident),+ $(,)?) => {
        on_postgres! { @each [$($name = $value),*] $($claim),+ }
    };
    (@each $settings:tt $($claim:ident),+) => { $(on_postgres! { @one $settings $claim })+ };
    (@one [$($name:literal = $value:expr),*] $claim:ident) => {
        mod $claim {
            use $crate::harness::{Backend, prove};

            #[test]
            fn postgres() {
                prove(Backend::Postgres, &[$(($name, $value)),*], |app| Box::pin(super::$claim(app)));
            }
        }
    };
}

pub(crate) use on_postgres;
