//! The settings of the adapter. The program reads the environment; this crate does not.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use secrecy::SecretString;

/// Where the pages of the web console come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsolePages {
    /// Without the console.
    Off,
    /// The binary, if it was built with them.
    Embedded,
    /// A folder that is read for every request.
    Folder(PathBuf),
}

/// Settings of the HTTP adapter.
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Largest file of an upload in bytes.
    pub max_upload_bytes: u64,
    /// Requests a minute for each user, and for each address while unauthenticated.
    pub rate_limit_per_minute: NonZeroU32,
    /// The web console under `/console/`.
    pub console: ConsolePages,
    /// Origins that browsers may call from; `*` allows every origin. Empty: none.
    pub allowed_origins: Vec<String>,
    /// Networks of the reverse proxies whose `X-Forwarded-For` is trusted.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the cookie of a session goes over HTTPS alone. Browsers refuse such a cookie from a server without it.
    pub secure_cookies: bool,
    /// How long a body may make no progress.
    pub body_idle_timeout: Duration,
    /// How long a body may take in all, unless it keeps the least rate over each such span of time.
    pub body_deadline: Duration,
    /// Bytes a second that a body must keep after its deadline. 4 KiB is the rate of a telephone with EDGE: 10 MB take
    /// 43 minutes at most.
    pub body_least_rate: u64,
    /// How long a client may read nothing of an answer or of waiting events before its connection is closed.
    pub unread_timeout: Duration,
    /// How often open sockets are pinged.
    pub ping_interval: Duration,
    /// Open sockets for each user.
    pub sockets_per_user: usize,
    /// The bearer token that a scraper of the metrics must send; with `None` anyone who reaches the address can read them.
    pub metrics_token: Option<SecretString>,
    /// Whether the metrics are served only on a separate address.
    pub metrics_are_apart: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            max_upload_bytes: 10 * 1024 * 1024,
            rate_limit_per_minute: NonZeroU32::new(100).unwrap_or(NonZeroU32::MIN),
            console: ConsolePages::Embedded,
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            secure_cookies: true,
            body_idle_timeout: Duration::from_secs(15),
            body_deadline: Duration::from_mins(1),
            body_least_rate: 4 * 1024,
            unread_timeout: Duration::from_mins(1),
            ping_interval: Duration::from_secs(20),
            sockets_per_user: 10,
            metrics_token: None,
            metrics_are_apart: false,
        }
    }
}
