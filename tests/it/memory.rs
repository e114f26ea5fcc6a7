//! Resident memory of the server under hostile input: it does not follow what a client sends, one at a time or many at once.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use futures_util::future::{join_all, try_join_all};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use crate::harness::{App, JOBS, PATIENCE, Server, on_both_engines};

on_both_engines! {
    hostile_files_do_not_grow_the_server,
    hostile_forms_do_not_grow_the_server,
    wide_files_and_their_reports_do_not_grow_the_server,
}

on_both_engines! {
    ["UNREAD_SECONDS" = "3"]
    a_download_that_is_not_read_is_aborted,
}

const BOUNDARY: &str = "----pembatas";
/// The largest upload.
const LIMIT: usize = 10 * 1024 * 1024;
/// Uploads of one kind at the same time.
const PARALLEL: usize = 8;
/// Clients that have sent half a file, and how much that is.
const WAITING: usize = 50;
const HALF_BYTES: usize = 5 * 1024 * 1024;

/// How much more memory the server may use than before the first request (45 MB in a debug build). Measured on two busy cores
/// were 61 to 70 MB with files and 37 to 41 MB with forms. Held in memory, the eight files of one kind would add another 80 MB,
/// and the fifty halves 250 MB.
const GROWTH_KB: u64 = 56 * 1024;
/// The engine is given one file per core, and the worst kinds of file take some 20 MB.
const GROWTH_KB_PER_CORE: u64 = 20 * 1024;

/// A line of `/proc/PID/status` in kilobytes; `None` without such a file.
pub(crate) fn memory(server: &Server, line: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).ok()?;
    let value = status.lines().find_map(|text| text.strip_prefix(line))?;
    value
        .trim_start_matches(':')
        .trim()
        .split(' ')
        .next()?
        .parse()
        .ok()
}

/// Files that are small on the wire and large in the memory of a careless reader.
fn hostile_files(package: &str) -> Vec<(&'static str, Vec<u8>)> {
    let header = b"nama,paket_id,catatan\r\n".as_slice();
    let filled = |start: &[u8], filler: &[u8]| {
        [start, &filler.repeat((LIMIT - start.len()) / filler.len())].concat()
    };
    let columns: Vec<String> = (0..100_000)
        .map(|column| format!("kolom{column}"))
        .collect();
    let columns = columns.join(",");
    vec![
        ("quotes", filled(b"", b"\"")),
        ("quotes below a header", filled(header, b"\"")),
        ("commas", filled(b"", b",")),
        ("commas below a header", filled(header, b",")),
        ("line ends", filled(b"", b"\n")),
        ("line ends below a header", filled(header, b"\r\n")),
        ("one cell", filled(b"nama,paket_id\r\n", b"x")),
        ("one quoted cell", filled(b"nama,paket_id\r\n\"", b"x\r\n")),
        (
            "a hundred thousand columns",
            format!("{columns}\r\n1,2\r\n").into_bytes(),
        ),
        ("tiny rows of one column", filled(b"nama\n", b"a\n")),
        (
            "one value a million times",
            filled(header, format!("Budi,{package},\r\n").as_bytes()),
        ),
        ("invalid bytes", filled(header, b"\xff\xfe\x80")),
        ("wide text", filled(&[0xff, 0xfe], b"a\0,\0")),
    ]
}

/// Held by the tests that send hundreds of megabytes, each of which keeps a processor busy: several at once would have their
/// uploads wait for each other until the client gives up.
static LARGE_FILES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn hostile_files_do_not_grow_the_server(app: &mut App) -> Result<()> {
    let _alone = LARGE_FILES.lock().await;
    let Some(start) = memory(&app.server, "VmRSS") else {
        return Ok(());
    };
    let (admin, package) = app.admin_with_package().await?;
    let mut peaks = Peaks::new(start);
    for (case, file) in hostile_files(&package) {
        let answers = join_all((0..PARALLEL).map(|_| admin.upload("jamaah", "a.csv", &file))).await;
        peaks.note(&app.server, case, "uploaded")?;
        let mut jobs = Vec::new();
        for answer in answers {
            let answer = answer.context(case)?;
            if answer.status == 200 {
                let job = answer.json()?["job_id"].as_str().map(str::to_owned);
                jobs.push(job.context("job_id")?);
            } else {
                answer.expect_status(400).context(case)?;
            }
        }
        // Accepted files are validated as well, two at a time.
        jobs.truncate(2);
        try_join_all(jobs.iter().map(|job| admin.validate(job))).await?;
        peaks.note(&app.server, case, "validated")?;
    }
    peaks.judge()
}

