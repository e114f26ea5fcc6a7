//! What files mean, from the upload to the stored rows: what a refused file is, columns of ticks, money that went out, and that
//! an answer stays small however large the file's cells are.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::harness::{App, PATIENCE, on_both_engines};

on_both_engines! {
    refused_files_say_what_they_are_and_what_to_do,
    an_upload_answer_stays_under_64_kilobytes_and_says_what_is_cut,
    columns_that_say_money_went_out_are_heard_when_the_file_is_validated_and_imported,
    ticks_in_columns_are_read_as_their_mapping_says,
    a_column_that_is_not_taken_is_explained_and_suggested,
    what_a_header_or_the_row_below_it_says_of_units_and_dates_is_obeyed_to_the_end,
    a_workbook_says_of_its_columns_and_rows_what_a_person_must_know,
}

/// Files that are not tables with a pilgrim's columns, and the word for each.
const REFUSED: &[(&str, &[u8])] = &[
    ("pdf", b"%PDF-1.4\n1 0 obj"),
    ("image", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    ("html", b"<!DOCTYPE html><html><body><table><tr><td>Nama</td></tr></table></body></html>"),
    ("xml", b"<?xml version=\"1.0\"?><rows><row><nama>Siti</nama></row></rows>"),
    ("json", b"[\n {\"nama\": \"Siti\", \"paket\": \"A\"},\n {\"nama\": \"Budi\", \"paket\": \"B\"}\n]"),
    ("vcard", b"BEGIN:VCARD\nVERSION:3.0\nFN:Siti\nTEL:081234567890\nEND:VCARD\n"),
    ("rtf", b"{\\rtf1\\ansi Nama;Paket\\par Siti;A}"),
    ("sql", b"INSERT INTO jamaah (nama) VALUES ('Siti');\nINSERT INTO jamaah (nama) VALUES ('Budi');\n"),
    ("no_header", b"1;Siti Aminah;05/05/1990;Umroh Reguler\n2;Budi;06/06/1991;Umroh Plus\n"),
    (
        "transposed",
        b"Nama;Siti;Budi;Ani\nNIK;3175014505909001;3175010505909002;3175014505909003\nNo HP;081234567890;081234567891;081234567892\nPaket;A;A;B\n",
    ),
    ("wrapped_lines", b"\"Orang|Tujuan;Kota\"\n\"Siti|Umroh;Bogor\"\n\"Budi|Umroh;Depok\"\n"),
    ("fixed_width", b"NAMA                PAKET\nSiti Aminah         Umroh\nBudi Santoso        Umroh\n"),
    ("fixed_width", b"Nama    No HP         Paket\nSiti    081234567890  Hemat\nBudi    081234567891  Plus\n"),
    (
        "email",
        b"Delivered-To: kantor@example.com\nFrom: Siti <siti@example.com>\nSubject: Data jamaah\nMIME-Version: 1.0\nContent-Transfer-Encoding: base64\n\nTmFtYSxQYWtldApTaXRpLEEKQnVkaSxBCkFuaSxC\n",
    ),
    ("one_column", b"Nama\nSiti\nBudi\n"),
];

async fn refused_files_say_what_they_are_and_what_to_do(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for (found, file) in REFUSED {
        let reply = admin.upload("jamaah", "data.csv", file).await?;
        let reply = reply.expect_status(400)?.json()?;
        let details = &reply["details"];
        ensure!(details["found"] == *found, "{found}: {reply}");
        let hint = details["hint"].as_str().context("no hint")?;
        ensure!(hint.len() > 20, "{found}: {hint}");
    }
    ensure!(app.number("SELECT count(*) FROM migration_jobs").await? == 0);
    // A refused file is deleted after its answer.
    let begun = Instant::now();
    while app.stored_files()? > 0 {
        ensure!(begun.elapsed() < PATIENCE, "a file was not deleted");
        tokio::time::sleep(Duration::from_millis(15)).await;
    }
    Ok(())
}

async fn an_upload_answer_stays_under_64_kilobytes_and_says_what_is_cut(
    app: &mut App,
) -> Result<()> {
    /// As the requirement has it.
    const MOST: usize = 64_000;
    let admin = app.admin().await?;
    let long = "catatan \"panjang\" ".repeat(5_000);
    let cell = format!("\"{}\"", long.replace('"', "\"\""));
    let mut cells = "nama,paket_id,catatan\n".to_owned();
    for number in 0..20 {
        cells.push_str(&format!("Siti {number},P,{cell}\n"));
    }
    let wide: Vec<String> = (0..3_000)
        .map(|column| format!("Kolom tambahan {column}"))
        .collect();
    let mut columns = format!("nama,paket_id,{}\n", wide.join(","));
    for number in 0..12 {
        columns.push_str(&format!("Siti {number},P{}\n", ",isi".repeat(wide.len())));
    }
    for (file, cut) in [(&cells, "preview_rows"), (&columns, "columns")] {
        let reply = admin.upload("jamaah", "besar.csv", file.as_bytes()).await?;
        let reply = reply.expect_status(200)?;
        let bytes = reply.text()?.len();
        ensure!(bytes < MOST, "{cut}: {bytes} bytes");
        let answer = reply.json()?;
        let reported = answer["cut"].as_array().context("no `cut`")?;
        ensure!(reported.contains(&json!(cut)), "{reported:?}");
        let job = answer["job_id"].as_str().context("no job")?;
        let status = admin.status(job).await?;
        let all = status["metadata"]["columns"]
            .as_array()
            .context("no columns")?;
        ensure!(
            all.len()
                == file
                    .lines()
                    .next()
                    .map_or(0, |line| line.split(',').count())
        );
    }
    let small = admin
        .upload("jamaah", "kecil.csv", b"nama,paket_id\nSiti,P\n")
        .await?;
    ensure!(small.expect_status(200)?.json()?["cut"] == json!([]));
    Ok(())
}

/// A pilgrim of the tenant, by whose NIK payments find him.
async fn any_pilgrim(app: &App) -> Result<&'static str> {
    const NIK: &str = "3175010505909001";
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,ktp,paket_id\nSiti Aminah,{NIK},{package}\n");
    let job = admin.job("jamaah", "jamaah.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    admin.import(&job).await?;
    Ok(NIK)
}

async fn columns_that_say_money_went_out_are_heard_when_the_file_is_validated_and_imported(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let nik = any_pilgrim(app).await?;
    for (header, back, out) in [
        ("Jenis", "DP", "Refund"),
        ("", "CR", "DB"),
        ("D/K", "K", "D"),
    ] {
        let before = admin.items("payments").await?.len();
        let file = format!(
            "NIK;Jumlah;{header};Tanggal;Metode\n{nik};5.000.000;{back};05/01/2027;Transfer\n{nik};3.000.000;{out};06/01/2027;Transfer\n"
        );
        let job = admin.job("payment", "bayar.csv", file.as_bytes()).await?;
        let validated = admin.validate(&job).await?;
        ensure!(validated["invalid_rows"] == 1, "{header}: {validated:#}");
        let errors = admin.errors(&job).await?;
        ensure!(
            errors
                .iter()
                .any(|error| error.iter().any(|cell| cell.contains(out))),
            "{errors:?}"
        );
        admin.import(&job).await?;
        let after = admin.items("payments").await?.len();
        ensure!(
            after == before + 1,
            "{header}: {before} payments became {after}"
        );
    }
    Ok(())
}

async fn ticks_in_columns_are_read_as_their_mapping_says(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("Nama;L;P;Paket\nSiti;;v;{package}\nBudi;v;;{package}\nAni;v;v;{package}\n");
    let reply = admin
        .upload("jamaah", "centang.csv", file.as_bytes())
        .await?;
    let answer = reply.expect_status(200)?.json()?;
    ensure!(
        answer["column_mapping"]["L"] == "jenis_kelamin=L"
            && answer["column_mapping"]["P"] == "jenis_kelamin=P",
        "{answer:#}"
    );
    let job = answer["job_id"].as_str().context("no job")?;
    let validated = admin.validate(job).await?;
    ensure!(
        validated["valid_rows"] == 2 && validated["invalid_rows"] == 1,
        "{validated:#}"
    );
    admin.import(job).await?;
    let pilgrims = admin.items("jamaah").await?;
    let gender = |name: &str| {
        let mut pilgrims = pilgrims.iter();
        pilgrims
            .find(|one| one["nama"] == name)
            .map(|one| one["jenis_kelamin"].clone())
    };
    ensure!(gender("Siti") == Some(json!("P")) && gender("Budi") == Some(json!("L")));
    Ok(())
}

async fn a_column_that_is_not_taken_is_explained_and_suggested(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let dollars =
        "Nama Paket;Durasi;Harga (USD);Tanggal Berangkat;Kuota\nHemat;9;2150;15/03/2027;45\n";
    let reply = admin
        .upload("package", "paket.csv", dollars.as_bytes())
        .await?;
    let details = reply.expect_status(400)?.json()?["details"].clone();
    ensure!(details["missing"] == json!(["harga_retail"]), "{details:#}");
    ensure!(
        details["suggestions"]["harga_retail"] == json!([]),
        "{details:#}"
    );
    let codes: Vec<_> = details["notices"]
        .as_array()
        .context("no notices")?
        .iter()
        .map(|notice| notice["code"].clone())
        .collect();
    ensure!(codes == [json!("column_unit")], "{details:#}");

    let unknown = "Siapa;Dihubungi;Ikut\nSiti;081234567890;Umroh\nBudi;081234567891;Umroh\n";
    let reply = admin
        .upload("jamaah", "asing.csv", unknown.as_bytes())
        .await?;
    let details = reply.expect_status(400)?.json()?["details"].clone();
    ensure!(
        details["suggestions"]["nama"] == json!(["Siapa"]),
        "{details:#}"
    );
    let reported = details["notices"].as_array().context("no notices")?;
    ensure!(
        reported
            .iter()
            .any(|notice| notice["params"]["column"] == "Dihubungi"
                && notice["params"]["label"] == "Nomor telepon"),
        "{details:#}"
    );
    Ok(())
}

async fn what_a_header_or_the_row_below_it_says_of_units_and_dates_is_obeyed_to_the_end(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    for (number, (header, below)) in [
        ("Harga (juta);Tanggal Berangkat (mm/dd/yyyy)", ""),
        ("Harga;Tanggal Berangkat", ";hari;juta;mm/dd/yyyy;pax\n"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = format!(
            "Nama Paket;Durasi;{header};Kuota\n{below}Hemat {number};9;25,5;03/04/2027;45\nPlus {number};9;32;04/05/2027;45\nVIP {number};9;42 jt;04/05/2027;45\n"
        );
        let reply = admin
            .upload("package", "paket.csv", file.as_bytes())
            .await?;
        let answer = reply.expect_status(200)?.json()?;
        let is_scaled = |notices: &serde_json::Value| {
            let mut notices = notices.as_array().into_iter().flatten();
            notices.any(|notice| {
                notice["code"] == "column_scaled" && notice["params"]["read"] == "25500000"
            })
        };
        ensure!(is_scaled(&answer["notices"]), "{answer:#}");
        let job = answer["job_id"].as_str().context("no job")?;
        let validated = admin.validate(job).await?;
        let refused = if below.is_empty() { 1 } else { 2 };
        ensure!(validated["invalid_rows"] == refused, "{validated:#}");
        let status = admin.status(job).await?;
        ensure!(is_scaled(&status["metadata"]["notices"]), "{status:#}");
        let errors = admin.errors(job).await?;
        ensure!(
            errors
                .iter()
                .flatten()
                .any(|cell| cell.contains("42 jt") && cell.contains("judul kolom")),
            "{errors:?}"
        );
        admin.import(job).await?;
        let packages = admin.items("packages").await?;
        let hemat = packages
            .iter()
            .find(|one| one["nama"] == format!("Hemat {number}"))
            .context("the package is not there")?;
        ensure!(
            hemat["harga_retail"] == 25_500_000 && hemat["tanggal_keberangkatan"] == "2027-03-04",
            "{hemat:#}"
        );
    }
    Ok(())
}

/// Joined cells of the header are no lost values; of two telephones the first is taken, and the answer names both.
async fn a_workbook_says_of_its_columns_and_rows_what_a_person_must_know(
    app: &mut App,
) -> Result<()> {
    const GROUPS: &[u8] =
        include_bytes!("../../crates/import-types/tests/fixtures/workbooks/group-titles.xlsx");
    const TELEPHONES: &[u8] =
        include_bytes!("../../crates/import-types/tests/fixtures/workbooks/hidden-row.xlsx");
    let admin = app.admin().await?;
    let upload = admin.upload("jamaah", "grup.xlsx", GROUPS).await?;
    let uploaded = upload.expect_status(200)?.json()?;
    let said = |uploaded: &serde_json::Value, code: &str| {
        let notices = uploaded["notices"].as_array().cloned();
        let mut notices = notices.unwrap_or_default().into_iter();
        notices.find(|notice| notice["code"] == code)
    };
    ensure!(said(&uploaded, "column_grouped").is_some(), "{uploaded}");
    ensure!(said(&uploaded, "merged_cells").is_none(), "{uploaded}");
    let upload = admin.upload("jamaah", "telepon.xlsx", TELEPHONES).await?;
    let uploaded = upload.expect_status(200)?.json()?;
    ensure!(
        uploaded["column_mapping"]["HP 1"] == "telepon",
        "{uploaded}"
    );
    let beaten = said(&uploaded, "column_beaten").context("nothing is said of HP 2")?;
    ensure!(
        beaten["params"]["column"] == "HP 2" && beaten["params"]["by"] == "HP 1",
        "{beaten}"
    );
    ensure!(
        uploaded["preview_rows"][0]["HP 2"] == "081234567899",
        "{uploaded}"
    );
    for code in ["hidden_rows", "other_sheets"] {
        ensure!(said(&uploaded, code).is_some(), "{code}: {uploaded}");
    }
    Ok(())
}
