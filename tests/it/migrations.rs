//! The migration program under difficult conditions: killed, started several times at once, on a database with missing migrations, on
//! a newer one, and on one that other programs use.

use std::collections::BTreeMap;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use migration::{Connection, Migrator, catalogue};
use rand::RngExt;

use crate::commands::{printed, start};
use crate::harness::{
    ADMIN, Backend, Client, Direct, PostgresDatabase, Server, binary, run_directory, workspace,
};

/// An empty database of either engine.
pub(crate) struct Empty {
    pub(crate) backend: Backend,
    pub(crate) url: String,
    pub(crate) folder: tempfile::TempDir,
    postgres: Option<PostgresDatabase>,
}

impl Empty {
    pub(crate) async fn create(backend: Backend) -> Result<Self> {
        let folder = tempfile::tempdir_in(run_directory())?;
        let postgres = match backend {
            Backend::Postgres => Some(PostgresDatabase::create_empty().await?),
            Backend::Sqlite => None,
        };
        let url = match &postgres {
            Some(database) => database.url.clone(),
            None => format!("sqlite://{}?mode=rwc", folder.path().join("x.db").display()),
        };
        Ok(Self {
            backend,
            url,
            folder,
            postgres,
        })
    }

    pub(crate) async fn remove(self) -> Result<()> {
        match self.postgres {
            Some(database) => database.remove().await,
            None => Ok(()),
        }
    }

    /// Runs `migration` and expects success.
    pub(crate) fn migrate(&self, arguments: &[&str]) -> Result<String> {
        let output = self.try_migrate(arguments, "development")?;
        ensure!(
            output.status.success(),
            "{arguments:?}: {}",
            printed(&output)
        );
        Ok(printed(&output))
    }

    pub(crate) fn try_migrate(&self, arguments: &[&str], app_env: &str) -> Result<Output> {
        let environment = [("DATABASE_URL", self.url.as_str()), ("APP_ENV", app_env)];
        start("migration", arguments, &environment, self.folder.path())
    }

    fn spawn(&self, program: &str, arguments: &[&str]) -> Result<std::process::Child> {
        Ok(Command::new(binary(program))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("DATABASE_URL", &self.url)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?)
    }

    pub(crate) async fn direct(&self) -> Result<Direct> {
        Direct::connect(&self.url).await
    }

    /// Everything that the engine reports about the schema.
    pub(crate) async fn schema(&self) -> Result<String> {
        let db: Connection = migration::connect(&self.url).await?;
        let text = catalogue::written(&catalogue::read(&db, None).await?);
        db.close().await?;
        Ok(text)
    }

    /// The schema, and the recorded migrations.
    async fn dump(&self) -> Result<String> {
        let mut text = self.schema().await?;
        let db: Connection = migration::connect(&self.url).await?;
        for row in migration::State::read(&db).await?.applied {
            text.push_str(&format!("{} {:?}\n", row.name, row.checksum));
        }
        db.close().await?;
        Ok(text)
    }
}

/// Makes a test of each claim about an empty database, once per engine.
macro_rules! on_both_empty {
    ($($claim:ident),+ $(,)?) => { $(
        mod $claim {
            use crate::harness::Backend;
            use crate::migrations::Empty;

            #[tokio::test]
            async fn sqlite() -> anyhow::Result<()> {
                let empty = Empty::create(Backend::Sqlite).await?;
                super::$claim(&empty).await?;
                empty.remove().await
            }

            #[tokio::test]
            async fn postgres() -> anyhow::Result<()> {
                let empty = Empty::create(Backend::Postgres).await?;
                super::$claim(&empty).await?;
                empty.remove().await
            }
        }
    )+ };
}

on_both_empty! {
    the_golden_catalogue_is_what_the_migrations_make,
    a_killed_migration_leaves_nothing_that_the_next_one_cannot_finish,
    four_at_once_all_end_well,
    a_hole_is_pending_everywhere_and_up_fills_it,
    a_newer_database_can_be_read_and_is_not_downgraded,
    a_changed_migration_is_reported,
    every_difference_is_named_with_sql_that_repairs_it,
    the_printed_statements_do_what_up_does,
    production_loses_nothing_without_yes,
    fresh_drops_only_our_own_tables,
    production_asks_for_the_name_of_the_first_tenant,
}

/// How many times a migration is killed in each direction: `MIGRATION_KILLS`, else a few.
fn kills() -> usize {
    let given = std::env::var("MIGRATION_KILLS").ok();
    given.and_then(|text| text.parse().ok()).unwrap_or(3)
}

