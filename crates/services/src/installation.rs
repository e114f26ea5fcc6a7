//! Whether this process has the folder of uploads that belongs to its database. Two processes with separate folders would each
//! miss half of the files, so the folder and the database carry the same mark, and a process without it serves no imports.

use std::{path::Path, sync::Arc, time::Duration};

use domain::Clock;
use repositories::{Database, StorageMarks};
use uuid::Uuid;

use crate::{Context, ObjectStorage, ServiceError, StorageError};

/// What the mark's name begins with. The mark is an empty folder: what counts or lists uploads looks at files.
const MARK: &str = ".hijrah-storage-";
/// How soon the mark is checked again.
const RETRY: Duration = Duration::from_secs(5);

/// Whether uploads are stored in the same place as those of the other processes on this database. A bucket is the same for all.
pub(crate) async fn has_own_storage(context: &Context) -> Result<bool, ServiceError> {
    let Some(folder) = context.storage.folder() else {
        return Ok(true);
    };
    // The folder carries the proposed mark before the database can agree to it, so that any task or process that
    // reads the agreed mark from the database and has the same folder finds it there.
    let (proposed, is_new) = match marks(folder)?.first() {
        Some(mark) => (*mark, false),
        None => (context.clock.mint_uuid(), true),
    };
    let path = |mark: Uuid| folder.join(format!("{MARK}{mark}"));
    if is_new {
        std::fs::create_dir_all(path(proposed)).map_err(failed)?;
    }
    let mark = StorageMarks::new(&context.database).agree(proposed).await?;
    if is_new && mark != proposed {
        std::fs::remove_dir(path(proposed)).map_err(failed)?;
    }
    if marks(folder)?.contains(&mark) {
        return Ok(true);
    }
    let path = path(mark);
    tracing::error!(
        missing = %path.display(),
        "this folder of uploads does not belong to the database: another process has its own. Let STORAGE_URL name one shared \
         folder or bucket. If this is the right folder, for example restored from a backup, create the missing folder in it"
    );
    Ok(false)
}

/// Whether the uploads are those of the database, as far as the two are marked already. Marks nothing.
///
/// # Errors
/// When one of the two cannot be asked.
pub async fn has_storage_of(
    database: &Database,
    storage: &ObjectStorage,
) -> Result<bool, ServiceError> {
    let Some(folder) = storage.folder() else {
        return Ok(true);
    };
    match StorageMarks::new(database).agreed().await? {
        Some(mark) => {
            let found = marks(folder)?;
            Ok(found.is_empty() || found.contains(&mark))
        }
        None => Ok(true),
    }
}

/// Makes the folder of uploads the one that belongs to the database: a restored database names the folder that it was saved with.
///
/// # Errors
/// When the mark cannot be made.
pub(crate) async fn adopt(
    database: &Database,
    storage: &ObjectStorage,
    clock: &dyn Clock,
) -> Result<(), StorageError> {
    let Some(folder) = storage.folder() else {
        return Ok(());
    };
    // A database that is older than marks gets its first one when it is migrated.
    if let Ok(mark) = StorageMarks::new(database).agree(clock.mint_uuid()).await {
        std::fs::create_dir_all(folder.join(format!("{MARK}{mark}"))).map_err(StorageError::Io)?;
    }
    Ok(())
}

/// Waits until it is certain that this is the right folder of uploads.
pub(crate) async fn until_storage_is_own(context: &Arc<Context>) {
    loop {
        match has_own_storage(context).await {
            Ok(true) => return,
            Ok(false) => {}
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                "could not compare the storage with the database"
            ),
        }
        tokio::time::sleep(RETRY).await;
    }
}

fn marks(folder: &Path) -> Result<Vec<Uuid>, ServiceError> {
    let mut marks = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        let mark = name.to_str().and_then(|name| name.strip_prefix(MARK));
        marks.extend(mark.and_then(|mark| mark.parse::<Uuid>().ok()));
    }
    marks.sort_unstable();
    Ok(marks)
}

fn failed(error: std::io::Error) -> ServiceError {
    ServiceError::Storage(StorageError::Io(error))
}
