//! A price list with lookups: suppliers are found by name, articles that are known get their new price, others are added.

use import_engine::{
    Batch, Field, Lookup, Plan, RunError, Schema, SetupError, Summary,
    lookup::{Action, BoxError, Existing, Found, Key, Question, QuestionKind},
};
use sqlx::SqlitePool;
use tokio::runtime::Handle;

use crate::Failure;

/// # Errors
///
/// When it contradicts itself.
pub fn schema() -> Result<Schema, SetupError> {
    Schema::builder("prices")
        .field(
            Field::text("sku")
                .required()
                .unique()
                .max_chars(40)
                .alias("article"),
        )
        .field(
            Field::reference("supplier", "supplier")
                .required()
                .alias("vendor"),
        )
        .field(
            Field::money("price")
                .required()
                .min(1)
                .currency(["€", "EUR"])
                .minor_units(2),
        )
        .build()
}

/// What the tables have.
struct Tables<'p> {
    pool: &'p SqlitePool,
    runtime: Handle,
}

impl Lookup for Tables<'_> {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let mut answers = Vec::new();
        for question in questions {
            let texts: Vec<&str> = question.texts().collect();
            let query = match question.kind {
                // Keys come folded to lower case; references as they were written.
                QuestionKind::Unique => sqlx::query_as::<_, (String, i64)>(
                    "SELECT lower(sku), id FROM articles WHERE lower(sku) IN (SELECT value FROM json_each(?1))",
                ),
                QuestionKind::Reference { .. } => sqlx::query_as(
                    "SELECT name, id FROM suppliers WHERE name IN (SELECT value FROM json_each(?1))",
                ),
            };
            let query = query.bind(serde_json::to_string(&texts)?);
            let rows = self.runtime.block_on(query.fetch_all(self.pool))?;
            let found = |text: &&str| {
                let row = rows.iter().find(|(known, _)| known == text);
                row.map_or(Found::Nothing, |(_, id)| Found::one(*id))
            };
            answers.push(texts.iter().map(found).collect());
        }
        Ok(answers)
    }
}

async fn save(pool: &SqlitePool, batch: &Batch) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    for row in batch.rows() {
        let cents = row.get("price").as_integer();
        // A reference has become the key that the lookup found.
        let supplier = row.get("supplier").as_integer();
        let query = match (row.action(), row.existing()) {
            (Action::Update, Some(Key::Integer(id))) => {
                sqlx::query("UPDATE articles SET supplier = ?1, cents = ?2 WHERE id = ?3")
                    .bind(supplier)
                    .bind(cents)
                    .bind(*id)
            }
            _ => sqlx::query("INSERT INTO articles (supplier, cents, sku) VALUES (?1, ?2, ?3)")
                .bind(supplier)
                .bind(cents)
                .bind(row.get("sku").to_string()),
        };
        query.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// What an import of the list would do, or has done.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    pub created: u64,
    pub updated: u64,
    pub refused: u64,
}

/// Imports a list; with `dry` it only says what would change.
///
/// # Errors
///
/// When it is no list, or the database fails.
pub async fn import(pool: SqlitePool, file: Vec<u8>, dry: bool) -> Result<Changes, Failure> {
    let runtime = Handle::current();
    let imported = tokio::task::spawn_blocking(move || -> Result<_, RunError<sqlx::Error>> {
        let plan = Plan::of(&schema()?, &file).map_err(RunError::with_sink)?;
        let mut tables = Tables {
            pool: &pool,
            runtime: runtime.clone(),
        };
        let mut changes = Changes::default();
        let import = plan
            .import(&file)
            .lookup(&mut tables)
            .existing(Existing::Update);
        let summary: Summary = import.each(|batch| {
            for row in batch.rows() {
                match row.action() {
                    Action::Update => changes.updated += 1,
                    _ => changes.created += 1,
                }
            }
            if dry {
                Ok(())
            } else {
                runtime.block_on(save(&pool, &batch))
            }
        })?;
        changes.refused = summary.invalid;
        Ok(changes)
    });
    Ok(imported.await??)
}
