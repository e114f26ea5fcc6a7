//! Recognises what a table that lacks required columns is instead, by its headers and cells.

use super::Sample;
use crate::{csv::Dialect, error::Look, schema::Schema};

/// More names than any table has.
const MOST_NAMES: usize = 50;

impl Look {
    /// What a table is that lacks required columns.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Look, Sample, Sniffer}};
    ///
    /// let file = b"nama,Siti,Budi\nemail,siti@example.com,budi@example.com\n";
    /// let schema = Schema::builder("contacts")
    ///     .field(Field::text("nama").required())
    ///     .field(Field::email("email").required())
    ///     .build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// assert_eq!(Look::of_table(&schema, &dialect, &sample), Some(Look::Transposed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_table(schema: &Schema, dialect: &Dialect, sample: &Sample) -> Option<Self> {
        if sample.is_lined_up() {
            return Some(Self::FixedWidth);
        }
        let headers = &dialect.headers;
        let mapped = |texts: &[&str]| {
            let mapping = schema.map_headers(texts);
            mapping.map_or(0, |mapping| mapping.pairs().count())
        };
        let first_row: Vec<&str> = headers.iter().map(String::as_str).collect();
        let first_column: Vec<&str> = first_row
            .first()
            .copied()
            .into_iter()
            .chain(sample.cells(0).take(MOST_NAMES))
            .collect();
        let names_beside = mapped(&first_column);
        if names_beside >= 2 && names_beside > mapped(&first_row) {
            return Some(Self::Transposed);
        }
        // `Nama,NIK;;`: lines that a spreadsheet took for cells, beside columns without names.
        let is_alone = |(column, header): (usize, &&str)| column == 0 || header.trim().is_empty();
        let wraps = |header: &str| mapped(&header.split([',', ';', '\t']).collect::<Vec<_>>()) > 1;
        if dialect.columns > 1
            && first_row.iter().enumerate().all(is_alone)
            && first_row.first().is_some_and(|header| wraps(header))
        {
            return Some(Self::WrappedLines);
        }
        if dialect.columns <= 1 {
            let whole_line = |text: &str| text.contains([',', ';', '\t']);
            let wrapped = first_row.iter().any(|header| whole_line(header))
                || sample.cells(0).next().is_some_and(whole_line);
            let lined_up = |text: &str| text.trim().contains("   ");
            return Some(if wrapped {
                Self::WrappedLines
            } else if first_row.iter().any(|header| lined_up(header))
                && sample.cells(0).all(lined_up)
            {
                Self::FixedWidth
            } else {
                Self::OneColumn
            });
        }
        // What stands in a column again is not a name of it.
        let recurs = |(column, header): (usize, &&str)| {
            !header.trim().is_empty()
                && sample.rows().iter().any(|row| {
                    let same = |(cell, header): (&String, &&str)| cell.trim() == header.trim();
                    // The header itself may come again.
                    let is_header = row.iter().zip(&first_row).all(same);
                    !is_header && row.get(column).is_some_and(|cell| same((cell, header)))
                })
        };
        let is_data = looks_like_data(&first_row) || first_row.iter().enumerate().any(recurs);
        (dialect.header_row.is_none() || mapped(&first_row) == 0 && is_data)
            .then_some(Self::NoHeader)
    }
}

/// Whether any cell of a header is a value that no header is: a number, a date, an address.
fn looks_like_data(headers: &[&str]) -> bool {
    headers.iter().any(|header| {
        let digits = header.bytes().filter(u8::is_ascii_digit).count();
        digits >= 6 || header.contains('@')
    })
}
