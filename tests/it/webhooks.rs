//! Webhooks: the ends of imports are sent at least once, signed, and only to public addresses.

use anyhow::{Context, Result, bail, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{
    Answer, App, Client, JOBS, Receiver, Sent, any_package, jamaah_file_from, on_both_engines,
};

const HOOKS: &str = "/api/v1/webhooks";

on_both_engines! {
    ["WEBHOOK_ALLOW_LOOPBACK" = "true"]
    the_ends_of_imports_are_sent_signed_and_once,
    a_webhook_gets_the_events_that_it_subscribes_to,
    a_refused_delivery_is_sent_again_as_the_same_message,
    an_answer_that_never_comes_or_redirects_is_not_an_acceptance,
    what_was_committed_is_sent_after_a_kill,
    several_servers_deliver_each_event_once,
    a_receiver_that_accepts_nothing_for_days_is_switched_off,
    a_receiver_that_answers_410_is_switched_off_at_once,
    for_a_day_after_a_rotation_both_secrets_sign,
    changes_of_webhooks_are_in_the_activity_log,
    the_log_is_paged_and_bounded,
}

on_both_engines! {
    webhooks_are_checked_when_they_are_saved,
    addresses_inside_are_refused_when_saved_and_when_called,
}

on_both_engines! {
    ["STORAGE_KEYS" = "abababababababababababababababababababababababababababababababab", "WEBHOOK_ALLOW_LOOPBACK" = "true"]
    a_secret_is_shown_once_and_stored_encrypted,
}

/// Creates a webhook: its id and its secret.
async fn webhook(client: &Client, body: &Value) -> Result<(String, String)> {
    let reply = client.post_json(HOOKS, body).await?.expect_status(201)?;
    let made = reply.json()?;
    let text = |name: &str| made[name].as_str().map(str::to_owned).context("a text");
    ensure!(reply.header("location") == format!("{HOOKS}/{}", text("id")?));
    Ok((text("id")?, text("secret")?))
}

async fn hook_to(client: &Client, receiver: &Receiver) -> Result<(String, String)> {
    webhook(client, &json!({"url": receiver.url})).await
}

async fn log(client: &Client, id: &str) -> Result<Vec<Value>> {
    let path = format!("{HOOKS}/{id}/deliveries?limit=100");
    let mut page = client.get_json(&path).await?;
    match page["data"].take() {
        Value::Array(entries) => Ok(entries),
        other => bail!("data is {other}"),
    }
}

/// The newest entry of the log, once it is as expected.
async fn logged(client: &Client, id: &str, reached: impl Fn(&Value) -> bool) -> Result<Value> {
    loop {
        if let Some(newest) = log(client, id).await?.into_iter().next()
            && reached(&newest)
        {
            return Ok(newest);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

fn is_over(entry: &Value) -> bool {
    entry["status"] != "pending"
}

/// Imports `rows` new rows, numbered from `first`; the job.
async fn import(client: &Client, first: usize, rows: usize) -> Result<String> {
    let package = any_package(client).await?;
    let file = jamaah_file_from(first, rows, &[], &package);
    let job = client.job("jamaah", "jamaah.csv", &file).await?;
    client.import(&job).await?;
    Ok(job)
}

async fn try_it(client: &Client, id: &str) -> Result<Value> {
    let reply = client.post(&format!("{HOOKS}/{id}/test")).await?;
    reply.expect_status(202)?.json()
}

/// Makes every waiting delivery due.
async fn hurry(app: &App) -> Result<()> {
    app.execute("UPDATE webhook_deliveries SET due_at = '2020-01-01 00:00:00.000000' WHERE status = 'pending'")
        .await
}

async fn the_ends_of_imports_are_sent_signed_and_once(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let other = app.other_tenant().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let (hook, secret) = hook_to(&admin, &receiver).await?;
    let (foreign, _) = hook_to(&other, &receiver).await?;
    let job = import(&admin, 1, 3).await?;
    let sent = receiver.next().await?;
    ensure!(sent.signatures_of(&secret)? == 1, "{sent:?}");
    ensure!(sent.header("content-type") == "application/json");
    let message = sent.json()?;
    let status = admin.status(&job).await?;
    let me = admin.get("/api/v1/auth/me").await?.json()?;
    let expected = json!({
        "type": "import.completed",
        "timestamp": status["completed_at"],
        "data": {
            "tenant_id": me["tenant_id"], "job_id": job, "import_type": "jamaah", "file_name": "jamaah.csv",
            "status": "completed", "total_rows": 3, "imported_rows": 3,
            "created_rows": 3, "updated_rows": 0, "skipped_rows": 0, "failed_rows": 0,
            "error_message": null, "completed_at": status["completed_at"], "rolled_back_at": null,
        },
    });
    ensure!(message == expected, "{message:#}");
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "delivered"
            && entry["event"] == "import.completed"
            && entry["attempts"] == 1
            && entry["response_status"] == 200
            && entry["error"].is_null()
            && entry["duration_ms"].is_u64()
            && entry["next_attempt_at"].is_null()
            && entry["delivered_at"].is_string(),
        "{entry:#}"
    );
    let id = entry["id"].as_str().context("id")?.replace('-', "");
    ensure!(sent.header("webhook-id") == format!("msg_{id}"));
    admin.roll_back(&job).await?;
    let message = receiver.next().await?.json()?;
    ensure!(
        message["type"] == "import.rolled_back"
            && message["data"]["status"] == "rolled_back"
            && message["data"]["rolled_back_at"].is_string(),
        "{message:#}"
    );
    // The loss of a file makes the job fail.
    let package = any_package(&admin).await?;
    let lost = jamaah_file_from(50, 1, &[], &package);
    let lost = admin.job("jamaah", "hilang.csv", &lost).await?;
    std::fs::remove_dir_all(app.uploads())?;
    ensure!(admin.import(&lost).await?["status"] == "failed");
    let message = receiver.next().await?.json()?;
    ensure!(
        message["type"] == "import.failed"
            && message["data"]["job_id"] == lost
            && message["data"]["error_message"].is_string(),
        "{message:#}"
    );
    logged(&admin, &hook, is_over).await?;
    ensure!(log(&admin, &hook).await?.len() == 3 && !receiver.has_more());
    ensure!(log(&other, &foreign).await?.is_empty());
    Ok(())
}

async fn a_webhook_gets_the_events_that_it_subscribes_to(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let wanted = json!({"url": receiver.url, "events": ["import.rolled_back"]});
    let (hook, _) = webhook(&admin, &wanted).await?;
    let job = import(&admin, 1, 1).await?;
    ensure!(log(&admin, &hook).await?.is_empty());
    admin.roll_back(&job).await?;
    ensure!(receiver.next().await?.json()?["type"] == "import.rolled_back");
    // A discarded draft is not a failed import.
    let changes = json!({"events": ["import.failed", "import.completed"]});
    let path = format!("{HOOKS}/{hook}");
    let changed = admin.change(&path, &changes).await?;
    ensure!(changed["events"] == json!(["import.completed", "import.failed"]));
    let package = any_package(&admin).await?;
    let draft = admin
        .job("jamaah", "a.csv", &jamaah_file_from(9, 1, &[], &package))
        .await?;
    admin.act(&draft, "cancel").await?.expect_status(200)?;
    ensure!(log(&admin, &hook).await?.len() == 1);
    // A webhook that is switched off gets nothing, and its waiting deliveries are cancelled.
    receiver.answer(&[Answer::Status(500)]);
    import(&admin, 20, 1).await?;
    receiver.next().await?;
    logged(&admin, &hook, |entry| entry["attempts"] == 1).await?;
    let off = admin
        .patch_json(&path, &json!({"is_active": false}))
        .await?;
    let off = off.expect_status(200)?.json()?;
    ensure!(
        off["is_active"] == false && off["disabled_reason"].is_null(),
        "{off:#}"
    );
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "failed" && entry["error"] == "disabled",
        "{entry:#}"
    );
    import(&admin, 30, 1).await?;
    ensure!(log(&admin, &hook).await?.len() == 2);
    // It can be tested nevertheless.
    try_it(&admin, &hook).await?;
    ensure!(receiver.next().await?.json()?["type"] == "webhook.test");
    Ok(())
}

async fn a_refused_delivery_is_sent_again_as_the_same_message(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[Answer::Status(500), Answer::Status(429)]).await?;
    let (hook, secret) = hook_to(&admin, &receiver).await?;
    import(&admin, 1, 1).await?;
    let first = receiver.next().await?;
    let waiting = logged(&admin, &hook, |entry| entry["attempts"] == 1).await?;
    ensure!(
        waiting["status"] == "pending"
            && waiting["error"] == "http_status"
            && waiting["response_status"] == 500
            && waiting["next_attempt_at"].is_string()
            && waiting["delivered_at"].is_null(),
        "{waiting:#}"
    );
    let shown = admin.get(&format!("{HOOKS}/{hook}")).await?.json()?;
    ensure!(shown["failing_since"].is_string(), "{shown:#}");
    let second = receiver.next().await?;
    logged(&admin, &hook, |entry| entry["attempts"] == 2).await?;
    hurry(app).await?;
    let third = receiver.next().await?;
    for again in [&second, &third] {
        ensure!(again.body == first.body && again.signatures_of(&secret)? == 1);
        ensure!(again.header("webhook-id") == first.header("webhook-id"));
    }
    let entry = logged(&admin, &hook, is_over).await?;
    let statuses: Vec<_> = entry["tries"]
        .as_array()
        .context("tries")?
        .iter()
        .map(|one| (one["attempt"].clone(), one["response_status"].clone()))
        .collect();
    let expected = [(1, 500), (2, 429), (3, 200)];
    ensure!(
        statuses == expected.map(|(n, status)| (json!(n), json!(status))),
        "{entry:#}"
    );
    let shown = admin.get(&format!("{HOOKS}/{hook}")).await?.json()?;
    ensure!(shown["failing_since"].is_null(), "{shown:#}");
    // What was delivered can be sent again by hand.
    let id = entry["id"].as_str().context("id")?;
    let path = format!("{HOOKS}/{hook}/deliveries/{id}/retry");
    let again = admin.post(&path).await?.expect_status(202)?.json()?;
    ensure!(
        again["status"] == "pending" && again["id"] == id,
        "{again:#}"
    );
    ensure!(receiver.next().await?.body == first.body);
    Ok(())
}

async fn an_answer_that_never_comes_or_redirects_is_not_an_acceptance(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut silent = Receiver::start(&[Answer::Never]).await?;
    let mut leading = Receiver::start(&[Answer::Elsewhere]).await?;
    let (slow, _) = hook_to(&admin, &silent).await?;
    let (moved, _) = hook_to(&admin, &leading).await?;
    let closed = std::net::TcpListener::bind("127.0.0.1:0")?;
    let unreachable = format!("http://{}/", closed.local_addr()?);
    drop(closed);
    let (closed, _) = webhook(&admin, &json!({"url": unreachable})).await?;
    for hook in [&slow, &moved, &closed] {
        let sent = try_it(&admin, hook).await?;
        ensure!(
            sent["status"] == "pending" && sent["attempts"] == 0,
            "{sent:#}"
        );
    }
    silent.next().await?;
    leading.next().await?;
    for (hook, error, status) in [
        (&moved, "redirect", json!(302)),
        (&closed, "connect", Value::Null),
        (&slow, "timeout", Value::Null),
    ] {
        let entry = logged(&admin, hook, is_over).await?;
        ensure!(
            entry["status"] == "failed"
                && entry["error"] == error
                && entry["response_status"] == status
                && entry["attempts"] == 1,
            "{error}: {entry:#}"
        );
    }
    ensure!(!leading.has_more(), "the redirect was followed");
    Ok(())
}

async fn what_was_committed_is_sent_after_a_kill(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    // Two tests occupy all that the tenant may send at once, so that the end of the import waits.
    let mut silent = Receiver::start(&[Answer::Never; 9]).await?;
    let mut receiver = Receiver::start(&[]).await?;
    let mut blocked = Vec::new();
    for _ in 0..2 {
        let (hook, _) = webhook(
            &admin,
            &json!({"url": silent.url, "events": ["import.rolled_back"]}),
        )
        .await?;
        try_it(&admin, &hook).await?;
        silent.next().await?;
        blocked.push(hook);
    }
    let (hook, secret) = hook_to(&admin, &receiver).await?;
    let job = import(&admin, 1, 2).await?;
    let entry = log(&admin, &hook).await?.pop().context("an entry")?;
    app.server.kill()?;
    ensure!(
        entry["status"] == "pending" && entry["attempts"] == 0,
        "{entry:#}"
    );
    ensure!(!receiver.has_more());
    hurry(app).await?;
    app.restart()?;
    let admin = app.admin().await?;
    let sent = receiver.next().await?;
    ensure!(sent.json()?["data"]["job_id"] == job && sent.signatures_of(&secret)? == 1);
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "delivered" && entry["attempts"] == 1,
        "{entry:#}"
    );
    ensure!(log(&admin, &hook).await?.len() == 1 && !receiver.has_more());
    // A message that was being sent when the process died may have arrived: the log says so.
    for hook in blocked {
        let entry = logged(&admin, &hook, is_over).await?;
        ensure!(
            entry["status"] == "failed" && entry["error"] == "interrupted",
            "{entry:#}"
        );
    }
    Ok(())
}

