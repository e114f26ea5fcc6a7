//! The import types as clients show them: fields with their names, their expected formats, and the words of choices; and
//! every message with its placeholders. Derived from the schemas; only what they lack is defined here: the English names,
//! and the names of the words of choices.

use std::collections::BTreeMap;

use domain::{Capacity, DurationDays, ImportType};
use import_engine::{
    Field, Language,
    recognise::{Notice, NoticeCode},
};

use crate::schema;

/// A text in the two languages of the users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
}

/// An import type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeDescription {
    /// The type.
    pub import_type: ImportType,
    /// The name of what its files contain.
    pub label: Said,
    /// The types that its fields refer to.
    pub refers_to: Vec<String>,
    /// Its fields, in the order of the template.
    pub fields: Vec<FieldDescription>,
}

/// A field of an import type.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question of its own, with a key of its own in the answer"
)]
pub struct FieldDescription {
    /// Its name in the API.
    pub name: String,
    /// The name that people use for it.
    pub label: Said,
    /// Whether a cell must not be empty.
    pub required: bool,
    /// Whether no two records have the same value.
    pub unique: bool,
    /// Whether its values are personal.
    pub sensitive: bool,
    /// Whether it only helps to judge others and is not stored.
    pub auxiliary: bool,
    /// The kind of its cells, as a stable word.
    pub kind: &'static str,
    /// The format of a cell, if it can be stated.
    pub expected: Option<Said>,
    /// The cell of the template.
    pub example: Option<String>,
    /// The words of a choice, with the names that people use for them.
    pub values: Option<Vec<(String, Said)>>,
    /// The type that it refers to.
    pub reference: Option<String>,
    /// Its own message texts by code, if they differ from those of all fields.
    pub messages: BTreeMap<&'static str, Said>,
}

/// The texts of all messages with their placeholders, by code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageTexts {
    /// The messages about rows.
    pub codes: BTreeMap<&'static str, Said>,
    /// The messages about a file.
    pub notices: BTreeMap<&'static str, Said>,
}

/// The English name of every field.
const ENGLISH: &[(&str, &str)] = &[
    ("nama", "Name"),
    ("email", "Email"),
    ("telepon", "Phone number"),
    ("alamat", "Address"),
    ("ktp", "National ID (NIK)"),
    ("tanggal_lahir", "Date of birth"),
    ("jenis_kelamin", "Gender"),
    ("paket_id", "Package"),
    ("status", "Status"),
    ("catatan", "Notes"),
    ("jenis_identitas", "Kind of identity document"),
    ("jamaah_id", "Pilgrim"),
    ("jumlah", "Amount"),
    ("tanggal_bayar", "Payment date"),
    ("metode_pembayaran", "Payment method"),
    ("nomor_referensi", "Reference number"),
    ("arah", "Direction of the money"),
    ("mata_uang", "Currency"),
    ("deskripsi", "Description"),
    ("durasi_hari", "Duration (days)"),
    ("harga_retail", "Retail price"),
    ("harga_wholesale", "Wholesale price"),
    ("tanggal_keberangkatan", "Departure date"),
    ("kapasitas", "Seats"),
];

/// The names that people use for the words of choices: word, Indonesian, English.
const WORDS: &[(&str, &str, &str)] = &[
    ("L", "Laki-laki", "Male"),
    ("P", "Perempuan", "Female"),
    ("lead", "Prospek", "Lead"),
    ("interested", "Berminat", "Interested"),
    ("registered", "Terdaftar", "Registered"),
    ("active", "Aktif", "Active"),
    ("completed", "Selesai", "Completed"),
    ("cancelled", "Batal", "Cancelled"),
    ("draft", "Draf", "Draft"),
    ("published", "Terbit", "Published"),
    ("archived", "Diarsipkan", "Archived"),
    ("transfer_bank", "Transfer bank", "Bank transfer"),
    ("cash", "Tunai", "Cash"),
    ("credit_card", "Kartu kredit", "Credit card"),
    ("debit_card", "Kartu debit", "Debit card"),
    ("qris", "QRIS", "QRIS"),
    ("other", "Lainnya", "Other"),
];

/// The English format of fields whose own is in Indonesian.
fn expected_in_english(field: &str) -> Option<String> {
    let fixed = match field {
        "email" => "name@domain.com",
        "telepon" => "one number, such as 081234567890 or +6281234567890",
        "ktp" => "16 digits",
        "paket_id" => "ID or name of a registered package",
        "jamaah_id" => "ID, NIK, email, phone number or name of a registered pilgrim",
        "jumlah" | "harga_retail" | "harga_wholesale" => {
            "whole rupiah, such as 25000000 or Rp25.000.000"
        }
        "durasi_hari" => {
            return Some(format!(
                "{} to {} days",
                DurationDays::MIN,
                DurationDays::MAX
            ));
        }
        "kapasitas" => {
            return Some(format!("{} to {} seats", Capacity::MIN, Capacity::MAX));
        }
        _ => return None,
    };
    Some(fixed.to_owned())
}

