//! Open sockets on `/ws` and over Socket.IO: who gets one, how many, for how long, and what a slow reader costs others.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::harness::{
    App, Client, Events, JWT_SECRET, Wire, any_package, jamaah_file, jamaah_file_from,
    on_both_engines, tokens,
};

on_both_engines! {
    a_user_has_ten_sockets_and_no_eleventh,
    a_socket_closes_when_its_token_expires,
    a_socket_closes_soon_after_its_session_ends,
    foreign_events_are_never_delivered,
    only_a_good_token_opens_a_socket,
}

on_both_engines! {
    ["PING_SECONDS" = "1", "UNREAD_SECONDS" = "3"]
    a_socket_that_answers_no_ping_is_closed,
}

on_both_engines! {
    ["PING_SECONDS" = "3600", "UNREAD_SECONDS" = "3600"]
    a_slow_reader_gets_the_newest_and_blocks_no_other,
}

/// Tries until it succeeds: the server notices a closed socket a moment later than its client.
async fn until_let_in(wire: Wire, client: &Client) -> Result<Events> {
    let begun = Instant::now();
    loop {
        match Events::try_connect(wire, client).await? {
            Ok(events) => return Ok(events),
            Err(refusal) if begun.elapsed() > Duration::from_secs(20) => bail!("{refusal:?}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn a_user_has_ten_sockets_and_no_eleventh(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let mut open = Vec::new();
    for number in 0..10 {
        open.push(Events::connect_over(Wire::ALL[number % 2], &admin).await?);
    }
    // The user counts, not the session.
    for client in [&admin, &app.admin().await?] {
        let refusal = Events::try_connect(Wire::WebSocket, client).await?.err();
        let refusal = refusal.context("an eleventh socket")?;
        ensure!(
            refusal.status == Some(429) && refusal.retry_after.is_some(),
            "{refusal:?}"
        );
        let refusal = Events::try_connect(Wire::SocketIo, client).await?.err();
        let refusal = refusal.context("an eleventh socket")?;
        ensure!(refusal.status == Some(429), "{refusal:?}");
    }
    let reply = admin.get(&format!("/ws?token={}", admin.token())).await?;
    ensure!(reply.status == 429, "{}", reply.status);
    ensure!(
        reply.json()?["code"] == "too_many_sockets",
        "{}",
        reply.text()?
    );
    // Other users are not affected, and closing a socket frees its slot.
    Events::connect_over(Wire::WebSocket, &owner).await?;
    for wire in Wire::ALL {
        open.remove(0).leave().await?;
        open.push(until_let_in(wire, &admin).await?);
    }
    Ok(())
}

/// The client with a token that has `seconds` left.
fn expiring(client: &Client, seconds: i64) -> Result<Client> {
    let mut claims = tokens::claims(client.token())?;
    claims["exp"] = json!(now() + seconds);
    Ok(client.with_token(&tokens::signed(&claims, JWT_SECRET)?))
}

fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

async fn a_socket_closes_when_its_token_expires(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let begun = Instant::now();
    let short = expiring(&admin, 4)?;
    let sockets = join_all(Wire::ALL.map(|wire| Events::connect_over(wire, &short))).await;
    for socket in sockets {
        socket?.closed_by_server().await?;
    }
    let open_for = begun.elapsed();
    ensure!(
        (Duration::from_secs(2)..Duration::from_secs(20)).contains(&open_for),
        "closed after {open_for:?}"
    );
    // An open socket with a fresh token is not affected.
    let mut socket = Events::connect(&admin).await?;
    let package = any_package(&admin).await?;
    let job = admin.people(1, &[], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    socket.until("migration:completed").await?;
    Ok(())
}

async fn a_socket_closes_soon_after_its_session_ends(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.user("pemilik", "owner").await?;
    let users = admin.items("users").await?;
    let user = users.iter().find(|user| user["username"] == "pemilik");
    let id = user
        .and_then(|user| user["id"].as_str())
        .context("pemilik")?;
    let path = format!("/api/v1/users/{id}");

    for end in ["logout", "role", "disabled"] {
        let body = json!({"username": "pemilik", "password": "rahasia-sekali"});
        let session = app.client().post_json("/api/v1/auth/login", &body).await?;
        let session = session.expect_status(200)?.json()?;
        let owner = app
            .client()
            .with_token(session["access_token"].as_str().context("token")?);
        let mut sockets = Vec::new();
        for wire in Wire::ALL {
            sockets.push(Events::connect_over(wire, &owner).await?);
        }
        let ended = match end {
            "logout" => {
                let body = json!({"refresh_token": session["refresh_token"]});
                owner.post_json("/api/v1/auth/logout", &body).await?
            }
            "role" => admin.patch_json(&path, &json!({"role": "agent"})).await?,
            _ => {
                admin
                    .patch_json(&path, &json!({"is_active": false}))
                    .await?
            }
        };
        ended.expect_status(200)?;
        for mut socket in sockets {
            socket
                .closed_by_server()
                .await
                .with_context(|| end.to_owned())?;
        }
        for wire in Wire::ALL {
            ensure!(
                Events::try_connect(wire, &owner).await?.is_err(),
                "{end}: accepted again over {wire:?}"
            );
        }
    }
    Ok(())
}

async fn a_socket_that_answers_no_ping_is_closed(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for wire in Wire::ALL {
        // No client polls these sessions; they still count until the server times them out.
        let mut silent = Vec::new();
        for _ in 0..10 {
            silent.push(Events::connect_over(wire, &admin).await?);
        }
        until_let_in(wire, &admin).await?.leave().await?;
    }
    Ok(())
}

async fn foreign_events_are_never_delivered(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let agent = app.user("agen", "agent").await?;
    let foreigner = app.other_tenant().await?;
    let package = any_package(&admin).await?;
    let mut colleagues = Vec::new();
    let mut foreigners = Vec::new();
    let mut agents = Vec::new();
    for wire in Wire::ALL {
        colleagues.push(Events::connect_over(wire, &admin).await?);
        foreigners.push(Events::connect_over(wire, &foreigner).await?);
        agents.push(Events::connect_over(wire, &agent).await?);
    }
    let job = admin.people(150, &[3], &package).await?;
    admin.validate(&job).await?;
    admin.import(&job).await?;
    admin.roll_back(&job).await?;
    for socket in &mut colleagues {
        socket
            .until_event(|_, data| data["status"] == "rolled_back")
            .await?;
    }

    // Users who may see the events have received them. The other tenant gets only the events that it causes itself.
    let file = b"nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh,9,25000000,2027-03-15,45\n";
    let own = foreigner.job("package", "b.csv", file).await?;
    foreigner.import(&own).await?;
    for socket in &mut foreigners {
        let story = socket.until("migration:completed").await?;
        ensure!(
            story.iter().all(|(_, data)| data["job_id"] == own),
            "{story:#?}"
        );
    }
    // The agent has no job and so got no event at all, neither the tenant's nor another's, until the close frame.
    app.server.signal("TERM")?;
    for socket in agents {
        socket.expect_silence().await?;
    }
    Ok(())
}

async fn only_a_good_token_opens_a_socket(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let base = app.server.base.clone();
    let good = tokens::claims(admin.token())?;
    let with = |key: &str, value: Value| {
        let mut claims = good.clone();
        claims[key] = value;
        tokens::signed(&claims, JWT_SECRET)
    };
    let without = |key: &str| {
        let mut claims = good.clone();
        claims
            .as_object_mut()
            .context("an object")?
            .remove(key)
            .context("a claim")?;
        tokens::signed(&claims, JWT_SECRET)
    };
    let header = |alg: &str| json!({"typ": "JWT", "alg": alg});
    let mut refused = vec![
        ("nothing", String::new()),
        ("no token", "x.y.z".to_owned()),
        (
            "another secret",
            tokens::signed(&good, "another secret of thirty-two bytes!!")?,
        ),
        (
            "no algorithm",
            tokens::signed_as(&header("none"), &good, JWT_SECRET)?,
        ),
        (
            "another algorithm",
            tokens::signed_as(&header("HS384"), &good, JWT_SECRET)?,
        ),
        ("no signature", {
            let token = tokens::signed(&good, JWT_SECRET)?;
            token[..=token.rfind('.').context("a dot")?].to_owned()
        }),
        ("expired", with("exp", json!(now() - 60))?),
        ("not yet good", with("nbf", json!(now() + 60))?),
        ("another issuer", with("iss", json!("somebody"))?),
        ("another audience", with("aud", json!("another-api"))?),
        ("unknown role", with("role", json!("root"))?),
        (
            "no session of ours",
            with("sid", json!(uuid::Uuid::now_v7()))?,
        ),
        ("a role of one's own", with("role", json!("owner"))?),
    ];
    for claim in [
        "iss", "aud", "sub", "tid", "role", "sid", "jti", "iat", "nbf", "exp",
    ] {
        refused.push((claim, without(claim)?));
    }
    for (case, token) in &refused {
        let foreign = app.client().with_token(token);
        let refusal = Events::try_connect(Wire::WebSocket, &foreign).await?.err();
        let status = refusal.as_ref().and_then(|refusal| refusal.status);
        ensure!(status == Some(401), "{case}: {refusal:?}");
        let refusal = Events::try_connect(Wire::SocketIo, &foreign).await?.err();
        let status = refusal.as_ref().and_then(|refusal| refusal.status);
        ensure!(status == Some(401), "{case}: {refusal:?}");
        // The two last need the database to be seen through.
        let reply = foreign.get("/api/v1/auth/me").await?;
        ensure!(reply.status == 401, "{case}: {}", reply.status);
    }
    // The same claims, signed by hand with the right secret, are good on every way in.
    let token = tokens::signed(&good, JWT_SECRET)?;
    let client = app.client().with_token(&token);
    for wire in Wire::ALL {
        Events::connect_over(wire, &client).await?;
    }
    let way_in = Events::connect_by_subprotocol(&base, &token).await?;
    ensure!(way_in.is_ok(), "{:?}", way_in.err());
    let way_in = Events::connect_by_subprotocol(&base, "x.y.z").await?.err();
    ensure!(
        way_in.and_then(|refusal| refusal.status) == Some(401),
        "accepted"
    );
    let log = app.server.output();
    for (case, token) in refused.iter().skip(2) {
        ensure!(!log.contains(token), "{case}: the token is in the log");
    }
    Ok(())
}

/// A hundred rows with an e-mail address that is long and wrong: their validation is an event of a hundred kilobytes.
fn talkative_file(package: &str) -> Vec<u8> {
    let mut file = String::from("nama,email,paket_id\r\n");
    for row in 0..101 {
        let address = if row == 100 {
            String::from("benar@contoh.id")
        } else {
            format!("{row}{}@contoh", "x".repeat(490))
        };
        file.push_str(&format!("Orang,{address},{package}\r\n"));
    }
    file.into_bytes()
}

async fn a_slow_reader_gets_the_newest_and_blocks_no_other(app: &mut App) -> Result<()> {
    const ROWS: usize = 15_000;
    let (admin, package) = app.admin_with_package().await?;
    let noise = admin
        .job("jamaah", "ramai.csv", &talkative_file(&package))
        .await?;
    // For comparison: how long it takes while all clients read.
    let measured = admin
        .job(
            "jamaah",
            "a.csv",
            &jamaah_file_from(100_000, ROWS, &[], &package),
        )
        .await?;
    let begun = Instant::now();
    admin.import(&measured).await?;
    let alone = begun.elapsed();

    let mut slow = Vec::new();
    for wire in Wire::ALL {
        slow.push(Events::connect_narrowly(wire, &admin).await?);
    }
    let mut attentive = Events::connect(&admin).await?;
    // More than all buffers on the way hold: 4 MB in the kernel, and the queue before it.
    for _ in 0..100 {
        admin.act(&noise, "validate").await?.expect_status(200)?;
        attentive.until("migration:validated").await?;
    }
    let job = admin
        .job("jamaah", "b.csv", &jamaah_file(ROWS, &[], &package))
        .await?;
    let is_end =
        |event: &str, data: &Value| event == "migration:completed" && data["job_id"] == job;
    let begun = Instant::now();
    let (finished, story) = tokio::join!(admin.import(&job), attentive.until_event(is_end));
    let (finished, received) = (finished?, progress(&story?, &job));
    let watched = begun.elapsed();
    ensure!(finished["imported_rows"] == ROWS, "{finished:#}");
    // Generous, because other tests share the cores; if the server waited for the reader it would never end.
    ensure!(
        watched < alone * 4 + Duration::from_secs(5),
        "{watched:?} with a slow reader, {alone:?} without"
    );
    ensure!(
        received.last() == Some(&(ROWS as u64)) && received.is_sorted(),
        "{received:?}"
    );
    for mut socket in slow {
        let story = socket.until_event(is_end).await?;
        let received = progress(&story, &job);
        ensure!(
            received.last() == Some(&(ROWS as u64)),
            "the newest is missing: {received:?}"
        );
        ensure!(
            received.len() < ROWS / 100 && received.is_sorted(),
            "a backlog: {received:?}"
        );
        let validations = story
            .iter()
            .filter(|(event, data)| event == "migration:validated" && data["job_id"] == noise);
        ensure!(validations.count() < 100, "every outdated event was kept");
    }
    Ok(())
}

/// The progress events of a job, in their order.
fn progress(story: &[(String, Value)], job: &str) -> Vec<u64> {
    story
        .iter()
        .filter(|(event, data)| event == "migration:progress" && data["job_id"] == job)
        .filter_map(|(_, data)| data["processed"].as_u64())
        .collect()
}
