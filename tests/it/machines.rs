//! What machines rely on: a request that is sent twice is carried out once, and keys of their own in place of a login.

use anyhow::{Context, Result, ensure};
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{
    App, Client, JOBS, Reply, any_package, jamaah_file, jamaah_file_from, on_both_engines,
};

on_both_engines! {
    a_named_upload_is_one_job_however_often_it_is_sent,
    a_name_belongs_to_one_request_of_one_user_for_a_day,
    named_uploads_at_once_are_one_job,
    a_refused_request_frees_its_name,
    a_named_start_and_a_named_rollback_are_answered_again,
    a_key_is_allowed_what_both_its_scopes_and_its_user_are_allowed,
    a_key_is_shown_once_and_kept_as_a_digest,
    a_key_ends_by_deletion_by_expiry_and_with_its_user,
    keys_are_checked_when_they_are_created,
    keys_of_another_agency_are_not_there,
}

on_both_engines! {
    ["RATE_LIMIT_PER_MINUTE" = "30"]
    each_key_has_a_separate_budget,
}

fn upload(client: &Client, name: &str, file: &[u8], key: &str) -> Result<RequestBuilder> {
    let part = Part::bytes(file.to_vec())
        .file_name(name.to_owned())
        .mime_str("text/csv")?;
    let form = Form::new().text("import_type", "jamaah").part("file", part);
    let request = client.request(Method::POST, &format!("{JOBS}/upload"));
    Ok(request.header("idempotency-key", key).multipart(form))
}

fn act(client: &Client, job: &str, action: &str, key: &str) -> RequestBuilder {
    client
        .request(Method::POST, &format!("{JOBS}/{job}/{action}"))
        .header("idempotency-key", key)
}

async fn jobs(app: &App) -> Result<i64> {
    app.number("SELECT count(*) FROM migration_jobs").await
}

const NO_NAME: &str = "Header 'Idempotency-Key' tidak valid: harus 1 sampai 255 karakter ASCII tanpa spasi, satu kali";

async fn a_named_upload_is_one_job_however_often_it_is_sent(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(5, &[], &package);
    let first = admin.send(upload(&admin, "a.csv", &file, "satu")?).await?;
    let first = first.expect_status(200)?;
    ensure!(first.header("idempotency-replayed").is_empty());
    for _ in 0..3 {
        let again = admin.send(upload(&admin, "a.csv", &file, "satu")?).await?;
        let again = again.expect_status(200)?;
        ensure!(again.header("idempotency-replayed") == "true");
        ensure!(again.body == first.body, "{}", again.text()?);
    }
    ensure!(jobs(app).await? == 1 && app.stored_files()? == 1);
    let other = admin.send(upload(&admin, "a.csv", &file, "dua")?).await?;
    let other = other.expect_status(200)?;
    ensure!(other.json()?["job_id"] != first.json()?["job_id"]);
    // Without a name each upload creates a job.
    for _ in 0..2 {
        admin
            .upload("jamaah", "a.csv", &file)
            .await?
            .expect_status(200)?;
    }
    ensure!(jobs(app).await? == 4);
    for wrong in ["", " ", "dua kata", "é", &"x".repeat(256)] {
        let request = upload(&admin, "a.csv", &file, "x")?.build()?;
        let mut headers = request.headers().clone();
        headers.insert("idempotency-key", wrong.as_bytes().try_into()?);
        let job = "01890a5d-ac96-774b-bcce-b302099a8057";
        let request = admin
            .request(Method::POST, &format!("{JOBS}/{job}/start"))
            .headers(
                headers
                    .into_iter()
                    .filter_map(|(name, value)| Some((name?, value)))
                    .filter(|(name, _)| name == "idempotency-key")
                    .collect(),
            );
        let reply = admin.send(request).await?;
        reply.expect_error(400, NO_NAME, "invalid_header")?;
    }
    Ok(())
}

