//! Describes the table of each kind of record in one place: its row, its keys, its reference, the fields of lists, and how a
//! record fills a row and is read from one. Queries, bulk loading, the catalogue, rollbacks, planner statistics and the
//! reading of constraint violations all take it from here.

mod jamaah;
mod package;
mod payment;

use domain::{Fields, ImportType, NewJamaah, NewPackage, NewPayment};
use sea_orm::{
    ColumnTrait, ColumnType, EntityTrait, FromQueryResult, IdenStatic, Iterable, ModelTrait,
};
use time::{Date, PrimitiveDateTime};
use uuid::Uuid;

use crate::{RepositoryError, list::Field};

/// The table of one kind of record. Its columns are those of `Entity`: `tenant_id` and `id`, its own in the order of
/// [`Table::fill`], and those that every record has.
pub trait Table: Fields {
    /// The table as SeaORM sees it.
    type Entity: EntityTrait<Model = Self::Row>;
    /// A row of it.
    type Row: ModelTrait<Entity = Self::Entity> + FromQueryResult + Sync;

    /// Its name.
    const NAME: &'static str;
    /// Its natural keys.
    const KEYS: &'static [Key];
    /// The record of another table that each of its records refers to.
    const REFERENCE: Option<Reference>;
    /// What a list may be filtered and sorted by.
    const LIST: &'static [Field];

    /// Fills the table's own cells.
    fn fill(&self, cells: &mut impl Cells);

    /// Reads the table's own cells.
    ///
    /// # Errors
    /// [`RepositoryError::Corrupt`] if a stored value breaks the rules of its type.
    fn read(row: Self::Row) -> Result<Self, RepositoryError>;
}

/// A natural key: a unique index over the tenant and these columns.
#[derive(Debug)]
pub struct Key {
    /// The index.
    pub index: &'static str,
    /// The field that a user would name.
    pub field: &'static str,
    /// The columns beside the tenant.
    pub columns: &'static [&'static str],
    /// Whether the index compares `lower(column)`.
    pub ignores_case: bool,
}

impl Key {
    /// A column of the row `row` as the index compares it.
    pub(crate) fn compared(&self, row: &str, column: &str) -> String {
        if self.ignores_case {
            format!("lower({row}.{column})")
        } else {
            format!("{row}.{column}")
        }
    }

    /// When a column of the row `row` is equal to a value, as the index compares them.
    pub(crate) fn equals(&self, row: &str, column: &str, value: &str) -> String {
        let mine = self.compared(row, column);
        if self.ignores_case {
            // The index has no nulls. SQLite does not conclude from an expression's equality that its column is not null, and
            // it would read every record of the tenant instead.
            format!("{mine} = lower({value}) AND {row}.{column} IS NOT NULL")
        } else {
            format!("{mine} = {value}")
        }
    }

    /// When the row `t` has the key of the row `s`, as SQL.
    pub(crate) fn matches(&self) -> String {
        let columns = self.columns.iter().map(|column| {
            let other = format!("s.{column}");
            format!(" AND {}", self.equals("t", column, &other))
        });
        "t.tenant_id = s.tenant_id".to_owned() + &columns.collect::<String>()
    }

    /// Whether a violation is one of this key. PostgreSQL names the index; SQLite names it only if it has an expression in
    /// it, and the columns otherwise.
    pub(crate) fn is_named_in(&self, table: &str, violation: &str) -> bool {
        violation.contains(self.index)
            || self
                .columns
                .iter()
                .all(|column| violation.contains(&format!("{table}.{column}")))
    }
}

/// A reference to a record of the same tenant.
#[derive(Debug)]
pub struct Reference {
    /// The referring field.
    pub field: &'static str,
    /// The table referred to.
    pub table: &'static str,
    /// The foreign key.
    pub constraint: &'static str,
    /// The index that finds the referring rows.
    pub index: &'static str,
}

/// Takes the cells of a row in the order of its columns.
pub trait Cells {
    /// Text, or null.
    fn text(&mut self, text: Option<&str>);
    /// JSON, as text that has been checked.
    fn json(&mut self, json: &str) {
        self.text(Some(json));
    }
    /// A word of a closed set, or null.
    fn word(&mut self, word: Option<&'static str>) {
        self.text(word);
    }
    /// An id.
    fn uuid(&mut self, id: Uuid);
    /// A whole number, or null.
    fn number(&mut self, number: Option<i64>);
    /// A calendar day, or null.
    fn date(&mut self, date: Option<Date>);
    /// A moment in UTC.
    fn moment(&mut self, moment: PrimitiveDateTime);
}

/// The first columns of every table.
pub(crate) const FIRST: [&str; 2] = ["tenant_id", "id"];
/// The last columns of every table.
const LAST: [&str; 5] = [
    "version",
    "migration_job_id",
    "import_row_number",
    "created_at",
    "updated_at",
];

/// All columns of a table.
pub(crate) fn columns<T: Table>() -> Vec<&'static str> {
    <T::Entity as EntityTrait>::Column::iter()
        .map(|column| column.as_str())
        .collect()
}

/// The columns of a table that [`Table::fill`] fills.
pub(crate) fn own_columns<T: Table>() -> Vec<&'static str> {
    let mut columns = columns::<T>();
    columns.truncate(columns.len().saturating_sub(LAST.len()));
    columns.split_off(FIRST.len().min(columns.len()))
}

fn is_uuid<T: Table>(name: &str) -> bool {
    <T::Entity as EntityTrait>::Column::iter().any(|column| {
        column.as_str() == name && *column.def().get_column_type() == ColumnType::Uuid
    })
}

