//! What is kept of refused rows: each once, all of an ordinary file, a bounded part of a flood, and every count is exact.

use anyhow::{Context, Result, ensure};

use serde_json::json;

use crate::harness::{App, Backend, Client, JOBS, Person, on_both_engines, records};

on_both_engines! {
    a_row_is_kept_once_however_many_errors_it_has,
    a_flood_of_errors_is_counted_in_full_and_kept_in_part,
    errors_have_codes_and_can_be_asked_for_by_them,
    accepted_but_doubtful_rows_are_warnings_and_not_errors,
    an_import_writes_only_those_findings_that_its_validation_did_not_store,
    kept_rows_of_a_rollback_are_listed_up_to_a_bound,
}

/// A header of the usual columns and thousands without a name, as of a sheet that was formatted out to its last column.
fn wide_file(empty: usize, rows: usize) -> Vec<u8> {
    let commas = ",".repeat(empty);
    let mut file =
        format!("nama,email,telepon,ktp,alamat,paket_id,jenis_kelamin,tanggal_lahir{commas}\n");
    for _ in 0..rows {
        file.push_str(&format!("1,a@,x,1,1,?,x,?{commas}\n"));
    }
    file.into_bytes()
}

async fn a_row_is_kept_once_however_many_errors_it_has(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file = wide_file(2_000, 30);
    let job = admin.job("jamaah", "lebar.csv", &file).await?;
    let validated = admin.validate(&job).await?;
    ensure!(validated["invalid_rows"] == 30, "{validated:#}");
    let errors = admin.errors(&job).await?;
    ensure!(errors.len() >= 5 * 30, "{} errors", errors.len());
    ensure!(app.number("SELECT count(*) FROM migration_rows").await? == 30);
    let bytes = app
        .number("SELECT CAST(sum(bytes) AS bigint) FROM migration_rows")
        .await?;
    ensure!(
        usize::try_from(bytes)? <= file.len(),
        "{bytes} bytes of a file of {}",
        file.len()
    );
    let page = admin
        .get_json(&format!("{JOBS}/{job}/errors?format=json&limit=100"))
        .await?;
    ensure!(page["total"] == errors.len() && page["data"][99]["row_data"]["email"] == "a@");
    let row = page["data"][0]["row_data"]
        .as_object()
        .context("an object")?;
    ensure!(
        row.len() == 2_008 && row["Kolom 2008"] == "",
        "{} cells",
        row.len()
    );
    let failed = records(&failed_rows(&admin, &job).await?)?;
    ensure!(failed.len() == 31 && failed[1].len() == 2_010);
    ensure!(
        failed[30][1] == "a@" && failed[30][2_008] == "31",
        "{:?}",
        failed[30]
    );
    Ok(())
}

async fn failed_rows(admin: &Client, job: &str) -> Result<String> {
    let reply = admin.get(&format!("{JOBS}/{job}/failed-rows")).await?;
    reply.expect_status(200)?.text()
}

/// Bytes of the database, without what its engine keeps to go back or to use again.
async fn database_bytes(app: &App) -> Result<u64> {
    let bytes = match app.backend {
        Backend::Sqlite => {
            app.number(
                "SELECT (SELECT page_count FROM pragma_page_count()) * (SELECT page_size FROM pragma_page_size())",
            )
            .await?
        }
        Backend::Postgres => app.number("SELECT pg_database_size(current_database())").await?,
    };
    Ok(u64::try_from(bytes)?)
}

async fn a_flood_of_errors_is_counted_in_full_and_kept_in_part(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let rows = 250_000;
    let file = format!("nama,paket_id\n{}", "a,?,x\n".repeat(rows));
    let before = database_bytes(app).await?;
    let job = admin.job("jamaah", "banjir.csv", file.as_bytes()).await?;
    let validated = admin.validate(&job).await?;
    ensure!(
        validated["invalid_rows"] == rows && validated["error_summary"]["invalid_format"] == rows,
        "{validated:#}"
    );
    let grown = database_bytes(app).await?.saturating_sub(before);
    ensure!(
        grown <= 5 * file.len() as u64,
        "{grown} bytes for a file of {}",
        file.len()
    );
    let kept = app.number("SELECT count(*) FROM migration_errors").await?;
    let left_out = &validated["metadata"]["leftOut"];
    let left = rows - usize::try_from(kept)?;
    ensure!(kept >= 2_000 && left > 0, "{kept} kept");
    ensure!(
        left_out["rows"] == left && left_out["errors"] == left,
        "{left_out}"
    );

    // Both reports say so, in words.
    let errors = admin.errors(&job).await?;
    let last = errors.last().context("has lines")?;
    ensure!(errors.len() == usize::try_from(kept)? + 1);
    ensure!(
        last[0].is_empty()
            && last[3].starts_with(&format!("{left} kesalahan lain pada {left} baris")),
        "{last:?}"
    );
    let failed = failed_rows(&admin, &job).await?;
    let note = failed.lines().last().unwrap_or_default();
    ensure!(
        note.contains(&format!("[i] {left} baris gagal lainnya")),
        "{note}"
    );

    // The corrected file is accepted: the note does not count as a row.
    let again = admin.job("jamaah", "lagi.csv", failed.as_bytes()).await?;
    let again = admin.validate(&again).await?;
    ensure!(
        again["total_rows"] == kept && again["invalid_rows"] == kept,
        "{again:#}"
    );
    admin.act(&job, "cancel").await?.expect_status(200)?;
    admin.remove(&format!("{JOBS}/{job}")).await?;
    Ok(())
}

