//! Cleans text of what was not typed on purpose: invisible characters, HTML entities, and what spreadsheets do to cells
//! when they write CSV. Only what lost nothing is repaired; visible letters do not change. Texts that identify a person,
//! numbers and e-mail addresses, are judged by their form. The last part is text in the forms in which it is compared,
//! which are never stored: without case for words, keys and aliases, and by its letters for headers.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use wide::u8x16;

use crate::issue::{IssueCode, Problem};

/// Whether a character is an invisible remnant of copying: zero-width, bidi marks, byte order marks, soft hyphens.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206F}' | '\u{FEFF}')
}

/// The cleaned text: NFC, without invisible and control characters, runs of white space as one space, trimmed. With
/// `multiline`, line breaks stay, as `\n`. Borrows the text if nothing is to be done, else uses `scratch`.
#[inline]
pub(crate) fn clean<'a>(raw: &'a str, multiline: bool, scratch: &'a mut String) -> &'a str {
    let trimmed = raw.trim_ascii();
    if is_plain(trimmed.as_bytes()) {
        return trimmed;
    }
    if is_latin(trimmed.as_bytes()) {
        return trimmed;
    }
    rewrite(trimmed, multiline, scratch);
    scratch
}

/// Whether a text is printable ASCII without two spaces in a row, and without the `&` of an entity, as most cells are.
/// Cheapest for a whole record at once.
#[inline]
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    let (Some((last, front)), Some((_, behind))) = (bytes.split_last(), bytes.split_first()) else {
        return true;
    };
    let (Some(end), Some(behind_end)) = (front.last_chunk(), behind.last_chunk()) else {
        return is_plain_short(bytes);
    };
    // Some bytes are checked twice.
    let mut plain = are_plain(end, behind_end);
    for (bytes, behind) in front.as_chunks().0.iter().zip(behind.as_chunks().0) {
        plain &= are_plain(bytes, behind);
    }
    plain.all() & is_usual(*last)
}

/// Bytes checked at once.
const LANES: usize = 16;

/// Compares bytes with their successors; sets all bits of those that are plain.
#[inline]
fn are_plain(bytes: &[u8; LANES], behind: &[u8; LANES]) -> u8x16 {
    const FIRST: u8 = b' ';
    const LAST: u8 = b'~';
    let (bytes, behind) = (u8x16::new(*bytes), u8x16::new(*behind));
    let place = bytes - u8x16::splat(FIRST);
    let printable = place.min(u8x16::splat(LAST - FIRST)).simd_eq(place);
    // No two other printable bytes combine to exactly the bits of a blank.
    let blanks = (bytes | behind).simd_eq(u8x16::splat(b' '));
    printable & !(blanks | bytes.simd_eq(u8x16::splat(b'&')))
}

/// The same for a text of up to one byte more than that, padded with bytes that change nothing: a loop over the bytes of
/// a short text takes several times as long.
fn is_plain_short(bytes: &[u8]) -> bool {
    let mut padded = [b'x'; LANES + 1];
    let Some(front) = padded.get_mut(..bytes.len()) else {
        return false;
    };
    front.copy_from_slice(bytes);
    match (padded.first_chunk(), padded.last_chunk()) {
        (Some(bytes), Some(behind)) => are_plain(bytes, behind).all(),
        _ => false,
    }
}

/// Whether a UTF-8 text is plain except for composed Western European letters: neither normalisation nor cleaning changes
/// them. All of them, U+00C0 to U+00FF, begin with the same byte.
fn is_latin(bytes: &[u8]) -> bool {
    const FIRST: u8 = 0xC3;
    let is_part = |byte: u8| byte == FIRST || (0x80..0xC0).contains(&byte);
    let next = bytes.iter().skip(1).chain(b"x");
    let odd = bytes.iter().zip(next).fold(0, |odd, (byte, next)| {
        odd | u8::from(!is_usual(*byte) & !is_part(*byte)) | u8::from(byte | next == b' ')
    });
    odd == 0
}

#[inline]
fn is_usual(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && byte != b'&'
}

/// The cleaned text of a cell whose record [is plain](is_plain).
#[inline]
pub(crate) fn clean_plain(raw: &str) -> &str {
    match raw.as_bytes() {
        [b' ', ..] | [.., b' '] => raw.trim_ascii(),
        _ => raw,
    }
}

