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
    /// A fault of the system that is temporary or that an administrator ends: not reachable, shutting down, failing
    /// over, out of space, memory or connections, overloaded or too slow.
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
    match (code.len(), code.parse::<u32>()) {
        (SQLSTATE_LENGTH, _) => by_sqlstate(code),
        (_, Ok(code)) => by_sqlite_code(code),
        _ => Kind::Other,
    }
}

const SQLSTATE_LENGTH: usize = 5;

/// Faults of the system pass, or an administrator ends them: whole classes of them, because what a server reports while it runs
/// out of something or fails over differs from version to version.
fn by_sqlstate(code: &str) -> Kind {
    match code {
        "40001" | "40P01" => Kind::Conflict,
        // An index entry or a row that is too large for a page is a fault of the value.
        "54000" => Kind::Unstorable,
        // read_only_sql_transaction (a fail-over), idle_in_transaction_session_timeout, transaction_timeout,
        // object_in_use, lock_not_available, invalid_catalog_name (the database is being restored)
        "25006" | "25P03" | "25P04" | "55006" | "55P03" | "3D000" => Kind::Unavailable,
        _ => match code.get(..2) {
            // Connection, authorization, rollback of a transaction, resources, intervention of an operator (shutdown,
            // cancelled statements), the system under the database, its own internal errors.
            Some("08" | "28" | "40" | "53" | "57" | "58" | "XX") => Kind::Unavailable,
            Some("22" | "23") => Kind::Unstorable,
            _ => Kind::Other,
        },
    }
}

/// The low byte of an extended code is the code that it refines.
fn by_sqlite_code(code: u32) -> Kind {
    match code & 0xff {
        // SQLITE_BUSY
        5 => Kind::Busy,
        // SQLITE_PERM, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, CORRUPT, FULL, CANTOPEN, PROTOCOL, NOLFS, NOTADB
        3 | 6..=11 | 13..=15 | 22 | 26 => Kind::Unavailable,
        // SQLITE_TOOBIG, MISMATCH
        18 | 20 => Kind::Unstorable,
        // SQLITE_CONSTRAINT_NOTNULL, CONSTRAINT_DATATYPE; keys and checks were recognised before
        _ if code == 1299 || code == 3091 => Kind::Unstorable,
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

/// The kind of the driver's error that was reported as "unavailable".
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
    fn tells_faults_of_the_system_from_those_of_a_row_by_their_code() {
        for (kind, codes) in [
            (Kind::Conflict, &["40001", "40P01"][..]),
            // With their extended forms: recovery, snapshot, timeout.
            (Kind::Busy, &["5", "261", "517", "773"]),
            (
                Kind::Unavailable,
                &[
                    // PostgreSQL: connection, disk, memory, connections, fail-over, shutdown, timeouts, files, corruption.
                    "08006", "08P01", "53000", "53100", "53200", "53300", "53400", "25006", "57P01",
                    "57P02", "57P03", "57P05", "57014", "55P03", "55006", "58000", "58030",
                    "58P01", "25P03", "25P04", "28P01", "3D000", "40003", "XX000", "XX001",
                    "XX002",
                    // SQLite: full, read only and its kinds, input and output errors, cannot open, out of memory, corrupt.
                    "13", "8", "264", "520", "776", "1032", "1288", "10", "266", "522", "778",
                    "3338", "8714", "14", "270", "526", "7", "6", "262", "11", "523", "26", "15",
                ],
            ),
            (
                Kind::Unstorable,
                &[
                    "22001", "22P05", "23502", "23514", "54000", "18", "20", "1299", "3091",
                ],
            ),
            (
                Kind::Other,
                &[
                    "42P01", "42501", "P0001", "25P02", "1", "19", "1811", "", "HY000?",
                ],
            ),
        ] {
            for code in codes {
                assert_eq!(by_code(code), kind, "{code}");
            }
        }
    }
}
