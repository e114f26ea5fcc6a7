//! Faults for tests, chosen by the name of the file. Release builds do not contain them, and have no effect without the
//! variable `HIJRAH_FAULTS`.

use domain::ImportJob;

/// Panics on a file called `panic-…`, in any phase.
#[cfg(debug_assertions)]
pub(super) fn inject(job: &ImportJob) {
    assert!(!asked_for(job, "panic-"), "a fault was asked for");
}

#[cfg(not(debug_assertions))]
pub(super) const fn inject(_job: &ImportJob) {}

/// Pauses for a second after each batch of a file called `slow-…`, so that a test can act between two batches.
#[cfg(debug_assertions)]
pub(super) async fn stall(job: &ImportJob) {
    if asked_for(job, "slow-") {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

#[cfg(not(debug_assertions))]
pub(super) async fn stall(_job: &ImportJob) {}

#[cfg(debug_assertions)]
fn asked_for(job: &ImportJob, name: &str) -> bool {
    std::env::var_os("HIJRAH_FAULTS").is_some() && job.file_name.starts_with(name)
}
