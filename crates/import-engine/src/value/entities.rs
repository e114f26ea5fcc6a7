//! Entities of web pages, which exports of databases and forms leave in text: `Nu&#39;man`, `Andi &amp; Anak`. Undone once, never
//! twice.

/// The names that programs write when they make a text safe for a page.
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

/// Longer names and numbers are none of these.
const LONGEST: usize = 8;

/// The text without its entities, tidied again; `None` where it has none. A `&` that begins no entity stays.
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
    Some(super::text::clean(&out, true, &mut tidy).to_owned())
}

/// Whether a text ends with an entity that lacks its `;`, as where one separates the cells: `Nu&#39`.
pub(crate) fn ends_cut(text: &str) -> bool {
    text.rsplit_once('&')
        .is_some_and(|(_, name)| name.len() <= LONGEST && entity(name).is_some())
}

/// The character of an entity without its signs. None that cannot be seen.
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

#[cfg(test)]
mod tests {
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
