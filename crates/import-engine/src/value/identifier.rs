//! Texts that identify a person: identity and account numbers, which are text and never calculated with, and e-mail
//! addresses. Both are judged by their form alone.

use super::text;
use crate::issue::{IssueCode, Problem};

/// The digits of a cell: `'123`, `'123'`, `="123"`, `123.0`, `12 34`, `12.34-56` cleaned. Borrows if nothing is to be
/// done.
pub(crate) fn parse<'a>(
    text: &'a str,
    (least, most): (usize, usize),
    scratch: &'a mut String,
) -> Result<&'a str, Problem> {
    let digits = if are_digits(text.as_bytes()) {
        text
    } else {
        if let Some(code) = text::damage(text) {
            return Err(Problem::new(code));
        }
        let inner = text::unwrap_formula(text).trim_matches(['\'', '\u{2018}', '\u{2019}']);
        let inner = without_zero_decimals(inner).unwrap_or(inner);
        scratch.clear();
        scratch.extend(
            inner
                .chars()
                .filter(|c| !matches!(c, ' ' | '.' | '-' | ',')),
        );
        if scratch.is_empty() || !scratch.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Problem::new(IssueCode::DIGITS));
        }
        scratch
    };
    if digits.len() < least || digits.len() > most {
        let expected = if least == most {
            least.to_string()
        } else {
            format!("{least}-{most}")
        };
        return Err(Problem::new(IssueCode::DIGITS_COUNT)
            .with("expected", expected)
            .with("found", digits.len()));
    }
    Ok(digits)
}

/// The digits of a number that a spreadsheet keeps; the others become zeros.
pub(crate) const SPREADSHEET_DIGITS: usize = 15;

/// The part before the zero decimals of a number: `3175010505909001.0`, `3.175.010.505.909.001,00`. Three zeros would be
/// a group of thousands.
pub(crate) fn without_zero_decimals(text: &str) -> Option<&str> {
    let mark = text.rfind(['.', ','])?;
    let (whole, zeros) = (&text[..mark], &text[mark + 1..]);
    let is_fraction = matches!(zeros, "0" | "00");
    // The groups of a code are separated by the same sign: `12.34.00`.
    let is_mark = !whole.contains(&text[mark..=mark]);
    (is_fraction && is_mark && whole.ends_with(|c: char| c.is_ascii_digit())).then_some(whole)
}

/// Whether digits, with separators of their format, are certainly those that were typed, although a program took them for
/// a number. Excel keeps fifteen and makes the others zeros; other programs keep a double, which holds every whole number
/// up to 2⁵³ exactly, and beyond it only every second one.
pub(crate) fn is_kept_by_a_double(digits: &str) -> bool {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let mut number = 0_u64;
    for digit in digits.bytes().filter(u8::is_ascii_digit) {
        let longer = number.checked_mul(10);
        let Some(longer) = longer.and_then(|longer| longer.checked_add(u64::from(digit - b'0')))
        else {
            return false;
        };
        number = longer;
    }
    number < EXACT && !number.is_multiple_of(10)
}

/// Whether a text consists of digits only; true for the empty text. Checks eight bytes at a time.
#[inline]
pub(crate) fn are_digits(bytes: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // The high half of a digit is 3, and stays 3 if 6 is added. A byte that carries into the next one is not a digit
    // itself.
    let odd = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        ((word & (EACH * 0xF0)) | ((word.wrapping_add(EACH * 6) & (EACH * 0xF0)) >> 4))
            ^ (EACH * 0x33)
    };
    match bytes.last_chunk() {
        // Some bytes are checked twice.
        Some(last) => {
            let words = bytes.as_chunks().0.iter();
            words.fold(odd(last), |found, word| found | odd(word)) == 0
        }
        None => bytes.iter().all(u8::is_ascii_digit),
    }
}

// The form of an e-mail address. Whether it exists cannot be checked.
//
// Each byte is looked up in a table and the results are combined without a branch, because addresses are short and a
// mispredicted branch costs as much as the whole check; together with the comparison of closed sets this saved 9 of about
// 550 ms for a million rows. An early exit would undo it. `cargo bench -p import-types` measures it, with an address in
// 58 of 100 rows.

/// Whether a text is an address of a usual form: an ASCII local part without quotes, and a domain of two labels or more
/// (RFC 5321 lengths; stricter than RFC 5322, which allows spaces).
pub(crate) fn is_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    let Some(at) = memchr::memchr(b'@', bytes) else {
        return false;
    };
    bytes.len() <= 254 && is_local(&bytes[..at]) && is_domain(&bytes[at + 1..])
}

