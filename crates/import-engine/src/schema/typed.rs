//! Columns as Rust types: a struct is a schema, and the type of a field is the kind of its cells.

use std::{borrow::Cow, rc::Rc, sync::Arc};

use time::{Date, OffsetDateTime};
use uuid::Uuid;

use super::{Field, SchemaBuilder};
use crate::value::Decimal;

/// A struct whose fields are the columns of a file: its schema is derived from it, and [rows are converted into
/// it](crate::Batch::rows_as).
///
/// With the feature `derive` it is derived, next to serde's `Deserialize`:
///
/// ```
/// # #[cfg(all(feature = "derive", feature = "serde"))]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use import_engine::{ImportCell, ImportRow, Plan};
/// use serde::Deserialize;
///
/// #[derive(Debug, Deserialize, ImportRow, PartialEq)]
/// #[import(name = "members", unique("name", "born"))]
/// struct Member {
///     #[import(label = "Name", max_chars = 200, aliases("full name", "nama lengkap"))]
///     name: String,
///     #[import(email, unique)]
///     email: Option<String>,
///     born: Option<time::Date>,
///     #[import(money, currency("€", "EUR"), minor_units = 2, min = 1)]
///     fee: u32,
///     standing: Standing,
/// }
///
/// #[derive(Debug, Deserialize, ImportCell, PartialEq)]
/// #[serde(rename_all = "lowercase")]
/// enum Standing {
///     #[import(aliases("aktif", "yes"))]
///     Active,
///     Left,
/// }
///
/// let schema = Member::schema().build()?;
/// let file = "Full name;Email;Born;Fee;Standing\nAda;ada@example.org;1815-12-10;12,50;Yes\nAlan;;;;left\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// let members = batches[0].rows_as::<Member>()?;
/// assert_eq!((members[0].fee, &members[0].standing), (1_250, &Standing::Active));
/// assert_eq!(summary.invalid, 1); // Alan pays no fee
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "derive", feature = "serde")))]
/// # fn main() {}
/// ```
///
/// # What the fields say
///
/// A field is [required](Field::required) unless its type is an `Option` or it has `#[serde(default)]` or a `default`.
/// Its name is serde's: `rename`, `rename_all` and `skip` are respected. Its kind is that of its type ([`ImportCell`]),
/// unless a word states it:
///
/// - `text`, `multiline`, `email`, `uuid`, `integer`, `decimal`, `money`, `date`, `datetime`, `boolean`;
/// - `digits(16)`, `digits(10, 16)`; `choice("cash", "card")`; `reference("customer")`.
///
/// The rules for its cells are the methods of [`Field`]: `required`, `unique`, `unique_warning`, `sensitive`; `alias =
/// "…"`, `aliases("…", "…")`, `default = "…"`, `label = "…"`, `example = "…"`, `expected = "…"`, `pattern = "…"`; `min =
/// 1`, `max = 9`, `min_chars = 2`, `max_chars = 80`, `units("kg")`, `currency("€")`, `minor_units = 2`; `rule =
/// function`, `check = function`. Everything else is done with `with = function`, which is called last, takes the
/// [`Field`] and returns it.
///
/// For the struct: `name = "…"` (else its own, in snake case), `unique("…", "…")` for a key of several fields, and `crate
/// = path` if the engine has another name. Rules across cells are added to the [`SchemaBuilder`].
///
/// For an integer smaller than 64 bits, the greatest number of its cells is that of its type. Negative numbers need a
/// `min`, as for [`Field::integer`].
///
/// Mistakes are errors at their positions:
///
/// ```compile_fail
/// #[derive(import_engine::ImportRow)]
/// struct Contact {
///     #[import(requird)] // there is no word `requird`: is it `required`?
///     name: String,
/// }
/// ```
///
/// ```compile_fail
/// struct Telephone(String);
///
/// #[derive(import_engine::ImportRow)]
/// struct Contact {
///     telephone: Telephone, // `Telephone` does not say what its cells are
/// }
/// ```
pub trait ImportRow {
    /// Its schema, to which rules, keys and a locale can be added.
    fn schema() -> SchemaBuilder;
}

/// A type into which one cell is converted, and that defines what the cell must be: a custom kind.
///
/// Text, numbers, dates, points in time, `bool`, `Uuid`, [`Decimal`] and an `Option` of any of them are cells. The
/// feature `derive` adds more: an enum without data is a choice of its variants, by the names that serde gives them; a
/// struct around one value has the kind of that value and what its own `#[import(…)]` adds, in the words of
/// [`ImportRow`].
///
/// ```
/// # #[cfg(all(feature = "derive", feature = "serde"))]
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use import_engine::{ImportCell, ImportRow, Plan};
/// use serde::Deserialize;
///
/// /// Used by every struct that has one.
/// #[derive(Debug, Deserialize, ImportCell, PartialEq)]
/// #[import(digits(10, 13), sensitive, aliases("phone", "no hp"), expected = "10 to 13 digits")]
/// struct Telephone(String);
///
/// #[derive(Deserialize, ImportRow)]
/// struct Contact {
///     telephone: Option<Telephone>,
/// }
///
/// let schema = Contact::schema().build()?;
/// let file = "No HP\n0812-3456-7890\n12\n";
/// let (batches, summary) = Plan::of(&schema, file)?.import(file).collect()?;
/// let contacts = batches[0].rows_as::<Contact>()?;
/// assert_eq!(contacts[0].telephone, Some(Telephone("081234567890".to_owned())));
/// assert_eq!(summary.invalid, 1);
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "derive", feature = "serde")))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what its cells are",
    label = "no cell is known to become this",
    note = "say the kind at the field, as in `#[import(text)]`, or derive `ImportCell` for the type"
)]
pub trait ImportCell {
    /// Whether the type has a value for an empty cell.
    const MAY_BE_EMPTY: bool = false;

    /// The field of a column of such cells.
    fn field(name: &str) -> Field;
}

impl<T: ImportCell> ImportCell for Option<T> {
    const MAY_BE_EMPTY: bool = true;

    fn field(name: &str) -> Field {
        T::field(name)
    }
}

macro_rules! cells {
    ($([$($life:lifetime)?] $kind:ty => $constructor:ident $(up to $most:expr)?;)+) => {
        $(impl$(<$life>)? ImportCell for $kind {
            fn field(name: &str) -> Field {
                Field::$constructor(name)$(.max($most))?
            }
        })+
    };
}

cells! {
    [] String => text;
    [] Box<str> => text;
    [] Arc<str> => text;
    [] Rc<str> => text;
    ['a] &'a str => text;
    ['a] Cow<'a, str> => text;
    [] i8 => integer up to i8::MAX.into();
    [] i16 => integer up to i16::MAX.into();
    [] i32 => integer up to i32::MAX.into();
    [] i64 => integer;
    [] i128 => integer;
    [] u8 => integer up to u8::MAX.into();
    [] u16 => integer up to u16::MAX.into();
    [] u32 => integer up to u32::MAX.into();
    [] u64 => integer;
    [] u128 => integer;
    [] f32 => decimal;
    [] f64 => decimal;
    [] Decimal => decimal;
    [] bool => boolean;
    [] Date => date;
    [] OffsetDateTime => datetime;
    [] Uuid => uuid;
}
