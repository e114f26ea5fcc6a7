//! Parses the file `.env` line by line. No library is used because those for it substitute `$x` in values, which truncates
//! passwords, and report a malformed line by its content instead of its number.

/// A variable of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Line, from 1.
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// What is wrong with a line. It never contains the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LineError {
    #[error("is not UTF-8 text")]
    Encoding,
    #[error("has a NUL character")]
    Nul,
    #[error("is not NAME=value")]
    NoName,
    #[error("has a quote that does not end in the line")]
    OpenQuote,
    #[error("continues after the closing quote")]
    AfterQuote,
    #[error("has a backslash before a character that needs none; write the value in single quotes")]
    Escape,
    #[error("has a space, a quote or a backslash in its value; write the value in single quotes")]
    NeedsQuotes,
    #[error(
        "has '${{', but variables are not substituted; write the value, in single quotes if '${{' belongs to it"
    )]
    Substitution,
}

/// The variables of the file in its order, or what is wrong with each malformed line.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Entry>, Vec<(usize, LineError)>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut entries = Vec::new();
    let mut broken = Vec::new();
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        match parse_line(line) {
            Ok(None) => {}
            Ok(Some((name, value))) => entries.push(Entry {
                line: index + 1,
                name,
                value,
            }),
            Err(error) => broken.push((index + 1, error)),
        }
    }
    if broken.is_empty() {
        Ok(entries)
    } else {
        Err(broken)
    }
}

fn parse_line(line: &[u8]) -> Result<Option<(String, String)>, LineError> {
    let line = std::str::from_utf8(line).map_err(|_| LineError::Encoding)?;
    if line.contains('\0') {
        return Err(LineError::Nul);
    }
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (name, value) = line.split_once('=').ok_or(LineError::NoName)?;
    let name = name.trim();
    let name = name.strip_prefix("export ").map_or(name, str::trim_start);
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    };
    if !is_name(name) {
        return Err(LineError::NoName);
    }
    let value = value.trim_start();
    let value = match value.chars().next() {
        Some('\'') => single_quoted(&value[1..])?,
        Some('"') => double_quoted(&value[1..])?,
        _ => unquoted(value)?,
    };
    Ok(Some((name.to_owned(), value)))
}

fn single_quoted(rest: &str) -> Result<String, LineError> {
    let (value, rest) = rest.split_once('\'').ok_or(LineError::OpenQuote)?;
    nothing_but_comment(rest)?;
    Ok(value.to_owned())
}

fn double_quoted(rest: &str) -> Result<String, LineError> {
    let mut value = String::new();
    let mut letters = rest.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                nothing_but_comment(&rest[at + 1..])?;
                return Ok(value);
            }
            '\\' => match letters.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, escaped @ ('\\' | '"' | '$' | '\''))) => value.push(escaped),
                Some(_) => return Err(LineError::Escape),
                None => return Err(LineError::OpenQuote),
            },
            '$' if rest[at..].starts_with("${") => return Err(LineError::Substitution),
            letter => value.push(letter),
        }
    }
    Err(LineError::OpenQuote)
}

/// Everything up to the end of the line or to ` #`, verbatim. Characters that other readers of such files would interpret (a
/// backslash, a quote, a space) are refused, so that a value never silently differs from what it means to them.
fn unquoted(rest: &str) -> Result<String, LineError> {
    let end = rest
        .char_indices()
        .find(|(at, letter)| {
            *letter == '#'
                && rest[..*at]
                    .chars()
                    .next_back()
                    .is_none_or(char::is_whitespace)
        })
        .map_or(rest.len(), |(at, _)| at);
    let value = rest[..end].trim_end();
    if value.contains("${") {
        return Err(LineError::Substitution);
    }
    if value.contains(|letter: char| letter.is_whitespace() || ['\\', '"', '\''].contains(&letter))
    {
        return Err(LineError::NeedsQuotes);
    }
    Ok(value.to_owned())
}

fn nothing_but_comment(rest: &str) -> Result<(), LineError> {
    let is_comment = rest.starts_with(char::is_whitespace) && rest.trim_start().starts_with('#');
    if rest.trim().is_empty() || is_comment {
        Ok(())
    } else {
        Err(LineError::AfterQuote)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_values_as_they_are_written() {
        for (line, expected) in [
            ("A=b", "b"),
            ("  export A = b  ", "b"),
            ("A=", ""),
            ("A= # nothing", ""),
            ("A=pa$word", "pa$word"),
            ("A=$HOME/x", "$HOME/x"),
            ("A=a#b", "a#b"),
            ("A=a #b", "a"),
            ("A=a=b==", "a=b=="),
            (
                "A='it is \\ \"$x\" ${y} #1'  # why",
                "it is \\ \"$x\" ${y} #1",
            ),
            (r#"A="a\"b\\c\$d$e\n""#, "a\"b\\c$d$e\n"),
            ("A=b\r", "b"),
        ] {
            let entries = parse(line.as_bytes()).unwrap();
            assert_eq!(entries[0].value, expected, "{line}");
        }
    }

    #[test]
    fn skips_a_byte_order_mark_blank_lines_and_comments() {
        let entries = parse(b"\xef\xbb\xbf# first\n\r\nPORT=1\n").unwrap();
        assert_eq!(entries[0].name, "PORT");
        assert_eq!(entries[0].line, 3);
        assert_eq!(entries.len(), 1);
    }

    #[test]
    fn names_each_broken_line_by_its_number() {
        for (line, expected) in [
            (&b"words"[..], LineError::NoName),
            (b"=x", LineError::NoName),
            (b"1A=x", LineError::NoName),
            (b"A B=x", LineError::NoName),
            (b"A=\"x", LineError::OpenQuote),
            (b"A='x", LineError::OpenQuote),
            (b"A='x'y", LineError::AfterQuote),
            (b"A=\"x\"y", LineError::AfterQuote),
            (b"A=\"\\d\"", LineError::Escape),
            (b"A=x y", LineError::NeedsQuotes),
            (b"A=x\\$y", LineError::NeedsQuotes),
            (b"A=x\"y", LineError::NeedsQuotes),
            (b"A=${B}", LineError::Substitution),
            (b"A=\"${B}\"", LineError::Substitution),
            (b"A=\xff", LineError::Encoding),
            (b"A=\0", LineError::Nul),
        ] {
            let text = [b"PORT=1\n", line, b"\nHOST=h"].concat();
            assert_eq!(parse(&text), Err(vec![(2, expected)]), "{line:?}");
        }
    }
}
