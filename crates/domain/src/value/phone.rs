//! Telephone numbers, kept in E.164. Lengths are those of libphonenumber's metadata for Indonesia.

use std::fmt;

use serde::{Serialize, Serializer};

use super::{
    ValueError,
    nik::{is_scientific, undress},
    text::{is_invisible, narrowed},
};

/// A telephone number in E.164: `+` and at most fifteen digits, on the stack.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PhoneNumber {
    text: [u8; 16],
    len: u8,
}

/// Digits as they are collected: one more than E.164 allows, so that an excess is detected.
const MAX_DIGITS: usize = 16;

impl PhoneNumber {
    /// Reads a number as spreadsheets write it. Numbers without a country belong to Indonesia; others keep theirs.
    ///
    /// # Errors
    /// Letters, two numbers in one cell, scientific notation, or digits that are not a number. Numbers are never cut and
    /// never completed, except for the leading 0 that spreadsheets drop.
    #[inline]
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        if are_digits(raw.as_bytes()) {
            return Self::from_digits(raw.as_bytes(), false);
        }
        Self::parse_decorated(raw)
    }

    /// What follows `+62` in the normal form, if this is an Indonesian number of digits alone, as most are. `None` proves
    /// nothing: [`Self::parse`] may still read the text.
    #[must_use]
    #[inline]
    pub fn national_digits(raw: &str) -> Option<&str> {
        let digits = raw.as_bytes();
        let national = raw.get(are_digits(digits).then(|| prefix(digits))??..)?;
        is_national(national.as_bytes()).then_some(national)
    }

    #[cold]
    fn parse_decorated(raw: &str) -> Result<Self, ValueError> {
        let core = narrowed(undress(raw));
        let core = without_label(&core);
        if core.is_empty() {
            return Err(ValueError::Empty);
        }
        if is_scientific(core) {
            return Err(ValueError::ScientificNotation);
        }
        if core.bytes().all(|byte| byte == b'#') {
            return Err(ValueError::NarrowColumn);
        }
        let core = core.strip_suffix(".0").unwrap_or(core);
        let grouped = grouped_by_slashes(core);
        let core = grouped.as_deref().unwrap_or(core);
        if is_a_day(core) {
            return Err(ValueError::Phone);
        }
        if has_more(core) {
            return Err(several_or_letters(core));
        }
        let mut digits = [0; MAX_DIGITS];
        let mut len = 0;
        let mut plus = false;
        for letter in core.chars() {
            match letter {
                '0'..='9' if len < MAX_DIGITS => {
                    digits[len] = u8::try_from(letter).map_err(|_| ValueError::Phone)?;
                    len += 1;
                }
                '+' if len == 0 && !plus => plus = true,
                '(' | ')' | '.' | '_' | '·' | '•' => {}
                dash if is_dash(dash) => {}
                '/' | ',' | ';' | '&' | '+' if len >= 5 => return Err(several_or_letters(core)),
                blank if blank.is_whitespace() || is_invisible(blank) => {}
                letter if letter.is_alphabetic() => return Err(ValueError::PhoneWithLetters),
                _ => return Err(ValueError::Phone),
            }
        }
        Self::from_digits(&digits[..len], plus)
    }

    fn from_digits(digits: &[u8], plus: bool) -> Result<Self, ValueError> {
        match (plus, digits) {
            (true, [b'6', b'2', ..]) | (false, _) => {
                let prefix = prefix(digits).ok_or(ValueError::Phone)?;
                Self::indonesian(&digits[prefix..])
            }
            (true, _) => Self::foreign(digits),
        }
    }

    fn indonesian(national: &[u8]) -> Result<Self, ValueError> {
        if is_national(national) {
            Self::compose(b"+62", national)
        } else {
            Err(ValueError::Phone)
        }
    }

    /// A number of any other country: no country code begins with 0, and no full number has fewer than seven digits.
    fn foreign(digits: &[u8]) -> Result<Self, ValueError> {
        if (7..=15).contains(&digits.len()) && digits[0] != b'0' {
            Self::compose(b"+", digits)
        } else {
            Err(ValueError::Phone)
        }
    }

    fn compose(prefix: &[u8], digits: &[u8]) -> Result<Self, ValueError> {
        let mut text = [0; 16];
        let len = prefix.len() + digits.len();
        text.get_mut(..prefix.len())
            .ok_or(ValueError::Phone)?
            .copy_from_slice(prefix);
        text.get_mut(prefix.len()..len)
            .ok_or(ValueError::Phone)?
            .copy_from_slice(digits);
        Ok(Self {
            text,
            len: u8::try_from(len).map_err(|_| ValueError::Phone)?,
        })
    }

    /// The number in E.164, such as `+6281234567890`.
    #[must_use]
    #[inline]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text[..usize::from(self.len)]).unwrap_or_default()
    }
}

