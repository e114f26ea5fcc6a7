//! Rows that change an existing record: what they change and what they keep, and that the counts, the plan and the database
//! agree.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{as_planned, counts, job, planned, run};
use crate::harness::{
    App, Client, Events, any_package, jamaah_file_from, new_package, on_both_engines,
};

on_both_engines! {
    filled_cells_change_the_record_and_empty_ones_leave_it,
    every_type_is_changed_by_its_natural_key,
    a_file_creates_changes_and_refuses_at_once,
    two_rows_that_name_one_record_differently_are_not_both_taken,
    a_key_that_a_row_takes_from_a_record_stays_taken_for_the_file,
    a_row_equal_to_its_record_changes_nothing,
    a_change_by_import_is_the_change_by_request,
    the_import_decides_again_instead_of_following_the_plan,
    another_tenant_is_not_changed,
    a_row_edited_in_place_may_change_a_record,
    batches_of_changes_are_all_applied,
}

/// The people of a tenant by name.
async fn people(client: &Client) -> Result<BTreeMap<String, Value>> {
    let people = client.items("jamaah").await?;
    people
        .into_iter()
        .map(|one| Ok((one["nama"].as_str().context("nama")?.to_owned(), one)))
        .collect()
}

async fn imported(client: &Client, file: &str) -> Result<String> {
    let id = job(client, "jamaah", "reject", file).await?;
    run(client, &id).await?;
    Ok(id)
}

async fn filled_cells_change_the_record_and_empty_ones_leave_it(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let (package, other) = (any_package(&admin).await?, new_package(&admin).await?);
    let first = imported(
        &admin,
        &format!(
            "nama,ktp,email,telepon,alamat,status,catatan,paket_id\n\
             Siti,3175010505909001,siti@example.com,081234567890,Jl. Lama,registered,kursi roda,{package}\n"
        ),
    )
    .await?;
    let before = people(&admin).await?["Siti"].clone();
    // No column alamat, no status; an empty catatan and telepon; another e-mail address, name and package.
    let file = format!(
        "nama,ktp,email,telepon,catatan,paket_id\nSiti Aminah,3175010505909001,baru@example.com,,,{other}\n"
    );
    let second = job(&admin, "jamaah", "update", &file).await?;
    let mut events = Events::connect(&admin).await?;
    let (plan, status) = run(&admin, &second).await?;
    ensure!(planned(&plan) == [0, 1, 0, 0], "{plan:#}");
    ensure!(
        counts(&status) == [0, 1, 0, 0] && status["imported_rows"] == 1,
        "{status:#}"
    );
    let after = people(&admin).await?["Siti Aminah"].clone();
    ensure!(
        after["email"] == "baru@example.com" && after["paket_id"] == other.as_str(),
        "{after:#}"
    );
    for kept in [
        "id",
        "ktp",
        "telepon",
        "alamat",
        "status",
        "catatan",
        "created_at",
    ] {
        ensure!(after[kept] == before[kept], "{kept}: {after:#}");
    }
    ensure!(
        after["version"] == 2 && after["migration_job_id"] == first.as_str(),
        "{after:#}"
    );
    // It is found by its new name.
    let payments =
        "jamaah_id,jumlah,tanggal_bayar,metode_pembayaran\nSITI  AMINAH,1000000,2027-01-05,cash\n";
    let paid = job(&admin, "payment", "reject", payments).await?;
    ensure!(counts(&run(&admin, &paid).await?.1) == [1, 0, 0, 0]);

    let reported = events.until("migration:completed").await?;
    let validated = reported
        .iter()
        .find(|(name, _)| name == "migration:validated");
    ensure!(
        validated
            .is_some_and(|(_, data)| data["update_rows"] == 1 && data.get("skip_rows").is_none()),
        "{reported:#?}"
    );
    ensure!(
        reported
            .last()
            .is_some_and(|(_, data)| data["updated"] == 1 && data["imported"] == 1),
        "{reported:#?}"
    );
    Ok(())
}

