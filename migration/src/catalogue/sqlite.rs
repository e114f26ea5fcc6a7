//! SQLite's description of a schema: the text of each `CREATE`, a table's cut into its columns and constraints.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr};

use super::{Item, Kind, quoted, texts};

pub(super) async fn read(
    db: &impl ConnectionTrait,
    only: Option<&[String]>,
) -> Result<Vec<Item>, DbErr> {
    let sql = "SELECT type, tbl_name, name, sql FROM sqlite_master \
        WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid";
    let mut items = Vec::new();
    let mut tables: Vec<String> = Vec::new();
    let rows = texts(db, sql, &["type", "tbl_name", "name", "sql"]).await?;
    for row in &rows {
        let [kind, table, name, sql] = row.as_slice() else {
            continue;
        };
        if kind == "table" && only.is_none_or(|only| only.contains(table)) {
            tables.push(table.clone());
            items.extend(of_table(table, sql));
        }
        if only.is_some_and(|only| !only.contains(table)) {
            continue;
        }
        match kind.as_str() {
            "index" if !sql.is_empty() => items.push(Item::new(Kind::Index, table, name, sql)),
            "trigger" => items.push(Item::new(Kind::Trigger, table, name, sql)),
            _ => {}
        }
    }
    for row in &rows {
        if let [kind, _, name, sql] = row.as_slice()
            && kind == "view"
            && let Some(table) = tables.iter().find(|table| mentions(sql, table))
        {
            items.push(Item::new(Kind::View, table, name, sql));
        }
    }
    Ok(items)
}

/// Whether a statement has a word.
fn mentions(sql: &str, word: &str) -> bool {
    sql.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .any(|found| found.eq_ignore_ascii_case(word))
}

/// The columns and constraints of a `CREATE TABLE`.
fn of_table(table: &str, sql: &str) -> Vec<Item> {
    let (inside, after) = parentheses(sql);
    let storage = if after.trim().is_empty() {
        "ordinary"
    } else {
        after.trim()
    };
    let mut items = vec![Item::new(Kind::Table, table, "", storage)];
    for part in parts(inside) {
        let upper = part.to_ascii_uppercase();
        let is_constraint = [
            "CONSTRAINT ",
            "PRIMARY KEY",
            "UNIQUE",
            "CHECK",
            "FOREIGN KEY",
        ]
        .iter()
        .any(|word| upper.starts_with(word));
        let (name, rest) = first_name(&part);
        if !is_constraint {
            items.push(Item::new(Kind::Column, table, &name, rest));
            continue;
        }
        // What has no name is its own name.
        let name = if upper.starts_with("CONSTRAINT ") {
            first_name(rest).0
        } else {
            part.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        items.push(Item::new(Kind::Constraint, table, &name, &part));
    }
    items
}

/// What is between the outermost parentheses, and what follows them.
fn parentheses(sql: &str) -> (&str, &str) {
    let (Some(open), Some(close)) = (sql.find('('), sql.rfind(')')) else {
        return ("", "");
    };
    (
        sql.get(open + 1..close).unwrap_or_default(),
        &sql[close + 1..],
    )
}

/// The parts between commas outside parentheses and quotes.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_usize;
    let mut quote = None;
    for letter in text.chars() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).collect()
}

/// The first name of a part without its quotes, and the rest.
fn first_name(part: &str) -> (String, &str) {
    if let Some(rest) = part.strip_prefix('"')
        && let Some((name, rest)) = rest.split_once('"')
    {
        return (name.to_owned(), rest);
    }
    let (name, rest) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
    (name.to_owned(), rest.trim_start())
}

