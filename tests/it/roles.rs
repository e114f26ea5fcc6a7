//! Permissions: walks the OpenAPI document, so that a new route without a decision fails by default.

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, JOBS, any_package, jamaah_file, on_both_engines};

on_both_engines! {
    every_route_refuses_anonymous_callers_wrong_roles_and_other_tenants,
    an_agent_sees_only_its_own_jobs,
}

/// Who a route is for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Access {
    /// No token is asked for.
    Public,
    /// Any role.
    Everyone,
    /// Admin and owner.
    Managers,
    /// Admin alone.
    Admins,
}

/// Every route of the document. A path ends the search where it matches first.
const ROUTES: &[(&str, &str, Access)] = {
    use Access::{Admins, Everyone, Managers, Public};
    &[
        ("POST", "/api/v1/auth/login", Public),
        ("POST", "/api/v1/auth/refresh", Public),
        ("POST", "/api/v1/auth/logout", Public),
        ("GET", "/api/v1/auth/me", Everyone),
        ("POST", "/api/v1/auth/password", Everyone),
        ("GET", "/api/v1/auth/sessions", Everyone),
        ("DELETE", "/api/v1/auth/sessions", Everyone),
        ("DELETE", "/api/v1/auth/sessions/{id}", Everyone),
        ("*", "/api/v1/tenant", Managers),
        ("*", "/api/v1/api-keys", Managers),
        ("*", "/api/v1/api-keys/{id}", Managers),
        ("*", "/api/v1/webhooks", Admins),
        ("*", "/api/v1/webhooks/{id}", Admins),
        ("POST", "/api/v1/webhooks/{id}/rotate-secret", Admins),
        ("POST", "/api/v1/webhooks/{id}/test", Admins),
        ("GET", "/api/v1/webhooks/{id}/deliveries", Admins),
        (
            "POST",
            "/api/v1/webhooks/{id}/deliveries/{delivery_id}/retry",
            Admins,
        ),
        ("GET", "/api/v1/activity", Managers),
        ("GET", "/api/v1/onboarding/migration/types", Everyone),
        ("GET", "/api/v1/onboarding/migration/{id}/file", Managers),
        (
            "GET",
            "/api/v1/onboarding/migration/{id}/activity",
            Managers,
        ),
        ("GET", "/health/live", Public),
        ("GET", "/health/ready", Public),
        ("GET", "/metrics", Public),
        ("GET", "/api/openapi.json", Public),
        ("GET", "/api/v1/onboarding/migration", Everyone),
        ("POST", "/api/v1/onboarding/migration/upload", Managers),
        (
            "GET",
            "/api/v1/onboarding/migration/templates/{type}",
            Everyone,
        ),
        (
            "POST",
            "/api/v1/onboarding/migration/{id}/validate",
            Managers,
        ),
        ("POST", "/api/v1/onboarding/migration/{id}/start", Managers),
        ("POST", "/api/v1/onboarding/migration/{id}/cancel", Managers),
        ("GET", "/api/v1/onboarding/migration/mappings", Managers),
        (
            "DELETE",
            "/api/v1/onboarding/migration/mappings/{id}",
            Managers,
        ),
        ("GET", "/api/v1/onboarding/migration/{id}/preview", Managers),
        (
            "*",
            "/api/v1/onboarding/migration/{id}/amendments",
            Managers,
        ),
        (
            "GET",
            "/api/v1/onboarding/migration/{id}/error-groups",
            Managers,
        ),
        (
            "GET",
            "/api/v1/onboarding/migration/{id}/rollback",
            Managers,
        ),
        ("PATCH", "/api/v1/onboarding/migration/{id}", Managers),
        ("GET", "/api/v1/onboarding/migration/{id}/status", Everyone),
        ("GET", "/api/v1/onboarding/migration/{id}/errors", Managers),
        (
            "GET",
            "/api/v1/onboarding/migration/{id}/failed-rows",
            Managers,
        ),
        (
            "POST",
            "/api/v1/onboarding/migration/{id}/rollback",
            Managers,
        ),
        ("DELETE", "/api/v1/onboarding/migration/{id}", Managers),
        ("*", "/api/v1/packages", Managers),
        ("*", "/api/v1/packages/{id}", Managers),
        ("*", "/api/v1/jamaah", Managers),
        ("*", "/api/v1/jamaah/{id}", Managers),
        ("*", "/api/v1/payments", Managers),
        ("*", "/api/v1/payments/{id}", Managers),
        ("*", "/api/v1/users", Admins),
        ("*", "/api/v1/users/{id}", Admins),
        ("GET", "/ws", Everyone),
    ]
};

