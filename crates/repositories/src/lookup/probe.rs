//! Asking the database about the keys of one batch: one statement per kind of key, its keys as one JSON array.

use std::collections::{HashMap, HashSet};

use domain::{JamaahId, ReferenceNumber};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use time::Date;
use uuid::Uuid;

use super::{
    Hits, Lookups,
    snapshot::{FOREIGN, PaymentKeys},
};
use crate::{Backend, RepositoryError, table::stored};

/// Parameters of one statement on SQLite, which cannot read ids from JSON: below its limit of 32 766.
const PLACES: usize = 10_000;

/// A text that rows are found by.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Column {
    table: &'static str,
    text: &'static str,
    /// Whether an index leads to it. Without one, each question is one pass over the tenant's rows.
    indexed: bool,
}

impl Column {
    pub(super) const KTP: Self = Self::new("jamaah", "ktp", true);
    pub(super) const EMAIL: Self = Self::new("jamaah", "lower(email)", true);
    pub(super) const PHONE: Self = Self::new("jamaah", "telepon", false);
    pub(super) const NAME: Self = Self::new("jamaah", "nama_key", false);
    pub(super) const PACKAGE_NAME: Self = Self::new("packages", "nama_key", true);

    const fn new(table: &'static str, text: &'static str, indexed: bool) -> Self {
        Self {
            table,
            text,
            indexed,
        }
    }

    /// That the text is one of those in the JSON array `$n`.
    fn is_among(&self, backend: Backend, n: usize) -> String {
        let text = self.text;
        match backend {
            // An array makes the planner use the index.
            Backend::Postgres if self.indexed => {
                format!("{text} = ANY (ARRAY(SELECT jsonb_array_elements_text(${n}::jsonb)))")
            }
            // Where there is none, each row would be compared with each element of an array: for 5 000 names among a million
            // jamaah 25 s instead of 0.2. `IS TRUE` keeps the planner from making a join of it, so that the set is hashed
            // whatever the planner believes about the table's size.
            Backend::Postgres => {
                format!("({text} IN (SELECT jsonb_array_elements_text(${n}::jsonb))) IS TRUE")
            }
            Backend::Sqlite => format!("{text} IN (SELECT value FROM json_each(${n}))"),
        }
    }
}

impl Lookups {
    async fn ask(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<Vec<QueryResult>, RepositoryError> {
        let reader = self.db.read(self.scope).await?;
        Ok(reader.query_all_raw(self.db.statement(sql, values)).await?)
    }

    /// The rows of another origin that have these texts in a column.
    pub(super) async fn taken_text<'v>(
        &self,
        column: &Column,
        asked: impl Iterator<Item = &'v str>,
    ) -> Result<HashMap<String, Hits>, RepositoryError> {
        let Column { table, text, .. } = column;
        let sql = format!(
            "SELECT {text} AS key, id FROM {table} WHERE tenant_id = $1 AND {FOREIGN} AND {}",
            column.is_among(self.db.backend(), 3)
        );
        let values = vec![
            self.scope.uuid().into(),
            self.job.as_uuid().into(),
            array(asked).into(),
        ];
        self.hits(&sql, values).await
    }

