//! Clients without a token, with an invalid one, with two, or with one that they misuse are refused at little cost, before
//! anything about them is kept.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::Value;

use crate::harness::{App, Client, JOBS, Raw, Server, frame, on_both_engines, workspace};
use crate::memory::memory;

on_both_engines! {
    anonymous_clients_do_not_grow_the_server,
    a_socket_is_opened_only_with_one_good_token,
    two_authorization_headers_are_not_a_token,
    a_forbidden_frame_closes_its_socket_with_a_code,
    the_unmodified_client_is_refused_with_a_connect_error,
}

on_both_engines! {
    ["RATE_LIMIT_PER_MINUTE" = "5"]
    handshakes_are_limited_for_each_user_and_each_address,
}

on_both_engines! {
    ["ALLOWED_ORIGINS" = "https://konsol.contoh.id"]
    a_page_of_a_foreign_origin_gets_no_socket,
}

on_both_engines! {
    ["BODY_DEADLINE_SECONDS" = "2", "BODY_LEAST_BYTES_PER_SECOND" = "1000"]
    a_dripping_body_is_refused_and_a_slow_one_is_served,
}

/// How much memory all anonymous clients together may cost the server.
const GROWTH_KB: u64 = 20 * 1024;
const POLLING: &str = "/socket.io/?EIO=4&transport=polling";
const WEBSOCKET: &str = "/socket.io/?EIO=4&transport=websocket";

/// Sends the same request many times over connections that stay open while the server lets them, and returns the statuses.
async fn flood(server: &Server, request: &str, times: usize) -> Result<Vec<u16>> {
    // Several requests are sent before the first answer is read; after an upgrade request a connection reads no other.
    let at_once = if request.contains("Upgrade") { 1 } else { 20 };
    let mut statuses = Vec::new();
    let mut raw = Raw::connect(&server.base).await?;
    while statuses.len() < times {
        if at_once == 1 {
            raw = Raw::connect(&server.base).await?;
        }
        if !raw.write_often(request.as_bytes(), at_once).await {
            raw = Raw::connect(&server.base).await?;
            continue;
        }
        for _ in 0..at_once {
            let Ok(status) = raw.status().await else {
                raw = Raw::connect(&server.base).await?;
                break;
            };
            statuses.push(status);
        }
    }
    statuses.sort_unstable();
    statuses.dedup();
    Ok(statuses)
}

async fn anonymous_clients_do_not_grow_the_server(app: &mut App) -> Result<()> {
    // The memory that a server needs for its first requests is not counted.
    let admin = app.admin().await?;
    admin.get(JOBS).await?.expect_status(200)?;
    flood(&app.server, "GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n", 500).await?;
    let Some(before) = memory(&app.server, "VmRSS") else {
        return Ok(());
    };
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    let upgrade = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
    };
    let body = "4".repeat(15_000);
    let forged = format!(
        "POST {POLLING}&sid=AAAAAAAAAAAAAAHs HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let long = "x".repeat(30_000);
    for (name, request, times, expected) in [
        ("no token", get(POLLING), 20_000, 401),
        (
            "a bad token",
            get(&format!("{POLLING}&token=x.y.z")),
            5_000,
            401,
        ),
        (
            "a long query",
            get(&format!("{POLLING}&x={long}")),
            2_000,
            414,
        ),
        (
            "a long query of /ws",
            get(&format!("/ws?x={long}")),
            2_000,
            414,
        ),
        ("a socket", upgrade(WEBSOCKET), 2_000, 401),
        ("a socket of /ws", upgrade("/ws"), 2_000, 401),
        (
            "a forged session",
            get(&format!("{POLLING}&sid=AAAAAAAAAAAAAAHs")),
            2_000,
            401,
        ),
        ("a payload for a forged session", forged, 500, 401),
    ] {
        let statuses = flood(&app.server, &request, times).await?;
        ensure!(statuses == [expected], "{name}: {statuses:?}");
        let after = memory(&app.server, "VmRSS").context("memory")?;
        println!("{name}: {} kB", after.saturating_sub(before));
        ensure!(
            after.saturating_sub(before) < GROWTH_KB,
            "{name}: from {before} to {after} kB"
        );
    }
    // Other clients are served as before.
    admin.get(JOBS).await?.expect_status(200)?;
    Ok(())
}

