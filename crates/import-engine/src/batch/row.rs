//! One row of a batch, valid or not. Knows no other row.

use super::{Batch, Rejects};
use crate::value::{Decimal, Value};

/// A valid row of a [`Batch`].
///
/// See [`Batch`] for an example.
#[derive(Clone, Copy, Debug)]
pub struct BatchRow<'b> {
    pub(super) batch: &'b Batch,
    pub(super) index: usize,
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
        self.batch.rows[self.index].mark.row
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
        self.batch.rows[self.index].mark.line
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
    pub(super) rejects: &'b Rejects,
    pub(super) index: usize,
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
