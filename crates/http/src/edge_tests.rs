//! Tests of the outermost layer: whatever happens inside, the answer has the documented body and headers.

use actix_web::body::{MessageBody, to_bytes};
use actix_web::dev::ServiceResponse;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::test::{TestRequest, init_service, try_call_service};
use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tracing_actix_web::TracingLogger;

use super::*;

async fn panics() -> HttpResponse {
    panic!("this test wants a panic")
}

async fn fails() -> Result<HttpResponse, ApiError> {
    Err(ApiError::Internal("the secret cause".into()))
}

async fn answers_like_a_library() -> HttpResponse {
    HttpResponse::ImATeapot()
        .insert_header((header::ALLOW, "GET"))
        .content_type("text/html")
        .body("<h1>teapot</h1>")
}

async fn succeeds() -> HttpResponse {
    HttpResponse::Ok().json(json!({"fine": true}))
}

/// The status, the headers and the JSON body of the answer to `GET path`.
async fn get(path: &str) -> (StatusCode, HeaderMap, Value) {
    let app = App::new()
        .route("/panics", web::get().to(panics))
        .route("/fails", web::get().to(fails))
        .route("/library", web::get().to(answers_like_a_library))
        .route("/succeeds", web::get().to(succeeds))
        .wrap(from_fn(finish_answers))
        .wrap(TracingLogger::<observe::RequestSpan>::new());
    let app = init_service(app).await;
    let request = TestRequest::get().uri(path).to_request();
    match try_call_service(&app, request).await {
        Ok(response) => read(response).await,
        Err(error) => {
            let response = error.error_response();
            let request = TestRequest::get().to_http_request();
            read(ServiceResponse::new(request, response)).await
        }
    }
}

async fn read(response: ServiceResponse<impl MessageBody>) -> (StatusCode, HeaderMap, Value) {
    let (status, headers) = (response.status(), response.headers().clone());
    let body = to_bytes(response.into_body()).await.ok().unwrap();
    (status, headers, serde_json::from_slice(&body).unwrap())
}

#[actix_web::test]
async fn every_answer_has_a_request_id_and_the_security_headers() {
    for path in ["/succeeds", "/fails", "/library", "/panics", "/nowhere"] {
        let (_, headers, _) = get(path).await;
        for name in [
            "x-request-id",
            "x-content-type-options",
            "x-frame-options",
            "referrer-policy",
            "content-security-policy",
            "cache-control",
        ] {
            assert_eq!(headers.get_all(name).count(), 1, "{name} of {path}");
        }
    }
}

#[actix_web::test]
async fn a_panic_is_a_500_with_a_constant_message() {
    let (status, _, body) = get("/panics").await;
    assert_eq!(status, 500);
    assert_eq!(
        body,
        json!({
            "statusCode": 500,
            "message": "Internal Server Error",
            "error": "Internal Server Error",
            "code": "internal_error",
        })
    );
}

#[actix_web::test]
async fn the_cause_of_a_failure_stays_inside() {
    let (status, _, body) = get("/fails").await;
    assert_eq!(status, 500);
    assert!(!body.to_string().contains("secret"), "{body}");
}

#[actix_web::test]
async fn an_error_of_a_library_gets_the_documented_body_and_keeps_its_headers() {
    let (status, headers, body) = get("/library").await;
    assert_eq!(status, 418);
    assert_eq!(headers.get(header::ALLOW).unwrap(), "GET");
    assert_eq!(
        headers.get(header::CONTENT_TYPE).unwrap(),
        "application/json"
    );
    assert_eq!(
        body,
        json!({
            "statusCode": 418,
            "message": "I'm a teapot",
            "error": "I'm a teapot",
            "code": "request_failed",
        })
    );
}

#[actix_web::test]
async fn a_success_is_left_alone() {
    assert_eq!(get("/succeeds").await.2, json!({"fine": true}));
}

/// Reads a piece of the body before it panics.
async fn panics_while_reading(mut body: web::Payload) -> HttpResponse {
    assert!(futures_util::StreamExt::next(&mut body).await.is_none());
    HttpResponse::Ok().finish()
}

/// What a server answers to `POST path` with a chunked body that never ends, until it closes the connection.
async fn answer_to_an_endless_body(path: &'static str) -> String {
    let server = HttpServer::new(|| {
        App::new()
            .route("/panics", web::post().to(panics))
            .route(
                "/panics-while-reading",
                web::post().to(panics_while_reading),
            )
            .route("/fails", web::post().to(fails))
            .wrap(from_fn(finish_answers))
            .wrap(TracingLogger::<observe::RequestSpan>::new())
    })
    .workers(1)
    .disable_signals()
    .bind(("127.0.0.1", 0))
    .unwrap();
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let mut connection = TcpStream::connect(address).await.unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    let reading = connection.read_to_string(&mut answer);
    let closed = tokio::time::timeout(Duration::from_secs(10), reading).await;
    assert!(
        closed.is_ok(),
        "{path}: the connection waits for the rest of the body"
    );
    handle.stop(false).await;
    answer
}

#[actix_web::test]
async fn a_panic_closes_the_connection_of_a_body_that_nobody_reads() {
    for path in ["/fails", "/panics", "/panics-while-reading"] {
        let answer = answer_to_an_endless_body(path).await;
        assert!(answer.starts_with("HTTP/1.1 500 "), "{path}: {answer}");
        assert!(
            answer.contains(r#""code":"internal_error""#),
            "{path}: {answer}"
        );
    }
}
