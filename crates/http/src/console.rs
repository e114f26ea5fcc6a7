//! The web console: its one page under every address of `/console`, and its files under their version. The policy allows only
//! this server's files, and no script may create markup from text.

use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use console::Pages;

use crate::config::ConsolePages;
use crate::error::ApiError;

/// The paths that answer GET under `/console`, so that another method gets 405.
pub(crate) const PATHS: [&str; 2] = ["/console", "/console/{page:.*}"];

const PAGE: &str = "text/html";

/// Scripts, styles and pictures of this server alone, none inline, and no text of a file ever becomes markup: `trusted-types
/// 'none'` takes the means from the scripts themselves.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// Files may be cached for ever, because each version has its own address.
const FOREVER: &str = "public, max-age=31536000, immutable";

/// Puts the console on its paths, and a browser that asks for `/` on the way there.
pub(crate) fn configure(app: &mut ServiceConfig, pages: &ConsolePages) {
    let pages = match pages {
        ConsolePages::Off => return,
        ConsolePages::Embedded => Pages::Embedded,
        ConsolePages::Folder(folder) => Pages::Folder(folder.clone()),
    };
    app.app_data(web::Data::new(pages))
        .route("/", web::get().to(redirect_browser))
        .route("/console", web::get().to(get_page))
        .route(
            "/console/assets/{version}/{path:.*}",
            web::get().to(get_asset),
        )
        .route("/console/{page:.*}", web::get().to(get_page));
}

async fn redirect_browser(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    if !wants_page(&request) {
        return Err(ApiError::UnknownRoute);
    }
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, "/console/"))
        .insert_header((header::VARY, header::ACCEPT.as_str()))
        .finish())
}

/// The page reads its address itself. Programs that ask for something below `/console/` have lost their way; at the console's own
/// address a client that accepts anything gets the page.
async fn get_page(request: HttpRequest, pages: web::Data<Pages>) -> Result<HttpResponse, ApiError> {
    let at_home = matches!(request.path(), "/console" | "/console/") && takes_anything(&request);
    if !wants_page(&request) && !at_home {
        return Err(ApiError::UnknownRoute);
    }
    let page = pages.index().ok_or(ApiError::UnknownRoute)?;
    let tag = format!("\"{}\"", pages.version());
    let is_known = pages.are_fixed()
        && lists(&request, &header::IF_NONE_MATCH, |known| {
            known == "*" || known.trim_start_matches("W/") == tag
        });
    let mut answer = if is_known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    protect(&mut answer);
    answer
        .insert_header((
            header::CACHE_CONTROL,
            if pages.are_fixed() {
                "no-cache"
            } else {
                "no-store"
            },
        ))
        .insert_header((header::ETAG, tag))
        .insert_header((header::VARY, "Accept, Accept-Encoding"));
    if is_known {
        return Ok(answer.finish());
    }
    Ok(content(&request, &mut answer, &page))
}

async fn get_asset(
    request: HttpRequest,
    address: web::Path<(String, String)>,
    pages: web::Data<Pages>,
) -> Result<HttpResponse, ApiError> {
    let (version, path) = address.into_inner();
    let asset = (version == pages.version())
        .then(|| pages.asset(&path))
        .flatten()
        .ok_or(ApiError::UnknownRoute)?;
    let mut answer = HttpResponse::Ok();
    protect(&mut answer);
    answer
        .insert_header((
            header::CACHE_CONTROL,
            if pages.are_fixed() {
                FOREVER
            } else {
                "no-store"
            },
        ))
        .insert_header((header::VARY, header::ACCEPT_ENCODING.as_str()));
    Ok(content(&request, &mut answer, &asset))
}

fn content(
    request: &HttpRequest,
    answer: &mut HttpResponseBuilder,
    asset: &console::Found,
) -> HttpResponse {
    answer.content_type(asset.content_type());
    let takes_gzip = lists(request, &header::ACCEPT_ENCODING, |coding| {
        accepted(coding).is_some_and(|name| name.eq_ignore_ascii_case("gzip"))
    });
    if takes_gzip {
        answer.insert_header((header::CONTENT_ENCODING, "gzip"));
        answer.body(asset.gzip().to_vec())
    } else {
        answer.body(asset.bytes().to_vec())
    }
}

fn protect(answer: &mut HttpResponseBuilder) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ] {
        answer.insert_header((name, HeaderValue::from_static(value)));
    }
}

fn wants_page(request: &HttpRequest) -> bool {
    lists(request, &header::ACCEPT, |kind| {
        accepted(kind).is_some_and(|name| name.eq_ignore_ascii_case(PAGE))
    })
}

fn takes_anything(request: &HttpRequest) -> bool {
    !request.headers().contains_key(header::ACCEPT)
        || lists(request, &header::ACCEPT, |kind| {
            accepted(kind) == Some("*/*")
        })
}

/// Whether an element of a header's comma-separated list is of a kind.
fn lists(request: &HttpRequest, name: &HeaderName, is_it: impl Fn(&str) -> bool) -> bool {
    request
        .headers()
        .get_all(name)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|element| is_it(element.trim()))
}

/// The name of an element of `Accept` or `Accept-Encoding`, unless its weight says that it is not wanted.
fn accepted(element: &str) -> Option<&str> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next()?;
    let is_refused = parts.any(|parameter| {
        parameter
            .strip_prefix("q=")
            .and_then(|weight| weight.parse::<f32>().ok())
            .is_some_and(|weight| weight <= 0.0)
    });
    (!is_refused).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_weight_is_not_wanted() {
        assert_eq!(accepted("gzip"), Some("gzip"));
        assert_eq!(accepted("gzip;q=0.5"), Some("gzip"));
        assert_eq!(accepted("gzip; q=0"), None);
        assert_eq!(accepted("text/html;level=1;q=0.000"), None);
    }
}
