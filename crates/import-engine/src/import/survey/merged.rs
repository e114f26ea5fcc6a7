//! Required cells that are blank below a filled one: what a merged cell of a spreadsheet leaves in a file. Fills nothing in.

use crate::{
    csv::Record,
    issue::{Notice, NoticeCode},
    mapping::Mapping,
    schema::Schema,
    sniff::header::is_blank,
};

/// The blank cells of one required column.
#[derive(Clone, Debug)]
pub(super) struct Merged {
    column: usize,
    /// The column had a cell above.
    is_below: bool,
    rows: u64,
    first_row: u64,
}

impl Merged {
    /// One for each required column.
    pub(super) fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
        let fields = schema.fields().iter().enumerate();
        fields
            .filter(|(_, field)| field.is_required())
            .filter_map(|(field, _)| {
                mapping.column_of(field).map(|column| Self {
                    column,
                    is_below: false,
                    rows: 0,
                    first_row: 0,
                })
            })
            .collect()
    }

    #[inline]
    pub(super) fn look(&mut self, record: &Record<'_>) {
        match record.bytes(self.column) {
            Some([first, ..]) if first.is_ascii_graphic() => self.is_below = true,
            Some(_) => self.look_closer(record),
            // The row ends before: that is reported separately.
            None => {}
        }
    }

    fn look_closer(&mut self, record: &Record<'_>) {
        // A row of one cell is a note or a signature.
        let is_alone = || {
            record
                .iter()
                .filter(|cell| !is_blank(cell))
                .nth(1)
                .is_none()
        };
        if !record.get(self.column).is_none_or(is_blank) {
            self.is_below = true;
        } else if self.is_below && !is_alone() {
            self.rows += 1;
            if self.rows == 1 {
                self.first_row = record.row();
            }
        }
    }

    /// Names the user's own column.
    pub(super) fn notice(&self, mapping: &Mapping) -> Option<Notice> {
        let column = mapping.headers().nth(self.column).unwrap_or_default();
        (self.rows > 0).then(|| {
            Notice::new(NoticeCode::MERGED_CELLS)
                .with("column", column)
                .with("rows", self.rows)
                .with("row", self.first_row)
        })
    }
}
