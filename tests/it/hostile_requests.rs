//! Requests that only attackers or strict clients send: methods, media types, paths, queries, bodies and
//! origins. Every refusal has the documented body.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{App, JOBS, any_package, on_both_engines};

on_both_engines! {
    head_answers_what_get_would_without_its_body,
    wrong_methods_name_the_right_ones,
    bodies_of_another_kind_are_refused,
    paths_have_one_spelling,
    queries_are_checked_to_the_letter,
    changes_take_known_fields_with_sound_values_only,
    text_of_every_script_comes_back_unchanged,
    moments_are_utc_whatever_the_zone_of_the_server,
    every_answer_has_its_security_headers,
}

on_both_engines! {
    ["ALLOWED_ORIGINS" = "https://app.example.com"]
    only_the_configured_origins_may_call,
}

const PACKAGES: &str = "/api/v1/packages";

/// The answer to a request that no HTTP library would send in this form.
async fn raw(app: &App, request: &str) -> Result<String> {
    let address = app.server.base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await?;
    let request = request.replace("HOST", address);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let read = stream.read_to_end(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .context("no end of the answer")??;
    Ok(String::from_utf8(answer)?)
}

fn package(nama: &str) -> Value {
    json!({"nama": nama, "durasi_hari": 9, "harga_retail": 25_000_000, "tanggal_keberangkatan": "2027-05-01", "kapasitas": 45})
}

async fn head_answers_what_get_would_without_its_body(app: &mut App) -> Result<()> {
    let (admin, package) = app.admin_with_package().await?;
    for path in [
        "/health/live",
        "/health/ready",
        "/api/openapi.json",
        "/api/docs/",
        JOBS,
        PACKAGES,
        &format!("{PACKAGES}/{package}"),
        "/api/v1/auth/me",
        &format!("{JOBS}/templates/jamaah"),
        "/nowhere",
        &format!("{JOBS}/{package}/status"),
    ] {
        let get = admin.get(path).await?;
        let head = admin.send(admin.request(Method::HEAD, path)).await?;
        ensure!(head.status == get.status, "{path}: {}", head.status);
        ensure!(head.body.is_empty(), "{path}: a body");
        for name in ["content-type", "cache-control", "content-disposition"] {
            ensure!(head.header(name) == get.header(name), "{path}: {name}");
        }
        if !get.header("content-length").is_empty() {
            ensure!(
                head.header("content-length") == get.header("content-length"),
                "{path}: {:?}",
                head.headers
            );
        }
    }
    // HEAD requires a token and counts against the budget, as GET does.
    let anonymous = app.client();
    let head = anonymous
        .send(anonymous.request(Method::HEAD, JOBS))
        .await?;
    ensure!(head.status == 401, "{}", head.status);
    ensure!(!head.header("x-ratelimit-remaining").is_empty());
    // The connection can be used for another request.
    let answer = raw(
        app,
        "HEAD /health/live HTTP/1.1\r\nHost: HOST\r\n\r\nGET /health/live HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n",
    )
    .await?;
    ensure!(answer.matches("200 OK").count() == 2, "{answer}");
    ensure!(answer.ends_with("{\"status\":\"ok\"}"), "{answer}");
    Ok(())
}

async fn wrong_methods_name_the_right_ones(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let id = uuid::Uuid::now_v7();
    for (path, allow) in [
        (PACKAGES.to_owned(), "GET, HEAD, POST"),
        (format!("{PACKAGES}/{id}"), "DELETE, GET, HEAD, PATCH"),
        (JOBS.to_owned(), "GET, HEAD"),
        (format!("{JOBS}/{id}"), "DELETE, PATCH"),
        (format!("{JOBS}/{id}/start"), "POST"),
        (format!("{JOBS}/upload"), "POST"),
        ("/health/live".to_owned(), "GET, HEAD"),
        ("/ws".to_owned(), "GET, HEAD"),
        ("/api/openapi.json".to_owned(), "GET, HEAD"),
        ("/api/docs/".to_owned(), "GET, HEAD"),
        ("/api/v1/auth/login".to_owned(), "POST"),
    ] {
        for method in ["PUT", "TRACE", "OPTIONS", "PROPFIND", "BREW"] {
            let request = admin.request(method.parse()?, &path);
            let reply = admin.send(request).await?.expect_error(
                405,
                "Method Not Allowed",
                "method_not_allowed",
            )?;
            ensure!(
                reply.header("allow") == allow,
                "{method} {path}: {}",
                reply.header("allow")
            );
        }
    }
    Ok(())
}

async fn bodies_of_another_kind_are_refused(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let body = package("Umroh").to_string();
    let deep = format!("{{\"nama\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let post = |path: &str, headers: &[(&str, &str)], body: &str| {
        let request = admin.request(Method::POST, path).body(body.to_owned());
        headers.iter().fold(request, |request, (name, value)| {
            request.header(*name, *value)
        })
    };
    let json = ("content-type", "application/json");
    let form = ("content-type", "multipart/form-data; boundary=x");
    for (case, request, status, code) in [
        (
            "text",
            post(PACKAGES, &[("content-type", "text/plain")], &body),
            415,
            "unsupported_media_type",
        ),
        (
            "no type",
            post(PACKAGES, &[], &body),
            415,
            "unsupported_media_type",
        ),
        (
            "a type that begins alike",
            post(PACKAGES, &[("content-type", "application/jsonp")], &body),
            415,
            "unsupported_media_type",
        ),
        (
            "compressed",
            post(PACKAGES, &[json, ("content-encoding", "gzip")], &body),
            415,
            "unsupported_media_type",
        ),
        (
            "a compressed form",
            post(
                &format!("{JOBS}/upload"),
                &[form, ("content-encoding", "br")],
                "x",
            ),
            415,
            "unsupported_media_type",
        ),
        (
            "too large",
            post(PACKAGES, &[json], &" ".repeat(64 * 1024 + 1)),
            413,
            "payload_too_large",
        ),
        ("deep", post(PACKAGES, &[json], &deep), 400, "invalid_body"),
        (
            "a byte order mark",
            post(PACKAGES, &[json], &format!("\u{feff}{body}")),
            400,
            "invalid_body",
        ),
        (
            "half a character",
            post(PACKAGES, &[json], r#"{"nama":"\ud800"}"#),
            400,
            "invalid_body",
        ),
        (
            "more after it",
            post(PACKAGES, &[json], &format!("{body}{body}")),
            400,
            "invalid_body",
        ),
    ] {
        let reply = admin.send(request).await.context(case)?;
        let answer = reply.json().context(case)?;
        ensure!(
            reply.status == status && answer["code"] == code && answer["statusCode"] == status,
            "{case}: {answer}"
        );
    }
    let request = post(
        PACKAGES,
        &[
            ("content-type", "Application/JSON; charset=utf-8"),
            ("content-encoding", "identity"),
        ],
        &body,
    );
    admin.send(request).await?.expect_status(201)?;
    // `Accept` changes nothing: there is one representation.
    let request = admin
        .request(Method::GET, PACKAGES)
        .header("accept", "application/xml");
    let reply = admin.send(request).await?.expect_status(200)?;
    ensure!(reply.header("content-type") == "application/json");
    Ok(())
}

async fn paths_have_one_spelling(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let known = any_package(&admin).await?;
    let get = |path: &str| {
        format!(
            "GET {path} HTTP/1.1\r\nHost: HOST\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
            admin.token()
        )
    };
    for (path, status) in [
        (format!("{PACKAGES}/"), 404),
        (format!("/{PACKAGES}"), 404),
        ("/API/v1/packages".to_owned(), 404),
        ("/api/v1/../v1/packages".to_owned(), 404),
        (format!("{PACKAGES}/%2e%2e/users"), 404),
        (format!("{PACKAGES}%2F"), 404),
        (format!("{PACKAGES}%00"), 404),
        ("/api/docs/../../etc/passwd".to_owned(), 404),
        ("/api/docs/%2e%2e%2f%2e%2e%2fetc/passwd".to_owned(), 404),
        (format!("{PACKAGES}/;x=1"), 400),
        (format!("{PACKAGES}/{}", known.replace('-', "")), 400),
        (format!("{PACKAGES}/%7B{known}%7D"), 400),
        (format!("{PACKAGES}/urn:uuid:{known}"), 400),
        (format!("{PACKAGES}/{known}x"), 400),
        // Percent-encoding of what needs none, and the case of a hexadecimal digit, mean the same.
        ("/api/v1/%70ackages".to_owned(), 200),
        (format!("{PACKAGES}/{}", known.to_uppercase()), 200),
    ] {
        let answer = raw(app, &get(&path)).await?;
        ensure!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{path}: {answer}"
        );
        ensure!(
            status == 200 || answer.contains(&format!("{{\"statusCode\":{status},")),
            "{path}: {answer}"
        );
    }
    Ok(())
}

async fn queries_are_checked_to_the_letter(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for query in [
        "limit=0",
        "limit=1000000000",
        "limit=-1",
        "limit=",
        "limit=1.0",
        "limit=+1",
        "limit=1&limit=2",
        "LIMIT=1",
        "offset=-1",
        "offset=99999999999999999999",
        "sort=nope:asc",
        "sort=-nama",
        "sort=nama:sideways",
        "filter=nama",
        "filter==x",
        "filter=nope%3Dx",
        "filter=tenant_id%3Dx",
        "filter=harga_retail%3Dabc",
        "filter=id%3Dx",
        "filter=nama%3D%00",
        "filter[]=nama%3Dx",
        "q=1",
    ] {
        let reply = admin.get(&format!("{PACKAGES}?{query}")).await?;
        let answer = reply.json()?;
        ensure!(
            reply.status == 400 && answer["code"] == "invalid_query",
            "{query}: {answer}"
        );
    }
    for query in [
        "offset=9223372036854775807",
        "search=%00",
        "search=%FF",
        "search=%25%5C_%27%22",
        "filter=nama%3Da%3Db",
        "filter=nama%3D%27%20OR%201%3D1",
    ] {
        let list = admin.get(&format!("{PACKAGES}?{query}")).await?;
        let list = list.expect_status(200).context(query)?.json()?;
        ensure!(
            list["items"] == json!([]) && list["has_more"] == false,
            "{query}: {list}"
        );
    }
    let long = "x".repeat(5_000);
    let list = admin.get(&format!("{PACKAGES}?search={long}")).await?;
    list.expect_status(200)?;
    Ok(())
}

async fn changes_take_known_fields_with_sound_values_only(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let created = admin.post_json(PACKAGES, &package("Umroh Uji")).await?;
    let created = created.expect_status(201)?.json()?;
    let path = format!("{PACKAGES}/{}", created["id"].as_str().context("id")?);
    for changes in [
        json!({"x": 1}),
        json!({"id": uuid::Uuid::now_v7()}),
        json!({"tenant_id": uuid::Uuid::now_v7()}),
        json!({"version": 9}),
        json!({"created_at": "2020-01-01T00:00:00Z"}),
        json!({"migration_job_id": null}),
        json!({"nama": null}),
        json!({"nama": " \u{200b}"}),
        json!({"nama": "x".repeat(256)}),
        json!({"nama": "x\u{0}"}),
        json!({"harga_retail": 1.5}),
        json!({"harga_retail": "1000"}),
        json!({"harga_retail": 1_000_000_000_000_000_000_u64}),
        json!({"durasi_hari": true}),
        json!({"kapasitas": 2_147_483_648_u64}),
        json!({"tanggal_keberangkatan": "2027-02-30"}),
        json!({"tanggal_keberangkatan": "2027-01-01T00:00:00+14:00"}),
        json!({"status": "sold out"}),
        json!([]),
        json!("nama"),
    ] {
        let reply = admin.patch_json(&path, &changes).await?;
        ensure!(
            reply.status == 400 && reply.json()?["statusCode"] == 400,
            "{changes}: {}",
            reply.text()?
        );
    }
    let now = admin.get_json(&path).await?;
    ensure!(now == created, "{now:#}");
    admin.remove(&path).await?;
    // Deleting again answers the same.
    for _ in 0..2 {
        admin
            .delete(&path)
            .await?
            .expect_error(404, "Paket tidak ditemukan", "not_found")?;
    }
    Ok(())
}

async fn text_of_every_script_comes_back_unchanged(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for nama in [
        "Umroh Ünïcødé",
        "عمرة رمضان",
        "日本からのウムラ",
        "Keluarga 👪 🕋",
        "O'Brien \"Budi\" \\ <b>&amp;</b>",
        "%_' OR 1=1 --",
        "=SUM(A1:A9)",
    ] {
        let created = admin.post_json(PACKAGES, &package(nama)).await?;
        let created = created.expect_status(201).context(nama)?.json()?;
        ensure!(created["nama"] == nama, "{created}");
        let mut url = reqwest::Url::parse("http://x/")?;
        url.query_pairs_mut()
            .append_pair("filter", &format!("nama={nama}"))
            .append_pair("search", nama);
        let query = url.query().context("a query")?;
        let list = admin.get(&format!("{PACKAGES}?{query}")).await?;
        let list = list.expect_status(200).context(nama)?.json()?;
        ensure!(
            list["total"] == 1 && list["items"][0]["id"] == created["id"],
            "{nama}: {list}"
        );
    }
    // A name of 255 characters is one of 255 characters in every script.
    let long = "é".repeat(255);
    admin.create(PACKAGES, &package(&long)).await?;
    Ok(())
}

async fn moments_are_utc_whatever_the_zone_of_the_server(app: &mut App) -> Result<()> {
    let before = time::OffsetDateTime::now_utc().unix_timestamp();
    let elsewhere = app.another_server(&[("TZ", "Asia/Jakarta"), ("PGTZ", "Asia/Jakarta")])?;
    let admin = app.admin().await?.at(&elsewhere.base);
    let created = admin.post_json(PACKAGES, &package("Umroh Zona")).await?;
    let created = created.expect_status(201)?.json()?;
    let path = format!("{PACKAGES}/{}", created["id"].as_str().context("id")?);
    let here = app.admin().await?.get(&path).await?.expect_status(200)?;
    ensure!(here.json()? == created, "{}", here.text()?);
    let moment = created["created_at"].as_str().context("created_at")?;
    ensure!(moment.ends_with('Z'), "{moment}");
    let moment =
        time::OffsetDateTime::parse(moment, &time::format_description::well_known::Rfc3339)?;
    let after = time::OffsetDateTime::now_utc().unix_timestamp();
    ensure!(
        (before..=after).contains(&moment.unix_timestamp()),
        "{moment}"
    );
    ensure!(
        created["tanggal_keberangkatan"] == "2027-05-01",
        "{created}"
    );
    Ok(())
}

async fn every_answer_has_its_security_headers(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    for (path, status) in [
        (JOBS, 200),
        ("/health/live", 200),
        ("/nowhere", 404),
        ("/api/docs/", 200),
        ("/api/openapi.json", 200),
        ("/ws", 401),
        ("/socket.io/?EIO=3", 400),
    ] {
        let client = if path == "/ws" {
            app.client()
        } else {
            admin.clone()
        };
        let reply = client.get(path).await?.expect_status(status)?;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            ensure!(
                reply.header(name) == value,
                "{path}: {name}: {:?}",
                reply.headers
            );
        }
        let policy = reply.header("content-security-policy");
        ensure!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        ensure!(
            !policy.contains("script-src") || policy.contains("script-src 'self';"),
            "{policy}"
        );
        let is_page = path == "/api/docs/";
        ensure!(
            is_page || reply.header("cache-control") == "no-store",
            "{path}"
        );
        for name in ["server", "x-powered-by", "access-control-allow-origin"] {
            ensure!(reply.header(name).is_empty(), "{path}: {name}");
        }
    }
    Ok(())
}

