//! The choice itself: made with the upload, changed on the draft, shown everywhere, and refused if it is unknown.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::{counts, job, planned, run};
use crate::harness::{App, JOBS, on_both_engines};

on_both_engines! {
    without_a_choice_duplicates_are_errors,
    a_choice_is_shown_and_changed_and_forgets_the_validation,
    a_choice_carries_over_to_the_file_that_replaces_a_draft,
    an_unknown_choice_is_refused,
}

async fn without_a_choice_duplicates_are_errors(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n");
    for (expected, reported) in [([1, 0, 0, 0], 0), ([0, 0, 0, 1], 1)] {
        let uploaded = admin
            .upload("jamaah", "data.csv", file.as_bytes())
            .await?
            .expect_status(200)?
            .json()?;
        ensure!(uploaded["on_duplicate"] == "reject", "{uploaded:#}");
        let job = uploaded["job_id"].as_str().unwrap_or_default();
        ensure!(admin.status(job).await?["plan"] == Value::Null);
        let status = admin.validate(job).await?;
        ensure!(planned(&status["plan"]) == expected, "{status:#}");
        ensure!(status["on_duplicate"] == "reject", "{status:#}");
        ensure!(admin.errors(job).await?.len() == reported);
        if reported == 0 {
            ensure!(counts(&admin.import(job).await?) == expected);
        }
    }
    Ok(())
}

async fn a_choice_is_shown_and_changed_and_forgets_the_validation(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n");
    let first = job(&admin, "jamaah", "reject", &file).await?;
    run(&admin, &first).await?;
    let second = job(&admin, "jamaah", "skip", &file).await?;
    let list = admin.get(&format!("{JOBS}?limit=1")).await?.json()?;
    ensure!(list["data"][0]["on_duplicate"] == "skip", "{list:#}");
    ensure!(planned(&admin.validate(&second).await?["plan"]) == [0, 0, 1, 0]);

    let preview = admin.redraft(&second, json!({"delimiter": ","})).await?;
    ensure!(preview["on_duplicate"] == "skip", "{preview:#}");
    for (wish, chosen) in [(json!("skip"), "skip"), (Value::Null, "reject")] {
        let preview = admin
            .redraft(&second, json!({"on_duplicate": wish}))
            .await?;
        ensure!(preview["on_duplicate"] == chosen, "{preview:#}");
        let status = admin.status(&second).await?;
        ensure!(
            status["plan"] == Value::Null && status["on_duplicate"] == chosen,
            "{status:#}"
        );
    }
    ensure!(planned(&admin.validate(&second).await?["plan"]) == [0, 0, 0, 1]);
    Ok(())
}

async fn a_choice_carries_over_to_the_file_that_replaces_a_draft(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,paket_id\nSiti,{package}\n");
    let mut draft = job(&admin, "jamaah", "skip", &file).await?;
    for (said, chosen) in [(None, "skip"), (Some("reject"), "reject"), (None, "reject")] {
        let fields = std::iter::once(("replaces", draft.as_str()))
            .chain(said.map(|said| ("on_duplicate", said)));
        let fields: Vec<_> = fields.collect();
        let reply = admin
            .upload_with("jamaah", &fields, "b.csv", file.as_bytes())
            .await?;
        let answer = reply.expect_status(200)?.json()?;
        ensure!(answer["on_duplicate"] == chosen, "{answer:#}");
        answer["job_id"]
            .as_str()
            .unwrap_or_default()
            .clone_into(&mut draft);
    }
    Ok(())
}

async fn an_unknown_choice_is_refused(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,paket_id\nSiti,{package}\n");
    for word in ["overwrite", "SKIP", "reject,skip"] {
        let reply = admin
            .upload_with(
                "jamaah",
                &[("on_duplicate", word)],
                "a.csv",
                file.as_bytes(),
            )
            .await?
            .expect_status(400)?;
        let answer = reply.json()?;
        ensure!(
            answer["error"] == "Bad Request"
                && answer["message"].as_str().is_some_and(|message| {
                    message.contains("on_duplicate") && message.contains("reject, skip")
                }),
            "{answer:#}"
        );
    }
    let twice = [("on_duplicate", "skip"); 2];
    admin
        .upload_with("jamaah", &twice, "a.csv", file.as_bytes())
        .await?
        .expect_status(400)?;
    ensure!(app.stored_files()? == 0, "a refused upload left its file");
    // What a form sends for a field that was not filled in.
    let draft = job(&admin, "jamaah", "", &file).await?;
    ensure!(admin.status(&draft).await?["on_duplicate"] == "reject");
    for body in [
        json!({"on_duplicate": "overwrite"}),
        json!({"on_duplicate": 1}),
    ] {
        let reply = admin.patch_json(&format!("{JOBS}/{draft}"), &body).await?;
        let answer = reply.expect_status(400)?.json()?;
        ensure!(
            answer["error"] == "Bad Request" && answer["code"].is_string(),
            "{answer:#}"
        );
    }
    ensure!(admin.status(&draft).await?["on_duplicate"] == "reject");
    Ok(())
}