/// The file of an engine's golden catalogue.
pub(crate) fn golden(backend: Backend) -> &'static str {
    match backend {
        Backend::Postgres => "migration/src/catalogue/golden/postgres.txt",
        Backend::Sqlite => "migration/src/catalogue/golden/sqlite.txt",
    }
}

async fn the_golden_catalogue_is_what_the_migrations_make(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    let made = empty.schema().await?;
    let path = workspace().join(golden(empty.backend));
    if std::env::var_os("UPDATE_CATALOGUE").is_some() {
        std::fs::write(&path, &made)?;
    }
    let golden = std::fs::read_to_string(&path)?;
    ensure!(
        golden == made,
        "the golden catalogue is not up to date: UPDATE_CATALOGUE=1 cargo test -p tests --test it -- catalogue"
    );
    Ok(())
}

async fn a_killed_migration_leaves_nothing_that_the_next_one_cannot_finish(
    empty: &Empty,
) -> Result<()> {
    let begun = std::time::Instant::now();
    empty.migrate(&["up"])?;
    let whole = begun.elapsed();
    let up = empty.dump().await?;
    empty.migrate(&["to", "base"])?;
    let down = empty.dump().await?;
    let (mut in_time, mut too_late) = (0, 0);
    for arguments in [&["up"][..], &["to", "base"]] {
        let expected = if arguments[0] == "up" { &up } else { &down };
        for _ in 0..kills() {
            // From the state that the command starts from.
            empty.migrate(if arguments[0] == "up" {
                &["to", "base"]
            } else {
                &["up"]
            })?;
            let mut process = empty.spawn("migration", arguments)?;
            let wait = rand::rng().random_range(Duration::ZERO..whole);
            tokio::time::sleep(wait).await;
            if process.try_wait()?.is_none() {
                in_time += 1;
            } else {
                too_late += 1;
            }
            process.kill()?;
            process.wait()?;
            empty.migrate(arguments)?;
            let found = empty.dump().await?;
            ensure!(
                found == *expected,
                "after {arguments:?} was killed at {wait:?}:\n{found}"
            );
        }
    }
    println!(
        "{:?}: {in_time} kills in time, {too_late} too late, all repaired by the next run",
        empty.backend
    );
    Ok(())
}

async fn four_at_once_all_end_well(empty: &Empty) -> Result<()> {
    let rounds = kills().div_ceil(5);
    let mut last = String::new();
    for _ in 0..rounds {
        for arguments in [&["up"][..], &["to", "base"], &["up"]] {
            let crowd = (0..4)
                .map(|_| empty.spawn("migration", arguments))
                .collect::<Result<Vec<_>>>()?;
            for process in crowd {
                let output = process.wait_with_output()?;
                ensure!(
                    output.status.success(),
                    "{arguments:?}: {}",
                    printed(&output)
                );
            }
        }
        let found = empty.dump().await?;
        ensure!(last.is_empty() || last == found, "{found}");
        last = found;
        let crowd = (0..4)
            .map(|_| empty.spawn("seed", &[]))
            .collect::<Result<Vec<_>>>()?;
        for process in crowd {
            let output = process.wait_with_output()?;
            ensure!(output.status.success(), "seed: {}", printed(&output));
        }
        let mut direct = empty.direct().await?;
        ensure!(direct.number("SELECT count(*) FROM tenants").await? == 1);
        ensure!(direct.number("SELECT count(*) FROM \"user\"").await? == 1);
        ensure!(direct.number("SELECT count(*) FROM packages").await? == 3);
    }
    println!(
        "{:?}: {rounds} rounds of four at once, every exit code 0",
        empty.backend
    );
    Ok(())
}

/// Undoes a migration without changing its record, as after a merge of two branches: an older one arrives after a newer one.
async fn make_hole(empty: &Empty) -> Result<String> {
    empty.migrate(&["up"])?;
    let names = Migrator::names();
    let hole = names
        .iter()
        .find(|name| name.contains("payments"))
        .context("payments")?;
    let mut direct = empty.direct().await?;
    direct
        .execute(&format!(
            "DROP TABLE payments; DELETE FROM seaql_migrations WHERE version = '{hole}'"
        ))
        .await?;
    Ok(hole.clone())
}

