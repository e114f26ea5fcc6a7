//! The client class of the published document, copied letter by letter into `tests/node`, runs its whole flow: axios for the
//! requests, an unmodified `socket.io-client` for the events.

use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::harness::{App, jamaah_file, on_both_engines, workspace};

on_both_engines! { the_published_client_runs_its_whole_flow }

async fn the_published_client_runs_its_whole_flow(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = app.directory().join("jamaah-import.csv");
    std::fs::write(&file, jamaah_file(150, &[3, 10], &package))?;
    let folder = workspace().join("tests/node");
    ensure!(
        folder.join("node_modules").exists(),
        "run `npm ci` in tests/node first; ./scripts/test does"
    );

    let mut node = Command::new("node");
    node.arg("run.mjs")
        .arg(format!("{}/api/v1/onboarding", app.server.base))
        .args([admin.token(), "jamaah"])
        .arg(&file)
        .current_dir(folder)
        .stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || node.output()).await??;
    ensure!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stderr),
        String::from_utf8_lossy(&output.stdout)
    );
    let report: Value = serde_json::from_slice(&output.stdout)?;

    let job = report["uploaded"]["job_id"].as_str().context("no job_id")?;
    ensure!(report["uploaded"]["total_rows"] == 150, "{report:#}");
    ensure!(report["started"]["job_id"] == job, "{report:#}");
    let progress = report["progress"].as_array().context("progress")?;
    let percentages: Vec<_> = progress
        .iter()
        .map(|data| data["progress_percentage"].clone())
        .collect();
    ensure!(percentages == [67, 100], "{percentages:?}");
    ensure!(
        report["completion"]["imported"] == 148 && report["completion"]["failed"] == 2,
        "{:#}",
        report["completion"]
    );
    ensure!(
        report["status"]["status"] == "completed",
        "{:#}",
        report["status"]
    );
    ensure!(
        report["download"]["name"] == format!("errors-{job}.csv"),
        "{:#}",
        report["download"]
    );
    let report = report["download"]["text"].as_str().context("no report")?;
    ensure!(
        report.contains(
            "\r\n5,invalid_format,email,Email tidak valid: orang3@contoh,orang3@contoh\r\n"
        ),
        "{report}"
    );
    Ok(())
}
