//! The commands as a user's script sees them: output, exit codes, files that remain.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot continue should panic"
)]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

fn hijrah(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hijrah"));
    command.args(arguments).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    hijrah(arguments).output().unwrap()
}

#[track_caller]
fn succeeds(arguments: &[&str], code: i32) -> String {
    let output = run(arguments);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn sample(name: &str) -> String {
    format!(
        "{}/../../tests/fixtures/samples/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        text(&path)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn inspect_says_what_each_file_is() {
    let found = lines(&succeeds(
        &[
            "inspect",
            &sample("jamaah-excel-indonesia.csv"),
            &sample("pembayaran-unicode-text.txt"),
        ],
        0,
    ));
    assert_eq!(found.len(), 2);
    let jamaah = &found[0];
    for (key, expected) in [
        ("encoding", json!("windows-1252")),
        ("bom", json!(false)),
        ("delimiter", json!(";")),
        ("has_header", json!(true)),
        ("header_row", json!(2)),
        ("records", json!(8)),
        ("escape", Value::Null),
    ] {
        assert_eq!(jamaah[key], expected, "{key}");
    }
    assert_eq!(jamaah["columns"][1], "Nama Lengkap *");
    assert!(jamaah["confidence"]["delimiter"].as_f64().unwrap() > 0.5);
    assert_eq!(
        (&found[1]["encoding"], &found[1]["delimiter"]),
        (&json!("utf-16le"), &json!("\t"))
    );
}

#[test]
fn inspect_goes_on_after_a_file_that_cannot_be_used() {
    let folder = Folder::new();
    let empty = folder.write("empty.csv", "");
    let found = lines(&succeeds(
        &[
            "inspect",
            &empty,
            "missing.csv",
            &sample("paket-google-sheets.csv"),
        ],
        2,
    ));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["bom"], &found[0]["records"]),
        (&json!(true), &json!(5))
    );
}

#[test]
fn rows_prints_every_record_as_decoded() {
    let rows = lines(&succeeds(
        &["rows", &sample("pembayaran-unicode-text.txt")],
        0,
    ));
    assert_eq!(rows.len(), 10);
    assert_eq!(rows[0][0], "Tgl Bayar");
    assert_eq!(
        rows[1],
        json!([
            "05/01/2027",
            "3175010505909001",
            "Rp 5.000.000",
            "Transfer",
            "KW-0001",
            "DP"
        ])
    );
    let damaged = lines(&succeeds(&["rows", &sample("jamaah-kutip-rusak.csv")], 0));
    assert_eq!(damaged.len(), 6);
    assert_eq!(damaged[4][0], "Rina \"Nina\" Wati");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let folder = Folder::new();
    let file = folder.write(
        "long.csv",
        format!("nama,paket_id\n{}", "Budi Santoso,Umroh\n".repeat(50_000)),
    );
    let mut child = hijrah(&["rows", &file])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap().as_str()
        ),
        (Some(0), "")
    );
}

#[test]
fn a_template_checks_without_errors() {
    let folder = Folder::new();
    for import_type in ["jamaah", "payment", "package"] {
        let template = succeeds(&["template", import_type, "--delimiter", ";"], 0);
        assert!(template.starts_with('\u{feff}'));
        let file = folder.write("template.csv", template);
        let summary: Value = serde_json::from_str(&succeeds(
            &["check", "--type", import_type, &file, "--json"],
            0,
        ))
        .unwrap();
        assert_eq!(
            (&summary["total_rows"], &summary["valid_rows"]),
            (&json!(1), &json!(1)),
            "{import_type}"
        );
    }
}

