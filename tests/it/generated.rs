//! What `migration generate` writes, in a copy of the crate: it passes the formatter and compiles without a warning as it is, and
//! a new table comes up and goes down on a real database with everything that a table of tenant data has.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::harness::{run_directory, workspace};

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[test]
fn a_generated_migration_is_finished_as_it_is() -> Result<()> {
    let copy = tempfile::tempdir_in(run_directory())?;
    for part in ["migration", "crates/settings"] {
        copy_folder(&workspace().join(part), &copy.path().join(part))?;
    }
    for file in ["Cargo.lock", "clippy.toml", "rustfmt.toml"] {
        // Not every one of them has to be there.
        let _ = std::fs::copy(workspace().join(file), copy.path().join(file));
    }
    let manifest = std::fs::read_to_string(workspace().join("Cargo.toml"))?;
    let members = r#"members = ["bin/*", "crates/*", "migration", "tests"]"#;
    ensure!(
        manifest.contains(members),
        "the workspace has other members than this test knows"
    );
    let manifest = manifest.replace(members, r#"members = ["crates/settings", "migration"]"#);
    std::fs::write(copy.path().join("Cargo.toml"), manifest)?;
    let target = std::env::current_exe()?;
    let target = target
        .ancestors()
        .nth(3)
        .context("lies in a target directory")?
        // Of its own: the other tests run the program that this one would replace.
        .join("generated");
    let cargo = |arguments: &[&str]| -> Result<String> {
        let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .current_dir(copy.path())
            .env("CARGO_TARGET_DIR", &target)
            .env("APP_ENV", "development")
            .env("DATABASE_URL", "sqlite://x.db?mode=rwc")
            .output()?;
        let said = format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(output.status.success(), "cargo {arguments:?}: {said}");
        Ok(said)
    };
    let migration = |arguments: &[&str]| {
        let run = ["run", "--quiet", "--offline", "-p", "migration", "--"];
        cargo(&[&run[..], arguments].concat())
    };
    migration(&["generate", "add visas, at last"])?;
    migration(&["generate", "--table", "hotels"])?;
    cargo(&["fmt", "--all", "--check"])?;
    // Cargo counts the compiler's warnings at the end of a crate; its own, of profiles of crates that are not here, do not matter.
    let said = cargo(&["build", "--offline", "-p", "migration"])?;
    ensure!(!said.contains("generated"), "{said}");
    let said = migration(&["up"])?;
    ensure!(
        said.contains("_add_visas_at_last") && said.contains("_hotels"),
        "{said}"
    );
    let sql = migration(&["sql", "--to", "base"])?;
    ensure!(sql.contains("DROP TABLE \"hotels\""), "{sql}");
    migration(&["down"])?;
    migration(&["up"])?;
    Ok(())
}
