//! What users see and change of their own account and agency: the password, the sessions, the agency's settings.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN, App, Client, JOBS, Reply, on_both_engines};

on_both_engines! {
    every_user_learns_their_agency_and_their_permissions,
    users_change_their_own_password_and_keep_only_this_session,
    a_wrong_present_password_counts_as_a_failed_login,
    a_user_who_must_change_the_password_can_do_nothing_else_first,
    users_change_neither_their_own_role_nor_their_own_state,
    sessions_are_listed_and_ended_one_by_one_or_all_others,
    the_agency_is_read_and_changed_by_admins_and_owners,
}

const PASSWORD: &str = "rahasia-sekali";

async fn password(client: &Client, current: &str, new: &str) -> Result<Reply> {
    let body = json!({"current_password": current, "new_password": new});
    client.post_json("/api/v1/auth/password", &body).await
}

async fn me(client: &Client) -> Result<Value> {
    client.get_json("/api/v1/auth/me").await
}

async fn every_user_learns_their_agency_and_their_permissions(app: &mut App) -> Result<()> {
    let all = [
        "manage_imports",
        "view_imports",
        "download_templates",
        "manage_resources",
        "manage_users",
        "manage_tenant",
        "manage_webhooks",
    ];
    for (client, lacks) in [
        (app.admin().await?, &[][..]),
        (
            app.user("pemilik", "owner").await?,
            &["manage_users", "manage_webhooks"],
        ),
        (
            app.user("agen", "agent").await?,
            &[
                "manage_imports",
                "manage_resources",
                "manage_users",
                "manage_tenant",
                "manage_webhooks",
            ],
        ),
    ] {
        let me = me(&client).await?;
        let expected: Vec<&str> = all
            .into_iter()
            .filter(|word| !lacks.contains(word))
            .collect();
        ensure!(me["permissions"] == json!(expected), "{me:#}");
        ensure!(me["must_change_password"] == false, "{me:#}");
        let tenant = &me["tenant"];
        ensure!(tenant["id"] == me["tenant_id"], "{me:#}");
        ensure!(tenant["time_zone"] == "Asia/Jakarta", "{me:#}");
        ensure!(
            tenant["name"].is_string() && tenant["slug"].is_string(),
            "{me:#}"
        );
    }
    let foreign = me(&app.other_tenant().await?).await?;
    ensure!(foreign["tenant"]["name"] == "Agensi lain", "{foreign:#}");
    Ok(())
}

async fn users_change_their_own_password_and_keep_only_this_session(app: &mut App) -> Result<()> {
    for role in ["owner", "agent"] {
        let here = app.user(role, role).await?;
        let elsewhere = app.client().login(role, PASSWORD).await?;
        for (new, message) in [
            ("pendek", "Password harus 8 sampai 128 karakter"),
            (
                PASSWORD,
                "Kata sandi baru harus berbeda dari kata sandi saat ini",
            ),
        ] {
            let reply = password(&here, PASSWORD, new).await?;
            let reply = reply.expect_error(400, message, "validation_failed")?;
            let errors = &reply.json()?["details"]["errors"];
            ensure!(errors[0]["field"] == "new_password", "{errors:#}");
        }
        me(&elsewhere).await?;
        let reply = password(&here, PASSWORD, "rahasia yang lain")
            .await?
            .expect_status(200)?;
        ensure!(reply.json()? == json!({"message": "Kata sandi berhasil diubah"}));
        me(&here).await?;
        elsewhere.get("/api/v1/auth/me").await?.expect_status(401)?;
        let old = json!({"username": role, "password": PASSWORD});
        let reply = app.client().post_json("/api/v1/auth/login", &old).await?;
        reply.expect_status(401)?;
        app.client().login(role, "rahasia yang lain").await?;
    }
    Ok(())
}

