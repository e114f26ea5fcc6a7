//! E-mail addresses: the shape that mail servers on the internet accept, compared and kept in lower case.

use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer};

use super::{ValueError, clean};

/// An e-mail address in lower case: two spellings of one mailbox must not become two persons.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longest address that SMTP allows (RFC 5321, errata 1690).
    pub const MAX_CHARS: usize = 254;

    /// The normal form of `raw`, without allocating if nothing changes.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Email`].
    pub fn normalise(raw: &str) -> Result<Cow<'_, str>, ValueError> {
        if is_usual(raw.as_bytes()) {
            return Ok(Cow::Borrowed(raw));
        }
        // An address needs no cleaning, so most texts need no other check.
        let text = if is_address(raw) {
            Cow::Borrowed(raw)
        } else {
            let text = clean(raw);
            if text.is_empty() {
                return Err(ValueError::Empty);
            }
            if !is_address(&text) {
                return Err(ValueError::Email);
            }
            text
        };
        let capital = text
            .bytes()
            .fold(false, |found, byte| found | byte.is_ascii_uppercase());
        if capital {
            return Ok(Cow::Owned(text.to_ascii_lowercase()));
        }
        Ok(text)
    }

    /// Reads `raw`.
    ///
    /// # Errors
    /// As for [`Self::normalise`].
    pub fn parse(raw: &str) -> Result<Self, ValueError> {
        Self::normalise(raw).map(|text| Self(text.into_owned()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address itself.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

/// Whether this is an address in the form that is stored: lower-case letters, digits and `_-`, of ordinary length, as nearly
/// all are. Checks eight bytes at a time. An address that this does not recognise may still be valid.
fn is_usual(bytes: &[u8]) -> bool {
    let (Some(end), 8..=64) = (bytes.last_chunk(), bytes.len()) else {
        return false;
    };
    let mut seen = Seen::default();
    for (number, word) in bytes.as_chunks().0.iter().enumerate() {
        seen.look_at(*word, 8 * number);
    }
    // Some bytes are checked twice.
    seen.look_at(*end, bytes.len() - 8);
    seen.is_address(bytes)
}

/// Which characters are where in a text of up to 64 bytes: a bit for each byte.
#[derive(Default)]
struct Seen {
    ats: u64,
    points: u64,
    joints: u64,
    unknown: u64,
}

impl Seen {
    #[inline]
    fn look_at(&mut self, word: [u8; 8], at: usize) {
        const EACH: u64 = 0x0101_0101_0101_0101;
        const HIGH: u64 = EACH * 0x80;
        let word = u64::from_le_bytes(word);
        // Each sets the highest bit of the matching bytes; bytes beyond ASCII, which would interfere, count as unknown.
        let within = |first: u8, last: u8| {
            let from_first = (word & !HIGH) + EACH * u64::from(0x80 - first);
            let behind_last = (word & !HIGH) + EACH * u64::from(0x7F - last);
            from_first & !behind_last & HIGH
        };
        let is = |byte: u8| !(((word & !HIGH) ^ (EACH * u64::from(byte))) + EACH * 0x7F) & HIGH;
        // Collects the highest bits.
        let gather = |bits: u64| ((bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << at;
        let (ats, points, joints) = (is(b'@'), is(b'.'), is(b'-') | is(b'_'));
        let letters = within(b'a', b'z') | within(b'0', b'9');
        self.ats |= gather(ats);
        self.points |= gather(points);
        self.joints |= gather(joints);
        self.unknown |= (word & HIGH) | !(letters | ats | points | joints) & HIGH;
    }

    /// Applies the rules of [`is_local_part`] and [`is_domain`], which accept more.
    fn is_address(&self, bytes: &[u8]) -> bool {
        let domain = !(self.ats << 1).wrapping_sub(1);
        // No two of them adjacent, none at an end: no part and no label is empty.
        let edges = self.ats | self.points;
        let ends = 1 | 1 << (bytes.len() - 1);
        let sound = edges & (edges << 1 | ends) == 0;
        let last_point = (self.points & domain).checked_ilog2();
        self.unknown == 0
            && self.ats.is_power_of_two()
            && sound
            && self.joints & domain == 0
            && last_point.is_some_and(|point| {
                let kind = &bytes[point as usize + 1..];
                kind.len() >= 2 && kind[0].is_ascii_alphabetic()
            })
    }
}

fn is_address(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() <= EmailAddress::MAX_CHARS
        && bytes
            .iter()
            .position(|&byte| byte == b'@')
            .is_some_and(|at| is_local_part(&bytes[..at]) && is_domain(&bytes[at + 1..]))
}

fn is_local_part(local: &[u8]) -> bool {
    let known = local
        .iter()
        .fold(true, |known, &byte| known & LOCAL[usize::from(byte)]);
    let dots = |pair: &[u8]| pair == b"..";
    known
        && (1..=64).contains(&local.len())
        && local[0] != b'.'
        && local[local.len() - 1] != b'.'
        && !(local.contains(&b'.') && local.windows(2).any(dots))
}

/// The characters that are allowed before the `@`: letters, digits, the signs of RFC 5322's atoms, and points between
/// them.
const LOCAL: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = matches!(byte, 0x30..=0x39 | 0x41..=0x5A | 0x61..=0x7A);
        byte += 1;
    }
    let signs = b"!#$%&'*+-/=?^_`{|}~.";
    let mut index = 0;
    while index < signs.len() {
        table[signs[index] as usize] = true;
        index += 1;
    }
    table
};

/// Whether there are at least two labels of 1 to 63 letters, digits and hyphens, without a hyphen at an end. The last is
/// a top-level domain, perhaps an encoded one: never one character, never a number.
fn is_domain(domain: &[u8]) -> bool {
    let mut labels = 0;
    let mut start = 0;
    for end in 0..=domain.len() {
        match domain.get(end) {
            None | Some(b'.') => {
                let label = &domain[start..end];
                if !(1..=63).contains(&label.len())
                    || label[0] == b'-'
                    || label[label.len() - 1] == b'-'
                {
                    return false;
                }
                labels += 1;
                start = end + 1;
            }
            Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'-' => {}
            Some(_) => return false,
        }
    }
    let last = domain
        .rsplit(|&byte| byte == b'.')
        .next()
        .unwrap_or_default();
    labels >= 2 && last.len() >= 2 && last[0].is_ascii_alphabetic()
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_nothing_for_usual_that_is_no_address() {
        let mut usual = 0;
        for plain in [
            "ab@cd.ef",
            "budi.s_a-n@mail.example.id",
            "x.1234567890123456@example.com",
        ] {
            for first in 0..plain.len() {
                for second in 0..plain.len() {
                    for (a, b) in [
                        ('.', '@'),
                        ('-', '.'),
                        ('@', 'x'),
                        ('9', '.'),
                        ('.', '.'),
                        ('é', '_'),
                        ('A', '!'),
                    ] {
                        let swap = |(at, letter)| match at {
                            _ if at == first => a,
                            _ if at == second => b,
                            _ => letter,
                        };
                        let text: String = plain.chars().enumerate().map(swap).collect();
                        if is_usual(text.as_bytes()) {
                            usual += 1;
                            assert!(is_address(&text), "{text}");
                            assert_eq!(text, text.to_ascii_lowercase());
                        }
                    }
                }
            }
            assert!(is_usual(plain.as_bytes()), "{plain}");
        }
        assert!(usual > 1_000, "{usual}");
    }

    #[test]
    fn reads_addresses() {
        for (raw, expected) in [
            ("ahmad@email.com", Some("ahmad@email.com")),
            (" KARTINI@EXAMPLE.COM ", Some("kartini@example.com")),
            (
                "a.b+umroh@mail.example.co.id",
                Some("a.b+umroh@mail.example.co.id"),
            ),
            ("o'neil@example.com", Some("o'neil@example.com")),
            ("x@xn--bcher-kva.xn--p1ai", Some("x@xn--bcher-kva.xn--p1ai")),
            ("ahmad@email", None),
            ("budi@", None),
            ("@example.com", None),
            ("siti.example.com", None),
            ("a b@example.com", None),
            ("x@@example.com", None),
            ("x@.com", None),
            ("x@example..com", None),
            ("x@-example.com", None),
            (".x@example.com", None),
            ("x.@example.com", None),
            ("a@b.com;c@d.com", None),
            ("a@b.com, c@d.com", None),
            ("sítí@example.com", None),
            ("x@example.c", None),
            ("x@192.168.1.1", None),
            ("x@example.com\0", None),
        ] {
            assert_eq!(
                EmailAddress::normalise(raw).ok().as_deref(),
                expected,
                "{raw:?}"
            );
        }
        assert_eq!(EmailAddress::parse("  "), Err(ValueError::Empty));
        assert!(matches!(
            EmailAddress::normalise("budi@example.com"),
            Ok(Cow::Borrowed(_))
        ));
    }
}