async fn only_the_configured_origins_may_call(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let preflight = |origin: &str, method: &str, headers: &str| {
        app.client()
            .request(Method::OPTIONS, JOBS)
            .header("origin", origin)
            .header("access-control-request-method", method)
            .header("access-control-request-headers", headers)
    };
    let ours = "https://app.example.com";
    for method in ["GET", "POST", "PATCH", "DELETE"] {
        let reply = admin
            .send(preflight(ours, method, "authorization,content-type"))
            .await?
            .expect_status(200)?;
        ensure!(
            reply.header("access-control-allow-origin") == ours,
            "{:?}",
            reply.headers
        );
        ensure!(reply.header("access-control-allow-credentials").is_empty());
        ensure!(
            reply.header("vary").contains("Origin"),
            "{:?}",
            reply.headers
        );
    }
    for (origin, method, headers) in [
        ("https://evil.example", "POST", "authorization"),
        (
            "https://app.example.com.evil.example",
            "POST",
            "authorization",
        ),
        ("http://app.example.com", "POST", "authorization"),
        ("null", "POST", "authorization"),
        (ours, "PUT", "authorization"),
        (ours, "POST", "x-other"),
    ] {
        let reply = admin.send(preflight(origin, method, headers)).await?;
        ensure!(reply.status == 400, "{origin} {method}: {}", reply.status);
        ensure!(
            reply.header("access-control-allow-origin").is_empty(),
            "{origin}"
        );
        ensure!(reply.json()?["statusCode"] == 400, "{}", reply.text()?);
    }
    for (origin, allowed) in [(ours, ours), ("https://evil.example", ""), ("null", "")] {
        for path in [JOBS, "/nowhere"] {
            let request = admin.request(Method::GET, path).header("origin", origin);
            let reply = admin.send(request).await?;
            ensure!(
                reply.header("access-control-allow-origin") == allowed,
                "{origin} {path}"
            );
            let exposed = reply.header("access-control-expose-headers");
            ensure!(exposed.contains("x-ratelimit-remaining"), "{exposed}");
        }
    }
    Ok(())
}
