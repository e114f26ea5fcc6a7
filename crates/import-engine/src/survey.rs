//! What only the whole file can tell: how many records it has, which encoding it really is in, how its columns write dates
//! and numbers. Checks no rows.

use time::Date;

use crate::{
    Dialect, Encoding,
    check::{Decision, RowClass, Sorter},
    error::ImportError,
    importer::CHUNK,
    layout::{Layout, Place},
    limits::Limits,
    mapping::Mapping,
    notice::Notice,
    read::{Record, RecordReader},
    schema::{DateOrder, DecimalMark, Schema, kind::Kind},
    value::{
        date, digits,
        number::{self, Style, Wanted},
        text,
    },
};

/// What the first pass over a file found out. The second pass decides by it.
///
/// ```
/// use import_engine::{Field, Importer, Notice, Schema, Sniffer};
///
/// // 05/25 can only be May 25: then 03/04 may be March or April, and nobody should guess.
/// let file = b"name,born\nAhmad,03/04/1990\nSiti,05/25/1985\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::date("born")).build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
/// assert_eq!(survey.records(), 2);
/// assert!(matches!(survey.notices(), [Notice::DateOrderMixed { ambiguous: 1, .. }]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    encoding: Encoding,
    records: u64,
    rows: u64,
    blank_rows: u64,
    damaged: u64,
    bytes: u64,
    decisions: Vec<Decision>,
    /// Records in which every field of a unique key has a cell that is not empty.
    keys: Vec<u64>,
    notices: Vec<Notice>,
}

impl Survey {
    /// Data records of the file: neither the header, nor blank, nor a footer, nor a repeated header.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.records(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Row number of the file's last row.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.rows(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Rows in which every cell is empty.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.blank_rows(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn blank_rows(&self) -> u64 {
        self.blank_rows
    }

    /// Records with damage.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.damaged(), 0);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn damaged(&self) -> u64 {
        self.damaged
    }

    /// Bytes of the file.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.bytes(), file.len() as u64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The encoding the file is read in.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert_eq!(survey.encoding(), Encoding::UTF_8);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What a person should know about the file's columns and encoding.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let survey = Importer::new(schema, dialect, mapping).survey(&file[..], &mut ())?;
    /// assert!(survey.notices().is_empty());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(crate) fn keys(&self) -> &[u64] {
        &self.keys
    }
}

/// Makes a [`Survey`] without doing any input itself: feed all bytes, then finish.
///
/// ```
/// use import_engine::{Field, Importer, Schema, Sniffer};
///
/// let file = b"name\nAhmad\nSiti\n";
/// let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let mut surveyor = Importer::new(schema, dialect, mapping).surveyor()?;
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
    tallies: Vec<Tally>,
    /// Columns of each unique key, and how many records have all of them.
    keys: Vec<(Vec<usize>, u64)>,
    scratch: String,
    records: u64,
    blank_rows: u64,
    damaged: u64,
    only_ascii: bool,
    /// The same survey with what is not ASCII read as Windows-1252, as long as that may be what it is.
    otherwise: Option<Box<Surveyor>>,
}

/// So many letters that are UTF-8, and more of them than bytes that are not, and the file is UTF-8.
const ENOUGH_LETTERS: u64 = 4;

/// Evidence of one column.
#[derive(Clone, Debug)]
struct Tally {
    field: usize,
    column: usize,
    day_first: u64,
    month_first: u64,
    ambiguous_dates: u64,
    point: u64,
    comma: u64,
    long: u64,
    rounded: u64,
}

impl Surveyor {
    pub(crate) fn new(
        schema: &Schema,
        dialect: &Dialect,
        mapping: &Mapping,
        limits: Limits,
    ) -> Self {
        let tallies = schema.fields().iter().enumerate().filter(|(_, field)| {
            matches!(
                field.kind,
                Kind::Date(_) | Kind::Decimal(_) | Kind::Integer(_)
            ) || long_digits(&field.kind)
        });
        Self {
            schema: schema.clone(),
            dialect: dialect.clone(),
            limits,
            reader: RecordReader::new(dialect, limits),
            layout: Layout::new(dialect, mapping),
            sorter: Sorter::new(schema, mapping),
            tallies: tallies
                .filter_map(|(field, _)| {
                    mapping.column_of(field).map(|column| Tally {
                        field,
                        column,
                        day_first: 0,
                        month_first: 0,
                        ambiguous_dates: 0,
                        point: 0,
                        comma: 0,
                        long: 0,
                        rounded: 0,
                    })
                })
                .collect(),
            keys: schema
                .inner
                .keys
                .iter()
                .map(|key| {
                    (
                        key.fields
                            .iter()
                            .filter_map(|field| mapping.column_of(*field))
                            .collect(),
                        0,
                    )
                })
                .collect(),
            scratch: String::new(),
            records: 0,
            blank_rows: 0,
            damaged: 0,
            only_ascii: true,
            otherwise: None,
        }
    }

