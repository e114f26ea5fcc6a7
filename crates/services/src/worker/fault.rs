//! Faults for tests, chosen by the name of the file: nothing of this is in a release build, and without the variable
//! `HIJRAH_FAULTS` nothing of it happens in any build.

use domain::ImportJob;

/// Panics on a file called `panic-…`, whatever phase it is in.
#[cfg(debug_assertions)]
pub(super) fn inject(job: &ImportJob) {
    let is_on = std::env::var_os("HIJRAH_FAULTS").is_some();
    assert!(
        !(is_on && job.file_name.starts_with("panic-")),
        "a fault was asked for"
    );
}

#[cfg(not(debug_assertions))]
pub(super) const fn inject(_job: &ImportJob) {}
