//! The bodies printed in the published document against the server's answers, key by key.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Client, JOBS, jamaah_file, on_both_engines};

on_both_engines! {
    every_published_answer_has_its_keys_and_words,
    the_error_report_is_the_published_file,
    the_list_pages_filters_and_sorts,
    templates_import_without_errors,
    failed_rows_can_be_corrected_and_uploaded_again,
    reports_come_back_as_the_spreadsheet_of_the_source_writes_them,
    errors_are_paged_as_json_too,
}

/// Every key of the printed body exists with a value of the printed kind. `null` is printed where a value may come later.
fn has_shape(answer: &Value, printed: &Value) -> Result<()> {
    for (key, example) in printed.as_object().context("an object is printed")? {
        let value = answer
            .get(key)
            .with_context(|| format!("{key} is missing in {answer:#}"))?;
        let fits = match example {
            Value::Null => value.is_null() || value.is_string(),
            Value::Bool(_) => value.is_boolean(),
            Value::Number(_) => value.is_u64(),
            Value::String(text) if text == "uuid" => value.as_str().is_some_and(is_uuid_v7),
            Value::String(text) if text.ends_with('Z') => value.as_str().is_some_and(is_moment),
            Value::String(_) => value.is_string(),
            Value::Array(_) => value.is_array(),
            Value::Object(_) => {
                has_shape(value, example).with_context(|| key.clone())?;
                true
            }
        };
        ensure!(fits, "{key} is {value}, the document prints {example}");
    }
    Ok(())
}

fn is_uuid_v7(text: &str) -> bool {
    text.parse::<uuid::Uuid>()
        .is_ok_and(|id| id.get_version_num() == 7)
        && text.len() == 36
}

/// RFC 3339 in UTC, with `Z`.
fn is_moment(text: &str) -> bool {
    let digits = text
        .bytes()
        .take(19)
        .map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    digits.eq(*b"0000-00-00T00:00:00") && text.ends_with('Z')
}

