//! PostgreSQL's COPY in its text form: cells separated by tabs, rows by line ends, null as `\N`. Rows are written and
//! sent through one small buffer, however many they are; only where they are few, an INSERT stores them.

use std::io::Write as _;

use sqlx::{PgConnection, postgres::PgCopyIn};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use super::{
    batch::BulkError,
    few::{FEW, FewRows},
    table::{Filled, Origin},
};
use crate::table::{Cells, columns};

/// Bytes in one message: the database works on them while the next are written, and neither side keeps a large buffer.
/// Another 128 KiB are held back, so that the last message is longer than a packet and is acknowledged at once (see
/// [`super::few`]).
const MESSAGE: usize = 128 << 10;

/// A running COPY, which must be finished or aborted: if it is only dropped, its connection cannot be used any more.
pub(super) struct CopyIn<'c> {
    copy: PgCopyIn<&'c mut PgConnection>,
    text: CopyText,
}

impl<'c> CopyIn<'c> {
    pub(super) async fn begin(
        tx: &'c mut PgConnection,
        table: &str,
        columns: &str,
    ) -> Result<Self, BulkError> {
        let statement = format!("COPY {table} ({columns}) FROM STDIN");
        Ok(Self {
            copy: tx.copy_in_raw(&statement).await?,
            text: CopyText::default(),
        })
    }

    /// Returns the buffer for the cells of the next row.
    pub(super) fn row(&mut self) -> &mut CopyText {
        &mut self.text
    }

    pub(super) async fn end_row(&mut self) -> Result<(), BulkError> {
        self.text.end_row();
        // One row may be many messages long.
        let ready = self.text.bytes.len().saturating_sub(MESSAGE);
        if ready >= MESSAGE {
            for message in self.text.bytes[..ready].chunks(MESSAGE) {
                self.copy.send(message).await?;
            }
            self.text.bytes.drain(..ready);
        }
        Ok(())
    }

    /// Aborts it; none of its rows are stored.
    pub(super) async fn abort(self) -> Result<(), BulkError> {
        Ok(self.copy.abort("a row cannot be written").await?)
    }

    /// Finishes it; only now does the database report what it refused.
    pub(super) async fn finish(mut self) -> Result<(), BulkError> {
        self.copy.send(&*self.text.bytes).await?;
        self.copy.finish().await?;
        Ok(())
    }
}

/// Rows in COPY's text form.
#[derive(Default)]
pub(super) struct CopyText {
    bytes: Vec<u8>,
    begun: bool,
}

impl CopyText {
    fn end_row(&mut self) {
        self.bytes.push(b'\n');
        self.begun = false;
    }

    fn next(&mut self) {
        if self.begun {
            self.bytes.push(b'\t');
        }
        self.begun = true;
    }

    fn null(&mut self) {
        self.bytes.extend_from_slice(b"\\N");
    }

    /// Writes a formatted value; writing to memory does not fail.
    fn display(&mut self, arguments: std::fmt::Arguments<'_>) {
        let _ = self.bytes.write_fmt(arguments);
    }

    fn digits(&mut self, number: u32, width: usize) {
        let mut digits = [b'0'; 10];
        let mut rest = number;
        for digit in digits[..width].iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        self.bytes.extend_from_slice(&digits[..width]);
    }

    fn day(&mut self, date: Date) {
        self.digits(u32::try_from(date.year()).unwrap_or(0), 4);
        self.bytes.push(b'-');
        self.digits(u32::from(u8::from(date.month())), 2);
        self.bytes.push(b'-');
        self.digits(u32::from(date.day()), 2);
    }
}

impl Cells for CopyText {
    fn text(&mut self, text: Option<&str>) {
        self.next();
        let Some(text) = text else {
            self.null();
            return;
        };
        let mut rest = text.as_bytes();
        while let Some(offset) = rest
            .iter()
            .position(|byte| matches!(byte, b'\\' | b'\t' | b'\n' | b'\r' | 0))
        {
            self.bytes.extend_from_slice(&rest[..offset]);
            match rest[offset] {
                b'\t' => self.bytes.extend_from_slice(b"\\t"),
                b'\n' => self.bytes.extend_from_slice(b"\\n"),
                b'\r' => self.bytes.extend_from_slice(b"\\r"),
                // PostgreSQL stores no NUL; its symbol keeps a report readable.
                0 => self.bytes.extend_from_slice("\u{2400}".as_bytes()),
                _ => self.bytes.extend_from_slice(b"\\\\"),
            }
            rest = &rest[offset + 1..];
        }
        self.bytes.extend_from_slice(rest);
    }

    fn word(&mut self, word: Option<&'static str>) {
        self.next();
        match word {
            Some(word) => self.bytes.extend_from_slice(word.as_bytes()),
            None => self.null(),
        }
    }

    fn uuid(&mut self, id: Uuid) {
        self.next();
        let mut text = Uuid::encode_buffer();
        self.bytes
            .extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
    }

    fn number(&mut self, number: Option<i64>) {
        self.next();
        match number {
            Some(number) => self.display(format_args!("{number}")),
            None => self.null(),
        }
    }

    fn date(&mut self, date: Option<Date>) {
        self.next();
        match date {
            Some(date) => self.day(date),
            None => self.null(),
        }
    }

    fn moment(&mut self, moment: PrimitiveDateTime) {
        self.next();
        self.day(moment.date());
        let (hour, minute, second, micro) = moment.time().as_hms_micro();
        for (mark, part) in [(b' ', hour), (b':', minute), (b':', second)] {
            self.bytes.push(mark);
            self.digits(u32::from(part), 2);
        }
        self.bytes.push(b'.');
        self.digits(micro, 6);
    }
}

/// Stores rows in `table`, which has their columns.
pub(super) async fn store_rows<R: Filled>(
    tx: &mut PgConnection,
    table: &str,
    origin: &Origin,
    rows: &[R],
) -> Result<(), BulkError> {
    let columns = columns::<R::Table>().join(", ");
    if rows.len() <= FEW {
        let mut few = FewRows::new(&columns);
        for row in rows {
            row.fill(origin, &mut few);
            few.end_row();
        }
        return few.insert(tx, table).await;
    }
    let mut text = CopyIn::begin(tx, table, &columns).await?;
    for row in rows {
        row.fill(origin, text.row());
        text.end_row().await?;
    }
    text.finish().await
}

#[cfg(test)]
mod tests {
    use time::macros::{date, datetime};

    use super::*;

    #[test]
    fn writes_cells_as_copy_reads_them() {
        let mut copy = CopyText::default();
        copy.text(Some("a\tb\\c\nd\re\0f"));
        copy.text(None);
        copy.text(Some(""));
        copy.text(Some("\\N"));
        copy.end_row();
        copy.number(Some(-5));
        copy.number(None);
        copy.date(Some(date!(0990 - 01 - 05)));
        copy.moment(datetime!(2027-03-15 10:20:30.000045));
        copy.word(Some("lead"));
        copy.uuid(Uuid::nil());
        copy.end_row();
        assert_eq!(
            String::from_utf8(copy.bytes).unwrap(),
            "a\\tb\\\\c\\nd\\re\u{2400}f\t\\N\t\t\\\\N\n-5\t\\N\t0990-01-05\t\
             2027-03-15 10:20:30.000045\tlead\t00000000-0000-0000-0000-000000000000\n"
        );
    }
}