async fn a_hole_is_pending_everywhere_and_up_fills_it(empty: &Empty) -> Result<()> {
    let hole = make_hole(empty).await?;
    ensure!(
        empty
            .migrate(&["current"])?
            .contains(&format!("pending below it: {hole}"))
    );
    ensure!(
        empty
            .migrate(&["status"])?
            .contains(&format!("{hole}  pending, though newer ones are applied"))
    );
    ensure!(
        empty
            .migrate(&["history"])?
            .contains(&format!("{hole}  pending"))
    );
    let status = empty.try_migrate(&["status", "--exit-code"], "development")?;
    ensure!(status.status.code() == Some(1), "{}", printed(&status));
    for arguments in [["to", "head"], ["to", "base"], ["to", "m20261120_000005"]] {
        let refused = empty.try_migrate(&arguments, "development")?;
        let said = printed(&refused);
        ensure!(
            refused.status.code() == Some(1) && said.contains(&hole),
            "{arguments:?}: {said}"
        );
    }
    ensure!(
        empty
            .direct()
            .await?
            .number("SELECT count(*) FROM jamaah")
            .await?
            == 0
    );
    let said = empty.migrate(&["up"])?;
    ensure!(said.contains(&format!("applied {hole}")), "{said}");
    empty.migrate(&["status", "--exit-code"])?;
    Ok(())
}

async fn a_newer_database_can_be_read_and_is_not_downgraded(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    let newer = "m29990101_000000_of_the_future";
    empty
        .direct()
        .await?
        .execute(&format!(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('{newer}', 1)"
        ))
        .await?;
    for arguments in [&["current"][..], &["history"], &["status"], &["up"]] {
        let said = empty.migrate(arguments)?;
        ensure!(
            arguments == ["up"] || said.contains(newer),
            "{arguments:?}: {said}"
        );
    }
    for arguments in [
        &["down"][..],
        &["to", "base"],
        &["reset"],
        &["refresh"],
        &["fresh"],
    ] {
        let refused = empty.try_migrate(arguments, "development")?;
        let said = printed(&refused);
        ensure!(
            refused.status.code() == Some(1) && said.contains("newer than this program"),
            "{said}"
        );
    }
    let status = empty.try_migrate(&["status", "--exit-code"], "development")?;
    ensure!(status.status.code() == Some(1), "{}", printed(&status));
    Ok(())
}

async fn a_changed_migration_is_reported(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    let mut direct = empty.direct().await?;
    direct
        .execute("UPDATE seaql_migrations SET checksum = 'other' WHERE version LIKE '%packages'")
        .await?;
    ensure!(
        empty
            .migrate(&["status"])?
            .contains("packages  applied, and changed since")
    );
    let check = empty.try_migrate(&["check"], "development")?;
    ensure!(check.status.code() == Some(1) && printed(&check).contains("packages has changed"));
    empty.migrate(&["stamp", "head"])?;
    empty.migrate(&["check"])?;
    // A database of the time before checksums gets them, and its column.
    direct
        .execute("ALTER TABLE seaql_migrations DROP COLUMN checksum")
        .await?;
    empty.migrate(&["status", "--exit-code"])?;
    empty.migrate(&["up"])?;
    empty.migrate(&["check"])?;
    ensure!(
        direct
            .number("SELECT count(*) FROM seaql_migrations WHERE checksum IS NULL")
            .await?
            == 0
    );
    Ok(())
}

