//! Stores uploaded files in a local folder or an S3 bucket, with one type for both. It knows keys and bytes, but not jobs, CSV or the database.

mod cipher;
mod failures;
mod health;
mod inspection;
mod key;
mod reader;
mod rekey;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use futures_util::{StreamExt, TryStreamExt, stream::BoxStream};
use object_store::{
    ClientOptions, ObjectStore, ObjectStoreExt, RetryConfig,
    aws::{AmazonS3Builder, Checksum},
    local::LocalFileSystem,
    path::Path,
};
use secrecy::{ExposeSecret, SecretString};
use settings::Reader;
use time::OffsetDateTime;

pub use cipher::{KeyId, StorageKeys};
use failures::counted;
pub(crate) use health::StorageHealth;
pub use inspection::FileFlaw;
pub(crate) use key::{is_upload_key, job_key, upload_key, workbook_of, workbook_table_key};
pub(crate) use reader::ObjectReader;
pub use rekey::Rekeyed;
pub(crate) use writer::ObjectWriter;

use crate::observe::StorageOperation;

/// How long a bucket's server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long it may pause in the middle of an answer.
const SILENCE: Duration = Duration::from_secs(8);
/// How long a request may take as a whole: a part of five megabytes over a slow line. An import reads its file as slowly as it
/// stores the rows; the library asks for the rest of a file when this time is over.
const REQUEST: Duration = Duration::from_secs(30);
/// How long a request is retried, from its first attempt on. A client waits for the answer to its upload.
const RETRYING: Duration = Duration::from_secs(10);

/// AWS's own first region; servers that are not AWS mostly do not care.
const DEFAULT_REGION: &str = "us-east-1";

/// No upload has this name.
const ABSENT: &str = "absent";

/// Where the files are stored and how to access them. All from `STORAGE_URL` and the `S3_*` variables.
#[derive(Debug, Clone)]
pub struct StorageConfig {
    /// `STORAGE_URL`: `file://data/uploads` (relative to the working directory), `file:///srv/uploads` or
    /// `s3://bucket/prefix`. Default `file://data/uploads`.
    pub url: String,
    /// The `S3_*` variables; used with an `s3://` URL only.
    pub s3: S3Config,
    /// `STORAGE_KEYS`: files are encrypted with the first one. Default none: files are stored as they are.
    pub keys: StorageKeys,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            url: "file://data/uploads".to_owned(),
            s3: S3Config::default(),
            keys: StorageKeys::default(),
        }
    }
}

/// How to reach the bucket of an `s3://` URL. What is absent falls back to AWS's own conventions.
#[derive(Debug, Clone, Default)]
pub struct S3Config {
    /// `S3_ENDPOINT`: the address of a server that is not AWS; plain `http://` is accepted.
    pub endpoint: Option<String>,
    /// `S3_REGION`, default `us-east-1`.
    pub region: Option<String>,
    /// `S3_ACCESS_KEY_ID`.
    pub access_key_id: Option<SecretString>,
    /// `S3_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<SecretString>,
}

impl StorageConfig {
    /// Reads `STORAGE_URL`, `STORAGE_KEYS` and the `S3_*` variables: for every program that opens the storage.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        let default = Self::default();
        Self {
            url: reader.storage_url(&default.url),
            s3: S3Config {
                endpoint: reader.web_address("S3_ENDPOINT"),
                region: Some(reader.text_or("S3_REGION", DEFAULT_REGION)),
                access_key_id: reader.secret("S3_ACCESS_KEY_ID"),
                secret_access_key: reader.secret("S3_SECRET_ACCESS_KEY"),
            },
            keys: read_keys(reader),
        }
    }
}

fn read_keys(reader: &mut Reader<'_>) -> StorageKeys {
    let Some(text) = reader.secret("STORAGE_KEYS") else {
        return StorageKeys::default();
    };
    StorageKeys::parse(text.expose_secret()).unwrap_or_else(|error| {
        reader.refuse("STORAGE_KEYS", &format!("is {error}"));
        StorageKeys::default()
    })
}

