//! Users and their profiles.

use sea_orm_migration::{prelude::*, schema};

use crate::columns::{drop_table, of_tenant, one_of, run};

/// Creates `user` and `user_profile`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Adds who wrote the row and when.
fn signed(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(schema::boolean("deleted").default(false))
        .col(schema::text_null("created_by"))
        .col(schema::text_null("updated_by"))
        .col(schema::timestamp("created_date"))
        .col(schema::timestamp("updated_date"))
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut user = Table::create();
        user.table("user")
            .col(schema::pk_uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::text("username"))
            .col(schema::text("password"))
            .col(schema::boolean("is_active").default(true))
            .foreign_key(&mut of_tenant("user"))
            // What the composite foreign keys of tenant data point to.
            .index(
                Index::create()
                    .unique()
                    .name("uq_user_tenant_id")
                    .col("tenant_id")
                    .col("id"),
            );
        manager.create_table(signed(&mut user).to_owned()).await?;
        // One name in the whole installation: the login form asks for no tenant.
        run(
            manager,
            r#"CREATE UNIQUE INDEX "uq_user_username" ON "user" (lower("username"))"#,
        )
        .await?;

        let mut profile = Table::create();
        profile
            .table("user_profile")
            .col(schema::pk_uuid("id"))
            .col(schema::uuid_uniq("id_user"))
            .col(schema::text("nama_lengkap"))
            .col(schema::text_null("email"))
            .col(schema::text("tipe_akun"))
            .col(schema::string_len("role", 16))
            .check(one_of("role", &["admin", "owner", "agent"]))
            .foreign_key(
                ForeignKey::create()
                    .name("fk_user_profile_user")
                    .from("user_profile", "id_user")
                    .to("user", "id")
                    .on_delete(ForeignKeyAction::Cascade),
            );
        manager.create_table(signed(&mut profile).to_owned()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_table(manager, "user_profile").await?;
        drop_table(manager, "user").await
    }
}
