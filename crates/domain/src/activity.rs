//! Who did what: the entries that outlive the import or the account that they describe.

use crate::{ActivityId, Doer, JobId, Timestamp, word::words};

words! {
    /// What was done.
    pub enum Action {
        /// A file was uploaded.
        Uploaded => "uploaded",
        /// The reading or the mapping of a draft was changed.
        Changed => "changed",
        /// Rows of a draft were corrected.
        Amended => "amended",
        /// A validation was asked for.
        Validated => "validated",
        /// An import was asked for.
        Started => "started",
        /// An import ended.
        Completed => "completed",
        /// A job failed.
        Failed => "failed",
        /// A job was stopped or discarded.
        Cancelled => "cancelled",
        /// The error report was downloaded.
        ReportDownloaded => "report_downloaded",
        /// The failed rows were downloaded.
        FailedRowsDownloaded => "failed_rows_downloaded",
        /// The original file was downloaded.
        FileDownloaded => "file_downloaded",
        /// An import was rolled back.
        RolledBack => "rolled_back",
        /// A job was deleted.
        Deleted => "deleted",
        /// An account was created.
        UserCreated => "user_created",
        /// An account was changed.
        UserChanged => "user_changed",
        /// An account was deleted.
        UserDeleted => "user_deleted",
        /// A user changed their password.
        PasswordChanged => "password_changed",
        /// A user logged in.
        LoggedIn => "logged_in",
        /// The settings of the tenant were changed.
        TenantChanged => "tenant_changed",
        /// A key of a machine was created.
        ApiKeyCreated => "api_key_created",
        /// A key of a machine was deleted.
        ApiKeyDeleted => "api_key_deleted",
        /// A webhook was created.
        WebhookCreated => "webhook_created",
        /// A webhook was changed.
        WebhookChanged => "webhook_changed",
        /// A webhook was deleted.
        WebhookDeleted => "webhook_deleted",
        /// A webhook was given another secret.
        WebhookSecretRotated => "webhook_secret_rotated",
        /// A webhook was switched off because its receiver accepts nothing.
        WebhookDisabled => "webhook_disabled",
    }
}

/// An entry (table `activities`). It holds no cell of any file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its id; ids sort by time.
    pub id: ActivityId,
    /// When it happened.
    pub at: Timestamp,
    /// What was done.
    pub action: Action,
    /// Who did it; `None` if no person was needed, as at the end of an import.
    pub user: Option<Doer>,
    /// The job, also after it was deleted.
    pub job_id: Option<JobId>,
    /// The name of the job's file.
    pub file_name: Option<String>,
    /// Further numbers and words, by name.
    pub details: Vec<(String, String)>,
}
