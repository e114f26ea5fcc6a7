//! A rule of one's own, and a lookup: `cargo run -p import-engine --example custom_rule`.
//!
//! An IBAN has check digits, which no general engine knows; and whether an account belongs to a customer, only the system
//! knows. The rule is a function of one cell, the lookup answers a whole batch at once.

#![expect(clippy::print_stdout, reason = "an example shows what happens")]

use std::{collections::HashMap, convert::Infallible, error::Error};

use import_engine::{
    Batch, Field, IssueCode, Language, Lookup, Plan, Schema,
    issues::IssueKind,
    lookup::{BoxError, Found, Question, QuestionKind},
    rules::{Cell, Problem},
};
use uuid::Uuid;

const IBAN_SPACES: IssueCode = IssueCode::new("iban_spaces");
const IBAN: IssueCode = IssueCode::new("iban");

/// Stores IBANs without spaces and in capitals, and refuses those whose check digits are wrong (ISO 13616, modulo 97).
fn iban(cell: &mut Cell<'_>) -> Result<(), Problem> {
    if cell.text().contains([' ', '-']) {
        cell.warn(Problem::new(IBAN_SPACES));
    }
    cell.edit(|text| {
        text.retain(|c| !matches!(c, ' ' | '-'));
        text.make_ascii_uppercase();
    });
    let text = cell.text();
    let digit = |c: char| c.to_digit(36).filter(|_| c.is_ascii());
    let turned = text.chars().skip(4).chain(text.chars().take(4));
    let remainder = turned.map(digit).try_fold(0_u32, |sum, digit| {
        let digit = digit?;
        Some((sum * if digit < 10 { 10 } else { 100 } + digit) % 97)
    });
    if text.len() >= 15 && remainder == Some(1) {
        Ok(())
    } else {
        Err(Problem::new(IBAN).with("length", text.len()))
    }
}

/// The customers of the system, by number, and the accounts it has already.
struct System {
    customers: HashMap<&'static str, Uuid>,
    accounts: Vec<&'static str>,
}

impl Lookup for System {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        // With a database: one query per question, for all of its keys.
        let one = |question: &Question<'_>| match question.kind {
            QuestionKind::Reference { .. } => question
                .texts()
                .map(|text| {
                    self.customers
                        .get(text)
                        .map_or(Found::Nothing, |id| Found::one(*id))
                })
                .collect(),
            QuestionKind::Unique => question
                .texts()
                .map(|iban| {
                    if self.accounts.contains(&iban) {
                        Found::one(Uuid::nil())
                    } else {
                        Found::Nothing
                    }
                })
                .collect(),
        };
        Ok(questions.iter().map(one).collect())
    }
}

const FILE: &str = "customer,iban\n\
    K-1,DE89 3704 0044 0532 0130 00\n\
    K-1,DE89370400440532013001\n\
    K-9,GB29NWBK60161331926819\n\
    K-2,FR1420041010050500013M02606\n";

fn main() -> Result<(), Box<dyn Error>> {
    let schema = Schema::builder("accounts")
        .field(
            Field::reference("customer", "customer")
                .required()
                .label("Customer"),
        )
        .field(
            Field::text("iban")
                .required()
                .unique()
                .sensitive()
                .label("IBAN")
                .rule(iban),
        )
        .codes([IBAN, IBAN_SPACES])
        .message(
            IBAN,
            Language::ENGLISH,
            "{label} has wrong check digits: {value}",
        )
        .message(
            IBAN_SPACES,
            Language::ENGLISH,
            "{label} is stored without spaces",
        )
        .build()?;
    let mut system = System {
        customers: HashMap::from([("K-1", Uuid::from_u128(1)), ("K-2", Uuid::from_u128(2))]),
        accounts: vec!["fr1420041010050500013m02606"],
    };
    let messages = schema.messages(Language::ENGLISH);
    let sink = |batch: Batch| {
        for row in batch.rows() {
            println!(
                "row {}: account {} of customer {}",
                row.row(),
                row.get("iban"),
                row.get("customer")
            );
        }
        for issue in batch.issues() {
            let weight = if issue.is_error() { "refused" } else { "note" };
            let family = if issue.kind == IssueKind::ConstraintViolation {
                ", ask the office"
            } else {
                ""
            };
            println!(
                "row {}: {weight}: {}{family}",
                issue.row,
                messages.masked_message(issue)
            );
        }
        Ok::<_, Infallible>(())
    };
    let summary = Plan::of(&schema, FILE)?
        .import(FILE)
        .lookup(&mut system)
        .each(sink)?;
    println!("{} of {} rows are good", summary.valid, summary.records);
    Ok(())
}
