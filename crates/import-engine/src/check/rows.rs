//! Converts rows into the caller's own structs with serde.

use std::fmt;

use serde::{
    Deserialize,
    de::{
        DeserializeSeed, Deserializer, EnumAccess, Error as _, MapAccess, SeqAccess, Unexpected,
        VariantAccess, Visitor, value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};
use time::UtcOffset;

use super::batch::Batch;
use crate::{
    error::SetupError,
    schema::Schema,
    value::{Decimal, Value},
};

impl Batch {
    /// The valid rows as structs of the caller, whose fields are those of the schema by name, with an `Option` for cells
    /// that may be empty. Text may be borrowed from the batch.
    ///
    /// Whole numbers and amounts are integers; decimals are numbers, or text for a type that reads text; dates are
    /// `time::Date`, or text such as `2027-03-14`; points in time are `time::OffsetDateTime`, or text; choices are text
    /// or an enum of unit variants. With `#[serde(default)]`, an empty cell becomes the default.
    ///
    /// ```
    /// use import_engine::{Field, Plan, Schema};
    /// use serde::Deserialize;
    ///
    /// #[derive(Debug, Deserialize, PartialEq)]
    /// struct Contact<'b> {
    ///     name: &'b str,
    ///     born: Option<time::Date>,
    ///     kind: Kind,
    /// }
    ///
    /// #[derive(Debug, Deserialize, PartialEq)]
    /// #[serde(rename_all = "lowercase")]
    /// enum Kind { Friend, Foe }
    ///
    /// let schema = Schema::builder("contacts")
    ///     .field(Field::text("name").required())
    ///     .field(Field::date("born"))
    ///     .field(Field::choice("kind", ["friend", "foe"]).required())
    ///     .build()?;
    /// let file = "name,born,kind\nAda,1815-12-10,Friend\nAlan,,friend\n";
    /// let (batches, _) = Plan::of(&schema, file)?.import(file).collect()?;
    /// let contacts = batches[0].rows_as::<Contact>()?;
    /// assert_eq!(contacts[0].name, "Ada");
    /// assert_eq!(contacts[1], Contact { name: "Alan", born: None, kind: Kind::Friend });
    ///
    /// // A field that the schema does not have is not an empty cell.
    /// #[derive(Debug, Deserialize)]
    /// struct Misspelt { nmae: Option<String> }
    /// let error = batches[0].rows_as::<Misspelt>().unwrap_err();
    /// assert_eq!(error.to_string(), "rows of 'contacts' do not fit: the schema has no field 'nmae'");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`SetupError::Rows`] if the struct has a field that the schema lacks or that has another type there, or one that
    /// must not be empty for a field that may be.
    pub fn rows_as<'b, T: Deserialize<'b>>(&'b self) -> Result<Vec<T>, SetupError> {
        let refused = |row: Option<u64>, reason: String| SetupError::Rows {
            schema: self.schema().name().to_owned(),
            row,
            reason,
        };
        let shape = Shape::of::<T>(self.schema()).map_err(|error| refused(None, error))?;
        let mut rows = Vec::with_capacity(self.rows.len());
        for index in 0..self.rows.len() {
            let row = RowDeserializer {
                batch: self,
                index,
                shape: &shape,
            };
            let read = T::deserialize(row)
                .map_err(|Failed(error)| refused(Some(self.rows[index].mark.row), error))?;
            rows.push(read);
        }
        Ok(rows)
    }
}

/// Which fields of the schema a type expects, in its own order.
enum Shape {
    /// The named ones: a struct.
    Named(Vec<(&'static str, usize)>),
    /// All of them: a map or a tuple.
    All,
}

impl Shape {
    /// The fields of a type, or the name of one that the schema does not have.
    fn of<'de, T: Deserialize<'de>>(schema: &Schema) -> Result<Self, String> {
        let mut wanted = None;
        // It never returns a value; it only records the requested fields.
        let _ = T::deserialize(Probe {
            wanted: &mut wanted,
        });
        let Some(names) = wanted else {
            return Ok(Self::All);
        };
        names
            .iter()
            .map(|name| match schema.index_of(name) {
                Some(field) => Ok((*name, field)),
                None => Err(format!("the schema has no field '{name}'")),
            })
            .collect::<Result<_, _>>()
            .map(Self::Named)
    }
}

/// Why a row cannot become such a struct.
#[derive(Debug)]
struct Failed(String);

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Failed {}

impl serde::de::Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Records which fields a struct has.
struct Probe<'p> {
    wanted: &'p mut Option<&'static [&'static str]>,
}

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Failed;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Failed> {
        Err(Failed::custom("only asked"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Failed> {
        *self.wanted = Some(fields);
        Err(Failed::custom("only asked"))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

/// One row.
#[derive(Clone, Copy)]
struct RowDeserializer<'b, 's> {
    batch: &'b Batch,
    index: usize,
    shape: &'s Shape,
}

impl<'b> RowDeserializer<'b, '_> {
    fn fields(&self) -> usize {
        match self.shape {
            Shape::Named(fields) => fields.len(),
            Shape::All => self.batch.schema.fields().len(),
        }
    }

    /// A field by its index in the type: its name and its index in the schema.
    #[inline]
    fn field(&self, place: usize) -> (&'b str, usize) {
        match self.shape {
            Shape::Named(fields) => fields[place],
            Shape::All => (self.batch.schema.fields()[place].name(), place),
        }
    }
}

impl<'de> Deserializer<'de> for RowDeserializer<'de, '_> {
    type Error = Failed;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_map(Cells {
            row: self,
            next: 0,
            value: Value::Absent,
        })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_seq(CellsInTurn { row: self, next: 0 })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct map struct enum
        identifier ignored_any
    }
}

/// The cells that are not empty, with their names.
struct Cells<'b, 's> {
    row: RowDeserializer<'b, 's>,
    next: usize,
    value: Value<'b>,
}

impl<'b> MapAccess<'b> for Cells<'b, '_> {
    type Error = Failed;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'b>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failed> {
        while self.next < self.row.fields() {
            let (name, field) = self.row.field(self.next);
            self.next += 1;
            self.value = self.row.batch.value(self.row.index, field);
            if !self.value.is_absent() {
                return seed
                    .deserialize(BorrowedStrDeserializer::new(name))
                    .map(Some);
            }
        }
        Ok(None)
    }

    #[inline]
    fn next_value_seed<S: DeserializeSeed<'b>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        let value = self.value;
        seed.deserialize(CellDeserializer(value)).map_err(|error| {
            let (name, _) = self.row.field(self.next - 1);
            Failed(format!("'{name}': {error}"))
        })
    }
}

/// All cells, in the order of the schema.
struct CellsInTurn<'b, 's> {
    row: RowDeserializer<'b, 's>,
    next: usize,
}

impl<'b> SeqAccess<'b> for CellsInTurn<'b, '_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'b>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        if self.next == self.row.fields() {
            return Ok(None);
        }
        let (_, field) = self.row.field(self.next);
        self.next += 1;
        let value = self.row.batch.value(self.row.index, field);
        seed.deserialize(CellDeserializer(value)).map(Some)
    }
}

