//! Liveness, readiness and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, get, web};
use secrecy::ExposeSecret;
use serde::Serialize;
use serde_json::json;
use services::Services;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use crate::admission::bearer;
use crate::config::HttpConfig;
use crate::error::ApiError;
use crate::error_body::ErrorBody;
use crate::metrics::Metrics;

/// A load balancer asks every few seconds and must not wait for a database that hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the server is stopping. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draining(Arc<AtomicBool>);

impl Draining {
    pub(crate) fn begin(&self) {
        self.0.store(true, Ordering::Release);
    }

    fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// The answer of a healthy server.
#[derive(Serialize, ToSchema)]
pub(crate) struct Health {
    #[schema(value_type = String, example = "ok")]
    status: &'static str,
}

const OK: Health = Health { status: "ok" };

/// Whether the process runs. Does not ask the database.
#[utoipa::path(
    tag = "Health",
    responses((status = 200, description = "The process runs.", body = Health)),
    security(()),
)]
#[get("/health/live")]
pub(crate) async fn get_liveness() -> web::Json<Health> {
    web::Json(OK)
}

/// Whether the server accepts requests: its database and storage answer, the schema is the one that the code needs, its folder of
/// uploads is that of the other servers on this database, and it is not stopping.
#[utoipa::path(
    tag = "Health",
    responses(
        (status = 200, description = "Send requests.", body = Health),
        (status = 503, description = "Send none; `details.checks` says why.", body = ErrorBody),
    ),
    security(()),
)]
#[get("/health/ready")]
pub(crate) async fn get_readiness(
    services: web::Data<Services>,
    draining: web::Data<Draining>,
) -> Result<web::Json<Health>, ApiError> {
    let is_draining = draining.has_begun();
    let database = tokio::time::timeout(PATIENCE, services.is_ready());
    let (database, answers) = tokio::join!(database, services.storage_is_ready());
    let (database, schema) = match database {
        Ok(Ok(at_head)) => (true, at_head),
        Ok(Err(_)) | Err(_) => (false, false),
    };
    // Only a folder that is certainly a different one counts: a storage that does not answer has its own error.
    let is_own = !schema
        || !matches!(
            tokio::time::timeout(PATIENCE, services.has_own_storage()).await,
            Ok(Ok(false))
        );
    let storage = answers && is_own;
    if database && schema && storage && !is_draining {
        Ok(web::Json(OK))
    } else {
        let checks = json!({
            "database": database,
            "schema": schema,
            "storage": storage,
            "draining": is_draining,
        });
        Err(ApiError::NotReady { checks })
    }
}

/// Counters, gauges and histograms in the text format of Prometheus. With `METRICS_TOKEN` they need it as a bearer token; with
/// `METRICS_ADDR` they are served on that address alone, and here is nothing.
#[utoipa::path(
    tag = "Health",
    responses(
        (status = 200, description = "The metrics.", body = String, content_type = "text/plain", example = "# TYPE hijrah_storage_failures_total counter\nhijrah_storage_failures_total{operation=\"write\"} 0\n"),
        (status = 401, description = "They need the token of the scraper.", body = ErrorBody),
        (status = 404, description = "They have an address of their own.", body = ErrorBody),
    ),
    security(()),
)]
#[get("/metrics")]
pub(crate) async fn get_metrics(
    request: HttpRequest,
    services: web::Data<Services>,
    metrics: web::Data<Metrics>,
    config: web::Data<HttpConfig>,
) -> Result<HttpResponse, ApiError> {
    if config.metrics_are_apart {
        return Err(ApiError::UnknownRoute);
    }
    get_metrics_apart(request, services, metrics, config).await
}

/// The same on their separate address.
pub(crate) async fn get_metrics_apart(
    request: HttpRequest,
    services: web::Data<Services>,
    metrics: web::Data<Metrics>,
    config: web::Data<HttpConfig>,
) -> Result<HttpResponse, ApiError> {
    if let Some(token) = &config.metrics_token
        && !bearer(request.headers()).is_some_and(|sent| is_same(sent, token.expose_secret()))
    {
        return Err(ApiError::Unauthorized);
    }
    // If the database does not answer, the other metrics are still returned.
    let _ = tokio::time::timeout(PATIENCE, services.observe()).await;
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(metrics.render()))
}

/// Compares digests, whose bytes reveal nothing about the token: the duration of the comparison does not help to guess it.
fn is_same(sent: &str, token: &str) -> bool {
    Sha256::digest(sent) == Sha256::digest(token)
}
