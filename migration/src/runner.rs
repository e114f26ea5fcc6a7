//! Carries migrations out: each in one transaction together with its note in the table, on both engines; one migrator at a
//! time; and never waiting forever. Also writes down what a person can run instead.
//!
//! The lock belongs to the transaction (an advisory lock on PostgreSQL, the write lock of the file on SQLite), and what is to
//! be done is decided after it was taken. So a second migrator waits for the first one's migration, and then finds it done; and
//! a killed process leaves neither a lock nor half a migration.

use std::time::{Duration, Instant};

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};

use crate::error::is_lock;
use crate::record::{Direction, statements};
use crate::state::{self, LOCK, State, TABLE};
use crate::{MigrationError, Migrator, catalogue};

/// How long a statement waits for a table that is in use. All later users of the table wait as long, so it is short.
const LOCK_TIMEOUT: Duration = Duration::from_millis(500);
/// The pause between two attempts to get a lock, in which readers pass.
const PAUSE: Duration = Duration::from_millis(250);

/// How long to wait for others.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For another migrator.
    pub migrator: Duration,
    /// How often to try a migration whose tables are in use.
    pub tries: u32,
}

impl Default for Patience {
    /// Ten minutes for another migrator, which may build an index; a minute for tables that are in use.
    fn default() -> Self {
        Self {
            migrator: Duration::from_mins(10),
            tries: 80,
        }
    }
}

/// What was carried out, in this order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// Applied migrations.
    pub applied: Vec<String>,
    /// Rolled back migrations.
    pub rolled_back: Vec<String>,
}

impl Done {
    /// Whether there was nothing to do.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.applied.is_empty() && self.rolled_back.is_empty()
    }
}

/// What the next transaction does.
enum Step {
    Up(String),
    Down(String),
    /// What `fresh` begins with.
    DropAll,
    /// Sets the notes and nothing else.
    Stamp(usize),
    Nothing,
}

/// Carries out commands on one connection.
#[derive(Debug)]
pub struct Runner<'a> {
    db: &'a DatabaseConnection,
    patience: Patience,
    done: Done,
}

impl<'a> Runner<'a> {
    /// On this connection, which must be the only one of its pool.
    #[must_use]
    pub fn new(db: &'a DatabaseConnection, patience: Patience) -> Self {
        Self {
            db,
            patience,
            done: Done::default(),
        }
    }

    /// Applies what is pending, holes first, at most `steps` migrations.
    ///
    /// # Errors
    /// [`MigrationError`]; what was applied before it stays applied.
    pub async fn up(mut self, steps: Option<u32>) -> Result<Done, MigrationError> {
        self.apply(steps).await?;
        Ok(self.done)
    }

    /// Rolls the newest migrations back, at most `steps` of them.
    ///
    /// # Errors
    /// [`MigrationError::Newer`] for a database with migrations that this program cannot roll back, or another failure.
    pub async fn down(mut self, steps: Option<u32>) -> Result<Done, MigrationError> {
        self.roll_back(steps).await?;
        Ok(self.done)
    }

    /// Rolls everything back and applies it again.
    ///
    /// # Errors
    /// As [`Self::down`] and [`Self::up`].
    pub async fn refresh(mut self) -> Result<Done, MigrationError> {
        self.roll_back(None).await?;
        self.apply(None).await?;
        Ok(self.done)
    }

    /// Drops this application's tables, whatever state they are in, and no others; then applies everything.
    ///
    /// # Errors
    /// As [`Self::down`] and [`Self::up`].
    pub async fn fresh(mut self) -> Result<Done, MigrationError> {
        self.step(|state| {
            refuse_newer(state)?;
            Ok(Step::DropAll)
        })
        .await?;
        self.apply(None).await?;
        Ok(self.done)
    }

    /// Goes up or down until exactly the first `count` migrations are applied.
    ///
    /// # Errors
    /// [`MigrationError::Holes`] where a revision has no meaning, or as [`Self::down`].
    pub async fn to(mut self, count: usize) -> Result<Done, MigrationError> {
        let names = Migrator::names();
        loop {
            let decide = |state: &State| {
                refuse_newer(state)?;
                let holes = state.holes();
                if !holes.is_empty() {
                    return Err(MigrationError::Holes(holes));
                }
                let pending = names[..count].iter().find(|name| !state.is_applied(name));
                let too_many = names[count..]
                    .iter()
                    .rev()
                    .find(|name| state.is_applied(name));
                Ok(match (pending, too_many) {
                    (Some(name), _) => Step::Up(name.clone()),
                    (None, Some(name)) => Step::Down(name.clone()),
                    (None, None) => Step::Nothing,
                })
            };
            if !self.step(decide).await? {
                return Ok(self.done);
            }
        }
    }