/// One cell.
#[derive(Clone, Copy)]
struct CellDeserializer<'b>(Value<'b>);

impl CellDeserializer<'_> {
    /// Values other than text are read as their written form.
    fn text<'b, V: Visitor<'b>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Uuid(uuid) => {
                let mut buffer = uuid::Uuid::encode_buffer();
                visitor.visit_str(uuid.hyphenated().encode_lower(&mut buffer))
            }
            other => visitor.visit_string(other.to_string()),
        }
    }
}

impl<'de> Deserializer<'de> for CellDeserializer<'de> {
    type Error = Failed;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Absent => visitor.visit_none(),
            Value::Text(text) | Value::Choice(text) => visitor.visit_borrowed_str(text),
            Value::Integer(number) => visitor.visit_i64(number),
            Value::Bool(yes) => visitor.visit_bool(yes),
            Value::Decimal(_) | Value::Date(_) | Value::DateTime(_) | Value::Uuid(_) => {
                self.text(visitor)
            }
        }
    }

    #[inline]
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Absent => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    #[inline]
    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Text(text) | Value::Choice(text) => visitor.visit_borrowed_str(text),
            // Numbers and truth values are not passed as text, which would hide that the field is not text.
            Value::Integer(_) | Value::Bool(_) => self.deserialize_any(visitor),
            _ => self.text(visitor),
        }
    }

    #[inline]
    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Decimal(number) => visitor.visit_f64(float(number)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Text(text) | Value::Choice(text) => {
                visitor.visit_borrowed_bytes(text.as_bytes())
            }
            Value::Uuid(uuid) => visitor.visit_bytes(uuid.as_bytes()),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_bytes(visitor)
    }

    /// Dates and points in time in the form of the crate `time` for formats that are not human-readable.
    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Date(date) => {
                let parts = [date.year(), i32::from(date.ordinal())];
                visitor.visit_seq(Parts(parts.iter()))
            }
            Value::DateTime(moment) => {
                let moment = moment.to_offset(UtcOffset::UTC);
                let date = moment.date();
                let (hour, minute, second) = moment.to_hms();
                let parts = [
                    date.year(),
                    i32::from(date.ordinal()),
                    i32::from(hour),
                    i32::from(minute),
                    i32::from(second),
                    0,
                    0,
                    0,
                    0,
                ];
                visitor.visit_seq(Parts(parts.iter()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        match self.0 {
            Value::Text(text) | Value::Choice(text) => visitor.visit_enum(Word(text)),
            Value::Absent => Err(Failed::invalid_type(Unexpected::Unit, &visitor)),
            _ => Err(Failed::custom("only text can be a variant")),
        }
    }

    #[inline]
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 char unit unit_struct seq tuple_struct map struct identifier ignored_any
    }
}

