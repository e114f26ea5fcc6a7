//! Whether a cell looks like a number or an amount of money. A look, not a parse.

use super::kind::Kind;

/// A plain number: sign, digits in groups, one decimal sign, exponent.
pub(super) fn number(cell: &[u8], letters: usize) -> Option<Kind> {
    let mut rest = match cell {
        [b'+' | b'-', rest @ ..] | [b'(', rest @ .., b')'] => rest,
        _ => cell,
    };
    if letters > 0 {
        // An exponent is the one use of letters.
        let at = rest.iter().position(|b| matches!(b, b'e' | b'E'))?;
        let power = &rest[at + 1..];
        let power = power
            .strip_prefix(b"+")
            .or_else(|| power.strip_prefix(b"-"))
            .unwrap_or(power);
        if letters > 1 || power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
            return None;
        }
        rest = &rest[..at];
        if rest.is_empty() {
            return None;
        }
        return rest
            .iter()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
            .then_some(Kind::Decimal);
    }
    let (mut points, mut commas, mut others) = (0usize, 0usize, 0usize);
    let mut group = 0usize;
    let mut last_separator = 0u8;
    for (i, &b) in rest.iter().enumerate() {
        match b {
            b'0'..=b'9' => group += 1,
            b'.' | b',' | b' ' | b'\'' => {
                if b == last_separator && group != 3
                    || group == 0 && i > 0
                    || b == b' ' && (group > 3 || group == 0)
                {
                    return None;
                }
                match b {
                    b'.' => points += 1,
                    b',' => commas += 1,
                    _ => others += 1,
                }
                (last_separator, group) = (b, 0);
            }
            _ => return None,
        }
    }
    if others > 0 && group != 3 && last_separator == b' ' {
        return None;
    }
    match (points, commas) {
        (0, 0) => Some(Kind::Integer),
        // `5.` is a number, `5,` the rest of a list.
        _ if group == 0 && last_separator == b',' => None,
        (2.., 2..) => None,
        // Both kinds: digits between the separators must be in groups of three.
        (1.., 1..) if !grouped(rest) => None,
        _ if group == 0 && points + commas > 1 => None,
        (2.., _) | (_, 2..) if points.min(commas) == 0 && group != 3 => None,
        _ => Some(Kind::Decimal),
    }
}

/// Whether all digits between the first and the last separator are in groups of three, after one to three leading ones.
fn grouped(digits: &[u8]) -> bool {
    let separator = |b: &u8| !b.is_ascii_digit();
    let (Some(first), Some(last)) = (
        digits.iter().position(separator),
        digits.iter().rposition(separator),
    ) else {
        return true;
    };
    first <= 3
        && digits[first + 1..last]
            .split(separator)
            .all(|group| group.len() == 3)
}

const CURRENCIES: [&str; 16] = [
    "rp.", "rp", "idr", "us$", "usd", "$", "€", "£", "¥", "eur", "gbp", "r$", "kr", "chf", "zł",
    "₹",
];

/// A number with a sign of currency, percent, or a unit written on to it.
pub(super) fn amount(cell: &[u8]) -> Option<Kind> {
    let text = std::str::from_utf8(cell).ok()?;
    let lower = text.to_lowercase();
    let mut rest = lower
        .trim_start_matches(['-', '+', '('])
        .trim_end_matches(')')
        .trim_end_matches('%');
    for sign in CURRENCIES {
        if let Some(after) = rest.strip_prefix(sign) {
            rest = after;
            break;
        }
        if let Some(before) = rest.strip_suffix(sign) {
            rest = before;
            break;
        }
    }
    if rest.len() == lower.len() {
        return None;
    }
    let rest = rest
        .trim_matches([' ', '\u{A0}', '\u{202F}'])
        .trim_start_matches('-')
        .trim_end_matches(",-")
        .trim_end_matches('-');
    (!rest.is_empty() && number(rest.as_bytes(), 0).is_some()).then_some(Kind::Amount)
}
