//! Control characters in names: in the header of an uploaded file and in the parts of its form. PostgreSQL stores no NUL in text,
//! so a NUL is removed or refused before anything is stored.

use anyhow::{Result, ensure};

use crate::harness::{App, JOBS, jamaah_file_from, on_both_engines};

on_both_engines! {
    a_header_is_read_without_its_control_characters,
    a_nul_in_the_form_is_refused_or_left_out,
}

/// Rows of each file, one of them invalid.
const ROWS: usize = 100;
const INVALID: [usize; 1] = [7];

async fn a_header_is_read_without_its_control_characters(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    for (number, (header, place, read)) in [
        ("na\0ma,email,telepon,ktp,alamat,paket_id", 0, "nama"),
        ("\0nama\0,email,telepon,ktp,alamat,paket_id", 0, "nama"),
        (
            "nama,email,telepon,ktp,ke\0terangan lain,paket_id",
            4,
            "keterangan lain",
        ),
        ("nama,email,telepon,ktp,\"a\0, b\",paket_id", 4, "a, b"),
        // A column without a header is named by its letter.
        ("nama,email,telepon,ktp,\0,paket_id", 4, "Kolom 5"),
        (
            "nama,email,telepon,ktp,a\u{1}\u{1b}\u{7f}b,paket_id",
            4,
            "ab",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let file = jamaah_file_from(number * ROWS, ROWS, &INVALID, &package);
        let file = String::from_utf8(file)?;
        let (_, rows) = file.split_once("\r\n").unwrap_or_default();
        let file = format!("{header}\r\n{rows}");
        let reply = admin.upload("jamaah", "nul.csv", file.as_bytes()).await?;
        let answer = reply.expect_status(200)?.json()?;
        ensure!(answer["columns"][place] == read, "{header:?}: {answer:#}");
        let job = answer["job_id"].as_str().unwrap_or_default();
        ensure!(admin.validate(job).await?["valid_rows"] == 99);
        let done = admin.import(job).await?;
        ensure!(done["imported_rows"] == 99, "{header:?}: {done:#}");
        ensure!(done["metadata"]["columns"][place] == read, "{done:#}");
        ensure!(admin.errors(job).await?.len() == 1);
        let failed = admin.get(&format!("{JOBS}/{job}/failed-rows")).await?;
        let failed = failed.expect_status(200)?.text()?;
        ensure!(
            failed.contains("orang") && !failed.contains('\0'),
            "{failed}"
        );
    }
    Ok(())
}

async fn a_nul_in_the_form_is_refused_or_left_out(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file_from(0, ROWS, &INVALID, &package);
    for (name, mapping, expected) in [
        ("a\0b.csv", "{}", Err("invalid_upload")),
        ("b.csv", r#"{"nama": "na\u0000ma"}"#, Err("invalid_mapping")),
        ("c.csv", "{\"na\0ma\": \"nama\"}", Err("invalid_mapping")),
        // A header that is read without its NUL is also asked for without it.
        ("d.csv", r#"{"nama\u0000": "nama"}"#, Ok(99)),
    ] {
        let reply = admin
            .upload_with("jamaah", &[("column_mapping", mapping)], name, &file)
            .await?;
        match expected {
            Err(code) => {
                let answer = reply.expect_status(400)?.json()?;
                ensure!(answer["code"] == code, "{name}: {answer}");
            }
            Ok(rows) => {
                let answer = reply.expect_status(200)?.json()?;
                let job = answer["job_id"].as_str().unwrap_or_default();
                let done = admin.import(job).await?;
                ensure!(done["imported_rows"] == rows, "{name}: {done:#}");
            }
        }
    }
    Ok(())
}