async fn every_type_is_changed_by_its_natural_key(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    imported(
        &admin,
        &format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n"),
    )
    .await?;
    for (import_type, resource, header, there, changed, field, value) in [
        (
            "package",
            "packages",
            "nama,durasi_hari,harga_retail,tanggal_keberangkatan,kapasitas",
            "Umroh Hemat,9,25000000,2027-03-15,45",
            "UMROH  hemat,9,26000000,2027-03-15,45",
            "harga_retail",
            26_000_000,
        ),
        (
            "payment",
            "payments",
            "jamaah_id,jumlah,tanggal_bayar,metode_pembayaran,nomor_referensi",
            "3175010505909001,1000000,2027-01-05,cash,KW-1",
            "Siti,2000000,2027-01-06,cash,KW-1",
            "jumlah",
            2_000_000,
        ),
    ] {
        let one = job(
            &admin,
            import_type,
            "update",
            &format!("{header}\n{there}\n"),
        )
        .await?;
        ensure!(counts(&run(&admin, &one).await?.1) == [1, 0, 0, 0]);
        let two = job(
            &admin,
            import_type,
            "update",
            &format!("{header}\n{changed}\n"),
        )
        .await?;
        as_planned(&admin, &two, [0, 1, 0, 0]).await?;
        let records = admin.items(resource).await?;
        let record = records
            .iter()
            .find(|record| record["migration_job_id"] == one.as_str())
            .context("the record")?;
        ensure!(
            record[field] == value && record["version"] == 2,
            "{record:#}"
        );
        let undone = admin.roll_back(&two).await?;
        ensure!(
            undone["restored_rows"] == 1 && undone["removed_rows"] == 0,
            "{undone:#}"
        );
        let undone = admin.roll_back(&one).await?;
        ensure!(undone["removed_rows"] == 1, "{undone:#}");
    }
    Ok(())
}

async fn a_file_creates_changes_and_refuses_at_once(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,email,paket_id";
    imported(
        &admin,
        &format!("{header}\nSiti,3175010505909001,,{package}\nAli,,ali@example.com,{package}\n"),
    )
    .await?;
    let file = format!(
        "{header}\nBaru,,baru@example.com,{package}\nSiti Dua,3175010505909001,,{package}\n\
         Siapa,3175010505909001,ali@example.com,{package}\nAli Dua,,ALI@example.com,{package}\n\
         ,,x@example.com,{package}\nSiti Tiga,3175010505909001,,{package}\nTanpa Kunci,,,{package}\n"
    );
    let mixed = job(&admin, "jamaah", "update", &file).await?;
    as_planned(&admin, &mixed, [2, 2, 0, 3]).await?;
    let names: Vec<_> = people(&admin).await?.into_keys().collect();
    ensure!(
        names == ["Ali Dua", "Baru", "Siti Dua", "Tanpa Kunci"],
        "{names:?}"
    );
    Ok(())
}

async fn two_rows_that_name_one_record_differently_are_not_both_taken(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,email,paket_id";
    imported(
        &admin,
        &format!("{header}\nSiti,3175010505909001,siti@example.com,{package}\n"),
    )
    .await?;
    let file =
        format!("{header}\nSatu,3175010505909001,,{package}\nDua,,siti@example.com,{package}\n");
    let twice = job(&admin, "jamaah", "update", &file).await?;
    as_planned(&admin, &twice, [0, 1, 0, 1]).await?;
    let path = format!("{}/{twice}/errors?format=json", crate::harness::JOBS);
    let errors = admin.get(&path).await?.json()?;
    ensure!(
        errors["data"][0]["code"] == "record_in_file"
            && errors["data"][0]["error_type"] == "duplicate"
            && errors["data"][0]["params"]["row"] == "2",
        "{errors:#}"
    );
    ensure!(people(&admin).await?.contains_key("Satu"));
    Ok(())
}

/// The file is longer than a batch, so that the earlier row may be stored before the later one is checked.
async fn a_key_that_a_row_takes_from_a_record_stays_taken_for_the_file(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,email,paket_id";
    imported(
        &admin,
        &format!(
            "{header}\nSiti,3175010505909001,siti@example.com,{package}\nAli,3175010505909002,ali@example.com,{package}\n"
        ),
    )
    .await?;
    let mut file = format!("{header}\nSiti,3175010505909001,baru@example.com,{package}\n");
    for number in 0..12_000 {
        file.push_str(&format!(
            "Orang {number},,orang{number}@example.com,{package}\n"
        ));
    }
    // The old address of Siti, for Ali and for a new person.
    file.push_str(&format!(
        "Ali,3175010505909002,siti@example.com,{package}\nLain,,siti@example.com,{package}\n"
    ));
    let long = job(&admin, "jamaah", "update", &file).await?;
    let (plan, status) = run(&admin, &long).await?;
    ensure!(planned(&plan) == [12_000, 1, 0, 2], "{plan:#}");
    ensure!(counts(&status) == [12_000, 1, 0, 2], "{status:#}");
    Ok(())
}

