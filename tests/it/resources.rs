//! Packages, jamaah, payments and users: the same rules as for imports, and one mechanism for all.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Client, on_both_engines};

on_both_engines! {
    a_package_lives_through_its_endpoints,
    lists_filter_sort_search_and_page,
    field_rules_are_those_of_the_import,
    keys_are_unique_and_references_hold,
    users_are_deleted_softly_and_passwords_stay_inside,
    tenants_do_not_see_each_other,
}

async fn create(client: &Client, resource: &str, body: &Value) -> Result<Value> {
    let reply = client
        .post_json(&format!("/api/v1/{resource}"), body)
        .await?;
    reply.expect_status(201)?.json()
}

fn package(nama: &str, departure: &str, price: u64) -> Value {
    json!({"nama": nama, "durasi_hari": 9, "harga_retail": price, "tanggal_keberangkatan": departure, "kapasitas": 45})
}

fn id(row: &Value) -> Result<&str> {
    row["id"]
        .as_str()
        .with_context(|| format!("no id in {row}"))
}

async fn a_package_lives_through_its_endpoints(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let created = create(
        &admin,
        "packages",
        &package("Umroh Uji", "2027-05-01", 25_000_000),
    )
    .await?;
    ensure!(
        created["status"] == "draft" && created["version"] == 1 && created["deskripsi"].is_null(),
        "{created:#}"
    );
    let path = format!("/api/v1/packages/{}", id(&created)?);
    ensure!(admin.get_json(&path).await? == created);
    let changes =
        json!({"harga_retail": 26_000_000, "deskripsi": "Hotel dekat", "status": "published"});
    let changed = admin.change(&path, &changes).await?;
    ensure!(
        changed["harga_retail"] == 26_000_000
            && changed["deskripsi"] == "Hotel dekat"
            && changed["version"] == 2,
        "{changed:#}"
    );
    ensure!(
        changed["nama"] == "Umroh Uji" && changed["kapasitas"] == 45,
        "{changed:#}"
    );
    let emptied = admin.change(&path, &json!({"deskripsi": null})).await?;
    ensure!(emptied["deskripsi"].is_null(), "{emptied:#}");
    admin.remove(&path).await?;
    admin
        .get(&path)
        .await?
        .expect_error(404, "Paket tidak ditemukan", "not_found")?;
    admin.delete(&path).await?.expect_status(404)?;
    Ok(())
}

async fn lists_filter_sort_search_and_page(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for (nama, departure, price) in [
        ("Uji Melati", "2027-05-01", 30_000_000),
        ("Uji Anggrek", "2027-06-01", 20_000_000),
        ("Uji 100% Mawar_", "2027-07-01", 40_000_000),
    ] {
        create(&admin, "packages", &package(nama, departure, price)).await?;
    }
    for (query, expected, total) in [
        (
            "search=uji&sort=nama:asc",
            &["Uji 100% Mawar_", "Uji Anggrek", "Uji Melati"][..],
            3,
        ),
        (
            "search=UJI&sort=harga_retail:desc",
            &["Uji 100% Mawar_", "Uji Melati", "Uji Anggrek"],
            3,
        ),
        (
            "search=uji&sort=harga_retail:asc&limit=1&offset=1",
            &["Uji Melati"],
            3,
        ),
        ("filter=nama%3DUji%20Anggrek", &["Uji Anggrek"], 1),
        (
            "filter=harga_retail%3D30000000&filter=kapasitas%3D45&search=uji",
            &["Uji Melati"],
            1,
        ),
        ("search=100%25", &["Uji 100% Mawar_"], 1),
        ("search=Mawar_", &["Uji 100% Mawar_"], 1),
        ("search=M_lati", &[], 0),
    ] {
        let list = admin.get_json(&format!("/api/v1/packages?{query}")).await?;
        let rows = list["items"].as_array().cloned().unwrap_or_default();
        let names: Vec<&str> = rows.iter().filter_map(|row| row["nama"].as_str()).collect();
        ensure!(
            names == expected && list["total"] == total,
            "{query}: {names:?} {}",
            list["total"]
        );
    }
    let page = admin
        .get_json("/api/v1/packages?search=uji&limit=2")
        .await?;
    ensure!(
        page["has_more"] == true && page["limit"] == 2 && page["offset"] == 0,
        "{page:#}"
    );
    for query in [
        "sort=tenant_id:asc",
        "sort=nama:up",
        "filter=tenant_id%3Dx",
        "filter=nama",
        "limit=0",
        "limit=101",
        "offset=-1",
    ] {
        let reply = admin.get(&format!("/api/v1/packages?{query}")).await?;
        ensure!(reply.status == 400, "{query}: {}", reply.status);
    }
    Ok(())
}

