//! Where the table is in the file, and which records are its data: not what is above the header, blank records, a
//! repeated or another header, the sums below the table, titles, page headers and footers, notes and signatures. Values
//! of cells are not judged here.
//!
//! What is certainly not data is skipped, which a notice reports. What does not look like data but might be (a row
//! without most of the required fields) is refused with one reason. Below a header that has all columns of the file's own
//! in another order, rows are read by that header: their cells are put into the order of the file's header. Below a
//! header with other columns, nothing is read until the file's own header is repeated. A cell is never assigned to
//! another column.

use std::collections::HashSet;

use crate::{
    csv::{Damage, Dialect, Limits, Record, Span, reader::RecordReader},
    error::FileError,
    mapping::{Mapping, Strict},
    schema::Schema,
    sniff::{
        header::{is_blank, sums_up},
        kind::looks_like_data,
    },
    value::text::{guard, header_text, normalise_header, unguard_header},
};

// The position of the table in the file: above the header, the header, and below it. Independent of the fields.

/// The prefix of the errors of a row whose cells were out of place.
pub(crate) const MARK: &str = "[!]";

/// The prefix of a note about the file itself, in the column of the errors. A record with only such a note is not data.
pub(crate) const NOTE: &str = "[i]";

/// The column of the errors in a file to correct.
pub(crate) const ERRORS: &str = "_errors";

/// The column of the number of the row in the file in which it failed, in a file to correct.
pub const ROW_NUMBER: &str = "_row_number";

/// The position of a record relative to the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Titles and the like.
    Above,
    /// The header, with this many columns.
    Header(usize),
    /// The table.
    Below,
}

/// Decides where records are, and checks that the header is the one that the mapping was made for.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    header_row: Option<u64>,
    rows_above: u64,
    headers: Vec<String>,
    passed_header: bool,
    prepared: bool,
}

impl Layout {
    pub(crate) fn new(dialect: &Dialect, mapping: &Mapping) -> Self {
        Self {
            header_row: dialect.header_row,
            rows_above: dialect.rows_above,
            headers: mapping.headers().map(header_text).collect(),
            passed_header: dialect.header_row.is_none(),
            prepared: false,
        }
    }

    /// Sets the reader's width of the table if it is known without the header.
    pub(crate) fn prepare(&mut self, reader: &mut RecordReader) {
        let at_once = self.header_row.is_none_or(|row| row == 1);
        if !std::mem::replace(&mut self.prepared, true) && at_once {
            reader.expect_columns(self.headers.len());
        }
    }

    #[inline]
    pub(crate) fn place(&mut self, record: &Record<'_>) -> Result<Place, FileError> {
        if self.passed_header && record.row() > self.rows_above.max(self.header_row.unwrap_or(0)) {
            return Ok(Place::Below);
        }
        self.place_above(record)
    }

    #[inline(never)]
    fn place_above(&mut self, record: &Record<'_>) -> Result<Place, FileError> {
        let Some(header_row) = self.header_row else {
            return Ok(Place::Above);
        };
        let row = header_row;
        if record.row() < row {
            return Ok(Place::Above);
        }
        if record.row() > row {
            return Err(FileError::HeaderChanged { row });
        }
        // A NUL is removed from a header, like every control character.
        if record.damage().is_some_and(|damage| damage != Damage::Nul) {
            return Err(FileError::HeaderDamaged { row });
        }
        let same = record.len() == self.headers.len()
            && record
                .iter()
                .zip(&self.headers)
                .all(|(cell, header)| is_same(cell, header));
        if !same {
            return Err(FileError::HeaderChanged { row });
        }
        self.passed_header = true;
        Ok(Place::Header(self.headers.len()))
    }

    /// Checks, at the end of the file, that the header was found.
    pub(crate) fn finish(&self) -> Result<(), FileError> {
        if self.passed_header {
            Ok(())
        } else {
            Err(FileError::HeaderMissing)
        }
    }
}

/// Headers are compared in the form in which they are recognised: trimmed, and ignoring what the encoding made of a
/// letter that was not ASCII, because the survey may still change it.
fn is_same(cell: &str, header: &str) -> bool {
    let cell = header_text(cell);
    cell == header || (!cell.is_ascii() || !header.is_ascii()) && ascii(&cell).eq(ascii(header))
}

fn ascii(text: &str) -> impl Iterator<Item = u8> {
    text.bytes().filter(u8::is_ascii_alphanumeric)
}

