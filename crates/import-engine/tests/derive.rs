//! A struct is a schema, and its rows become it: whatever it is named, typed and limited by.

#![expect(
    clippy::expect_used,
    reason = "the files and schemas of these tests are sound"
)]

use std::{borrow::Cow, sync::Arc};

use import_engine::{
    Decimal, Field, ImportCell, ImportRow, IssueCode, Plan, Schema, SetupError, Value,
    rules::{Cell, Problem},
};
use serde::Deserialize;

#[track_caller]
fn rows<T: ImportRow + for<'de> Deserialize<'de>>(file: &str) -> (Vec<T>, Vec<String>) {
    let schema = T::schema().build().expect("the schema is sound");
    let plan = Plan::of(&schema, file).expect("the file can be imported");
    let (batches, _) = plan.import(file).collect().expect("and is");
    let rows = batches
        .iter()
        .flat_map(|batch| batch.rows_as().expect("rows fit"));
    let issues = batches.iter().flat_map(|batch| {
        batch.issues().iter().map(|issue| {
            let field = issue.field().unwrap_or_default();
            format!("{} {field} {}", issue.row, issue.code)
        })
    });
    (rows.collect(), issues.collect())
}

fn field<'s>(schema: &'s Schema, name: &str) -> &'s Field {
    &schema.fields()[schema.index_of(name).expect("the field is there")]
}

#[test]
fn every_type_that_a_cell_can_be_is_of_its_kind() {
    #[derive(Debug, Deserialize, ImportRow, PartialEq)]
    struct Everything<'b> {
        owned: String,
        borrowed: &'b str,
        either: Cow<'b, str>,
        boxed: Box<str>,
        #[serde(default)]
        shared: Option<Arc<str>>,
        small: u8,
        large: Option<i64>,
        weight: f64,
        exact: Decimal,
        yes: bool,
        day: time::Date,
        id: uuid::Uuid,
    }
    let schema = Everything::schema().build().expect("the schema is sound");
    let kinds: Vec<_> = schema.fields().iter().map(Field::kind_word).collect();
    assert_eq!(
        kinds,
        [
            "text", "text", "text", "text", "text", "integer", "integer", "decimal", "decimal",
            "bool", "date", "uuid"
        ]
    );
    let required: Vec<_> = schema
        .fields()
        .iter()
        .filter(|field| !field.is_required())
        .map(Field::name)
        .collect();
    assert_eq!(required, ["shared", "large"]);
    let file = "owned,borrowed,either,boxed,small,weight,exact,yes,day,id\n\
                a,b,c,d,7,1.5,2.50,yes,2027-03-14,00000000-0000-0000-0000-000000000001\n";
    let plan = Plan::of(&schema, file).expect("the file can be imported");
    let (batches, _) = plan.import(file).collect().expect("and is");
    let rows: Vec<Everything<'_>> = batches[0].rows_as().expect("rows fit");
    assert_eq!(
        (rows[0].owned.as_str(), rows[0].borrowed, rows[0].weight),
        ("a", "b", 1.5)
    );
    assert_eq!(
        rows[0].exact,
        Decimal {
            mantissa: 250,
            scale: 2
        }
    );
    assert_eq!(
        (rows[0].shared.as_deref(), rows[0].id),
        (None, uuid::Uuid::from_u128(1))
    );
}

