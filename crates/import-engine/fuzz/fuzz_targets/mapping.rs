//! Any headers and any caller's mapping: no panic, a column is one field at most, and a field one column.
#![no_main]

use std::sync::LazyLock;

use import_engine::{Field, Schema, recognise::{ColumnUse, Mapping}};
use libfuzzer_sys::fuzz_target;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    Schema::builder("people").locale(import_engine::Locale::INDONESIAN)
        .field(Field::text("nama").required().aliases(["nama lengkap", "name"]).risky(["given name"]).never(["nama ayah"]))
        .field(Field::text("no_hp").aliases(["hp", "telepon"]))
        .field(Field::reference("paket_id", "paket").required().natural_keys(["paket", "nama paket"]))
        .ignore_columns(["no", "#"])
        .build()
        .unwrap()
});

fuzz_target!(|data: &[u8]| {
    // Lines: headers, an empty line, then `header=field` of the caller.
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (headers, pairs) = text.split_once("\n\n").unwrap_or((text, ""));
    let headers: Vec<&str> = headers.split('\n').collect();
    let pairs = pairs.lines().filter_map(|line| line.split_once('='));
    let Ok(mapping) = Mapping::new(&SCHEMA, &headers, pairs) else { return };
    assert_eq!(mapping.columns().len(), headers.len());
    let mut taken = Vec::new();
    for (index, field) in SCHEMA.fields().iter().enumerate() {
        if let Some(column) = mapping.column_of(index) {
            assert!(!taken.contains(&column));
            taken.push(column);
            let used = &mapping.columns()[column].used;
            assert!(matches!(used, ColumnUse::Field { field: name, .. } if name == field.name()));
        } else {
            assert_eq!(field.is_required(), mapping.missing().iter().any(|name| name == field.name()));
        }
    }
    let used = mapping.columns().iter().filter(|column| matches!(column.used, ColumnUse::Field { .. })).count();
    assert_eq!(used, taken.len());
});
