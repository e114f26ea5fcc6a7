//! What every statement goes through: a queue for a connection, and a deadline for the answer.
//!
//! The driver's pool has one timeout for two different waits: for a connection that is in use, and for a database that
//! may be gone. Here each has its own. On a busy machine callers wait in the order of their arrival; a database that does not
//! answer is reported after a few seconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, timeout_at},
};

use crate::connect::{ACQUIRE, STATEMENT};

/// What a statement of a transaction may take that has been given time: rollback and deletion of an import.
pub(crate) const LONG_STATEMENT: Duration = Duration::from_mins(10);
/// The time between the server's deadline and the client's: the server's error is the better one, so it gets the chance to come first.
const MARGIN: Duration = Duration::from_secs(2);

/// How long a caller waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// A client waits for the answer and can repeat the request.
    Request,
    /// No client can repeat it, and the work done so far would be lost: a worker, or the last step of an upload.
    Background,
}

impl Patience {
    /// The limit for the connection and the answer together.
    const fn altogether(self) -> Duration {
        match self {
            Self::Request => Duration::from_secs(15),
            Self::Background => Duration::from_mins(2),
        }
    }

    /// For the answer. Longer than a statement waits for a lock; for work in the background longer than it may run.
    const fn for_an_answer(self) -> Duration {
        match self {
            Self::Request => Duration::from_secs(12),
            Self::Background => STATEMENT.saturating_add(MARGIN),
        }
    }
}

/// A pool with a queue before it. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Pool {
    connections: DatabaseConnection,
    /// One for each connection, in the order in which they were asked for.
    permits: Arc<Semaphore>,
    size: usize,
    patience: Patience,
}

/// How many connections of a pool are in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUse {
    /// Whose pool it is: `app`, or `owner` where the tables belong to another role.
    pub pool: &'static str,
    /// Connections in use.
    pub used: usize,
    /// The most that it may have.
    pub size: usize,
}

impl Pool {
    pub(crate) fn new(connections: DatabaseConnection, size: u32) -> Self {
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let size = size.clamp(1, Semaphore::MAX_PERMITS);
        Self {
            connections,
            permits: Arc::new(Semaphore::new(size)),
            size,
            patience: Patience::Request,
        }
    }

    /// The same pool and queue for callers of another patience.
    pub(crate) fn with(self, patience: Patience) -> Self {
        Self { patience, ..self }
    }

    /// The pool without its queue.
    pub(crate) const fn connections(&self) -> &DatabaseConnection {
        &self.connections
    }

    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        self.connections.close_by_ref().await
    }

    pub(crate) fn usage(&self, pool: &'static str) -> PoolUse {
        PoolUse {
            pool,
            used: self.size.saturating_sub(self.permits.available_permits()),
            size: self.size,
        }
    }

    /// Whether both are one pool.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.permits, &other.permits)
    }

    /// Waits for a connection to be free.
    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit, DbErr> {
        self.permit_until(Instant::now() + self.patience.altogether())
            .await
    }

    async fn permit_until(&self, deadline: Instant) -> Result<OwnedSemaphorePermit, DbErr> {
        match timeout_at(deadline, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }

    /// Begins a transaction. On SQLite it takes the write lock at once: one that upgrades later is refused without waiting.
    pub(crate) async fn begin(&self) -> Result<Transaction, DbErr> {
        let deadline = Instant::now() + self.patience.altogether();
        let permit = self.permit_until(deadline).await?;
        let sqlite_transaction_mode = (self.get_database_backend() == DbBackend::Sqlite)
            .then_some(SqliteTransactionMode::Immediate);
        let begun = self.connections.begin_with_options(TransactionOptions {
            sqlite_transaction_mode,
            ..TransactionOptions::default()
        });
        Ok(Transaction {
            inner: self.in_time(deadline, begun).await?,
            patience: self.patience,
            has_time: AtomicBool::new(false),
            _permit: permit,
        })
    }

    /// Does one thing on a connection of the pool.
    async fn ask<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        let deadline = Instant::now() + self.patience.altogether();
        let _permit = self.permit_until(deadline).await?;
        self.in_time(deadline, work).await
    }

    /// The time for the answer includes that for opening a connection, where one has to be opened.
    async fn in_time<T>(
        &self,
        deadline: Instant,
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let answer = Instant::now() + ACQUIRE + self.patience.for_an_answer();
        answered(deadline.min(answer), work).await
    }
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ask(self.connections.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ask(self.connections.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(self.connections.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(self.connections.query_all_raw(statement)).await
    }
}

/// A transaction and its permit of the pool. Dropped before its commit, it is rolled back.
pub(crate) struct Transaction {
    inner: DatabaseTransaction,
    patience: Patience,
    has_time: AtomicBool,
    _permit: OwnedSemaphorePermit,
}

impl Transaction {
    /// From here on each of its statements may take as long as those over a million rows do.
    pub(crate) async fn take_time(&self) -> Result<(), DbErr> {
        if self.get_database_backend() == DbBackend::Postgres {
            let milliseconds = LONG_STATEMENT.as_millis();
            self.execute_unprepared(&format!("SET LOCAL statement_timeout = {milliseconds}"))
                .await?;
        }
        self.has_time.store(true, Ordering::Relaxed);
        Ok(())
    }

    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        let deadline = self.deadline();
        answered(deadline, self.inner.commit()).await
    }

    async fn ask<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        answered(self.deadline(), work).await
    }

    fn deadline(&self) -> Instant {
        Instant::now()
            + if self.has_time.load(Ordering::Relaxed) {
                LONG_STATEMENT + MARGIN
            } else {
                self.patience.for_an_answer()
            }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.ask(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.ask(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.ask(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.ask(self.inner.query_all_raw(statement)).await
    }
}

/// Waits for an answer until `deadline`. A statement that is no longer waited for runs to its end, and its transaction is rolled back then.
async fn answered<T>(
    deadline: Instant,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    match timeout_at(deadline, work).await {
        Ok(answer) => answer,
        Err(_) => Err(DbErr::Conn(RuntimeErr::Internal(
            "the database did not answer in time".to_owned(),
        ))),
    }
}
