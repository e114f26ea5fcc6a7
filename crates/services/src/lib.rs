//! Use cases and the background worker: the only crate that uses all the others. It is independent of HTTP.
//!
//! [`Services`] bundles one value per subject; each takes an [`Actor`](auth::Actor) as the proof of permission and answers
//! with domain types or a [`ServiceError`]. [`Worker`] runs the jobs that the import use cases put into the queue.

mod activity;
mod api_key;
mod backup;
mod budget;
mod clock;
mod demo;
mod error;
mod event;
mod guessable;
mod household;
mod idempotency;
mod import;
mod installation;
mod observe;
mod resource;
mod seed;
mod session;
mod storage;
mod sweep;
mod tenant;
mod webhook;
mod worker;

use std::{sync::Arc, time::Duration};

use domain::{Clock, NewJamaah, NewPackage, NewPayment};
use repositories::Database;
use secrecy::SecretString;

pub use activity::{ActivityLog, ActivityPage};
pub use api_key::{ApiKeyDraft, ApiKeys};
pub use backup::{BackupError, Manifest, Part, back_up, restore};
pub use budget::{Budgets, Spent};
pub use clock::SystemClock;
pub use demo::{Demo, make_demo, remove_demo};
pub use error::{FieldError, RollbackExample, ServiceError};
pub use event::{
    Completed, Event, Events, Payload, Progress, ReportedError, StatusChanged, Subscription,
    Validated,
};
pub use guessable::{
    LEAST_CHARS_IN_PRODUCTION, PasswordFlaws, check_for_production, inspect_passwords,
};
pub use household::household;
pub use idempotency::{Idempotency, Named, ReservedName};
pub use import::{
    Amended, AmendedRow, AmendmentWishes, Cause, Causes, CellWishes, ColumnMapping, Corrections,
    CsvDelimiter, Download, DraftChange, DraftPreview, ErrorPage, ErrorQuery, Expires,
    FailedRowsPart, Finding, Imports, JobQuery, JobView, LARGEST_PAGE_OF_ERRORS, ListedError,
    ListedRow, Moment, Page, PreviewColumn, PreviewedRow, ReceivedFile, RolledBack, SameFile,
    SortOrder, UploadRequest, UploadedImport, ValueSuggestion, Wish,
};
pub use import_types::engine::recognise::Look;
/// What an import type consists of, and the messages about its rows and files.
pub use import_types::{FieldDescription, MessageTexts, Said, TypeDescription};
pub use installation::has_storage_of;
/// What is remembered of columns and values.
pub use repositories::Remembered;
/// What a rollback would do.
pub use repositories::RollbackPreview;
/// Which failed rows a listing of them asks for.
pub use repositories::RowQuery;
/// The kinds of records that [`Resources`] serves.
pub use repositories::Table;
/// What a listing of a resource asks for; the fields are checked against the resource's own list.
pub use repositories::{ActivityQuery, Filter, ListQuery, SortKey};
pub use resource::{LARGEST_PAGE, ListPage, Resources, UserDraft, Users};
pub use seed::{NewTenant, SeedPlan, Seeded, create_tenant, is_seeded, reset_password, seed};
pub use session::{Device, LoggedIn, Me, REFRESH_TTL, Sessions};
use storage::StorageHealth;
pub use storage::{
    FileFlaw, KeyId, ObjectStorage, Rekeyed, S3Config, StorageConfig, StorageError, StorageKeys,
};
pub use tenant::{OwnTenant, TenantDraft, TenantSettings};
pub use webhook::{DeliveryPage, WebhookDraft, Webhooks, rekey_webhooks};
use worker::held_jobs::HeldJobs;
pub use worker::{Worker, WorkerConfig};

/// What the use cases need to know of the installation.
#[derive(Debug, Clone)]
pub struct ServicesConfig {
    /// `JWT_SECRET`: signs access tokens and derives the successors of refresh tokens. At least 32 bytes.
    pub jwt_secret: SecretString,
    /// `MAX_UPLOAD_BYTES`: bytes of a file. Default 10 485 760.
    pub max_upload_bytes: u64,
    /// `MAX_CONCURRENT_IMPORTS`: imports of one tenant at once. Default 10.
    pub max_concurrent_imports: u32,
    /// `FILE_RETENTION_DAYS`: how long an uploaded file is kept after its job has ended; the job's rows and errors stay. Default 7 days:
    /// the 24 hours of the rollback and some grace (`UU` 27/2022 article 43: delete what is no longer needed).
    pub file_retention: Duration,
    /// `ERROR_RETENTION_DAYS`: how long row errors, which hold personal data, are kept after the job has ended. Default 30 days.
    pub error_retention: Duration,
    /// `WEBHOOK_ALLOW_LOOPBACK`: whether webhooks may call this machine, also over plain HTTP. Default no.
    pub webhooks_may_call_loopback: bool,
}