async fn a_wrong_present_password_counts_as_a_failed_login(app: &mut App) -> Result<()> {
    let owner = app.user("pemilik", "owner").await?;
    let wrong = password(&owner, "salah-sekali", "rahasia yang lain").await?;
    wrong.expect_error(400, "Kata sandi saat ini salah", "wrong_password")?;
    for _ in 0..30 {
        let reply = password(&owner, "salah-sekali", "rahasia yang lain").await?;
        if reply.status == 429 {
            ensure!(reply.json()?["code"] == "too_many_attempts");
            let wait = reply.header("retry-after").parse::<u64>();
            ensure!(wait.is_ok_and(|seconds| seconds > 0), "{:?}", reply.headers);
            // The session stays open.
            me(&owner).await?;
            return Ok(());
        }
        reply.expect_status(400)?;
    }
    anyhow::bail!("thirty wrong passwords in a row")
}

async fn a_user_who_must_change_the_password_can_do_nothing_else_first(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let body = json!({
        "username": "baru", "password": PASSWORD, "role": "owner", "nama_lengkap": "Orang Baru",
        "must_change_password": true,
    });
    let created = admin.post_json("/api/v1/users", &body).await?;
    let created = created.expect_status(201)?.json()?;
    ensure!(created["must_change_password"] == true, "{created:#}");
    let owner = app.client().login("baru", PASSWORD).await?;
    ensure!(me(&owner).await?["must_change_password"] == true);
    for (method, path) in [
        (Method::GET, JOBS.to_owned()),
        (Method::GET, "/api/v1/packages".to_owned()),
        (Method::POST, "/api/v1/packages".to_owned()),
        (Method::POST, format!("{JOBS}/upload")),
        (Method::GET, format!("/ws?token={}", owner.token())),
    ] {
        let reply = owner.send(owner.request(method, &path)).await?;
        let message = "Kata sandi harus diganti terlebih dahulu";
        reply.expect_error(403, message, "password_change_required")?;
    }
    owner
        .get("/api/v1/auth/sessions")
        .await?
        .expect_status(200)?;
    password(&owner, PASSWORD, "rahasia yang lain")
        .await?
        .expect_status(200)?;
    ensure!(me(&owner).await?["must_change_password"] == false);
    owner
        .post_json("/api/v1/packages", &json!({}))
        .await?
        .expect_status(400)?;
    // The same holds if an admin requires it later; open sessions are affected too.
    let path = format!("/api/v1/users/{}", created["id"].as_str().context("id")?);
    let changed = admin
        .change(&path, &json!({"must_change_password": true}))
        .await?;
    ensure!(changed["must_change_password"] == true, "{changed:#}");
    owner
        .post_json("/api/v1/packages", &json!({}))
        .await?
        .expect_status(403)?;
    Ok(())
}

async fn users_change_neither_their_own_role_nor_their_own_state(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let id = me(&admin).await?["id"].clone();
    let path = format!("/api/v1/users/{}", id.as_str().context("id")?);
    for change in [json!({"role": "owner"}), json!({"is_active": false})] {
        admin.patch_json(&path, &change).await?.expect_error(
            409,
            "Role dan status akun sendiri tidak dapat diubah",
            "conflict",
        )?;
    }
    // A field that keeps its value is not a change.
    let same = json!({"role": "admin", "is_active": true, "nama_lengkap": "Siti Aminah"});
    let changed = admin.change(&path, &same).await?;
    ensure!(changed["nama_lengkap"] == "Siti Aminah");
    Ok(())
}

async fn sessions(client: &Client) -> Result<Vec<Value>> {
    let reply = client.get("/api/v1/auth/sessions").await?;
    let sessions = reply.expect_status(200)?.json()?;
    Ok(sessions.as_array().context("a list")?.clone())
}

