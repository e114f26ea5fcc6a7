//! Webhooks, and the events on their way to them: the outbox that is written with the end of an import, and its log.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{
    drop_table, index, isolate, of_tenant, one_of, own, run, stamped, tenant_key,
};

/// Creates `webhooks` and `webhook_deliveries`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut webhooks = Table::create();
        webhooks
            .table("webhooks")
            .col(schema::uuid("tenant_id"))
            .col(schema::uuid("id"))
            .col(schema::text("url"))
            .col(schema::text_null("description"))
            // Words of events, separated by blanks.
            .col(schema::text("events"))
            // Signs the messages; encrypted where the installation has keys for that.
            .col(schema::text("secret"))
            .col(schema::text_null("previous_secret"))
            .col(schema::timestamp_null("previous_secret_until"))
            .col(schema::boolean("is_active"))
            .col(schema::string_len_null("disabled_reason", 16))
            .col(schema::timestamp_null("failing_since"));
        stamped(&mut webhooks)
            .primary_key(&mut tenant_key("webhooks"))
            .foreign_key(&mut of_tenant("webhooks"))
            .check(one_of("disabled_reason", &["failures", "gone"]));
        manager.create_table(webhooks).await?;
        isolate(manager, "webhooks", &own("tenant_id")).await?;
        manager
            .create_table(
                Table::create()
                    .table("webhook_deliveries")
                    .col(schema::uuid("tenant_id"))
                    // A UUID v7: the log is read in its order, newest first.
                    .col(schema::uuid("id"))
                    .col(schema::uuid("webhook_id"))
                    .col(schema::string_len("event", 32))
                    // The bytes that are sent and signed, the same for every try.
                    .col(schema::text("body"))
                    .col(schema::string_len("status", 16))
                    .col(schema::integer("attempts"))
                    // When it is tried next; while it is being tried, when another process may try it.
                    .col(schema::timestamp("due_at"))
                    .col(schema::string_len_null("lease_owner", 64))
                    // The tries so far, as `domain::DeliveryTry` in JSON.
                    .col(schema::text("tries"))
                    .col(schema::timestamp("created_at"))
                    .col(schema::timestamp_null("finished_at"))
                    .primary_key(&mut tenant_key("webhook_deliveries"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("fk_webhook_deliveries_webhook")
                            .from("webhook_deliveries", ("tenant_id", "webhook_id"))
                            .to("webhooks", ("tenant_id", "id"))
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .check(one_of("status", &["pending", "delivered", "failed"]))
                    .to_owned(),
            )
            .await?;
        index(
            manager,
            "ix_webhook_deliveries_webhook",
            "webhook_deliveries",
            &["tenant_id", "webhook_id", "id"],
        )
        .await?;
        run(
            manager,
            r#"CREATE INDEX "ix_webhook_deliveries_due" ON "webhook_deliveries" ("due_at") WHERE "status" = 'pending'"#,
        )
        .await?;
        isolate(manager, "webhook_deliveries", &own("tenant_id")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["webhook_deliveries", "webhooks"] {
            drop_table(manager, table).await?;
        }
        Ok(())
    }
}
