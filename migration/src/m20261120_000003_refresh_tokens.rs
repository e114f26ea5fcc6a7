//! Refresh tokens: families of rotating tokens, one family per session. The `token` column holds a hash, never the token.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, index};

/// Creates `refresh_tokens`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("refresh_tokens")
                    .col(schema::pk_uuid("id"))
                    .col(schema::text_uniq("token"))
                    .col(schema::uuid("user_id"))
                    .col(schema::uuid("family_id"))
                    .col(schema::uuid_null("parent_id"))
                    .col(schema::timestamp("expires_at"))
                    .col(schema::timestamp("absolute_expires_at"))
                    .col(schema::timestamp_null("used_at"))
                    .col(schema::boolean("is_revoked").default(false))
                    .col(schema::timestamp("created_date"))
                    .col(schema::timestamp("updated_date"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_refresh_tokens_user")
                            .from("refresh_tokens", "user_id")
                            .to("user", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_refresh_tokens_parent")
                            .from("refresh_tokens", "parent_id")
                            .to("refresh_tokens", "id")
                            .on_delete(ForeignKeyAction::SetNull),
                    )
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("ix_refresh_tokens_user", "user_id"),
            ("ix_refresh_tokens_family", "family_id"),
            ("ix_refresh_tokens_parent", "parent_id"),
            // Housekeeping deletes what is past its absolute end.
            (
                "ix_refresh_tokens_absolute_expires_at",
                "absolute_expires_at",
            ),
        ] {
            index(manager, name, "refresh_tokens", &[column]).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "refresh_tokens").await
    }
}
