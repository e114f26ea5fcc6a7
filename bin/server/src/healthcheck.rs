//! `server healthcheck`: asks the running server's `/health/live`, for containers that have no other client.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use crate::config::{Environment, ListenConfig};

/// A server that needs longer to say that it lives does not.
const PATIENCE: Duration = Duration::from_secs(2);

/// Success when the server answers 200.
pub(crate) fn run(environment: &Environment) -> ExitCode {
    match ListenConfig::alone(environment).map(|listen| ask(&listen)) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn ask(listen: &ListenConfig) -> std::io::Result<bool> {
    // What listens on every address is asked on the nearest.
    let host = match listen.host.as_str() {
        "0.0.0.0" => "127.0.0.1",
        "::" | "[::]" => "::1",
        host => host,
    };
    let address = (host, listen.port)
        .to_socket_addrs()?
        .next()
        .ok_or(std::io::ErrorKind::AddrNotAvailable)?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream
        .write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}
