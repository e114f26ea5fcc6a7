//! Observes the jobs directly in the database while a test runs, even while servers and databases are killed, and judges what it saw.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Result, ensure};

use crate::harness::{App, Direct};

/// How often it reads the jobs. Commits of batches are hundreds of milliseconds apart.
const PERIOD: Duration = Duration::from_millis(5);

/// What a job was at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sighting {
    pub(super) status: String,
    pub(super) attempt: u32,
    pub(super) processed: u64,
    pub(super) imported: u64,
    pub(super) completed_at: String,
    pub(super) leased: bool,
}

/// The changes of every job, in order.
#[derive(Debug, Default)]
pub(super) struct Story {
    jobs: BTreeMap<String, Vec<Sighting>>,
    /// The most jobs of one tenant that were at work at once.
    most_importing: usize,
}

/// A running watch.
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Story>>,
}

impl Watch {
    /// Begins to look.
    pub(super) fn begin(app: &App) -> Self {
        let url = app.database_url();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("builds a runtime");
            runtime.block_on(look(&url, &stopped))
        });
        Self {
            stop,
            thread: Some(thread),
        }
    }

    /// Ends it and returns what was seen.
    pub(super) fn end(mut self) -> Story {
        self.stop.store(true, Ordering::Relaxed);
        let thread = self.thread.take().expect("ends once");
        thread.join().expect("the watcher does not panic")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

async fn look(url: &str, stop: &AtomicBool) -> Story {
    let mut story = Story::default();
    let mut direct = None;
    let mut is_last = false;
    while !is_last {
        // It reads once more after the end, so that the last state is recorded.
        is_last = stop.load(Ordering::Relaxed);
        match &mut direct {
            // The database may be away for a while: that is what is tested.
            None => direct = Direct::connect(url).await.ok(),
            Some(open) => {
                if story.look(open).await.is_err() {
                    direct = None;
                }
            }
        }
        tokio::time::sleep(PERIOD).await;
    }
    story
}

impl Story {
    async fn look(&mut self, direct: &mut Direct) -> Result<()> {
        let sql = format!(
            "SELECT {}, {}, status, CAST(attempt AS TEXT), CAST(processed_rows AS TEXT), \
             CAST(imported_rows AS TEXT), CAST(completed_at AS TEXT), lease_owner FROM migration_jobs",
            direct.hex("id"),
            direct.hex("tenant_id")
        );
        let mut importing: BTreeMap<String, usize> = BTreeMap::new();
        for row in direct.rows(&sql).await? {
            let [
                job,
                tenant,
                status,
                attempt,
                processed,
                imported,
                completed_at,
                lease,
            ] = row.try_into().expect("has eight columns");
            if status == "importing" {
                *importing.entry(tenant).or_default() += 1;
            }
            let sighting = Sighting {
                status,
                attempt: attempt.parse()?,
                processed: processed.parse()?,
                imported: imported.parse()?,
                completed_at,
                leased: !lease.is_empty(),
            };
            let story = self.jobs.entry(job).or_default();
            if story.last() != Some(&sighting) {
                story.push(sighting);
            }
        }
        let most = importing.into_values().max().unwrap_or_default();
        self.most_importing = self.most_importing.max(most);
        Ok(())
    }

    /// The most jobs of one tenant that were at work at once.
    pub(super) const fn most_importing(&self) -> usize {
        self.most_importing
    }

    /// What was seen of a job.
    pub(super) fn of(&self, job: &str) -> &[Sighting] {
        let key = job.replace('-', "");
        self.jobs.get(&key).map_or(&[], Vec::as_slice)
    }

    /// Progress never decreased, and every job was completed at most once and stayed completed, except for a rollback.
    pub(super) fn holds(&self) -> Result<()> {
        let mut wrong = Vec::new();
        for (job, sightings) in &self.jobs {
            judge(job, sightings, &mut wrong);
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }
}

fn judge(job: &str, sightings: &[Sighting], wrong: &mut Vec<String>) {
    let mut endings: Vec<&str> = Vec::new();
    for (before, after) in sightings.iter().zip(sightings.iter().skip(1)) {
        let same_phase = before.status == after.status;
        if same_phase && (after.processed < before.processed || after.imported < before.imported) {
            wrong.push(format!(
                "job {job}: progress fell from {before:?} to {after:?}"
            ));
        }
        let is_at_work = ["validating", "importing"].contains(&before.status.as_str());
        if is_at_work && after.attempt < before.attempt {
            wrong.push(format!(
                "job {job}: the fence fell from {before:?} to {after:?}"
            ));
        }
        let is_allowed = match (before.status.as_str(), after.status.as_str()) {
            ("completed", next) => ["completed", "rolled_back"].contains(&next),
            ("rolled_back", next) => next == "rolled_back",
            ("importing", next) => ["importing", "completed", "failed"].contains(&next),
            _ => true,
        };
        if !is_allowed {
            wrong.push(format!("job {job}: went from {before:?} to {after:?}"));
        }
    }
    for sighting in sightings.iter().filter(|seen| seen.status == "completed") {
        if !endings.contains(&sighting.completed_at.as_str()) {
            endings.push(&sighting.completed_at);
        }
    }
    if endings.len() > 1 {
        wrong.push(format!("job {job}: was completed at {endings:?}"));
    }
}
