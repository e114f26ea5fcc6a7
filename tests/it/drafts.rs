//! Drafts: what a file would become is shown with reasons, and its user decides about columns, reading and values before
//! anything is checked. The import does what the preview showed.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{
    App, Client, Events, JOBS, any_package, jamaah_file, new_package, on_both_engines,
};

on_both_engines! {
    a_draft_may_lack_columns_and_is_mapped_by_place,
    a_file_without_a_header_is_imported_by_the_place_of_its_columns,
    the_preview_says_how_a_file_is_read_and_why,
    a_draft_is_read_in_another_way,
    choices_and_references_are_read_as_their_user_decides,
    a_change_that_makes_no_table_changes_nothing,
    decisions_are_kept_and_undone_one_by_one,
    a_draft_that_has_begun_cannot_be_changed,
    a_file_replaces_a_draft,
    the_same_file_and_another_type_are_reported,
    an_upload_on_behalf_of_an_agent_belongs_to_the_agent,
    who_did_what_is_kept,
    decisions_are_remembered_for_the_next_file_with_the_same_headers,
    remembered_decisions_never_refuse_a_file,
}

async fn upload(
    client: &Client,
    import_type: &str,
    fields: &[(&str, &str)],
    file: &str,
) -> Result<Value> {
    let reply = client.upload_with(import_type, fields, "data.csv", file.as_bytes());
    reply.await?.expect_status(200)?.json()
}

async fn draft(client: &Client, import_type: &str, file: &str) -> Result<(String, Value)> {
    let answer = upload(client, import_type, &[("draft", "true")], file).await?;
    let id = answer["job_id"].as_str().context("job_id")?.to_owned();
    Ok((id, answer))
}

async fn preview(client: &Client, job: &str) -> Result<Value> {
    client.get_json(&format!("{JOBS}/{job}/preview")).await
}

fn field_of(preview: &Value, column: usize) -> (&Value, &Value) {
    let column = &preview["columns"][column];
    (&column["field"], &column["reason"])
}

async fn a_draft_may_lack_columns_and_is_mapped_by_place(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("Nama,Zz,No HP,No HP\nSiti Aminah,{package},081234567890,081298765432\n");
    admin
        .upload("jamaah", "data.csv", file.as_bytes())
        .await?
        .expect_status(400)?;
    let (job, answer) = draft(&admin, "jamaah", &file).await?;
    ensure!(
        answer["ready"] == false && answer["missing_columns"] == json!(["paket_id"]),
        "{answer:#}"
    );
    ensure!(
        answer["preview_cells"][0][3] == "081298765432",
        "{answer:#}"
    );
    let keys = answer["preview_rows"][0].as_object().context("a row")?;
    ensure!(
        keys.len() == 4 && keys["No HP"] == "081234567890",
        "{answer:#}"
    );
    for action in ["validate", "start"] {
        let refused = admin.act(&job, action).await?.expect_error(
            400,
            "Kolom yang diperlukan tidak ditemukan: paket_id",
            "missing_columns",
        )?;
        ensure!(refused.json()?["details"]["missing"] == json!(["paket_id"]));
    }
    // Two columns have the same header; the second one is mapped.
    let changed = admin
        .redraft(
            &job,
            json!({"columns": {"1": "paket_id", "2": "", "3": "telepon"}}),
        )
        .await?;
    ensure!(changed["ready"] == true, "{changed:#}");
    ensure!(
        field_of(&changed, 3) == (&json!("telepon"), &json!("caller")),
        "{changed:#}"
    );
    ensure!(
        field_of(&changed, 2) == (&Value::Null, &json!("caller")),
        "{changed:#}"
    );
    ensure!(
        changed == preview(&admin, &job).await?,
        "a change answers the preview"
    );
    let done = admin.import(&job).await?;
    ensure!(done["imported_rows"] == 1, "{done:#}");
    let stored = admin.items("jamaah").await?;
    ensure!(stored[0]["telepon"] == "+6281298765432", "{stored:#?}");
    Ok(())
}

