//! A contact list: a struct says the columns, a file becomes rows of a table, and the database says who is known already.

use import_engine::{
    Batch, ImportCell, ImportRow, Locale, Lookup, Plan, RunError, Schema, SetupError, Summary,
    lookup::{BoxError, Found, Question},
};
use serde::Deserialize;
use sqlx::{SqliteConnection, SqlitePool};
use tokio::runtime::Handle;

use crate::Failure;

/// One line of the list.
#[derive(Debug, Deserialize, ImportRow, PartialEq)]
#[import(name = "contacts")]
pub struct Contact<'b> {
    #[import(max_chars = 200, aliases("full name", "nama lengkap"))]
    pub name: &'b str,
    #[import(email, unique, alias = "e-mail")]
    pub email: Option<&'b str>,
    #[import(aliases("birthday", "tgl lahir"))]
    pub born: Option<time::Date>,
    #[import(default = "friend")]
    pub kind: Kind,
}

/// What somebody is to us.
#[derive(Clone, Copy, Debug, Deserialize, ImportCell, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    #[import(aliases("teman", "buddy"))]
    Friend,
    Colleague,
}

/// # Errors
///
/// When the struct contradicts itself.
pub fn schema() -> Result<Schema, SetupError> {
    Contact::schema().locale(Locale::INDONESIAN).build()
}

/// Who is in the table: one query for a batch. Keys are asked about in lower case.
pub struct Known {
    pub pool: SqlitePool,
    pub runtime: Handle,
}

impl Lookup for Known {
    fn answer(&mut self, questions: &[Question<'_>]) -> Result<Vec<Vec<Found>>, BoxError> {
        let mut answers = Vec::new();
        for question in questions {
            let emails: Vec<&str> = question.texts().collect();
            let json = serde_json::to_string(&emails)?;
            let query = sqlx::query_as::<_, (String, i64)>(
                "SELECT lower(email), id FROM contacts WHERE lower(email) IN (SELECT value FROM json_each(?1))",
            );
            let rows = self
                .runtime
                .block_on(query.bind(json).fetch_all(&self.pool))?;
            let found = |email: &&str| {
                let row = rows.iter().find(|(known, _)| known == email);
                row.map_or(Found::Nothing, |(_, id)| Found::one(*id))
            };
            answers.push(emails.iter().map(found).collect());
        }
        Ok(answers)
    }
}

/// Stores a batch, or nothing of it.
///
/// # Errors
///
/// When the database refuses it, or the struct does not fit the rows.
pub async fn save(pool: &SqlitePool, batch: &Batch) -> Result<(), Failure> {
    let mut transaction = pool.begin().await?;
    insert(&mut transaction, batch).await?;
    transaction.commit().await?;
    Ok(())
}

/// Inserts the good rows of a batch, in the transaction of the caller.
///
/// # Errors
///
/// When the database refuses them, or the struct does not fit the rows.
pub async fn insert(connection: &mut SqliteConnection, batch: &Batch) -> Result<(), Failure> {
    for contact in batch.rows_as::<Contact<'_>>()? {
        let kind = match contact.kind {
            Kind::Friend => "friend",
            Kind::Colleague => "colleague",
        };
        sqlx::query("INSERT INTO contacts (name, email, born, kind) VALUES (?1, ?2, ?3, ?4)")
            .bind(contact.name)
            .bind(contact.email)
            .bind(contact.born.map(|day| day.to_string()))
            .bind(kind)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Imports a file: checked on a thread that may be busy, stored by the runtime.
///
/// # Errors
///
/// [`RunError::File`] speaks to the owner of the file, everything else to us.
pub async fn import(pool: SqlitePool, file: Vec<u8>) -> Result<Summary, Failure> {
    let runtime = Handle::current();
    let imported = tokio::task::spawn_blocking(move || -> Result<_, RunError<Failure>> {
        let plan = Plan::of(&schema()?, &file).map_err(RunError::with_sink)?;
        let mut known = Known {
            pool: pool.clone(),
            runtime: runtime.clone(),
        };
        plan.import(&file)
            .lookup(&mut known)
            .each(|batch| runtime.block_on(save(&pool, &batch)))
    });
    Ok(imported.await??)
}
