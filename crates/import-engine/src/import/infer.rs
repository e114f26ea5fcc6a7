//! Proposes a schema from a file: the names of its columns, the kinds of their cells, and their limits. It is only a
//! proposal, which a person reviews.
//!
//! Cells at the beginning are tried as every kind, and counted to the end. Then the file is checked with the resulting
//! schema, and a column that does not fit becomes text: a proposal can read the file that it was derived from.

use std::collections::{HashMap, HashSet};

use super::{Once, Source, plan::Plan, survey::Survey};
use crate::{
    csv::{Dialect, Record},
    error::{FileError, RunError, SetupError},
    issue::{IssueKind, Severity},
    mapping::Mapping,
    schema::{
        Field, Schema, SchemaBuilder,
        cell::{Decision, Trial, try_cell},
        spec::{FieldSpec, SchemaSpec},
    },
    value::{
        date::Reading,
        locale::{DateOrder, DecimalMark, Locale},
        number::Style,
        text::normalise_header,
    },
};

/// Records whose cells are tried as every kind: enough to know a column, and cheap for a large file.
const TRIED: u64 = 20_000;

/// One mistyped cell is expected in this many.
const CELLS_PER_SLIP: u64 = 20;

/// Refused cells after which a kind is dropped, unless they are few among all cells.
const HOPELESS: u64 = 20;

/// A column of more words is not a choice.
const MOST_WORDS: usize = 12;
/// Letters of a word of a choice, at most.
const LONGEST_WORD: usize = 30;
/// A word of a choice occurs at least this often on average; otherwise a short list of cities would be a choice.
const CELLS_PER_WORD: u64 = 4;

/// Values of all columns that are remembered to detect repeated ones; 8 bytes each.
const MOST_VALUES: usize = 2_000_000;

/// Characters that texts are commonly limited to.
const USUAL_LENGTHS: [usize; 7] = [50, 100, 255, 500, 1_000, 2_000, 4_000];

/// Digits beyond which a spreadsheet rounds a number; with more digits, it is an identifier and not a quantity.
const QUANTITY_DIGITS: usize = 15;

/// Digits of a date without separators.
const DAY_DIGITS: usize = 8;

/// Currency signs that are searched, as they are proposed.
const SIGNS: &[&str] = &[
    "$", "€", "£", "¥", "₹", "Rp", "IDR", "USD", "EUR", "GBP", "SAR",
];

/// Proposes a schema for files like this one: names, kinds, which cells are never empty, which values never occur twice,
/// lengths and words. It is data that can be shown, corrected and [built](SchemaSpec::builder) with the same locale.
///
/// What its cells leave open is proposed as text; nothing is guessed. A file without a header gets the fields `column_1`,
/// `column_2`, …, which have to be [mapped by their positions](crate::Planner::column).
///
/// ```
/// use import_engine::{Locale, Plan, recognise::{Sniffer, infer_schema}};
///
/// let file = "Full name;E-mail;Member since;Fee\n\
///             Ada;ada@example.org;10/12/2015;1.250,50\n\
///             Alan;alan@example.org;23/06/2016;99,00\n\
///             Grace;;09/12/2021;80,00\n";
/// let dialect = Sniffer::new().sniff(file.as_bytes())?;
/// let spec = infer_schema("members", &Locale::INTERNATIONAL, &dialect, file)?;
/// assert_eq!(
///     serde_json::to_value(&spec.fields[1])?,
///     serde_json::json!({
///         "name": "e_mail", "title": "E-mail", "aliases": ["E-mail"],
///         "type": "string", "format": "email", "constraints": {"unique": true}
///     }),
/// );
/// let kinds: Vec<_> = spec.fields.iter().map(|field| field.kind.as_str()).collect();
/// assert_eq!(kinds, ["string", "string", "date", "number"]);
///
/// let schema = spec.builder()?.locale(Locale::INTERNATIONAL).build()?;
/// let (_, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// assert_eq!((summary.valid, summary.invalid), (3, 0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If the file cannot be read, or is not written in the dialect.
pub fn infer_schema(
    name: &str,
    locale: &Locale,
    dialect: &Dialect,
    mut source: impl Source,
) -> Result<SchemaSpec, RunError> {
    let headers = match dialect.header_row {
        Some(_) => dialect.headers.clone(),
        None => vec![String::new(); dialect.columns],
    };
    let names = names(&headers);
    let texts = names
        .iter()
        .map(|name| Field::text(name.as_str()))
        .fold(Schema::builder(name), SchemaBuilder::field)
        .locale(locale.clone())
        .build()?;
    let mapping = Mapping::by_position(&texts, &headers, &names)?;
    let plan = Plan::new(texts, dialect.clone(), mapping);
    let mut counts = Counts::new(locale, names.len())?;
    let reader = source.open().map_err(FileError::Read)?;
    plan.each_record(reader, |record| counts.add(record), |_| false)?;
    let columns = counts.columns.iter().zip(names.iter().zip(&headers));
    let mut spec = SchemaSpec {
        name: name.to_owned(),
        fields: columns
            .map(|(column, (name, header))| column.proposed(name, header, locale))
            .collect(),
        ..SchemaSpec::default()
    };
    let tested = tested(&spec, locale, plan.dialect(), &headers, &mut source)?;
    for ((field, column), tested) in spec.fields.iter_mut().zip(&counts.columns).zip(tested) {
        field.constraints.unique &= !tested.repeats;
        field.decimal_char = tested.mark;
        if tested.misfits {
            column.as_text(field);
        }
    }
    // If one header names two columns, it identifies neither.
    let mut seen = HashMap::new();
    for field in &spec.fields {
        for header in &field.aliases {
            *seen.entry(normalise_header(header)).or_insert(0) += 1;
        }
    }
    for field in &mut spec.fields {
        field
            .aliases
            .retain(|header| seen.get(&normalise_header(header)) == Some(&1));
    }
    Ok(spec)
}