#[cold]
fn rewrite(text: &str, multiline: bool, out: &mut String) {
    out.clear();
    if is_nfc_quick(text.chars()) == IsNormalized::Yes {
        collapse(text.chars(), multiline, out);
    } else {
        collapse(text.nfc(), multiline, out);
    }
}

fn collapse(chars: impl Iterator<Item = char>, multiline: bool, out: &mut String) {
    let mut gap = "";
    let mut after_return = false;
    let mut breaks = 0_usize;
    for c in chars {
        let continues_break = std::mem::replace(&mut after_return, c == '\r') && c == '\n';
        if is_invisible(c) || continues_break {
            continue;
        }
        if multiline && (c == '\n' || c == '\r') {
            breaks += 1;
        } else if c.is_whitespace() {
            gap = " ";
        } else if !c.is_control() {
            if !out.is_empty() {
                match breaks {
                    0 => out.push_str(gap),
                    _ => out.extend(std::iter::repeat_n('\n', breaks)),
                }
            }
            (gap, breaks) = ("", 0);
            out.push(c);
        }
    }
}

/// A number's text in ASCII, if it has full-width characters, as East Asian keyboards write them, or Arabic or Persian
/// digits, which mean the same.
#[cold]
pub(crate) fn narrowed(text: &str) -> Option<String> {
    const WIDTH: u32 = '\u{FF01}' as u32 - '!' as u32;
    let narrow = |c: char| {
        let code = u32::from(c);
        let ascii = match c {
            '\u{FF01}'..='\u{FF5E}' => code - WIDTH,
            '\u{660}'..='\u{669}' => code - 0x660 + u32::from(b'0'),
            '\u{6F0}'..='\u{6F9}' => code - 0x6F0 + u32::from(b'0'),
            '\u{3000}' => u32::from(b' '),
            _ => return None,
        };
        char::from_u32(ascii)
    };
    text.contains(|c| narrow(c).is_some())
        .then(|| text.chars().map(|c| narrow(c).unwrap_or(c)).collect())
}

/// The number of characters; for ASCII as fast as counting bytes.
#[inline]
pub(crate) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// Whether UTF-8 was once read as Windows-1252: `Nuâ€™man`, `RenÃ©e`.
pub(crate) fn is_mojibake(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find(['\u{c3}', '\u{c2}', '\u{e2}']) {
        let mut chars = rest[at..].chars();
        let (lead, next) = (chars.next(), chars.next());
        // A continuation byte as Windows-1252 shows it, which is never a letter that follows these in a name.
        let garbled = matches!(
            (lead, next),
            (
                Some('\u{c3}' | '\u{c2}'),
                Some('\u{80}'..='\u{bf}' | '\u{20ac}' | '\u{2018}'..='\u{203a}')
            ) | (Some('\u{e2}'), Some('\u{20ac}'))
        );
        if garbled {
            return true;
        }
        rest = &rest[at + lead.map_or(1, char::len_utf8)..];
    }
    false
}

// HTML entities, which exports of databases and forms leave in text: `Nu&#39;man`, `Andi &amp; Anak`. They are decoded
// once, never twice.

/// The names that programs write when they escape a text for HTML.
const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("lsquo", '\u{2018}'),
    ("rsquo", '\u{2019}'),
    ("ldquo", '\u{201C}'),
    ("rdquo", '\u{201D}'),
    ("ndash", '\u{2013}'),
    ("mdash", '\u{2014}'),
    ("hellip", '\u{2026}'),
    ("aacute", 'á'),
    ("agrave", 'à'),
    ("eacute", 'é'),
    ("egrave", 'è'),
    ("iacute", 'í'),
    ("oacute", 'ó'),
    ("uacute", 'ú'),
    ("ccedil", 'ç'),
    ("ntilde", 'ñ'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
];

/// Longer names and numbers are not among these.
const LONGEST: usize = 8;

/// The text with its entities decoded, cleaned again; `None` if it has none. A `&` that does not begin an entity stays.
pub(crate) fn undone(text: &str) -> Option<String> {
    let mut rest = text;
    let mut out = String::new();
    while let Some(at) = rest.find('&') {
        let behind = &rest[at + 1..];
        let found = behind
            .bytes()
            .take(LONGEST + 1)
            .position(|byte| byte == b';')
            .and_then(|end| Some((entity(&behind[..end])?, end)));
        if let Some((c, end)) = found {
            out.push_str(&rest[..at]);
            out.push(c);
            rest = &behind[end + 1..];
        } else {
            out.push_str(&rest[..=at]);
            rest = behind;
        }
    }
    out.push_str(rest);
    if out == text {
        return None;
    }
    let mut tidy = String::with_capacity(out.len());
    Some(clean(&out, true, &mut tidy).to_owned())
}

