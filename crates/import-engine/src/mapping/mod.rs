//! Which column of a file is which field of a schema, and why. This file maps by headers alone: the columns that the caller
//! names ([`Chosen`]), then the best of the columns that could be a field. The cells correct the mapping elsewhere.

mod below;
mod candidate;
mod column;
mod weigh;

use std::collections::{HashMap, HashSet};

use crate::{
    csv::Dialect,
    error::{FileError, Look, MappingProblem},
    schema::{Schema, header::Header, kind::Kind},
    value::{date::Pattern, locale::Locale, text::normalise_header},
};
use candidate::{Candidates, phrases, suggestions, value_of};
use column::{Ticks, missing, target};

pub use candidate::likeness;
pub use column::{Column, ColumnUse, Mapping, MatchReason, Sample};

pub(crate) use below::Strict;
#[cfg(feature = "serde")]
pub(crate) use column::SavedMapping;

impl Schema {
    /// Matches a file's headers with the fields, by name and alias alone. See [`Mapping::new`] for a caller's mapping
    /// that has precedence.
    ///
    /// ```
    /// use import_engine::{Field, Schema};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").required().alias("nama")).build()?;
    /// assert_eq!(schema.map_headers(&["Nama"])?.column_of(0), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// None today; the signature is that of [`Mapping::new`].
    pub fn map_headers<H: AsRef<str>>(&self, headers: &[H]) -> Result<Mapping, FileError> {
        Mapping::new(self, headers, std::iter::empty::<(&str, &str)>())
    }
}

