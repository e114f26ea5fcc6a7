//! A connection on which a test writes arbitrary bytes, because client libraries do not send what a broken or hostile client does.

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::PATIENCE;

/// An open connection.
pub(crate) struct Raw {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Raw {
    /// Connects to `http://host:port`.
    pub(crate) async fn connect(base: &str) -> Result<Self> {
        let stream = TcpStream::connect(base.trim_start_matches("http://")).await?;
        Ok(Self {
            stream,
            received: Vec::new(),
        })
    }

    /// Connects and switches to WebSocket at `path`.
    pub(crate) async fn websocket(base: &str, path: &str) -> Result<Self> {
        let mut raw = Self::connect(base).await?;
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: server\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        raw.write(head.as_bytes()).await?;
        let status = raw.head().await?;
        ensure!(status == 101, "{status} instead of a switch of protocols");
        Ok(raw)
    }

    /// Sends bytes.
    pub(crate) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.stream.write_all(bytes).await?)
    }

    /// Sends bytes `most` times, or until the other end accepts no more. Returns whether it accepted all.
    pub(crate) async fn write_often(&mut self, bytes: &[u8], most: usize) -> bool {
        for _ in 0..most {
            if !matches!(
                timeout(PATIENCE, self.stream.write_all(bytes)).await,
                Ok(Ok(()))
            ) {
                return false;
            }
        }
        true
    }

    /// The status of the next answer, whose body is read as well.
    pub(crate) async fn status(&mut self) -> Result<u16> {
        let (status, length) = self.head_and_length().await?;
        while self.received.len() < length {
            self.read().await?;
        }
        self.received.drain(..length);
        Ok(status)
    }

    /// The close code that the server sends, ignoring other frames.
    pub(crate) async fn close_code(&mut self) -> Result<u16> {
        loop {
            let (opcode, payload) = self.frame().await?;
            if opcode == 8 {
                let code = payload
                    .first_chunk()
                    .context("a close frame without a code")?;
                return Ok(u16::from_be_bytes(*code));
            }
        }
    }

    async fn frame(&mut self) -> Result<(u8, Vec<u8>)> {
        loop {
            let (start, length) = match self.received[..] {
                [_, 126, a, b, ..] => (4, usize::from(u16::from_be_bytes([a, b]))),
                [_, 127, ..] => bail!("a frame that no test expects"),
                [_, length, ..] if length < 126 => (2, usize::from(length)),
                _ => {
                    self.read().await?;
                    continue;
                }
            };
            if self.received.len() < start + length {
                self.read().await?;
                continue;
            }
            let opcode = self.received[0] & 0x0F;
            let frame: Vec<u8> = self.received.drain(..start + length).collect();
            return Ok((opcode, frame[start..].to_vec()));
        }
    }

    async fn head(&mut self) -> Result<u16> {
        Ok(self.head_and_length().await?.0)
    }

    async fn head_and_length(&mut self) -> Result<(u16, usize)> {
        let end = loop {
            let end = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.read().await?,
            }
        };
        let head = String::from_utf8(self.received.drain(..end).collect())?;
        let status = head.split(' ').nth(1).context("a status")?.parse()?;
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length")
                .then(|| value.trim().parse().ok())?
        });
        Ok((status, length.unwrap_or(0)))
    }

    async fn read(&mut self) -> Result<()> {
        let mut bytes = vec![0; 16 * 1024];
        let size = timeout(PATIENCE, self.stream.read(&mut bytes))
            .await
            .context("no answer")??;
        ensure!(size > 0, "the server closed the connection");
        self.received.extend_from_slice(&bytes[..size]);
        Ok(())
    }
}

/// A frame of a client, whose mask is all zeros.
pub(crate) fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    /// Client to server: every frame says that it is masked.
    const MASKED: u8 = 0x80;
    let mut bytes = vec![first];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length), _) if length < 126 => bytes.push(MASKED | length),
        (_, Ok(length)) => {
            bytes.push(MASKED | 0x7E);
            bytes.extend(length.to_be_bytes());
        }
        _ => {
            bytes.push(MASKED | 0x7F);
            bytes.extend((payload.len() as u64).to_be_bytes());
        }
    }
    bytes.extend([0; 4]);
    bytes.extend_from_slice(payload);
    bytes
}