async fn a_row_equal_to_its_record_changes_nothing(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = String::from_utf8(jamaah_file_from(0, 20, &[], &package))?;
    let first = imported(&admin, &file).await?;
    let again = job(&admin, "jamaah", "update", &file).await?;
    as_planned(&admin, &again, [0, 20, 0, 0]).await?;
    ensure!(
        app.number("SELECT count(*) FROM jamaah WHERE version > 1")
            .await?
            == 0
    );
    ensure!(app.number("SELECT count(*) FROM migration_updates").await? == 0);
    // Nothing was changed since, so the first import can be rolled back.
    let answer = admin.roll_back(&first).await?;
    ensure!(answer["removed_rows"] == 20, "{answer:#}");
    Ok(())
}

async fn a_change_by_import_is_the_change_by_request(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header =
        "nama,ktp,email,telepon,alamat,tanggal_lahir,jenis_kelamin,status,catatan,paket_id";
    imported(
        &admin,
        &format!(
            "{header}\nSatu,3175010505909001,a@example.com,081234567890,Jl. A,1990-05-05,P,lead,x,{package}\n\
             Dua,3175010505909002,b@example.com,081234567890,Jl. A,1990-05-05,P,lead,x,{package}\n"
        ),
    )
    .await?;
    let file = format!(
        "{header}\nSatu Baru,3175010505909001,,0812-9999-8888,Jl. B,,Laki-laki,Terdaftar,,{package}\n"
    );
    let by_import = job(&admin, "jamaah", "update", &file).await?;
    ensure!(counts(&run(&admin, &by_import).await?.1) == [0, 1, 0, 0]);
    let people_before = people(&admin).await?;
    let change = json!({
        "nama": "Dua Baru", "telepon": "0812-9999-8888", "alamat": "Jl. B", "jenis_kelamin": "Laki-laki", "status": "Terdaftar",
    });
    let id = people_before["Dua"]["id"].as_str().context("id")?;
    admin
        .change(&format!("/api/v1/jamaah/{id}"), &change)
        .await?;
    let people = people(&admin).await?;
    for field in [
        "telepon",
        "alamat",
        "tanggal_lahir",
        "jenis_kelamin",
        "status",
        "catatan",
        "paket_id",
        "version",
        "migration_job_id",
    ] {
        ensure!(
            people["Satu Baru"][field] == people["Dua Baru"][field],
            "{field}: {people:#?}"
        );
    }
    Ok(())
}

async fn the_import_decides_again_instead_of_following_the_plan(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let header = "nama,ktp,paket_id";
    imported(
        &admin,
        &format!("{header}\nSiti,3175010505909001,{package}\nAli,3175010505909002,{package}\n"),
    )
    .await?;
    let file = format!(
        "{header}\nSiti Dua,3175010505909001,{package}\nAli Dua,3175010505909002,{package}\nBudi Dua,3175010505909003,{package}\n"
    );
    for (choice, expected) in [("update", [1, 2, 0, 0]), ("skip", [1, 0, 2, 0])] {
        let late = job(&admin, "jamaah", choice, &file).await?;
        let plan = admin.validate(&late).await?["plan"].clone();
        ensure!(planned(&plan) == expected, "{choice}: {plan:#}");
        // One record is deleted, another one is created.
        let people = people(&admin).await?;
        let gone = people
            .values()
            .find(|one| one["ktp"] == "3175010505909002")
            .and_then(|one| one["id"].as_str())
            .context("Ali")?;
        admin.remove(&format!("/api/v1/jamaah/{gone}")).await?;
        let new = json!({"nama": "Budi", "ktp": "3175010505909003", "paket_id": package});
        admin.create("/api/v1/jamaah", &new).await?;
        let status = admin.import(&late).await?;
        ensure!(counts(&status) == expected, "{choice}: {status:#}");
        ensure!(planned(&status["plan"]) == expected, "{choice}: {status:#}");
        ensure!(app.number("SELECT count(*) FROM jamaah").await? == 3);
        let answer = admin.roll_back(&late).await?;
        ensure!(answer["removed_rows"] == 1, "{answer:#}");
        let budi = self::people(&admin).await?;
        let budi = budi
            .values()
            .find(|one| one["ktp"] == "3175010505909003")
            .context("Budi")?;
        ensure!(budi["nama"] == "Budi", "{budi:#}");
        let id = budi["id"].as_str().context("id")?;
        admin.remove(&format!("/api/v1/jamaah/{id}")).await?;
        let ali = json!({"nama": "Ali", "ktp": "3175010505909002", "paket_id": package});
        admin.create("/api/v1/jamaah", &ali).await?;
    }
    Ok(())
}