async fn several_servers_deliver_each_event_once(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let (hook, _) = hook_to(&admin, &receiver).await?;
    let _second = app.another_server(&[])?;
    let mut jobs = std::collections::BTreeSet::new();
    for part in 0..5 {
        jobs.insert(import(&admin, part * 10 + 1, 1).await?);
    }
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..5 {
        let message = receiver.next().await?.json()?;
        seen.insert(
            message["data"]["job_id"]
                .as_str()
                .context("job")?
                .to_owned(),
        );
    }
    ensure!(seen == jobs, "{seen:?}");
    while log(&admin, &hook)
        .await?
        .iter()
        .any(|entry| !is_over(entry))
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    ensure!(
        log(&admin, &hook)
            .await?
            .iter()
            .all(|entry| entry["attempts"] == 1)
    );
    ensure!(!receiver.has_more());
    Ok(())
}

async fn a_receiver_that_accepts_nothing_for_days_is_switched_off(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[Answer::Status(500), Answer::Status(503)]).await?;
    let (hook, _) = hook_to(&admin, &receiver).await?;
    import(&admin, 1, 1).await?;
    receiver.next().await?;
    logged(&admin, &hook, |entry| entry["attempts"] == 1).await?;
    // Days later, at the last try.
    app.execute(
        "UPDATE webhook_deliveries SET attempts = 9, due_at = '2020-01-01 00:00:00.000000'; \
         UPDATE webhooks SET failing_since = '2020-01-01 00:00:00.000000'",
    )
    .await?;
    receiver.next().await?;
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "failed" && entry["attempts"] == 10,
        "{entry:#}"
    );
    let path = format!("{HOOKS}/{hook}");
    let shown = admin.get(&path).await?.json()?;
    ensure!(
        shown["is_active"] == false && shown["disabled_reason"] == "failures",
        "{shown:#}"
    );
    import(&admin, 10, 1).await?;
    ensure!(log(&admin, &hook).await?.len() == 1);
    let noted = admin
        .get("/api/v1/activity?action=webhook_disabled")
        .await?;
    let noted = noted.expect_status(200)?.json()?;
    ensure!(
        noted["data"][0]["user"].is_null() && noted["data"][0]["details"]["webhook_id"] == hook,
        "{noted:#}"
    );
    let on = admin.patch_json(&path, &json!({"is_active": true})).await?;
    let on = on.expect_status(200)?.json()?;
    ensure!(
        on["is_active"] == true && on["disabled_reason"].is_null() && on["failing_since"].is_null(),
        "{on:#}"
    );
    let id = entry["id"].as_str().context("id")?;
    admin
        .post(&format!("{path}/deliveries/{id}/retry"))
        .await?
        .expect_status(202)?;
    receiver.next().await?;
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "delivered" && entry["attempts"] == 1,
        "{entry:#}"
    );
    Ok(())
}

