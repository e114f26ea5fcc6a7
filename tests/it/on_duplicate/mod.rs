//! Rows whose record the tenant has already: errors as ever, passed over, or changes of the record, as the upload or the draft says.

mod choice;
mod skipping;
mod undoing;
mod updating;

use anyhow::{Context, Result};
use reqwest::multipart::Form;
use serde_json::Value;

use crate::harness::{Client, JOBS};

/// Uploads a file of a type with a choice, and returns the id of its job.
async fn job(client: &Client, import_type: &str, on_duplicate: &str, file: &str) -> Result<String> {
    let form = Form::new()
        .text("import_type", import_type.to_owned())
        .text("on_duplicate", on_duplicate.to_owned());
    let reply = client
        .upload_form(form, "data.csv", file.as_bytes())
        .await?
        .expect_status(200)?
        .json()?;
    Ok(reply["job_id"].as_str().context("job_id")?.to_owned())
}

/// Validates a job and imports it; its plan, and its status in the end.
async fn run(client: &Client, job: &str) -> Result<(Value, Value)> {
    let plan = client.validate(job).await?["plan"].clone();
    Ok((plan, client.import(job).await?))
}

/// Rows that were created, changed, passed over, and refused.
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

/// Changes a draft.
async fn change(client: &Client, job: &str, body: Value) -> Result<Value> {
    let reply = client.patch_json(&format!("{JOBS}/{job}"), &body).await?;
    reply.expect_status(200)?.json()
}
