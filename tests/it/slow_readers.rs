//! Clients that read long reports slowly or not at all delay no other client: between two parts of a report the server holds neither a
//! connection to the database nor a thread for them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{App, Backend, Client, JOBS, jamaah_file, on_both_engines};

on_both_engines! {
    ["DATABASE_MAX_CONNECTIONS" = "2"]
    clients_that_do_not_read_hold_no_connection_and_delay_no_other_client,
}

const READERS: usize = 20;
/// Rounds of requests of other clients meanwhile.
const ROUNDS: usize = 50;

/// A file whose reports no buffer on the way can hold: a thousand rows with a wrong cell of ten kilobytes.
fn long_file() -> Vec<u8> {
    let mut file = String::from("nama,email,paket_id\r\n");
    for _ in 0..900 {
        file.push_str(&format!("Orang,{}@contoh,x\r\n", "x".repeat(10_000)));
    }
    file.into_bytes()
}

async fn clients_that_do_not_read_hold_no_connection_and_delay_no_other_client(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.job("jamaah", "panjang.csv", &long_file()).await?;
    admin.validate(&job).await?;
    let mut readers = Vec::new();
    for number in 0..READERS {
        let report = ["errors", "failed-rows"][number % 2];
        readers.push((report, reader(app, &admin, &job, report).await?));
    }
    // Ten times as many readers as there are connections.
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        for path in [
            JOBS.to_owned(),
            format!("{JOBS}/{job}/status"),
            "/api/v1/jamaah?limit=10".to_owned(),
        ] {
            let begun = Instant::now();
            admin.get(&path).await?.expect_status(200)?;
            took.push(begun.elapsed());
        }
    }
    let small = jamaah_file(20, &[3], &package);
    let other = admin.job("jamaah", "kecil.csv", &small).await?;
    admin.import(&other).await?;
    if app.backend == Backend::Postgres {
        let held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
            AND application_name = 'hijrah' AND state LIKE 'idle in transaction%'";
        ensure!(app.number(held).await? == 0, "a reader holds a transaction");
    }
    took.sort_unstable();
    println!(
        "others beside {READERS} readers: median {:?}, p99 {:?}",
        took[took.len() / 2],
        took[took.len() * 99 / 100]
    );
    // The reports were waiting all the time: now they arrive completely.
    let admin = admin.without_keep_alive();
    for (report, mut stream) in readers.drain(..2) {
        let whole = admin.get(&format!("{JOBS}/{job}/{report}")).await?;
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await?;
        // In chunks, of which the last is empty.
        ensure!(
            rest.ends_with(b"\r\n0\r\n\r\n") && rest.len() > whole.text()?.len(),
            "{report}: {} bytes after a pause",
            rest.len()
        );
    }
    Ok(())
}

/// A connection that has received the first bytes of a report and accepts only a few kilobytes.
async fn reader(app: &App, client: &Client, job: &str, report: &str) -> Result<TcpStream> {
    let address = app.server.base.trim_start_matches("http://");
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(address.parse()?).await?;
    let request = format!(
        "GET {JOBS}/{job}/{report} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\r\n",
        client.token()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut first = [0; 12];
    tokio::time::timeout(Duration::from_mins(1), stream.read_exact(&mut first)).await??;
    ensure!(&first == b"HTTP/1.1 200", "{first:?}");
    Ok(stream)
}
