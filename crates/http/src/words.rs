//! The closed sets of words of the API, as OpenAPI schemas. The words themselves are those of the domain.

use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $words:expr;)+) => {$(
        $(#[doc = $doc])+
        pub(crate) enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                one_of(&[$($doc),+], $words)
            }
        }

        impl ToSchema for $name {}
    )+};
}

/// The schema of a text that is one of these words.
fn one_of<W: ToString>(doc: &[&str], words: impl IntoIterator<Item = W>) -> RefOr<Schema> {
    let doc: Vec<&str> = doc.iter().map(|line| line.trim()).collect();
    ObjectBuilder::new()
        .schema_type(Type::String)
        .description(Some(doc.join("\n")))
        .enum_values(Some(words.into_iter().map(|word| word.to_string())))
        .into()
}

words! {
    /// The role of a user.
    Role = domain::Role::WORDS;
    /// The time zones of Indonesia.
    TimeZone = domain::TimeZone::WORDS;
    /// What a user did.
    Action = domain::Action::WORDS;
    /// What happens to rows whose record the tenant has already.
    OnDuplicate = domain::OnDuplicate::WORDS;
    /// What a webhook is sent.
    WebhookEvent = domain::WebhookEvent::WORDS;
    /// How far a delivery is.
    DeliveryStatus = domain::DeliveryStatus::WORDS;
    /// Why a try of a delivery did not succeed.
    DeliveryError = domain::DeliveryError::WORDS;
    /// Why a webhook was switched off without anybody asking for it.
    DisabledReason = domain::DisabledReason::WORDS;
    /// The kind of records of a file.
    ImportType = domain::ImportType::WORDS;
    /// What a refused file is instead of a table with the expected columns.
    FileLook = services::Look::ALL.iter().map(|look| look.as_str());
    /// The status of a job.
    JobStatus = domain::JobStatus::WORDS;
    /// The type of a row error.
    ErrorType = domain::ErrorType::WORDS;
    /// Whether a finding prevents the import of its row.
    Severity = domain::Severity::WORDS;
    /// Why a column is a field, or is none: a person said so, now or of an earlier file; its header is the name of a field, another
    /// name of it, a key of what it refers to, a list of its values, or means it where nothing better does; another column is the
    /// field; it means nothing here; no field goes by its header.
    ColumnReason = domain::ColumnReason::WORDS;
    /// What may be done about a cause of errors.
    Fix = domain::Fix::WORDS;
    /// The status of a package.
    PackageStatus = domain::PackageStatus::WORDS;
    /// The status of a pilgrim.
    JamaahStatus = domain::JamaahStatus::WORDS;
    /// `L` laki-laki, `P` perempuan.
    Gender = domain::Gender::WORDS;
    /// The method of a payment.
    PaymentMethod = domain::PaymentMethod::WORDS;
    /// What was uploaded.
    FileFormat = ["csv", "xlsx", "xls", "ods"];
    /// The sort order of a list; case does not matter.
    SortOrder = ["ASC", "DESC"];
    /// The format of a list of errors.
    ErrorFormat = ["csv", "json", "xlsx"];
    /// What kind of file is wanted.
    ReportFormat = ["csv", "xlsx"];
    /// How long the cookie of a session is kept.
    SessionTransport = ["cookie", "cookie-remember"];
    /// What stands between the columns of a template.
    Delimiter = [",", ";"];
}
