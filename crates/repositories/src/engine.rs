//! Whether the database server, or the SQLite file, is set up as this code needs it: for `validate`.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use crate::{Backend, Database, RepositoryError};

/// A property of the engine that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineFlaw {
    /// What it is about, in a few words that never change.
    pub check: &'static str,
    /// What is wrong.
    pub what: String,
    /// How to correct it.
    pub remedy: &'static str,
    /// Whether it is only a note, because it is not a mistake in every installation.
    pub is_note: bool,
}

/// Each query answers one row per flaw with the column `what`, on PostgreSQL.
const POSTGRES: &[(&str, bool, &str, &str)] = &[
    (
        "server version",
        false,
        "move the database to PostgreSQL 15 or newer",
        "SELECT 'PostgreSQL ' || current_setting('server_version') || ' is older than 15' AS what \
            WHERE current_setting('server_version_num')::int < 150000",
    ),
    (
        "encoding",
        false,
        "create the database again with ENCODING 'UTF8', and restore a dump into it",
        "SELECT 'the encoding is ' || pg_encoding_to_char(encoding) || ' instead of UTF8' AS what FROM pg_database \
            WHERE datname = current_database() AND pg_encoding_to_char(encoding) <> 'UTF8'",
    ),
    (
        "collation",
        false,
        "REINDEX DATABASE, then ALTER DATABASE … REFRESH COLLATION VERSION",
        "SELECT 'the collation of the operating system has changed, so that indexes of text may be wrong' AS what FROM pg_database \
            WHERE datname = current_database() AND datcollversion IS DISTINCT FROM pg_database_collation_actual_version(oid)",
    ),
    (
        "read-only",
        false,
        "ALTER DATABASE or ALTER ROLE … RESET default_transaction_read_only; or connect to the primary",
        "SELECT CASE WHEN pg_is_in_recovery() THEN 'the server is a standby' ELSE 'transactions are read-only' END AS what \
            WHERE pg_is_in_recovery() OR current_setting('transaction_read_only')::boolean",
    ),
    (
        "constraints",
        false,
        "ALTER ROLE or ALTER DATABASE … RESET session_replication_role",
        "SELECT 'session_replication_role is ' || current_setting('session_replication_role') || ', which switches foreign keys off' AS what \
            WHERE current_setting('session_replication_role') <> 'origin'",
    ),
    (
        "settings of roles",
        false,
        "ALTER ROLE or ALTER DATABASE … RESET of that setting",
        "SELECT coalesce('role ' || r.rolname, 'the database') || ' has the setting ' || split_part(c, '=', 1) AS what \
            FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c LEFT JOIN pg_roles r ON r.oid = s.setrole \
            WHERE (s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) OR s.setdatabase = 0 \
                AND (r.rolname = current_user OR coalesce(has_table_privilege(r.oid, to_regclass('migration_jobs'), 'SELECT'), true))) \
            AND split_part(c, '=', 1) IN ('hijrah.tenant_id', 'row_security', 'search_path', 'session_replication_role', \
                'default_transaction_read_only', 'default_transaction_isolation', 'transform_null_equals', 'array_nulls', \
                'standard_conforming_strings', 'client_encoding', 'zero_damaged_pages', 'ignore_checksum_failure', 'ignore_system_indexes', \
                'role', 'session_authorization', 'temp_file_limit')",
    ),
    (
        "settings of roles",
        true,
        "nothing, if it is meant so; it holds for other programs, as this one sets its own",
        "SELECT coalesce('role ' || r.rolname, 'the database') || ' has the setting ' || split_part(c, '=', 1) AS what \
            FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) AS c LEFT JOIN pg_roles r ON r.oid = s.setrole \
            WHERE (s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) OR s.setdatabase = 0 \
                AND (r.rolname = current_user OR coalesce(has_table_privilege(r.oid, to_regclass('migration_jobs'), 'SELECT'), true))) \
            AND split_part(c, '=', 1) IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')",
    ),
    (
        "connections",
        false,
        "ALTER DATABASE or ALTER ROLE … CONNECTION LIMIT -1",
        "SELECT w.what FROM (SELECT 'the database takes ' || datconnlimit || ' connections' AS what, datconnlimit AS most FROM pg_database \
            WHERE datname = current_database() UNION ALL SELECT 'role ' || rolname || ' takes ' || rolconnlimit || ' connections', rolconnlimit \
            FROM pg_roles WHERE rolname = current_user AND NOT rolsuper) AS w WHERE w.most BETWEEN 0 AND 9",
    ),
    (
        "event triggers",
        true,
        "nothing, if the operator of the database server needs it",
        "SELECT 'the event trigger ' || evtname || ' acts on changes of the schema' AS what FROM pg_event_trigger WHERE evtenabled <> 'D'",
    ),
    (
        "transactions",
        false,
        "COMMIT PREPARED or ROLLBACK PREPARED, for they hold their locks until then",
        "SELECT 'the prepared transaction ' || quote_literal(gid) || ' was not ended' AS what FROM pg_prepared_xacts WHERE database = current_database()",
    ),
    (
        "transactions",
        true,
        "look at what that session does, and end it by pg_terminate_backend",
        "SELECT 'process ' || pid || ' has had a transaction open since ' || date_trunc('minute', xact_start) AS what FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start < now() - interval '1 hour'",
    ),
    (
        "durability",
        true,
        "set them to on, unless the data may be lost when the machine fails",
        "SELECT name || ' is off: data is lost or damaged when the machine fails' AS what FROM pg_settings \
            WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'",
    ),
    (
        "age",
        false,
        "VACUUM FREEZE, soon: at two thousand million transactions the server stops",
        "SELECT 'the oldest row is ' || age(datfrozenxid) || ' transactions old' AS what FROM pg_database \
            WHERE datname = current_database() AND age(datfrozenxid) > 1500000000",
    ),
    (
        "other tables",
        true,
        "nothing, if another application shares the schema",
        "SELECT 'the schema has tables that are not of this application: ' || string_agg(c.relname, ', ' ORDER BY c.relname) AS what \
            FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND c.relname NOT IN (OURS) \
            HAVING count(*) > 0",
    ),
];

