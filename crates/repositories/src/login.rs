//! Counts failed logins under keys that only the caller can interpret. By the database's clock and in one table, so that
//! several processes count together and a restart forgets nothing.

use std::{collections::HashMap, time::Duration};

use sea_orm::{ConnectionTrait, Value};

use crate::{Database, RepositoryError};

/// The counters.
#[derive(Debug, Clone)]
pub struct LoginAttempts {
    db: Database,
}

/// What is known under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Failures, each within the memory of the one before it.
    pub failures: u32,
    /// How long ago the last of them was, or a success.
    pub age: Duration,
    /// How long ago the last success was.
    pub succeeded: Option<Duration>,
}

impl LoginAttempts {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// What is known under these keys. Failures whose last is older than `memory` are forgotten.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn seen(
        &self,
        keys: &[&str],
        memory: Duration,
    ) -> Result<HashMap<String, Seen>, RepositoryError> {
        let sql = format!(
            "SELECT key, failures, {now} - touched_at AS age, {now} - succeeded_at AS succeeded \
             FROM login_attempts WHERE key IN ({repeated})",
            now = self.db.now_micros(),
            repeated = repeated(keys.len(), |number| format!("${number}")),
        );
        let seen = self.db.statement(sql, values(keys));
        let rows = self.db.owner().query_all_raw(seen).await?;
        rows.iter()
            .map(|row| {
                let failures: i64 = row.try_get("", "failures")?;
                let age = micros(row.try_get("", "age")?);
                let succeeded: Option<i64> = row.try_get("", "succeeded")?;
                let seen = Seen {
                    failures: if age < memory {
                        u32::try_from(failures).unwrap_or(u32::MAX)
                    } else {
                        0
                    },
                    age,
                    succeeded: succeeded.map(micros),
                };
                Ok((row.try_get("", "key")?, seen))
            })
            .collect()
    }

    /// Counts a failure under each of the keys.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn fail(&self, keys: &[&str], memory: Duration) -> Result<(), RepositoryError> {
        // Always in the same order, so that two simultaneous failures do not wait for each other.
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        let now = self.db.now_micros();
        let sql = format!(
            "INSERT INTO login_attempts (key, failures, touched_at) VALUES {rows} \
             ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at, failures = \
             CASE WHEN login_attempts.touched_at < excluded.touched_at - {memory} THEN 1 \
             ELSE login_attempts.failures + 1 END",
            rows = repeated(keys.len(), |number| format!("(${number}, 1, {now})")),
            memory = memory.as_micros(),
        );
        let keys = &keys;
        self.db
            .transact(|| self.db.execute_as_owner(sql.clone(), values(keys)))
            .await
            .map(drop)
    }

    /// Forgets the failures under a key, and remembers the success.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn succeed(&self, key: &str) -> Result<(), RepositoryError> {
        let now = self.db.now_micros();
        let sql = format!(
            "INSERT INTO login_attempts (key, failures, touched_at, succeeded_at) \
             VALUES ($1, 0, {now}, {now}) ON CONFLICT (key) DO UPDATE SET failures = 0, \
             touched_at = excluded.touched_at, succeeded_at = excluded.succeeded_at"
        );
        self.db
            .execute_as_owner(sql, values(&[key]))
            .await
            .map(drop)
    }

    /// Deletes failures older than `memory` and successes older than `known`, and of the rest what was touched longest ago, so
    /// that about `most` are left. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(
        &self,
        memory: Duration,
        known: Duration,
        most: u64,
    ) -> Result<u64, RepositoryError> {
        let now = self.db.now_micros();
        let old = format!(
            "DELETE FROM login_attempts WHERE touched_at < {now} - {memory} \
             AND (succeeded_at IS NULL OR succeeded_at < {now} - {known})",
            memory = memory.as_micros(),
            known = known.as_micros(),
        );
        // Names that log in come last: a flood of made-up ones must not make their devices unknown.
        let beyond = format!(
            "DELETE FROM login_attempts WHERE key IN (SELECT key FROM login_attempts \
             ORDER BY succeeded_at IS NOT NULL DESC, touched_at DESC LIMIT 1000000 OFFSET {most})"
        );
        let mut deleted = 0;
        for sql in [old, beyond] {
            deleted += self.db.execute_as_owner(sql, []).await?;
        }
        Ok(deleted)
    }
}

fn values(keys: &[&str]) -> impl Iterator<Item = Value> {
    keys.iter().map(|&key| key.into())
}

/// The items 1 to `count` of a list in a statement, separated by commas.
fn repeated(count: usize, item: impl Fn(usize) -> String) -> String {
    (1..=count).map(item).collect::<Vec<_>>().join(", ")
}

/// A clock that was set back makes no age negative.
fn micros(age: i64) -> Duration {
    Duration::from_micros(u64::try_from(age).unwrap_or(0))
}
