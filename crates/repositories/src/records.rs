//! Finds, lists, stores, changes and deletes the records of a tenant's table, in the same way for every kind. [`Table`] describes what
//! differs between tables.

use std::marker::PhantomData;

use domain::{Input, JobId, NewJamaah, NewPackage, NewPayment, Stored, TenantId, Timestamp};
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryResult,
    QuerySelect, QueryTrait, Value,
    sea_query::{Expr, ExprTrait, Query},
};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use crate::{
    Database, ListQuery, Page, RepositoryError, TenantScope, list,
    stamp::Stamp,
    table::{Cells, Table, own_columns},
};

/// The pilgrims of tenants.
pub type JamaahRecords = Records<NewJamaah>;
/// The packages that tenants sell.
pub type Packages = Records<NewPackage>;
/// The payments of pilgrims.
pub type Payments = Records<NewPayment>;

/// The records of one table.
#[derive(Debug, Clone)]
pub struct Records<T> {
    db: Database,
    table: PhantomData<fn() -> T>,
}

impl<T: Table> Records<T> {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self {
            db: db.clone(),
            table: PhantomData,
        }
    }

    /// One record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        id: T::Id,
    ) -> Result<Option<Stored<T::Id, T>>, RepositoryError> {
        let reader = self.db.read(scope).await?;
        let row = of::<T>(scope, id).into_model::<Row<T>>().one(&reader);
        row.await?.map(Row::record).transpose()
    }

    /// A page of records.
    ///
    /// # Errors
    /// [`RepositoryError::List`] for a field that the table does not list.
    pub async fn list(
        &self,
        scope: TenantScope,
        query: &ListQuery,
    ) -> Result<Page<Stored<T::Id, T>>, RepositoryError> {
        let reader = self.db.read(scope).await?;
        let wanted = T::Entity::find()
            .filter(column::<T>("tenant_id").eq(scope.uuid()))
            .filter(list::condition(T::LIST, query)?);
        let mut page = wanted.clone().limit(query.limit).offset(query.offset);
        list::order(
            T::LIST,
            column::<T>("id"),
            query,
            QueryTrait::query(&mut page),
        )?;
        let rows = page.into_model::<Row<T>>().all(&reader).await?;
        let total = wanted.count(&reader).await?;
        let items = rows
            .into_iter()
            .map(Row::record)
            .collect::<Result<_, _>>()?;
        Ok(Page { items, total })
    }

    /// Stores a new record.
    ///
    /// # Errors
    /// [`RepositoryError::Duplicate`] if another record has one of its keys, [`RepositoryError::MissingReference`] if there is
    /// no record that it refers to.
    pub async fn insert(
        &self,
        scope: TenantScope,
        id: T::Id,
        fields: &T,
        now: Timestamp,
    ) -> Result<Stored<T::Id, T>, RepositoryError> {
        let now = Stamp::from(now);
        let common: [(&str, Value); 5] = [
            ("tenant_id", scope.uuid().into()),
            ("id", id.into().into()),
            ("version", 1.into()),
            ("created_at", now.into()),
            ("updated_at", now.into()),
        ];
        let (columns, values): (Vec<_>, Vec<_>) = own_cells(fields).chain(common).unzip();
        let mut insert = Query::insert();
        insert
            .into_table(T::NAME)
            .columns(columns)
            .values(values.into_iter().map(Expr::value))
            .map_err(|error| RepositoryError::Database(error.into()))?
            .returning_all();
        let insert = &insert;
        let db = &self.db;
        db.transact(move || async move {
            let tx = db.begin_write(scope).await?;
            let row = written::<T>(tx.query_one(insert).await)?;
            db.commit(tx).await?;
            row.record()
        })
        .await
    }

    /// Checks a change against the locked record and stores it as the next version; if nothing differs, the version stays. `None` if
    /// there is no such record.
    ///
    /// # Errors
    /// [`RepositoryError::InvalidFields`] if the change is not valid; and as [`Self::insert`].
    pub async fn update(
        &self,
        scope: TenantScope,
        id: T::Id,
        change: T::Input,
        now: Timestamp,
    ) -> Result<Option<Stored<T::Id, T>>, RepositoryError> {
        let (db, change) = (&self.db, &change);
        db.transact(move || async move {
            let tx = db.begin_write(scope).await?;
            let row = of::<T>(scope, id).lock_exclusive().into_model::<Row<T>>();
            let Some(row) = row.one(&tx).await? else {
                return Ok(None);
            };
            let record = row.record()?;
            let fields = change
                .clone()
                .check(Some(&record.fields), now.jakarta_date())?;
            if fields == record.fields {
                return Ok(Some(record));
            }
            let mut update = Query::update();
            update
                .table(T::NAME)
                .values(own_cells(&fields).map(|(column, value)| (column, Expr::value(value))))
                .value("version", Expr::col("version").add(1))
                .value("updated_at", Expr::value(Stamp::from(now)))
                .and_where(Expr::col("tenant_id").eq(scope.uuid()))
                .and_where(Expr::col("id").eq(id.into()))
                .returning_all();
            let row = written::<T>(tx.query_one(&update).await)?;
            db.commit(tx).await?;
            row.record().map(Some)
        })
        .await
    }

    /// Deletes a record; whether there was one.
    ///
    /// # Errors
    /// [`RepositoryError::InUse`] while other records refer to it.
    pub async fn delete(&self, scope: TenantScope, id: T::Id) -> Result<bool, RepositoryError> {
        let db = &self.db;
        db.transact(move || async move {
            let tx = db.begin_write(scope).await?;
            // Counted in the import that the record is from, so that `validate` can distinguish what was deleted from what was lost. The
            // job comes first, as in a rollback: two transactions that wait for each other would end in an error.
            let count = format!(
                "UPDATE migration_jobs SET deleted_rows = deleted_rows + 1 WHERE tenant_id = $1 \
                    AND id = (SELECT migration_job_id FROM {} WHERE tenant_id = $1 AND id = $2)",
                T::NAME
            );
            let values = [scope.uuid().into(), id.into().into()];
            tx.execute_raw(db.statement(count, values)).await?;
            let done = T::Entity::delete_many()
                .filter(Expr::col("tenant_id").eq(scope.uuid()))
                .filter(Expr::col("id").eq(id.into()))
                .exec(&tx)
                .await
                .map_err(|error| RepositoryError::from(error).deleting())?;
            if done.rows_affected == 0 {
                return Ok(false);
            }
            db.commit(tx).await?;
            Ok(true)
        })
        .await
    }
}