// Which of the records below the header are data.

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowClass {
    Data,
    /// Every cell is empty.
    Blank,
    /// The header again, in any spelling, or further names below it.
    Header,
    /// A header with the same columns in another order: rows below are read by it.
    MovedHeader,
    /// A header with other columns, of which some have other positions.
    OtherHeader,
    /// A row below such a header.
    BelowOtherHeader,
    /// The numbers of the columns: `(1)`, `(2)`, `(3)`.
    Numbers,
    /// A row of sums of the table; its first word is in this column.
    Footer(usize),
    /// Most of the required fields are empty, and there is only text, beginning in this column.
    Aside(usize),
    /// A row directly below the header that continues it, or shows how to fill in the columns; it begins in this column.
    Second(usize),
}

/// Separates data from everything else.
#[derive(Clone, Debug)]
pub(crate) struct Sorter {
    schema: Schema,
    headers: Vec<String>,
    /// The headers in the form in which they are compared.
    compared: Vec<String>,
    filled_headers: usize,
    /// The headers and the names that the schema knows, in the form in which they are compared.
    names: HashSet<String>,
    footers: Vec<Box<str>>,
    /// The first two letters of footers' words and names, [as a number](pair): most rows need no closer look.
    beginnings: Box<[bool; PAIRS]>,
    /// The first three letters of footers' words and names, [as a number](triple), one bit each.
    prefixes: Box<[u64; TRIPLES / 64]>,
    /// Whether a footer's word or a name has fewer letters.
    short: bool,
    /// Columns of required fields.
    required: Vec<usize>,
    /// Columns of all fields.
    columns: Vec<Option<usize>>,
    /// Records after a header among which a second row of names is searched.
    below_header: u8,
    /// Whether there is a gap above: blank rows, a title, sums. Another table may begin.
    after_gap: bool,
    /// The row below the last one.
    next_row: u64,
    below_other: bool,
    /// Below a header in another order: for each column of the file's own header, its index there.
    order: Option<Vec<usize>>,
    strict: Strict,
}

/// A row of groups, one of names and one of numbers: no header has more rows.
const SECOND_HEADERS: u8 = 3;

impl Sorter {
    pub(crate) fn new(schema: &Schema, mapping: &Mapping) -> Self {
        let required = schema
            .fields()
            .iter()
            .enumerate()
            .filter(|(_, field)| field.is_required())
            .filter_map(|(index, _)| mapping.column_of(index))
            .collect();
        let headers: Vec<String> = mapping
            .headers()
            .map(|header| header.trim().to_owned())
            .collect();
        let compared: Vec<String> = headers
            .iter()
            .map(|header| normalise_header(header))
            .collect();
        let names: HashSet<String> = compared
            .iter()
            .filter(|name| !name.is_empty())
            .chain(schema.compared_headers())
            .cloned()
            .collect();
        let footers = schema.inner.footer_words.clone();
        let guarded: Vec<_> = headers.iter().map(|header| guard(header)).collect();
        let words = || {
            names
                .iter()
                .map(String::as_bytes)
                .chain(headers.iter().map(String::as_bytes))
                .chain(guarded.iter().map(|header| header.as_bytes()))
                .chain(footers.iter().map(|word| word.as_bytes()))
        };
        let mut beginnings = Box::new([false; PAIRS]);
        for word in words() {
            match word {
                [first, second, ..] if first.is_ascii_graphic() => {
                    beginnings[pair(*first, *second)] = true;
                }
                // Any letter may follow it.
                [first] => (0..32).for_each(|second| beginnings[pair(*first, second)] = true),
                _ => {}
            }
        }
        // Lines of signs between rows also need a closer look.
        for sign in RULE_SIGNS {
            for other in RULE_SIGNS {
                beginnings[pair(*sign, *other)] = true;
            }
        }
        let mut prefixes = Box::new([0; TRIPLES / 64]);
        for start in words().filter_map(|word| word.first_chunk::<3>()) {
            let triple = triple(*start);
            prefixes[triple / 64] |= 1_u64 << (triple % 64);
        }
        let short = words().any(|word| !word.is_empty() && word.len() < 3);
        Self {
            schema: schema.clone(),
            filled_headers: compared.iter().filter(|header| !header.is_empty()).count(),
            headers,
            compared,
            names,
            footers,
            beginnings,
            prefixes,
            short,
            required,
            columns: (0..schema.fields().len())
                .map(|field| mapping.column_of(field))
                .collect(),
            below_header: SECOND_HEADERS,
            after_gap: false,
            next_row: 0,
            below_other: false,
            order: None,
            strict: Strict::of(schema, mapping),
        }
    }