async fn every_difference_is_named_with_sql_that_repairs_it(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    empty.migrate(&["check"])?;
    let damage: &[(&str, &str)] = match empty.backend {
        Backend::Postgres => &[
            (
                "ALTER TABLE jamaah DROP COLUMN catatan",
                "column jamaah.catatan",
            ),
            (
                "ALTER TABLE packages ALTER COLUMN harga_retail TYPE integer",
                "column packages.harga_retail",
            ),
            (
                "ALTER TABLE packages ALTER COLUMN nama DROP NOT NULL",
                "column packages.nama",
            ),
            (
                "ALTER TABLE migration_jobs ALTER COLUMN attempt DROP DEFAULT",
                "column migration_jobs.attempt",
            ),
            (
                "ALTER TABLE migration_errors DROP CONSTRAINT fk_migration_errors_migration_job",
                "fk_migration_errors_migration_job",
            ),
            (
                "DROP INDEX uq_jamaah_email; CREATE INDEX uq_jamaah_email ON jamaah (email)",
                "index uq_jamaah_email",
            ),
            (
                "DROP POLICY tenant_isolation ON jamaah; CREATE POLICY tenant_isolation ON jamaah USING (true)",
                "policy tenant_isolation of jamaah",
            ),
            (
                "ALTER TABLE payments DISABLE ROW LEVEL SECURITY",
                "row-level security payments",
            ),
            (
                "ALTER TABLE jamaah ADD COLUMN extra text",
                "column jamaah.extra",
            ),
            ("DROP TABLE migration_errors", "table migration_errors"),
        ],
        Backend::Sqlite => &[
            (
                "ALTER TABLE jamaah DROP COLUMN catatan",
                "column jamaah.catatan",
            ),
            (
                "ALTER TABLE jamaah ADD COLUMN extra text",
                "column jamaah.extra",
            ),
            (
                "DROP INDEX uq_jamaah_email; CREATE INDEX uq_jamaah_email ON jamaah (email)",
                "index uq_jamaah_email",
            ),
            (
                "DROP INDEX ix_migration_errors_row",
                "index ix_migration_errors_row",
            ),
            (
                "CREATE TRIGGER t AFTER INSERT ON jamaah BEGIN DELETE FROM payments; END",
                "trigger t of jamaah",
            ),
            ("DROP TABLE migration_errors", "table migration_errors"),
            (
                "CREATE TABLE aside AS SELECT * FROM payments; DROP TABLE payments; ALTER TABLE aside RENAME TO payments",
                "column payments.id",
            ),
        ],
    };
    for (sql, named) in damage {
        let mut direct = empty.direct().await?;
        direct.execute(sql).await?;
        let check = empty.try_migrate(&["check"], "development")?;
        let said = printed(&check);
        ensure!(
            check.status.code() == Some(1) && said.contains(named),
            "{sql}: {said}"
        );
        // The repair is indented below each difference; if a table has several, the first one rebuilds it.
        for _ in 0..12 {
            let check = empty.try_migrate(&["check"], "development")?;
            if check.status.success() {
                break;
            }
            let said = String::from_utf8_lossy(&check.stdout).into_owned();
            let repair: Vec<&str> = said
                .lines()
                .skip_while(|line| !line.starts_with("    "))
                .take_while(|line| line.starts_with("    "))
                .collect();
            ensure!(!repair.is_empty(), "{sql}: {said}");
            let mut direct = empty.direct().await?;
            direct
                .execute(&repair.join("\n"))
                .await
                .with_context(|| said.clone())?;
        }
        empty
            .migrate(&["check"])
            .with_context(|| (*sql).to_owned())?;
    }
    Ok(())
}

async fn the_printed_statements_do_what_up_does(empty: &Empty) -> Result<()> {
    let sql = empty.migrate(&["sql"])?;
    ensure!(
        empty.dump().await?.lines().count() <= 4,
        "printing has changed the database"
    );
    let sql: Vec<&str> = sql
        .lines()
        .filter(|line| !line.starts_with("exit status"))
        .collect();
    empty.direct().await?.execute(&sql.join("\n")).await?;
    empty.migrate(&["check"])?;
    empty.migrate(&["status", "--exit-code"])?;
    ensure!(empty.migrate(&["sql"])?.contains("nothing to do"));
    let sql = empty.migrate(&["sql", "--to", "base"])?;
    let sql: Vec<&str> = sql
        .lines()
        .filter(|line| !line.starts_with("exit status"))
        .collect();
    empty.direct().await?.execute(&sql.join("\n")).await?;
    ensure!(empty.migrate(&["current"])?.contains("base"));
    empty.migrate(&["up"])?;
    Ok(())
}

async fn production_loses_nothing_without_yes(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    for arguments in [
        &["down"][..],
        &["to", "base"],
        &["fresh"],
        &["refresh"],
        &["reset"],
    ] {
        let refused = empty.try_migrate(arguments, "production")?;
        let said = printed(&refused);
        ensure!(
            refused.status.code() == Some(1) && said.contains("--yes"),
            "{arguments:?}: {said}"
        );
        ensure!(
            arguments == ["down"] || said.contains("table jamaah with 0 rows"),
            "{arguments:?}: {said}"
        );
    }
    ensure!(empty.try_migrate(&["up"], "production")?.status.success());
    ensure!(
        empty
            .try_migrate(&["to", "head"], "production")?
            .status
            .success()
    );
    ensure!(
        empty
            .try_migrate(&["reset", "--yes"], "production")?
            .status
            .success()
    );
    ensure!(empty.migrate(&["current"])?.contains("base"));
    Ok(())
}

async fn fresh_drops_only_our_own_tables(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    let mut direct = empty.direct().await?;
    direct
        .execute("CREATE TABLE others (x integer); INSERT INTO others VALUES (7)")
        .await?;
    direct.execute("DROP TABLE payments").await?;
    empty.migrate(&["fresh"])?;
    ensure!(direct.number("SELECT x FROM others").await? == 7);
    empty.migrate(&["check"])?;
    empty.migrate(&["down", "-n", "2"])?;
    empty.migrate(&["up"])?;
    empty.migrate(&["check"])?;
    Ok(())
}