/// The growth that no single file may exceed, whatever is done with it.
const GROWTH_OF_A_FILE_KB: u64 = 100 * 1024;

/// Files whose rows are many cells, or whose cells are much text.
fn wide_files() -> Vec<(&'static str, Vec<u8>)> {
    let size = LIMIT * 2 / 5;
    let filled = |header: &str, row: &str| {
        let mut file = format!("{header}\n");
        while file.len() + row.len() < size {
            file.push_str(row);
            file.push('\n');
        }
        file.into_bytes()
    };
    let fields = "nama,email,telepon,ktp,alamat,paket_id,jenis_kelamin,tanggal_lahir";
    let bad = "1,a@,x,1,1,?,x,?";
    let commas = |count: usize| ",".repeat(count);
    let named: Vec<String> = (0..4_000).map(|column| format!("kolom {column}")).collect();
    let full = vec!["x"; 4_000].join(",");
    vec![
        (
            "four thousand columns without a name",
            filled(
                &format!("{fields}{}", commas(3_992)),
                &format!("{bad}{}", commas(3_992)),
            ),
        ),
        (
            "sixteen thousand columns without a name",
            filled(
                &format!("{fields}{}", commas(16_000)),
                &format!("{bad}{}", commas(16_000)),
            ),
        ),
        (
            "four thousand columns with names and cells",
            filled(
                &format!("{fields},{}", named.join(",")),
                &format!("{bad},{full}"),
            ),
        ),
        (
            "surplus cells",
            filled(fields, &format!("{bad}{}", commas(16_000))),
        ),
        ("short rows with many errors", filled(fields, bad)),
        (
            "cells of a hundred kilobytes",
            filled(
                fields,
                &format!("{0},a@,x,1,{0},?,x,?", "\u{1}a".repeat(50_000)),
            ),
        ),
    ]
}

async fn wide_files_and_their_reports_do_not_grow_the_server(app: &mut App) -> Result<()> {
    let _alone = LARGE_FILES.lock().await;
    let Some(start) = memory(&app.server, "VmRSS") else {
        return Ok(());
    };
    // A connection on which a long report was sent is not used again: the server may be about to close it.
    let admin = app.admin().await?.without_keep_alive();
    let mut peaks = Peaks::new(start);
    for (case, file) in wide_files() {
        let job = admin
            .job("jamaah", "lebar.csv", &file)
            .await
            .context(case)?;
        peaks.note(&app.server, case, "uploaded")?;
        admin.validate(&job).await.context(case)?;
        peaks.note(&app.server, case, "validated")?;
        admin.act(&job, "start").await?.expect_status(400)?;
        for report in ["errors", "errors?format=json&limit=100", "failed-rows"] {
            admin
                .get(&format!("{JOBS}/{job}/{report}"))
                .await?
                .expect_status(200)
                .context(case)?;
            peaks.note(&app.server, case, report)?;
        }
    }
    peaks.judge_by(GROWTH_OF_A_FILE_KB)
}

async fn hostile_forms_do_not_grow_the_server(app: &mut App) -> Result<()> {
    let Some(start) = memory(&app.server, "VmRSS") else {
        return Ok(());
    };
    let admin = app.admin().await?;
    let mut peaks = Peaks::new(start);
    let file_part = part("file\"; filename=\"a.csv", "nama,paket_id\r\n");
    for (case, head, filler) in [
        ("an endless file", file_part.clone(), "x".repeat(1 << 16)),
        (
            "an endless text",
            part("import_type", ""),
            "x".repeat(1 << 16),
        ),
        (
            "an endless part header",
            format!("--{BOUNDARY}\r\nX-Endless: "),
            "h".repeat(1 << 16),
        ),
        (
            "parts without end",
            String::new(),
            part("column_mapping[k]", "").repeat(500),
        ),
        (
            "a preamble without end",
            "p".repeat(1 << 16),
            "p".repeat(1 << 16),
        ),
    ] {
        let forms = (0..PARALLEL).map(|_| async {
            let mut stream = upload(app, admin.token()).await?;
            send(&mut stream, &head).await?;
            // Until the server stops reading.
            while send(&mut stream, &filler).await.is_ok() {}
            Ok::<_, anyhow::Error>(())
        });
        let ended = tokio::time::timeout(PATIENCE, try_join_all(forms)).await;
        ended.with_context(|| format!("{case}: read for ever"))??;
        peaks.note(&app.server, case, "refused")?;
    }
    // Many clients that have sent half of a file and wait.
    let half = "a,b\r\n".repeat(HALF_BYTES / 5);
    let waiting = (0..WAITING).map(|_| async {
        let mut stream = upload(app, admin.token()).await?;
        send(&mut stream, &file_part).await?;
        send(&mut stream, &half).await?;
        Ok::<_, anyhow::Error>(stream)
    });
    let waiting = try_join_all(waiting).await?;
    app.client().get("/health/live").await?.expect_status(200)?;
    peaks.note(&app.server, "half a file", "waiting")?;
    drop(waiting);
    peaks.judge()
}