/// An operation of the storage failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StorageError {
    /// `STORAGE_URL` is neither `file://…` nor `s3://bucket…`.
    #[error("storage url is neither file:// with a path nor s3:// with a bucket")]
    UnknownUrl,
    /// The object does not exist or no longer exists.
    #[error("the stored object does not exist")]
    Missing,
    /// Reading or writing failed below the object store.
    #[error("could not read or write the storage")]
    Io(#[source] std::io::Error),
    /// The storage denies access to this object. A bucket that may not be listed also denies access to objects that do not exist.
    #[error("the storage denies access to the object")]
    Denied(#[source] object_store::Error),
    /// The bucket or folder itself does not exist.
    #[error("the storage does not exist: {0}")]
    NoStorage(String),
    /// Everything else that the object store reports.
    #[error("object storage failed")]
    Store(#[source] object_store::Error),
}

impl From<object_store::Error> for StorageError {
    fn from(error: object_store::Error) -> Self {
        match error {
            object_store::Error::NotFound { .. } => Self::Missing,
            denied @ object_store::Error::PermissionDenied { .. } if knows_us(&denied) => {
                Self::Denied(denied)
            }
            other => Self::Store(other),
        }
    }
}

impl StorageError {
    /// Whether asking again later cannot help, because the credentials or the bucket are wrong.
    #[must_use]
    pub fn is_misconfigured(&self) -> bool {
        match self {
            Self::UnknownUrl | Self::NoStorage(_) => true,
            Self::Store(error) => matches!(
                error,
                object_store::Error::PermissionDenied { .. }
                    | object_store::Error::Unauthenticated { .. }
            ),
            _ => false,
        }
    }

    /// Whether the object is there and is encrypted with a key that this process does not have.
    pub(crate) fn is_locked(&self) -> bool {
        let Self::Io(error) = self else { return false };
        let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
        matches!(inner, Some(cipher::SealError::UnknownKey(_)))
    }
}

/// Codes that S3 sends with 403 about the credentials, and not about the requested object.
const UNKNOWN_CALLER: [&str; 7] = [
    "AccountProblem",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

/// S3 has one status for a missing bucket and a missing object; the body distinguishes them.
fn is_no_bucket(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
        || error.to_string().contains("<Code>NoSuchBucket</Code>")
}

/// Whether a denial is about the object: its text has the answer's body, where there is one.
fn knows_us(denied: &object_store::Error) -> bool {
    let said = denied.to_string();
    !UNKNOWN_CALLER
        .iter()
        .any(|code| said.contains(&format!("<Code>{code}</Code>")))
}

/// One stored object, as a listing shows it.
#[derive(Debug, Clone)]
pub(crate) struct StoredObject {
    /// The key under which it was stored.
    pub(crate) key: String,
    /// When it was last written, by the storage's clock.
    pub(crate) modified_at: OffsetDateTime,
}

/// A folder or a bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct ObjectStorage {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    /// Set for a folder: unfinished writes of a killed process are there next to the objects.
    folder: Option<PathBuf>,
    keys: StorageKeys,
}

impl ObjectStorage {
    /// Opens the storage; creates the folder of a `file://` URL. Does not contact an S3 server yet.
    ///
    /// # Errors
    /// [`StorageError::UnknownUrl`] for another scheme, [`StorageError::Io`] when the folder cannot be made.
    pub fn open(config: &StorageConfig) -> Result<Self, StorageError> {
        if let Some(folder) = config.url.strip_prefix("file://") {
            return Self::open_folder(folder, &config.keys);
        }
        let location = config
            .url
            .strip_prefix("s3://")
            .ok_or(StorageError::UnknownUrl)?;
        let (bucket, prefix) = location.split_once('/').unwrap_or((location, ""));
        if bucket.is_empty() {
            return Err(StorageError::UnknownUrl);
        }
        // Another library of this process may have installed its provider first; that one works as well.
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = AmazonS3Builder::new()
            .with_client_options(
                ClientOptions::new()
                    .with_connect_timeout(CONNECT)
                    .with_read_timeout(SILENCE)
                    .with_timeout(REQUEST),
            )
            .with_retry(RetryConfig {
                retry_timeout: RETRYING,
                ..RetryConfig::default()
            })
            .with_bucket_name(bucket)
            .with_region(config.s3.region.as_deref().unwrap_or(DEFAULT_REGION))
            .with_checksum_algorithm(Checksum::SHA256);
        if let Some(endpoint) = &config.s3.endpoint {
            builder = builder.with_endpoint(endpoint).with_allow_http(true);
        }
        if let Some(id) = &config.s3.access_key_id {
            builder = builder.with_access_key_id(id.expose_secret());
        }
        if let Some(secret) = &config.s3.secret_access_key {
            builder = builder.with_secret_access_key(secret.expose_secret());
        }
        Ok(Self {
            store: Arc::new(builder.build()?),
            prefix: Path::from(prefix),
            folder: None,
            keys: config.keys.clone(),
        })
    }

    fn open_folder(folder: &str, keys: &StorageKeys) -> Result<Self, StorageError> {
        if folder.is_empty() {
            return Err(StorageError::UnknownUrl);
        }
        std::fs::create_dir_all(folder).map_err(StorageError::Io)?;
        let folder = std::fs::canonicalize(folder).map_err(StorageError::Io)?;
        let store = LocalFileSystem::new_with_prefix(&folder)?.with_automatic_cleanup(true);
        Ok(Self {
            store: Arc::new(store),
            prefix: Path::default(),
            folder: Some(folder),
            keys: keys.clone(),
        })
    }

    /// Starts an object. Nothing is visible under `key` until [`ObjectWriter::finish`].
    pub(crate) fn create(&self, key: &str) -> ObjectWriter {
        ObjectWriter::new(
            Arc::clone(&self.store),
            self.path(key),
            self.folder.is_some(),
            self.keys.seal(key),
        )
    }

    /// Opens an object for reading on a blocking thread.
    ///
    /// # Errors
    /// [`StorageError::Missing`] when it is not there, or has no name: the name of a deleted file is not kept.
    pub(crate) async fn read(&self, key: &str) -> Result<ObjectReader, StorageError> {
        if key.is_empty() {
            return Err(StorageError::Missing);
        }
        let asked = self.store.get(&self.path(key)).await;
        let object = counted(StorageOperation::Read, asked)?;
        Ok(ObjectReader::new(object, &self.keys, key))
    }

    /// Deletes an object, and with the table of a workbook the workbook; succeeds if it does not exist or has no name.
    pub(crate) async fn delete(&self, key: &str) -> Result<(), StorageError> {
        if key.is_empty() {
            return Ok(());
        }
        if let Some(workbook) = workbook_of(key) {
            self.delete_one(workbook).await?;
        }
        self.delete_one(key).await
    }

    async fn delete_one(&self, key: &str) -> Result<(), StorageError> {
        match self.store.delete(&self.path(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            failed => counted(StorageOperation::Delete, failed),
        }
    }

    /// Whether the storage answers at all, so that a failure is that of a single object.
    pub(crate) async fn is_reachable(&self) -> bool {
        self.probe().await.is_ok()
    }

    /// Checks that the folder or bucket exists and can be accessed: it lists a prefix that no object has, which fails for a missing
    /// bucket, and reads an object of that name, which fails for wrong credentials. Listing may be denied. HEAD would not do: its
    /// answer has no body, so a denied object looks like wrong credentials.
    ///
    /// # Errors
    /// Why it cannot be used. [`StorageError::is_misconfigured`] is false if the cause may be temporary.
    pub async fn probe(&self) -> Result<(), StorageError> {
        counted(StorageOperation::Probe, self.ask().await)
    }

    async fn ask(&self) -> Result<(), StorageError> {
        if let Some(folder) = &self.folder {
            return match tokio::fs::metadata(folder).await {
                Ok(found) if found.is_dir() => Ok(()),
                _ => Err(StorageError::NoStorage(folder.display().to_string())),
            };
        }
        let absent = self.path(ABSENT);
        if let Err(error) = self.store.list(Some(&absent)).try_next().await
            && is_no_bucket(&error)
        {
            return Err(StorageError::NoStorage("no such bucket".to_owned()));
        }
        match self.store.get(&absent).await.map_err(StorageError::from) {
            Ok(_) | Err(StorageError::Missing | StorageError::Denied(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether the object exists; one without a name does not.
    ///
    /// # Errors
    /// [`StorageError::Denied`] when the storage does not say.
    pub(crate) async fn exists(&self, key: &str) -> Result<bool, StorageError> {
        if key.is_empty() {
            return Ok(false);
        }
        match self.store.head(&self.path(key)).await {
            Ok(_) => Ok(true),
            Err(object_store::Error::NotFound { .. }) => Ok(false),
            Err(error) => counted(StorageOperation::Read, Err(error)),
        }
    }

    /// Every finished object, of any origin, in no particular order.
    pub(crate) fn list(&self) -> BoxStream<'_, Result<StoredObject, StorageError>> {
        let prefix = (!self.prefix.as_ref().is_empty()).then_some(&self.prefix);
        self.store
            .list(prefix)
            .map(|object| counted(StorageOperation::List, object))
            .try_filter_map(move |meta| {
                let key = meta.location.prefix_match(&self.prefix).map(|parts| {
                    parts
                        .map(|part| part.as_ref().to_owned())
                        .collect::<Vec<_>>()
                        .join("/")
                });
                let modified_at =
                    OffsetDateTime::from_unix_timestamp(meta.last_modified.timestamp())
                        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
                async move { Ok(key.map(|key| StoredObject { key, modified_at })) }
            })
            .boxed()
    }

    /// Removes unfinished writes of killed processes from a folder, if they are older than `age`.
    /// In a bucket a lifecycle rule does that. Returns how many there were.
    pub(crate) async fn remove_unfinished(&self, age: Duration) -> Result<usize, StorageError> {
        let Some(folder) = self.folder.clone() else {
            return Ok(0);
        };
        tokio::task::spawn_blocking(move || writer::remove_unfinished(&folder, age))
            .await
            .map_err(|error| StorageError::Store(error.into()))?
            .map_err(StorageError::Io)
    }

    /// The folder, if it is one.
    pub(crate) fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_deref()
    }

    pub(crate) fn keys(&self) -> &StorageKeys {
        &self.keys
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    pub(crate) fn path(&self, key: &str) -> Path {
        self.prefix
            .parts()
            .chain(Path::from(key).parts())
            .map(|part| part.as_ref().to_owned())
            .collect()
    }
}

#[cfg(test)]
mod tests;