impl Mapping {
    /// Matches headers with fields: the caller's pairs of header and field first (an empty field excludes the column,
    /// `field=word` is a column of ticks for a value of a choice), then names, aliases, natural keys and risky aliases,
    /// exactly after [normalisation](normalise_header). Never by position and never by likeness.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::Mapping};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").required()).build()?;
    /// let mapping = Mapping::new(&schema, &["Siapa", "Catatan"], [("Siapa", "name"), ("Catatan", "")])?;
    /// assert_eq!(mapping.column_of(0), Some(0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a pair names a header or field that does not exist, or uses one twice.
    pub fn new<H, I, A, B>(schema: &Schema, headers: &[H], overrides: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator<Item = (A, B)>,
        A: AsRef<str>,
        B: AsRef<str>,
    {
        matched(schema, headers, &found(schema, headers, overrides)?)
    }

    /// Maps by position alone, for a file without a header or with one that has no meaning: `fields` are the fields of
    /// the columns in order, empty for a column that is to be omitted.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::Mapping};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name")).field(Field::email("email")).build()?;
    /// let mapping = Mapping::by_position(&schema, &["Column 1", "Column 2", "Column 3"], ["email", "", "name"])?;
    /// assert_eq!((mapping.column_of(0), mapping.column_of(1)), (Some(2), Some(0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a field does not exist or is given twice, or there are fewer columns than fields.
    pub fn by_position<H, I>(schema: &Schema, headers: &[H], fields: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator,
        I::Item: AsRef<str>,
    {
        let fields = fields.into_iter().enumerate();
        let mut columns: Vec<(usize, String)> = fields
            .map(|(column, field)| (column, field.as_ref().to_owned()))
            .collect();
        if let Some((column, _)) = columns.get(headers.len()) {
            return Err(MappingProblem::UnknownColumn { number: column + 1 }.into());
        }
        columns.extend((columns.len()..headers.len()).map(|column| (column, String::new())));
        matched(schema, headers, &columns)
    }

    /// Maps the columns that a user chose, each by its header or its number.
    pub(crate) fn chosen(
        schema: &Schema,
        headers: &[String],
        choices: &[(Chosen, Option<String>)],
    ) -> Result<Self, FileError> {
        let named = Named::new(schema, headers);
        let mut columns: Vec<(usize, String)> = Vec::with_capacity(choices.len());
        for (chosen, field) in choices {
            let column = match chosen {
                Chosen::Header(header) => named.find(header)?,
                Chosen::Number(number) => (1..=headers.len())
                    .position(|column| column == *number)
                    .ok_or(MappingProblem::UnknownColumn { number: *number })?,
                // The header of an earlier file: it may now be elsewhere, occur twice, or be missing; what was chosen for
                // this file has precedence.
                Chosen::Remembered(header) => {
                    let field = field.as_deref().unwrap_or_default();
                    let goes = |column: &usize| {
                        columns
                            .iter()
                            .all(|(taken, of)| taken != column && (field.is_empty() || of != field))
                            && !choices.iter().any(|(other, of)| {
                                !matches!(other, Chosen::Remembered(_))
                                    && of.as_deref() == Some(field)
                            })
                    };
                    let known = schema.index_of(field).is_some() || field.is_empty();
                    match named.find(header).ok().filter(goes) {
                        Some(column) if known => column,
                        _ => continue,
                    }
                }
            };
            columns
                .retain(|(taken, _)| *taken != column || matches!(chosen, Chosen::Remembered(_)));
            columns.push((column, field.clone().unwrap_or_default()));
        }
        matched(schema, headers, &columns)
    }

    /// The mapping of an earlier reading of the same file: the columns that its [`pairs`](Self::pairs) name, and no
    /// others. The other columns are not excluded: they still count as evidence against a row.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{ColumnUse, Mapping}};
    ///
    /// let schema = Schema::builder("contacts").field(Field::text("name").alias("nama")).build()?;
    /// let mapping = Mapping::resolved(&schema, &["Nama", "Siapa"], [("Siapa", "name")])?;
    /// assert_eq!(mapping.column_of(0), Some(1));
    /// assert_eq!(mapping.columns()[0].used, ColumnUse::Unknown);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`FileError::Mapping`] if a pair names a header or field that does not exist, or uses one twice.
    pub fn resolved<H, I, A, B>(schema: &Schema, headers: &[H], pairs: I) -> Result<Self, FileError>
    where
        H: AsRef<str>,
        I: IntoIterator<Item = (A, B)>,
        A: AsRef<str>,
        B: AsRef<str>,
    {
        resolved(schema, headers, &found(schema, headers, pairs)?)
    }
}

/// The columns that a caller named, with their targets.
fn found<H, I, A, B>(
    schema: &Schema,
    headers: &[H],
    pairs: I,
) -> Result<Vec<(usize, String)>, FileError>
where
    H: AsRef<str>,
    I: IntoIterator<Item = (A, B)>,
    A: AsRef<str>,
    B: AsRef<str>,
{
    let named = Named::new(schema, headers);
    let mut found = Vec::new();
    for (header, field) in pairs {
        found.push((named.find(header.as_ref())?, field.as_ref().to_owned()));
    }
    Ok(found)
}

// How a user names a column.

/// How a user names a column.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
pub(crate) enum Chosen {
    /// By its header, which the file must have.
    Header(String),
    /// By its header, if the file has it.
    Remembered(String),
    /// By its number, from 1.
    Number(usize),
}

// The mapping of headers.

/// `chosen` are columns with the names of their fields, empty for a column that is to be omitted.
fn matched<H: AsRef<str>>(
    schema: &Schema,
    headers: &[H],
    chosen: &[(usize, String)],
) -> Result<Mapping, FileError> {
    let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
    let mut said = Said::new(schema, texts.len());
    said.apply(schema, &texts, chosen)?;
    let Said {
        mut uses,
        mut fields,
        ticks,
    } = said;

    let words = &schema.inner.header_words;
    let keys: Vec<Header> = texts.iter().map(|text| Header::new(text, words)).collect();
    ignore_columns(schema, &texts, &keys, &mut uses);
    let mut found = Candidates::find(schema, &keys, &uses);
    let mut notices = found.set_sums_aside(schema, &keys, &texts);
    notices.extend(found.set_rivals_aside(schema, &keys, &texts));
    let mut winners: HashMap<usize, usize> = HashMap::new();
    let mut patterns: Vec<Option<Pattern>> = vec![None; schema.fields().len()];
    let mut powers: Vec<u8> = vec![0; schema.fields().len()];
    // The best candidate of all gets its field and column, then the next: a column is at most one field.
    let other_units = found.other_units();
    for candidate in found.clear {
        let (field, column) = (candidate.field, candidate.column);
        if uses[column].is_some() || ticks.iter().any(|ticks| ticks.field == field) {
            continue;
        }
        if fields[field].is_some() {
            winners.entry(column).or_insert(field);
            continue;
        }
        fields[field] = Some(column);
        patterns[field] = candidate.pattern;
        uses[column] = Some(ColumnUse::Field {
            field: schema.fields()[field].name().to_owned(),
            reason: candidate.reason,
        });
    }
    // A caller who chooses the column does not revoke what its header states about its dates and its unit.
    for (field, column) in fields.iter().enumerate() {
        let Some(column) = *column else { continue };
        if patterns[field].is_none() {
            patterns[field] = keys[column].any_pattern();
        }
        if powers[field] == 0 {
            powers[field] = keys[column].any_power(&phrases(schema)[field].scales);
        }
    }
    for further in found.doubtful.iter().filter(|doubtful| doubtful.further) {
        if fields[further.field].is_some() && uses[further.column].is_none() {
            winners.entry(further.column).or_insert(further.field);
        }
    }
    let columns = named_columns(schema.locale(), &texts, uses, |index| {
        match winners.get(&index) {
            Some(&field) => ColumnUse::Beaten {
                field: schema.fields()[field].name().to_owned(),
                by: fields[field].map_or_else(String::new, |winner| texts[winner].to_owned()),
            },
            None => ColumnUse::Unknown,
        }
    });
    let mut suggestions = suggestions(schema, &fields, &columns, &keys, &found.doubtful);
    suggestions.retain(|suggestion| {
        let field = schema.index_of(&suggestion.field);
        field.is_none_or(|field| ticks.iter().all(|ticks| ticks.field != field))
    });
    Ok(Mapping {
        columns,
        missing: missing(schema, &fields, &ticks),
        fields,
        ticks,
        patterns,
        powers,
        notices,
        other_units,
        suggestions,
    })
}

/// The mapping of exactly these pairs; the other columns belong to no field.
fn resolved<H: AsRef<str>>(
    schema: &Schema,
    headers: &[H],
    chosen: &[(usize, String)],
) -> Result<Mapping, FileError> {
    let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
    let mut said = Said::new(schema, texts.len());
    said.apply(schema, &texts, chosen)?;
    let words = &schema.inner.header_words;
    let keys: Vec<Header> = texts.iter().map(|text| Header::new(text, words)).collect();
    ignore_columns(schema, &texts, &keys, &mut said.uses);
    let pattern = |column: usize| keys[column].any_pattern();
    let power = |(field, column): (usize, &Option<usize>)| {
        column.map_or(0, |column| {
            keys[column].any_power(&phrases(schema)[field].scales)
        })
    };
    Ok(Mapping {
        columns: named_columns(schema.locale(), &texts, said.uses, |_| ColumnUse::Unknown),
        missing: missing(schema, &said.fields, &said.ticks),
        patterns: said
            .fields
            .iter()
            .map(|column| column.and_then(pattern))
            .collect(),
        powers: said.fields.iter().enumerate().map(power).collect(),
        fields: said.fields,
        ticks: said.ticks,
        notices: Vec::new(),
        other_units: Vec::new(),
        suggestions: Vec::new(),
    })
}

fn named_columns(
    locale: &Locale,
    texts: &[&str],
    uses: Vec<Option<ColumnUse>>,
    otherwise: impl Fn(usize) -> ColumnUse,
) -> Vec<Column> {
    let named = texts
        .iter()
        .zip(unique_names(texts, locale))
        .zip(uses)
        .enumerate();
    named
        .map(|(index, ((text, name), used))| Column {
            header: (*text).to_owned(),
            name,
            used: used.unwrap_or_else(|| otherwise(index)),
        })
        .collect()
}

/// Unique names of the columns: the header, with a number if other columns have the same one.
fn unique_names(texts: &[&str], locale: &Locale) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let firsts: HashSet<&str> = texts.iter().map(|text| text.trim()).collect();
    // The number that the last column of a header got: thousands may have the same one.
    let mut numbers: HashMap<String, u32> = HashMap::new();
    texts
        .iter()
        .enumerate()
        .map(|(index, text)| {
            let text = text.trim();
            let base = if text.is_empty() {
                locale.name_of_column(index + 1)
            } else {
                text.to_owned()
            };
            let mut name = base.clone();
            let number = numbers.entry(base.clone()).or_insert(1);
            if *number > 1 && taken.contains(&name) {
                name = format!("{base} ({number})");
            }
            // A name that is the header of another column is left to that column.
            while taken.contains(&name) || name != *text && firsts.contains(name.as_str()) {
                *number += 1;
                name = format!("{base} ({number})");
            }
            taken.insert(name.clone());
            name
        })
        .collect()
}

/// The caller's choices for columns.
struct Said {
    uses: Vec<Option<ColumnUse>>,
    fields: Vec<Option<usize>>,
    ticks: Vec<Ticks>,
}

impl Said {
    fn new(schema: &Schema, columns: usize) -> Self {
        Self {
            uses: vec![None; columns],
            fields: vec![None; schema.fields().len()],
            ticks: Vec::new(),
        }
    }

