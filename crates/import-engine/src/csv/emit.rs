//! What leaves the reader: whole records, and the fronts of those that are too large. Reads nothing.

use super::{
    parse::Extent,
    reader::RecordReader,
    record::{Damage, Record, Span},
};

/// Of a record that is too large this much is shown.
const SHOWN_BYTES: usize = 1_000;

impl RecordReader {
    /// Returns the record and goes on after it.
    #[inline]
    pub(super) fn emit(&mut self, extent: Extent) -> Record<'_> {
        let begin = self.start;
        let length = extent.end - begin;
        let mut damage = extent.damage;
        let mut raw = (0, length);
        if length > self.limits.cell_bytes {
            if length > self.limits.record_bytes {
                (damage, raw.1) = (Some(self.oversize_damage()), self.show_front());
            } else if self
                .cells
                .iter()
                .any(|cell| cell.end() - cell.start() > self.limits.cell_bytes)
            {
                damage = damage.or(Some(Damage::CellTooLarge));
            }
        }
        let damage = damage.or_else(|| self.buffer.bad_in(begin, extent.next));
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += extent.inner_lines + 1;
        self.start = extent.next;
        self.cursor = extent.cursor;
        self.retry_at = 0;
        self.buffer.trim_index(&mut self.cursor);
        Record {
            row,
            line,
            text: &self.buffer.text[begin..],
            unescaped: &self.unescaped,
            cells: &self.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Hands out the front of a record that is too large; the rest of its line will be passed.
    pub(super) fn cut(&mut self, inner_lines: u64) -> Record<'_> {
        let damage = Some(self.oversize_damage());
        let raw = (0, self.show_front());
        let begin = self.start;
        let (row, line) = (self.row, self.line);
        self.row += 1;
        self.line += inner_lines;
        // A carriage return at the very end may be the line's.
        self.start = self.buffer.text.len() - usize::from(self.buffer.text.ends_with('\r'));
        self.skipping = true;
        self.retry_at = 0;
        Record {
            row,
            line,
            text: &self.buffer.text[begin..],
            unescaped: &self.unescaped,
            cells: &self.cells,
            raw,
            damage,
            is_broken: row <= self.broken_up_to,
            is_arranged: false,
        }
    }

    /// Which limit a record beyond [`Limits::record_bytes`] breaks first, judged by as much of it as the limit allows, so
    /// that it does not depend on how the bytes came.
    fn oversize_damage(&self) -> Damage {
        let front =
            &self.buffer.text.as_bytes()[self.start..=self.start + self.limits.record_bytes];
        let mut from = 0;
        for (count, at) in memchr::memchr_iter(self.marks.delimiter, front)
            .chain([front.len()])
            .enumerate()
        {
            if at - from > self.limits.cell_bytes {
                return Damage::CellTooLarge;
            }
            if count >= self.limits.columns {
                return Damage::TooManyColumns;
            }
            from = at + 1;
        }
        Damage::RecordTooLarge
    }

    /// Makes the front of the record its only cell.
    fn show_front(&mut self) -> usize {
        let text = &self.buffer.text[self.start..];
        let end = text.floor_char_boundary(SHOWN_BYTES.min(self.limits.record_bytes));
        self.cells.clear();
        self.cells.push(Span::plain(0, end));
        end
    }
}
