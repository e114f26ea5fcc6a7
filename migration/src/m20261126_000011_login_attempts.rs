//! Failed and good logins, counted by user, by address and by both: what slows down guessing on every process alike and after a
//! restart. The keys are digests under the service's secret, so that neither names nor addresses are kept.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index};

use crate::columns;

/// Creates `login_attempts`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("login_attempts")
                    .col(schema::text("key").primary_key())
                    .col(schema::big_integer("failures"))
                    // Microseconds since 1970 by the database's clock: these are only ever subtracted from each other.
                    .col(schema::big_integer("touched_at"))
                    .col(schema::big_integer_null("succeeded_at"))
                    .to_owned(),
            )
            .await?;
        // Housekeeping deletes what has not been touched for long.
        index(
            manager,
            "ix_login_attempts_touched_at",
            "login_attempts",
            &["touched_at"],
        )
        .await?;
        columns::hide_from_application(manager, "login_attempts").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "login_attempts").await
    }
}