async fn a_file_without_a_header_is_imported_by_the_place_of_its_columns(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!(
        "1,Siti Aminah,3175014505909001,{package}\n2,Budi Santoso,3175010505909002,{package}\n"
    );
    let (job, answer) = draft(&admin, "jamaah", &file).await?;
    ensure!(
        answer["columns"] == json!(["Kolom 1", "Kolom 2", "Kolom 3", "Kolom 4"])
            && answer["has_header"] == false
            && answer["total_rows"] == 2,
        "{answer:#}"
    );
    let columns = json!({"1": "nama", "2": "ktp", "3": "paket_id"});
    let changed = admin.redraft(&job, json!({"columns": columns})).await?;
    ensure!(
        changed["reading"]["header_row"] == 0 && changed["reading"]["first_data_row"] == 1,
        "{changed:#}"
    );
    ensure!(
        changed["rows"][0]["values"]["ktp"] == "3175014505909001",
        "{changed:#}"
    );
    let done = admin.import(&job).await?;
    ensure!(done["imported_rows"] == 2, "{done:#}");
    Ok(())
}

async fn the_preview_says_how_a_file_is_read_and_why(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!(
        "Daftar Jamaah;;;;\nNo;Nama Lengkap;NIK *;Pakett;paket_id\n\
         1;Siti Aminah;3175014505909001;x;{package}\n2;Budi;12;x;{package}\n3;Ali;;y;{package}\n"
    );
    let (job, _) = draft(&admin, "jamaah", &file).await?;
    let preview = preview(&admin, &job).await?;
    let reading = &preview["reading"];
    ensure!(
        reading["delimiter"]["value"] == ";"
            && reading["delimiter"]["recognised"] == ";"
            && reading["encoding"]["value"] == "utf-8"
            && reading["header_row"] == 2
            && reading["first_data_row"] == 3,
        "{reading:#}"
    );
    ensure!(
        field_of(&preview, 0) == (&Value::Null, &json!("ignored")),
        "{preview:#}"
    );
    ensure!(
        field_of(&preview, 1) == (&json!("nama"), &json!("alias")),
        "{preview:#}"
    );
    ensure!(
        field_of(&preview, 4) == (&json!("paket_id"), &json!("name")),
        "{preview:#}"
    );
    let nik = &preview["columns"][2];
    ensure!(
        nik["field"] == "ktp" && nik["filled"] == 2 && nik["of"] == 3 && nik["matched"] == "nik",
        "{nik:#}"
    );
    ensure!(
        preview["columns"][3]["samples"] == json!(["x", "y"])
            && preview["columns"][3]["field"].is_null(),
        "{preview:#}"
    );
    let second = &preview["rows"][1];
    ensure!(
        second["row_number"] == 4
            && second["cells"][2] == "12"
            && second["values"]["nama"] == "Budi"
            && second["values"].get("ktp").is_none()
            && second["issues"][0]["column_index"] == 2
            && second["issues"][0]["severity"] == "error",
        "{second:#}"
    );
    let one = admin.get(&format!("{JOBS}/{job}/preview?rows=1")).await?;
    ensure!(
        one.expect_status(200)?.json()?["rows"]
            .as_array()
            .map(Vec::len)
            == Some(1)
    );
    for rows in ["0", "51", "x"] {
        admin
            .get(&format!("{JOBS}/{job}/preview?rows={rows}"))
            .await?
            .expect_status(400)?;
    }
    Ok(())
}

async fn a_draft_is_read_in_another_way(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file =
        format!("judul,judul\nNama|Paket\nSiti, Aminah|{package}\nBudi, Santoso|{package}\n");
    let (job, _) = draft(&admin, "jamaah", &file).await?;
    let mut events = Events::connect(&admin).await?;
    let changed = admin
        .redraft(&job, json!({"delimiter": "|", "header_row": 2}))
        .await?;
    ensure!(
        changed["ready"] == true && changed["total_rows"] == 2,
        "{changed:#}"
    );
    ensure!(
        changed["rows"][0]["values"]["nama"] == "Siti, Aminah",
        "{changed:#}"
    );
    let reported = events.until("migration:status").await?;
    let (_, reported) = reported.last().context("an event")?;
    ensure!(
        reported["job_id"] == job.as_str() && reported["status"] == "pending",
        "{reported:#}"
    );
    let back = admin
        .redraft(&job, json!({"delimiter": null, "header_row": null}))
        .await?;
    ensure!(back["reading"]["delimiter"]["value"] == back["reading"]["delimiter"]["recognised"]);
    admin
        .redraft(&job, json!({"delimiter": "|", "header_row": 2}))
        .await?;
    let done = admin.import(&job).await?;
    ensure!(done["imported_rows"] == 2, "{done:#}");
    Ok(())
}

