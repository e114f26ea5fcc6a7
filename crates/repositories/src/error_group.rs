//! The findings of a job grouped by cause, counted in the database however many there are; and its failed rows by
//! row number.

use std::collections::HashMap;
use std::fmt::Write as _;

use domain::{ErrorType, JobId, Severity};
use sea_orm::{ConnectionTrait, QueryResult, Value};

use crate::{
    RepositoryError, TenantScope, import_job::rows as stored_number, row_error::RowErrors,
    table::stored,
};

/// More causes than in any file that a person would correct.
const MOST_GROUPS: u64 = 100;
/// Rows by which a cause is shown.
const FIRST_ROWS: u64 = 3;
/// Values by which a cause is shown, the most frequent first.
const MOST_VALUES: u64 = 20;

/// The findings of one cause in one column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorGroup {
    /// The code of the finding.
    pub code: String,
    /// Whether it prevents the import of rows.
    pub severity: Severity,
    /// Its kind.
    pub error_type: ErrorType,
    /// The field.
    pub field_name: Option<String>,
    /// The column, from 0.
    pub column_index: Option<u32>,
    /// The expected format.
    pub expected_format: Option<String>,
    /// Rows with it.
    pub rows: u64,
    /// The first of them.
    pub first_rows: Vec<u64>,
    /// Values that stood there and how often, the most frequent first.
    pub values: Vec<(String, u64)>,
    /// Different values.
    pub values_total: u64,
}

/// Which failed rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowQuery {
    /// Only after this row.
    pub after: u64,
    /// Only with this code.
    pub code: Option<String>,
    /// Only with a finding in this column.
    pub column_index: Option<u32>,
    /// Findings of this severity; `None` are the errors.
    pub severity: Option<Severity>,
}

/// What distinguishes groups.
type Key = (String, String, Option<String>, Option<i32>);

const GROUPED: &str = "code, error_type, field_name, column_index";

impl RowErrors {
    /// The causes of a job's findings, those with most rows first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn groups(
        &self,
        scope: TenantScope,
        job: JobId,
        severity: Severity,
    ) -> Result<Vec<ErrorGroup>, RepositoryError> {
        let reader = self.db.read(scope).await?;
        let of_job = "FROM migration_errors \
            WHERE tenant_id = $1 AND migration_job_id = $2 AND severity = $3";
        let ask = async |sql: String| {
            let values: [Value; 3] = [
                scope.uuid().into(),
                job.as_uuid().into(),
                severity.as_str().into(),
            ];
            reader.query_all_raw(self.db.statement(sql, values)).await
        };
        let mut groups = Vec::new();
        let mut places: HashMap<Key, usize> = HashMap::new();
        let sql = format!(
            "SELECT {GROUPED}, count(DISTINCT row_number) AS found, min(row_number) AS first_row, \
             max(expected_format) AS expected_format {of_job} \
             GROUP BY {GROUPED} ORDER BY found DESC, first_row, code LIMIT {MOST_GROUPS}"
        );
        for row in ask(sql).await? {
            let key = key(&row)?;
            places.insert(key.clone(), groups.len());
            let (code, error_type, field_name, column_index) = key;
            groups.push(ErrorGroup {
                code,
                severity,
                error_type: stored("error_type", error_type.parse())?,
                field_name,
                column_index: column_index.and_then(|column| u32::try_from(column).ok()),
                expected_format: row.try_get("", "expected_format")?,
                rows: count(&row, "found")?,
                first_rows: Vec::new(),
                values: Vec::new(),
                values_total: 0,
            });
        }
        let sql = format!(
            "SELECT {GROUPED}, row_number FROM (SELECT {GROUPED}, row_number, \
             row_number() OVER (PARTITION BY {GROUPED} ORDER BY row_number) AS place \
             FROM (SELECT DISTINCT {GROUPED}, row_number {of_job}) AS d) AS p \
             WHERE place <= {FIRST_ROWS} ORDER BY row_number"
        );
        for row in ask(sql).await? {
            if let Some(place) = places.get(&key(&row)?) {
                let number: i32 = row.try_get("", "row_number")?;
                groups[*place]
                    .first_rows
                    .push(u64::try_from(number).unwrap_or(0));
            }
        }
        let sql = format!(
            "SELECT {GROUPED}, received_value, found, total FROM (SELECT {GROUPED}, received_value, \
             count(*) AS found, \
             row_number() OVER (PARTITION BY {GROUPED} ORDER BY count(*) DESC, received_value) AS place, \
             count(*) OVER (PARTITION BY {GROUPED}) AS total \
             {of_job} AND received_value IS NOT NULL GROUP BY {GROUPED}, received_value) AS p \
             WHERE place <= {MOST_VALUES} ORDER BY place"
        );
        for row in ask(sql).await? {
            if let Some(place) = places.get(&key(&row)?) {
                let group = &mut groups[*place];
                group.values_total = count(&row, "total")?;
                let value = row.try_get("", "received_value")?;
                group.values.push((value, count(&row, "found")?));
            }
        }
        Ok(groups)
    }

    /// The numbers of the next `limit` rows with a finding, and how many rows have one in all.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn row_numbers(
        &self,
        scope: TenantScope,
        job: JobId,
        query: &RowQuery,
        limit: u64,
    ) -> Result<(Vec<u64>, u64), RepositoryError> {
        // PostgreSQL accepts no NUL, and no code contains one.
        if query.code.as_ref().is_some_and(|code| code.contains('\0')) {
            return Ok((Vec::new(), 0));
        }
        let mut wanted = String::from(
            "FROM migration_errors WHERE tenant_id = $1 AND migration_job_id = $2 AND severity = $3",
        );
        let severity = query.severity.unwrap_or(Severity::Error);
        let mut values: Vec<Value> = vec![
            scope.uuid().into(),
            job.as_uuid().into(),
            severity.as_str().into(),
        ];
        if let Some(code) = &query.code {
            values.push(code.clone().into());
            wanted.push_str(" AND code = $4");
        }
        if let Some(column) = query.column_index {
            let _ = write!(wanted, " AND column_index = {column}");
        }
        let reader = self.db.read(scope).await?;
        let sql = format!("SELECT count(DISTINCT row_number) AS found {wanted}");
        let row = reader
            .query_one_raw(self.db.statement(sql, values.clone()))
            .await?;
        let total = row.map_or(Ok(0), |row| count(&row, "found"))?;
        let sql = format!(
            "SELECT DISTINCT row_number {wanted} AND row_number > {} ORDER BY row_number LIMIT {limit}",
            stored_number(query.after).min(i64::from(i32::MAX))
        );
        let rows = reader.query_all_raw(self.db.statement(sql, values)).await?;
        let numbers = rows.iter().map(|row| {
            let number: i32 = row.try_get("", "row_number")?;
            Ok::<_, RepositoryError>(u64::try_from(number).unwrap_or(0))
        });
        Ok((numbers.collect::<Result<_, _>>()?, total))
    }
}

fn key(row: &QueryResult) -> Result<Key, RepositoryError> {
    Ok((
        row.try_get("", "code")?,
        row.try_get("", "error_type")?,
        row.try_get("", "field_name")?,
        row.try_get("", "column_index")?,
    ))
}

fn count(row: &QueryResult, column: &str) -> Result<u64, RepositoryError> {
    let count: i64 = row.try_get("", column)?;
    Ok(u64::try_from(count).unwrap_or(0))
}