#[test]
fn the_names_are_those_of_serde() {
    #[derive(Debug, Deserialize, ImportRow)]
    #[serde(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its names count")]
    struct PriceOfArticle {
        article_number: String,
        #[serde(rename(deserialize = "price"))]
        price_in_cents: i64,
        #[serde(skip)]
        note: String,
        #[serde(default = "String::new")]
        r#type: String,
    }
    let schema = PriceOfArticle::schema()
        .build()
        .expect("the schema is sound");
    assert_eq!(schema.name(), "price_of_article");
    let names: Vec<_> = schema.fields().iter().map(Field::name).collect();
    assert_eq!(names, ["articleNumber", "price", "type"]);
    assert!(!field(&schema, "type").is_required());
    let (rows, _) = rows::<PriceOfArticle>("articleNumber,price\nA,5\n");
    assert_eq!(rows[0].r#type, "");
}

#[test]
fn a_number_that_the_type_cannot_hold_is_an_issue_of_its_row() {
    #[derive(Debug, Deserialize, ImportRow)]
    struct Stock {
        pieces: u8,
        #[import(money, currency("€"))]
        price: Option<u16>,
        #[import(max = 5)]
        stars: Option<u8>,
    }
    let (stock, issues) =
        rows::<Stock>("pieces,price,stars\n255,65535,5\n256,1,1\n1,70000,1\n1,1,6\n");
    assert_eq!(
        (stock.len(), stock[0].pieces, stock[0].price, stock[0].stars),
        (1, 255, Some(65_535), Some(5))
    );
    assert_eq!(
        issues,
        [
            "3 pieces above_max",
            "4 price above_max",
            "5 stars above_max"
        ]
    );
}

#[test]
fn enums_are_choices_and_wrappers_are_kinds() {
    #[derive(Clone, Copy, Debug, Deserialize, ImportCell, PartialEq)]
    #[serde(rename_all = "SCREAMING-KEBAB-CASE")]
    enum Standing {
        #[import(alias = "aktif")]
        InGoodOrder,
        #[serde(rename = "gone")]
        Left,
        #[serde(skip)]
        #[expect(dead_code, reason = "no file says it")]
        Unknown,
    }

    #[derive(Debug, Deserialize, ImportCell, PartialEq)]
    #[import(pattern = "[A-Z]{2}[0-9]+", alias = "sku", rule = capitals)]
    struct Article(String);

    #[expect(clippy::unnecessary_wraps, reason = "that is what a rule is")]
    fn capitals(cell: &mut Cell<'_>) -> Result<(), Problem> {
        cell.edit(|text| text.make_ascii_uppercase());
        Ok(())
    }

    #[derive(Debug, Deserialize, ImportRow, PartialEq)]
    struct Row {
        article: Article,
        standing: Option<Standing>,
    }
    let schema = Row::schema().build().expect("the schema is sound");
    let words = field(&schema, "standing").choices().expect("is a choice");
    assert_eq!(
        words.iter().map(AsRef::as_ref).collect::<Vec<_>>(),
        ["IN-GOOD-ORDER", "gone"]
    );
    let (rows, issues) = rows::<Row>("SKU,Standing\nab1,Aktif\nAB2,gone\nAB3,\n17,Left\n");
    assert_eq!(issues, ["5 article pattern", "5 standing choice"]);
    let found: Vec<_> = rows
        .iter()
        .map(|row| (row.article.0.as_str(), row.standing))
        .collect();
    assert_eq!(
        found,
        [
            ("AB1", Some(Standing::InGoodOrder)),
            ("AB2", Some(Standing::Left)),
            ("AB3", None)
        ]
    );
}

#[test]
fn every_word_asks_what_its_method_asks() {
    const ODD: IssueCode = IssueCode::new("odd");
    const LEAST: i64 = -5;

    fn even(value: Value<'_>) -> Result<(), Problem> {
        match value {
            Value::Integer(number) if number % 2 != 0 => Err(Problem::new(ODD)),
            _ => Ok(()),
        }
    }

    fn day_first(field: Field) -> Field {
        field.order(import_engine::fields::DateOrder::DayFirst)
    }

    #[derive(Debug, Deserialize, ImportRow)]
    #[import(name = "things", unique("code", "day"))]
    struct Thing {
        #[import(
            digits(2, 4),
            unique_warning,
            sensitive,
            label = "Code",
            example = "0012"
        )]
        code: String,
        #[import(min = LEAST, max = 10, check = even, units("kg"))]
        weight: i8,
        #[import(required, with = day_first)]
        day: Option<time::Date>,
        #[import(choice("cash", "card"), expected = "cash or card")]
        paid: Option<String>,
        #[import(multiline, min_chars = 2, max_chars = 4)]
        note: Option<String>,
        #[import(reference("person"))]
        owner: Option<String>,
    }
    let schema = Thing::schema()
        .codes([ODD])
        .build()
        .expect("the schema is sound");
    let code = field(&schema, "code");
    assert_eq!(
        (code.shown_label(), code.example_text()),
        ("Code", Some("0012"))
    );
    assert!(code.is_sensitive() && code.is_unique() && field(&schema, "day").is_required());
    assert_eq!(field(&schema, "owner").refers_to(), Some("person"));
    let (rows, issues) = rows::<Thing>(
        "code,weight,day,paid,note,owner\n\
         0001,-4 kg,03/04/2027,Card,abc,x\n\
         0001,3,03/04/2027,,,\n\
         0001,-6,04/04/2027,,a,\n\
         1,2,,,,\n",
    );
    assert_eq!(
        (
            rows.len(),
            rows[0].weight,
            rows[0].day.map(|day| u8::from(day.month()))
        ),
        (1, -4, Some(4))
    );
    let errors: Vec<_> = issues
        .iter()
        .filter(|issue| !issue.contains("duplicate"))
        .map(String::as_str)
        .collect();
    assert_eq!(
        errors,
        [
            "3 weight odd",
            "4 weight below_min",
            "4 note too_short",
            "5 code digits_count",
            "5 day required"
        ]
    );
    assert_eq!(rows[0].paid.as_deref(), Some("card"));
    assert_eq!(
        (
            rows[0].code.as_str(),
            rows[0].note.as_deref(),
            rows[0].owner.as_deref()
        ),
        ("0001", Some("abc"), Some("x"))
    );
}