async fn choices_and_references_are_read_as_their_user_decides(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = "nama,jenis_kelamin,paket_id\nSiti, AKHWAT ,Umroh Lama\nBudi,Ikhwan,umroh lama\n\
                Ali,?,Umroh Lama\nUmar,L,Umroh Baru\n";
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    let validated = admin.validate(&job).await?;
    ensure!(validated["valid_rows"] == 0, "{validated:#}");
    let values = json!({
        "jenis_kelamin": {"akhwat": "P", "ikhwan": "L", "?": ""},
        "paket_id": {"UMROH LAMA": package},
    });
    let changed = admin
        .redraft(&job, json!({"value_mapping": values}))
        .await?;
    ensure!(
        changed["value_mapping"]["jenis_kelamin"]["akhwat"] == "P",
        "{changed:#}"
    );
    ensure!(
        changed["rows"][0]["cells"][1] == " AKHWAT "
            && changed["rows"][0]["values"]["jenis_kelamin"] == "P"
            && changed["rows"][0]["values"]["paket_id"] == package.as_str(),
        "{changed:#}"
    );
    let status = admin.status(&job).await?;
    ensure!(
        status["validated_at"].is_null() && status["invalid_rows"] == 0,
        "what was found before is forgotten: {status:#}"
    );
    ensure!(admin.errors(&job).await?.is_empty());
    let validated = admin.validate(&job).await?;
    ensure!(validated["valid_rows"] == 3, "{validated:#}");
    // The error shows the text of the file.
    let errors = admin.errors(&job).await?;
    ensure!(
        errors.len() == 1 && errors[0][4] == "Umroh Baru",
        "{errors:?}"
    );
    let done = admin.import(&job).await?;
    ensure!(done["imported_rows"] == 3, "{done:#}");
    let stored = admin.items("jamaah").await?;
    let siti = stored
        .iter()
        .find(|row| row["nama"] == "Siti")
        .context("Siti")?;
    ensure!(
        siti["jenis_kelamin"] == "P" && siti["paket_id"] == package.as_str(),
        "{siti:#}"
    );
    let ali = stored
        .iter()
        .find(|row| row["nama"] == "Ali")
        .context("Ali")?;
    ensure!(ali["jenis_kelamin"].is_null(), "{ali:#}");
    Ok(())
}

async fn a_change_that_makes_no_table_changes_nothing(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let other = app.other_tenant().await?;
    let foreign = new_package(&other).await?;
    let package = any_package(&admin).await?;
    let job = admin.people(3, &[], &package).await?;
    let validated = admin.validate(&job).await?;
    let too_many: serde_json::Map<String, Value> =
        (0..501).map(|n| (format!("x{n}"), json!("L"))).collect();
    for (body, code) in [
        (json!({"header_row": 4_000}), "invalid_file"),
        (json!({"columns": {"99": "nama"}}), "invalid_mapping"),
        (json!({"columns": {"0": "umur"}}), "invalid_mapping"),
        (
            json!({"columns": {"0": "nama", "1": "nama"}}),
            "invalid_mapping",
        ),
        (
            json!({"column_mapping": {"Tidak Ada": "nama"}}),
            "invalid_mapping",
        ),
        (
            json!({"value_mapping": {"nama": {"a": "b"}}}),
            "invalid_mapping",
        ),
        (
            json!({"value_mapping": {"jenis_kelamin": {"a": "X"}}}),
            "invalid_mapping",
        ),
        (
            json!({"value_mapping": {"paket_id": {"a": foreign}}}),
            "invalid_mapping",
        ),
        (
            json!({"value_mapping": {"paket_id": {"a": "Umroh"}}}),
            "invalid_mapping",
        ),
        (
            json!({"value_mapping": {"jenis_kelamin": too_many}}),
            "invalid_mapping",
        ),
        (json!({"encoding": "klingon"}), "validation_failed"),
        (json!({"delimiter": "ab"}), "validation_failed"),
        (json!({"delimiter": "\n"}), "validation_failed"),
        (json!({"quote": "x"}), "validation_failed"),
        (json!({"quote": ";", "delimiter": ";"}), "validation_failed"),
        (json!({"status": "completed"}), "invalid_body"),
        (json!({"import_type": "paket"}), "invalid_body"),
        (json!({"columns": {"x": "nama"}}), "invalid_body"),
    ] {
        let reply = admin.patch_json(&format!("{JOBS}/{job}"), &body).await?;
        let answer = reply.expect_status(400)?.json()?;
        ensure!(answer["code"] == code, "{body}: {answer:#}");
    }
    ensure!(
        admin.status(&job).await? == validated,
        "nothing was changed"
    );
    let reply = other
        .patch_json(&format!("{JOBS}/{job}"), &json!({}))
        .await?;
    reply.expect_status(404)?;
    Ok(())
}