async fn a_socket_is_opened_only_with_one_good_token(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let other = app.user("pemilik", "owner").await?;
    let (good, also_good) = (admin.token(), other.token());
    let anonymous = app.client();
    for (query, expected) in [
        (String::new(), 401),
        ("&token=".to_owned(), 401),
        ("&token=x.y.z".to_owned(), 401),
        (format!("&token={good}&token={also_good}"), 401),
        (format!("&token={good}&token="), 401),
        (format!("&token={good}&x={}", "x".repeat(5_000)), 414),
        (format!("&token={good}"), 200),
    ] {
        let reply = anonymous.get(&format!("{POLLING}{query}")).await?;
        ensure!(reply.status == expected, "{query}: {}", reply.status);
        if expected == 200 {
            ensure!(reply.text()?.starts_with("0{"), "{}", reply.text()?);
            let opened: Value = serde_json::from_str(&reply.text()?[1..])?;
            let session = format!("{POLLING}&sid={}", opened["sid"].as_str().context("sid")?);
            // Each request of the session has to carry its token.
            let reply = anonymous.get(&session).await?;
            ensure!(reply.status == 401, "{}", reply.status);
            let post = anonymous.request(Method::POST, &session).body("40");
            let reply = anonymous.send(post).await?;
            ensure!(reply.status == 401, "{}", reply.status);
        } else {
            let code = reply.json()?["code"].clone();
            ensure!(code == "unauthorized" || code == "query_too_long", "{code}");
        }
    }
    // A handshake takes one of its user's slots, so that no user fills the memory either.
    let mut refused = 0;
    for _ in 0..30 {
        let reply = anonymous
            .get(&format!("{POLLING}&token={also_good}"))
            .await?;
        match reply.status {
            200 => {}
            429 => refused += 1,
            status => anyhow::bail!("{status}"),
        }
    }
    ensure!(refused > 0, "thirty sessions of one user");
    Ok(())
}

async fn two_authorization_headers_are_not_a_token(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let good = format!("Bearer {}", admin.token());
    for pair in [
        [&*good, "Bearer x.y.z"],
        ["Bearer x.y.z", &*good],
        [&*good, &*good],
    ] {
        let mut request = app.client().request(Method::GET, JOBS);
        for value in pair {
            request = request.header("authorization", value);
        }
        let reply = app.client().send(request).await?;
        reply.expect_error(401, "Unauthorized", "unauthorized")?;
    }
    let both = format!("{good}, {good}");
    let request = app
        .client()
        .request(Method::GET, JOBS)
        .header("authorization", both);
    app.client().send(request).await?.expect_status(401)?;
    Ok(())
}

async fn a_forbidden_frame_closes_its_socket_with_a_code(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let continued = frame(0x00, &[b'a'; 100]);
    for path in ["/ws?x=y", WEBSOCKET] {
        let path = format!("{path}&token={}", admin.token());
        for (name, bytes, times, expected) in [
            ("a reserved bit", frame(0xC1, b"a"), 1, 1002),
            ("an unknown opcode", frame(0x83, b"a"), 1, 1002),
            ("a continuation of nothing", frame(0x80, b"a"), 1, 1002),
            ("a ping in pieces", frame(0x09, b"a"), 1, 1002),
            ("no mask", vec![0x81, 1, b'a'], 1, 1002),
            ("text that is none", frame(0x81, b"\xFF\xFE"), 1, 1007),
            ("a large frame", frame(0x82, &vec![0; 70_000]), 1, 1009),
            (
                "a gigabyte to come",
                vec![0x82, 0xFF, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0],
                1,
                1009,
            ),
            (
                "pings without an end",
                frame(0x89, b"").repeat(1_000),
                100,
                1008,
            ),
        ] {
            let mut raw = Raw::websocket(&app.server.base, &path).await?;
            raw.write_often(&bytes, times).await;
            let code = raw
                .close_code()
                .await
                .with_context(|| format!("{path}: {name}"))?;
            ensure!(code == expected, "{name}: {code}");
        }
        let mut raw = Raw::websocket(&app.server.base, &path).await?;
        raw.write(&frame(0x01, b"a")).await?;
        for _ in 0..200 {
            if !raw.write_often(&continued, 1).await {
                break;
            }
            // Within the allowance of frames, so that it is the size that is too much on `/ws`.
            tokio::task::yield_now().await;
        }
        let code = raw
            .close_code()
            .await
            .context("a continuation without an end")?;
        ensure!(code == 1009 || code == 1008, "{code}");
    }
    Ok(())
}