/// Whether a text is digits alone, as many as a number may have. Some are checked twice.
#[inline]
fn are_digits(bytes: &[u8]) -> bool {
    let all = |bytes: &[u8; 8]| {
        let digits = bytes.iter().map(u8::is_ascii_digit);
        digits.fold(true, |all, digit| all & digit)
    };
    (9..=MAX_DIGITS).contains(&bytes.len())
        && bytes.first_chunk().is_some_and(all)
        && bytes.last_chunk().is_some_and(all)
}

/// How many digits precede the national number: those of the country, the 0 of national calls, or none, if a spreadsheet
/// dropped the 0 of a mobile number.
#[inline]
fn prefix(digits: &[u8]) -> Option<usize> {
    match digits {
        [b'6', b'2', b'0', ..] => Some(3),
        [b'6', b'2', ..] => Some(2),
        [b'0', ..] => Some(1),
        [b'8', b'1'..=b'9', ..] if (9..=12).contains(&digits.len()) => Some(0),
        _ => None,
    }
}

/// Mobile `8[1-35-9]` with 9 to 12 digits, fixed lines with 7 to 11.
#[inline]
fn is_national(digits: &[u8]) -> bool {
    match digits {
        [b'8', b'1'..=b'3' | b'5'..=b'9', ..] => (9..=12).contains(&digits.len()),
        [b'2'..=b'7' | b'9', ..] => (7..=11).contains(&digits.len()),
        _ => false,
    }
}

/// Removes a leading word for a telephone: `WA: 0812…`, `Hp. 0812…`.
fn without_label(text: &str) -> &str {
    const LABELS: &[&str] = &[
        "wa",
        "whatsapp",
        "hp",
        "handphone",
        "telp",
        "telepon",
        "tlp",
        "tel",
        "phone",
        "mobile",
        "p",
        "t",
        "m",
        "h",
        "no",
        "nomor",
    ];
    let end = text
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if !LABELS.iter().any(|label| label.eq_ignore_ascii_case(word)) {
        return text;
    }
    let rest = rest.trim_start_matches(|c: char| matches!(c, ':' | '.' | '-') || c.is_whitespace());
    if !rest.contains(|c: char| c.is_ascii_digit()) {
        return text;
    }
    // `No. HP 0812…`
    without_label(rest)
}

/// Whether the number is followed by digits that must not be joined to it: a range (`5551234-5`), a footnote (`0812… 2)`), a
/// second number, or a part in brackets that is not an area code.
fn has_more(core: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    if let Some(open) = core.rfind(['(', '[']) {
        // `(021) 555…` and `+62 (0)812…`
        let before = digits(&core[..open]);
        if before > 4 && digits(&core[open..]) > 0 {
            return true;
        }
    }
    let end = core.trim_end_matches(|c: char| !c.is_ascii_digit());
    let Some(gap) = end.rfind(|c: char| !c.is_ascii_digit()) else {
        return false;
    };
    let gap_width = end[gap..].chars().next().map_or(1, char::len_utf8);
    let last = digits(&end[gap + gap_width..]);
    let before = digits(&end[..gap]);
    if before < 7 || last > 2 {
        return false;
    }
    let groups: Vec<usize> = end
        .split(|c: char| !c.is_ascii_digit())
        .map(str::len)
        .filter(|length| *length > 0)
        .collect();
    if last == 1 {
        // `0 8 1 2 …` is spelt.
        return !groups.iter().all(|length| *length == 1);
    }
    let after_dash =
        end[gap..].trim_start().starts_with(is_dash) || end[..gap].trim_end().ends_with(is_dash);
    after_dash && !ends_in_a_group(end, before, &groups)
}

