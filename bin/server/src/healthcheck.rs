//! `server healthcheck`: asks the running server whether it is alive or ready, for containers without another client.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::process::ExitCode;
use std::time::Duration;

use settings::Environment;

use crate::cli::Probe;
use crate::config::ListenConfig;

/// A server that needs longer counts as dead; the time suffices also for asking the database and the storage.
const PATIENCE: Duration = Duration::from_secs(4);

/// Success when the server answers 200.
pub(crate) fn run(environment: &Environment, what: Probe) -> ExitCode {
    let path = match what {
        Probe::Live => "/health/live",
        Probe::Ready => "/health/ready",
    };
    match ListenConfig::alone(environment).map(|listen| ask(&listen, path)) {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn ask(listen: &ListenConfig, path: &str) -> std::io::Result<bool> {
    // A server that listens on all addresses is asked on the loopback address.
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
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}
