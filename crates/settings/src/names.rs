//! The names of all variables, and what a misspelt one was probably meant to be.

/// A variable that some program reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Whether its value is hidden and may be in a file that `<NAME>_FILE` names.
    pub is_secret: bool,
}

const fn plain(name: &'static str) -> Variable {
    Variable {
        name,
        is_secret: false,
    }
}

const fn secret(name: &'static str) -> Variable {
    Variable {
        name,
        is_secret: true,
    }
}

/// Every variable; `.env.example` explains each.
pub const NAMES: &[Variable] = &[
    plain("APP_ENV"),
    secret("DATABASE_URL"),
    secret("DATABASE_CONN"),
    secret("DATABASE_OWNER_URL"),
    plain("DATABASE_MAX_CONNECTIONS"),
    plain("HOST"),
    plain("PORT"),
    secret("JWT_SECRET"),
    plain("STORAGE_URL"),
    plain("S3_ENDPOINT"),
    plain("S3_REGION"),
    secret("S3_ACCESS_KEY_ID"),
    secret("S3_SECRET_ACCESS_KEY"),
    secret("STORAGE_KEYS"),
    plain("FILE_RETENTION_DAYS"),
    plain("ERROR_RETENTION_DAYS"),
    plain("MAX_UPLOAD_BYTES"),
    plain("RATE_LIMIT_PER_MINUTE"),
    plain("MAX_CONCURRENT_IMPORTS"),
    plain("WORKER_CONCURRENCY"),
    plain("LEASE_SECONDS"),
    plain("WEBHOOK_ALLOW_LOOPBACK"),
    plain("CONSOLE_ENABLED"),
    plain("CONSOLE_ASSETS"),
    plain("ALLOWED_ORIGINS"),
    plain("TRUSTED_PROXIES"),
    plain("BODY_IDLE_SECONDS"),
    plain("BODY_DEADLINE_SECONDS"),
    plain("BODY_LEAST_BYTES_PER_SECOND"),
    plain("UNREAD_SECONDS"),
    plain("PING_SECONDS"),
    plain("METRICS_ADDR"),
    secret("METRICS_TOKEN"),
    plain("OTLP_ENDPOINT"),
    plain("RUST_LOG"),
    plain("LOG_FORMAT"),
    secret("ADMIN_PASSWORD"),
    plain("TENANT_NAME"),
];

/// What the name of a file with a secret ends in.
pub(crate) const FILE: &str = "_FILE";

/// Whether some program reads a variable of this name.
pub(crate) fn is_known(name: &str) -> bool {
    let is_name = |name: &str| NAMES.iter().any(|known| known.name == name);
    is_name(name) || name.strip_suffix(FILE).is_some_and(is_secret)
}

fn is_secret(name: &str) -> bool {
    NAMES
        .iter()
        .any(|known| known.is_secret && known.name == name)
}

/// The warning about a name that no program reads but that resembles one.
pub(crate) fn remark(name: &str) -> Option<String> {
    if is_known(name) {
        return None;
    }
    if let Some(stem) = name.strip_suffix(FILE)
        && NAMES.iter().any(|known| known.name == stem)
    {
        return Some(format!(
            "{name} is not read: only secrets may stand in a file; set {stem}"
        ));
    }
    let upper = name.to_ascii_uppercase();
    let candidates = NAMES.iter().flat_map(|known| {
        let file = known.is_secret.then(|| format!("{}{FILE}", known.name));
        std::iter::once(known.name.to_owned()).chain(file)
    });
    let nearest = candidates
        .map(|known| (strsim::osa_distance(&upper, &known), known))
        .min_by_key(|(distance, known)| (*distance, known.len()))?;
    // Many words resemble a short name; a long one with two differences is still no coincidence.
    let tolerated = if nearest.1.len() <= 5 { 1 } else { 2 };
    (nearest.0 <= tolerated).then(|| format!("{name} is not read; is {} meant?", nearest.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_out_names_that_resemble_ours_and_leaves_others_alone() {
        for (name, meant) in [
            ("PORTT", "PORT"),
            ("PROT", "PORT"),
            ("port", "PORT"),
            ("DATABSE_URL", "DATABASE_URL"),
            ("DATABASE_URI", "DATABASE_URL"),
            ("DATABASE_URL_FIL", "DATABASE_URL_FILE"),
            ("ADMIN_PASWORD", "ADMIN_PASSWORD"),
            ("JWT_SECRETS", "JWT_SECRET"),
            ("APPENV", "APP_ENV"),
            ("PORT_FILE", "PORT"),
        ] {
            let remark = remark(name).unwrap_or_default();
            assert!(remark.contains(meant), "{name}: {remark}");
        }
        for name in [
            "PATH",
            "HOME",
            "HOSTNAME",
            "USER",
            "PWD",
            "LANG",
            "DATABASE_URL_FILE",
            "PORT",
        ] {
            assert_eq!(remark(name), None);
        }
    }
}
