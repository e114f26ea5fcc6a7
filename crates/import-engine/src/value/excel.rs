//! What spreadsheets do to cells on the way to CSV, and how to see it. Repairs only what lost nothing.

use crate::issue::IssueCode;

/// What a spreadsheet destroyed beyond repair, if anything. For cells that should hold a number, a date or a code.
pub(crate) fn damage(text: &str) -> Option<IssueCode> {
    if is_hashes(text) {
        Some(IssueCode::EXCEL_HASHES)
    } else if is_error(text) {
        Some(IssueCode::EXCEL_ERROR)
    } else if is_scientific(text) {
        Some(IssueCode::EXCEL_SCIENTIFIC)
    } else {
        None
    }
}

/// `########`, what a column too narrow for its number is exported as.
pub(crate) fn is_hashes(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'#')
}

/// `#REF!` and the like.
pub(crate) fn is_error(text: &str) -> bool {
    const ERRORS: &[&str] = &[
        "#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!",
        "#ERROR!", "#FIELD!",
    ];
    text.starts_with('#') && ERRORS.iter().any(|error| error.eq_ignore_ascii_case(text))
}

/// `3,17501E+15`
pub(crate) fn is_scientific(text: &str) -> bool {
    let Some(at) = text.find(['E', 'e']) else {
        return false;
    };
    let (mantissa, exponent) = (&text[..at], &text[at + 1..]);
    let mantissa = mantissa.strip_prefix(['+', '-']).unwrap_or(mantissa);
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    [whole, fraction, exponent]
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `3175010505909000.`: how a number of 16 digits or more comes out of a workbook, which keeps 15 of them. Blanks and hyphens of
/// its format may stand between the digits.
pub(crate) fn is_beyond_precision(text: &str) -> bool {
    let Some(number) = text.strip_suffix('.') else {
        return false;
    };
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    digits >= 16
        && number.ends_with(|c: char| c.is_ascii_digit())
        && number
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'.'))
}

/// The inside of `="0812"`, the way to keep a spreadsheet from reading a number.
pub(crate) fn unwrap_formula(text: &str) -> &str {
    text.strip_prefix("=\"")
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sees_what_spreadsheets_destroy() {
        for (text, expected) in [
            ("3,17501E+15", Some(IssueCode::EXCEL_SCIENTIFIC)),
            ("6.28E+12", Some(IssueCode::EXCEL_SCIENTIFIC)),
            ("1e5", Some(IssueCode::EXCEL_SCIENTIFIC)),
            ("########", Some(IssueCode::EXCEL_HASHES)),
            ("#REF!", Some(IssueCode::EXCEL_ERROR)),
            ("#n/a", Some(IssueCode::EXCEL_ERROR)),
            ("E", None),
            ("1E", None),
            ("Desember", None),
            ("#", None),
            ("12", None),
        ] {
            assert_eq!(damage(text), expected, "{text}");
        }
        for (text, expected) in [
            ("3175010505909000.", true),
            ("3175 0105 0590 9000.", true),
            ("3175010505909000", false),
            ("317501050590900.", false),
            ("3175010505909000..", false),
            ("Rp 3175010505909000.", false),
        ] {
            assert_eq!(is_beyond_precision(text), expected, "{text}");
        }
    }
}
