//! The server program: reads the configuration, wires the layers, serves until it is stopped. No logic.

mod cli;
mod config;
mod development;
mod healthcheck;
mod inspect_config;
mod once;
mod scrub;
mod shutdown;
mod telemetry;
#[cfg(feature = "otlp")]
mod traces;

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Parser;
use http_api::{Api, ConsolePages, Metrics};
use repositories::Database;
use services::{ObjectStorage, Services, SystemClock, Worker};

use settings::Environment;

use cli::{Cli, Command, StorageCommand};
use config::{Config, DEFAULT_ADMIN_PASSWORD};

/// The system's allocator keeps an arena with the freed memory of every thread that ever ran a job: the server grew by 20 MB with
/// each large import. Settings: `.cargo/config.toml`.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    match run() {
        Ok(code) => code,
        Err(error) => {
            explain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<ExitCode> {
    let command = Cli::parse().command;
    let environment = Environment::of_process()?;
    if let Some(Command::Healthcheck { what }) = command {
        return Ok(healthcheck::run(&environment, what));
    }
    if let Some(Command::Config(command)) = command {
        return Ok(inspect_config::run(&environment, command));
    }
    let config = Config::read(&environment)?;
    // Held to the end: unsent spans are sent when it is dropped.
    let _traces = telemetry::init(&config.log)?;
    for remark in environment.remarks() {
        tracing::warn!("{remark}");
    }
    config.addresses.url.prepare_file()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")?;
    runtime.block_on(async {
        match command {
            // The first two have ended above.
            Some(Command::Healthcheck { .. } | Command::Config(_)) => Ok(()),
            None => serve(config).await,
            Some(Command::Storage(StorageCommand::Rekey)) => once::rekey(&config).await,
            Some(Command::Backup { folder }) => once::back_up(&config, &folder).await,
            Some(Command::Restore { folder }) => once::restore(&config, &folder).await,
        }
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: Config) -> Result<()> {
    let metrics = Metrics::install().context("could not install the metrics")?;
    metrics.describe_build(env!("CARGO_PKG_VERSION"), cli::revision());
    if config.migrates_by_itself() {
        development::migrate(config.addresses.owner()).await?;
    }
    let database = Database::connect(&config.database)
        .await
        .context("could not connect to the database (DATABASE_URL)")?;
    if !database.schema_is_at_head().await? {
        bail!("the database schema is not what this version needs: run `migration up` first");
    }
    if config.addresses.owner_url.is_none() && database.row_security().await?.binds_role() {
        bail!(
            "the role of DATABASE_URL does not own the tables, so it could neither log anybody in nor import: \
             set DATABASE_OWNER_URL to the owner's address"
        );
    }
    if config.migrates_by_itself() {
        development::seed(&database, &config.admin_password).await?;
    }
    let storage = open_storage(&config).await?;
    let services = Services::new(
        database.clone(),
        storage,
        Arc::new(SystemClock),
        config.services.clone(),
    )?;
    if !config.is_development()
        && services
            .sessions
            .is_open_to("admin", DEFAULT_ADMIN_PASSWORD)
            .await?
    {
        bail!(
            "user 'admin' of this database still has the password that everybody knows, which production refuses: \
             start with APP_ENV=development where no one else can reach it, and change the password first"
        );
    }
    let worker = Worker::spawn(&services, config.worker);
    let listener = listen(&config.listen.host, config.listen.port)?;
    let metrics_listener = config.listen.metrics.map(listen_for_metrics).transpose()?;
    let metrics_address = metrics_listener.as_ref().map(TcpListener::local_addr);
    let api = Api::new(services, config.http.clone(), metrics)?;
    let running = api.serve(listener, metrics_listener)?;
    if let Some(address) = metrics_address.transpose()? {
        settings::say!("metrics on http://{address}/metrics");
    }
    announce(running.address(), &config);
    shutdown::serve_until_signalled(running, worker).await?;
    database.close().await;
    Ok(())
}

/// Opens the storage and tests it. Wrong credentials and a missing bucket are permanent errors; a storage that does not answer may
/// come back, and until then the server is not ready.
async fn open_storage(config: &Config) -> Result<ObjectStorage> {
    let storage = ObjectStorage::open(&config.storage).context("could not open STORAGE_URL")?;
    match storage.probe().await {
        Ok(()) => {}
        Err(error) if error.is_misconfigured() => {
            return Err(error).context("the storage refuses this server (STORAGE_URL, S3_*)");
        }
        Err(error) => tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the storage does not answer; the server is not ready until it does"
        ),
    }
    match config.storage.keys.writing() {
        Some(key) => tracing::info!(storage.key = %key, "encrypts stored files"),
        None if config.is_development() => {}
        None => tracing::warn!("stored files are not encrypted: STORAGE_KEYS is not set"),
    }
    Ok(storage)
}

fn listen(host: &str, port: u16) -> Result<TcpListener> {
    let addresses = (host, port)
        .to_socket_addrs()
        .with_context(|| format!("HOST '{host}' has no address"))?
        .collect::<Vec<SocketAddr>>();
    TcpListener::bind(addresses.as_slice())
        .with_context(|| format!("could not listen on {host}:{port}"))
}

fn listen_for_metrics(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address)
        .with_context(|| format!("could not listen on {address} (METRICS_ADDR)"))
}

fn announce(address: SocketAddr, config: &Config) {
    settings::say!("listening on http://{address}");
    if config.http.console != ConsolePages::Off {
        settings::say!("open http://{address}/console/ in a browser");
    }
    if config.is_development() {
        settings::say!(
            "log in as user 'admin' with {}",
            config.admin_password_hint()
        );
        settings::say!("documentation: http://{address}/api/docs/");
    }
}

fn explain(error: &anyhow::Error) {
    settings::complain!("error: {error:#}");
}
