//! After a session has ended it changes nothing, on every route that changes something, and five seconds later it reads nothing
//! either, on every server. Walks the OpenAPI document, so that new routes are included automatically.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Events, JOBS, Wire, on_both_engines};
use crate::roles::{Access, access, fill, operations, own_ids};

on_both_engines! {
    an_ended_session_changes_nothing_on_any_route,
    an_open_session_is_not_ended_by_the_end_of_another,
    an_ended_session_reads_nothing_on_any_server,
}

/// How long an ended session may still read.
const LAST_LOOK: Duration = Duration::from_secs(5);

const PASSWORD: &str = "rahasia-sekali";

/// What ends sessions; the last one is permanent.
const ENDS: [&str; 5] = ["logout", "password", "role", "disabled", "deleted"];

struct Session {
    client: Client,
    refresh_token: Value,
}

async fn log_in(app: &App) -> Result<Session> {
    let body = json!({"username": "pemilik", "password": PASSWORD});
    let reply = app.client().post_json("/api/v1/auth/login", &body).await?;
    let answer = reply.expect_status(200)?.json()?;
    let token = answer["access_token"].as_str().context("access_token")?;
    Ok(Session {
        client: app.client().with_token(token),
        refresh_token: answer["refresh_token"].clone(),
    })
}

/// The path of the account whose sessions end.
async fn account(admin: &Client) -> Result<String> {
    let users = admin.items("users").await?;
    let user = users.iter().find(|user| user["username"] == "pemilik");
    let id = user
        .and_then(|user| user["id"].as_str())
        .context("pemilik")?;
    Ok(format!("/api/v1/users/{id}"))
}

async fn end(admin: &Client, account: &str, session: &Session, how: &str) -> Result<()> {
    let reply = match how {
        "logout" => {
            let body = json!({"refresh_token": session.refresh_token});
            session
                .client
                .post_json("/api/v1/auth/logout", &body)
                .await?
        }
        "password" => {
            admin
                .patch_json(account, &json!({ "password": PASSWORD }))
                .await?
        }
        "role" => admin.patch_json(account, &json!({"role": "agent"})).await?,
        "disabled" => {
            admin
                .patch_json(account, &json!({"is_active": false}))
                .await?
        }
        _ => admin.delete(account).await?,
    };
    reply.expect_status(200)?;
    Ok(())
}

