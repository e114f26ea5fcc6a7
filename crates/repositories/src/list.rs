//! Lists of every resource: filter, sort, search, limit and offset over an allow-list of fields.

use domain::value::iso_date;
use sea_orm::{
    Condition, ExprTrait, Order,
    sea_query::{Expr, Func, LikeExpr, NullOrdering, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use crate::ListError;

/// The parameters of a list. The repository checks the fields against those of the resource.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Conditions that must all hold.
    pub filter: Vec<Filter>,
    /// In order of importance; ties are broken by id. Without any, the newest comes first.
    pub sort: Vec<SortKey>,
    /// Text that one of the resource's text fields must contain, without regard to case.
    pub search: Option<String>,
    /// The most items to return.
    pub limit: u64,
    /// Items to skip.
    pub offset: u64,
}

/// `field=value`. An empty value asks for the rows in which the field is empty.
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
    /// Whether the order is descending.
    pub descending: bool,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The items of the page.
    pub items: Vec<T>,
    /// The number of items on all pages.
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

/// A field that a list may be filtered and sorted by.
pub struct Field {
    name: &'static str,
    table: &'static str,
    kind: Kind,
    searched: bool,
}

/// How a filter's value is read.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Uuid,
    Number,
    Date,
    Flag,
    /// For sorting only.
    Moment,
}

impl Field {
    const fn new(table: &'static str, name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            table,
            kind,
            searched: false,
        }
    }

    /// Text or a word; the column has the field's name.
    pub(crate) const fn text(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Text)
    }

    /// Text that the search looks into.
    pub(crate) const fn searched(table: &'static str, name: &'static str) -> Self {
        Self {
            searched: true,
            ..Self::text(table, name)
        }
    }

    /// An id.
    pub(crate) const fn uuid(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Uuid)
    }

    /// A whole number.
    pub(crate) const fn number(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Number)
    }

    /// A calendar day, as `2027-03-15`.
    pub(crate) const fn date(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Date)
    }

    /// `true` or `false`.
    pub(crate) const fn flag(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Flag)
    }

    /// A moment, for sorting and not for filtering.
    pub(crate) const fn moment(table: &'static str, name: &'static str) -> Self {
        Self::new(table, name, Kind::Moment)
    }

    fn column(&self) -> Expr {
        Expr::col((self.table, self.name))
    }

    fn equals(&self, value: &str) -> Result<SimpleExpr, ListError> {
        let invalid = || ListError::InvalidValue {
            field: self.name.to_owned(),
            value: value.to_owned(),
        };
        let column = self.column();
        if value.is_empty() {
            return Ok(column.is_null());
        }
        Ok(match self.kind {
            // PostgreSQL refuses NUL in text; no stored text has one.
            Kind::Text if value.contains('\0') => return Err(invalid()),
            Kind::Text => column.eq(value),
            Kind::Uuid => column.eq(Uuid::try_parse(value).map_err(|_| invalid())?),
            Kind::Number => column.eq(value.parse::<i64>().map_err(|_| invalid())?),
            Kind::Date => column.eq(iso_date(value).map_err(|_| invalid())?),
            Kind::Flag => column.eq(value.parse::<bool>().map_err(|_| invalid())?),
            Kind::Moment => {
                return Err(ListError::UnknownField {
                    parameter: "filter",
                    field: self.name.to_owned(),
                });
            }
        })
    }
}

fn field<'f>(
    fields: &'f [Field],
    name: &str,
    parameter: &'static str,
) -> Result<&'f Field, ListError> {
    fields
        .iter()
        .find(|field| field.name == name)
        .ok_or_else(|| ListError::UnknownField {
            parameter,
            field: name.to_owned(),
        })
}

/// The condition of the query's filters and search.
pub(crate) fn condition(fields: &[Field], query: &ListQuery) -> Result<Condition, ListError> {
    let mut all = Condition::all();
    for filter in &query.filter {
        all = all.add(field(fields, &filter.field, "filter")?.equals(&filter.value)?);
    }
    let search = query.search.as_deref().map(str::trim).unwrap_or_default();
    if search.is_empty() {
        return Ok(all);
    }
    let columns = fields.iter().filter(|field| field.searched);
    Ok(all.add(contains(columns.map(Field::column), search)))
}

/// Holds if one of the texts contains another one, without regard to case.
pub(crate) fn contains(texts: impl Iterator<Item = SimpleExpr>, search: &str) -> Condition {
    // No stored text has a NUL, and PostgreSQL accepts none.
    if search.contains('\0') {
        return Condition::any().add(Expr::cust("1 = 0"));
    }
    // PostgreSQL folds every letter, SQLite only those of ASCII: there a capital Ü matches only itself.
    let mut patterns = vec![containing(&search.to_lowercase())];
    let ascii = containing(&search.to_ascii_lowercase());
    if !patterns.contains(&ascii) {
        patterns.push(ascii);
    }
    let mut any = Condition::any();
    for text in texts {
        for pattern in &patterns {
            let like = LikeExpr::new(pattern.as_str()).escape('\\');
            any = any.add(Expr::expr(Func::lower(text.clone())).like(like));
        }
    }
    any
}

/// The pattern of texts that contain this one.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for letter in text.chars() {
        if matches!(letter, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

/// Orders a statement as the query asks; ties, and a query that asks for no order, by id, the newest first.
pub(crate) fn order(
    fields: &[Field],
    id: Expr,
    query: &ListQuery,
    statement: &mut SelectStatement,
) -> Result<(), ListError> {
    for key in &query.sort {
        let column = field(fields, &key.field, "sort")?.column();
        let order = if key.descending {
            Order::Desc
        } else {
            Order::Asc
        };
        // The engines disagree about where nulls belong.
        statement.order_by_expr_with_nulls(column, order, NullOrdering::Last);
    }
    statement.order_by_expr(id, Order::Desc);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_filters_and_sort_keys() {
        let filter: Filter = "nama=a=b".parse().unwrap();
        assert_eq!(
            (filter.field.as_str(), filter.value.as_str()),
            ("nama", "a=b")
        );
        for text in ["nama", "=x", ""] {
            assert!(text.parse::<Filter>().is_err(), "{text}");
        }
        for (text, descending) in [("nama", false), ("nama:asc", false), ("nama:DESC", true)] {
            assert_eq!(
                text.parse::<SortKey>().unwrap().descending,
                descending,
                "{text}"
            );
        }
        for text in ["nama:up", ":asc", ""] {
            assert!(text.parse::<SortKey>().is_err(), "{text}");
        }
    }
}