#[test]
fn check_writes_the_report_and_the_normalised_rows() {
    let folder = Folder::new();
    let (errors, clean) = (folder.path("errors.csv"), folder.path("clean.csv"));
    let file = sample("jamaah-excel-indonesia.csv");
    let said = succeeds(
        &[
            "check",
            "--type",
            "jamaah",
            &file,
            "--errors",
            &text(&errors),
            "--clean",
            &text(&clean),
            "--json",
        ],
        1,
    );
    let summary: Value = serde_json::from_str(&said).unwrap();
    // Without a database the unknown package of row 8 is not seen, but its telephone number is.
    assert_eq!(
        (
            &summary["total_rows"],
            &summary["valid_rows"],
            &summary["invalid_rows"]
        ),
        (&json!(8), &json!(4), &json!(4))
    );
    assert_eq!(
        summary["error_summary"],
        json!({"missing_required": 1, "invalid_format": 4, "duplicate": 1, "constraint_violation": 0})
    );
    assert_eq!(summary["column_mapping"]["NIK *"], "ktp");
    let report = fs::read_to_string(errors).unwrap();
    assert!(
        report.starts_with("row_number,error_type,field_name,error_message,received_value\r\n")
    );
    assert!(
        report.contains(
            "6,invalid_format,email,Email tidak valid: nurhayati@example,nurhayati@example\r\n"
        ),
        "{report}"
    );
    assert!(
        report.contains("10,missing_required,nama,Field 'nama' wajib diisi,\r\n"),
        "{report}"
    );
    let clean = fs::read_to_string(clean).unwrap();
    let mut rows = clean.lines();
    assert_eq!(
        rows.next(),
        Some(
            "nama,email,telepon,alamat,ktp,tanggal_lahir,jenis_kelamin,paket_id,status,catatan,_row_number"
        )
    );
    assert_eq!(
        rows.next(),
        Some(
            "\"H. Ahmad Rizki, S.Pd.\",ahmad.rizki@example.com,'+6281234567890,Jl. Merdeka No. 12 RT 003/RW 004,3175010505909001,1990-05-05,L,Umroh Ramadhan 2027,,,3"
        )
    );
    assert_eq!(folder.names(), ["clean.csv", "errors.csv"]);
    // What was written clean is clean.
    succeeds(
        &[
            "check",
            "--type",
            "jamaah",
            &text(&folder.path("clean.csv")),
        ],
        0,
    );
}

#[test]
fn check_for_people_lists_columns_and_errors() {
    let said = succeeds(
        &[
            "check",
            "--type",
            "jamaah",
            &sample("jamaah-excel-indonesia.csv"),
        ],
        1,
    );
    assert!(said.contains("8 rows, 4 valid, 4 invalid"), "{said}");
    assert!(said.contains("column 'L/P' is jenis_kelamin"), "{said}");
    assert!(
        said.contains("row 9, ktp: Nilai 'ktp' sudah ada di baris 3"),
        "{said}"
    );
}

#[test]
fn a_mapping_goes_before_the_aliases() {
    let folder = Folder::new();
    let file = folder.write(
        "odd.csv",
        "Siapa,Ikut,Nama\nBudi Santoso,Umroh Ramadhan 2027,x\nSiti Aminah,Umroh Hemat,y\n",
    );
    assert_eq!(
        run(&["check", "--type", "jamaah", &file]).status.code(),
        Some(2)
    );
    let mapping = r#"{"Siapa": "nama", "Ikut": "paket_id", "Nama": ""}"#;
    let summary: Value = serde_json::from_str(&succeeds(
        &[
            "check",
            "--type",
            "jamaah",
            &file,
            "--mapping",
            mapping,
            "--json",
        ],
        0,
    ))
    .unwrap();
    assert_eq!(
        (&summary["valid_rows"], &summary["unmapped_columns"]),
        (&json!(2), &json!(["Nama"]))
    );
    for wrong in [
        r#"{"Siapa": "id"}"#,
        r#"{"Bukan": "nama"}"#,
        r#"{"Siapa": 1}"#,
        "nama",
    ] {
        assert_eq!(
            run(&["check", "--type", "jamaah", &file, "--mapping", wrong])
                .status
                .code(),
            Some(2),
            "{wrong}"
        );
    }
}

#[test]
fn what_cannot_be_used_ends_with_2_and_leaves_nothing() {
    let folder = Folder::new();
    let errors = text(&folder.path("errors.csv"));
    let workbook = folder.write(
        "book.csv",
        b"PK\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00!\x00",
    );
    for arguments in [
        &["check", "--type", "jamaah", "missing.csv"][..],
        &["check", "--type", "jamaah", &workbook, "--errors", &errors],
        &["check", "--type", "kendaraan", &workbook],
        &["check", &workbook],
        &["template", "kendaraan"],
        &["rows", &workbook],
        &["nonsense"],
        &[],
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty());
    }
    assert_eq!(folder.names(), ["book.csv"]);
}

