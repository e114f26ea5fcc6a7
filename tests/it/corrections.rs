//! Correcting a file: errors grouped by cause, failed rows one by one, edits in place, corrected files, and the preview of a
//! rollback.

use std::{fmt::Write as _, time::Duration};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Client, Events, JOBS, jamaah_file, on_both_engines};

on_both_engines! {
    errors_are_grouped_by_cause_with_what_may_have_been_meant,
    values_of_sensitive_fields_are_covered_in_groups,
    failed_rows_come_as_data_part_by_part,
    failed_rows_are_edited_in_place,
    edits_are_refused_where_they_make_no_sense,
    corrections_are_counted_with_the_job_that_they_correct,
    a_failed_row_is_corrected_by_its_number_whatever_else_is_in_the_file,
    what_a_rollback_keeps_of_a_correction_stays_corrected,
    a_correction_that_changes_records_corrects_and_one_that_skips_them_does_not,
    a_rollback_can_be_previewed,
    a_validation_reports_its_progress,
}

async fn get(client: &Client, path: &str) -> Result<Value> {
    client.get_json(&format!("{JOBS}/{path}")).await
}

async fn errors_are_grouped_by_cause_with_what_may_have_been_meant(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let packages = admin.items("packages").await?;
    let (name, id) = (
        packages[0]["nama"].as_str().context("nama")?,
        packages[0]["id"].as_str().context("id")?,
    );
    let typo = format!("{name}x");
    let mut file = String::from("Nama,E-mail,Paket,JK\n");
    for row in 0..5 {
        file.push_str(&format!("Orang {row},orang{row}@contoh.id,{typo},L\n"));
    }
    file.push_str(&format!("Siti,siti@,{id},Perempuann\n"));
    file.push_str(&format!("Budi,budi@,{id},L,lebih\n"));
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let groups = get(&admin, &format!("{job}/error-groups")).await?;
    ensure!(
        groups["total_rows"] == 7 && groups["total_errors"] == 8,
        "{groups:#}"
    );
    let first = &groups["data"][0];
    ensure!(
        first["code"] == "reference_not_found"
            && first["rows"] == 5
            && first["first_rows"] == json!([2, 3, 4])
            && first["column"] == "Paket"
            && first["column_index"] == 2
            && first["fix"] == "value_mapping"
            && first["values_total"] == 1
            && first["values"][0]["rows"] == 5,
        "{first:#}"
    );
    let suggestion = &first["values"][0]["suggestions"][0];
    ensure!(suggestion["value"] == id, "{first:#}");
    let of = |code: &str| {
        let mut groups = groups["data"].as_array().into_iter().flatten();
        groups.find(|group| group["code"] == code).cloned()
    };
    ensure!(of("email").context("email")?["fix"] == "edit", "{groups:#}");
    ensure!(
        of("too_many_cells").context("damage")?["fix"] == "file",
        "{groups:#}"
    );
    let choice = of("choice").context("choice")?;
    ensure!(choice["fix"] == "value_mapping", "{choice:#}");
    ensure!(get(&admin, &format!("{job}/error-groups?severity=warning")).await?["total_rows"] == 0);
    admin
        .get(&format!("{JOBS}/{job}/error-groups?severity=x"))
        .await?
        .expect_status(400)?;
    // A row whose record exists already needs no correction.
    let done = admin
        .job(
            "jamaah",
            "b.csv",
            format!("nama,email,paket_id\nAli,ali@contoh.id,{id}\n").as_bytes(),
        )
        .await?;
    admin.import(&done).await?;
    let again = admin
        .job(
            "jamaah",
            "c.csv",
            format!("nama,email,paket_id\nAlii,ali@contoh.id,{id}\n").as_bytes(),
        )
        .await?;
    admin.validate(&again).await?;
    let groups = get(&admin, &format!("{again}/error-groups")).await?;
    ensure!(groups["data"][0]["fix"] == "none", "{groups:#}");
    Ok(())
}

async fn values_of_sensitive_fields_are_covered_in_groups(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,ktp,paket_id\nSiti,317501450590900,{package}\n");
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let groups = get(&admin, &format!("{job}/error-groups")).await?;
    let value = groups["data"][0]["values"][0]["value"]
        .as_str()
        .context("a value")?;
    ensure!(
        value.contains('*') && !value.contains("0145059090"),
        "{groups:#}"
    );
    Ok(())
}

