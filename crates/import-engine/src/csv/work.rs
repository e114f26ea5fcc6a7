//! How far a reader may look ahead of the line it is at. Whatever the bytes, the whole of a file costs a bounded number of
//! looks at each of them: the bound is counted, not hoped for.
//!
//! Only damage makes a reader look ahead and come back: a quote opens, the reader runs over line breaks in search of its end,
//! finds that the lines make more sense by themselves, and reads them again one by one. A file of such quotes would be read
//! ahead from every line. So looking ahead is paid for: every byte passed earns some, every byte looked at in vain costs.
//! Where nothing is left, a line break ends the quote at once, and the line is damaged for itself, as it nearly always would
//! have been after the look.

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

    use crate::csv::{RecordReader, dialect::Dialect, limits::Limits};

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
