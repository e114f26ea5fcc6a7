//! Files of real programs, imported over HTTP, give the results that `tests/fixtures/samples/EXPECTED.md` describes.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::harness::{App, Client, on_both_engines, sample};

on_both_engines! {
    imports_files_of_four_programs,
    the_preview_shows_what_was_recognised,
    columns_with_one_name_get_distinct_names,
    a_file_that_was_imported_before_has_a_notice,
}

/// A sample and its expected result. Errors are (row, field, type); `*` is any field.
struct Sample {
    file: &'static str,
    import_type: &'static str,
    encoding: &'static str,
    delimiter: &'static str,
    header_row: u64,
    total: u64,
    errors: &'static [(&'static str, &'static str, &'static str)],
    valid: u64,
}

const PACKAGES: Sample = Sample {
    file: "paket-google-sheets.csv",
    import_type: "package",
    encoding: "utf-8",
    delimiter: ",",
    header_row: 1,
    total: 5,
    errors: &[],
    valid: 5,
};
const JAMAAH: Sample = Sample {
    file: "jamaah-excel-indonesia.csv",
    import_type: "jamaah",
    encoding: "windows-1252",
    delimiter: ";",
    header_row: 2,
    total: 8,
    errors: &[
        ("6", "tanggal_lahir", "invalid_format"),
        ("6", "ktp", "invalid_format"),
        ("6", "email", "invalid_format"),
        ("8", "telepon", "invalid_format"),
        ("8", "paket_id", "constraint_violation"),
        ("9", "ktp", "duplicate"),
        ("10", "nama", "missing_required"),
    ],
    valid: 4,
};
const PAYMENTS: Sample = Sample {
    file: "pembayaran-unicode-text.txt",
    import_type: "payment",
    encoding: "utf-16le",
    delimiter: "\t",
    header_row: 1,
    total: 9,
    errors: &[
        ("6", "jumlah", "invalid_format"),
        ("7", "jamaah_id", "constraint_violation"),
        ("8", "jumlah", "invalid_format"),
        ("9", "metode_pembayaran", "invalid_format"),
        ("10", "nomor_referensi", "duplicate"),
    ],
    valid: 4,
};
const DAMAGED: Sample = Sample {
    file: "jamaah-kutip-rusak.csv",
    import_type: "jamaah",
    encoding: "utf-8",
    delimiter: ",",
    header_row: 1,
    total: 5,
    errors: &[("3", "*", "invalid_format")],
    valid: 4,
};

async fn imports_files_of_four_programs(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    check(&admin, &PACKAGES).await?;
    let packages = admin.items("packages").await?;
    for (nama, departure, expected) in [
        (
            "Umroh Reguler 9 Hari",
            "2027-03-15",
            json!({"harga_retail": 25_000_000, "harga_wholesale": 23_500_000, "durasi_hari": 9, "kapasitas": 45, "status": "published"}),
        ),
        (
            "Umroh Plus Turki 12 Hari",
            "2027-06-01",
            json!({"harga_retail": 34_750_000, "harga_wholesale": 32_000_000, "durasi_hari": 12, "kapasitas": 40, "deskripsi": null}),
        ),
        (
            "Umroh Ramadhan 2027",
            "2027-02-20",
            json!({"harga_retail": 42_000_000, "harga_wholesale": 39_500_000, "kapasitas": 90, "status": "draft",
                "deskripsi": "Sepuluh malam terakhir\ntermasuk itikaf"}),
        ),
        (
            "Umroh Hemat 9 Hari",
            "2026-08-03",
            json!({"harga_retail": 22_500_000, "status": "archived"}),
        ),
        (
            "Umroh Reguler 9 Hari",
            "2027-11-20",
            json!({"harga_retail": 26_000_000, "harga_wholesale": 24_500_000}),
        ),
    ] {
        let package = find(
            &packages,
            &[("nama", nama), ("tanggal_keberangkatan", departure)],
        )?;
        contains(package, &expected)?;
    }
    let ramadhan = find(
        &packages,
        &[
            ("nama", "Umroh Ramadhan 2027"),
            ("tanggal_keberangkatan", "2027-02-20"),
        ],
    )?;

    check(&admin, &JAMAAH).await?;
    let jamaah = admin.items("jamaah").await?;
    for (nama, expected) in [
        (
            "H. Ahmad Rizki, S.Pd.",
            json!({"ktp": "3175010505909001", "telepon": "+6281234567890", "jenis_kelamin": "L", "tanggal_lahir": "1990-05-05",
                "email": "ahmad.rizki@example.com", "alamat": "Jl. Merdeka No. 12 RT 003/RW 004", "catatan": null,
                "paket_id": ramadhan["id"]}),
        ),
        (
            "Siti Nu\u{2019}man",
            json!({"telepon": "+6281234567891", "alamat": "Perum Griya; Blok C2", "tanggal_lahir": "1985-04-07", "email": null,
                "jenis_kelamin": "P", "catatan": "Alergi obat"}),
        ),
        (
            "MUHAMMAD MA'RUF BIN ABDULLAH",
            json!({"jenis_kelamin": "L", "ktp": "3578011212789003", "telepon": "+6281234567892", "tanggal_lahir": "1978-12-12",
                "catatan": "\u{201c}kursi roda\u{201d}"}),
        ),
        (
            "Kartini",
            json!({"tanggal_lahir": "1979-04-21", "telepon": "+62812345678970", "ktp": "3374016104799007"}),
        ),
    ] {
        contains(find(&jamaah, &[("nama", nama)])?, &expected)?;
    }
    let email = find(&jamaah, &[("nama", "Kartini")])?["email"]
        .as_str()
        .context("Kartini has one")?;
    ensure!(email.eq_ignore_ascii_case("kartini@example.com"), "{email}");

    check(&admin, &PAYMENTS).await?;
    let payments = admin.items("payments").await?;
    for (reference, jumlah, day, method) in [
        ("KW-0001", 5_000_000, "2027-01-05", "transfer_bank"),
        ("KW-0002", 15_000_000, "2027-01-19", "transfer_bank"),
        ("KW-0003", 42_000_000, "2027-01-20", "cash"),
        ("KW-0003", 2_500_000, "2027-01-20", "qris"),
    ] {
        let payment = find(
            &payments,
            &[
                ("nomor_referensi", reference),
                ("metode_pembayaran", method),
            ],
        )?;
        contains(payment, &json!({"jumlah": jumlah, "tanggal_bayar": day}))?;
    }

    let reasons = check(&admin, &DAMAGED).await?;
    ensure!(
        reasons[0].contains('3'),
        "the line is not named: {}",
        reasons[0]
    );
    let jamaah = admin.items("jamaah").await?;
    for nama in [
        "Budi Santoso",
        "Dewi Lestari",
        "Rina \"Nina\" Wati",
        "Agus \"Gus\" Salim",
    ] {
        find(&jamaah, &[("nama", nama)])?;
    }
    Ok(())
}