/// What is known of a table without knowing the type of its records.
pub(crate) struct Facts {
    pub(crate) name: &'static str,
    pub(crate) keys: &'static [Key],
    pub(crate) reference: Option<Reference>,
    pub(crate) columns: fn() -> Vec<&'static str>,
    /// Those that [`Table::fill`] fills.
    pub(crate) own_columns: fn() -> Vec<&'static str>,
    /// Whether a column is an id.
    pub(crate) is_uuid: fn(&str) -> bool,
}

/// The tables of records, parents first.
pub(crate) static TABLES: &[Facts] = &[
    facts::<NewPackage>(),
    facts::<NewJamaah>(),
    facts::<NewPayment>(),
];

pub(crate) const fn facts<T: Table>() -> Facts {
    Facts {
        name: T::NAME,
        keys: T::KEYS,
        reference: T::REFERENCE,
        columns: columns::<T>,
        own_columns: own_columns::<T>,
        is_uuid: is_uuid::<T>,
    }
}

impl Facts {
    /// The tables whose records refer to records of this one, and how.
    pub(crate) fn referring(&self) -> impl Iterator<Item = (&'static str, &'static Reference)> {
        TABLES.iter().filter_map(|table| {
            let reference = table.reference.as_ref()?;
            (reference.table == self.name).then_some((table.name, reference))
        })
    }
}

/// The table that an import of a kind fills.
pub(crate) const fn imported(kind: ImportType) -> &'static Facts {
    match kind {
        ImportType::Package => &TABLES[0],
        ImportType::Jamaah => &TABLES[1],
        ImportType::Payment => &TABLES[2],
    }
}

/// Reads a stored value by the rules of its type.
pub(crate) fn stored<T, E>(
    column: &'static str,
    value: Result<T, E>,
) -> Result<T, RepositoryError> {
    value.map_err(|_| RepositoryError::Corrupt { column })
}

/// Reads an optional stored value.
fn stored_option<T, E>(
    column: &'static str,
    text: Option<String>,
    read: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, RepositoryError> {
    text.map(|text| stored(column, read(&text))).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_table_has_the_common_columns_around_its_own() {
        for table in TABLES {
            let columns = (table.columns)();
            assert!(columns.starts_with(&FIRST), "{}", table.name);
            assert!(columns.ends_with(&LAST), "{}", table.name);
        }
        for (table, entity) in [
            (NewPackage::NAME, entity::<NewPackage>()),
            (NewJamaah::NAME, entity::<NewJamaah>()),
            (NewPayment::NAME, entity::<NewPayment>()),
        ] {
            assert_eq!(table, entity);
        }
    }

    #[test]
    fn a_record_fills_every_column_of_its_own() {
        let id = "01890a5d-ac96-774b-bcce-b302099a8057";
        check::<NewJamaah>(serde_json::json!({"nama": "Siti", "paket_id": id}));
        check::<NewPackage>(serde_json::json!({
            "nama": "Umroh", "durasi_hari": 9, "harga_retail": 1, "kapasitas": 45,
            "tanggal_keberangkatan": "2027-03-15",
        }));
        check::<NewPayment>(serde_json::json!({
            "jamaah_id": id, "jumlah": 1, "tanggal_bayar": "2027-01-05", "metode_pembayaran": "cash",
        }));
    }

    fn check<T: Table>(input: serde_json::Value) {
        let input: T::Input = serde_json::from_value(input).unwrap();
        let Ok(record) = domain::Input::check(input, None, time::macros::date!(2026 - 11 - 20))
        else {
            panic!("a sound record")
        };
        let mut count = Count::default();
        T::fill(&record, &mut count);
        assert_eq!(count.0, own_columns::<T>().len(), "{}", T::NAME);
    }

    #[derive(Default)]
    struct Count(usize);

    impl Cells for Count {
        fn text(&mut self, _: Option<&str>) {
            self.0 += 1;
        }

        fn uuid(&mut self, _: Uuid) {
            self.0 += 1;
        }

        fn number(&mut self, _: Option<i64>) {
            self.0 += 1;
        }

        fn date(&mut self, _: Option<Date>) {
            self.0 += 1;
        }

        fn moment(&mut self, _: PrimitiveDateTime) {
            self.0 += 1;
        }
    }

    fn entity<T: Table>() -> &'static str {
        sea_orm::EntityName::table_name(&T::Entity::default())
    }

    #[test]
    fn keys_and_references_name_columns_of_their_tables() {
        for table in TABLES {
            let columns = (table.columns)();
            let named = table
                .keys
                .iter()
                .flat_map(|key| key.columns.iter().copied());
            let named = named.chain(table.reference.as_ref().map(|reference| reference.field));
            for column in named {
                assert!(columns.contains(&column), "{}.{column}", table.name);
            }
        }
        for kind in [ImportType::Jamaah, ImportType::Payment, ImportType::Package] {
            let name = match kind {
                ImportType::Jamaah => "jamaah",
                ImportType::Payment => "payments",
                ImportType::Package => "packages",
            };
            assert_eq!(imported(kind).name, name);
        }
    }

    #[test]
    fn a_key_is_the_one_that_an_engine_names() {
        let [ktp, email] = NewJamaah::KEYS else {
            panic!("two keys")
        };
        for (key, violation) in [
            (ktp, "uq_jamaah_ktp"),
            (
                ktp,
                "UNIQUE constraint failed: jamaah.tenant_id, jamaah.ktp",
            ),
            (email, "UNIQUE constraint failed: index 'uq_jamaah_email'"),
        ] {
            for other in NewJamaah::KEYS {
                let named = other.is_named_in("jamaah", violation);
                assert_eq!(named, other.index == key.index, "{violation}");
            }
        }
        // Only so does SQLite take the partial index.
        assert_eq!(
            email.matches(),
            "t.tenant_id = s.tenant_id AND lower(t.email) = lower(s.email) AND t.email IS NOT NULL"
        );
    }
}
