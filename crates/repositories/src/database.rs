//! Connections: the application's pool, the owner's pool, and the transactions that queries run in.

use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{PgPool, SqlitePool};

use crate::{
    RepositoryError, TenantScope, connect,
    fault::Faults,
    pool::{Patience, Pool, PoolUse, Transaction},
};

/// How long a readiness check waits.
const READY: Duration = Duration::from_secs(5);

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite://…` or `postgres://…`: the role the application works as.
    pub url: String,
    /// The tables' owner on PostgreSQL: it loads imports, claims jobs and finds users who log in. `None`: the role of `url`
    /// owns the tables, and row-level security is not in effect.
    pub owner_url: Option<String>,
    /// Most connections of each pool.
    pub max_connections: u32,
    /// The workers' lease. A session that idles in a transaction is ended in half that time, so that a stalled worker cannot
    /// block its successor.
    pub lease: Duration,
}

/// The two engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// PostgreSQL 15 or newer.
    Postgres,
    /// SQLite, embedded.
    Sqlite,
}

/// The pools. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Database {
    app: Pool,
    owner: Pool,
    backend: Backend,
    has_row_security: bool,
    faults: Faults,
}

impl Database {
    /// Opens the pools, and creates the folder of a SQLite file if it is missing.
    ///
    /// # Errors
    /// When the address is wrong or the database does not answer.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, RepositoryError> {
        let open = async |url| {
            let pool = connect::pool(url, config.max_connections, config.lease).await?;
            Ok::<_, RepositoryError>(Pool::new(pool, config.max_connections))
        };
        let app = open(&config.url).await?;
        let backend = match app.get_database_backend() {
            DbBackend::Postgres => Backend::Postgres,
            _ => Backend::Sqlite,
        };
        let owner = match &config.owner_url {
            Some(url) if backend == Backend::Postgres => open(url).await?,
            _ => app.clone(),
        };
        let has_row_security = backend == Backend::Postgres && config.owner_url.is_some();
        Ok(Self {
            app,
            owner,
            backend,
            has_row_security,
            faults: Faults::default(),
        })
    }

    /// Which engine it is.
    #[must_use]
    pub const fn backend(&self) -> Backend {
        self.backend
    }

    /// Asks the database for an answer.
    ///
    /// # Errors
    /// If it does not answer.
    pub async fn ping(&self) -> Result<(), RepositoryError> {
        self.app.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// The same pools for background work, where no request waits for the answer.
    pub(crate) fn patient(&self) -> Self {
        let mut patient = self.clone();
        patient.app = patient.app.with(Patience::Background);
        patient.owner = patient.owner.with(Patience::Background);
        patient
    }

    /// Whether every migration of this version has been applied. A newer database is at head too: while a new version is rolled
    /// out, the old one keeps running.
    ///
    /// # Errors
    /// When the database does not answer soon: readiness is polled often and must report the present state.
    pub async fn schema_is_at_head(&self) -> Result<bool, RepositoryError> {
        Ok(self.pending_migrations().await? == 0)
    }

    /// How many migrations of this version have not been applied.
    ///
    /// # Errors
    /// When the database does not answer soon.
    pub async fn pending_migrations(&self) -> Result<usize, RepositoryError> {
        match tokio::time::timeout(READY, migration::State::read(&self.owner)).await {
            Ok(state) => Ok(state?.pending().len()),
            Err(late) => Err(RepositoryError::Unavailable(late.into())),
        }
    }

    /// How much of each pool is in use. Asks the database nothing.
    #[must_use]
    pub fn pools(&self) -> Vec<PoolUse> {
        let mut pools = vec![self.app.usage("app")];
        if !self.owner.is(&self.app) {
            pools.push(self.owner.usage("owner"));
        }
        pools
    }

    /// Closes the pools.
    pub async fn close(&self) {
        // Closing a pool that is closed already fails, which does not matter.
        let _ = self.app.close().await;
        let _ = self.owner.close().await;
    }

    /// The owner's pool: for what belongs to no tenant, or to all.
    pub(crate) const fn owner(&self) -> &Pool {
        &self.owner
    }

    /// The owner's pool as the driver has it, for what only the driver can do. PostgreSQL only.
    pub(crate) fn postgres_pool(&self) -> &PgPool {
        self.owner.connections().get_postgres_connection_pool()
    }

    /// The pool as the driver has it. SQLite only.
    pub(crate) fn sqlite_pool(&self) -> &SqlitePool {
        self.owner.connections().get_sqlite_connection_pool()
    }

    /// The application's pool, without a tenant.
    pub(crate) const fn app(&self) -> &Pool {
        &self.app
    }

    /// A statement in the engine's dialect. Placeholders are `$1`, `$2`, … on both.
    pub(crate) fn statement(
        &self,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Statement {
        Statement::from_sql_and_values(self.app.get_database_backend(), sql.into(), values)
    }

    /// Reads in the name of a tenant.
    pub(crate) async fn read(&self, scope: TenantScope) -> Result<Reader, RepositoryError> {
        self.faults.point()?;
        if self.has_row_security {
            Ok(Reader::Scoped(self.begin_write(scope).await?))
        } else {
            Ok(Reader::Plain(self.app.clone()))
        }
    }

    /// Begins a transaction that may write, in the name of a tenant. On SQLite it takes the write lock at once: a transaction
    /// that upgrades later is refused without waiting.
    pub(crate) async fn begin_write(
        &self,
        scope: TenantScope,
    ) -> Result<Transaction, RepositoryError> {
        self.faults.point()?;
        let tx = self.app.begin().await?;
        if self.has_row_security {
            let tenant = scope.tenant_id().to_string();
            let name = self.statement(
                "SELECT set_config('hijrah.tenant_id', $1, true)",
                [tenant.into()],
            );
            tx.execute_raw(name).await?;
        }
        Ok(tx)
    }

    /// Begins a transaction that may write, as the tables' owner.
    pub(crate) async fn begin_owner(&self) -> Result<Transaction, RepositoryError> {
        self.faults.point()?;
        Ok(self.owner.begin().await?)
    }

    /// Ends a transaction.
    pub(crate) async fn commit(&self, tx: Transaction) -> Result<(), RepositoryError> {
        self.faults.point()?;
        tx.commit().await?;
        self.faults.point()
    }

    /// Executes one statement as the tables' owner, outside of a transaction. Returns how many rows it changed.
    pub(crate) async fn execute_as_owner(
        &self,
        sql: impl Into<String>,
        values: impl IntoIterator<Item = sea_orm::Value>,
    ) -> Result<u64, RepositoryError> {
        let done = self.owner.execute_raw(self.statement(sql, values)).await?;
        Ok(done.rows_affected())
    }

    /// A point at which a test may let an operation fail.
    pub(crate) fn fault_point(&self) -> Result<(), RepositoryError> {
        self.faults.point()
    }

    /// Makes the `number`-th operation from now fail as if the database had gone; 0 makes none fail. For tests.
    #[cfg(debug_assertions)]
    pub fn fail_operation(&self, number: u64) {
        self.faults.set(number);
    }

    /// Whether the fault of [`Self::fail_operation`] is still to come. For tests.
    #[cfg(debug_assertions)]
    #[must_use]
    pub fn fault_is_pending(&self) -> bool {
        self.faults.is_pending()
    }

    /// The present moment by the database's clock, as SQL: not the beginning of the transaction.
    pub(crate) const fn now(&self) -> &'static str {
        match self.backend {
            Backend::Postgres => "(clock_timestamp() AT TIME ZONE 'UTC')",
            Backend::Sqlite => "strftime('%Y-%m-%d %H:%M:%f', 'now')",
        }
    }

    /// The start of the statement by the database's clock, as SQL: microseconds since 1970, the same everywhere in
    /// one statement.
    pub(crate) const fn now_micros(&self) -> &'static str {
        match self.backend {
            Backend::Postgres => {
                "CAST(extract(epoch FROM statement_timestamp()) * 1000000 AS BIGINT)"
            }
            Backend::Sqlite => "CAST((julianday('now') - 2440587.5) * 86400000000.0 AS INTEGER)",
        }
    }

    /// A moment `span` from now by the database's clock, as SQL.
    pub(crate) fn now_plus(&self, span: Duration) -> String {
        self.moment(span.as_secs_f64())
    }

    /// A moment `span` ago by the database's clock, as SQL.
    pub(crate) fn now_minus(&self, span: Duration) -> String {
        self.moment(-span.as_secs_f64())
    }

    fn moment(&self, seconds: f64) -> String {
        match self.backend {
            Backend::Postgres => format!(
                "((clock_timestamp() AT TIME ZONE 'UTC') + make_interval(secs => {seconds:.3}))"
            ),
            Backend::Sqlite => {
                format!("strftime('%Y-%m-%d %H:%M:%f', 'now', '{seconds:+.3} seconds')")
            }
        }
    }
}

/// What a tenant's reads run on: the pool, or a transaction that names the tenant to row-level security.
pub(crate) enum Reader {
    /// Row-level security does not apply.
    Plain(Pool),
    /// The setting ends with the transaction, so a used connection names no tenant.
    Scoped(Transaction),
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Plain(pool) => pool.get_database_backend(),
            Self::Scoped(tx) => tx.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match self {
            Self::Plain(pool) => pool.execute_raw(statement).await,
            Self::Scoped(tx) => tx.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match self {
            Self::Plain(pool) => pool.execute_unprepared(sql).await,
            Self::Scoped(tx) => tx.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match self {
            Self::Plain(pool) => pool.query_one_raw(statement).await,
            Self::Scoped(tx) => tx.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match self {
            Self::Plain(pool) => pool.query_all_raw(statement).await,
            Self::Scoped(tx) => tx.query_all_raw(statement).await,
        }
    }
}