/// `05-01-2027`, `2027.1.5`: as many digits as a short number of a fixed line, but a date.
fn is_a_day(core: &str) -> bool {
    let mut lengths = core.split(['-', '.', '/']).map(|group| {
        let is_number = group.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { group.len() } else { 0 }
    });
    let groups = [
        lengths.next(),
        lengths.next(),
        lengths.next(),
        lengths.next(),
    ];
    matches!(
        groups,
        [Some(1..=2), Some(1..=2), Some(4), None] | [Some(4), Some(1..=2), Some(1..=2), None]
    )
}

/// Whether two digits after a dash continue the number: it is written in pairs, or in groups between equal dashes, the
/// last of which completes a mobile number (`08-1234-5678-90`). In a range, the number before the dash is complete.
fn ends_in_a_group(text: &str, before: usize, groups: &[usize]) -> bool {
    let pairs = groups.iter().filter(|length| **length == 2).count();
    if pairs >= 3 {
        return true;
    }
    let number = text.trim_start_matches('+');
    let mut signs = number.chars().filter(|c| !c.is_ascii_digit());
    let sign = signs.next();
    if !signs.all(|other| Some(other) == sign) {
        return false;
    }
    if matches!(groups, [.., 2, 2]) {
        return true;
    }
    let digits: Vec<u8> = number.bytes().filter(u8::is_ascii_digit).collect();
    let national = prefix(&digits).unwrap_or_default();
    let is_mobile = digits.get(national) == Some(&b'8');
    is_mobile && groups.len() >= 4 && before - national < SHORTEST_USUAL_MOBILE
}

/// National digits: some old numbers have nine, but hardly any that is issued today.
const SHORTEST_USUAL_MOBILE: usize = 10;

/// Hyphens, dashes and the minus sign, because programs replace one by another.
fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// The number with blanks instead of slashes or commas between its groups: `021/5551234`, `0812/3456/7890`. `None` if it
/// has none, or if one of the parts may itself be a number.
fn grouped_by_slashes(core: &str) -> Option<String> {
    let sign = core.find(['/', ',']).map(|at| &core[at..=at])?;
    let parts: Vec<&str> = core.split(sign).map(str::trim).collect();
    if !parts.iter().all(|part| {
        !part.is_empty()
            && part
                .trim_start_matches('+')
                .bytes()
                .all(|byte| byte.is_ascii_digit())
    }) {
        return None;
    }
    let is_one = match parts.as_slice() {
        [area, number] => {
            sign == "/"
                && area.starts_with('0')
                && (3..=4).contains(&area.len())
                && (5..=9).contains(&number.len())
                && !number.starts_with('0')
        }
        // Groups of a date have two digits.
        parts => parts.iter().all(|part| (3..=5).contains(&part.len())),
    };
    is_one.then(|| parts.join(" "))
}

fn several_or_letters(core: &str) -> ValueError {
    if core.contains(char::is_alphabetic) {
        ValueError::PhoneWithLetters
    } else {
        ValueError::SeveralPhones
    }
}

