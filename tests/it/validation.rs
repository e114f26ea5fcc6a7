//! `validate` must accept sound installations, and must report what is wrong with damaged ones.

use std::path::Path;
use std::process::Output;

use anyhow::{Context, Result, ensure};
use reqwest::Url;

use crate::commands::{printed, start};
use crate::harness::{
    App, Backend, Direct, files_below, jamaah_file, on_both_engines, on_postgres, run_directory,
};

on_both_engines! {
    a_sound_installation_is_sound,
    damage_to_the_schema_is_reported,
    damage_to_rows_is_reported,
    damage_to_more_rows_is_reported,
    damage_that_one_engine_allows_is_reported,
    what_can_be_repaired_is_repaired,
    damaged_files_are_reported,
    a_new_password_ends_the_sessions,
    a_demonstration_is_removed_without_a_trace,
}

on_postgres! { [] the_roles_of_an_installation_are_checked }

/// Statements, and the findings that they must cause.
type Damage = (&'static str, &'static str);

/// Damage to tables, indexes, views, and the records of migrations.
const SCHEMA: &[Damage] = &[
    (
        "DELETE FROM seaql_migrations WHERE version LIKE '%payments'",
        "payments is pending, though newer ones",
    ),
    (
        "UPDATE seaql_migrations SET checksum = 'x' WHERE version LIKE '%payments'",
        "checksum",
    ),
    (
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29990101_000000_x', 1)",
        "m29990101_000000_x",
    ),
    ("DROP INDEX ix_jamaah_paket", "index ix_jamaah_paket"),
    ("DROP INDEX uq_jamaah_ktp", "index uq_jamaah_ktp"),
    (
        "DROP INDEX ix_jamaah_paket; CREATE INDEX ix_jamaah_paket ON jamaah (paket_id, tenant_id)",
        "index ix_jamaah_paket",
    ),
    (
        "DROP INDEX uq_jamaah_ktp; CREATE UNIQUE INDEX uq_jamaah_ktp ON jamaah (tenant_id, ktp)",
        "index uq_jamaah_ktp",
    ),
    (
        "ALTER TABLE jamaah ADD COLUMN extra text",
        "column jamaah.extra",
    ),
    (
        "ALTER TABLE jamaah DROP COLUMN catatan",
        "column jamaah.catatan",
    ),
    ("DROP TABLE migration_errors", "table migration_errors"),
    (
        "UPDATE seaql_migrations SET checksum = NULL WHERE version LIKE '%payments'",
        "without the checksum",
    ),
    (
        "UPDATE seaql_migrations SET applied_at = -1 WHERE version LIKE '%payments'",
        "no moment of the past",
    ),
    ("CREATE VIEW people AS SELECT * FROM jamaah", "people"),
];

/// Damage to rows, first half.
const ROWS: &[Damage] = &[
    (
        "UPDATE migration_jobs SET imported_rows = imported_rows + 1",
        "counters of jobs",
    ),
    (
        "UPDATE migration_jobs SET imported_rows = imported_rows - 1, failed_rows = failed_rows + 1",
        "counters of jobs",
    ),
    (
        "UPDATE migration_jobs SET valid_rows = -1",
        "counters of jobs",
    ),
    ("DELETE FROM migration_errors", "errors of jobs"),
    ("UPDATE migration_jobs SET lease_owner = 'x'", "leases"),
    (
        "UPDATE migration_jobs SET status = 'importing', completed_at = NULL, updated_at = '2020-01-01 00:00:00'",
        "stuck jobs",
    ),
    (
        "UPDATE migration_jobs SET completed_at = NULL",
        "states of jobs",
    ),
    ("UPDATE \"user\" SET is_active = false", "administrators"),
    (
        "DELETE FROM jamaah WHERE import_row_number = 2",
        "rows are missing that no user has deleted",
    ),
    ("UPDATE \"user\" SET password = 'admin123'", "passwords"),
    ("DELETE FROM user_profile", "profiles"),
    (
        "UPDATE jamaah SET nama = 'Orang Lain' WHERE import_row_number = 2",
        "another nama_key than",
    ),
    (
        "UPDATE packages SET nama_key = 'x' || nama_key",
        "another nama_key than",
    ),
    (
        "UPDATE jamaah SET email = 'Orang@Lain.ID' WHERE import_row_number = 2",
        "another email than",
    ),
    (
        "UPDATE jamaah SET telepon = '12' WHERE import_row_number = 2",
        "a telepon that breaks the rules",
    ),
    (
        "UPDATE jamaah SET ktp = '12' WHERE import_row_number = 2",
        "a ktp that breaks the rules",
    ),
    (
        "UPDATE packages SET kapasitas = 0",
        "a kapasitas that breaks the rules",
    ),
    (
        "UPDATE packages SET harga_retail = -5",
        "a harga_retail that breaks the rules",
    ),
    (
        "UPDATE migration_jobs SET metadata = '{}'",
        "a metadata that cannot be read",
    ),
    (
        "UPDATE migration_jobs SET checkpoint = '[]'",
        "a checkpoint that cannot be read",
    ),
];

