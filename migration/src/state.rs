//! What is applied, compared as a set with what this program has.

use std::collections::BTreeMap;

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};

use crate::{Migrator, record};

/// The table of applied migrations, as sea-orm-migration calls it, with the checksum that it lacks.
pub(crate) const TABLE: &str = "seaql_migrations";

/// A row of that table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The migration's name.
    pub name: String,
    /// Seconds since 1970.
    pub applied_at: i64,
    /// Of the statements that the migration consisted of then. `None`: applied by a version that kept none.
    pub checksum: Option<String>,
}

/// What is applied, and what this program has.
#[derive(Debug, Clone)]
pub struct State {
    /// The rows of the table by name; a name that stands twice is here twice.
    pub applied: Vec<Applied>,
    backend: DbBackend,
}

impl State {
    /// Reads the table and changes nothing; without it nothing is applied.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let backend = db.get_database_backend();
        let columns = columns(db).await?;
        let mut applied = Vec::new();
        if !columns.is_empty() {
            let checksum = if columns.iter().any(|column| column == "checksum") {
                "checksum"
            } else {
                "NULL AS checksum"
            };
            let sql =
                format!("SELECT version, applied_at, {checksum} FROM {TABLE} ORDER BY version");
            for row in db
                .query_all_raw(Statement::from_string(backend, sql))
                .await?
            {
                applied.push(row_of(&row)?);
            }
        }
        Ok(Self { applied, backend })
    }

    /// Migrations of this program that are not applied, oldest first: at the end, or a hole below newer ones.
    #[must_use]
    pub fn pending(&self) -> Vec<String> {
        let names = Migrator::names().into_iter();
        names.filter(|name| !self.is_applied(name)).collect()
    }

    /// Those of them that are older than the newest applied one.
    #[must_use]
    pub fn holes(&self) -> Vec<String> {
        let newest = self.newest();
        let pending = self.pending().into_iter();
        pending
            .filter(|name| {
                newest
                    .as_deref()
                    .is_some_and(|newest| name.as_str() < newest)
            })
            .collect()
    }

    /// Applied migrations that this program does not have: the database is newer.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let names = Migrator::names();
        self.applied
            .iter()
            .filter(|row| !names.contains(&row.name))
            .map(|row| row.name.clone())
            .collect()
    }

    /// Applied migrations that would do something else today than when they were applied.
    #[must_use]
    pub fn changed(&self) -> Vec<String> {
        let sums = record::checksums(self.backend);
        self.applied
            .iter()
            .filter(|row| {
                let now = sums.get(&row.name);
                row.checksum.is_some() && now.is_some() && row.checksum.as_ref() != now
            })
            .map(|row| row.name.clone())
            .collect()
    }

    /// Names that are in the table more than once, which its primary key should prevent.
    #[must_use]
    pub fn repeated(&self) -> Vec<String> {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for row in &self.applied {
            *counts.entry(&row.name).or_default() += 1;
        }
        let repeated = counts.into_iter().filter(|(_, count)| *count > 1);
        repeated.map(|(name, _)| name.to_owned()).collect()
    }

    /// The newest applied migration that this program knows.
    #[must_use]
    pub fn newest(&self) -> Option<String> {
        let mut names = Migrator::names();
        names.retain(|name| self.is_applied(name));
        names.pop()
    }

    /// Whether a migration is applied.
    #[must_use]
    pub fn is_applied(&self, name: &str) -> bool {
        self.applied.iter().any(|row| row.name == name)
    }
}

fn row_of(row: &QueryResult) -> Result<Applied, DbErr> {
    Ok(Applied {
        name: row.try_get("", "version")?,
        applied_at: row.try_get("", "applied_at")?,
        checksum: row.try_get("", "checksum")?,
    })
}

