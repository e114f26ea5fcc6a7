//! What is kept of an import besides its rows: the original file, the activity log, the list with its filters; and the description
//! of the import types.

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::harness::{
    App, Client, JOBS, any_package, jamaah_file, jamaah_file_from, on_both_engines,
};

on_both_engines! {
    the_original_file_comes_back_byte_for_byte_until_it_is_deleted,
    the_log_says_who_did_what_and_outlives_the_job,
    the_log_of_another_agency_is_not_there,
    the_list_is_filtered_by_name_user_day_and_several_statuses,
    the_types_are_those_of_the_schemas_with_every_message,
}

async fn the_original_file_comes_back_byte_for_byte_until_it_is_deleted(
    app: &mut App,
) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    // Larger than a piece, and not UTF-8.
    let mut file = jamaah_file(2_000, &[], &package);
    file.extend_from_slice(b"Andr\xe9,andre@contoh.id,");
    file.extend_from_slice(package.as_bytes());
    let part = Part::bytes(file.clone())
        .file_name("data jamaah \"é\".csv")
        .mime_str("text/csv")?;
    let form = Form::new().text("import_type", "jamaah").part("file", part);
    let path = format!("{JOBS}/upload");
    let request = admin.request(Method::POST, &path).multipart(form);
    let uploaded = admin.send(request).await?.expect_status(200)?.json()?;
    let job = uploaded["job_id"].as_str().context("job_id")?;
    let path = format!("{JOBS}/{job}/file");
    let reply = admin.get(&path).await?.expect_status(200)?;
    ensure!(reply.body == file, "{} bytes", reply.body.len());
    let disposition = reply.header("content-disposition");
    ensure!(
        disposition.starts_with("attachment; filename=\"")
            && disposition.contains("filename*=UTF-8''"),
        "{disposition}"
    );
    ensure!(reply.header("x-content-type-options") == "nosniff");

    for stored in crate::harness::files_below(&app.uploads())? {
        std::fs::remove_file(stored)?;
    }
    admin.get(&path).await?.expect_error(
        410,
        "File yang diunggah sudah tidak disimpan. Silakan unggah ulang.",
        "file_expired",
    )?;
    app.execute("UPDATE migration_jobs SET file_url = ''")
        .await?;
    admin.get(&path).await?.expect_error(
        410,
        "File yang diunggah sudah tidak disimpan. Silakan unggah ulang.",
        "file_expired",
    )?;
    Ok(())
}

async fn activity(client: &Client, path: &str) -> Result<Vec<Value>> {
    let page = client.get_json(path).await?;
    Ok(page["data"].as_array().context("data")?.clone())
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry["action"].as_str().unwrap_or_default())
        .collect()
}

async fn the_log_says_who_did_what_and_outlives_the_job(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let package = any_package(&admin).await?;
    let file = jamaah_file(12, &[3], &package);
    let job = owner.job("jamaah", "jamaah mei.csv", &file).await?;
    owner.validate(&job).await?;
    owner.import(&job).await?;
    for path in ["errors", "failed-rows", "file"] {
        let reply = admin.get(&format!("{JOBS}/{job}/{path}")).await?;
        reply.expect_status(200)?;
    }
    admin.roll_back(&job).await?;
    let path = format!("{JOBS}/{job}/activity");
    let before = activity(&admin, &path).await?;
    admin.remove(&format!("{JOBS}/{job}")).await?;
    let entries = activity(&admin, &path).await?;
    let expected = [
        "deleted",
        "rolled_back",
        "file_downloaded",
        "failed_rows_downloaded",
        "report_downloaded",
        "completed",
        "started",
        "validated",
        "uploaded",
    ];
    ensure!(actions(&entries) == expected, "{entries:#?}");
    ensure!(entries[1..] == before[..], "{before:#?}");
    for entry in &entries {
        ensure!(
            entry["job_id"] == job && entry["file_name"] == "jamaah mei.csv",
            "{entry:#}"
        );
    }
    ensure!(
        entries[0]["user"]["username"] == "admin",
        "{:#}",
        entries[0]
    );
    ensure!(entries[5]["user"].is_null(), "{:#}", entries[5]);
    ensure!(
        entries[5]["details"]["imported_rows"] == "11",
        "{:#}",
        entries[5]
    );
    ensure!(
        entries[8]["user"]["nama_lengkap"] == "Pengguna pemilik",
        "{:#}",
        entries[8]
    );
    // The log contains no cell of the file.
    let whole = serde_json::to_string(&entries)?;
    ensure!(!whole.contains("@contoh"), "{whole}");

    // A deleted account keeps its name, and its deletion is an entry too.
    let users = admin.items("users").await?;
    let user = users.iter().find(|user| user["username"] == "pemilik");
    let id = user.and_then(|user| user["id"].as_str()).context("id")?;
    admin.remove(&format!("/api/v1/users/{id}")).await?;
    let theirs = activity(&admin, &format!("/api/v1/activity?user_id={id}&limit=100")).await?;
    ensure!(
        theirs
            .iter()
            .all(|entry| entry["user"]["username"] == "pemilik"),
        "{theirs:#?}"
    );
    ensure!(actions(&theirs).contains(&"logged_in"), "{theirs:#?}");
    let deleted = activity(&admin, "/api/v1/activity?action=user_deleted").await?;
    ensure!(
        deleted.len() == 1 && deleted[0]["details"]["username"] == "pemilik",
        "{deleted:#?}"
    );

    // Page by page it is the same log.
    let whole = activity(&admin, "/api/v1/activity?limit=100").await?;
    let mut paged = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/activity?limit=3{after}");
        let page = admin.get_json(&path).await?;
        paged.extend(page["data"].as_array().context("data")?.iter().cloned());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    ensure!(paged == whole, "{} and {}", paged.len(), whole.len());
    for query in [
        "action=danced",
        "limit=0",
        "limit=101",
        "after=x",
        "user_id=1",
        "page=1",
    ] {
        let reply = admin.get(&format!("/api/v1/activity?{query}")).await?;
        ensure!(reply.json()?["code"] == "invalid_query", "{query}");
    }
    Ok(())
}

