//! A direct connection to the database, the same on both engines: what a test reads there has not passed through the server's code.

use anyhow::Result;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

/// An open connection.
pub(crate) enum Direct {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Direct {
    /// By the address that the server is given.
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        Ok(if url.starts_with("sqlite") {
            Self::Sqlite(SqliteConnection::connect(url).await?)
        } else {
            Self::Postgres(PgConnection::connect(url).await?)
        })
    }

    /// The one integer that a query answers.
    pub(crate) async fn number(&mut self, query: &str) -> Result<i64> {
        let query = AssertSqlSafe(query.to_owned());
        Ok(match self {
            Self::Sqlite(connection) => sqlx::query_scalar(query).fetch_one(connection).await?,
            Self::Postgres(connection) => {
                let row = sqlx::query(query).fetch_one(connection).await?;
                // Counts are INT8, columns may be INT4.
                row.try_get::<i64, _>(0)
                    .or_else(|_| row.try_get::<i32, _>(0).map(i64::from))?
            }
        })
    }

    /// All rows of a query whose columns are all text; null is empty.
    pub(crate) async fn rows(&mut self, query: &str) -> Result<Vec<Vec<String>>> {
        /// Cells of the rows, from either driver.
        fn texts<R>(rows: &[R]) -> Result<Vec<Vec<String>>>
        where
            R: Row,
            usize: sqlx::ColumnIndex<R>,
            for<'r> Option<String>: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        {
            rows.iter()
                .map(|row| {
                    (0..row.len())
                        .map(|index| {
                            Ok(row.try_get::<Option<String>, _>(index)?.unwrap_or_default())
                        })
                        .collect()
                })
                .collect()
        }
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite(connection) => texts(&sqlx::query(query).fetch_all(connection).await?),
            Self::Postgres(connection) => texts(&sqlx::query(query).fetch_all(connection).await?),
        }
    }

    /// Runs statements.
    pub(crate) async fn execute(&mut self, statements: &str) -> Result<()> {
        let statements = sqlx::raw_sql(AssertSqlSafe(statements.to_owned()));
        match self {
            Self::Sqlite(connection) => statements.execute(connection).await.map(drop)?,
            Self::Postgres(connection) => statements.execute(connection).await.map(drop)?,
        }
        Ok(())
    }

    /// A UUID as this engine writes it in SQL.
    pub(crate) fn uuid(&self, id: &str) -> Result<String> {
        let id: uuid::Uuid = id.parse()?;
        Ok(match self {
            Self::Sqlite(_) => format!("X'{}'", id.simple()),
            Self::Postgres(_) => format!("'{id}'"),
        })
    }

    /// A column of UUIDs as text without hyphens, the same on both engines.
    pub(crate) fn hex(&self, column: &str) -> String {
        match self {
            Self::Sqlite(_) => format!("lower(hex({column}))"),
            Self::Postgres(_) => format!("replace(CAST({column} AS TEXT), '-', '')"),
        }
    }
}