/// Whether a text ends with an entity that lacks its `;`, which happens if `;` separates the cells: `Nu&#39`.
pub(crate) fn ends_cut(text: &str) -> bool {
    text.rsplit_once('&')
        .is_some_and(|(_, name)| name.len() <= LONGEST && entity(name).is_some())
}

/// The character of an entity, given without `&` and `;`. `None` for invisible characters.
fn entity(name: &str) -> Option<char> {
    let number = match name.strip_prefix('#') {
        None => {
            let known = NAMED.iter().find(|(known, _)| *known == name);
            return known.map(|(_, c)| *c);
        }
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
    };
    char::from_u32(number)
        .map(|c| if c == '\u{A0}' { ' ' } else { c })
        .filter(|c| !c.is_control())
}

// What spreadsheets do to cells when they write CSV, and how to recognise it. Only what lost nothing is repaired.

/// The damage that a spreadsheet did beyond repair, if any. For cells that should hold a number, a date or a code.
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

/// `########`, the export of a column too narrow for its number.
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
fn is_scientific(text: &str) -> bool {
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

/// `3175010505909000.`: a number of 16 digits or more from a workbook, which keeps 15 of them. Blanks and hyphens of its
/// format may separate the digits.
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

/// The content of `="0812"`, which keeps a spreadsheet from reading a number.
fn unwrap_formula(text: &str) -> &str {
    text.strip_prefix("=\"")
        .and_then(|inner| inner.strip_suffix('"'))
        .unwrap_or(text)
}

// Texts that identify a person: identity and account numbers, which are text and never calculated with, and e-mail
// addresses. Both are judged by their form alone.

/// The digits of a cell: `'123`, `'123'`, `="123"`, `123.0`, `12 34`, `12.34-56` cleaned. Borrows if nothing is to be
/// done.
pub(crate) fn digits<'a>(
    text: &'a str,
    (least, most): (usize, usize),
    scratch: &'a mut String,
) -> Result<&'a str, Problem> {
    let digits = if are_digits(text.as_bytes()) {
        text
    } else {
        if let Some(code) = damage(text) {
            return Err(Problem::new(code));
        }
        let inner = unwrap_formula(text).trim_matches(['\'', '\u{2018}', '\u{2019}']);
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

// Keeps a spreadsheet from running a cell as a formula, and removes that guard again.

/// A cell as it is written: preceded by one `'` if the cell begins, after any number of `'`, with `= + - @ TAB CR LF` or
/// with a full-width `＝ ＋ － ＠`, which a spreadsheet may treat alike.
///
/// Spreadsheets run such cells as formulas. [`unguard`] removes the `'` again, so nothing is lost.
///
/// ```
/// use import_engine::report::{guard, unguard};
///
/// assert_eq!(guard("+6281234567890"), "'+6281234567890");
/// assert_eq!(guard("'Aisyah"), "'Aisyah");
/// assert_eq!(guard("'=1+1"), "''=1+1");
/// assert_eq!(guard("＝1+1"), "'＝1+1");
/// assert_eq!(unguard(&guard("'=1+1")), "'=1+1");
/// ```
#[must_use]
pub fn guard(cell: &str) -> Cow<'_, str> {
    if is_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// A cell as it was before [`guard`]: without exactly one `'` where a guard may have put it.
///
/// ```
/// assert_eq!(import_engine::report::unguard("'-5"), "-5");
/// assert_eq!(import_engine::report::unguard("'Aisyah"), "'Aisyah");
/// ```
#[must_use]
pub fn unguard(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(inner) if is_formula(inner) => inner,
        _ => cell,
    }
}

/// A header without its guards, however many. A header is a name and not data, and is read again in every round of
/// correction: one guard more or less must not make it a different header.
pub(crate) fn unguard_header(header: &str) -> &str {
    if is_formula(header) {
        header.trim_start_matches('\'')
    } else {
        header
    }
}

