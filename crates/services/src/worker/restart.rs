//! Background work that a panic does not end for good.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;

/// What panics at once again must not keep a core busy with it.
const PAUSE: Duration = Duration::from_secs(1);

/// Does `work` until it ends by itself, and begins it anew whenever it panics.
pub(super) async fn restarting<F: Future<Output = ()>>(name: &'static str, work: impl Fn() -> F) {
    while AssertUnwindSafe(work()).catch_unwind().await.is_err() {
        tracing::error!(work = name, "background work panicked and begins anew");
        metrics::counter!("hijrah_background_panics_total", "work" => name).increment(1);
        tokio::time::sleep(PAUSE).await;
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