async fn production_asks_for_the_name_of_the_first_tenant(empty: &Empty) -> Result<()> {
    empty.migrate(&["up"])?;
    let seed = |password: &str, arguments: &[&str]| {
        let environment = [
            ("DATABASE_URL", empty.url.as_str()),
            ("APP_ENV", "production"),
            ("ADMIN_PASSWORD", password),
        ];
        start("seed", arguments, &environment, empty.folder.path())
    };
    let named = &["--tenant-name", "Safar Barokah"][..];
    for (password, arguments, said) in [
        ("kuda-baterai-jepit", &[][..], "--tenant-name"),
        ("", named, "ADMIN_PASSWORD"),
        ("admin123", named, "12"),
        ("administrator123", named, "umum"),
    ] {
        let output = seed(password, arguments)?;
        ensure!(
            !output.status.success() && printed(&output).contains(said),
            "{}",
            printed(&output)
        );
    }
    let mut direct = empty.direct().await?;
    ensure!(direct.number("SELECT count(*) FROM tenants").await? == 0);
    let output = seed("kuda-baterai-jepit", named)?;
    ensure!(output.status.success(), "{}", printed(&output));
    ensure!(direct.number("SELECT count(*) FROM packages").await? == 0);
    ensure!(
        direct
            .number("SELECT count(*) FROM tenants WHERE name = 'Safar Barokah'")
            .await?
            == 1
    );
    // Once there is an account, a release may seed again without further arguments.
    let output = seed("", &[])?;
    ensure!(output.status.success(), "{}", printed(&output));
    Ok(())
}

#[tokio::test]
async fn a_reader_is_answered_while_a_migration_waits_for_a_table() -> Result<()> {
    let empty = Empty::create(Backend::Postgres).await?;
    empty.migrate(&["up"])?;
    let mut holder = empty.direct().await?;
    holder.execute("BEGIN; SELECT * FROM packages").await?;
    let waiting = empty.spawn("migration", &["to", "m20261120_000005"])?;
    let mut reader = empty.direct().await?;
    reader.execute("SET statement_timeout = '20s'").await?;
    // Until the migration is seen to wait, and then for a while: each answer comes, none is refused.
    let mut waited = 0;
    while waited < 5 {
        let sql = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
            WHERE NOT l.granted AND a.application_name = 'hijrah-migration'";
        waited += i64::from(reader.number(sql).await? > 0);
        ensure!(reader.number("SELECT count(*) FROM packages").await? == 0);
    }
    holder.execute("COMMIT").await?;
    let output = waiting.wait_with_output()?;
    ensure!(output.status.success(), "{}", printed(&output));
    empty.remove().await
}

#[tokio::test]
async fn a_killed_first_start_of_the_server_is_finished_by_the_next_one() -> Result<()> {
    for _ in 0..kills() {
        let folder = tempfile::tempdir_in(run_directory())?;
        let mut server = Command::new(binary("server"))
            .current_dir(folder.path())
            .env_clear()
            .env("PORT", "0")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        tokio::time::sleep(rand::rng().random_range(Duration::ZERO..Duration::from_secs(2))).await;
        server.kill()?;
        server.wait()?;
        let settings = BTreeMap::from([("PORT".to_owned(), "0".to_owned())]);
        let server = Server::start(folder.path(), &settings)?;
        let admin = Client::new(&server.base).login(ADMIN.0, ADMIN.1).await?;
        ensure!(
            admin.items("packages").await?.len() == 3,
            "{}",
            server.output()
        );
    }
    Ok(())
}

#[tokio::test]
async fn servers_that_start_at_once_in_an_empty_folder_share_one_installation() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let settings = BTreeMap::from([("PORT".to_owned(), "0".to_owned())]);
    let servers = std::thread::scope(|scope| {
        let starts: Vec<_> = (0..2)
            .map(|_| scope.spawn(|| Server::start(folder.path(), &settings)))
            .collect();
        let join = |start: std::thread::ScopedJoinHandle<'_, Result<Server>>| {
            start
                .join()
                .map_err(|_| anyhow::anyhow!("the start panicked"))?
        };
        starts.into_iter().map(join).collect::<Result<Vec<_>>>()
    })?;
    let admin = Client::new(&servers[0].base)
        .login(ADMIN.0, ADMIN.1)
        .await?;
    for server in &servers {
        // The same secret signs the tokens of both.
        ensure!(admin.at(&server.base).items("packages").await?.len() == 3);
    }
    Ok(())
}
