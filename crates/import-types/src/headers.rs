//! The headers that name each field, read from the crate's data file. The engine does the matching.

use std::{collections::HashMap, sync::LazyLock};

use domain::ImportType;
use import_engine::{Field, fields::HeaderWords};
use serde::Deserialize;

/// The data file: the words that accompany names in headers; per import type and field, the aliases (likeliest first),
/// the risky ones, the columns that hold another key of a reference's target, the headers that are only suggested or must
/// never be used, and the words that change nothing next to this field's names.
static HEADERS: LazyLock<Headers> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../data/headers.json")).unwrap_or_else(|error| {
        unreachable!("the data file is part of the crate and read by its tests: {error}")
    })
});

#[derive(Deserialize)]
struct Headers {
    ignored: Vec<String>,
    /// A word and its other spellings.
    spellings: HashMap<String, Vec<String>>,
    harmless: Vec<String>,
    units: Vec<String>,
    /// Phrases that state the power of ten of an amount of money.
    scales: Vec<(String, u8)>,
    others: Vec<String>,
    /// Titles above several columns that mean nothing for any of them.
    groups: Vec<String>,
    /// What precedes the name of a document from which a value is copied: `sesuai` KTP, `as in` the passport.
    as_in: Vec<String>,
    documents: Vec<String>,
    jamaah: HashMap<String, FieldHeaders>,
    payment: HashMap<String, FieldHeaders>,
    package: HashMap<String, FieldHeaders>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct FieldHeaders {
    aliases: Vec<String>,
    risky: Vec<String>,
    natural_key: Vec<String>,
    never: Vec<String>,
    perhaps: Vec<String>,
    tails: Vec<String>,
    parts: Vec<String>,
    either: Vec<String>,
    /// Whether the first of several columns that differ only by a number is the field.
    numbered: bool,
    /// Whether it is an amount of money, which may be counted in thousands or millions.
    scaled: bool,
}

/// Gives a field the headers of the data file and the name that users know.
pub(crate) fn named(import_type: ImportType, field: Field) -> Field {
    let fields = match import_type {
        ImportType::Jamaah => &HEADERS.jamaah,
        ImportType::Payment => &HEADERS.payment,
        ImportType::Package => &HEADERS.package,
    };
    let label = domain::value::label(field.name());
    let Some(headers) = fields.get(field.name()) else {
        return field.label(label);
    };
    let field = if headers.scaled {
        let scales = HEADERS.scales.iter();
        field.header_scales(scales.map(|(phrase, power)| (phrase, *power)))
    } else {
        field
    };
    let field = if headers.numbered {
        field.numbered()
    } else {
        field
    };
    field
        .label(label)
        .aliases(&headers.aliases)
        .natural_keys(&headers.natural_key)
        .risky(&headers.risky)
        .never(&headers.never)
        .perhaps(&headers.perhaps)
        .header_tails(&headers.tails)
        .parts(&headers.parts)
        .either(&headers.either)
}

/// The headers of the other two types.
pub(crate) fn of_others(import_type: ImportType) -> impl Iterator<Item = &'static str> {
    let all = [
        (ImportType::Jamaah, &HEADERS.jamaah),
        (ImportType::Payment, &HEADERS.payment),
        (ImportType::Package, &HEADERS.package),
    ];
    let others = all
        .into_iter()
        .filter(move |(other, _)| *other != import_type);
    others
        .flat_map(|(_, fields)| fields.values())
        .flat_map(|field| {
            let names = field.aliases.iter().chain(&field.natural_key);
            names.map(String::as_str)
        })
}

/// The known words that accompany names.
pub(crate) fn words() -> HeaderWords {
    let spelt = HEADERS
        .spellings
        .iter()
        .fold(HeaderWords::new(), |words, (word, others)| {
            words.spellings(word, others)
        });
    spelt
        .harmless(&HEADERS.harmless)
        .harmless(as_in_documents())
        .units(&HEADERS.units)
        .others(&HEADERS.others)
        .groups(&HEADERS.groups)
}

/// `sesuai KTP`, `as in passport`: the document from which a value is to be copied.
fn as_in_documents() -> impl Iterator<Item = String> {
    HEADERS.as_in.iter().flat_map(|start| {
        let documents = HEADERS.documents.iter();
        documents.map(move |document| format!("{start} {document}"))
    })
}

/// Columns without meaning in any file: running numbers, ages.
pub(crate) fn ignored() -> impl Iterator<Item = &'static str> {
    HEADERS.ignored.iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_data_file_names_only_fields_of_the_schemas() {
        for (import_type, fields) in [
            (ImportType::Jamaah, &HEADERS.jamaah),
            (ImportType::Payment, &HEADERS.payment),
            (ImportType::Package, &HEADERS.package),
        ] {
            let schema = crate::schema(import_type);
            for field in fields.keys() {
                assert!(
                    schema.index_of(field).is_some(),
                    "{import_type} has no field '{field}'"
                );
            }
            for field in schema.fields() {
                assert!(
                    fields.contains_key(field.name()),
                    "'{}' of {import_type} has no headers",
                    field.name()
                );
            }
        }
    }
}
