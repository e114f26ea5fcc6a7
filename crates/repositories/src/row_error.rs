//! Row errors and failed rows of a job, in the order of the file. A failed row is stored once, and read in parts of bounded
//! size: one of them may be a megabyte.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use domain::{ErrorType, FailedRow, JobId, RowCells, RowError, RowErrorId, Severity};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, sea_query::Expr,
};

use crate::{
    Database, Page, RepositoryError, TenantScope,
    entity::migration_error::{Column, Entity, Model},
    import_job::rows,
    table::stored,
};

/// A part of failed rows ends before it is larger than this, unless it is one row: what twenty slow readers of a report may
/// hold at once.
const PART_BYTES: u64 = 1 << 20;

/// The row errors and failed rows of tenants' jobs.
#[derive(Debug, Clone)]
pub struct RowErrors {
    pub(crate) db: Database,
}

/// Which errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowErrorQuery {
    /// Only this type.
    pub error_type: Option<ErrorType>,
    /// Only of this field.
    pub field_name: Option<String>,
    /// Only with this code.
    pub code: Option<String>,
    /// Only of this row.
    pub row_number: Option<u64>,
    /// Findings of this severity; `None` are the errors.
    pub severity: Option<Severity>,
    /// Most errors to return.
    pub limit: u64,
    /// Errors to skip.
    pub offset: u64,
}

/// Where a part of a report ended: pass it to get the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowErrorCursor {
    row_number: i32,
    id: RowErrorId,
}

impl RowErrors {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// A page of a job's errors.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(
        &self,
        scope: TenantScope,
        job: JobId,
        query: &RowErrorQuery,
    ) -> Result<Page<RowError>, RepositoryError> {
        // PostgreSQL takes no NUL, and no field's name has one.
        let (field, code) = (query.field_name.as_deref(), query.code.as_deref());
        let is_unknown = |word: Option<&str>| word.is_some_and(|word| word.contains('\0'));
        if is_unknown(field) || is_unknown(code) {
            return Ok(Page {
                items: Vec::new(),
                total: 0,
            });
        }
        let severity = query.severity.unwrap_or(Severity::Error);
        let wanted = of(scope, job, severity)
            .apply_if(code, |errors, code| errors.filter(Column::Code.eq(code)))
            .apply_if(query.row_number, |errors, row| {
                errors.filter(Column::RowNumber.eq(rows(row)))
            })
            .apply_if(query.error_type, |errors, kind| {
                errors.filter(Column::ErrorType.eq(kind.as_str()))
            })
            .apply_if(field, |errors, name| {
                errors.filter(Column::FieldName.eq(name))
            });
        let reader = self.db.read(scope).await?;
        let rows = in_order(wanted.clone())
            .limit(query.limit)
            .offset(query.offset)
            .all(&reader)
            .await?;
        let total = wanted.count(&reader).await?;
        let items = rows.into_iter().map(record).collect::<Result<_, _>>()?;
        Ok(Page { items, total })
    }

    /// The next `limit` errors after `after`, for streamed reports, and the cursor of the last one: call again with it until it is
    /// `None`. The errors of one row follow each other, but a page may end between them.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn next(
        &self,
        scope: TenantScope,
        job: JobId,
        after: Option<RowErrorCursor>,
        limit: u64,
    ) -> Result<(Vec<RowError>, Option<RowErrorCursor>), RepositoryError> {
        let rows = in_order(of(scope, job, Severity::Error))
            .apply_if(after, |errors, cursor| {
                let key = Expr::tuple([Expr::col(Column::RowNumber), Expr::col(Column::Id)]);
                let end = Expr::tuple([
                    Expr::value(cursor.row_number),
                    Expr::value(cursor.id.as_uuid()),
                ]);
                errors.filter(key.gt(end))
            })
            .limit(limit)
            .all(&self.db.read(scope).await?)
            .await?;
        let cursor = rows.last().map(|row| RowErrorCursor {
            row_number: row.row_number,
            id: RowErrorId::from_uuid(row.id),
        });
        let errors = rows.into_iter().map(record).collect::<Result<_, _>>()?;
        Ok((errors, cursor))
    }

    /// The findings of a severity about the rows in a range.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn of_rows(
        &self,
        scope: TenantScope,
        job: JobId,
        (first, last): (u64, u64),
        severity: Severity,
    ) -> Result<Vec<RowError>, RepositoryError> {
        let found = in_order(of(scope, job, severity))
            .filter(Column::RowNumber.between(rows(first), rows(last)))
            .all(&self.db.read(scope).await?)
            .await?;
        found.into_iter().map(record).collect()
    }

    /// The next failed rows after row `after`, at most `limit` and at most about a megabyte of them, but at least one; none
    /// if there are no more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_after(
        &self,
        scope: TenantScope,
        job: JobId,
        after: u64,
        limit: u64,
    ) -> Result<Vec<FailedRow>, RepositoryError> {
        let wanted = format!(
            "row_number > {} ORDER BY row_number LIMIT {limit}",
            rows(after)
        );
        self.part(scope, job, &wanted).await
    }

    /// The failed rows with these numbers: the first of them, at most about a megabyte, but at least one, if any is there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rows_with(
        &self,
        scope: TenantScope,
        job: JobId,
        numbers: &[u64],
    ) -> Result<Vec<FailedRow>, RepositoryError> {
        let wanted = format!("row_number IN ({}) ORDER BY row_number", listed(numbers));
        self.part(scope, job, &wanted).await
    }

    /// The first of the wanted rows. Their sizes are asked for first: none of them is read that is not returned.
    async fn part(
        &self,
        scope: TenantScope,
        job: JobId,
        wanted: &str,
    ) -> Result<Vec<FailedRow>, RepositoryError> {
        let reader = self.db.read(scope).await?;
        let select = async |columns: &str, wanted: &str| {
            let sql = format!(
                "SELECT {columns} FROM migration_rows WHERE tenant_id = $1 AND migration_job_id = $2 AND {wanted}"
            );
            let values = [scope.uuid().into(), job.as_uuid().into()];
            reader.query_all_raw(self.db.statement(sql, values)).await
        };
        let mut numbers = Vec::new();
        let mut bytes = 0;
        for row in select("row_number, bytes", wanted).await? {
            let size: i32 = row.try_get("", "bytes")?;
            bytes += u64::try_from(size).unwrap_or(0);
            if bytes > PART_BYTES && !numbers.is_empty() {
                break;
            }
            numbers.push(row_number(&row)?);
        }
        if numbers.is_empty() {
            return Ok(Vec::new());
        }
        let these = format!("row_number IN ({}) ORDER BY row_number", listed(&numbers));
        let found = select("row_number, cells", &these).await?;
        found
            .into_iter()
            .map(|row| {
                Ok(FailedRow {
                    row_number: row_number(&row)?,
                    cells: RowCells::from_stored(row.try_get("", "cells")?),
                })
            })
            .collect()
    }
}

