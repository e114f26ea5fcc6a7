//! The database: engine, migrations, schema, roles, rows.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Result;
use migration::{Difference, State, catalogue};
use repositories::{Backend, Database, RowSecurity};
use services::{PasswordFlaws, inspect_passwords};

use crate::Settings;
use crate::report::Report;

/// In seconds: more than the clocks of two machines may differ.
const A_DAY: u64 = 24 * 60 * 60;

/// Runs every check.
pub(crate) async fn check(
    db: &Database,
    owner: &migration::Connection,
    settings: &Settings,
    report: &mut Report,
) -> Result<()> {
    report.good("connection", &db.engine_version().await?);
    engine(db, settings, report).await?;
    let is_corrupt = report.failures() > 0 && db.backend() == Backend::Sqlite;
    let looked = schema(db, owner, settings, report).await;
    // Some pages of a damaged file cannot be read; that has been reported.
    match looked {
        Err(_) if is_corrupt => Ok(()),
        looked => looked,
    }
}

async fn engine(db: &Database, settings: &Settings, report: &mut Report) -> Result<()> {
    let before = report.failures();
    match db.engine_flaws().await {
        Ok(flaws) => {
            for flaw in flaws {
                if flaw.is_note && !(flaw.check == "durability" && settings.app_env.is_production())
                {
                    report.note(flaw.check, &flaw.what, flaw.remedy);
                } else {
                    report.bad(flaw.check, &flaw.what, flaw.remedy);
                }
            }
        }
        Err(error) if db.backend() == Backend::Sqlite => report.bad(
            "integrity",
            &format!("the file cannot be read: {:#}", anyhow::Error::new(error)),
            "restore a backup, or save what can be read with `sqlite3 FILE .recover`",
        ),
        Err(error) => return Err(error.into()),
    }
    if report.failures() == before {
        report.good(
            "engine",
            "version, encoding and settings are as they should be",
        );
    }
    Ok(())
}

async fn schema(
    db: &Database,
    owner: &migration::Connection,
    settings: &Settings,
    report: &mut Report,
) -> Result<()> {
    migrations(owner, report).await?;
    differences(
        "schema",
        "what the migrations make",
        catalogue::check(owner).await?,
        report,
    );
    let missing = db.missing_columns().await?;
    if !missing.is_empty() {
        let text = format!(
            "the code uses what the schema lacks: {}",
            missing.join(", ")
        );
        report.bad("entities", &text, "`migration check` names the repair");
    }
    roles(db, owner, settings, report).await?;
    let mut found = catalogue::orphans(owner).await?;
    differences(
        "orphans",
        "every row refers to one that is there",
        std::mem::take(&mut found),
        report,
    );
    if db.backend() == Backend::Sqlite {
        differences(
            "values",
            "all of their columns' types",
            catalogue::values(owner).await?,
            report,
        );
    }
    rows(db, settings, report).await?;
    passwords(db, settings, report).await;
    Ok(())
}

async fn migrations(owner: &migration::Connection, report: &mut Report) -> Result<()> {
    let state = State::read(owner).await?;
    let before = report.failures();
    let holes = state.holes();
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs());
    for name in state.pending() {
        let hole = if holes.contains(&name) {
            ", though newer ones are applied"
        } else {
            ""
        };
        report.bad(
            "migrations",
            &format!("{name} is pending{hole}"),
            "`migration up`; or `migration stamp head`, if the schema is right and only the note is missing",
        );
    }
    for name in state.changed() {
        report.bad(
            "migrations",
            &format!("{name} is not what was applied: its checksum differs"),
            "undo the change of its file; or `migration stamp`, if the schema is right",
        );
    }
    for row in &state.applied {
        if row.checksum.is_none() {
            report.bad(
                "migrations",
                &format!(
                    "{} is noted without the checksum of what was applied",
                    row.name
                ),
                "`migration up` notes it",
            );
        }
        let is_past =
            u64::try_from(row.applied_at).is_ok_and(|second| second > 0 && second < now + A_DAY);
        if !is_past {
            report.bad(
                "migrations",
                &format!("{} is noted as applied at no moment of the past", row.name),
                "`migration stamp head`",
            );
        }
    }
    for name in state.repeated() {
        report.bad(
            "migrations",
            &format!("{name} is noted more than once"),
            "`migration stamp head`",
        );
    }
    for name in state.unknown() {
        report.bad(
            "migrations",
            &format!("{name} is not of this version: the database is newer, or the note is wrong"),
            "use the version of the programs that made it; or delete the row from seaql_migrations",
        );
    }
    if report.failures() == before {
        let number = migration::Migrator::names().len();
        report.good("migrations", &format!("all {number} applied"));
    }
    Ok(())
}

