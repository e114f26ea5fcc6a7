//! Statements of the published document that no other test checks: the wording of row errors, how rows are counted, which events
//! come first and how many errors they contain, reports that are safe in a spreadsheet, actions without a body.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{App, Client, Events, JOBS, Wire, any_package, jamaah_file, on_both_engines};

on_both_engines! {
    row_errors_speak_as_published,
    rows_are_counted_as_a_spreadsheet_shows_them,
    a_validation_event_carries_a_hundred_errors_and_says_how_many_there_are,
    a_report_is_safe_in_a_spreadsheet_and_comes_back_unharmed,
    actions_need_no_body_and_ignore_one,
    a_job_without_errors_has_no_report,
    every_status_of_the_list_is_a_filter,
}

on_both_engines! {
    ["WORKER_CONCURRENCY" = "0"]
    a_new_listener_gets_the_status_of_running_jobs,
}

/// `(row_number, error_type, field_name, error_message, received_value)` of each error of a validated file.
async fn errors(admin: &Client, import_type: &str, file: &str) -> Result<Vec<Vec<String>>> {
    let job = admin.job(import_type, "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    admin.errors(&job).await
}

async fn row_errors_speak_as_published(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let stored = json!({"nama": "Siti", "email": "siti@contoh.id", "paket_id": package});
    admin.create("/api/v1/jamaah", &stored).await?;
    let nowhere = "01890a5d-ac96-774b-bcce-b302099a8057";
    let mut file = String::from("nama,email,paket_id\r\n");
    for row in 2..=16 {
        match row {
            5 => file.push_str(&format!("Ahmad,ahmad@email,{package}\r\n")),
            12 => file.push_str(&format!("Budi,budi@contoh.id,{package}\r\n")),
            13 => file.push_str(&format!("Badu,BUDI@contoh.id,{package}\r\n")),
            14 => file.push_str(&format!("Sita,siti@contoh.id,{package}\r\n")),
            15 => file.push_str(&format!("Wati,wati@contoh.id,{nowhere}\r\n")),
            16 => file.push_str("Dewi,dewi@contoh.id,\r\n"),
            row => file.push_str(&format!("Orang,orang{row}@contoh.id,{package}\r\n")),
        }
    }
    let found = errors(&admin, "jamaah", &file).await?;
    let no_package = format!("Paket dengan ID '{nowhere}' tidak ditemukan");
    let expected = [
        [
            "5",
            "invalid_format",
            "email",
            "Email tidak valid: ahmad@email",
            "ahmad@email",
        ],
        [
            "13",
            "duplicate",
            "email",
            "Nilai 'email' sudah ada di baris 12",
            "BUDI@contoh.id",
        ],
        [
            "14",
            "duplicate",
            "email",
            "Email sudah ada di sistem",
            "siti@contoh.id",
        ],
        [
            "15",
            "constraint_violation",
            "paket_id",
            &no_package,
            nowhere,
        ],
        [
            "16",
            "missing_required",
            "paket_id",
            "Field 'paket_id' wajib diisi",
            "",
        ],
    ];
    ensure!(found == expected, "{found:#?}");
    Ok(())
}

async fn rows_are_counted_as_a_spreadsheet_shows_them(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    // Row 1 the header, 2 with a line break inside, 3 blank, 4 good, 5 blank, 6 wrong.
    let file = format!(
        "nama,email,paket_id,alamat\r\n\
         Ahmad,satu@contoh.id,{package},\"Jl. Mawar 1\r\nJakarta\"\r\n\
         \r\n\
         Budi,dua@contoh.id,{package},x\r\n\
         ,,,\r\n\
         Cici,tiga@contoh,{package},x\r\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    let status = admin.import(&job).await?;
    for (key, expected) in [
        ("total_rows", 3),
        ("valid_rows", 2),
        ("invalid_rows", 1),
        ("processed_rows", 3),
        ("imported_rows", 2),
        ("failed_rows", 1),
        ("progress_percentage", 100),
    ] {
        ensure!(status[key] == expected, "{key}: {status:#}");
    }
    let found = admin.errors(&job).await?;
    ensure!(found.len() == 1 && found[0][0] == "6", "{found:#?}");
    Ok(())
}

async fn a_validation_event_carries_a_hundred_errors_and_says_how_many_there_are(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let wrong: Vec<usize> = (0..150).collect();
    let job = admin.people(151, &wrong, &package).await?;
    for wire in Wire::ALL {
        let mut events = Events::connect_over(wire, &admin).await?;
        admin.act(&job, "validate").await?.expect_status(200)?;
        let story = events.until("migration:validated").await?;
        let (_, validated) = story.last().context("an event")?;
        let listed = validated["errors"].as_array().context("errors")?;
        ensure!(
            listed.len() == 100 && validated["errors_total"] == 150,
            "{} of {}",
            listed.len(),
            validated["errors_total"]
        );
        let rows: Vec<u64> = listed
            .iter()
            .filter_map(|error| error["row_number"].as_u64())
            .collect();
        ensure!(rows == (2..102).collect::<Vec<u64>>(), "{rows:?}");
        ensure!(
            validated["error_summary"]["invalid_format"] == 150,
            "{validated:#}"
        );
    }
    Ok(())
}

async fn a_report_is_safe_in_a_spreadsheet_and_comes_back_unharmed(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let formulas = [
        "=1+1",
        "+6281",
        "-2+3",
        "@SUM(A1)",
        "\tx",
        "'=1",
        "''=1",
        "=HYPERLINK(\"http://x\",\"y\")",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(["nama", "email", "paket_id", "catatan"])?;
    for formula in formulas {
        writer.write_record(["Orang", formula, &package, formula])?;
    }
    let file = writer.into_inner()?;
    let job = admin.job("jamaah", "a.csv", &file).await?;
    admin.validate(&job).await?;
    for path in ["errors", "failed-rows"] {
        let reply = admin.get(&format!("{JOBS}/{job}/{path}")).await?;
        for record in crate::harness::records(&reply.expect_status(200)?.text()?)? {
            for cell in record {
                ensure!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                    "{path}: {cell}"
                );
            }
        }
    }
    let failed = admin.get(&format!("{JOBS}/{job}/failed-rows")).await?;
    ensure!(
        crate::harness::records(&failed.text()?)?.len() == formulas.len() + 1,
        "{}",
        failed.text()?
    );
    // Uploaded again unchanged, it causes the same errors for the same values.
    let again = admin.job("jamaah", "b.csv", &failed.body).await?;
    admin.validate(&again).await?;
    let values = async |job: &str| -> Result<Vec<Value>> {
        let page = admin
            .get_json(&format!("{JOBS}/{job}/errors?format=json&limit=100"))
            .await?;
        let rows = page["data"].as_array().context("data")?;
        Ok(rows
            .iter()
            .map(|row| {
                json!([
                    row["field_name"],
                    row["received_value"],
                    row["row_data"]["catatan"]
                ])
            })
            .collect())
    };
    let (first, second) = (values(&job).await?, values(&again).await?);
    ensure!(first == second, "{first:#?} {second:#?}");
    Ok(())
}

async fn actions_need_no_body_and_ignore_one(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(2, &[], &package).await?;
    let send = async |method: Method, path: String| {
        let request = admin
            .request(method, &path)
            .header("content-type", "application/json")
            .body("{\"status\": \"completed\", ");
        admin.send(request).await?.expect_status(200)
    };
    send(Method::POST, format!("{JOBS}/{job}/validate")).await?;
    admin
        .wait(&job, |status| !status["validated_at"].is_null())
        .await?;
    send(Method::POST, format!("{JOBS}/{job}/start")).await?;
    admin.finished(&job).await?;
    send(Method::POST, format!("{JOBS}/{job}/rollback")).await?;
    send(Method::DELETE, format!("{JOBS}/{job}")).await?;
    Ok(())
}

async fn a_job_without_errors_has_no_report(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(2, &[], &package).await?;
    for status in [admin.status(&job).await?, admin.import(&job).await?] {
        ensure!(
            status["error_report_url"].is_null() && status["error_message"].is_null(),
            "{status:#}"
        );
    }
    let status = admin.status(&job).await?;
    ensure!(
        status["started_at"].is_string() && status["completed_at"].is_string(),
        "{status:#}"
    );
    // If requested nevertheless, it consists of the header alone.
    ensure!(admin.errors(&job).await?.is_empty());
    Ok(())
}

async fn every_status_of_the_list_is_a_filter(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for status in [
        "pending",
        "validating",
        "importing",
        "completed",
        "failed",
        "rolled_back",
    ] {
        for import_type in ["jamaah", "payment", "package"] {
            let path = format!(
                "{JOBS}?status={status}&import_type={import_type}&page=1&limit=100&sort_by=created_at&sort_order=ASC"
            );
            let list = admin.get_json(&path).await?;
            ensure!(
                list == json!({"data": [], "total": 0, "page": 1, "limit": 100}),
                "{list}"
            );
        }
    }
    Ok(())
}

async fn a_new_listener_gets_the_status_of_running_jobs(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let foreigner = app.other_tenant().await?;
    let agent = app.user("agen", "agent").await?;
    let package = any_package(&admin).await?;
    let mut running = Vec::new();
    for first in 0..2 {
        let file = crate::harness::jamaah_file_from(first * 10, 2, &[], &package);
        let job = admin.job("jamaah", "a.csv", &file).await?;
        admin.act(&job, "validate").await?.expect_status(200)?;
        running.push(job);
    }
    // A job that is not running causes no event.
    admin
        .job("jamaah", "b.csv", &jamaah_file(1, &[], &package))
        .await?;
    for wire in Wire::ALL {
        let mut events = Events::connect_over(wire, &admin).await?;
        let mut sent = Vec::new();
        for _ in 0..2 {
            let (event, data) = events.next().await?;
            ensure!(
                event == "migration:status"
                    && data["status"] == "validating"
                    && data["status_display"] == "Memvalidasi",
                "{event} {data}"
            );
            sent.push(data["job_id"].as_str().context("job_id")?.to_owned());
        }
        sent.sort();
        running.sort();
        ensure!(sent == running, "{sent:?}");
    }
    let mut others = Vec::new();
    for client in [&foreigner, &agent] {
        for wire in Wire::ALL {
            others.push(Events::connect_over(wire, client).await?);
        }
    }
    app.server.signal("TERM")?;
    for socket in others {
        socket.expect_silence().await?;
    }
    Ok(())
}