/// Damage to rows, second half: a test may take three minutes.
const MORE_ROWS: &[Damage] = &[
    (
        "UPDATE migration_jobs SET checkpoint = '{\"last_row\": 9, \"records\": 99, \"imported_rows\": 99}'",
        "a checkpoint that contradicts",
    ),
    (
        "UPDATE migration_jobs SET import_type = 'payment'",
        "rows of jamaah of a job that imported something else",
    ),
    (
        "UPDATE migration_jobs SET warning_rows = 5",
        "errors of jobs",
    ),
    ("DELETE FROM migration_rows", "errors of jobs"),
    (
        "DELETE FROM migration_errors WHERE row_number = (SELECT min(row_number) FROM migration_errors)",
        "errors of jobs",
    ),
    ("UPDATE migration_rows SET bytes = 1", "errors of jobs"),
    (
        "UPDATE migration_errors SET row_number = 0",
        "of a row that no file has",
    ),
    ("UPDATE migration_errors SET params = '7'", "errors of jobs"),
    (
        "UPDATE migration_jobs SET file_sha256 = 'abc'",
        "files of jobs",
    ),
    ("UPDATE migration_jobs SET file_size = 0", "files of jobs"),
    (
        "UPDATE migration_jobs SET validated_at = NULL",
        "states of jobs",
    ),
    ("UPDATE tenants SET slug = 'A b'", "tenants"),
    (
        "UPDATE \"user\" SET username = ' ' || username",
        "names of users",
    ),
    ("UPDATE user_profile SET deleted = true", "profiles"),
    (
        "UPDATE refresh_tokens SET token = 'z' || substr(token, 2)",
        "refresh tokens",
    ),
    (
        "UPDATE refresh_tokens SET expires_at = '2999-01-01 00:00:00'",
        "refresh tokens",
    ),
    (
        "UPDATE jamaah SET created_at = '2999-01-01 00:00:00'",
        "moments",
    ),
    (
        "INSERT INTO login_attempts (key, failures, touched_at) VALUES ('x', 1, 9000000000000000)",
        "counters of callers",
    ),
    (
        "DELETE FROM rate_budgets; INSERT INTO rate_budgets (user_id, full_at) SELECT id, 9000000000000000 FROM \"user\"",
        "counters of callers",
    ),
];