/// Every import type.
///
/// ```
/// let types = import_types::descriptions();
/// assert_eq!(types[0].fields[0].label.en, "Name");
/// ```
#[must_use]
pub fn descriptions() -> Vec<TypeDescription> {
    ImportType::ALL.iter().copied().map(describe).collect()
}

/// The texts of all messages of all types.
///
/// ```
/// let texts = import_types::message_texts();
/// assert_eq!(texts.codes["required"].id, "Field '{field}' wajib diisi");
/// ```
#[must_use]
pub fn message_texts() -> MessageTexts {
    let mut texts = MessageTexts::default();
    for import_type in ImportType::ALL {
        let schema = schema(*import_type);
        let indonesian = schema.messages(Language::INDONESIAN);
        let english = schema.messages(Language::ENGLISH);
        for code in schema.codes() {
            texts.codes.insert(
                code.as_str(),
                Said {
                    id: indonesian.template(code).to_owned(),
                    en: english.template(code).to_owned(),
                },
            );
        }
    }
    for code in NoticeCode::ALL {
        // Without parameters the placeholders stay.
        let notice = Notice::new(*code);
        texts.notices.insert(
            code.as_str(),
            Said {
                id: notice.text(Language::INDONESIAN),
                en: notice.text(Language::ENGLISH),
            },
        );
    }
    texts
}

fn describe(import_type: ImportType) -> TypeDescription {
    let (id, en) = match import_type {
        ImportType::Jamaah => ("Jamaah", "Pilgrims"),
        ImportType::Payment => ("Pembayaran", "Payments"),
        ImportType::Package => ("Paket", "Packages"),
    };
    let fields = schema(import_type).fields();
    let mut refers_to: Vec<String> = fields
        .iter()
        .filter_map(Field::refers_to)
        .map(str::to_owned)
        .collect();
    refers_to.dedup();
    TypeDescription {
        import_type,
        label: said(id, en),
        refers_to,
        fields: fields.iter().map(describe_field).collect(),
    }
}

fn describe_field(field: &Field) -> FieldDescription {
    let name = field.name();
    let english = ENGLISH.iter().find(|(known, _)| *known == name);
    let expected = field
        .expected_format(Language::INDONESIAN)
        .map(|indonesian| {
            let english = expected_in_english(name)
                .or_else(|| field.expected_format(Language::ENGLISH))
                .unwrap_or_else(|| indonesian.clone());
            Said {
                id: indonesian,
                en: english,
            }
        });
    let values: Vec<(String, Said)> = field
        .choices()
        .unwrap_or_default()
        .iter()
        .map(|word| {
            let word: &str = word;
            let known = WORDS.iter().find(|(known, _, _)| *known == word);
            let label = known.map_or_else(|| said(word, word), |(_, id, en)| said(id, en));
            (word.to_owned(), label)
        })
        .collect();
    let mut messages: BTreeMap<&'static str, Said> = BTreeMap::new();
    for (code, language, text) in field.own_messages() {
        let own = messages
            .entry(code.as_str())
            .or_insert_with(|| said(text, text));
        if language == Language::INDONESIAN {
            text.clone_into(&mut own.id);
        } else {
            text.clone_into(&mut own.en);
        }
    }
    FieldDescription {
        name: name.to_owned(),
        label: said(
            field.shown_label(),
            english.map_or(field.shown_label(), |(_, english)| *english),
        ),
        required: field.is_required(),
        unique: field.is_unique(),
        sensitive: field.is_sensitive(),
        auxiliary: field.is_auxiliary(),
        kind: field.kind_word(),
        expected,
        example: field.example_text().map(str::to_owned),
        values: (!values.is_empty()).then_some(values),
        reference: field.refers_to().map(str::to_owned),
        messages,
    }
}

fn said(id: &str, en: &str) -> Said {
    Said {
        id: id.to_owned(),
        en: en.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_every_word_of_a_choice_has_its_names_in_both_languages() {
        for import_type in ImportType::ALL {
            for field in schema(*import_type).fields() {
                let name = field.name();
                assert!(ENGLISH.iter().any(|(known, _)| *known == name), "{name}");
                for word in field.choices().unwrap_or_default() {
                    assert!(
                        WORDS.iter().any(|(known, _, _)| *known == &**word),
                        "{word}"
                    );
                }
            }
        }
    }

    #[test]
    fn formats_of_their_own_are_said_in_both_languages() {
        for import_type in ImportType::ALL {
            for field in schema(*import_type).fields() {
                // A text that is the same in both languages is the field's only one.
                let indonesian = field.expected_format(Language::INDONESIAN);
                let english = field.expected_format(Language::ENGLISH);
                let is_own = indonesian.is_some() && indonesian == english;
                let same = ["choice", "uuid"].contains(&field.kind_word());
                assert!(
                    !is_own || same || expected_in_english(field.name()).is_some(),
                    "{}",
                    field.name()
                );
            }
        }
    }

    #[test]
    fn own_messages_are_said_in_both_languages() {
        for described in descriptions() {
            for field in described.fields {
                for (code, text) in field.messages {
                    assert_ne!(text.id, text.en, "{code} of {}", field.name);
                }
            }
        }
    }
}
