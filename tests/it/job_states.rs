//! Every state of a job × every action, over HTTP: the table of the contract.

use anyhow::{Context, Result, ensure};

use crate::harness::{App, Client, JOBS, jamaah_file_from, on_both_engines};

// Without a worker of its own a server leaves jobs in the state that a request put them into; a second server with workers
// brings them as far as the case needs.
on_both_engines! {
    ["WORKER_CONCURRENCY" = "0", "MAX_CONCURRENT_IMPORTS" = "1000"]
    every_action_in_every_state_does_what_the_table_says,
    an_action_that_is_refused_changes_nothing,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Pending,
    Validated,
    NothingValid,
    Validating,
    ValidatingThenImporting,
    Importing,
    Completed,
    CompletedLongAgo,
    Failed,
    RolledBack,
}

/// Action, status of the answer, code of a refusal (or the status word the job then has).
type Row = (&'static str, u16, &'static str);

use State::*;

const TABLE: &[(State, [Row; 5])] = &[
    (
        Pending,
        [
            ("validate", 200, "validating"),
            ("start", 200, "validating"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "failed"),
        ],
    ),
    (
        Validated,
        [
            ("validate", 200, "validating"),
            ("start", 200, "importing"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "failed"),
        ],
    ),
    (
        NothingValid,
        [
            ("validate", 200, "validating"),
            ("start", 400, "nothing_to_import"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "failed"),
        ],
    ),
    (
        Validating,
        [
            ("validate", 200, "validating"),
            ("start", 200, "validating"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "pending"),
        ],
    ),
    (
        ValidatingThenImporting,
        [
            ("validate", 200, "validating"),
            ("start", 200, "validating"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "pending"),
        ],
    ),
    (
        Importing,
        [
            ("validate", 400, "invalid_state"),
            ("start", 400, "invalid_state"),
            ("rollback", 400, "invalid_state"),
            ("delete", 400, "not_finished"),
            ("cancel", 200, "importing"),
        ],
    ),
    (
        Completed,
        [
            ("validate", 400, "invalid_state"),
            ("start", 400, "invalid_state"),
            ("rollback", 200, "rolled_back"),
            ("delete", 200, ""),
            ("cancel", 400, "invalid_state"),
        ],
    ),
    (
        CompletedLongAgo,
        [
            ("validate", 400, "invalid_state"),
            ("start", 400, "invalid_state"),
            ("rollback", 400, "rollback_expired"),
            ("delete", 200, ""),
            ("cancel", 400, "invalid_state"),
        ],
    ),
    (
        Failed,
        [
            ("validate", 200, "validating"),
            ("start", 400, "nothing_to_import"),
            ("rollback", 200, "rolled_back"),
            ("delete", 200, ""),
            ("cancel", 400, "invalid_state"),
        ],
    ),
    (
        RolledBack,
        [
            ("validate", 400, "invalid_state"),
            ("start", 400, "invalid_state"),
            ("rollback", 400, "invalid_state"),
            ("delete", 200, ""),
            ("cancel", 400, "invalid_state"),
        ],
    ),
];

async fn every_action_in_every_state_does_what_the_table_says(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut jobs = Vec::new();
    {
        let mut workers = app.another_server(&[("WORKER_CONCURRENCY", "2")])?;
        for (state, rows) in TABLE {
            for row in rows {
                let job = bring_to_worked_state(&admin, *state, jobs.len(), &package).await?;
                jobs.push((*state, *row, job));
            }
        }
        workers.kill()?;
    }
    app.execute(&long_ago(app, &jobs)).await?;

    let mut wrong = Vec::new();
    for (state, (action, status, expected), job) in jobs {
        leave_unworked(&admin, state, &job).await?;
        let reply = match action {
            "delete" => admin.delete(&format!("{JOBS}/{job}")).await?,
            action => admin.act(&job, action).await?,
        };
        let body = reply.json()?;
        let fits = reply.status == status
            && if status == 400 {
                body["code"] == expected
            } else if expected.is_empty() {
                admin.get(&format!("{JOBS}/{job}/status")).await?.status == 404
            } else {
                admin.status(&job).await?["status"] == expected
            };
        if !fits {
            wrong.push(format!(
                "{state:?} × {action}: expected {status} {expected}, got {} {body}",
                reply.status
            ));
        }
    }
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

async fn an_action_that_is_refused_changes_nothing(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "a.csv", &jamaah_file_from(0, 2, &[], &package))
        .await?;
    let before = admin.status(&job).await?;
    admin.act(&job, "rollback").await?.expect_status(400)?;
    admin
        .delete(&format!("{JOBS}/{job}"))
        .await?
        .expect_status(400)?;
    ensure!(admin.status(&job).await? == before);
    // The four actions take no body and ignore one.
    let reply = admin
        .post_json(
            &format!("{JOBS}/{job}/validate"),
            &serde_json::json!({"any": 1}),
        )
        .await?;
    reply.expect_status(200)?;
    Ok(())
}

