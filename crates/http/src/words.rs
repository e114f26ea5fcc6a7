//! The closed sets of words of the API, as OpenAPI schemas. The words themselves are the domain's; a test keeps them equal.

use utoipa::ToSchema;

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(ToSchema)]
        #[expect(dead_code, reason = "a schema, never a value")]
        pub(crate) enum $name {
            $(#[schema(rename = $word)] $variant),+
        }

        impl $name {
            #[cfg(test)]
            const WORDS: &'static [&'static str] = &[$($word),+];
        }
    )+};
}

words! {
    /// The role of a user.
    Role { Admin = "admin", Owner = "owner", Agent = "agent" }
    /// The time zones of Indonesia.
    TimeZone { Jakarta = "Asia/Jakarta", Makassar = "Asia/Makassar", Jayapura = "Asia/Jayapura" }
    /// What a user did.
    Action {
        Uploaded = "uploaded",
        Changed = "changed",
        Amended = "amended",
        Validated = "validated",
        Started = "started",
        Completed = "completed",
        Failed = "failed",
        Cancelled = "cancelled",
        ReportDownloaded = "report_downloaded",
        FailedRowsDownloaded = "failed_rows_downloaded",
        FileDownloaded = "file_downloaded",
        RolledBack = "rolled_back",
        Deleted = "deleted",
        UserCreated = "user_created",
        UserChanged = "user_changed",
        UserDeleted = "user_deleted",
        PasswordChanged = "password_changed",
        LoggedIn = "logged_in",
        TenantChanged = "tenant_changed",
        ApiKeyCreated = "api_key_created",
        ApiKeyDeleted = "api_key_deleted",
        WebhookCreated = "webhook_created",
        WebhookChanged = "webhook_changed",
        WebhookDeleted = "webhook_deleted",
        WebhookSecretRotated = "webhook_secret_rotated",
        WebhookDisabled = "webhook_disabled",
    }
    /// What happens to rows whose record the tenant has already.
    OnDuplicate { Reject = "reject", Skip = "skip", Update = "update" }
    /// What a webhook is sent.
    WebhookEvent {
        ImportCompleted = "import.completed",
        ImportFailed = "import.failed",
        ImportRolledBack = "import.rolled_back",
        Test = "webhook.test",
    }
    /// How far a delivery is.
    DeliveryStatus { Pending = "pending", Delivered = "delivered", Failed = "failed" }
    /// Why a try of a delivery did not succeed.
    DeliveryError {
        HttpStatus = "http_status",
        Redirect = "redirect",
        Timeout = "timeout",
        Connect = "connect",
        Dns = "dns",
        AddressRefused = "address_refused",
        Interrupted = "interrupted",
        Disabled = "disabled",
        Secret = "secret",
    }
    /// Why a webhook was switched off without anybody asking for it.
    DisabledReason { Failures = "failures", Gone = "gone" }
    /// The kind of records of a file.
    ImportType { Jamaah = "jamaah", Payment = "payment", Package = "package" }
    /// What a refused file is instead of a table with the expected columns.
    FileLook {
        Xlsx = "xlsx",
        Xls = "xls",
        Ods = "ods",
        Docx = "docx",
        Rtf = "rtf",
        Pptx = "pptx",
        Numbers = "numbers",
        Email = "email",
        Zip = "zip",
        Archive = "archive",
        Image = "image",
        Sql = "sql",
        Database = "database",
        Pdf = "pdf",
        Html = "html",
        Xml = "xml",
        Json = "json",
        Vcard = "vcard",
        Calendar = "calendar",
        Yaml = "yaml",
        Ini = "ini",
        Log = "log",
        Prose = "prose",
        NoHeader = "no_header",
        Transposed = "transposed",
        WrappedLines = "wrapped_lines",
        FixedWidth = "fixed_width",
        OneColumn = "one_column",
    }
    /// The status of a job.
    JobStatus {
        Pending = "pending",
        Validating = "validating",
        Importing = "importing",
        Completed = "completed",
        Failed = "failed",
        RolledBack = "rolled_back",
    }
    /// The type of a row error.
    ErrorType {
        MissingRequired = "missing_required",
        InvalidFormat = "invalid_format",
        Duplicate = "duplicate",
        ConstraintViolation = "constraint_violation",
    }
    /// Whether a finding prevents the import of its row.
    Severity { Error = "error", Warning = "warning" }
    /// Why a column is a field, or is none: a person said so, now or of an earlier file; its header is the name of a field, another
    /// name of it, a key of what it refers to, a list of its values, or means it where nothing better does; another column is the
    /// field; it means nothing here; no field goes by its header.
    ColumnReason {
        Caller = "caller",
        Remembered = "remembered",
        Name = "name",
        Alias = "alias",
        NaturalKey = "natural_key",
        Values = "values",
        Risky = "risky",
        Beaten = "beaten",
        Ignored = "ignored",
        Unknown = "none",
    }
    /// What may be done about a cause of errors.
    Fix { ValueMapping = "value_mapping", Edit = "edit", File = "file", Nothing = "none" }
    /// The status of a package.
    PackageStatus { Draft = "draft", Published = "published", Archived = "archived" }
    /// The status of a pilgrim.
    JamaahStatus {
        Lead = "lead",
        Interested = "interested",
        Registered = "registered",
        Active = "active",
        Completed = "completed",
        Cancelled = "cancelled",
    }
    /// `L` laki-laki, `P` perempuan.
    Gender { Male = "L", Female = "P" }
    /// The method of a payment.
    PaymentMethod {
        TransferBank = "transfer_bank",
        Cash = "cash",
        CreditCard = "credit_card",
        DebitCard = "debit_card",
        Qris = "qris",
        Other = "other",
    }
}

