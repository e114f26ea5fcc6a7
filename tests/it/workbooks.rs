//! Workbooks over HTTP: an uploaded .xlsx, .xls or .ods file becomes an import like any other, its two files are deleted together,
//! and downloaded .xlsx files can be corrected and uploaded again.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use import_types::engine::sheet::Workbook as Reader;
use rust_xlsxwriter::{Format, Workbook};
use serde_json::{Value, json};

use crate::harness::{App, Client, JOBS, PATIENCE, files_below, on_both_engines, records};
use crate::memory::memory;

on_both_engines! {
    a_workbook_is_imported_like_a_text,
    the_sheet_of_a_workbook_can_be_named,
    another_sheet_of_a_draft_can_be_chosen,
    errors_of_a_workbook_are_in_the_details,
    a_workbook_and_its_table_live_and_end_together,
    failed_rows_come_as_a_workbook_and_back_corrected,
    reports_and_templates_come_as_workbooks_of_text,
    hostile_workbooks_do_not_grow_the_server,
}

const EMPTY: &str = "File CSV kosong atau tidak valid";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

macro_rules! fixture {
    ($name:literal) => {
        include_bytes!(concat!("../../crates/import-engine/tests/sheets/", $name)).as_slice()
    };
}

/// Sheets with their rows, all cells text.
pub(crate) fn book(sheets: &[(&str, &[Vec<String>])]) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    for (name, rows) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name)?;
        for (row, cells) in (0..).zip(*rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell)?;
            }
        }
    }
    Ok(book.save_to_buffer()?)
}

pub(crate) fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}

/// The cells of a sheet that the server handed out.
fn read(file: &[u8], sheet: Option<&str>) -> Result<Vec<Vec<String>>> {
    let mut csv = Vec::new();
    let mut book = Reader::open(Cursor::new(file))?;
    book.to_csv(sheet, &mut csv, || ControlFlow::Continue(()))?;
    records(&String::from_utf8(csv)?)
}

async fn a_workbook_is_imported_like_a_text(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut file = Workbook::new();
    let nik = Format::new().set_num_format("0000000000000000");
    let phone = Format::new().set_num_format("000000000000");
    let day = Format::new().set_num_format("dd/mm/yyyy");
    let sheet = file.add_worksheet();
    sheet.set_name("Jamaah")?;
    sheet.write_string(0, 0, "DAFTAR JAMAAH")?;
    for (column, header) in (0..).zip(["nama", "ktp", "telepon", "tanggal_lahir", "paket_id"]) {
        sheet.write_string(2, column, header)?;
    }
    sheet.write_string(3, 0, "Siti Aminah")?;
    sheet.write_string(3, 1, "3175014505900001")?;
    sheet.write_number_with_format(3, 2, 81_234_567_890.0, &phone)?;
    sheet.write_number_with_format(3, 3, 32_998.0, &day)?;
    sheet.write_string(3, 4, &package)?;
    // Entered as a number: Excel keeps 15 of 16 digits.
    sheet.write_string(5, 0, "Budi Santoso")?;
    sheet.write_number_with_format(5, 1, 3_175_010_505_900_000.0, &nik)?;
    sheet.write_string(5, 4, &package)?;
    let uploaded = admin
        .upload("jamaah", "jamaah.xlsx", &file.save_to_buffer()?)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        uploaded["format"] == "xlsx"
            && uploaded["sheet"] == "Jamaah"
            && uploaded["sheets"][0]["rows"] == 4
            && uploaded["header_row"] == 3
            && uploaded["total_rows"] == 2
            && uploaded["preview_rows"][0]["telepon"] == "081234567890"
            && uploaded["preview_rows"][0]["tanggal_lahir"] == "1990-05-05",
        "{uploaded:#}"
    );
    let job = uploaded["job_id"].as_str().context("a job")?;
    let done = admin.import(job).await?;
    ensure!(
        done["status"] == "completed"
            && done["imported_rows"] == 1
            && done["failed_rows"] == 1
            && done["metadata"]["format"] == "xlsx"
            && done["metadata"]["sheet"] == "Jamaah",
        "{done:#}"
    );
    let errors = admin.errors(job).await?;
    ensure!(
        errors.len() == 1 && errors[0][0] == "6" && errors[0][2] == "ktp",
        "{errors:?}"
    );
    let page = admin
        .get(&format!("{JOBS}/{job}/errors?format=json"))
        .await?
        .json()?;
    ensure!(page["data"][0]["code"] == "excel_rounded", "{page:#}");
    let jamaah = admin.items("jamaah").await?;
    let siti = jamaah
        .iter()
        .find(|jamaah| jamaah["nama"] == "Siti Aminah")
        .context("imported")?;
    ensure!(
        siti["telepon"] == "+6281234567890" && siti["tanggal_lahir"] == "1990-05-05",
        "{siti:#}"
    );
    Ok(())
}

