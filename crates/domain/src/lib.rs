//! The data of an umroh agency: value types, records and the states of an import job. No IO, no clock, no randomness.
//!
//! Everything that a cell of a spreadsheet or a key of a request body can become is a value type here: `parse` is the only
//! way in, and from then on the type is the proof. The import and the resource endpoints use the same ones.

mod activity;
mod api_key;
mod change;
mod choices;
mod clock;
mod id;
mod import_job;
mod import_type;
mod input;
mod jamaah;
mod job_metadata;
mod on_duplicate;
mod package;
mod payment;
mod role;
mod row_error;
mod session;
mod stored;
mod tenant;
mod transition;
mod user;
pub mod value;
mod webhook;
mod word;

pub use activity::{Action, Activity};
pub use api_key::ApiKey;
pub use change::Change;
pub use choices::{
    Choices, ColumnReason, Fix, Recognised, RememberedMapping, ValueChoices, compared_cell,
};
pub use clock::{Clock, Timestamp};
pub use id::{
    ActivityId, ApiKeyId, JamaahId, JobId, PackageId, PaymentId, RefreshTokenId, RowErrorId,
    SessionId, TenantId, UserId, WebhookDeliveryId, WebhookId,
};
pub use import_job::{
    Cancellation, Checkpoint, Doer, Doers, ErrorSummary, Findings, ImportJob, JobCounts, JobLease,
    JobRecord, JobState, JobStatus, LeftOut, ROLLBACK_WINDOW, RunProgress, Upload,
    progress_percentage,
};
pub use import_type::ImportType;
pub use input::Input;
pub use jamaah::{Jamaah, JamaahInput, JamaahRef, NewJamaah};
pub use job_metadata::{JobMetadata, JobNotice, JobSheet, JobWorkbook};
pub use on_duplicate::OnDuplicate;
pub use package::{NewPackage, Package, PackageInput, PackageRef};
pub use payment::{NewPayment, Payment, PaymentInput};
pub use role::Role;
pub use row_error::{ErrorType, FailedRow, RowCells, RowData, RowError, RowKeys, Severity};
pub use session::{OpenSession, RefreshTokenRecord};
pub use stored::{Fields, Stored};
pub use tenant::{Tenant, TenantPatch, TimeZone};
pub use transition::{
    InvalidTransition, JobAction, MAX_ATTEMPTS, MAX_DEFERRALS, NewReading, Transition,
    ValidationEnd, decide,
};
pub use user::{NewUser, User, UserPatch, UserProfile};
pub use value::{
    Address, Capacity, Choice, Description, DurationDays, EmailAddress, FieldError, FieldErrors,
    Gender, JamaahStatus, Nik, NikWarning, Notes, PackageName, PackageStatus, PaymentMethod,
    PersonName, PhoneNumber, ReferenceNumber, Rupiah, ValueError,
};
pub use webhook::{
    AfterTry, DeliveryError, DeliveryStatus, DeliveryTry, DisabledReason, ImportEnd,
    WEBHOOK_PATIENCE, Webhook, WebhookDelivery, WebhookEvent, WebhookMessage, after_try,
};
pub use word::UnknownWord;
