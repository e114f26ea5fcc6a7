//! The configuration: one struct per concern, read from the environment and `.env` through `settings`. All mistakes are reported
//! at once, by the name of the variable and never with its value.

use std::time::Duration;

use http_api::{ConsolePages, HttpConfig};
use repositories::DatabaseConfig;
use secrecy::{ExposeSecret, SecretString};
use services::{ServicesConfig, StorageConfig, WorkerConfig};
use settings::{AppEnv, DatabaseSettings, Engine, Environment, Mistakes, Reader};

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;

/// Used in development when `ADMIN_PASSWORD` says nothing.
pub(crate) const DEFAULT_ADMIN_PASSWORD: &str = "admin123";

/// What is logged when `RUST_LOG` says nothing.
const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off";

/// Where the server listens.
#[derive(Debug, Clone)]
pub(crate) struct ListenConfig {
    /// `HOST`, default `127.0.0.1`.
    pub(crate) host: String,
    /// `PORT`, default 5000; 0 takes a free one.
    pub(crate) port: u16,
    /// `METRICS_ADDR`: where the metrics are served, if not with everything else.
    pub(crate) metrics: Option<SocketAddr>,
}

/// What is logged and how.
#[derive(Debug, Clone)]
pub(crate) struct LogConfig {
    /// `RUST_LOG`, default `info`, without what the web server says of broken requests: anyone can send those.
    pub(crate) filter: String,
    /// `LOG_FORMAT`: `pretty` or `json`; default `json` in production.
    pub(crate) json: bool,
    /// `OTLP_ENDPOINT`: the collector that traces are sent to, if the program was built with the feature `otlp`.
    #[cfg(feature = "otlp")]
    pub(crate) otlp_endpoint: Option<String>,
}

/// The configuration of the server.
#[derive(Clone)]
pub(crate) struct Config {
    app_env: AppEnv,
    pub(crate) listen: ListenConfig,
    pub(crate) log: LogConfig,
    pub(crate) addresses: DatabaseSettings,
    pub(crate) database: DatabaseConfig,
    pub(crate) storage: StorageConfig,
    pub(crate) services: ServicesConfig,
    pub(crate) worker: WorkerConfig,
    pub(crate) http: HttpConfig,
    /// `ADMIN_PASSWORD` of the seeded `admin`.
    pub(crate) admin_password: SecretString,
    has_own_admin_password: bool,
}

impl Config {
    /// Reads every variable.
    pub(crate) fn read(environment: &Environment) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(environment);
        let config = Self::read_with(&mut reader);
        reader.finish(|| config)
    }

    /// Reads every variable; what is not usable is replaced and noted by the reader, so the result is worth nothing before the
    /// reader has finished.
    pub(crate) fn read_with(reader: &mut Reader) -> Self {
        let app_env = reader.app_env();
        let listen = ListenConfig::read(reader);
        let log = LogConfig::read(reader, app_env);
        let worker = worker(reader);
        let addresses = DatabaseSettings::read(reader, app_env);
        let database = database(reader, &addresses, worker.lease);
        let storage = StorageConfig::read(reader);
        let max_upload_bytes = reader.number("MAX_UPLOAD_BYTES", 10 * 1024 * 1024, 1, 1 << 40);
        let services = services(reader, app_env, max_upload_bytes);
        let http = http(reader, app_env, max_upload_bytes, listen.metrics.is_some());
        let own_admin_password = reader.secret("ADMIN_PASSWORD");
        if let (AppEnv::Production, Some(password)) = (app_env, &own_admin_password)
            && password
                .expose_secret()
                .eq_ignore_ascii_case(DEFAULT_ADMIN_PASSWORD)
        {
            reader.refuse(
                "ADMIN_PASSWORD",
                "is the default one, which production refuses",
            );
        }
        Self {
            app_env,
            listen,
            log,
            addresses,
            database,
            storage,
            services,
            worker,
            http,
            has_own_admin_password: own_admin_password.is_some(),
            admin_password: own_admin_password.unwrap_or_else(|| DEFAULT_ADMIN_PASSWORD.into()),
        }
    }

    pub(crate) fn is_development(&self) -> bool {
        self.app_env == AppEnv::Development
    }

    /// In development on SQLite one command runs the whole product.
    pub(crate) fn migrates_by_itself(&self) -> bool {
        self.is_development() && self.addresses.url.engine() == Engine::Sqlite
    }

    /// Where the admin's password is to be found; itself only when it is the well-known one.
    pub(crate) const fn admin_password_hint(&self) -> &'static str {
        if self.has_own_admin_password {
            "the password of ADMIN_PASSWORD"
        } else {
            "password 'admin123'"
        }
    }
}

impl ListenConfig {
    /// The address settings alone, for commands that only need to find the server.
    pub(crate) fn alone(environment: &Environment) -> Result<Self, Mistakes> {
        let mut reader = Reader::new(environment);
        let listen = Self::read(&mut reader);
        reader.finish(|| listen)
    }

    fn read(reader: &mut Reader) -> Self {
        Self {
            host: reader.text_or("HOST", "127.0.0.1"),
            port: reader.parsed("PORT", 5000, "a port number, 0 to 65535"),
            metrics: reader.parsed_if_set(
                "METRICS_ADDR",
                "an IP address with a port such as '127.0.0.1:9464' or '[::]:9464'",
            ),
        }
    }
}

