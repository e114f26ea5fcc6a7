//! Before images: the states of records before an import changed them (`migration_updates`). How an image is taken, what prevents its
//! restoration, and how it is restored. All of it is SQL, so that a million records need not leave the database.
//!
//! In every statement `u` is an image, `t` or `r` the record, and `s` the row that changes it.

use domain::{ImportType, JobId};
use sea_orm::{ConnectionTrait, Value};

use crate::{
    Backend, Database, ImportedRow, RepositoryError, TenantScope,
    import_job::row_count,
    pool::Transaction,
    table::{self, Facts, Key},
};

/// The columns of a record, beside its own, that a change of it changes.
const HISTORY: [&str; 2] = ["version", "updated_at"];

/// The columns of an image, in the order of [`taken`].
pub(crate) const COLUMNS: &str = "tenant_id, migration_job_id, record_id, row_number, version, \
    changed_at, vacates, before";

/// The values of the image of the record `t`, before the row `s` changes it.
pub(crate) fn taken(table: &Facts, backend: Backend) -> String {
    let object = match backend {
        Backend::Postgres => "jsonb_build_object",
        Backend::Sqlite => "json_object",
    };
    let own = (table.own_columns)();
    let entries = own.iter().copied().chain(HISTORY).map(|column| {
        // JSON holds no bytes, and SQLite stores ids as such.
        if backend == Backend::Sqlite && (table.is_uuid)(column) {
            format!("'{column}', hex(t.{column})")
        } else {
            format!("'{column}', t.{column}")
        }
    });
    let entries = entries.collect::<Vec<_>>().join(", ");
    let vacates = table.keys.iter().flat_map(vacated).collect::<Vec<_>>();
    let vacates = vacates.join(" OR ");
    format!(
        "t.tenant_id, s.migration_job_id, t.id, s.import_row_number, t.version + 1, s.updated_at, \
         {vacates}, CAST({object}({entries}) AS text)"
    )
}

/// When the row `s` gives the record `t` another value of a column of a key.
fn vacated(key: &Key) -> impl Iterator<Item = String> {
    key.columns.iter().map(|column| {
        let (old, new) = (key.compared("t", column), key.compared("s", column));
        format!("(t.{column} IS NOT NULL AND s.{column} IS NOT NULL AND {old} <> {new})")
    })
}

/// The images of a job and their records: `u`, and on PostgreSQL `b`, the image as a row of the table.
fn images(table: &Facts, backend: Backend) -> String {
    match backend {
        Backend::Postgres => format!(
            "migration_updates u CROSS JOIN LATERAL jsonb_populate_record(NULL::{}, u.before::jsonb) b",
            table.name
        ),
        Backend::Sqlite => "migration_updates u".to_owned(),
    }
}

/// A column of an image.
fn before(table: &Facts, backend: Backend, column: &str) -> String {
    match backend {
        Backend::Postgres => format!("b.{column}"),
        Backend::Sqlite if (table.is_uuid)(column) => {
            format!("unhex(json_extract(u.before, '$.{column}'))")
        }
        Backend::Sqlite => format!("json_extract(u.before, '$.{column}')"),
    }
}

/// Whether the record `r` can be restored: it was not changed since the import, no other record has its earlier key, and what it
/// referred to still exists.
fn is_restorable(table: &Facts, backend: Backend) -> String {
    let taken = table.keys.iter().map(|key| {
        let same = key.columns.iter().map(|column| {
            let old = before(table, backend, column);
            format!(" AND {}", key.equals("t", column, &old))
        });
        let same: String = same.collect();
        format!(
            "EXISTS (SELECT 1 FROM {} t WHERE t.tenant_id = r.tenant_id AND t.id <> r.id{same})",
            table.name
        )
    });
    let taken = taken.collect::<Vec<_>>().join(" OR ");
    let has_referred = match &table.reference {
        Some(reference) => format!(
            " AND EXISTS (SELECT 1 FROM {} p WHERE p.tenant_id = r.tenant_id AND p.id = {})",
            reference.table,
            before(table, backend, reference.field)
        ),
        None => String::new(),
    };
    format!(
        "(r.version = u.version AND r.updated_at = u.changed_at AND NOT (u.vacates AND ({taken})){has_referred})"
    )
}

/// The records that a job changed, and what a rollback would do to them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ChangedRecords {
    /// Can be restored.
    pub(crate) restorable: u64,
    /// Have been changed since, or cannot be restored for another reason.
    pub(crate) kept: u64,
    /// Have been deleted since.
    pub(crate) gone: u64,
}

/// The images of one job.
pub(crate) struct BeforeImages<'a> {
    pub(crate) db: &'a Database,
    pub(crate) scope: TenantScope,
    pub(crate) job: JobId,
    pub(crate) kind: ImportType,
}

