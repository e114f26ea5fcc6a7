//! E-mail addresses: the shape that mail servers on the internet accept, compared and kept in lower case.

use std::{borrow::Cow, fmt};

use serde::{Serialize, Serializer};

use super::{ValueError, clean};

/// An e-mail address in lower case: two spellings of one mailbox must not be two persons.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// Longest address that SMTP carries (RFC 5321, errata 1690).
    pub const MAX_CHARS: usize = 254;

    /// The address that `raw` stands for, without allocating where nothing changes.
    ///
    /// # Errors
    /// [`ValueError::Empty`] or [`ValueError::Email`].
    pub fn normalise(raw: &str) -> Result<Cow<'_, str>, ValueError> {
        // An address has nothing to be cleaned of: most texts need no other look.
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
    /// As [`Self::normalise`].
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

/// What may stand before the `@`: letters, digits, the signs of RFC 5322's atoms, and points between them.
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

/// At least two labels of 1 to 63 letters, digits and hyphens, no hyphen at an end. The last names a country or a kind, or is
/// an encoded one: never one character, never a number.
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
