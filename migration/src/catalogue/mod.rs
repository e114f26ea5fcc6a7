//! The schema as the database describes it, compared with what the migrations make of an empty one.
//!
//! What they make is in `golden/`, one file per engine, written by a test from a freshly migrated database
//! (`UPDATE_CATALOGUE=1 cargo test -p tests --test it -- catalogue`), so there is no list of tables, columns or indexes to keep
//! by hand. Each difference comes with the SQL that repairs it.

mod postgres;
mod rows;
mod sqlite;

use std::collections::BTreeMap;
use std::fmt;

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement,
};

pub use postgres::{role_of, roles};
pub use rows::{orphans, values};

use crate::state::TABLE;

/// The kind of object that a line of a catalogue describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A table, and how it is stored.
    Table,
    /// A column with its type, nullability and default.
    Column,
    /// A primary, unique or foreign key, or a check.
    Constraint,
    /// An index that does not belong to a constraint.
    Index,
    /// Whether row-level security is on.
    Security,
    /// A policy of row-level security.
    Policy,
    /// A trigger.
    Trigger,
    /// A rewrite rule.
    Rule,
    /// A view of one of the tables.
    View,
}

const KINDS: [(Kind, &str); 9] = [
    (Kind::Table, "table"),
    (Kind::Column, "column"),
    (Kind::Constraint, "constraint"),
    (Kind::Index, "index"),
    (Kind::Security, "row-level security"),
    (Kind::Policy, "policy"),
    (Kind::Trigger, "trigger"),
    (Kind::Rule, "rule"),
    (Kind::View, "view"),
];

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = KINDS.iter().find(|(kind, _)| kind == self);
        f.write_str(name.map_or("object", |(_, name)| name))
    }
}

/// One object of a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The table that it belongs to.
    pub table: String,
    /// Its name; empty where a table has one at most.
    pub name: String,
    /// The engine's description of it, in one line.
    pub definition: String,
}

impl Item {
    fn new(kind: Kind, table: &str, name: &str, definition: &str) -> Self {
        Self {
            kind,
            table: table.to_owned(),
            name: name.to_owned(),
            definition: definition.split_whitespace().collect::<Vec<_>>().join(" "),
        }
    }

    /// Whether both mean the same to the engine. PostgreSQL prints a list of words differently after it has parsed its own output:
    /// `(ARRAY['a'::character varying])::text[]` becomes `ARRAY[('a'::character varying)::text]`, in every restored dump.
    fn is_same(&self, other: &Self) -> bool {
        let plain = |definition: &str| {
            let mut text = definition.to_owned();
            for noise in ["::character varying", "::text[]", "::text", "(", ")"] {
                text = text.replace(noise, "");
            }
            text
        };
        self.definition == other.definition
            || (matches!(self.kind, Kind::Constraint | Kind::Index)
                && self.definition.contains("ARRAY[")
                && plain(&self.definition) == plain(&other.definition))
    }

    fn key(&self) -> (&str, Kind, &str) {
        (&self.table, self.kind, &self.name)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind, table, name, ..
        } = self;
        match (kind, name.as_str()) {
            (Kind::Column, name) => write!(f, "column {table}.{name}"),
            (_, "") => write!(f, "{kind} {table}"),
            (_, name) => write!(f, "{kind} {name} of {table}"),
        }
    }
}

/// What differs from the schema that the migrations make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// In words.
    pub what: String,
    /// The statements that repair it.
    pub repair: Vec<String>,
}

/// The schema that the migrations make, in the order in which they make it.
#[must_use]
pub fn golden(backend: DbBackend) -> Vec<Item> {
    let text = match backend {
        DbBackend::Sqlite => include_str!("golden/sqlite.txt"),
        _ => include_str!("golden/postgres.txt"),
    };
    text.lines().filter_map(parse).collect()
}

fn parse(line: &str) -> Option<Item> {
    let mut cells = line.splitn(4, '\t');
    let kind = cells.next()?;
    let (kind, _) = KINDS.iter().find(|(_, name)| *name == kind)?;
    Some(Item::new(
        *kind,
        cells.next()?,
        cells.next()?,
        cells.next()?,
    ))
}

/// The lines of a golden file.
#[must_use]
pub fn written(items: &[Item]) -> String {
    let line = |item: &Item| {
        format!(
            "{}\t{}\t{}\t{}\n",
            item.kind, item.table, item.name, item.definition
        )
    };
    items.iter().map(line).collect()
}

/// The application's tables, in the order in which the migrations make them; without the table of the migrations.
#[must_use]
pub fn tables() -> Vec<String> {
    golden(DbBackend::Sqlite)
        .into_iter()
        .filter(|item| item.kind == Kind::Table && item.table != TABLE)
        .map(|item| item.table)
        .collect()
}

/// Those of the tables that have a column of this name, in the same order.
#[must_use]
pub fn tables_with(column: &str) -> Vec<String> {
    golden(DbBackend::Sqlite)
        .into_iter()
        .filter(|item| item.kind == Kind::Column && item.name == column)
        .map(|item| item.table)
        .collect()
}

/// What the database has. With `only`, of these tables; else of all in the schema.
///
/// # Errors
/// When the database does not answer.
pub async fn read(db: &impl ConnectionTrait, only: Option<&[String]>) -> Result<Vec<Item>, DbErr> {
    match db.get_database_backend() {
        DbBackend::Sqlite => sqlite::read(db, only).await,
        _ => postgres::read(db, only).await,
    }
}

/// Every difference between the database and the schema that the migrations make. Tables of other applications are none.
///
/// # Errors
/// When the database does not answer.
pub async fn check(db: &impl ConnectionTrait) -> Result<Vec<Difference>, DbErr> {
    let backend = db.get_database_backend();
    let golden = golden(backend);
    let ours: Vec<String> = golden
        .iter()
        .filter(|item| item.kind == Kind::Table)
        .map(|item| item.table.clone())
        .collect();
    let there = read(db, Some(&ours)).await?;
    Ok(compare(backend, &golden, &there))
}

