//! Tests of the OpenAPI document: its bounds are those of the domain, and its references resolve.

use domain::value::{Capacity, DurationDays, PackageName, PersonName, ReferenceNumber, Rupiah};
use domain::{EmailAddress, Input, JamaahInput, PackageInput, PaymentInput, value};
use serde_json::Value;

fn check(document: &Value, schema: &str, field: &str, keyword: &str, expected: i64) {
    let path = format!("/components/schemas/{schema}/properties/{field}/{keyword}");
    let documented = document.pointer(&path).and_then(Value::as_i64);
    assert_eq!(documented, Some(expected), "{schema}.{field}.{keyword}");
}

fn chars(count: usize) -> i64 {
    i64::try_from(count).unwrap()
}

#[test]
fn the_documented_bounds_are_the_domains() {
    let document = serde_json::to_value(crate::document()).unwrap();
    for schema in ["NewPackageBody", "PackageChangesBody"] {
        let check = |field, keyword, expected| check(&document, schema, field, keyword, expected);
        check("nama", "maxLength", chars(PackageName::MAX_CHARS));
        check(
            "deskripsi",
            "maxLength",
            chars(value::Description::MAX_CHARS),
        );
        check("durasi_hari", "minimum", DurationDays::MIN.into());
        check("durasi_hari", "maximum", DurationDays::MAX.into());
        check("kapasitas", "minimum", Capacity::MIN.into());
        check("kapasitas", "maximum", Capacity::MAX.into());
        check("harga_retail", "maximum", Rupiah::MAX);
        check("harga_wholesale", "maximum", Rupiah::MAX);
    }
    for schema in ["NewJamaahBody", "JamaahChangesBody"] {
        let check = |field, keyword, expected| check(&document, schema, field, keyword, expected);
        check("nama", "maxLength", chars(PersonName::MAX_CHARS));
        check("email", "maxLength", chars(EmailAddress::MAX_CHARS));
        check("alamat", "maxLength", chars(value::Address::MAX_CHARS));
        check("catatan", "maxLength", chars(value::Notes::MAX_CHARS));
    }
    for schema in ["NewPaymentBody", "PaymentChangesBody"] {
        let check = |field, keyword, expected| check(&document, schema, field, keyword, expected);
        check("jumlah", "maximum", Rupiah::MAX);
        check(
            "nomor_referensi",
            "maxLength",
            chars(ReferenceNumber::MAX_CHARS),
        );
    }
    for schema in ["NewUserBody", "UserChangesBody"] {
        let check = |field, keyword, expected| check(&document, schema, field, keyword, expected);
        check("password", "minLength", chars(auth::MIN_PASSWORD_CHARS));
        check("password", "maxLength", chars(auth::MAX_PASSWORD_CHARS));
    }
}

/// The bodies are documented by hand, while the domain's input types read them.
fn takes_what_is_documented<I: Input + std::fmt::Debug>(schemas: [&str; 2]) {
    let document = serde_json::to_value(crate::document()).unwrap();
    for schema in schemas {
        let path = format!("/components/schemas/{schema}/properties");
        let documented = document.pointer(&path).unwrap().as_object().unwrap();
        let refused = serde_json::from_str::<I>(r#"{"no such field": null}"#).unwrap_err();
        let read = refused.to_string();
        let read: Vec<&str> = read.split('`').skip(3).step_by(2).collect();
        let mut named: Vec<&str> = documented.keys().map(String::as_str).collect();
        named.sort_unstable();
        let mut sorted = read.clone();
        sorted.sort_unstable();
        assert_eq!(named, sorted, "{schema}");
    }
}

#[test]
fn the_documented_fields_are_those_that_are_read() {
    takes_what_is_documented::<PackageInput>(["NewPackageBody", "PackageChangesBody"]);
    takes_what_is_documented::<JamaahInput>(["NewJamaahBody", "JamaahChangesBody"]);
    takes_what_is_documented::<PaymentInput>(["NewPaymentBody", "PaymentChangesBody"]);
}

fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(found.len() > 100, "{} references", found.len());
    for reference in found {
        let target = document.pointer(reference.trim_start_matches('#'));
        assert!(target.is_some(), "{reference}");
    }
}