/// Unique names for programs: lower-case letters, digits and `_`.
fn names(headers: &[String]) -> Vec<String> {
    let mut taken = HashSet::new();
    let named = |(column, header): (usize, &String)| {
        let words: Vec<String> = header
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect();
        let mut name = words.join("_");
        if !name.starts_with(char::is_alphabetic) {
            name = format!("column_{}", column + 1);
        }
        let mut once = name.clone();
        let mut number = 2;
        while !taken.insert(normalise_header(&once)) {
            once = format!("{name}_{number}");
            number += 1;
        }
        once
    };
    headers.iter().enumerate().map(named).collect()
}

/// What a check of the file with the proposal shows about a field.
#[derive(Clone, Copy, Default)]
struct Tested {
    refused: u64,
    /// Whether more cells are refused than mistyping explains.
    misfits: bool,
    /// Whether a value occurs twice.
    repeats: bool,
    /// The decimal separator of its column.
    mark: Option<char>,
}

/// Checks the file with the proposal.
fn tested(
    spec: &SchemaSpec,
    locale: &Locale,
    dialect: &Dialect,
    headers: &[String],
    source: &mut impl Source,
) -> Result<Vec<Tested>, RunError> {
    let mut bare = spec.clone();
    for field in &mut bare.fields {
        field.aliases.clear();
    }
    let schema = bare.builder()?.locale(locale.clone()).build()?;
    let names = schema.fields().iter().map(Field::name);
    let mapping = Mapping::by_position(&schema, headers, names.collect::<Vec<_>>())?;
    let plan = Plan::new(schema, dialect.clone(), mapping);
    let plan = plan.surveyed(Once::new(source.open().map_err(FileError::Read)?))?;
    let decisions = plan.survey().map(Survey::decisions).unwrap_or_default();
    let of_column = |decision: &Decision| Tested {
        mark: match decision.style {
            Style::Known(DecimalMark::Point) => Some('.'),
            Style::Known(DecimalMark::Comma) => Some(','),
            Style::Unknown | Style::Mixed => None,
        },
        ..Tested::default()
    };
    let mut tested: Vec<Tested> = decisions.iter().map(of_column).collect();
    let reader = source.open().map_err(FileError::Read)?;
    let summary = plan.import(Once::new(reader)).each(|batch| {
        for issue in batch.issues() {
            let field = issue.field().and_then(|name| plan.schema().index_of(name));
            let Some(field) = field.filter(|_| issue.severity == Severity::Error) else {
                continue;
            };
            match issue.kind {
                IssueKind::Duplicate => tested[field].repeats = true,
                _ => tested[field].refused += 1,
            }
        }
        Ok(())
    })?;
    for tested in &mut tested {
        tested.misfits = tested.refused * CELLS_PER_SLIP > summary.records;
    }
    Ok(tested)
}

/// A kind that cells are tried as, with one or two notations.
struct Try {
    ways: Vec<Way>,
}