fn column<T: Table>(name: &'static str) -> Expr {
    Expr::col((T::NAME, name))
}

fn of<T: Table>(scope: TenantScope, id: T::Id) -> sea_orm::Select<T::Entity> {
    T::Entity::find()
        .filter(column::<T>("tenant_id").eq(scope.uuid()))
        .filter(column::<T>("id").eq(id.into()))
}

/// The row that a statement wrote.
fn written<T: Table>(
    answer: Result<Option<QueryResult>, DbErr>,
) -> Result<Row<T>, RepositoryError> {
    let refused = |error| {
        let error = RepositoryError::from(error);
        match T::REFERENCE {
            Some(reference) => error.storing(reference.field),
            None => error,
        }
    };
    let row = answer.map_err(refused)?;
    let row = row.ok_or(RepositoryError::Corrupt { column: "id" })?;
    Ok(Row::from_query_result(&row, "")?)
}

/// A row: what every table has, and what is the table's own.
struct Row<T: Table> {
    common: Common,
    own: T::Row,
}

#[derive(FromQueryResult)]
struct Common {
    tenant_id: Uuid,
    id: Uuid,
    version: i32,
    migration_job_id: Option<Uuid>,
    import_row_number: Option<i32>,
    created_at: Stamp,
    updated_at: Stamp,
}

impl<T: Table> FromQueryResult for Row<T> {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            common: Common::from_query_result(row, prefix)?,
            own: T::Row::from_query_result(row, prefix)?,
        })
    }
}

impl<T: Table> Row<T> {
    fn record(self) -> Result<Stored<T::Id, T>, RepositoryError> {
        let common = self.common;
        Ok(Stored {
            id: common.id.into(),
            tenant_id: TenantId::from_uuid(common.tenant_id),
            fields: T::read(self.own)?,
            version: common.version.into(),
            migration_job_id: common.migration_job_id.map(JobId::from_uuid),
            import_row_number: common.import_row_number.map(i64::from),
            created_at: common.created_at.into(),
            updated_at: common.updated_at.into(),
        })
    }
}

/// The table's own columns with a record's values.
pub(crate) fn own_cells<T: Table>(
    fields: &T,
) -> impl Iterator<Item = (&'static str, Value)> + use<T> {
    let mut values = Values::default();
    fields.fill(&mut values);
    own_columns::<T>().into_iter().zip(values.0)
}

/// Cells as the values of a statement.
#[derive(Default)]
struct Values(Vec<Value>);

impl Cells for Values {
    fn text(&mut self, text: Option<&str>) {
        self.0.push(text.map(str::to_owned).into());
    }

    fn uuid(&mut self, id: Uuid) {
        self.0.push(id.into());
    }

    fn number(&mut self, number: Option<i64>) {
        self.0.push(number.into());
    }

    fn date(&mut self, date: Option<Date>) {
        self.0.push(date.into());
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        self.0.push(moment.into());
    }
}
