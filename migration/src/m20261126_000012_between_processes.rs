//! What processes on one database have to agree on: how much of a user's request budget is spent, and which folder of uploads
//! is theirs.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, hide_from_application, index};

/// Creates `rate_budgets` and `storage_marks`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("rate_budgets")
                    .col(schema::pk_uuid("user_id"))
                    // When the budget will be full again, in microseconds since 1970 by the database's clock.
                    .col(schema::big_integer("full_at"))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "ix_rate_budgets_full_at",
            "rate_budgets",
            &["full_at"],
        )
        .await?;
        manager
            .create_table(
                Table::create()
                    .table("storage_marks")
                    // One row: a second one would be a second storage.
                    .col(
                        schema::integer("id")
                            .primary_key()
                            .check(Expr::col("id").eq(1)),
                    )
                    .col(schema::uuid("mark"))
                    .to_owned(),
            )
            .await?;
        hide_from_application(manager, "rate_budgets").await?;
        hide_from_application(manager, "storage_marks").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["storage_marks", "rate_budgets"] {
            drop_table(manager, table).await?;
        }
        Ok(())
    }
}