struct Way {
    field: Field,
    decision: Decision,
    refused: u64,
}

impl Try {
    fn new(field: &Field, decisions: &[Decision]) -> Self {
        let way = |decision: &Decision| Way {
            field: field.clone(),
            decision: *decision,
            refused: 0,
        };
        Self {
            ways: decisions.iter().map(way).collect(),
        }
    }

    /// The value, by the first notation that reads the cell.
    fn value(&mut self, cell: &str, cells: u64) -> Option<String> {
        let mut read = None;
        for way in &mut self.ways {
            if way.refused > HOPELESS && way.refused * CELLS_PER_SLIP > cells * 2 {
                way.refused += 1;
                continue;
            }
            match try_cell(&way.field, way.decision, None, cell) {
                Trial::Value(value) | Trial::Unlikely(value) => {
                    read.get_or_insert(value);
                }
                Trial::Nothing | Trial::Refused(_) => way.refused += 1,
            }
        }
        read
    }

    /// Whether a notation reads nearly all cells.
    fn fits(&self, cells: u64) -> bool {
        self.way(cells).is_some()
    }

    fn way(&self, cells: u64) -> Option<usize> {
        let fits = |way: &Way| cells > 0 && way.refused * CELLS_PER_SLIP <= cells;
        self.ways.iter().position(fits)
    }

    /// The notation that reads nearly all cells if another does not.
    fn only_way(&self, cells: u64) -> Option<usize> {
        let others = |way: usize| {
            let mut others = self
                .ways
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != way);
            others.any(|(_, other)| other.refused > self.ways[way].refused)
        };
        self.way(cells).filter(|way| others(*way))
    }
}

/// All kinds, as they are tried for one column.
struct Tries {
    uuid: Try,
    email: Try,
    boolean: Try,
    integer: Try,
    decimal: Try,
    money: Try,
    cents: Try,
    date: Try,
    /// Points in time with their zone.
    zoned: Try,
    /// Points in time without a zone, read as those of London.
    timed: Try,
}

impl Tries {
    fn new(schema: &Schema) -> Self {
        let style = |mark| Decision {
            style: Style::Known(mark),
            ..Decision::default()
        };
        let marks = [style(DecimalMark::Point), style(DecimalMark::Comma)];
        let order = |order| Decision {
            dates: Reading {
                order: Some(order),
                ..Reading::default()
            },
            ..Decision::default()
        };
        let orders = [order(DateOrder::DayFirst), order(DateOrder::MonthFirst)];
        let any = [Decision::default()];
        let [
            uuid,
            email,
            boolean,
            integer,
            decimal,
            money,
            cents,
            date,
            zoned,
            timed,
        ] = std::array::from_fn(|index| &schema.fields()[index]);
        Self {
            uuid: Try::new(uuid, &any),
            email: Try::new(email, &any),
            boolean: Try::new(boolean, &any),
            integer: Try::new(integer, &marks),
            decimal: Try::new(decimal, &marks),
            money: Try::new(money, &marks),
            cents: Try::new(cents, &marks),
            date: Try::new(date, &orders),
            zoned: Try::new(zoned, &orders),
            timed: Try::new(timed, &orders),
        }
    }
}

/// Fields in the order of [`Tries`].
fn tried_fields(locale: &Locale) -> Result<Schema, SetupError> {
    let numbers = |field: Field| field.min(i64::MIN);
    let fields = [
        Field::uuid("uuid"),
        Field::email("email"),
        Field::boolean("boolean"),
        numbers(Field::integer("integer")),
        numbers(Field::decimal("decimal")),
        numbers(Field::money("money").currency(SIGNS)),
        numbers(Field::money("cents").currency(SIGNS).minor_units(2)),
        Field::date("date"),
        Field::datetime("zoned"),
        Field::datetime("timed").zone(time::UtcOffset::UTC),
    ];
    fields
        .into_iter()
        .fold(Schema::builder("tried"), SchemaBuilder::field)
        .locale(locale.clone())
        .build()
}

