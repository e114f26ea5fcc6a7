//! The name that a database gives to its folder of uploads, so that a process with another folder is noticed.

use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{Database, RepositoryError, entity::storage_mark};

/// The one mark.
#[derive(Debug, Clone)]
pub struct StorageMarks {
    db: Database,
}

impl StorageMarks {
    /// On these pools.
    #[must_use]
    pub fn new(db: &Database) -> Self {
        Self { db: db.clone() }
    }

    /// The mark of this database; `None` before a server has worked on it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn agreed(&self) -> Result<Option<Uuid>, RepositoryError> {
        let row = storage_mark::Entity::find_by_id(1).one(self.db.owner());
        Ok(row.await?.map(|row| row.mark))
    }

    /// The mark of this database: `proposed`, if it had none.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn agree(&self, proposed: Uuid) -> Result<Uuid, RepositoryError> {
        let sql = "INSERT INTO storage_marks (id, mark) VALUES (1, $1) ON CONFLICT (id) DO NOTHING";
        self.db.execute_as_owner(sql, [proposed.into()]).await?;
        let mark = self.agreed().await?;
        mark.ok_or(RepositoryError::Corrupt { column: "mark" })
    }
}