/// Personal data: only its end may appear in logs.
impl fmt::Debug for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        write!(f, "PhoneNumber(…{})", &text[text.len().saturating_sub(3)..])
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for PhoneNumber {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brings_numbers_to_e164() {
        for (raw, expected) in [
            ("081234567890", "+6281234567890"),
            ("81234567891", "+6281234567891"),
            ("+62 812-3456-7892", "+6281234567892"),
            ("62812345678970", "+62812345678970"),
            ("6281234567890", "+6281234567890"),
            ("62081234567890", "+6281234567890"),
            ("+62 (0)812 3456 7890", "+6281234567890"),
            ("0812345678", "+62812345678"),
            ("'081234567890", "+6281234567890"),
            ("=\"081234567890\"", "+6281234567890"),
            ("81234567890.0", "+6281234567890"),
            ("(021) 5551234", "+62215551234"),
            ("(021) 555-1234", "+62215551234"),
            ("WA: 081234567890", "+6281234567890"),
            ("p:081234567890", "+6281234567890"),
            ("No. HP 0812-3456-7890", "+6281234567890"),
            ("08 12 34 56 78 90", "+6281234567890"),
            ("0812 345 678 90", "+6281234567890"),
            ("\u{202A}+6281234567890\u{202C}", "+6281234567890"),
            ("0812\u{2011}3456\u{A0}7890", "+6281234567890"),
            ("08-1234-5678-90", "+6281234567890"),
            ("0812-345-678-90", "+6281234567890"),
            ("+62-812-345-678-90", "+6281234567890"),
            ("0812-34-56-78-90", "+6281234567890"),
            ("021-555-12-34", "+62215551234"),
            ("0812_3456_7890", "+6281234567890"),
            ("0812 · 3456 · 7890", "+6281234567890"),
            ("0812—3456−7890", "+6281234567890"),
            ("0812/3456/7890", "+6281234567890"),
            ("0812,3456,7890", "+6281234567890"),
            ("021/5551234", "+62215551234"),
            ("0 8 1 2 3 4 5 6 7 8 9 0", "+6281234567890"),
            (
                "\u{FF10}\u{FF18}\u{FF11}\u{FF12}－3456－7890",
                "+6281234567890",
            ),
            ("\u{660}\u{668}\u{661}\u{662}34567890", "+6281234567890"),
            ("+966 50 123 4567", "+966501234567"),
            ("+60123456789", "+60123456789"),
        ] {
            assert_eq!(
                PhoneNumber::parse(raw)
                    .map(|phone| phone.as_str().to_owned())
                    .as_deref(),
                Ok(expected),
                "{raw:?}"
            );
            assert_eq!(PhoneNumber::parse(expected).unwrap().as_str(), expected);
            if let Some(national) = PhoneNumber::national_digits(raw) {
                assert_eq!(format!("+62{national}"), expected);
            }
        }
    }

    #[test]
    fn knows_the_national_digits_of_most_numbers() {
        for (raw, expected) in [
            ("081234567890", Some("81234567890")),
            ("81234567890", Some("81234567890")),
            ("6281234567890", Some("81234567890")),
            ("62081234567890", Some("81234567890")),
            ("0812-3456-7890", None),
            ("+6281234567890", None),
        ] {
            assert_eq!(PhoneNumber::national_digits(raw), expected, "{raw}");
        }
    }

    #[test]
    fn refuses_what_is_no_number_or_more_than_one() {
        for (raw, expected) in [
            ("", ValueError::Empty),
            ("12345", ValueError::Phone),
            ("0812", ValueError::Phone),
            ("0812?", ValueError::Phone),
            ("08123456789012345678", ValueError::Phone),
            ("084123456789", ValueError::Phone),
            ("5551234", ValueError::Phone),
            ("021-5551234-5", ValueError::SeveralPhones),
            ("0812-3456-7890 - 91", ValueError::SeveralPhones),
            ("0812345678-90", ValueError::SeveralPhones),
            ("0812-3456-7890-91", ValueError::SeveralPhones),
            ("021-5551234-35", ValueError::SeveralPhones),
            ("021-55512 34-35", ValueError::SeveralPhones),
            ("021-5551234/5", ValueError::SeveralPhones),
            ("0812/081234567890", ValueError::Phone),
            ("05/01/2027", ValueError::Phone),
            ("05-01-2027", ValueError::Phone),
            ("2027.1.5", ValueError::Phone),
            ("081234567890 2)", ValueError::SeveralPhones),
            ("081234567890 (2)", ValueError::SeveralPhones),
            ("08123456789 [1]", ValueError::SeveralPhones),
            ("(021) 5551234 ext 12", ValueError::PhoneWithLetters),
            ("081234567890\u{b9}", ValueError::Phone),
            ("+0812345678", ValueError::Phone),
            ("++62812345678", ValueError::Phone),
            ("08abc1234567", ValueError::PhoneWithLetters),
            ("telp", ValueError::PhoneWithLetters),
            ("0812 3456 7894 (istri)", ValueError::PhoneWithLetters),
            ("081234567890 / 081298765432", ValueError::SeveralPhones),
            ("081234567890, 081298765432", ValueError::SeveralPhones),
            ("6.28E+12", ValueError::ScientificNotation),
            ("6,28E+12", ValueError::ScientificNotation),
            ("########", ValueError::NarrowColumn),
        ] {
            assert_eq!(PhoneNumber::parse(raw), Err(expected), "{raw:?}");
            assert_eq!(PhoneNumber::national_digits(raw), None, "{raw:?}");
        }
    }
}
