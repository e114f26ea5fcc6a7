//! Stops the server: no new requests, the running batches committed, the connections closed, within the time that orchestrators grant.

use std::time::Duration;

use anyhow::{Context, Result};
use http_api::Running;
use services::Worker;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};

/// There are 30 s between SIGTERM and SIGKILL; a little is left for the process itself.
const LIMIT: Duration = Duration::from_secs(27);

/// How long `/health/ready` answers 503 while requests are still served: load balancers stop sending requests in this time.
const TURN_AWAY: Duration = Duration::from_secs(2);

/// Serves until SIGTERM or SIGINT, then stops in order.
pub(crate) async fn serve_until_signalled(running: Running, worker: Worker) -> Result<()> {
    let mut terminate = signal(SignalKind::terminate()).context("could not listen for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("could not listen for SIGINT")?;
    let handle = running.stopper();
    let mut serving = tokio::spawn(running.until_stopped());
    let is_interactive = tokio::select! {
        _ = terminate.recv() => false,
        _ = interrupt.recv() => true,
        ended = &mut serving => {
            ended??;
            anyhow::bail!("the server ended without a signal");
        }
    };
    tracing::info!("stopping");
    handle.drain();
    let stop = async {
        if !is_interactive {
            sleep(TURN_AWAY).await;
        }
        worker.shut_down().await;
        handle.stop().await;
        serving.await?
    };
    tokio::select! {
        end = timeout(LIMIT, stop) => match end {
            Ok(result) => result?,
            // Other processes take over remaining jobs when the leases expire.
            Err(_elapsed) => tracing::warn!("stopped with work left undone"),
        },
        // A second signal means: stop without waiting.
        _ = interrupt.recv() => tracing::warn!("stopped at once"),
    }
    tracing::info!("stopped");
    Ok(())
}