impl BeforeImages<'_> {
    pub(crate) fn table(&self) -> &'static Facts {
        table::imported(self.kind)
    }

    pub(crate) fn key(&self) -> [Value; 2] {
        [self.scope.uuid().into(), self.job.as_uuid().into()]
    }

    /// Locks the changed records until the transaction ends, so that no other transaction changes them meanwhile.
    pub(crate) async fn lock(&self, tx: &Transaction) -> Result<(), RepositoryError> {
        if self.db.backend() == Backend::Sqlite {
            // The transaction is the only writer.
            return Ok(());
        }
        let sql = format!(
            "SELECT r.id FROM {} r JOIN migration_updates u ON u.tenant_id = r.tenant_id AND u.record_id = r.id \
             WHERE u.tenant_id = $1 AND u.migration_job_id = $2 ORDER BY r.id FOR UPDATE OF r",
            self.table().name
        );
        tx.query_all_raw(self.db.statement(sql, self.key())).await?;
        Ok(())
    }

    /// What would happen to the changed records.
    pub(crate) async fn changed(
        &self,
        conn: &impl ConnectionTrait,
    ) -> Result<ChangedRecords, RepositoryError> {
        let (table, backend) = (self.table(), self.db.backend());
        let restorable = is_restorable(table, backend);
        let sql = format!(
            "SELECT count(*) AS images, count(r.id) AS present, \
             count(*) FILTER (WHERE r.id IS NOT NULL AND {restorable}) AS restorable \
             FROM {} LEFT JOIN {} r ON r.tenant_id = u.tenant_id AND r.id = u.record_id \
             WHERE u.tenant_id = $1 AND u.migration_job_id = $2",
            images(table, backend),
            table.name
        );
        let row = conn
            .query_one_raw(self.db.statement(sql, self.key()))
            .await?;
        let Some(row) = row else {
            return Ok(ChangedRecords::default());
        };
        let count = |name| Ok::<_, RepositoryError>(row_count(row.try_get("", name)?));
        let (images, present, restorable) =
            (count("images")?, count("present")?, count("restorable")?);
        Ok(ChangedRecords {
            restorable,
            kept: present.saturating_sub(restorable),
            gone: images.saturating_sub(present),
        })
    }

    /// A query for the row numbers of the changed records that cannot be restored; its values are those of [`Self::key`].
    pub(crate) fn kept_rows(&self) -> String {
        let (table, backend) = (self.table(), self.db.backend());
        format!(
            "SELECT u.row_number FROM {} JOIN {} r ON r.tenant_id = u.tenant_id AND r.id = u.record_id \
             WHERE u.tenant_id = $1 AND u.migration_job_id = $2 AND NOT {}",
            images(table, backend),
            table.name,
            is_restorable(table, backend),
        )
    }

    /// The first `limit` changed records that cannot be restored, with `label`, an expression of `r`.
    pub(crate) async fn kept(
        &self,
        conn: &impl ConnectionTrait,
        label: &str,
        limit: u64,
    ) -> Result<Vec<(ImportedRow, String)>, RepositoryError> {
        let (table, backend) = (self.table(), self.db.backend());
        let sql = format!(
            "SELECT r.id AS id, u.row_number AS row_number, {label} AS label \
             FROM {} JOIN {} r ON r.tenant_id = u.tenant_id AND r.id = u.record_id \
             WHERE u.tenant_id = $1 AND u.migration_job_id = $2 AND NOT {} \
             ORDER BY u.row_number LIMIT {limit}",
            images(table, backend),
            table.name,
            is_restorable(table, backend),
        );
        let rows = conn
            .query_all_raw(self.db.statement(sql, self.key()))
            .await?;
        let kept = rows.into_iter().map(|row| {
            let row_number: i32 = row.try_get("", "row_number")?;
            let kept = ImportedRow {
                id: row.try_get("", "id")?,
                row_number: row_count(row_number.into()),
                changed: true,
            };
            Ok((kept, row.try_get("", "label")?))
        });
        kept.collect()
    }

    /// Restores the changed records that can be restored, including version and time of change: whatever could be rolled
    /// back before this import can be rolled back after it. Returns how many.
    pub(crate) async fn restore(&self, tx: &Transaction) -> Result<u64, RepositoryError> {
        let (table, backend) = (self.table(), self.db.backend());
        let own = (table.own_columns)();
        let columns = own.into_iter().chain(HISTORY);
        let values = columns
            .map(|column| format!("{column} = {}", before(table, backend, column)))
            .collect::<Vec<_>>()
            .join(", ");
        let sql = format!(
            "UPDATE {} AS r SET {values} FROM {} WHERE u.tenant_id = $1 AND u.migration_job_id = $2 \
             AND r.tenant_id = u.tenant_id AND r.id = u.record_id AND {}",
            table.name,
            images(table, backend),
            is_restorable(table, backend),
        );
        let done = tx.execute_raw(self.db.statement(sql, self.key())).await;
        // A reference that was deleted between the look and the change: the second look sees it.
        let done = done.map_err(|error| RepositoryError::from(error).deleting())?;
        Ok(done.rows_affected())
    }

    /// Deletes the images.
    pub(crate) async fn forget(&self, tx: &Transaction) -> Result<(), RepositoryError> {
        let sql = "DELETE FROM migration_updates WHERE tenant_id = $1 AND migration_job_id = $2";
        tx.execute_raw(self.db.statement(sql, self.key())).await?;
        Ok(())
    }
}