async fn failed_rows_come_as_data_part_by_part(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file = "Nama,E-mail,Paket\nAli,ali@,?\nBudi,budi@,?\nCici,c@contoh.id,?\n";
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let path = format!("{job}/failed-rows?format=json");
    let part = get(&admin, &format!("{path}&limit=2")).await?;
    ensure!(
        part["total"] == 3
            && part["next"] == 3
            && part["columns"] == json!(["Nama", "E-mail", "Paket"]),
        "{part:#}"
    );
    let row = &part["data"][0];
    ensure!(
        row["row_number"] == 2
            && row["cells"] == json!(["Ali", "ali@", "?"])
            && row["amended"] == false
            && row["errors"].as_array().map(Vec::len) == Some(2)
            && row["errors"][0]["code"] == "email"
            && row["errors"][0]["column_index"] == 1,
        "{row:#}"
    );
    let rest = get(&admin, &format!("{path}&limit=2&after=3")).await?;
    ensure!(
        rest["next"].is_null() && rest["data"][0]["row_number"] == 4,
        "{rest:#}"
    );
    for (query, total) in [
        ("&code=email", 2),
        ("&column_index=2", 3),
        ("&column_index=0", 0),
        ("&code=e%00mail", 0),
        ("&severity=warning", 0),
    ] {
        let part = get(&admin, &format!("{path}{query}")).await?;
        ensure!(part["total"] == total, "{query}: {part:#}");
    }
    for query in [
        "&limit=0",
        "&limit=101",
        "&after=-1",
        "&delimiter=;",
        "&format=csv",
    ] {
        let path = format!("{JOBS}/{path}{query}");
        admin.get(&path).await?.expect_status(400)?;
    }
    Ok(())
}

fn edits(rows: &Value) -> Value {
    json!({ "rows": rows })
}

