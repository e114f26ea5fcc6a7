//! What packages, jamaah and payments have in common: find, list, insert, change and delete a row of a tenant. A resource says
//! which table, which fields, and how a row becomes a record; it has no query of its own.

use domain::{JobId, Timestamp};
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ColumnTrait, EntityName, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, QuerySelect, QueryTrait, sea_query::Expr,
};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope,
    list::{self, Field},
    stamp::Stamp,
};

/// A table of tenant data with the key `(tenant_id, id)`.
pub(crate) trait Resource {
    /// The table.
    type Entity: EntityTrait<Model = Self::Row, ActiveModel = Self::Change>;
    /// A row.
    type Row: IntoActiveModel<Self::Change> + Send + Sync;
    /// A row to be written.
    type Change: ActiveModelTrait<Entity = Self::Entity> + ActiveModelBehavior + Send;
    /// The record that callers see.
    type Record: Send;
    /// Its fields, which callers write.
    type Fields: Clone + PartialEq + Send + Sync;

    /// The column of the tenant.
    const TENANT: <Self::Entity as EntityTrait>::Column;
    /// The column of the id.
    const ID: <Self::Entity as EntityTrait>::Column;
    /// What it can be filtered and sorted by.
    const LIST: &'static [Field];
    /// The field that refers to another resource; empty when there is none.
    const REFERENCE: &'static str;

    /// A new row.
    fn new_row(scope: TenantScope, id: Uuid, fields: &Self::Fields, now: Stamp) -> Self::Change;
    /// The row of changed fields: the next version.
    fn changed_row(row: Self::Row, fields: &Self::Fields, now: Stamp) -> Self::Change;
    /// Reads a row.
    fn record(row: Self::Row) -> Result<Self::Record, RepositoryError>;
    /// The record's fields.
    fn fields(record: &Self::Record) -> &Self::Fields;
}

/// Where an imported row came from.
pub(crate) fn origin(job: Option<Uuid>, row: Option<i32>) -> (Option<JobId>, Option<i64>) {
    (job.map(JobId::from_uuid), row.map(i64::from))
}

/// Reads a stored value by the rules of its type.
pub(crate) fn stored<T, E>(
    column: &'static str,
    value: Result<T, E>,
) -> Result<T, RepositoryError> {
    value.map_err(|_| RepositoryError::Corrupt { column })
}

/// Reads an optional stored value.
pub(crate) fn stored_option<T, E>(
    column: &'static str,
    text: Option<String>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, RepositoryError> {
    text.map(|text| stored(column, read(&text))).transpose()
}

fn of<R: Resource>(scope: TenantScope, id: Uuid) -> sea_orm::Select<R::Entity> {
    R::Entity::find()
        .filter(R::TENANT.eq(scope.uuid()))
        .filter(R::ID.eq(id))
}

/// One row.
pub(crate) async fn find<R: Resource>(
    db: &Database,
    scope: TenantScope,
    id: Uuid,
) -> Result<Option<R::Record>, RepositoryError> {
    let row = of::<R>(scope, id).one(&db.read(scope).await?).await?;
    row.map(R::record).transpose()
}

/// A page of rows.
pub(crate) async fn list<R: Resource>(
    db: &Database,
    scope: TenantScope,
    query: &ListQuery,
) -> Result<Page<R::Record>, RepositoryError>
where
    R::Row: sea_orm::FromQueryResult,
{
    let reader = db.read(scope).await?;
    let wanted = R::Entity::find()
        .filter(R::TENANT.eq(scope.uuid()))
        .filter(list::condition(R::LIST, query)?);
    let mut page = wanted.clone().limit(query.limit).offset(query.offset);
    let id = Expr::col((R::Entity::default().table_name(), R::ID));
    list::order(R::LIST, id, query, QueryTrait::query(&mut page))?;
    let items = page.all(&reader).await?;
    let total = wanted.count(&reader).await?;
    let items = items.into_iter().map(R::record).collect::<Result<_, _>>()?;
    Ok(Page { items, total })
}

/// Stores a new row.
pub(crate) async fn insert<R: Resource>(
    db: &Database,
    scope: TenantScope,
    id: Uuid,
    fields: &R::Fields,
    now: Timestamp,
) -> Result<R::Record, RepositoryError> {
    db.transact(move || async move {
        let tx = db.begin_write(scope).await?;
        let row = R::new_row(scope, id, fields, now.into());
        let row = row
            .insert(&tx)
            .await
            .map_err(|error| RepositoryError::from(error).storing(R::REFERENCE))?;
        db.commit(tx).await?;
        R::record(row)
    })
    .await
}

/// Changes a row; a change that changes nothing leaves its version alone.
pub(crate) async fn update<R: Resource>(
    db: &Database,
    scope: TenantScope,
    id: Uuid,
    apply: impl Fn(&mut R::Fields) + Send + Sync,
    now: Timestamp,
) -> Result<Option<R::Record>, RepositoryError>
where
    R::Row: Clone,
{
    let apply = &apply;
    db.transact(move || async move {
        let tx = db.begin_write(scope).await?;
        let Some(row) = of::<R>(scope, id).lock_exclusive().one(&tx).await? else {
            return Ok(None);
        };
        let record = R::record(row.clone())?;
        let mut fields = R::fields(&record).clone();
        apply(&mut fields);
        if fields == *R::fields(&record) {
            return Ok(Some(record));
        }
        let row = R::changed_row(row, &fields, now.into())
            .update(&tx)
            .await
            .map_err(|error| RepositoryError::from(error).storing(R::REFERENCE))?;
        db.commit(tx).await?;
        R::record(row).map(Some)
    })
    .await
}

/// Deletes a row; whether there was one.
pub(crate) async fn delete<R: Resource>(
    db: &Database,
    scope: TenantScope,
    id: Uuid,
) -> Result<bool, RepositoryError> {
    db.transact(move || async move {
        let tx = db.begin_write(scope).await?;
        let done = R::Entity::delete_many()
            .filter(R::TENANT.eq(scope.uuid()))
            .filter(R::ID.eq(id))
            .exec(&tx)
            .await
            .map_err(|error| RepositoryError::from(error).deleting())?;
        db.commit(tx).await?;
        Ok(done.rows_affected > 0)
    })
    .await
}