async fn the_log_of_another_agency_is_not_there(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let foreigner = app.other_tenant().await?;
    let package = any_package(&admin).await?;
    let job = admin.people(1, &[], &package).await?;
    foreigner
        .get(&format!("{JOBS}/{job}/activity"))
        .await?
        .expect_error(404, "Job migrasi tidak ditemukan", "not_found")?;
    let theirs = activity(&foreigner, "/api/v1/activity?limit=100").await?;
    ensure!(actions(&theirs) == ["logged_in"], "{theirs:#?}");
    Ok(())
}

async fn the_list_is_filtered_by_name_user_day_and_several_statuses(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let owner = app.user("pemilik", "owner").await?;
    let agent = app.user("agen", "agent").await?;
    let package = any_package(&admin).await?;
    let mut jobs = Vec::new();
    for (number, (client, name)) in [
        (&admin, "Jamaah Mei.csv"),
        (&admin, "jamaah 100%_juni.csv"),
        (&owner, "paket.csv"),
    ]
    .into_iter()
    .enumerate()
    {
        let file = jamaah_file_from(number * 10, 1, &[], &package);
        jobs.push(client.job("jamaah", name, &file).await?);
    }
    admin.import(&jobs[0]).await?;
    // Half past six in the morning of the second of May in Makassar.
    for (job, moment) in jobs.iter().zip([
        "2026-05-01 22:30:00.000000",
        "2026-06-01 10:00:00.000000",
        "2026-07-01 10:00:00.000000",
    ]) {
        let id = app.direct().await?.uuid(job)?;
        app.execute(&format!(
            "UPDATE migration_jobs SET created_at = '{moment}' WHERE id = {id}"
        ))
        .await?;
    }
    let zone = json!({"time_zone": "Asia/Makassar"});
    let reply = admin.patch_json("/api/v1/tenant", &zone).await?;
    reply.expect_status(200)?;
    let user = owner.get("/api/v1/auth/me").await?.json()?;
    let user = user["id"].as_str().context("id")?;
    for (query, expected) in [
        ("search=JAMAAH".to_owned(), &[1, 0][..]),
        ("search=100%25_".to_owned(), &[1]),
        ("search=%25mei".to_owned(), &[]),
        (format!("user_id={user}"), &[2]),
        ("status=completed".to_owned(), &[0]),
        ("status=completed&status=pending".to_owned(), &[2, 1, 0]),
        ("created_from=2026-05-03".to_owned(), &[2, 1]),
        ("created_from=2026-05-02".to_owned(), &[2, 1, 0]),
        ("created_to=2026-05-01".to_owned(), &[]),
        ("created_to=2026-05-02".to_owned(), &[0]),
        (
            "created_from=2026-05-01T22:30:00Z&created_to=2026-05-01T22:30:00Z".to_owned(),
            &[0],
        ),
        (
            "created_from=2026-05-02T06:30:00.000001%2B08:00".to_owned(),
            &[2, 1],
        ),
        (
            "search=csv&created_from=2026-05-02&created_to=2026-06-30&status=pending".to_owned(),
            &[1],
        ),
    ] {
        let list = admin.get(&format!("{JOBS}?{query}")).await?;
        let list = list.expect_status(200)?.json()?;
        let rows = list["data"].as_array().context("data")?;
        let found: Vec<Option<&str>> = rows.iter().map(|row| row["id"].as_str()).collect();
        let expected: Vec<Option<&str>> =
            expected.iter().map(|place| Some(&*jobs[*place])).collect();
        ensure!(found == expected, "{query}: {found:?}");
        ensure!(list["total"] == expected.len(), "{query}: {list:#}");
    }
    for query in [
        "user_id=admin",
        "status=completed&status=done",
        "created_from=kemarin",
        "created_to=2026-13-01",
        "created_to=2026-02-30",
        "created_from=2026-05-01&created_from=2026-05-02",
        "search=a&search=b",
    ] {
        let reply = admin.get(&format!("{JOBS}?{query}")).await?;
        ensure!(
            reply.status == 400 && reply.json()?["code"] == "invalid_query",
            "{query}"
        );
    }
    // An agent who asks for another user's jobs gets none.
    let list = agent.get(&format!("{JOBS}?user_id={user}")).await?.json()?;
    ensure!(list["total"] == 0, "{list:#}");
    Ok(())
}