    /// The packages of other origin that have one of these names, by name and day.
    pub(super) async fn departures_of<'v>(
        &self,
        names: impl Iterator<Item = &'v str>,
    ) -> Result<HashMap<(String, Date), Uuid>, RepositoryError> {
        let sql = format!(
            "SELECT nama_key, tanggal_keberangkatan AS day, id FROM packages \
             WHERE tenant_id = $1 AND {FOREIGN} AND {}",
            Column::PACKAGE_NAME.is_among(self.db.backend(), 3)
        );
        let values = vec![
            self.scope.uuid().into(),
            self.job.as_uuid().into(),
            array(names).into(),
        ];
        let rows = self.ask(&sql, values).await?;
        rows.iter()
            .map(|row| {
                let key = (row.try_get("", "nama_key")?, row.try_get("", "day")?);
                Ok((key, row.try_get("", "id")?))
            })
            .collect()
    }

    /// What was found of keys of jamaah, with the records from which the job has taken them. These are asked for last: a batch that is
    /// committed meanwhile is seen by one of the two questions at least.
    pub(super) async fn with_vacated<'v>(
        &self,
        column: &str,
        asked: impl Iterator<Item = &'v str>,
        found: Vec<Hits>,
    ) -> Result<Vec<Hits>, RepositoryError> {
        if !self.changes {
            return Ok(found);
        }
        let sql = "SELECT before, record_id FROM migration_updates \
            WHERE tenant_id = $1 AND migration_job_id = $2 AND vacates";
        let values = vec![self.scope.uuid().into(), self.job.as_uuid().into()];
        let mut vacated: HashMap<String, Uuid> = HashMap::new();
        for row in self.ask(sql, values).await? {
            let before: String = row.try_get("", "before")?;
            let before: serde_json::Value = stored("before", serde_json::from_str(&before))?;
            if let Some(key) = before[column].as_str() {
                vacated.insert(key.to_lowercase(), row.try_get("", "record_id")?);
            }
        }
        let known = asked.map(|key| vacated.get(key));
        Ok(found
            .into_iter()
            .zip(known)
            .map(|(hits, known)| known.map_or(hits, |id| hits.and(*id)))
            .collect())
    }

    /// The ids of the rows that have these texts in a column.
    pub(super) async fn ids_by_text<'v>(
        &self,
        column: &Column,
        asked: impl Iterator<Item = &'v str>,
    ) -> Result<HashMap<String, Hits>, RepositoryError> {
        let mut asked = asked.peekable();
        if asked.peek().is_none() {
            return Ok(HashMap::new());
        }
        let Column { table, text, .. } = column;
        let sql = format!(
            "SELECT {text} AS key, id FROM {table} WHERE tenant_id = $1 AND {}",
            column.is_among(self.db.backend(), 2)
        );
        let values = vec![self.scope.uuid().into(), array(asked).into()];
        self.hits(&sql, values).await
    }

    /// The rows that a statement gives by their `key`.
    async fn hits(
        &self,
        sql: &str,
        values: Vec<Value>,
    ) -> Result<HashMap<String, Hits>, RepositoryError> {
        let mut found = HashMap::new();
        for row in self.ask(sql, values).await? {
            let key: String = row.try_get("", "key")?;
            let hits = found.entry(key).or_insert(Hits::None);
            *hits = hits.and(row.try_get("", "id")?);
        }
        Ok(found)
    }

    /// Which of these ids there are.
    pub(super) async fn existing_ids(
        &self,
        table: &str,
        asked: impl Iterator<Item = Uuid>,
    ) -> Result<HashSet<Uuid>, RepositoryError> {
        let asked: Vec<Uuid> = asked.collect::<HashSet<_>>().into_iter().collect();
        let mut found = HashSet::new();
        let per_statement = match self.db.backend() {
            Backend::Postgres => usize::MAX,
            Backend::Sqlite => PLACES,
        };
        for some in asked.chunks(per_statement) {
            let mut values = vec![self.scope.uuid().into()];
            let set = match self.db.backend() {
                Backend::Postgres => {
                    values.push(array(some).into());
                    "= ANY (ARRAY(SELECT id::uuid FROM jsonb_array_elements_text($2::jsonb) AS id))"
                        .to_owned()
                }
                Backend::Sqlite => {
                    values.extend(some.iter().map(|id| Value::from(*id)));
                    format!("IN ({})", vec!["?"; some.len()].join(", "))
                }
            };
            let tenant = match self.db.backend() {
                Backend::Postgres => "$1",
                Backend::Sqlite => "?",
            };
            let sql = format!("SELECT id FROM {table} WHERE tenant_id = {tenant} AND id {set}");
            for row in self.ask(&sql, values).await? {
                found.insert(row.try_get("", "id")?);
            }
        }
        Ok(found)
    }

    /// Which of these receipts payments of other origin have.
    pub(super) async fn receipts_among(
        &self,
        keys: &[(JamaahId, ReferenceNumber)],
    ) -> Result<PaymentKeys, RepositoryError> {
        let mut found = PaymentKeys::default();
        let per_statement = match self.db.backend() {
            Backend::Postgres => usize::MAX,
            Backend::Sqlite => PLACES / 2,
        };
        for some in keys.chunks(per_statement) {
            let (sql, values) = match self.db.backend() {
                Backend::Postgres => (receipts_sql(), self.receipts_array(some)),
                Backend::Sqlite => self.receipts_places(some),
            };
            for row in self.ask(&sql, values).await? {
                let (jamaah, number) = (row.try_get("", "jamaah_id")?, row.try_get("", "number")?);
                found.insert(jamaah, number, row.try_get("", "id")?);
            }
        }
        Ok(found)
    }

    fn receipts_array(&self, keys: &[(JamaahId, ReferenceNumber)]) -> Vec<Value> {
        let pairs = keys
            .iter()
            .map(|(jamaah, number)| serde_json::json!([jamaah.to_string(), number.as_str()]));
        let array = serde_json::Value::Array(pairs.collect());
        vec![
            self.scope.uuid().into(),
            self.job.as_uuid().into(),
            array.to_string().into(),
        ]
    }

    fn receipts_places(&self, keys: &[(JamaahId, ReferenceNumber)]) -> (String, Vec<Value>) {
        let sql = format!(
            "SELECT jamaah_id, nomor_referensi AS number, id FROM payments WHERE tenant_id = ? \
             AND (migration_job_id IS NULL OR migration_job_id <> ?) \
             AND (jamaah_id, nomor_referensi) IN (VALUES {})",
            vec!["(?, ?)"; keys.len()].join(", ")
        );
        let mut values: Vec<Value> = vec![self.scope.uuid().into(), self.job.as_uuid().into()];
        for (jamaah, number) in keys {
            values.push(jamaah.as_uuid().into());
            values.push(number.as_str().into());
        }
        (sql, values)
    }
}

/// A JSON array of texts.
fn array(items: impl IntoIterator<Item: ToString>) -> String {
    let items = items
        .into_iter()
        .map(|item| serde_json::Value::String(item.to_string()));
    serde_json::Value::Array(items.collect()).to_string()
}

fn receipts_sql() -> String {
    format!(
        "SELECT p.jamaah_id, p.nomor_referensi AS number, p.id \
         FROM jsonb_array_elements($3::jsonb) AS k \
         JOIN payments p ON p.tenant_id = $1 AND p.jamaah_id = (k->>0)::uuid \
         AND p.nomor_referensi = k->>1 WHERE {}",
        FOREIGN.replace("migration_job_id", "p.migration_job_id")
    )
}
