//! The slow way into a PostgreSQL table, for rows that COPY could not store: a temporary table and `INSERT … ON CONFLICT
//! DO NOTHING`; for each row that is not stored afterwards, a query finds out why.

use std::collections::HashMap;

use sqlx::{AssertSqlSafe, PgConnection, Row, postgres::PgRow};

use super::{
    batch::{BulkError, ImportRow, Refusal, RefusalReason},
    copy::store_rows,
    table::Origin,
};
use crate::table::{Table, columns};

/// How often the staged rows are inserted: a row whose competitor vanished between the insertion and the query gets
/// another chance.
const INSERTIONS: u32 = 4;

/// Loads rows, and returns those that a key or a reference refused.
pub(super) async fn load<T: Table>(
    tx: &mut PgConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Vec<Refusal>, BulkError> {
    stage(tx, origin, rows).await?;
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
    let indexes: HashMap<u64, usize> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| (row.row_number, index))
        .collect();
    let refused = left.into_iter().filter_map(|(row_number, reason)| {
        let index = *indexes.get(&row_number)?;
        let reason = reason.unwrap_or(RefusalReason::Unstorable);
        Some(Refusal {
            index,
            row_number,
            reason,
        })
    });
    Ok(refused.collect())
}

/// Puts the rows into a temporary table without constraints.
async fn stage<T: Table>(
    tx: &mut PgConnection,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<(), BulkError> {
    let sql = format!(
        "CREATE TEMPORARY TABLE import_stage (LIKE {}) ON COMMIT DROP",
        T::NAME
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    store_rows(tx, "import_stage", origin, rows).await
}

/// Moves the staged rows whose reference exists; of rows with the same key, the first in the file is stored.
async fn insert_staged<T: Table>(tx: &mut PgConnection) -> Result<(), sqlx::Error> {
    let mut standing = String::from("TRUE");
    if let Some(reference) = T::REFERENCE {
        let (table, field) = (reference.table, reference.field);
        // Locked until the transaction ends, so that the rows' references cannot be deleted before they are stored.
        let lock = format!(
            "SELECT 1 FROM {table} p WHERE (p.tenant_id, p.id) IN \
             (SELECT s.tenant_id, s.{field} FROM import_stage s) ORDER BY p.id FOR KEY SHARE"
        );
        sqlx::raw_sql(AssertSqlSafe(lock)).execute(&mut *tx).await?;
        standing = format!(
            "EXISTS (SELECT 1 FROM {table} p WHERE p.tenant_id = s.tenant_id AND p.id = s.{field})"
        );
    }
    let columns = columns::<T>().join(", ");
    let sql = format!(
        "INSERT INTO {} ({columns}) SELECT {columns} FROM import_stage s WHERE {standing} \
         ORDER BY import_row_number ON CONFLICT DO NOTHING",
        T::NAME
    );
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    Ok(())
}

/// The staged rows that are not stored, and why: the row number, and the reason if there still is one.
async fn left_over<T: Table>(
    tx: &mut PgConnection,
) -> Result<Vec<(u64, Option<RefusalReason>)>, sqlx::Error> {
    let table = T::NAME;
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
    for key in T::KEYS {
        reasons.push((
            format!("EXISTS (SELECT 1 FROM {table} t WHERE {})", key.matches()),
            RefusalReason::Duplicate { field: key.field },
        ));
    }
    let cases: Vec<String> = reasons
        .iter()
        .enumerate()
        .map(|(index, (condition, _))| format!("WHEN {condition} THEN {index}"))
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
            let index: i64 = row.try_get(1)?;
            let reason = usize::try_from(index)
                .ok()
                .and_then(|index| reasons.get(index))
                .map(|(_, reason)| *reason);
            Ok((u64::try_from(row_number).unwrap_or(0), reason))
        })
        .collect()
}
