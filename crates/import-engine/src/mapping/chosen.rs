//! How a person says which column they mean. Finds none.

/// How a person names a column.
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
