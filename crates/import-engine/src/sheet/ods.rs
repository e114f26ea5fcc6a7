//! `.ods`: a zip of XML, read as a stream. Equal rows and cells are stored once with a count, up to the last row of the
//! sheet.

use std::io::{Read, Seek};

use quick_xml::events::{BytesStart, Event};

use super::{
    format::Decimal,
    rows::{Collector, SheetInfo, WorkbookError},
    xlsx::{ENDS_EARLY, Package, Xml, attribute, plain_moment, push_text},
};

const CONTENT: &str = "content.xml";
/// Rows and columns of any spreadsheet program; a greater count is reduced to it.
const MOST_ROWS: u32 = 1 << 20;
const MOST_COLUMNS: u32 = 1 << 14;
/// At most this many spaces are read for one `text:s`.
const MOST_SPACES: usize = 1_000;
/// Sheets whose names are kept.
const MOST_SHEETS: usize = 10_000;

/// An opened workbook.
#[derive(Debug)]
pub(super) struct Ods<R> {
    package: Package<R>,
    sheets: Vec<SheetInfo>,
}

impl<R: Read + Seek> Ods<R> {
    pub(super) fn open(mut package: Package<R>) -> Result<Self, WorkbookError> {
        if is_encrypted(&mut package)? {
            return Err(WorkbookError::Encrypted);
        }
        let sheets = listed_sheets(&mut package)?;
        if sheets.is_empty() {
            return Err(WorkbookError::NotAWorkbook);
        }
        Ok(Self { package, sheets })
    }

    pub(super) fn sheets(&self) -> &[SheetInfo] {
        &self.sheets
    }

    pub(super) fn walk(&mut self, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        let Some(xml) = self.package.xml(CONTENT)? else {
            return Err(WorkbookError::NotAWorkbook);
        };
        let mut content = Content {
            xml,
            text: String::new(),
            cells: Vec::new(),
        };
        let mut index = 0;
        loop {
            let is_table = match content.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"table" => true,
                    // Old versions of the document, with their own tables.
                    b"tracked-changes" => {
                        content.xml.skip()?;
                        false
                    }
                    _ => false,
                },
                Event::Eof => return Ok(()),
                _ => false,
            };
            if is_table {
                rows.begin_sheet(index);
                content.table(rows)?;
                index += 1;
            }
        }
    }
}

