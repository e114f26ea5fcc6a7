//! Suppliers' stock lists become deliveries. Knows articles and days; all reading and checking is the engine's.

use std::collections::HashMap;

use anyhow::{Context, Result};
use import_engine::{Batch, Field, IssueCode, Language, Lookup, Planner, Schema, Summary, Value, fields::{DateBound, TwoDigitYears, UniqueKey}, issues::IssueKind, lookup::{BoxError, Found, Question, QuestionKind}, report::{ErrorReport, FailedRows}, rules::{Problem, Row}};
use time::Date;
use uuid::Uuid;

const COSTS_NOTHING: IssueCode = IssueCode::new("costs_nothing");
const FINER_THAN_CENTS: IssueCode = IssueCode::new("finer_than_cents");

/// One line of a supplier's list that the warehouse takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Where it stood in the supplier's file.
    pub row: u64,
    /// The warehouse's own article.
    pub article: Uuid,
    /// How many.
    pub pieces: i64,
    /// Whole cents.
    pub price_cents: i64,
    /// The day of delivery.
    pub on: Date,
}

/// What happens to a file.
#[derive(Debug)]
pub struct Import {
    /// The rows that were taken.
    pub deliveries: Vec<Delivery>,
    /// For the supplier: what is wrong with the others, as CSV.
    pub errors: String,
    /// For the supplier: the others themselves, to correct and send again.
    pub failed: String,
    /// The count of everything.
    pub summary: Summary,
}

/// What the warehouse wants of a list.
pub fn schema() -> Result<Schema> {
    let schema = Schema::builder("stock")
        .field(
            Field::reference("article", "article")
                .required()
                .aliases(["sku", "item no", "article number"])
                .natural_keys(["ean", "barcode"])
                .example("AB-1001"),
        )
        .field(
            Field::integer("pieces")
                .required()
                .min(1)
                .units(["pcs", "pieces"])
                .aliases(["qty", "quantity"])
                .example("12"),
        )
        .field(
            Field::decimal("price")
                .required()
                .min(0)
                .check(in_cents)
                .aliases(["unit price"])
                .example("4.50"),
        )
        .field(
            Field::date("on")
                .order(import_engine::fields::DateOrder::DayFirst)
                .required()
                .two_digit_years(TwoDigitYears::From2000)
                .not_before(DateBound::Today)
                .aliases(["delivery", "delivery date", "eta"])
                .example("2027-03-01"),
        )
        .unique(
            UniqueKey::on(["article", "on"])
                .named("delivery")
                .reported_on("article")
                .in_file_only(),
        )
        .row_rule(["pieces", "price"], worth_something)
        .codes([COSTS_NOTHING, FINER_THAN_CENTS])
        .message(
            COSTS_NOTHING,
            Language::ENGLISH,
            "{pieces} pieces for nothing: is the price missing?",
        )
        .message(
            FINER_THAN_CENTS,
            Language::ENGLISH,
            "{label} is finer than cents: {value}",
        )
        .build()?;
    Ok(schema)
}

fn in_cents(price: Value<'_>) -> Result<(), Problem> {
    match price.as_decimal().map(cents) {
        Some(None) => Err(Problem::new(FINER_THAN_CENTS)),
        _ => Ok(()),
    }
}

/// A single sample may be free; a pallet is not.
fn worth_something(row: &mut Row<'_>) {
    let (pieces, price) = (
        row.get("pieces").as_integer(),
        row.get("price").as_decimal(),
    );
    if let (Some(pieces @ 2..), Some(price)) = (pieces, price)
        && price.mantissa == 0
    {
        row.refuse(
            "price",
            Problem::new(COSTS_NOTHING)
                .kind(IssueKind::ConstraintViolation)
                .with("pieces", pieces),
        );
    }
}

/// The warehouse's articles by number or barcode.
#[derive(Clone, Debug, Default)]
pub struct Articles(pub HashMap<String, Vec<Uuid>>);

impl Lookup for Articles {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        Ok(questions
            .iter()
            .map(|question| match question.kind {
                QuestionKind::Reference { .. } => {
                    question.texts().map(|text| self.find(text)).collect()
                }
                QuestionKind::Unique => vec![Found::Nothing; question.len()],
            })
            .collect())
    }
}

impl Articles {
    fn find(&self, text: &str) -> Found {
        match self.0.get(&text.to_uppercase()).map(Vec::as_slice) {
            None | Some([]) => Found::Nothing,
            Some([id]) => Found::one(*id),
            Some(many) => Found::Many(many.len() as u64),
        }
    }
}

/// Takes a supplier's file. `mapping` says which header is which field where the headers alone do not.
pub fn import(
    file: &[u8],
    mapping: &[(String, String)],
    articles: &mut Articles,
    today: Date,
) -> Result<Import> {
    let schema = schema()?;
    let planner = mapping.iter().fold(
        Planner::new(&schema).today(today),
        |planner, (header, field)| planner.header(header, field),
    );
    let plan = planner.plan(file).context("this is no list")?;

    let messages = schema.messages(Language::ENGLISH);
    let mut deliveries = Vec::new();
    let mut errors = ErrorReport::new(Vec::new())?;
    let mut failed = FailedRows::new(Vec::new(), &plan.mapping().headers().collect::<Vec<_>>())?;
    let sink = |batch: Batch| {
        deliveries.extend(batch.rows().filter_map(|row| {
            Some(Delivery {
                row: row.row(),
                article: row.get("article").as_uuid()?,
                pieces: row.get("pieces").as_integer()?,
                price_cents: cents(row.get("price").as_decimal()?)?,
                on: row.get("on").as_date()?,
            })
        }));
        for issue in batch.issues() {
            errors.write_issue(issue, &messages)?;
        }
        failed.write_batch(&batch, &messages)?;
        Ok::<_, std::io::Error>(())
    };
    let summary = plan.import(file).lookup(articles).each(sink)?;
    Ok(Import {
        deliveries,
        errors: String::from_utf8(errors.finish()?)?,
        failed: String::from_utf8(failed.finish()?)?,
        summary,
    })
}

/// A price in whole cents; `None` where it is finer.
fn cents(price: import_engine::Decimal) -> Option<i64> {
    match price.scale {
        0 => price.mantissa.checked_mul(100),
        1 => price.mantissa.checked_mul(10),
        2 => Some(price.mantissa),
        more => {
            let finer = 10_i64.checked_pow(u32::from(more) - 2)?;
            (price.mantissa % finer == 0).then_some(price.mantissa / finer)
        }
    }
}
