//! Claims about the configuration as a whole.

use super::*;

/// Random enough for production.
const GOOD: &str = "q8Zr0V5mJ2yKcT7wX1bN4hL9sD6fG3pA+/uE";

fn mistakes<const N: usize>(variables: [(&str, &str); N]) -> String {
    Config::read(&Environment::from(variables))
        .err()
        .unwrap()
        .to_string()
}

#[test]
fn reports_all_mistakes_at_once_and_never_a_value() {
    let report = mistakes([
        ("JWT_SECRET", "too-short-Zz9"),
        ("PORT", "99999"),
        ("DATABASE_URL", "mysql://root:hunter2@db/x"),
        ("STORAGE_URL", "ftp://hunter2"),
        ("RATE_LIMIT_PER_MINUTE", "0"),
        ("LOG_FORMAT", "xml"),
        ("ALLOWED_ORIGINS", "intranet.lan"),
        ("TRUSTED_PROXIES", "proxy"),
        ("S3_SECRET_ACCESS_KEY_FILE", "/does/not/exist"),
    ]);
    for name in [
        "JWT_SECRET",
        "PORT",
        "DATABASE_URL",
        "STORAGE_URL",
        "RATE_LIMIT_PER_MINUTE",
        "LOG_FORMAT",
        "ALLOWED_ORIGINS",
        "TRUSTED_PROXIES",
        "S3_SECRET_ACCESS_KEY_FILE",
    ] {
        assert_eq!(report.matches(name).count(), 1, "{name} in {report}");
    }
    for value in ["Zz9", "99999", "hunter2", "xml", "intranet"] {
        assert!(!report.contains(value), "{value} in {report}");
    }
}

#[test]
fn production_refuses_missing_short_and_known_secrets() {
    let production = ("APP_ENV", "production");
    assert!(mistakes([production]).contains("JWT_SECRET"));
    assert!(mistakes([production, ("JWT_SECRET", "short")]).contains("JWT_SECRET"));
    let placeholder = "change-me-change-me-change-me-change-me";
    assert!(mistakes([production, ("JWT_SECRET", placeholder)]).contains("JWT_SECRET"));
    let report = mistakes([
        production,
        ("JWT_SECRET", GOOD),
        ("ADMIN_PASSWORD", "admin123"),
    ]);
    assert!(report.contains("ADMIN_PASSWORD") && !report.contains("JWT_SECRET"));
    assert!(mistakes([("APP_ENV", "prod"), ("JWT_SECRET", GOOD)]).contains("APP_ENV"));
}

#[test]
fn production_logs_json_and_changes_no_schema() {
    let config = Config::read(&Environment::from([
        ("APP_ENV", "production"),
        ("DATABASE_URL", "sqlite://data/hijrah.db"),
        ("JWT_SECRET", GOOD),
    ]))
    .unwrap();
    assert!(config.log.json);
    assert!(!config.migrates_by_itself());
}

#[test]
fn a_variable_overrides_each_default() {
    let config = Config::read(&Environment::from([
        ("JWT_SECRET", GOOD),
        ("DATABASE_CONN", "postgresql://user:pw@db/hijrah"),
        ("MAX_UPLOAD_BYTES", "1000"),
        ("WORKER_CONCURRENCY", "0"),
        ("LEASE_SECONDS", "3"),
        (
            "ALLOWED_ORIGINS",
            "https://a.example, http://localhost:3000/",
        ),
        ("TRUSTED_PROXIES", "10.0.0.0/8,127.0.0.1"),
        ("PORT", "0"),
        ("HOST", ""),
    ]))
    .unwrap();
    assert_eq!(config.database.url, "postgres://user:pw@db/hijrah");
    assert_eq!(config.http.max_upload_bytes, 1000);
    assert_eq!(config.services.max_upload_bytes, 1000);
    assert_eq!(config.worker.concurrency, 0);
    assert_eq!(config.worker.lease, Duration::from_secs(3));
    assert_eq!(
        config.http.allowed_origins,
        ["https://a.example", "http://localhost:3000"]
    );
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(
        (config.listen.host.as_str(), config.listen.port),
        ("127.0.0.1", 0)
    );
    assert!(!config.migrates_by_itself());
}

#[test]
fn reads_a_secret_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, format!("{GOOD}\n")).unwrap();
    let config = Config::read(&Environment::from([
        ("APP_ENV", "production"),
        ("DATABASE_URL", "postgres://hijrah@db/hijrah"),
        ("JWT_SECRET_FILE", path.to_str().unwrap()),
    ]))
    .unwrap();
    assert_eq!(config.services.jwt_secret.expose_secret(), GOOD);
}

#[test]
fn only_development_lets_webhooks_call_this_machine() {
    let setting = |text| ("WEBHOOK_ALLOW_LOOPBACK", text);
    let production = [
        ("APP_ENV", "production"),
        ("JWT_SECRET", GOOD),
        setting("true"),
    ];
    assert!(mistakes(production).contains("WEBHOOK_ALLOW_LOOPBACK"));
    let development = |text| {
        mistakes([
            ("APP_ENV", "development"),
            ("JWT_SECRET", GOOD),
            ("PORT", "x"),
            setting(text),
        ])
    };
    assert!(development("yes").contains("WEBHOOK_ALLOW_LOOPBACK"));
    assert!(!development("true").contains("WEBHOOK_ALLOW_LOOPBACK"));
}
