//! What only the whole file shows: how many records it has, its real encoding, how its columns write dates and numbers.
//! The [`Surveyor`] is the first pass, which is fed with bytes. Rows are neither checked nor changed.

use time::Date;

use super::{
    Progress,
    tally::{Tally, WITNESSED, Witness},
};
use crate::{
    check::layout::{Layout, Place, RowClass, Sorter},
    csv::{CHUNK, Damage, Dialect, Limits, Record, reader::RecordReader},
    error::FileError,
    issue::{Notice, NoticeCode},
    mapping::Mapping,
    schema::{Schema, cell::Decision},
    sniff::header::is_blank,
    text::Encoding,
    value::locale::DateOrder,
};

/// The result of the first pass over a file, on which the second pass relies.
///
/// ```
/// use import_engine::{Field, Plan, Schema, fields::DateOrder, recognise::NoticeCode};
///
/// // 05/25 can only be May 25: then 03/04 may be March or April, and a guess would be wrong.
/// let file = b"name,born\nAhmad,03/04/1990\nSiti,05/25/1985\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born").order(DateOrder::DayFirst)).build()?;
/// let plan = Plan::of(&schema, file)?;
/// let survey = plan.survey().ok_or("was surveyed")?;
/// assert_eq!(survey.records(), 2);
/// assert_eq!(survey.notices()[0].code(), NoticeCode::DATE_ORDER_MIXED);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    encoding: Encoding,
    quote: Option<u8>,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: Vec<Decision>,
    /// Records in which every field of a unique key has a cell that is not empty.
    keys: Vec<u64>,
    /// Whether most records have fewer cells than the header, and none of them is a part of another record.
    short_rows: bool,
    notices: Vec<Notice>,
}

/// A survey with the names of fields instead of their indexes in a schema.
#[cfg(feature = "serde")]
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct SavedSurvey {
    encoding: Encoding,
    #[serde(with = "crate::csv::codec::optional_sign")]
    quote: Option<u8>,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: std::collections::BTreeMap<String, Decision>,
    keys: std::collections::BTreeMap<String, u64>,
    #[serde(default)]
    short_rows: bool,
    notices: Vec<Notice>,
}

#[cfg(feature = "serde")]
impl Survey {
    pub(crate) fn save(
        &self,
        schema: &Schema,
        decisions: std::collections::BTreeMap<String, Decision>,
    ) -> SavedSurvey {
        let keys = schema.inner.keys.iter().zip(&self.keys);
        SavedSurvey {
            encoding: self.encoding,
            quote: self.quote,
            records: self.records,
            rows: self.rows,
            blank_rows: self.blank_rows,
            damaged: self.damaged,
            bytes: self.bytes,
            decisions,
            keys: keys
                .map(|(key, count)| (key.name.to_string(), *count))
                .collect(),
            short_rows: self.short_rows,
            notices: self.notices.clone(),
        }
    }

    /// Restores a saved survey, or returns why it does not fit the schema.
    pub(crate) fn restore(schema: &Schema, saved: SavedSurvey) -> Result<Self, String> {
        let mut decisions = vec![Decision::default(); schema.fields().len()];
        for (field, decision) in saved.decisions {
            let index = schema.index_of(&field);
            let index = index.ok_or_else(|| format!("there is no field '{field}'"))?;
            decisions[index] = decision;
        }
        // The number of keys only reserves room: a key that is new in the schema costs nothing.
        let keys = schema.inner.keys.iter();
        Ok(Self {
            encoding: saved.encoding,
            quote: saved.quote,
            records: saved.records,
            rows: saved.rows,
            blank_rows: saved.blank_rows,
            damaged: saved.damaged,
            bytes: saved.bytes,
            decisions,
            keys: keys
                .map(|key| saved.keys.get(&*key.name).copied().unwrap_or_default())
                .collect(),
            short_rows: saved.short_rows,
            notices: saved.notices,
        })
    }
}

impl Survey {
    /// Data records of the file: not the header, and neither blank, nor a footer, nor a repeated header.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Row number of the file's last row.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows in which every cell is empty.
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// Records with damage.
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The encoding in which the file is read.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The quote of the file: that of its beginning, unless the beginning had only damaged quotes and the rest has sound
    /// ones.
    #[must_use]
    pub fn quote(&self) -> Option<u8> {
        self.quote
    }

    /// What the user should know about the file's columns and encoding.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// Whether records with fewer cells than the header are usual in the file.
    pub(crate) fn has_short_rows(&self) -> bool {
        self.short_rows
    }

    pub(crate) fn keys(&self) -> &[u64] {
        &self.keys
    }
}

// The first pass itself, which is fed with bytes.

