//! Rows that change records: staged in a temporary table, compared with the records under their locks, and applied all at
//! once. A column whose cell is empty keeps its value, and a record that already has all the given values is not changed.
//! The earlier state of a changed record is stored (`before_image`) in the same transaction.

use std::{collections::HashMap, ops::Range};

use uuid::Uuid;

use super::{
    batch::{BulkError, ImportRow, Refusal, RefusalReason},
    sink::Sink,
    table::{Change, Filled, Origin},
};
use crate::{
    Backend, before_image,
    table::{self, Key, Table, columns, own_columns},
    violation::Kind,
};

/// The temporary table.
const STAGE: &str = "import_changes";
/// How often the staged rows are applied: the next attempt sees a competing row that the first one could not see yet.
const ATTEMPTS: u32 = 4;

/// The outcome of rows, by their indexes.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// Rows whose record was deleted, or now has other keys.
    pub(super) stale: Vec<usize>,
    /// Rows that a key or a reference refused.
    pub(super) refused: Vec<Refusal>,
}

/// Changes the records of rows.
pub(super) async fn apply<T: Table, S: Sink>(
    sink: &mut S,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<Applied, BulkError> {
    let mut applied = Applied::default();
    let whole = 0..rows.len();
    let mut ranges = Vec::from([whole]);
    while let Some(range) = ranges.pop() {
        if range.is_empty() {
            continue;
        }
        sink.execute("SAVEPOINT changes".to_owned()).await?;
        match apply_range(sink, origin, &rows[range.clone()], range.start).await {
            Ok(done) => {
                sink.execute("RELEASE SAVEPOINT changes".to_owned()).await?;
                applied.stale.extend(done.stale);
                applied.refused.extend(done.refused);
            }
            Err(error) if error.kind() == Kind::Unstorable => {
                sink.execute("ROLLBACK TO SAVEPOINT changes".to_owned())
                    .await?;
                match halves(&range) {
                    Some((first, second)) => ranges.extend([second, first]),
                    None => applied.refused.push(Refusal {
                        index: range.start,
                        row_number: rows[range.start].row_number,
                        reason: RefusalReason::Unstorable,
                    }),
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(applied)
}

/// The two halves of a range of at least two.
pub(super) fn halves(range: &Range<usize>) -> Option<(Range<usize>, Range<usize>)> {
    let middle = range.start + range.len() / 2;
    (range.len() > 1).then_some((range.start..middle, middle..range.end))
}

async fn apply_range<T: Table, S: Sink>(
    sink: &mut S,
    origin: &Origin,
    rows: &[ImportRow<T>],
    first: usize,
) -> Result<Applied, BulkError> {
    let changes: Vec<Change<'_, T>> = rows.iter().map(Change).collect();
    stage::<T, S, _>(sink, origin, &changes).await?;
    let indexes: HashMap<i64, usize> = rows
        .iter()
        .enumerate()
        .map(|(index, row)| (i64::try_from(row.row_number).unwrap_or(i64::MAX), index))
        .collect();
    let reasons = reasons::<T>();
    let mut applied = Applied::default();
    let mut attempts = 0;
    loop {
        attempts += 1;
        if S::BACKEND == Backend::Postgres {
            sink.execute(lock::<T>()).await?;
        }
        for (row_number, reason) in sink.pairs::<i64>(unfit(&reasons)).await? {
            let Some(index) = indexes.get(&row_number) else {
                continue;
            };
            let reason = usize::try_from(reason).ok();
            match reason.and_then(|reason| reasons.get(reason)) {
                Some((_, Some(reason))) => applied.refused.push(Refusal {
                    index: first + index,
                    row_number: rows[*index].row_number,
                    reason: *reason,
                }),
                _ => applied.stale.push(first + index),
            }
            let remove = format!("DELETE FROM {STAGE} WHERE import_row_number = {row_number}");
            sink.execute(remove).await?;
        }
        sink.execute("SAVEPOINT change".to_owned()).await?;
        let done = overwrite::<T, S>(sink).await;
        let Err(error) = done else {
            sink.execute("RELEASE SAVEPOINT change".to_owned()).await?;
            break;
        };
        let error = BulkError::from(error);
        let is_rival = matches!(error.kind(), Kind::Unique(_) | Kind::Foreign(_));
        if !is_rival || attempts == ATTEMPTS {
            return Err(error);
        }
        sink.execute("ROLLBACK TO SAVEPOINT change".to_owned())
            .await?;
    }
    sink.execute(format!("DROP TABLE {STAGE}")).await?;
    Ok(applied)
}

/// The one record that each row is about, by row number; `None` if its keys are those of several.
pub(super) async fn holders<T: Table, S: Sink>(
    sink: &mut S,
    origin: &Origin,
    rows: &[ImportRow<T>],
) -> Result<HashMap<u64, Option<Uuid>>, BulkError> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    stage::<T, S, _>(sink, origin, rows).await?;
    let found = T::KEYS.iter().map(|key| {
        format!(
            "SELECT s.import_row_number, t.id FROM {STAGE} s JOIN {} t ON {}",
            T::NAME,
            key.matches()
        )
    });
    let found = found.collect::<Vec<_>>().join(" UNION ALL ");
    let found = sink.pairs(found).await?;
    sink.execute(format!("DROP TABLE {STAGE}")).await?;
    Ok(only(found))
}

/// The one record that all keys of each row belong to; `None` if they belong to several.
fn only(found: Vec<(i64, Uuid)>) -> HashMap<u64, Option<Uuid>> {
    let mut records: HashMap<u64, Option<Uuid>> = HashMap::new();
    for (row, id) in found {
        let row = u64::try_from(row).unwrap_or(0);
        records
            .entry(row)
            .and_modify(|known| *known = known.filter(|known| *known == id))
            .or_insert(Some(id));
    }
    records
}

/// Puts rows into the temporary table, which has their columns and no constraint.
async fn stage<T: Table, S: Sink, R: Filled>(
    sink: &mut S,
    origin: &Origin,
    rows: &[R],
) -> Result<(), BulkError> {
    let columns = columns::<T>().join(", ");
    sink.execute(format!(
        "CREATE TEMPORARY TABLE {STAGE} AS SELECT {columns} FROM {} WHERE 1 = 0",
        T::NAME
    ))
    .await?;
    sink.put(STAGE, origin, rows).await?;
    let prepare = match S::BACKEND {
        // Without it the planner assumes a table of another size, and may read every record of every tenant.
        Backend::Postgres => format!("ANALYZE {STAGE}"),
        // Without it every row is compared with every other row.
        Backend::Sqlite => format!("CREATE INDEX temp.ix_{STAGE} ON {STAGE} (id)"),
    };
    sink.execute(prepare).await?;
    Ok(())
}

/// The condition that the record `t` is the one that the row `s` changes.
const SAME: &str = "t.tenant_id = s.tenant_id AND t.id = s.id";

/// Locks the records until the transaction ends, in an order that all imports follow. Their ids do not change, so rows
/// that refer to them can be stored at the same time.
fn lock<T: Table>() -> String {
    format!(
        "SELECT t.id FROM {} t JOIN {STAGE} s ON {SAME} ORDER BY t.id FOR NO KEY UPDATE OF t",
        T::NAME
    )
}

/// Why rows do not change their records: conditions on the row `s`; without a reason, the record is no longer the one
/// that the row is about.
type Reasons = Vec<(String, Option<RefusalReason>)>;

/// The first key of a table, for a row that is refused although none of its keys is taken.
pub(super) fn another<T: Table>() -> RefusalReason {
    match T::KEYS.first() {
        Some(key) => RefusalReason::Duplicate { field: key.field },
        None => RefusalReason::Unstorable,
    }
}

fn reasons<T: Table>() -> Reasons {
    let table = T::NAME;
    let keys = T::KEYS.iter().map(Key::matches).collect::<Vec<_>>();
    let keys = keys.join(" OR ");
    let mut reasons: Reasons = vec![
        (
            format!("NOT EXISTS (SELECT 1 FROM {table} t WHERE {SAME} AND ({keys}))"),
            None,
        ),
        // Two rows turned out to be about one record after they were checked.
        (
            format!(
                "EXISTS (SELECT 1 FROM {STAGE} o WHERE o.id = s.id AND o.import_row_number < s.import_row_number) \
                 OR EXISTS (SELECT 1 FROM migration_updates u WHERE u.tenant_id = s.tenant_id \
                 AND u.migration_job_id = s.migration_job_id AND u.record_id = s.id)"
            ),
            Some(another::<T>()),
        ),
    ];
    if let Some(reference) = T::REFERENCE {
        let (other, field) = (reference.table, reference.field);
        reasons.push((
            format!(
                "s.{field} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {other} p \
                 WHERE p.tenant_id = s.tenant_id AND p.id = s.{field})"
            ),
            Some(RefusalReason::MissingReference { field }),
        ));
    }
    for key in T::KEYS {
        reasons.push((
            format!(
                "EXISTS (SELECT 1 FROM {table} t WHERE {} AND t.id <> s.id)",
                key.matches()
            ),
            Some(RefusalReason::Duplicate { field: key.field }),
        ));
    }
    reasons
}

/// Selects the numbers of the staged rows that cannot change their records, with the indexes of the reasons.
fn unfit(reasons: &Reasons) -> String {
    let cases = reasons
        .iter()
        .enumerate()
        .map(|(index, (condition, _))| format!("WHEN {condition} THEN {index}"));
    let cases = cases.collect::<Vec<_>>().join(" ");
    format!(
        "SELECT CAST(x.import_row_number AS bigint), CAST(x.reason AS bigint) FROM (SELECT s.import_row_number, \
         (CASE {cases} ELSE -1 END) AS reason FROM {STAGE} s) AS x WHERE x.reason >= 0 ORDER BY 1"
    )
}

/// Stores the present state of the records that change, and changes them.
async fn overwrite<T: Table, S: Sink>(sink: &mut S) -> Result<(), sqlx::Error> {
    let table = T::NAME;
    let own = own_columns::<T>();
    let differs = own
        .iter()
        .map(|column| {
            format!("(s.{column} IS NOT NULL AND t.{column} IS DISTINCT FROM s.{column})")
        })
        .collect::<Vec<_>>()
        .join(" OR ");
    let taken = before_image::taken(&table::facts::<T>(), S::BACKEND);
    sink.execute(format!(
        "INSERT INTO migration_updates ({}) SELECT {taken} FROM {STAGE} s JOIN {table} t ON {SAME} WHERE {differs}",
        before_image::COLUMNS
    ))
    .await?;
    let values = own
        .iter()
        .map(|column| format!("{column} = coalesce(s.{column}, t.{column})"))
        .collect::<Vec<_>>()
        .join(", ");
    sink.execute(format!(
        "UPDATE {table} AS t SET {values}, version = t.version + 1, updated_at = s.updated_at \
         FROM {STAGE} s WHERE {SAME} AND ({differs})"
    ))
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_about_one_record_if_all_its_keys_are() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        let found = only(vec![(2, a), (2, a), (3, a), (3, b), (3, a), (4, b)]);
        assert_eq!(
            found,
            HashMap::from([(2, Some(a)), (3, None), (4, Some(b))])
        );
    }
}
