//! Payments of jamaah.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, imported, one_of, run_all, tenant_key};

/// Creates `payments`. The foreign key to the jamaah also proves the tenant.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut payments = Table::create();
        payments
            .table("payments")
            .col(schema::uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::uuid("jamaah_id"))
            .col(schema::big_integer("jumlah"))
            .col(schema::date("tanggal_bayar"))
            .col(schema::string_len("metode_pembayaran", 16))
            .col(schema::text_null("nomor_referensi"))
            .col(schema::text_null("catatan"));
        imported(&mut payments, "payments")
            .primary_key(&mut tenant_key("payments"))
            .check(one_of(
                "metode_pembayaran",
                &[
                    "transfer_bank",
                    "cash",
                    "credit_card",
                    "debit_card",
                    "qris",
                    "other",
                ],
            ))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_payments_jamaah")
                    .from("payments", ("tenant_id", "jamaah_id"))
                    .to("jamaah", ("tenant_id", "id")),
            );
        manager.create_table(payments).await?;
        run_all(manager, &[
            // One transfer of a family pays for several jamaah: the reference alone is not a key.
            r#"CREATE UNIQUE INDEX "uq_payments_referensi" ON "payments" ("tenant_id", "jamaah_id", "nomor_referensi") WHERE "nomor_referensi" IS NOT NULL"#,
            // What a jamaah has paid: the list's filter, and the check when a jamaah is deleted.
            r#"CREATE INDEX "ix_payments_jamaah" ON "payments" ("tenant_id", "jamaah_id")"#,
        ])
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "payments").await
    }
}
