//! `…/types`: the import types as clients show them. What they say is the schemas' and the message catalogue's.

use std::collections::BTreeMap;

use actix_web::{get, web};
use auth::Authenticated;
use domain::ImportType;
use serde::Serialize;
use services::{FieldDescription, Said, Services, TypeDescription};
use utoipa::ToSchema;

use crate::caller::Caller;
use crate::error::ApiError;
use crate::words;

/// The import types and every message.
#[derive(Serialize, ToSchema)]
pub(crate) struct TypesBody {
    data: Vec<TypeBody>,
    /// What is said of rows, by `code`, with its placeholders: `{name}` for a value, and `{name|one|other}` for the form of a word that
    /// goes with it, which is `one` if the value is 1.
    codes: BTreeMap<&'static str, SaidBody>,
    /// What is said of files, by `code`, with placeholders of both kinds.
    notices: BTreeMap<&'static str, SaidBody>,
}

/// An import type.
#[derive(Serialize, ToSchema)]
pub(crate) struct TypeBody {
    #[serde(rename = "type")]
    #[schema(value_type = words::ImportType)]
    import_type: ImportType,
    label: SaidBody,
    /// The types that have to be there before.
    #[schema(example = json!(["package"]))]
    refers_to: Vec<String>,
    #[schema(example = 10_485_760)]
    max_upload_bytes: u64,
    fields: Vec<TypeFieldBody>,
}

/// A field of an import type.
#[derive(Serialize, ToSchema)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a separate question with its own key"
)]
pub(crate) struct TypeFieldBody {
    #[schema(example = "ktp")]
    name: String,
    label: SaidBody,
    required: bool,
    /// Whether no two records have the same value.
    unique: bool,
    /// Whether its values are personal.
    sensitive: bool,
    /// Whether it only helps to judge others and is not stored.
    auxiliary: bool,
    /// `text`, `multiline`, `digits`, `integer`, `decimal`, `money`, `date`, `date_time`, `email`, `uuid`, `bool`, `choice` or
    /// `reference`.
    #[schema(value_type = String, example = "digits")]
    kind: &'static str,
    /// The format of a cell, where one can be said.
    expected: Option<SaidBody>,
    #[schema(example = "3175010505909001")]
    example: Option<String>,
    /// The words of a choice.
    values: Option<Vec<TypeValueBody>>,
    /// The type that it refers to.
    reference: Option<String>,
    /// The field's own texts by code, in the place of those in `codes`.
    messages: BTreeMap<&'static str, SaidBody>,
}

/// A word of a choice.
#[derive(Serialize, ToSchema)]
pub(crate) struct TypeValueBody {
    #[schema(example = "L")]
    value: String,
    label: SaidBody,
}

/// A text in Indonesian and English.
#[derive(Serialize, ToSchema)]
pub(crate) struct SaidBody {
    #[schema(example = "16 digit angka")]
    id: String,
    #[schema(example = "16 digits")]
    en: String,
}

impl From<Said> for SaidBody {
    fn from(said: Said) -> Self {
        Self {
            id: said.id,
            en: said.en,
        }
    }
}

impl From<FieldDescription> for TypeFieldBody {
    fn from(field: FieldDescription) -> Self {
        let value = |(value, label): (String, Said)| TypeValueBody {
            value,
            label: label.into(),
        };
        Self {
            name: field.name,
            label: field.label.into(),
            required: field.required,
            unique: field.unique,
            sensitive: field.sensitive,
            auxiliary: field.auxiliary,
            kind: field.kind,
            expected: field.expected.map(Into::into),
            example: field.example,
            values: field
                .values
                .map(|values| values.into_iter().map(value).collect()),
            reference: field.reference,
            messages: all(field.messages),
        }
    }
}

fn all(texts: BTreeMap<&'static str, Said>) -> BTreeMap<&'static str, SaidBody> {
    texts
        .into_iter()
        .map(|(code, said)| (code, said.into()))
        .collect()
}

/// Returns the import types with their fields, and every message with its placeholders, in Indonesian and English.
#[utoipa::path(
    tag = "Imports",
    responses((status = 200, description = "The types.", body = TypesBody)),
)]
#[get("/api/v1/onboarding/migration/types")]
pub(crate) async fn list_types(
    caller: Caller<Authenticated>,
    services: web::Data<Services>,
) -> Result<web::Json<TypesBody>, ApiError> {
    let (types, texts) = services.imports.types(&caller);
    let max_upload_bytes = services.imports.max_upload_bytes();
    let body = |described: TypeDescription| TypeBody {
        import_type: described.import_type,
        label: described.label.into(),
        refers_to: described.refers_to,
        max_upload_bytes,
        fields: described.fields.into_iter().map(Into::into).collect(),
    };
    Ok(web::Json(TypesBody {
        data: types.into_iter().map(body).collect(),
        codes: all(texts.codes),
        notices: all(texts.notices),
    }))
}