async fn errors_have_codes_and_can_be_asked_for_by_them(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!(
        "Nama Lengkap,E-mail,Paket\nAli,ali@,{package}\nBudi,budi@x.id,\nA,,{package},lebih\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let get = async |query: &str| {
        let path = format!("{JOBS}/{job}/errors?format=json{query}");
        admin.get_json(&path).await
    };
    let all = get("").await?;
    ensure!(all["total"] == 3, "{all:#}");
    let [email, required, damaged] = [0, 1, 2].map(|place| &all["data"][place]);
    ensure!(
        email["code"] == "email" && email["column"] == "E-mail" && email["column_index"] == 1,
        "{email:#}"
    );
    ensure!(required["code"] == "required" && required["severity"] == "error");
    ensure!(
        damaged["code"] == "too_many_cells" && damaged["column_index"].is_null(),
        "{damaged:#}"
    );
    ensure!(
        damaged["params"]["expected"] == "3" && damaged["params"]["found"] == "4",
        "{damaged:#}"
    );
    for (query, total) in [
        ("&code=email", 1),
        ("&code=e%00mail", 0),
        ("&row_number=3", 1),
        ("&severity=error", 3),
        ("&severity=warning", 0),
    ] {
        let page = get(query).await?;
        ensure!(page["total"] == total, "{query}: {page:#}");
    }
    let light = get("&row_data=false&limit=1000").await?;
    ensure!(light["data"][0].get("row_data").is_none(), "{light:#}");
    for query in [
        "&limit=101",
        "&row_data=false&limit=1001",
        "&severity=x",
        "&row_number=0",
    ] {
        let path = format!("{JOBS}/{job}/errors?format=json{query}");
        admin.get(&path).await?.expect_status(400)?;
    }
    Ok(())
}

async fn accepted_but_doubtful_rows_are_warnings_and_not_errors(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    // The NIK says that she was born on 5 May 1990.
    let file = format!(
        "nama,ktp,tanggal_lahir,jenis_kelamin,paket_id\nSiti,3175014505909001,1991-07-17,P,{package}\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    let validated = admin.validate(&job).await?;
    ensure!(
        validated["valid_rows"] == 1 && validated["warning_rows"] == 1,
        "{validated:#}"
    );
    ensure!(validated["error_report_url"].is_null());
    ensure!(
        admin.errors(&job).await?.is_empty(),
        "not in the published report"
    );
    let path = format!("{JOBS}/{job}/errors?format=json");
    let errors = admin.get_json(&path).await?;
    ensure!(errors["total"] == 0, "{errors:#}");
    let path = format!("{path}&severity=warning");
    let warnings = admin.get_json(&path).await?;
    ensure!(
        warnings["data"][0]["severity"] == "warning" && warnings["data"][0]["row_number"] == 2,
        "{warnings:#}"
    );
    let done = admin.import(&job).await?;
    ensure!(
        done["imported_rows"] == 1 && done["failed_rows"] == 0 && done["warning_rows"] == 1,
        "{done:#}"
    );
    ensure!(
        done["error_summary"]["constraint_violation"] == 0,
        "{done:#}"
    );
    Ok(())
}

async fn an_import_writes_only_those_findings_that_its_validation_did_not_store(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    // Rows 12, 5002 and 6002 are wrong; an import's first batch ends before the last two.
    let job = admin.people(6_010, &[10, 5_000, 6_000], &package).await?;
    admin.validate(&job).await?;
    let mut direct = app.direct().await?;
    let findings = format!(
        "SELECT CAST(row_number AS text), {} FROM migration_errors ORDER BY row_number, id",
        direct.hex("id")
    );
    let validated = direct.rows(&findings).await?;
    ensure!(validated.len() == 3, "{validated:?}");
    // Somebody enters a person of the second batch by hand.
    let person = Person::numbered(5_500, false);
    let body = json!({ "nama": person.nama, "ktp": person.ktp, "paket_id": package });
    admin.create("/api/v1/jamaah", &body).await?;
    let done = admin.import(&job).await?;
    ensure!(
        done["imported_rows"] == 6_006 && done["failed_rows"] == 4,
        "{done:#}"
    );
    let imported = direct.rows(&findings).await?;
    let rows = imported.iter().map(|finding| finding[0].as_str());
    ensure!(rows.eq(["12", "5002", "5502", "6002"]), "{imported:?}");
    ensure!(imported[0] == validated[0], "left where it was");
    ensure!(imported[1] != validated[1] && imported[3] != validated[2]);
    let failed = records(&failed_rows(&admin, &job).await?)?;
    let names = failed[1..].iter().map(|row| row[0].clone());
    let expected = [10, 5_000, 5_500, 6_000].map(|number| Person::numbered(number, false).nama);
    ensure!(names.eq(expected), "{failed:?}");
    Ok(())
}

async fn kept_rows_of_a_rollback_are_listed_up_to_a_bound(app: &mut App) -> Result<()> {
    const ROWS: usize = 700;
    let (admin, package) = app.admin_with_package().await?;
    let file = crate::harness::jamaah_file(ROWS, &[], &package);
    let job = admin.job("jamaah", "a.csv", &file).await?;
    admin.import(&job).await?;
    app.execute("UPDATE jamaah SET version = 2 WHERE import_row_number > 10")
        .await?;
    let path = format!("{JOBS}/{job}/rollback?keep_changed=true");
    let done = admin.post(&path).await?.expect_status(200)?.json()?;
    let kept = ROWS - 9;
    ensure!(
        done["removed_rows"] == 9 && done["kept_rows_total"] == kept,
        "{}",
        done["kept_rows_total"]
    );
    let listed = done["kept_rows"].as_array().context("a list")?;
    ensure!(
        listed.len() == 500 && listed[0]["row_number"] == 11,
        "{} are listed",
        listed.len()
    );
    Ok(())
}
