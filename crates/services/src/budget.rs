//! A user's requests a minute over all processes. Each process spends on its own account and settles it with the database: every
//! second for all its users in one statement, and at once when many requests are unsettled or few are left. So occasional requests cost
//! no query, and a user who spends the whole budget gets hardly more from two processes than from one.
//!
//! How exact: a process lets at most a twentieth of the limit pass that the database does not know of yet. With `n` processes a
//! user gets at most `limit + (n − 1) · limit / 20` at once, and never less than the limit.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::UserId;
use repositories::{Backend, RateBudgets, RepositoryError};
use tokio::time::{Instant, timeout};

/// The time span that the limit applies to.
const MINUTE: Duration = Duration::from_mins(1);
/// How often accounts are settled that need not be settled at once.
const PERIOD: Duration = Duration::from_secs(1);
/// A request does not wait longer for the others' accounts: a slow database must not make the limit a stop.
const PATIENCE: Duration = Duration::from_secs(1);
/// Accounts settled by one statement.
const AT_ONCE: usize = 500;
/// A map with fewer accounts is not cleaned.
const WORTH_CLEANING: usize = 1024;

/// The budgets of all users, as this process knows them.
#[derive(Debug)]
pub struct Budgets {
    /// `None` on SQLite, which has one process.
    shared: Option<RateBudgets>,
    limit: u32,
    accounts: Mutex<HashMap<UserId, Account>>,
}

/// What a request left of its user's budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spent {
    /// Requests that may still come at once.
    pub remaining: u32,
    /// How long until the budget is full again.
    pub full_in: Duration,
    /// How long to wait, if this request was one too many.
    pub retry_after: Option<Duration>,
}

#[derive(Debug, Clone, Copy)]
struct Account {
    /// When the budget will be full again, as far as this process knows.
    full_at: Instant,
    /// Requests let pass that the database does not know of; negative if it has counted one that was refused.
    owed: i64,
    /// Whether the account was ever settled with the database.
    agreed: bool,
}

impl Budgets {
    pub(crate) fn new(database: &repositories::Database, limit: u32) -> Self {
        let shared = database.backend() == Backend::Postgres;
        Self {
            shared: shared.then(|| RateBudgets::new(database)),
            limit: limit.max(1),
            accounts: Mutex::default(),
        }
    }

    /// Takes one request from the user's budget.
    pub async fn spend(&self, user: UserId) -> Spent {
        let owed = match self.spend_here(user) {
            Ok(spent) => return spent,
            Err(owed) => owed,
        };
        let agreed = match &self.shared {
            Some(rows) => {
                let spent = [(user, self.micros(owed + 1))];
                timeout(PATIENCE, rows.spend(&spent)).await
            }
            None => Ok(Ok(HashMap::new())),
        };
        let now = Instant::now();
        let mut accounts = self.accounts();
        let account = accounts.entry(user).or_insert(Account::full(now));
        let Some(ahead) = agreed
            .ok()
            .and_then(Result::ok)
            .and_then(|all| all.get(&user).copied())
        else {
            // Alone, by choice or because no answer came: what is owed to the database stays owed.
            if self.shared.is_some() {
                account.owed += owed + 1;
            }
            account.spend(now, self.interval());
            return self.spent(*account, now);
        };
        account.agree(now, ahead, self.interval());
        if ahead <= MINUTE {
            return self.spent(*account, now);
        }
        // The database has counted a request that was not let pass: it is returned with the next account.
        account.owed -= 1;
        account.full_at -= self.interval();
        self.refused(*account, now)
    }