async fn the_types_are_those_of_the_schemas_with_every_message(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let agent = app.user("agen", "agent").await?;
    let path = format!("{JOBS}/types");
    let types = admin.get_json(&path).await?;
    ensure!(types == agent.get_json(&path).await?);
    let of = |name: &str| {
        let all = types["data"].as_array()?;
        all.iter().find(|described| described["type"] == name)
    };
    let jamaah = of("jamaah").context("jamaah")?;
    ensure!(
        jamaah["label"] == json!({"id": "Jamaah", "en": "Pilgrims"})
            && jamaah["refers_to"] == json!(["package"])
            && jamaah["max_upload_bytes"] == 10_485_760,
        "{jamaah:#}"
    );
    let field = |described: &Value, name: &str| -> Result<Value> {
        let fields = described["fields"].as_array().context("fields")?;
        let found = fields.iter().find(|field| field["name"] == name);
        found.cloned().context("the field")
    };
    let ktp = field(jamaah, "ktp")?;
    ensure!(
        ktp == json!({
            "name": "ktp", "label": {"id": "NIK", "en": "National ID (NIK)"}, "required": false, "unique": true,
            "sensitive": true, "auxiliary": false, "kind": "digits",
            "expected": {"id": "16 digit angka", "en": "16 digits"}, "example": "3175010505909001", "values": null,
            "reference": null, "messages": {},
        }),
        "{ktp:#}"
    );
    let gender = field(jamaah, "jenis_kelamin")?;
    ensure!(
        gender["kind"] == "choice"
            && gender["values"]
                == json!([
                    {"value": "L", "label": {"id": "Laki-laki", "en": "Male"}},
                    {"value": "P", "label": {"id": "Perempuan", "en": "Female"}},
                ]),
        "{gender:#}"
    );
    let package = field(jamaah, "paket_id")?;
    ensure!(
        package["kind"] == "reference"
            && package["reference"] == "package"
            && package["required"] == true
            && package["messages"]["reference_not_found"]["id"]
                == "Paket dengan ID '{value}' tidak ditemukan",
        "{package:#}"
    );
    // The template has the same columns, and what a run reports has a text.
    for name in ["jamaah", "payment", "package"] {
        let template = admin.get(&format!("{JOBS}/templates/{name}")).await?;
        let header = crate::harness::records(&template.text()?)?.remove(0);
        let fields = of(name).context("a type")?["fields"]
            .as_array()
            .context("fields")?;
        let stored: Vec<&str> = fields
            .iter()
            .filter(|field| field["auxiliary"] == false)
            .filter_map(|field| field["name"].as_str())
            .collect();
        ensure!(header == stored, "{name}: {header:?}");
    }
    let any = any_package(&admin).await?;
    let file = format!(
        "nama,email,ktp,paket_id\nAli,x,3.17E+15,{any}\n,y,3175010505909001,Paket Lain\nJUMLAH,,,\n"
    );
    let job = admin.job("jamaah", "a.csv", file.as_bytes()).await?;
    admin.validate(&job).await?;
    let errors = admin
        .get(&format!("{JOBS}/{job}/errors?format=json"))
        .await?;
    let errors = errors.expect_status(200)?.json()?;
    let errors = errors["data"].as_array().context("data")?;
    ensure!(errors.len() >= 4, "{errors:#?}");
    for error in errors {
        let code = error["code"].as_str().context("code")?;
        let text = &types["codes"][code];
        ensure!(text["id"].is_string() && text["en"].is_string(), "{code}");
    }
    ensure!(
        types["notices"]["footer_skipped"]["id"] == "Baris total dilewati: baris {row} ({text})"
    );
    Ok(())
}
