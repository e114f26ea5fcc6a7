//! Answers requests that no handler matches: 404 for an unknown path, 405 with `Allow` for a known one. Takes the paths from the
//! OpenAPI document, so that no route can be forgotten here.

use std::sync::Arc;

use actix_web::dev::ResourceDef;
use actix_web::http::Method;
use actix_web::{HttpRequest, web};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;

use crate::error::ApiError;

/// The path of the documentation.
const DOCUMENTATION: [&str; 3] = ["/api/openapi.json", "/api/docs", "/api/docs/{page:.*}"];

/// Every documented path with its methods.
#[derive(Clone)]
pub(crate) struct KnownPaths(Arc<Vec<(ResourceDef, Vec<Method>)>>);

impl KnownPaths {
    /// Those of the document, and `pages` that only a browser reads.
    pub(crate) fn of(document: &OpenApi, pages: &[&'static str]) -> Self {
        let paths = document
            .paths
            .paths
            .iter()
            .map(|(path, item)| (path.as_str(), methods(item)))
            .chain(
                DOCUMENTATION
                    .iter()
                    .chain(pages)
                    .map(|path| (*path, vec![Method::GET, Method::HEAD])),
            )
            .map(|(path, methods)| (ResourceDef::new(path), methods))
            .collect();
        Self(Arc::new(paths))
    }

    /// Rejects a method that a path without placeholders does not have. Routing alone would try `{id}` on it as well:
    /// `DELETE /…/upload` is not a bad id.
    pub(crate) fn check(&self, path: &str, method: &Method) -> Result<(), ApiError> {
        match self.literal(path) {
            Some(allow) if !allow.contains(method) => Err(ApiError::MethodNotAllowed {
                allow: allow.clone(),
            }),
            _ => Ok(()),
        }
    }

    fn literal(&self, path: &str) -> Option<&Vec<Method>> {
        let is_it = |(pattern, _): &&(ResourceDef, Vec<Method>)| pattern.pattern() == Some(path);
        self.0.iter().find(is_it).map(|(_, methods)| methods)
    }

    fn methods_of(&self, path: &str) -> Vec<Method> {
        let matches = |(pattern, _): &&(ResourceDef, Vec<Method>)| pattern.is_match(path);
        let by_pattern = || self.0.iter().find(matches).map(|(_, methods)| methods);
        self.literal(path)
            .or_else(by_pattern)
            .cloned()
            .unwrap_or_default()
    }
}

fn methods(item: &PathItem) -> Vec<Method> {
    [
        (Method::DELETE, &item.delete),
        (Method::GET, &item.get),
        (Method::HEAD, &item.get),
        (Method::PATCH, &item.patch),
        (Method::POST, &item.post),
        (Method::PUT, &item.put),
    ]
    .into_iter()
    .filter(|(_, operation)| operation.is_some())
    .map(|(method, _)| method)
    .collect()
}

/// The default service.
pub(crate) async fn answer_unmatched(
    request: HttpRequest,
    known: web::Data<KnownPaths>,
) -> Result<&'static str, ApiError> {
    let allow = known.methods_of(request.match_info().as_str());
    if allow.is_empty() {
        Err(ApiError::UnknownRoute)
    } else {
        Err(ApiError::MethodNotAllowed { allow })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use utoipa::openapi::path::{HttpMethod, Operation, Paths};

    #[test]
    fn knows_the_methods_of_a_path_with_placeholders() {
        let operation = || PathItem::new(HttpMethod::Get, Operation::new());
        let paths = Paths::builder()
            .path("/jobs/{id}", operation())
            .path(
                "/jobs/latest",
                PathItem::new(HttpMethod::Delete, Operation::new()),
            )
            .build();
        let known = KnownPaths::of(
            &OpenApi::builder().paths(paths).build(),
            &["/pages/{page:.*}"],
        );
        assert_eq!(known.methods_of("/pages/a/b"), [Method::GET, Method::HEAD]);
        assert_eq!(known.methods_of("/jobs/7"), [Method::GET, Method::HEAD]);
        assert_eq!(known.methods_of("/jobs/latest"), [Method::DELETE]);
        assert!(known.check("/jobs/latest", &Method::GET).is_err());
        assert!(known.check("/jobs/latest", &Method::DELETE).is_ok());
        assert!(known.check("/jobs/7", &Method::DELETE).is_ok());
        assert!(known.methods_of("/jobs").is_empty());
        assert!(known.methods_of("/jobs/7/rows").is_empty());
    }
}