/// Makes a [`Survey`] without its own input: feed all bytes, then finish.
///
/// ```
/// use import_engine::{Field, Plan, Schema, recognise::Sniffer};
///
/// let file = b"name\nAhmad\nSiti\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let mut surveyor = Plan::new(schema, dialect, mapping).surveyor()?;
/// for chunk in file.chunks(5) {
///     surveyor.feed(chunk)?;
/// }
/// assert_eq!(surveyor.finish()?.records(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Surveyor {
    schema: Schema,
    dialect: Dialect,
    limits: Limits,
    reader: RecordReader,
    layout: Layout,
    sorter: Sorter,
    mapping: Mapping,
    today: Option<Date>,
    tallies: Vec<Tally>,
    witnesses: Vec<Witness>,
    merged: Vec<Merged>,
    /// Columns of each unique key, empty for a key that is not checked, and the number of records that have all of them.
    keys: Vec<(Vec<usize>, u64)>,
    scratch: String,
    records: u64,
    /// The number of those with fewer cells than the header.
    short_records: u64,
    /// Whether one of these appears to be a part that a line break cut off.
    has_pieces: bool,
    named_width: usize,
    blank_rows: u64,
    damaged: u64,
    only_ascii: bool,
    /// The same survey with bytes beyond ASCII read as Windows-1252, as long as that may be the encoding.
    otherwise: Option<Box<Surveyor>>,
    /// The same survey of the whole file with `"` as quote, if the beginning of the file had only damaged quotes.
    quoted: Option<Box<Surveyor>>,
    /// Sound records with a cell in quotes, and records with a damaged quote; counted only by that survey.
    quotes: Option<(u64, u64)>,
}

/// A single short record may be the cut end of a file.
const LEAST_SHORT: u64 = 2;

/// A file with this many UTF-8 letters, and more of them than invalid bytes, is UTF-8.
const ENOUGH_LETTERS: u64 = 4;

impl Surveyor {
    pub(crate) fn new(
        schema: &Schema,
        dialect: &Dialect,
        mapping: &Mapping,
        limits: Limits,
        today: Option<Date>,
    ) -> Self {
        Self {
            schema: schema.clone(),
            dialect: dialect.clone(),
            limits,
            reader: RecordReader::new(dialect, limits),
            layout: Layout::new(dialect, mapping),
            sorter: Sorter::new(schema, mapping),
            mapping: mapping.clone(),
            today,
            tallies: Tally::all(schema, mapping),
            witnesses: Witness::all(schema, mapping),
            merged: Merged::all(schema, mapping),
            keys: schema
                .inner
                .keys
                .iter()
                .map(|key| {
                    let is_active = key.is_active(|field| mapping.column_of(field).is_some());
                    let fields = key.fields.iter().filter(|_| is_active);
                    let columns = fields.filter_map(|field| mapping.column_of(*field));
                    (columns.collect(), 0)
                })
                .collect(),
            scratch: String::new(),
            records: 0,
            short_records: 0,
            has_pieces: false,
            named_width: mapping.named_width(),
            blank_rows: 0,
            damaged: 0,
            only_ascii: true,
            otherwise: None,
            // The caller's decision is not questioned.
            quoted: (dialect.quote.is_none() && dialect.confidence.quote < 1.0).then(|| {
                let quoted = Dialect {
                    quote: Some(b'"'),
                    ..dialect.clone()
                };
                let surveyor = Self::new(schema, &quoted, mapping, limits, today);
                Box::new(Self {
                    quotes: Some((0, 0)),
                    ..surveyor
                })
            }),
            quotes: None,
        }
    }

