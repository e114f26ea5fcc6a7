//! Whether a cell looks like a date or a time. A look, not a parse: 31/02/1970 is a date here.

use super::kind::Kind;

/// Dates, times, and both together.
pub(super) fn temporal(cell: &[u8]) -> Option<Kind> {
    let mut parts = [0usize; 4];
    let mut count = 0;
    // The date's numbers and the signs between them, up to a space, `T`, or the end.
    let split = cell
        .iter()
        .position(|b| matches!(b, b' ' | b'T'))
        .unwrap_or(cell.len());
    let (head, tail) = cell.split_at(split);
    if head
        .iter()
        .all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'/' | b'.'))
    {
        let mut sign = 0u8;
        let mut same = true;
        let mut length = 0usize;
        for &b in head {
            if b.is_ascii_digit() {
                length += 1;
            } else {
                if count < 3 {
                    parts[count] = length;
                }
                same &= sign == 0 || sign == b;
                (sign, length, count) = (b, 0, count + 1);
            }
        }
        if count == 2 && same {
            let date = matches!(
                (parts[0], parts[1], length),
                (1..=2, 1..=2, 2 | 4) | (4, 1..=2, 1..=2)
            );
            if date {
                let tail = tail.strip_prefix(b"T").unwrap_or(tail).trim_ascii();
                return if tail.is_empty() {
                    Some(Kind::Date)
                } else {
                    time(tail).then_some(Kind::DateTime)
                };
            }
        }
    }
    if time(cell) {
        return Some(Kind::Time);
    }
    worded_date(cell)
}

/// `10:15`, `10:15:00.5`, `10:15 PM`, `10:15:00+07:00`.
fn time(cell: &[u8]) -> bool {
    let end = cell
        .iter()
        .position(|b| matches!(b, b' ' | b'+' | b'Z' | b'z' | b'a' | b'p' | b'A' | b'P'))
        .unwrap_or(cell.len());
    let end = cell
        .iter()
        .skip(5)
        .position(|&b| b == b'-')
        .map_or(end, |minus| end.min(minus + 5));
    let (clock, zone) = cell.split_at(end);
    let mut fields = clock.split(|&b| b == b':');
    let two = |f: Option<&[u8]>| {
        f.is_some_and(|f| matches!(f.len(), 1 | 2) && f.iter().all(u8::is_ascii_digit))
    };
    if !two(fields.next()) || !two(fields.next()) {
        return false;
    }
    let seconds = fields.next().is_none_or(|f| {
        f.len() >= 2
            && f[..2].iter().all(u8::is_ascii_digit)
            && f[2..]
                .iter()
                .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
    });
    seconds && fields.next().is_none() && zone.len() <= 8
}

/// `5 Mei 1990`, `05-Jan-99`, `January 5, 2020`, `1 Juni 2027`.
fn worded_date(cell: &[u8]) -> Option<Kind> {
    if cell.len() < 6 {
        return None;
    }
    let (mut words, mut numbers, mut year) = (0, 0, false);
    for part in cell
        .split(|b| matches!(b, b' ' | b'-' | b'/' | b',' | b'.'))
        .filter(|p| !p.is_empty())
    {
        if part.iter().all(u8::is_ascii_digit) {
            numbers += 1;
            year |= part.len() == 4 || part.len() == 2;
            if part.len() > 4 {
                return None;
            }
        } else if part.len() >= 3 && part.len() <= 12 && is_month(part) {
            words += 1;
        } else {
            return None;
        }
    }
    (words == 1 && (numbers == 2 || numbers == 1) && year).then_some(Kind::Date)
}

fn is_month(word: &[u8]) -> bool {
    const MONTHS: [&[u8; 3]; 28] = [
        b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov",
        b"dec", b"mei", b"agu", b"ags", b"okt", b"des", b"nop", b"mrz", b"mai", b"dez", b"ene",
        b"abr", b"ago", b"dic", b"fev", b"avr", b"jui",
    ];
    word.get(..3)
        .is_some_and(|start| MONTHS.iter().any(|m| m.eq_ignore_ascii_case(start)))
}
