//! Clients that send requests all the time and accept two answers: the right one, or the documented 503. Any other is recorded as wrong.

use std::collections::BTreeMap;
use std::fmt::{Display, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::{Result, ensure};
use reqwest::Method;
use tokio::task::JoinHandle;

use crate::harness::{ADMIN, Client, JOBS, jamaah_file_from};

/// No request may take longer, whatever the database does.
const LONGEST: Duration = Duration::from_secs(20);
/// Rows of the file that is uploaded again and again.
pub(super) const SMALL: usize = 3;

/// A file of people that no other file contains.
pub(super) fn small_file(package: &str) -> Vec<u8> {
    jamaah_file_from(9_000_000, SMALL, &[], package)
}

/// The running callers.
pub(super) struct Pressure {
    stop: Arc<AtomicBool>,
    phase: Arc<Mutex<&'static str>>,
    answers: Arc<Mutex<Answers>>,
    callers: Vec<JoinHandle<()>>,
}

/// What they were answered.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// By phase and status.
    counts: BTreeMap<(&'static str, u16), usize>,
    wrong: Vec<String>,
    longest: Duration,
    /// Jobs of uploads that were accepted.
    pub(super) uploaded: Vec<String>,
}

impl Pressure {
    /// A caller of each kind at each of the servers, asking about `job`.
    pub(super) fn begin(clients: &[&Client], job: &str, small: &[u8]) -> Self {
        let mut pressure = Self {
            stop: Arc::default(),
            phase: Arc::new(Mutex::new("storm")),
            answers: Arc::default(),
            callers: Vec::new(),
        };
        for client in clients {
            for kind in Kind::ALL {
                let caller = Caller {
                    kind,
                    client: client.without_keep_alive(),
                    job: job.to_owned(),
                    small: small.to_vec(),
                };
                let stop = Arc::clone(&pressure.stop);
                let phase = Arc::clone(&pressure.phase);
                let answers = Arc::clone(&pressure.answers);
                pressure.callers.push(tokio::spawn(async move {
                    while !stop.load(Ordering::Relaxed) {
                        let now = *phase.lock().expect("no task panics");
                        caller.call(now, &answers).await;
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }));
            }
        }
        pressure
    }

    /// From now on answers are counted under this word.
    pub(super) fn note(&self, phase: &'static str) {
        *self.phase.lock().expect("no task panics") = phase;
    }

    /// Stops asking. Fails when an answer was neither right nor a 503, or when none was refused while the database was away.
    pub(super) async fn end(self) -> Result<Answers> {
        self.stop.store(true, Ordering::Relaxed);
        for caller in self.callers {
            caller.await?;
        }
        let answers = std::mem::take(&mut *self.answers.lock().expect("no task panics"));
        ensure!(answers.wrong.is_empty(), "{}", answers.wrong.join("\n"));
        ensure!(
            answers.counts.contains_key(&("down", 503)),
            "no request was refused: {answers}"
        );
        Ok(answers)
    }
}

impl Display for Answers {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        for ((phase, status), count) in &self.counts {
            write!(formatter, "{phase} {status}: {count}, ")?;
        }
        write!(formatter, "the longest took {:?}", self.longest)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Status,
    Jobs,
    Jamaah,
    Errors,
    Me,
    Login,
    Start,
    Upload,
    Ready,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Status,
        Self::Jobs,
        Self::Jamaah,
        Self::Errors,
        Self::Me,
        Self::Login,
        Self::Start,
        Self::Upload,
        Self::Ready,
    ];
}

struct Caller {
    kind: Kind,
    client: Client,
    job: String,
    small: Vec<u8>,
}

impl Caller {
    async fn call(&self, phase: &'static str, answers: &Mutex<Answers>) {
        let begun = std::time::Instant::now();
        let answer = tokio::time::timeout(LONGEST, self.ask()).await;
        let took = begun.elapsed();
        let mut answers = answers.lock().expect("no task panics");
        answers.longest = answers.longest.max(took);
        match answer {
            Ok(Ok((status, uploaded))) => {
                *answers.counts.entry((phase, status)).or_default() += 1;
                answers.uploaded.extend(uploaded);
            }
            Ok(Err(error)) => answers
                .wrong
                .push(format!("{phase}, {:?}: {error:#}", self.kind)),
            Err(_) => answers.wrong.push(format!(
                "{phase}, {:?}: no answer within {LONGEST:?}",
                self.kind
            )),
        }
    }

    /// The status, and the job of an upload.
    async fn ask(&self) -> Result<(u16, Option<String>)> {
        let (client, job) = (&self.client, &self.job);
        let reply = match self.kind {
            Kind::Status => client.get(&format!("{JOBS}/{job}/status")).await,
            Kind::Jobs => client.get(JOBS).await,
            Kind::Jamaah => client.get("/api/v1/jamaah?limit=5").await,
            Kind::Errors => {
                client
                    .get(&format!("{JOBS}/{job}/errors?format=json"))
                    .await
            }
            Kind::Me => client.get("/api/v1/auth/me").await,
            Kind::Login => {
                let body = serde_json::json!({"username": ADMIN.0, "password": ADMIN.1});
                client.post_json("/api/v1/auth/login", &body).await
            }
            Kind::Start => client.act(job, "start").await,
            Kind::Upload => client.upload("jamaah", "kecil.csv", &self.small).await,
            Kind::Ready => {
                client
                    .send(client.request(Method::GET, "/health/ready"))
                    .await
            }
        }?;
        let body = reply.json()?;
        match reply.status {
            200 => {}
            503 => ensure!(
                body["statusCode"] == 503
                    && body["error"] == "Service Unavailable"
                    && body["message"].is_string()
                    && body["code"].is_string(),
                "{body}"
            ),
            400 if self.kind == Kind::Start => ensure!(body["code"] == "invalid_state", "{body}"),
            status => anyhow::bail!("{status}: {body}"),
        }
        let uploaded = (self.kind == Kind::Upload)
            .then(|| body["job_id"].as_str().map(str::to_owned))
            .flatten();
        Ok((reply.status, uploaded))
    }
}
