//! The PostgreSQL sink: COPY straight into the table, in a savepoint. Where a constraint refuses, the same rows go through a
//! temporary table and `INSERT … ON CONFLICT DO NOTHING`, and what is not stored afterwards is asked why.

use std::collections::HashMap;

use domain::RowError;
use sea_orm::Value;
use sea_query_sqlx::SqlxValues;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row, postgres::PgRow, query::Query};

use super::{
    BatchOutcome, BulkError, CLEAR_ERRORS, ImportRow, ImportRows, Refusal, RefusalReason, Valid,
    Work, advance, clear_errors,
    copy::CopyText,
    table::{ERROR_COLUMNS, Key, Loaded, Origin, columns, fill_error, fill_row},
};
use crate::{
    Database, Lease, RepositoryError, TenantScope,
    import_job::evict::AT_WORK,
    stamp::Stamp,
    violation::{self, Kind},
};

/// Times that the staged rows are inserted: a row whose rival vanished between the insertion and the question gets another go.
const INSERTIONS: u32 = 4;

type Statement = Query<'static, Postgres, SqlxValues>;

fn query(sql: impl Into<String>, values: Vec<Value>) -> Statement {
    sqlx::query_with(
        AssertSqlSafe(sql.into()),
        SqlxValues(sea_orm::sea_query::Values(values)),
    )
}

/// Writes a batch in one transaction, as the tables' owner.
pub(super) async fn write(
    db: &Database,
    lease: &Lease,
    work: Work<'_>,
) -> Result<BatchOutcome, BulkError> {
    let mut tx = db.owner().get_postgres_connection_pool().begin().await?;
    let fence = format!(
        "SELECT set_config('application_name', '{AT_WORK}' || $3, true) FROM migration_jobs WHERE {} FOR NO KEY UPDATE",
        Lease::FENCE
    );
    if query(fence, lease.values())
        .fetch_optional(&mut *tx)
        .await?
        .is_none()
    {
        return Err(RepositoryError::LeaseLost.into());
    }
    db.fault_point()?;
    let refused = match &work.valid {
        Some(valid) => load(&mut tx, lease, valid).await?,
        None => Vec::new(),
    };
    db.fault_point()?;
    let outcome = work.outcome(refused);
    query(CLEAR_ERRORS, clear_errors(lease, &work))
        .execute(&mut *tx)
        .await?;
    let errors = work.errors.iter().chain(&outcome.errors);
    copy_errors(&mut tx, lease.scope, errors).await?;
    db.fault_point()?;
    let (sql, values) = advance(db, lease, &work, &outcome)?;
    query(sql, values).execute(&mut *tx).await?;
    db.fault_point()?;
    tx.commit().await?;
    db.fault_point()?;
    Ok(outcome)
}

async fn load(
    tx: &mut PgConnection,
    lease: &Lease,
    valid: &Valid<'_>,
) -> Result<Vec<Refusal>, BulkError> {
    let origin = Origin {
        scope: lease.scope,
        job: lease.job_id,
        now: Stamp::from(valid.now).naive(),
    };
    match valid.rows {
        ImportRows::Jamaah(rows) => load_rows(tx, &origin, rows).await,
        ImportRows::Payment(rows) => load_rows(tx, &origin, rows).await,
        ImportRows::Package(rows) => load_rows(tx, &origin, rows).await,
    }
}

async fn load_rows<T: Loaded>(
    tx: &mut PgConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Vec<Refusal>, BulkError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut text = CopyText::with_capacity(rows.len() * 384);
    for row in rows {
        fill_row(row, origin, &mut text);
        text.end_row();
    }
    let bytes = text.into_bytes();
    sqlx::raw_sql("SAVEPOINT batch").execute(&mut *tx).await?;
    match copy(tx, T::TABLE, &columns::<T>(), &bytes).await {
        Ok(()) => {
            sqlx::raw_sql("RELEASE SAVEPOINT batch")
                .execute(&mut *tx)
                .await?;
            return Ok(Vec::new());
        }
        Err(error) => match violation::kind(&error) {
            Kind::Unique(_) | Kind::Foreign(_) | Kind::Unstorable => {
                tracing::debug!(job.id = %origin.job, rows = rows.len(), "staging a batch that a constraint refused");
            }
            Kind::Unavailable | Kind::Conflict | Kind::Other => return Err(error.into()),
        },
    }
    sqlx::raw_sql("ROLLBACK TO SAVEPOINT batch")
        .execute(&mut *tx)
        .await?;
    stage::<T>(tx, &bytes).await?;
    let mut left = Vec::new();
    for _ in 0..INSERTIONS {
        insert_staged::<T>(tx).await?;
        left = left_over::<T>(tx).await?;
        if left.iter().all(|(_, reason)| reason.is_some()) {
            break;
        }
    }
    sqlx::raw_sql("DROP TABLE import_stage")
        .execute(&mut *tx)
        .await?;
    let places: HashMap<u64, usize> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| (row.row_number, index))
        .collect();
    let refused = left.into_iter().filter_map(|(row_number, reason)| {
        let index = *places.get(&row_number)?;
        let reason = reason.unwrap_or(RefusalReason::Unstorable);
        Some(Refusal {
            index,
            row_number,
            reason,
        })
    });
    Ok(refused.collect())
}