/// Whether the manifest states how a part is encrypted.
fn is_encrypted<R: Read + Seek>(package: &mut Package<R>) -> Result<bool, WorkbookError> {
    let Some(mut xml) = package.xml("META-INF/manifest.xml")? else {
        return Ok(false);
    };
    loop {
        match xml.next()? {
            Event::Start(start) if start.local_name().as_ref() == b"encryption-data" => {
                return Ok(true);
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
    }
}

/// The tables in their order; those whose style is not displayed are hidden.
fn listed_sheets<R: Read + Seek>(
    package: &mut Package<R>,
) -> Result<Vec<SheetInfo>, WorkbookError> {
    let Some(mut xml) = package.xml(CONTENT)? else {
        return Err(WorkbookError::NotAWorkbook);
    };
    let mut sheets = Vec::new();
    let mut hidden: Vec<String> = Vec::new();
    let mut style = String::new();
    let mut depth = 0_u32;
    loop {
        let skipped = match xml.next()? {
            Event::Start(start) => match start.local_name().as_ref() {
                b"style" => {
                    style = attribute(&start, "name")?.unwrap_or_default();
                    false
                }
                b"table-properties" => {
                    let display = attribute(&start, "display")?;
                    if display.as_deref() == Some("false") && hidden.len() < MOST_SHEETS {
                        hidden.push(std::mem::take(&mut style));
                    }
                    false
                }
                b"table" => {
                    if depth == 0 && sheets.len() < MOST_SHEETS {
                        let name = attribute(&start, "name")?.unwrap_or_default();
                        let style = attribute(&start, "style-name")?.unwrap_or_default();
                        sheets.push(SheetInfo::new(name, hidden.contains(&style)));
                    }
                    depth += 1;
                    false
                }
                b"tracked-changes" => true,
                _ => false,
            },
            Event::End(end) => {
                if end.local_name().as_ref() == b"table" {
                    depth = depth.saturating_sub(1);
                }
                false
            }
            Event::Eof => return Ok(sheets),
            _ => false,
        };
        if skipped {
            xml.skip()?;
        }
    }
}

/// The attributes of a cell.
#[derive(Default)]
struct Head {
    kind: Option<String>,
    value: Option<String>,
    repeated: u32,
    rows_joined: u32,
}

impl Head {
    fn of(start: &BytesStart<'_>) -> Result<Self, WorkbookError> {
        let mut head = Self {
            repeated: 1,
            ..Self::default()
        };
        for attribute in start.attributes().with_checks(false) {
            let attribute =
                attribute.map_err(|_| WorkbookError::Damaged("a cell cannot be read"))?;
            let text = || {
                std::str::from_utf8(&attribute.value)
                    .map(str::to_owned)
                    .ok()
            };
            let count = || text().and_then(|text| text.parse::<u32>().ok());
            match attribute.key.as_ref() {
                b"office:value-type" => head.kind = text(),
                b"office:value"
                | b"office:date-value"
                | b"office:time-value"
                | b"office:boolean-value" => head.value = text(),
                b"table:number-columns-repeated" => {
                    head.repeated = count().unwrap_or(1).clamp(1, MOST_COLUMNS);
                }
                b"table:number-rows-spanned" => head.rows_joined = count().unwrap_or(1),
                _ => {}
            }
        }
        Ok(head)
    }
}

struct Content<'a, R: Read> {
    xml: Xml<'a, R>,
    text: String,
    /// The cells of a row with content, each with its column and its number of repetitions: the row may be repeated, too.
    cells: Vec<(u32, u32, String)>,
}

impl<R: Read> Content<'_, R> {
    /// Reads a table to its end, after its start was read.
    fn table(&mut self, rows: &mut Collector<'_>) -> Result<(), WorkbookError> {
        let mut next_row = 0_u32;
        loop {
            enum Found {
                Row(u32, bool),
                Other,
                Skipped,
            }
            let found = match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"table-row" => {
                        let repeated = attribute(&start, "number-rows-repeated")?;
                        let repeated = repeated.and_then(|count| count.parse::<u32>().ok());
                        let visibility = attribute(&start, "visibility")?;
                        let hidden = matches!(visibility.as_deref(), Some("collapse" | "filter"));
                        Found::Row(repeated.unwrap_or(1).clamp(1, MOST_ROWS), hidden)
                    }
                    // Pictures and drawings on the sheet, and tables within.
                    b"shapes" | b"table" => Found::Skipped,
                    _ => Found::Other,
                },
                Event::End(end) if end.local_name().as_ref() == b"table" => return Ok(()),
                Event::Eof => return Err(ENDS_EARLY),
                _ => Found::Other,
            };
            match found {
                Found::Row(repeated, hidden) => {
                    self.row(next_row, repeated, hidden, rows)?;
                    next_row = next_row.saturating_add(repeated);
                }
                Found::Skipped => self.xml.skip()?,
                Found::Other => rows.tick()?,
            }
        }
    }

    fn row(
        &mut self,
        row: u32,
        repeated: u32,
        hidden: bool,
        rows: &mut Collector<'_>,
    ) -> Result<(), WorkbookError> {
        rows.begin_row(row, hidden)?;
        let mut column = 0_u32;
        self.cells.clear();
        loop {
            let (head, covered) = match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"table-cell" => (Some(Head::of(&start)?), false),
                    // Covered by a merged cell: its own content is not shown.
                    b"covered-table-cell" => (Some(Head::of(&start)?), true),
                    _ => (None, false),
                },
                Event::End(end) if end.local_name().as_ref() == b"table-row" => break,
                Event::Eof => return Err(ENDS_EARLY),
                _ => (None, false),
            };
            rows.tick()?;
            let Some(head) = head else { continue };
            self.cell(&head)?;
            if !covered && !self.text.trim().is_empty() {
                self.cells
                    .push((column, head.repeated, std::mem::take(&mut self.text)));
                let last_row = row.saturating_add(head.rows_joined.clamp(1, MOST_ROWS) - 1);
                rows.merge((row, column), last_row);
            }
            column = column.saturating_add(head.repeated);
        }
        for (column, repeated, text) in &self.cells {
            for column in *column..column.saturating_add(*repeated) {
                rows.cell(column, text)?;
            }
        }
        rows.end_row(repeated)
    }

    /// Reads a cell to its end, into `text`.
    fn cell(&mut self, head: &Head) -> Result<(), WorkbookError> {
        self.text.clear();
        let mut paragraphs = 0;
        let mut in_paragraph = 0_u32;
        loop {
            enum Found {
                Skipped,
                Spaces(usize),
                Sign(char),
                Nothing,
            }
            let found = match self.xml.next()? {
                Event::Start(start) => match start.local_name().as_ref() {
                    b"p" | b"h" => {
                        in_paragraph += 1;
                        paragraphs += 1;
                        if paragraphs > 1 {
                            Found::Sign('\n')
                        } else {
                            Found::Nothing
                        }
                    }
                    b"s" => {
                        let count = attribute(&start, "c")?.and_then(|count| count.parse().ok());
                        Found::Spaces(count.unwrap_or(1).min(MOST_SPACES))
                    }
                    b"tab" => Found::Sign('\t'),
                    b"line-break" => Found::Sign('\n'),
                    b"span" | b"a" | b"ruby" | b"ruby-base" => Found::Nothing,
                    // Comments, pictures, notes, and whatever else is not the cell's text.
                    _ => Found::Skipped,
                },
                Event::End(end) => match end.local_name().as_ref() {
                    b"table-cell" | b"covered-table-cell" => break,
                    b"p" | b"h" => {
                        in_paragraph = in_paragraph.saturating_sub(1);
                        Found::Nothing
                    }
                    _ => Found::Nothing,
                },
                Event::Eof => return Err(ENDS_EARLY),
                event => {
                    if in_paragraph > 0 {
                        push_text(&event, &mut self.text)?;
                    }
                    Found::Nothing
                }
            };
            match found {
                Found::Skipped => self.xml.skip()?,
                Found::Spaces(count) => self.text.extend(std::iter::repeat_n(' ', count)),
                Found::Sign(sign) => self.text.push(sign),
                Found::Nothing => {}
            }
        }
        if let (Some(kind), Some(value)) = (&head.kind, &head.value)
            && let Some(shown) = shown(kind, value, &self.text)
        {
            self.text = shown;
        }
        Ok(())
    }
}

