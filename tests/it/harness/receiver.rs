//! A receiver of webhooks on this machine: a small HTTP server that answers as a test decides and keeps what it received.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex},
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
};

/// How a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Answer {
    /// With this status.
    Status(u16),
    /// With 302 to another path.
    Elsewhere,
    /// Gives no answer.
    Never,
}

/// What was sent.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    headers: BTreeMap<String, String>,
    /// The body.
    pub(crate) body: String,
}

/// A running receiver; it ends with the test.
pub(crate) struct Receiver {
    /// Where it listens.
    pub(crate) url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    sent: UnboundedReceiver<Sent>,
}

impl Receiver {
    /// Answers in this order, and after that with 200.
    pub(crate) async fn start(answers: &[Answer]) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let answers = Arc::new(Mutex::new(answers.iter().copied().collect()));
        let (note, sent) = unbounded_channel();
        let script = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(serve(connection, Arc::clone(&script), note.clone()));
            }
        });
        Ok(Self { url, answers, sent })
    }

    /// From now on answers in this order.
    pub(crate) fn answer(&self, answers: &[Answer]) {
        *self.answers.lock().expect("no test panics with it") = answers.iter().copied().collect();
    }

    /// The next request, as soon as it is there.
    pub(crate) async fn next(&mut self) -> Result<Sent> {
        self.sent.recv().await.context("the receiver has ended")
    }

    /// Whether a request has not been read yet.
    pub(crate) fn has_more(&mut self) -> bool {
        self.sent.try_recv().is_ok()
    }
}

impl Sent {
    /// A header, empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        Ok(serde_json::from_str(&self.body)?)
    }

    /// How many of the signatures were made with this secret. Implemented from the specification, not with the library that signs.
    pub(crate) fn signatures_of(&self, secret: &str) -> Result<usize> {
        let key = secret.strip_prefix("whsec_").context("a secret")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(&BASE64_STANDARD.decode(key)?)?;
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        mac.update(format!("{id}.{at}.{}", self.body).as_bytes());
        let expected = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
        let all = self.header("webhook-signature").split(' ');
        Ok(all.filter(|one| *one == expected).count())
    }
}

async fn serve(
    connection: TcpStream,
    script: Arc<Mutex<VecDeque<Answer>>>,
    note: UnboundedSender<Sent>,
) -> Result<()> {
    let mut stream = BufReader::new(connection);
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == "\r\n" {
            break;
        }
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            headers.insert(name.to_lowercase(), value.to_owned());
        }
    }
    let length = headers
        .get("content-length")
        .map_or(Ok(0), |text| text.parse())?;
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let body = String::from_utf8(body)?;
    let answer = script.lock().expect("no test panics with it").pop_front();
    note.send(Sent { headers, body })?;
    let head = match answer.unwrap_or(Answer::Status(200)) {
        Answer::Status(status) => format!("HTTP/1.1 {status} Answer\r\n"),
        Answer::Elsewhere => "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\n".to_owned(),
        Answer::Never => return std::future::pending().await,
    };
    let answer = format!("{head}Content-Length: 0\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await?;
    Ok(())
}