    /// Applies choices: columns with the names of their fields, empty for a column that is to be omitted.
    fn apply(
        &mut self,
        schema: &Schema,
        texts: &[&str],
        chosen: &[(usize, String)],
    ) -> Result<(), MappingProblem> {
        for (column, wanted) in chosen {
            let column = *column;
            if self.uses[column].is_some() {
                return Err(MappingProblem::HeaderTwice {
                    header: texts[column].trim().to_owned(),
                });
            }
            if wanted.is_empty() {
                self.uses[column] = Some(ColumnUse::LeftOut);
                continue;
            }
            let Some(index) = schema.index_of(wanted) else {
                self.take_tick(schema, column, wanted)?;
                continue;
            };
            if self.fields[index].replace(column).is_some() || self.has_ticks(index) {
                return Err(MappingProblem::FieldTwice {
                    field: wanted.clone(),
                });
            }
            self.uses[column] = Some(ColumnUse::Field {
                field: wanted.clone(),
                reason: MatchReason::Caller,
            });
        }
        Ok(())
    }

    fn has_ticks(&self, field: usize) -> bool {
        self.ticks.iter().any(|ticks| ticks.field == field)
    }

    /// `gender=L`: a tick in the column means that value of the choice.
    fn take_tick(
        &mut self,
        schema: &Schema,
        column: usize,
        wanted: &str,
    ) -> Result<(), MappingProblem> {
        let unknown = || MappingProblem::UnknownField {
            field: wanted.to_owned(),
        };
        let (name, word) = wanted.split_once('=').ok_or_else(unknown)?;
        let index = schema.index_of(name).ok_or_else(unknown)?;
        let field = &schema.fields()[index];
        let is_choice = matches!(field.kind, Kind::Choice(_));
        let value = value_of(field, word)
            .filter(|_| is_choice)
            .ok_or_else(unknown)?;
        let twice = || MappingProblem::FieldTwice {
            field: wanted.to_owned(),
        };
        if self.fields[index].is_some() {
            return Err(twice());
        }
        let mut ticks = self.ticks.iter().filter(|ticks| ticks.field == index);
        if ticks.any(|ticks| ticks.columns.iter().any(|(_, known)| *known == value)) {
            return Err(twice());
        }
        Ticks::add(&mut self.ticks, index, column, value.clone());
        self.uses[column] = Some(ColumnUse::Tick {
            field: name.to_owned(),
            target: target(name, &value),
            value,
        });
        Ok(())
    }
}

/// The columns of a file by the names that a caller may use. Built once for all names: a sheet has up to sixteen thousand
/// columns.
struct Named<'t> {
    headers: HashMap<&'t str, Vec<usize>>,
    own_names: HashMap<String, usize>,
    normalised: HashMap<String, Vec<usize>>,
}

