//! The parts of the OpenAPI document that the routes do not declare themselves, and the answers that every route may give.

use serde_json::{Map, Value};
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use crate::error_body::ErrorBody;
use crate::words;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Hijrah",
        description = "Imports the spreadsheets of umroh agencies: pilgrims, payments, packages.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/")),
    components(schemas(
        ErrorBody,
        words::Delimiter,
        words::ErrorFormat,
        words::ErrorType,
        words::ImportType,
        words::JobStatus,
        words::ReportFormat,
        words::SortOrder,
    )),
    security(("bearer" = [])),
    modifiers(&Bearer),
    tags(
        (name = "Authentication", description = "Login, refresh, logout."),
        (name = "Imports", description = "The import jobs and their reports."),
        (name = "Events", description = "Live progress over WebSocket; `/socket.io/` serves the same to socket.io-client 4."),
        (name = "Packages", description = "Travel packages."),
        (name = "Jamaah", description = "Pilgrims."),
        (name = "Payments", description = "Payments of pilgrims."),
        (name = "Tenant", description = "The caller's own agency."),
        (name = "API keys", description = "Keys of machines, for `Authorization: Bearer hjr_…`."),
        (name = "Webhooks", description = "Receivers of the ends of imports, signed as Standard Webhooks; `docs/webhooks.md` has the messages."),
        (name = "Activity", description = "Who did what."),
        (name = "Users", description = "Accounts of the tenant."),
        (name = "Health", description = "For load balancers and monitoring."),
    ),
)]
struct Document;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.bearer_format = Some("JWT".to_owned());
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// The document without its routes.
pub(crate) fn frame() -> OpenApi {
    Document::openapi()
}

/// Whole answers, by the names of their schemas: those about one import are of a file of four packages, two of which are there already.
pub(crate) const EXAMPLES: &str = include_str!("openapi_examples.json");

/// Adds to every operation the answers that do not depend on what it does, and to answers an example.
pub(crate) fn complete(document: &mut OpenApi) {
    add_examples(document);
    for (path, item) in &mut document.paths.paths {
        let has_id = path.contains('{');
        let is_guarded = path.starts_with("/api/v1/");
        for (operation, has_body) in operations(item) {
            if is_guarded {
                let is_open = operation.security.is_some();
                add_common(operation, is_open, has_id, has_body);
            }
        }
    }
}

fn add_examples(document: &mut OpenApi) {
    let schemas = &mut document.components.get_or_insert_default().schemas;
    // A test reads the examples, so there is nothing to report here.
    let examples: Map<String, Value> = serde_json::from_str(EXAMPLES).unwrap_or_default();
    for (name, example) in examples {
        match schemas.get_mut(&name) {
            Some(RefOr::T(Schema::Object(schema))) => schema.example = Some(example),
            Some(RefOr::T(Schema::AllOf(schema))) => schema.example = Some(example),
            _ => {}
        }
    }
}

/// The operations of a path, each with whether it takes a JSON body.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    [
        &mut item.get,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
    ]
    .into_iter()
    .filter_map(Option::as_mut)
    .map(|operation| {
        let has_json = operation
            .request_body
            .as_ref()
            .is_some_and(|body| match body {
                RefOr::T(body) => body.content.contains_key("application/json"),
                RefOr::Ref(_) => true,
            });
        (operation, has_json)
    })
}

fn add_common(operation: &mut Operation, is_open: bool, has_id: bool, has_json: bool) {
    add(
        operation,
        "400",
        "A parameter or the body is not as documented.",
    );
    if !is_open {
        add(operation, "401", "No good token, or the session is over.");
        add(operation, "403", "The role may not do this.");
    }
    if has_id {
        add(operation, "404", "Not there, or someone else's.");
    }
    if has_json {
        add(operation, "408", "The body did not arrive in time.");
        add(operation, "413", "The body is too large.");
        add(operation, "415", "The body is not application/json.");
    }
    add(
        operation,
        "429",
        "More requests than allowed; `Retry-After` says when to try again.",
    );
    add(operation, "500", "The server failed.");
    add(operation, "503", "The database or the storage is away.");
}

fn add(operation: &mut Operation, status: &str, description: &str) {
    let response = error_response(description);
    operation
        .responses
        .responses
        .entry(status.to_owned())
        .or_insert(RefOr::T(response));
}

fn error_response(description: &str) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content(
            "application/json",
            Content::new(Some(RefOr::Ref(Ref::from_schema_name("ErrorBody")))),
        )
        .build()
}
