//! Writes a new migration into this crate: a file that passes the formatter and the lints unchanged, and its two lines in `lib.rs`.

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use time::{OffsetDateTime, macros::format_description};

/// A longer name would not fit into its line of `lib.rs`.
const LONGEST: usize = 48;

/// Writes the file into the crate in the folder `into`, and says where it is.
pub(crate) fn generate(
    message: Option<&str>,
    table: Option<&str>,
    into: &Path,
) -> anyhow::Result<()> {
    if let Some(table) = table {
        let is_name =
            |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        ensure!(
            table.starts_with(|letter: char| letter.is_ascii_lowercase())
                && table.chars().all(is_name)
                && table.len() <= LONGEST,
            "a table's name has lower-case letters, digits and '_', begins with a letter and is not longer than {LONGEST}"
        );
    }
    let message = message.or(table).unwrap_or_default();
    let words: Vec<String> = message
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    if words.is_empty() {
        bail!("'{message}' has no letter or digit to name a migration by");
    }
    let words_joined = words.join("_");
    ensure!(
        words_joined.len() <= LONGEST,
        "a migration's name has at most {LONGEST} characters"
    );
    let now = OffsetDateTime::now_utc().format(format_description!(
        "[year][month][day]_[hour][minute][second]"
    ))?;
    let name = format!("m{now}_{words_joined}");
    let source = into.join("src");
    let path = source.join(format!("{name}.rs"));
    let text = match table {
        Some(table) => of_table(table),
        None => of_statements(&sentence(&words)),
    };
    let list = source.join("lib.rs");
    let entered = enter(&fs::read_to_string(&list)?, &name)?;
    let mut file =
        fs::File::create_new(&path).with_context(|| format!("cannot write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    fs::write(&list, entered)?;
    settings::say!("wrote {}", path.display());
    settings::say!(
        "next: fill it in, then `UPDATE_CATALOGUE=1 cargo test -p tests --test it -- catalogue` (docs/MIGRATION.md)"
    );
    Ok(())
}

/// The words as a sentence without a full stop.
fn sentence(words: &[String]) -> String {
    let text = words.join(" ");
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_ascii_uppercase(), letters.as_str()),
        None => text,
    }
}

/// The list of migrations with one more at its end.
fn enter(list: &str, name: &str) -> anyhow::Result<String> {
    let mut lines: Vec<String> = list.lines().map(str::to_owned).collect();
    for (begins, line) in [
        ("mod m", format!("mod {name};")),
        (
            "            Box::new(m",
            format!("            Box::new({name}::Migration),"),
        ),
    ] {
        let place = lines.iter().rposition(|line| line.starts_with(begins));
        let place = place.context("lib.rs has no list of migrations")?;
        lines.insert(place + 1, line);
    }
    Ok(lines.join("\n") + "\n")
}

fn of_statements(sentence: &str) -> String {
    format!(
        r"//! {sentence}.

use sea_orm_migration::prelude::*;

use crate::columns::run_all;

/// {sentence}.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        run_all(manager, &[]).await
    }}

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        run_all(manager, &[]).await
    }}
}}
"
    )
}

fn of_table(table: &str) -> String {
    format!(
        r#"//! Table `{table}`.

use sea_orm_migration::{{prelude::*, schema}};

use crate::columns::{{drop_table, isolate, of_tenant, own, stamped, tenant_key}};

/// Creates `{table}`.
#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {{
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        let mut table = Table::create();
        table
            .table("{table}")
            .col(schema::uuid("id"))
            .col(schema::uuid("tenant_id"))
            .col(schema::integer("version").default(1));
        stamped(&mut table)
            .primary_key(&mut tenant_key("{table}"))
            .foreign_key(&mut of_tenant("{table}"));
        manager.create_table(table).await?;
        isolate(manager, "{table}", &own("tenant_id")).await
    }}

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {{
        drop_table(manager, "{table}").await
    }}
}}
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enters_a_migration_after_the_last_one() {
        let list = "mod columns;\nmod m1_a;\n\nfn all() {\n        vec![\n            Box::new(m1_a::Migration),\n        ]\n}\n";
        let entered = enter(list, "m2_b").unwrap();
        assert_eq!(
            entered,
            "mod columns;\nmod m1_a;\nmod m2_b;\n\nfn all() {\n        vec![\n            Box::new(m1_a::Migration),\n            Box::new(m2_b::Migration),\n        ]\n}\n"
        );
    }
}
