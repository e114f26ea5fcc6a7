//! Traces for a collector of OpenTelemetry: the spans that the log lines stand in, sent by OTLP over HTTP.
//!
//! Spans pass the same filters as lines, and what looks like a token is removed from their texts as it is from lines.

use std::time::Duration;

use anyhow::{Context, Result};
use opentelemetry::trace::TracerProvider;
use opentelemetry::{KeyValue, StringValue, Value};
use opentelemetry_otlp::WithExportConfig;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::scrub::scrub;

/// How long a collector may take for a batch. A separate thread sends to it: requests never wait for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the end of the process waits for the last batch.
const FAREWELL: Duration = Duration::from_secs(2);

/// The connection to a collector. Unsent spans are sent when it is dropped.
pub(crate) struct Traces(SdkTracerProvider);

impl Traces {
    /// Prepares the connection to the collector at `endpoint`, `http://host:4318`, which need not answer yet.
    pub(crate) fn to(endpoint: &str) -> Result<Self> {
        // The storage's client uses the same one; whichever comes first installs it.
        drop(rustls::crypto::ring::default_provider().install_default());
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
            .with_timeout(PATIENCE)
            .build()
            .context("could not prepare traces (OTLP_ENDPOINT)")?;
        let resource = Resource::builder_empty()
            .with_attributes([
                KeyValue::new("service.name", "hijrah"),
                KeyValue::new("service.version", env!("CARGO_PKG_VERSION")),
            ])
            .build();
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_batch_exporter(Scrubbed(exporter))
            .build();
        Ok(Self(provider))
    }

    /// The layer that receives the spans of the process.
    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("hijrah"))
    }
}

impl Drop for Traces {
    fn drop(&mut self) {
        // That the collector does not answer has been reported already, and there is no remedy at this point.
        let _ = self.0.shutdown_with_timeout(FAREWELL);
    }
}

/// Sends spans without what looks like a token in them.
#[derive(Debug)]
struct Scrubbed<E>(E);

impl<E: SpanExporter> SpanExporter for Scrubbed<E> {
    async fn export(&self, mut spans: Vec<SpanData>) -> OTelSdkResult {
        for span in &mut spans {
            span.name = scrub(&span.name).into_owned().into();
            clean(&mut span.attributes);
            for event in &mut span.events.events {
                event.name = scrub(&event.name).into_owned().into();
                clean(&mut event.attributes);
            }
        }
        self.0.export(spans).await
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

fn clean(attributes: &mut [KeyValue]) {
    for attribute in attributes {
        if let Value::String(text) = &attribute.value {
            let scrubbed: StringValue = scrub(text.as_str()).into_owned().into();
            attribute.value = Value::String(scrubbed);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::TcpListener;

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    /// Takes one request and answers 200: its path, and its body, of whose Protobuf only the texts matter here.
    fn collect_one(listener: &TcpListener) -> (String, Vec<u8>) {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            lines.push(line.to_ascii_lowercase());
        }
        let length = lines
            .iter()
            .find_map(|line| line.strip_prefix("content-length:"))
            .unwrap();
        let mut body = vec![0; length.trim().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        reader.get_mut().write_all(answer).unwrap();
        (lines[0].clone(), body)
    }

    #[test]
    fn a_collector_gets_the_spans_and_no_token() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}/", listener.local_addr().unwrap());
        let collector = std::thread::spawn(move || collect_one(&listener));
        let traces = Traces::to(&endpoint).unwrap();
        let subscriber = tracing_subscriber::registry().with(traces.layer());
        tracing::subscriber::with_default(subscriber, || {
            let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJoaWpyYWgifQ.c2lnbmF0dXJl";
            let path = format!("/ws/{token}");
            tracing::info_span!("request", http.path = %path).in_scope(|| {
                tracing::info!(job.id = "0193", "claimed {token}");
            });
        });
        drop(traces);
        let (request, body) = collector.join().unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(request.starts_with("post /v1/traces "), "{request}");
        for expected in [
            "request",
            "http.path",
            "/ws/[token]",
            "claimed [token]",
            "hijrah",
        ] {
            assert!(body.contains(expected), "{expected}: {body}");
        }
        assert!(!body.contains("eyJ"), "{body}");
    }
}
