//! A run of checked rows, owning everything it holds. Knows no database.

use crate::{
    issue::Issue,
    schema::{Schema, kind::Kind},
    summary::IssueCounts,
    value::{Decimal, Value},
};

/// A stretch of the file, checked: the typed valid rows, the invalid rows as received, and every issue of both. What a
/// database should take in one transaction.
///
/// ```
/// use import_engine::{Field, Importer, NoLookup, Schema, Sniffer};
///
/// let file = b"name,seats\nReguler,45\nPlus,many\n";
/// let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
/// let dialect = Sniffer::new().sniff(file)?;
/// let mapping = schema.map_headers(&dialect.headers)?;
/// let mut batches = Vec::new();
/// Importer::new(schema, dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
///
/// let batch = &batches[0];
/// assert_eq!((batch.first_row(), batch.last_row(), batch.records()), (2, 3, 2));
/// let row = batch.rows().next().unwrap();
/// assert_eq!((row.text(0), row.integer(1)), (Some("Reguler"), Some(45)));
/// let rejected = batch.rejected().next().unwrap();
/// assert_eq!((rejected.row(), rejected.cells().collect::<Vec<_>>()), (3, vec!["Plus", "many"]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Batch {
    pub(crate) schema: Schema,
    pub(crate) first_row: u64,
    pub(crate) last_row: u64,
    pub(crate) progress: BatchProgress,
    pub(crate) rows: Vec<RowMark>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) arena: Arena,
    pub(crate) rejected: Rejects,
    pub(crate) issues: Vec<Issue>,
}

/// Counts since the start of the file, this batch included.
///
/// See [`Batch::progress`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BatchProgress {
    /// Data records.
    pub records: u64,
    /// Those that were taken.
    pub valid: u64,
    /// Those that were not.
    pub invalid: u64,
    /// Errors by family.
    pub errors: IssueCounts,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct RowMark {
    pub(crate) row: u64,
    pub(crate) line: u64,
}

/// What the slots of a batch point into.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    pub(crate) text: String,
    pub(crate) uuids: Vec<uuid::Uuid>,
}

impl Arena {
    pub(crate) fn put_uuid(&mut self, uuid: uuid::Uuid) -> Slot {
        self.uuids.push(uuid);
        Slot::Uuid(u32::try_from(self.uuids.len() - 1).unwrap_or(u32::MAX))
    }
}

/// A cell of a batch: text stands in the batch's one string.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Absent,
    Text {
        start: u32,
        len: u32,
    },
    Integer(i64),
    Decimal {
        mantissa: i64,
        scale: u8,
    },
    Date(time::Date),
    Bool(bool),
    /// The place of the UUID among the batch's: in the slot it would make all of them larger by half.
    Uuid(u32),
    Choice(u16),
}

impl Slot {
    pub(crate) fn value<'a>(self, arena: &'a Arena, kind: &'a Kind) -> Value<'a> {
        match self {
            Self::Absent => Value::Absent,
            Self::Text { start, len } => Value::Text(
                arena
                    .text
                    .get(start as usize..start as usize + len as usize)
                    .unwrap_or_default(),
            ),
            Self::Integer(number) => Value::Integer(number),
            Self::Decimal { mantissa, scale } => Value::Decimal(Decimal { mantissa, scale }),
            Self::Date(date) => Value::Date(date),
            Self::Bool(yes) => Value::Bool(yes),
            Self::Uuid(place) => arena
                .uuids
                .get(place as usize)
                .map_or(Value::Absent, |uuid| Value::Uuid(*uuid)),
            Self::Choice(index) => match kind {
                Kind::Choice(choices) => choices
                    .words
                    .get(usize::from(index))
                    .map_or(Value::Absent, |word| Value::Choice(word)),
                _ => Value::Absent,
            },
        }
    }
}

/// Invalid rows as received, in one string.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejects {
    pub(crate) marks: Vec<(RowMark, usize)>,
    /// End of each cell in `text`.
    pub(crate) ends: Vec<usize>,
    pub(crate) text: String,
}

impl Batch {
    /// The schema the rows were checked against.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.schema().name(), "packages");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Row number of the first record.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.first_row(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn first_row(&self) -> u64 {
        self.first_row
    }

    /// Row number of the last record: what to give to [`Importer::resume_after`](crate::Importer::resume_after) once this batch is stored.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.last_row(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn last_row(&self) -> u64 {
        self.last_row
    }

    /// Data records, valid and invalid.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.records(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn records(&self) -> usize {
        self.rows.len() + self.rejected.marks.len()
    }

    /// Counts since the start of the file, this batch included; after a resume the rows before it included too.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!((batch.progress().valid, batch.progress().invalid), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn progress(&self) -> BatchProgress {
        self.progress
    }

    /// The valid rows.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.rows().map(|row| row.row()).collect::<Vec<_>>(), [2]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = BatchRow<'_>> {
        (0..self.rows.len()).map(|index| BatchRow { batch: self, index })
    }

    /// The value of a field in a valid row, both by index.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.value(0, 1), Value::Integer(45));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn value(&self, row: usize, field: usize) -> Value<'_> {
        let fields = self.schema.fields();
        match (
            fields.get(field),
            self.slots.get(row * fields.len() + field),
        ) {
            (Some(definition), Some(slot)) => slot.value(&self.arena, &definition.kind),
            _ => Value::Absent,
        }
    }

    /// All values of a field, one per valid row: what a columnar load wants.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.column(1).collect::<Vec<_>>(), [Value::Integer(45)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn column(&self, field: usize) -> impl ExactSizeIterator<Item = Value<'_>> {
        (0..self.rows.len()).map(move |row| self.value(row, field))
    }

    /// The invalid rows as received.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.rejected().len(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn rejected(&self) -> impl ExactSizeIterator<Item = RejectedRow<'_>> {
        (0..self.rejected.marks.len()).map(|index| RejectedRow {
            rejects: &self.rejected,
            index,
        })
    }

    /// Errors of the invalid rows and warnings of all rows, in the order of the rows.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!(batch.issues()[0].code, IssueCode::NUMBER);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn issues(&self) -> &[Issue] {
        &self.issues
    }

    /// Issues of one row.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// assert_eq!((batch.issues_of(2).len(), batch.issues_of(3).len()), (0, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn issues_of(&self, row: u64) -> &[Issue] {
        let start = self.issues.partition_point(|issue| issue.row < row);
        let end = self.issues.partition_point(|issue| issue.row <= row);
        &self.issues[start..end]
    }

    /// Takes the issues out, for a caller that stores them elsewhere.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let issues = batch.take_issues();
    /// assert_eq!((issues.len(), batch.issues().len()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn take_issues(&mut self) -> Vec<Issue> {
        std::mem::take(&mut self.issues)
    }
}