    /// Feeds the next bytes of the file.
    ///
    /// # Errors
    ///
    /// If the header is not the expected one, or there are too many rows.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        // Cut at fixed offsets of the file, so that no decision depends on how the bytes were chunked.
        let mut rest = bytes;
        while !rest.is_empty() {
            let passed = usize::try_from(self.reader.bytes() % CHUNK as u64).unwrap_or(0);
            let (piece, behind) = rest.split_at(rest.len().min(CHUNK - passed));
            self.feed_piece(piece)?;
            rest = behind;
        }
        Ok(())
    }

    fn feed_piece(&mut self, piece: &[u8]) -> Result<(), FileError> {
        self.layout.prepare(&mut self.reader);
        if self.only_ascii && !piece.is_ascii() {
            self.only_ascii = false;
            if self.dialect.encoding == Encoding::UTF_8 && !self.dialect.bom {
                self.otherwise = Some(Box::new(self.fork(Encoding::WINDOWS_1252)));
            }
        }
        if self
            .otherwise
            .as_mut()
            .is_some_and(|otherwise| otherwise.feed_piece(piece).is_err())
        {
            self.otherwise = None;
        }
        if self
            .quoted
            .as_mut()
            .is_some_and(|quoted| quoted.feed_piece(piece).is_err())
        {
            self.quoted = None;
        }
        self.reader.feed(piece);
        self.read()?;
        let (letters, invalid) = self.reader.decoded();
        if letters >= ENOUGH_LETTERS
            && letters > invalid
            && self.reader.bytes().is_multiple_of(CHUNK as u64)
        {
            self.otherwise = None;
        }
        Ok(())
    }

    /// A copy of the survey at the same position, which decodes the rest with another encoding.
    fn fork(&self, encoding: Encoding) -> Self {
        Self {
            schema: self.schema.clone(),
            dialect: Dialect {
                encoding,
                ..self.dialect.clone()
            },
            reader: self.reader.redecoded(encoding),
            layout: self.layout.clone(),
            sorter: self.sorter.clone(),
            mapping: self.mapping.clone(),
            tallies: self.tallies.clone(),
            witnesses: self.witnesses.clone(),
            merged: self.merged.clone(),
            keys: self.keys.clone(),
            scratch: String::new(),
            otherwise: None,
            quoted: None,
            ..*self
        }
    }

    /// Bytes and rows passed so far.
    #[must_use]
    pub fn progress(&self) -> Progress {
        Progress {
            bytes: self.reader.bytes(),
            row: self.reader.rows(),
            records: self.records,
        }
    }

    fn read(&mut self) -> Result<(), FileError> {
        // Borrowed from its return slot: if it were moved, it would be stored in parts and loaded as a whole.
        while let Some(record) = &mut self.reader.next_record() {
            match self.layout.place(record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    self.reader.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            self.sorter.spare(record, &self.limits);
            let arranged = self.sorter.arranged(record);
            if let Some(cells) = &arranged {
                *record = record.arranged(cells);
            }
            if let Some((sound, damaged)) = &mut self.quotes {
                match record.damage() {
                    Some(Damage::OpenQuote | Damage::TextAfterQuote) => *damaged += 1,
                    None => *sound += u64::from(record.has_quotes(b'"')),
                    Some(_) => {}
                }
            }
            if record.damage().is_some() {
                self.damaged += 1;
                self.records += 1;
            } else {
                match self.sorter.classify(record) {
                    RowClass::Data => {
                        self.records += 1;
                        if record.len() < self.named_width {
                            self.short_records += 1;
                            if record.is_broken && !self.has_pieces {
                                self.has_pieces = !self.sorter.is_whole(record);
                            }
                        }
                        let filled = |column: &usize| {
                            let span = record.cells.get(*column);
                            u64::from(span.is_some_and(|span| !span.is_empty()))
                        };
                        let counted = self.keys.iter_mut();
                        for (columns, keys) in counted.filter(|(columns, _)| !columns.is_empty()) {
                            // Without a branch: whether a cell is empty cannot be predicted.
                            *keys += columns.iter().map(filled).product::<u64>();
                        }
                        for merged in &mut self.merged {
                            merged.look(record);
                        }
                        for tally in &mut self.tallies {
                            tally.look(record, &self.schema, self.today, &mut self.scratch);
                        }
                        if self.records <= WITNESSED {
                            for witness in &mut self.witnesses {
                                witness.look(record, &self.schema, &mut self.scratch);
                            }
                        }
                    }
                    RowClass::Blank => self.blank_rows += 1,
                    RowClass::Aside(_) | RowClass::Second(_) | RowClass::BelowOtherHeader => {
                        self.records += 1;
                    }
                    RowClass::Header
                    | RowClass::MovedHeader
                    | RowClass::OtherHeader
                    | RowClass::Numbers
                    | RowClass::Footer(_) => {}
                }
            }
            if self.records > self.limits.rows {
                return Err(FileError::TooManyRows {
                    limit: self.limits.rows,
                });
            }
        }
        Ok(())
    }

    /// The survey, after all bytes were fed.
    ///
    /// # Errors
    ///
    /// If the file has no header, a wrong one, or too many rows.
    pub fn finish(mut self) -> Result<Survey, FileError> {
        self.layout.prepare(&mut self.reader);
        self.reader.finish();
        self.read()?;
        if let Some(quoted) = self.quoted.take()
            && let Ok(survey) = quoted.finish_quoted()
        {
            return survey.map_or_else(|| self.conclude(), Ok);
        }
        self.conclude()
    }

    /// The survey with quotes, if they enclose more than they damage.
    fn finish_quoted(mut self) -> Result<Option<Survey>, FileError> {
        self.layout.prepare(&mut self.reader);
        self.reader.finish();
        self.read()?;
        if self.quotes.is_none_or(|(sound, damaged)| sound <= damaged) {
            return Ok(None);
        }
        let mut survey = self.conclude()?;
        survey
            .notices
            .insert(0, Notice::new(NoticeCode::QUOTES_FOUND));
        Ok(Some(survey))
    }

    fn conclude(mut self) -> Result<Survey, FileError> {
        if let Some(otherwise) = self.otherwise.take().filter(|_| self.is_not_utf8()) {
            let (from, to) = (
                self.dialect.encoding.label(),
                otherwise.dialect.encoding.label(),
            );
            let mut survey = otherwise.finish()?;
            survey.notices.insert(
                0,
                Notice::new(NoticeCode::ENCODING_CHANGED)
                    .with("from", from)
                    .with("to", to),
            );
            return Ok(survey);
        }
        self.layout.finish()?;
        let mut notices = Vec::new();
        let mut decisions = vec![Decision::default(); self.schema.fields().len()];
        for tally in &self.tallies {
            decisions[tally.field] = tally.decide(&self.schema, &self.mapping, &mut notices);
        }
        self.hear_witnesses(&mut decisions, &mut notices);
        let merged = self.merged.iter();
        notices.extend(merged.filter_map(|merged| merged.notice(&self.mapping)));
        Ok(Survey {
            encoding: self.dialect.encoding,
            quote: self.dialect.quote,
            records: self.records,
            rows: self.reader.rows(),
            blank_rows: self.blank_rows + self.reader.blank_rows(),
            damaged: self.damaged,
            bytes: self.reader.bytes(),
            decisions,
            keys: self.keys.iter().map(|(_, keys)| *keys).collect(),
            short_rows: !self.has_pieces
                && self.short_records >= LEAST_SHORT
                && self.short_records * 2 > self.records,
            notices,
        })
    }

    /// A column of dates that shows no order itself is doubtful if another column of the file shows the other order,
    /// because one program wrote both.
    fn hear_witnesses(&self, decisions: &mut [Decision], notices: &mut Vec<Notice>) {
        let shown = |order| {
            let fields = self.tallies.iter();
            let others = self.witnesses.iter();
            fields
                .map(|tally| (tally.dates.shows(), tally.header(&self.mapping)))
                .chain(others.map(|other| (other.dates.shows(), other.header(&self.mapping))))
                .find(|(shows, _)| *shows == Some(order))
        };
        for tally in &self.tallies {
            let other = match tally.order_without_evidence(&self.schema, &self.mapping) {
                Some(DateOrder::DayFirst) => DateOrder::MonthFirst,
                Some(DateOrder::MonthFirst) => DateOrder::DayFirst,
                Some(DateOrder::ByColumn) | None => continue,
            };
            if let Some((_, header)) = shown(other) {
                decisions[tally.field].dates.mixed = true;
                notices.push(
                    Notice::new(NoticeCode::DATE_ORDER_ELSEWHERE)
                        .with("column", tally.header(&self.mapping))
                        .with("other", header),
                );
            }
        }
    }

    /// Whether a file that was taken for UTF-8 because of an ASCII beginning is not: it has many invalid bytes and hardly
    /// any letter in UTF-8 (two bytes may form one by chance).
    fn is_not_utf8(&self) -> bool {
        let (letters, invalid) = self.reader.decoded();
        letters * 8 < invalid
    }
}

// Required cells that are blank below a filled one, as merged cells of a spreadsheet leave them.

/// The blank cells of one required column.
#[derive(Clone, Debug)]
struct Merged {
    column: usize,
    /// Whether the column had a filled cell above.
    is_below: bool,
    rows: u64,
    first_row: u64,
}

impl Merged {
    /// One for each required column.
    fn all(schema: &Schema, mapping: &Mapping) -> Vec<Self> {
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
    fn look(&mut self, record: &Record<'_>) {
        match record.bytes(self.column) {
            Some([first, ..]) if first.is_ascii_graphic() => self.is_below = true,
            Some(_) => self.look_closer(record),
            // The row ends before this column, which is reported separately.
            None => {}
        }
    }

    fn look_closer(&mut self, record: &Record<'_>) {
        // A row with a single cell is a note or a signature.
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

    /// The notice, with the name of the user's own column.
    fn notice(&self, mapping: &Mapping) -> Option<Notice> {
        let column = mapping.headers().nth(self.column).unwrap_or_default();
        (self.rows > 0).then(|| {
            Notice::new(NoticeCode::MERGED_CELLS)
                .with("column", column)
                .with("rows", self.rows)
                .with("row", self.first_row)
        })
    }
}