async fn a_name_belongs_to_one_request_of_one_user_for_a_day(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let package = any_package(&admin).await?;
    let file = jamaah_file(5, &[], &package);
    let other = jamaah_file_from(50, 5, &[], &package);
    let first = admin.send(upload(&admin, "a.csv", &file, "satu")?).await?;
    let first = first.expect_status(200)?;
    let job = first.json()?["job_id"].clone();
    let job = job.as_str().context("job_id")?;
    for request in [
        upload(&admin, "a.csv", &other, "satu")?,
        upload(&admin, "b.csv", &file, "satu")?,
        act(&admin, job, "start", "satu"),
    ] {
        admin.send(request).await?.expect_error(
            422,
            "Idempotency-Key sudah dipakai untuk permintaan lain",
            "idempotency_key_reused",
        )?;
    }
    ensure!(jobs(app).await? == 1 && app.stored_files()? == 1);
    // The name of another user is another name.
    let theirs = owner.send(upload(&owner, "a.csv", &other, "satu")?).await?;
    theirs.expect_status(200)?;
    ensure!(jobs(app).await? == 2);
    app.execute("UPDATE idempotency_keys SET created_at = '2020-01-01 00:00:00.000000'")
        .await?;
    let late = admin.send(upload(&admin, "a.csv", &other, "satu")?).await?;
    let late = late.expect_status(200)?;
    ensure!(late.header("idempotency-replayed").is_empty());
    ensure!(late.json()?["job_id"] != job && jobs(app).await? == 3);
    Ok(())
}

async fn named_uploads_at_once_are_one_job(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(500, &[], &package);
    let send = async || admin.send(upload(&admin, "a.csv", &file, "satu")?).await;
    let replies: Vec<Reply> = futures_util::future::try_join_all((0..6).map(|_| send())).await?;
    let (good, under_way): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.status == 200);
    ensure!(!good.is_empty());
    for reply in &good {
        ensure!(reply.body == good[0].body);
    }
    for reply in under_way {
        let message = "Permintaan dengan Idempotency-Key ini masih diproses";
        let reply = reply.expect_error(409, message, "idempotency_in_flight")?;
        ensure!(!reply.header("retry-after").is_empty());
    }
    ensure!(jobs(app).await? == 1);
    let again = send().await?.expect_status(200)?;
    ensure!(again.body == good[0].body);
    Ok(())
}

async fn a_refused_request_frees_its_name(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let bad = admin
        .send(upload(&admin, "a.csv", b"nama\nAli\n", "satu")?)
        .await?;
    bad.expect_status(400)?;
    let file = jamaah_file(5, &[], &package);
    let good = admin.send(upload(&admin, "a.csv", &file, "satu")?).await?;
    good.expect_status(200)?;
    ensure!(jobs(app).await? == 1);
    let unknown = uuid::Uuid::now_v7().to_string();
    for _ in 0..2 {
        let reply = admin.send(act(&admin, &unknown, "start", "tiga")).await?;
        reply.expect_status(404)?;
    }
    ensure!(app.number("SELECT count(*) FROM idempotency_keys").await? == 1);
    Ok(())
}

async fn a_named_start_and_a_named_rollback_are_answered_again(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(5, &[], &package).await?;
    let started = admin.send(act(&admin, &job, "start", "mulai")).await?;
    let started = started.expect_status(200)?;
    admin.finished(&job).await?;
    // Without the name a second start would be refused now.
    let again = admin.send(act(&admin, &job, "start", "mulai")).await?;
    ensure!(again.expect_status(200)?.body == started.body);
    admin.act(&job, "start").await?.expect_status(400)?;
    let back = admin.send(act(&admin, &job, "rollback", "batal")).await?;
    let back = back.expect_status(200)?;
    let again = admin.send(act(&admin, &job, "rollback", "batal")).await?;
    ensure!(again.expect_status(200)?.body == back.body);
    ensure!(back.json()?["job"]["status"] == "rolled_back");
    admin
        .send(act(&admin, &job, "rollback?keep_changed=true", "batal"))
        .await?
        .expect_status(422)?;
    Ok(())
}