async fn every_published_answer_has_its_keys_and_words(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = jamaah_file(150, &[3, 10], &package);

    let uploaded = admin
        .upload("jamaah", "jamaah-import.csv", &file)
        .await?
        .expect_status(200)?
        .json()?;
    has_shape(
        &uploaded,
        &json!({"job_id": "uuid", "import_type": "jamaah", "file_name": "jamaah-import.csv", "total_rows": 150,
            "columns": ["nama"], "preview_rows": [{}], "encoding": "utf-8", "delimiter": ","}),
    )?;
    ensure!(
        uploaded["total_rows"] == 150 && uploaded["import_type"] == "jamaah",
        "{uploaded:#}"
    );
    ensure!(
        uploaded["columns"] == json!(["nama", "email", "telepon", "ktp", "alamat", "paket_id"])
    );
    ensure!(
        uploaded["preview_rows"][0]["email"] == "orang0@contoh.id",
        "{}",
        uploaded["preview_rows"]
    );
    ensure!(uploaded["preview_rows"].as_array().map(Vec::len) == Some(10));
    let job = uploaded["job_id"].as_str().context("job_id")?;

    let answer = admin.act(job, "rollback").await?;
    answer.expect_error(
        400,
        "Tidak dapat melakukan rollback untuk status: pending",
        "invalid_state",
    )?;
    let answer = admin
        .delete(&format!("{JOBS}/{job}"))
        .await?
        .expect_status(400)?
        .json()?;
    ensure!(
        answer["message"] == "Hanya job yang sudah selesai yang dapat dihapus",
        "{answer}"
    );

    let answer = admin
        .act(job, "validate")
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        answer
            == json!({"message": "Validasi dimulai. Anda akan menerima notifikasi saat selesai.", "job_id": job}),
        "{answer}"
    );
    admin
        .wait(job, |status| !status["validated_at"].is_null())
        .await?;
    let answer = admin.act(job, "start").await?.expect_status(200)?.json()?;
    ensure!(
        answer
            == json!({"message": "Import dimulai. Progress akan diupdate secara real-time.", "job_id": job}),
        "{answer}"
    );
    let status = admin.finished(job).await?;
    has_shape(
        &status,
        &json!({
            "id": "uuid", "tenant_id": "uuid", "user_id": "uuid", "import_type": "jamaah", "file_name": "jamaah-import.csv",
            "file_url": "", "file_size": 102_400, "status": "importing", "status_display": "Mengimpor", "total_rows": 150,
            "processed_rows": 100, "valid_rows": 98, "invalid_rows": 2, "progress_percentage": 67, "error_report_url": null,
            "error_message": null, "started_at": "2025-01-15T10:30:00Z", "completed_at": null,
            "created_at": "2025-01-15T10:25:00Z", "updated_at": "2025-01-15T10:35:00Z",
            "metadata": {"fileName": "", "fileSize": 1, "encoding": "", "delimiter": "", "columnMapping": {}, "importType": "",
                "errorSummary": {"missingRequired": 0, "invalidFormat": 2, "duplicate": 0, "constraintViolation": 0}},
            "error_summary": {"missing_required": 0, "invalid_format": 2, "duplicate": 0, "constraint_violation": 0},
        }),
    )?;
    ensure!(
        status["status_display"] == "Selesai" && status["progress_percentage"] == 100,
        "{status:#}"
    );
    ensure!(
        status["error_report_url"] == format!("{JOBS}/{job}/errors"),
        "{status:#}"
    );
    ensure!(
        status["metadata"]["errorSummary"]["invalidFormat"] == 2,
        "{status:#}"
    );
    ensure!(status["file_size"] == file.len(), "{status:#}");

    let list = admin.get_json(JOBS).await?;
    has_shape(
        &list,
        &json!({"data": [], "total": 25, "page": 1, "limit": 20}),
    )?;
    has_shape(
        &list["data"][0],
        &json!({"id": "uuid", "import_type": "jamaah", "file_name": "", "status": "completed", "total_rows": 150,
            "valid_rows": 148, "invalid_rows": 2, "created_at": "2025-01-15T10:00:00Z"}),
    )?;
    ensure!(
        list["total"] == 1 && list["page"] == 1 && list["limit"] == 20,
        "{list:#}"
    );

    let answer = admin.roll_back(job).await?;
    has_shape(
        &answer,
        &json!({"message": "", "job": {"id": "uuid", "status": "rolled_back", "rollback_at": "2025-01-15T12:00:00Z"}}),
    )?;
    ensure!(
        answer["message"] == "Rollback berhasil dilakukan"
            && answer["job"]["status"] == "rolled_back"
    );
    let answer = admin.remove(&format!("{JOBS}/{job}")).await?;
    ensure!(
        answer == json!({"message": "Job migrasi berhasil dihapus"}),
        "{answer}"
    );
    admin
        .get(&format!("{JOBS}/{job}/status"))
        .await?
        .expect_error(404, "Job migrasi tidak ditemukan", "not_found")?;
    ensure!(
        app.stored_files()? == 0,
        "the file of the deleted job is still there"
    );
    Ok(())
}

/// A jamaah file in the published column order with an e-mail address without a domain and a row without a package.
fn two_mistakes(package: &str) -> String {
    let mut file = String::from("nama,email,paket_id\r\n");
    for row in 2..=13 {
        match row {
            5 => file.push_str(&format!("Ahmad,ahmad@email,{package}\r\n")),
            12 => file.push_str("Siti,siti@contoh.id,\r\n"),
            row => file.push_str(&format!("Orang,orang{row}@contoh.id,{package}\r\n")),
        }
    }
    file
}

async fn the_error_report_is_the_published_file(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "data.csv", two_mistakes(&package).as_bytes())
        .await?;
    admin.validate(&job).await?;
    let report = admin
        .get(&format!("{JOBS}/{job}/errors"))
        .await?
        .expect_status(200)?;
    ensure!(
        report.text()?.trim_start_matches('\u{feff}')
            == "row_number,error_type,field_name,error_message,received_value\r\n\
                5,invalid_format,email,Email tidak valid: ahmad@email,ahmad@email\r\n\
                12,missing_required,paket_id,Field 'paket_id' wajib diisi,\r\n",
        "{}",
        report.text()?
    );
    ensure!(
        report.header("content-type") == "text/csv; charset=utf-8",
        "{:?}",
        report.headers
    );
    ensure!(
        report.header("content-disposition")
            == format!("attachment; filename=\"errors-{job}.csv\""),
        "{:?}",
        report.headers
    );
    Ok(())
}

