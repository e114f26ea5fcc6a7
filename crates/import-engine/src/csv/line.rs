//! One physical line read by itself, quotes that do not close on it taken literally. For damaged records, never for sound ones.

use super::record::Span;

/// What a line is when it is read by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) cells: usize,
    /// Every quote has its partner.
    pub(super) clean: bool,
}

/// Quote and delimiter of the dialect.
#[derive(Clone, Copy, Debug)]
pub(super) struct Marks {
    pub(super) delimiter: u8,
    pub(super) quote: u8,
}

impl Marks {
    /// Reads `text[from..to]` as one record; passes each cell to `found`, without its surrounding quotes.
    pub(super) fn read_line(
        self,
        text: &str,
        from: usize,
        to: usize,
        mut found: impl FnMut(Span),
    ) -> Line {
        let bytes = text.as_bytes();
        let mut line = Line {
            cells: 0,
            clean: true,
        };
        let mut at = from;
        // Quotes that are looked for in vain from every cell of a line would make it quadratic.
        let mut room = ROOM * (to - from);
        loop {
            let (end, inner) = if let Some(close) = self.quoted(bytes, at, to, &mut room) {
                (close + 1, (at + 1, close))
            } else {
                let delimiter = memchr::memchr(self.delimiter, &bytes[at..to]);
                let end = delimiter.map_or(to, |found| at + found);
                let quotes = memchr::memchr_iter(self.quote, &bytes[at..end]).count();
                line.clean &= quotes.is_multiple_of(2) && bytes.get(at) != Some(&self.quote);
                (end, (at, end))
            };
            line.cells += 1;
            found(Span::plain(inner.0, inner.1));
            if end >= to {
                return line;
            }
            at = end + 1;
        }
    }

    /// The closing quote of the cell that begins at `at`, if it is quoted and closes before the next delimiter or the end.
    fn quoted(self, bytes: &[u8], at: usize, to: usize, room: &mut usize) -> Option<usize> {
        if at >= to || bytes[at] != self.quote || *room == 0 {
            return None;
        }
        let (close, looked) = self.closing(bytes, at, to);
        if close.is_none() {
            *room = room.saturating_sub(looked - at);
        }
        close
    }

    /// The same, and how far it was looked for.
    fn closing(self, bytes: &[u8], at: usize, to: usize) -> (Option<usize>, usize) {
        let mut from = at + 1;
        loop {
            let rest = bytes.get(from..to).unwrap_or_default();
            let Some(found) = memchr::memchr(self.quote, rest) else {
                return (None, to);
            };
            let close = from + found;
            match bytes.get(close + 1).filter(|_| close + 1 < to) {
                None => return (Some(close), close),
                Some(&next) if next == self.delimiter => return (Some(close), close),
                Some(&next) if next == self.quote => from = close + 2,
                Some(_) => return (None, close),
            }
        }
    }
}

/// Looks over a whole line that may find no quote's end; then quotes are text.
const ROOM: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, cells: usize, clean: bool) {
        let marks = Marks {
            delimiter: b',',
            quote: b'"',
        };
        assert_eq!(
            marks.read_line(line, 0, line.len(), |_| ()),
            Line { cells, clean },
            "{line}"
        );
    }

    #[test]
    fn reads_a_line_by_itself() {
        check("", 1, true);
        check("a,b,c", 3, true);
        check("a,,", 3, true);
        check("\"a,b\",c", 2, true);
        check("\"a \"\"b\"\"\",c", 2, true);
        check("\"open,b,c", 3, false);
        check("Rina \"Nina\" Wati,b", 2, true);
        check("pipe 5\",b", 2, false);
        check("\"a\"b,c", 2, false);
    }
}