/// What of an error's row cannot be read, for `validate`.
pub(crate) fn contradiction(row: &QueryResult) -> Option<String> {
    let read = catch_unwind(AssertUnwindSafe(|| Model::from_query_result(row, "")));
    match read.map(|read| read.map_err(RepositoryError::from).and_then(record)) {
        Ok(Ok(_)) => None,
        Ok(Err(RepositoryError::Corrupt { column })) => {
            Some(format!("with a {column} that cannot be read"))
        }
        Ok(Err(_)) | Err(_) => Some("with a value that cannot be read".to_owned()),
    }
}

fn row_number(row: &QueryResult) -> Result<u64, RepositoryError> {
    let number: i32 = row.try_get("", "row_number")?;
    Ok(u64::try_from(number).unwrap_or(0))
}

/// Row numbers as SQL lists them; no row has the number 0.
fn listed(numbers: &[u64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(|row| rows(*row).to_string()).collect();
    if numbers.is_empty() {
        "0".to_owned()
    } else {
        numbers.join(", ")
    }
}

fn of(scope: TenantScope, job: JobId, severity: Severity) -> Select<Entity> {
    Entity::find()
        .filter(Column::TenantId.eq(scope.uuid()))
        .filter(Column::MigrationJobId.eq(job.as_uuid()))
        .filter(Column::Severity.eq(severity.as_str()))
}

fn in_order(errors: Select<Entity>) -> Select<Entity> {
    errors
        .order_by_asc(Column::RowNumber)
        .order_by_asc(Column::Id)
}

fn record(row: Model) -> Result<RowError, RepositoryError> {
    Ok(RowError {
        id: RowErrorId::from_uuid(row.id),
        job_id: JobId::from_uuid(row.migration_job_id),
        row_number: u64::try_from(row.row_number).unwrap_or(0),
        error_type: stored("error_type", row.error_type.parse())?,
        code: row.code.into(),
        severity: stored("severity", row.severity.parse())?,
        column_index: row.column_index.and_then(|index| u32::try_from(index).ok()),
        field_name: row.field_name,
        error_message: row.error_message,
        expected_format: row.expected_format,
        received_value: row.received_value,
        params: match &row.params {
            None => BTreeMap::new(),
            Some(params) => stored("params", serde_json::from_str(params))?,
        },
        created_at: row.created_at.into(),
    })
}