async fn a_receiver_that_answers_410_is_switched_off_at_once(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[Answer::Status(410)]).await?;
    let (hook, _) = hook_to(&admin, &receiver).await?;
    import(&admin, 1, 1).await?;
    receiver.next().await?;
    let entry = logged(&admin, &hook, is_over).await?;
    ensure!(
        entry["status"] == "failed" && entry["error"] == "disabled",
        "{entry:#}"
    );
    ensure!(entry["tries"][0]["response_status"] == 410, "{entry:#}");
    let shown = admin.get(&format!("{HOOKS}/{hook}")).await?.json()?;
    ensure!(
        shown["is_active"] == false && shown["disabled_reason"] == "gone",
        "{shown:#}"
    );
    Ok(())
}

async fn signed_by(receiver: &mut Receiver, secrets: [&str; 2]) -> Result<[usize; 2]> {
    let sent: Sent = receiver.next().await?;
    Ok([
        sent.signatures_of(secrets[0])?,
        sent.signatures_of(secrets[1])?,
    ])
}

async fn for_a_day_after_a_rotation_both_secrets_sign(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let (hook, old) = hook_to(&admin, &receiver).await?;
    let rotated = admin.post(&format!("{HOOKS}/{hook}/rotate-secret")).await?;
    let rotated = rotated.expect_status(200)?.json()?;
    let new = rotated["secret"].as_str().context("secret")?;
    ensure!(
        new != old && rotated["previous_secret_until"].is_string(),
        "{rotated:#}"
    );
    try_it(&admin, &hook).await?;
    ensure!(signed_by(&mut receiver, [&old, new]).await? == [1, 1]);
    logged(&admin, &hook, is_over).await?;
    app.execute("UPDATE webhooks SET previous_secret_until = '2020-01-01 00:00:00.000000'")
        .await?;
    try_it(&admin, &hook).await?;
    ensure!(signed_by(&mut receiver, [&old, new]).await? == [0, 1]);
    Ok(())
}

