//! Reads what the drivers say: which errors mean "try later", which constraint refused a row.

use sea_orm::{ConnAcquireErr, DbErr, RuntimeErr};

use crate::{RepositoryError, error::Source, table};

/// Unique indexes of the tables that are not records: what PostgreSQL and SQLite call them, and the field.
const UNIQUE: [(&str, &str, &str); 2] = [
    ("uq_user_username", "uq_user_username", "username"),
    ("tenants_slug_key", "tenants.slug", "slug"),
];

/// The field whose uniqueness a violation is about, where it is one that a user knows.
fn unique_field(violation: &str) -> Option<&'static str> {
    let keys = table::TABLES
        .iter()
        .flat_map(|table| table.keys.iter().map(|key| (table.name, key)));
    let key = keys
        .filter(|(table, key)| key.is_named_in(table, violation))
        .map(|(_, key)| key.field);
    let others = UNIQUE
        .iter()
        .filter(|(postgres, sqlite, _)| violation == *postgres || violation.contains(sqlite))
        .map(|(_, _, field)| *field);
    key.chain(others).next()
}

/// The field that refers through a foreign key. SQLite does not name the key.
fn referring_field(constraint: &str) -> Option<&'static str> {
    if constraint == "fk_migration_jobs_user" {
        return Some("user_id");
    }
    let mut references = table::TABLES.iter().flat_map(|table| &table.reference);
    let reference = references.find(|reference| reference.constraint == constraint)?;
    Some(reference.field)
}

/// What a database error comes down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not reachable, shutting down, overloaded or too slow.
    Unavailable,
    /// A transaction was sacrificed to another one: do it again.
    Conflict,
    /// SQLite has another writer: do it again, unless it was waited for already.
    Busy,
    /// A unique index refused; the field, where it is one a user knows.
    Unique(Option<&'static str>),
    /// A foreign key refused; the field, where the engine says.
    Foreign(Option<&'static str>),
    /// Another constraint or the type of a value refused (classes 22 and 23).
    Unstorable,
    /// A stored value is not of the type that the code expects.
    Unreadable,
    /// Anything else.
    Other,
}

/// What a driver's error comes down to.
pub(crate) fn kind(error: &sqlx::Error) -> Kind {
    let error = match error {
        sqlx::Error::Database(error) => error,
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::Protocol(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::BeginFailed
        | sqlx::Error::WorkerCrashed => return Kind::Unavailable,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => return Kind::Unreadable,
        _ => return Kind::Other,
    };
    let message = error.message();
    if error.is_unique_violation() {
        return Kind::Unique(unique_field(error.constraint().unwrap_or(message)));
    }
    if error.is_foreign_key_violation() {
        return Kind::Foreign(error.constraint().and_then(referring_field));
    }
    if error.is_check_violation() {
        return Kind::Unstorable;
    }
    if let Some(code) = error.code() {
        return by_code(&code);
    }
    Kind::Other
}

/// SQLSTATE of PostgreSQL (five characters), or the result code of SQLite in decimal.
fn by_code(code: &str) -> Kind {
    match code {
        "40001" | "40P01" => Kind::Conflict,
        // lock_timeout, statement_timeout, idle_in_transaction_session_timeout, too many connections
        "55P03" | "57014" | "25P03" | "53300" => Kind::Unavailable,
        _ if code.len() == 5 && (code.starts_with("08") || code.starts_with("57P")) => {
            Kind::Unavailable
        }
        _ if code.len() == 5 && (code.starts_with("22") || code.starts_with("23")) => {
            Kind::Unstorable
        }
        // SQLITE_BUSY and its extended codes
        "5" | "261" | "517" | "773" => Kind::Busy,
        // SQLITE_LOCKED, SQLITE_FULL, SQLITE_CANTOPEN
        "6" | "13" | "14" => Kind::Unavailable,
        _ => Kind::Other,
    }
}

impl From<sqlx::Error> for RepositoryError {
    fn from(error: sqlx::Error) -> Self {
        let kind = kind(&error);
        named(kind, error.into())
    }
}

impl From<DbErr> for RepositoryError {
    fn from(error: DbErr) -> Self {
        let kind = kind_of(&error);
        named(kind, error.into())
    }
}

/// What SeaORM's error comes down to.
fn kind_of(error: &DbErr) -> Kind {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(source))
        | DbErr::Exec(RuntimeErr::SqlxError(source))
        | DbErr::Query(RuntimeErr::SqlxError(source)) => kind(source),
        DbErr::Conn(_)
        | DbErr::ConnectionAcquire(ConnAcquireErr::Timeout | ConnAcquireErr::ConnectionClosed) => {
            Kind::Unavailable
        }
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => Kind::Unreadable,
        _ => Kind::Other,
    }
}

/// What the driver's error behind "unavailable" comes down to.
pub(crate) fn unavailable(error: &RepositoryError) -> Option<Kind> {
    let RepositoryError::Unavailable(source) = error else {
        return None;
    };
    let plain = source.downcast_ref().map(kind);
    plain.or_else(|| source.downcast_ref().map(kind_of))
}

fn named(kind: Kind, source: Source) -> RepositoryError {
    match kind {
        Kind::Unavailable | Kind::Conflict | Kind::Busy => RepositoryError::Unavailable(source),
        Kind::Unique(Some(field)) => RepositoryError::Duplicate { field },
        Kind::Foreign(Some(field)) => RepositoryError::MissingReference { field },
        Kind::Foreign(None) => RepositoryError::ForeignKey(source),
        Kind::Unreadable => RepositoryError::Unreadable(source),
        Kind::Unique(None) | Kind::Unstorable | Kind::Other => RepositoryError::Database(source),
    }
}

impl RepositoryError {
    /// For statements that store a row: a foreign key that refused is that of `field`.
    pub(crate) fn storing(self, field: &'static str) -> Self {
        match self {
            Self::ForeignKey(_) => Self::MissingReference { field },
            other => other,
        }
    }

    /// For statements that delete a row: a foreign key that refused is that of a row elsewhere.
    pub(crate) fn deleting(self) -> Self {
        match self {
            Self::ForeignKey(_) | Self::MissingReference { .. } => Self::InUse,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_may_be_done_again_by_its_code() {
        for code in ["40001", "40P01"] {
            assert_eq!(by_code(code), Kind::Conflict, "{code}");
        }
        for code in ["5", "261", "517", "773"] {
            assert_eq!(by_code(code), Kind::Busy, "{code}");
        }
        for code in ["57014", "55P03", "08006", "57P01", "13"] {
            assert_eq!(by_code(code), Kind::Unavailable, "{code}");
        }
        for code in ["22001", "23502"] {
            assert_eq!(by_code(code), Kind::Unstorable, "{code}");
        }
        assert_eq!(by_code("42P01"), Kind::Other);
    }
}