#[test]
fn a_struct_may_be_generic_and_the_engine_go_by_another_name() {
    mod house {
        pub(crate) use import_engine as engine;
    }

    #[derive(Debug, Deserialize, ImportRow)]
    #[import(crate = house::engine)]
    struct Named<T> {
        name: T,
    }
    #[derive(Debug, Deserialize, ImportCell, PartialEq)]
    #[import(crate = house::engine)]
    enum Size {
        Small,
        #[import(alias = "big")]
        Large,
    }

    #[derive(Debug, Deserialize, ImportCell, PartialEq)]
    #[import(crate = house::engine, digits(2))]
    struct Code(String);

    #[derive(Debug, Deserialize, ImportRow)]
    #[import(crate = house::engine)]
    struct Article {
        size: Size,
        code: Code,
    }
    let (named, _) = rows::<Named<u32>>("name\n7\n");
    assert_eq!(named[0].name, 7);
    let (articles, _) = rows::<Article>("size,code\nbig,07\nsmall,08\n");
    assert_eq!(
        (&articles[0].size, &articles[1].size),
        (&Size::Large, &Size::Small)
    );
    assert_eq!(articles[0].code, Code("07".to_owned()));
}

#[test]
fn a_default_takes_the_place_of_required() {
    #[derive(Debug, Deserialize, ImportRow, PartialEq)]
    struct Order {
        article: String,
        #[import(default = "1")]
        pieces: u16,
        #[import(boolean, default = "no")]
        paid: bool,
    }
    let (orders, issues) = rows::<Order>("article,pieces\nchair,\ntable,3\n");
    assert_eq!((orders[0].pieces, orders[0].paid), (1, false));
    assert_eq!((orders[1].pieces, issues.len()), (3, 0));
}

#[test]
fn what_only_the_whole_schema_shows_is_found_when_it_is_built() {
    #[derive(ImportRow)]
    #[expect(dead_code, reason = "no row becomes it")]
    struct Twice {
        #[import(alias = "b")]
        a: String,
        b: String,
    }
    assert!(matches!(
        Twice::schema().build(),
        Err(SetupError::Schema { .. })
    ));
}

#[test]
fn decimals_are_read_as_they_are_written() {
    for (text, expected) in [
        ("12.50", Some((1_250, 2))),
        ("-0.5", Some((-5, 1))),
        ("7", Some((7, 0))),
        ("-9223372036854775808", Some((i64::MIN, 0))),
        ("1.", None),
        (".5", None),
        ("--5", None),
        ("+5", None),
        ("1e3", None),
        ("0.1234567890123456789", None),
        ("9223372036854775808", None),
    ] {
        let read = serde_json::from_value::<Decimal>(text.into()).ok();
        assert_eq!(
            read.map(|number| (number.mantissa, number.scale)),
            expected,
            "{text}"
        );
    }
}
