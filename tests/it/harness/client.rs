//! A client of the published API. It uses HTTP only and knows nothing of the server's internals.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use reqwest::header::HeaderMap;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::PATIENCE;
use super::files::jamaah_file;

/// The path of import jobs.
pub(crate) const JOBS: &str = "/api/v1/onboarding/migration";

static HTTP: LazyLock<()> = LazyLock::new(|| {
    // The HTTP client asks for a TLS implementation even where every address is plain http.
    let _ = rustls::crypto::ring::default_provider().install_default();
});

/// A caller, with or without a token.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Reply {
    /// What was asked, for messages.
    pub(crate) request: String,
    /// The status code.
    pub(crate) status: u16,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Client {
    /// Speaks to the server at `base` (`http://host:port`).
    pub(crate) fn new(base: &str) -> Self {
        LazyLock::force(&HTTP);
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                // The server closes idle connections after five seconds; a request must not meet that moment.
                .pool_idle_timeout(Duration::from_secs(2))
                .build()
                .expect("builds a client"),
            base: base.to_owned(),
            token: None,
        }
    }

    /// The same caller with a new connection for each request, so that a connection closed without an answer is a fault of the server.
    pub(crate) fn without_keep_alive(&self) -> Self {
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(PATIENCE)
                .pool_max_idle_per_host(0)
                .build()
                .expect("builds a client"),
            ..self.clone()
        }
    }

    /// The same caller with another token.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same caller at another server.
    pub(crate) fn at(&self, base: &str) -> Self {
        Self {
            base: base.to_owned(),
            ..self.clone()
        }
    }

    /// The access token.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// `http://host:port`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// A caller who has logged in.
    pub(crate) async fn login(&self, username: &str, password: &str) -> Result<Self> {
        let body = json!({"username": username, "password": password});
        let answer = self.post_json("/api/v1/auth/login", &body).await?;
        let answer = answer.expect_status(200)?.json()?;
        let token = answer["access_token"].as_str().context("no access_token")?;
        Ok(self.with_token(token))
    }

    /// Any request, to be sent with [`send`](Self::send).
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Result<Reply> {
        let request = request.build()?;
        let asked = format!("{} {}", request.method(), request.url().path());
        let response = self.http.execute(request).await.context(asked.clone())?;
        Ok(Reply {
            request: asked,
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.bytes().await?.to_vec(),
        })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Reply> {
        self.send(self.request(Method::GET, path)).await
    }

    /// The JSON at a path that the caller may read.
    pub(crate) async fn get_json(&self, path: &str) -> Result<Value> {
        self.get(path).await?.expect_status(200)?.json()
    }

    pub(crate) async fn post(&self, path: &str) -> Result<Reply> {
        self.send(self.request(Method::POST, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Result<Reply> {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn patch_json(&self, path: &str, body: &Value) -> Result<Reply> {
        self.send(self.request(Method::PATCH, path).json(body))
            .await
    }

    /// Creates what must be accepted, and returns it.
    pub(crate) async fn create(&self, path: &str, body: &Value) -> Result<Value> {
        let reply = self.post_json(path, body).await?;
        reply.expect_status(201)?.json()
    }

    /// Changes what must be accepted, and returns it.
    pub(crate) async fn change(&self, path: &str, body: &Value) -> Result<Value> {
        let reply = self.patch_json(path, body).await?;
        reply.expect_status(200)?.json()
    }

    /// Changes how the file of a draft is read, and returns the answer.
    pub(crate) async fn redraft(&self, job: &str, body: Value) -> Result<Value> {
        self.change(&format!("{JOBS}/{job}"), &body).await
    }

    /// Deletes what may be deleted, and returns the answer.
    pub(crate) async fn remove(&self, path: &str) -> Result<Value> {
        self.delete(path).await?.expect_status(200)?.json()
    }

    /// Uploads a file; the reply is whatever the server says.
    pub(crate) async fn upload(&self, import_type: &str, name: &str, file: &[u8]) -> Result<Reply> {
        self.upload_with(import_type, &[], name, file).await
    }

    /// Uploads with further form fields.
    pub(crate) async fn upload_with(
        &self,
        import_type: &str,
        fields: &[(&str, &str)],
        name: &str,
        file: &[u8],
    ) -> Result<Reply> {
        let form = Form::new().text("import_type", import_type.to_owned());
        let form = fields.iter().fold(form, |form, (field, value)| {
            form.text((*field).to_owned(), (*value).to_owned())
        });
        let part = Part::bytes(file.to_vec())
            .file_name(name.to_owned())
            .mime_str("text/csv")?;
        let path = format!("{JOBS}/upload");
        let request = self.request(Method::POST, &path);
        self.send(request.multipart(form.part("file", part))).await
    }

    /// Uploads a file that must be accepted, and returns the id of its job.
    pub(crate) async fn job(&self, import_type: &str, name: &str, file: &[u8]) -> Result<String> {
        self.upload(import_type, name, file).await?.job()
    }

    /// Uploads a file of people, of whom those in `wrong` have no valid e-mail address, and returns the id of its job.
    pub(crate) async fn people(
        &self,
        rows: usize,
        wrong: &[usize],
        package: &str,
    ) -> Result<String> {
        self.job("jamaah", "a.csv", &jamaah_file(rows, wrong, package))
            .await
    }

    /// An action on a job: `validate`, `start`, `rollback`.
    pub(crate) async fn act(&self, job: &str, action: &str) -> Result<Reply> {
        self.post(&format!("{JOBS}/{job}/{action}")).await
    }

    /// Rolls back a job that can be rolled back, and returns the answer.
    pub(crate) async fn roll_back(&self, job: &str) -> Result<Value> {
        let reply = self.act(job, "rollback").await?;
        reply.expect_status(200)?.json()
    }

    /// The status of a job that the caller can see.
    pub(crate) async fn status(&self, job: &str) -> Result<Value> {
        self.get_json(&format!("{JOBS}/{job}/status")).await
    }

    /// Polls the status until `reached` returns true. The published client also falls back to polling.
    pub(crate) async fn wait(&self, job: &str, reached: impl Fn(&Value) -> bool) -> Result<Value> {
        let begun = Instant::now();
        loop {
            let status = self.status(job).await?;
            if reached(&status) {
                return Ok(status);
            }
            if begun.elapsed() > PATIENCE {
                bail!("the job does not reach the state within {PATIENCE:?}: {status:#}");
            }
            tokio::time::sleep(Duration::from_millis(15)).await;
        }
    }

    /// Validates a job to the end.
    pub(crate) async fn validate(&self, job: &str) -> Result<Value> {
        self.act(job, "validate").await?.expect_status(200)?;
        self.wait(job, |status| {
            status["status"] == "failed" || !status["validated_at"].is_null()
        })
        .await
    }

    /// Starts a job and waits until it is over.
    pub(crate) async fn import(&self, job: &str) -> Result<Value> {
        self.act(job, "start").await?.expect_status(200)?;
        self.finished(job).await
    }

    /// Waits until a started job is over.
    pub(crate) async fn finished(&self, job: &str) -> Result<Value> {
        self.wait(job, |status| {
            status["status"] == "failed" || status["status"] == "completed"
        })
        .await
    }

    /// The error report: one vector of cells per record, without the header.
    pub(crate) async fn errors(&self, job: &str) -> Result<Vec<Vec<String>>> {
        let reply = self.get(&format!("{JOBS}/{job}/errors")).await?;
        let mut records = records(&reply.expect_status(200)?.text()?)?;
        ensure!(!records.is_empty(), "the report has no header");
        let header = records.remove(0);
        ensure!(
            header
                == [
                    "row_number",
                    "error_type",
                    "field_name",
                    "error_message",
                    "received_value"
                ],
            "{header:?}"
        );
        Ok(records)
    }

    /// All rows of a resource (`packages`, `jamaah`, `payments`).
    pub(crate) async fn items(&self, resource: &str) -> Result<Vec<Value>> {
        let reply = self.get(&format!("/api/v1/{resource}?limit=100")).await?;
        let mut answer = reply.expect_status(200)?.json()?;
        match answer["items"].take() {
            Value::Array(items) => Ok(items),
            other => bail!("items is {other}"),
        }
    }
}

impl Reply {
    /// Fails with the body when the status is another.
    pub(crate) fn expect_status(self, status: u16) -> Result<Self> {
        ensure!(
            self.status == status,
            "{}: {} instead of {status}: {}",
            self.request,
            self.status,
            String::from_utf8_lossy(&self.body)
        );
        Ok(self)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| {
            format!(
                "{}: no JSON: {}",
                self.request,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// The id of the job that an accepted upload created.
    pub(crate) fn job(self) -> Result<String> {
        let answer = self.expect_status(200)?.json()?;
        Ok(answer["job_id"].as_str().context("no job_id")?.to_owned())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> Result<String> {
        Ok(String::from_utf8(self.body.clone())?)
    }

    /// A header as text, empty when absent.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// Fails unless the body is the documented error with this status, message and code.
    pub(crate) fn expect_error(self, status: u16, message: &str, code: &str) -> Result<Self> {
        let reply = self.expect_status(status)?;
        let body = reply.json()?;
        let reason = reqwest::StatusCode::from_u16(status)?.canonical_reason();
        ensure!(
            body["statusCode"] == status
                && body["message"] == message
                && body["code"] == code
                && body["error"].as_str() == reason,
            "{}: expected {status} {code} {message:?}, got {body}",
            reply.request
        );
        Ok(reply)
    }
}

/// The records of a CSV text with commas.
pub(crate) fn records(text: &str) -> Result<Vec<Vec<String>>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    reader
        .records()
        .map(|record| Ok(record?.iter().map(str::to_owned).collect()))
        .collect()
}
