//! The only crate that speaks SQL: entities, queries, bulk loading. Callers see the records of `domain`; entities stay here.
//!
//! Every function on tenant data takes a [`TenantScope`]; a query cannot be built without one. [`ImportQueue`],
//! [`Sessions`] and [`Tenants`] serve data that has no tenant yet, or that spans all tenants: workers, logins and the command line.

mod activity;
mod api_key;
mod backup;
mod before_image;
mod budget;
mod bulk;
mod catalogue;
mod connect;
mod database;
mod engine;
mod entity;
mod error;
mod error_group;
mod fault;
mod idempotency;
mod import_job;
mod inspection;
mod list;
mod login;
mod lookup;
mod notify;
mod pool;
mod records;
mod remembered;
mod row_error;
mod scope;
mod session;
mod stamp;
mod statistics;
mod storage_mark;
mod table;
mod tenant;
mod transact;
mod user;
mod violation;
mod webhook;

pub use activity::{Activities, ActivityQuery, NewActivity};
pub use api_key::ApiKeys;
pub use backup::Snapshot;
pub use budget::RateBudgets;
pub use bulk::{
    BatchOutcome, CorrectedRow, Given, ImportBatch, ImportRow, ImportRows, LoadedBatch, Refusal,
    RefusalReason,
};
pub use catalogue::RowSecurity;
pub use database::{Backend, Database, DatabaseConfig};
pub use engine::EngineFlaw;
pub use error::{ImportedRow, ListError, RepositoryError, RollbackConflict, Source};
pub use error_group::{ErrorGroup, RowQuery};
pub use idempotency::{NamedRequest, NamedRequests, Reservation};
pub use import_job::{
    AmendError, Blocker, Claim, Edits, FailureMessages, ImportJobs, ImportQueue, JobFile, JobQuery,
    KeptFindings, Lease, QueueDepth, Redraft, Redrafted, Replaced, Requested, RollbackPreview,
    RollbackRow, RolledBack, ValidationBatch,
};
pub use inspection::{Flaw, Repair, StoredFile, StoredPassword};
pub use list::{Filter, ListQuery, Page, SortKey};
pub use login::{LoginAttempts, Seen};
pub use lookup::{Hits, Lookups};
pub use notify::{Heard, Listener};
pub use pool::PoolUse;
pub use records::{JamaahRecords, Packages, Payments, Records};
pub use remembered::{Remembered, RememberedMappings};
pub use row_error::{RowErrorCursor, RowErrorQuery, RowErrors};
pub use scope::TenantScope;
pub use session::{LiveSession, Rotation, Sessions};
pub use storage_mark::StorageMarks;
pub use table::Table;
pub use tenant::Tenants;
pub use user::Users;
pub use webhook::{ClaimedDelivery, FinishedTry, WebhookPatch, WebhookQueue, Webhooks};
