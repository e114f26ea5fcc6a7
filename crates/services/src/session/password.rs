//! Password hashing off the async threads, a bounded number at a time.

use std::sync::Arc;

use auth::{AuthError, NewPassword, Passwords};
use tokio::sync::Semaphore;

use crate::ServiceError;

/// Each takes tens of milliseconds; a caller beyond this queue is asked to try again later.
const QUEUE: usize = 64;

/// The hasher with the limits of its work. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct PasswordWork {
    passwords: Arc<Passwords>,
    /// One per core: more at once would only use memory (19 MiB each) and slow each other down.
    running: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl PasswordWork {
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            passwords: Arc::new(Passwords::new()),
            running: Arc::new(Semaphore::new(cores)),
            waiting: Arc::new(Semaphore::new(cores + QUEUE)),
        }
    }

    /// Whether the password belongs to the hash; `None` is a user that does not exist. `may_start` is called when its
    /// turn comes, so that guesses that queued up together are still limited; its error is returned.
    pub(crate) async fn verify<T>(
        &self,
        password: String,
        stored: Option<String>,
        may_start: impl Future<Output = Result<T, ServiceError>>,
    ) -> Result<(T, bool), ServiceError> {
        self.run(may_start, move |passwords| {
            passwords.verify(&password, stored.as_deref())
        })
        .await
    }

    /// The hash of a new password.
    pub(crate) async fn hash(&self, password: NewPassword) -> Result<String, ServiceError> {
        let ((), hash) = self
            .run(async { Ok(()) }, move |passwords| {
                passwords.hash(&password, &mut rand::rng())
            })
            .await?;
        Ok(hash)
    }

    async fn run<P, T: Send + 'static>(
        &self,
        may_start: impl Future<Output = Result<P, ServiceError>>,
        work: impl FnOnce(&Passwords) -> Result<T, AuthError> + Send + 'static,
    ) -> Result<(P, T), ServiceError> {
        let queued = Arc::clone(&self.waiting)
            .try_acquire_owned()
            .map_err(|_| ServiceError::Busy)?;
        let turn = Arc::clone(&self.running)
            .acquire_owned()
            .await
            .map_err(|_| ServiceError::Busy)?;
        let permission = may_start.await?;
        let passwords = Arc::clone(&self.passwords);
        // The gates go with the work: a client that leaves does not let the next one in early.
        let result = tokio::task::spawn_blocking(move || {
            let result = work(&passwords);
            drop((queued, turn));
            result
        })
        .await?
        .map_err(ServiceError::Crypto)?;
        Ok((permission, result))
    }
}
