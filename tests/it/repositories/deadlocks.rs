//! Transactions that PostgreSQL aborts in favour of another one are repeated, and their callers notice nothing.

use anyhow::{Context, Result};
use domain::{Change, Clock, JamaahId, JamaahInput, JobStatus};
use repositories::{ImportJobs, JamaahRecords};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::{
    rollback::imported,
    world::{Now, World, jamaah, prove},
};
use crate::harness::Backend;

#[test]
fn a_change_that_loses_a_deadlock_is_repeated() {
    prove(Backend::Postgres, |world| Box::pin(changes(world)));
}

#[test]
fn a_rollback_that_loses_a_deadlock_is_repeated() {
    prove(Backend::Postgres, |world| Box::pin(rolls_back(world)));
}

async fn changes(world: &World) -> Result<()> {
    let old = world.package(world.scope, "Lama").await?;
    let new = world.package(world.scope, "Baru").await?;
    let id = JamaahId::mint(&Now);
    let records = JamaahRecords::new(&world.db);
    records
        .insert(world.scope, id, &jamaah(1, old), Now.now())
        .await?;
    let mut rival = Rival::begin(world, &format!("packages WHERE id = '{new}'")).await?;
    let patch = JamaahInput {
        paket_id: Change::Set(new),
        ..JamaahInput::default()
    };
    let scope = world.scope;
    let change = tokio::spawn(async move { records.update(scope, id, patch, Now.now()).await });
    rival.wait_until_another_waits().await?;
    rival.win(&format!("jamaah WHERE id = '{id}'")).await?;
    let changed = change.await??.context("the jamaah is there")?;
    assert_eq!(changed.fields.paket_id, new);
    assert_eq!(changed.version, 2);
    Ok(())
}

async fn rolls_back(world: &World) -> Result<()> {
    let (lease, people) = imported(world).await?;
    let id = lease.job_id;
    let mut rival = Rival::begin(world, &format!("jamaah WHERE id = '{}'", people[1])).await?;
    let (jobs, scope) = (ImportJobs::new(&world.db), world.scope);
    let rollback = tokio::spawn(async move { jobs.rollback(scope, id, false, None).await });
    rival.wait_until_another_waits().await?;
    rival
        .win(&format!("migration_jobs WHERE id = '{id}'"))
        .await?;
    let done = rollback.await??.context("the job is there")?;
    assert_eq!(done.job.status(), JobStatus::RolledBack);
    assert_eq!((done.removed, done.kept.len()), (4, 0));
    Ok(())
}

/// A concurrent transaction that the engine never chooses as the victim.
struct Rival {
    session: PgConnection,
    watcher: PgConnection,
}

impl Rival {
    /// Begins by locking some rows.
    async fn begin(world: &World, rows: &str) -> Result<Self> {
        let mut session = PgConnection::connect(&world.config.url).await?;
        // The session that detects the deadlock first is cancelled.
        let begin = "SET deadlock_timeout = '1h'; BEGIN";
        sqlx::raw_sql(begin).execute(&mut session).await?;
        let watcher = PgConnection::connect(&world.config.url).await?;
        let mut rival = Self { session, watcher };
        rival.lock(rows).await?;
        Ok(rival)
    }

    async fn lock(&mut self, rows: &str) -> Result<()> {
        let sql = format!("SELECT 1 FROM {rows} FOR UPDATE");
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut self.session)
            .await?;
        Ok(())
    }

    /// Until another session of this database waits for a lock.
    async fn wait_until_another_waits(&mut self) -> Result<()> {
        let waiting = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock')";
        while !sqlx::query_scalar(waiting)
            .fetch_one(&mut self.watcher)
            .await?
        {
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Requests the lock that the other one holds, which causes a deadlock, and commits.
    async fn win(mut self, rows: &str) -> Result<()> {
        self.lock(rows).await?;
        sqlx::raw_sql("COMMIT").execute(&mut self.session).await?;
        Ok(())
    }
}
