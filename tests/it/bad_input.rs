//! Refused uploads: the documented answer, and neither a job nor a file.

use anyhow::{Result, ensure};
use reqwest::multipart::{Form, Part};
use serde_json::json;

use crate::harness::{App, JOBS, jamaah_file, on_both_engines};

on_both_engines! {
    refused_uploads_leave_no_job_and_no_file,
    names_the_missing_columns_and_what_might_be_meant,
    a_mapping_reaches_only_the_fields_of_the_import_type,
    a_file_of_exactly_ten_megabytes_is_taken,
    a_file_without_a_valid_row_cannot_be_started,
}

const EMPTY: &str = "File CSV kosong atau tidak valid";
const LIMIT: usize = 10 * 1024 * 1024;

async fn refused_uploads_leave_no_job_and_no_file(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let good = jamaah_file(3, &[], &package);
    let xlsx = [
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00".as_slice(),
        &[0; 400],
        b"xl/workbook.xml",
        &[7; 900],
    ]
    .concat();
    let random: Vec<u8> = (0..4096_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    let mut big = jamaah_file(50_000, &[], &package);
    while big.len() <= LIMIT {
        big.extend_from_within(..big.len() / 2);
    }
    big.truncate(LIMIT + 1);

    for (case, file) in [
        ("empty", Vec::new()),
        ("a mark and nothing else", b"\xef\xbb\xbf".to_vec()),
        ("blank lines", b"\r\n\r\n".to_vec()),
        ("a header alone", b"nama,email,paket_id\r\n".to_vec()),
        ("xlsx", xlsx),
        ("random", random),
        ("zeros", vec![0; 5000]),
    ] {
        let reply = admin.upload("jamaah", "data.csv", &file).await?;
        ensure!(
            reply.status == 400 && reply.json()?["message"] == EMPTY,
            "{case}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    admin
        .upload("jamaah", "besar.csv", &big)
        .await?
        .expect_error(
            400,
            "Ukuran file terlalu besar (maksimal 10MB)",
            "file_too_large",
        )?;
    admin
        .upload("jamaah", "kolom.csv", b"nama lain,kota\r\nBudi,Bandung\r\n")
        .await?
        .expect_error(
            400,
            "Kolom yang diperlukan tidak ditemukan: nama, paket_id",
            "missing_columns",
        )?;
    for unknown in ["hotel", "", "JAMAAH "] {
        admin
            .upload(unknown, "data.csv", &good)
            .await?
            .expect_status(400)?;
    }
    // No file, no type, a field too many, a field twice.
    let path = format!("{JOBS}/upload");
    let part = || Part::bytes(good.clone()).file_name("data.csv");
    for (case, form) in [
        ("no type", Form::new().part("file", part())),
        (
            "unknown field",
            Form::new()
                .text("import_type", "jamaah")
                .text("tenant_id", "x")
                .part("file", part()),
        ),
        (
            "type twice",
            Form::new()
                .text("import_type", "jamaah")
                .text("import_type", "jamaah")
                .part("file", part()),
        ),
        (
            "two files",
            Form::new()
                .text("import_type", "jamaah")
                .part("file", part())
                .part("file", part()),
        ),
    ] {
        let request = admin.request(reqwest::Method::POST, &path).multipart(form);
        let reply = admin.send(request).await?;
        ensure!(
            reply.status == 400,
            "{case}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    let form = Form::new().text("import_type", "jamaah");
    let request = admin.request(reqwest::Method::POST, &path).multipart(form);
    admin
        .send(request)
        .await?
        .expect_error(400, "File CSV wajib diunggah", "file_required")?;

    let anonymous = app.client();
    anonymous
        .upload("jamaah", "data.csv", &good)
        .await?
        .expect_error(401, "Unauthorized", "unauthorized")?;
    anonymous
        .with_token("x.y.z")
        .upload("jamaah", "data.csv", &good)
        .await?
        .expect_status(401)?;

    ensure!(
        app.number("SELECT count(*) FROM migration_jobs").await? == 0,
        "a job remains"
    );
    ensure!(app.stored_files()? == 0, "a file remains");
    Ok(())
}

async fn names_the_missing_columns_and_what_might_be_meant(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file = b"nama jamaa,email\r\nBudi,budi@contoh.id\r\n";
    let reply = admin
        .upload("jamaah", "data.csv", file)
        .await?
        .expect_status(400)?
        .json()?;
    ensure!(
        reply["code"] == "missing_columns" && reply["error"] == "Bad Request",
        "{reply}"
    );
    let details = &reply["details"];
    ensure!(
        details["columns"] == json!(["nama jamaa", "email"]),
        "{details}"
    );
    ensure!(
        details["missing"] == json!(["nama", "paket_id"]),
        "{details}"
    );
    ensure!(!details["suggestions"].is_null(), "{details}");
    Ok(())
}

async fn a_mapping_reaches_only_the_fields_of_the_import_type(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("Orang,Tujuan,Surat\r\nBudi,{package},budi@contoh.id\r\n");
    let good = json!({"Orang": "nama", "Tujuan": "paket_id", "Surat": ""});

    for refused in [
        json!({"Orang": "nama", "Tujuan": "paket_id", "Surat": "tenant_id"}),
        json!({"Orang": "id", "Tujuan": "paket_id"}),
        json!({"Orang": "nama", "Tujuan": "paket_id", "Tidak Ada": "email"}),
        json!({"Orang": "nama", "Tujuan": "paket_id", "Surat": "nama"}),
        json!({"Orang": "created_at", "Tujuan": "paket_id"}),
    ] {
        let mapping = [("column_mapping", &*refused.to_string())];
        let reply = admin
            .upload_with("jamaah", &mapping, "data.csv", file.as_bytes())
            .await?;
        ensure!(
            reply.status == 400 && reply.json()?["code"] == "invalid_mapping",
            "{refused}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    for not_json in ["nama", "[]", "{\"Orang\":", "{\"Orang\":1}"] {
        let mapping = [("column_mapping", not_json)];
        admin
            .upload_with("jamaah", &mapping, "data.csv", file.as_bytes())
            .await?
            .expect_status(400)?;
    }

    let good = good.to_string();
    let as_json = [("column_mapping", good.as_str())];
    let bracketed = [
        ("column_mapping[Orang]", "nama"),
        ("column_mapping[Tujuan]", "paket_id"),
        ("column_mapping[Surat]", ""),
    ];
    for fields in [&as_json[..], &bracketed] {
        let reply = admin
            .upload_with("jamaah", fields, "data.csv", file.as_bytes())
            .await?;
        let uploaded = reply.expect_status(200)?.json()?;
        ensure!(uploaded["column_mapping"]["Orang"] == "nama", "{uploaded}");
        ensure!(
            uploaded["unmapped_columns"] == json!(["Surat"]),
            "{uploaded}"
        );
    }
    Ok(())
}

async fn a_file_of_exactly_ten_megabytes_is_taken(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut file = format!("nama,paket_id,catatan\r\nBudi,{package},").into_bytes();
    let mut rows = 1;
    while file.len() < LIMIT - 2000 {
        file.extend_from_slice(b"\r\nBudi,x,");
        file.resize((file.len() + 900).min(LIMIT - 2), b'y');
        rows += 1;
    }
    file.resize(LIMIT - 2, b'y');
    file.extend_from_slice(b"\r\n");
    ensure!(file.len() == LIMIT);
    let uploaded = admin
        .upload("jamaah", "pas.csv", &file)
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        uploaded["total_rows"] == rows,
        "{} rows",
        uploaded["total_rows"]
    );
    Ok(())
}

async fn a_file_without_a_valid_row_cannot_be_started(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "salah.csv", &jamaah_file(2, &[0, 1], &package))
        .await?;
    let validated = admin.validate(&job).await?;
    ensure!(
        validated["can_proceed"] == false && validated["invalid_rows"] == 2,
        "{validated:#}"
    );
    let reply = admin.act(&job, "start").await?.expect_status(400)?.json()?;
    ensure!(reply["code"] == "nothing_to_import", "{reply}");

    // One call for both ends as a failure that says why.
    let job = admin
        .job("jamaah", "salah.csv", &jamaah_file(2, &[0, 1], &package))
        .await?;
    let failed = admin.import(&job).await?;
    ensure!(
        failed["status"] == "failed" && failed["error_message"].is_string(),
        "{failed:#}"
    );
    ensure!(failed["completed_at"].is_string(), "{failed:#}");
    Ok(())
}
