//! What `/metrics` contains, who may read it, and that the dashboard and the alert rules of `deploy/monitoring` use nothing else.
#![expect(clippy::float_cmp, reason = "samples that count are whole numbers")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use promql_parser::label::{MatchOp, Matchers};
use promql_parser::parser::{self, Expr};
use promql_parser::util::{ExprVisitor, walk_expr};
use serde_json::Value;

use crate::harness::{App, Backend, Client, any_package, jamaah_file, on_both_engines, workspace};

const TOKEN: &str = "pemantau-7d1f0c2b9a";

on_both_engines! {
    every_query_of_the_dashboard_and_the_alerts_names_what_is_measured,
    imports_are_counted_by_type_and_outcome_and_no_label_is_an_id,
    a_storage_that_is_away_is_measured,
}
on_both_engines! { ["LEASE_SECONDS" = "5", "HIJRAH_FAULTS" = "1"] a_job_of_a_killed_worker_is_counted_as_taken_over }
on_both_engines! {
    ["METRICS_TOKEN" = crate::monitoring::TOKEN] the_token_is_asked_for
}
on_both_engines! {
    ["METRICS_ADDR" = "127.0.0.1:0"] metrics_with_a_separate_address_are_served_only_there
}

/// One series of a scrape: its labels and its value.
struct Series {
    labels: BTreeMap<String, String>,
    value: f64,
}

/// All series of a scrape by the name of their metric.
struct Scrape {
    text: String,
    series: BTreeMap<String, Vec<Series>>,
}

impl Scrape {
    async fn of(client: &Client) -> Result<Self> {
        Self::read(client.get("/metrics").await?.expect_status(200)?.text()?)
    }

    fn read(text: String) -> Result<Self> {
        let mut series: BTreeMap<String, Vec<Series>> = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((series_text, value)) = line.rsplit_once(' ') else {
                continue;
            };
            // A series is written like the query that selects it.
            let Ok(Expr::VectorSelector(selector)) = parser::parse(series_text) else {
                bail!("not a series: {line}");
            };
            let name = selector.name.context("has a name")?;
            let labels = selector.matchers.matchers.into_iter();
            series.entry(name).or_default().push(Series {
                labels: labels.map(|label| (label.name, label.value)).collect(),
                value: value.parse()?,
            });
        }
        Ok(Self { text, series })
    }

    /// The value of the one series with these labels.
    fn value(&self, name: &str, labels: &[(&str, &str)]) -> Result<f64> {
        let all = self.series.get(name);
        let all = all.with_context(|| format!("no {name} in\n{}", self.text))?;
        let mut found = all.iter().filter(|series| {
            labels
                .iter()
                .all(|(label, value)| series.labels.get(*label).is_some_and(|own| own == value))
        });
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one.value),
            _ => bail!("not one {name} with {labels:?} in\n{}", self.text),
        }
    }
}

/// The expressions of all rules and panels.
fn queries() -> Result<Vec<String>> {
    let folder = workspace().join("deploy/monitoring");
    let rules = fs::read_to_string(folder.join("alerts.yml"))?;
    let mut queries: Vec<String> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("expr: ").map(str::to_owned))
        .collect();
    let alerts = rules.matches("- alert: ").count();
    ensure!(
        alerts == queries.len(),
        "an expression is not on one line: {queries:?}"
    );
    let dashboard: Value = serde_json::from_slice(&fs::read(folder.join("dashboard.json"))?)?;
    for panel in dashboard["panels"].as_array().context("has panels")? {
        for target in panel["targets"].as_array().context("has queries")? {
            queries.push(target["expr"].as_str().context("is text")?.to_owned());
        }
    }
    ensure!(queries.len() >= 30, "{queries:?}");
    Ok(queries)
}

/// What a query selects, and the labels that it groups by.
#[derive(Default)]
struct Asked {
    selected: Vec<(String, Matchers)>,
    groups: BTreeSet<String>,
}

impl ExprVisitor for Asked {
    type Error = anyhow::Error;

    fn pre_visit(&mut self, expression: &Expr) -> Result<bool> {
        let selector = match expression {
            Expr::VectorSelector(selector) => selector,
            Expr::MatrixSelector(range) => &range.vs,
            Expr::Aggregate(aggregate) => {
                let modifier = aggregate.modifier.iter();
                self.groups
                    .extend(modifier.flat_map(|modifier| modifier.labels().labels.clone()));
                return Ok(true);
            }
            _ => return Ok(true),
        };
        let name = selector.name.clone().context("selects by name")?;
        self.selected.push((name, selector.matchers.clone()));
        Ok(true)
    }
}

