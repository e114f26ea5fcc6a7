//! An upload handler on tokio alone: `cargo run -p import-engine --features tokio --example upload_handler`.
//!
//! A client sends a file over a socket; the handler recognises it by its first bytes, checks it as it comes, awaits the
//! database for every batch, and answers with what is wrong. Memory is that of one batch, however large the file.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{error::Error, fmt::Write};

use import_engine::{Field, Language, Plan, Schema, machine::Step, recognise::Sniffer};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

type Failure = Box<dyn Error + Send + Sync>;

/// Enough of a file to recognise it by.
const HEAD: usize = 64 << 10;

fn schema() -> Result<Schema, Failure> {
    Ok(Schema::builder("stock")
        .field(
            Field::text("sku")
                .required()
                .unique()
                .pattern("[A-Z]{2}-[0-9]{4}"),
        )
        .field(Field::integer("pieces").required().min(0).units(["pcs"]))
        .field(Field::money("price").alias("harga"))
        .build()?)
}

/// Receives one file and answers it.
async fn upload<B, A>(mut body: B, answer: &mut A) -> Result<(), Failure>
where
    B: AsyncRead + Unpin + Send,
    A: AsyncWrite + Unpin + Send,
{
    let mut head = Vec::new();
    (&mut body).take(HEAD as u64).read_to_end(&mut head).await?;
    let schema = schema()?;
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(&head)?;
    let mapping = schema.map_headers(&dialect.headers)?;
    let mut run = Plan::new(schema.clone(), dialect, mapping)
        .start()?
        .batch_rows(1_000);
    run.ask_nobody();

    let messages = schema.messages(Language::ENGLISH);
    let mut report = String::new();
    let mut whole = head.chain(body);
    let summary = loop {
        match run.step_async(&mut whole).await? {
            Step::Batch(batch) => {
                store(batch.rows().len()).await;
                for issue in batch.issues() {
                    writeln!(report, "row {}: {}", issue.row, messages.message(issue))?;
                }
            }
            Step::Done(summary) => break summary,
            // There is no lookup, and bytes are read by `step_async` itself. A handler with a database would await it here:
            // `run.answer(&database.look_up(run.questions()).await?)?`
            Step::NeedsAnswers | Step::NeedsBytes => {}
        }
    };
    answer.write_all(report.as_bytes()).await?;
    answer
        .write_all(format!("{} stored, {} refused\n", summary.valid, summary.invalid).as_bytes())
        .await?;
    Ok(())
}

/// Where the database would be.
async fn store(rows: usize) {
    tokio::task::yield_now().await;
    println!("stored {rows} rows");
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let server = tokio::spawn(async move {
        let (socket, _) = listener.accept().await?;
        let (body, mut answer) = socket.into_split();
        upload(body, &mut answer).await
    });

    let mut client = TcpStream::connect(address).await?;
    let mut file = String::from("SKU;Pieces;Harga\n");
    for i in 0..5_000 {
        writeln!(file, "AB-{:04};{};Rp{}.000", i % 4_999, i % 7, 5 + i % 90)?;
    }
    file.push_str("wrong;many;5 USD\n");
    client.write_all(file.as_bytes()).await?;
    client.shutdown().await?;
    let mut answer = String::new();
    client.read_to_string(&mut answer).await?;
    print!("{answer}");
    server.await??;
    Ok(())
}