async fn the_sheet_of_a_workbook_can_be_named(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = row(&["nama", "paket_id"]);
    let file = book(&[
        ("Kosong", &[]),
        ("Lama", &[header.clone(), row(&["Siti Lama", &package])]),
        (
            "Baru",
            &[
                header,
                row(&["Siti Baru", &package]),
                row(&["Budi", &package]),
            ],
        ),
    ])?;
    let default = admin
        .upload("jamaah", "buku.xlsx", &file)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        default["sheet"] == "Lama" && default["total_rows"] == 1,
        "{default:#}"
    );
    let codes = default["notices"].as_array().context("notices")?;
    ensure!(
        codes.iter().any(|notice| notice["code"] == "other_sheets"),
        "{codes:?}"
    );
    let named = admin
        .upload_with("jamaah", &[("sheet", "Baru")], "buku.xlsx", &file)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        named["sheet"] == "Baru" && named["total_rows"] == 2,
        "{named:#}"
    );
    let missing = admin
        .upload_with("jamaah", &[("sheet", "Tidak Ada")], "buku.xlsx", &file)
        .await?
        .expect_error(400, EMPTY, "invalid_file")?
        .json()?;
    ensure!(
        missing["details"]["reason"] == "no_such_sheet"
            && missing["details"]["sheets"] == json!(["Kosong", "Lama", "Baru"]),
        "{missing:#}"
    );
    let text = format!("nama,paket_id\nSiti,{package}\n");
    let of_text = admin
        .upload_with("jamaah", &[("sheet", "Baru")], "a.csv", text.as_bytes())
        .await?
        .expect_error(400, EMPTY, "invalid_file")?
        .json()?;
    ensure!(
        of_text["details"]["reason"] == "no_such_sheet",
        "{of_text:#}"
    );
    Ok(())
}