async fn a_secret_is_shown_once_and_stored_encrypted(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let (hook, secret) = hook_to(&admin, &receiver).await?;
    let path = format!("{HOOKS}/{hook}");
    for shown in [admin.get(&path).await?, admin.get(HOOKS).await?] {
        ensure!(!shown.expect_status(200)?.text()?.contains("whsec_"));
    }
    let plain = "SELECT count(*) FROM webhooks WHERE secret LIKE '%whsec%'";
    ensure!(app.number(plain).await? == 0);
    try_it(&admin, &hook).await?;
    ensure!(receiver.next().await?.signatures_of(&secret)? == 1);
    ensure!(!app.server.output().contains(&secret[6..]));
    // The key can be changed, and the old one retired.
    let old = app.settings()["STORAGE_KEYS"].clone();
    let new = "cd".repeat(32);
    let mut settings = app.settings().clone();
    settings.insert("STORAGE_KEYS".to_owned(), format!("{new},{old}"));
    let folder = app.directory().to_owned();
    let rekeyed = tokio::task::spawn_blocking(move || {
        std::process::Command::new(crate::harness::binary("server"))
            .args(["storage", "rekey"])
            .current_dir(folder)
            .envs(&settings)
            .output()
    });
    let rekeyed = rekeyed.await??;
    let said = String::from_utf8_lossy(&rekeyed.stdout).into_owned();
    ensure!(
        rekeyed.status.success() && said.contains("the secrets of 1 webhook "),
        "{rekeyed:?}"
    );
    app.server.kill()?;
    let second = app.another_server(&[("STORAGE_KEYS", &new)])?;
    let admin = admin.at(&second.base);
    try_it(&admin, &hook).await?;
    ensure!(receiver.next().await?.signatures_of(&secret)? == 1);
    Ok(())
}

