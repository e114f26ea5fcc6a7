//! What users decided about the columns and values of files, for the next file with the same headers.

use domain::{ImportType, RememberedMapping, Timestamp};
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::{Database, RepositoryError, TenantScope, stamp::Stamp, table::stored};

/// The most decisions of a tenant that are kept, the latest ones: a person would not read through more.
const MOST: u64 = 200;

/// The remembered decisions of tenants.
#[derive(Debug, Clone)]
pub struct RememberedMappings {
    db: Database,
}

/// A remembered decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    /// Its id.
    pub id: Uuid,
    /// What the files hold.
    pub import_type: ImportType,
    /// What was decided.
    pub decided: RememberedMapping,
    /// When an import last confirmed it.
    pub used_at: Timestamp,
}

impl RememberedMappings {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// Keeps a decision, which replaces an earlier one about the same headers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remember(
        &self,
        scope: TenantScope,
        headers: &str,
        remembered: &Remembered,
    ) -> Result<(), RepositoryError> {
        let decided: String = stored("decided", serde_json::to_string(&remembered.decided))?;
        let decided = &decided;
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let sql = "INSERT INTO remembered_mappings \
                    (tenant_id, id, import_type, headers_sha256, decided, used_at) \
                    VALUES ($1, $2, $3, $4, $5, $6) \
                    ON CONFLICT (tenant_id, import_type, headers_sha256) \
                    DO UPDATE SET decided = excluded.decided, used_at = excluded.used_at";
                let values = [
                    scope.uuid().into(),
                    remembered.id.into(),
                    remembered.import_type.as_str().into(),
                    headers.into(),
                    decided.clone().into(),
                    Stamp::from(remembered.used_at).into(),
                ];
                tx.execute_raw(self.db.statement(sql, values)).await?;
                let sql = format!(
                    "DELETE FROM remembered_mappings WHERE tenant_id = $1 AND id NOT IN \
                     (SELECT id FROM remembered_mappings WHERE tenant_id = $1 \
                     ORDER BY used_at DESC, id LIMIT {MOST})"
                );
                let tenant = [scope.uuid().into()];
                tx.execute_raw(self.db.statement(sql, tenant)).await?;
                self.db.commit(tx).await?;
                Ok(())
            })
            .await
    }

    /// What was decided about a file of this type with these headers.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find(
        &self,
        scope: TenantScope,
        import_type: ImportType,
        headers: &str,
    ) -> Result<Option<RememberedMapping>, RepositoryError> {
        let sql = "SELECT decided FROM remembered_mappings \
            WHERE tenant_id = $1 AND import_type = $2 AND headers_sha256 = $3";
        let values = [
            scope.uuid().into(),
            import_type.as_str().into(),
            headers.into(),
        ];
        let reader = self.db.read(scope).await?;
        let row = reader.query_one_raw(self.db.statement(sql, values)).await?;
        row.map(|row| {
            let decided: String = row.try_get("", "decided")?;
            stored("decided", serde_json::from_str(&decided))
        })
        .transpose()
    }

    /// All that is remembered, what was used last first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn list(&self, scope: TenantScope) -> Result<Vec<Remembered>, RepositoryError> {
        let sql = format!(
            "SELECT id, import_type, decided, used_at FROM remembered_mappings \
             WHERE tenant_id = $1 ORDER BY used_at DESC, id LIMIT {MOST}"
        );
        let reader = self.db.read(scope).await?;
        let rows = reader
            .query_all_raw(self.db.statement(sql, [scope.uuid().into()]))
            .await?;
        rows.into_iter()
            .map(|row| {
                let import_type: String = row.try_get("", "import_type")?;
                let decided: String = row.try_get("", "decided")?;
                let used_at: Stamp = row.try_get("", "used_at")?;
                Ok(Remembered {
                    id: row.try_get("", "id")?,
                    import_type: stored("import_type", import_type.parse())?,
                    decided: stored("decided", serde_json::from_str(&decided))?,
                    used_at: used_at.into(),
                })
            })
            .collect()
    }

    /// Forgets a decision; false if there is none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget(&self, scope: TenantScope, id: Uuid) -> Result<bool, RepositoryError> {
        self.db
            .transact(move || async move {
                let tx = self.db.begin_write(scope).await?;
                let sql = "DELETE FROM remembered_mappings WHERE tenant_id = $1 AND id = $2";
                let values = [scope.uuid().into(), id.into()];
                let done = tx.execute_raw(self.db.statement(sql, values)).await?;
                self.db.commit(tx).await?;
                Ok(done.rows_affected() > 0)
            })
            .await
    }
}
