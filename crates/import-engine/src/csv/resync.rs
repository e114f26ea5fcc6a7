//! Where a damaged record ends: the judgement that keeps one stray quote from swallowing a file. Reads no sound records.
//!
//! A quote that opens a cell may be followed by line breaks that belong to the cell. When no closing quote comes, or text
//! follows it, or the record it makes has the wrong number of cells, the question is whether the quote or the line break is
//! to be believed. The line breaks are believed when the lines make sense without the quote:
//!
//! 1. the line with the quote has the right number of cells if the quote is ordinary text, or
//! 2. every following line that the quote would swallow is a sound record of its own.
//!
//! Else the quote is believed, if that gives the right number of cells. Then the damage costs all lines of that record. In
//! every other case it costs the one line.

use super::{
    parse::{Extent, Manner, Parsed},
    reader::RecordReader,
    record::{Damage, Record},
};

impl RecordReader {
    /// There is text after the closing quote at `at`.
    pub(super) fn resynchronise(&mut self, at: usize) -> Option<Record<'_>> {
        let same_line = match self.line_end(self.start, usize::MAX) {
            End::At(end) => at < end,
            End::TooFar => return self.emit_line(Damage::TextAfterQuote, at),
            End::Unknown => return self.wait(),
        };
        let mut looked = at;
        if !same_line {
            if self.width.is_none() {
                return self.emit_line(Damage::OpenQuote, looked);
            }
            match self.line_end(at, self.record_limit()) {
                End::At(end) => {
                    looked = end;
                    if self.is_rather_lines(end) {
                        return self.emit_line(Damage::OpenQuote, looked);
                    }
                }
                End::TooFar => return self.emit_line(Damage::OpenQuote, self.record_limit()),
                End::Unknown => return self.wait(),
            }
        }
        match self.parse(Manner::Lenient) {
            Parsed::Whole(extent)
                if self.is_within_limit(extent.end)
                    && (extent.inner_lines == 0 || self.width == Some(self.cells.len())) =>
            {
                return Some(self.emit(extent));
            }
            Parsed::Incomplete => return self.wait(),
            Parsed::Whole(Extent { next: end, .. }) | Parsed::Open(end) => looked = looked.max(end),
            Parsed::TextAfter(_) | Parsed::TooLarge(_) => looked = self.record_limit(),
        }
        let damage = if same_line {
            Damage::TextAfterQuote
        } else {
            Damage::OpenQuote
        };
        self.emit_line(damage, looked)
    }

    /// Whether the record just read has the wrong number of cells, and its lines make more sense by themselves.
    pub(super) fn is_wrong_and_rather_lines(&mut self, end: usize) -> bool {
        self.width != Some(self.cells.len())
            && self.is_within_limit(end)
            && self.is_rather_lines(end)
    }

    fn is_within_limit(&self, end: usize) -> bool {
        end - self.start <= self.limits.record_bytes
    }

    /// Whether the lines up to `end` make more sense without the quote that joins them.
    fn is_rather_lines(&mut self, end: usize) -> bool {
        let Some(width) = self.width else {
            return false;
        };
        self.note_judged(end - self.start);
        let text = &self.buffer.text;
        let bytes = text.as_bytes();
        let mut from = self.start;
        let mut following = 0;
        while from < end {
            let to =
                memchr::memchr2(b'\n', b'\r', &bytes[from..end]).map_or(end, |found| from + found);
            let line = self.marks.read_line(text, from, to, |_| ());
            if from == self.start {
                if line.cells == width {
                    return true;
                }
            } else if to > from {
                if !line.clean || line.cells != width {
                    return false;
                }
                following += 1;
            }
            from = to + 1;
        }
        following > 0
    }

    /// Hands out the physical line at `start` as a damaged record, after a look ahead up to `looked`.
    pub(super) fn emit_line(&mut self, damage: Damage, looked: usize) -> Option<Record<'_>> {
        let end = match self.line_end(self.start, usize::MAX) {
            End::At(end) => end,
            End::TooFar => return Some(self.cut(0)),
            End::Unknown => return self.wait(),
        };
        let next = if end == self.buffer.text.len() {
            end
        } else {
            self.behind_break(end)?
        };
        // More than the limit is never looked at, but the text at hand may be longer.
        let looked = looked.min(self.record_limit());
        self.allowance.spend(looked.saturating_sub(next));
        self.note_judged(end - self.start);
        self.cells.clear();
        self.unescaped.clear();
        let (cells, start) = (&mut self.cells, self.start);
        let most = self.limits.columns;
        self.marks
            .read_line(&self.buffer.text[start..end], 0, end - start, |span| {
                if cells.len() < most {
                    cells.push(span);
                }
            });
        let cursor = self.buffer.cursor_at(next);
        Some(self.emit(Extent {
            end,
            next,
            cursor,
            inner_lines: 0,
            limit: end,
            damage: Some(damage),
        }))
    }

    /// The end of the line that `from` is in, its line break whole. Looked for no further than `limit`.
    pub(super) fn line_end(&mut self, from: usize, limit: usize) -> End {
        let bytes = self.buffer.text.as_bytes();
        let within = &bytes[from..bytes.len().min(limit.saturating_add(1)).max(from)];
        let found = memchr::memchr2(b'\n', b'\r', within);
        let passed = found.unwrap_or(within.len());
        let end = match found {
            Some(found) if self.behind_break(from + found).is_some() => End::At(from + found),
            None if bytes.len() > limit => End::TooFar,
            None if self.buffer.finished => End::At(bytes.len()),
            None if self.pending_is_too_large() => End::TooFar,
            _ => End::Unknown,
        };
        self.note_judged(passed);
        end
    }

    /// For the tests that count steps.
    #[cfg_attr(
        not(test),
        expect(clippy::unused_self, reason = "counts in tests alone")
    )]
    fn note_judged(&mut self, bytes: usize) {
        #[cfg(test)]
        {
            self.judged += bytes as u64;
        }
        #[cfg(not(test))]
        let _ = bytes;
    }
}

/// The end of a line, if it has come.
pub(super) enum End {
    At(usize),
    /// Not within the limit.
    TooFar,
    Unknown,
}