async fn changes_of_webhooks_are_in_the_activity_log(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let (hook, _) = webhook(&admin, &json!({"url": "https://8.8.8.8/x?token=geheim"})).await?;
    let path = format!("{HOOKS}/{hook}");
    admin.change(&path, &json!({"description": "ERP"})).await?;
    admin
        .post(&format!("{path}/rotate-secret"))
        .await?
        .expect_status(200)?;
    admin.remove(&path).await?;
    admin
        .change("/api/v1/tenant", &json!({"time_zone": "Asia/Makassar"}))
        .await?;
    let key = json!({"name": "Sinkronisasi", "scopes": ["view_imports"]});
    let key = admin.create("/api/v1/api-keys", &key).await?;
    let key = key["id"].as_str().context("id")?;
    admin.remove(&format!("/api/v1/api-keys/{key}")).await?;
    let reply = admin.get("/api/v1/activity").await?.expect_status(200)?;
    ensure!(!reply.text()?.contains("geheim"), "{}", reply.text()?);
    let page = reply.json()?;
    let noted: Vec<_> = page["data"]
        .as_array()
        .context("data")?
        .iter()
        .filter(|entry| entry["action"] != "logged_in")
        .map(|entry| {
            let action = entry["action"].as_str().unwrap_or_default();
            (
                action,
                entry["user"]["username"].clone(),
                entry["details"].clone(),
            )
        })
        .collect();
    let of_hook = json!({"webhook_id": hook, "host": "8.8.8.8"});
    let of_key = json!({"api_key_id": key, "name": "Sinkronisasi"});
    let expected = [
        ("api_key_deleted", of_key.clone()),
        ("api_key_created", of_key),
        ("tenant_changed", json!({"time_zone": "Asia/Makassar"})),
        ("webhook_deleted", of_hook.clone()),
        ("webhook_secret_rotated", of_hook.clone()),
        ("webhook_changed", of_hook.clone()),
        ("webhook_created", of_hook),
    ];
    ensure!(
        noted == expected.map(|(action, details)| (action, json!("admin"), details)),
        "{noted:#?}"
    );
    Ok(())
}

