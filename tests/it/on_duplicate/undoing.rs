//! Rollback of imports that changed records: a record that was not changed afterwards is restored.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::{counts, job, run};
use crate::harness::{App, Client, JOBS, any_package, new_package, on_both_engines};

on_both_engines! {
    a_rollback_restores_what_was_changed_and_removes_what_was_created,
    records_changed_since_are_kept_and_reported,
    later_imports_are_rolled_back_first,
    records_that_cannot_be_restored_prevent_the_rollback,
    earlier_states_are_deleted_when_no_rollback_needs_them,
}

const HEADER: &str = "nama,ktp,email,paket_id";

async fn all(client: &Client) -> Result<Vec<Value>> {
    let mut people = client.items("jamaah").await?;
    people.sort_by_key(|one| one["id"].to_string());
    Ok(people)
}

async fn by_name(client: &Client, name: &str) -> Result<Value> {
    let people = client.items("jamaah").await?;
    let found = people.into_iter().find(|one| one["nama"] == name);
    found.with_context(|| format!("there is no pilgrim called {name}"))
}

async fn preview(client: &Client, job: &str) -> Result<Value> {
    client.get_json(&format!("{JOBS}/{job}/rollback")).await
}

async fn import(client: &Client, choice: &str, rows: &str) -> Result<(String, [u64; 4])> {
    let id = job(client, "jamaah", choice, &format!("{HEADER}\n{rows}")).await?;
    let status = run(client, &id).await?.1;
    Ok((id, counts(&status)))
}

async fn a_rollback_restores_what_was_changed_and_removes_what_was_created(
    app: &mut App,
) -> Result<()> {
    let admin = app.admin().await?;
    let (package, other) = (any_package(&admin).await?, new_package(&admin).await?);
    import(
        &admin,
        "reject",
        &format!(
            "Siti,3175010505909001,siti@example.com,{package}\nAli,3175010505909002,,{package}\n"
        ),
    )
    .await?;
    let before = all(&admin).await?;
    let (changing, done) = import(
        &admin,
        "update",
        &format!("Siti Dua,3175010505909001,dua@example.com,{other}\nAli,3175010505909002,ali@example.com,{package}\nBaru,3175010505909003,,{package}\n"),
    )
    .await?;
    ensure!(done == [1, 2, 0, 0]);
    let shown = preview(&admin, &changing).await?;
    ensure!(
        shown["can_rollback"] == true
            && shown["removable_rows"] == 1
            && shown["restorable_rows"] == 2
            && shown["changed"] == 0
            && shown["already_gone"] == 0,
        "{shown:#}"
    );
    let answer = admin.roll_back(&changing).await?;
    ensure!(
        answer["removed_rows"] == 1
            && answer["restored_rows"] == 2
            && answer["kept_rows_total"] == 0,
        "{answer:#}"
    );
    ensure!(all(&admin).await? == before, "a record was not restored");
    ensure!(app.number("SELECT count(*) FROM migration_updates").await? == 0);
    Ok(())
}

async fn records_changed_since_are_kept_and_reported(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let rows = |name: &str| {
        format!(
            "{name} A,3175010505909001,,{package}\n{name} B,3175010505909002,,{package}\n{name} C,3175010505909003,,{package}\n"
        )
    };
    import(&admin, "reject", &rows("Lama")).await?;
    let (changing, _) = import(&admin, "update", &rows("Baru")).await?;
    let changed = by_name(&admin, "Baru B").await?["id"]
        .as_str()
        .context("id")?
        .to_owned();
    let path = format!("/api/v1/jamaah/{changed}");
    admin
        .change(&path, &json!({"catatan": "kursi roda"}))
        .await?;
    let gone = by_name(&admin, "Baru C").await?["id"]
        .as_str()
        .context("id")?
        .to_owned();
    admin.remove(&format!("/api/v1/jamaah/{gone}")).await?;

    let shown = preview(&admin, &changing).await?;
    ensure!(
        shown["reason"] == "conflict"
            && shown["changed"] == 1
            && shown["restorable_rows"] == 1
            && shown["already_gone"] == 1
            && shown["examples"]
                == json!([{"id": changed, "row_number": 3, "label": "Baru B", "reason": "changed"}]),
        "{shown:#}"
    );
    let answer = admin
        .act(&changing, "rollback")
        .await?
        .expect_status(409)?
        .json()?;
    ensure!(
        answer["code"] == "rollback_conflict" && answer["details"]["changed"] == 1,
        "{answer:#}"
    );
    ensure!(
        by_name(&admin, "Baru A").await?["version"] == 2,
        "a refused rollback changed something"
    );
    let answer = admin
        .act(&changing, "rollback?keep_changed=true")
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        answer["restored_rows"] == 1
            && answer["kept_rows_total"] == 1
            && answer["removed_rows"] == 0
            && answer["kept_rows"]
                == json!([{"id": changed, "row_number": 3, "reason": "changed"}]),
        "{answer:#}"
    );
    ensure!(by_name(&admin, "Lama A").await?["version"] == 1);
    ensure!(by_name(&admin, "Baru B").await?["catatan"] == "kursi roda");
    Ok(())
}