/// The same on SQLite.
const SQLITE: &[(&str, bool, &str, &str)] = &[
    (
        "server version",
        false,
        "build with a newer SQLite",
        "SELECT 'SQLite ' || sqlite_version() || ' is older than 3.35' AS what WHERE \
            CAST(substr(sqlite_version(), 3, instr(substr(sqlite_version(), 3), '.') - 1) AS INTEGER) < 35",
    ),
    (
        "encoding",
        false,
        "copy the data into a new file, which is UTF-8",
        "SELECT 'the encoding is ' || encoding || ' instead of UTF-8' AS what FROM pragma_encoding WHERE encoding <> 'UTF-8'",
    ),
    (
        "integrity",
        false,
        "restore a backup, or save what can be read with `sqlite3 FILE .recover`",
        "SELECT integrity_check AS what FROM pragma_integrity_check WHERE integrity_check <> 'ok' LIMIT 5",
    ),
    (
        "references",
        false,
        "delete or correct the rows: PRAGMA foreign_key_check lists them",
        "SELECT count(*) || ' rows of ' || \"table\" || ' refer to rows of ' || parent || ' that are not there' AS what \
            FROM pragma_foreign_key_check GROUP BY \"table\", parent",
    ),
    (
        "constraints",
        false,
        "open the database with foreign_keys on",
        "SELECT 'foreign keys are not enforced' AS what FROM pragma_foreign_keys WHERE foreign_keys = 0",
    ),
    (
        "other tables",
        true,
        "nothing, if another application shares the file",
        "SELECT 'the file has tables that are not of this application: ' || group_concat(name, ', ') AS what FROM sqlite_master \
            WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT IN (OURS) HAVING count(*) > 0",
    ),
];

impl Database {
    /// What is wrong with how the engine is set up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn engine_flaws(&self) -> Result<Vec<EngineFlaw>, RepositoryError> {
        let (queries, pools) = match self.backend() {
            Backend::Postgres => (POSTGRES, vec![self.owner(), self.app()]),
            Backend::Sqlite => (SQLITE, vec![self.owner()]),
        };
        let ours: Vec<String> = migration::tables()
            .into_iter()
            .chain(["seaql_migrations".to_owned()])
            .map(|table| format!("'{table}'"))
            .collect();
        let mut flaws: Vec<EngineFlaw> = Vec::new();
        for pool in pools {
            for (check, is_note, remedy, sql) in queries {
                for what in words(pool, &sql.replace("OURS", &ours.join(", "))).await? {
                    let flaw = EngineFlaw {
                        check,
                        what,
                        remedy,
                        is_note: *is_note,
                    };
                    // Both roles see what is true of the whole database.
                    if !flaws.contains(&flaw) {
                        flaws.push(flaw);
                    }
                }
            }
        }
        if let Err(error) = self.can_write().await {
            flaws.push(EngineFlaw {
                check: "read-only",
                what: format!("the database cannot be written: {error}"),
                remedy: "give the program the right to write the database, for SQLite also its folder",
                is_note: false,
            });
        }
        Ok(flaws)
    }

    /// Takes the lock that a writer takes, and releases it.
    async fn can_write(&self) -> Result<(), RepositoryError> {
        let tx = self.begin_owner().await?;
        if self.backend() == Backend::Sqlite {
            // Only a change makes SQLite find out that the file is read-only.
            tx.execute_unprepared("CREATE TABLE hijrah_validate_probe (x)")
                .await?;
        }
        // Not committed: a transaction that is dropped is rolled back.
        drop(tx);
        Ok(())
    }

    /// The version of the engine, for display.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn engine_version(&self) -> Result<String, RepositoryError> {
        let sql = match self.backend() {
            Backend::Postgres => {
                "SELECT 'PostgreSQL ' || current_setting('server_version') AS what"
            }
            Backend::Sqlite => "SELECT 'SQLite ' || sqlite_version() AS what",
        };
        Ok(words(self.owner(), sql).await?.join(""))
    }

    /// The roles that the application and the tables' owner work as; empty on SQLite.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn role_names(&self) -> Result<(String, String), RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok((String::new(), String::new()));
        }
        let sql = "SELECT current_user::text AS what";
        let app = words(self.app(), sql).await?.join("");
        let owner = words(self.owner(), sql).await?.join("");
        Ok((app, owner))
    }

    /// Tables of which the application's role sees a row without naming a tenant: row-level security does not work.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tables_without_isolation(&self) -> Result<Vec<String>, RepositoryError> {
        let mut open = Vec::new();
        if self.backend() == Backend::Sqlite {
            return Ok(open);
        }
        for table in migration::tables() {
            let sql = format!("SELECT '{table}' AS what WHERE EXISTS (SELECT 1 FROM \"{table}\")");
            match words(self.app(), &sql).await {
                Ok(found) => open.extend(found),
                // A missing right or table is reported elsewhere.
                Err(DbErr::Query(_) | DbErr::Exec(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(open)
    }
}

async fn words(pool: &impl ConnectionTrait, sql: &str) -> Result<Vec<String>, DbErr> {
    let statement = Statement::from_string(pool.get_database_backend(), sql);
    let rows = pool.query_all_raw(statement).await?;
    rows.iter().map(|row| row.try_get("", "what")).collect()
}