async fn the_list_pages_filters_and_sorts(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let mut jobs = Vec::new();
    for name in ["a.csv", "b.csv", "c.csv"] {
        jobs.push(
            admin
                .job("jamaah", name, &jamaah_file(1, &[], &package))
                .await?,
        );
    }
    let names = |list: &Value| -> Vec<String> {
        let rows = list["data"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .map(|row| row["file_name"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    for (query, expected, total) in [
        ("", &["c.csv", "b.csv", "a.csv"][..], 3),
        ("?sort_order=ASC", &["a.csv", "b.csv", "c.csv"], 3),
        (
            "?sort_by=file_name&sort_order=desc",
            &["c.csv", "b.csv", "a.csv"],
            3,
        ),
        ("?page=2&limit=2", &["a.csv"], 3),
        ("?page=9", &[], 3),
        ("?import_type=payment", &[], 0),
        (
            "?import_type=jamaah&status=pending",
            &["c.csv", "b.csv", "a.csv"],
            3,
        ),
        ("?status=completed", &[], 0),
    ] {
        let list = admin.get_json(&format!("{JOBS}{query}")).await?;
        ensure!(
            names(&list) == expected && list["total"] == total,
            "{query}: {list:#}"
        );
    }
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "limit=0",
        "limit=101",
        "sort_by=password",
        "sort_by=tenant_id",
        "sort_order=UP",
        "status=done",
        "import_type=hotel",
        "page=99999999999999999999",
    ] {
        let reply = admin.get(&format!("{JOBS}?{query}")).await?;
        ensure!(
            reply.status == 400,
            "{query}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    Ok(())
}

async fn templates_import_without_errors(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    // Packages first: the example row of jamaah refers to one, that of payments to a jamaah.
    for import_type in ["package", "jamaah", "payment"] {
        for (query, delimiter) in [("", ","), ("?delimiter=;", ";")] {
            let reply = admin
                .get(&format!("{JOBS}/templates/{import_type}{query}"))
                .await?
                .expect_status(200)?;
            ensure!(
                reply.header("content-disposition")
                    == format!("attachment; filename=\"template-{import_type}.csv\""),
                "{:?}",
                reply.headers
            );
            ensure!(
                reply.body.starts_with("\u{feff}".as_bytes()),
                "no mark of UTF-8"
            );
            let reply = admin
                .upload(import_type, "template.csv", &reply.body)
                .await?;
            let uploaded = reply.expect_status(200)?.json()?;
            ensure!(
                uploaded["delimiter"] == delimiter && uploaded["total_rows"] == 1,
                "{uploaded:#}"
            );
            ensure!(uploaded["unmapped_columns"] == json!([]), "{uploaded:#}");
            let job = uploaded["job_id"].as_str().context("job_id")?;
            let validated = admin.validate(job).await?;
            ensure!(
                validated["valid_rows"] == 1,
                "{import_type}: {validated:#} {:?}",
                admin.errors(job).await?
            );
            if delimiter == ";" {
                admin.import(job).await?;
            }
        }
    }
    for unknown in ["hotel", "Jamaah", "jamaah.csv"] {
        let reply = admin.get(&format!("{JOBS}/templates/{unknown}")).await?;
        ensure!(
            matches!(reply.status, 400 | 404),
            "{unknown}: {}",
            reply.status
        );
    }
    Ok(())
}

async fn failed_rows_can_be_corrected_and_uploaded_again(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "data.csv", two_mistakes(&package).as_bytes())
        .await?;
    let imported = admin.import(&job).await?;
    ensure!(
        imported["imported_rows"] == 10 && imported["failed_rows"] == 2,
        "{imported:#}"
    );

    let failed = failed_rows(&admin, &job).await?;
    ensure!(
        failed[0] == ["nama", "email", "paket_id", "_row_number", "_errors"],
        "{failed:?}"
    );
    ensure!(
        failed.len() == 3 && failed[1][3] == "5" && failed[2][3] == "12",
        "{failed:?}"
    );
    ensure!(
        failed[1][..3] == ["Ahmad", "ahmad@email", package.as_str()],
        "{failed:?}"
    );

    let reply = admin
        .get(&format!("{JOBS}/{job}/failed-rows"))
        .await?
        .expect_status(200)?;
    let corrected = reply
        .text()?
        .replacen("ahmad@email,", "ahmad@email.com,", 1)
        .replacen("siti@contoh.id,,", &format!("siti@contoh.id,{package},"), 1);
    let job = admin
        .job("jamaah", "perbaikan.csv", corrected.as_bytes())
        .await?;
    let imported = admin.import(&job).await?;
    ensure!(
        imported["imported_rows"] == 2 && imported["failed_rows"] == 0,
        "{imported:#} {:?}\n{corrected}",
        admin.errors(&job).await?
    );
    Ok(())
}

async fn reports_come_back_as_the_spreadsheet_of_the_source_writes_them(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    for delimiter in [',', ';', '\t'] {
        let line = |cells: [&str; 4]| cells.join(&delimiter.to_string());
        let file = [
            line(["nama", "alamat", "email", "paket_id"]),
            line([
                "Siti Nurhayé",
                "\"Jl. Mawar; No 5, Bogor\"",
                "siti@x",
                &package,
            ]),
            line(["Budi", "Depok", "budi@contoh.id", &package]),
        ]
        .join("\r\n");
        let job = admin.job("jamaah", "data.csv", file.as_bytes()).await?;
        admin.validate(&job).await?;
        let get = async |path: &str| -> Result<String> {
            let reply = admin.get(&format!("{JOBS}/{job}/{path}")).await?;
            let text = reply.expect_status(200)?.text()?;
            let text = text.strip_prefix('\u{feff}').context("no mark of UTF-8")?;
            Ok(text.to_owned())
        };
        let source = get("failed-rows").await?;
        let header = [
            "nama",
            "alamat",
            "email",
            "paket_id",
            "_row_number",
            "_errors",
        ];
        ensure!(
            source.starts_with(&header.join(&delimiter.to_string())),
            "{source}"
        );
        ensure!(
            source.contains("\"Jl. Mawar; No 5, Bogor\"") || delimiter == '\t',
            "{source}"
        );
        ensure!(
            get("failed-rows?delimiter=;")
                .await?
                .starts_with(&header.join(";"))
        );
        ensure!(get("errors").await?.starts_with("row_number,error_type,"));
        ensure!(
            get("errors?delimiter=;")
                .await?
                .starts_with("row_number;error_type;")
        );
        for path in ["errors?delimiter=x", "failed-rows?delimiter=%7C"] {
            let reply = admin.get(&format!("{JOBS}/{job}/{path}")).await?;
            ensure!(reply.status == 400, "{path}: {}", reply.status);
        }
        // Corrected, and uploaded otherwise unchanged.
        let corrected = format!("\u{feff}{}", source.replacen("siti@x", "siti@contoh.id", 1));
        let job = admin
            .job("jamaah", "perbaikan.csv", corrected.as_bytes())
            .await?;
        let validated = admin.validate(&job).await?;
        ensure!(validated["valid_rows"] == 1, "{validated:#}");
    }
    Ok(())
}

async fn failed_rows(admin: &Client, job: &str) -> Result<Vec<Vec<String>>> {
    let reply = admin
        .get(&format!("{JOBS}/{job}/failed-rows"))
        .await?
        .expect_status(200)?;
    crate::harness::records(&reply.text()?)
}

async fn errors_are_paged_as_json_too(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin
        .job("jamaah", "data.csv", two_mistakes(&package).as_bytes())
        .await?;
    admin.validate(&job).await?;
    let get = async |query: &str| {
        admin
            .get_json(&format!("{JOBS}/{job}/errors?format=json{query}"))
            .await
    };

    let all = get("").await?;
    ensure!(all["total"] == 2 && all["page"] == 1, "{all:#}");
    has_shape(
        &all["data"][0],
        &json!({"id": "uuid", "migration_job_id": "uuid", "row_number": 5, "error_type": "", "field_name": null,
            "error_message": "", "expected_format": null, "received_value": null, "row_data": {}, "created_at": "…Z"}),
    )?;
    ensure!(all["data"][0]["row_data"]["nama"] == "Ahmad", "{all:#}");
    let second = get("&page=2&limit=1").await?;
    ensure!(
        second["data"][0]["row_number"] == 12 && second["total"] == 2,
        "{second:#}"
    );
    let missing = get("&error_type=missing_required").await?;
    ensure!(
        missing["total"] == 1 && missing["data"][0]["field_name"] == "paket_id",
        "{missing:#}"
    );
    let email = get("&field_name=email").await?;
    ensure!(
        email["total"] == 1 && email["data"][0]["error_type"] == "invalid_format",
        "{email:#}"
    );
    Ok(())
}