async fn failed_rows_are_edited_in_place(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!(
        "nama,email,paket_id\nAli,ali@,{package}\nBudi,budi@,{package}\nCici,c@contoh.id,{package},lebih\nDidi,d@contoh.id,{package}\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    ensure!(admin.validate(&job).await?["invalid_rows"] == 3);
    let path = format!("{JOBS}/{job}/amendments");
    let amend = async |rows: Value| admin.change(&path, &edits(&rows)).await;
    let answer = amend(json!([
        {"row_number": 2, "cells": {"1": "ali@contoh.id"}},
        {"row_number": 3, "cells": {"1": "masih salah"}},
        {"row_number": 4, "cells": {"0": "Cici", "1": "c@contoh.id", "2": package}},
    ]))
    .await?;
    ensure!(
        answer["amended_rows"] == 3
            && answer["data"][0] == json!({"row_number": 2, "valid": true, "errors": []})
            && answer["data"][1]["valid"] == false
            && answer["data"][1]["errors"][0]["code"] == "email"
            && answer["data"][2]["valid"] == true,
        "{answer:#}"
    );
    let message = answer["data"][1]["errors"][0]["message"]
        .as_str()
        .unwrap_or_default();
    ensure!(message.contains("masih salah"), "{answer:#}");
    // Both forms of the list show the edited cells.
    let part = get(&admin, &format!("{job}/failed-rows?format=json")).await?;
    ensure!(
        part["data"][0]["amended"] == true && part["data"][0]["cells"][1] == "ali@contoh.id",
        "{part:#}"
    );
    let csv = admin.get(&format!("{JOBS}/{job}/failed-rows")).await?;
    ensure!(csv.expect_status(200)?.text()?.contains("ali@contoh.id"));
    let answer = amend(json!([{"row_number": 3, "cells": null}])).await?;
    ensure!(
        answer["amended_rows"] == 2 && answer["data"][0]["valid"] == false,
        "{answer:#}"
    );
    let listed = get(&admin, &format!("{job}/amendments")).await?;
    ensure!(
        listed["amended_rows"] == 2
            && listed["data"][0] == json!({"row_number": 2, "cells": {"1": "ali@contoh.id"}}),
        "{listed:#}"
    );
    // A start validates again first, so that every imported row was validated in its edited form.
    let done = admin.import(&job).await?;
    ensure!(
        done["imported_rows"] == 3 && done["failed_rows"] == 1 && done["invalid_rows"] == 1,
        "{done:#}"
    );
    let stored = admin.items("jamaah").await?;
    ensure!(
        stored.iter().any(|row| row["email"] == "ali@contoh.id"),
        "{stored:#?}"
    );
    let errors = admin.errors(&job).await?;
    ensure!(errors.len() == 1 && errors[0][0] == "3", "{errors:?}");
    Ok(())
}

async fn edits_are_refused_where_they_make_no_sense(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(3, &[0], &package).await?;
    let path = format!("{JOBS}/{job}/amendments");
    let amend = async |rows: Value| admin.patch_json(&path, &edits(&rows)).await;
    let sound = json!([{"row_number": 2, "cells": {"1": "a@contoh.id"}}]);
    let early = amend(sound.clone()).await?.expect_status(400)?.json()?;
    ensure!(early["code"] == "invalid_state", "{early:#}");
    admin.validate(&job).await?;
    // Row 3 did not fail, so the request is refused as a whole and the valid edit beside it is not kept either.
    let rows =
        json!([{"row_number": 2, "cells": {"1": "x"}}, {"row_number": 3, "cells": {"1": "x"}}]);
    let unknown = amend(rows).await?.expect_status(404)?.json()?;
    ensure!(unknown["code"] == "row_not_found", "{unknown:#}");
    ensure!(get(&admin, &format!("{job}/amendments")).await?["amended_rows"] == 0);
    let many: Vec<Value> = (0..201)
        .map(|row| json!({"row_number": row, "cells": null}))
        .collect();
    for rows in [
        json!([]),
        json!(many),
        json!([{"row_number": 2, "cells": {"99": "x"}}]),
        json!([{"row_number": 2, "cells": {"1": "a\u{0}b"}}]),
    ] {
        let refused = amend(rows).await?.expect_status(400)?.json()?;
        ensure!(refused["code"] == "validation_failed", "{refused:#}");
    }
    let other = app.other_tenant().await?;
    other
        .patch_json(&path, &edits(&sound))
        .await?
        .expect_status(404)?;
    amend(sound).await?.expect_status(200)?;
    // If the file is read in another way its rows differ, so earlier edits no longer apply.
    let change = json!({"header_row": 2});
    let changed = admin.patch_json(&format!("{JOBS}/{job}"), &change).await?;
    changed.expect_status(200)?;
    ensure!(get(&admin, &format!("{job}/amendments")).await?["amended_rows"] == 0);
    Ok(())
}

async fn corrections_are_counted_with_the_job_that_they_correct(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(4, &[0, 1], &package).await?;
    let corrects = [("corrects", job.as_str())];
    let file = format!("nama,email,paket_id,_row_number\nSiti,siti@contoh.id,{package},2\n");
    let early = admin
        .upload_with("jamaah", &corrects, "b.csv", file.as_bytes())
        .await?;
    ensure!(early.expect_status(400)?.json()?["code"] == "invalid_state");
    let done = admin.import(&job).await?;
    ensure!(
        done["still_failed_rows"] == 2 && done["corrections"] == json!([]),
        "{done:#}"
    );
    let other_type = admin
        .upload_with("payment", &corrects, "b.csv", file.as_bytes())
        .await?;
    ensure!(other_type.expect_status(400)?.json()?["code"] == "validation_failed");
    let answer = admin
        .upload_with("jamaah", &corrects, "b.csv", file.as_bytes())
        .await?;
    let correction = answer.job()?;
    ensure!(admin.import(&correction).await?["corrects"] == job.as_str());
    let status = admin.status(&job).await?;
    ensure!(
        status["still_failed_rows"] == 1
            && status["corrections"]
                == json!([{"job_id": correction, "status": "completed", "imported_rows": 1}]),
        "{status:#}"
    );
    let listed = admin.get(&format!("{JOBS}?corrects={job}")).await?;
    let listed = listed.expect_status(200)?.json()?;
    ensure!(
        listed["total"] == 1 && listed["data"][0]["id"] == correction,
        "{listed:#}"
    );
    admin.roll_back(&correction).await?;
    ensure!(admin.status(&job).await?["still_failed_rows"] == 2);
    // The corrected job can be deleted; its correction stays.
    admin.remove(&format!("{JOBS}/{job}")).await?;
    ensure!(admin.status(&correction).await?["corrects"].is_null());
    Ok(())
}

/// A file with the rows of another that failed, each with its number there.
fn corrected(rows: &[(&str, &str)], package: &str) -> Vec<u8> {
    let mut file = "nama,email,paket_id,_row_number,_errors\n".to_owned();
    for (name, number) in rows {
        let _ = writeln!(
            file,
            "{name},{name}@contoh.id,{package},{number},apa adanya"
        );
    }
    file.into_bytes()
}

/// Imports such a file; returns its job.
async fn correct(admin: &Client, job: &str, name: &str, file: &[u8]) -> Result<String> {
    let corrects = [("corrects", job)];
    let uploaded = admin.upload_with("jamaah", &corrects, name, file).await?;
    let correction = uploaded.job()?;
    admin.import(&correction).await?;
    Ok(correction)
}

async fn a_failed_row_is_corrected_by_its_number_whatever_else_is_in_the_file(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    // Rows 2, 3, 5 and 8 fail.
    let job = admin.people(8, &[0, 1, 3, 6], &package).await?;
    admin.import(&job).await?;
    let still = async |expected: u64| -> Result<()> {
        let status = admin.status(&job).await?;
        ensure!(
            status["still_failed_rows"] == expected && status["failed_rows"] == 4,
            "{expected} expected: {status:#}"
        );
        Ok(())
    };
    still(4).await?;
    // A part, not in the order of the file, as a workbook with guards writes numbers.
    let file = corrected(&[("lima", " 5 "), ("dua", "'2")], &package);
    correct(&admin, &job, "sebagian.csv", &file).await?;
    still(2).await?;
    // Row 5 again, by another person of that name; a row without a number, one with a number that no row has, one with the number of
    // a valid row, and one with text instead of a number: none of these corrects a failed row.
    let others = [
        ("ulang", "5"),
        ("baru", ""),
        ("jauh", "99"),
        ("sehat", "4"),
        ("negatif", "-3"),
        ("besar", "99999999999999999999"),
        ("judul", "1"),
    ];
    let again = correct(&admin, &job, "ulang.csv", &corrected(&others, &package)).await?;
    ensure!(admin.status(&again).await?["imported_rows"] == 7);
    still(2).await?;
    // A row that fails again is not corrected, and a row that occurs twice counts once.
    let file = corrected(
        &[("dua", "3"), ("tiga", "3"), ("kembar", "3"), ("", "8")],
        &package,
    );
    let third = correct(&admin, &job, "ketiga.csv", &file).await?;
    ensure!(admin.status(&third).await?["imported_rows"] == 2);
    still(1).await?;
    // A row that a rollback removes counts as failed again, unless another correction contains it too.
    admin.roll_back(&again).await?;
    still(1).await?;
    admin.roll_back(&third).await?;
    still(2).await?;
    // Corrected rows stay corrected when the correcting job is deleted.
    let fourth = correct(
        &admin,
        &job,
        "keempat.csv",
        &corrected(&[("delapan", "8")], &package),
    )
    .await?;
    still(1).await?;
    admin.remove(&format!("{JOBS}/{fourth}")).await?;
    still(1).await?;
    // Without that column nothing identifies the corrected rows.
    let file = format!("nama,email,paket_id\nTiga,tiga@lain.id,{package}\n");
    correct(&admin, &job, "tanpa.csv", file.as_bytes()).await?;
    still(1).await?;
    // What is known about its rows is deleted with the job.
    admin.remove(&format!("{JOBS}/{job}")).await?;
    ensure!(
        app.number("SELECT count(*) FROM migration_corrected_rows")
            .await?
            == 0
    );
    Ok(())
}

async fn what_a_rollback_keeps_of_a_correction_stays_corrected(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(4, &[0, 1, 2], &package).await?;
    admin.import(&job).await?;
    let file = corrected(&[("empat", "4"), ("tiga", "3"), ("dua", "2")], &package);
    let correction = correct(&admin, &job, "b.csv", &file).await?;
    ensure!(admin.status(&job).await?["still_failed_rows"] == 0);
    let found = admin.get("/api/v1/jamaah?search=tiga@contoh.id").await?;
    let found = found.expect_status(200)?.json()?;
    let id = found["items"][0]["id"].as_str().context("id")?;
    admin
        .change(
            &format!("/api/v1/jamaah/{id}"),
            &json!({"alamat": "Jl. Baru 1"}),
        )
        .await?;
    admin
        .act(&correction, "rollback?keep_changed=true")
        .await?
        .expect_status(200)?;
    ensure!(admin.status(&job).await?["still_failed_rows"] == 2);
    Ok(())
}

async fn a_correction_that_changes_records_corrects_and_one_that_skips_them_does_not(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let known = format!("nama,email,paket_id\nAhmad,ada@contoh.id,{package}\n");
    let known = admin.job("jamaah", "ada.csv", known.as_bytes()).await?;
    admin.import(&known).await?;
    let file = format!(
        "nama,email,alamat,paket_id\nAhmad,ada@contoh.id,Jl. Satu,{package}\nSiti,siti@contoh,,{package}\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    // Both rows fail: the record of one exists already, and the other has an incomplete address.
    admin.act(&job, "validate").await?.expect_status(200)?;
    admin
        .wait(&job, |status| !status["validated_at"].is_null())
        .await?;
    admin.act(&job, "cancel").await?.expect_status(200)?;
    let failed = admin.status(&job).await?;
    ensure!(
        failed["status"] == "failed" && failed["still_failed_rows"] == 2,
        "{failed:#}"
    );
    let file = format!(
        "nama,email,alamat,paket_id,_row_number\nAhmad,ada@contoh.id,Jl. Satu,{package},2\n"
    );
    for (choice, imported, still) in [("skip", 0, 2), ("update", 1, 1), ("update", 1, 1)] {
        let fields = [("on_duplicate", choice), ("corrects", &job)];
        let uploaded = admin.upload_with("jamaah", &fields, "b.csv", file.as_bytes());
        let done = admin.import(&uploaded.await?.job()?).await?;
        ensure!(done["imported_rows"] == imported, "{choice}: {done:#}");
        let status = admin.status(&job).await?;
        ensure!(status["still_failed_rows"] == still, "{choice}: {status:#}");
    }
    Ok(())
}

async fn a_rollback_can_be_previewed(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file = "nama,durasi_hari,tanggal_keberangkatan,kapasitas,harga_retail,harga_agen\n\
                Umroh Satu,9,2030-03-15,45,30000000,29000000\nUmroh Dua,9,2030-04-15,45,30000000,29000000\n";
    let packages = admin.job("package", "paket.csv", file.as_bytes()).await?;
    let preview = get(&admin, &format!("{packages}/rollback")).await?;
    ensure!(
        preview["can_rollback"] == false
            && preview["reason"] == "status"
            && preview["deadline"].is_null(),
        "{preview:#}"
    );
    let done = admin.import(&packages).await?;
    ensure!(done["imported_rows"] == 2, "{done:#}");
    let preview = get(&admin, &format!("{packages}/rollback")).await?;
    ensure!(
        preview["can_rollback"] == true
            && preview["reason"].is_null()
            && preview["removable_rows"] == 2,
        "{preview:#}"
    );
    let pilgrims = admin
        .job(
            "jamaah",
            "jamaah.csv",
            b"nama,email,paket_id\nSiti,siti@contoh.id,Umroh Satu\n",
        )
        .await?;
    ensure!(admin.import(&pilgrims).await?["imported_rows"] == 1);
    let before = admin.status(&packages).await?;
    let preview = get(&admin, &format!("{packages}/rollback")).await?;
    ensure!(
        preview["can_rollback"] == false
            && preview["reason"] == "conflict"
            && preview["imported_rows"] == 2
            && preview["removable_rows"] == 1
            && preview["referenced"] == 1
            && preview["changed"] == 0
            && preview["already_gone"] == 0,
        "{preview:#}"
    );
    ensure!(
        preview["blocked_by"]
            == json!([{"job_id": pilgrims, "file_name": "jamaah.csv", "import_type": "jamaah", "rows": 1, "can_rollback": true}]),
        "{preview:#}"
    );
    ensure!(
        preview["examples"][0]["label"] == "Umroh Satu"
            && preview["examples"][0]["reason"] == "referenced",
        "{preview:#}"
    );
    ensure!(
        admin.status(&packages).await? == before,
        "nothing was changed"
    );
    // The rollback itself finds the same.
    admin.act(&packages, "rollback").await?.expect_status(409)?;
    admin.roll_back(&pilgrims).await?;
    admin.roll_back(&packages).await?;
    let preview = get(&admin, &format!("{packages}/rollback")).await?;
    ensure!(
        preview["reason"] == "status" && preview["already_gone"] == 0,
        "{preview:#}"
    );
    Ok(())
}

async fn a_validation_reports_its_progress(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let rows = 20_000_u64;
    let file = jamaah_file(usize::try_from(rows)?, &[], &package);
    let job = admin.job("jamaah", "a.csv", &file).await?;
    let mut events = Events::connect(&admin).await?;
    admin.act(&job, "validate").await?.expect_status(200)?;
    let story =
        tokio::time::timeout(Duration::from_mins(1), events.until("migration:validated")).await??;
    let reported: Vec<u64> = story
        .iter()
        .filter(|(name, data)| {
            name == "migration:validation_progress" && data["job_id"] == job.as_str()
        })
        .filter_map(|(_, data)| data["processed"].as_u64())
        .collect();
    ensure!(!reported.is_empty(), "no progress was reported");
    ensure!(
        reported.is_sorted() && reported.iter().all(|processed| *processed <= rows),
        "{reported:?}"
    );
    ensure!(
        !story.iter().any(|(name, _)| name == "migration:progress"),
        "the published progress is of imports alone"
    );
    Ok(())
}
