//! The empty file to fill in: a schema's columns and one example row. Checks nothing.

use std::io::{self, Write};

use super::CsvWriter;
use crate::schema::{Field, Schema};

/// Writes the template of a schema: its columns under their own names, and one example row.
///
/// The examples are those of the fields, unless `example` gives another for a field (an id that exists, say).
///
/// ```
/// use import_engine::{Field, Schema, report::{CsvWriter, write_template}};
///
/// let schema = Schema::builder("contacts")
///     .field(Field::text("name").example("Ahmad"))
///     .field(Field::text("phone").example("+6281234567890"))
///     .build()?;
/// let out = write_template(&schema, CsvWriter::new(Vec::new()), |field| (field == "name").then(|| "Siti".to_owned()))?;
/// assert_eq!(String::from_utf8(out)?, "name,phone\r\nSiti,'+6281234567890\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`an error of the output`].
pub fn write_template<W: Write>(
    schema: &Schema,
    mut writer: CsvWriter<W>,
    example: impl Fn(&str) -> Option<String>,
) -> io::Result<W> {
    let fields = || schema.fields().iter().filter(|field| !field.auxiliary);
    writer.write_record(fields().map(Field::name))?;
    writer.write_record(fields().map(|field| {
        example(field.name())
            .unwrap_or_else(|| field.example.as_deref().unwrap_or_default().to_owned())
    }))?;
    writer.finish()
}
