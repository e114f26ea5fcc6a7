//! Packages: the journeys an agency sells.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, imported, of_tenant, one_of, run, tenant_key};

/// Creates `packages`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut packages = Table::create();
        packages
            .table("packages")
            .col(schema::uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::text("nama"))
            // The form in which names are compared. The application computes it, because no engine folds text as it does.
            .col(schema::text("nama_key"))
            .col(schema::text_null("deskripsi"))
            .col(schema::integer("durasi_hari"))
            .col(schema::big_integer("harga_retail"))
            .col(schema::big_integer_null("harga_wholesale"))
            .col(schema::date("tanggal_keberangkatan"))
            .col(schema::integer("kapasitas"))
            .col(schema::string_len("status", 16));
        imported(&mut packages, "packages")
            .primary_key(&mut tenant_key("packages"))
            .check(one_of("status", &["draft", "published", "archived"]))
            .foreign_key(&mut of_tenant("packages"));
        manager.create_table(packages).await?;
        // The natural key: the same name on many dates is normal.
        run(
            manager,
            r#"CREATE UNIQUE INDEX "uq_packages_nama_tanggal" ON "packages" ("tenant_id", "nama_key", "tanggal_keberangkatan")"#,
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "packages").await
    }
}