/// Creates a key; its id and a client that uses it.
async fn key(client: &Client, scopes: &[&str]) -> Result<(String, Client)> {
    let body = json!({"name": "Sinkronisasi", "scopes": scopes});
    let reply = client.post_json("/api/v1/api-keys", &body).await?;
    let answer = reply.expect_status(201)?.json()?;
    let id = answer["id"].as_str().context("id")?.to_owned();
    let key = answer["key"].as_str().context("key")?;
    Ok((id, client.with_token(key)))
}

async fn a_key_is_allowed_what_both_its_scopes_and_its_user_are_allowed(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let (_, machine) = key(&admin, &["manage_imports", "view_imports"]).await?;
    let job = machine.people(5, &[], &package).await?;
    ensure!(machine.import(&job).await?["imported_rows"] == 5);
    ensure!(machine.get_json(JOBS).await?["total"] == 1);
    let me = machine.get_json("/api/v1/auth/me").await?;
    ensure!(me["username"] == "admin", "{me:#}");
    ensure!(
        me["permissions"] == json!(["manage_imports", "view_imports"]),
        "{me:#}"
    );
    let any = uuid::Uuid::now_v7();
    for (method, path) in [
        (Method::GET, "/api/v1/packages".to_owned()),
        (Method::GET, format!("{JOBS}/templates/jamaah")),
        (Method::GET, "/api/v1/users".to_owned()),
        (Method::GET, "/api/v1/tenant".to_owned()),
        (Method::GET, "/api/v1/api-keys".to_owned()),
        (Method::POST, "/api/v1/api-keys".to_owned()),
        (Method::POST, "/api/v1/auth/password".to_owned()),
        (Method::GET, "/api/v1/auth/sessions".to_owned()),
        (Method::DELETE, "/api/v1/auth/sessions".to_owned()),
        (Method::DELETE, format!("/api/v1/auth/sessions/{any}")),
    ] {
        let reply = machine.send(machine.request(method, &path)).await?;
        reply.expect_error(403, "Forbidden", "forbidden")?;
    }
    let (_, reader) = key(&admin, &["view_imports"]).await?;
    reader.get(JOBS).await?.expect_status(200)?;
    reader.act(&job, "rollback").await?.expect_status(403)?;
    // A user who loses a role also loses it for their keys.
    let owner = app.user("pemilik", "owner").await?;
    let (_, machine) = key(&owner, &["manage_imports", "view_imports"]).await?;
    machine.act(&job, "validate").await?.expect_status(400)?;
    let me = owner.get("/api/v1/auth/me").await?.json()?;
    let path = format!("/api/v1/users/{}", me["id"].as_str().context("id")?);
    let changed = admin.patch_json(&path, &json!({"role": "agent"})).await?;
    changed.expect_status(200)?;
    let refused = machine.act(&job, "validate").await?;
    ensure!(matches!(refused.status, 401 | 403), "{}", refused.status);
    Ok(())
}

async fn a_key_is_shown_once_and_kept_as_a_digest(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let (id, machine) = key(&admin, &["view_imports"]).await?;
    let secret = machine.token().to_owned();
    ensure!(secret.starts_with("hjr_") && secret.len() == 68, "{secret}");
    let list = admin.get("/api/v1/api-keys").await?.expect_status(200)?;
    ensure!(!list.text()?.contains(&secret[10..]), "{}", list.text()?);
    let shown = list.json()?["data"][0].clone();
    ensure!(
        shown["id"] == id && shown["hint"] == secret[..10] && shown["last_used_at"].is_null(),
        "{shown:#}"
    );
    machine.get(JOBS).await?.expect_status(200)?;
    let list = admin.get("/api/v1/api-keys").await?.json()?;
    ensure!(list["data"][0]["last_used_at"].is_string(), "{list:#}");
    let sql = "SELECT key_hash, hint, scopes FROM api_keys";
    let stored = app.direct().await?.rows(sql).await?;
    ensure!(stored[0][0].len() == 64 && !stored[0].join(" ").contains(&secret[10..]));
    let logged = app.server.output();
    ensure!(!logged.contains(&secret[10..]), "the key is logged");
    Ok(())
}

