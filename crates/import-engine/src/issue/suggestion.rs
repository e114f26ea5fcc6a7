//! A column that may be meant for a field without one, as it is said to a person. Finds none.

/// A column that may be meant for a field that has none.
///
/// ```
/// use import_engine::{Field, Schema};
///
/// let schema = Schema::builder("contacts").field(Field::text("email").required()).build()?;
/// let mapping = schema.map_headers(&["Emial"])?;
/// assert_eq!(mapping.suggestions()[0].header, "Emial");
/// assert_eq!(mapping.suggestions()[0].field, "email");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Suggestion {
    /// The field.
    pub field: String,
    /// The column's [name](crate::recognise::Column::name).
    pub header: String,
    /// How alike, from 0.6 to 1.
    pub likeness: f32,
    /// Why it is not simply taken.
    pub doubt: Doubt,
}

/// Why a column is not simply taken for a field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "snake_case")
)]
#[non_exhaustive]
pub enum Doubt {
    /// Its header only looks like a name of the field.
    Likeness,
    /// A name of the field stands in its header beside a word that is not known.
    Unknown(String),
    /// Its numbers are in another unit.
    Unit(String),
    /// Its header means the field as often as something else.
    Perhaps,
    /// It stands beside the parts that it sums up.
    SumOfParts,
    /// No name says so, but its cells are values of the field.
    Cells,
}