async fn later_imports_are_rolled_back_first(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let row = |name: &str| format!("{name},3175010505909001,,{package}\n");
    let (first, _) = import(&admin, "reject", &row("Satu")).await?;
    let (second, _) = import(&admin, "update", &row("Dua")).await?;
    let (third, _) = import(&admin, "update", &row("Tiga")).await?;
    for earlier in [&first, &second] {
        ensure!(preview(&admin, earlier).await?["changed"] == 1);
        admin.act(earlier, "rollback").await?.expect_status(409)?;
    }
    for (job, name) in [(&third, "Dua"), (&second, "Satu")] {
        let answer = admin.roll_back(job).await?;
        ensure!(answer["restored_rows"] == 1, "{answer:#}");
        by_name(&admin, name).await?;
    }
    let answer = admin.roll_back(&first).await?;
    ensure!(answer["removed_rows"] == 1, "{answer:#}");
    ensure!(app.number("SELECT count(*) FROM jamaah").await? == 0);
    Ok(())
}

/// Another pilgrim has the old address now, and the old package was deleted.
async fn records_that_cannot_be_restored_prevent_the_rollback(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let (package, old) = (any_package(&admin).await?, new_package(&admin).await?);
    import(
        &admin,
        "reject",
        &format!("Siti,3175010505909001,siti@example.com,{package}\nAli,3175010505909002,,{old}\nBudi,3175010505909003,,{package}\n"),
    )
    .await?;
    let (changing, done) = import(
        &admin,
        "update",
        &format!("Siti,3175010505909001,lain@example.com,{package}\nAli,3175010505909002,,{package}\nBudi Dua,3175010505909003,,{package}\n"),
    )
    .await?;
    ensure!(done == [0, 3, 0, 0]);
    let rival = json!({"nama": "Siti Lain", "email": "SITI@example.com", "paket_id": package});
    admin.create("/api/v1/jamaah", &rival).await?;
    admin.remove(&format!("/api/v1/packages/{old}")).await?;
    let shown = preview(&admin, &changing).await?;
    ensure!(
        shown["changed"] == 2 && shown["restorable_rows"] == 1,
        "{shown:#}"
    );
    admin.act(&changing, "rollback").await?.expect_status(409)?;
    let answer = admin
        .act(&changing, "rollback?keep_changed=true")
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(
        answer["restored_rows"] == 1 && answer["kept_rows_total"] == 2,
        "{answer:#}"
    );
    ensure!(by_name(&admin, "Siti").await?["email"] == "lain@example.com");
    by_name(&admin, "Budi").await?;
    Ok(())
}

async fn earlier_states_are_deleted_when_no_rollback_needs_them(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let row = |name: &str| format!("{name},3175010505909001,,{package}\n");
    import(&admin, "reject", &row("Satu")).await?;
    let images = "SELECT count(*) FROM migration_updates";
    let (deleted, _) = import(&admin, "update", &row("Dua")).await?;
    ensure!(app.number(images).await? == 1);
    admin.remove(&format!("{JOBS}/{deleted}")).await?;
    ensure!(
        app.number(images).await? == 0,
        "a deleted job left earlier states"
    );

    let (kept, _) = import(&admin, "update", &row("Tiga")).await?;
    app.restart()?;
    let admin = app.admin().await?;
    ensure!(
        app.number(images).await? == 1,
        "an earlier state went within the day of rollback"
    );
    // A day later.
    let day = match app.backend {
        crate::harness::Backend::Postgres => "completed_at - interval '25 hours'",
        crate::harness::Backend::Sqlite => {
            "strftime('%Y-%m-%d %H:%M:%f', completed_at, '-25 hours')"
        }
    };
    app.execute(&format!("UPDATE migration_jobs SET completed_at = {day}"))
        .await?;
    app.restart()?;
    for _ in 0..600 {
        if app.number(images).await? == 0 {
            let admin = admin.at(&app.server.base);
            let shown = preview(&admin, &kept).await?;
            ensure!(
                shown["reason"] == "expired" && shown["restorable_rows"] == 0,
                "{shown:#}"
            );
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("housekeeping did not delete the earlier states of records")
}