impl LogConfig {
    fn read(reader: &mut Reader, app_env: AppEnv) -> Self {
        let (json, pretty) = (("json", true), ("pretty", false));
        let json = match app_env {
            AppEnv::Production => reader.choice("LOG_FORMAT", json, pretty),
            AppEnv::Development => reader.choice("LOG_FORMAT", pretty, json),
        };
        let filter = reader.text_or("RUST_LOG", DEFAULT_FILTER);
        if tracing_subscriber::EnvFilter::try_new(&filter).is_err() {
            reader.refuse(
                "RUST_LOG",
                "is not a list of levels such as 'info,services=debug'",
            );
        }
        // Its span of connecting shows the address with its password.
        let filter = format!("{filter},sea_orm::database=off,sea_orm::driver=off");
        let otlp_endpoint = reader.web_address("OTLP_ENDPOINT");
        if cfg!(not(feature = "otlp")) && otlp_endpoint.is_some() {
            reader.refuse(
                "OTLP_ENDPOINT",
                "is set, but this program was built without traces; build it with `--features otlp`",
            );
        }
        Self {
            filter,
            json,
            #[cfg(feature = "otlp")]
            otlp_endpoint,
        }
    }
}

fn worker(reader: &mut Reader) -> WorkerConfig {
    let default = WorkerConfig::default();
    WorkerConfig {
        concurrency: reader.parsed("WORKER_CONCURRENCY", default.concurrency, "a whole number"),
        lease: reader.seconds("LEASE_SECONDS", default.lease, 3600),
    }
}

fn database(reader: &mut Reader, addresses: &DatabaseSettings, lease: Duration) -> DatabaseConfig {
    DatabaseConfig {
        url: addresses.url.expose().to_owned(),
        owner_url: addresses
            .owner_url
            .as_ref()
            .map(|owner| owner.expose().to_owned()),
        max_connections: reader
            .number("DATABASE_MAX_CONNECTIONS", 16, 1, 1000)
            .try_into()
            .unwrap_or(16),
        lease,
    }
}

fn services(reader: &mut Reader, app_env: AppEnv, max_upload_bytes: u64) -> ServicesConfig {
    let jwt_secret = settings::jwt_secret(reader, app_env);
    let mut services = ServicesConfig::new(jwt_secret);
    services.max_upload_bytes = max_upload_bytes;
    services.max_concurrent_imports = reader
        .number("MAX_CONCURRENT_IMPORTS", 10, 1, 1_000_000)
        .try_into()
        .unwrap_or(10);
    services.file_retention = reader.days("FILE_RETENTION_DAYS", services.file_retention);
    services.error_retention = reader.days("ERROR_RETENTION_DAYS", services.error_retention);
    services.webhooks_may_call_loopback = webhook_loopback(reader, app_env);
    services
}

/// `WEBHOOK_ALLOW_LOOPBACK`: in production it would let every agency call what listens on the server's own machine.
fn webhook_loopback(reader: &mut Reader, app_env: AppEnv) -> bool {
    let is_open = reader.choice("WEBHOOK_ALLOW_LOOPBACK", ("false", false), ("true", true));
    if is_open && app_env == AppEnv::Production {
        reader.refuse(
            "WEBHOOK_ALLOW_LOOPBACK",
            "is 'true', which production refuses",
        );
    }
    is_open
}

/// `CONSOLE_ENABLED` and `CONSOLE_ASSETS`.
fn console(reader: &mut Reader) -> ConsolePages {
    let is_on = reader.choice("CONSOLE_ENABLED", ("true", true), ("false", false));
    let folder = reader.text("CONSOLE_ASSETS").map(PathBuf::from);
    if !is_on {
        return ConsolePages::Off;
    }
    let Some(folder) = folder else {
        return ConsolePages::Embedded;
    };
    if !folder.join("index.html").is_file() {
        reader.refuse("CONSOLE_ASSETS", "is not a folder with an index.html");
    }
    ConsolePages::Folder(folder)
}

fn http(
    reader: &mut Reader,
    app_env: AppEnv,
    max_upload_bytes: u64,
    metrics_are_apart: bool,
) -> HttpConfig {
    let default = HttpConfig::default();
    let rate = reader.number("RATE_LIMIT_PER_MINUTE", 100, 1, 1_000_000_000);
    HttpConfig {
        max_upload_bytes,
        rate_limit_per_minute: u32::try_from(rate)
            .ok()
            .and_then(NonZeroU32::new)
            .unwrap_or(default.rate_limit_per_minute),
        console: console(reader),
        allowed_origins: reader.origins("ALLOWED_ORIGINS"),
        trusted_proxies: reader.networks("TRUSTED_PROXIES"),
        // A development server speaks plain HTTP.
        secure_cookies: app_env != AppEnv::Development,
        body_idle_timeout: reader.seconds("BODY_IDLE_SECONDS", default.body_idle_timeout, 3600),
        body_deadline: reader.seconds("BODY_DEADLINE_SECONDS", default.body_deadline, 86_400),
        body_least_rate: reader.number(
            "BODY_LEAST_BYTES_PER_SECOND",
            default.body_least_rate,
            0,
            1 << 30,
        ),
        unread_timeout: reader.seconds("UNREAD_SECONDS", default.unread_timeout, 3600),
        ping_interval: reader.seconds("PING_SECONDS", default.ping_interval, 3600),
        metrics_token: metrics_token(reader),
        metrics_are_apart,
        ..default
    }
}

/// `METRICS_TOKEN`.
fn metrics_token(reader: &mut Reader) -> Option<SecretString> {
    /// As many as a random word of 96 bits has in Base64.
    const LEAST: usize = 16;
    let token = reader.secret("METRICS_TOKEN")?;
    if token.expose_secret().len() < LEAST {
        reader.refuse("METRICS_TOKEN", "has fewer than 16 characters");
    }
    Some(token)
}

#[cfg(test)]
mod tests;
