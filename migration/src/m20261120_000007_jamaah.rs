//! Jamaah: the pilgrims.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, imported, one_of, run_all, tenant_key};

/// Creates `jamaah`. There is no foreign key to `tenants`: the one to the package already proves the tenant, and a second
/// check per row would cost the import without adding anything.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut jamaah = Table::create();
        jamaah
            .table("jamaah")
            .col(schema::uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::text("nama"))
            // The name as names are compared. It has no index: one more would make every import of jamaah a quarter slower,
            // while payments that name their jamaah ask for a whole batch of names at once, in one pass over the tenant.
            .col(schema::text("nama_key"))
            .col(schema::text_null("email"))
            .col(schema::text_null("telepon"))
            .col(schema::text_null("alamat"))
            .col(schema::text_null("ktp"))
            .col(schema::date_null("tanggal_lahir"))
            .col(schema::string_len_null("jenis_kelamin", 1))
            .col(schema::uuid("paket_id"))
            .col(schema::string_len("status", 16))
            .col(schema::text_null("catatan"));
        imported(&mut jamaah, "jamaah")
            .primary_key(&mut tenant_key("jamaah"))
            .check(one_of("jenis_kelamin", &["L", "P"]))
            .check(one_of(
                "status",
                &[
                    "lead",
                    "interested",
                    "registered",
                    "active",
                    "completed",
                    "cancelled",
                ],
            ))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_jamaah_paket")
                    .from("jamaah", ("tenant_id", "paket_id"))
                    .to("packages", ("tenant_id", "id")),
            );
        manager.create_table(jamaah).await?;
        run_all(manager, &[
            r#"CREATE UNIQUE INDEX "uq_jamaah_ktp" ON "jamaah" ("tenant_id", "ktp") WHERE "ktp" IS NOT NULL"#,
            r#"CREATE UNIQUE INDEX "uq_jamaah_email" ON "jamaah" ("tenant_id", lower("email")) WHERE "email" IS NOT NULL"#,
            // The pilgrims of a package: for the list's filter, and for the check when a package is deleted.
            r#"CREATE INDEX "ix_jamaah_paket" ON "jamaah" ("tenant_id", "paket_id")"#,
        ])
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "jamaah").await
    }
}