async fn the_log_is_paged_and_bounded(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let (hook, _) = hook_to(&admin, &receiver).await?;
    let mut ids = Vec::new();
    for _ in 0..3 {
        let sent = try_it(&admin, &hook).await?;
        ids.insert(0, sent["id"].clone());
        receiver.next().await?;
        logged(&admin, &hook, is_over).await?;
    }
    let path = format!("{HOOKS}/{hook}/deliveries");
    let first = admin.get_json(&format!("{path}?limit=2")).await?;
    let next = first["next"].as_str().context("next")?;
    let second = admin
        .get(&format!("{path}?limit=2&after={next}"))
        .await?
        .json()?;
    let shown: Vec<Value> = [&first, &second]
        .iter()
        .flat_map(|page| page["data"].as_array().cloned().unwrap_or_default())
        .map(|entry| entry["id"].clone())
        .collect();
    ensure!(
        shown == ids && second["next"].is_null(),
        "{first:#} {second:#}"
    );
    for wrong in ["limit=0", "limit=101", "after=x", "page=1"] {
        admin
            .get(&format!("{path}?{wrong}"))
            .await?
            .expect_status(400)?;
    }
    // Housekeeping runs when a server starts.
    app.execute("UPDATE webhook_deliveries SET finished_at = '2020-01-01 00:00:00.000000'")
        .await?;
    let _second = app.another_server(&[])?;
    while !log(&admin, &hook).await?.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    Ok(())
}