    /// Takes the next bytes of the file.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut surveyor = Importer::new(schema, dialect, mapping).surveyor()?;
    /// surveyor.feed(file)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the header is not the expected one, or there are too many rows.
    pub fn feed(&mut self, bytes: &[u8]) -> Result<(), ImportError> {
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

    fn feed_piece(&mut self, piece: &[u8]) -> Result<(), ImportError> {
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
            tallies: self.tallies.clone(),
            keys: self.keys.clone(),
            scratch: String::new(),
            otherwise: None,
            ..*self
        }
    }

    /// Bytes and rows passed so far.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut surveyor = Importer::new(schema, dialect, mapping).surveyor()?;
    /// surveyor.feed(file)?;
    /// assert_eq!(surveyor.progress().bytes, file.len() as u64);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn progress(&self) -> crate::Progress {
        crate::Progress {
            bytes: self.reader.bytes(),
            row: self.reader.rows(),
            records: self.records,
        }
    }

    fn read(&mut self) -> Result<(), ImportError> {
        while let Some(record) = self.reader.next_record() {
            match self.layout.place(&record)? {
                Place::Above => continue,
                Place::Header(width) => {
                    self.reader.expect_columns(width);
                    continue;
                }
                Place::Below => {}
            }
            if record.damage().is_some() {
                self.damaged += 1;
                self.records += 1;
            } else {
                match self.sorter.classify(&record) {
                    RowClass::Data => {
                        self.records += 1;
                        for (columns, keys) in &mut self.keys {
                            let filled = |column: &usize| {
                                record.get(*column).is_some_and(|cell| !cell.is_empty())
                            };
                            *keys += u64::from(columns.iter().all(filled));
                        }
                        for tally in &mut self.tallies {
                            tally.look(&record, &self.schema, &mut self.scratch);
                        }
                    }
                    RowClass::Blank => self.blank_rows += 1,
                    RowClass::Header | RowClass::Footer(_) => {}
                }
            }
            if self.records > self.limits.rows {
                return Err(ImportError::TooManyRows {
                    limit: self.limits.rows,
                });
            }
        }
        Ok(())
    }

    /// The survey, when all bytes were fed.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name\nAhmad\n";
    /// # let schema = Schema::builder("contacts").field(Field::text("name")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// let mut surveyor = Importer::new(schema, dialect, mapping).surveyor()?;
    /// surveyor.feed(file)?;
    /// assert_eq!(surveyor.finish()?.rows(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// When the file has no header, or a wrong one, or too many rows.
    pub fn finish(mut self) -> Result<Survey, ImportError> {
        self.layout.prepare(&mut self.reader);
        self.reader.finish();
        self.read()?;
        if let Some(otherwise) = self.otherwise.take().filter(|_| self.is_not_utf8()) {
            let (from, to) = (
                self.dialect.encoding.label(),
                otherwise.dialect.encoding.label(),
            );
            let mut survey = otherwise.finish()?;
            survey
                .notices
                .insert(0, Notice::EncodingChanged { from, to });
            return Ok(survey);
        }
        self.layout.finish()?;
        let mut notices = Vec::new();
        let mut decisions = vec![Decision::default(); self.schema.fields().len()];
        for tally in &self.tallies {
            decisions[tally.field] = tally.decide(&self.schema, &mut notices);
        }
        Ok(Survey {
            encoding: self.dialect.encoding,
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

    /// A file taken for UTF-8 by an ASCII beginning, with many bytes that are not UTF-8 and hardly a letter that is (two
    /// bytes may be one by chance), never was UTF-8.
    fn is_not_utf8(&self) -> bool {
        let (letters, invalid) = self.reader.decoded();
        letters * 8 < invalid
    }
}

fn long_digits(kind: &Kind) -> bool {
    matches!(kind, Kind::Text(options) if options.digits.is_some_and(|(least, _)| least > SPREADSHEET_DIGITS))
}

/// A spreadsheet keeps 15 digits of a number.
const SPREADSHEET_DIGITS: usize = 15;

/// So many long numbers say something about their column (one in ten ends in 0 by chance).
const LEAST_LONG: u64 = 20;

impl Tally {
    #[inline]
    fn look(&mut self, record: &Record<'_>, schema: &Schema, scratch: &mut String) {
        let Some(cell) = record.get(self.column) else {
            return;
        };
        // Most cells need no cleaning to be judged.
        match &schema.fields()[self.field].kind {
            Kind::Date(_) if date::is_iso(cell) => return,
            Kind::Text(_) if digits::are_digits(cell) => return self.count_digits(cell),
            _ => {}
        }
        let cell = text::clean(crate::unguard(cell), false, scratch);
        if cell.is_empty() {
            return;
        }
        match &schema.fields()[self.field].kind {
            Kind::Date(_) => match date::evidence(cell) {
                date::Evidence::Nothing => {}
                date::Evidence::DayFirst => self.day_first += 1,
                date::Evidence::MonthFirst => self.month_first += 1,
                date::Evidence::Ambiguous => self.ambiguous_dates += 1,
            },
            Kind::Integer(options) => self.count(number::evidence(cell, Wanted::Integer, options)),
            Kind::Decimal(options) => self.count(number::evidence(cell, Wanted::Decimal, options)),
            _ if digits::are_digits(cell) => self.count_digits(cell),
            _ => {}
        }
    }

    fn count_digits(&mut self, cell: &str) {
        if cell.len() > SPREADSHEET_DIGITS {
            self.long += 1;
            self.rounded += u64::from(cell.ends_with('0'));
        }
    }

    fn count(&mut self, evidence: number::Evidence) {
        match evidence {
            number::Evidence::Shows(DecimalMark::Point) => self.point += 1,
            number::Evidence::Shows(DecimalMark::Comma) => self.comma += 1,
            number::Evidence::Nothing | number::Evidence::Ambiguous => {}
        }
    }

    fn decide(&self, schema: &Schema, notices: &mut Vec<Notice>) -> Decision {
        let field = &schema.fields()[self.field];
        let name = || field.name().to_owned();
        let other_order = match &field.kind {
            Kind::Date(options) if options.order == DateOrder::DayFirst => self.month_first,
            Kind::Date(_) => self.day_first,
            _ => 0,
        };
        if other_order > 0 {
            notices.push(Notice::DateOrderMixed {
                field: name(),
                day_first: self.day_first,
                month_first: self.month_first,
                ambiguous: self.ambiguous_dates,
            });
        }
        let style = match (self.point, self.comma) {
            (0, 0) => Style::Unknown,
            (_, 0) => Style::Known(DecimalMark::Point),
            (0, _) => Style::Known(DecimalMark::Comma),
            _ => {
                notices.push(Notice::NumberFormatMixed { field: name() });
                Style::Mixed
            }
        };
        if self.long >= LEAST_LONG && self.rounded * 2 >= self.long {
            notices.push(Notice::DigitsRounded {
                field: name(),
                cells: self.long,
                rounded: self.rounded,
            });
        }
        Decision {
            style,
            mixed_dates: other_order > 0,
        }
    }
}

/// Whether a schema compares dates with today.
pub(crate) fn needs_today(schema: &Schema, today: Option<Date>) -> Result<(), ImportError> {
    use crate::schema::{DateBound, TwoDigitYears};
    if today.is_some() {
        return Ok(());
    }
    let relative =
        |bound: Option<DateBound>| bound.is_some_and(|bound| !matches!(bound, DateBound::Day(_)));
    let compares = schema.fields().iter().find(|field| match &field.kind {
        Kind::Date(options) => {
            relative(options.not_before)
                || relative(options.not_after)
                || matches!(options.two_digit_years, TwoDigitYears::Past { .. })
        }
        _ => false,
    });
    match compares {
        Some(field) => Err(ImportError::TodayMissing {
            field: field.name().to_owned(),
        }),
        None => Ok(()),
    }
}
