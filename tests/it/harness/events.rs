//! A listener on `/ws`: frames `{"event", "data"}` in the order in which they arrive.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::client::Client;

/// What a test waits for an event that has to come.
const PATIENCE: Duration = Duration::from_mins(1);

/// An open socket.
pub(crate) struct Events {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Events {
    /// Connects with the client's token in the query, as published.
    pub(crate) async fn connect(client: &Client) -> Result<Self> {
        let url = format!(
            "{}/ws?token={}",
            client.base().replacen("http", "ws", 1),
            client.token()
        );
        let (socket, _) = connect_async(url)
            .await
            .context("could not connect to /ws")?;
        Ok(Self { socket })
    }

    /// The next event: its name and its data.
    pub(crate) async fn next(&mut self) -> Result<(String, Value)> {
        loop {
            match self.message().await? {
                Message::Text(text) => {
                    let mut frame: Value = serde_json::from_str(&text)?;
                    let event = frame["event"]
                        .as_str()
                        .context("a frame has an event")?
                        .to_owned();
                    return Ok((event, frame["data"].take()));
                }
                Message::Close(frame) => bail!("the server closed the socket: {frame:?}"),
                _ => {}
            }
        }
    }

    /// Everything up to and with the first event of this name.
    pub(crate) async fn until(&mut self, name: &str) -> Result<Vec<(String, Value)>> {
        let mut events = Vec::new();
        loop {
            let event = self.next().await?;
            let found = event.0 == name;
            events.push(event);
            if found {
                return Ok(events);
            }
        }
    }

    /// Waits for the end and returns what the server said at it.
    pub(crate) async fn closed(&mut self) -> Result<Option<CloseFrame>> {
        loop {
            if let Message::Close(frame) = self.message().await? {
                return Ok(frame);
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
