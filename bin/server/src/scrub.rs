//! What looks like a token is removed from a text before it leaves the process, in a log line or in a span.

use std::borrow::Cow;

/// The first letters of every JWT, `{"` in Base64: plain, encoded in Base64 a second time, and in hexadecimal.
const BEGINNINGS: [&str; 4] = ["eyJ", "ZXlK", "65794a", "65794A"];

/// Replaces a token.
const STRUCK_OUT: &str = "[token]";

/// Replaces access tokens, which are recognised by their beginning, and refresh tokens, which are 64 hexadecimal digits.
pub(crate) fn scrub(text: &str) -> Cow<'_, str> {
    /// Shorter than any token, and longer than a word that begins like one by chance.
    const SHORTEST: usize = 20;
    const REFRESH_TOKEN: usize = 64;
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.%+/=".contains(letter);
    let mut scrubbed = String::new();
    let mut copied = 0;
    let mut from = 0;
    while let Some(begin) = text[from..].find(is_part).map(|offset| from + offset) {
        let end = text[begin..]
            .find(|letter| !is_part(letter))
            .map_or(text.len(), |offset| begin + offset);
        let word = &text[begin..end];
        let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let token = if word.len() == REFRESH_TOKEN && is_hex {
            Some(begin)
        } else {
            let first = BEGINNINGS.iter().filter_map(|start| word.find(start)).min();
            first
                .filter(|first| word.len() - first >= SHORTEST)
                .map(|first| begin + first)
        };
        if let Some(token) = token {
            scrubbed.push_str(&text[copied..token]);
            scrubbed.push_str(STRUCK_OUT);
            copied = end;
        }
        from = end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    scrubbed.push_str(&text[copied..]);
    Cow::Owned(scrubbed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_struck_out_of_every_line_and_nothing_else() {
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJoaWpyYWgifQ.c2lnbmF0dXJl";
        let hex = "65794a306558416901234567890123456789";
        let refresh = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for (line, expected) in [
            (
                format!("path=/ws/{token} status=404\n"),
                "path=/ws/[token] status=404\n",
            ),
            (format!("got b\"token={token}\""), "got b\"token=[token]\""),
            (
                format!("Bearer {token}, again {token}"),
                "Bearer [token], again [token]",
            ),
            (format!("bytes {hex} came"), "bytes [token] came"),
            (format!("refresh {refresh}"), "refresh [token]"),
        ] {
            assert_eq!(scrub(&line), expected);
        }
        for line in [
            "finished import job.id=01939f4e-5b2c-7c3d-8e4f-5a6b7c8d9e0f rows=150\n",
            "an eyJ by chance",
            "",
        ] {
            assert_eq!(scrub(line), line);
        }
    }
}