/// What Prometheus itself adds: its own metric, and labels of the server that it has asked.
const OF_PROMETHEUS: &str = "up";
const LABELS_OF_PROMETHEUS: [&str; 2] = ["instance", "job"];

async fn every_query_of_the_dashboard_and_the_alerts_names_what_is_measured(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(10, &[3], &package).await?;
    admin.import(&job).await?;
    let scrape = Scrape::of(&admin).await?;
    for query in queries()? {
        let parsed = parser::parse(&query).map_err(|error| anyhow::anyhow!("{query}: {error}"))?;
        let mut asked = Asked::default();
        walk_expr(&mut asked, &parsed)?;
        ensure!(!asked.selected.is_empty(), "{query} selects no metric");
        let mut labels: BTreeSet<&str> = LABELS_OF_PROMETHEUS.into();
        for (name, matchers) in &asked.selected {
            if name == OF_PROMETHEUS {
                continue;
            }
            let series = scrape.series.get(name);
            let series =
                series.with_context(|| format!("{query}: no {name} in\n{}", scrape.text))?;
            let known = |label: &str| {
                LABELS_OF_PROMETHEUS.contains(&label)
                    || series.iter().any(|one| one.labels.contains_key(label))
            };
            for matcher in &matchers.matchers {
                ensure!(known(&matcher.name), "{query}: no label {}", matcher.name);
                let is_there = series
                    .iter()
                    .any(|one| one.labels.get(&matcher.name) == Some(&matcher.value));
                ensure!(
                    !matches!(matcher.op, MatchOp::Equal) || is_there,
                    "{query}: no {name} has {matcher}"
                );
            }
            labels.extend(
                series
                    .iter()
                    .flat_map(|one| one.labels.keys().map(String::as_str)),
            );
        }
        for group in &asked.groups {
            ensure!(labels.contains(group.as_str()), "{query}: no label {group}");
        }
    }
    // Each of our metrics has a description.
    for name in scrape.series.keys() {
        let stem = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| name.strip_suffix(suffix))
            .unwrap_or(name);
        let is_ours = name.starts_with("hijrah_") || name.starts_with("http_");
        ensure!(
            !is_ours || scrape.text.contains(&format!("# HELP {stem} ")),
            "{stem} is not explained"
        );
    }
    for (name, least) in [
        ("process_resident_memory_bytes", 1_000_000.0),
        ("process_open_fds", 3.0),
        ("process_start_time_seconds", 1.0e9),
        ("process_cpu_seconds_total", 0.0),
        ("hijrah_database_ready", 1.0),
        ("hijrah_storage_ready", 1.0),
        ("hijrah_build_info", 1.0),
    ] {
        ensure!(scrape.value(name, &[])? >= least, "{}", scrape.text);
    }
    ensure!(scrape.value("hijrah_pending_migrations", &[])? == 0.0);
    ensure!(scrape.value("hijrah_queue_jobs", &[("state", "waiting")])? == 0.0);
    let pool = [("pool", "app")];
    ensure!(scrape.value("hijrah_pool_connections_max", &pool)? >= 1.0);
    let owners = scrape.value("hijrah_pool_connections_max", &[("pool", "owner")]);
    let has_owner = app.settings().contains_key("DATABASE_OWNER_URL");
    ensure!(owners.is_ok() == has_owner, "{}", scrape.text);
    Ok(())
}

async fn imports_are_counted_by_type_and_outcome_and_no_label_is_an_id(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let count = async |outcome| {
        let labels = [("type", "jamaah"), ("outcome", outcome)];
        Scrape::of(&admin)
            .await?
            .value("hijrah_imports_total", &labels)
    };
    for outcome in ["completed", "failed", "cancelled", "rolled_back"] {
        ensure!(count(outcome).await? == 0.0, "{outcome}");
    }
    let package = any_package(&admin).await?;
    let job = admin.people(10, &[3], &package).await?;
    admin.import(&job).await?;
    ensure!(count("completed").await? == 1.0);
    let scrape = Scrape::of(&admin).await?;
    let rows = scrape.value("hijrah_imported_rows_total", &[("type", "jamaah")])?;
    ensure!(rows == 9.0, "{rows}");

    admin.roll_back(&job).await?;
    ensure!(count("rolled_back").await? == 1.0);

    // None of its rows can be imported.
    let job = admin
        .job("jamaah", "b.csv", &jamaah_file(2, &[0, 1], &package))
        .await?;
    admin.act(&job, "start").await?;
    admin
        .wait(&job, |status| status["status"] == "failed")
        .await?;
    ensure!(count("failed").await? == 1.0);
    ensure!(count("completed").await? == 1.0);

    let scrape = Scrape::of(&admin).await?;
    for series in scrape.series.values().flatten() {
        for value in series.labels.values() {
            ensure!(
                !value.contains('-') || value.starts_with('/') || value.contains('.'),
                "{value} looks like an id"
            );
            ensure!(!value.contains("admin") && !value.contains(&job), "{value}");
        }
    }
    Ok(())
}

