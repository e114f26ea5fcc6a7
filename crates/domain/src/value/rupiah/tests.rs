//! The decision table of amounts, form by form.

use super::*;

#[test]
fn follows_the_decision_table() {
    let ambiguous = Err(ValueError::AmbiguousMoney);
    let invalid = Err(ValueError::Money);
    for (raw, expected) in [
        ("25000000", Ok(25_000_000)),
        ("0", Ok(0)),
        ("Rp25.000.000", Ok(25_000_000)),
        ("Rp\u{A0}25.000.000", Ok(25_000_000)),
        ("Rp. 5.000.000", Ok(5_000_000)),
        ("IDR25,000,000.00", Ok(25_000_000)),
        ("Rp34.750.000,00", Ok(34_750_000)),
        ("25.000.000,00", Ok(25_000_000)),
        ("25,000,000.00", Ok(25_000_000)),
        ("15.000.000,0", Ok(15_000_000)),
        ("25.000", Ok(25_000)),
        ("25,000", Ok(25_000)),
        ("26,000,000", Ok(26_000_000)),
        ("25000000.00", Ok(25_000_000)),
        ("25000000,0", Ok(25_000_000)),
        ("25 000 000", Ok(25_000_000)),
        ("39.500.000,-", Ok(39_500_000)),
        ("Rp 500.000.-", Ok(500_000)),
        ("42 jt", Ok(42_000_000)),
        ("42JT", Ok(42_000_000)),
        ("2.5 juta", Ok(2_500_000)),
        ("12,5jt", Ok(12_500_000)),
        ("2,75 juta", Ok(2_750_000)),
        ("500rb", Ok(500_000)),
        ("750 ribu", Ok(750_000)),
        ("1,5 miliar", Ok(1_500_000_000)),
        ("25.000.000 IDR", Ok(25_000_000)),
        ("25 juta rupiah", Ok(25_000_000)),
        ("25.000.000,- Rp", Ok(25_000_000)),
        ("25 rupiah juta", invalid),
        ("1 milyar", Ok(1_000_000_000)),
        ("25.5", ambiguous),
        ("25,5", ambiguous),
        ("1.250 juta", ambiguous),
        ("25.00.000", invalid),
        ("1,234.567,89", invalid),
        ("25.000.000.00", invalid),
        ("25 00 000", invalid),
        ("1.2.3", invalid),
        ("1O0000", invalid),
        ("lima juta", invalid),
        ("Rp", invalid),
        ("Rp -", invalid),
        ("1_000", invalid),
        ("0x10", invalid),
        ("NaN", invalid),
        ("+5000", invalid),
        ("5-6 juta", invalid),
        ("25 M", invalid),
        ("1.000.000,,00", invalid),
        (".500", invalid),
        ("5e6", Err(ValueError::ScientificNotation)),
        ("2,5E+07", Err(ValueError::ScientificNotation)),
        ("########", Err(ValueError::NarrowColumn)),
        ("-500000", Err(ValueError::NegativeMoney)),
        ("Rp -500.000", Err(ValueError::NegativeMoney)),
        ("-Rp500.000", Err(ValueError::NegativeMoney)),
        ("(500.000)", Err(ValueError::NegativeMoney)),
        ("25.000.000,50", Err(ValueError::FractionOfRupiah)),
        ("25000000.5", Err(ValueError::FractionOfRupiah)),
        ("USD 1,500", Err(ValueError::ForeignCurrency)),
        ("$1500", Err(ValueError::ForeignCurrency)),
        ("1500 SAR", Err(ValueError::ForeignCurrency)),
        ("  ", Err(ValueError::Empty)),
        (
            "9999999999999999",
            Err(ValueError::OutOfRange {
                min: 0,
                max: Rupiah::MAX,
            }),
        ),
        (
            "99999999999999999999999",
            Err(ValueError::OutOfRange {
                min: 0,
                max: Rupiah::MAX,
            }),
        ),
    ] {
        assert_eq!(Rupiah::parse(raw).map(Rupiah::get), expected, "{raw:?}");
    }
}

#[test]
fn a_payment_of_nothing_is_none() {
    assert!(Rupiah::new(1).and_then(Rupiah::paid).is_ok());
    assert_eq!(
        Rupiah::new(0).and_then(Rupiah::paid),
        Err(ValueError::OutOfRange {
            min: 1,
            max: Rupiah::MAX
        })
    );
    assert_eq!(Rupiah::new(-1), Err(ValueError::NegativeMoney));
}
