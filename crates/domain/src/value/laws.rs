//! Laws of the value types: no input panics, and a value that was read once is read as itself again.

use proptest::prelude::*;

use super::*;

/// Text close to every format, and arbitrary text.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9.,' +=\"()\u{a0}\u{200b}-]{0,24}",
        "(Rp|IDR)?[. ]?[0-9]{1,4}([.,][0-9]{1,3}){0,4}( ?(jt|juta|rb|ribu|M))?",
        "\\+?(62|0|8)?[0-9 -]{5,16}",
        "[a-zA-Z.'+]{1,12}@[a-z-]{1,8}(\\.[a-z]{1,4}){0,3}",
    ]
}

proptest! {
    #[test]
    fn reading_twice_is_reading_once(raw in cell()) {
        if let Ok(nik) = Nik::parse(&raw) {
            prop_assert_eq!(Nik::parse(nik.as_str()), Ok(nik));
            prop_assert_eq!(masked(nik.as_str()).len(), 16);
            prop_assert!(nik.warnings(None, None).count() <= 5);
        }
        if let Ok(phone) = PhoneNumber::parse(&raw) {
            prop_assert_eq!(PhoneNumber::parse(phone.as_str()), Ok(phone));
        }
        if let Ok(email) = EmailAddress::parse(&raw) {
            prop_assert_eq!(EmailAddress::parse(email.as_str()), Ok(email));
        }
        if let Ok(amount) = Rupiah::parse(&raw) {
            prop_assert_eq!(Rupiah::parse(&amount.to_string()), Ok(amount));
        }
        if let Ok(name) = PersonName::parse(&raw) {
            prop_assert_eq!(PersonName::parse(name.as_str()), Ok(name));
        }
        if let Ok(notes) = Notes::parse(&raw) {
            prop_assert_eq!(Notes::parse(notes.as_str()), Ok(notes));
        }
        let key = match_key(&raw);
        prop_assert_eq!(match_key(&key), key);
    }

    #[test]
    fn no_text_panics(raw in cell()) {
        let _ = DurationDays::parse(&raw);
        let _ = Capacity::parse(&raw);
        let _ = Gender::parse(&raw);
        let _ = JamaahStatus::parse(&raw);
        let _ = PaymentMethod::parse(&raw);
        let _ = PackageStatus::parse(&raw);
        let _ = iso_date(&raw);
        let _ = ValueError::Email.message("email", &raw);
    }
}
