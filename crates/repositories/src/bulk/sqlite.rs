//! The SQLite sink: one writer, prepared inserts of many rows. If a constraint refuses rows, the rows of that statement
//! are inserted one by one, and each refusal has its reason.

use domain::JobId;
use sea_orm::Value;
use sea_query_sqlx::SqlxValues;
use sqlx::{
    Arguments, AssertSqlSafe, Row, Sqlite, SqliteConnection,
    query::Query,
    sqlite::{SqliteArguments, SqliteRow},
};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use super::{
    batch::{BatchOutcome, BulkError, ImportRow, Loaded, Refusal, RefusalReason, Work},
    sink::{Second, Sink},
    store,
    table::{Filled, Origin, Reported},
};
use crate::{
    Backend, Database, Lease, RepositoryError, TenantScope,
    table::{Cells, Table, columns},
    violation::{self, Kind},
};

/// Rows of one prepared insert: more bring nothing, and a statement can have at most 32 766 parameters.
const ROWS: usize = 500;
/// Bytes of one prepared insert: its parameters are a copy of the rows.
const BYTES: usize = 1 << 20;

fn query(sql: impl Into<String>, values: Vec<Value>) -> Query<'static, Sqlite, SqlxValues> {
    sqlx::query_with(
        AssertSqlSafe(sql.into()),
        SqlxValues(sea_orm::sea_query::Values(values)),
    )
}

/// Writes a batch in one transaction.
pub(super) async fn write(
    db: &Database,
    lease: &Lease,
    work: &Work<'_>,
) -> Result<BatchOutcome, BulkError> {
    let _permit = db.owner().permit().await.map_err(RepositoryError::from)?;
    let mut tx = db.sqlite_pool().begin_with("BEGIN IMMEDIATE").await?;
    let fence = format!(
        "SELECT {}, cancelled_at IS NOT NULL FROM migration_jobs WHERE {}",
        db.now(),
        Lease::FENCE
    );
    let Some(job) = query(fence, lease.values())
        .fetch_optional(&mut *tx)
        .await?
    else {
        return Err(RepositoryError::LeaseLost.into());
    };
    let job = (job.try_get(0)?, job.try_get(1)?);
    db.fault_point()?;
    let loaded = match &work.valid {
        Some(valid) => {
            let origin = Origin::of(lease, valid.on_duplicate, valid.now);
            store::load_rows(&mut *tx, &origin, valid.rows).await?
        }
        None => Loaded::default(),
    };
    db.fault_point()?;
    let outcome = store::finish(&mut *tx, (db, lease, work), loaded, job).await?;
    tx.commit().await?;
    db.fault_point()?;
    Ok(outcome)
}

impl Sink for SqliteConnection {
    const BACKEND: Backend = Backend::Sqlite;

    async fn insert<T: Table>(
        &mut self,
        origin: &Origin,
        rows: &[ImportRow<T>],
    ) -> Result<Vec<Refusal>, BulkError> {
        load_rows(self, origin, rows).await
    }

    async fn put<R: Filled>(
        &mut self,
        table: &str,
        origin: &Origin,
        rows: &[R],
    ) -> Result<(), BulkError> {
        for some in rows.chunks(ROWS) {
            insert(self, table, origin, some).await?;
        }
        Ok(())
    }

    /// Stores the items in statements of bounded size.
    async fn report<T: Reported>(
        &mut self,
        origin: (TenantScope, JobId),
        items: &[&T],
    ) -> Result<(), BulkError> {
        let columns = T::COLUMNS.join(", ");
        let mut rest = items;
        while !rest.is_empty() {
            let mut bytes = 0;
            let fit = rest.iter().take(ROWS).take_while(|item| {
                bytes += item.bytes();
                bytes <= BYTES
            });
            let (some, following) = rest.split_at(fit.count().max(1));
            let sql = many(T::TABLE, &columns, T::COLUMNS.len(), some.len());
            let mut cells = Parameters::default();
            for item in some {
                item.fill(origin, &mut cells)?;
            }
            cells.execute(self, sql).await?;
            rest = following;
        }
        Ok(())
    }

    async fn execute(&mut self, sql: String) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(self).await?;
        Ok(())
    }

    async fn run(&mut self, sql: String, values: Vec<Value>) -> Result<(), sqlx::Error> {
        query(sql, values).execute(self).await?;
        Ok(())
    }

    async fn texts(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> Result<Vec<Vec<Option<String>>>, sqlx::Error> {
        let rows = query(sql, values).fetch_all(self).await?;
        let cells = |row: &SqliteRow| (0..row.len()).map(|column| row.try_get(column)).collect();
        rows.iter().map(cells).collect()
    }

    async fn pairs<T: Second>(&mut self, sql: String) -> Result<Vec<(i64, T)>, sqlx::Error> {
        let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(self).await?;
        rows.iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect()
    }
}

