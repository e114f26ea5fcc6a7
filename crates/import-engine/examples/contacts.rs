//! A contact list in thirty lines: `cargo run -p import-engine --example contacts [FILE]`.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{convert::Infallible, env, error::Error, fs};

use import_engine::{Batch, Field, Language, Plan, Schema};

const SAMPLE: &str = "Nama Lengkap;E-mail;Tgl Lahir\nAhmad Rizki;ahmad@example.com;05/05/1990\nSiti;siti@example;31/02/1985\n";

fn main() -> Result<(), Box<dyn Error>> {
    let file = env::args()
        .nth(1)
        .map_or(Ok(SAMPLE.as_bytes().to_vec()), fs::read)?;
    let schema = Schema::builder("contacts")
        .field(
            Field::text("name")
                .required()
                .aliases(["nama", "nama lengkap", "full name"]),
        )
        .field(Field::email("email").alias("alamat email"))
        .field(Field::date("born").aliases(["tanggal lahir", "tgl lahir", "date of birth"]))
        .build()?;
    let plan = Plan::of(&schema, &file)?;
    let messages = schema.messages(Language::ENGLISH);
    let sink = |batch: Batch| {
        for row in batch.rows() {
            println!(
                "row {}: {} <{}> {}",
                row.row(),
                row.get("name"),
                row.get("email"),
                row.get("born")
            );
        }
        for issue in batch.issues() {
            println!("row {}: {}", issue.row, messages.message(issue));
        }
        Ok::<_, Infallible>(())
    };
    let summary = plan.import(&file).each(sink)?;
    println!("{} of {} rows are good", summary.valid, summary.records);
    Ok(())
}
