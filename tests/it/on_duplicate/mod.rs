//! Rows whose record exists already are errors, are skipped, or change the record, as the upload or the draft says.

mod choice;
mod skipping;
mod undoing;
mod updating;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::harness::Client;

/// Uploads a file of a type with a choice, and returns the id of its job.
async fn job(client: &Client, import_type: &str, on_duplicate: &str, file: &str) -> Result<String> {
    let choice = [("on_duplicate", on_duplicate)];
    let reply = client.upload_with(import_type, &choice, "data.csv", file.as_bytes());
    reply.await?.job()
}

/// Validates a job and imports it; its plan, and its status in the end.
async fn run(client: &Client, job: &str) -> Result<(Value, Value)> {
    let plan = client.validate(job).await?["plan"].clone();
    Ok((plan, client.import(job).await?))
}

/// The same for a job whose plan and whose outcome both have these counts.
async fn as_planned(client: &Client, job: &str, expected: [u64; 4]) -> Result<()> {
    let (plan, status) = run(client, job).await?;
    ensure!(
        planned(&plan) == expected && counts(&status) == expected,
        "{plan:#} {status:#}"
    );
    Ok(())
}

/// Rows that were created, changed, skipped, and refused.
fn counts(status: &Value) -> [u64; 4] {
    [
        "created_rows",
        "updated_rows",
        "skipped_rows",
        "failed_rows",
    ]
    .map(|name| status[name].as_u64().unwrap_or(u64::MAX))
}

/// The same of a plan.
fn planned(plan: &Value) -> [u64; 4] {
    ["create_rows", "update_rows", "skip_rows", "problem_rows"]
        .map(|name| plan[name].as_u64().unwrap_or(u64::MAX))
}
