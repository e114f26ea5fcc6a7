//! Asks the database's own catalogue whether it has the columns of the entities, and whether row-level security binds the
//! application's role. `migration::catalogue` compares the schema with what the migrations create.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, EntityTrait, IdenStatic, Iterable};

use crate::{
    Backend, Database, RepositoryError,
    entity::{
        login_attempt, migration_error, migration_job, migration_row, rate_budget, refresh_token,
        storage_mark, tenant, user, user_profile,
    },
    table::TABLES,
};

/// The tables that this code uses, with their columns.
fn expected_columns() -> impl Iterator<Item = (&'static str, Vec<&'static str>)> {
    let others = [
        columns_of::<tenant::Entity>(),
        columns_of::<user::Entity>(),
        columns_of::<user_profile::Entity>(),
        columns_of::<refresh_token::Entity>(),
        columns_of::<migration_job::Entity>(),
        columns_of::<migration_error::Entity>(),
        columns_of::<migration_row::Entity>(),
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

/// Whether row-level security is in effect for the scoped repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RowSecurity {
    /// The engine is SQLite, which has none.
    NotOnThisEngine,
    /// The application's role is a superuser, bypasses row-level security, or owns the tables: no policy applies to it.
    RolePasses,
    /// These tables have no policy.
    Gaps(Vec<String>),
    /// The application's role sees only the named tenant's rows.
    InEffect,
}

impl RowSecurity {
    /// Whether the application's role is subject to policies, if there are any: the application then needs the tables' owner too.
    #[must_use]
    pub const fn binds_role(&self) -> bool {
        matches!(self, Self::InEffect | Self::Gaps(_))
    }
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

    /// Whether row-level security is in effect for the role that the application works as.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn row_security(&self) -> Result<RowSecurity, RepositoryError> {
        if self.backend() == Backend::Sqlite {
            return Ok(RowSecurity::NotOnThisEngine);
        }
        let passes = "SELECT 1 FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls) \
            UNION ALL SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
            WHERE n.nspname = current_schema() AND c.relname = 'jamaah' \
            AND pg_has_role(current_user, c.relowner, 'USAGE') LIMIT 1";
        let row = self.app().query_one_raw(self.statement(passes, [])).await?;
        if row.is_some() {
            return Ok(RowSecurity::RolePasses);
        }
        let gaps = "SELECT c.relname::text AS name FROM pg_class c \
            JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() \
            WHERE c.relkind IN ('r', 'p') AND c.relname <> 'seaql_migrations' \
            AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))";
        let mut gaps: Vec<String> = self.names(gaps, None).await?.into_iter().collect();
        gaps.sort_unstable();
        if gaps.is_empty() {
            Ok(RowSecurity::InEffect)
        } else {
            Ok(RowSecurity::Gaps(gaps))
        }
    }
}