#[expect(
    clippy::needless_bitwise_bool,
    reason = "without branches the loop becomes vector instructions"
)]
fn is_local(local: &[u8]) -> bool {
    let allowed = local
        .iter()
        .fold(true, |good, byte| good & LOCAL[usize::from(*byte)]);
    let ends = local.first() != Some(&b'.') && local.last() != Some(&b'.');
    let dots = local.iter().zip(local.get(1..).unwrap_or_default());
    let doubled = dots.fold(false, |doubled, (a, b)| {
        doubled | ((*a == b'.') & (*b == b'.'))
    });
    (1..=64).contains(&local.len()) && allowed && ends && !doubled
}

/// Letters, digits and the signs of an RFC 5322 atom, and the dot.
const LOCAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'.' | b'!'
                    | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'/'
                    | b'='
                    | b'?'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'{'
                    | b'|'
                    | b'}'
                    | b'~'
                    | b'-'
            );
        byte += 1;
    }
    table
};

fn is_domain(domain: &[u8]) -> bool {
    let mut labels = 0;
    let mut last: &[u8] = &[];
    for label in domain.split(|byte| *byte == b'.') {
        let ends = label.first() != Some(&b'-') && label.last() != Some(&b'-');
        let letters = label
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
        if label.is_empty() || label.len() > 63 || !ends || !letters {
            return false;
        }
        labels += 1;
        last = label;
    }
    labels >= 2 && last.len() >= 2 && !last.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, IssueCode>) {
        let mut scratch = String::new();
        assert_eq!(
            parse(text, (16, 16), &mut scratch).map_err(|problem| problem.code()),
            expected,
            "{text}"
        );
    }

    #[test]
    fn knows_digits_wherever_there_is_something_else() {
        for length in 0..30 {
            let digits: Vec<u8> = (0..length).map(|at| b"0918273645"[at % 10]).collect();
            assert!(are_digits(&digits));
            for at in 0..length {
                for byte in 0..=255 {
                    let mut bytes = digits.clone();
                    bytes[at] = byte;
                    assert_eq!(are_digits(&bytes), byte.is_ascii_digit(), "{bytes:?}");
                    // Checks what a carry might hide.
                    if at > 0 {
                        bytes[at - 1] = 0xFF;
                        assert!(!are_digits(&bytes), "{bytes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_number_is_known_to_be_whole_below_two_to_the_53rd_unless_it_ends_in_zero() {
        for (digits, is_whole) in [
            ("3175010505909001", true),
            ("3175 0105 0590 9001", true),
            ("3175010505909010", false),
            ("9007199254740991", true),
            ("9007199254740993", false),
            ("9171010505909001", false),
            ("31750105059090011", false),
            ("99999999999999999999999", false),
        ] {
            assert_eq!(is_kept_by_a_double(digits), is_whole, "{digits}");
        }
    }

    #[test]
    fn cleans_what_lost_nothing_and_refuses_the_rest() {
        check("3175010505909001", Ok("3175010505909001"));
        check("'3175010505909001", Ok("3175010505909001"));
        check("'3175010505909001'", Ok("3175010505909001"));
        check("=\"3175010505909001\"", Ok("3175010505909001"));
        check("3175010505909001.0", Ok("3175010505909001"));
        check("3175010505909001,00", Ok("3175010505909001"));
        check("3.175.010.505.909.001,00", Ok("3175010505909001"));
        check("3578 0112 1278 9003", Ok("3578011212789003"));
        check("3,17501E+15", Err(IssueCode::EXCEL_SCIENTIFIC));
        check("#######", Err(IssueCode::EXCEL_HASHES));
        check("317101", Err(IssueCode::DIGITS_COUNT));
        check("31750105059090011", Err(IssueCode::DIGITS_COUNT));
        check("31710112345678AB", Err(IssueCode::DIGITS));
        check("NIK belum ada", Err(IssueCode::DIGITS));
        check("'", Err(IssueCode::DIGITS));
    }
}

#[cfg(test)]
mod email_tests {
    use super::is_email;

    #[test]
    fn tells_addresses_from_slips() {
        for text in [
            "a@b.co",
            "ahmad.rizki+umroh@mail.example.com",
            "o'neil@example.org",
            "X@EXAMPLE.COM",
        ] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "",
            "budi@",
            "@example.com",
            "siti.example.com",
            "a b@example.com",
            "x@@example.com",
            "joko@example",
            "x@.com",
            "a..b@example.com",
            ".a@example.com",
            "a@example..com",
            "a@-example.com",
            "a@example.c",
            "a@1.2.3.4",
            "a@example.com,b@example.com",
            "é@example.com",
        ] {
            assert!(!is_email(text), "{text}");
        }
    }
}
