//! Five programs that another team writes with the import engine, each with the tests that show what it does. All of them store with
//! sqlx in SQLite; any other database is asked in the same way.

pub mod contacts;
pub mod damaged;
pub mod prices;
pub mod resume;
pub mod upload;

/// What goes wrong where only a person can help.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An empty database in memory. One connection: each has a memory of its own.
///
/// # Errors
///
/// When SQLite does not start.
pub async fn database() -> Result<sqlx::SqlitePool, Failure> {
    let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    let pool = options.connect("sqlite::memory:").await?;
    sqlx::raw_sql(include_str!("schema.sql"))
        .execute(&pool)
        .await?;
    Ok(pool)
}