pub(crate) fn access(method: &Method, path: &str) -> Result<Access> {
    ROUTES
        .iter()
        .find(|(known, route, _)| *route == path && (*known == "*" || *known == method.as_str()))
        .map(|(_, _, access)| *access)
        .with_context(|| format!("{method} {path} is new: say in ROUTES who may call it"))
}

/// Every operation of the document.
pub(crate) async fn operations(client: &Client) -> Result<Vec<(Method, String)>> {
    let document = client.get_json("/api/openapi.json").await?;
    ensure!(document["openapi"] == "3.1.0", "{}", document["openapi"]);
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().context("paths")? {
        for method in item.as_object().context("a path item")?.keys() {
            if let "get" | "post" | "put" | "patch" | "delete" = method.as_str() {
                operations.push((method.to_uppercase().parse()?, path.clone()));
            }
        }
    }
    ensure!(
        operations.len() >= 30,
        "only {} operations in the document",
        operations.len()
    );
    Ok(operations)
}

/// An existing id of the admin's tenant for each kind of path.
pub(crate) async fn own_ids(admin: &Client) -> Result<BTreeMap<&'static str, String>> {
    let package = any_package(admin).await?;
    let job = admin
        .job("jamaah", "data.csv", &jamaah_file(1, &[], &package))
        .await?;
    admin.import(&job).await?;
    let jamaah = admin.items("jamaah").await?[0]["id"]
        .as_str()
        .context("id")?
        .to_owned();
    let payment = json!({"jamaah_id": jamaah, "jumlah": 1_000_000, "tanggal_bayar": "2025-01-05", "metode_pembayaran": "cash"});
    let payment = admin.create("/api/v1/payments", &payment).await?;
    let users = admin.items("users").await?;
    let user = users[0]["id"].as_str().context("id")?.to_owned();
    let sessions = admin.get_json("/api/v1/auth/sessions").await?;
    let key = json!({"name": "Sinkronisasi", "scopes": ["view_imports"]});
    let key = admin.post_json("/api/v1/api-keys", &key).await?;
    let key = key.expect_status(201)?.json()?;
    let webhook = json!({"url": "https://8.8.8.8/hook", "is_active": false});
    let webhook = admin.post_json("/api/v1/webhooks", &webhook).await?;
    let webhook = webhook.expect_status(201)?.json()?;
    let session = sessions[0]["id"].as_str().context("id")?.to_owned();
    Ok(BTreeMap::from([
        (JOBS, job),
        ("/api/v1/auth/sessions", session),
        (
            "/api/v1/api-keys",
            key["id"].as_str().context("id")?.to_owned(),
        ),
        (
            "/api/v1/webhooks",
            webhook["id"].as_str().context("id")?.to_owned(),
        ),
        ("/api/v1/packages", package),
        ("/api/v1/jamaah", jamaah),
        (
            "/api/v1/payments",
            payment["id"].as_str().context("id")?.to_owned(),
        ),
        ("/api/v1/users", user),
    ]))
}

pub(crate) fn fill(path: &str, ids: &BTreeMap<&str, String>) -> Result<String> {
    let path = path
        .replace("{type}", "jamaah")
        .replace("{delivery_id}", "01890a5d-ac96-774b-bcce-b302099a8057");
    if !path.contains("{id}") {
        ensure!(!path.contains('{'), "unknown parameter in {path}");
        return Ok(path);
    }
    let owner = ids.iter().find(|(prefix, _)| path.starts_with(**prefix));
    let (_, id) = owner.with_context(|| format!("no id for {path}"))?;
    Ok(path.replace("{id}", id))
}

