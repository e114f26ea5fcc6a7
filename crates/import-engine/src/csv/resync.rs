//! Where a damaged record ends: the judgement that keeps one stray quote from swallowing a file, and how far it may look ahead.
//! Reads no sound records.

use super::{
    parse::{Extent, Manner, Parsed},
    reader::{Damage, Record, RecordReader},
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

// How far a reader may look ahead of the line it is at. Whatever the bytes, the whole of a file costs a bounded number of
// looks at each of them: the bound is counted, not hoped for.
//
// Only damage makes a reader look ahead and come back: a quote opens, the reader runs over line breaks in search of its end,
// finds that the lines make more sense by themselves, and reads them again one by one. A file of such quotes would be read
// ahead from every line. So looking ahead is paid for: every byte passed earns some, every byte looked at in vain costs.
// Where nothing is left, a line break ends the quote at once, and the line is damaged for itself, as it nearly always would
// have been after the look.

/// Looks ahead of a few records at their full length are free: a file with a few bad quotes is judged as well as can be.
const FREE: u64 = 4;

/// Bytes that may be looked at in vain for each byte passed: a stray quote is judged from some thousand bytes of sound lines
/// around it, and may be followed by another one every few lines.
const EARNED: u64 = 4;

/// What came back is read up to three times: strictly, line by line in the judgement, leniently.
const PASSES: u64 = 3;

/// See the module.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Allowance {
    spent: u64,
}

impl Allowance {
    /// How far after a line break the end of a quote may be looked for, when this many bytes have been passed for good. Does
    /// not depend on how the bytes came.
    pub(super) fn reach(self, passed: u64, record_bytes: usize) -> usize {
        let all = FREE * record_bytes as u64 + EARNED * passed;
        let left = all.saturating_sub(self.spent);
        usize::try_from(left).map_or(record_bytes, |left| left.min(record_bytes))
    }

    /// This many bytes were looked at and will be read again.
    pub(super) fn spend(&mut self, bytes: usize) {
        self.spent = self.spent.saturating_add(PASSES * bytes as u64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::csv::{Limits, RecordReader, dialect::Dialect};

    /// Steps of the reader over a file, each over at most one byte.
    fn work(dialect: &Dialect, width: Option<usize>, file: &[u8], chunk: usize) -> u64 {
        // Small, so that reading ahead to the limit from every line would be a thousand times the file.
        let limits = Limits {
            record_bytes: 16 << 10,
            ..Limits::default()
        };
        let mut reader = RecordReader::new(dialect, limits);
        if let Some(width) = width {
            reader.expect_columns(width);
        }
        for bytes in file.chunks(chunk) {
            reader.feed(bytes);
            while reader.next_record().is_some() {}
        }
        reader.finish();
        while reader.next_record().is_some() {}
        reader.work()
    }

    /// Steps for each byte, for any file.
    const MOST: u64 = 48;

    #[track_caller]
    fn check(pattern: &[u8], width: Option<usize>, dialect: &Dialect) {
        let head = b"\"nama\",\"paket_id\"\n\"a\",\"b\"\n";
        for chunk in [4 << 10, 64 << 10] {
            let mut file = head.to_vec();
            file.extend(pattern.iter().cycle().take(400 << 10));
            let work = work(dialect, width, &file, chunk);
            let pattern = String::from_utf8_lossy(pattern);
            assert!(
                work < MOST * file.len() as u64,
                "{pattern:?}: {} steps a byte",
                work / file.len() as u64
            );
        }
    }

    fn escaped() -> Dialect {
        Dialect {
            escape: Some(b'\\'),
            ..Dialect::default()
        }
    }

    #[test]
    fn files_made_of_damaged_quotes_cost_a_bounded_number_of_steps_a_byte() {
        for pattern in [
            "\"a\"b\",\"\n",
            "\",\"\",\"\\r\"a\"b1#",
            "\",\"\",\"\r\"a\"b1#",
            "\",\"\"\"\\\"\u{2028}\r#",
            "\"\"\",",
            "\"a\n",
            "\n\"",
            "\n\"\"\"",
            "x,\"\n",
            "\"a\nb\"c\n",
            " \"\"\",",
            " \"a, \"\"\n",
            "\u{201c}a,",
            "\u{201c}a,\u{201d}b\n",
            "\"\"\"a,\"\"\n",
            "\"\r\n\"",
            "\r\"\r\n\r",
            "\n\"\"a\",\"\\",
        ] {
            for width in [None, Some(1), Some(2)] {
                check(pattern.as_bytes(), width, &Dialect::default());
                check(pattern.as_bytes(), width, &escaped());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_repeated_pattern_costs_more(
            pattern in prop::collection::vec(prop::sample::select(b"\"\"\"\",,\n\n\r\\a #".to_vec()), 1..14),
            width in prop::option::of(1_usize..4),
            backslash in any::<bool>(),
        ) {
            let dialect = if backslash { escaped() } else { Dialect::default() };
            check(&pattern, width, &dialect);
        }
    }
}
