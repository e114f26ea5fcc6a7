//! Request budgets of users, shared by all processes. A budget is one number: when it will be full again (GCRA). Spending moves
//! it on, time lets it pass.

use std::{collections::HashMap, time::Duration};

use domain::UserId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{Database, RepositoryError};

/// The budgets.
#[derive(Debug, Clone)]
pub struct RateBudgets {
    db: Database,
}

impl RateBudgets {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Spends microseconds of budgets, or returns them if the number is negative, and answers how long each budget takes from
    /// now until it is full. The users must differ.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn spend(
        &self,
        spent: &[(UserId, i64)],
    ) -> Result<HashMap<UserId, Duration>, RepositoryError> {
        if spent.is_empty() {
            return Ok(HashMap::new());
        }
        // All processes use the same order, so that no two of them wait for each other.
        let mut spent = spent.to_vec();
        spent.sort_unstable_by_key(|(user, _)| user.as_uuid());
        let now = self.db.now_micros();
        let later = match self.db.backend() {
            crate::Backend::Postgres => "GREATEST",
            crate::Backend::Sqlite => "MAX",
        };
        let rows = (0..spent.len())
            .map(|row| format!("(${}, {now} + ${})", 2 * row + 1, 2 * row + 2))
            .collect::<Vec<_>>()
            .join(", ");
        let sql = format!(
            "INSERT INTO rate_budgets (user_id, full_at) VALUES {rows} ON CONFLICT (user_id) DO UPDATE \
             SET full_at = {later}(rate_budgets.full_at, {now}) + (excluded.full_at - {now}) \
             RETURNING user_id, full_at - {now} AS ahead"
        );
        let values = spent
            .iter()
            .flat_map(|&(user, micros)| [user.as_uuid().into(), micros.into()]);
        let statement = self.db.statement(sql, values);
        let rows = self
            .db
            .transact(|| async { Ok(self.db.owner().query_all_raw(statement.clone()).await?) })
            .await?;
        rows.iter()
            .map(|row| {
                let user: Uuid = row.try_get("", "user_id")?;
                let ahead: i64 = row.try_get("", "ahead")?;
                let ahead = Duration::from_micros(u64::try_from(ahead).unwrap_or(0));
                Ok((UserId::from_uuid(user), ahead))
            })
            .collect()
    }

    /// Deletes budgets that are full, because a missing one counts as full. Returns how many.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sweep(&self) -> Result<u64, RepositoryError> {
        let sql = format!(
            "DELETE FROM rate_budgets WHERE full_at <= {}",
            self.db.now_micros()
        );
        self.db.execute_as_owner(sql, []).await
    }
}