const POSTGRES: &[Damage] = &[
    (
        "UPDATE tenants SET created_at = 'infinity'",
        "rows of tenants with a value that cannot be read",
    ),
    (
        "UPDATE jamaah SET tanggal_lahir = '20000-01-01'",
        "rows of jamaah with a value that cannot be read",
    ),
    (
        "UPDATE storage_marks SET mark = gen_random_uuid()",
        "does not carry the mark",
    ),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 2', current_database()); END $$",
        "takes 2 connections",
    ),
    (
        "ALTER TABLE jamaah DROP CONSTRAINT jamaah_status_check; UPDATE jamaah SET status = 'x'",
        "a status that breaks the rules",
    ),
    (
        "ALTER TABLE jamaah ALTER COLUMN nama TYPE varchar(20)",
        "column jamaah.nama",
    ),
    (
        "ALTER TABLE jamaah ALTER COLUMN nama DROP NOT NULL",
        "column jamaah.nama",
    ),
    (
        "ALTER TABLE migration_jobs ALTER COLUMN attempt SET DEFAULT 1",
        "column migration_jobs.attempt",
    ),
    (
        "ALTER TABLE jamaah DROP CONSTRAINT fk_jamaah_paket",
        "fk_jamaah_paket",
    ),
    (
        "ALTER TABLE jamaah DROP CONSTRAINT fk_jamaah_paket; ALTER TABLE jamaah ADD CONSTRAINT fk_jamaah_paket \
         FOREIGN KEY (tenant_id, paket_id) REFERENCES packages (tenant_id, id) ON DELETE CASCADE",
        "fk_jamaah_paket",
    ),
    (
        "ALTER TABLE jamaah DROP CONSTRAINT fk_jamaah_paket; ALTER TABLE jamaah ADD CONSTRAINT fk_jamaah_paket \
         FOREIGN KEY (tenant_id, paket_id) REFERENCES packages (tenant_id, id) NOT VALID",
        "fk_jamaah_paket",
    ),
    (
        "ALTER TABLE jamaah DROP CONSTRAINT fk_jamaah_paket; UPDATE jamaah SET paket_id = gen_random_uuid()",
        "orphans",
    ),
    (
        "SET session_replication_role = replica; INSERT INTO tenants SELECT gen_random_uuid(), 'x', 'x', now(), now(); \
         UPDATE jamaah SET tenant_id = (SELECT id FROM tenants WHERE slug = 'x') WHERE import_row_number = 2",
        "orphans",
    ),
    (
        "ALTER TABLE jamaah DISABLE TRIGGER ALL",
        "triggers are disabled",
    ),
    (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_jamaah_paket'::regclass",
        "(invalid)",
    ),
    (
        "ALTER TABLE jamaah DISABLE ROW LEVEL SECURITY",
        "row-level security jamaah",
    ),
    (
        "ALTER TABLE jamaah FORCE ROW LEVEL SECURITY",
        "row-level security jamaah",
    ),
    (
        "DROP POLICY tenant_isolation ON jamaah",
        "policy tenant_isolation of jamaah",
    ),
    (
        "ALTER POLICY tenant_isolation ON jamaah USING (true)",
        "policy tenant_isolation of jamaah",
    ),
    (
        "CREATE POLICY open ON jamaah FOR SELECT USING (true)",
        "policy open of jamaah",
    ),
    (
        "CREATE RULE quiet AS ON DELETE TO jamaah DO INSTEAD NOTHING",
        "rule quiet",
    ),
    (
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
         CREATE TRIGGER t BEFORE INSERT ON jamaah FOR EACH ROW EXECUTE FUNCTION f()",
        "trigger t of jamaah",
    ),
    ("ALTER TABLE payments SET UNLOGGED", "unlogged"),
    ("CREATE TABLE child () INHERITS (jamaah)", "inherited by"),
    (
        "GRANT SELECT ON jamaah TO PUBLIC",
        "PUBLIC has the right SELECT",
    ),
    (
        "GRANT UPDATE (nama) ON jamaah TO PUBLIC",
        "PUBLIC has the right UPDATE",
    ),
    (
        "GRANT CREATE ON SCHEMA public TO PUBLIC",
        "PUBLIC may create objects",
    ),
    (
        "ALTER TABLE jamaah OWNER TO pg_database_owner",
        "belongs to role pg_database_owner",
    ),
    (
        "ALTER TABLE seaql_migrations DROP CONSTRAINT seaql_migrations_pkey; \
         INSERT INTO seaql_migrations SELECT * FROM seaql_migrations WHERE version LIKE '%payments'",
        "noted more than once",
    ),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET session_replication_role = replica', current_database()); END $$",
        "session_replication_role",
    ),
    (
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$",
        "read-only",
    ),
];