async fn decisions_are_kept_and_undone_one_by_one(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("Nama,Alias,Paket\nSiti,Aminah,{package}\n");
    let (job, _) = draft(&admin, "jamaah", &file).await?;
    let changed = admin
        .redraft(&job, json!({"column_mapping": {"Alias": "nama"}}))
        .await?;
    ensure!(field_of(&changed, 1).0 == "nama" && field_of(&changed, 0).0.is_null());
    // The field moves to the column that was chosen last, and other decisions stay.
    let changed = admin
        .redraft(&job, json!({"columns": {"0": "nama"}}))
        .await?;
    ensure!(
        field_of(&changed, 0) == (&json!("nama"), &json!("caller")),
        "{changed:#}"
    );
    ensure!(field_of(&changed, 1).0.is_null(), "{changed:#}");
    let changed = admin
        .redraft(&job, json!({"columns": {"1": "catatan"}}))
        .await?;
    ensure!(field_of(&changed, 0).1 == "caller" && field_of(&changed, 1).0 == "catatan");
    let changed = admin.redraft(&job, json!({"columns": {"0": null}})).await?;
    ensure!(field_of(&changed, 0).1 != "caller" && field_of(&changed, 1).0 == "catatan");
    let changed = admin.redraft(&job, json!({"columns": null})).await?;
    ensure!(field_of(&changed, 1).0.is_null(), "{changed:#}");
    // Another import type has other fields.
    admin
        .redraft(&job, json!({"columns": {"1": "catatan"}}))
        .await?;
    let changed = admin
        .redraft(&job, json!({"import_type": "package"}))
        .await?;
    ensure!(
        changed["import_type"] == "package" && changed["ready"] == false,
        "{changed:#}"
    );
    let status = admin.status(&job).await?;
    ensure!(status["import_type"] == "package", "{status:#}");
    Ok(())
}

async fn a_draft_that_has_begun_cannot_be_changed(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let job = admin.people(2, &[], &package).await?;
    // The draft was discarded, but nothing was imported, so it can be used again.
    admin.act(&job, "cancel").await?.expect_status(200)?;
    admin
        .get(&format!("{JOBS}/{job}/preview"))
        .await?
        .expect_status(400)?;
    admin.redraft(&job, json!({})).await?;
    let status = admin.status(&job).await?;
    ensure!(
        status["status"] == "pending"
            && status["error_message"].is_null()
            && status["cancelled_by"].is_null(),
        "{status:#}"
    );
    admin.import(&job).await?;
    for reply in [
        admin
            .patch_json(&format!("{JOBS}/{job}"), &json!({}))
            .await?,
        admin.get(&format!("{JOBS}/{job}/preview")).await?,
    ] {
        reply.expect_error(
            400,
            "Tidak dapat memproses import untuk status: completed",
            "invalid_state",
        )?;
    }
    let job = admin
        .job("jamaah", "b.csv", &jamaah_file(2, &[0, 1], &package))
        .await?;
    app.execute("UPDATE migration_jobs SET file_url = '' WHERE status = 'pending'")
        .await?;
    for reply in [
        admin
            .patch_json(&format!("{JOBS}/{job}"), &json!({}))
            .await?,
        admin.get(&format!("{JOBS}/{job}/preview")).await?,
    ] {
        let answer = reply.expect_status(410)?.json()?;
        ensure!(answer["code"] == "file_expired", "{answer:#}");
    }
    Ok(())
}

