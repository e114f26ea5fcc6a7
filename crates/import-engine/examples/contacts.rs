//! A contact list in thirty lines: `cargo run -p import-engine --example contacts [FILE]`.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{env, error::Error, fs};

use import_engine::{Batch, Field, Importer, Language, NoLookup, Schema, Sniffer};

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
    let dialect = Sniffer::new()
        .with_known_headers(schema.known_headers())
        .sniff(&file)?;
    let mapping = schema.map_headers(&dialect.headers)?;
    let mut importer = Importer::new(schema.clone(), dialect, mapping);
    importer.survey(&file[..], &mut ())?;
    let messages = schema.messages(Language::English);
    let mut sink = |batch: Batch| {
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
        Ok(())
    };
    let summary = importer.run(&file[..], &mut sink, &mut NoLookup, &mut ())?;
    println!("{} of {} rows are good", summary.valid, summary.records);
    Ok(())
}
