//! A job whose row was damaged, by a person or a disk: it is shown as failed with the part that can be read, and can be deleted.

use anyhow::{Context, Result, ensure};

use crate::harness::{App, Backend, JOBS, jamaah_file_from, on_both_engines};

on_both_engines! {
    a_damaged_job_is_shown_as_failed_and_can_be_deleted,
    the_readable_part_of_a_damaged_job_is_shown,
}

/// Assignments that make a row of `migration_jobs` unreadable, each in another way.
fn damages(backend: Backend) -> Vec<&'static str> {
    let mut damages = vec![
        "metadata = '[]'",
        "metadata = '{}'",
        "metadata = 'null'",
        r#"metadata = '{"fileName": 5, "columns": {"nama": 1}, "encoding": null}'"#,
        r#"checkpoint = '"di sini"'"#,
        r#"checkpoint = '{"last_row": -1}'"#,
    ];
    damages.extend(match backend {
        Backend::Postgres => ["started_at = 'infinity'", "updated_at = '-infinity'"],
        Backend::Sqlite => ["metadata = 'bukan json'", "updated_at = 'kemarin'"],
    });
    damages
}

async fn damage(app: &App, job: &str, assignment: &str) -> Result<()> {
    let id = app.direct().await?.uuid(job)?;
    app.execute(&format!(
        "UPDATE migration_jobs SET {assignment} WHERE id = {id}"
    ))
    .await
}

async fn a_damaged_job_is_shown_as_failed_and_can_be_deleted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    for (number, assignment) in damages(app.backend).into_iter().enumerate() {
        for is_imported in [false, true] {
            let first = number * 100 + usize::from(is_imported) * 50;
            let file = jamaah_file_from(first, 3, &[1], &package);
            let job = admin.job("jamaah", "rusak.csv", &file).await?;
            if is_imported {
                admin.import(&job).await?;
            }
            let rows = app.number("SELECT count(*) FROM jamaah").await?;
            damage(app, &job, assignment).await?;

            let status = admin.status(&job).await.context(assignment)?;
            ensure!(
                status["status"] == "failed" && status["file_name"] == "rusak.csv",
                "{assignment}: {status:#}"
            );
            let message = status["error_message"].as_str().unwrap_or_default();
            ensure!(message.contains("rusak"), "{assignment}: {status:#}");
            let list = admin.get_json(JOBS).await?;
            ensure!(
                list["total"] == 1 && list["data"][0]["id"] == job.as_str(),
                "{assignment}: {list:#}"
            );
            for action in ["validate", "start"] {
                let answer = admin.act(&job, action).await?;
                answer.expect_status(400).context(assignment)?;
            }
            for report in ["errors", "errors?format=json", "failed-rows"] {
                let path = format!("{JOBS}/{job}/{report}");
                let answer = admin.get(&path).await?;
                answer.expect_status(200).context(assignment)?;
            }
            let anonymous = app.client();
            anonymous
                .get(&format!("{JOBS}/{job}/status"))
                .await?
                .expect_status(401)?;

            let gone = admin.delete(&format!("{JOBS}/{job}")).await?;
            gone.expect_status(200).context(assignment)?;
            ensure!(app.number("SELECT count(*) FROM migration_jobs").await? == 0);
            ensure!(
                app.number("SELECT count(*) FROM jamaah").await? == rows,
                "{assignment}: the imported rows stay"
            );
            ensure!(app.stored_files()? == 0, "{assignment}: the file stays");
        }
    }
    Ok(())
}

async fn the_readable_part_of_a_damaged_job_is_shown(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file_from(0, 3, &[1], &package);
    let job = admin.job("jamaah", "rusak.csv", &file).await?;
    let done = admin.import(&job).await?;
    let metadata = r#"{"encoding": 5, "delimiter": ";", "columns": ["nama", "email"], "lain": {}}"#;
    damage(app, &job, &format!("metadata = '{metadata}'")).await?;
    let status = admin.status(&job).await?;
    for key in ["total_rows", "imported_rows", "created_at", "completed_at"] {
        ensure!(status[key] == done[key], "{key}: {status:#}");
    }
    let metadata = &status["metadata"];
    ensure!(
        metadata["delimiter"] == ";"
            && metadata["columns"][1] == "email"
            && metadata["encoding"] == "",
        "{metadata:#}"
    );
    ensure!(admin.errors(&job).await?.len() == 1);
    // What the import stored can still be rolled back.
    admin.roll_back(&job).await?;
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 0);
    Ok(())
}
