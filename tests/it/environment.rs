//! What every program does with its environment: the same variables mean the same to each, mistakes are named, values stay hidden.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::commands::{printed, start};
use crate::harness::{run_directory, workspace};

/// The programs that work on a database, with arguments under which each connects.
const PROGRAMS: [(&str, &[&str]); 4] = [
    ("server", &[]),
    ("migration", &["up"]),
    ("seed", &[]),
    ("validate", &[]),
];

/// Each is refused by every program, without a database that it could reach, before anything is made in `folder`.
fn refused(
    folder: &Path,
    environment: &[(&str, &str)],
    named: &str,
    hidden: &[&str],
) -> Result<()> {
    for (program, arguments) in PROGRAMS {
        let output = start(program, arguments, environment, folder)?;
        let said = printed(&output);
        ensure!(
            !output.status.success(),
            "{program} with {environment:?}: {said}"
        );
        ensure!(
            said.contains(named),
            "{program} does not name {named}: {said}"
        );
        for piece in hidden {
            ensure!(!said.contains(piece), "{program} prints {piece}: {said}");
        }
        ensure!(
            !folder.join("data/hijrah.db").exists(),
            "{program} made a database of its own"
        );
    }
    Ok(())
}

#[test]
fn a_broken_address_is_refused_without_a_piece_of_its_password_at_every_log_level() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    for level in ["error", "warn", "info", "debug", "trace"] {
        for address in [
            "postgres://hijrah:qJ7/Zr0V5mJ2yK+c=@127.0.0.1:1/hijrah",
            "postgres://hijrah:5432/Zr0V5mJ2yK@127.0.0.1:1/hijrah",
            "postgres://hijrah:1#Zr0V5mJ2yK@127.0.0.1:1/hijrah",
            "postgres://hijrah:1?Zr0V5mJ2yK@127.0.0.1:1/hijrah",
            "postgres://hijrah:Zr0V5mJ2yK@127.0.0.1:port/hijrah",
            "postgres://hijrah:Zr0V5mJ2yK@/hijrah",
            "postgres://hijrah:Zr0V5mJ2yK%@127.0.0.1:1/hijrah",
            "postgres://hijrah@127.0.0.1:1/hijrah?pasword=Zr0V5mJ2yK",
            "mysql://hijrah:Zr0V5mJ2yK@127.0.0.1:1/hijrah",
        ] {
            let variables = [("DATABASE_URL", address), ("RUST_LOG", level)];
            refused(
                folder.path(),
                &variables,
                "DATABASE_URL",
                &["Zr0V5mJ2yK", "Zr0V5", "qJ7"],
            )?;
        }
    }
    Ok(())
}

#[test]
fn a_password_of_an_address_that_leads_nowhere_is_not_printed() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    for level in ["info", "trace"] {
        let variables = [
            (
                "DATABASE_URL",
                "postgres://hijrah:Zr0V5mJ2yK@127.0.0.1:1/hijrah",
            ),
            ("RUST_LOG", level),
        ];
        refused(folder.path(), &variables, "database", &["Zr0V5mJ2yK"])?;
    }
    Ok(())
}

#[test]
fn a_secret_in_two_places_or_in_an_unreadable_file_is_refused() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let empty = folder.path().join("empty");
    std::fs::write(&empty, "\n")?;
    let empty = empty.display().to_string();
    for (variables, named) in [
        (vec![("DATABASE_URL_FILE", "/nope")], "DATABASE_URL_FILE"),
        (
            vec![("DATABASE_URL_FILE", empty.as_str())],
            "DATABASE_URL_FILE",
        ),
        (
            vec![
                ("DATABASE_URL", "sqlite://data/x.db?mode=rwc"),
                ("DATABASE_URL_FILE", "/nope"),
            ],
            "both set",
        ),
        (vec![("DATABASE_CONN_FILE", "/nope")], "DATABASE_CONN_FILE"),
        (
            vec![("DATABASE_OWNER_URL_FILE", "/nope")],
            "DATABASE_OWNER_URL_FILE",
        ),
        (vec![("APP_ENV", "production")], "DATABASE_URL is missing"),
        (vec![("APP_ENV", "produktion")], "APP_ENV"),
    ] {
        refused(folder.path(), &variables, named, &[])?;
    }
    Ok(())
}

#[test]
fn a_broken_line_of_the_file_is_named_by_its_number() -> Result<()> {
    for (text, line) in [
        (&b"APP_ENV=development\nhunter2\n"[..], "line 2"),
        (b"\n\nDATABASE_URL='hunter2\n", "line 3"),
        (b"DATABASE_URL=hunter2 x\n", "line 1"),
        (b"A=${hunter2}\n", "line 1"),
        (b"A=1\nB=2\nA=hunter2\n", "line 3"),
        (b"A=\xff\xfehunter2\n", "line 1"),
    ] {
        let folder = tempfile::tempdir_in(run_directory())?;
        std::fs::write(folder.path().join(".env"), text)?;
        refused(folder.path(), &[], line, &["hunter2"])?;
    }
    let folder = tempfile::tempdir_in(run_directory())?;
    std::fs::create_dir(folder.path().join(".env"))?;
    refused(folder.path(), &[], ".env cannot be read", &[])
}

#[test]
fn the_same_file_and_the_same_database_are_found_from_every_folder_below() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let below = folder.path().join("crates/x");
    std::fs::create_dir_all(&below)?;
    // As editors on Windows write it; `$s` is not a variable.
    std::fs::write(
        folder.path().join(".env"),
        b"\xef\xbb\xbfDATABASE_URL=sqlite://store/a$sb.db?mode=rwc\r\n",
    )?;
    for directory in [&below, folder.path()] {
        for (program, arguments) in &PROGRAMS[1..] {
            let output = start(program, arguments, &[], directory)?;
            ensure!(output.status.success(), "{program}: {}", printed(&output));
        }
    }
    ensure!(folder.path().join("store/a$sb.db").exists());
    ensure!(std::fs::read_dir(&below)?.next().is_none());
    Ok(())
}

#[test]
fn names_that_resemble_ours_are_pointed_out_by_every_program() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    for (program, arguments) in PROGRAMS {
        // The server would go on to serve.
        let extra = if program == "server" {
            ("PORT", "1")
        } else {
            ("LANG", "C")
        };
        let variables = [
            ("PORTT", "5001"),
            ("DATABASE_URL", "postgres://u@127.0.0.1:1/d"),
            extra,
        ];
        let said = printed(&start(program, arguments, &variables, folder.path())?);
        ensure!(
            said.contains("PORTT is not read; is PORT meant?"),
            "{program}: {said}"
        );
        ensure!(!said.contains("5001"), "{program}: {said}");
    }
    Ok(())
}

#[test]
fn the_example_explains_every_variable_and_no_other() -> Result<()> {
    let example = std::fs::read_to_string(workspace().join(".env.example"))?;
    for known in settings::NAMES {
        ensure!(
            example.contains(known.name),
            "{} is not explained",
            known.name
        );
    }
    for line in example.lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if let Some((name, _)) = line.split_once('=')
            && name.chars().all(|letter| {
                letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_'
            })
        {
            ensure!(
                settings::NAMES.iter().any(|known| known.name == name),
                "{name} is not read"
            );
        }
    }
    Ok(())
}
