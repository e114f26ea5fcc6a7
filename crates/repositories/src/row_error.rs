//! Row errors of a job, in the order of the file.

use domain::{ErrorType, JobId, RowError, RowErrorId};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select, sea_query::Expr,
};

use crate::{
    Database, Page, RepositoryError, TenantScope,
    entity::migration_error::{Column, Entity, Model},
    table::stored,
};

/// The row errors of tenants' jobs.
#[derive(Debug, Clone)]
pub struct RowErrors {
    db: Database,
}

/// Which errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowErrorQuery {
    /// Only this type.
    pub error_type: Option<ErrorType>,
    /// Only of this field.
    pub field_name: Option<String>,
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
        let field = query.field_name.as_deref();
        if field.is_some_and(|name| name.contains('\0')) {
            return Ok(Page {
                items: Vec::new(),
                total: 0,
            });
        }
        let wanted = of(scope, job)
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

    /// The next `limit` errors behind `after`, for reports that are streamed, and where they end: call with that until there
    /// is none. The errors of one row are next to each other, but a part may end between them.
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
        let rows = in_order(of(scope, job))
            .apply_if(after, |errors, cursor| {
                let place = Expr::tuple([Expr::col(Column::RowNumber), Expr::col(Column::Id)]);
                let end = Expr::tuple([
                    Expr::value(cursor.row_number),
                    Expr::value(cursor.id.as_uuid()),
                ]);
                errors.filter(place.gt(end))
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
}

fn of(scope: TenantScope, job: JobId) -> Select<Entity> {
    Entity::find()
        .filter(Column::TenantId.eq(scope.uuid()))
        .filter(Column::MigrationJobId.eq(job.as_uuid()))
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
        field_name: row.field_name,
        error_message: row.error_message,
        expected_format: row.expected_format,
        received_value: row.received_value,
        row_data: stored("row_data", serde_json::from_str(&row.row_data))?,
        created_at: row.created_at.into(),
    })
}
