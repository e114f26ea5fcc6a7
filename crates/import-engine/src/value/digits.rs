//! Numbers that are names: identity numbers, accounts, codes of digits. Text from end to end, never arithmetic.

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

/// Whether a text is digits and nothing else; the empty text is.
#[inline]
pub(crate) fn are_digits(bytes: &[u8]) -> bool {
    bytes
        .iter()
        .fold(true, |digits, byte| digits & byte.is_ascii_digit())
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