/// Uploads, validates and imports a sample and checks every count. Returns the messages of the error report.
async fn check(admin: &Client, sample: &Sample) -> Result<Vec<String>> {
    let file = self::sample(sample.file)?;
    let reply = admin.upload(sample.import_type, sample.file, &file).await?;
    let uploaded = reply.expect_status(200)?.json()?;
    contains(
        &uploaded,
        &json!({"import_type": sample.import_type, "file_name": sample.file, "total_rows": sample.total,
            "encoding": sample.encoding, "delimiter": sample.delimiter, "header_row": sample.header_row}),
    )
    .context(sample.file)?;
    let job = uploaded["job_id"].as_str().context("job_id")?;

    let invalid = sample.total - sample.valid;
    let counts =
        json!({"total_rows": sample.total, "valid_rows": sample.valid, "invalid_rows": invalid});
    let validated = admin.validate(job).await?;
    contains(&validated, &counts).context(sample.file)?;
    contains(
        &validated,
        &json!({"status": "pending", "can_proceed": true, "imported_rows": 0}),
    )?;
    let before = admin.errors(job).await?;
    same_errors(&before, sample)?;

    let imported = admin.import(job).await?;
    contains(&imported, &counts).context(sample.file)?;
    contains(
        &imported,
        &json!({"status": "completed", "imported_rows": sample.valid, "failed_rows": invalid,
            "progress_percentage": 100, "processed_rows": sample.total}),
    )?;
    let after = admin.errors(job).await?;
    ensure!(
        before == after,
        "validation said {before:?}, the import {after:?}"
    );
    Ok(after
        .into_iter()
        .map(|mut error| error.swap_remove(3))
        .collect())
}

fn same_errors(report: &[Vec<String>], sample: &Sample) -> Result<()> {
    let key = |row: &str, field: &str, kind: &str| format!("{row} {field} {kind}");
    let any_field = sample.errors.iter().any(|error| error.1 == "*");
    let mut found: Vec<String> = report
        .iter()
        .map(|error| {
            key(
                &error[0],
                if any_field { "*" } else { &error[2] },
                &error[1],
            )
        })
        .collect();
    let mut expected: Vec<String> = sample
        .errors
        .iter()
        .map(|(row, field, kind)| key(row, field, kind))
        .collect();
    found.sort();
    expected.sort();
    ensure!(
        found == expected,
        "{}: expected {expected:#?}, the report has {report:#?}",
        sample.file
    );
    Ok(())
}