/// Whether a spreadsheet could take the cell for a formula.
fn is_formula(cell: &str) -> bool {
    matches!(
        cell.trim_start_matches('\'').chars().next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    )
}

/// The text in lower case, trimmed, with runs of white space as one space, typographic quotes as straight ones, and every
/// dash as a hyphen.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(text, &mut out);
    out
}

/// Appends the folded text.
pub(crate) fn fold_into(text: &str, out: &mut String) {
    let begin = out.len();
    let mut gap = false;
    for c in text.chars() {
        if c.is_whitespace() {
            gap = true;
            continue;
        }
        if gap && out.len() > begin {
            out.push(' ');
        }
        gap = false;
        match c {
            '\u{2018}' | '\u{2019}' | '\u{201B}' | '\u{02BC}' | '`' | '\u{B4}' => out.push('\''),
            '\u{201C}' | '\u{201D}' | '\u{201E}' => out.push('"'),
            '\u{2010}'..='\u{2014}' => out.push('-'),
            _ if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            _ => out.extend(c.to_lowercase()),
        }
    }
}

/// Whether a cleaned text is the same when folded: ASCII without capitals and backticks. Checks eight bytes at a time.
#[inline]
pub(crate) fn is_folded(text: &str) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = EACH * 0x80;
    let odd = |word: u64| {
        let low = word & !HIGH;
        let from_a = low + EACH * (0x80 - 0x41);
        let behind_z = low + EACH * (0x80 - 0x5B);
        let other_than_tick = (low ^ (EACH * 0x60)) + EACH * 0x7F;
        (word | (from_a & !behind_z) | !other_than_tick) & HIGH
    };
    let bytes = text.as_bytes();
    let (words, rest) = bytes.as_chunks::<8>();
    let whole = words
        .iter()
        .fold(0, |found, word| found | odd(u64::from_le_bytes(*word)));
    let left = match bytes.last_chunk::<8>() {
        // Some bytes are checked twice.
        Some(last) => odd(u64::from_le_bytes(*last)),
        None => rest.iter().fold(0, |found, byte| {
            found | u64::from(!byte.is_ascii() || byte.is_ascii_uppercase() || *byte == b'`')
        }),
    };
    (whole | left) == 0
}

// When two headers are the same.

/// A header in the form in which it is compared: NFKC, lower case, without text in parentheses, `*` and invisible
/// characters, with `. _ / - : \` and white space as one space.
///
/// ```
/// use import_engine::recognise::normalise_header;
///
/// assert_eq!(normalise_header("\u{feff}  NIK_Jamaah * "), "nik jamaah");
/// assert_eq!(normalise_header("Tanggal Akhir  Visa (yyyy-mm-dd)"), "tanggal akhir visa");
/// assert_eq!(normalise_header("No. HP/WA"), "no hp wa");
/// ```
#[must_use]
pub fn normalise_header(header: &str) -> String {
    let mut out = String::with_capacity(header.len());
    let mut depth = 0_usize;
    let mut gap = false;
    for c in header.nfkc().flat_map(char::to_lowercase) {
        match c {
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            '*' => {}
            _ if is_invisible(c) => {}
            '.' | '_' | '/' | '-' | ':' | '\\' => gap = true,
            _ if c.is_whitespace() || c.is_control() => gap = true,
            _ => {
                if gap && !out.is_empty() {
                    out.push(' ');
                }
                gap = false;
                out.push(c);
            }
        }
    }
    // Only "(...)", or never closed: the whole text is better than nothing.
    if out.is_empty() && header.contains('(') {
        return normalise_header(&header.replace(['(', ')'], " "));
    }
    out
}

/// A header as it is shown and stored: without control characters, which a database need not accept, trimmed, and without
/// guards against formulas. Line breaks and tabs within it stay.
pub(crate) fn header_text(raw: &str) -> String {
    let kept = |c: &char| !c.is_control() || matches!(c, '\t' | '\n' | '\r');
    let text: String = raw.chars().filter(kept).collect();
    unguard_header(text.trim().trim_matches('\u{FEFF}')).to_owned()
}

#[cfg(test)]
mod entities_tests {
    use super::*;

