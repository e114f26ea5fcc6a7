//! What loading a batch needs of a transaction, on either database.

use domain::JobId;
use sea_orm::Value;
use sqlx::{Decode, Postgres, Sqlite, Type};
use uuid::Uuid;

use super::{
    batch::{BulkError, ImportRow, Refusal},
    table::{Filled, Origin, Reported},
};
use crate::{Backend, TenantScope, table::Table};

/// A transaction of one of the databases.
pub(super) trait Sink: Send {
    /// Which one.
    const BACKEND: Backend;

    /// Inserts rows, and returns those that are refused, in their order.
    fn insert<T: Table>(
        &mut self,
        origin: &Origin,
        rows: &[ImportRow<T>],
    ) -> impl Future<Output = Result<Vec<Refusal>, BulkError>> + Send;

    /// Puts rows into a table that has their columns.
    fn put<R: Filled>(
        &mut self,
        table: &str,
        origin: &Origin,
        rows: &[R],
    ) -> impl Future<Output = Result<(), BulkError>> + Send;

    /// Stores a part of the job's report.
    fn report<T: Reported>(
        &mut self,
        origin: (TenantScope, JobId),
        items: &[&T],
    ) -> impl Future<Output = Result<(), BulkError>> + Send;

    /// Executes a statement as it is written.
    fn execute(&mut self, sql: String) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Executes a statement with these parameters.
    fn run(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// The columns of each row that a statement with these parameters returns, all of them texts.
    fn texts(
        &mut self,
        sql: String,
        values: Vec<Value>,
    ) -> impl Future<Output = Result<Vec<Vec<Option<String>>>, sqlx::Error>> + Send;

    /// The two columns of each row that a statement returns.
    fn pairs<T: Second>(
        &mut self,
        sql: String,
    ) -> impl Future<Output = Result<Vec<(i64, T)>, sqlx::Error>> + Send;
}

/// The types of the second column that either database can return: a number or an id.
pub(super) trait Second:
    for<'r> Decode<'r, Postgres>
    + Type<Postgres>
    + for<'r> Decode<'r, Sqlite>
    + Type<Sqlite>
    + Send
    + Unpin
{
}

impl Second for i64 {}
impl Second for Uuid {}