/// What was uploaded.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum FileFormat {
    #[schema(rename = "csv")]
    Csv,
    #[schema(rename = "xlsx")]
    Xlsx,
    #[schema(rename = "xls")]
    Xls,
    #[schema(rename = "ods")]
    Ods,
}

/// The sort order of a list; case does not matter.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum SortOrder {
    #[schema(rename = "ASC")]
    Ascending,
    #[schema(rename = "DESC")]
    Descending,
}

/// The format of a list of errors.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum ErrorFormat {
    #[schema(rename = "csv")]
    Csv,
    #[schema(rename = "json")]
    Json,
    #[schema(rename = "xlsx")]
    Xlsx,
}

/// What kind of file is wanted.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum ReportFormat {
    #[schema(rename = "csv")]
    Csv,
    #[schema(rename = "xlsx")]
    Xlsx,
}

/// How long the cookie of a session is kept.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum SessionTransport {
    #[schema(rename = "cookie")]
    Cookie,
    #[schema(rename = "cookie-remember")]
    CookieRemember,
}

/// What stands between the columns of a template.
#[derive(ToSchema)]
#[expect(dead_code, reason = "a schema, never a value")]
pub(crate) enum Delimiter {
    #[schema(rename = ",")]
    Comma,
    #[schema(rename = ";")]
    Semicolon,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_words_are_the_domains() {
        assert_eq!(Role::WORDS, domain::Role::WORDS);
        assert_eq!(TimeZone::WORDS, domain::TimeZone::WORDS);
        assert_eq!(Action::WORDS, domain::Action::WORDS);
        assert_eq!(OnDuplicate::WORDS, domain::OnDuplicate::WORDS);
        assert_eq!(WebhookEvent::WORDS, domain::WebhookEvent::WORDS);
        assert_eq!(DeliveryStatus::WORDS, domain::DeliveryStatus::WORDS);
        assert_eq!(DeliveryError::WORDS, domain::DeliveryError::WORDS);
        assert_eq!(DisabledReason::WORDS, domain::DisabledReason::WORDS);
        assert_eq!(ImportType::WORDS, domain::ImportType::WORDS);
        let looks: Vec<_> = services::Look::ALL
            .iter()
            .map(|look| look.as_str())
            .collect();
        assert_eq!(FileLook::WORDS, looks);
        assert_eq!(JobStatus::WORDS, domain::JobStatus::WORDS);
        assert_eq!(ErrorType::WORDS, domain::ErrorType::WORDS);
        assert_eq!(Severity::WORDS, domain::Severity::WORDS);
        assert_eq!(Fix::WORDS, domain::Fix::WORDS);
        assert_eq!(ColumnReason::WORDS, domain::ColumnReason::WORDS);
        assert_eq!(PackageStatus::WORDS, domain::value::PackageStatus::WORDS);
        assert_eq!(JamaahStatus::WORDS, domain::value::JamaahStatus::WORDS);
        assert_eq!(Gender::WORDS, domain::value::Gender::WORDS);
        assert_eq!(PaymentMethod::WORDS, domain::value::PaymentMethod::WORDS);
    }
}