impl<'t> Named<'t> {
    fn new<H: AsRef<str>>(schema: &Schema, headers: &'t [H]) -> Self {
        let texts: Vec<&str> = headers.iter().map(AsRef::as_ref).collect();
        let mut headers: HashMap<&str, Vec<usize>> = HashMap::new();
        let mut normalised: HashMap<String, Vec<usize>> = HashMap::new();
        for (column, text) in texts.iter().enumerate() {
            headers.entry(text.trim()).or_default().push(column);
            normalised
                .entry(normalise_header(text))
                .or_default()
                .push(column);
        }
        let names = unique_names(&texts, schema.locale())
            .into_iter()
            .enumerate();
        Self {
            headers,
            own_names: names.map(|(column, name)| (name, column)).collect(),
            normalised,
        }
    }

    /// The column whose header the caller wrote: the exact header, else the unique name, else the only header that is the
    /// same after normalisation.
    fn find(&self, header: &str) -> Result<usize, MappingProblem> {
        let exact = self.headers.get(header.trim()).map(Vec::as_slice);
        if let Some([column]) = exact {
            return Ok(*column);
        }
        if let Some(column) = self.own_names.get(header.trim()) {
            return Ok(*column);
        }
        let wanted = normalise_header(header);
        let alike = self.normalised.get(&wanted).map(Vec::as_slice);
        match exact.or(alike.filter(|_| !wanted.is_empty())) {
            Some([column]) => Ok(*column),
            None => Err(MappingProblem::UnknownHeader {
                header: header.to_owned(),
            }),
            Some(_) => Err(MappingProblem::AmbiguousHeader {
                header: header.to_owned(),
            }),
        }
    }
}