async fn copy(
    tx: &mut PgConnection,
    table: &str,
    columns: &str,
    bytes: &[u8],
) -> Result<(), sqlx::Error> {
    let statement = format!("COPY {table} ({columns}) FROM STDIN");
    let mut copy = tx.copy_in_raw(&statement).await?;
    copy.send(bytes).await?;
    copy.finish().await?;
    Ok(())
}

async fn copy_errors<'e>(
    tx: &mut PgConnection,
    scope: TenantScope,
    errors: impl Iterator<Item = &'e RowError>,
) -> Result<(), BulkError> {
    let mut text = CopyText::default();
    for error in errors {
        fill_error(error, scope, &mut text)
            .map_err(|_| RepositoryError::Corrupt { column: "row_data" })?;
        text.end_row();
    }
    let bytes = text.into_bytes();
    if !bytes.is_empty() {
        copy(tx, "migration_errors", ERROR_COLUMNS, &bytes).await?;
    }
    Ok(())
}

/// Puts the rows into a temporary table without constraints.
async fn stage<T: Loaded>(tx: &mut PgConnection, bytes: &[u8]) -> Result<(), sqlx::Error> {
    let sql = format!(
        "CREATE TEMPORARY TABLE import_stage (LIKE {}) ON COMMIT DROP",
        T::TABLE
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    copy(tx, "import_stage", &columns::<T>(), bytes).await
}

/// Moves the staged rows whose reference stands; the earlier row of the file wins a key.
async fn insert_staged<T: Loaded>(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut standing = String::from("TRUE");
    if let Some(reference) = T::REFERENCE {
        let (table, field) = (reference.table, reference.field);
        // Held until the transaction ends, so that nobody deletes what the rows are about to refer to.
        let lock = format!(
            "SELECT 1 FROM {table} p WHERE (p.tenant_id, p.id) IN \
             (SELECT s.tenant_id, s.{field} FROM import_stage s) ORDER BY p.id FOR KEY SHARE"
        );
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *tx).await?;
        standing = format!(
            "EXISTS (SELECT 1 FROM {table} p WHERE p.tenant_id = s.tenant_id AND p.id = s.{field})"
        );
    }
    let columns = columns::<T>();
    let sql = format!(
        "INSERT INTO {} ({columns}) SELECT {columns} FROM import_stage s WHERE {standing} \
         ORDER BY import_row_number ON CONFLICT DO NOTHING",
        T::TABLE
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    Ok(())
}

/// The staged rows that are not stored, and why: the row number and the reason, where there still is one.
async fn left_over<T: Loaded>(
    tx: &mut PgConnection,
) -> Result<Vec<(u64, Option<RefusalReason>)>, sqlx::Error> {
    let table = T::TABLE;
    let mut reasons: Vec<(String, RefusalReason)> = Vec::new();
    if let Some(reference) = T::REFERENCE {
        let (other, field) = (reference.table, reference.field);
        reasons.push((
            format!(
                "NOT EXISTS (SELECT 1 FROM {other} t WHERE t.tenant_id = s.tenant_id AND t.id = s.{field})"
            ),
            RefusalReason::MissingReference { field },
        ));
    }
    for Key { field, matches } in T::KEYS {
        reasons.push((
            format!("EXISTS (SELECT 1 FROM {table} t WHERE {matches})"),
            RefusalReason::Duplicate { field },
        ));
    }
    let cases: Vec<String> = reasons
        .iter()
        .enumerate()
        .map(|(place, (condition, _))| format!("WHEN {condition} THEN {place}"))
        .collect();
    let cases = cases.join(" ");
    let sql = format!(
        "SELECT s.import_row_number::bigint, (CASE {cases} ELSE -1 END)::bigint FROM import_stage s \
         WHERE NOT EXISTS (SELECT 1 FROM {table} t WHERE t.migration_job_id = s.migration_job_id \
         AND t.import_row_number = s.import_row_number) ORDER BY 1"
    );
    let rows: Vec<PgRow> = sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_all(&mut *tx)
        .await?;
    rows.iter()
        .map(|row| {
            let row_number: i64 = row.try_get(0)?;
            let place: i64 = row.try_get(1)?;
            let reason = usize::try_from(place)
                .ok()
                .and_then(|place| reasons.get(place))
                .map(|(_, reason)| *reason);
            Ok((u64::try_from(row_number).unwrap_or(0), reason))
        })
        .collect()
}
