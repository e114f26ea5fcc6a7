//! What users see and change of their own accounts: a password that an administrator has set and that must be changed, the program
//! from which a session was opened, and the time zone of the agency.

use sea_orm_migration::prelude::*;

use crate::columns::run_all;

/// Adds the columns.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(
            manager,
            &[
                r#"ALTER TABLE "user" ADD COLUMN "must_change_password" boolean NOT NULL DEFAULT FALSE"#,
                r#"ALTER TABLE "refresh_tokens" ADD COLUMN "user_agent" text"#,
                r#"ALTER TABLE "tenants" ADD COLUMN "time_zone" text NOT NULL DEFAULT 'Asia/Jakarta'"#,
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        run_all(
            manager,
            &[
                r#"ALTER TABLE "tenants" DROP COLUMN "time_zone""#,
                r#"ALTER TABLE "refresh_tokens" DROP COLUMN "user_agent""#,
                r#"ALTER TABLE "user" DROP COLUMN "must_change_password""#,
            ],
        )
        .await
    }
}
