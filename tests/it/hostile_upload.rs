//! Multipart bodies of attackers: answered in time, in bounded memory, without leftovers.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{App, JOBS, on_both_engines};

on_both_engines! {
    ten_thousand_parts_are_refused,
    an_endless_file_is_cut_off,
    an_endless_part_header_is_cut_off,
    a_body_that_ends_early_leaves_nothing,
    a_body_that_does_not_arrive_is_refused,
    other_broken_bodies_are_answered,
}

const BOUNDARY: &str = "----pembatas";

/// The head of an upload request with these extra header lines.
fn head(app: &App, token: &str, extra: &str) -> String {
    let host = app.server.base.trim_start_matches("http://");
    format!(
        "POST {JOBS}/upload HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nConnection: close\r\n{extra}\r\n"
    )
}

async fn connect(app: &App) -> Result<TcpStream> {
    let address = app.server.base.trim_start_matches("http://").to_owned();
    Ok(TcpStream::connect(address).await?)
}

/// The status of the answer; 0 when the connection was closed without one.
async fn status(stream: &mut TcpStream) -> Result<u16> {
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while !answer.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(count) => answer.extend_from_slice(&buffer[..count]),
        }
    }
    let line = String::from_utf8_lossy(&answer);
    Ok(line
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_default())
}

async fn nothing_is_left(app: &App) -> Result<()> {
    ensure!(
        app.number("SELECT count(*) FROM migration_jobs").await? == 0,
        "a job remains"
    );
    ensure!(app.stored_files()? == 0, "a file remains");
    app.client().get("/health/live").await?.expect_status(200)?;
    Ok(())
}

/// Resident memory of the server in kilobytes, if the system reports it.
fn resident(app: &App) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", app.server.pid())).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().split(' ').next()?.parse().ok()
}

async fn ten_thousand_parts_are_refused(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut body = String::new();
    for number in 0..10_000 {
        body.push_str(&format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"column_mapping[k{number}]\"\r\n\r\n\r\n"
        ));
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    let mut stream = connect(app).await?;
    stream
        .write_all(
            head(
                app,
                admin.token(),
                &format!("Content-Length: {}\r\n", body.len()),
            )
            .as_bytes(),
        )
        .await?;
    // The server may stop reading before the end.
    let _ = stream.write_all(body.as_bytes()).await;
    let code = status(&mut stream).await?;
    ensure!(code == 400, "{code}");
    nothing_is_left(app).await
}

/// Sends without end until the server closes the connection, which it has to do soon after its answer.
async fn pour(stream: &mut TcpStream, filler: u8) -> Result<()> {
    let block = vec![filler; 64 * 1024];
    let endless = async {
        loop {
            let chunk = format!("{:x}\r\n", block.len());
            stream.write_all(chunk.as_bytes()).await?;
            stream.write_all(&block).await?;
            stream.write_all(b"\r\n").await?;
        }
    };
    let ended: Result<std::io::Result<()>, _> =
        tokio::time::timeout(Duration::from_secs(20), endless).await;
    ensure!(ended.is_ok(), "the server reads for ever");
    Ok(())
}

async fn chunk(stream: &mut TcpStream, text: &str) -> Result<()> {
    stream
        .write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes())
        .await?;
    Ok(())
}

async fn an_endless_file_is_cut_off(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let before = resident(app);
    let begun = Instant::now();
    let mut stream = connect(app).await?;
    stream
        .write_all(head(app, admin.token(), "Transfer-Encoding: chunked\r\n").as_bytes())
        .await?;
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv\r\n\r\n\
         nama,paket_id\r\n"
    );
    chunk(&mut stream, &part).await?;
    pour(&mut stream, b'a').await?;
    let code = status(&mut stream).await?;
    ensure!(matches!(code, 400 | 0), "{code}");
    ensure!(
        begun.elapsed() < Duration::from_secs(40),
        "{:?}",
        begun.elapsed()
    );
    if let (Some(before), Some(after)) = (before, resident(app)) {
        ensure!(
            after < before + 64 * 1024,
            "memory grew from {before} to {after} kB"
        );
    }
    nothing_is_left(app).await
}