    /// Notes exactly the first `count` migrations as applied, with their present checksums, and runs none of them.
    ///
    /// # Errors
    /// As [`Self::down`].
    pub async fn stamp(mut self, count: usize) -> Result<(), MigrationError> {
        self.step(|state| {
            refuse_newer(state)?;
            Ok(Step::Stamp(count))
        })
        .await?;
        Ok(())
    }

    async fn apply(&mut self, mut steps: Option<u32>) -> Result<(), MigrationError> {
        while steps != Some(0) {
            let next = |state: &State| {
                let next = state.pending().into_iter().next();
                Ok(next.map_or(Step::Nothing, Step::Up))
            };
            if !self.step(next).await? {
                break;
            }
            steps = steps.map(|steps| steps - 1);
        }
        Ok(())
    }

    async fn roll_back(&mut self, mut steps: Option<u32>) -> Result<(), MigrationError> {
        while steps != Some(0) {
            let next = |state: &State| {
                refuse_newer(state)?;
                Ok(state.newest().map_or(Step::Nothing, Step::Down))
            };
            if !self.step(next).await? {
                break;
            }
            steps = steps.map(|steps| steps - 1);
        }
        Ok(())
    }

    /// Takes the lock, decides, does it, and commits; whether there was something to do.
    async fn step(
        &mut self,
        decide: impl Fn(&State) -> Result<Step, MigrationError>,
    ) -> Result<bool, MigrationError> {
        let mut tries = 0;
        loop {
            let tx = self.begin().await?;
            let step = decide(&State::read(&tx).await?)?;
            let name = match &step {
                Step::Up(name) | Step::Down(name) => name.clone(),
                Step::DropAll => "(dropping all tables)".to_owned(),
                Step::Stamp(_) | Step::Nothing => "(notes only)".to_owned(),
            };
            match carry_out(&tx, &step).await {
                Ok(()) => {}
                Err(error) if is_lock(&error) => {
                    tx.rollback().await?;
                    tries += 1;
                    if tries >= self.patience.tries {
                        let holders = holders(self.db).await?;
                        return Err(MigrationError::Locked {
                            name,
                            tries,
                            holders,
                        });
                    }
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(source) => return Err(MigrationError::Failed { name, source }),
            }
            tx.commit().await?;
            match step {
                Step::Up(name) => self.done.applied.push(name),
                Step::Down(name) => self.done.rolled_back.push(name),
                Step::DropAll | Step::Stamp(_) => {}
                Step::Nothing => return Ok(false),
            }
            return Ok(true);
        }
    }

    /// A transaction that holds the migrators' lock.
    async fn begin(&self) -> Result<DatabaseTransaction, MigrationError> {
        let begun = Instant::now();
        let backend = self.db.get_database_backend();
        loop {
            let options = TransactionOptions {
                sqlite_transaction_mode: (backend == DbBackend::Sqlite)
                    .then_some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            };
            match self.db.begin_with_options(options).await {
                Ok(tx) if backend == DbBackend::Sqlite => return Ok(tx),
                Ok(tx) => {
                    let timeout = LOCK_TIMEOUT.as_millis();
                    tx.execute_unprepared(&format!("SET LOCAL lock_timeout = {timeout}"))
                        .await?;
                    let sql = format!("SELECT pg_try_advisory_xact_lock({LOCK}) AS taken");
                    let row = tx
                        .query_one_raw(Statement::from_string(backend, sql))
                        .await?;
                    if row.is_some_and(|row| row.try_get("", "taken").unwrap_or(false)) {
                        return Ok(tx);
                    }
                    tx.rollback().await?;
                }
                Err(error) if is_lock(&error) => {}
                Err(error) => return Err(error.into()),
            }
            if begun.elapsed() >= self.patience.migrator {
                return Err(MigrationError::Busy {
                    seconds: begun.elapsed().as_secs(),
                    holder: migrator(self.db).await?,
                });
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

fn refuse_newer(state: &State) -> Result<(), MigrationError> {
    let unknown = state.unknown();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(MigrationError::Newer(unknown))
    }
}

async fn carry_out(tx: &DatabaseTransaction, step: &Step) -> Result<(), DbErr> {
    let backend = tx.get_database_backend();
    state::install(tx).await?;
    let migrations = Migrator::migrations();
    let find = |name: &str| {
        let found = migrations.iter().find(|migration| migration.name() == name);
        found.ok_or_else(|| DbErr::Custom(format!("there is no migration {name}")))
    };
    let manager = SchemaManager::new(tx);
    match step {
        Step::Up(name) => {
            find(name)?.up(&manager).await?;
            if let Some(grants) = state::grants(backend) {
                tx.execute_unprepared(grants).await?;
            }
            tx.execute_unprepared(&state::note(backend, name)).await?;
        }
        Step::Down(name) => {
            find(name)?.down(&manager).await?;
            tx.execute_unprepared(&state::forget(name)).await?;
        }
        Step::DropAll => catalogue::drop_tables(tx).await?,
        Step::Stamp(count) => {
            tx.execute_unprepared(&format!("DELETE FROM {TABLE}"))
                .await?;
            for migration in &migrations[..*count] {
                tx.execute_unprepared(&state::note(backend, migration.name()))
                    .await?;
            }
        }
        Step::Nothing => {}
    }
    Ok(())
}

/// What a person can run instead of the migration: its statements in one transaction, with the note that it is applied.
///
/// # Errors
/// As [`statements`].
pub async fn transcript(
    backend: DbBackend,
    name: &str,
    direction: Direction,
) -> Result<Vec<String>, DbErr> {
    let migrations = Migrator::migrations();
    let migration = migrations.iter().find(|migration| migration.name() == name);
    let migration =
        migration.ok_or_else(|| DbErr::Custom(format!("there is no migration {name}")))?;
    let heading = match direction {
        Direction::Up => format!("-- {name}"),
        Direction::Down => format!("-- {name}, rolled back"),
    };
    let begin = match backend {
        DbBackend::Sqlite => "BEGIN IMMEDIATE",
        _ => "BEGIN",
    };
    let mut lines = vec![begin.to_owned()];
    lines.extend(state::lock(backend));
    if direction == Direction::Up && Migrator::names().first().is_some_and(|first| first == name) {
        lines.push(state::create());
    }
    lines.extend(statements(backend, migration.as_ref(), direction).await?);
    if direction == Direction::Up {
        lines.extend(state::grants(backend).map(str::to_owned));
    }
    lines.push(match direction {
        Direction::Up => state::note(backend, name),
        Direction::Down => state::forget(name),
    });
    lines.push("COMMIT".to_owned());
    let lines = lines.iter().map(|line| format!("{line};"));
    Ok(std::iter::once(heading).chain(lines).collect())
}

/// The session that holds the migrators' lock, for a message.
async fn migrator(db: &DatabaseConnection) -> Result<String, DbErr> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok(String::new());
    }
    let sql = format!(
        "SELECT coalesce(string_agg('process ' || pid, ', '), '') AS found FROM pg_locks \
         WHERE locktype = 'advisory' AND granted AND ((classid::bigint << 32) | objid::bigint) = {LOCK}"
    );
    let found = described(db, sql).await?;
    Ok(if found.is_empty() {
        String::new()
    } else {
        format!(" (PostgreSQL {found})")
    })
}

/// Which other sessions hold locks on this application's tables, for a message. Without their statements, which may have data.
async fn holders(db: &DatabaseConnection) -> Result<String, DbErr> {
    let sql = "SELECT coalesce(string_agg(DISTINCT 'process ' || a.pid || ' (' || coalesce(nullif(a.application_name, ''), \
        'unnamed') || ', ' || coalesce(a.state, 'unknown') || ')', ', '), 'nothing any more') AS found \
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace \
        JOIN pg_stat_activity a ON a.pid = l.pid \
        WHERE l.granted AND l.pid <> pg_backend_pid() AND n.nspname = current_schema()";
    described(db, sql.to_owned()).await
}

async fn described(db: &DatabaseConnection, sql: String) -> Result<String, DbErr> {
    if db.get_database_backend() == DbBackend::Sqlite {
        return Ok("another process that writes".to_owned());
    }
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await?;
    Ok(row
        .and_then(|row| row.try_get("", "found").ok())
        .unwrap_or_default())
}
