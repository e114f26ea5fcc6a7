//! Asks the database's own catalogue whether it is what this code expects: tables, columns, foreign keys, indexes, row-level
//! security, sample data. Repairs nothing.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable};

use crate::{
    Backend, Database, RepositoryError,
    entity::{
        login_attempt, migration_error, migration_job, rate_budget, refresh_token, storage_mark,
        tenant, user, user_profile,
    },
    table::TABLES,
};

/// Foreign keys of the tables that are not records: table, referring columns, table referred to.
const FOREIGN_KEYS: &[(&str, &str, &str)] = &[
    ("user", "tenant_id", "tenants"),
    ("user_profile", "id_user", "user"),
    ("refresh_tokens", "user_id", "user"),
    ("refresh_tokens", "parent_id", "refresh_tokens"),
    ("migration_jobs", "tenant_id", "tenants"),
    ("migration_jobs", "tenant_id, user_id", "user"),
    (
        "migration_errors",
        "tenant_id, migration_job_id",
        "migration_jobs",
    ),
];

/// Indexes of the tables that are not records: queries and unique names need them.
const INDEXES: &[&str] = &[
    "uq_user_username",
    "ix_refresh_tokens_user",
    "ix_refresh_tokens_family",
    "ix_refresh_tokens_parent",
    "ix_refresh_tokens_absolute_expires_at",
    "ix_migration_jobs_created",
    "ix_migration_jobs_user",
    "ix_migration_jobs_active",
    "ix_migration_jobs_file",
    "ix_migration_errors_row",
    "ix_login_attempts_touched_at",
    "ix_rate_budgets_full_at",
];

/// The tables that this code uses, with their columns.
fn expected_columns() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let others = [
        columns_of::<tenant::Entity>(),
        columns_of::<user::Entity>(),
        columns_of::<user_profile::Entity>(),
        columns_of::<refresh_token::Entity>(),
        columns_of::<migration_job::Entity>(),
        columns_of::<migration_error::Entity>(),
        columns_of::<login_attempt::Entity>(),
        columns_of::<rate_budget::Entity>(),
        columns_of::<storage_mark::Entity>(),
    ];
    let records = TABLES.iter().map(|table| (table.name, (table.columns)()));
    others.into_iter().chain(records)
}

fn columns_of<E: EntityTrait>() -> (&'static str, Vec<&'static str>) {
    let columns = E::Column::iter().map(|column| column.as_str());
    (E::default().table_name(), columns.collect())
}

/// The foreign keys of the tables of records. A table that refers to no other belongs to its tenant by a key of its own; for
/// the others the record they refer to proves the tenant.
fn foreign_keys() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    TABLES.iter().flat_map(|table| {
        let parent = match &table.reference {
            Some(reference) => (format!("tenant_id, {}", reference.field), reference.table),
            None => ("tenant_id".to_owned(), "tenants"),
        };
        let job = ("tenant_id, migration_job_id".to_owned(), "migration_jobs");
        [parent, job].map(|(columns, target)| (table.name, columns, target))
    })
}

/// The indexes of the tables of records.
fn indexes() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| {
        let keys = table.keys.iter().map(|key| key.index);
        keys.chain(table.reference.iter().map(|reference| reference.index))
    })
}

/// Whether row-level security stands behind the scoped repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecondWall {
    /// SQLite has none.
    NotOnThisEngine,
    /// The application's role is a superuser, bypasses row-level security, or owns the tables: it passes every policy.
    RolePasses,
    /// These tables have no policy.
    Gaps(Vec<String>),
    /// The application's role sees only the named tenant's rows.
    Standing,
}

impl SecondWall {
    /// Whether it stands.
    #[must_use]
    pub const fn is_standing(&self) -> bool {
        matches!(self, Self::Standing)
    }
}

/// How many rows of what a fresh installation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SampleData {
    /// Tenants.
    pub tenants: i64,
    /// Administrators who may log in.
    pub admins: i64,
    /// Packages.
    pub packages: i64,
}

impl Database {
    /// Tables and columns that this code uses and the database lacks, as `table` or `table.column`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn missing_columns(&self) -> Result<Vec<String>, RepositoryError> {
        let sql = match self.backend() {
            Backend::Postgres => {
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
            Backend::Sqlite => "SELECT name FROM pragma_table_info($1)",
        };
        let mut missing = Vec::new();
        for (table, columns) in expected_columns() {
            let there = self.names(sql, Some(table)).await?;
            if there.is_empty() {
                missing.push(table.to_owned());
                continue;
            }
            let lacking = columns.iter().filter(|column| !there.contains(**column));
            missing.extend(lacking.map(|column| format!("{table}.{column}")));
        }
        Ok(missing)
    }

