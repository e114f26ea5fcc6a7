//! Rows that are skipped because their record exists: counted, reported, and neither imported nor failed.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};
use serde_json::json;

use super::{as_planned, counts, job, planned, run};
use crate::harness::{App, Events, JOBS, any_package, new_package, on_both_engines};

on_both_engines! {
    rows_of_existing_records_are_skipped_and_counted,
    every_type_is_known_by_its_natural_key,
    records_of_another_tenant_are_not_skipped,
    a_rollback_keeps_skipped_records,
}

async fn rows_of_existing_records_are_skipped_and_counted(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,email,paket_id";
    let first = job(
        &admin,
        "jamaah",
        "skip",
        &format!("{header}\nSiti,3175010505909001,,{package}\nAli,,ali@example.com,{package}\n"),
    )
    .await?;
    as_planned(&admin, &first, [2, 0, 0, 0]).await?;

    // By the one key, by the other, by both of two people, new, wrong, and twice in the file itself.
    let second = job(
        &admin,
        "jamaah",
        "skip",
        &format!(
            "{header}\nSiti Lain,3175010505909001,baru@example.com,{package}\nAli Lain,,ALI@example.com,{package}\n\
             Siapa,3175010505909001,ali@example.com,{package}\nBudi,,budi@example.com,{package}\n,,,{package}\nBudi,,budi@example.com,{package}\n"
        ),
    )
    .await?;
    let mut events = Events::connect(&admin).await?;
    let (plan, status) = run(&admin, &second).await?;
    ensure!(planned(&plan) == [1, 0, 2, 3], "{plan:#}");
    ensure!(counts(&status) == [1, 0, 2, 3], "{status:#}");
    ensure!(
        status["imported_rows"] == 1 && status["total_rows"] == 6,
        "{status:#}"
    );
    let notices = status["metadata"]["notices"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    ensure!(
        notices
            .iter()
            .any(|notice| notice["code"] == "existing_skipped"
                && notice["params"] == json!({"rows": "2"})),
        "{notices:#?}"
    );
    // The row of two people, the row without a name, and the repeated one; none of the skipped rows.
    let errors = admin.errors(&second).await?;
    let failed: BTreeSet<&str> = errors.iter().map(|cells| cells[0].as_str()).collect();
    ensure!(failed == BTreeSet::from(["4", "6", "7"]), "{failed:?}");
    let reported = events.until("migration:completed").await?;
    let validated = reported
        .iter()
        .find(|(name, _)| name == "migration:validated");
    ensure!(
        validated
            .is_some_and(|(_, data)| data["skip_rows"] == 2 && data.get("update_rows").is_none()),
        "{reported:#?}"
    );
    ensure!(
        reported
            .last()
            .is_some_and(|(_, data)| data["skipped"] == 2 && data["imported"] == 1),
        "{reported:#?}"
    );
    let names = admin.get("/api/v1/jamaah?sort=nama:asc").await?.json()?;
    let names: Vec<_> = names["items"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| one["nama"].clone())
        .collect();
    ensure!(
        names == [json!("Ali"), json!("Budi"), json!("Siti")],
        "{names:?}"
    );
    ensure!(
        app.number("SELECT count(*) FROM jamaah WHERE version > 1")
            .await?
            == 0
    );
    Ok(())
}

async fn every_type_is_known_by_its_natural_key(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let people = format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n");
    let first = job(&admin, "jamaah", "reject", &people).await?;
    run(&admin, &first).await?;
    for (import_type, header, there, new) in [
        (
            "package",
            "nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas",
            "Umroh Hemat,9,25000000,2027-03-15,45",
            "Umroh Hemat,9,25000000,2027-04-15,45",
        ),
        (
            "payment",
            "jamaah_id,jumlah,tanggal_bayar,metode_pembayaran,nomor_referensi",
            "3175010505909001,1000000,2027-01-05,cash,KW-1",
            "3175010505909001,1000000,2027-01-05,cash,KW-2",
        ),
    ] {
        let one = job(&admin, import_type, "skip", &format!("{header}\n{there}\n")).await?;
        ensure!(counts(&run(&admin, &one).await?.1) == [1, 0, 0, 0]);
        let two = job(
            &admin,
            import_type,
            "skip",
            &format!("{header}\n{there}\n{new}\n"),
        )
        .await?;
        as_planned(&admin, &two, [1, 0, 1, 0]).await?;
    }
    Ok(())
}

async fn records_of_another_tenant_are_not_skipped(app: &mut App) -> Result<()> {
    let (admin, other) = (app.admin().await?, app.other_tenant().await?);
    let packages = [any_package(&admin).await?, new_package(&other).await?];
    for (client, package) in [&admin, &other].into_iter().zip(packages) {
        let file = format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n");
        let job = job(client, "jamaah", "skip", &file).await?;
        ensure!(counts(&run(client, &job).await?.1) == [1, 0, 0, 0]);
    }
    Ok(())
}

async fn a_rollback_keeps_skipped_records(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,paket_id";
    let there = format!("Siti,3175010505909001,{package}");
    let first = job(&admin, "jamaah", "reject", &format!("{header}\n{there}\n")).await?;
    run(&admin, &first).await?;
    let file = format!("{header}\n{there}\nAli,3175010505909002,{package}\n");
    let second = job(&admin, "jamaah", "reject", &file).await?;
    admin
        .redraft(&second, json!({"on_duplicate": "skip"}))
        .await?;
    ensure!(counts(&run(&admin, &second).await?.1) == [1, 0, 1, 0]);
    let preview = admin
        .get(&format!("{JOBS}/{second}/rollback"))
        .await?
        .json()?;
    ensure!(
        preview["can_rollback"] == true
            && preview["removable_rows"] == 1
            && preview["already_gone"] == 0,
        "{preview:#}"
    );
    let answer = admin.roll_back(&second).await?;
    ensure!(answer["removed_rows"] == 1, "{answer:#}");
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 1);
    Ok(())
}
