//! The events of `/ws`: their content, their order, and who gets them.

use anyhow::{Result, ensure};
use serde_json::json;
use tokio_tungstenite::connect_async;

use crate::harness::{App, Events, any_package, jamaah_file, on_both_engines};

on_both_engines! {
    an_import_sends_all_its_events_in_order,
    a_start_alone_sends_the_events_of_validation_and_import,
    other_tenants_and_agents_get_no_events,
    a_socket_needs_a_token,
    a_stopping_server_says_goodbye,
}

async fn an_import_sends_all_its_events_in_order(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job(
            "jamaah",
            "jamaah-import.csv",
            &jamaah_file(150, &[3, 10], &package),
        )
        .await?;
    let mut events = Events::connect(&admin).await?;

    admin.act(&job, "validate").await?.expect_status(200)?;
    let story = events.until("migration:validated").await?;
    ensure!(
        story.iter().any(|(name, data)| name == "migration:status"
            && data["status"] == "validating"
            && data["status_display"] == "Memvalidasi"),
        "{story:#?}"
    );
    let (_, validated) = story.last().expect("ends with the expected event");
    for (key, expected) in [
        ("job_id", json!(job)),
        ("is_valid", json!(true)),
        ("total_rows", json!(150)),
        ("valid_rows", json!(148)),
        ("invalid_rows", json!(2)),
        ("can_proceed", json!(true)),
        ("errors_total", json!(2)),
        (
            "error_summary",
            json!({"missing_required": 0, "invalid_format": 2, "duplicate": 0, "constraint_violation": 0}),
        ),
    ] {
        ensure!(validated[key] == expected, "{key}: {validated:#}");
    }
    let error = &validated["errors"][0];
    for (key, expected) in [
        ("row_number", json!(5)),
        ("field_name", json!("email")),
        ("error_type", json!("invalid_format")),
        ("error_message", json!("Email tidak valid: orang3@contoh")),
        ("received_value", json!("orang3@contoh")),
    ] {
        ensure!(error[key] == expected, "{key}: {error:#}");
    }

    admin.act(&job, "start").await?.expect_status(200)?;
    let story = events.until("migration:completed").await?;
    let progress: Vec<_> = story
        .iter()
        .filter(|(name, _)| name == "migration:progress")
        .map(|(_, data)| data)
        .collect();
    ensure!(
        progress
            == [
                &json!({"job_id": job, "processed": 100, "total": 150, "progress_percentage": 67}),
                &json!({"job_id": job, "processed": 150, "total": 150, "progress_percentage": 100}),
            ],
        "{progress:#?}"
    );
    let (_, completed) = story.last().expect("ends with the expected event");
    ensure!(
        completed["job_id"] == job
            && completed["status"] == "completed"
            && completed["imported"] == 148
            && completed["failed"] == 2
            && completed["duration_seconds"].is_number(),
        "{completed:#}"
    );
    // Events report only committed changes.
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 148);
    Ok(())
}

async fn a_start_alone_sends_the_events_of_validation_and_import(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut events = Events::connect(&admin).await?;
    let job = admin.people(3, &[], &package).await?;
    admin.act(&job, "start").await?.expect_status(200)?;
    let story = events.until("migration:completed").await?;
    ensure!(
        story.iter().any(|(name, _)| name == "migration:validated"),
        "{story:#?}"
    );

    let hopeless = admin
        .job("jamaah", "b.csv", &jamaah_file(1, &[0], &package))
        .await?;
    admin.act(&hopeless, "start").await?.expect_status(200)?;
    let story = events.until("migration:completed").await?;
    let (_, end) = story.last().expect("ends with the expected event");
    ensure!(
        end["status"] == "failed" && end["error_message"].is_string(),
        "{end:#}"
    );
    Ok(())
}

async fn other_tenants_and_agents_get_no_events(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let agent = app.user("agen", "agent").await?;
    let foreigner = app.other_tenant().await?;
    let mut colleague = Events::connect(&owner).await?;
    let mut others = [
        Events::connect(&agent).await?,
        Events::connect(&foreigner).await?,
    ];

    let package = any_package(&admin).await?;
    let job = admin.people(3, &[], &package).await?;
    admin.import(&job).await?;
    colleague.until("migration:completed").await?;

    // Users who may see the events have received them. The first event of the others is one that they cause themselves.
    let file = b"nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas\nUmroh,9,25000000,2027-03-15,45\n";
    let own = foreigner.job("package", "b.csv", file).await?;
    foreigner.import(&own).await?;
    let (_, first) = others[1].next().await?;
    ensure!(first["job_id"] == own || first["id"] == own, "{first:#}");
    app.server.signal("TERM")?;
    others[0].closed().await?;
    Ok(())
}

async fn a_socket_needs_a_token(app: &mut App) -> Result<()> {
    let base = app.server.base.replacen("http", "ws", 1);
    for query in ["", "?token=", "?token=x.y.z", "?other=1"] {
        let refused = connect_async(format!("{base}/ws{query}")).await;
        let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) = refused else {
            anyhow::bail!("{query}: {refused:?}");
        };
        ensure!(answer.status() == 401, "{query}: {}", answer.status());
    }
    let token = app.admin().await?.token().to_owned();
    ensure!(
        !app.server.output().contains(&token),
        "the token is in the log"
    );
    Ok(())
}

async fn a_stopping_server_says_goodbye(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut events = Events::connect(&admin).await?;
    app.server.signal("TERM")?;
    let goodbye = events.closed().await?;
    ensure!(
        goodbye
            .as_ref()
            .is_some_and(|frame| u16::from(frame.code) == 1001),
        "{goodbye:?}"
    );
    Ok(())
}