async fn every_route_refuses_anonymous_callers_wrong_roles_and_other_tenants(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let agent = app.user("agen", "agent").await?;
    let foreigner = app.other_tenant().await?;
    let anonymous = app.client();
    let ids = own_ids(&admin).await?;
    let unknown_ids: BTreeMap<&str, String> = ids
        .keys()
        .map(|prefix| (*prefix, uuid::Uuid::now_v7().to_string()))
        .collect();

    let mut wrong = Vec::new();
    for (method, route) in operations(&anonymous).await? {
        let access = access(&method, &route)?;
        let path = fill(&route, &ids)?;
        let ask = async |client: &Client, path: &str| {
            // A socket cannot send headers from a browser; its token is in the query.
            let path = match (path, client.token()) {
                ("/ws", token) if !token.is_empty() => format!("/ws?token={token}"),
                (path, _) => path.to_owned(),
            };
            client.send(client.request(method.clone(), &path)).await
        };
        let mut expect = |who: &str, status: u16, reply: &crate::harness::Reply, body: &Value| {
            if reply.status != status {
                wrong.push(format!(
                    "{method} {route} for {who}: {} instead of {status}: {body}",
                    reply.status
                ));
            }
        };
        if access == Access::Public {
            let reply = ask(&anonymous, &path).await?;
            if matches!(reply.status, 401 | 403) && !route.starts_with("/api/v1/auth/") {
                expect("an anonymous caller", 200, &reply, &Value::Null);
            }
            continue;
        }
        // The token is checked before anything else in the request.
        for client in [
            &anonymous,
            &anonymous.with_token("eyJhbGciOiJub25lIn0.e30."),
        ] {
            let reply = ask(client, &path).await?;
            let body = reply.json()?;
            expect("an anonymous caller", 401, &reply, &body);
            if body["message"] != "Unauthorized" || body["code"] != "unauthorized" {
                expect("an anonymous caller (body)", 0, &reply, &body);
            }
        }
        let (refused, allowed): (&[&Client], &[&Client]) = match access {
            Access::Public | Access::Everyone => (&[], &[&agent, &owner, &admin]),
            Access::Managers => (&[&agent], &[&owner, &admin]),
            Access::Admins => (&[&agent, &owner], &[&admin]),
        };
        for client in refused {
            let reply = ask(client, &path).await?;
            let body = reply.json()?;
            expect("a wrong role", 403, &reply, &body);
            if body["message"] != "Forbidden" {
                expect("a wrong role (body)", 0, &reply, &body);
            }
        }
        // Permission is tested with an id that does not exist, so the request changes nothing.
        for client in allowed {
            let reply = ask(client, &fill(&route, &unknown_ids)?).await?;
            if matches!(reply.status, 401 | 403) || reply.status >= 500 {
                expect(
                    "an allowed role",
                    200,
                    &reply,
                    &Value::String(reply.text()?),
                );
            }
        }
        if route.contains("{id}") {
            let foreign = ask(&foreigner, &path).await?;
            let unknown = ask(&foreigner, &fill(&route, &unknown_ids)?).await?;
            expect("another tenant", 404, &foreign, &foreign.json()?);
            if foreign.body != unknown.body || unknown.status != 404 {
                expect(
                    "another tenant, compared with a random id",
                    0,
                    &foreign,
                    &unknown.json()?,
                );
            }
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Everything that the other tenant tried to change or delete still exists.
    ensure!(admin.status(&ids[JOBS]).await?["status"] == "completed");
    Ok(())
}

async fn an_agent_sees_only_its_own_jobs(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let agent = app.user("agen", "agent").await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job("jamaah", "data.csv", &jamaah_file(1, &[], &package))
        .await?;
    agent
        .get(&format!("{JOBS}/{job}/status"))
        .await?
        .expect_error(404, "Job migrasi tidak ditemukan", "not_found")?;
    let list = agent.get_json(JOBS).await?;
    ensure!(list["total"] == 0, "{list:#}");

    // The agent sees a job that is assigned to them.
    let me = agent.get_json("/api/v1/auth/me").await?;
    let (Some(user), Some(job_id)) = (me["id"].as_str(), Some(job.as_str())) else {
        bail!("no id in {me}");
    };
    let literal = |id: &str| match app.backend {
        crate::harness::Backend::Postgres => format!("'{id}'"),
        crate::harness::Backend::Sqlite => format!("x'{}'", id.replace('-', "")),
    };
    app.execute(&format!(
        "UPDATE migration_jobs SET user_id = {} WHERE id = {}",
        literal(user),
        literal(job_id)
    ))
    .await?;
    ensure!(agent.status(&job).await?["id"] == job);
    let list = agent.get_json(JOBS).await?;
    ensure!(list["total"] == 1, "{list:#}");
    Ok(())
}
