//! Why a migration was not carried out.

use sea_orm_migration::sea_orm::{DbErr, RuntimeErr};

/// Why the schema was not changed or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrationError {
    /// Another migrator ran for longer than this one may wait.
    #[error("another migration of this database did not end in {seconds} seconds{holder}")]
    Busy {
        /// How long this one waited.
        seconds: u64,
        /// Which session it is, where the engine says so.
        holder: String,
    },
    /// A table was in use at every attempt.
    #[error(
        "migration {name} did not get its locks in {tries} tries; what uses its tables: {holders}. Nothing was changed; \
         end those sessions, or try again when less is going on"
    )]
    Locked {
        /// The migration.
        name: String,
        /// How often it was tried.
        tries: u32,
        /// The sessions that hold locks.
        holders: String,
    },
    /// There are migrations in the database that this program does not have.
    #[error("the database is newer than this program, which does not know: {}", .0.join(", "))]
    Newer(Vec<String>),
    /// Older migrations are missing below a newer one.
    #[error(
        "migrations older than the newest applied one are missing, and a revision has no meaning: {}; `up` applies them",
        .0.join(", ")
    )]
    Holes(Vec<String>),
    /// No such migration.
    #[error("there is no migration '{0}'; `history` shows them")]
    Unknown(String),
    /// Several such migrations.
    #[error("'{0}' is the beginning of several migrations")]
    Ambiguous(String),
    /// A migration failed; its transaction was rolled back.
    #[error("migration {name} failed and was rolled back")]
    Failed {
        /// The migration.
        name: String,
        /// The cause.
        #[source]
        source: DbErr,
    },
    /// A statement failed.
    #[error("the database did not answer as it should")]
    Database(#[from] DbErr),
}

/// Whether the engine's message says that another session holds a lock that this statement needs, or that the statement was the
/// victim of a deadlock: a retry helps.
pub(crate) fn is_lock(error: &DbErr) -> bool {
    code(error).is_some_and(|code| {
        // PostgreSQL: lock not available, deadlock. SQLite: busy, locked, and the extended forms of busy.
        ["55P03", "40P01", "5", "6", "261", "517", "773"].contains(&code.as_str())
    })
}

/// The engine's code of an error.
fn code(error: &DbErr) -> Option<String> {
    let (DbErr::Conn(RuntimeErr::SqlxError(error))
    | DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))) = error
    else {
        return None;
    };
    Some(error.as_database_error()?.code()?.into_owned())
}