async fn load_rows<T: Table>(
    tx: &mut SqliteConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Vec<Refusal>, BulkError> {
    let mut refused = Vec::new();
    for (chunk, some) in rows.chunks(ROWS).enumerate() {
        match insert(tx, T::NAME, origin, some).await {
            Ok(()) => continue,
            Err(error) => match violation::kind(&error) {
                // The statement was rolled back; the transaction continues.
                Kind::Unique(_) | Kind::Foreign(_) | Kind::Unstorable => {}
                Kind::Unavailable
                | Kind::Conflict
                | Kind::Busy
                | Kind::Unreadable
                | Kind::Other => {
                    return Err(error.into());
                }
            },
        }
        for (offset, row) in some.iter().enumerate() {
            let reason = match insert(tx, T::NAME, origin, std::slice::from_ref(row)).await {
                Ok(()) => continue,
                Err(error) => match violation::kind(&error) {
                    Kind::Unique(_) if is_stored::<T>(tx, origin, row).await? => continue,
                    Kind::Unique(Some(field)) => RefusalReason::Duplicate { field },
                    Kind::Foreign(_) => match T::REFERENCE {
                        Some(reference) => RefusalReason::MissingReference {
                            field: reference.field,
                        },
                        None => RefusalReason::Unstorable,
                    },
                    Kind::Unique(None) | Kind::Unstorable => RefusalReason::Unstorable,
                    Kind::Unavailable
                    | Kind::Conflict
                    | Kind::Busy
                    | Kind::Unreadable
                    | Kind::Other => {
                        return Err(error.into());
                    }
                },
            };
            refused.push(Refusal {
                index: chunk * ROWS + offset,
                row_number: row.row_number,
                reason,
            });
        }
    }
    Ok(refused)
}

async fn insert<R: Filled>(
    tx: &mut SqliteConnection,
    table: &str,
    origin: &Origin,
    rows: &[R],
) -> Result<(), sqlx::Error> {
    let columns = columns::<R::Table>();
    let sql = many(table, &columns.join(", "), columns.len(), rows.len());
    let mut cells = Parameters::default();
    for row in rows {
        row.fill(origin, &mut cells);
    }
    cells.execute(tx, sql).await
}

/// Whether this job has already stored this row.
async fn is_stored<T: Table>(
    tx: &mut SqliteConnection,
    origin: &Origin,
    row: &ImportRow<T>,
) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "SELECT 1 FROM {} WHERE migration_job_id = $1 AND import_row_number = $2",
        T::NAME
    );
    let number = i64::try_from(row.row_number).unwrap_or(i64::MAX);
    let values = vec![origin.job.as_uuid().into(), number.into()];
    Ok(query(sql, values).fetch_optional(&mut *tx).await?.is_some())
}

/// An insert of `rows` rows.
fn many(table: &str, columns: &str, width: usize, rows: usize) -> String {
    let row = vec!["?"; width].join(", ");
    let all = vec![format!("({row})"); rows].join(", ");
    format!("INSERT INTO {table} ({columns}) VALUES {all}")
}

/// The parameters of a prepared statement, and the first error of adding one.
#[derive(Default)]
struct Parameters {
    arguments: SqliteArguments,
    failed: Option<sqlx::error::BoxDynError>,
}

impl Parameters {
    fn add<'q, T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite>>(&mut self, value: T) {
        if let Err(error) = self.arguments.add(value) {
            self.failed.get_or_insert(error);
        }
    }

    async fn execute(self, tx: &mut SqliteConnection, sql: String) -> Result<(), sqlx::Error> {
        if let Some(error) = self.failed {
            return Err(sqlx::Error::Encode(error));
        }
        sqlx::query_with(AssertSqlSafe(sql), self.arguments)
            .execute(&mut *tx)
            .await?;
        Ok(())
    }
}

impl Cells for Parameters {
    fn text(&mut self, text: Option<&str>) {
        self.add(text.map(str::to_owned));
    }

    fn word(&mut self, word: Option<&'static str>) {
        self.add(word);
    }

    fn uuid(&mut self, id: Uuid) {
        self.add(id);
    }

    fn number(&mut self, number: Option<i64>) {
        self.add(number);
    }

    fn date(&mut self, date: Option<Date>) {
        self.add(date);
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        self.add(moment);
    }
}