/// Reads the text that [`Decimal`] writes, or a whole number.
impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfText;

        impl Visitor<'_> for OfText {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number with at most 18 decimals")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Decimal, E> {
                decimal(text).ok_or_else(|| E::invalid_value(Unexpected::Str(text), &self))
            }

            fn visit_i64<E>(self, mantissa: i64) -> Result<Decimal, E> {
                Ok(Decimal { mantissa, scale: 0 })
            }
        }

        deserializer.deserialize_str(OfText)
    }
}

/// Parses `-12.50` into its digits and the number of digits after the point.
fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(fraction) {
        return None;
    }
    let fraction = if text.contains('.') { fraction } else { "" };
    let scale = u8::try_from(fraction.len())
        .ok()
        .filter(|scale| *scale <= 18)?;
    let mantissa = format!("{whole}{fraction}").parse().ok()?;
    Some(Decimal { mantissa, scale })
}

/// Numbers have at most fifteen significant digits; others are rounded like every float.
#[expect(clippy::cast_precision_loss, reason = "the caller asked for a float")]
fn float(number: Decimal) -> f64 {
    number.mantissa as f64 / 10_f64.powi(i32::from(number.scale))
}

struct Parts<'p>(std::slice::Iter<'p, i32>);

impl<'b> SeqAccess<'b> for Parts<'_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'b>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failed> {
        let part = self.0.next().map(|part| Value::Integer(i64::from(*part)));
        part.map(|part| seed.deserialize(CellDeserializer(part)))
            .transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// A word as a variant without content.
struct Word<'b>(&'b str);

impl<'b> EnumAccess<'b> for Word<'b> {
    type Error = Failed;
    type Variant = Unit;

    fn variant_seed<S: DeserializeSeed<'b>>(self, seed: S) -> Result<(S::Value, Unit), Failed> {
        let variant = seed.deserialize(BorrowedStrDeserializer::<Failed>::new(self.0))?;
        Ok((variant, Unit))
    }
}

struct Unit;

impl<'b> VariantAccess<'b> for Unit {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        Ok(())
    }

    fn newtype_variant_seed<S: DeserializeSeed<'b>>(self, _: S) -> Result<S::Value, Failed> {
        Err(Failed::custom("a cell is a variant without content"))
    }

    fn tuple_variant<V: Visitor<'b>>(self, _: usize, _: V) -> Result<V::Value, Failed> {
        Err(Failed::custom("a cell is a variant without content"))
    }

    fn struct_variant<V: Visitor<'b>>(
        self,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Failed> {
        Err(Failed::custom("a cell is a variant without content"))
    }
}
