//! Row-level security, on PostgreSQL only: the second check after the scoped repositories.
//!
//! A role that does not own the tables sees only the rows of the tenant named in the setting `hijrah.tenant_id` of the
//! transaction, and nothing at all without one. The owner passes: `COPY FROM` is refused under row-level security, and the
//! loader runs as the owner.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::columns::{TENANT, isolate, own, run_all};

/// Creates the policy `tenant_isolation` on every table.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Table and the condition under which a row of it belongs to the tenant.
fn policies() -> [(&'static str, String); 9] {
    // The subselect is itself under the policy of "user".
    let of_user = |column: &str| {
        format!(
            r#"EXISTS (SELECT 1 FROM "user" u WHERE u.id = {column} AND u.tenant_id = {TENANT})"#
        )
    };
    [
        ("tenants", own("id")),
        ("user", own("tenant_id")),
        ("user_profile", of_user("id_user")),
        ("refresh_tokens", of_user("user_id")),
        ("migration_jobs", own("tenant_id")),
        ("migration_errors", own("tenant_id")),
        ("packages", own("tenant_id")),
        ("jamaah", own("tenant_id")),
        ("payments", own("tenant_id")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, condition) in policies() {
            isolate(manager, table, &condition).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        for (table, _) in policies() {
            run_all(
                manager,
                &[
                    &format!(r#"DROP POLICY tenant_isolation ON "{table}""#),
                    &format!(r#"ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY"#),
                ],
            )
            .await?;
        }
        Ok(())
    }
}
