//! How every program reads its environment: the same variables mean the same to each, mistakes are reported, values stay hidden.

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
        // The file that is not there is named; the programs that would create it say what the address needs for that.
        (
            vec![("DATABASE_URL", "sqlite://elsewhere/x.db")],
            "elsewhere/x.db",
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
        // The server would start to serve.
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

/// Part of every secret: no line may show it.
const HIDDEN: &str = "Zr0V5mJ2yK";

/// A usable value of each secret.
fn secret(name: &str) -> String {
    match name {
        "STORAGE_KEYS" => format!("{},{}", "a7".repeat(32), "b8".repeat(32)),
        "DATABASE_URL" | "DATABASE_CONN" | "DATABASE_OWNER_URL" => {
            format!("postgres://hijrah:{HIDDEN}@127.0.0.1:1/hijrah?application_name={HIDDEN}")
        }
        _ => format!("{HIDDEN}-8c4f0e1bb1a94d7c9a3d52f6e07b"),
    }
}

/// A usable value of each other setting, which is not its default.
fn plain(name: &str) -> &'static str {
    match name {
        "APP_ENV" => "production",
        "HOST" => "0.0.0.0",
        "METRICS_ADDR" => "127.0.0.1:9464",
        "STORAGE_URL" => "s3://bucket/prefix",
        "S3_ENDPOINT" => "https://s3.example.com",
        "S3_REGION" => "ap-southeast-3",
        "CONSOLE_ENABLED" | "WEBHOOK_ALLOW_LOOPBACK" => "false",
        "CONSOLE_ASSETS" => "/console",
        "ALLOWED_ORIGINS" => "https://app.example.com",
        "TRUSTED_PROXIES" => "10.0.0.0/8",
        "RUST_LOG" => "warn,services=debug",
        "LOG_FORMAT" => "pretty",
        "TENANT_NAME" => "Agensi Contoh",
        _ => "7",
    }
}

/// The lines of `server config show`, each as name, value and place.
fn shown(output: &std::process::Output) -> Result<Vec<[String; 3]>> {
    let text = String::from_utf8(output.stdout.clone())?;
    text.lines()
        .map(|line| {
            let mut parts = line.splitn(2, "  ").map(str::trim);
            let name = parts.next().unwrap_or_default();
            let rest = parts.next().unwrap_or_default();
            let (value, place) = rest
                .rsplit_once("  ")
                .ok_or_else(|| anyhow::anyhow!("no place: {line}"))?;
            Ok([name, value.trim_end(), place].map(str::to_owned))
        })
        .collect()
}

#[test]
fn every_setting_is_shown_with_the_place_of_its_value_and_no_secret() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let show =
        |variables: &[(&str, &str)]| start("server", &["config", "show"], variables, folder.path());
    let names: Vec<&str> = settings::NAMES.iter().map(|known| known.name).collect();

    let output = show(&[])?;
    ensure!(output.status.success(), "{}", printed(&output));
    let lines = shown(&output)?;
    ensure!(lines.iter().map(|line| &line[0]).eq(&names), "{lines:?}");
    ensure!(lines.iter().all(|line| line[2] == "default"), "{lines:?}");
    ensure!(!printed(&output).contains("admin123"), "{lines:?}");

    // In the environment, in `.env`, and secrets in files that either of them names.
    for in_file in [false, true] {
        for secrets_in_files in [false, true] {
            let mut variables = Vec::new();
            for known in settings::NAMES {
                if !known.is_secret {
                    variables.push((known.name.to_owned(), plain(known.name).to_owned()));
                } else if secrets_in_files {
                    let path = folder.path().join(known.name);
                    std::fs::write(&path, secret(known.name))?;
                    variables.push((format!("{}_FILE", known.name), path.display().to_string()));
                } else {
                    variables.push((known.name.to_owned(), secret(known.name)));
                }
            }
            let dotenv: Vec<String> = variables
                .iter()
                .map(|(name, value)| format!("{name}='{value}'"))
                .collect();
            let (dotenv, process) = if in_file {
                (dotenv.join("\n"), Vec::new())
            } else {
                (String::new(), variables.clone())
            };
            std::fs::write(folder.path().join(".env"), dotenv)?;
            let process: Vec<(&str, &str)> = process
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str()))
                .collect();
            let output = show(&process)?;
            let said = printed(&output);
            for hidden in [HIDDEN, "a7a7a7", "b8b8b8"] {
                ensure!(!said.contains(hidden), "{said}");
            }
            let lines = shown(&output)?;
            ensure!(lines.iter().map(|line| &line[0]).eq(&names), "{said}");
            for (line, (known, [name, value, place])) in
                settings::NAMES.iter().zip(&lines).enumerate()
            {
                let place_of_value = if in_file {
                    format!("/.env, line {}", line + 1)
                } else {
                    "environment".to_owned()
                };
                ensure!(place.contains(&place_of_value), "{name} is at {place}");
                if known.is_secret && secrets_in_files {
                    ensure!(place.starts_with(&format!("{name}_FILE=/")), "{place}");
                }
                // This program is built without traces.
                if !known.is_secret && !["CONSOLE_ASSETS", "OTLP_ENDPOINT"].contains(&name.as_str())
                {
                    ensure!(value == plain(name), "{name} is {value}");
                }
                if known.is_secret {
                    ensure!(value.contains("***"), "{name} is {value}");
                }
            }
        }
    }
    Ok(())
}

#[test]
fn a_value_that_is_refused_is_not_shown_either() -> Result<()> {
    let folder = tempfile::tempdir_in(run_directory())?;
    let mut refused: Vec<(&str, String)> = settings::NAMES
        .iter()
        .filter(|known| known.name != "HOST" && known.name != "TENANT_NAME")
        .map(|known| (known.name, format!("x://u:{HIDDEN}@h/[=x")))
        .collect();
    refused.push(("TENANT_NAME", "a\nJWT_SECRET  b  default".to_owned()));
    let variables: Vec<(&str, &str)> = refused
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let output = start("server", &["config", "show"], &variables, folder.path())?;
    let said = printed(&output);
    ensure!(!output.status.success(), "{said}");
    let lines = shown(&output)?;
    ensure!(lines.len() == settings::NAMES.len(), "{said}");
    // A region is a free word and a secret may be any; both are shown as what they are.
    for [name, value, _] in &lines {
        let is_free = ["S3_REGION"].contains(&name.as_str());
        ensure!(is_free || !value.contains(HIDDEN), "{name} is {value}");
    }
    let refusals = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(!refusals.contains(HIDDEN), "{refusals}");

    // What `show` shows as not usable is what `check` and a start refuse.
    let check = start("server", &["config", "check"], &variables, folder.path())?;
    ensure!(check.stderr == output.stderr, "{}", printed(&check));
    let serve = start("server", &[], &variables, folder.path())?;
    ensure!(serve.stderr == output.stderr, "{}", printed(&serve));
    Ok(())
}