/// Brings the job as far as workers are needed for the state.
async fn bring_to_worked_state(
    admin: &Client,
    state: State,
    number: usize,
    package: &str,
) -> Result<String> {
    let broken: &[usize] = if matches!(state, NothingValid | Failed) {
        &[0, 1]
    } else {
        &[]
    };
    let file = jamaah_file_from(number * 10, 2, broken, package);
    let job = admin.job("jamaah", "data.csv", &file).await?;
    match state {
        Pending | Validating | ValidatingThenImporting => {}
        Validated | NothingValid | Importing => {
            admin.validate(&job).await?;
        }
        Completed | CompletedLongAgo => {
            let done = admin.import(&job).await?;
            ensure!(done["status"] == "completed", "{done:#}");
        }
        Failed => {
            let done = admin.import(&job).await?;
            ensure!(done["status"] == "failed", "{done:#}");
        }
        RolledBack => {
            admin.import(&job).await?;
            admin.roll_back(&job).await?;
        }
    }
    Ok(job)
}

/// The states that last only without a worker.
async fn leave_unworked(admin: &Client, state: State, job: &str) -> Result<()> {
    let (action, word) = match state {
        Validating => ("validate", "validating"),
        ValidatingThenImporting => ("start", "validating"),
        Importing => ("start", "importing"),
        _ => return Ok(()),
    };
    admin.act(job, action).await?.expect_status(200)?;
    let status = admin.status(job).await?;
    ensure!(status["status"] == word, "{status:#}");
    Ok(())
}

/// Statements after which jobs ended a little more than 24 hours ago.
fn long_ago(app: &App, jobs: &[(State, Row, String)]) -> String {
    let (past, id): (&str, fn(&str) -> String) = match app.backend {
        crate::harness::Backend::Postgres => {
            ("completed_at - interval '24 hours 1 minute'", |job| {
                format!("'{job}'")
            })
        }
        crate::harness::Backend::Sqlite => (
            "strftime('%Y-%m-%d %H:%M:%f', completed_at, '-24 hours', '-1 minute')",
            |job| format!("x'{}'", job.replace('-', "")),
        ),
    };
    let ids: Vec<String> = jobs
        .iter()
        .filter(|(state, ..)| *state == CompletedLongAgo)
        .map(|(_, _, job)| id(job))
        .collect();
    format!(
        "UPDATE migration_jobs SET completed_at = {past} WHERE id IN ({})",
        ids.join(", ")
    )
}

/// Checks that the table is complete.
#[test]
fn the_table_has_every_state_and_every_action() -> Result<()> {
    for (state, rows) in TABLE {
        let actions: Vec<&str> = rows.iter().map(|row| row.0).collect();
        ensure!(
            actions == ["validate", "start", "rollback", "delete", "cancel"],
            "{state:?}: {actions:?}"
        );
    }
    let published = [
        "Pending",
        "Validating",
        "Importing",
        "Completed",
        "Failed",
        "RolledBack",
    ];
    for status in published {
        let found = TABLE
            .iter()
            .any(|(state, _)| format!("{state:?}") == status);
        found
            .then_some(())
            .with_context(|| format!("{status} has no row"))?;
    }
    Ok(())
}
