//! Texts whose lines are not the rows of a table: data and settings of programs, logs, chats, letters. Knows the beginning alone.

use super::Look;

/// Lines that must show it: fewer may be anything.
const LEAST_LINES: usize = 2;

/// Signs that stand between the cells of tables.
const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];

/// What a text is by its lines, in lower case; the last one may be cut.
pub(super) fn look(text: &str) -> Option<Look> {
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .collect();
    if lines.len() < LEAST_LINES {
        return None;
    }
    let is_remark = |line: &&&str| line.starts_with([';', '#']);
    let mut settings = lines.iter().skip_while(is_remark);
    if settings.next().is_some_and(|line| is_section(line))
        && settings.next().is_some_and(|line| is_setting(line))
    {
        return Some(Look::Ini);
    }
    if is_yaml(&lines) {
        return Some(Look::Yaml);
    }
    let logged = lines.iter().filter(|line| is_logged(line)).count();
    if logged > LEAST_LINES && logged * 2 > lines.len() {
        return Some(Look::Log);
    }
    lines
        .iter()
        .all(|line| is_sentence(line))
        .then_some(Look::Prose)
}

/// What stands at the head of messages, and what only those have that were sent.
const MAIL_HEADERS: [&str; 13] = [
    "return-path",
    "received",
    "delivered-to",
    "message-id",
    "to",
    "from",
    "date",
    "subject",
    "mime-version",
    "content-type",
    "reply-to",
    "cc",
    "snapshot-content-location",
];
const OF_SENT: std::ops::Range<usize> = 0..5;

/// The names in front of `:`, of all lines from the first on that are headers of a message.
fn mail_headers(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().skip_while(|line| line.starts_with("from "));
    let headers = lines.take_while(|line| !line.is_empty());
    headers
        .filter(|line| !line.starts_with([' ', '\t']))
        .map_while(|line| line.split_once(':').map(|(name, _)| name))
        .filter(|name| MAIL_HEADERS.contains(name))
}

/// Whether a text begins with headers of a message, as saved web pages do too.
pub(super) fn has_mail_headers(text: &str) -> bool {
    mail_headers(text).next().is_some()
}

/// Whether a text is a message that was sent.
pub(super) fn is_message(text: &str) -> bool {
    /// Headers that a table of names and values would hardly have by chance.
    const LEAST_HEADERS: usize = 3;
    mail_headers(text).count() >= LEAST_HEADERS
        && mail_headers(text).any(|name| MAIL_HEADERS[OF_SENT].contains(&name))
}

/// `[jamaah 1]`
fn is_section(line: &str) -> bool {
    let inner = line
        .strip_prefix('[')
        .and_then(|line| line.strip_suffix(']'));
    inner.is_some_and(|inner| !inner.contains(['[', ']', ',', ';', '\t']))
}

/// `nama = siti`
fn is_setting(line: &str) -> bool {
    let name = line.split_once('=').map(|(name, _)| name.trim());
    name.is_some_and(|name| !name.is_empty() && !name.contains(DELIMITERS))
}

/// Keys with something below them, or items of a list that are keys with values. Lines of `name: value` alone may be a table.
fn is_yaml(lines: &[&str]) -> bool {
    let is_key = |line: &str| {
        let line = line.trim_start().trim_start_matches("- ");
        let end = line.find(':');
        end.is_some_and(|end| {
            let (name, value) = line.split_at(end);
            let is_value = value.len() == 1 || value.starts_with(": ");
            is_value && !name.is_empty() && !name.contains(DELIMITERS)
        })
    };
    let is_marked = |line: &&str| {
        let line = line.trim_start();
        line.starts_with("- ") && is_key(line) || line.ends_with(':') && is_key(line)
    };
    let body = match lines {
        [first, body @ ..] if *first == "---" || first.starts_with("%yaml") => body,
        all => all,
    };
    // The last line may be cut.
    let whole = &body[..body.len().saturating_sub(1).max(1).min(body.len())];
    whole.len() > 1 && whole.iter().any(is_marked) && whole.iter().all(|line| is_key(line))
}

/// `[12/01/26 10.33] Siti: …`, `2026-01-05 10:33:12 INFO …`: a day and a time, then text without cells.
fn is_logged(line: &str) -> bool {
    let line = line.trim_start_matches(['[', '\u{200e}']);
    let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let mut words = line.splitn(3, ' ');
    let (Some(day), Some(time), Some(rest)) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    let is_day = is_number(day) && day.contains(['/', '-', '.']);
    let is_time = is_number(time) && time.contains([':', '.']);
    let cut = |text: &str| text.trim_end_matches(',').contains([';', '\t', '|', ',']);
    is_day && is_time && !cut(day) && !cut(time) && rest.contains(' ')
}

/// At least five words, and an end: names of columns and cells of tables have neither.
fn is_sentence(line: &str) -> bool {
    const LEAST_WORDS: usize = 5;
    let words = line.split(' ').filter(|word| !word.is_empty()).count();
    words >= LEAST_WORDS && line.ends_with(['.', '!', '?', ':']) && !line.contains([';', '\t', '|'])
}
