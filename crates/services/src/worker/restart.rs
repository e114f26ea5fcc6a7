//! Restarts background work that panics.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;

/// The first pause before a restart; each further pause is twice as long, so that work that always panics does not keep a
/// core busy.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Runs `work` until it returns, and restarts it after every panic.
pub(super) async fn restarting<F: Future<Output = ()>>(name: &'static str, work: impl Fn() -> F) {
    let panics = crate::observe::panics(name);
    // The counter exists from the start, so that an alert sees the first panic.
    panics.increment(0);
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        if AssertUnwindSafe(work()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!(work = name, "background work panicked and restarts");
        panics.increment(1);
        if begun.elapsed() > LONGEST_PAUSE {
            pause = FIRST_PAUSE;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test]
    async fn restarts_after_a_panic_until_the_work_returns() {
        let starts = AtomicU32::new(0);
        restarting("test", || async {
            let earlier = starts.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            assert!(earlier > 0, "the first run fails");
        })
        .await;
        assert_eq!(starts.into_inner(), 2);
    }
}