impl ServicesConfig {
    /// The default of [`Self::error_retention`].
    pub const ERROR_RETENTION: Duration = Duration::from_hours(30 * 24);

    /// The defaults, with the one value that has none.
    #[must_use]
    pub fn new(jwt_secret: SecretString) -> Self {
        Self {
            jwt_secret,
            max_upload_bytes: 10 * 1024 * 1024,
            max_concurrent_imports: 10,
            file_retention: Duration::from_hours(7 * 24),
            error_retention: Self::ERROR_RETENTION,
            webhooks_may_call_loopback: false,
        }
    }
}

/// All use cases. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// Login, refresh, logout, me.
    pub sessions: Sessions,
    /// Import jobs and what belongs to them.
    pub imports: Imports,
    /// Travel packages.
    pub packages: Resources<NewPackage>,
    /// Pilgrims.
    pub jamaah: Resources<NewJamaah>,
    /// Payments.
    pub payments: Resources<NewPayment>,
    /// Accounts.
    pub users: Users,
    /// The caller's own tenant.
    pub tenant: OwnTenant,
    /// API keys.
    pub api_keys: ApiKeys,
    /// Receivers of events.
    pub webhooks: Webhooks,
    /// Requests that are carried out once.
    pub idempotency: Idempotency,
    /// Who did what.
    pub activities: ActivityLog,
    /// The events of import jobs.
    pub events: Events,
    context: Arc<Context>,
}

/// What the use cases share.
pub(crate) struct Context {
    pub(crate) database: Database,
    pub(crate) storage: ObjectStorage,
    pub(crate) storage_health: StorageHealth,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) config: ServicesConfig,
    pub(crate) events: Events,
    /// Notified when a job has entered the queue of this process.
    pub(crate) queue_bell: tokio::sync::Notify,
    /// The imports that run in this process.
    pub(crate) held: Arc<HeldJobs>,
    /// Slows down password guessing.
    pub(crate) throttle: session::Throttle,
}

impl Services {
    /// Wires the use cases. Starts nothing: see [`Worker::spawn`].
    ///
    /// # Errors
    /// [`ServiceError::Crypto`] when the secret is shorter than 32 bytes.
    pub fn new(
        database: Database,
        storage: ObjectStorage,
        clock: Arc<dyn Clock>,
        config: ServicesConfig,
    ) -> Result<Self, ServiceError> {
        observe::register();
        let events = Events::new(clock.mint_uuid());
        let throttle = session::Throttle::new(
            repositories::LoginAttempts::new(&database),
            config.jwt_secret.clone(),
        );
        let context = Arc::new(Context {
            database,
            storage,
            storage_health: StorageHealth::default(),
            clock,
            config,
            throttle,
            events: events.clone(),
            queue_bell: tokio::sync::Notify::new(),
            held: Arc::default(),
        });
        let sessions = Sessions::new(&context)?;
        Ok(Self {
            imports: Imports::new(&context, &sessions),
            packages: Resources::new(&context, &sessions),
            jamaah: Resources::new(&context, &sessions),
            payments: Resources::new(&context, &sessions),
            users: Users::new(&context, &sessions),
            tenant: OwnTenant::new(&context, &sessions),
            api_keys: ApiKeys::new(&context, &sessions),
            webhooks: Webhooks::new(&context, &sessions),
            idempotency: Idempotency::new(&context),
            activities: ActivityLog::new(&context),
            sessions,
            events,
            context,
        })
    }

    /// The request budgets of users, `per_minute` requests each.
    #[must_use]
    pub fn budgets(&self, per_minute: u32) -> Budgets {
        Budgets::new(&self.context.database, per_minute)
    }

    /// Whether this process stores uploads in the same place as the other processes on this database.
    ///
    /// # Errors
    /// [`ServiceError::Database`] when it does not answer, [`ServiceError::Storage`] when the folder cannot be read.
    pub async fn has_own_storage(&self) -> Result<bool, ServiceError> {
        installation::has_own_storage(&self.context).await
    }

    /// Whether the database answers, and has the schema that the code needs.
    ///
    /// # Errors
    /// [`ServiceError::Database`] when it does not answer.
    pub async fn is_ready(&self) -> Result<bool, ServiceError> {
        let at_head = self.context.database.schema_is_at_head().await;
        at_head.map_err(ServiceError::Database)
    }

    /// Whether the storage of the files answers; at most a few seconds old.
    pub async fn storage_is_ready(&self) -> bool {
        let health = &self.context.storage_health;
        health.is_ready(&self.context.storage).await
    }
}
