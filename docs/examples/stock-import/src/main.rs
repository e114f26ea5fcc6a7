//! `stock-import [FILE]`: shows what the warehouse would take of a list.

use std::{env, fs};

use anyhow::Result;
use stock_import::{Articles, import};
use time::macros::date;
use uuid::Uuid;

const SAMPLE: &str = "Stock list of Miller & Sons;;;\n\
    SKU;Qty;Unit price;ETA\n\
    AB-1001;12 pcs;4,50;01/03/2027\n\
    AB-1001;5;4,50;1 March 2027\n\
    ZZ-9999;3;1,00;02/03/2027\n\
    AB-1002;40;0;31/02/2027\n\
    TOTAL;60;;\n";

fn main() -> Result<()> {
    let file = env::args()
        .nth(1)
        .map_or(Ok(SAMPLE.as_bytes().to_vec()), fs::read)?;
    let mut articles = Articles::default();
    for (number, id) in [("AB-1001", 1), ("AB-1002", 2)] {
        articles
            .0
            .insert(number.to_owned(), vec![Uuid::from_u128(id)]);
    }
    let import = import(&file, &[], &mut articles, date!(2026 - 11 - 20))?;
    for delivery in &import.deliveries {
        println!(
            "row {}: {} pieces of {} on {}",
            delivery.row, delivery.pieces, delivery.article, delivery.on
        );
    }
    print!("{}", import.errors);
    println!(
        "{} of {} rows taken",
        import.summary.valid, import.summary.records
    );
    Ok(())
}