async fn another_sheet_of_a_draft_can_be_chosen(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = row(&["nama", "paket_id"]);
    let file = book(&[
        (
            "Lama",
            &[
                row(&["DAFTAR"]),
                header.clone(),
                row(&["Siti Lama", &package]),
            ],
        ),
        (
            "Baru",
            &[
                header,
                row(&["Siti Baru", &package]),
                row(&["Budi", &package]),
            ],
        ),
        ("Kosong", &[]),
    ])?;
    let job = admin.job("jamaah", "buku.xlsx", &file).await?;
    let path = format!("{JOBS}/{job}");
    let change = async |body: Value| admin.patch_json(&path, &body).await;
    let fixed = change(json!({"header_row": 2})).await?;
    ensure!(fixed.expect_status(200)?.json()?["reading"]["header_row"] == 2);
    ensure!(admin.validate(&job).await?["total_rows"] == 1);
    let chosen = change(json!({"sheet": "Baru"})).await?;
    let chosen = chosen.expect_status(200)?.json()?;
    ensure!(
        chosen["sheet"] == "Baru"
            && chosen["total_rows"] == 2
            && chosen["ready"] == true
            && chosen["reading"]["header_row"] == 1
            && chosen["rows"][0]["cells"][0] == "Siti Baru"
            && chosen["sheets"][0]["name"] == "Lama",
        "{chosen:#}"
    );
    let status = admin.status(&job).await?;
    ensure!(
        status["metadata"]["sheet"] == "Baru" && status["validated_at"].is_null(),
        "{status:#}"
    );
    // A missing sheet and one without a table change nothing.
    let missing = change(json!({"sheet": "Tidak Ada"})).await?;
    let missing = missing.expect_error(400, EMPTY, "invalid_file")?.json()?;
    ensure!(
        missing["details"]["reason"] == "no_such_sheet"
            && missing["details"]["sheets"] == json!(["Lama", "Baru", "Kosong"]),
        "{missing:#}"
    );
    let empty = change(json!({"sheet": "Kosong"})).await?;
    empty.expect_error(400, EMPTY, "invalid_file")?;
    ensure!(admin.status(&job).await?["metadata"]["sheet"] == "Baru");
    let same = change(json!({"sheet": "Baru", "columns": {"0": "nama"}})).await?;
    ensure!(same.expect_status(200)?.json()?["total_rows"] == 2);
    let first = change(json!({"sheet": null})).await?;
    ensure!(first.expect_status(200)?.json()?["sheet"] == "Lama");
    let again = change(json!({"sheet": "Baru"})).await?;
    again.expect_status(200)?;
    // The workbook and one table are stored; the earlier table and the refused one were deleted.
    while app.stored_files()? != 2 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let original = admin
        .get(&format!("{path}/file"))
        .await?
        .expect_status(200)?;
    ensure!(original.body == file, "the original is another file");
    ensure!(admin.import(&job).await?["imported_rows"] == 2);
    let late = change(json!({"sheet": "Lama"})).await?;
    ensure!(late.expect_status(400)?.json()?["code"] == "invalid_state");
    let text = format!("nama,paket_id\nAli,{package}\n");
    let text = admin.job("jamaah", "a.csv", text.as_bytes()).await?;
    let path = format!("{JOBS}/{text}");
    let body = json!({"sheet": "Baru"});
    let refused = admin.patch_json(&path, &body).await?;
    let refused = refused.expect_error(400, EMPTY, "invalid_file")?.json()?;
    ensure!(
        refused["details"]["reason"] == "no_such_sheet",
        "{refused:#}"
    );
    let body = json!({"sheet": null});
    admin.change(&path, &body).await?;
    Ok(())
}

async fn errors_of_a_workbook_are_in_the_details(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let header = book(&[("S", &[row(&["nama", "paket_id"])])])?;
    let cut = &header[..header.len() / 2];
    for (file, reason, found) in [
        (
            fixture!("encrypted.xlsx"),
            "encrypted_workbook",
            json!("xlsx"),
        ),
        (
            fixture!("encrypted.ods"),
            "encrypted_workbook",
            json!("ods"),
        ),
        (
            fixture!("binary.xlsb"),
            "unsupported_workbook",
            json!("xlsx"),
        ),
        (fixture!("letter.docx"), "binary", json!("docx")),
        (fixture!("files.zip"), "binary", json!("zip")),
        // A message of Outlook is a compound file as old workbooks are.
        (
            include_bytes!("../fixtures/message.msg").as_slice(),
            "binary",
            json!("email"),
        ),
        (cut, "damaged_workbook", json!("xlsx")),
        (&header, "no_records", Value::Null),
        (&book(&[("Kosong", &[])])?, "empty", json!("xlsx")),
        (b"PK\x03\x04", "damaged_workbook", json!("xlsx")),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
            "damaged_workbook",
            json!("xls"),
        ),
    ] {
        let reply = admin.upload("jamaah", "buku.xlsx", file).await?;
        let refused = reply.expect_error(400, EMPTY, "invalid_file")?.json()?;
        ensure!(
            refused["details"]["reason"] == reason,
            "{reason}: {refused:#}"
        );
        ensure!(refused["details"]["found"] == found, "{found}: {refused:#}");
        let hint = refused["details"]["hint"].as_str().unwrap_or_default();
        ensure!(found.is_null() || hint.len() > 12, "{found}: {hint}");
    }
    // Old systems export web pages with the extension of workbooks.
    let page = b"<html><table><tr><td>nama</td></tr></table></html>";
    let refused = admin.upload("jamaah", "data.xls", page).await?.json()?;
    ensure!(refused["statusCode"] == 400, "{refused:#}");
    ensure!(refused["details"]["found"] == "html", "{refused:#}");
    // A refused file is deleted after its answer.
    let begun = Instant::now();
    while app.stored_files()? > 0 {
        ensure!(
            begun.elapsed() < PATIENCE,
            "{:?}",
            files_below(&app.uploads())?
        );
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    Ok(())
}