const SQLITE: &[Damage] = &[
    (
        "UPDATE storage_marks SET mark = randomblob(16)",
        "does not carry the mark",
    ),
    (
        "PRAGMA ignore_check_constraints = ON; UPDATE jamaah SET status = 'x'",
        "a status that breaks the rules",
    ),
    (
        "PRAGMA foreign_keys = OFF; UPDATE jamaah SET paket_id = X'00000000000000000000000000000000'",
        "orphans",
    ),
    ("PRAGMA foreign_keys = OFF; DELETE FROM tenants", "orphans"),
    (
        "PRAGMA foreign_keys = OFF; UPDATE jamaah SET paket_id = 'kein-uuid'",
        "values of jamaah.paket_id",
    ),
    (
        "UPDATE jamaah SET tanggal_lahir = 'gestern'",
        "values of jamaah.tanggal_lahir",
    ),
    (
        "UPDATE migration_jobs SET metadata = '{'",
        "values of migration_jobs.metadata",
    ),
    (
        "UPDATE migration_jobs SET total_rows = 'viele'",
        "values of migration_jobs.total_rows",
    ),
    ("PRAGMA journal_mode = DELETE", "journal mode"),
    (
        "CREATE TRIGGER t AFTER INSERT ON jamaah BEGIN DELETE FROM payments; END",
        "trigger t of jamaah",
    ),
    (
        "PRAGMA foreign_keys = OFF; CREATE TABLE aside AS SELECT * FROM payments; DROP TABLE payments; ALTER TABLE aside RENAME TO payments",
        "REFERENCES \"jamaah\"",
    ),
];

fn validate(url: &str, folder: &Path, arguments: &[&str], app_env: &str) -> Result<Output> {
    let environment = [("DATABASE_URL", url), ("APP_ENV", app_env)];
    start("validate", arguments, &environment, folder)
}

/// An installation at rest: one finished import with errors, no server.
async fn at_rest(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(30, &[3, 9], &package);
    let job = admin.job("jamaah", "a.csv", &file).await?;
    admin.import(&job).await?;
    // A row that a user deleted is not reported as missing.
    let imported = admin.items("jamaah").await?;
    let last = imported
        .iter()
        .max_by_key(|row| row["import_row_number"].as_i64())
        .context("an imported row")?;
    let path = format!("/api/v1/jamaah/{}", last["id"].as_str().context("id")?);
    admin.remove(&path).await?;
    app.server.kill()?;
    Ok(())
}

async fn a_sound_installation_is_sound(app: &mut App) -> Result<()> {
    at_rest(app).await?;
    let (url, folder) = (app.database_url(), app.directory().to_owned());
    // The role of another installation in the same cluster of databases is not this one's.
    let other = format!("other_{}", uuid::Uuid::now_v7().simple());
    if app.backend == Backend::Postgres {
        app.execute(&format!("CREATE ROLE {other}")).await?;
        app.execute(&format!("ALTER ROLE {other} SET row_security = off"))
            .await?;
    }
    for arguments in [&[][..], &["--deep"], &["--json"]] {
        let sound = validate(&url, &folder, arguments, "development")?;
        ensure!(sound.status.code() == Some(0), "{}", printed(&sound));
        ensure!(
            !printed(&sound).contains("note  rows"),
            "{}",
            printed(&sound)
        );
    }
    if app.backend == Backend::Postgres {
        app.execute(&format!("DROP ROLE {other}")).await?;
    }
    Ok(())
}

async fn damage_to_the_schema_is_reported(app: &mut App) -> Result<()> {
    each_is_named(app, SCHEMA).await
}

async fn damage_to_rows_is_reported(app: &mut App) -> Result<()> {
    each_is_named(app, ROWS).await
}

async fn damage_to_more_rows_is_reported(app: &mut App) -> Result<()> {
    each_is_named(app, MORE_ROWS).await
}

async fn damage_that_one_engine_allows_is_reported(app: &mut App) -> Result<()> {
    let damages = match app.backend {
        Backend::Postgres => POSTGRES,
        Backend::Sqlite => SQLITE,
    };
    each_is_named(app, damages).await
}