fn ignore_columns(
    schema: &Schema,
    texts: &[&str],
    keys: &[Header],
    uses: &mut [Option<ColumnUse>],
) {
    let words = &schema.inner.header_words;
    let ignored: HashSet<String> = schema
        .inner
        .ignored_columns
        .iter()
        .map(|header| Header::new(header, words).squeezed())
        .collect();
    for (index, key) in keys.iter().enumerate() {
        let nothing = texts[index].trim().starts_with('_')
            || key.is_empty()
            || ignored.contains(&key.squeezed());
        if nothing && uses[index].is_none() {
            uses[index] = Some(ColumnUse::Ignored);
        }
    }
}

// What a table that lacks required columns may be instead.

/// More names than any table has.
const MOST_NAMES: usize = 50;

impl Look {
    /// What a table that lacks required columns may be instead.
    ///
    /// ```
    /// use import_engine::{Field, Schema, recognise::{Look, Sample, Sniffer}};
    ///
    /// let file = b"nama,Siti,Budi\nemail,siti@example.com,budi@example.com\n";
    /// let schema = Schema::builder("contacts")
    ///     .field(Field::text("nama").required())
    ///     .field(Field::email("email").required())
    ///     .build()?;
    /// let dialect = Sniffer::new().sniff(file)?;
    /// let sample = Sample::read(&file[..], &dialect)?;
    /// assert_eq!(Look::of_table(&schema, &dialect, &sample), Some(Look::Transposed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of_table(schema: &Schema, dialect: &Dialect, sample: &Sample) -> Option<Self> {
        if sample.is_lined_up() {
            return Some(Self::FixedWidth);
        }
        let headers = &dialect.headers;
        let mapped = |texts: &[&str]| {
            let mapping = schema.map_headers(texts);
            mapping.map_or(0, |mapping| mapping.pairs().count())
        };
        let first_row: Vec<&str> = headers.iter().map(String::as_str).collect();
        let first_column: Vec<&str> = first_row
            .first()
            .copied()
            .into_iter()
            .chain(sample.cells(0).take(MOST_NAMES))
            .collect();
        let names_beside = mapped(&first_column);
        if names_beside >= 2 && names_beside > mapped(&first_row) {
            return Some(Self::Transposed);
        }
        // `Nama,NIK;;`: lines that a spreadsheet took for cells, next to columns without names.
        let is_alone = |(column, header): (usize, &&str)| column == 0 || header.trim().is_empty();
        let wraps = |header: &str| mapped(&header.split([',', ';', '\t']).collect::<Vec<_>>()) > 1;
        if dialect.columns > 1
            && first_row.iter().enumerate().all(is_alone)
            && first_row.first().is_some_and(|header| wraps(header))
        {
            return Some(Self::WrappedLines);
        }
        if dialect.columns <= 1 {
            let whole_line = |text: &str| text.contains([',', ';', '\t']);
            let wrapped = first_row.iter().any(|header| whole_line(header))
                || sample.cells(0).next().is_some_and(whole_line);
            let lined_up = |text: &str| text.trim().contains("   ");
            return Some(if wrapped {
                Self::WrappedLines
            } else if first_row.iter().any(|header| lined_up(header))
                && sample.cells(0).all(lined_up)
            {
                Self::FixedWidth
            } else {
                Self::OneColumn
            });
        }
        // A text that occurs again in its column is not the column's name.
        let recurs = |(column, header): (usize, &&str)| {
            !header.trim().is_empty()
                && sample.rows().iter().any(|row| {
                    let same = |(cell, header): (&String, &&str)| cell.trim() == header.trim();
                    // The header itself may be repeated.
                    let is_header = row.iter().zip(&first_row).all(same);
                    !is_header && row.get(column).is_some_and(|cell| same((cell, header)))
                })
        };
        let is_data = looks_like_data(&first_row) || first_row.iter().enumerate().any(recurs);
        (dialect.header_row.is_none() || mapped(&first_row) == 0 && is_data)
            .then_some(Self::NoHeader)
    }
}

/// Whether any cell of a header is a value that a header never is: a number, a date, an address.
fn looks_like_data(headers: &[&str]) -> bool {
    headers.iter().any(|header| {
        let digits = header.bytes().filter(u8::is_ascii_digit).count();
        digits >= 6 || header.contains('@')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_gets_a_name_of_its_own() {
        let names = unique_names(
            &["No HP", " No HP ", "", "No HP (2)", "No HP", "Kolom 3"],
            &Locale::INDONESIAN,
        );
        assert_eq!(
            names,
            [
                "No HP",
                "No HP (3)",
                "Kolom 3 (2)",
                "No HP (2)",
                "No HP (4)",
                "Kolom 3"
            ]
        );
    }
}