    /// Removes damage from a record that affects no column of a field: a cell that is too large does no harm if it is not
    /// imported.
    #[inline]
    pub(crate) fn spare(&self, record: &mut Record<'_>, limits: &Limits) {
        if record.damage != Some(Damage::CellTooLarge) {
            return;
        }
        let is_large = |column: &usize| {
            let cell = record.bytes(*column);
            cell.is_some_and(|cell| cell.len() > limits.cell_bytes)
        };
        if !self.columns.iter().flatten().any(is_large) {
            record.damage = None;
        }
    }

    #[inline]
    pub(crate) fn classify(&mut self, record: &Record<'_>) -> RowClass {
        let follows = record.row() == self.next_row && !self.after_gap;
        self.next_row = record.row() + 1;
        // A word of at least two letters in the first column that begins differently, and the required fields are
        // present: nearly every row.
        if follows
            && self.below_header == 0
            && let Some(cell @ [first, second, ..]) = record.bytes(0)
            && first.is_ascii_graphic()
            && second.is_ascii_graphic()
            && (!self.beginnings[pair(*first, *second)] || self.begins_otherwise(cell))
            && self.has_what_is_required(record)
        {
            return RowClass::Data;
        }
        // Directly below the header, no table ends yet.
        self.after_gap = !follows && self.below_header == 0;
        self.look_around(record)
    }

    /// Whether the third letter shows that a cell is not a word, though the first two do not.
    #[inline]
    fn begins_otherwise(&self, cell: &[u8]) -> bool {
        let start = cell.first_chunk::<3>();
        cell[0].is_ascii_alphabetic()
            && !(self.short && cell.len() < SHORT)
            && start.is_some_and(|start| !self.is_prefix(*start))
    }

    /// Whether a word begins like this; it may be true for others, too.
    #[inline]
    fn is_prefix(&self, start: [u8; 3]) -> bool {
        let triple = triple(start);
        self.prefixes[triple / 64] >> (triple % 64) & 1 == 1
    }

    #[inline]
    fn has_what_is_required(&self, record: &Record<'_>) -> bool {
        let is_filled = |column: &usize| {
            record
                .cells
                .get(*column)
                .is_some_and(|span| !span.is_empty())
        };
        !self.below_other && self.required.iter().all(is_filled)
    }

    #[inline(never)]
    fn look_around(&mut self, record: &Record<'_>) -> RowClass {
        let mut cells = record.iter();
        let Some(first) = cells.position(|cell| !is_blank(cell)) else {
            self.after_gap = true;
            return RowClass::Blank;
        };
        let word = record.get(first).unwrap_or_default();
        if self
            .headers
            .get(first)
            .is_some_and(|header| header == ERRORS)
            && word.trim_start().starts_with(NOTE)
        {
            // A note of the file to correct about itself.
            return RowClass::Blank;
        }
        let mut class = self.look_closer(record, first, word);
        if class == RowClass::Data && self.begins_another_table(record) {
            self.begin_other();
            class = RowClass::Aside(first);
        }
        self.after_gap = matches!(class, RowClass::Aside(_) | RowClass::Footer(_));
        if class == RowClass::OtherHeader
            && let Some(order) = self.order_of(record)
        {
            self.order = Some(order);
            class = RowClass::MovedHeader;
        }
        match class {
            RowClass::MovedHeader => {
                (self.below_header, self.below_other) = (SECOND_HEADERS, false);
            }
            RowClass::Header => {
                (self.below_header, self.below_other) = (SECOND_HEADERS, false);
                // Names below group titles do not determine the positions of columns.
                if self.is_header(record) || self.is_same_header(record) {
                    self.order = None;
                }
            }
            RowClass::OtherHeader => self.begin_other(),
            RowClass::Data if self.below_other => return RowClass::BelowOtherHeader,
            RowClass::Data => self.below_header = 0,
            _ => self.below_header = self.below_header.saturating_sub(1),
        }
        class
    }

    /// Records that follow are below other columns.
    fn begin_other(&mut self) {
        (self.below_header, self.below_other, self.order) = (0, true, None);
    }

