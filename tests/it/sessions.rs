//! Logging in, refreshing a session, and logging out: `/api/v1/auth`.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{ADMIN, App, Client, JOBS, Reply, any_package, on_both_engines};

on_both_engines! {
    a_login_answers_tokens_and_the_user,
    an_unknown_user_and_a_wrong_password_answer_alike,
    a_refresh_token_is_good_for_one_refresh,
    logging_out_ends_the_session_at_once,
    a_lost_role_is_lost_at_once,
    guessing_is_slowed_down,
}

async fn log_in(client: &Client, username: &str, password: &str) -> Result<Reply> {
    client
        .post_json(
            "/api/v1/auth/login",
            &json!({"username": username, "password": password}),
        )
        .await
}

async fn refresh(client: &Client, token: &str) -> Result<Reply> {
    client
        .post_json("/api/v1/auth/refresh", &json!({"refresh_token": token}))
        .await
}

fn text<'a>(value: &'a Value, key: &str) -> Result<&'a str> {
    value[key]
        .as_str()
        .with_context(|| format!("{key} in {value}"))
}

async fn a_login_answers_tokens_and_the_user(app: &mut App) -> Result<()> {
    let client = app.client();
    let session = log_in(&client, ADMIN.0, ADMIN.1)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        session["token_type"] == "Bearer" && session["expires_in"] == 900,
        "{session:#}"
    );
    let me = client
        .with_token(text(&session, "access_token")?)
        .get("/api/v1/auth/me")
        .await?;
    let me = me.expect_status(200)?.json()?;
    ensure!(me == session["user"], "{me:#} {session:#}");
    let keys: Vec<&String> = me.as_object().context("an object")?.keys().collect();
    let mut expected = [
        "id",
        "tenant_id",
        "username",
        "role",
        "nama_lengkap",
        "email",
        "tipe_akun",
        "is_active",
        "tenant",
        "permissions",
        "must_change_password",
    ];
    expected.sort_unstable();
    let mut keys: Vec<&str> = keys.into_iter().map(String::as_str).collect();
    keys.sort_unstable();
    ensure!(keys == expected, "{keys:?}");
    ensure!(
        me["username"] == "admin" && me["role"] == "admin" && me["email"] == "admin@aksara.ai",
        "{me:#}"
    );
    Ok(())
}

async fn an_unknown_user_and_a_wrong_password_answer_alike(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.user("bekas", "owner").await?;
    let users = admin.items("users").await?;
    let former = users
        .iter()
        .find(|user| user["username"] == "bekas")
        .context("bekas")?;
    let path = format!("/api/v1/users/{}", text(former, "id")?);
    admin.change(&path, &json!({"is_active": false})).await?;

    let client = app.client();
    let mut bodies = Vec::new();
    for (username, password) in [
        ("admin", "salah-sekali"),
        ("tidak-ada", "salah-sekali"),
        ("bekas", "rahasia-sekali"),
        ("' OR 1=1 --", "x"),
        ("", ""),
    ] {
        let reply = log_in(&client, username, password)
            .await?
            .expect_status(401)?;
        bodies.push(reply.text()?);
    }
    bodies.dedup();
    ensure!(bodies.len() == 1, "{bodies:?}");
    Ok(())
}

async fn a_refresh_token_is_good_for_one_refresh(app: &mut App) -> Result<()> {
    let client = app.client();
    let first = log_in(&client, ADMIN.0, ADMIN.1)
        .await?
        .expect_status(200)?
        .json()?;
    let spent = text(&first, "refresh_token")?;
    let second = refresh(&client, spent).await?.expect_status(200)?.json()?;
    let successor = text(&second, "refresh_token")?;
    ensure!(successor != spent);

    // A lost answer: within ten seconds and while the successor is unused, the same successor again.
    let again = refresh(&client, spent).await?.expect_status(200)?.json()?;
    ensure!(
        text(&again, "refresh_token")? == successor,
        "another successor"
    );

    let third = refresh(&client, successor)
        .await?
        .expect_status(200)?
        .json()?;
    // A second use of the spent token means that it was stolen: the whole family is revoked.
    refresh(&client, spent).await?.expect_status(401)?;
    refresh(&client, text(&third, "refresh_token")?)
        .await?
        .expect_status(401)?;
    refresh(&client, "0".repeat(64).as_str())
        .await?
        .expect_error(401, "Unauthorized", "unauthorized")?;
    Ok(())
}

async fn logging_out_ends_the_session_at_once(app: &mut App) -> Result<()> {
    let client = app.client();
    let session = log_in(&client, ADMIN.0, ADMIN.1)
        .await?
        .expect_status(200)?
        .json()?;
    let token = text(&session, "refresh_token")?;
    let body = json!({"refresh_token": token});
    let admin = client.with_token(text(&session, "access_token")?);
    let answer = admin
        .post_json("/api/v1/auth/logout", &body)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(answer["message"].is_string(), "{answer}");
    refresh(&client, token).await?.expect_status(401)?;
    // The access token stays valid for minutes, but can no longer change anything.
    admin
        .upload("jamaah", "a.csv", b"nama,paket_id\nBudi,x\n")
        .await?
        .expect_status(401)?;
    ensure!(app.number("SELECT count(*) FROM migration_jobs").await? == 0);
    Ok(())
}

async fn a_lost_role_is_lost_at_once(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let package = any_package(&owner).await?;
    let job = owner.people(1, &[], &package).await?;
    let users = admin.items("users").await?;
    let user = users
        .iter()
        .find(|user| user["username"] == "pemilik")
        .context("pemilik")?;
    let path = format!("/api/v1/users/{}", text(user, "id")?);
    admin.change(&path, &json!({"role": "agent"})).await?;
    let refused = owner.act(&job, "start").await?;
    ensure!(
        matches!(refused.status, 401 | 403),
        "{}: {}",
        refused.status,
        refused.text()?
    );
    ensure!(admin.status(&job).await?["status"] == "pending");

    let agent = app.client().login("pemilik", "rahasia-sekali").await?;
    admin.remove(&path).await?;
    log_in(&app.client(), "pemilik", "rahasia-sekali")
        .await?
        .expect_status(401)?;
    let request = agent.request(Method::POST, &format!("{JOBS}/{job}/start"));
    ensure!(matches!(agent.send(request).await?.status, 401 | 403));
    Ok(())
}

async fn guessing_is_slowed_down(app: &mut App) -> Result<()> {
    let client = app.client();
    for _ in 0..30 {
        let reply = log_in(&client, "tidak-ada", "salah-sekali").await?;
        if reply.status == 429 {
            ensure!(
                reply
                    .header("retry-after")
                    .parse::<u64>()
                    .is_ok_and(|seconds| seconds > 0),
                "{:?}",
                reply.headers
            );
            return Ok(());
        }
        reply.expect_status(401)?;
    }
    anyhow::bail!("thirty wrong passwords in a row")
}