async fn a_file_replaces_a_draft(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let (old, _) = draft(
        &admin,
        "jamaah",
        &format!("Siapa,Pkt,JK\nSiti,{package},Akhwat\n"),
    )
    .await?;
    let decided = json!({
        "columns": {"0": "nama", "1": "paket_id", "2": "jenis_kelamin"},
        "value_mapping": {"jenis_kelamin": {"akhwat": "P"}},
    });
    admin.redraft(&old, decided).await?;
    let replacing = [("replaces", old.as_str())];
    // If the new file is refused the draft stays.
    let refused = admin
        .upload_with("jamaah", &replacing, "x.csv", b"Umur\n1\n")
        .await?;
    refused.expect_status(400)?;
    ensure!(admin.status(&old).await?["status"] == "pending");
    let file = format!("JK,Siapa,Pkt\nakhwat,Siti,{package}\n");
    let answer = upload(&admin, "jamaah", &replacing, &file).await?;
    ensure!(answer["column_mapping"]["Siapa"] == "nama", "{answer:#}");
    let status = admin.status(&old).await?;
    let message = status["error_message"].as_str().unwrap_or_default();
    ensure!(
        status["status"] == "failed" && message.starts_with("Diganti oleh "),
        "{status:#}"
    );
    let new = answer["job_id"].as_str().context("job_id")?;
    ensure!(admin.import(new).await?["imported_rows"] == 1);
    ensure!(admin.items("jamaah").await?[0]["jenis_kelamin"] == "P");
    // A job that is no longer a draft is not replaced, and another tenant's draft does not exist for this caller.
    let again = admin
        .upload_with("jamaah", &replacing, "x.csv", file.as_bytes())
        .await?;
    ensure!(again.expect_status(400)?.json()?["code"] == "invalid_state");
    let other = app.other_tenant().await?;
    let foreign = other
        .upload_with("jamaah", &replacing, "x.csv", file.as_bytes())
        .await?;
    foreign.expect_status(404)?;
    Ok(())
}

async fn the_same_file_and_another_type_are_reported(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("nama,paket_id\nSiti,{package}\n");
    let first = upload(&admin, "jamaah", &[], &file).await?;
    ensure!(
        first["same_file"].is_null() && first["looks_like"].is_null(),
        "{first:#}"
    );
    let job = first["job_id"].as_str().context("job_id")?;
    let second = upload(&admin, "jamaah", &[], &file).await?;
    ensure!(
        second["same_file"]["job_id"] == job
            && second["same_file"]["status"] == "pending"
            && second["same_file"]["created_by"]["username"] == "admin",
        "{second:#}"
    );
    admin.import(job).await?;
    let third = upload(&admin, "jamaah", &[], &file).await?;
    ensure!(third["same_file"]["imported_rows"] == 1, "{third:#}");
    let other = app.other_tenant().await?;
    let package = new_package(&other).await?;
    let foreign = upload(
        &other,
        "jamaah",
        &[],
        &format!("nama,paket_id\nSiti,{package}\n"),
    )
    .await?;
    ensure!(foreign["same_file"].is_null(), "{foreign:#}");
    let packages = "nama,durasi_hari,tanggal_keberangkatan,kapasitas,harga_retail\nUmroh,9,2027-03-15,45,30000000\n";
    let (_, answer) = draft(&admin, "payment", packages).await?;
    ensure!(
        answer["ready"] == false && answer["looks_like"] == "package",
        "{answer:#}"
    );
    let refused = admin
        .upload("payment", "a.csv", packages.as_bytes())
        .await?;
    let refused = refused.expect_status(400)?.json()?;
    ensure!(refused["details"]["looks_like"] == "package", "{refused:#}");
    Ok(())
}