/// The statements that make `found` into `wanted`. What `ALTER TABLE` cannot do here takes a new table into which the rows are
/// copied.
pub(super) fn repair(
    golden: &[Item],
    there: &[Item],
    wanted: Option<&Item>,
    found: Option<&Item>,
) -> Vec<String> {
    let Some(item) = wanted.or(found) else {
        return Vec::new();
    };
    let (table, name) = (quoted(&item.table), quoted(&item.name));
    let drop = format!(
        "DROP {} {name};",
        item.kind.to_string().to_ascii_uppercase()
    );
    match (item.kind, wanted, found) {
        (Kind::Table, Some(_), None) => {
            let mut statements = vec![create(golden, &item.table)];
            statements.extend(indexes(golden));
            statements
        }
        (Kind::Index | Kind::Trigger | Kind::View, Some(wanted), None) => {
            vec![format!("{};", wanted.definition)]
        }
        (Kind::Index | Kind::Trigger | Kind::View, Some(wanted), Some(_)) => {
            vec![drop, format!("{};", wanted.definition)]
        }
        (Kind::Index | Kind::Trigger | Kind::View, None, _) => vec![drop],
        (Kind::Column, Some(wanted), None)
            if !wanted.definition.contains("NOT NULL") || wanted.definition.contains("DEFAULT") =>
        {
            vec![format!(
                "ALTER TABLE {table} ADD COLUMN {name} {};",
                wanted.definition
            )]
        }
        (Kind::Column, None, Some(_)) => vec![format!("ALTER TABLE {table} DROP COLUMN {name};")],
        _ => rebuild(golden, there, &item.table),
    }
}

/// A new table with the rows of the old one, as SQLite's documentation describes it.
fn rebuild(golden: &[Item], there: &[Item], table: &str) -> Vec<String> {
    let is_column = |item: &&Item| item.kind == Kind::Column;
    let there: Vec<&str> = there
        .iter()
        .filter(is_column)
        .map(|item| item.name.as_str())
        .collect();
    let common: Vec<String> = golden
        .iter()
        .filter(is_column)
        .filter(|item| there.contains(&item.name.as_str()))
        .map(|item| quoted(&item.name))
        .collect();
    let (common, aside) = (common.join(", "), format!("{table}_repaired"));
    let mut statements = vec![
        "PRAGMA foreign_keys = OFF;".to_owned(),
        "BEGIN IMMEDIATE;".to_owned(),
        create(golden, &aside),
        format!(
            "INSERT INTO {} ({common}) SELECT {common} FROM {};",
            quoted(&aside),
            quoted(table)
        ),
        format!("DROP TABLE {};", quoted(table)),
        format!(
            "ALTER TABLE {} RENAME TO {};",
            quoted(&aside),
            quoted(table)
        ),
    ];
    statements.extend(indexes(golden));
    statements.push("PRAGMA foreign_key_check;".to_owned());
    statements.push("COMMIT;".to_owned());
    statements.push("PRAGMA foreign_keys = ON;".to_owned());
    statements
}

fn create(golden: &[Item], name: &str) -> String {
    let parts: Vec<String> = golden
        .iter()
        .filter_map(|item| match item.kind {
            Kind::Column => Some(format!("{} {}", quoted(&item.name), item.definition)),
            Kind::Constraint => Some(item.definition.clone()),
            _ => None,
        })
        .collect();
    format!("CREATE TABLE {} ({});", quoted(name), parts.join(", "))
}

fn indexes(golden: &[Item]) -> impl Iterator<Item = String> {
    golden
        .iter()
        .filter(|item| item.kind == Kind::Index)
        .map(|item| format!("{};", item.definition))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_a_table_into_columns_and_constraints() {
        let sql = r#"CREATE TABLE "a" ( "x" text NOT NULL DEFAULT 'a, (b', y integer, CONSTRAINT "pk_a" PRIMARY KEY ("x", "y"),
            CHECK ("x" IN ('p', 'q')), FOREIGN KEY ("y") REFERENCES "b" ("id") ON DELETE CASCADE )"#;
        let items = of_table("a", sql);
        let keys: Vec<(Kind, &str)> = items
            .iter()
            .map(|item| (item.kind, item.name.as_str()))
            .collect();
        assert_eq!(
            keys,
            [
                (Kind::Table, ""),
                (Kind::Column, "x"),
                (Kind::Column, "y"),
                (Kind::Constraint, "pk_a"),
                (Kind::Constraint, r#"CHECK ("x" IN ('p', 'q'))"#),
                (
                    Kind::Constraint,
                    r#"FOREIGN KEY ("y") REFERENCES "b" ("id") ON DELETE CASCADE"#
                ),
            ]
        );
        assert_eq!(items[1].definition, "text NOT NULL DEFAULT 'a, (b'");
    }
}
