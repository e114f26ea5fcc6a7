//! The invariant checker. It knows which files were imported and what they must result in, reads the database past the server and the
//! API as a client, and names everything that is not as it must be.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::harness::{App, Client, Direct, files_below, new_package};

use super::found::{End, Found, compare_api};
use super::truth::Truth;

/// What must be true of the tenant's imports, and of everybody else.
pub(super) struct Ledger {
    jobs: Vec<(String, Truth, End)>,
    neighbour: Vec<Vec<String>>,
    tenant: String,
}

impl Ledger {
    /// Opens it for the tenant of `admin`. From then on a second tenant has rows of its own.
    pub(super) async fn open(app: &App, admin: &Client) -> Result<Self> {
        let neighbour = app.other_tenant().await?;
        let package = new_package(&neighbour).await?;
        // The same people as in the files of the tenant under test: each tenant has its own.
        let truth = Truth::new(0, 30, vec![4]);
        let job = neighbour
            .job("jamaah", "tetangga.csv", &truth.file(&package))
            .await?;
        ensure!(neighbour.import(&job).await?["imported_rows"] == 29);
        let me = admin.get("/api/v1/auth/me").await?.expect_status(200)?;
        let tenant = me.json()?["tenant_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let mut ledger = Self {
            jobs: Vec::new(),
            neighbour: Vec::new(),
            tenant,
        };
        ledger.neighbour = ledger.others(&mut app.direct().await?).await?;
        ensure!(ledger.neighbour.len() > 30, "the second tenant has no rows");
        Ok(ledger)
    }

    /// From now on this job must be at `end`.
    pub(super) fn expect(&mut self, job: &str, truth: &Truth, end: End) {
        self.jobs.retain(|(known, ..)| known != job);
        self.jobs.push((job.to_owned(), truth.clone(), end));
    }

    /// Fails with everything that is wrong.
    pub(super) async fn holds(&self, app: &App, admin: &Client) -> Result<()> {
        let wrong = self.check(app, admin).await?;
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    }

    /// Everything that is wrong, a line each.
    pub(super) async fn check(&self, app: &App, admin: &Client) -> Result<Vec<String>> {
        let mut wrong = Vec::new();
        let mut direct = app.direct().await?;
        for (job, truth, end) in &self.jobs {
            let found = Found::read(&mut direct, job).await?;
            found.compare(truth, *end, &mut wrong);
            compare_api(admin, &found, &mut wrong).await?;
        }
        self.strays(&mut direct, &mut wrong).await?;
        storage(app, &mut direct, &mut wrong).await?;
        let people: usize = self
            .jobs
            .iter()
            .map(|job| expected_rows(&job.1, job.2))
            .sum();
        let page = admin.get("/api/v1/jamaah?limit=1").await?;
        let total = &page.expect_status(200)?.json()?["total"];
        if *total != people {
            wrong.push(format!("the API lists {total} jamaah instead of {people}"));
        }
        if self.others(&mut direct).await? != self.neighbour {
            wrong.push("the rows of another tenant have changed".to_owned());
        }
        Ok(wrong)
    }

    /// Removes the tenant's jobs directly from the database, so that the next round begins like the first.
    pub(super) async fn clear(&mut self, app: &App) -> Result<()> {
        let mut direct = app.direct().await?;
        let tenant = direct.uuid(&self.tenant)?;
        let urls = format!("SELECT file_url FROM migration_jobs WHERE tenant_id = {tenant}");
        for row in direct.rows(&urls).await? {
            std::fs::remove_file(app.uploads().join(&row[0]))?;
        }
        for table in ["jamaah", "migration_errors", "migration_jobs"] {
            let delete = format!("DELETE FROM {table} WHERE tenant_id = {tenant}");
            direct.execute(&delete).await?;
        }
        self.jobs.clear();
        Ok(())
    }

    /// Rows that belong to no job of the ledger, and leases that no job needs.
    async fn strays(&self, direct: &mut Direct, wrong: &mut Vec<String>) -> Result<()> {
        let tenant = direct.uuid(&self.tenant)?;
        let mut known = Vec::new();
        for (job, ..) in &self.jobs {
            known.push(direct.uuid(job)?);
        }
        // No job has this id.
        known.push(direct.uuid(&uuid::Uuid::nil().to_string())?);
        let known = known.join(", ");
        for table in ["jamaah", "migration_errors"] {
            let sql = format!(
                "SELECT count(*) FROM {table} WHERE tenant_id = {tenant} \
                 AND (migration_job_id IS NULL OR migration_job_id NOT IN ({known}))"
            );
            let strays = direct.number(&sql).await?;
            if strays > 0 {
                wrong.push(format!("rows of {table} without a known job: {strays}"));
            }
            let sql = format!(
                "SELECT count(*) FROM {table} AS r JOIN migration_jobs AS j \
                 ON j.id = r.migration_job_id WHERE j.tenant_id <> r.tenant_id"
            );
            let foreign = direct.number(&sql).await?;
            if foreign > 0 {
                wrong.push(format!(
                    "rows of {table} with another tenant's job: {foreign}"
                ));
            }
        }
        let leases = direct
            .number(
                "SELECT count(*) FROM migration_jobs WHERE status NOT IN ('validating', 'importing') \
                 AND (lease_owner IS NOT NULL OR lease_expires_at IS NOT NULL)",
            )
            .await?;
        if leases > 0 {
            wrong.push(format!("jobs at rest with a lease: {leases}"));
        }
        Ok(())
    }

    /// Everything that belongs to other tenants.
    async fn others(&self, direct: &mut Direct) -> Result<Vec<Vec<String>>> {
        let tenant = direct.uuid(&self.tenant)?;
        let (id, job) = (direct.hex("id"), direct.hex("migration_job_id"));
        let mut rows = Vec::new();
        for (table, columns) in [
            (
                "jamaah",
                format!("{job}, nama, email, ktp, CAST(version AS TEXT)"),
            ),
            ("packages", "nama, CAST(version AS TEXT)".to_owned()),
            ("payments", job.clone()),
            ("migration_errors", format!("{job}, error_message")),
            (
                "migration_jobs",
                "status, lease_owner, CAST(attempt AS TEXT), CAST(imported_rows AS TEXT)"
                    .to_owned(),
            ),
        ] {
            let sql = format!(
                "SELECT '{table}', {id} AS key, {columns} FROM {table} WHERE tenant_id <> {tenant} \
                 ORDER BY key"
            );
            rows.extend(direct.rows(&sql).await?);
        }
        Ok(rows)
    }
}

/// Rows that a job must have left in the database.
fn expected_rows(truth: &Truth, end: End) -> usize {
    match end {
        End::Completed => truth.people.len(),
        End::Uploaded | End::Validated | End::RolledBack => 0,
    }
}

/// No file without a job, no job without a file.
async fn storage(app: &App, direct: &mut Direct, wrong: &mut Vec<String>) -> Result<()> {
    let uploads = app.uploads();
    let rows = direct
        .rows("SELECT file_url FROM migration_jobs WHERE file_url <> ''")
        .await?;
    let known: BTreeSet<_> = rows.iter().map(|row| uploads.join(&row[0])).collect();
    let stored = files_below(&uploads)?;
    let name = |path: &Path| {
        path.strip_prefix(&uploads)
            .unwrap_or(path)
            .display()
            .to_string()
    };
    for path in stored.difference(&known) {
        wrong.push(format!("the file {} belongs to no job", name(path)));
    }
    for path in known.difference(&stored) {
        wrong.push(format!("the file {} of a job is missing", name(path)));
    }
    Ok(())
}