async fn another_tenant_is_not_changed(app: &mut App) -> Result<()> {
    let (admin, other) = (app.admin().await?, app.other_tenant().await?);
    let (ours, theirs) = (any_package(&admin).await?, new_package(&other).await?);
    let file = |name: &str, package: &str| {
        format!("nama,ktp,paket_id\n{name},3175010505909001,{package}\n")
    };
    imported(&other, &file("Milik Mereka", &theirs)).await?;
    for expected in [[1, 0, 0, 0], [0, 1, 0, 0]] {
        let name = format!("Milik Kita {}", expected[1]);
        let ours = job(&admin, "jamaah", "update", &file(&name, &ours)).await?;
        ensure!(counts(&run(&admin, &ours).await?.1) == expected);
        other
            .get(&format!("{}/{ours}/rollback", crate::harness::JOBS))
            .await?
            .expect_status(404)?;
    }
    let theirs = people(&other).await?;
    ensure!(
        theirs["Milik Mereka"]["version"] == 1 && theirs.len() == 1,
        "{theirs:#?}"
    );
    Ok(())
}

async fn a_row_edited_in_place_may_change_a_record(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    imported(
        &admin,
        &format!("nama,ktp,paket_id\nSiti,3175010505909001,{package}\n"),
    )
    .await?;
    let file = format!("nama,ktp,paket_id\nSiti Dua,317501050590900,{package}\n");
    let draft = job(&admin, "jamaah", "update", &file).await?;
    ensure!(planned(&admin.validate(&draft).await?["plan"]) == [0, 0, 0, 1]);
    let edit = json!({"rows": [{"row_number": 2, "cells": {"1": "3175010505909001"}}]});
    let answer = admin
        .change(
            &format!("{}/{draft}/amendments", crate::harness::JOBS),
            &edit,
        )
        .await?;
    ensure!(answer["data"][0]["valid"] == true, "{answer:#}");
    as_planned(&admin, &draft, [0, 1, 0, 0]).await?;
    Ok(())
}

async fn batches_of_changes_are_all_applied(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = String::from_utf8(jamaah_file_from(0, 11_000, &[], &package))?;
    imported(&admin, &file).await?;
    let changed = file.replace("Jl. Melati", "Jl. Mawar");
    let update = job(&admin, "jamaah", "update", &changed).await?;
    let begun = std::time::Instant::now();
    let (plan, status) = run(&admin, &update).await?;
    println!("11 000 changes: {:?}", begun.elapsed());
    ensure!(
        planned(&plan) == [0, 11_000, 0, 0] && counts(&status) == [0, 11_000, 0, 0],
        "{status:#}"
    );
    ensure!(
        app.number("SELECT count(*) FROM jamaah WHERE alamat LIKE 'Jl. Mawar%' AND version = 2")
            .await?
            == 11_000
    );
    let begun = std::time::Instant::now();
    let answer = admin.roll_back(&update).await?;
    println!("their rollback: {:?}", begun.elapsed());
    ensure!(answer["restored_rows"] == 11_000, "{answer:#}");
    ensure!(
        app.number("SELECT count(*) FROM jamaah WHERE alamat LIKE 'Jl. Melati%' AND version = 1")
            .await?
            == 11_000
    );
    ensure!(app.number("SELECT count(*) FROM migration_updates").await? == 0);
    Ok(())
}
