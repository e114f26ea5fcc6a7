//! Spreadsheets for tests: the samples of real programs, and generated ones of any size.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::binaries::workspace;
use super::client::Client;

/// Path of a sample that a real program wrote; `tests/fixtures/samples/EXPECTED.md` describes the expected result.
pub(crate) fn sample_path(name: &str) -> PathBuf {
    workspace().join("tests/fixtures/samples").join(name)
}

/// Bytes of a sample.
pub(crate) fn sample(name: &str) -> Result<Vec<u8>> {
    std::fs::read(sample_path(name)).with_context(|| name.to_owned())
}

/// The id of some package of the caller's tenant.
pub(crate) async fn any_package(client: &Client) -> Result<String> {
    let packages = client.items("packages").await?;
    let first = packages.first().context("the tenant has no package")?;
    Ok(first["id"]
        .as_str()
        .context("a package has an id")?
        .to_owned())
}

/// Creates a package in a tenant that has none, and returns its id.
pub(crate) async fn new_package(client: &Client) -> Result<String> {
    let package = serde_json::json!({
        "nama": "Umroh Tetangga", "durasi_hari": 9, "harga_retail": 30_000_000,
        "tanggal_keberangkatan": "2030-01-05", "kapasitas": 45,
    });
    let package = client.post_json("/api/v1/packages", &package).await?;
    let package = package.expect_status(201)?.json()?;
    Ok(package["id"]
        .as_str()
        .context("a package has an id")?
        .to_owned())
}

/// A jamaah file whose rows are valid, except those whose index (from 0) is in `invalid`: their e-mail addresses are
/// invalid. Row `i` of the data is row `i + 2` of the spreadsheet.
pub(crate) fn jamaah_file(rows: usize, invalid: &[usize], package: &str) -> Vec<u8> {
    jamaah_file_from(0, rows, invalid, package)
}

/// The same for the people with the numbers from `first` on; no two numbers share a NIK or an e-mail address.
pub(crate) fn jamaah_file_from(
    first: usize,
    rows: usize,
    invalid: &[usize],
    package: &str,
) -> Vec<u8> {
    let mut file = String::from("nama,email,telepon,ktp,alamat,paket_id\r\n");
    for index in 0..rows {
        let number = first + index;
        let person = Person::numbered(number, invalid.contains(&index));
        // Writing to a string cannot fail.
        let _ = write!(
            file,
            "{},{},0812{:08},{},\"Jl. Melati No. {number}, Bandung\",{package}\r\n",
            person.nama,
            person.email,
            number + 10_000_000,
            person.ktp,
        );
    }
    file.into_bytes()
}

/// The fields in which the people of generated files differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    /// Full name.
    pub(crate) nama: String,
    /// Without a top-level domain when the row is invalid.
    pub(crate) email: String,
    /// NIK.
    pub(crate) ktp: String,
}

impl Person {
    /// The person with this number.
    pub(crate) fn numbered(number: usize, is_invalid: bool) -> Self {
        let domain = if is_invalid { "contoh" } else { "contoh.id" };
        Self {
            nama: name(number),
            email: format!("orang{number}@{domain}"),
            ktp: nik(number),
        }
    }
}

/// Every file below a folder, which need not be there yet.
pub(crate) fn files_below(folder: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    if !folder.exists() {
        return Ok(found);
    }
    for entry in folder.read_dir().context("could not list a folder")? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files_below(&path)?);
        } else {
            found.insert(path);
        }
    }
    Ok(found)
}

/// A NIK of the right shape: place, date of birth, serial. Serials from 9001 on are not issued.
fn nik(number: usize) -> String {
    let (serial, rest) = (number % 999, number / 999);
    let (day, rest) = (rest % 28, rest / 28);
    let (month, year) = (rest % 12, rest / 12);
    format!(
        "317501{:02}{:02}{:02}{}",
        day + 1,
        month + 1,
        50 + year,
        9001 + serial
    )
}

/// Names are letters: the number in base 26.
fn name(mut number: usize) -> String {
    let mut letters = String::from("Jamaah ");
    loop {
        letters.push(char::from(
            b'A' + u8::try_from(number % 26).unwrap_or_default(),
        ));
        number /= 26;
        if number == 0 {
            return letters;
        }
    }
}
