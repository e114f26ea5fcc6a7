//! The documentation pages: the OpenAPI document and Swagger UI from the binary, under a policy that allows nothing else.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{Error, HttpResponse, Scope};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

const DOCUMENT: &str = "/api/openapi.json";

/// Scripts and pictures of this server alone. Swagger UI sets styles from its scripts and draws pictures as `data:`.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The document, rendered once for all workers.
#[derive(Clone)]
pub(crate) struct Rendered(Bytes);

impl Rendered {
    pub(crate) fn of(document: &OpenApi) -> Result<Self, serde_json::Error> {
        Ok(Self(serde_json::to_vec(document)?.into()))
    }
}

async fn get_document(document: web::Data<Rendered>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(document.0.clone())
}

async fn redirect_to_pages() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "/api/docs/"))
        .finish()
}

/// Puts the pages on their paths.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let pages = SwaggerUi::new("/{_:.*}").config(Config::new([Url::from(DOCUMENT)]));
    config
        .route(DOCUMENT, web::get().to(get_document))
        .route("/api/docs", web::get().to(redirect_to_pages))
        .service(
            Scope::new("/api/docs")
                .wrap(from_fn(open_for_pages))
                .service(pages),
        );
}

async fn open_for_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    Ok(response)
}