async fn the_unmodified_client_is_refused_with_a_connect_error(app: &mut App) -> Result<()> {
    let folder = workspace().join("tests/node");
    ensure!(
        folder.join("node_modules").exists(),
        "run `npm ci` in tests/node first; ./scripts/test does"
    );
    for transport in ["polling", "websocket"] {
        let mut node = std::process::Command::new("node");
        node.arg("refused.mjs")
            .arg(format!("{}/api/v1/onboarding", app.server.base))
            .args(["x.y.z", transport])
            .current_dir(&folder);
        let output = tokio::task::spawn_blocking(move || node.output()).await??;
        let output: Value = serde_json::from_slice(&output.stdout)
            .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
        ensure!(output["event"] == "connect_error", "{transport}: {output}");
        ensure!(output["status"] == 401, "{transport}: {output}");
    }
    Ok(())
}

async fn handshakes_are_limited_for_each_user_and_each_address(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let ask = async |client: &Client, path: &str| -> Result<Vec<u16>> {
        let mut statuses = Vec::new();
        for _ in 0..12 {
            let reply = client.get(path).await?;
            if reply.status == 429 {
                let code = reply.json()?["code"].clone();
                ensure!(code == "rate_limited", "{code}");
                ensure!(!reply.header("retry-after").is_empty(), "no Retry-After");
            }
            statuses.push(reply.status);
        }
        Ok(statuses)
    };
    // These requests ask for a socket without the handshake of WebSocket; they count like handshakes.
    for path in [format!("/ws?token={}", admin.token()), POLLING.to_owned()] {
        let statuses = ask(&app.client(), &path).await?;
        let refused = statuses.iter().filter(|status| **status == 429).count();
        ensure!(refused >= 6, "{path}: {statuses:?}");
    }
    // The calls of the user have their own budget.
    admin.get(JOBS).await?.expect_status(200)?;
    Ok(())
}

async fn a_page_of_a_foreign_origin_gets_no_socket(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let own = app.server.base.clone();
    for (origins, expected) in [
        (vec!["https://jahat.contoh"], false),
        (vec!["null"], false),
        (vec!["https://konsol.contoh.id.jahat.contoh"], false),
        (vec!["http://konsol.contoh.id"], false),
        (
            vec!["https://konsol.contoh.id", "https://jahat.contoh"],
            false,
        ),
        (vec!["https://konsol.contoh.id"], true),
        (vec!["HTTPS://Konsol.contoh.id"], true),
        (vec![&*own], true),
        (vec![], true),
    ] {
        for path in ["/ws?x=y", POLLING] {
            let path = format!("{path}&token={}", admin.token());
            let mut request = app.client().request(Method::GET, &path);
            for origin in &origins {
                request = request.header("origin", *origin);
            }
            let reply = app.client().send(request).await?;
            let is_foreign = reply.status == 403 && reply.json()?["code"] == "foreign_origin";
            ensure!(
                is_foreign != expected,
                "{origins:?} at {path}: {}",
                reply.status
            );
        }
    }
    Ok(())
}

async fn a_dripping_body_is_refused_and_a_slow_one_is_served(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let head = |length: usize| {
        format!(
            "POST /api/v1/packages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n",
            admin.token()
        )
    };
    let mut raw = Raw::connect(&app.server.base).await?;
    raw.write(head(10_000).as_bytes()).await?;
    let drip = async {
        while raw.write_often(b" ", 1).await {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    // The answer, 408, comes while the client still sends; it stops because the connection is closed after the answer.
    tokio::time::timeout(std::time::Duration::from_secs(40), drip)
        .await
        .context("the server reads a slow body for ever")?;

    let mut raw = Raw::connect(&app.server.base).await?;
    let body = format!("{{}}{}", " ".repeat(30_000));
    raw.write(head(body.len()).as_bytes()).await?;
    for part in body.as_bytes().chunks(2_000) {
        raw.write(part).await?;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    }
    // The body is read to its end, although that takes longer than two deadlines, and is refused for its content.
    let status = raw.status().await?;
    ensure!(status == 400, "{status}");
    Ok(())
}