    /// Whether a row after a gap is a header whose names are not known: it has several cells, none with a digit, and
    /// words in the columns where the file has numbers, dates and the like.
    fn begins_another_table(&self, record: &Record<'_>) -> bool {
        if !self.after_gap || self.below_header > 0 || self.below_other {
            return false;
        }
        let mut filled = 0;
        let words = record.iter().filter(|cell| !is_blank(cell)).all(|cell| {
            filled += 1;
            cell.len() <= LONGEST_NAME
                && cell.starts_with(char::is_alphabetic)
                && !cell.contains(|c: char| c.is_numeric() || c == '@')
        });
        words && filled >= LEAST_NAMES && self.strict.refuse(&record.iter().collect::<Vec<_>>())
    }

    fn look_closer(&self, record: &Record<'_>, first: usize, word: &str) -> RowClass {
        if self.is_header(record) {
            return RowClass::Header;
        }
        if self.below_header > 0 && self.counts_columns(record) {
            return RowClass::Numbers;
        }
        if self.after_gap || self.may_be_word(word) {
            if let Some(class) = self.names_of_columns(record) {
                return class;
            }
            if self.is_footer(record) {
                return RowClass::Footer(first);
            }
        }
        if self.is_aside(record) || is_rule(record) {
            return RowClass::Aside(first);
        }
        if self.below_header > 0
            && (record.iter().any(is_example)
                || self
                    .strict
                    .speak_against(&record.iter().collect::<Vec<_>>()))
        {
            return RowClass::Second(first);
        }
        RowClass::Data
    }

    /// The positions of the columns of the file's own header in another one, if it has exactly these, each with a unique
    /// name.
    fn order_of(&self, record: &Record<'_>) -> Option<Vec<usize>> {
        let names: Vec<String> = record.iter().map(|cell| self.name_in(cell)).collect();
        let place = |name: &String| {
            let mut places = (0..names.len()).filter(|&place| names[place] == *name);
            places.next().filter(|_| places.next().is_none())
        };
        let order: Vec<usize> = self.compared.iter().map(place).collect::<Option<_>>()?;
        (names.len() == order.len()).then_some(order)
    }

    /// Puts the cells of a record into the order of the file's header, if they have another one.
    #[inline]
    pub(crate) fn arranged(&self, record: &Record<'_>) -> Option<Vec<Span>> {
        self.order
            .as_ref()
            .and_then(|order| self.arranged_by(order, record))
    }

    /// Cells of a header keep their order: it is shown as it is.
    #[inline(never)]
    fn arranged_by(&self, order: &[usize], record: &Record<'_>) -> Option<Vec<Span>> {
        let is_as_it_stands = record.damage().is_some()
            || self.is_header(record)
            || self.names_of_columns(record).is_some()
            || self.below_header > 0 && self.counts_columns(record);
        let cell = |&place: &usize| {
            let cell = record.cells.get(place).copied();
            cell.unwrap_or_else(|| Span::plain(0, 0))
        };
        (!is_as_it_stands).then(|| order.iter().map(cell).collect())
    }

    /// Whether this is the file's own header in any spelling, with all names in their positions.
    fn is_same_header(&self, record: &Record<'_>) -> bool {
        let cells = record.iter().enumerate();
        let mut filled = cells.filter(|(_, cell)| !is_blank(cell));
        filled.all(|(column, cell)| self.compared.get(column) == Some(&self.name_in(cell)))
    }

    fn is_header(&self, record: &Record<'_>) -> bool {
        record.len() == self.headers.len()
            && record
                .iter()
                .zip(&self.headers)
                .all(|(cell, header)| unguard_header(cell.trim()) == header)
    }

