//! Reads every row with the code of the server: finds what it cannot read, and what it would store in another form, such as an
//! outdated form of a name for comparison. One pass over each table, a row at a time.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use domain::{NewJamaah, NewPackage, NewPayment};
use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, ModelTrait,
    QueryResult, QueryTrait, Statement, StreamTrait, Value,
};
use uuid::Uuid;

use super::{Flaw, is_schema, rules::BY_HAND};
use crate::{
    Database, RepositoryError,
    entity::{
        login_attempt, migration_error, migration_job, migration_row, rate_budget, refresh_token,
        storage_mark, tenant, user, user_profile,
    },
    import_job,
    records::own_cells,
    row_error,
    table::{FIRST, Table},
};

/// The message about a row whose types cannot be read.
const UNREADABLE: &str = "with a value that cannot be read";

/// A table all of whose rows are read.
struct Inspected {
    check: &'static str,
    table: &'static str,
    all: fn(DbBackend) -> Statement,
    /// What is wrong with one row; `None` if nothing is.
    judge: fn(&QueryResult) -> Option<String>,
}

impl Inspected {
    fn of<E: EntityTrait>(check: &'static str, judge: fn(&QueryResult) -> Option<String>) -> Self {
        Self {
            check,
            table: E::default().table_name(),
            all: |backend| E::find().build(backend),
            judge,
        }
    }

    fn readable<E: EntityTrait>(check: &'static str) -> Self {
        Self::of::<E>(check, readable::<E>)
    }

    fn records<T: Table>() -> Self {
        Self::of::<T::Entity>("records", strangeness::<T>)
    }
}

fn inspected() -> impl Iterator<Item = Inspected> {
    [
        Inspected::readable::<tenant::Entity>("tenants"),
        Inspected::readable::<user::Entity>("users"),
        Inspected::readable::<user_profile::Entity>("profiles"),
        Inspected::readable::<refresh_token::Entity>("refresh tokens"),
        Inspected::of::<migration_job::Entity>("states of jobs", import_job::contradiction),
        Inspected::of::<migration_error::Entity>("errors of jobs", row_error::contradiction),
        Inspected::readable::<migration_row::Entity>("errors of jobs"),
        Inspected::readable::<login_attempt::Entity>("counters of callers"),
        Inspected::readable::<rate_budget::Entity>("counters of callers"),
        Inspected::readable::<storage_mark::Entity>("storage"),
        Inspected::records::<NewPackage>(),
        Inspected::records::<NewJamaah>(),
        Inspected::records::<NewPayment>(),
    ]
    .into_iter()
}

impl Database {
    /// Rows that cannot be read, or that would be stored in another form.
    pub(super) async fn strange_rows(&self) -> Result<Vec<Flaw>, RepositoryError> {
        let mut flaws = Vec::new();
        for table in inspected() {
            match self.strange(&table).await {
                Ok(found) => flaws.extend(found),
                Err(error) if is_schema(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(flaws)
    }

    /// The rows of a table that its judge rejects; those with the same flaw are counted together.
    async fn strange(&self, inspected: &Inspected) -> Result<Vec<Flaw>, DbErr> {
        let look = self.look().await?;
        let statement = (inspected.all)(ConnectionTrait::get_database_backend(&look));
        let mut rows = look.stream_raw(statement).await?;
        let mut found: BTreeMap<String, (i64, String)> = BTreeMap::new();
        while let Some(row) = rows.try_next().await? {
            if let Some(what) = (inspected.judge)(&row) {
                let (rows, _) = found.entry(what).or_insert_with(|| (0, name(&row)));
                *rows += 1;
            }
        }
        let flaw = |(what, (rows, example))| Flaw {
            check: inspected.check,
            rows,
            example,
            what: format!("rows of {} {what}", inspected.table),
            remedy: BY_HAND,
            is_note: false,
        };
        Ok(found.into_iter().map(flaw).collect())
    }
}

/// The value by which a person finds a row.
fn name(row: &QueryResult) -> String {
    ["id", "migration_job_id", "user_id"]
        .iter()
        .find_map(|column| row.try_get::<Uuid>("", column).ok())
        .map_or_else(|| "without an id".to_owned(), |id| id.to_string())
}

/// Whether a row is of the types of its table. The drivers refuse what is of another type, and panic over moments that they cannot
/// hold (`infinity` on PostgreSQL, a number beyond all years on SQLite).
fn readable<E: EntityTrait>(row: &QueryResult) -> Option<String> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        E::Model::from_query_result(row, "").is_ok()
    }));
    (!read.unwrap_or(false)).then(|| UNREADABLE.to_owned())
}

/// Which field of a record breaks the rules of its type, or is stored in another form than that of its type.
fn strangeness<T: Table>(row: &QueryResult) -> Option<String> {
    let read = catch_unwind(AssertUnwindSafe(|| T::Row::from_query_result(row, "")));
    let Ok(Ok(own)) = read else {
        return Some(UNREADABLE.to_owned());
    };
    let stored: Vec<Value> = <T::Entity as EntityTrait>::Column::iter()
        .skip(FIRST.len())
        .map(|column| own.get(column))
        .collect();
    let record = match T::read(own) {
        Ok(record) => record,
        Err(RepositoryError::Corrupt { column }) => {
            return Some(format!("with a {column} that breaks the rules of its type"));
        }
        Err(_) => return Some(UNREADABLE.to_owned()),
    };
    own_cells(&record)
        .zip(stored)
        .find(|((_, right), stored)| plain(right) != plain(stored))
        .map(|((column, _), _)| {
            format!("with another {column} than this version stores for such a record")
        })
}

/// A value without its column's type: numbers of several widths are the same number.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Int(number) => number.map(|number| number.to_string()),
        Value::BigInt(number) => number.map(|number| number.to_string()),
        Value::String(text) => text.clone(),
        Value::Uuid(id) => id.map(|id| id.to_string()),
        Value::TimeDate(date) => date.map(|date| date.to_string()),
        other => Some(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::TABLES;

    #[test]
    fn every_table_of_records_is_read() {
        for table in TABLES {
            let of_it = inspected().filter(|inspected| inspected.table == table.name);
            let checks: Vec<&str> = of_it.map(|inspected| inspected.check).collect();
            assert_eq!(checks, ["records"], "{}", table.name);
        }
    }
}
