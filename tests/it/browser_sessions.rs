//! Sessions of browsers: the refresh token in a cookie that no script reads, asked for by `X-Session`.

use anyhow::{Context, Result, ensure};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{ADMIN, App, Client, Reply, on_both_engines};

on_both_engines! {
    a_session_lives_in_a_cookie_and_in_no_body,
    a_spent_cookie_is_answered_with_its_successor_and_its_replay_ends_the_session,
    a_refused_refresh_deletes_the_cookie,
    the_cookie_counts_only_with_the_header_and_from_the_own_origin,
    the_body_of_a_request_with_a_cookie_is_empty,
    outside_of_development_the_cookie_travels_over_https_alone,
}

fn log_in(client: &Client) -> RequestBuilder {
    let body = json!({"username": ADMIN.0, "password": ADMIN.1});
    client
        .request(Method::POST, "/api/v1/auth/login")
        .json(&body)
}

fn post(client: &Client, action: &str, cookie: &str) -> RequestBuilder {
    client
        .request(Method::POST, &format!("/api/v1/auth/{action}"))
        .header("x-session", "cookie")
        .header("cookie", cookie)
}

/// `name=value` of the one cookie that an answer sets, and its attributes in order.
fn cookie(reply: &Reply) -> Result<(String, Vec<String>)> {
    let all: Vec<_> = reply.headers.get_all("set-cookie").iter().collect();
    ensure!(all.len() == 1, "{:?}", reply.headers);
    let mut parts = all[0].to_str()?.split("; ").map(str::to_owned);
    let pair = parts.next().context("a pair")?;
    let mut attributes: Vec<String> = parts.collect();
    attributes.sort_unstable();
    Ok((pair, attributes))
}

fn is_deleted(reply: &Reply) -> Result<bool> {
    let (pair, attributes) = cookie(reply)?;
    Ok(pair == "hijrah_session="
        && attributes
            == [
                "HttpOnly",
                "Max-Age=0",
                "Path=/api/v1/auth",
                "SameSite=Strict",
            ])
}

/// Logs in with a cookie.
async fn open(client: &Client) -> Result<(String, Value)> {
    let request = log_in(client).header("x-session", "cookie");
    let reply = client.send(request).await?.expect_status(200)?;
    Ok((cookie(&reply)?.0, reply.json()?))
}

async fn a_session_lives_in_a_cookie_and_in_no_body(app: &mut App) -> Result<()> {
    let client = app.client();
    for (mode, max_age) in [
        ("cookie", None),
        ("cookie-remember", Some("Max-Age=604800")),
    ] {
        let expected: Vec<&str> = ["HttpOnly"]
            .into_iter()
            .chain(max_age)
            .chain(["Path=/api/v1/auth", "SameSite=Strict"])
            .collect();
        let request = log_in(&client).header("x-session", mode);
        let reply = client.send(request).await?.expect_status(200)?;
        let (first, attributes) = cookie(&reply)?;
        ensure!(attributes == expected, "{attributes:?}");
        let session = reply.json()?;
        ensure!(session["refresh_token"].is_null(), "{session:#}");
        let secret = first.strip_prefix("hijrah_session=").context("its name")?;
        ensure!(secret.len() == 64 && !reply.text()?.contains(secret));

        let request = client
            .request(Method::POST, "/api/v1/auth/refresh")
            .header("x-session", mode)
            .header("sec-fetch-site", "same-origin")
            .header("cookie", format!("theme=dark; {first}"));
        let reply = client.send(request).await?.expect_status(200)?;
        let (second, attributes) = cookie(&reply)?;
        ensure!(attributes == expected, "{attributes:?}");
        ensure!(second != first && reply.json()?["refresh_token"].is_null());
        let token = reply.json()?["access_token"].clone();
        let token = token.as_str().context("access_token")?;
        let me = client.with_token(token).get("/api/v1/auth/me").await?;
        me.expect_status(200)?;

        let reply = client.send(post(&client, "logout", &second)).await?;
        ensure!(is_deleted(&reply.expect_status(200)?)?);
        let reply = client.send(post(&client, "refresh", &second)).await?;
        ensure!(is_deleted(&reply.expect_status(401)?)?);
    }
    // Without `X-Session` the token is in the body, as published, and no cookie is set.
    let reply = client.send(log_in(&client)).await?.expect_status(200)?;
    ensure!(reply.json()?["refresh_token"].is_string());
    ensure!(reply.header("set-cookie").is_empty(), "{:?}", reply.headers);
    Ok(())
}

async fn a_spent_cookie_is_answered_with_its_successor_and_its_replay_ends_the_session(
    app: &mut App,
) -> Result<()> {
    let client = app.client();
    let (first, _) = open(&client).await?;
    // Two tabs at once.
    let ask = async || client.send(post(&client, "refresh", &first)).await;
    let (one, other) = futures_util::try_join!(ask(), ask())?;
    let second = cookie(&one.expect_status(200)?)?.0;
    ensure!(second == cookie(&other.expect_status(200)?)?.0);
    let reply = client.send(post(&client, "refresh", &second)).await?;
    let third = cookie(&reply.expect_status(200)?)?.0;
    for replayed in [&first, &third] {
        let reply = client.send(post(&client, "refresh", replayed)).await?;
        ensure!(is_deleted(&reply.expect_status(401)?)?);
    }
    Ok(())
}