    /// Foreign keys that the schema has and the database lacks, as `table (columns) -> table`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn missing_foreign_keys(&self) -> Result<Vec<String>, RepositoryError> {
        let sql = match self.backend() {
            Backend::Postgres => {
                "SELECT (SELECT string_agg(a.attname, ', ' ORDER BY k.place) \
                 FROM unnest(c.conkey) WITH ORDINALITY AS k(number, place) \
                 JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.number) \
                 || ' -> ' || r.relname AS name FROM pg_constraint c \
                 JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
                 JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = current_schema() \
                 WHERE c.contype = 'f' AND c.convalidated AND t.relname = $1"
            }
            Backend::Sqlite => {
                "SELECT group_concat(\"from\", ', ') || ' -> ' || \"table\" AS name \
                 FROM (SELECT * FROM pragma_foreign_key_list($1) ORDER BY id, seq) GROUP BY id"
            }
        };
        let mut missing = Vec::new();
        let others = FOREIGN_KEYS
            .iter()
            .map(|(table, columns, target)| (*table, (*columns).to_owned(), *target));
        for (table, columns, target) in others.chain(foreign_keys()) {
            let there = self.names(sql, Some(table)).await?;
            if !there.contains(&format!("{columns} -> {target}")) {
                missing.push(format!("{table} ({columns}) -> {target}"));
            }
        }
        Ok(missing)
    }

    /// Indexes that the schema has and the database lacks.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn missing_indexes(&self) -> Result<Vec<String>, RepositoryError> {
        let sql = match self.backend() {
            Backend::Postgres => {
                "SELECT i.relname::text AS name FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid \
                 JOIN pg_namespace n ON n.oid = i.relnamespace AND n.nspname = current_schema() \
                 WHERE x.indisvalid"
            }
            Backend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'index'",
        };
        let there = self.names(sql, None).await?;
        Ok(INDEXES
            .iter()
            .copied()
            .chain(indexes())
            .filter(|index| !there.contains(*index))
            .map(str::to_owned)
            .collect())
    }

    async fn names(
        &self,
        sql: &str,
        parameter: Option<&str>,
    ) -> Result<HashSet<String>, RepositoryError> {
        let values = parameter.map(Into::into);
        let rows = self
            .owner()
            .query_all_raw(self.statement(sql, values))
            .await?;
        rows.iter()
            .map(|row| Ok(row.try_get("", "name")?))
            .collect()
    }

    /// Whether row-level security stands behind the repositories, for the role that the application works as.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn second_wall(&self) -> Result<SecondWall, RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok(SecondWall::NotOnThisEngine);
        }
        let passes = "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls) \
            UNION ALL SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE n.nspname = current_schema() AND c.relname = 'jamaah' \
            AND pg_has_role(current_user, c.relowner, 'USAGE') LIMIT 1";
        let row = self.app().query_one_raw(self.statement(passes, [])).await?;
        if row.is_some() {
            return Ok(SecondWall::RolePasses);
        }
        let gaps = "SELECT c.relname::text AS name FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() \
            WHERE c.relkind IN ('r', 'p') AND c.relname <> 'seaql_migrations' \
            AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))";
        let mut gaps: Vec<String> = self.names(gaps, None).await?.into_iter().collect();
        gaps.sort_unstable();
        if gaps.is_empty() {
            Ok(SecondWall::Standing)
        } else {
            Ok(SecondWall::Gaps(gaps))
        }
    }

    /// What there is of what `seed` makes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn sample_data(&self) -> Result<SampleData, RepositoryError> {
        let sql = "SELECT (SELECT count(*) FROM tenants) AS tenants, \
            (SELECT count(*) FROM \"user\" u JOIN user_profile p ON p.id_user = u.id \
             WHERE p.role = 'admin' AND u.is_active AND NOT u.deleted) AS admins, \
            (SELECT count(*) FROM packages) AS packages";
        let row = self.owner().query_one_raw(self.statement(sql, [])).await?;
        let row = row.ok_or(RepositoryError::Corrupt { column: "count" })?;
        Ok(SampleData {
            tenants: row.try_get("", "tenants")?,
            admins: row.try_get("", "admins")?,
            packages: row.try_get("", "packages")?,
        })
    }
}
