//! The decision table for numbers, cell by cell.

use super::{
    locale::{DecimalMark, NumberOptions},
    number::{Evidence, Style, Wanted, evidence, parse},
};
use crate::issue::IssueCode;

fn options(wanted: Wanted) -> NumberOptions {
    NumberOptions {
        negative: wanted == Wanted::Decimal,
        units: ["hari", "pax", "seat", "kursi"].map(Box::from).to_vec(),
        currency: ["rp", "rp.", "idr"].map(Box::from).to_vec(),
        ..NumberOptions::default()
    }
}

fn check(wanted: Wanted, style: Style, text: &str, expected: Result<&str, IssueCode>) {
    let found = parse(text, wanted, &options(wanted), style);
    let found = found
        .map(|number| number.to_string())
        .map_err(|problem| problem.code());
    assert_eq!(found, expected.map(str::to_owned), "{text:?} as {wanted:?}");
}

fn money(text: &str, expected: Result<&str, IssueCode>) {
    check(Wanted::Money, Style::Unknown, text, expected);
}

#[test]
fn reads_amounts_as_agencies_write_them() {
    for text in [
        "25000000",
        "25.000.000",
        "25,000,000",
        "Rp25.000.000",
        "Rp 25.000.000",
        "rp. 25.000.000,-",
        "IDR25,000,000.00",
        "25.000.000,00",
        "25,000,000.00",
        "25000000.00",
        "25000000,0",
        "25 jt",
        "25jt",
        "25 Juta",
        "25.000 rb",
        "25000 ribu",
        "Rp\u{a0}25.000.000",
        "25.000.000.-",
        "25 000 000",
        "0,025 miliar",
        "25.000.000 IDR",
    ] {
        money(text, Ok("25000000"));
    }
    money("25.000", Ok("25000"));
    money("25,000", Ok("25000"));
    money("0", Ok("0"));
    money("1,5 jt", Ok("1500000"));
    money("42 jt", Ok("42000000"));
    money("39.500.000,-", Ok("39500000"));
}

#[test]
fn refuses_amounts_that_can_be_read_in_two_ways() {
    money("25.5", Err(IssueCode::NUMBER_AMBIGUOUS));
    money("25,50", Err(IssueCode::NUMBER_AMBIGUOUS));
}

#[test]
fn refuses_what_is_no_amount() {
    money("25.00.000", Err(IssueCode::NUMBER_GROUPS));
    money("1,234.567,89", Err(IssueCode::NUMBER_GROUPS));
    money("25.000.000.00", Err(IssueCode::NUMBER_GROUPS));
    money("1.2.3", Err(IssueCode::NUMBER_GROUPS));
    money("1234.5678", Err(IssueCode::NUMBER_GROUPS));
    money("-5000000", Err(IssueCode::NUMBER_NEGATIVE));
    money("(5.000.000)", Err(IssueCode::NUMBER_NEGATIVE));
    money("Rp -5.000", Err(IssueCode::NUMBER_NEGATIVE));
    money("USD 500", Err(IssueCode::NUMBER_CURRENCY));
    money("$500", Err(IssueCode::NUMBER_CURRENCY));
    money("500 SAR", Err(IssueCode::NUMBER_CURRENCY));
    money("5e6", Err(IssueCode::EXCEL_SCIENTIFIC));
    money("2,5E+07", Err(IssueCode::EXCEL_SCIENTIFIC));
    money("#######", Err(IssueCode::EXCEL_HASHES));
    money("25000000,50", Err(IssueCode::NUMBER_FRACTION));
    money("99999999999999999999", Err(IssueCode::NUMBER_TOO_LARGE));
    money("9999999999999 miliar", Err(IssueCode::NUMBER_TOO_LARGE));
    for text in [
        "lima juta",
        "Rp",
        "1O0000",
        "5-10 jt",
        "NaN",
        "0x10",
        "1_000",
        "2 M",
        "Rp -",
        ",5",
        "12,5jt x",
    ] {
        let found = parse(text, Wanted::Money, &options(Wanted::Money), Style::Unknown);
        assert!(found.is_err(), "{text}");
    }
}

#[test]
fn reads_whole_numbers_without_ever_multiplying_by_ten() {
    for (text, expected) in [
        ("12", Ok("12")),
        ("12.0", Ok("12")),
        ("12,0", Ok("12")),
        ("12 hari", Ok("12")),
        ("40 PAX", Ok("40")),
        ("40pax", Ok("40")),
        ("1.000.000", Ok("1000000")),
        ("12.5", Err(IssueCode::NUMBER_FRACTION)),
        ("25.000", Err(IssueCode::NUMBER_AMBIGUOUS)),
        ("dua belas", Err(IssueCode::NUMBER)),
        ("12 malam", Err(IssueCode::NUMBER)),
        ("12 jt", Err(IssueCode::NUMBER)),
    ] {
        check(Wanted::Integer, Style::Unknown, text, expected);
    }
    check(
        Wanted::Integer,
        Style::Known(DecimalMark::Comma),
        "25.000",
        Ok("25000"),
    );
}

#[test]
fn the_column_decides_what_one_cell_cannot() {
    for (style, expected) in [
        (Style::Known(DecimalMark::Point), Ok("1.234")),
        (Style::Known(DecimalMark::Comma), Ok("1234")),
        (Style::Unknown, Err(IssueCode::NUMBER_AMBIGUOUS)),
        (Style::Mixed, Err(IssueCode::NUMBER_AMBIGUOUS)),
    ] {
        check(Wanted::Decimal, style, "1.234", expected);
    }
    check(Wanted::Decimal, Style::Mixed, "1.234,5", Ok("1234.5"));
    check(Wanted::Decimal, Style::Unknown, "-7,25", Ok("-7.25"));
    check(Wanted::Decimal, Style::Unknown, "0.125", Ok("0.125"));
}

#[test]
fn sees_what_a_cell_shows_about_its_column() {
    for (text, expected) in [
        ("1234", Evidence::Nothing),
        ("1.234", Evidence::Ambiguous),
        ("1.234.567", Evidence::Shows(DecimalMark::Comma)),
        ("1.234,5", Evidence::Shows(DecimalMark::Comma)),
        ("7.25", Evidence::Shows(DecimalMark::Point)),
        ("0.125", Evidence::Shows(DecimalMark::Point)),
        ("abc", Evidence::Nothing),
    ] {
        assert_eq!(
            evidence(text, Wanted::Decimal, &options(Wanted::Decimal)),
            expected,
            "{text}"
        );
    }
}
