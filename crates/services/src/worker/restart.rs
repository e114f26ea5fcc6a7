//! Background work that a panic does not end for good.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;

/// What panics at once again must not keep a core busy with it: first pause, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Does `work` until it ends by itself, and begins it anew whenever it panics.
pub(super) async fn restarting<F: Future<Output = ()>>(name: &'static str, work: impl Fn() -> F) {
    let panics = metrics::counter!("hijrah_background_panics_total", "work" => name);
    // Said from the start, so that an alert sees the first one.
    panics.increment(0);
    let mut pause = FIRST_PAUSE;
    loop {
        let begun = Instant::now();
        if AssertUnwindSafe(work()).catch_unwind().await.is_ok() {
            return;
        }
        tracing::error!(work = name, "background work panicked and begins anew");
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
    async fn work_begins_anew_after_a_panic_and_ends_by_itself() {
        let begun = AtomicU32::new(0);
        restarting("test", || async {
            let earlier = begun.fetch_add(1, Ordering::Relaxed);
            tokio::task::yield_now().await;
            assert!(earlier > 0, "the first time fails");
        })
        .await;
        assert_eq!(begun.into_inner(), 2);
    }
}
