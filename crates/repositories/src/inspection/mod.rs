//! Whether the rows of a database are consistent, for `validate`: what no constraint can express, or what a constraint would have
//! prevented if it had not been switched off. Reads the tables of all tenants as their owner. Repairs what can be derived again.

mod rows;
mod rules;

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, TransactionTrait};

use crate::{Backend, Database, RepositoryError};

use rules::{Words, rules};

/// What one look may take: long enough for every row of a large database, and an end for what hangs. Requests have half a minute.
const LOOK: Duration = Duration::from_hours(1);

/// Something that is wrong with the rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is about, in a few words that never change.
    pub check: &'static str,
    /// The number of affected rows.
    pub rows: i64,
    /// The id of one of them.
    pub example: String,
    /// What is wrong, in words.
    pub what: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether it is only a note, because it may have arisen without a fault.
    pub is_note: bool,
}

/// What can be repaired from other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repair {
    /// The counters of jobs that have ended, from their rows and errors.
    Counters,
    /// Leases of jobs that no process works on.
    Leases,
}

/// A user as far as a check of passwords needs them.
#[derive(Clone)]
pub struct StoredPassword {
    /// Name to log in with.
    pub username: String,
    /// The hash.
    pub hash: String,
    /// Whether they may log in.
    pub is_active: bool,
}

/// A job's file.
#[derive(Debug, Clone)]
pub struct StoredFile {
    /// The job's id.
    pub job: String,
    /// The key in the storage.
    pub key: String,
    /// Bytes.
    pub size: i64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Database {
    /// Every rule that rows break, and every row that this code cannot read or would store in another form. Rules about a missing table or
    /// column are skipped, because that is a flaw of the schema. `kept` is how long errors of jobs are kept.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn flaws(&self, kept: Duration) -> Result<Vec<Flaw>, RepositoryError> {
        let id = match self.backend() {
            Backend::Postgres => "id::text",
            Backend::Sqlite => "CASE typeof(id) WHEN 'blob' THEN lower(hex(id)) ELSE id END",
        };
        let words = Words::new(self, kept);
        let mut flaws = Vec::new();
        for rule in rules() {
            let sql = words.fill(&rule.sql);
            let sql =
                format!("SELECT count(*) AS number, min({id}) AS example FROM ({sql}) AS broken");
            let look = self.look().await?;
            let statement = Statement::from_string(look.get_database_backend(), sql);
            let row = match look.query_one_raw(statement).await {
                Ok(row) => row,
                Err(error) if is_schema(&error) => continue,
                Err(error) => return Err(error.into()),
            };
            let Some(row) = row else { continue };
            let rows: i64 = row.try_get("", "number")?;
            if rows > 0 {
                let example: Option<String> = row.try_get("", "example")?;
                flaws.push(Flaw {
                    check: rule.check,
                    rows,
                    example: example.unwrap_or_default(),
                    what: rule.what,
                    remedy: rule.remedy,
                    is_note: false,
                });
            }
        }
        flaws.extend(self.strange_rows().await?);
        Ok(flaws)
    }

    /// A transaction that only reads, as the tables' owner, and may take its time. It does not use the queue before the pool, because
    /// an inspection runs alone.
    async fn look(&self) -> Result<DatabaseTransaction, DbErr> {
        let look = self.owner().connections().begin().await?;
        if self.backend() == Backend::Postgres {
            let limit = LOOK.as_millis();
            look.execute_unprepared(&format!("SET LOCAL statement_timeout = {limit}"))
                .await?;
            look.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0")
                .await?;
        }
        Ok(look)
    }

    /// Repairs what [`Self::flaws`] finds of one kind; how many jobs were changed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn repair(&self, repair: Repair, kept: Duration) -> Result<u64, RepositoryError> {
        let words = Words::new(self, kept);
        let tx = self.begin_owner().await?;
        tx.take_time().await?;
        let mut changed = 0;
        for sql in repair.statements() {
            let sql = words.fill(sql);
            changed += tx.execute_unprepared(&sql).await?.rows_affected();
        }
        self.commit(tx).await?;
        Ok(changed)
    }

    /// The password hashes of all users who are not deleted.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_passwords(&self) -> Result<Vec<StoredPassword>, RepositoryError> {
        let sql = "SELECT username, password, is_active FROM \"user\" WHERE NOT deleted ORDER BY username";
        let rows = self.owner().query_all_raw(self.statement(sql, [])).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredPassword {
                    username: row.try_get("", "username")?,
                    hash: row.try_get("", "password")?,
                    is_active: row.try_get("", "is_active")?,
                })
            })
            .collect()
    }

    /// The files that jobs refer to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_files(&self) -> Result<Vec<StoredFile>, RepositoryError> {
        let id = match self.backend() {
            Backend::Postgres => "id::text",
            Backend::Sqlite => "lower(hex(id))",
        };
        let sql = format!(
            "SELECT {id} AS job, file_url, file_size, file_sha256 FROM migration_jobs WHERE file_url <> '' ORDER BY id"
        );
        let rows = self.owner().query_all_raw(self.statement(sql, [])).await?;
        rows.iter()
            .map(|row| {
                Ok(StoredFile {
                    job: row.try_get("", "job")?,
                    key: row.try_get("", "file_url")?,
                    size: row.try_get("", "file_size")?,
                    sha256: row.try_get("", "file_sha256")?,
                })
            })
            .collect()
    }
}

/// Whether a statement failed for a table or a column that is not there.
fn is_schema(error: &DbErr) -> bool {
    let text = error.to_string();
    text.contains("does not exist") || text.contains("no such")
}
