//! The first pass itself, fed with bytes. Decides nothing about columns.

use time::Date;

use super::{
    Survey,
    merged::Merged,
    tally::{Tally, WITNESSED, Witness},
};
use crate::{
    check::{
        RowClass, Sorter,
        layout::{Layout, Place},
        port::Progress,
    },
    csv::{CHUNK, Damage, Dialect, Limits, RecordReader},
    error::FileError,
    issue::{Notice, NoticeCode},
    mapping::Mapping,
    schema::{Schema, cell::Decision},
    text::Encoding,
    value::locale::DateOrder,
};

/// Makes a [`Survey`] without doing any input itself: feed all bytes, then finish.
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
    /// Columns of each unique key, none of one that does not count, and how many records have all of them.
    keys: Vec<(Vec<usize>, u64)>,
    scratch: String,
    records: u64,
    blank_rows: u64,
    damaged: u64,
    only_ascii: bool,
    /// The same survey with what is not ASCII read as Windows-1252, as long as that may be what it is.
    otherwise: Option<Box<Surveyor>>,
    /// The same survey of the whole file with `"` as quote, where the beginning of the file showed only damaged ones.
    quoted: Option<Box<Surveyor>>,
    /// Sound records with a cell in quotes, and records with a damaged quote; counted by that survey alone.
    quotes: Option<(u64, u64)>,
}

/// This many letters that are UTF-8, and more of them than bytes that are not, and the file is UTF-8.
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
            blank_rows: 0,
            damaged: 0,
            only_ascii: true,
            otherwise: None,
            // What the caller has decided is not questioned.
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

    /// Takes the next bytes of the file.
    ///
    /// # Errors
    ///
    /// When the header is not the expected one, or there are too many rows.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        // Cut at fixed places of the file, so that no decision depends on how the bytes came.
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

    /// The same survey at the same place, what follows being decoded otherwise.
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
        // Borrowed where it was returned: moved, it would be stored in pieces and loaded whole.
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
                        let filled = |column: &usize| {
                            let span = record.cells.get(*column);
                            u64::from(span.is_some_and(|span| !span.is_empty()))
                        };
                        let counted = self.keys.iter_mut();
                        for (columns, keys) in counted.filter(|(columns, _)| !columns.is_empty()) {
                            // Without a branch: whether a cell is empty cannot be foreseen.
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

    /// The survey, when all bytes were fed.
    ///
    /// # Errors
    ///
    /// When the file has no header, or a wrong one, or too many rows.
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
            notices,
        })
    }

    /// A column of dates that shows no order itself is doubtful where another column of the file shows the other order: one
    /// program wrote them both.
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

    /// A file taken for UTF-8 by an ASCII beginning, with many bytes that are not UTF-8 and hardly a letter that is (two
    /// bytes may be one by chance), never was UTF-8.
    fn is_not_utf8(&self) -> bool {
        let (letters, invalid) = self.reader.decoded();
        letters * 8 < invalid
    }
}