#[test]
fn every_operation_says_what_it_is_and_whether_it_needs_a_token() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let operation_name = format!("{method} {path}");
            assert!(operation["operationId"].is_string(), "{operation_name}");
            assert!(operation["summary"].is_string(), "{operation_name}");
            let is_open = operation["security"][0] == serde_json::json!({});
            let documents_401 = operation["responses"]["401"].is_object();
            assert!(is_open || documents_401, "{operation_name}");
        }
    }
}

/// What a schema stands for, behind references.
fn resolved<'a>(document: &'a Value, mut schema: &'a Value) -> &'a Value {
    while let Some(reference) = schema["$ref"].as_str() {
        schema = document.pointer(reference.trim_start_matches('#')).unwrap();
    }
    schema
}

/// What is wrong with an example, each with its place: fields that the schema lacks, that are missing, or that are of another kind.
fn flaws(document: &Value, schema: &Value, example: &Value, place: &str) -> Vec<String> {
    let schema = resolved(document, schema);
    for alternatives in ["oneOf", "anyOf"] {
        if let Some(alternatives) = schema[alternatives].as_array() {
            let each = alternatives
                .iter()
                .map(|one| flaws(document, one, example, place));
            return each.min_by_key(Vec::len).unwrap_or_default();
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut whole = serde_json::json!({"type": "object", "properties": {}, "required": []});
        for part in parts.iter().map(|part| resolved(document, part)) {
            let fields = part["properties"].as_object().unwrap().clone();
            whole["properties"].as_object_mut().unwrap().extend(fields);
            let required = part["required"].as_array().cloned().unwrap_or_default();
            whole["required"].as_array_mut().unwrap().extend(required);
        }
        return flaws(document, &whole, example, place);
    }
    let kind = match example {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fits = match &schema["type"] {
        Value::String(own) => own == kind || own == "number" && kind == "integer",
        Value::Array(own) => own
            .iter()
            .any(|own| own == kind || own == "number" && kind == "integer"),
        _ => true,
    };
    if !fits {
        return vec![format!("{place} is {kind}, not {}", schema["type"])];
    }
    match example {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(at, item)| {
                flaws(document, &schema["items"], item, &format!("{place}[{at}]"))
            })
            .collect(),
        Value::Object(fields) => {
            let own = schema["properties"].as_object();
            let others = &schema["additionalProperties"];
            let mut wrong = Vec::new();
            for name in schema["required"].as_array().into_iter().flatten() {
                if name.as_str().is_none_or(|name| !fields.contains_key(name)) {
                    wrong.push(format!("{place} lacks {name}"));
                }
            }
            for (name, value) in fields {
                let place = format!("{place}.{name}");
                match own.and_then(|own| own.get(name)) {
                    Some(schema) => wrong.extend(flaws(document, schema, value, &place)),
                    None if others.is_object() => {
                        wrong.extend(flaws(document, others, value, &place));
                    }
                    None if own.is_some() => wrong.push(format!("{place} is not documented")),
                    None => {}
                }
            }
            wrong
        }
        _ => Vec::new(),
    }
}

#[test]
fn the_examples_of_answers_fit_their_schemas() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let examples: Value = serde_json::from_str(crate::openapi::EXAMPLES).unwrap();
    let mut wrong = Vec::new();
    for (name, example) in examples.as_object().unwrap() {
        let schema = &document["components"]["schemas"][name];
        assert_eq!(&schema["example"], example, "{name}");
        wrong.extend(flaws(&document, schema, example, name));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a schema has a whole example, or is of things that have one.
fn has_example(document: &Value, schema: &Value) -> bool {
    let schema = resolved(document, schema);
    schema.get("example").is_some()
        || schema
            .get("items")
            .is_some_and(|items| has_example(document, items))
}

#[test]
fn every_answer_that_can_be_read_has_an_example() {
    let document = serde_json::to_value(crate::document()).unwrap();
    let mut missing = Vec::new();
    let mut answers = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let contents = answer["content"].as_object();
                for (kind, content) in contents.into_iter().flatten() {
                    let is_text = kind.starts_with("text/") || kind == "application/json";
                    if !status.starts_with('2') || !is_text {
                        continue;
                    }
                    answers += 1;
                    let is_there = content.get("example").is_some()
                        || has_example(&document, &content["schema"]);
                    if !is_there {
                        missing.push(format!("{method} {path} {status} {kind}"));
                    }
                }
            }
        }
    }
    assert!(answers > 60, "{answers} answers");
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
