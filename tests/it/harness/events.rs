//! A listener to the live events, on `/ws` (frames `{"event", "data"}`) or as a Socket.IO client over the WebSocket transport:
//! the events in the order in which they arrive, and how the connection ends.

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::Response;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::{PATIENCE, client::Client};

/// The namespace that the published client connects to.
const NAMESPACE: &str = "/api/v1/onboarding";

/// The transport of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    /// `GET /ws`.
    WebSocket,
    /// Engine.IO 4 under `/socket.io/`, in the published namespace.
    SocketIo,
}

impl Wire {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::WebSocket, Self::SocketIo];
}

/// Why a listener was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The status before the upgrade.
    pub(crate) status: Option<u16>,
    /// `message` of the answer or of `connect_error`.
    pub(crate) message: String,
    /// `Retry-After`, where there is one.
    pub(crate) retry_after: Option<String>,
}

/// An open socket.
pub(crate) struct Events {
    socket: WebSocketStream<TcpStream>,
    wire: Wire,
}

impl Events {
    /// Connects to `/ws` with the client's token in the query, as published.
    pub(crate) async fn connect(client: &Client) -> Result<Self> {
        Self::connect_over(Wire::WebSocket, client).await
    }

    /// Connects over either wire; being refused is an error.
    pub(crate) async fn connect_over(wire: Wire, client: &Client) -> Result<Self> {
        match Self::try_over(wire, client, None).await? {
            Ok(events) => Ok(events),
            Err(refusal) => bail!("refused over {wire:?}: {refusal:?}"),
        }
    }

    /// Connects with very small buffers, so that little can be sent before it is read.
    pub(crate) async fn connect_narrowly(wire: Wire, client: &Client) -> Result<Self> {
        match Self::try_over(wire, client, Some(4 * 1024)).await? {
            Ok(events) => Ok(events),
            Err(refusal) => bail!("refused over {wire:?}: {refusal:?}"),
        }
    }

    /// Connects, or says why not.
    pub(crate) async fn try_connect(
        wire: Wire,
        client: &Client,
    ) -> Result<std::result::Result<Self, Refusal>> {
        Self::try_over(wire, client, None).await
    }