/// The highest resident memory at each step, against a bound that does not depend on the step.
struct Peaks {
    start: u64,
    seen: Vec<(String, u64)>,
}

impl Peaks {
    fn new(start: u64) -> Self {
        Self {
            start,
            seen: Vec::new(),
        }
    }

    /// The peak since the last note, and forgets it.
    fn note(&mut self, server: &Server, case: &str, step: &str) -> Result<()> {
        let peak = memory(server, "VmHWM").context("VmHWM")?;
        self.seen.push((format!("{case}, {step}"), peak));
        std::fs::write(format!("/proc/{}/clear_refs", server.pid()), "5")?;
        Ok(())
    }

    fn judge(self) -> Result<()> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        self.judge_by(GROWTH_KB + GROWTH_KB_PER_CORE * cores.min(PARALLEL as u64))
    }

    fn judge_by(self, growth_kb: u64) -> Result<()> {
        let highest = self.seen.iter().map(|(_, peak)| *peak).max();
        println!("from {} to at most {highest:?} kB", self.start);
        let bound = self.start + growth_kb;
        ensure!(
            self.seen.iter().all(|(_, peak)| *peak < bound),
            "more than {bound} kB: {:#?}",
            self.seen
        );
        Ok(())
    }
}

fn part(name: &str, content: &str) -> String {
    format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{content}")
}

/// A connection on which the head of a chunked upload has been sent.
async fn upload(app: &App, token: &str) -> Result<TcpStream> {
    let address = app.server.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let head = format!(
        "POST {JOBS}/upload HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nTransfer-Encoding: chunked\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    Ok(stream)
}

/// One chunk of a body.
async fn send(stream: &mut TcpStream, text: &str) -> Result<()> {
    if !text.is_empty() {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        stream.write_all(chunk.as_bytes()).await?;
    }
    Ok(())
}

async fn a_download_that_is_not_read_is_aborted(app: &mut App) -> Result<()> {
    let descriptors = format!("/proc/{}/fd", app.server.pid());
    if !std::path::Path::new(&descriptors).exists() {
        return Ok(());
    }
    let admin = app.admin().await?;
    // A report that no buffer on the way can hold.
    let mut file = String::from("nama,email,paket_id\r\n");
    while file.len() < LIMIT - 20_000 {
        file.push_str(&format!("Orang,{}@contoh,x\r\n", "x".repeat(10_000)));
    }
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let address = app.server.base.trim_start_matches("http://");
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(address.parse()?).await?;
    let request = format!(
        "GET {JOBS}/{job}/errors HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\r\n",
        admin.token()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut first = [0; 12];
    stream.read_exact(&mut first).await?;
    ensure!(&first == b"HTTP/1.1 200", "{first:?}");
    let (here, there) = (stream.local_addr()?.port(), stream.peer_addr()?.port());
    let begun = Instant::now();
    while is_connected(there, here)? {
        ensure!(begun.elapsed() < PATIENCE, "an unread download stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    ensure!(
        begun.elapsed() > Duration::from_secs(1),
        "closed at once: the report fits into the buffers"
    );
    Ok(())
}

/// Whether the system has an established connection between these ports of this machine, seen from the first.
fn is_connected(from: u16, to: u16) -> Result<bool> {
    const ESTABLISHED: &str = "01";
    let table = std::fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().any(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.len() > 3
            && fields[1].ends_with(&format!(":{from:04X}"))
            && fields[2].ends_with(&format!(":{to:04X}"))
            && fields[3] == ESTABLISHED
    }))
}