fn differences(check: &str, good: &str, found: Vec<Difference>, report: &mut Report) {
    if found.is_empty() {
        report.good(check, good);
    }
    for Difference { what, repair } in found {
        report.bad(check, &what, &repair.join(" "));
    }
}

async fn roles(
    db: &Database,
    owner: &migration::Connection,
    settings: &Settings,
    report: &mut Report,
) -> Result<()> {
    if db.backend() == Backend::Sqlite {
        report.good(
            "roles",
            "SQLite has none; the repositories' scope alone separates tenants",
        );
        return Ok(());
    }
    let (app, _) = db.role_names().await?;
    let has_owner = settings.database.owner_url.is_some();
    let security = db.row_security().await?;
    if !has_owner && security.binds_role() {
        report.bad(
            "roles",
            &format!("role {app} does not own the tables, and DATABASE_OWNER_URL is not set: logins and imports would fail"),
            "set DATABASE_OWNER_URL to the owner's address",
        );
        return Ok(());
    }
    differences(
        "roles",
        "ownership and rights are as they should be",
        catalogue::roles(owner, &app).await?,
        report,
    );
    if matches!(security, RowSecurity::RolePasses) {
        let text = format!(
            "role {app} owns the tables or passes every policy, so row-level security is not in effect"
        );
        let remedy = "let the application work as a role of its own (docs/reliability.md)";
        // Two addresses mean that it should be in effect.
        if has_owner {
            report.bad("row-level security", &text, remedy);
        } else {
            report.note("row-level security", &text, remedy);
        }
        return Ok(());
    }
    let open = db.tables_without_isolation().await?;
    if open.is_empty() {
        report.good(
            "row-level security",
            "in effect: without a tenant the application's role sees nothing",
        );
    } else {
        report.bad(
            "row-level security",
            &format!(
                "role {app} sees rows of {} without naming a tenant",
                open.join(", ")
            ),
            "`migration check` names what is wrong with the policies",
        );
    }
    Ok(())
}

async fn rows(db: &Database, settings: &Settings, report: &mut Report) -> Result<()> {
    let before = report.failures();
    for flaw in db.flaws(settings.error_retention).await? {
        let text = format!(
            "{} found: {} (one is {})",
            flaw.rows, flaw.what, flaw.example
        );
        if flaw.is_note {
            report.note(flaw.check, &text, flaw.remedy);
        } else {
            report.bad(flaw.check, &text, flaw.remedy);
        }
    }
    if report.failures() == before {
        report.good(
            "rows",
            "jobs, leases, counters, users and keys make sense together",
        );
    }
    Ok(())
}

async fn passwords(db: &Database, settings: &Settings, report: &mut Report) {
    let Ok(stored) = db.stored_passwords().await else {
        // The schema lacks the table or its columns, which is reported.
        return;
    };
    let PasswordFlaws { malformed, guessed } =
        inspect_passwords(&stored, settings.app_env.is_production());
    let reset = "`seed reset-password USER`";
    for name in &malformed {
        let text = format!("the password of user '{name}' is not stored as a hash of argon2");
        report.bad("passwords", &text, reset);
    }
    for name in &guessed {
        let text = format!("user '{name}' has a password that everybody knows");
        report.bad("passwords", &text, reset);
    }
    if malformed.is_empty() && guessed.is_empty() {
        report.good(
            "passwords",
            &format!("{} hashes, all well-formed", stored.len()),
        );
    }
}
