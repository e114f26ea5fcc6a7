//! Repeats transactions that lost a conflict with another one. Batches of imports have their own mechanism, which knows what has been
//! loaded already.

use std::time::Duration;

use tokio::time::Instant;

use crate::{
    Database, RepositoryError,
    violation::{self, Kind},
};

/// How often a transaction is repeated. Each time another one made progress, so more are hardly ever needed.
const RETRIES: u32 = 4;
/// First wait before the next try, doubled each time: the winner needs a moment to commit.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
/// A transaction on a busy SQLite is not repeated after this time: the writer has waited long for its turn, and a client waits for
/// the answer.
const PATIENCE: Duration = Duration::from_secs(5);

impl Database {
    /// Runs `work`, which is one whole transaction up to its commit, and repeats all of it when the engine rolled it back in favour
    /// of another one: a deadlock, a serialization failure, a busy SQLite.
    ///
    /// # Errors
    /// The error of the last attempt.
    pub(crate) async fn transact<T, F: Future<Output = Result<T, RepositoryError>>>(
        &self,
        work: impl Fn() -> F,
    ) -> Result<T, RepositoryError> {
        let begun = Instant::now();
        let mut pause = FIRST_PAUSE;
        for tries in 1..=RETRIES {
            let done = work().await;
            let Err(error) = &done else {
                return done;
            };
            match violation::unavailable(error) {
                Some(Kind::Conflict) => {}
                Some(Kind::Busy) if begun.elapsed() < PATIENCE => {}
                _ => return done,
            }
            tracing::info!(
                tries,
                error = error as &dyn std::error::Error,
                "repeating a transaction that lost a conflict"
            );
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        work().await
    }
}