async fn a_workbook_and_its_table_live_and_end_together(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let rows = [row(&["nama", "paket_id"]), row(&["Siti", &package])];
    let file = book(&[("S", &rows)])?;
    let job = admin.job("jamaah", "buku.xlsx", &file).await?;
    let stored = files_below(&app.uploads())?;
    let sizes: BTreeMap<String, u64> = stored
        .iter()
        .map(|path| {
            let name = path
                .file_name()
                .and_then(|name| name.to_str())
                .unwrap_or_default();
            let ending = name.split_once('.').map_or("", |(_, ending)| ending);
            Ok((ending.to_owned(), std::fs::metadata(path)?.len()))
        })
        .collect::<Result<_>>()?;
    ensure!(
        sizes.len() == 2
            && sizes
                .get("workbook")
                .is_some_and(|size| *size >= file.len() as u64)
            && sizes.contains_key("workbook.csv"),
        "{sizes:?}"
    );
    let status = admin.status(&job).await?;
    ensure!(status["file_size"] == file.len(), "{status:#}");
    admin.import(&job).await?;
    admin.remove(&format!("{JOBS}/{job}")).await?;
    let kept = files_below(&app.uploads())?;
    ensure!(kept.is_empty(), "{kept:?}");
    Ok(())
}

async fn download(admin: &Client, path: &str) -> Result<Vec<u8>> {
    let reply = admin
        .get(&format!("{JOBS}/{path}"))
        .await?
        .expect_status(200)?;
    ensure!(reply.header("content-type") == XLSX, "{:?}", reply.headers);
    ensure!(
        reply.header("content-disposition").ends_with(".xlsx\""),
        "{:?}",
        reply.headers
    );
    Ok(reply.body)
}

async fn failed_rows_come_as_a_workbook_and_back_corrected(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!(
        "nama,ktp,telepon,email,paket_id,catatan\n\
         Siti,3175014505900001,081234567890,siti@,{package},=1+1\n\
         Budi,123,081234567891,budi@example.com,{package},\"dua\nbaris\"\n\
         Ani,3175014505900003,081234567892,ani@example.com,{package},'=2+2\n"
    );
    let job = admin.job("jamaah", "jamaah.csv", file.as_bytes()).await?;
    let done = admin.import(&job).await?;
    ensure!(
        done["imported_rows"] == 1 && done["failed_rows"] == 2,
        "{done:#}"
    );
    let workbook = download(&admin, &format!("{job}/failed-rows?format=xlsx")).await?;
    let mut rows = read(&workbook, Some("Perbaikan"))?;
    ensure!(
        rows[0]
            == [
                "nama",
                "ktp",
                "telepon",
                "email",
                "paket_id",
                "catatan",
                "_row_number",
                "_errors"
            ],
        "{rows:?}"
    );
    ensure!(
        rows.len() == 3
            && rows[1][1] == "3175014505900001"
            && rows[1][2] == "081234567890"
            && rows[1][5] == "=1+1"
            && rows[2][5] == "dua\nbaris"
            && rows[2][6] == "3"
            && rows[1][7].contains("Email tidak valid"),
        "{rows:?}"
    );
    // Notes and tints: their parts are in the file.
    let parts = String::from_utf8_lossy(&workbook).into_owned();
    ensure!(parts.contains("xl/comments1.xml"), "has notes");

    "siti@example.com".clone_into(&mut rows[1][3]);
    "3175010505900002".clone_into(&mut rows[2][1]);
    let corrected = book(&[("Perbaikan", &rows)])?;
    let again = admin.job("jamaah", "perbaikan.xlsx", &corrected).await?;
    let done = admin.import(&again).await?;
    ensure!(
        done["imported_rows"] == 2 && done["failed_rows"] == 0,
        "{done:#} {:?}",
        admin.errors(&again).await?
    );
    Ok(())
}

