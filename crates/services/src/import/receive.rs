//! A file on its way in: stored under a generated name while it is hashed and recognised, in constant memory.

use auth::{Actor, ManageImports};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use import_types::{
    ImportType,
    engine::{Dialect, SniffError, Sniffer},
};
use sha2::{Digest, Sha256};

use super::Imports;
use crate::{ObjectStorage, ServiceError, storage::upload_key};

/// Characters of a file name that are kept.
const LONGEST_NAME: usize = 255;
/// What a file without a usable name is called.
const NAMELESS: &str = "upload.csv";

/// A file that is stored but does not belong to a job yet. Dropping it erases it.
#[derive(Debug)]
pub struct ReceivedFile {
    storage: ObjectStorage,
    key: Option<String>,
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) sha256: String,
    pub(super) dialect: Dialect,
}

impl ReceivedFile {
    /// Where it is stored.
    pub(super) fn key(&self) -> &str {
        self.key.as_deref().unwrap_or_default()
    }

    /// A job has it now.
    pub(super) fn keep(mut self) {
        self.key = None;
    }
}

impl Drop for ReceivedFile {
    fn drop(&mut self) {
        let Some(key) = self.key.take() else { return };
        let storage = self.storage.clone();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                if let Err(error) = storage.delete(&key).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "could not erase a refused file, the sweep will"
                    );
                }
            });
        }
    }
}

impl Imports {
    /// Streams a file into the storage while recognising and hashing it. The type of the import may not be known yet: form
    /// fields come in any order. The stream need not be `Send`.
    ///
    /// # Errors
    /// [`ServiceError::FileTooLarge`] as soon as one byte too many has arrived (the caller stops reading then),
    /// [`ServiceError::InvalidFile`], [`ServiceError::UploadInterrupted`] for an error of `content`, or a failure.
    /// In every case nothing stays in the storage, also when the future is dropped.
    pub async fn receive_file<S, E>(
        &self,
        actor: &Actor<ManageImports>,
        file_name: &str,
        content: S,
    ) -> Result<ReceivedFile, ServiceError>
    where
        S: Stream<Item = Result<Bytes, E>>,
        E: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        self.sessions.ensure_alive(&actor.identity()).await?;
        let limit = self.context.config.max_upload_bytes;
        let storage = &self.context.storage;
        let key = upload_key(actor.tenant_id().as_uuid(), self.context.clock.mint_uuid());
        let mut writer = storage.create(&key);
        let mut sha256 = Sha256::new();
        let mut sniffer = sniffer();
        let mut size = 0;
        let mut content = std::pin::pin!(content);
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| ServiceError::UploadInterrupted(error.into()))?;
            size += piece.len() as u64;
            if size > limit {
                return Err(ServiceError::FileTooLarge { limit });
            }
            sha256.update(&piece);
            sniffer.feed(&piece);
            writer.write(piece).await?;
        }
        let dialect = self
            .recognise(move || sniffer.finish())
            .await?
            .map_err(|error| ServiceError::InvalidFile {
                reason: match error {
                    SniffError::Binary { .. } => "binary",
                    _ => "empty",
                },
            })?;
        // From here on there is something to erase, even if finishing fails or is interrupted half-way.
        let file = ReceivedFile {
            storage: storage.clone(),
            key: Some(key),
            name: safe_name(file_name),
            size,
            sha256: hex::encode(sha256.finalize()),
            dialect,
        };
        writer.finish().await?;
        Ok(file)
    }
}

/// Knows the headers of all three types: which of them the file is may come only after it.
fn sniffer() -> Sniffer {
    ImportType::ALL
        .iter()
        .fold(Sniffer::new(), |sniffer, import_type| {
            sniffer.with_known_headers(import_types::schema(*import_type).known_headers())
        })
}

/// The last part of a path, without what a terminal, a header or a page could stumble over.
fn safe_name(raw: &str) -> String {
    /// Marks that turn the direction of text: `gpj.csv` must not look like `vsc.jpg`.
    const DIRECTIONS: [char; 12] = [
        '\u{061c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}',
        '\u{202e}', '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = last
        .chars()
        .filter(|c| !c.is_control() && !DIRECTIONS.contains(c))
        .take(LONGEST_NAME)
        .collect();
    match name.trim() {
        "" | "." | ".." => NAMELESS.to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_only_the_last_part_of_a_path_and_nothing_unprintable() {
        for (raw, safe) in [
            ("jamaah-import.csv", "jamaah-import.csv"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\Siti\\data jamaah.csv", "data jamaah.csv"),
            ("a\r\nSet-Cookie: x\0.csv", "aSet-Cookie: x.csv"),
            ("\u{202e}vsc.jpg", "vsc.jpg"),
            ("", NAMELESS),
            ("..", NAMELESS),
            ("uploads/", NAMELESS),
        ] {
            assert_eq!(safe_name(raw), safe, "{raw:?}");
        }
        assert_eq!(safe_name(&"é".repeat(400)).chars().count(), LONGEST_NAME);
    }
}