#[test]
fn a_check_without_a_required_column_says_why_and_which_may_be_meant() {
    let folder = Folder::new();
    let file = folder.write(
        "harga.csv",
        "Nama Paket;Durasi;Harga (USD);Berangkat;Kuota\nUmroh;9;2150;15/03/2027;45\n",
    );
    let arguments = ["check", "--type", "package", &file];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    for part in ["harga_retail", "'Harga (USD)'", "'usd'", "Convert"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let json = succeeds(&[&arguments[..], &["--json"]].concat(), 2);
    let said: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(said["error"], "missing_columns");
    assert_eq!(said["missing"], json!(["harga_retail"]));
    assert_eq!(said["notices"][0]["code"], "column_unit");

    let file = folder.write(
        "jamaah.csv",
        "Nama Kereta;Paket\nSiti Aminah;Umroh\nBudi;Umroh\n",
    );
    let arguments = ["check", "--type", "jamaah", &file];
    let said = String::from_utf8(run(&arguments).stderr).unwrap();
    assert!(said.contains("nama may be 'Nama Kereta'"), "{said}");
    let json = succeeds(&[&arguments[..], &["--json"]].concat(), 2);
    let said: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(said["suggestions"], json!({"nama": ["Nama Kereta"]}));

    let file = folder.write("data.csv", "Siti;081234567890\nBudi;081234567891\n");
    let json = succeeds(&["check", "--type", "jamaah", &file, "--json"], 2);
    let said: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(said["found"], "no_header");
    assert!(said["hint"].as_str().unwrap().contains("judul kolom"));
}

#[test]
fn an_interrupted_check_leaves_what_was_there_before() {
    let folder = Folder::new();
    let mut rows = String::from("nama,paket_id\n");
    for row in 0..300_000 {
        rows.push_str("Budi Santoso nomor ");
        rows.push_str(&row.to_string());
        rows.push_str(",Umroh Ramadhan 2027\n");
    }
    let file = folder.write("large.csv", rows);
    let clean = folder.write("clean.csv", "as before");
    let mut child = hijrah(&["check", "--type", "jamaah", &file, "--clean", &clean])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Its unfinished output shows that it handles the signal.
    while !folder
        .names()
        .iter()
        .any(|name| name.starts_with(".hijrah-"))
    {
        assert!(
            child.try_wait().unwrap().is_none(),
            "it was done before it could be interrupted"
        );
        std::thread::yield_now();
    }
    assert!(
        Command::new("kill")
            .args(["-INT", &child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        output.status.code(),
        Some(130),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(folder.names(), ["clean.csv", "large.csv"]);
    assert_eq!(fs::read_to_string(clean).unwrap(), "as before");
}

fn workbook(name: &str) -> String {
    format!(
        "{}/../../crates/import-engine/tests/sheets/{name}",
        env!("CARGO_MANIFEST_DIR")
    )
}

#[test]
fn workbooks_are_inspected_printed_and_checked_like_texts() {
    let layout = workbook("layout.xlsx");
    let inspected = &lines(&succeeds(&["inspect", &layout], 0))[0];
    assert_eq!(inspected["format"], "xlsx");
    assert_eq!(inspected["sheet"], "Data");
    assert_eq!(
        inspected["sheets"][2],
        json!({"name": "Data", "rows": 6, "hidden": false})
    );
    assert_eq!(
        (&inspected["header_row"], &inspected["records"]),
        (&json!(3), &json!(4))
    );
    let rows = lines(&succeeds(&["rows", "--sheet", "Lain", &layout], 0));
    assert_eq!(rows, [json!(["catatan"]), json!(["x"])]);
    let missing = run(&["rows", "--sheet", "Grafik", &layout]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("Kosong, Rahasia, Data, Lain"));
    let checked = succeeds(
        &[
            "check",
            "--type",
            "jamaah",
            "--json",
            &layout,
            "--mapping",
            r#"{"paket": "paket_id"}"#,
        ],
        1,
    );
    // One of the four rows is below a merged cell: it has no package.
    let summary = &lines(&checked)[0];
    assert_eq!(
        (&summary["valid_rows"], &summary["invalid_rows"]),
        (&json!(3), &json!(1))
    );
    let encrypted = run(&["inspect", &workbook("encrypted.xlsx")]);
    assert_eq!(encrypted.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&encrypted.stderr).contains("is encrypted"));
}

#[test]
fn schema_proposes_what_the_columns_of_a_file_are() {
    let folder = Folder::new();
    let file = folder.write(
        "anggota.csv",
        "Nama;Email;Aktif\nAhmad;ahmad@example.com;ya\nSiti;siti@example.com;tidak\n",
    );
    let proposed: Value = serde_json::from_str(&succeeds(&["schema", &file], 0)).unwrap();
    assert_eq!(proposed["name"], "anggota");
    assert_eq!(
        proposed["fields"][1],
        json!({
            "name": "email", "type": "string", "format": "email", "title": "Email", "aliases": ["Email"],
            "constraints": {"required": true, "unique": true},
        })
    );
    assert_eq!(proposed["fields"][2]["type"], "boolean");
    succeeds(
        &["schema", &folder.path("missing.csv").to_string_lossy()],
        2,
    );
}