async fn an_upload_on_behalf_of_an_agent_belongs_to_the_agent(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let agent = app.user("agen", "agent").await?;
    let users = admin.items("users").await?;
    let id = |name: &str| {
        let user = users.iter().find(|user| user["username"] == name);
        user.and_then(|user| user["id"].as_str()).map(str::to_owned)
    };
    let file = jamaah_file(2, &[], &package);
    let job = admin
        .upload_with(
            "jamaah",
            &[("on_behalf_of", &id("agen").context("agen")?)],
            "a.csv",
            &file,
        )
        .await?
        .job()?;
    let status = agent.status(&job).await?;
    ensure!(
        status["created_by"]["username"] == "admin"
            && status["user_id"] == id("agen").unwrap_or_default(),
        "{status:#}"
    );
    for user in [
        id("admin").context("admin")?,
        "01890000-0000-7000-8000-000000000000".to_owned(),
    ] {
        let refused = admin
            .upload_with("jamaah", &[("on_behalf_of", &user)], "b.csv", &file)
            .await?;
        let refused = refused.expect_status(400)?.json()?;
        ensure!(refused["code"] == "validation_failed", "{refused:#}");
    }
    Ok(())
}

async fn who_did_what_is_kept(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let package = any_package(&admin).await?;
    let job = admin.people(3, &[1], &package).await?;
    let status = admin.status(&job).await?;
    ensure!(
        status["created_by"]["username"] == "admin"
            && status["started_by"].is_null()
            && status["expires"] == json!({"file_at": null, "errors_at": null}),
        "{status:#}"
    );
    let done = owner.import(&job).await?;
    ensure!(
        done["started_by"]["username"] == "pemilik"
            && done["expires"]["file_at"].is_string()
            && done["expires"]["errors_at"].is_string(),
        "{done:#}"
    );
    owner.roll_back(&job).await?;
    let listed = admin.get_json(JOBS).await?;
    ensure!(
        listed["data"][0]["rolled_back_by"]["username"] == "pemilik",
        "{listed:#}"
    );
    Ok(())
}

async fn decisions_are_remembered_for_the_next_file_with_the_same_headers(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    let file = format!("Siapa,Pkt,JK\nSiti,{package},Akhwat\n");
    let (job, _) = draft(&admin, "jamaah", &file).await?;
    let decided = json!({
        "columns": {"0": "nama", "1": "paket_id", "2": "jenis_kelamin"},
        "value_mapping": {"jenis_kelamin": {"akhwat": "P"}},
    });
    admin.redraft(&job, decided).await?;
    // Decisions about files that were not imported are not remembered.
    let (early, _) = draft(&admin, "jamaah", &file).await?;
    ensure!(preview(&admin, &early).await?["ready"] == false);
    ensure!(admin.import(&job).await?["imported_rows"] == 1);
    // The same headers in another order and another case.
    let text = format!("JK,PKT,siapa\nakhwat,{package},Aminah\n");
    let (next, answer) = draft(&admin, "jamaah", &text).await?;
    ensure!(answer["ready"] == true, "{answer:#}");
    let shown = preview(&admin, &next).await?;
    ensure!(
        field_of(&shown, 2) == (&json!("nama"), &json!("remembered"))
            && shown["rows"][0]["values"]["jenis_kelamin"] == "P",
        "{shown:#}"
    );
    // A new decision takes precedence, even one that comes with the upload.
    let changed = admin
        .redraft(&next, json!({"columns": {"2": "catatan"}}))
        .await?;
    ensure!(
        field_of(&changed, 2) == (&json!("catatan"), &json!("caller")),
        "{changed:#}"
    );
    let mapping = json!({"Siapa": "catatan", "JK": "nama"}).to_string();
    let said = upload(&admin, "jamaah", &[("column_mapping", &mapping)], &file).await?;
    ensure!(
        said["column_mapping"] == json!({"Siapa": "catatan", "JK": "nama", "Pkt": "paket_id"}),
        "{said:#}"
    );
    // Other headers, another import type, another tenant.
    for (kind, text) in [
        (
            "jamaah",
            format!("Siapa,Pkt,JK,X\nSiti,{package},Akhwat,1\n"),
        ),
        ("payment", file.clone()),
    ] {
        let (_, answer) = draft(&admin, kind, &text).await?;
        ensure!(answer["ready"] == false, "{answer:#}");
    }
    let other = app.other_tenant().await?;
    let (_, foreign) = draft(&other, "jamaah", &file).await?;
    ensure!(foreign["ready"] == false, "{foreign:#}");
    let path = format!("{JOBS}/mappings");
    let listed = admin.get_json(&path).await?;
    let kept = &listed["data"][0];
    let id = kept["id"].as_str().context("an id")?;
    ensure!(
        kept["columns"] == json!({"Siapa": "nama", "Pkt": "paket_id", "JK": "jenis_kelamin"})
            && kept["headers"] == json!(["Siapa", "Pkt", "JK"])
            && kept["value_mapping"] == json!({"jenis_kelamin": {"akhwat": "P"}})
            && kept["import_type"] == "jamaah"
            && kept["decided_by"]["username"] == "admin",
        "{listed:#}"
    );
    let foreign = other.get_json(&path).await?;
    ensure!(foreign["data"] == json!([]), "{foreign:#}");
    let one = format!("{path}/{id}");
    let gone = "Pemetaan kolom tidak ditemukan";
    let reply = other.delete(&one).await?;
    reply.expect_error(404, gone, "not_found")?;
    let reply = admin.remove(&one).await?;
    ensure!(reply["message"] == "Pemetaan kolom berhasil dihapus");
    let reply = admin.delete(&one).await?;
    reply.expect_error(404, gone, "not_found")?;
    let (_, answer) = draft(&admin, "jamaah", &file).await?;
    ensure!(answer["ready"] == false, "{answer:#}");
    Ok(())
}