    /// The class of a row of names: the header in another spelling or language, names of single columns below group
    /// titles, or a header in another order.
    fn names_of_columns(&self, record: &Record<'_>) -> Option<RowClass> {
        let (mut filled, mut named, mut same) = (0, 0, 0);
        for (column, cell) in record.iter().enumerate() {
            if is_blank(cell) {
                continue;
            }
            filled += 1;
            // A name is short; most rows end at their first cell.
            let name = if cell.len() <= LONGEST_NAME {
                self.name_in(cell)
            } else {
                String::new()
            };
            let is_name = self.names.contains(&name)
                || self.below_header == 0 && self.is_foreign(&name)
                || self.after_gap && self.goes_on_from_a_name(&name);
            named += usize::from(is_name);
            same += usize::from(self.compared.get(column) == Some(&name));
            if named * 4 < filled && (self.below_header == 0 || filled > 2) {
                return None;
            }
        }
        // A single cell is rather the name of a person or a thing than of a column.
        if filled < 2 || named < 2 || named * 4 < filled * 3 {
            return None;
        }
        if same == filled && same * 2 >= self.filled_headers {
            return Some(RowClass::Header);
        }
        let cells: Vec<&str> = record.iter().collect();
        let mapping =
            Mapping::new(&self.schema, &cells, std::iter::empty::<(&str, &str)>()).ok()?;
        let mut agree = 0;
        let mut contradict = 0;
        for (field, column) in self.columns.iter().enumerate() {
            match (column, mapping.column_of(field)) {
                (Some(own), Some(other)) if *own == other => agree += 1,
                (Some(_), Some(_)) => contradict += 1,
                // A name from another kind of table, or of another thing, in a position where this one has a field.
                (Some(own), None) => {
                    let name = cells.get(*own).map(|cell| self.name_in(cell));
                    let is_other = |name: &String| {
                        self.is_foreign(name) || self.after_gap && self.goes_on_from_a_name(name)
                    };
                    contradict += usize::from(name.as_ref().is_some_and(is_other));
                }
                _ => {}
            }
        }
        match (agree, contradict) {
            (_, 0) if agree + same >= 2 => Some(RowClass::Header),
            // Names below group titles describe columns, not their positions.
            _ if self.below_header > 0 => Some(RowClass::Header),
            (_, 0) => None,
            _ => Some(RowClass::OtherHeader),
        }
    }

    /// Whether only a table of another kind has a column of this name. It is not called for every row: such a table
    /// begins with a name that this kind knows, too, or after a gap.
    fn is_foreign(&self, name: &str) -> bool {
        self.schema.compared_others().contains(name) && !self.names.contains(name)
    }

    /// Whether a text begins with a name of a column, and more words follow: `Nominal Refund`.
    fn goes_on_from_a_name(&self, text: &str) -> bool {
        text.match_indices(' ')
            .any(|(end, _)| self.names.contains(&text[..end]))
            && !text.contains(char::is_numeric)
    }

    /// A cell in the form in which names are compared; spaced letters (`N A M A`) are joined if the result is a name.
    fn name_in(&self, cell: &str) -> String {
        let name = normalise_header(cell);
        let stand_apart = name.len() > 1 && name.split(' ').all(|word| word.chars().count() == 1);
        if stand_apart && !self.names.contains(&name) {
            let together = name.replace(' ', "");
            if self.names.contains(&together) {
                return together;
            }
        }
        name
    }