async fn a_key_ends_by_deletion_by_expiry_and_with_its_user(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let gone = async |machine: &Client| -> Result<()> {
        let path = format!("{JOBS}/upload");
        let reply = machine.send(machine.request(Method::POST, &path)).await?;
        reply.expect_error(401, "Unauthorized", "unauthorized")?;
        Ok(())
    };
    let scopes = ["manage_imports", "view_imports"];
    let (id, machine) = key(&admin, &scopes).await?;
    machine.get(JOBS).await?.expect_status(200)?;
    let path = format!("/api/v1/api-keys/{id}");
    admin.remove(&path).await?;
    gone(&machine).await?;
    machine.get(JOBS).await?.expect_status(401)?;
    admin
        .delete(&path)
        .await?
        .expect_error(404, "API key tidak ditemukan", "not_found")?;

    let (_, machine) = key(&admin, &scopes).await?;
    machine.get(JOBS).await?.expect_status(200)?;
    app.execute("UPDATE api_keys SET expires_at = '2020-01-01 00:00:00.000000'")
        .await?;
    gone(&machine).await?;

    let owner = app.user("pemilik", "owner").await?;
    let (_, machine) = key(&owner, &scopes).await?;
    machine.get(JOBS).await?.expect_status(200)?;
    let me = owner.get("/api/v1/auth/me").await?.json()?;
    let path = format!("/api/v1/users/{}", me["id"].as_str().context("id")?);
    let disabled = admin
        .patch_json(&path, &json!({"is_active": false}))
        .await?;
    disabled.expect_status(200)?;
    gone(&machine).await?;
    let unknown = format!("hjr_{}", "0".repeat(64));
    gone(&app.client().with_token(&unknown)).await?;
    Ok(())
}

async fn keys_are_checked_when_they_are_created(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let good = json!({"name": "Sinkronisasi", "scopes": ["view_imports"]});
    for (field, value) in [
        ("name", json!("")),
        ("name", Value::Null),
        ("scopes", json!([])),
        ("scopes", json!(["manage_users"])),
        ("scopes", json!(["manage_tenant", "view_imports"])),
        ("scopes", json!(["everything"])),
        ("expires_in_days", json!(0)),
        ("expires_in_days", json!(366)),
        ("expires_in_days", Value::Null),
    ] {
        let mut body = good.clone();
        body[field] = value.clone();
        let reply = admin.post_json("/api/v1/api-keys", &body).await?;
        let answer = reply.expect_status(400)?.json()?;
        ensure!(
            answer["details"]["errors"][0]["field"] == field,
            "{field} {value}: {answer}"
        );
    }
    let mut body = good.clone();
    body["key"] = json!("hjr_own");
    let reply = admin.post_json("/api/v1/api-keys", &body).await?;
    ensure!(reply.expect_status(400)?.json()?["code"] == "invalid_body");
    for _ in 0..50 {
        let reply = admin.post_json("/api/v1/api-keys", &good).await?;
        reply.expect_status(201)?;
    }
    let reply = admin.post_json("/api/v1/api-keys", &good).await?;
    ensure!(reply.expect_status(409)?.json()?["code"] == "too_many_keys");
    Ok(())
}

async fn keys_of_another_agency_are_not_there(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let foreigner = app.other_tenant().await?;
    let (id, machine) = key(&admin, &["view_imports"]).await?;
    let list = foreigner.get("/api/v1/api-keys").await?.json()?;
    ensure!(list == json!({"data": []}), "{list:#}");
    let path = format!("/api/v1/api-keys/{id}");
    foreigner.delete(&path).await?.expect_status(404)?;
    machine.get(JOBS).await?.expect_status(200)?;
    Ok(())
}

async fn each_key_has_a_separate_budget(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let (_, machine) = key(&admin, &["view_imports"]).await?;
    let mut refused = None;
    for _ in 0..40 {
        let reply = machine.get(JOBS).await?;
        if reply.status == 429 {
            refused = Some(reply);
            break;
        }
        reply.expect_status(200)?;
    }
    let refused = refused.context("forty requests of thirty")?;
    ensure!(
        refused.header("x-ratelimit-limit") == "30" && !refused.header("retry-after").is_empty()
    );
    // The user's own budget is another.
    admin.get(JOBS).await?.expect_status(200)?;
    Ok(())
}