/// A remembered decision may have become meaningless: its package was deleted, its field belongs to another version. And a file without
/// headers cannot be recognised.
async fn remembered_decisions_never_refuse_a_file(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let package = new_package(&admin).await?;
    let file = "Nama,Zzz\nSiti,hemat\n";
    let (job, _) = draft(&admin, "jamaah", file).await?;
    let decided = json!({
        "columns": {"1": "paket_id"},
        "value_mapping": {"paket_id": {"hemat": package}},
    });
    admin.redraft(&job, decided).await?;
    ensure!(admin.import(&job).await?["imported_rows"] == 1);
    let (next, _) = draft(&admin, "jamaah", "Nama,Zzz\nUmar,hemat\n").await?;
    ensure!(admin.validate(&next).await?["valid_rows"] == 1);
    admin.roll_back(&job).await?;
    let path = format!("/api/v1/packages/{package}");
    admin.remove(&path).await?;
    let (next, answer) = draft(&admin, "jamaah", "Nama,Zzz\nAli,hemat\n").await?;
    ensure!(answer["ready"] == true, "{answer:#}");
    let shown = preview(&admin, &next).await?;
    ensure!(shown["value_mapping"] == json!({}), "{shown:#}");
    let stored = "UPDATE remembered_mappings SET decided = '{\"columns\": {\"Zzz\": \"kelas\", \"Nama\": \"nama\"}}'";
    app.execute(stored).await?;
    let (next, _) = draft(&admin, "jamaah", "Nama,Zzz\nAli,hemat\n").await?;
    let shown = preview(&admin, &next).await?;
    ensure!(
        field_of(&shown, 0).0 == "nama" && field_of(&shown, 1).0.is_null(),
        "{shown:#}"
    );
    // A decision that cannot be read is ignored.
    app.execute("UPDATE remembered_mappings SET decided = 'rusak'")
        .await?;
    draft(&admin, "jamaah", "Nama,Zzz\nAli,hemat\n").await?;
    // Two files without headers have nothing in common.
    let other = any_package(&admin).await?;
    let text = format!("Siti Aminah,{other}\nUmar Bakri,{other}\n");
    let (job, _) = draft(&admin, "jamaah", &text).await?;
    let decided = json!({"header_row": 0, "columns": {"0": "nama", "1": "paket_id"}});
    admin.redraft(&job, decided).await?;
    ensure!(admin.import(&job).await?["imported_rows"] == 2);
    let (next, _) = draft(
        &admin,
        "jamaah",
        &format!("Ali Reza,{other}\nUmi Salma,{other}\n"),
    )
    .await?;
    let shown = admin.redraft(&next, json!({"header_row": 0})).await?;
    ensure!(field_of(&shown, 0).0.is_null(), "{shown:#}");
    Ok(())
}