    async fn try_over(
        wire: Wire,
        client: &Client,
        room: Option<u32>,
    ) -> Result<std::result::Result<Self, Refusal>> {
        let query = match client.token() {
            "" => String::new(),
            token => format!("token={token}"),
        };
        let path = match wire {
            Wire::WebSocket => format!("/ws?{query}"),
            Wire::SocketIo => format!("/socket.io/?EIO=4&transport=websocket&{query}"),
        };
        let opened = open(client.base(), &path, &[], room).await?;
        let socket = match opened {
            Ok(socket) => socket,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut events = Self { socket, wire };
        match wire {
            Wire::WebSocket => Ok(Ok(events)),
            Wire::SocketIo => Ok(match events.enter_namespace(NAMESPACE).await? {
                None => Ok(events),
                Some(refusal) => Err(refusal),
            }),
        }
    }

    /// Connects to `/ws` with the token in the subprotocol, as browsers that must not put it into an address do.
    pub(crate) async fn connect_by_subprotocol(
        base: &str,
        token: &str,
    ) -> Result<std::result::Result<Self, Refusal>> {
        let protocol = format!("bearer.{token}");
        let opened = open(base, "/ws", &[("Sec-WebSocket-Protocol", &protocol)], None).await?;
        Ok(opened.map(|socket| Self {
            socket,
            wire: Wire::WebSocket,
        }))
    }

    /// The Socket.IO handshake; the refusal, if there is one.
    async fn enter_namespace(&mut self, namespace: &str) -> Result<Option<Refusal>> {
        let greeting = self.text().await?;
        ensure!(
            greeting.starts_with('0'),
            "no engine.io handshake: {greeting}"
        );
        self.say(&format!("40{namespace},")).await?;
        loop {
            let packet = self.text().await?;
            if packet == "2" {
                self.say("3").await?;
            } else if packet.starts_with(&format!("40{namespace},")) {
                return Ok(None);
            } else if let Some(error) = packet.strip_prefix(&format!("44{namespace},")) {
                let error: Value = serde_json::from_str(error)?;
                return Ok(Some(Refusal {
                    status: None,
                    message: error["message"].as_str().unwrap_or_default().to_owned(),
                    retry_after: None,
                }));
            } else {
                bail!("unexpected at the handshake: {packet}");
            }
        }
    }

    /// The next event: its name and its data.
    pub(crate) async fn next(&mut self) -> Result<(String, Value)> {
        loop {
            match (self.wire, self.message().await?) {
                (Wire::WebSocket, Message::Text(text)) => {
                    let mut frame: Value = serde_json::from_str(&text)?;
                    let event = frame["event"].as_str().context("a frame has an event")?;
                    return Ok((event.to_owned(), frame["data"].take()));
                }
                (Wire::SocketIo, Message::Text(text)) => {
                    if text.as_str() == "2" {
                        self.say("3").await?;
                    } else if let Some(packet) = text.strip_prefix(&format!("42{NAMESPACE},")) {
                        let mut packet: Value = serde_json::from_str(packet)?;
                        let event = packet[0].as_str().context("a packet has an event")?;
                        return Ok((event.to_owned(), packet[1].take()));
                    } else {
                        bail!("the server said {text}");
                    }
                }
                (_, Message::Close(frame)) => bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Everything up to and including the first event of this name.
    pub(crate) async fn until(&mut self, name: &str) -> Result<Vec<(String, Value)>> {
        self.until_event(|event, _| event == name).await
    }

    /// Everything up to and including the first event that matches.
    pub(crate) async fn until_event(
        &mut self,
        is_it: impl Fn(&str, &Value) -> bool,
    ) -> Result<Vec<(String, Value)>> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await?;
            let found = is_it(&event.0, &event.1);
            events.push(event);
            if found {
                return Ok(events);
            }
        }
    }

    /// Waits for the end and returns the reason that the server gave.
    pub(crate) async fn closed(&mut self) -> Result<Option<CloseFrame>> {
        loop {
            if let Message::Close(frame) = self.message().await? {
                return Ok(frame);
            }
        }
    }

    /// Waits until the server closes the connection by close code 4401 or the disconnect packet of Socket.IO.
    pub(crate) async fn closed_by_server(&mut self) -> Result<()> {
        loop {
            match (self.wire, self.message().await?) {
                (Wire::WebSocket, Message::Close(frame)) => {
                    let code = frame.as_ref().map(|frame| u16::from(frame.code));
                    ensure!(code == Some(4401), "{frame:?}");
                    return Ok(());
                }
                (Wire::SocketIo, Message::Text(text)) if text.as_str() == "2" => {
                    self.say("3").await?;
                }
                (Wire::SocketIo, Message::Text(text))
                    if text.starts_with(&format!("41{NAMESPACE},")) =>
                {
                    return Ok(());
                }
                (_, Message::Close(frame)) => bail!("closed without a reason: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Waits for the end of the connection; an event before it is an error.
    pub(crate) async fn expect_silence(mut self) -> Result<()> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => {
                    let is_event = self.wire == Wire::WebSocket || text.starts_with("42");
                    ensure!(!is_event, "received {text}");
                }
                None | Some(Ok(Message::Close(_)) | Err(_)) => return Ok(()),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Closes the connection.
    pub(crate) async fn leave(mut self) -> Result<()> {
        self.socket.close(None).await?;
        Ok(())
    }

    async fn say(&mut self, text: &str) -> Result<()> {
        self.socket.send(Message::text(text)).await?;
        Ok(())
    }

    async fn text(&mut self) -> Result<String> {
        loop {
            match self.message().await? {
                Message::Text(text) => return Ok(text.to_string()),
                Message::Close(frame) => bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }

    async fn message(&mut self) -> Result<Message> {
        let next = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        Ok(next
            .context("no event arrives")?
            .context("the socket is closed")??)
    }
}

/// The WebSocket handshake, or what the server answered instead.
async fn open(
    base: &str,
    path: &str,
    headers: &[(&'static str, &str)],
    room: Option<u32>,
) -> Result<std::result::Result<WebSocketStream<TcpStream>, Refusal>> {
    let address = base.trim_start_matches("http://").parse()?;
    let socket = TcpSocket::new_v4()?;
    if let Some(room) = room {
        socket.set_recv_buffer_size(room)?;
    }
    let stream = socket.connect(address).await?;
    let mut request = format!("{}{path}", base.replacen("http", "ws", 1)).into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse()?);
    }
    match client_async(request, stream).await {
        Ok((socket, _)) => Ok(Ok(socket)),
        Err(Error::Http(answer)) => Ok(Err(refusal(&answer)?)),
        Err(error) => Err(error.into()),
    }
}

fn refusal(answer: &Response<Option<Vec<u8>>>) -> Result<Refusal> {
    // The handshake reads only the head; the part of the body that arrived with it is all that is available.
    let body = answer.body().as_deref().unwrap_or_default();
    let message = match serde_json::from_slice::<Value>(body) {
        Ok(body) => body["message"].as_str().unwrap_or_default().to_owned(),
        Err(_) => String::new(),
    };
    let retry_after = answer.headers().get("retry-after");
    Ok(Refusal {
        status: Some(answer.status().as_u16()),
        message,
        retry_after: retry_after
            .map(|value| value.to_str().map(str::to_owned))
            .transpose()?,
    })
}
