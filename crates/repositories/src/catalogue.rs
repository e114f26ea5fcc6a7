//! Asks the database's own catalogue whether it is what this code expects: tables, columns, foreign keys, indexes, row-level
//! security, sample data. Repairs nothing.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable};

use crate::{
    Backend, Database, RepositoryError,
    entity::{
        jamaah, migration_error, migration_job, package, payment, refresh_token, tenant, user,
        user_profile,
    },
};

/// Foreign keys: table, referring columns, table referred to.
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
    ("packages", "tenant_id", "tenants"),
    ("packages", "tenant_id, migration_job_id", "migration_jobs"),
    ("jamaah", "tenant_id, paket_id", "packages"),
    ("jamaah", "tenant_id, migration_job_id", "migration_jobs"),
    ("payments", "tenant_id, jamaah_id", "jamaah"),
    ("payments", "tenant_id, migration_job_id", "migration_jobs"),
];

/// Indexes that queries and natural keys stand on.
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
    "uq_packages_nama_tanggal",
    "uq_jamaah_ktp",
    "uq_jamaah_email",
    "ix_jamaah_paket",
    "uq_payments_referensi",
    "ix_payments_jamaah",
];

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
        let mut missing = Vec::new();
        self.compare::<tenant::Entity>(&mut missing).await?;
        self.compare::<user::Entity>(&mut missing).await?;
        self.compare::<user_profile::Entity>(&mut missing).await?;
        self.compare::<refresh_token::Entity>(&mut missing).await?;
        self.compare::<migration_job::Entity>(&mut missing).await?;
        self.compare::<migration_error::Entity>(&mut missing)
            .await?;
        self.compare::<package::Entity>(&mut missing).await?;
        self.compare::<jamaah::Entity>(&mut missing).await?;
        self.compare::<payment::Entity>(&mut missing).await?;
        Ok(missing)
    }

    async fn compare<E: EntityTrait>(
        &self,
        missing: &mut Vec<String>,
    ) -> Result<(), RepositoryError> {
        let entity = E::default();
        let table = entity.table_name();
        let sql = match self.backend() {
            Backend::Postgres => {
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND table_name = $1"
            }
            Backend::Sqlite => "SELECT name FROM pragma_table_info($1)",
        };
        let there = self.names(sql, Some(table)).await?;
        if there.is_empty() {
            missing.push(table.to_owned());
            return Ok(());
        }
        missing.extend(
            E::Column::iter()
                .filter(|column| !there.contains(column.as_str()))
                .map(|column| format!("{table}.{}", column.as_str())),
        );
        Ok(())
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
        for (table, columns, target) in FOREIGN_KEYS {
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
            .filter(|index| !there.contains(**index))
            .map(ToString::to_string)
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