async fn webhooks_are_checked_when_they_are_saved(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let url = "https://8.8.8.8/hook";
    for (body, field) in [
        (json!({}), "url"),
        (json!({"url": null}), "url"),
        (json!({"url": "bukan alamat"}), "url"),
        (json!({"url": "http://example.com/"}), "url"),
        (json!({"url": url, "events": []}), "events"),
        (json!({"url": url, "events": null}), "events"),
        (json!({"url": url, "events": ["import.started"]}), "events"),
        (json!({"url": url, "events": ["webhook.test"]}), "events"),
        (json!({"url": url, "description": ""}), "description"),
        (
            json!({"url": url, "description": "x".repeat(256)}),
            "description",
        ),
        (json!({"url": url, "is_active": null}), "is_active"),
    ] {
        let reply = admin
            .post_json(HOOKS, &body)
            .await?
            .expect_status(400)?
            .json()?;
        ensure!(
            reply["code"] == "validation_failed" && reply["details"]["errors"][0]["field"] == field,
            "{body}: {reply:#}"
        );
    }
    for body in [
        json!({"url": url, "secret": "x"}),
        json!({"url": 7}),
        json!([]),
    ] {
        let reply = admin
            .post_json(HOOKS, &body)
            .await?
            .expect_status(400)?
            .json()?;
        ensure!(reply["code"] == "invalid_body", "{reply:#}");
    }
    let (id, secret) = webhook(
        &admin,
        &json!({"url": url, "description": "ERP", "events": ["import.failed"]}),
    )
    .await?;
    ensure!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    let path = format!("{HOOKS}/{id}");
    let shown = admin.get_json(&path).await?;
    ensure!(
        shown["url"] == url
            && shown["description"] == "ERP"
            && shown["events"] == json!(["import.failed"])
            && shown["is_active"] == true
            && shown.get("secret").is_none(),
        "{shown:#}"
    );
    let cleared = admin
        .patch_json(&path, &json!({"description": null}))
        .await?;
    ensure!(cleared.expect_status(200)?.json()?["description"].is_null());
    for wrong in [
        json!({"url": null}),
        json!({"url": "https://10.0.0.1/"}),
        json!({"events": []}),
    ] {
        admin.patch_json(&path, &wrong).await?.expect_status(400)?;
    }
    for _ in 1..10 {
        webhook(&admin, &json!({"url": url})).await?;
    }
    let message = "Sudah ada 10 webhook: hapus salah satu terlebih dahulu";
    let full = admin.post_json(HOOKS, &json!({"url": url})).await?;
    full.expect_error(409, message, "too_many_webhooks")?;
    let other = app.other_tenant().await?;
    webhook(&other, &json!({"url": url})).await?;
    let list = admin.get_json(HOOKS).await?;
    ensure!(list["data"].as_array().context("data")?.len() == 10);
    admin.remove(&path).await?;
    for (method, path) in [
        (Method::GET, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/test")),
        (Method::GET, format!("{path}/deliveries")),
    ] {
        let gone = admin.send(admin.request(method, &path)).await?;
        gone.expect_error(404, "Webhook tidak ditemukan", "not_found")?;
    }
    Ok(())
}

async fn addresses_inside_are_refused_when_saved_and_when_called(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut receiver = Receiver::start(&[]).await?;
    let port = receiver
        .url
        .rsplit(':')
        .next()
        .context("a port")?
        .to_owned();
    let inside = [
        receiver.url.clone(),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
        format!("https://[::1]:{port}"),
        format!("https://[::ffff:127.0.0.1]:{port}"),
        format!("https://2130706433:{port}"),
        format!("https://0x7f.1:{port}"),
        "https://10.0.0.1/".to_owned(),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://[fd00:ec2::254]/".to_owned(),
        "https://metadata.google.internal/".to_owned(),
    ];
    let (hook, _) = webhook(&admin, &json!({"url": "https://8.8.8.8/"})).await?;
    let path = format!("{HOOKS}/{hook}");
    for url in &inside {
        let body = json!({"url": url});
        for reply in [
            admin.post_json(HOOKS, &body).await?,
            admin.patch_json(&path, &body).await?,
        ] {
            let reply = reply.expect_status(400)?.json()?;
            ensure!(
                reply["code"] == "validation_failed"
                    && reply["details"]["errors"][0]["field"] == "url",
                "{url}: {reply:#}"
            );
        }
    }
    // As if it had been saved by another version, or its name now resolved to another address.
    for url in &inside {
        app.execute(&format!("UPDATE webhooks SET url = '{url}'"))
            .await?;
        let trial = try_it(&admin, &hook).await?;
        let entry = logged(&admin, &hook, |entry| {
            entry["id"] == trial["id"] && is_over(entry)
        })
        .await?;
        ensure!(
            entry["status"] == "failed" && entry["error"] == "address_refused",
            "{url}: {entry:#}"
        );
    }
    ensure!(!receiver.has_more());
    // The end of an import does not reach it either.
    import(&admin, 1, 1).await?;
    let entry = logged(&admin, &hook, |entry| {
        entry["attempts"] == 1 && entry["event"] == "import.completed"
    })
    .await?;
    ensure!(entry["error"] == "address_refused", "{entry:#}");
    ensure!(admin.get(JOBS).await?.json()?["total"] == 1);
    Ok(())
}
