//! What is wrong with an attribute is reported, and everything at once. The compiler adds where it is: asserting that here
//! would need a feature of `proc-macro2` with which every dependency of this workspace is compiled twice.

use syn::DeriveInput;

use crate::{cell, row};

type Expand = fn(&DeriveInput) -> syn::Result<proc_macro2::TokenStream>;

/// Asserts the messages of the errors.
#[track_caller]
fn check(expand: Expand, source: &str, expected: &[&str]) {
    let input: DeriveInput = syn::parse_str(source).expect("is Rust");
    let found: Vec<_> = expand(&input)
        .err()
        .into_iter()
        .flatten()
        .map(|error| error.to_string())
        .collect();
    assert_eq!(found, expected, "{source}");
}

#[test]
fn a_word_that_there_is_not_is_named_with_the_likely_one() {
    check(
        row::expand,
        "struct Row {\n    #[import(requird, alais = \"x\")] name: String,\n}",
        &["there is no word `requird`: is it `required`?"],
    );
    check(
        row::expand,
        "struct Row { #[import(emial)] mail: String }",
        &[
            "there is no word `emial`, but text, multiline, email, uuid, integer, decimal, money, date, datetime, boolean, \
             digits, choice, reference, required, default, unique, unique_warning, sensitive, alias, aliases, label, example, expected, \
             min, max, units, currency, minor_units, min_chars, max_chars, pattern, rule, check, with",
        ],
    );
}

#[test]
fn words_that_contradict_each_other_are_refused_where_they_stand() {
    for (attribute, expected) in [
        ("email, date", "a cell cannot be both `email` and `date`"),
        ("unique, unique", "`unique` is said twice"),
        (
            "text, min = 5",
            "`min` does nothing to a cell that is `text`",
        ),
        (
            "integer, pattern = \"x\"",
            "`pattern` does nothing to a cell that is `integer`",
        ),
        (
            "decimal, minor_units = 2",
            "`minor_units` does nothing to a cell that is `decimal`",
        ),
        ("digits(5, 2)", "no number has more digits than it may have"),
    ] {
        let source = format!("struct Row {{ #[import({attribute})] cell: X }}");
        check(row::expand, &source, &[expected]);
    }
}

#[test]
fn what_a_word_takes_is_shown_where_it_lacks_it() {
    for (attribute, expected) in [
        ("alias", "`alias` is written `alias = \"text\"`"),
        (
            "aliases",
            "`aliases` is written `aliases(\"one\", \"other\")`",
        ),
        (
            "aliases()",
            "`aliases` is written `aliases(\"one\", \"other\")`",
        ),
        ("choice", "`choice` is written `choice(\"one\", \"other\")`"),
        (
            "digits",
            "`digits` is written `digits(16)` or `digits(10, 16)`",
        ),
        (
            "digits()",
            "`digits` is written `digits(16)` or `digits(10, 16)`",
        ),
        ("max", "`max` is written `max = 5`"),
        ("rule", "`rule` is written `rule = function`"),
        ("required = true", "`required` stands alone"),
        ("email(\"x\")", "`email` stands alone"),
        ("label = 5", "expected string literal"),
        ("reference(\"a\", \"b\")", "a reference has one target"),
    ] {
        let source = format!("struct Row {{ #[import({attribute})] cell: X }}");
        check(row::expand, &source, &[expected]);
    }
}

#[test]
fn the_errors_of_all_fields_are_told_at_once() {
    check(
        row::expand,
        "#[import(unique(\"a\", \"c\"))]\nstruct Row {\n  #[import(label)] a: String,\n  #[import(nothing)]\n  #[serde(flatten)] b: B,\n}",
        &[
            "`label` is written `label = \"text\"`",
            "there is no word `nothing`, but text, multiline, email, uuid, integer, decimal, money, date, datetime, boolean, \
             digits, choice, reference, required, default, unique, unique_warning, sensitive, alias, aliases, label, example, expected, \
             min, max, units, currency, minor_units, min_chars, max_chars, pattern, rule, check, with",
            "there is no field 'c'",
        ],
    );
    check(
        row::expand,
        "struct Row { #[serde(flatten)] rest: Rest, name: String }",
        &["a flattened struct hides its columns: name them here"],
    );
}

#[test]
fn only_a_struct_with_named_fields_has_a_schema() {
    let message = "a column needs a name: only structs with named fields have a schema";
    check(row::expand, "struct Row(String);", &[message]);
    check(
        row::expand,
        "enum Row { A }",
        &["rows become structs: `ImportCell` is for an enum of words"],
    );
    check(
        row::expand,
        "struct Row {}",
        &["a schema has at least one column"],
    );
    check(
        row::expand,
        "#[import(title = \"x\")] struct Row { a: String }",
        &["of a struct can be said `name = \"…\"`, `unique(\"…\", \"…\")` and `crate = path`"],
    );
}

#[test]
fn a_cell_is_an_enum_of_words_or_one_value() {
    let one = "a cell becomes an enum without data, or a struct around one value";
    for source in [
        "struct Cell { a: String }",
        "struct Cell(u8, u8);",
        "struct Cell;",
    ] {
        check(cell::expand, source, &[one]);
    }
    check(
        cell::expand,
        "enum Cell { A, B(u8) }",
        &["a word has no data"],
    );
    check(
        cell::expand,
        "enum Cell { #[import(label = \"x\")] A }",
        &["of a word can be said `alias = \"…\"` and `aliases(\"…\", \"…\")`"],
    );
    check(
        cell::expand,
        "enum Cell {}",
        &["a choice has at least one word"],
    );
    check(
        cell::expand,
        "#[import(required)] struct Cell(String);",
        &["whether a cell may be empty is said where the type is used"],
    );
}