async fn an_endless_part_header_is_cut_off(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let before = resident(app);
    let mut stream = connect(app).await?;
    stream
        .write_all(head(app, admin.token(), "Transfer-Encoding: chunked\r\n").as_bytes())
        .await?;
    chunk(&mut stream, &format!("--{BOUNDARY}\r\nX-Endless: ")).await?;
    pour(&mut stream, b'h').await?;
    let code = status(&mut stream).await?;
    ensure!(matches!(code, 400 | 0), "{code}");
    if let (Some(before), Some(after)) = (before, resident(app)) {
        ensure!(
            after < before + 64 * 1024,
            "memory grew from {before} to {after} kB"
        );
    }
    nothing_is_left(app).await
}

async fn a_body_that_ends_early_leaves_nothing(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let part = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"import_type\"\r\n\r\njamaah\r\n--{BOUNDARY}\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nnama,paket_id\r\nBudi,x\r\n"
    );
    // The client disconnects in the middle of the file.
    let mut stream = connect(app).await?;
    stream
        .write_all(head(app, admin.token(), "Content-Length: 100000\r\n").as_bytes())
        .await?;
    stream.write_all(part.as_bytes()).await?;
    stream.shutdown().await?;
    let code = status(&mut stream).await?;
    ensure!(matches!(code, 400 | 408 | 0), "{code}");
    // The body is as long as announced, but the last boundary is missing.
    let mut stream = connect(app).await?;
    stream
        .write_all(
            head(
                app,
                admin.token(),
                &format!("Content-Length: {}\r\n", part.len()),
            )
            .as_bytes(),
        )
        .await?;
    stream.write_all(part.as_bytes()).await?;
    let code = status(&mut stream).await?;
    ensure!(code == 400, "{code}");
    nothing_is_left(app).await
}

async fn a_body_that_does_not_arrive_is_refused(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let mut stream = connect(app).await?;
    stream
        .write_all(head(app, admin.token(), "Content-Length: 5000\r\n").as_bytes())
        .await?;
    stream
        .write_all(format!("--{BOUNDARY}\r\n").as_bytes())
        .await?;
    let begun = Instant::now();
    let code = tokio::time::timeout(Duration::from_mins(1), status(&mut stream)).await;
    let code = code.context("the server waits forever")??;
    ensure!(
        matches!(code, 408 | 400),
        "{code} after {:?}",
        begun.elapsed()
    );
    nothing_is_left(app).await
}

async fn other_broken_bodies_are_answered(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let form = |body: &str| body.replace("BOUNDARY", BOUNDARY);
    for body in [
        form(""),
        form("nothing like a form"),
        form("--BOUNDARY--\r\n"),
        form("--BOUNDARY\r\n\r\nno disposition\r\n--BOUNDARY--\r\n"),
        form("--BOUNDARY\r\nContent-Disposition: form-data\r\n\r\nno name\r\n--BOUNDARY--\r\n"),
        form(
            "--BOUNDARY\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\nx\r\n--BOUNDARY--\r\n",
        ),
        form(
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"import_type\"\r\n\r\n\u{0}\r\n--BOUNDARY--\r\n",
        ),
        form(
            "--BOUNDARY\r\nContent-Disposition: form-data; name=\"file\"; filename=\"../../etc/passwd\"\r\n\r\n\r\n--BOUNDARY--\r\n",
        ),
    ] {
        let mut stream = connect(app).await?;
        stream
            .write_all(
                head(
                    app,
                    admin.token(),
                    &format!("Content-Length: {}\r\n", body.len()),
                )
                .as_bytes(),
            )
            .await?;
        stream.write_all(body.as_bytes()).await?;
        let code = status(&mut stream).await?;
        ensure!(code == 400, "{code} for {body:?}");
    }
    nothing_is_left(app).await
}