async fn reports_and_templates_come_as_workbooks_of_text(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,email,paket_id\n=HYPERLINK(1),x,{package}\n");
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let report = read(
        &download(&admin, &format!("{job}/errors?format=xlsx")).await?,
        None,
    )?;
    let plain = admin.errors(&job).await?;
    ensure!(
        report.len() == plain.len() + 1 && report[0][0] == "row_number",
        "{report:?}"
    );
    ensure!(
        report[1][0] == "2" && report[1][3] == plain[0][3],
        "{report:?} {plain:?}"
    );

    for import_type in ["package", "jamaah", "payment"] {
        let template = download(&admin, &format!("templates/{import_type}?format=xlsx")).await?;
        let data = read(&template, Some("Data"))?;
        ensure!(data.len() == 2, "{data:?}");
        let guide = read(&template, Some("Petunjuk"))?;
        ensure!(guide.len() == data[0].len() + 1, "{guide:?}");
        if import_type == "jamaah" {
            let column = data[0].iter().position(|name| name == "paket_id");
            let example = &data[1][column.context("has packages")?];
            ensure!(
                uuid::Uuid::try_parse(example).is_err() && !example.is_empty(),
                "by name: {example}"
            );
        }
        // Unchanged, it validates; payments need a pilgrim, which this tenant may not have.
        if import_type != "payment" {
            let job = admin.job(import_type, "template.xlsx", &template).await?;
            let validated = admin.validate(&job).await?;
            ensure!(
                validated["valid_rows"] == 1 && validated["invalid_rows"] == 0,
                "{import_type}: {validated:#} {:?}",
                admin.errors(&job).await?
            );
        }
    }
    for wrong in [
        "failed-rows?format=pdf",
        "failed-rows?format=xlsx&delimiter=;",
    ] {
        let reply = admin.get(&format!("{JOBS}/{job}/{wrong}")).await?;
        ensure!(reply.status == 400, "{wrong}: {}", reply.status);
    }
    Ok(())
}

/// How much more memory the server may use: the upload itself, its unpacked content, and what the allocator keeps.
const GROWTH_KB: u64 = 96 * 1024;

async fn hostile_workbooks_do_not_grow_the_server(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let Some(before) = memory(&app.server, "VmRSS") else {
        return Ok(());
    };
    // Formats down to the last row: a million rows of nothing.
    let mut formatted = Workbook::new();
    let bold = Format::new().set_bold();
    let sheet = formatted.add_worksheet_with_constant_memory()?;
    sheet.write_string(0, 0, "nama")?;
    for row in 1..1_048_576 {
        sheet.write_blank(row, 0, &bold)?;
    }
    // One long text in very many cells.
    let mut repeated = Workbook::new();
    let sheet = repeated.add_worksheet();
    let long = "x".repeat(30_000);
    for row in 0..20_000 {
        sheet.write_string(row, 0, &long)?;
    }
    for (file, reason) in [
        (formatted.save_to_buffer()?, "no_records"),
        (repeated.save_to_buffer()?, "workbook_too_large"),
    ] {
        let refused = admin
            .upload("jamaah", "buku.xlsx", &file)
            .await?
            .expect_status(400)?
            .json()?;
        ensure!(
            refused["details"]["reason"] == reason || refused["code"] == "missing_columns",
            "{refused:#}"
        );
    }
    let peak = memory(&app.server, "VmHWM").context("a peak")?;
    let grown = peak.saturating_sub(before);
    ensure!(grown <= GROWTH_KB, "{grown} KB over {before} KB");
    Ok(())
}