/// A valid row of a [`Batch`].
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'b> {
    batch: &'b Batch,
    index: usize,
}

impl<'b> BatchRow<'b> {
    /// Its row number.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.row(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn row(&self) -> u64 {
        self.batch.rows[self.index].row
    }

    /// The physical line where it begins.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.line(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn line(&self) -> u64 {
        self.batch.rows[self.index].line
    }

    /// The value of a field by index.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.value(0), Value::Text("Reguler"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn value(&self, field: usize) -> Value<'b> {
        self.batch.value(self.index, field)
    }

    /// The value of a field by name.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.get("seats"), Value::Integer(45));
    /// assert_eq!(row.get("no such field"), Value::Absent);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get(&self, field: &str) -> Value<'b> {
        self.batch
            .schema
            .index_of(field)
            .map_or(Value::Absent, |index| self.value(index))
    }

    /// The values of all fields.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.values().map(|value| value.to_string()).collect::<Vec<_>>(), ["Reguler", "45"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = Value<'b>> {
        let row = *self;
        (0..row.batch.schema.fields().len()).map(move |field| row.value(field))
    }

    /// The text of a text or choice field.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.text(0), Some("Reguler"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn text(&self, field: usize) -> Option<&'b str> {
        self.value(field).as_text()
    }

    /// The whole number of an integer or money field.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.integer(1), Some(45));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn integer(&self, field: usize) -> Option<i64> {
        self.value(field).as_integer()
    }

    /// The number of a decimal field.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.decimal(1), Some(Decimal { mantissa: 45, scale: 0 }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn decimal(&self, field: usize) -> Option<Decimal> {
        self.value(field).as_decimal()
    }

    /// The day of a date field.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.date(1), None); // it is no date field
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn date(&self, field: usize) -> Option<time::Date> {
        self.value(field).as_date()
    }

    /// The id of a UUID or answered reference field.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rows().next().unwrap();
    /// assert_eq!(row.uuid(0), None); // it is no UUID field
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn uuid(&self, field: usize) -> Option<uuid::Uuid> {
        self.value(field).as_uuid()
    }
}

/// An invalid row of a [`Batch`] as received: cells decoded, one formula guard taken off, otherwise untouched.
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct RejectedRow<'b> {
    rejects: &'b Rejects,
    index: usize,
}

impl<'b> RejectedRow<'b> {
    /// Its row number.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rejected().next().unwrap();
    /// assert_eq!(row.row(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn row(&self) -> u64 {
        self.rejects.marks[self.index].0.row
    }

    /// The physical line where it begins.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rejected().next().unwrap();
    /// assert_eq!(row.line(), 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn line(&self) -> u64 {
        self.rejects.marks[self.index].0.line
    }

    /// Its cells. Of a damaged record those of its line as far as they can be told apart.
    ///
    /// ```
    /// # use import_engine::*;
    /// # let file = b"name,seats\nReguler,45\nPlus,many\n";
    /// # let schema = Schema::builder("packages").field(Field::text("name")).field(Field::integer("seats")).build()?;
    /// # let dialect = Sniffer::new().sniff(file)?;
    /// # let mapping = schema.map_headers(&dialect.headers)?;
    /// # let mut batches = Vec::new();
    /// # let summary = Importer::new(schema.clone(), dialect, mapping).run(&file[..], &mut batches, &mut NoLookup, &mut ())?;
    /// # let mut batch = batches.remove(0);
    /// let row = batch.rejected().next().unwrap();
    /// assert_eq!(row.cells().collect::<Vec<_>>(), ["Plus", "many"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn cells(&self) -> impl ExactSizeIterator<Item = &'b str> {
        let rejects = self.rejects;
        let end = rejects.marks[self.index].1;
        let begin = if self.index == 0 {
            0
        } else {
            rejects.marks[self.index - 1].1
        };
        (begin..end).map(move |cell| {
            let from = if cell == 0 { 0 } else { rejects.ends[cell - 1] };
            rejects
                .text
                .get(from..rejects.ends[cell])
                .unwrap_or_default()
        })
    }
}

/// Slots are the bulk of a batch: ten million of them are written for a million rows.
const _: () = assert!(size_of::<Slot>() == 16);
