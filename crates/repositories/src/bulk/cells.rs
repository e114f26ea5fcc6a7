//! The cells of a row on their way into a database, one at a time: what every way there has in common.

use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

/// Takes the cells of rows in the order of the columns.
pub(super) trait Cells {
    /// Text, or null.
    fn text(&mut self, text: Option<&str>);
    /// JSON, as text that has been checked.
    fn json(&mut self, json: &str) {
        self.text(Some(json));
    }
    /// A word of a closed set, or null.
    fn word(&mut self, word: Option<&'static str>);
    /// An id.
    fn uuid(&mut self, id: Uuid);
    /// A whole number, or null.
    fn number(&mut self, number: Option<i64>);
    /// A calendar day, or null.
    fn date(&mut self, date: Option<Date>);
    /// A moment in UTC.
    fn moment(&mut self, moment: PrimitiveDateTime);
}