/// The text of a typed cell, from its value and from what the program displayed. `None` if it is what was displayed.
fn shown(kind: &str, value: &str, displayed: &str) -> Option<String> {
    match kind {
        "date" => Some(plain_moment(value)),
        "time" => duration(value),
        "boolean" => Some(if value == "true" { "TRUE" } else { "FALSE" }.to_owned()),
        "percentage" => {
            let number = Decimal::parse(value)?;
            Some(number.shifted(2).plain() + "%")
        }
        "float" | "currency" => Some(number(Decimal::parse(value)?, displayed)),
        _ => None,
    }
}

/// A number with what its format adds to it: leading zeros and signs between the digits as displayed, words and
/// currencies around them; without thousands separators and rounding.
fn number(number: Decimal, displayed: &str) -> String {
    let displayed = displayed.trim();
    let whole = number.whole();
    let shown_digits: String = displayed.chars().filter(char::is_ascii_digit).collect();
    let unpadded = shown_digits.trim_start_matches('0');
    let is_padded = shown_digits.starts_with('0') && unpadded == whole && shown_digits.len() > 1;
    if is_padded && number.fraction().is_empty() {
        let mark = if number.is_beyond_precision() {
            "."
        } else {
            ""
        };
        return format!("{displayed}{mark}");
    }
    let is_word = |c: char| c.is_alphabetic() || matches!(c, '$' | '€' | '£' | '¥' | '%');
    let first = displayed.find(|c: char| c.is_ascii_digit());
    let last = displayed.rfind(|c: char| c.is_ascii_digit());
    let (Some(first), Some(last)) = (first, last) else {
        // Words instead of the number, such as `Lunas`.
        return if displayed.chars().any(char::is_alphanumeric) {
            displayed.to_owned()
        } else {
            number.plain()
        };
    };
    let (prefix, suffix) = (&displayed[..first], &displayed[last + 1..]);
    if !prefix.contains(is_word) && !suffix.contains(is_word) || is_exponent(displayed) {
        return number.plain();
    }
    if !whole.is_empty() && !shown_digits.starts_with(&whole) {
        // Displayed in thousands or millions: only the words show it, so they stay with the number.
        return displayed.to_owned();
    }
    let sign = if number.negative { "-" } else { "" };
    let bare = |text: &str| text.replace(['(', ')', '-'], "").trim().to_owned();
    let space = if suffix.starts_with(char::is_whitespace) {
        " "
    } else {
        ""
    };
    format!(
        "{sign}{}{}{space}{}",
        bare(prefix),
        number.absolute().plain(),
        bare(suffix)
    )
}