    /// Spends without asking anyone, where that is certain enough; else the requests to settle first.
    fn spend_here(&self, user: UserId) -> Result<Spent, i64> {
        let now = Instant::now();
        let mut accounts = self.accounts();
        if accounts.len() > WORTH_CLEANING {
            accounts.retain(|_, account| account.owed != 0 || account.full_at > now);
        }
        let account = accounts.entry(user).or_insert(Account::full(now));
        let left = self.left(*account, now);
        if left == 0 {
            return Ok(self.refused(*account, now));
        }
        let is_certain = self.shared.is_none()
            || (account.agreed && account.owed < self.step() && i64::from(left) > 2 * self.step());
        if !is_certain {
            return Err(std::mem::take(&mut account.owed));
        }
        account.owed += i64::from(self.shared.is_some());
        account.spend(now, self.interval());
        Ok(self.spent(*account, now))
    }

    /// Settles the accounts of all users every second, for as long as it is polled.
    pub async fn settle(&self) {
        let mut ticks = tokio::time::interval(PERIOD);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let Some(rows) = &self.shared else {
                std::future::pending::<()>().await;
                return;
            };
            if let Err(error) = self.settle_all(rows).await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "could not settle request budgets"
                );
            }
        }
    }

    async fn settle_all(&self, rows: &RateBudgets) -> Result<(), RepositoryError> {
        loop {
            let owed: Vec<(UserId, i64)> = self
                .accounts()
                .iter_mut()
                .filter(|(_, account)| account.owed != 0)
                .map(|(user, account)| (*user, std::mem::take(&mut account.owed)))
                .take(AT_ONCE)
                .collect();
            if owed.is_empty() {
                return Ok(());
            }
            let spent: Vec<(UserId, i64)> = owed
                .iter()
                .map(|&(user, owed)| (user, self.micros(owed)))
                .collect();
            let settled = rows.spend(&spent).await;
            let now = Instant::now();
            let mut accounts = self.accounts();
            let ahead = match settled {
                Ok(ahead) => ahead,
                Err(error) => {
                    for (user, owed) in owed {
                        accounts.entry(user).or_insert(Account::full(now)).owed += owed;
                    }
                    return Err(error);
                }
            };
            for (user, ahead) in ahead {
                if let Some(account) = accounts.get_mut(&user) {
                    account.agree(now, ahead, self.interval());
                }
            }
        }
    }

    fn accounts(&self) -> std::sync::MutexGuard<'_, HashMap<UserId, Account>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The time in which one request comes back.
    fn interval(&self) -> Duration {
        MINUTE / self.limit
    }

    /// Requests that may pass before the database knows of them.
    fn step(&self) -> i64 {
        i64::from(self.limit / 20).max(1)
    }

    fn micros(&self, requests: i64) -> i64 {
        let interval = i64::try_from(self.interval().as_micros()).unwrap_or(i64::MAX);
        requests.saturating_mul(interval)
    }

    /// Requests that may come at once.
    fn left(&self, account: Account, now: Instant) -> u32 {
        let room = MINUTE.saturating_sub(account.full_at.saturating_duration_since(now));
        let left = room.as_micros() / self.interval().as_micros().max(1);
        u32::try_from(left).unwrap_or(u32::MAX).min(self.limit)
    }

    fn spent(&self, account: Account, now: Instant) -> Spent {
        Spent {
            remaining: self.left(account, now),
            full_in: account.full_at.saturating_duration_since(now),
            retry_after: None,
        }
    }

    fn refused(&self, account: Account, now: Instant) -> Spent {
        let full_in = account.full_at.saturating_duration_since(now);
        Spent {
            remaining: 0,
            full_in,
            retry_after: Some((full_in + self.interval()).saturating_sub(MINUTE)),
        }
    }
}

impl Account {
    const fn full(now: Instant) -> Self {
        Self {
            full_at: now,
            owed: 0,
            agreed: false,
        }
    }

    fn spend(&mut self, now: Instant, interval: Duration) {
        self.full_at = self.full_at.max(now) + interval;
    }

    /// Adopts what the database says, and adds what has been spent since it was asked.
    fn agree(&mut self, now: Instant, ahead: Duration, interval: Duration) {
        let since = u32::try_from(self.owed).unwrap_or(0);
        self.full_at = now + ahead + interval * since;
        self.agreed = true;
    }
}
