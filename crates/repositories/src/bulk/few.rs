//! Loads a few rows into PostgreSQL: one INSERT that reads them from a JSON array, with the types of the table itself.
//!
//! The driver (sqlx 0.9.0) leaves Nagle's algorithm on, so the end of a short COPY, which is a separate message, waits for a
//! delayed acknowledgement: 40 ms on Linux, three times in a small import. A statement is one message.

use std::fmt::{Arguments, Write as _};

use sqlx::{AssertSqlSafe, PgConnection};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use super::batch::BulkError;
use crate::table::Cells;

/// Up to this number of rows a COPY might be shorter than a packet (64 KiB on the loopback interface).
pub(super) const FEW: usize = 400;
/// From this many bytes on, a COPY is longer than a packet, and JSON would be a second copy of the rows in memory.
pub(super) const FEW_BYTES: usize = 256 << 10;

/// Rows as a JSON array of objects.
pub(super) struct FewRows<'c> {
    columns: &'c str,
    names: Vec<&'c str>,
    column: usize,
    json: String,
}

impl<'c> FewRows<'c> {
    /// For rows with these columns, which are separated by commas.
    pub(super) fn new(columns: &'c str) -> Self {
        Self {
            columns,
            names: columns.split(',').map(str::trim).collect(),
            column: 0,
            json: String::from("["),
        }
    }

    pub(super) fn end_row(&mut self) {
        self.json.push('}');
        self.column = 0;
    }

    /// Inserts them in their order.
    pub(super) async fn insert(
        mut self,
        tx: &mut PgConnection,
        table: &str,
    ) -> Result<(), BulkError> {
        self.json.push(']');
        let columns = self.columns;
        let sql = format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} \
             FROM json_populate_recordset(NULL::{table}, $1::text::json)"
        );
        sqlx::query(AssertSqlSafe(sql))
            .bind(self.json)
            .execute(tx)
            .await?;
        Ok(())
    }

    /// Begins a cell.
    fn name(&mut self) {
        match (self.column, self.json.len()) {
            (0, 1) => self.json.push('{'),
            (0, _) => self.json.push_str(",{"),
            _ => self.json.push(','),
        }
        let name = self.names.get(self.column).copied().unwrap_or_default();
        self.column += 1;
        self.display(format_args!("\"{name}\":"));
    }

    fn cell(&mut self, value: Option<Arguments<'_>>) {
        self.name();
        match value {
            Some(value) => self.display(value),
            None => self.json.push_str("null"),
        }
    }

    /// Writes a formatted value; writing to memory does not fail.
    fn display(&mut self, value: Arguments<'_>) {
        let _ = self.json.write_fmt(value);
    }
}

impl Cells for FewRows<'_> {
    fn text(&mut self, text: Option<&str>) {
        // PostgreSQL stores no NUL; its symbol keeps a report readable.
        let text = text.map(|text| serde_json::Value::from(text.replace('\0', "\u{2400}")));
        match text {
            Some(text) => self.cell(Some(format_args!("{text}"))),
            None => self.cell(None),
        }
    }

    fn json(&mut self, json: &str) {
        self.cell(Some(format_args!("{json}")));
    }

    fn uuid(&mut self, id: Uuid) {
        self.cell(Some(format_args!("\"{id}\"")));
    }

    fn number(&mut self, number: Option<i64>) {
        match number {
            Some(number) => self.cell(Some(format_args!("{number}"))),
            None => self.cell(None),
        }
    }

    fn date(&mut self, date: Option<Date>) {
        match date {
            Some(date) => self.cell(Some(format_args!("\"{}\"", Day(date)))),
            None => self.cell(None),
        }
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        let (hour, minute, second, micro) = moment.time().as_hms_micro();
        let day = Day(moment.date());
        self.cell(Some(format_args!(
            "\"{day} {hour:02}:{minute:02}:{second:02}.{micro:06}\""
        )));
    }
}

/// A day as PostgreSQL reads it in every `DateStyle`.
struct Day(Date);

impl std::fmt::Display for Day {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (year, month, day) = self.0.to_calendar_date();
        write!(out, "{year:04}-{:02}-{day:02}", u8::from(month))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn writes_cells_as_json_names_them() {
        let mut rows = FewRows::new("a, b, c");
        rows.text(Some("\"a\"\n\0"));
        rows.text(None);
        rows.json(r#"{"x":"y"}"#);
        rows.end_row();
        rows.number(Some(-5));
        rows.date(Some(date!(0990 - 01 - 05)));
        rows.moment(datetime!(2027-03-15 10:20:30.000045));
        rows.end_row();
        assert_eq!(
            rows.json,
            "[{\"a\":\"\\\"a\\\"\\n\u{2400}\",\"b\":null,\"c\":{\"x\":\"y\"}},\
             {\"a\":-5,\"b\":\"0990-01-05\",\"c\":\"2027-03-15 10:20:30.000045\"}"
        );
    }
}
