//! Numbers that are names: identity numbers, accounts, codes of digits. Text from end to end, never arithmetic.
//!
//! [`are_digits`] looks at eight bytes as one number, the last eight again where they overlap. It brought 8 of about 550 ms for a million
//! rows with an identity number each. It breaks where a carry of one byte may make its neighbour look like a digit: the sum is only right
//! because a byte that carries is none itself, and a test compares it with the plain loop over all bytes.

use super::excel;
use crate::issue::{IssueCode, Problem};

/// The digits of a cell: `'123`, `'123'`, `="123"`, `123.0`, `12 34`, `12.34-56` cleaned. Borrows where nothing is to be done.
pub(crate) fn parse<'a>(
    text: &'a str,
    (least, most): (usize, usize),
    scratch: &'a mut String,
) -> Result<&'a str, Problem> {
    let digits = if are_digits(text.as_bytes()) {
        text
    } else {
        if let Some(code) = excel::damage(text) {
            return Err(Problem::new(code));
        }
        let inner = excel::unwrap_formula(text).trim_matches(['\'', '\u{2018}', '\u{2019}']);
        let inner = inner
            .strip_suffix(".0")
            .filter(|rest| !rest.contains('.'))
            .unwrap_or(inner);
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

/// Whether a text is digits and nothing else; the empty text is. Told eight bytes at a time.
#[inline]
pub(crate) fn are_digits(bytes: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    // The high half of a digit is 3, and stays so when 6 is added. A byte that carries into the next one is not a digit itself.
    let odd = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        ((word & (EACH * 0xF0)) | ((word.wrapping_add(EACH * 6) & (EACH * 0xF0)) >> 4))
            ^ (EACH * 0x33)
    };
    match bytes.last_chunk() {
        // Some bytes are looked at twice.
        Some(last) => {
            let words = bytes.as_chunks().0.iter();
            words.fold(odd(last), |found, word| found | odd(word)) == 0
        }
        None => bytes.iter().all(u8::is_ascii_digit),
    }
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
                    // What a carry might hide.
                    if at > 0 {
                        bytes[at - 1] = 0xFF;
                        assert!(!are_digits(&bytes), "{bytes:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn cleans_what_lost_nothing_and_refuses_the_rest() {
        check("3175010505909001", Ok("3175010505909001"));
        check("'3175010505909001", Ok("3175010505909001"));
        check("'3175010505909001'", Ok("3175010505909001"));
        check("=\"3175010505909001\"", Ok("3175010505909001"));
        check("3175010505909001.0", Ok("3175010505909001"));
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
