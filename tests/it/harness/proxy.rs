//! A relay in front of a server that drops packets when a test asks for it: neither end notices, as when a firewall forgets a
//! connection or a machine loses its power.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Url;

/// How often a direction checks whether its connection was silenced or the test has ended.
const LOOK: Duration = Duration::from_millis(20);

/// Where a relay leads.
#[derive(Debug, Clone)]
enum Target {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A relay that listens on the loopback until it is dropped. It has threads of its own: a test that blocks does not stop it.
pub(crate) struct Proxy {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Debug)]
struct State {
    /// Where new connections lead.
    target: Mutex<Target>,
    /// Connections so far.
    opened: AtomicU64,
    /// Connections with a smaller number are silent.
    silent_before: AtomicU64,
    /// Nothing passes on any connection.
    is_silent: AtomicBool,
    is_over: AtomicBool,
}

impl Proxy {
    /// In front of a TCP address.
    pub(crate) fn before(address: SocketAddr) -> Result<Self> {
        Self::open(Target::Tcp(address))
    }

    /// In front of a PostgreSQL database; the second part is how it is reached through the relay.
    pub(crate) fn before_database(url: &str) -> Result<(Self, String)> {
        let url: Url = url.parse()?;
        let host = url.host_str().context("the address has a host")?;
        let host = host.replace("%2F", "/").replace("%2f", "/");
        let port = url.port().unwrap_or(5432);
        let target = if host.starts_with('/') {
            Target::Unix(PathBuf::from(host).join(format!(".s.PGSQL.{port}")))
        } else {
            let address = std::net::ToSocketAddrs::to_socket_addrs(&(host.as_str(), port))?.next();
            Target::Tcp(address.context("the host has an address")?)
        };
        let proxy = Self::open(target)?;
        let user = url.username();
        let password = url
            .password()
            .map_or(String::new(), |word| format!(":{word}"));
        let through = format!(
            "postgres://{user}{password}@{}{}",
            proxy.address,
            url.path()
        );
        Ok((proxy, through))
    }

    /// Where it listens.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on nothing passes on the connections that are open. New ones are not affected.
    pub(crate) fn silence_open_ones(&self) {
        let opened = self.state.opened.load(Ordering::SeqCst);
        self.state.silent_before.store(opened, Ordering::SeqCst);
    }

    /// From now on nothing passes at all. What was sent meanwhile is lost, so connections that were open then stay silent.
    pub(crate) fn silence(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    /// New connections are served again.
    pub(crate) fn end_silence(&self) {
        self.silence_open_ones();
        self.state.is_silent.store(false, Ordering::SeqCst);
    }

    /// From now on new connections lead here, because a server restarted at another address.
    pub(crate) fn lead_to(&self, address: SocketAddr) {
        *self
            .state
            .target
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Target::Tcp(address);
    }

    fn open(target: Target) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            target: Mutex::new(target),
            opened: AtomicU64::new(0),
            silent_before: AtomicU64::new(0),
            is_silent: AtomicBool::new(false),
            is_over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                if shared.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let number = shared.opened.fetch_add(1, Ordering::SeqCst);
                // If the target is down the connection is closed, as the target itself would.
                let _ = relay(client, &shared.target(), number, &shared);
            }
        });
        Ok(Self { address, state })
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    fn target(&self) -> Target {
        self.target
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn is_silent(&self, number: u64) -> bool {
        self.is_silent.load(Ordering::SeqCst) || number < self.silent_before.load(Ordering::SeqCst)
    }
}

/// Both directions of a connection, each on its thread.
fn relay(client: TcpStream, target: &Target, number: u64, state: &Arc<State>) -> Result<()> {
    client.set_nodelay(true)?;
    client.set_read_timeout(Some(LOOK))?;
    match target {
        Target::Tcp(address) => {
            let server = TcpStream::connect(address)?;
            server.set_nodelay(true)?;
            server.set_read_timeout(Some(LOOK))?;
            pass(client.try_clone()?, server.try_clone()?, number, state);
            pass(server, client, number, state);
        }
        Target::Unix(path) => {
            let server = UnixStream::connect(path)?;
            server.set_read_timeout(Some(LOOK))?;
            pass(client.try_clone()?, server.try_clone()?, number, state);
            pass(server, client, number, state);
        }
    }
    Ok(())
}

fn pass<F, T>(mut from: F, mut to: T, number: u64, state: &Arc<State>)
where
    F: Read + Send + 'static,
    T: Write + Shut + Send + 'static,
{
    let state = Arc::clone(state);
    std::thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while !state.is_over.load(Ordering::SeqCst) {
            match from.read(&mut buffer) {
                Ok(0) => {
                    // The end of one side is passed on to the other, unless packets are dropped.
                    while state.is_silent(number) && !state.is_over.load(Ordering::SeqCst) {
                        std::thread::sleep(LOOK);
                    }
                    break;
                }
                Ok(_) if state.is_silent(number) => {}
                Ok(read) => {
                    if to.write_all(&buffer[..read]).is_err() {
                        break;
                    }
                }
                Err(error)
                    if [
                        ErrorKind::WouldBlock,
                        ErrorKind::TimedOut,
                        ErrorKind::Interrupted,
                    ]
                    .contains(&error.kind()) => {}
                Err(_) => break,
            }
        }
        to.shut();
    });
}

/// Sockets that can shut down their sending half.
trait Shut {
    fn shut(&self);
}

impl Shut for TcpStream {
    fn shut(&self) {
        // The other end may have closed.
        let _ = self.shutdown(std::net::Shutdown::Write);
    }
}

impl Shut for UnixStream {
    fn shut(&self) {
        // The other end may have closed.
        let _ = self.shutdown(std::net::Shutdown::Write);
    }
}
