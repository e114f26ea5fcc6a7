//! Faults for tests: the n-th operation from now fails as if the database had stopped, before or after it was carried out. Release
//! builds do not contain this, and other builds do nothing unless a test requests it.

use crate::RepositoryError;

/// Counts operations down to the one that fails.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    /// Operations left until one fails, itself included; 0 when none will.
    #[cfg(debug_assertions)]
    left: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

#[cfg(debug_assertions)]
impl Faults {
    /// Makes the `number`-th operation from now fail.
    pub(crate) fn set(&self, number: u64) {
        self.left.store(number, std::sync::atomic::Ordering::SeqCst);
    }

    /// Whether a fault is still to come.
    pub(crate) fn is_pending(&self) -> bool {
        self.left.load(std::sync::atomic::Ordering::SeqCst) > 0
    }

    /// One operation.
    pub(crate) fn point(&self) -> Result<(), RepositoryError> {
        use std::sync::atomic::Ordering::SeqCst;
        let before = self
            .left
            .fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
        if before == Ok(1) {
            tracing::warn!("failing an operation because a test asked for it");
            return Err(RepositoryError::Unavailable("a fault was asked for".into()));
        }
        Ok(())
    }
}

#[cfg(not(debug_assertions))]
impl Faults {
    pub(crate) const fn point(&self) -> Result<(), RepositoryError> {
        Ok(())
    }
}
