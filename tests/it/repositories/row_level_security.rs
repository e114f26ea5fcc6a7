//! Row-level security on PostgreSQL: a role that does not own the tables sees the rows of the named tenant and nothing else.

use anyhow::{Context, Result};
use domain::{Clock, ImportType, JamaahId, Role, UserId};
use migration::tables;
use repositories::{
    Database, DatabaseConfig, ImportJobs, JamaahRecords, ListQuery, Packages, RowSecurity,
    Sessions, Users,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::world::{Now, World, jamaah, prove, user};
use crate::harness::Backend;

/// A role of its own for each test: roles belong to the whole server.
async fn application_role(world: &World) -> Result<String> {
    let role = format!("hijrah_app_{}", Now.mint_uuid().simple());
    let mut owner = PgConnection::connect(&world.config.url).await?;
    let grants = format!(
        "CREATE ROLE {role} LOGIN; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};"
    );
    sqlx::raw_sql(AssertSqlSafe(grants))
        .execute(&mut owner)
        .await?;
    owner.close().await?;
    Ok(role)
}

async fn drop_role(world: &World, role: &str) -> Result<()> {
    let mut owner = PgConnection::connect(&world.config.url).await?;
    let drop = format!("DROP OWNED BY {role}; DROP ROLE {role};");
    sqlx::raw_sql(AssertSqlSafe(drop))
        .execute(&mut owner)
        .await?;
    Ok(owner.close().await?)
}

/// The same database, reached as another role.
fn as_role(url: &str, role: &str) -> Result<String> {
    let mut url = reqwest::Url::parse(url)?;
    url.set_username(role)
        .map_err(|()| anyhow::anyhow!("takes a role"))?;
    Ok(url.into())
}

#[test]
fn the_application_works_under_row_level_security() {
    prove(Backend::Postgres, |world| Box::pin(works(world)));
}

async fn works(world: &World) -> Result<()> {
    let role = application_role(world).await?;
    let db = Database::connect(&DatabaseConfig {
        url: as_role(&world.config.url, &role)?,
        owner_url: Some(world.config.url.clone()),
        max_connections: 1,
        lease: world.config.lease,
    })
    .await?;
    let (other_tenant, other) = world.other_tenant().await?;
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    world.package(other_tenant, "Umroh Asing").await?;
    let packages = Packages::new(&db);
    for _ in 0..3 {
        for scope in [world.scope, other_tenant] {
            let page = packages
                .list(
                    scope,
                    &ListQuery {
                        limit: 10,
                        ..ListQuery::default()
                    },
                )
                .await?;
            assert_eq!(page.items.len(), 1, "one connection serves both tenants");
        }
    }
    let person = JamaahId::mint(&Now);
    JamaahRecords::new(&db)
        .insert(world.scope, person, &jamaah(1, paket), Now.now())
        .await?;
    let agent = UserId::mint(&Now);
    let users = Users::new(&db);
    users
        .insert(
            world.scope,
            agent,
            Now.mint_uuid(),
            &user("agen", Role::Agent),
            "admin",
            Now.now(),
        )
        .await?;
    assert!(users.find(world.scope, agent).await?.is_some());
    assert!(users.find(other_tenant, agent).await?.is_none());
    assert!(users.delete(world.scope, agent, "admin", Now.now()).await?);
    assert!(Sessions::new(&db).user_by_name("agen").await?.is_some());
    let job = world
        .job_of(other_tenant, other, ImportType::Jamaah)
        .await?;
    let jobs = ImportJobs::new(&db);
    jobs.request_start(other_tenant, job, 1, None)
        .await?
        .context("is there")?;
    assert!(db.schema_is_at_head().await?);
    let security = db.row_security().await?;
    assert_eq!(security, RowSecurity::InEffect);
    db.close().await;
    drop_role(world, &role).await
}

#[test]
fn without_a_named_tenant_there_is_nothing_also_on_a_used_connection() {
    prove(Backend::Postgres, |world| Box::pin(fails_closed(world)));
}

async fn fails_closed(world: &World) -> Result<()> {
    let role = application_role(world).await?;
    let (other_tenant, _) = world.other_tenant().await?;
    let paket = world.package(world.scope, "Umroh Hemat").await?;
    world.package(other_tenant, "Umroh Asing").await?;
    JamaahRecords::new(&world.db)
        .insert(
            world.scope,
            JamaahId::mint(&Now),
            &jamaah(1, paket),
            Now.now(),
        )
        .await?;
    let mut app = PgConnection::connect(&as_role(&world.config.url, &role)?).await?;
    for round in ["fresh", "used", "used again"] {
        for table in tables() {
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_one(&mut app)
                .await?;
            assert_eq!(rows, 0, "{table} on a {round} connection");
        }
        let mut tx = app.begin().await?;
        sqlx::query("SELECT set_config('hijrah.tenant_id', $1, true)")
            .bind(world.scope.tenant_id().to_string())
            .execute(&mut *tx)
            .await?;
        for (table, expected) in [
            ("tenants", 1),
            ("packages", 1),
            ("jamaah", 1),
            ("user", 1),
            ("user_profile", 1),
        ] {
            let sql = format!("SELECT count(*) FROM \"{table}\"");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
                .fetch_one(&mut *tx)
                .await?;
            assert_eq!(rows, expected, "{table}");
        }
        let stolen = sqlx::query("UPDATE packages SET tenant_id = $1")
            .bind(other_tenant.tenant_id().as_uuid())
            .execute(&mut *tx)
            .await;
        assert!(stolen.is_err(), "a row cannot be moved to another tenant");
        tx.rollback().await?;
    }
    app.close().await?;
    drop_role(world, &role).await
}

#[test]
fn every_table_of_tenants_has_its_policy() {
    prove(Backend::Postgres, |world| Box::pin(catalogue(world)));
}

async fn catalogue(world: &World) -> Result<()> {
    let mut owner = PgConnection::connect(&world.config.url).await?;
    let bare: Vec<String> = sqlx::query_scalar(
        "SELECT c.relname::text FROM pg_class c \
         JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public' \
         WHERE c.relkind IN ('r', 'p') AND c.relname <> 'seaql_migrations' \
         AND NOT (c.relrowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))",
    )
    .fetch_all(&mut owner)
    .await?;
    assert!(bare.is_empty(), "without a policy: {bare:?}");
    owner.close().await?;
    let security = world.db.row_security().await?;
    assert_ne!(
        security,
        RowSecurity::InEffect,
        "no policy applies to the one role for all"
    );
    Ok(())
}