fn compare(backend: DbBackend, golden: &[Item], there: &[Item]) -> Vec<Difference> {
    let found: BTreeMap<_, _> = there.iter().map(|item| (item.key(), item)).collect();
    let wanted: BTreeMap<_, _> = golden.iter().map(|item| (item.key(), item)).collect();
    let is_there = |table: &str| found.contains_key(&(table, Kind::Table, ""));
    let repair = |wanted: Option<&Item>, found: Option<&Item>| {
        let table = wanted.or(found).map_or("", |item| item.table.as_str());
        let of_table = |items: &[Item]| -> Vec<Item> {
            let items = items.iter().filter(|item| item.table == table);
            items.cloned().collect()
        };
        match backend {
            DbBackend::Sqlite => sqlite::repair(&of_table(golden), &of_table(there), wanted, found),
            _ => postgres::repair(&of_table(golden), wanted, found),
        }
    };
    let mut differences = Vec::new();
    for item in golden {
        match found.get(&item.key()) {
            // Reported once, with the table.
            None if item.kind != Kind::Table && !is_there(&item.table) => {}
            None => differences.push(Difference {
                what: format!("{item} is missing"),
                repair: repair(Some(item), None),
            }),
            Some(other) if !item.is_same(other) => differences.push(Difference {
                what: format!(
                    "{item} is '{}' instead of '{}'",
                    other.definition, item.definition
                ),
                repair: repair(Some(item), Some(other)),
            }),
            Some(_) => {}
        }
    }
    let extra = there
        .iter()
        .filter(|item| !wanted.contains_key(&item.key()));
    differences.extend(extra.map(|item| Difference {
        what: format!("{item} is not of this application: '{}'", item.definition),
        repair: repair(None, Some(item)),
    }));
    differences
}

/// Drops this application's tables and no others, whatever refers to them among themselves, and forgets their migrations.
pub(crate) async fn drop_tables(tx: &DatabaseTransaction) -> Result<(), DbErr> {
    let mut tables = tables();
    tables.reverse();
    if tx.get_database_backend() == DbBackend::Sqlite {
        // Dropping deletes the rows first; what refers to them goes in the same transaction.
        tx.execute_unprepared("PRAGMA defer_foreign_keys = ON")
            .await?;
        for table in &tables {
            tx.execute_unprepared(&format!("DROP TABLE IF EXISTS {}", quoted(table)))
                .await?;
        }
    } else {
        let tables: Vec<String> = tables.iter().map(|table| quoted(table)).collect();
        // Without CASCADE: a view or a key of another application is not dropped silently.
        tx.execute_unprepared(&format!("DROP TABLE IF EXISTS {}", tables.join(", ")))
            .await?;
    }
    tx.execute_unprepared(&format!("DELETE FROM {TABLE}"))
        .await?;
    Ok(())
}

/// A name in double quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The rows of a query whose columns are all text.
pub(crate) async fn texts(
    db: &impl ConnectionTrait,
    sql: &str,
    columns: &[&str],
) -> Result<Vec<Vec<String>>, DbErr> {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    let rows = db.query_all_raw(statement).await?;
    rows.iter()
        .map(|row| {
            columns
                .iter()
                .map(|column| {
                    let cell: Option<String> = row.try_get("", column)?;
                    Ok(cell.unwrap_or_default())
                })
                .collect()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(kind: Kind, table: &str, name: &str, definition: &str) -> Item {
        Item::new(kind, table, name, definition)
    }

    #[test]
    fn a_golden_file_is_read_as_it_is_written() {
        for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
            let items = golden(backend);
            let again: Vec<Item> = written(&items).lines().filter_map(parse).collect();
            assert_eq!(items, again);
            assert!(items.len() > 100);
        }
    }

    #[test]
    fn a_restored_list_of_words_is_the_same_and_another_list_is_not() {
        let check = |definition: &str| item(Kind::Constraint, "a", "c", definition);
        let made = check(
            "CHECK (((s)::text = ANY ((ARRAY['p'::character varying, 'q'::character varying])::text[])))",
        );
        let restored = check(
            "CHECK (((s)::text = ANY (ARRAY[('p'::character varying)::text, ('q'::character varying)::text])))",
        );
        let other = check("CHECK (((s)::text = ANY ((ARRAY['p'::character varying])::text[])))");
        assert!(made.is_same(&restored) && !made.is_same(&other));
    }

    #[test]
    fn names_what_is_missing_changed_and_too_much_with_its_repair() {
        let golden = [
            item(Kind::Table, "a", "", "permanent"),
            item(Kind::Column, "a", "x", "text NOT NULL"),
            item(Kind::Index, "a", "ix", "CREATE INDEX ix ON a (x)"),
        ];
        let there = [
            item(Kind::Table, "a", "", "permanent"),
            item(Kind::Column, "a", "x", "text"),
            item(Kind::Column, "a", "y", "text"),
        ];
        let found = compare(DbBackend::Postgres, &golden, &there);
        let said: Vec<&str> = found.iter().map(|found| found.what.as_str()).collect();
        assert_eq!(
            said,
            [
                "column a.x is 'text' instead of 'text NOT NULL'",
                "index ix of a is missing",
                "column a.y is not of this application: 'text'",
            ]
        );
        assert!(found.iter().all(|found| !found.repair.is_empty()));
        assert!(compare(DbBackend::Postgres, &golden, &golden).is_empty());
        assert_eq!(compare(DbBackend::Postgres, &golden, &[]).len(), 1);
    }
}