async fn a_job_of_a_killed_worker_is_counted_as_taken_over(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    ensure!(
        Scrape::of(&admin)
            .await?
            .value("hijrah_takeovers_total", &[])?
            == 0.0
    );
    let package = any_package(&admin).await?;
    let job = admin
        .job("jamaah", "slow-a.csv", &jamaah_file(60_000, &[], &package))
        .await?;
    admin.act(&job, "start").await?;
    let is_at_work = |status: &Value| status["processed_rows"].as_u64() > Some(0);
    admin
        .wait(&job, |status| {
            status["status"] == "importing" && is_at_work(status)
        })
        .await?;
    app.restart()?;
    let admin = app.admin().await?;
    admin.finished(&job).await?;
    // A busy machine may let a second lease run out.
    let scrape = Scrape::of(&admin).await?;
    let takeovers = scrape.value("hijrah_takeovers_total", &[])?;
    ensure!(takeovers >= 1.0, "{}", scrape.text);
    Ok(())
}

async fn a_storage_that_is_away_is_measured(app: &mut App) -> Result<()> {
    let client = app.client();
    let probes = [("operation", "probe")];
    ensure!(
        Scrape::of(&client)
            .await?
            .value("hijrah_storage_failures_total", &probes)?
            == 0.0
    );
    fs::rename(app.uploads(), app.directory().join("data/away"))?;
    loop {
        // An answer of the storage is reused for a few seconds.
        let scrape = Scrape::of(&client).await?;
        if scrape.value("hijrah_storage_ready", &[])? == 0.0 {
            ensure!(scrape.value("hijrah_storage_failures_total", &probes)? >= 1.0);
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn the_token_is_asked_for(app: &mut App) -> Result<()> {
    let anonymous = app.client();
    let refused = anonymous.get("/metrics").await?;
    ensure!(
        refused.header("www-authenticate").starts_with("Bearer"),
        "{:?}",
        refused.headers
    );
    refused.expect_status(401)?;
    let admin = app.admin().await?;
    admin.get("/metrics").await?.expect_status(401)?;
    for wrong in [
        "pemantau-7d1f0c2b9",
        "pemantau-7d1f0c2b9aa",
        "PEMANTAU-7D1F0C2B9A",
    ] {
        let client = anonymous.with_token(wrong);
        let refused = client.get("/metrics").await?.expect_status(401)?;
        ensure!(!refused.text()?.contains(TOKEN));
    }
    Scrape::of(&anonymous.with_token(TOKEN)).await?;
    // The token is required for the metrics alone and gives access to nothing else.
    anonymous.get("/health/ready").await?.expect_status(200)?;
    anonymous
        .with_token(TOKEN)
        .get("/api/v1/auth/me")
        .await?
        .expect_status(401)?;
    Ok(())
}

async fn metrics_with_a_separate_address_are_served_only_there(app: &mut App) -> Result<()> {
    let client = app.client();
    client.get("/metrics").await?.expect_status(404)?;
    let output = app.server.output();
    let address = output
        .lines()
        .find_map(|line| line.strip_prefix("metrics on "))
        .and_then(|address| address.strip_suffix("/metrics"))
        .with_context(|| format!("says where the metrics are:\n{output}"))?;
    ensure!(address != client.base());
    let metrics = client.at(address);
    Scrape::of(&metrics).await?;
    for elsewhere in [
        "/",
        "/health/live",
        "/api/v1/auth/me",
        "/api/openapi.json",
        "/metrics/x",
    ] {
        metrics.get(elsewhere).await?.expect_status(404)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_short_token_and_an_address_without_a_port_are_refused() -> Result<()> {
    for (name, value) in [
        ("METRICS_TOKEN", "pemantau"),
        ("METRICS_ADDR", "127.0.0.7"),
        ("METRICS_ADDR", "localhost:9466"),
        ("METRICS_ADDR", ":9465"),
        ("OTLP_ENDPOINT", "127.0.0.1:4318"),
    ] {
        let refused = App::start(Backend::Sqlite, &[(name, value)]).await;
        let refused = refused.err().context("does not start")?.to_string();
        ensure!(
            refused.contains(name) && !refused.contains(value),
            "{refused}"
        );
    }
    Ok(())
}