    #[test]
    fn undoes_what_pages_need_and_nothing_else() {
        for (text, expected) in [
            ("Nu&#39;man", Some("Nu'man")),
            ("Nu&#x27;man", Some("Nu'man")),
            ("Andi &amp; Anak", Some("Andi & Anak")),
            ("&lt;b&gt;", Some("<b>")),
            ("Siti&nbsp;&nbsp;Aminah&nbsp;", Some("Siti Aminah")),
            ("Ren&eacute;e", Some("Renée")),
            ("&amp;amp;", Some("&amp;")),
            ("A & B; C", None),
            ("A&B", None),
            ("&;", None),
            ("&#0;x", None),
            ("&unknown;", None),
            ("&#99999999;", None),
            ("&é;", None),
        ] {
            assert_eq!(undone(text).as_deref(), expected, "{text}");
        }
    }
}

#[cfg(test)]
mod excel_tests {
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

#[cfg(test)]
mod identifier_tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, IssueCode>) {
        let mut scratch = String::new();
        assert_eq!(
            digits(text, (16, 16), &mut scratch).map_err(|problem| problem.code()),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, multiline: bool, expected: &str) {
        assert_eq!(
            clean(raw, multiline, &mut String::new()),
            expected,
            "{raw:?}"
        );
    }

    #[test]
    fn cleans_what_nobody_typed_on_purpose() {
        check("  Ahmad  Rizki ", false, "Ahmad Rizki");
        check("Ahmad\u{a0}\u{202f}Rizki", false, "Ahmad Rizki");
        check("\u{feff}Ahmad\u{200b}", false, "Ahmad");
        check("Rene\u{301}e", false, "Renée");
        check("a\r\nb", false, "a b");
        check("a \r\n\r\n b\rc", true, "a\n\nb\nc");
        check("tab\there", true, "tab here");
        check("Nu’man", false, "Nu’man");
        check("'Aisyah", false, "'Aisyah");
        check("\u{a0}", false, "");
    }

    #[test]
    fn what_is_taken_for_clean_by_its_bytes_is_not_changed_by_a_look_at_its_letters() {
        const LETTERS: [char; 16] = [
            'a', ' ', '-', '&', '\n', '\u{7f}', '\0', 'é', 'À', 'ÿ', '\u{a0}', '\u{ad}', '\u{301}',
            '\u{200b}', 'ń', '’',
        ];
        let mut taken = 0;
        for number in 0..LETTERS.len().pow(4) {
            let letter = |place: u32| LETTERS[number / LETTERS.len().pow(place) % LETTERS.len()];
            let text: String = (0..4).map(letter).collect();
            let (trimmed, mut rewritten) = (text.trim_ascii(), String::new());
            if is_plain(trimmed.as_bytes()) || is_latin(trimmed.as_bytes()) {
                rewrite(trimmed, false, &mut rewritten);
                assert_eq!(trimmed, rewritten);
                taken += 1;
            }
        }
        assert!(taken > 1_000, "{taken}");
    }

    #[test]
    fn knows_plain_text_wherever_it_is_not() {
        let simple = |bytes: &[u8]| {
            bytes
                .iter()
                .all(|byte| (0x20..0x7f).contains(byte) && *byte != b'&')
                && !bytes.windows(2).any(|pair| pair == b"  ")
        };
        for length in 0..70 {
            let plain: Vec<u8> = (0..length).map(|at| b"a z~A!"[at % 6]).collect();
            for at in 0..length {
                for byte in 0..=255 {
                    let mut bytes = plain.clone();
                    bytes[at] = byte;
                    assert_eq!(is_plain(&bytes), simple(&bytes), "{bytes:?}");
                }
            }
            assert!(is_plain(&plain));
        }
    }

    #[test]
    fn knows_text_that_was_decoded_wrongly() {
        for text in ["Nuâ€™man", "RenÃ©e", "10Â°"] {
            assert!(is_mojibake(text), "{text}");
        }
        for text in ["Renée", "Ângela", "SÃO", "â la", "Â"] {
            assert!(!is_mojibake(text), "{text}");
        }
    }

    #[test]
    fn knows_what_folding_leaves_alone() {
        for length in 0..30 {
            let plain: String = "a0z{@[ ~".chars().cycle().take(length).collect();
            assert!(is_folded(&plain), "{plain}");
            for at in 0..length {
                for odd in ["A", "M", "Z", "`", "é"] {
                    let text = format!("{}{odd}{}", &plain[..at], &plain[at + 1..]);
                    assert!(!is_folded(&text), "{text}");
                }
            }
        }
    }
}