async fn field_rules_are_those_of_the_import(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let trip = create(
        &admin,
        "packages",
        &package("Umroh Uji", "2027-05-01", 25_000_000),
    )
    .await?;
    let stored = create(
        &admin,
        "jamaah",
        &json!({"nama": "Budi", "email": "budi@contoh.id", "telepon": "0812 3456-7890", "ktp": "3175 0105 0590 9001", "paket_id": id(&trip)?}),
    )
    .await?;
    ensure!(
        stored["telepon"] == "+6281234567890" && stored["ktp"] == "3175010505909001",
        "{stored:#}"
    );
    for (field, value) in [
        ("email", json!("budi@contoh")),
        ("telepon", json!("0812 (istri)")),
        ("ktp", json!("317501050590900")),
        ("ktp", json!("3,17501E+15")),
        ("nama", json!("")),
        ("nama", json!(null)),
        ("nama", json!("x".repeat(300))),
        ("tanggal_lahir", json!("31/02/1990")),
        ("jenis_kelamin", json!("X")),
        ("status", json!("gone")),
        ("paket_id", json!("not-an-id")),
        ("nama", json!("a\u{0}b")),
    ] {
        let mut body = json!({"nama": "Siti", "paket_id": id(&trip)?});
        body[field] = value.clone();
        let reply = admin.post_json("/api/v1/jamaah", &body).await?;
        ensure!(
            reply.status == 400,
            "{field} = {value}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    for (field, value) in [
        ("harga_retail", json!(-1)),
        ("durasi_hari", json!(0)),
        ("kapasitas", json!(-5)),
        ("tanggal_keberangkatan", json!("soon")),
    ] {
        let mut body = package("Umroh Lain", "2027-05-01", 1_000_000);
        body[field] = value.clone();
        let reply = admin.post_json("/api/v1/packages", &body).await?;
        ensure!(
            reply.status == 400,
            "{field} = {value}: {} {}",
            reply.status,
            reply.text()?
        );
    }
    Ok(())
}

async fn keys_are_unique_and_references_hold(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let body = package("Umroh Uji", "2027-05-01", 25_000_000);
    let trip = create(&admin, "packages", &body).await?;
    let again = package("umroh UJI", "2027-05-01", 1_000_000);
    let reply = admin
        .post_json("/api/v1/packages", &again)
        .await?
        .expect_status(409)?
        .json()?;
    ensure!(
        reply["code"] == "duplicate" && reply["error"] == "Conflict",
        "{reply}"
    );
    create(
        &admin,
        "packages",
        &package("Umroh Uji", "2027-05-02", 25_000_000),
    )
    .await?;

    let person = create(
        &admin,
        "jamaah",
        &json!({"nama": "Budi", "email": "budi@contoh.id", "paket_id": id(&trip)?}),
    )
    .await?;
    let reply = admin
        .post_json(
            "/api/v1/jamaah",
            &json!({"nama": "Lain", "email": "BUDI@contoh.id", "paket_id": id(&trip)?}),
        )
        .await?;
    ensure!(reply.expect_status(409)?.json()?["code"] == "duplicate");
    let reply = admin
        .delete(&format!("/api/v1/packages/{}", id(&trip)?))
        .await?
        .expect_status(409)?
        .json()?;
    ensure!(reply["code"] == "in_use", "{reply}");
    let nowhere = json!({"nama": "Lain", "paket_id": uuid::Uuid::now_v7()});
    admin
        .post_json("/api/v1/jamaah", &nowhere)
        .await?
        .expect_status(400)?;

    let payment = json!({"jamaah_id": id(&person)?, "jumlah": 5_000_000, "tanggal_bayar": "2025-01-05",
        "metode_pembayaran": "transfer_bank", "nomor_referensi": "KW-1"});
    create(&admin, "payments", &payment).await?;
    let reply = admin
        .post_json("/api/v1/payments", &payment)
        .await?
        .expect_status(409)?
        .json()?;
    ensure!(reply["code"] == "duplicate", "{reply}");
    Ok(())
}

async fn users_are_deleted_softly_and_passwords_stay_inside(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let body = json!({"username": "siti", "password": "rahasia-sekali", "nama_lengkap": "Siti Aminah", "role": "owner"});
    let created = create(&admin, "users", &body).await?;
    let text = created.to_string();
    ensure!(
        !text.contains("\"password\"")
            && !text.contains("rahasia-sekali")
            && !text.contains("argon2"),
        "{text}"
    );
    for (field, value) in [
        ("password", json!("short")),
        ("role", json!("root")),
        ("username", json!("admin")),
    ] {
        let mut other = json!({"username": "lain", "password": "rahasia-sekali", "nama_lengkap": "Lain", "role": "agent"});
        other[field] = value.clone();
        let reply = admin.post_json("/api/v1/users", &other).await?;
        ensure!(
            matches!(reply.status, 400 | 409),
            "{field} = {value}: {}",
            reply.status
        );
    }
    let path = format!("/api/v1/users/{}", id(&created)?);
    admin.remove(&path).await?;
    admin.get(&path).await?.expect_status(404)?;
    ensure!(
        app.number("SELECT count(*) FROM \"user\" WHERE username = 'siti'")
            .await?
            == 1,
        "really deleted"
    );
    Ok(())
}

async fn tenants_do_not_see_each_other(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let foreigner = app.other_tenant().await?;
    let trip = create(
        &admin,
        "packages",
        &package("Umroh Uji", "2027-05-01", 25_000_000),
    )
    .await?;
    let list = foreigner
        .get_json("/api/v1/packages?search=Umroh%20Uji")
        .await?;
    ensure!(list["total"] == 0, "{list:#}");
    // The same key is free in another tenant, and another tenant's package is answered like one that does not exist.
    create(
        &foreigner,
        "packages",
        &package("Umroh Uji", "2027-05-01", 25_000_000),
    )
    .await?;
    let foreign = json!({"nama": "Budi", "paket_id": id(&trip)?});
    let unknown = json!({"nama": "Budi", "paket_id": uuid::Uuid::now_v7()});
    let foreign = foreigner
        .post_json("/api/v1/jamaah", &foreign)
        .await?
        .expect_status(400)?
        .json()?;
    let unknown = foreigner
        .post_json("/api/v1/jamaah", &unknown)
        .await?
        .expect_status(400)?
        .json()?;
    ensure!(foreign["code"] == unknown["code"], "{foreign} {unknown}");
    Ok(())
}