async fn each_is_named(app: &mut App, damages: &[Damage]) -> Result<()> {
    at_rest(app).await?;
    let folder = app.directory().to_owned();
    let mut missed = Vec::new();
    for (number, (damage, named)) in damages.iter().enumerate() {
        let copy = copy(app, number).await?;
        let mut direct = Direct::connect(&copy).await?;
        let done = direct.execute(damage).await;
        done.with_context(|| (*damage).to_owned())?;
        drop(direct);
        let found = validate(&copy, &folder, &[], "development")?;
        let said = printed(&found);
        let is_named = said.lines().any(|line| {
            line.starts_with("FAIL") && line.contains(named) && line.contains("remedy: ")
        });
        if found.status.code() != Some(1) || !is_named {
            missed.push(format!("{damage}\n  must be named by '{named}':\n{said}"));
        }
        remove(app, &copy).await?;
    }
    ensure!(missed.is_empty(), "{}", missed.join("\n\n"));
    Ok(())
}

/// A copy of the app's database.
async fn copy(app: &App, number: usize) -> Result<String> {
    let url = app.database_url();
    match app.backend {
        Backend::Sqlite => {
            let path = app.directory().join(format!("copy-{number}.db"));
            let vacuum = format!("VACUUM INTO '{}'", path.display());
            app.execute(&vacuum).await?;
            let url = format!("sqlite://{}", path.display());
            Direct::connect(&url)
                .await?
                .execute("PRAGMA journal_mode = WAL")
                .await?;
            Ok(url)
        }
        Backend::Postgres => {
            let (maintenance, name) = maintenance(&url)?;
            let copy = format!("{name}_copy_{number}");
            let create = format!("CREATE DATABASE {copy} TEMPLATE {name} STRATEGY file_copy");
            Direct::connect(maintenance.as_str())
                .await?
                .execute(&create)
                .await?;
            let mut copied: Url = url.parse()?;
            copied.set_path(&copy);
            Ok(copied.into())
        }
    }
}

async fn remove(app: &App, copy: &str) -> Result<()> {
    if app.backend == Backend::Postgres {
        let (maintenance, name) = maintenance(copy)?;
        let drop = format!("DROP DATABASE {name} WITH (FORCE)");
        Direct::connect(maintenance.as_str())
            .await?
            .execute(&drop)
            .await?;
    }
    Ok(())
}

/// The maintenance database of the same server, and the name of this one.
fn maintenance(url: &str) -> Result<(Url, String)> {
    let mut url: Url = url.parse()?;
    let name = url.path().trim_start_matches('/').to_owned();
    url.set_path("postgres");
    Ok((url, name))
}