    /// Whether a record numbers the columns below their names, as official forms do: `(1)`, `(2)`, `(3)`, `a`, `b`, `c`
    /// or `I`, `II`, `III`.
    fn counts_columns(&self, record: &Record<'_>) -> bool {
        let counts = |numeral: &dyn Fn(usize) -> Option<&'static str>| {
            let mut next = 1;
            for cell in record.iter().map(str::trim).filter(|cell| !is_blank(cell)) {
                let number = cell.trim_matches(['(', ')', '[', ']', '.', ' ']);
                let is_next = match numeral(next) {
                    Some(numeral) => numeral.eq_ignore_ascii_case(number),
                    None => number.parse() == Ok(next),
                };
                if !is_next {
                    return false;
                }
                next += 1;
            }
            let counted = next - 1;
            counted >= 3 && counted * 2 >= self.filled_headers
        };
        counts(&|_| None)
            || counts(&|number| LETTERS.get(number - 1..number).or(Some("")))
            || counts(&|number| ROMAN.get(number - 1).copied().or(Some("")))
    }

    /// Compares the first letters without allocation: most rows end here.
    fn may_be_word(&self, word: &str) -> bool {
        let word = word.trim_ascii_start().as_bytes();
        let Some(first) = word.first().filter(|first| !first.is_ascii_digit()) else {
            return false;
        };
        self.short && word.len() < SHORT
            // `N O`
            || word.get(1) == Some(&b' ')
            || !first.is_ascii_alphabetic()
            || word
                .first_chunk::<3>()
                .is_some_and(|start| self.is_prefix(*start))
    }

    fn is_footer(&self, record: &Record<'_>) -> bool {
        let required_is_empty = || {
            self.required
                .iter()
                .any(|&column| record.get(column).is_none_or(is_blank))
        };
        let is_word = |word: &str| self.footers.iter().any(|footer| **footer == *word);
        sums_up(record.iter(), is_word, required_is_empty)
    }

    /// Whether a record is a title, a page header or footer, a note or a signature: most of the required fields are
    /// empty, and no cell of a field holds anything that only data have. If half of them are empty, a single filled cell
    /// in a table of several fields is not a record either, and neither are a few cells with words in fields that accept
    /// no words.
    fn is_aside(&self, record: &Record<'_>) -> bool {
        let required = self.required.len();
        let is_empty = |column: &&usize| record.get(**column).is_none_or(is_blank);
        let empty = self.required.iter().filter(is_empty).count();
        if required < 2 || empty * 2 < required {
            return false;
        }
        let is_alone = || {
            let mut filled = record.iter().filter(|cell| !is_blank(cell));
            filled.nth(1).is_none()
        };
        let cells = || {
            let columns = self.columns.iter().flatten();
            columns.filter_map(|column| record.get(*column))
        };
        let has_data = || cells().any(looks_like_data);
        if empty * 2 > required {
            return is_alone() || !has_data();
        }
        // A shorter row has lost cells, and that is its error.
        if record.len() < self.headers.len() {
            return false;
        }
        let fields = self.columns.iter().flatten().count();
        let filled = cells().filter(|cell| !is_blank(cell)).count();
        fields > required
            && (is_alone()
                || filled * 2 <= fields
                    && !has_data()
                    && self.strict.refuse(&record.iter().collect::<Vec<_>>()))
    }

    /// Whether a record that lacks cells at its end is complete nevertheless: the required fields are present, and so is
    /// a number, a date or the like of a field that accepts no ordinary word.
    pub(crate) fn is_whole(&self, record: &Record<'_>) -> bool {
        self.has_what_is_required(record) && self.strict.agree(&record.iter().collect::<Vec<_>>())
    }

    /// The required fields that have an empty cell, by name.
    pub(crate) fn missing(&self, record: &Record<'_>) -> String {
        let fields = self.schema.fields().iter().zip(&self.columns);
        let missing = fields.filter(|(field, column)| {
            let cell = column.and_then(|column| record.get(column));
            field.is_required() && column.is_some() && cell.is_none_or(is_nothing)
        });
        missing
            .map(|(field, _)| field.name())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// With two words, a row after a gap may be a person with a word for an unknown value.
const LEAST_NAMES: usize = 3;

/// What may number columns besides numbers.
const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const ROMAN: [&str; 12] = [
    "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
];

/// The characters that form lines between the rows of a printed table.
const RULE_SIGNS: &[u8] = b"-=_+:*~";

/// Whether a record consists of lines of signs only: `---`, `:--:`, `=====`.
fn is_rule(record: &Record<'_>) -> bool {
    let mut longest = 0;
    let drawn = record.iter().all(|cell| {
        let cell = cell.trim();
        longest = longest.max(cell.len());
        cell.bytes().all(|byte| RULE_SIGNS.contains(&byte))
    });
    drawn && longest >= SHORTEST_RULE
}

/// Whether a cell is blank, or a line of signs.
fn is_nothing(cell: &str) -> bool {
    is_blank(cell) || cell.trim().bytes().all(|byte| RULE_SIGNS.contains(&byte))
}

/// Fewer signs are not a line: people write `--` for "nothing".
const SHORTEST_RULE: usize = 3;

/// Whether a cell of a row directly below the header says that the row is an example: by the word alone, or with a sign
/// after it. A package whose name merely begins with the word is not an example.
fn is_example(cell: &str) -> bool {
    const EXAMPLES: &[&str] = &["contoh", "cth", "example", "sample", "misal", "misalnya"];
    let word = cell.trim_start_matches(['(', ' ']);
    let end = word
        .find(|c: char| !c.is_alphabetic())
        .unwrap_or(word.len());
    let (first, rest) = word.split_at(end);
    let is_marked = rest.starts_with([':', '=', ')'])
        || rest.starts_with(". ")
        || rest
            .chars()
            .all(|c| c.is_ascii_punctuation() || c.is_whitespace());
    is_marked
        && EXAMPLES
            .iter()
            .any(|example| example.eq_ignore_ascii_case(first))
}

/// Bytes: `No. ` or `(HP)` may be a name of two letters.
const SHORT: usize = 6;

/// Bytes: a longer text is a sentence, not a name of a column.
const LONGEST_NAME: usize = 80;

const PAIRS: usize = 1 << 10;

const TRIPLES: usize = 1 << 15;

/// Three bytes without the case of letters. Other bytes may have the same number.
#[inline]
fn triple([first, second, third]: [u8; 3]) -> usize {
    pair(first, second) << 5 | usize::from(third & 31)
}

/// Two bytes without the case of letters. Other bytes may have the same number.
#[inline]
fn pair(first: u8, second: u8) -> usize {
    usize::from(first & 31) << 5 | usize::from(second & 31)
}