/// The names of the table's columns; none if there is no table.
async fn columns(db: &impl ConnectionTrait) -> Result<Vec<String>, DbErr> {
    let sql = match db.get_database_backend() {
        DbBackend::Sqlite => format!("SELECT name FROM pragma_table_info('{TABLE}')"),
        _ => format!(
            "SELECT attname::text AS name FROM pg_attribute WHERE attrelid = to_regclass('{TABLE}') \
             AND attnum > 0 AND NOT attisdropped"
        ),
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    rows.iter().map(|row| row.try_get("", "name")).collect()
}

/// Makes the table, or gives one of an earlier version its column for checksums, and fills in those that are missing.
pub(crate) async fn install(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let columns = columns(db).await?;
    if columns.is_empty() {
        db.execute_unprepared(&create()).await?;
        return Ok(());
    }
    if !columns.iter().any(|column| column == "checksum") {
        let sql = format!(r#"ALTER TABLE "{TABLE}" ADD COLUMN "checksum" varchar"#);
        db.execute_unprepared(&sql).await?;
    }
    for (name, checksum) in record::checksums(db.get_database_backend()) {
        let sql = format!(
            "UPDATE {TABLE} SET checksum = '{checksum}' WHERE version = '{name}' AND checksum IS NULL"
        );
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The statement that makes the table.
pub(crate) fn create() -> String {
    format!(
        r#"CREATE TABLE IF NOT EXISTS "{TABLE}" ("version" varchar NOT NULL PRIMARY KEY, "applied_at" bigint NOT NULL, "checksum" varchar)"#
    )
}

/// The advisory lock of this application's migrators in a PostgreSQL database: "hijrah" in ASCII.
pub(crate) const LOCK: i64 = 0x6869_6a72_6168;

/// The statements by which a transaction takes the migrators' lock; the write lock of a SQLite file comes with its beginning.
pub(crate) fn lock(backend: DbBackend) -> Vec<String> {
    match backend {
        DbBackend::Sqlite => Vec::new(),
        _ => vec![
            "SET LOCAL lock_timeout = '5s'".to_owned(),
            format!("SELECT pg_advisory_xact_lock({LOCK})"),
        ],
    }
}

/// What follows every migration on PostgreSQL: the roles that the application works as, which are those that may write `tenants`,
/// get the same rights on each table that the transaction has made. So no migration can forget them.
pub(crate) fn grants(backend: DbBackend) -> Option<&'static str> {
    (backend == DbBackend::Postgres).then_some(
        "DO $$ DECLARE made record; BEGIN FOR made IN SELECT t.relname, pg_get_userbyid(a.grantee) AS role \
         FROM pg_class t CROSS JOIN pg_class o CROSS JOIN LATERAL aclexplode(o.relacl) AS a \
         WHERE t.relnamespace = current_schema()::regnamespace AND t.relkind IN ('r', 'p') AND t.xmin = pg_current_xact_id()::xid \
         AND o.oid = to_regclass('tenants') AND a.privilege_type = 'INSERT' AND a.grantee NOT IN (0, o.relowner) \
         LOOP EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO %I', made.relname, made.role); END LOOP; END $$",
    )
}

/// The statement that notes a migration as applied now. Names and checksums are this crate's own, without a quote in them.
pub(crate) fn note(backend: DbBackend, name: &str) -> String {
    let now = match backend {
        DbBackend::Sqlite => "CAST(strftime('%s', 'now') AS INTEGER)",
        _ => "CAST(extract(epoch FROM now()) AS bigint)",
    };
    let checksum = record::checksums(backend)
        .get(name)
        .map_or_else(|| "NULL".to_owned(), |sum| format!("'{sum}'"));
    format!(
        "INSERT INTO {TABLE} (version, applied_at, checksum) VALUES ('{name}', {now}, {checksum})"
    )
}

/// The statement that forgets one.
pub(crate) fn forget(name: &str) -> String {
    format!("DELETE FROM {TABLE} WHERE version = '{name}'")
}