async fn what_can_be_repaired_is_repaired(app: &mut App) -> Result<()> {
    at_rest(app).await?;
    let url = app.database_url();
    let folder = app.directory().to_owned();
    for damage in [
        "UPDATE migration_jobs SET imported_rows = imported_rows + 1",
        "UPDATE migration_jobs SET failed_rows = 0",
        "UPDATE migration_jobs SET processed_rows = 1",
        "UPDATE migration_jobs SET lease_owner = 'x', lease_expires_at = '2020-01-01 00:00:00'",
    ] {
        app.execute(damage).await?;
        let found = validate(&url, &folder, &[], "development")?;
        ensure!(
            found.status.code() == Some(1),
            "{damage}: {}",
            printed(&found)
        );
        let repaired = validate(&url, &folder, &["--repair"], "development")?;
        let said = printed(&repaired);
        ensure!(
            repaired.status.code() == Some(0) && said.contains("repairing"),
            "{damage}: {said}"
        );
        let sql = "SELECT imported_rows * 1000 + failed_rows FROM migration_jobs";
        ensure!(app.number(sql).await? == 28_002, "{damage}: {said}");
    }
    // If the errors of a job are kept in part, its failed rows cannot be counted: the job is sound as it is.
    let in_part = match app.backend {
        Backend::Postgres => {
            "jsonb_set(metadata::jsonb, '{leftOut}', '{\"rows\": 1, \"errors\": 1}')"
        }
        Backend::Sqlite => "json_set(metadata, '$.leftOut', json('{\"rows\": 1, \"errors\": 1}'))",
    };
    app.execute(&format!("UPDATE migration_jobs SET metadata = {in_part}"))
        .await?;
    // A row is kept with all its errors, or not at all.
    for table in ["migration_rows", "migration_errors"] {
        app.execute(&format!(
            "DELETE FROM {table} WHERE row_number = (SELECT max(row_number) FROM migration_errors WHERE severity = 'error')"
        ))
        .await?;
    }
    let found = validate(&url, &folder, &["--repair"], "development")?;
    ensure!(found.status.code() == Some(0), "{}", printed(&found));
    let sql = "SELECT imported_rows * 1000 + failed_rows FROM migration_jobs";
    ensure!(app.number(sql).await? == 28_002, "a count was changed");
    let files = files_below(&app.uploads())?;
    let file = files.first().context("an upload")?;
    let stray = file.with_file_name(format!("{}.csv", uuid::Uuid::now_v7()));
    std::fs::write(&stray, "sisa")?;
    let found = validate(&url, &folder, &[], "development")?;
    ensure!(found.status.code() == Some(1) && printed(&found).contains("belongs to no job"));
    let repaired = validate(&url, &folder, &["--repair"], "development")?;
    ensure!(repaired.status.code() == Some(0), "{}", printed(&repaired));
    ensure!(!stray.exists() && file.exists());
    Ok(())
}

async fn damaged_files_are_reported(app: &mut App) -> Result<()> {
    at_rest(app).await?;
    let url = app.database_url();
    let folder = app.directory().to_owned();
    let said = |arguments: &[&str], code: i32| -> Result<String> {
        let found = validate(&url, &folder, arguments, "development")?;
        ensure!(found.status.code() == Some(code), "{}", printed(&found));
        Ok(printed(&found))
    };
    let files = files_below(&app.uploads())?;
    let file = files.first().context("an upload")?;
    let content = std::fs::read(file)?;
    let mut other = content.clone();
    let last = other.last_mut().context("content")?;
    *last ^= 1;
    std::fs::write(file, &other)?;
    said(&[], 0)?;
    ensure!(said(&["--deep"], 1)?.contains("other content"));
    std::fs::write(file, &content[1..])?;
    ensure!(said(&[], 1)?.contains("is shorter"));
    std::fs::remove_file(file)?;
    ensure!(said(&[], 1)?.contains("is missing"));
    std::fs::write(file, &content)?;
    said(&[], 0)?;
    // Where the folder should be is a file.
    let blocked = [
        ("DATABASE_URL", url.as_str()),
        ("STORAGE_URL", "file:///dev/null/uploads"),
    ];
    let found = start("validate", &[], &blocked, &folder)?;
    ensure!(
        found.status.code() == Some(1) && printed(&found).contains("FAIL  storage"),
        "{}",
        printed(&found)
    );
    if app.backend == Backend::Sqlite {
        let path = folder.join("hijrah.db");
        for damage in [&b"not a database, but long enough to be one, if only its first bytes were what they should be, which they are not"[..], b""] {
            let spoilt = folder.join("spoilt.db");
            std::fs::write(&spoilt, damage)?;
            let url = format!("sqlite://{}", spoilt.display());
            let found = validate(&url, &folder, &[], "development")?;
            ensure!(found.status.code() == Some(1), "{}", printed(&found));
        }
        app.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        let mut bytes = std::fs::read(&path)?;
        let middle = bytes.len() / 2;
        bytes[middle..middle + 8192].fill(0xa5);
        let spoilt = folder.join("broken.db");
        std::fs::write(&spoilt, &bytes)?;
        let url = format!("sqlite://{}", spoilt.display());
        let found = validate(&url, &folder, &[], "development")?;
        ensure!(
            found.status.code() == Some(1) && printed(&found).contains("integrity"),
            "{}",
            printed(&found)
        );
        std::fs::write(&spoilt, &bytes[..middle])?;
        let found = validate(&url, &folder, &[], "development")?;
        ensure!(
            found.status.code() == Some(1) && printed(&found).contains("cut off"),
            "{}",
            printed(&found)
        );
    }
    let nowhere = match app.backend {
        Backend::Sqlite => "sqlite://nowhere.db".to_owned(),
        Backend::Postgres => "postgres://u@127.0.0.1:1/d".to_owned(),
    };
    let found = validate(&nowhere, &folder, &[], "development")?;
    ensure!(found.status.code() == Some(2), "{}", printed(&found));
    Ok(())
}

