//! Guessing of passwords is slowed down by user and address, on all servers and over a restart, without locking out the user.

use anyhow::{Result, ensure};
use reqwest::Method;
use serde_json::json;

use crate::harness::{ADMIN, App, Client, Reply, on_both_engines};

on_both_engines! {
    ["TRUSTED_PROXIES" = "127.0.0.1"]
    guesses_from_elsewhere_do_not_lock_a_user_out,
    guesses_from_many_addresses_are_slowed_down_and_a_known_device_is_not,
    guesses_are_counted_over_a_restart_and_on_every_server,
    an_address_that_tries_many_users_has_to_wait,
}

/// A login through a proxy that saw it come from `address`.
async fn log_in_from(client: &Client, address: &str, name: &str, password: &str) -> Result<Reply> {
    let body = json!({"username": name, "password": password});
    let request = client
        .request(Method::POST, "/api/v1/auth/login")
        .header("x-forwarded-for", address)
        .json(&body);
    client.send(request).await
}

/// Guesses until the server asks to wait; how many were answered.
async fn guess(client: &Client, address: &str, name: &str) -> Result<usize> {
    for guesses in 0..40 {
        let reply = log_in_from(client, address, name, "salah-sekali").await?;
        match reply.status {
            401 => {}
            429 => {
                ensure!(!reply.header("retry-after").is_empty(), "no Retry-After");
                return Ok(guesses);
            }
            status => anyhow::bail!("{status}"),
        }
    }
    anyhow::bail!("forty guesses in a row")
}

async fn guesses_from_elsewhere_do_not_lock_a_user_out(app: &mut App) -> Result<()> {
    let client = app.client();
    for round in 0..5 {
        for attacker in ["198.51.100.1", "198.51.100.2", "2001:db8::1"] {
            log_in_from(&client, attacker, ADMIN.0, "salah-sekali").await?;
        }
        let clean = format!("203.0.113.{round}");
        let reply = log_in_from(&client, &clean, ADMIN.0, ADMIN.1).await?;
        ensure!(reply.status == 200, "round {round}: {}", reply.status);
    }
    // One IPv6 customer has many addresses and counts as one client.
    ensure!(guess(&client, "2001:db8:7::1", ADMIN.0).await? <= 5);
    let reply = log_in_from(&client, "2001:db8:7::2", ADMIN.0, "salah-sekali").await?;
    ensure!(reply.status == 429, "{}", reply.status);
    Ok(())
}

async fn guesses_from_many_addresses_are_slowed_down_and_a_known_device_is_not(
    app: &mut App,
) -> Result<()> {
    let client = app.client();
    let home = "203.0.113.7";
    log_in_from(&client, home, ADMIN.0, ADMIN.1)
        .await?
        .expect_status(200)?;
    let mut braked = 0;
    for attacker in 0..60 {
        let address = format!("198.51.{attacker}.1");
        let reply = log_in_from(&client, &address, ADMIN.0, "salah-sekali").await?;
        braked += usize::from(reply.status == 429);
        // Once a user is guessed at from many addresses, a second try from the same address has to wait.
        if attacker > 40 {
            let reply = log_in_from(&client, &address, ADMIN.0, ADMIN.1).await?;
            ensure!(reply.status == 429, "{}", reply.status);
        }
    }
    ensure!(braked >= 38, "{braked} of 60");
    // The right password is accepted from an address without failures, and a known device may make as many mistakes as before.
    for clean in ["203.0.113.8", "203.0.113.9"] {
        let reply = log_in_from(&client, clean, ADMIN.0, ADMIN.1).await?;
        ensure!(reply.status == 200, "{clean}: {}", reply.status);
    }
    for _ in 0..3 {
        let reply = log_in_from(&client, home, ADMIN.0, "salah-sekali").await?;
        ensure!(reply.status == 401, "{}", reply.status);
    }
    let reply = log_in_from(&client, home, ADMIN.0, ADMIN.1).await?;
    ensure!(reply.status == 200, "{}", reply.status);
    Ok(())
}

async fn guesses_are_counted_over_a_restart_and_on_every_server(app: &mut App) -> Result<()> {
    let address = "198.51.100.9";
    // Long delays, so that a slow machine does not let them pass.
    let client = app.client();
    for _ in 0..5 {
        log_in_from(&client, address, ADMIN.0, "salah-sekali")
            .await?
            .expect_status(401)?;
    }
    app.execute("UPDATE login_attempts SET failures = failures + 20")
        .await?;
    let other = app.another_server(&[])?;
    let there = client.at(&other.base);
    ensure!(
        guess(&there, address, ADMIN.0).await? == 0,
        "a free guess on another server"
    );
    drop(other);
    app.restart()?;
    ensure!(
        guess(&app.client(), address, ADMIN.0).await? == 0,
        "a free guess after a restart"
    );
    // The table contains neither the name nor the address.
    let rows = app
        .direct()
        .await?
        .rows("SELECT key FROM login_attempts")
        .await?;
    ensure!(!rows.is_empty());
    let known = rows.iter().flatten().all(|key| key.len() == 64);
    ensure!(known, "{rows:?}");
    Ok(())
}

async fn an_address_that_tries_many_users_has_to_wait(app: &mut App) -> Result<()> {
    let client = app.client();
    let mut refused = 0;
    for user in 0..45 {
        let name = format!("orang{user}");
        let reply = log_in_from(&client, "198.51.100.3", &name, "salah-sekali").await?;
        refused += usize::from(reply.status == 429);
    }
    ensure!(refused > 0, "forty-five users tried from one address");
    Ok(())
}