async fn a_refused_refresh_deletes_the_cookie(app: &mut App) -> Result<()> {
    let client = app.client();
    let (good, _) = open(&client).await?;
    for cookies in [
        "",
        "theme=dark",
        "hijrah_session=",
        "hijrah_session=0000",
        "HIJRAH_SESSION=0000",
        &format!("{good}; hijrah_session=0000"),
        &format!("{good}; {good}"),
    ] {
        let reply = client.send(post(&client, "refresh", cookies)).await?;
        let reply = reply.expect_error(401, "Unauthorized", "unauthorized")?;
        ensure!(is_deleted(&reply)?, "{cookies:?}");
    }
    // None of these requests affected the session; a wrong password neither sets nor deletes a cookie.
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .header("x-session", "cookie")
        .json(&json!({"username": ADMIN.0, "password": "salah-sekali"}));
    let reply = client.send(request).await?.expect_status(401)?;
    ensure!(reply.header("set-cookie").is_empty(), "{:?}", reply.headers);
    let reply = client.send(post(&client, "refresh", &good)).await?;
    reply.expect_status(200)?;
    Ok(())
}

async fn the_cookie_counts_only_with_the_header_and_from_the_own_origin(
    app: &mut App,
) -> Result<()> {
    let client = app.client();
    let (good, _) = open(&client).await?;
    for action in ["refresh", "logout"] {
        // A page of another origin could make the browser send the cookie, but not the header.
        let request = client
            .request(Method::POST, &format!("/api/v1/auth/{action}"))
            .header("cookie", &good)
            .json(&json!({}));
        let reply = client.send(request).await?.expect_error(
            400,
            "Field 'refresh_token' wajib diisi",
            "invalid_body",
        )?;
        ensure!(reply.header("set-cookie").is_empty(), "{:?}", reply.headers);
    }
    for site in [
        "cross-site",
        "same-site",
        "none",
        "same-origin, same-origin",
        "",
    ] {
        for request in [
            log_in(&client).header("x-session", "cookie"),
            post(&client, "refresh", &good),
            post(&client, "logout", &good),
        ] {
            let reply = client.send(request.header("sec-fetch-site", site)).await?;
            let reply = reply.expect_error(403, "Forbidden", "forbidden")?;
            ensure!(reply.header("set-cookie").is_empty(), "{:?}", reply.headers);
        }
    }
    for wrong in ["", "Cookie", "json", "cookie, cookie"] {
        for path in ["login", "refresh", "logout"] {
            let request = client
                .request(Method::POST, &format!("/api/v1/auth/{path}"))
                .header("x-session", wrong)
                .header("cookie", &good);
            client.send(request).await?.expect_error(
                400,
                "Header 'X-Session' tidak valid: harus cookie atau cookie-remember",
                "invalid_header",
            )?;
        }
    }
    // None of these requests affected the session.
    let reply = client.send(post(&client, "refresh", &good)).await?;
    reply.expect_status(200)?;
    Ok(())
}

async fn the_body_of_a_request_with_a_cookie_is_empty(app: &mut App) -> Result<()> {
    let client = app.client();
    let (good, _) = open(&client).await?;
    let request = post(&client, "refresh", &good).json(&json!({"refresh_token": "0000"}));
    client.send(request).await?.expect_error(
        400,
        "Field 'refresh_token' tidak dikenal",
        "invalid_body",
    )?;
    let request = post(&client, "refresh", &good).body("refresh_token=0000");
    client.send(request).await?.expect_status(415)?;
    let request = post(&client, "refresh", &good).json(&json!({}));
    client.send(request).await?.expect_status(200)?;
    Ok(())
}

async fn outside_of_development_the_cookie_travels_over_https_alone(app: &mut App) -> Result<()> {
    // Production does not serve while the password is the well-known one.
    let admin = app.admin().await?;
    let me = admin.get("/api/v1/auth/me").await?.json()?;
    let path = format!("/api/v1/users/{}", me["id"].as_str().context("id")?);
    let password = "bukan-yang-itu";
    let changed = admin
        .patch_json(&path, &json!({"password": password}))
        .await?;
    changed.expect_status(200)?;
    let server = app.another_server(&[
        ("APP_ENV", "production"),
        ("JWT_SECRET", "8c4f0e1bb1a94d7c9a3d52f6e07b4c21d95f"),
    ])?;
    let client = app.client().at(&server.base);
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .header("x-session", "cookie")
        .json(&json!({"username": ADMIN.0, "password": password}));
    let reply = client.send(request).await?.expect_status(200)?;
    let (_, attributes) = cookie(&reply)?;
    ensure!(
        attributes == ["HttpOnly", "Path=/api/v1/auth", "SameSite=Strict", "Secure"],
        "{attributes:?}"
    );
    Ok(())
}