/// What one column holds.
struct Column {
    /// Records, and those in which its cell is not empty.
    records: u64,
    filled: u64,
    cells: u64,
    tries: Tries,
    /// Characters of the longest cell.
    longest: usize,
    /// The least and the greatest number of digits, while all cells are digits.
    digits: Option<(usize, usize)>,
    /// Whether a cell begins with a zero that a number would lose.
    zero_first: bool,
    /// Whether a cell states yes or no with a word.
    in_words: bool,
    /// Whether a point in time is not midnight.
    time_of_day: bool,
    /// The least of its numbers.
    least: i64,
    /// Currency signs, as a bit for each index in [`SIGNS`].
    signs: u32,
    /// Different words in the form in which they are compared, with the first spelling; `None` once they are too many or
    /// too long.
    words: Option<Vec<(String, String)>>,
    /// Hashes of its values; `None` once one is repeated or all columns have too many.
    values: Option<HashSet<u64>>,
}

struct Counts {
    /// Decides which cells are empty.
    text: Field,
    hasher: std::hash::RandomState,
    room: usize,
    columns: Vec<Column>,
}

impl Counts {
    fn new(locale: &Locale, columns: usize) -> Result<Self, SetupError> {
        let every = tried_fields(locale)?;
        let text = Schema::builder("text")
            .field(Field::multiline("text"))
            .locale(locale.clone())
            .build()?;
        let column = |_| Column {
            records: 0,
            filled: 0,
            cells: 0,
            tries: Tries::new(&every),
            longest: 0,
            digits: Some((usize::MAX, 0)),
            zero_first: false,
            in_words: false,
            time_of_day: false,
            least: 0,
            signs: 0,
            words: Some(Vec::new()),
            values: Some(HashSet::new()),
        };
        Ok(Self {
            text: text.fields()[0].clone(),
            hasher: std::hash::RandomState::new(),
            room: MOST_VALUES,
            columns: (0..columns).map(column).collect(),
        })
    }

    fn add(&mut self, record: &Record<'_>) {
        for (index, column) in self.columns.iter_mut().enumerate() {
            column.records += 1;
            let cell = crate::value::text::unguard(record.get(index).unwrap_or_default());
            let trial = try_cell(&self.text, Decision::default(), None, cell);
            let Trial::Value(text) = trial else {
                continue;
            };
            column.add(&text);
            if let Some(values) = &mut column.values {
                use std::hash::BuildHasher;
                let is_new = values.insert(self.hasher.hash_one(crate::value::text::folded(&text)));
                self.room = self.room.saturating_sub(1);
                if !is_new || self.room == 0 {
                    column.values = None;
                }
            }
        }
    }
}

impl Column {
    fn add(&mut self, cell: &str) {
        self.filled += 1;
        let chars = cell.chars().count();
        self.longest = self.longest.max(chars);
        if cell.bytes().all(|byte| byte.is_ascii_digit()) {
            if let Some((least, most)) = &mut self.digits {
                (*least, *most) = ((*least).min(chars), (*most).max(chars));
            }
            self.zero_first |= chars > 1 && cell.starts_with('0');
        } else {
            self.digits = None;
        }
        self.add_word(cell, chars);
        if self.cells < TRIED {
            self.cells += 1;
            self.try_kinds(cell);
        }
    }

    fn add_word(&mut self, cell: &str, chars: usize) {
        let Some(words) = &mut self.words else {
            return;
        };
        if chars > LONGEST_WORD {
            self.words = None;
            return;
        }
        let compared = crate::value::text::folded(cell);
        if words.iter().any(|(known, _)| *known == compared) {
            return;
        }
        words.push((compared, cell.to_owned()));
        if words.len() > MOST_WORDS {
            self.words = None;
        }
    }

    fn try_kinds(&mut self, cell: &str) {
        let cells = self.cells;
        let tries = &mut self.tries;
        tries.uuid.value(cell, cells);
        tries.email.value(cell, cells);
        if tries.boolean.value(cell, cells).is_some() {
            self.in_words |= cell.starts_with(char::is_alphabetic);
        }
        tries.integer.value(cell, cells);
        let number = tries.decimal.value(cell, cells);
        tries.money.value(cell, cells);
        let cents = tries.cents.value(cell, cells);
        tries.date.value(cell, cells);
        tries.zoned.value(cell, cells);
        if let Some(moment) = tries.timed.value(cell, cells) {
            self.time_of_day |= !moment.ends_with("T00:00:00Z");
        }
        let whole = |number: String| {
            let whole = number.split('.').next().unwrap_or_default().to_owned();
            // -0.5 is also below zero.
            let below = i64::from(number.starts_with('-'));
            whole.parse::<i64>().map(|whole| whole - below)
        };
        if let Some(Ok(number)) = number.or(cents).map(whole) {
            self.least = self.least.min(number);
        }
        for (place, sign) in SIGNS.iter().enumerate() {
            if cell.contains(sign) {
                self.signs |= 1 << place;
            }
        }
    }

