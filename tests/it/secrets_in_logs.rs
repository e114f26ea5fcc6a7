//! No log line of any level contains a token, however it arrived: neither whole nor half, neither as text nor in hexadecimal, in
//! Base64 or as a list of bytes.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde_json::json;

use crate::harness::{App, Events, JOBS, Raw, Wire, any_package, frame, on_both_engines};

on_both_engines! {
    ["RUST_LOG" = "trace", "LOG_FORMAT" = "json"]
    no_token_is_logged_at_any_level,
}

/// The ways in which a log may spell a secret.
fn spellings(secret: &str) -> Vec<String> {
    let (first, second) = secret.split_at(secret.len() / 2);
    [secret, first, second]
        .into_iter()
        .flat_map(|text| {
            let hex = text
                .bytes()
                .map(|byte| format!("{byte:02x}"))
                .collect::<Vec<_>>()
                .concat();
            let list = format!("{:?}", text.as_bytes());
            let base64 = STANDARD.encode(text);
            [
                text.to_owned(),
                hex.to_uppercase(),
                hex,
                // The ends of Base64 depend on what is around.
                base64[4..base64.len() - 4].to_owned(),
                list.trim_matches(['[', ']']).to_owned(),
            ]
        })
        .collect()
}

async fn no_token_is_logged_at_any_level(app: &mut App) -> Result<()> {
    let base = app.server.base.clone();
    let client = app.client();
    let credentials = json!({"username": "admin", "password": "admin123"});
    let session = client
        .post_json("/api/v1/auth/login", &credentials)
        .await?
        .expect_status(200)?
        .json()?;
    let first = session["refresh_token"]
        .as_str()
        .context("refresh_token")?
        .to_owned();
    let renewed = client
        .post_json("/api/v1/auth/refresh", &json!({"refresh_token": first}))
        .await?
        .expect_status(200)?
        .json()?;
    let second = renewed["refresh_token"]
        .as_str()
        .context("refresh_token")?
        .to_owned();
    let token = renewed["access_token"]
        .as_str()
        .context("access_token")?
        .to_owned();
    let admin = client.with_token(&token);

    // In the header of a request that succeeds, in a path, in bodies that are refused.
    let package = any_package(&admin).await?;
    let job = admin.people(3, &[1], &package).await?;
    admin.import(&job).await?;
    admin.get(&format!("/api/v1/packages/{token}")).await?;
    admin.get(&format!("{JOBS}?token={token}")).await?;
    for path in [
        "/api/v1/packages",
        "/api/v1/auth/login",
        "/api/v1/auth/refresh",
    ] {
        admin
            .post_json(path, &json!({"refresh_token": token, "nama": second}))
            .await?;
    }
    admin
        .upload("jamaah", &format!("{token}.csv"), token.as_bytes())
        .await?;
    // On both kinds of socket and in a subprotocol; then in frames, in a cookie, and in both transports of Socket.IO.
    for wire in Wire::ALL {
        Events::connect_over(wire, &admin).await?.leave().await?;
    }
    let socket = Events::connect_by_subprotocol(&base, &token).await?;
    ensure!(socket.is_ok());
    for path in ["/ws?x=y", "/socket.io/?EIO=4&transport=websocket"] {
        let mut raw = Raw::websocket(&base, &format!("{path}&token={token}")).await?;
        let auth = json!({"token": token}).to_string();
        raw.write(&frame(
            0x81,
            format!("40/api/v1/onboarding,{auth}").as_bytes(),
        ))
        .await?;
        raw.write(&frame(0x81, format!("40,{auth}").as_bytes()))
            .await?;
        raw.write(&frame(0x89, &token.as_bytes()[..100])).await?;
        raw.write(&frame(0x81, b"\xFF")).await?;
        raw.close_code().await?;
    }
    let polling = format!("/socket.io/?EIO=4&transport=polling&token={token}");
    let opened = client.get(&polling).await?.expect_status(200)?;
    let opened: serde_json::Value = serde_json::from_str(&opened.text()?[1..])?;
    let path = format!("{polling}&sid={}", opened["sid"].as_str().context("sid")?);
    let post = client
        .request(Method::POST, &path)
        .header("cookie", format!("token={token}"))
        .body(format!("40/api/v1/onboarding,{{\"token\":\"{token}\"}}"));
    client.send(post).await?;
    client.get(&path).await?;
    client
        .post_json("/api/v1/auth/logout", &json!({"refresh_token": second}))
        .await?
        .expect_status(200)?;
    app.server.terminate(std::time::Duration::from_secs(40))?;

    let log = app.server.output();
    ensure!(
        log.contains("\"level\":\"INFO\""),
        "nothing is logged at all"
    );
    for (name, secret) in [
        ("access", &token),
        ("first refresh", &first),
        ("second refresh", &second),
    ] {
        // The header of a token is the same for all; the secret is what follows it.
        let secret = secret
            .split_once('.')
            .map_or(secret.as_str(), |(_, rest)| rest);
        for spelling in spellings(secret) {
            let line = log.lines().find(|line| line.contains(&spelling));
            ensure!(line.is_none(), "{name} token: {line:?}");
        }
    }
    for password in ["admin123\"", "=admin123"] {
        ensure!(!log.contains(password), "{password}");
    }
    Ok(())
}