async fn the_preview_shows_what_was_recognised(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let reply = admin
        .upload("jamaah", JAMAAH.file, &sample(JAMAAH.file)?)
        .await?;
    let uploaded = reply.expect_status(200)?.json()?;
    contains(
        &uploaded,
        &json!({
            "columns": ["No", "Nama Lengkap *", "NIK *", "L/P", "Tgl Lahir", "No. HP", "Email", "Nama Paket", "Alamat Lengkap", "Ket."],
            "unmapped_columns": ["No"],
            "has_header": true,
            "quote": "\"",
            "column_mapping": {"Nama Lengkap *": "nama", "NIK *": "ktp", "L/P": "jenis_kelamin", "Tgl Lahir": "tanggal_lahir",
                "No. HP": "telepon", "Email": "email", "Nama Paket": "paket_id", "Alamat Lengkap": "alamat", "Ket.": "catatan"},
        }),
    )?;
    let preview = uploaded["preview_rows"]
        .as_array()
        .context("preview_rows")?;
    ensure!(preview.len() == 8, "{} rows in the preview", preview.len());
    contains(
        &preview[1],
        &json!({"No": "2", "Nama Lengkap *": "Siti Nu\u{2019}man", "Alamat Lengkap": "Perum Griya; Blok C2"}),
    )?;
    ensure!(
        !uploaded["warnings"]
            .as_array()
            .context("warnings")?
            .is_empty(),
        "the skipped title and total rows are not mentioned"
    );
    let notices = uploaded["notices"].as_array().context("notices")?;
    let footer = notices
        .iter()
        .find(|notice| notice["code"] == "footer_skipped")
        .context("the total row has no notice")?;
    ensure!(
        footer["params"]["text"] == "JUMLAH" && footer["message"].is_string(),
        "{footer}"
    );
    Ok(())
}

async fn columns_with_one_name_get_distinct_names(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file =
        "Nama,Paket,No HP,No HP,\nAli,X,081234567890,081234567891,y\nSiti,X,,081234567892,y\n";
    let uploaded = admin
        .upload("jamaah", "dua.csv", file.as_bytes())
        .await?
        .expect_status(200)?
        .json()?;
    let names = json!(["Nama", "Paket", "No HP", "No HP (2)", "Kolom 5"]);
    ensure!(uploaded["columns"] == names, "{uploaded}");
    contains(
        &uploaded["preview_rows"][0],
        &json!({"No HP": "081234567890", "No HP (2)": "081234567891", "Kolom 5": "y"}),
    )?;
    let codes: Vec<&str> = uploaded["notices"]
        .as_array()
        .context("notices")?
        .iter()
        .filter_map(|notice| notice["code"].as_str())
        .collect();
    ensure!(codes.contains(&"column_beaten"), "{codes:?}");
    let mapping = json!({"No HP (2)": "telepon"}).to_string();
    let mapped = admin
        .upload_with(
            "jamaah",
            &[("column_mapping", &mapping)],
            "dua.csv",
            file.as_bytes(),
        )
        .await?
        .expect_status(200)?
        .json()?;
    contains(&mapped["column_mapping"], &json!({"No HP (2)": "telepon"}))?;
    Ok(())
}

async fn a_file_that_was_imported_before_has_a_notice(app: &mut App) -> Result<()> {
    let admin = app.admin().await?;
    let file = "Nama Paket,Durasi,Harga,Tanggal Berangkat,Kuota\nSekali,9,25000000,2027-03-15,45\n";
    let job = admin
        .upload("package", "paket.csv", file.as_bytes())
        .await?
        .expect_status(200)?
        .json()?;
    ensure!(!job["notices"].to_string().contains("same_file"), "{job}");
    let id = job["job_id"].as_str().context("job_id")?;
    admin.import(id).await?;
    let again = admin
        .upload("package", "lagi.csv", file.as_bytes())
        .await?
        .expect_status(200)?
        .json()?;
    let notices = again["notices"].to_string();
    ensure!(
        notices.contains("same_file") && notices.contains("paket.csv"),
        "{again}"
    );
    Ok(())
}

/// The one row with these texts.
fn find<'a>(rows: &'a [Value], wanted: &[(&str, &str)]) -> Result<&'a Value> {
    rows.iter()
        .find(|row| wanted.iter().all(|(field, text)| row[field] == *text))
        .with_context(|| format!("no row with {wanted:?} among {rows:#?}"))
}

/// Whether every key of `expected` exists with its value.
fn contains(value: &Value, expected: &Value) -> Result<()> {
    for (key, wanted) in expected.as_object().context("expected an object")? {
        ensure!(
            value[key] == *wanted,
            "{key} is {} instead of {wanted} in {value:#}",
            value[key]
        );
    }
    Ok(())
}
