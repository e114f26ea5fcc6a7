//! The one list mechanism: filter, sort, search, limit and offset over an allow-list of fields per resource.

use crate::ListError;

/// What a list was asked for. Fields are checked against the resource's own list by the repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// All must hold.
    pub filter: Vec<Filter>,
    /// In order of importance; ties are broken by id.
    pub sort: Vec<SortKey>,
    /// Text that one of the resource's text fields must contain, without regard to case.
    pub search: Option<String>,
    /// Most items to return.
    pub limit: u64,
    /// Items to skip.
    pub offset: u64,
}

/// `field=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// The field.
    pub field: String,
    /// The value it must have.
    pub value: String,
}

/// `field:asc` or `field:desc`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: String,
    /// Whether the greatest comes first.
    pub descending: bool,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// How many items there are on all pages.
    pub total: u64,
}

impl std::str::FromStr for Filter {
    type Err = ListError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((field, value)) if !field.is_empty() => Ok(Self {
                field: field.to_owned(),
                value: value.to_owned(),
            }),
            _ => Err(ListError::Malformed {
                parameter: "filter",
                text: text.to_owned(),
            }),
        }
    }
}

impl std::str::FromStr for SortKey {
    type Err = ListError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || ListError::Malformed {
            parameter: "sort",
            text: text.to_owned(),
        };
        let (field, order) = text.split_once(':').unwrap_or((text, "asc"));
        let descending = match order.to_ascii_lowercase().as_str() {
            "asc" => false,
            "desc" => true,
            _ => return Err(malformed()),
        };
        if field.is_empty() {
            return Err(malformed());
        }
        Ok(Self {
            field: field.to_owned(),
            descending,
        })
    }
}