async fn the_roles_of_an_installation_are_checked(app: &mut App) -> Result<()> {
    at_rest(app).await?;
    let url = app.database_url();
    let folder = app.directory().to_owned();
    let role = format!("hijrah_app_{}", uuid::Uuid::now_v7().simple());
    app.execute(&format!(
        "CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA public TO {role}; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    ))
    .await?;
    let mut as_app: Url = url.parse()?;
    as_app
        .set_username(&role)
        .map_err(|()| anyhow::anyhow!("takes a role"))?;
    let both = [
        ("DATABASE_URL", as_app.as_str()),
        ("DATABASE_OWNER_URL", url.as_str()),
    ];
    let sound = start("validate", &[], &both, &folder)?;
    ensure!(sound.status.code() == Some(0), "{}", printed(&sound));
    ensure!(printed(&sound).contains("in effect"), "{}", printed(&sound));
    let alone = start("validate", &[], &both[..1], &folder)?;
    ensure!(
        alone.status.code() == Some(1) && printed(&alone).contains("DATABASE_OWNER_URL"),
        "{}",
        printed(&alone)
    );
    let server = start("server", &[], &[both[0], ("PORT", "0")], &folder)?;
    ensure!(
        !server.status.success() && printed(&server).contains("DATABASE_OWNER_URL"),
        "{}",
        printed(&server)
    );
    for (damage, undo, named) in [
        (
            "REVOKE UPDATE ON jamaah FROM {role}",
            "GRANT UPDATE ON jamaah TO {role}",
            "lacks the right UPDATE on table jamaah",
        ),
        (
            "REVOKE ALL ON payments FROM {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON payments TO {role}",
            "on table payments",
        ),
        (
            "GRANT TRUNCATE ON jamaah TO {role}",
            "REVOKE TRUNCATE ON jamaah FROM {role}",
            "has the right TRUNCATE",
        ),
        (
            "GRANT SELECT ON jamaah TO {role} WITH GRANT OPTION",
            "REVOKE GRANT OPTION FOR SELECT ON jamaah FROM {role}",
            "may grant to others",
        ),
        (
            "ALTER ROLE {role} BYPASSRLS",
            "ALTER ROLE {role} NOBYPASSRLS",
            "BYPASSRLS",
        ),
        (
            "ALTER ROLE {role} SUPERUSER",
            "ALTER ROLE {role} NOSUPERUSER",
            "is a superuser",
        ),
        (
            "GRANT postgres TO {role}",
            "REVOKE postgres FROM {role}",
            "is a member of",
        ),
        (
            "ALTER TABLE jamaah OWNER TO {role}",
            "ALTER TABLE jamaah OWNER TO postgres",
            "table jamaah belongs to",
        ),
        (
            "ALTER ROLE {role} SET row_security = off",
            "ALTER ROLE {role} RESET row_security",
            "row_security",
        ),
        (
            "ALTER POLICY tenant_isolation ON tenants USING (true)",
            "ALTER POLICY tenant_isolation ON tenants USING (id = nullif(current_setting('hijrah.tenant_id', true), '')::uuid)",
            "without naming a tenant",
        ),
    ] {
        app.execute(&damage.replace("{role}", &role)).await?;
        let found = start("validate", &[], &both, &folder)?;
        let said = printed(&found);
        ensure!(
            found.status.code() == Some(1) && said.contains(named),
            "{damage}: {said}"
        );
        app.execute(&undo.replace("{role}", &role)).await?;
        if damage.contains("OWNER") {
            app.execute(&format!(
                "GRANT SELECT, INSERT, UPDATE, DELETE ON jamaah TO {role}"
            ))
            .await?;
        }
        let sound = start("validate", &[], &both, &folder)?;
        ensure!(
            sound.status.code() == Some(0),
            "after {undo}: {}",
            printed(&sound)
        );
    }
    app.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await
}

async fn a_new_password_ends_the_sessions(app: &mut App) -> Result<()> {
    let url = app.database_url();
    let admin = app.admin().await?;
    let folder = tempfile::tempdir_in(run_directory())?;
    let file = folder.path().join("password");
    let reset = |password: &str, app_env: &str| -> Result<Output> {
        std::fs::write(&file, format!("{password}\n"))?;
        let file = file.display().to_string();
        let environment = [("DATABASE_URL", url.as_str()), ("APP_ENV", app_env)];
        start(
            "seed",
            &["reset-password", "admin", "--password-file", &file],
            &environment,
            folder.path(),
        )
    };
    for refused in ["admin123", "password", "password1234", "aaaaaaaaaaaaaaaa"] {
        let output = reset(refused, "production")?;
        let said = printed(&output);
        ensure!(
            !output.status.success() && (refused == "password" || !said.contains(refused)),
            "{refused}: {said}"
        );
    }
    let output = reset("kuda-baterai-jepit", "production")?;
    ensure!(output.status.success(), "{}", printed(&output));
    let me = admin.get("/api/v1/auth/me").await?;
    ensure!(me.status == 401, "{}", me.text()?);
    app.client().login("admin", "kuda-baterai-jepit").await?;
    let weak = [
        "tenant",
        "--name",
        "X",
        "--slug",
        "x",
        "--admin-username",
        "xadmin",
        "--admin-password",
        "password",
    ];
    let environment = [("DATABASE_URL", url.as_str()), ("APP_ENV", "production")];
    let output = start("seed", &weak, &environment, folder.path())?;
    ensure!(
        !output.status.success() && printed(&output).contains("12"),
        "{}",
        printed(&output)
    );
    Ok(())
}

async fn a_demonstration_is_removed_without_a_trace(app: &mut App) -> Result<()> {
    let url = app.database_url();
    app.server.kill()?;
    let folder = app.directory().to_owned();
    let seed = |arguments: &[&str]| -> Result<String> {
        let output = start("seed", arguments, &[("DATABASE_URL", &url)], &folder)?;
        ensure!(output.status.success(), "{}", printed(&output));
        Ok(printed(&output))
    };
    let rows = "SELECT (SELECT count(*) FROM jamaah) * 1000000 + (SELECT count(*) FROM payments) * 1000 \
        + (SELECT count(*) FROM packages) * 10 + (SELECT count(*) FROM migration_jobs WHERE status = 'completed')";
    let names = "SELECT nama || ktp || email FROM jamaah ORDER BY email";
    seed(&["--demo"])?;
    let (first, people) = (
        app.number(rows).await?,
        app.direct().await?.rows(names).await?,
    );
    ensure!(people.len() == 200, "{} pilgrims", people.len());
    ensure!(app.number("SELECT count(*) FROM migration_errors").await? >= 9);
    ensure!(app.number("SELECT count(*) FROM packages").await? == 6);
    ensure!(
        app.number("SELECT count(*) FROM migration_jobs WHERE failed_rows > 0")
            .await?
            == 2
    );
    ensure!(seed(&["--demo"])?.contains("nothing to do"));
    ensure!(app.number(rows).await? == first);
    let sound = validate(&url, &folder, &["--deep"], "development")?;
    ensure!(sound.status.code() == Some(0), "{}", printed(&sound));
    seed(&["--demo", "--remove"])?;
    ensure!(app.number("SELECT count(*) FROM tenants").await? == 1);
    ensure!(app.stored_files()? == 0 && app.number("SELECT count(*) FROM jamaah").await? == 0);
    seed(&["--demo"])?;
    ensure!(app.number(rows).await? == first && app.direct().await?.rows(names).await? == people);
    seed(&["--demo", "--remove"])?;
    Ok(())
}