async fn sessions_are_listed_and_ended_one_by_one_or_all_others(app: &mut App) -> Result<()> {
    let here = app.user("pemilik", "owner").await?;
    let mut others = Vec::new();
    for program in ["Firefox", "curl", &"x".repeat(1_000)] {
        let body = json!({"username": "pemilik", "password": PASSWORD});
        let client = app.client();
        let request = client
            .request(Method::POST, "/api/v1/auth/login")
            .header("user-agent", program)
            .json(&body);
        let session = client.send(request).await?.expect_status(200)?.json()?;
        let token = session["access_token"].as_str().context("access_token")?;
        others.push(client.with_token(token));
    }
    let list = sessions(&here).await?;
    ensure!(list.len() == 4, "{list:#?}");
    let current: Vec<_> = list.iter().filter(|s| s["current"] == true).collect();
    ensure!(current.len() == 1, "{list:#?}");
    let named = |name: &str| list.iter().find(|s| s["user_agent"] == name);
    ensure!(named(&"x".repeat(255)).is_some(), "{list:#?}");
    let firefox = named("Firefox").context("Firefox")?;
    for key in ["id", "created_at", "last_used_at"] {
        ensure!(firefox[key].is_string(), "{firefox:#}");
    }
    let path = |session: &Value| {
        let id = session["id"].as_str().unwrap_or_default();
        format!("/api/v1/auth/sessions/{id}")
    };

    // Another user's session is answered with 404.
    let agent = app.user("agen", "agent").await?;
    agent
        .delete(&path(firefox))
        .await?
        .expect_error(404, "Sesi tidak ditemukan", "not_found")?;
    me(&others[0]).await?;
    here.remove(&path(firefox)).await?;
    others[0].get("/api/v1/auth/me").await?.expect_status(401)?;
    here.delete(&path(firefox)).await?.expect_status(404)?;
    me(&others[1]).await?;

    here.remove("/api/v1/auth/sessions").await?;
    for other in &others {
        other.get("/api/v1/auth/me").await?.expect_status(401)?;
    }
    let list = sessions(&here).await?;
    ensure!(list.len() == 1 && list[0]["current"] == true, "{list:#?}");
    me(&agent).await?;
    app.client().login(ADMIN.0, ADMIN.1).await?;
    Ok(())
}

async fn the_agency_is_read_and_changed_by_admins_and_owners(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let foreigner = app.other_tenant().await?;
    let before = owner.get("/api/v1/tenant").await?.expect_status(200)?;
    let before = before.json()?;
    ensure!(
        before["limits"]
            == json!({"max_upload_bytes": 10_485_760, "concurrent_imports": 10, "rollback_hours": 24, "file_days": 7, "error_days": 30}),
        "{before:#}"
    );
    let change = json!({"name": "Amanah Travel", "time_zone": "Asia/Makassar"});
    let changed = owner.patch_json("/api/v1/tenant", &change).await?;
    let changed = changed.expect_status(200)?.json()?;
    ensure!(
        changed["name"] == "Amanah Travel" && changed["time_zone"] == "Asia/Makassar",
        "{changed:#}"
    );
    ensure!(changed["slug"] == before["slug"], "{changed:#}");
    let seen = admin.get("/api/v1/tenant").await?.json()?;
    ensure!(seen == changed, "{seen:#}");
    ensure!(me(&admin).await?["tenant"]["name"] == "Amanah Travel");
    for (wrong, code) in [
        (json!({"time_zone": "Europe/Berlin"}), "validation_failed"),
        (json!({"time_zone": null}), "validation_failed"),
        (json!({"name": "  "}), "validation_failed"),
        (json!({"name": null}), "validation_failed"),
        (json!({"slug": "lain"}), "invalid_body"),
        (json!({"limits": {}}), "invalid_body"),
    ] {
        let reply = admin.patch_json("/api/v1/tenant", &wrong).await?;
        let answer = reply.expect_status(400)?.json()?;
        ensure!(answer["code"] == code, "{wrong}: {answer}");
    }
    ensure!(admin.get("/api/v1/tenant").await?.json()? == changed);
    let other = foreigner.get("/api/v1/tenant").await?.json()?;
    ensure!(other["name"] == "Agensi lain", "{other:#}");
    Ok(())
}
