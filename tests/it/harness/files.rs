//! Spreadsheets for tests: the samples of real programs, and generated ones of any size.

use std::fmt::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

use super::binaries::workspace;
use super::client::Client;

/// Path of a sample that a real program wrote; `tests/fixtures/samples/EXPECTED.md` says what it must give.
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

/// A jamaah file whose rows are valid, but for those whose index (from 0) is in `invalid`: they have no e-mail address worth
/// the name. Row `i` of the data stands in row `i + 2` of the spreadsheet.
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
        let domain = if invalid.contains(&index) {
            "contoh"
        } else {
            "contoh.id"
        };
        // Writing to a string cannot fail.
        let _ = write!(
            file,
            "{},orang{number}@{domain},0812{:08},{},\"Jl. Melati No. {number}, Bandung\",{package}\r\n",
            name(number),
            number + 10_000_000,
            nik(number),
        );
    }
    file.into_bytes()
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
