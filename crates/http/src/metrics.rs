//! The recorder of the process's metrics. They are counted where the events happen, through the `metrics` macros.

use std::time::Duration;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use metrics_process::Collector;

use crate::observe;

/// Upper ends of the latency buckets in seconds: from a cached read to a large upload.
const LATENCIES: [f64; 11] = [
    0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0, 60.0,
];

/// How often what was recorded is folded into the histograms, so that it does not pile up without a scraper.
const UPKEEP: Duration = Duration::from_secs(5);

/// Renders what the process has counted. Cheap to clone.
#[derive(Clone)]
pub struct Metrics {
    recorded: PrometheusHandle,
    process: Collector,
}

impl Metrics {
    /// Installs this recorder for the process. Call once, within a Tokio runtime.
    ///
    /// # Errors
    /// When the process has a recorder already.
    pub fn install() -> Result<Self, BuildError> {
        let handle = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &LATENCIES)?
            .install_recorder()?;
        let upkeep = handle.clone();
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(UPKEEP);
            loop {
                ticks.tick().await;
                upkeep.run_upkeep();
            }
        });
        let process = Collector::default();
        process.describe();
        observe::describe();
        Ok(Self {
            recorded: handle,
            process,
        })
    }

    /// Sets the metric that describes this build.
    pub fn describe_build(&self, version: &'static str, revision: &'static str) {
        metrics::describe_gauge!(
            "hijrah_build_info",
            "Always 1; the labels say which build this is."
        );
        metrics::gauge!("hijrah_build_info", "version" => version, "revision" => revision).set(1.0);
    }

    /// Everything, with the memory, the processor time and the files of the process at this moment.
    pub(crate) fn render(&self) -> String {
        self.process.collect();
        self.recorded.render()
    }
}