/// Whether the letters displayed are those of an exponent: `3,17E+15`.
fn is_exponent(displayed: &str) -> bool {
    displayed.contains("E+") || displayed.contains("E-") || displayed.contains("E0")
}

/// `PT14H30M00S` as `14:30:00`.
fn duration(value: &str) -> Option<String> {
    let mut rest = value.strip_prefix("PT")?;
    let mut parts = [0_u64; 3];
    for (part, unit) in parts.iter_mut().zip(['H', 'M', 'S']) {
        if let Some((number, after)) = rest.split_once(unit) {
            *part = number.split(['.', ',']).next()?.parse().ok()?;
            rest = after;
        }
    }
    let [hours, minutes, seconds] = parts;
    Some(format!("{hours:02}:{minutes:02}:{seconds:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_cells_say_their_value_and_what_their_format_adds() {
        for (kind, value, displayed, expected) in [
            ("float", "12", "12", Some("12")),
            ("float", "1500000", "1.500.000", Some("1500000")),
            ("float", "81234567890", "081234567890", Some("081234567890")),
            (
                "float",
                "81234567890",
                "0812-3456-7890",
                Some("0812-3456-7890"),
            ),
            (
                "float",
                "3175010505909001",
                "3,17501050590900E+15",
                Some("3175010505909001."),
            ),
            (
                "float",
                "317501050590900",
                "0317501050590900",
                Some("0317501050590900"),
            ),
            ("float", "1234.567", "1235", Some("1234.5670")),
            ("float", "0.5", "0,5", Some("0.5")),
            ("float", "9", "9 hari", Some("9 hari")),
            ("float", "25500000", "25,5 jt", Some("25,5 jt")),
            ("float", "1", "Ya", Some("Ya")),
            ("float", "0", "-", Some("0")),
            ("currency", "35000000", "Rp35.000.000", Some("Rp35000000")),
            ("currency", "-5", "-Rp5,00", Some("-Rp5")),
            ("currency", "-5", "(Rp5)", Some("-Rp5")),
            ("percentage", "0.055", "6%", Some("5.5%")),
            ("date", "2024-01-05", "05/01/24", Some("2024-01-05")),
            (
                "date",
                "2024-01-05T14:30:00",
                "05/01/24",
                Some("2024-01-05 14:30:00"),
            ),
            ("time", "PT14H30M00S", "14.30", Some("14:30:00")),
            ("boolean", "true", "BENAR", Some("TRUE")),
            ("string", "x", "y", None),
        ] {
            assert_eq!(
                shown(kind, value, displayed).as_deref(),
                expected,
                "{value} {displayed}"
            );
        }
    }
}
