//! Jamaah, payment and package as schemas of the import engine, built from domain's value types. Independent of database
//! and HTTP.
//!
//! [`schema`] tells the engine what a file of a type must contain; [`jamaah::record`] and its siblings turn a checked row
//! into a record of domain. References to packages and pilgrims are resolved by the caller's [`engine::Lookup`] under the
//! targets [`PACKAGE`] and [`JAMAAH`], with the cell's text: parse it with [`domain::PackageRef`] and
//! [`domain::JamaahRef`].

mod catalogue;
mod headers;
pub mod jamaah;
pub mod package;
pub mod payment;
mod record;
mod rule;

use std::sync::LazyLock;

pub use catalogue::{
    FieldDescription, MessageTexts, Said, TypeDescription, descriptions, message_texts,
};
pub use domain::ImportType;
pub use import_engine as engine;
use import_engine::{Locale, Schema, SetupError, fields::SchemaBuilder};
pub use record::RecordError;
use time::UtcOffset;

/// The target of references to packages.
pub const PACKAGE: &str = "package";

/// The target of references to pilgrims.
pub const JAMAAH: &str = "jamaah";

static SCHEMAS: LazyLock<[Schema; 3]> = LazyLock::new(|| {
    [
        built(jamaah::schema()),
        built(payment::schema()),
        built(package::schema()),
    ]
});

/// What a file of a type must contain. Cheap to clone.
///
/// ```
/// use import_types::{ImportType, schema};
///
/// let mapping = schema(ImportType::Package).map_headers(&["Nama Paket", "Harga Jual"])?;
/// assert_eq!(mapping.missing(), ["durasi_hari", "tanggal_keberangkatan", "kapasitas"]);
/// # Ok::<(), import_types::engine::FileError>(())
/// ```
#[must_use]
pub fn schema(import_type: ImportType) -> &'static Schema {
    let [jamaah, payment, package] = &*SCHEMAS;
    match import_type {
        ImportType::Jamaah => jamaah,
        ImportType::Payment => payment,
        ImportType::Package => package,
    }
}

fn built(schema: Result<Schema, SetupError>) -> Schema {
    schema.unwrap_or_else(|error| {
        unreachable!("the schemas are constant and each is built by the tests: {error}")
    })
}

/// A schema with what all types have in common.
fn start(import_type: ImportType) -> SchemaBuilder {
    rule::worded(Schema::builder(import_type.as_str()))
        .locale(Locale::INDONESIAN)
        .ignore_columns(headers::ignored())
        .other_headers(headers::of_others(import_type))
        .header_words(headers::words())
}

/// Western Indonesian time, in which agencies write their dates.
fn jakarta() -> UtcOffset {
    UtcOffset::from_hms(7, 0, 0).unwrap_or(UtcOffset::UTC)
}