    fn proposed(&self, name: &str, header: &str, locale: &Locale) -> FieldSpec {
        let mut spec = FieldSpec {
            name: name.to_owned(),
            ..FieldSpec::default()
        };
        let header = header.trim();
        if !header.is_empty() && header != name {
            spec.title = Some(header.to_owned());
            spec.aliases = vec![header.to_owned()];
        }
        spec.constraints.required = self.filled > 0 && self.filled == self.records;
        let kind = self.kind(locale, &mut spec);
        kind.clone_into(&mut spec.kind);
        if kind == "string" && spec.format.is_none() && spec.constraints.allowed.is_none() {
            spec.constraints.max_length = self.usual_length();
        }
        let is_name = spec.format.is_some() || kind == "digits";
        spec.constraints.unique = is_name && self.filled > 1 && self.values.is_some();
        spec
    }

    /// The kind that fits nearly all cells, with its properties.
    fn kind(&self, locale: &Locale, spec: &mut FieldSpec) -> &'static str {
        let Tries {
            uuid,
            email,
            boolean,
            integer,
            decimal,
            money,
            cents,
            date,
            zoned,
            timed,
        } = &self.tries;
        let cells = self.cells;
        if uuid.fits(cells) {
            spec.format = Some("uuid".to_owned());
            return "string";
        }
        if email.fits(cells) {
            spec.format = Some("email".to_owned());
            return "string";
        }
        if boolean.fits(cells) && self.in_words {
            return "boolean";
        }
        if let Some((least, most)) = self.digits.filter(|_| self.filled > 0)
            && (self.zero_first || most > QUANTITY_DIGITS)
            && !(date.fits(cells) && (least, most) == (DAY_DIGITS, DAY_DIGITS))
        {
            spec.constraints.min_length = Some(least);
            spec.constraints.max_length = Some(most);
            return "digits";
        }
        let is_number = integer.fits(cells);
        let is_day = self.digits == Some((DAY_DIGITS, DAY_DIGITS));
        if zoned.fits(cells) && self.time_of_day {
            return "datetime";
        }
        if date.fits(cells) && (!is_number || is_day) {
            // Without a zone, the point in time is unknown, and a date would lose the time of day.
            if self.time_of_day && timed.fits(cells) {
                return "string";
            }
            let order = |way| [DateOrder::DayFirst, DateOrder::MonthFirst][way];
            spec.date_order = date
                .only_way(cells)
                .map(order)
                .filter(|order| *order != locale.order());
            return "date";
        }
        let tries = [
            ("integer", integer, None),
            ("number", decimal, None),
            ("money", money, None),
            ("money", cents, Some(2)),
        ];
        if let Some((kind, _, minor)) = tries.into_iter().find(|(_, t, _)| t.fits(cells)) {
            if self.least < 0 {
                spec.constraints.minimum = Some(round_below(self.least));
            }
            if kind == "money" {
                let signs = SIGNS.iter().enumerate();
                let used = signs.filter(|(place, _)| self.signs >> place & 1 == 1);
                spec.currency = Some(used.map(|(_, sign)| (*sign).to_owned()).collect());
                spec.minor_units = minor;
            }
            return kind;
        }
        if let Some(words) = &self.words
            && words.len() > 1
            && self.filled >= CELLS_PER_WORD * words.len() as u64
        {
            let spelt = words.iter().map(|(_, word)| word.clone());
            spec.constraints.allowed = Some(spelt.collect());
        }
        "string"
    }

    fn usual_length(&self) -> Option<usize> {
        USUAL_LENGTHS
            .into_iter()
            .find(|length| self.longest <= *length)
    }

    /// Makes the field text because the whole file contradicts its beginning.
    fn as_text(&self, field: &mut FieldSpec) {
        *field = FieldSpec {
            name: std::mem::take(&mut field.name),
            title: field.title.take(),
            aliases: std::mem::take(&mut field.aliases),
            ..FieldSpec::default()
        };
        "string".clone_into(&mut field.kind);
        field.constraints.max_length = self.usual_length();
        field.constraints.required = self.filled > 0 && self.filled == self.records;
    }
}

/// The power of ten below a negative number: the smallest number of one file is not the limit of the field.
fn round_below(least: i64) -> i64 {
    let mut limit = -10_i64;
    while limit > least {
        limit = limit.saturating_mul(10);
    }
    limit
}
