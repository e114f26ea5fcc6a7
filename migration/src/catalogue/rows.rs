//! Rows that the schema does not allow: dangling references, and on SQLite, which accepts any value in any column, values of
//! another type. They can be stored while a constraint is missing or `foreign_keys` is off.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr};

use super::{Difference, Item, Kind, golden, quoted, texts};

/// A foreign key of the schema.
struct Reference {
    table: String,
    columns: Vec<String>,
    target: String,
    target_columns: Vec<String>,
}

/// Rows that refer to a row that does not exist or belongs to another tenant.
///
/// # Errors
/// When the database does not answer.
pub async fn orphans(db: &impl ConnectionTrait) -> Result<Vec<Difference>, DbErr> {
    let mut differences = Vec::new();
    for reference in golden(DbBackend::Sqlite).iter().filter_map(reference) {
        let Reference {
            table,
            columns,
            target,
            target_columns,
        } = &reference;
        let joined: Vec<String> = columns
            .iter()
            .zip(target_columns)
            .map(|(column, target)| format!("t.{} = r.{}", quoted(target), quoted(column)))
            .collect();
        let given: Vec<String> = columns
            .iter()
            .map(|column| format!("r.{} IS NOT NULL", quoted(column)))
            .collect();
        let broken = format!(
            "FROM {} r WHERE {} AND NOT EXISTS (SELECT 1 FROM {} t WHERE {})",
            quoted(table),
            given.join(" AND "),
            quoted(target),
            joined.join(" AND ")
        );
        let sql = format!("SELECT CAST(count(*) AS text) AS number {broken}");
        let Some(number) = count(db, &sql).await? else {
            continue;
        };
        if number != "0" {
            differences.push(Difference {
                what: format!(
                    "{number} rows of {table} refer by {} to a row of {target} that is not there, or is another tenant's",
                    columns.join(", ")
                ),
                repair: vec![format!("SELECT r.* {broken};")],
            });
        }
    }
    Ok(differences)
}

/// On SQLite, values of another type than their column's: they cannot be read.
///
/// # Errors
/// When the database does not answer.
pub async fn values(db: &impl ConnectionTrait) -> Result<Vec<Difference>, DbErr> {
    let mut differences = Vec::new();
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(differences);
    }
    for item in golden(DbBackend::Sqlite) {
        let Some(condition) = is_readable(&item) else {
            continue;
        };
        let name = quoted(&item.name);
        let null = if item.definition.contains("NOT NULL") {
            ""
        } else {
            "IS NOT NULL AND "
        };
        let condition = condition.replace("COLUMN", &name);
        let null = if null.is_empty() {
            String::new()
        } else {
            format!("{name} {null}")
        };
        let broken = format!(
            "FROM {} WHERE {null}NOT coalesce({condition}, 0)",
            quoted(&item.table)
        );
        let sql = format!("SELECT CAST(count(*) AS text) AS number {broken}");
        let Some(number) = count(db, &sql).await? else {
            continue;
        };
        if number != "0" {
            differences.push(Difference {
                what: format!(
                    "{number} values of {}.{} are not of the column's type",
                    item.table, item.name
                ),
                repair: vec![format!("SELECT rowid, typeof({name}), {name} {broken};")],
            });
        }
    }
    Ok(differences)
}

/// The answer of a count; `None` if the schema lacks what it asks about, which the catalogue reports.
async fn count(db: &impl ConnectionTrait, sql: &str) -> Result<Option<String>, DbErr> {
    match texts(db, sql, &["number"]).await {
        Ok(rows) => Ok(rows.into_iter().flatten().next()),
        Err(error) => {
            let text = error.to_string();
            if text.contains("no such") || text.contains("does not exist") {
                Ok(None)
            } else {
                Err(error)
            }
        }
    }
}

/// A condition that every value of a column fulfils, from the type that it was declared with.
fn is_readable(item: &Item) -> Option<&'static str> {
    if item.kind != Kind::Column {
        return None;
    }
    let definition = item.definition.to_ascii_lowercase();
    let declared = definition.split([' ', '(']).next().unwrap_or_default();
    Some(match declared {
        "uuid_text" => "(typeof(COLUMN) = 'blob' AND length(COLUMN) = 16)",
        "integer" | "bigint" => "(typeof(COLUMN) = 'integer')",
        "boolean" => "(COLUMN IN (0, 1))",
        "text" | "varchar" => "(typeof(COLUMN) = 'text')",
        "json_text" | "jsonb_text" => "(json_valid(COLUMN) = 1)",
        "timestamp_text" | "datetime_text" => {
            "(typeof(COLUMN) = 'text' AND datetime(COLUMN) IS NOT NULL)"
        }
        "date_text" => "(typeof(COLUMN) = 'text' AND date(COLUMN) IS NOT NULL)",
        _ => return None,
    })
}

/// The foreign key of a constraint, as SQLite writes it.
fn reference(item: &Item) -> Option<Reference> {
    if item.kind != Kind::Constraint {
        return None;
    }
    let (_, rest) = item.definition.split_once("FOREIGN KEY")?;
    let (columns, rest) = names(rest)?;
    let (_, rest) = rest.split_once("REFERENCES")?;
    let (target, _) = rest.split_once('(')?;
    let target = target.trim().trim_matches('"').to_owned();
    let (target_columns, _) = names(rest)?;
    Some(Reference {
        table: item.table.clone(),
        columns,
        target,
        target_columns,
    })
}

/// The names between the next parentheses, and what follows.
fn names(text: &str) -> Option<(Vec<String>, &str)> {
    let (_, rest) = text.split_once('(')?;
    let (inside, rest) = rest.split_once(')')?;
    let names = inside
        .split(',')
        .map(|name| name.trim().trim_matches('"').to_owned());
    Some((names.collect(), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_foreign_keys_as_they_are_written() {
        let definition = r#"CONSTRAINT "fk" FOREIGN KEY ("tenant_id", "paket_id") REFERENCES "packages" ("tenant_id", "id") ON DELETE CASCADE"#;
        let found = reference(&Item::new(Kind::Constraint, "jamaah", "fk", definition)).unwrap();
        assert_eq!(found.columns, ["tenant_id", "paket_id"]);
        assert_eq!(found.target, "packages");
        assert_eq!(found.target_columns, ["tenant_id", "id"]);
    }
}
