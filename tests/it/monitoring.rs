//! What the dashboard and the alert rules of `deploy/monitoring` ask for is what `/metrics` says.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::harness::{App, any_package, jamaah_file, on_both_engines, workspace};

on_both_engines! {
    every_query_of_the_dashboard_and_the_alerts_names_what_is_measured,
}

/// What no server of ours measures but Prometheus itself.
const OF_PROMETHEUS: [&str; 1] = ["up"];
/// Words of the query language.
const FUNCTIONS: [&str; 11] = [
    "by",
    "count",
    "histogram_quantile",
    "increase",
    "le",
    "max",
    "min",
    "rate",
    "revision",
    "sum",
    "version",
];

/// The expressions of all rules and panels.
fn queries() -> Result<Vec<String>> {
    let folder = workspace().join("deploy/monitoring");
    let rules = fs::read_to_string(folder.join("alerts.yml"))?;
    let mut queries: Vec<String> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: ").map(str::to_owned))
        .collect();
    let dashboard: Value = serde_json::from_slice(&fs::read(folder.join("dashboard.json"))?)?;
    for panel in dashboard["panels"].as_array().context("has panels")? {
        for target in panel["targets"].as_array().context("has queries")? {
            queries.push(target["expr"].as_str().context("is text")?.to_owned());
        }
    }
    ensure!(queries.len() >= 18, "{queries:?}");
    Ok(queries)
}

/// The names in a query that are metrics: neither words of the language nor anything in `{…}`, `[…]` or quotes.
fn metrics(query: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut depth = 0;
    let mut name = String::new();
    for letter in query.chars().chain([' ']) {
        match letter {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (letter.is_ascii_alphanumeric() || letter == '_') {
            name.push(letter);
        } else {
            let is_metric = name.starts_with(|first: char| first.is_ascii_alphabetic())
                && !FUNCTIONS.contains(&name.as_str())
                && name != "status";
            if is_metric {
                names.insert(std::mem::take(&mut name));
            }
            name.clear();
        }
    }
    names
}

async fn every_query_of_the_dashboard_and_the_alerts_names_what_is_measured(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let package = any_package(&admin).await?;
    let job = admin
        .job("jamaah", "a.csv", &jamaah_file(10, &[3], &package))
        .await?;
    admin.import(&job).await?;
    let said = admin.get("/metrics").await?.expect_status(200)?.text()?;
    let measured: BTreeSet<&str> = said
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    for query in queries()? {
        let named = metrics(&query);
        ensure!(!named.is_empty(), "{query} asks for nothing");
        for name in named {
            ensure!(
                measured.contains(name.as_str()) || OF_PROMETHEUS.contains(&name.as_str()),
                "{query}: /metrics does not say {name}:\n{said}"
            );
        }
    }
    ensure!(
        said.contains("hijrah_queue_jobs{state=\"waiting\"} 0"),
        "{said}"
    );
    ensure!(said.contains("hijrah_storage_ready 1"), "{said}");
    Ok(())
}