async fn an_ended_session_changes_nothing_on_any_route(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.user("pemilik", "owner").await?;
    let account = account(&admin).await?;
    let ids = own_ids(&admin).await?;
    let unknown: BTreeMap<&str, String> = ids
        .keys()
        .map(|prefix| (*prefix, uuid::Uuid::now_v7().to_string()))
        .collect();
    let routes = operations(&admin).await?;
    let records = "SELECT (SELECT count(*) FROM packages) + (SELECT count(*) FROM jamaah) \
         + (SELECT count(*) FROM payments) + (SELECT count(*) FROM migration_jobs)";
    let before = app.number(records).await?;

    let mut wrong = Vec::new();
    for how in ENDS {
        // The user is an owner who may log in again.
        admin
            .change(&account, &json!({"role": "owner", "is_active": true}))
            .await?;
        let session = log_in(app).await?;
        // The server has used the session for reading shortly before it ends.
        session
            .client
            .get("/api/v1/packages")
            .await?
            .expect_status(200)?;
        end(&admin, &account, &session, how).await?;
        let ended = Instant::now();
        for (method, route) in &routes {
            if access(method, route)? == Access::Public {
                continue;
            }
            for ids in [&ids, &unknown] {
                let path = fill(route, ids)?;
                let may_read = *method == Method::GET
                    && !["/api/v1/auth/me", "/ws"].contains(&route.as_str())
                    && ended.elapsed() < LAST_LOOK;
                let mut request = session.client.request(method.clone(), &path);
                if *method != Method::GET {
                    // The body would be refused as well: the token is checked first.
                    request = request.header("content-type", "text/plain").body("{");
                }
                let reply = session.client.send(request).await?;
                let fits = match reply.status {
                    401 => reply.json()?["code"] == "unauthorized",
                    // Only admins may manage users; ids that do not exist are answered with 404.
                    200 | 403 | 404 => may_read,
                    // Only a draft can be previewed.
                    400 => may_read && route.ends_with("/preview"),
                    _ => false,
                };
                if !fits {
                    wrong.push(format!("{how}: {method} {path}: {}", reply.status));
                }
            }
        }
        for wire in Wire::ALL {
            if Events::try_connect(wire, &session.client).await?.is_ok() {
                wrong.push(format!("{how}: accepted over {wire:?}"));
            }
        }
        let body = json!({"refresh_token": session.refresh_token});
        let reply = app
            .client()
            .post_json("/api/v1/auth/refresh", &body)
            .await?;
        if reply.status != 401 {
            wrong.push(format!("{how}: refreshed with {}", reply.status));
        }
        // A session can be ended twice, and an outdated header does not prevent a login.
        let reply = session
            .client
            .post_json("/api/v1/auth/logout", &body)
            .await?;
        if reply.status != 200 {
            wrong.push(format!("{how}: logout {}", reply.status));
        }
        let credentials = json!({"username": "admin", "password": "admin123"});
        session
            .client
            .post_json("/api/v1/auth/login", &credentials)
            .await?
            .expect_status(200)?;
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(app.number(records).await? == before, "something changed");
    Ok(())
}

async fn an_open_session_is_not_ended_by_the_end_of_another(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.user("pemilik", "owner").await?;
    let account = account(&admin).await?;
    let (one, other) = (log_in(app).await?, log_in(app).await?);
    end(&admin, &account, &one, "logout").await?;
    let template = admin
        .get(&format!("{JOBS}/templates/package"))
        .await?
        .expect_status(200)?
        .body;
    let reply = one.client.upload("package", "a.csv", &template).await?;
    reply.expect_status(401)?;
    let reply = other.client.upload("package", "a.csv", &template).await?;
    reply.expect_status(200)?;
    // A change that does not affect access ends no session.
    let changes = json!({"nama_lengkap": "Pemilik Baru", "email": "baru@contoh.id"});
    admin.change(&account, &changes).await?;
    let reply = other.client.upload("package", "a.csv", &template).await?;
    reply.expect_status(200)?;
    Ok(())
}

async fn an_ended_session_reads_nothing_on_any_server(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    app.user("pemilik", "owner").await?;
    let account = account(&admin).await?;
    let other = app.another_server(&[])?;
    for how in ENDS {
        admin
            .change(&account, &json!({"role": "owner", "is_active": true}))
            .await?;
        let session = log_in(app).await?;
        let here = session.client.clone();
        let there = here.at(&other.base);
        let mut sockets = Vec::new();
        for client in [&here, &there] {
            client.get(JOBS).await?.expect_status(200)?;
            for wire in Wire::ALL {
                sockets.push(Events::connect_over(wire, client).await?);
            }
        }
        end(&admin, &account, &session, how).await?;
        let ended = Instant::now();
        for client in [&here, &there] {
            // No request that starts after the five seconds is served; earlier ones may get either answer.
            loop {
                let asked = ended.elapsed();
                match client.get(JOBS).await?.status {
                    401 => break,
                    200 if asked < LAST_LOOK => {}
                    status => anyhow::bail!("{how}: {status} {asked:?} after the end"),
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let reply = client.send(client.request(Method::HEAD, JOBS)).await?;
            ensure!(reply.status == 401, "{how}: HEAD {}", reply.status);
        }
        for mut socket in sockets {
            socket
                .closed_by_server()
                .await
                .with_context(|| how.to_owned())?;
        }
    }
    Ok(())
}
